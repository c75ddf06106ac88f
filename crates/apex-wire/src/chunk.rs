//! Daily bars of one instrument and year as one compact block of bytes: the form in which price history is kept, and in
//! which it may travel.
//!
//! A chunk is exact: each number comes back as the decimal it was. It is packed for quick reading into columns of
//! floating point, which is what the engine works on: whole numbers of the smallest tick are predicted from their
//! neighbors (a close from the close before, an open from that close, high and low from the larger and smaller of open
//! and close), and what remains is packed into as few bits as most of the year needs, with the rare wide ones apart.
//! Equal bars give equal bytes, so a chunk can be named by the hash of its bytes.
//!
//! # Layout 1
//!
//! The bytes are a contract. Numbers are little endian; a bit stream fills bytes from the lowest bit.
//!
//! - version (1); flags: bits 0-1 whether no (0), every (1) or some (2) days have open, high and low, bits 2-3 the same of
//!   the volume, bit 4 prices are plain, bit 5 volumes are plain; year (`i16`); number of days (`u16`)
//! - days: the first and the last as days of the year from 0 (`u16` each); then how the days between them differ from
//!   Monday to Friday: a count up to 22 and so many days of the year (`u16` each), or 255 and one bit for each day of the
//!   year (46 bytes)
//! - where some days have a range, one bit a day; the same of the volume
//! - prices: the exponent of ten of the tick (`i8`), the first close in ticks (`i64`), then four columns: the close less
//!   the one before; the open less the close before; the high less the larger of open and close; the smaller of them
//!   less the low
//! - volumes: the exponent (`i8`), the smallest in units of it (`i64`), then one column: what each is above it
//! - a column: bits per number, plus 128 where numbers are folded (0, -1, 1, -2 become 0, 1, 2, 3); how many are wider
//!   (`u8`); by how many bits at most (`u8`, absent where none is); a stream of the low bits of all; a stream of the wider
//!   ones, each as its place (9 bits) and its high bits
//! - plain numbers, where ticks do not fit into 53 bits: each as its scale (`u8`) and its folded mantissa in groups of
//!   seven bits

mod columns;
mod days;
mod pack;
mod parts;
#[cfg(test)]
mod tests;

use jiff::civil::Date;
use rust_decimal::Decimal;

pub use columns::{Ranges, Unpacker, Volumes};

use pack::Writer;
use parts::{Parts, Presence, Wanted};

const VERSION: u8 = 1;

/// What is known about one day of an instrument, as traded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceBar {
    /// The day.
    pub date: Date,
    /// The close.
    pub close: Decimal,
    /// Open, high and low, where they are known.
    pub range: Option<[Decimal; 3]>,
    /// Shares traded, where it is known.
    pub volume: Option<Decimal>,
}

impl PriceBar {
    /// A day of which only the close is known.
    pub fn close(date: Date, close: Decimal) -> Self {
        Self {
            date,
            close,
            range: None,
            volume: None,
        }
    }
}

/// The reason why bars cannot be packed, or bytes not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChunkError {
    /// A chunk holds days of one year.
    #[error("{date} is not in {year}")]
    OtherYear {
        /// The day.
        date: Date,
        /// The chunk's year.
        year: i16,
    },
    /// Days come in ascending order, each once.
    #[error("{date} does not come after the day before it")]
    Unsorted {
        /// The day.
        date: Date,
    },
    /// The bytes are of a layout that this program does not know.
    #[error("layout {version} of a chunk is not known")]
    Version {
        /// The layout.
        version: u8,
    },
    /// The bytes are no chunk.
    #[error("a chunk cannot be read: {reason}")]
    Malformed {
        /// What is wrong with them.
        reason: &'static str,
    },
}

const fn malformed(reason: &'static str) -> ChunkError {
    ChunkError::Malformed { reason }
}

/// Packs the bars of one year, which come in ascending order.
///
/// # Errors
/// [`ChunkError::OtherYear`], [`ChunkError::Unsorted`].
///
/// ```
/// use apex_wire::chunk::{PriceBar, decode, encode};
/// use jiff::civil::date;
///
/// let bars = [
///     PriceBar::close(date(2026, 1, 5), "231.27".parse()?),
///     PriceBar::close(date(2026, 1, 6), "231.4".parse()?),
/// ];
/// let bytes = encode(2026, &bars)?;
/// assert_eq!(decode(&bytes)?, bars);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn encode(year: i16, bars: &[PriceBar]) -> Result<Vec<u8>, ChunkError> {
    for (at, bar) in bars.iter().enumerate() {
        if bar.date.year() != year {
            return Err(ChunkError::OtherYear { date: bar.date, year });
        }
        if at > 0 && bars[at - 1].date >= bar.date {
            return Err(ChunkError::Unsorted { date: bar.date });
        }
    }
    let ranges: Vec<(usize, [Decimal; 3])> = bars
        .iter()
        .enumerate()
        .filter_map(|(row, bar)| Some((row, bar.range?)))
        .collect();
    let volumes: Vec<Decimal> = bars.iter().filter_map(|bar| bar.volume).collect();
    let closes: Vec<Decimal> = bars.iter().map(|bar| bar.close).collect();
    let of_ranges = ranges.iter().flat_map(|(_, range)| range);
    let prices = pack::ticks(&closes.iter().chain(of_ranges).copied().collect::<Vec<_>>());
    let shares = pack::ticks(&volumes);
    let has_ranges = Presence::of(ranges.len(), bars.len());
    let has_volumes = Presence::of(volumes.len(), bars.len());

    let mut out = Writer::default();
    out.byte(VERSION);
    out.byte(
        has_ranges as u8 | (has_volumes as u8) << 2 | u8::from(prices.is_none()) << 4 | u8::from(shares.is_none()) << 5,
    );
    out.bytes(&year.to_le_bytes());
    out.bytes(&(bars.len() as u16).to_le_bytes());
    days::put(&mut out, year, bars.iter().map(|bar| bar.date));
    if has_ranges == Presence::Some {
        out.mask(bars.iter().map(|bar| bar.range.is_some()));
    }
    if has_volumes == Presence::Some {
        out.mask(bars.iter().map(|bar| bar.volume.is_some()));
    }
    match prices {
        Some((exponent, ticks)) => {
            let (closes, of_ranges) = ticks.split_at(bars.len());
            put_prices(&mut out, exponent, closes, &ranges, of_ranges);
        }
        None => {
            closes.iter().for_each(|value| out.plain(*value));
            ranges
                .iter()
                .flat_map(|(_, range)| range)
                .for_each(|value| out.plain(*value));
        }
    }
    match shares {
        _ if volumes.is_empty() => {}
        Some((exponent, units)) => {
            let least = units.iter().copied().min().unwrap_or(0);
            out.byte(exponent as u8);
            out.bytes(&least.to_le_bytes());
            out.column(units.iter().map(|units| units - least));
        }
        None => volumes.iter().for_each(|value| out.plain(*value)),
    }
    Ok(out.into_bytes())
}

fn put_prices(out: &mut Writer, exponent: i8, closes: &[i64], ranges: &[(usize, [Decimal; 3])], of_ranges: &[i64]) {
    let first = closes.first().copied().unwrap_or(0);
    let before = |row: usize| {
        row.checked_sub(1)
            .and_then(|row| closes.get(row))
            .copied()
            .unwrap_or(first)
    };
    out.byte(exponent as u8);
    out.bytes(&first.to_le_bytes());
    out.column(closes.iter().enumerate().map(|(row, close)| close - before(row)));
    if ranges.is_empty() {
        return;
    }
    let rows: Vec<(usize, i64, [i64; 3])> = ranges
        .iter()
        .zip(of_ranges.chunks_exact(3))
        .map(|((row, _), range)| (*row, closes[*row], [range[0], range[1], range[2]]))
        .collect();
    out.column(rows.iter().map(|(row, _, [open, ..])| open - before(*row)));
    out.column(rows.iter().map(|(_, close, [open, high, _])| high - open.max(close)));
    out.column(rows.iter().map(|(_, close, [open, _, low])| open.min(close) - low));
}

/// Reads the bars of a chunk as the decimals they were.
///
/// # Errors
/// [`ChunkError::Version`], [`ChunkError::Malformed`].
pub fn decode(bytes: &[u8]) -> Result<Vec<PriceBar>, ChunkError> {
    let mut parts = Parts::default();
    parts.read(bytes, Wanted::All)?;
    let dates = days::dates(parts.year, &parts.days)?;
    let [closes, opens, highs, lows, volumes] = &parts.numbers;
    let mut bars = Vec::with_capacity(dates.len());
    for (row, date) in dates.into_iter().enumerate() {
        bars.push(PriceBar::close(date, closes.exact(row)?));
    }
    for (at, row) in parts.ranged.iter().enumerate() {
        bars[usize::from(*row)].range = Some([opens.exact(at)?, highs.exact(at)?, lows.exact(at)?]);
    }
    for (at, row) in parts.traded.iter().enumerate() {
        bars[usize::from(*row)].volume = Some(volumes.exact(at)?);
    }
    Ok(bars)
}

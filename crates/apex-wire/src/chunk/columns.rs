//! Bars as columns of floating point, which is what the engine works on.

use std::ops::Range;

use super::days::year_start;
use super::pack::EXPONENT_MAX;
use super::parts::{self, Numbers, Parts, Wanted};
use super::{ChunkError, malformed};

/// Powers of ten, all of which are exact.
const POWERS: [f64; EXPONENT_MAX as usize + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// Reads chunks of one instrument, in the order of their years, into columns over all of them. Each number is the nearest
/// that floating point has to the decimal. To be used again and again.
///
/// ```
/// use apex_wire::chunk::{PriceBar, Unpacker, encode};
/// use jiff::civil::date;
///
/// let bytes = encode(2026, &[PriceBar::close(date(2026, 1, 5), "231.27".parse()?)])?;
/// let chunks = [bytes.as_slice()];
/// let mut unpacker = Unpacker::default();
/// let (days, closes) = unpacker.closes(&chunks)?;
/// assert_eq!((days, closes.as_slice()), (&[20_458][..], &[231.27][..]));
/// assert_eq!(unpacker.ranges(&chunks)?.of(0), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct Unpacker {
    parts: Parts,
    days: Vec<i32>,
}

impl Unpacker {
    /// Returns the days, as days since 1970-01-01 and ascending, and their closes as traded.
    ///
    /// # Errors
    /// [`ChunkError::Version`], [`ChunkError::Malformed`]; a chunk that starts before the one before it ends is malformed.
    pub fn closes(&mut self, chunks: &[&[u8]]) -> Result<(&[i32], Vec<f64>), ChunkError> {
        let mut closes = Vec::with_capacity(days_in(chunks));
        self.days.clear();
        for chunk in chunks {
            self.parts.read(chunk, Wanted::Closes)?;
            let start = year_start(self.parts.year);
            let first = self.parts.days.first().map(|first| start + i32::from(*first));
            if first.is_some_and(|first| self.days.last().is_some_and(|last| first <= *last)) {
                return Err(malformed("it starts before the one before it ends"));
            }
            self.days
                .extend(self.parts.days.iter().map(|day| start + i32::from(*day)));
            append(&mut closes, &self.parts.numbers[0]);
        }
        Ok((&self.days, closes))
    }

    /// Returns opens, highs and lows of all days.
    ///
    /// # Errors
    /// [`ChunkError::Version`], [`ChunkError::Malformed`].
    pub fn ranges(&mut self, chunks: &[&[u8]]) -> Result<Ranges, ChunkError> {
        let mut ranges = Partly::with_capacity(days_in(chunks));
        for chunk in chunks {
            self.parts.read(chunk, Wanted::Ranges)?;
            let [_, opens, highs, lows, _] = &self.parts.numbers;
            ranges.append([opens, highs, lows], &self.parts.ranged, self.parts.days.len());
        }
        Ok(Ranges(ranges))
    }

    /// Returns the shares traded on all days.
    ///
    /// # Errors
    /// [`ChunkError::Version`], [`ChunkError::Malformed`].
    pub fn volumes(&mut self, chunks: &[&[u8]]) -> Result<Volumes, ChunkError> {
        let mut volumes = Partly::with_capacity(days_in(chunks));
        for chunk in chunks {
            self.parts.read(chunk, Wanted::Volumes)?;
            let [.., numbers] = &self.parts.numbers;
            volumes.append([numbers], &self.parts.traded, self.parts.days.len());
        }
        Ok(Volumes(volumes))
    }
}

fn days_in(chunks: &[&[u8]]) -> usize {
    chunks.iter().map(|chunk| parts::count(chunk)).sum()
}

/// Opens, highs and lows, which are known together or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranges(Partly<3>);

impl Ranges {
    /// Returns open, high and low of one row.
    pub fn of(&self, row: usize) -> Option<[f64; 3]> {
        self.0.of(row)
    }

    /// Returns the opens, highs and lows of some rows, if they are known of each.
    pub fn columns(&self, rows: Range<usize>) -> Option<[&[f64]; 3]> {
        self.0.columns(rows)
    }

    /// Returns how many bytes this takes in memory.
    pub fn size(&self) -> usize {
        self.0.size()
    }
}

/// Shares traded.
#[derive(Clone, Debug, PartialEq)]
pub struct Volumes(Partly<1>);

impl Volumes {
    /// Returns the volume of one row.
    pub fn of(&self, row: usize) -> Option<f64> {
        self.0.of(row).map(|[volume]| volume)
    }

    /// Returns the volumes of some rows, if they are known of each.
    pub fn column(&self, rows: Range<usize>) -> Option<&[f64]> {
        self.0.columns(rows).map(|[volumes]| volumes)
    }

    /// Returns how many bytes this takes in memory.
    pub fn size(&self) -> usize {
        self.0.size()
    }
}

/// Columns of which some rows may be unknown, in all of them together.
#[derive(Clone, Debug, PartialEq)]
struct Partly<const N: usize> {
    /// Zero where unknown, which is not given out.
    columns: [Vec<f64>; N],
    rows: usize,
    /// Unknown rows, ascending.
    unknown: Vec<u32>,
}

impl<const N: usize> Partly<N> {
    fn with_capacity(rows: usize) -> Self {
        Self {
            columns: std::array::from_fn(|_| Vec::with_capacity(rows)),
            rows: 0,
            unknown: Vec::new(),
        }
    }

    fn append(&mut self, numbers: [&Numbers; N], known: &[u16], count: usize) {
        let start = self.rows;
        self.rows += count;
        if known.len() == count {
            for (column, numbers) in self.columns.iter_mut().zip(numbers) {
                append(column, numbers);
            }
            return;
        }
        for (column, numbers) in self.columns.iter_mut().zip(numbers) {
            let mut values = Vec::with_capacity(known.len());
            append(&mut values, numbers);
            column.resize(self.rows, 0.0);
            for (row, value) in known.iter().zip(values) {
                column[start + usize::from(*row)] = value;
            }
        }
        let mut known = known.iter().map(|row| usize::from(*row)).peekable();
        let unknown = (0..count).filter(|row| known.next_if_eq(row).is_none());
        self.unknown.extend(unknown.map(|row| (start + row) as u32));
    }

    fn columns(&self, rows: Range<usize>) -> Option<[&[f64]; N]> {
        let next = self.unknown.partition_point(|row| (*row as usize) < rows.start);
        let is_known = self.unknown.get(next).is_none_or(|row| *row as usize >= rows.end);
        let is_there = rows.start <= rows.end && rows.end <= self.rows;
        (is_known && is_there).then(|| self.columns.each_ref().map(|column| &column[rows.clone()]))
    }

    fn of(&self, row: usize) -> Option<[f64; N]> {
        let columns = self.columns(row..row.checked_add(1)?)?;
        Some(columns.map(|column| column[0]))
    }

    fn size(&self) -> usize {
        let values: usize = self.columns.iter().map(Vec::capacity).sum();
        values * size_of::<f64>() + self.unknown.capacity() * size_of::<u32>()
    }
}

fn append(column: &mut Vec<f64>, numbers: &Numbers) {
    if !numbers.plain.is_empty() {
        // The text is the decimal, and what it reads as is the nearest number to it.
        column.extend(
            numbers
                .plain
                .iter()
                .map(|value| value.to_string().parse().unwrap_or(0.0)),
        );
        return;
    }
    let power = POWERS
        .get(usize::from(numbers.exponent.unsigned_abs()))
        .copied()
        .unwrap_or(1.0);
    // Both are exact, so the one operation rounds once, to the nearest. A product with 0.01 would not.
    if numbers.exponent < 0 {
        column.extend(numbers.ticks.iter().map(|ticks| *ticks as f64 / power));
    } else {
        column.extend(numbers.ticks.iter().map(|ticks| *ticks as f64 * power));
    }
}

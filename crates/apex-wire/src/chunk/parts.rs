//! A chunk taken apart into whole numbers, before they become decimals or floating point.

use rust_decimal::Decimal;

use super::days::{self, DAYS_MAX};
use super::pack::Reader;
use super::{ChunkError, VERSION, malformed};

/// Whether a value is there on each day.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    None,
    All,
    Some,
}

impl Presence {
    pub(super) fn of(known: usize, days: usize) -> Self {
        match known {
            0 => Self::None,
            all if all == days => Self::All,
            _ => Self::Some,
        }
    }

    fn from_bits(bits: u8) -> Result<Self, ChunkError> {
        match bits & 3 {
            0 => Ok(Self::None),
            1 => Ok(Self::All),
            2 => Ok(Self::Some),
            _ => Err(malformed("its flags have no meaning")),
        }
    }

    fn rows(self, reader: &mut Reader<'_>, count: usize, rows: &mut Vec<u16>) -> Result<(), ChunkError> {
        rows.clear();
        match self {
            Self::None => {}
            Self::All => rows.extend(0..count as u16),
            Self::Some => reader.mask(count, rows)?,
        }
        Ok(())
    }
}

/// Numbers of one kind: whole ones of a power of ten, or decimals where those do not fit.
#[derive(Default)]
pub(super) struct Numbers {
    pub(super) exponent: i8,
    pub(super) ticks: Vec<i64>,
    pub(super) plain: Vec<Decimal>,
}

impl Numbers {
    /// Returns a number as the decimal it was.
    pub(super) fn exact(&self, at: usize) -> Result<Decimal, ChunkError> {
        let missing = malformed("a number is missing");
        if !self.plain.is_empty() {
            return self.plain.get(at).copied().ok_or(missing);
        }
        let ticks = i128::from(*self.ticks.get(at).ok_or(missing)?);
        let value = match u32::try_from(self.exponent) {
            Ok(exponent) => 10_i128
                .checked_pow(exponent)
                .and_then(|power| ticks.checked_mul(power))
                .and_then(|value| Decimal::try_from_i128_with_scale(value, 0).ok()),
            Err(_) => Decimal::try_from_i128_with_scale(ticks, self.exponent.unsigned_abs().into()).ok(),
        };
        value.ok_or(malformed("a number is too large"))
    }

    fn read_plain(&mut self, reader: &mut Reader<'_>, count: usize) -> Result<(), ChunkError> {
        for _ in 0..count {
            self.plain.push(reader.plain()?);
        }
        Ok(())
    }
}

/// A chunk taken apart; to be filled again and again.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) year: i16,
    /// Days of the year, from 0.
    pub(super) days: Vec<u16>,
    /// Rows that have open, high and low.
    pub(super) ranged: Vec<u16>,
    /// Rows that have a volume.
    pub(super) traded: Vec<u16>,
    /// Closes of all rows; opens, highs and lows of the ranged ones; volumes of the traded ones.
    pub(super) numbers: [Numbers; 5],
}

/// How much of a chunk is wanted; what is not wanted is passed over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Closes,
    Ranges,
    Volumes,
    All,
}

impl Parts {
    pub(super) fn read(&mut self, bytes: &[u8], wanted: Wanted) -> Result<(), ChunkError> {
        let mut reader = Reader(bytes);
        let (flags, count) = self.read_front(&mut reader)?;
        days::take(&mut reader, self.year, count, &mut self.days)?;
        Presence::from_bits(flags)?.rows(&mut reader, count, &mut self.ranged)?;
        Presence::from_bits(flags >> 2)?.rows(&mut reader, count, &mut self.traded)?;
        for numbers in &mut self.numbers {
            numbers.ticks.clear();
            numbers.plain.clear();
        }
        if flags >> 4 & 1 == 0 {
            self.read_prices(&mut reader, wanted)?;
        } else {
            let [closes, ranges @ .., _] = &mut self.numbers;
            closes.read_plain(&mut reader, count)?;
            for _ in &self.ranged {
                for numbers in ranges.iter_mut() {
                    numbers.read_plain(&mut reader, 1)?;
                }
            }
        }
        if matches!(wanted, Wanted::Closes | Wanted::Ranges) {
            return Ok(());
        }
        let [.., volumes] = &mut self.numbers;
        if !self.traded.is_empty() {
            if flags >> 5 & 1 == 0 {
                volumes.exponent = reader.exponent()?;
                let least = reader.i64()?;
                reader.column(self.traded.len(), &mut volumes.ticks)?;
                for units in &mut volumes.ticks {
                    *units = units.wrapping_add(least);
                }
            } else {
                volumes.read_plain(&mut reader, self.traded.len())?;
            }
        }
        if reader.0.is_empty() {
            Ok(())
        } else {
            Err(malformed("there are bytes behind its end"))
        }
    }

    /// Returns the flags and the number of days.
    fn read_front(&mut self, reader: &mut Reader<'_>) -> Result<(u8, usize), ChunkError> {
        let version = reader.byte()?;
        if version != VERSION {
            return Err(ChunkError::Version { version });
        }
        let flags = reader.byte()?;
        self.year = reader.u16()? as i16;
        let count = usize::from(reader.u16()?);
        if count > DAYS_MAX || flags >> 6 != 0 || !(-9_999..=9_999).contains(&self.year) {
            return Err(malformed("its front is wrong"));
        }
        Ok((flags, count))
    }

    fn read_prices(&mut self, reader: &mut Reader<'_>, wanted: Wanted) -> Result<(), ChunkError> {
        let [closes, opens, highs, lows, _] = &mut self.numbers;
        let exponent = reader.exponent()?;
        for numbers in [&mut *closes, opens, highs, lows] {
            numbers.exponent = exponent;
        }
        let first = reader.i64()?;
        if wanted == Wanted::Volumes {
            reader.skip_column(self.days.len())?;
            for _ in 0..if self.ranged.is_empty() { 0 } else { 3 } {
                reader.skip_column(self.ranged.len())?;
            }
            return Ok(());
        }
        reader.column(self.days.len(), &mut closes.ticks)?;
        let mut before = first;
        for close in &mut closes.ticks {
            before = before.wrapping_add(*close);
            *close = before;
        }
        if self.ranged.is_empty() || wanted == Wanted::Closes {
            return Ok(());
        }
        for numbers in [&mut *opens, highs, lows] {
            reader.column(self.ranged.len(), &mut numbers.ticks)?;
        }
        let cells = opens.ticks.iter_mut().zip(&mut highs.ticks).zip(&mut lows.ticks);
        if self.ranged.len() == self.days.len() {
            let mut before = first;
            for (((open, high), low), close) in cells.zip(&closes.ticks) {
                restore(open, high, low, before, *close);
                before = *close;
            }
        } else {
            for (((open, high), low), row) in cells.zip(&self.ranged) {
                let row = usize::from(*row);
                let before = row.checked_sub(1).and_then(|row| closes.ticks.get(row)).copied();
                let close = closes.ticks.get(row).copied().unwrap_or(first);
                restore(open, high, low, before.unwrap_or(first), close);
            }
        }
        Ok(())
    }
}

/// How many days a chunk says it has.
pub(super) fn count(bytes: &[u8]) -> usize {
    let count = bytes.get(4..6).and_then(|bytes| bytes.first_chunk());
    count.map_or(0, |bytes| usize::from(u16::from_le_bytes(*bytes)).min(DAYS_MAX))
}

/// Turns what was left of a day's prediction into its open, high and low.
fn restore(open: &mut i64, high: &mut i64, low: &mut i64, before: i64, close: i64) {
    *open = before.wrapping_add(*open);
    *high = (*open).max(close).wrapping_add(*high);
    *low = (*open).min(close).wrapping_sub(*low);
}

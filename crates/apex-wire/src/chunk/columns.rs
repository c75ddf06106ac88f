//! Bars as columns of floating point, which is what the engine works on.

use std::ops::Range;

use super::ChunkError;
use super::days::year_start;
use super::pack::EXPONENT_MAX;
use super::parts::{Numbers, Parts};

/// Powers of ten, all of which are exact.
const POWERS: [f64; EXPONENT_MAX as usize + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// Bars of one instrument over the years, one column a kind of number.
///
/// Each number is the nearest floating point has to the decimal. What is not known of a day is not given out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    days: Vec<i32>,
    /// Close, open, high, low, volume; zero where unknown.
    values: [Vec<f64>; 5],
    /// Rows without open, high and low, ascending.
    without_range: Vec<u32>,
    /// Rows without a volume, ascending.
    without_volume: Vec<u32>,
}

impl Columns {
    /// Reads chunks of one instrument, in the order of their years.
    ///
    /// # Errors
    /// [`ChunkError::Version`], [`ChunkError::Malformed`]; [`ChunkError::Unsorted`] where a chunk starts before the end of
    /// the one before it.
    ///
    /// ```
    /// use apex_wire::chunk::{Columns, PriceBar, encode};
    /// use jiff::civil::date;
    ///
    /// let bytes = encode(2026, &[PriceBar::close(date(2026, 1, 5), "231.27".parse()?)])?;
    /// let columns = Columns::read([bytes.as_slice()])?;
    /// assert_eq!((columns.days(), columns.closes()), (&[20_458][..], &[231.27][..]));
    /// assert_eq!((columns.opens(0..1), columns.range(0)), (None, None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, ChunkError> {
        let mut parts = Parts::default();
        let mut columns = Self::default();
        for chunk in chunks {
            parts.read(chunk)?;
            columns.append(&parts)?;
        }
        Ok(columns)
    }

    fn append(&mut self, parts: &Parts) -> Result<(), ChunkError> {
        let start = year_start(parts.year);
        let before = self.days.len();
        if let (Some(last), Some(first)) = (self.days.last(), parts.days.first())
            && start + i32::from(*first) <= *last
        {
            return Err(super::malformed("it starts before the one before it ends"));
        }
        self.days.extend(parts.days.iter().map(|day| start + i32::from(*day)));
        let rows = before..self.days.len();
        let [closes, ranges @ .., volumes] = &mut self.values;
        let [close, range @ .., volume] = &parts.numbers;
        place(closes, close, None, &rows);
        let partly = |known: &[u16]| known.len() < rows.len();
        let ranged = partly(&parts.ranged).then_some(parts.ranged.as_slice());
        for (column, numbers) in ranges.iter_mut().zip(range) {
            place(column, numbers, ranged, &rows);
        }
        let traded = partly(&parts.traded).then_some(parts.traded.as_slice());
        place(volumes, volume, traded, &rows);
        without(&mut self.without_range, ranged, &rows);
        without(&mut self.without_volume, traded, &rows);
        Ok(())
    }

    /// Returns how many days there are.
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// Tells whether there is no day.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// Returns the days, as days since 1970-01-01, ascending.
    pub fn days(&self) -> &[i32] {
        &self.days
    }

    /// Returns the closes, as traded.
    pub fn closes(&self) -> &[f64] {
        &self.values[0]
    }

    /// Returns the opens of some rows, if each of them has one; open, high and low are known together.
    pub fn opens(&self, rows: Range<usize>) -> Option<&[f64]> {
        self.known(1, &self.without_range, rows)
    }

    /// Returns the highs of some rows, if each of them has one.
    pub fn highs(&self, rows: Range<usize>) -> Option<&[f64]> {
        self.known(2, &self.without_range, rows)
    }

    /// Returns the lows of some rows, if each of them has one.
    pub fn lows(&self, rows: Range<usize>) -> Option<&[f64]> {
        self.known(3, &self.without_range, rows)
    }

    /// Returns the volumes of some rows, if each of them has one.
    pub fn volumes(&self, rows: Range<usize>) -> Option<&[f64]> {
        self.known(4, &self.without_volume, rows)
    }

    /// Returns open, high and low of one row.
    pub fn range(&self, row: usize) -> Option<[f64; 3]> {
        let rows = row..row.checked_add(1)?;
        let [open, high, low] = [1, 2, 3].map(|column| self.known(column, &self.without_range, rows.clone()));
        Some([*open?.first()?, *high?.first()?, *low?.first()?])
    }

    /// Returns the volume of one row.
    pub fn volume(&self, row: usize) -> Option<f64> {
        self.volumes(row..row.checked_add(1)?)?.first().copied()
    }

    /// Returns how many bytes the columns take in memory.
    pub fn size(&self) -> usize {
        let values: usize = self.values.iter().map(Vec::capacity).sum();
        let rows = self.without_range.capacity() + self.without_volume.capacity();
        values * size_of::<f64>() + self.days.capacity() * size_of::<i32>() + rows * size_of::<u32>()
    }

    fn known(&self, column: usize, without: &[u32], rows: Range<usize>) -> Option<&[f64]> {
        let next = without.partition_point(|row| (*row as usize) < rows.start);
        if without.get(next).is_some_and(|row| (*row as usize) < rows.end) {
            return None;
        }
        self.values.get(column)?.get(rows)
    }
}

/// Notes the rows that are not among the known ones.
fn without(unknown: &mut Vec<u32>, known: Option<&[u16]>, rows: &Range<usize>) {
    if let Some(known) = known {
        let mut known = known.iter().map(|row| usize::from(*row)).peekable();
        for row in 0..rows.len() {
            if known.next_if_eq(&row).is_none() {
                unknown.push((rows.start + row) as u32);
            }
        }
    }
}

/// Appends numbers to a column, at all rows or at the known ones.
fn place(column: &mut Vec<f64>, numbers: &Numbers, known: Option<&[u16]>, rows: &Range<usize>) {
    let Some(known) = known else {
        append(column, numbers);
        return;
    };
    let mut values = Vec::with_capacity(known.len());
    append(&mut values, numbers);
    column.resize(rows.end, 0.0);
    for (row, value) in known.iter().zip(values) {
        column[rows.start + usize::from(*row)] = value;
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

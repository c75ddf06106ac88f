//! Bars of a source as compressed columns, any of whose cells may be unknown.
//!
//! Layout 1: version, number of bars, the places in time (each as the distance to the one before, the first from a start
//! that the row says), then open, high, low, close and volume: a byte that says whether no bar has the value (0), every
//! bar (1) or some (2, with one bit a bar behind it), and a column of those that do, as in [`crate::codec::series`].

use rust_decimal::Decimal;

use crate::codec::bytes::{Put, Take};
use crate::codec::series::{put_column, take_column};
use crate::error::Result;

const VERSION: u8 = 1;
const NONE: u8 = 0;
const ALL: u8 = 1;
const SOME: u8 = 2;

/// Columns of bars: where in time they are, as days or seconds since 1970, and their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BarColumns {
    pub(crate) at: Vec<i64>,
    /// Open, high, low, close, volume; each as long as `at`.
    pub(crate) values: [Vec<Option<Decimal>>; 5],
}

impl BarColumns {
    pub(crate) fn push(&mut self, at: i64, values: [Option<Decimal>; 5]) {
        self.at.push(at);
        for (column, value) in self.values.iter_mut().zip(values) {
            column.push(value);
        }
    }

    /// Returns the bars one by one.
    pub(crate) fn bars(&self) -> impl Iterator<Item = (i64, [Option<Decimal>; 5])> {
        self.at.iter().enumerate().map(|(row, at)| {
            let values = self.values.each_ref();
            (*at, values.map(|column| column.get(row).copied().flatten()))
        })
    }

    /// Packs the columns; `start` is a place near the first bar and is needed to read them again.
    pub(crate) fn encode(&self, start: i64) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + self.at.len() * 10);
        out.push(VERSION);
        out.put_unsigned(self.at.len() as u128);
        put_steps(&mut out, start, &self.at);
        for column in &self.values {
            let known: Vec<Decimal> = column.iter().copied().flatten().collect();
            if known.is_empty() {
                out.push(NONE);
                continue;
            }
            if known.len() == column.len() {
                out.push(ALL);
            } else {
                out.push(SOME);
                out.extend(column.chunks(8).map(|bits| {
                    bits.iter()
                        .enumerate()
                        .map(|(bit, value)| u8::from(value.is_some()) << bit)
                        .sum::<u8>()
                }));
            }
            put_column(&mut out, &known);
        }
        out
    }

    pub(crate) fn decode(start: i64, bytes: &[u8]) -> Result<Self> {
        let mut take = Take::new("row of bars", bytes);
        let version = take.byte()?;
        if version != VERSION {
            return Err(take.fault(&format!("its layout {version} is not known")));
        }
        let count: usize = take.number()?;
        if count > bytes.len() {
            return Err(take.fault("it claims more bars than it has bytes"));
        }
        let at = take_steps(&mut take, start, count)?;
        let mut values: [Vec<Option<Decimal>>; 5] = Default::default();
        for column in &mut values {
            *column = match take.byte()? {
                NONE => vec![None; count],
                ALL => take_column(&mut take, count)?.into_iter().map(Some).collect(),
                SOME => {
                    let bits = take.slice(count.div_ceil(8))?;
                    let is_known = |row: usize| bits.get(row / 8).is_some_and(|bits| bits >> (row % 8) & 1 == 1);
                    let known = (0..count).filter(|row| is_known(*row)).count();
                    let mut known = take_column(&mut take, known)?.into_iter();
                    (0..count)
                        .map(|row| if is_known(row) { known.next() } else { None })
                        .collect()
                }
                other => return Err(take.fault(&format!("a column is of the kind {other}"))),
            };
        }
        take.finish()?;
        Ok(Self { at, values })
    }
}

/// Packs places in time as the distance of each to the one before.
pub(crate) fn put_steps(out: &mut Vec<u8>, start: i64, at: &[i64]) {
    let mut before = start;
    for at in at {
        out.put_signed(i128::from(*at) - i128::from(before));
        before = *at;
    }
}

pub(crate) fn take_steps(take: &mut Take<'_>, start: i64, count: usize) -> Result<Vec<i64>> {
    let mut before = start;
    (0..count)
        .map(|_| {
            let step = i64::try_from(take.signed()?).ok();
            let at = step.and_then(|step| before.checked_add(step));
            before = at.ok_or_else(|| take.fault("a place in time is out of range"))?;
            Ok(before)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Option<Decimal>> {
        proptest::option::of((any::<i64>(), 0_u32..=12).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale)))
    }

    #[test]
    fn a_full_bar_of_a_day_takes_about_ten_bytes() {
        let mut columns = BarColumns::default();
        for day in 0..250 {
            let close = Decimal::new(23_127 + day * 7 % 311, 2);
            columns.push(20_000 + day, [close; 5].map(Some));
            columns.values[4].pop();
            columns.values[4].push(Some(Decimal::from(48_000_000 + day * 7_919)));
        }
        let bytes = columns.encode(20_000);
        assert_eq!(BarColumns::decode(20_000, &bytes).unwrap(), columns);
        assert!(bytes.len() < 250 * 13, "{} bytes", bytes.len());
    }

    #[test]
    fn an_unknown_layout_and_a_kind_of_column_without_a_name_are_refused() {
        assert!(BarColumns::decode(0, &[2, 0]).is_err());
        assert!(BarColumns::decode(0, &[1, 0, 3]).is_err());
    }

    proptest! {
        #[test]
        fn bars_come_back_with_what_they_lack(
            start in -40_000_i64..40_000,
            rows in proptest::collection::vec((any::<i32>(), proptest::array::uniform5(value())), 0..60),
        ) {
            let mut columns = BarColumns::default();
            rows.iter().for_each(|(at, values)| columns.push((*at).into(), *values));
            let back = BarColumns::decode(start, &columns.encode(start)).unwrap();
            prop_assert_eq!(&back, &columns);
            let rows: Vec<_> = rows.iter().map(|(at, values)| (i64::from(*at), *values)).collect();
            prop_assert_eq!(back.bars().collect::<Vec<_>>(), rows);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = BarColumns::decode(0, &bytes);
            let mut layout = vec![VERSION];
            layout.extend(bytes);
            let _ = BarColumns::decode(0, &layout);
        }
    }
}

//! What one batch says about one series in one year, as compressed columns.
//!
//! Layout 1: version, flags, number of days, the days (each as the distance to the one before, the first from 1
//! January), then one column after the other. A column has one scale, and each value is the difference of its mantissa
//! to the one before; a history of closes takes about two bytes a day. The columns beside the close are there for all
//! days or for none; days that lack one go into a series of their own.
//!
//! Layout 2: version, number of days, the days as in layout 1, and nothing else. The values these days had are withdrawn.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::codec::bytes::{Put, Take, date_of, day_number, year_start};
use crate::error::Result;

const VALUES: u8 = 1;
const WITHDRAWN: u8 = 2;
const OWN_SCALES: u8 = 255;

/// Days of one year, and what a batch says of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct YearSeries {
    pub(crate) year: i16,
    pub(crate) dates: Vec<Date>,
    /// A value a day; `None` where what was known of the days is withdrawn.
    pub(crate) columns: Option<Columns>,
}

/// Values by day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    /// The close, or the rate.
    pub(crate) close: Vec<Decimal>,
    /// Open, high, low, volume; empty when not given.
    pub(crate) others: [Vec<Decimal>; 4],
}

impl YearSeries {
    /// Returns the days with their closes; `None` for a day that is withdrawn.
    pub(crate) fn closes(self) -> impl Iterator<Item = (Date, Option<Decimal>)> {
        let closes = match self.columns {
            Some(columns) => columns.close.into_iter().map(Some).collect(),
            None => vec![None; self.dates.len()],
        };
        self.dates.into_iter().zip(closes)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + self.dates.len() * 4);
        let Some(columns) = &self.columns else {
            out.push(WITHDRAWN);
            self.put_dates(&mut out);
            return out;
        };
        let present = columns
            .others
            .iter()
            .enumerate()
            .map(|(bit, column)| u8::from(!column.is_empty()) << bit)
            .sum();
        out.push(VALUES);
        out.push(present);
        self.put_dates(&mut out);
        put_column(&mut out, &columns.close);
        for column in columns.others.iter().filter(|column| !column.is_empty()) {
            put_column(&mut out, column);
        }
        out
    }

    fn put_dates(&self, out: &mut Vec<u8>) {
        out.put_unsigned(self.dates.len() as u128);
        let mut before = year_start(self.year) - 1;
        for date in &self.dates {
            let day = day_number(*date);
            out.put_signed((day - before - 1).into());
            before = day;
        }
    }

    pub(crate) fn decode(year: i16, bytes: &[u8]) -> Result<Self> {
        let mut take = Take::new("price series", bytes);
        let present = match take.byte()? {
            VALUES => Some(take.byte()?),
            WITHDRAWN => None,
            other => return Err(take.fault(&format!("its layout {other} is not known"))),
        };
        let dates = take_dates(&mut take, year, bytes.len())?;
        let columns = present.map(|present| take_columns(&mut take, present, dates.len()));
        let columns = columns.transpose()?;
        take.finish()?;
        Ok(Self { year, dates, columns })
    }
}

fn take_dates(take: &mut Take<'_>, year: i16, count_max: usize) -> Result<Vec<Date>> {
    let count: usize = take.number()?;
    if count > count_max {
        return Err(take.fault("it claims more days than it has bytes"));
    }
    let mut dates = Vec::with_capacity(count);
    let mut before = i64::from(year_start(year)) - 1;
    for _ in 0..count {
        let step = i64::try_from(take.signed()?).map_err(|_| take.fault("a date is out of range"))?;
        before = before.saturating_add(step).saturating_add(1);
        let date = i32::try_from(before).ok().and_then(date_of);
        dates.push(date.ok_or_else(|| take.fault("a date is out of range"))?);
    }
    Ok(dates)
}

fn take_columns(take: &mut Take<'_>, present: u8, count: usize) -> Result<Columns> {
    let mut columns = Columns {
        close: take_column(take, count)?,
        ..Columns::default()
    };
    for (bit, column) in columns.others.iter_mut().enumerate() {
        if present >> bit & 1 == 1 {
            *column = take_column(take, count)?;
        }
    }
    Ok(columns)
}

pub(super) fn put_column(out: &mut Vec<u8>, values: &[Decimal]) {
    let scale = values.iter().map(|value| value.normalize().scale()).max().unwrap_or(0);
    let mantissas: Option<Vec<i128>> = values.iter().map(|value| mantissa_at(*value, scale)).collect();
    match mantissas {
        Some(mantissas) => {
            out.push(scale as u8);
            let mut before = 0;
            for mantissa in mantissas {
                out.put_signed(mantissa - before);
                before = mantissa;
            }
        }
        None => {
            out.push(OWN_SCALES);
            values.iter().for_each(|value| out.put_decimal(*value));
        }
    }
}

pub(super) fn take_column(take: &mut Take<'_>, count: usize) -> Result<Vec<Decimal>> {
    let scale = take.byte()?;
    if scale == OWN_SCALES {
        return (0..count).map(|_| take.decimal()).collect();
    }
    let mut mantissa = 0_i128;
    (0..count)
        .map(|_| {
            let step = take.signed()?;
            mantissa = mantissa
                .checked_add(step)
                .ok_or_else(|| take.fault("a number is too large"))?;
            Decimal::try_from_i128_with_scale(mantissa, scale.into()).map_err(|err| take.fault(&err.to_string()))
        })
        .collect()
}

/// The mantissa of a value at a scale that is large enough for it; `None` beyond 96 bits.
fn mantissa_at(value: Decimal, scale: u32) -> Option<i128> {
    let value = value.normalize();
    let mantissa = value
        .mantissa()
        .checked_mul(10_i128.checked_pow(scale.checked_sub(value.scale())?)?)?;
    (mantissa.unsigned_abs() < 1 << 96).then_some(mantissa)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn closes(values: &[&str]) -> YearSeries {
        let start = year_start(2026) + 4;
        YearSeries {
            year: 2026,
            dates: (0..values.len())
                .map(|day| date_of(start + day as i32).unwrap())
                .collect(),
            columns: Some(Columns {
                close: values.iter().map(|value| value.parse().unwrap()).collect(),
                others: Default::default(),
            }),
        }
    }

    #[test]
    fn a_close_takes_about_two_bytes_a_day() {
        let series = closes(&[
            "231.27", "231.45", "229.98", "230.10", "232.00", "231.5", "230.75", "231.01",
        ]);
        let bytes = series.encode();
        assert_eq!(YearSeries::decode(2026, &bytes).unwrap(), series);
        assert!(bytes.len() <= 4 + 8 * 3, "{} bytes", bytes.len());
    }

    #[test]
    fn values_beyond_one_scale_keep_their_own() {
        let series = closes(&["79228162514264337593543950335", "0.0000000000000000000000000001"]);
        assert_eq!(YearSeries::decode(2026, &series.encode()).unwrap(), series);
    }

    #[test]
    fn all_columns_come_back_in_any_order_of_days() {
        let mut series = closes(&["1", "2"]);
        series.dates = vec![date(2026, 12, 31), date(2026, 1, 1)];
        series.columns.as_mut().unwrap().others[3] = vec!["1000000".parse().unwrap(), "0".parse().unwrap()];
        assert_eq!(YearSeries::decode(2026, &series.encode()).unwrap(), series);
    }

    // Written by a program that knew layout 1 only: 90.5 on 2026-01-05, and 91 on the day after.
    #[test]
    fn rows_of_older_books_are_read_and_written_as_they_were() {
        let bytes = [1, 0, 2, 8, 0, 1, 0x92, 0x0e, 10];
        let series = YearSeries::decode(2026, &bytes).unwrap();
        let days: Vec<_> = series.clone().closes().collect();
        let close = |text: &str| Some(text.parse().unwrap());
        assert_eq!(
            days,
            [(date(2026, 1, 5), close("90.5")), (date(2026, 1, 6), close("91.0"))]
        );
        assert_eq!(series.encode(), bytes);
    }

    #[test]
    fn withdrawn_days_are_told_from_a_series_without_values() {
        let withdrawn = YearSeries {
            columns: None,
            ..closes(&["1", "2"])
        };
        assert_eq!(withdrawn.encode(), [2, 2, 8, 0]);
        assert_eq!(YearSeries::decode(2026, &withdrawn.encode()).unwrap(), withdrawn);
        assert!(withdrawn.closes().all(|(_, close)| close.is_none()));
        assert_ne!(
            YearSeries::decode(2026, &[2, 0]).unwrap(),
            YearSeries::decode(2026, &closes(&[]).encode()).unwrap()
        );
        assert!(YearSeries::decode(2026, &[3, 0]).is_err());
        assert!(YearSeries::decode(2026, &[2, 1, 8, 9]).is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            for layout in [VALUES, WITHDRAWN] {
                let _ = YearSeries::decode(2026, &[&[layout], bytes.as_slice()].concat());
            }
            let _ = YearSeries::decode(2026, &bytes);
        }

        #[test]
        fn every_series_comes_back(values in proptest::collection::vec((any::<i64>(), 0_u32..=12), 0..40)) {
            let mut series = closes(&vec!["0"; values.len()]);
            let close = values.iter().map(|(mantissa, scale)| Decimal::new(*mantissa, *scale)).collect();
            series.columns = Some(Columns { close, ..Columns::default() });
            prop_assert_eq!(YearSeries::decode(2026, &series.encode()).unwrap(), series.clone());
            series.columns = None;
            prop_assert_eq!(YearSeries::decode(2026, &series.encode()).unwrap(), series);
        }
    }
}

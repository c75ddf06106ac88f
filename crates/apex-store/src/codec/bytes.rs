//! Numbers, decimals and texts as bytes: small values take few.
//!
//! An unsigned number is LEB128. A signed one is folded to unsigned first (0, -1, 1, -2 become 0, 1, 2, 3). A decimal is
//! one unsigned number: its folded mantissa times 32, plus its scale, so that 100.25 takes three bytes and any decimal
//! of 96 bits fits; 90.00 and 90 stay apart. A day is counted from 1970-01-01.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::error::{Result, StoreError};

/// Appends values to a buffer.
pub(crate) trait Put {
    fn put_unsigned(&mut self, value: u128);
    fn put_signed(&mut self, value: i128);
    fn put_decimal(&mut self, value: Decimal);
    fn put_text(&mut self, text: &str);
}

impl Put for Vec<u8> {
    fn put_unsigned(&mut self, mut value: u128) {
        while value >= 0x80 {
            self.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.push(value as u8);
    }

    fn put_signed(&mut self, value: i128) {
        self.put_unsigned(((value << 1) ^ (value >> 127)) as u128);
    }

    fn put_decimal(&mut self, value: Decimal) {
        let mantissa = value.mantissa();
        let folded = ((mantissa << 1) ^ (mantissa >> 127)) as u128;
        self.put_unsigned(folded << 5 | u128::from(value.scale()));
    }

    fn put_text(&mut self, text: &str) {
        self.put_unsigned(text.len() as u128);
        self.extend_from_slice(text.as_bytes());
    }
}

/// Reads values from the front of a slice.
pub(crate) struct Take<'a> {
    what: &'static str,
    rest: &'a [u8],
}

impl<'a> Take<'a> {
    pub(crate) fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { what, rest: bytes }
    }

    pub(crate) fn fault(&self, reason: &str) -> StoreError {
        StoreError::record(self.what, reason)
    }

    pub(crate) fn byte(&mut self) -> Result<u8> {
        let (byte, rest) = self.rest.split_first().ok_or_else(|| self.fault("it ends too soon"))?;
        self.rest = rest;
        Ok(*byte)
    }

    pub(crate) fn slice(&mut self, len: usize) -> Result<&'a [u8]> {
        let (slice, rest) = self
            .rest
            .split_at_checked(len)
            .ok_or_else(|| self.fault("it ends too soon"))?;
        self.rest = rest;
        Ok(slice)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (array, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or_else(|| self.fault("it ends too soon"))?;
        self.rest = rest;
        Ok(*array)
    }

    pub(crate) fn unsigned(&mut self) -> Result<u128> {
        // Nearly every number fits into 63 bits, and those are quicker to put together in one register.
        let mut value = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value.into());
            }
        }
        let mut value = u128::from(value);
        for shift in (63..126).step_by(7) {
            let byte = self.byte()?;
            value |= u128::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        let byte = self.byte()?;
        if byte > 0b11 {
            return Err(self.fault("a number is too long"));
        }
        Ok(value | u128::from(byte) << 126)
    }

    pub(crate) fn number<T: TryFrom<u128>>(&mut self) -> Result<T> {
        let value = self.unsigned()?;
        T::try_from(value).map_err(|_| self.fault("a number is too large"))
    }

    pub(crate) fn signed(&mut self) -> Result<i128> {
        self.unsigned().map(unfold)
    }

    pub(crate) fn decimal(&mut self) -> Result<Decimal> {
        let packed = self.unsigned()?;
        let scale = (packed & 31) as u32;
        Decimal::try_from_i128_with_scale(unfold(packed >> 5), scale).map_err(|err| self.fault(&err.to_string()))
    }

    pub(crate) fn text(&mut self) -> Result<&'a str> {
        let len = self.number()?;
        let slice = self.slice(len)?;
        std::str::from_utf8(slice).map_err(|_| self.fault("a text is not UTF-8"))
    }

    pub(crate) fn finish(self) -> Result<()> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.fault("there are bytes behind its end"))
        }
    }
}

fn unfold(folded: u128) -> i128 {
    (folded >> 1) as i128 ^ -((folded & 1) as i128)
}

/// Days since 1970-01-01, negative before.
///
/// This counts in plain integers (H. Hinnant, "chrono-compatible low-level date algorithms"): a book of a million rows
/// asks a few million times.
pub(crate) fn day_number(date: Date) -> i32 {
    let (month, day) = (i32::from(date.month()), i32::from(date.day()));
    let year = i32::from(date.year()) - i32::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date of a day number; `None` outside the years -9999 to 9999.
pub(crate) fn date_of(day: i32) -> Option<Date> {
    let shifted = day.checked_add(719_468)?;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i32::from(month <= 2);
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// Nanoseconds since 1970 in UTC, which reach from 1677 to 2262.
pub(crate) fn nanos(instant: Timestamp) -> Result<i64> {
    i64::try_from(instant.as_nanosecond()).map_err(|_| {
        StoreError::unstorable(
            "an instant",
            format!("{instant} is not between the years 1677 and 2262"),
        )
    })
}

/// The instant of a count of nanoseconds.
pub(crate) fn instant_of(nanos: i64) -> Timestamp {
    Timestamp::from_nanosecond(nanos.into()).expect("64 bits of nanoseconds lie within the range of a timestamp")
}

/// The first day of a year, as a day number.
pub(crate) fn year_start(year: i16) -> i32 {
    Date::new(year, 1, 1).map_or(0, day_number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EPOCH: Date = jiff::civil::date(1970, 1, 1);

    #[test]
    fn everyday_decimals_take_few_bytes() {
        for (text, bytes) in [
            ("0", 1),
            ("1", 1),
            ("10", 2),
            ("100.25", 3),
            ("0.125", 2),
            ("12345.678901", 6),
        ] {
            let mut buffer = Vec::new();
            buffer.put_decimal(text.parse().unwrap());
            assert_eq!(buffer.len(), bytes, "{text}");
        }
    }

    #[test]
    fn days_are_counted_from_1970() {
        for (date, day) in [
            (EPOCH, 0),
            (jiff::civil::date(1969, 12, 31), -1),
            (jiff::civil::date(2000, 2, 29), 11_016),
            (jiff::civil::date(2026, 11, 22), 20_779),
        ] {
            assert_eq!(day_number(date), day);
            assert_eq!(date_of(day), Some(date));
        }
        assert_eq!(date_of(i32::MAX), None);
    }

    #[test]
    fn a_truncated_value_is_refused() {
        let mut buffer = Vec::new();
        buffer.put_decimal(Decimal::MAX);
        buffer.pop();
        assert!(Take::new("value", &buffer).decimal().is_err());
        assert!(Take::new("value", &[0xff; 40]).unsigned().is_err());
    }

    proptest! {
        #[test]
        fn every_decimal_comes_back_with_its_scale(mantissa in -(1_i128 << 96) + 1..(1_i128 << 96), scale in 0_u32..=28) {
            let value = Decimal::from_i128_with_scale(mantissa, scale);
            let mut buffer = Vec::new();
            buffer.put_decimal(value);
            let mut take = Take::new("value", &buffer);
            let back = take.decimal().unwrap();
            take.finish().unwrap();
            prop_assert_eq!((back.mantissa(), back.scale()), (mantissa, scale));
        }

        #[test]
        fn every_number_comes_back(unsigned: u128, signed: i128) {
            let mut buffer = Vec::new();
            buffer.put_unsigned(unsigned);
            buffer.put_signed(signed);
            let mut take = Take::new("value", &buffer);
            prop_assert_eq!((take.unsigned().unwrap(), take.signed().unwrap()), (unsigned, signed));
            take.finish().unwrap();
        }

        #[test]
        fn every_day_comes_back(day in -4_371_587_i32..=2_932_896) {
            let date = date_of(day).unwrap();
            prop_assert_eq!(day_number(date), day);
            let counted = EPOCH.checked_add(jiff::Span::new().days(day)).unwrap();
            prop_assert_eq!(date, counted);
        }
    }
}

//! Days as numbers: what is counted by the hundred thousand is counted in integers.

use jiff::civil::Date;

/// Returns a day as days since 1970-01-01.
///
/// The years are taken to begin in March, so that the day a leap year adds is the last of its year.
pub(crate) fn number(date: Date) -> i32 {
    let (month, day) = (i32::from(date.month()), i32::from(date.day()));
    let year = i32::from(date.year()) - i32::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Returns whether the day of a number is a Saturday or a Sunday.
pub(crate) fn is_weekend(number: i32) -> bool {
    // 1970-01-01 was a Thursday.
    (number + 3).rem_euclid(7) >= 5
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Weekday, date};

    use super::*;

    #[test]
    fn numbers_follow_the_calendar() {
        let epoch = date(1970, 1, 1);
        for first in [
            date(1899, 12, 30),
            date(1969, 12, 1),
            date(1999, 2, 20),
            date(2023, 12, 25),
            date(2100, 2, 20),
        ] {
            for day in first.series(jiff::Span::new().days(1)).take(400) {
                assert_eq!(number(day), epoch.until(day).unwrap().get_days(), "{day}");
                let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
                assert_eq!(is_weekend(number(day)), weekend, "{day}");
            }
        }
    }
}

//! Dates, instants, durations and ages. Dates are ISO 8601; instants say that they are in UTC.

use crate::Figure;
use jiff::Timestamp;
use jiff::civil::Date;
use std::fmt::Write;
use std::time::Duration;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Returns a date as `2022-12-28`, or `--`.
///
/// ```
/// use jiff::civil::date;
///
/// assert_eq!(apex_format::date(date(2022, 12, 28)), "2022-12-28");
/// assert_eq!(apex_format::date(None), "--");
/// ```
pub fn date(day: impl Into<Option<Date>>) -> Figure {
    match day.into() {
        Some(day) => text(format_args!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day())),
        None => Figure::unknown(),
    }
}

/// Returns the month of a date as `2022-12`.
///
/// ```
/// assert_eq!(apex_format::month(jiff::civil::date(2022, 12, 28)), "2022-12");
/// ```
pub fn month(day: Date) -> Figure {
    text(format_args!("{:04}-{:02}", day.year(), day.month()))
}

/// Returns the short English name of a month (1 to 12), or `--` for any other number.
///
/// ```
/// assert_eq!(apex_format::month_name(2), "Feb");
/// assert_eq!(apex_format::month_name(13), "--");
/// ```
pub fn month_name(month: i8) -> &'static str {
    let index = usize::try_from(month).ok().and_then(|month| month.checked_sub(1));
    index
        .and_then(|index| MONTHS.get(index))
        .copied()
        .unwrap_or(crate::UNKNOWN)
}

/// Returns an instant to the second in UTC, or `--`.
///
/// ```
/// let known_at: jiff::Timestamp = "2022-12-28T21:00:05.9Z".parse().unwrap();
/// assert_eq!(apex_format::instant(known_at), "2022-12-28 21:00:05 UTC");
/// ```
pub fn instant(moment: impl Into<Option<Timestamp>>) -> Figure {
    let Some(moment) = moment.into() else {
        return Figure::unknown();
    };
    let civil = jiff::tz::Offset::UTC.to_datetime(moment);
    text(format_args!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC",
        civil.year(),
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second()
    ))
}

/// Returns how long something took, in the two largest units that say something.
///
/// ```
/// use std::time::Duration;
///
/// assert_eq!(apex_format::duration(Duration::from_micros(12_400)), "12 ms");
/// assert_eq!(apex_format::duration(Duration::from_secs(185)), "3 min 5 s");
/// ```
pub fn duration(elapsed: Duration) -> Figure {
    let micros = elapsed.as_micros();
    // Rounded once to the unit shown, so 999.6 ms reads 1.0 s and not 1000 ms.
    if micros < 1_000 {
        return text(format_args!("{micros} µs"));
    }
    if micros < 9_950 {
        return text(format_args!("{:.1} ms", micros as f64 / 1e3));
    }
    if micros < 999_500 {
        return text(format_args!("{:.0} ms", micros as f64 / 1e3));
    }
    if micros < 59_950_000 {
        return text(format_args!("{:.1} s", micros as f64 / 1e6));
    }
    let seconds = (micros + 500_000) / 1_000_000;
    let (large, large_unit, small, small_unit) = if seconds < 3_600 {
        (seconds / 60, "min", seconds % 60, "s")
    } else if seconds < 86_400 {
        (seconds / 3_600, "h", seconds % 3_600 / 60, "min")
    } else {
        (seconds / 86_400, "d", seconds % 86_400 / 3_600, "h")
    };
    match small {
        0 => text(format_args!("{large} {large_unit}")),
        _ => text(format_args!("{large} {large_unit} {small} {small_unit}")),
    }
}

/// Returns how old a piece of data is, from its own day to the day looked at.
///
/// ```
/// use jiff::civil::date;
///
/// assert_eq!(apex_format::age(date(2022, 12, 23), date(2022, 12, 28)), "5 days");
/// assert_eq!(apex_format::age(date(2022, 12, 28), date(2022, 12, 28)), "same day");
/// ```
pub fn age(of: Date, on: Date) -> Figure {
    match (on - of).get_days() {
        0 => Figure::of("same day"),
        1 => Figure::of("1 day"),
        days if days < 0 => text(format_args!("{} days ahead", -days)),
        days => text(format_args!("{days} days")),
    }
}

fn text(arguments: std::fmt::Arguments<'_>) -> Figure {
    let mut figure = Figure::new();
    figure.write_fmt(arguments).expect("a figure takes any text");
    figure
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn durations_change_unit_where_the_rounded_figure_does() {
        let micros = [
            0,
            999,
            1_000,
            9_949,
            9_950,
            999_499,
            999_500,
            59_949_999,
            59_950_000,
            3_599_400_000,
            3_600_000_000,
            86_400_000_000,
            100_000_000_000,
        ];
        let lines: Vec<String> = micros
            .into_iter()
            .map(|micros| duration(Duration::from_micros(micros)).into())
            .collect();
        expect![[r#"
            0 µs
            999 µs
            1.0 ms
            9.9 ms
            10 ms
            999 ms
            1.0 s
            59.9 s
            1 min
            59 min 59 s
            1 h
            1 d
            1 d 3 h"#]]
        .assert_eq(&lines.join("\n"));
    }

    #[test]
    fn ages_count_calendar_days_both_ways() {
        let today = jiff::civil::date(2024, 3, 1);
        assert_eq!(age(jiff::civil::date(2024, 2, 29), today), "1 day");
        assert_eq!(age(jiff::civil::date(2024, 3, 3), today), "2 days ahead");
    }
}

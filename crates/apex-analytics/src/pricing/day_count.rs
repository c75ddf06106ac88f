//! How much of a year lies between two days: the market's day counts.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A day count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DayCount {
    /// Actual days over 360.
    #[serde(rename = "ACT360")]
    Actual360,
    /// Actual days over 365.
    #[serde(rename = "ACT365F")]
    Actual365Fixed,
    /// Actual days over those of the calendar year each falls into (ISDA).
    #[serde(rename = "ACTACT_ISDA")]
    ActualActualIsda,
    /// Actual days over those of the coupon period, times the periods a year (ICMA, formerly ISMA).
    #[serde(rename = "ACTACT_ICMA", alias = "ACTACT_ISMA")]
    ActualActualIcma,
    /// Months of 30 days, the end of February counted as the 30th when a period starts there (SIA).
    #[serde(rename = "THIRTY360_US", alias = "THIRTY360_USA")]
    Thirty360Us,
    /// Months of 30 days, the 31st moved only behind a 30th (bond basis, 30/360 of ISDA).
    #[serde(rename = "THIRTY360_BOND")]
    Thirty360Bond,
    /// Months of 30 days, every 31st moved (30E/360, Eurobond basis).
    #[serde(rename = "THIRTY360_EUR")]
    Thirty360European,
    /// Months of 30 days, every last day of a month moved (30E/360 of ISDA, German), maturity at the end of February
    /// apart.
    #[serde(rename = "THIRTY360_ISDA")]
    Thirty360Isda,
}

/// The coupon period that Act/Act ICMA measures by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReferencePeriod {
    /// Its first day.
    pub start: Date,
    /// The day after its last: the day its coupon is paid.
    pub end: Date,
    /// Such periods a year.
    pub frequency: u8,
}

impl DayCount {
    /// Returns the day count of a name, whatever its case and punctuation: `Act/360`, `ACT365F`, `ActAct ISDA`,
    /// `ACTACT_ISMA`, `30/360`, `30E/360`, `THIRTY360_EUR`, `30/360 US`, `30E/360 ISDA` and their like.
    ///
    /// ```
    /// use apex_analytics::pricing::day_count::DayCount;
    ///
    /// assert_eq!(DayCount::named("30E/360"), Some(DayCount::Thirty360European));
    /// assert_eq!(DayCount::named("lunar"), None);
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        let mut plain: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        plain = plain.replace("ACTUAL", "ACT").replace("THIRTY", "30");
        Some(match plain.as_str() {
            "ACT360" | "A360" => Self::Actual360,
            "ACT365" | "ACT365F" | "ACT365FIXED" | "A365" | "A365F" => Self::Actual365Fixed,
            "ACTACTISDA" | "ACTACT365" => Self::ActualActualIsda,
            "ACTACT" | "ACTACTICMA" | "ACTACTISMA" | "ACTACTBOND" => Self::ActualActualIcma,
            "30360US" | "30360USA" | "30360SIA" => Self::Thirty360Us,
            "30360" | "30360BOND" | "30360BONDBASIS" | "30360ISMA" => Self::Thirty360Bond,
            "30E360" | "30360EUR" | "30360EUROPEAN" | "30360EUROBOND" | "30360EUROBONDBASIS" => Self::Thirty360European,
            "30E360ISDA" | "30360ISDA" | "30360GERMAN" => Self::Thirty360Isda,
            _ => return None,
        })
    }

    /// Returns the share of a year from `start` to `end`; negative where the end is earlier.
    ///
    /// Only Act/Act ICMA looks at the period; it goes on by whole periods before its start and after its end, and
    /// without a period takes the year from `start`. `maturity` matters to 30E/360 ISDA alone.
    ///
    /// ```
    /// use apex_analytics::pricing::day_count::DayCount;
    /// use jiff::civil::date;
    ///
    /// // ISDA (1998), "EMU and market conventions": 1 November 2003 to 1 May 2004 is 61 / 365 + 121 / 366.
    /// let share = DayCount::ActualActualIsda.year_fraction(date(2003, 11, 1), date(2004, 5, 1), None, None);
    /// assert!((share - 0.497_724_380_567).abs() < 1e-12);
    /// ```
    pub fn year_fraction(self, start: Date, end: Date, period: Option<ReferencePeriod>, maturity: Option<Date>) -> f64 {
        if end < start {
            return -self.year_fraction(end, start, period, maturity);
        }
        match self {
            Self::Actual360 => days(start, end) / 360.0,
            Self::Actual365Fixed => days(start, end) / 365.0,
            Self::ActualActualIsda => calendar_years(start, end),
            Self::ActualActualIcma => {
                let period = period.unwrap_or(ReferencePeriod {
                    start,
                    end: start.saturating_add(1.year()),
                    frequency: 1,
                });
                periods(start, end, period) / f64::from(period.frequency.max(1))
            }
            Self::Thirty360Us | Self::Thirty360Bond | Self::Thirty360European | Self::Thirty360Isda => {
                self.months_of_thirty(start, end, maturity) / 360.0
            }
        }
    }

    fn months_of_thirty(self, start: Date, end: Date, maturity: Option<Date>) -> f64 {
        let end_of_february = |date: Date| date.month() == 2 && date.day() == date.days_in_month();
        let (mut first, mut last) = (i32::from(start.day()), i32::from(end.day()));
        match self {
            Self::Thirty360Us => {
                if end_of_february(start) {
                    if end_of_february(end) {
                        last = 30;
                    }
                    first = 30;
                }
                if last == 31 && first >= 30 {
                    last = 30;
                }
                first = first.min(30);
            }
            Self::Thirty360European => (first, last) = (first.min(30), last.min(30)),
            Self::Thirty360Isda => {
                if end_of_february(start) {
                    first = 30;
                }
                if end_of_february(end) && maturity != Some(end) {
                    last = 30;
                }
                (first, last) = (first.min(30), last.min(30));
            }
            _ => {
                first = first.min(30);
                if last == 31 && first == 30 {
                    last = 30;
                }
            }
        }
        let years = i32::from(end.year()) - i32::from(start.year());
        let months = i32::from(end.month()) - i32::from(start.month());
        f64::from(360 * years + 30 * months + last - first)
    }
}

/// Returns the days from `start` to `end`.
pub fn days(start: Date, end: Date) -> f64 {
    // Days fit an i32 for every date there is.
    f64::from(start.duration_until(end).as_hours() as i32 / 24)
}

fn calendar_years(start: Date, end: Date) -> f64 {
    let length = |date: Date| f64::from(date.days_in_year());
    if start.year() == end.year() {
        return days(start, end) / length(start);
    }
    let next = start.first_of_year().saturating_add(1.year());
    let whole = f64::from(end.year() - next.year());
    days(start, next) / length(start) + whole + days(end.first_of_year(), end) / length(end)
}

/// Returns how many coupon periods lie between two days, counted by actual days within each.
fn periods(start: Date, end: Date, period: ReferencePeriod) -> f64 {
    let months = i64::from(12 / period.frequency.clamp(1, 12));
    // The edges of periods: 0 and 1 are those of the one given, the others whole periods away from the nearer of them.
    let edge = |at: i64| match at {
        ..=0 => period.start.saturating_add((months * at).months()),
        _ => period.end.saturating_add((months * (at - 1)).months()),
    };
    let mut at = 0;
    while start < edge(at) && edge(at - 1) < edge(at) {
        at -= 1;
    }
    while start >= edge(at + 1) && edge(at) < edge(at + 1) {
        at += 1;
    }
    let (mut total, mut from) = (0.0, start);
    while from < end && edge(at) < edge(at + 1) {
        let until = end.min(edge(at + 1));
        total += days(from, until) / days(edge(at), edge(at + 1));
        (from, at) = (until, at + 1);
    }
    total
}

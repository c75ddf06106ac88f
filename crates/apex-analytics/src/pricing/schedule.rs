//! The days on which coupons are paid.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::error::AnalyticsError;
use crate::pricing::day_count::ReferencePeriod;

/// One coupon period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CouponPeriod {
    /// Interest runs from this day.
    pub start: Date,
    /// The coupon is paid on this day.
    pub end: Date,
    /// The regular period it is, or is the end of.
    pub reference: ReferencePeriod,
}

/// Returns the coupon periods from issue to maturity, made backward from maturity without regard to holidays.
///
/// A first period that is not whole is short. With `end_of_month`, a maturity on the last day of its month puts every
/// coupon on the last day of its month.
///
/// # Errors
///
/// Refuses a maturity not after the issue, and a frequency that does not divide the year into months.
///
/// ```
/// use apex_analytics::pricing::schedule::coupon_periods;
/// use jiff::civil::date;
///
/// let periods = coupon_periods(date(2024, 1, 31), date(2025, 1, 31), 2, true).unwrap();
/// let ends: Vec<_> = periods.iter().map(|period| period.end).collect();
/// assert_eq!(ends, [date(2024, 7, 31), date(2025, 1, 31)]);
/// ```
pub fn coupon_periods(
    issue: Date,
    maturity: Date,
    frequency: u8,
    end_of_month: bool,
) -> Result<Vec<CouponPeriod>, AnalyticsError> {
    if maturity <= issue {
        return Err(AnalyticsError::TermDate {
            what: "maturity",
            date: maturity,
            rule: "it must be after the issue",
        });
    }
    let months = match frequency {
        1 | 2 | 3 | 4 | 6 | 12 => i64::from(12 / frequency),
        _ => {
            return super::refuse("number of coupons a year", f64::from(frequency), "1, 2, 3, 4, 6 or 12");
        }
    };
    let at_end = end_of_month && maturity.day() == maturity.days_in_month();
    let before = |count: i64| {
        let date = maturity.saturating_sub((months * count).months());
        if at_end { date.last_of_month() } else { date }
    };
    let mut periods = Vec::new();
    let (mut count, mut end) = (0, maturity);
    while end > issue {
        count += 1;
        let start = before(count);
        periods.push(CouponPeriod {
            start: start.max(issue),
            end,
            reference: ReferencePeriod { start, end, frequency },
        });
        if start >= end {
            break;
        }
        end = start;
    }
    periods.reverse();
    Ok(periods)
}

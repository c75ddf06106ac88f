//! When weights are set back to their targets.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::AnalyticsError;

/// The days at whose close weights are set back to their targets.
///
/// A month, quarter or year ends on its last day among the dates given: on the day before a date of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RebalanceRule {
    /// Every day.
    Daily,
    /// The last day of each month.
    Monthly,
    /// The last day of each quarter.
    Quarterly,
    /// The last day of each year.
    Yearly,
    /// Never: what was bought drifts.
    Never,
    /// Any day on which a weight is further than this from its target, such as 0.05.
    DriftBand(f64),
}

impl RebalanceRule {
    /// Returns whether the calendar of this rule has a period ending on `day`, when `next` is the day after it.
    ///
    /// Never for [`RebalanceRule::DriftBand`], which looks at weights instead.
    ///
    /// ```
    /// use apex_analytics::rebalance::RebalanceRule;
    /// use jiff::civil::date;
    ///
    /// assert!(RebalanceRule::Monthly.ends_on(date(2026, 1, 30), date(2026, 2, 2)));
    /// assert!(!RebalanceRule::Quarterly.ends_on(date(2026, 1, 30), date(2026, 2, 2)));
    /// ```
    pub fn ends_on(self, day: Date, next: Date) -> bool {
        let quarter = |date: Date| (date.year(), (date.month() - 1) / 3);
        match self {
            RebalanceRule::Daily => true,
            RebalanceRule::Monthly => (day.year(), day.month()) != (next.year(), next.month()),
            RebalanceRule::Quarterly => quarter(day) != quarter(next),
            RebalanceRule::Yearly => day.year() != next.year(),
            RebalanceRule::Never | RebalanceRule::DriftBand(_) => false,
        }
    }

    /// Refuses a band that is no width.
    pub(crate) fn check(self) -> Result<(), AnalyticsError> {
        match self {
            RebalanceRule::DriftBand(width) if !(width.is_finite() && width >= 0.0) => Err(AnalyticsError::Parameter {
                what: "drift band",
                value: width,
                expected: "at least 0",
            }),
            _ => Ok(()),
        }
    }

    /// Returns whether weights have left the band of this rule around their targets.
    pub(crate) fn is_left_by(self, weights: &[f64], targets: &[f64]) -> bool {
        match self {
            RebalanceRule::DriftBand(width) => {
                let mut pairs = weights.iter().zip(targets);
                pairs.any(|(weight, target)| (weight - target).abs() > width)
            }
            _ => false,
        }
    }
}

/// Refuses dates that do not ascend.
pub(crate) fn check_dates(dates: &[Date]) -> Result<(), AnalyticsError> {
    match dates.windows(2).position(|pair| pair[0] >= pair[1]) {
        None => Ok(()),
        Some(before) => Err(AnalyticsError::Order {
            what: "date",
            index: before + 1,
        }),
    }
}

//! Bonds that pay a rate of interest fixed at the start of every period, and a margin.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::AnalyticsError;
use crate::pricing::a_number;
use crate::pricing::bond::{Accrual, BondFlow, BondFlows, FACE};
use crate::pricing::curve::{Curve, curve_years};
use crate::pricing::day_count::DayCount;
use crate::pricing::schedule::coupon_periods;

/// A floating-rate bond.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Floater {
    /// The day from which interest runs.
    pub issue: Date,
    /// The day on which the face value is paid back.
    pub maturity: Date,
    /// Coupons a year.
    pub frequency: u8,
    /// How interest is counted.
    pub day_count: DayCount,
    /// Whether coupons stay at the ends of months when the maturity is at one.
    pub end_of_month: bool,
    /// What is paid over the rate, a year, as a fraction.
    pub margin: f64,
    /// The rate, without margin, that was fixed for the period now running.
    pub fixing: f64,
}

impl Floater {
    /// Returns the payments that a curve projects: the fixed coupon of the running period, then the curve's simple
    /// forward rates and the margin.
    ///
    /// The curve starts on the day of settlement. Discounted on the same curve ([`BondFlows::on_curve`]) a bond without
    /// margin is at par on a coupon day; the spread of [`BondFlows::z_spread`] over it is the discount margin.
    ///
    /// # Errors
    ///
    /// Refuses a settlement before the issue or at or after maturity, a fixing or margin that is not finite, and the
    /// schedules that [`coupon_periods`] refuses.
    pub fn flows(&self, settle: Date, curve: &Curve) -> Result<BondFlows, AnalyticsError> {
        a_number("margin", self.margin)?;
        a_number("fixing", self.fixing)?;
        if settle < self.issue || settle >= self.maturity {
            return Err(AnalyticsError::TermDate {
                what: "settlement",
                date: settle,
                rule: "it must be from the issue to before the maturity",
            });
        }
        let periods = coupon_periods(self.issue, self.maturity, self.frequency, self.end_of_month)?;
        let mut flows = Vec::with_capacity(periods.len() + 1);
        for period in periods.into_iter().filter(|period| period.end > settle) {
            let (day_count, reference) = (self.day_count, Some(period.reference));
            let share = day_count.year_fraction(period.start, period.end, reference, Some(self.maturity));
            let rate = if period.start < settle {
                self.fixing
            } else {
                let (start, end) = (curve_years(settle, period.start), curve_years(settle, period.end));
                curve.simple_forward(start, end, share)?
            };
            flows.push(BondFlow {
                date: period.end,
                amount: FACE * (rate + self.margin) * share,
                accrual: Some(Accrual {
                    start: period.start,
                    reference: period.reference,
                }),
            });
        }
        flows.push(BondFlow {
            date: self.maturity,
            amount: FACE,
            accrual: None,
        });
        Ok(BondFlows {
            flows,
            frequency: self.frequency,
            day_count: self.day_count,
            maturity: self.maturity,
        })
    }
}

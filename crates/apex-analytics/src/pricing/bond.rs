//! Bonds per 100 of face value: cash flows, accrued interest, price, yield, duration and convexity.
//!
//! A bond of any kind is its [`BondFlows`]: fixed and zero-coupon bonds come from [`Bond::flows`], amortizing ones from
//! [`Bond::amortizing_flows`], floating ones from [`floating`]. Prices from curves are in [`on_curve`], bonds with
//! calls in [`callable`]. Days are not moved for holidays, settlement is a day that is given, and a payment on the day
//! of settlement is the seller's.

mod analysis;
pub mod callable;
pub mod floating;
pub mod on_curve;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::AnalyticsError;
use crate::pricing::a_number;
use crate::pricing::day_count::{DayCount, ReferencePeriod};
use crate::pricing::schedule::coupon_periods;

pub use analysis::BondAnalysis;

/// The face value that prices are for.
pub const FACE: f64 = 100.0;

/// A bond with a fixed coupon, which may be zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bond {
    /// The day from which interest runs.
    pub issue: Date,
    /// The day on which the face value is paid back.
    pub maturity: Date,
    /// The coupon a year, as a fraction of the face value.
    pub coupon: f64,
    /// Coupons a year, by which the yield is compounded too. A zero-coupon bond has the periods of its market.
    pub frequency: u8,
    /// How accrued interest and time are counted.
    pub day_count: DayCount,
    /// Whether coupons stay at the ends of months when the maturity is at one.
    pub end_of_month: bool,
}

/// A repayment of face value before maturity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Repayment {
    /// The day.
    pub date: Date,
    /// How much, per 100 of first face value.
    pub amount: f64,
}

/// A payment of a bond.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BondFlow {
    /// The day of payment.
    pub date: Date,
    /// How much, per 100 of face value.
    pub amount: f64,
    /// The period a coupon is for; `None` for face value.
    pub accrual: Option<Accrual>,
}

/// The time a coupon is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accrual {
    /// Interest runs from this day to the day of payment.
    pub start: Date,
    /// The regular period behind it.
    pub reference: ReferencePeriod,
}

/// All payments of a bond, by date, with the conventions of its yield.
#[derive(Debug, Clone, PartialEq)]
pub struct BondFlows {
    /// The payments, by date; of one day the coupon comes first.
    pub flows: Vec<BondFlow>,
    /// Compounding periods a year.
    pub frequency: u8,
    /// How time is counted.
    pub day_count: DayCount,
    /// The day of the last payment.
    pub maturity: Date,
}

impl Bond {
    /// Returns the payments of the bond: `100 c` times the year fraction of each period, and 100 at maturity.
    ///
    /// # Errors
    ///
    /// Refuses a coupon that is not finite, a maturity not after the issue, and coupons that do not divide the year.
    ///
    /// ```
    /// use apex_analytics::pricing::bond::Bond;
    /// use apex_analytics::pricing::day_count::DayCount;
    /// use jiff::civil::date;
    ///
    /// // Ten years at 5%, yield 5%: par, modified duration 7.72173, convexity 74.99768.
    /// let bond = Bond {
    ///     issue: date(2024, 1, 15),
    ///     maturity: date(2034, 1, 15),
    ///     coupon: 0.05,
    ///     frequency: 1,
    ///     day_count: DayCount::ActualActualIcma,
    ///     end_of_month: false,
    /// };
    /// let analysis = bond.flows().unwrap().at_yield(bond.issue, 0.05).unwrap();
    /// assert!((analysis.clean - 100.0).abs() < 1e-12);
    /// assert!((analysis.modified - 7.721_73).abs() < 5e-6 && (analysis.convexity - 74.997_68).abs() < 5e-6);
    /// ```
    pub fn flows(&self) -> Result<BondFlows, AnalyticsError> {
        self.amortizing_flows(&[])
    }

    /// Returns the payments of a bond that repays some of its face value early; the rest is repaid at maturity.
    ///
    /// Interest is on what is outstanding at the start of a period, so repayments belong on coupon days.
    ///
    /// # Errors
    ///
    /// Those of [`Bond::flows`]; repayments out of order, not on a coupon day, below zero, or of more than 100 in all.
    pub fn amortizing_flows(&self, repayments: &[Repayment]) -> Result<BondFlows, AnalyticsError> {
        a_number("coupon", self.coupon)?;
        let periods = coupon_periods(self.issue, self.maturity, self.frequency, self.end_of_month)?;
        let mut outstanding = FACE;
        let mut flows = Vec::with_capacity(periods.len() + repayments.len() + 1);
        let mut left = repayments;
        for period in periods {
            let share =
                self.day_count
                    .year_fraction(period.start, period.end, Some(period.reference), Some(self.maturity));
            flows.push(BondFlow {
                date: period.end,
                amount: outstanding * self.coupon * share,
                accrual: Some(Accrual {
                    start: period.start,
                    reference: period.reference,
                }),
            });
            while let Some((repayment, rest)) = left.split_first()
                && repayment.date == period.end
            {
                super::from_zero("repayment", repayment.amount)?;
                outstanding -= repayment.amount;
                if outstanding < -1e-9 {
                    return super::refuse("repayment", repayment.amount, "at most what is outstanding");
                }
                flows.push(BondFlow {
                    date: repayment.date,
                    amount: repayment.amount,
                    accrual: None,
                });
                left = rest;
            }
        }
        if let Some(repayment) = left.first() {
            return Err(AnalyticsError::TermDate {
                what: "repayment",
                date: repayment.date,
                rule: "repayments must be on coupon days, in order of time",
            });
        }
        if outstanding > 1e-9 || repayments.is_empty() {
            flows.push(BondFlow {
                date: self.maturity,
                amount: outstanding,
                accrual: None,
            });
        }
        Ok(BondFlows {
            flows,
            frequency: self.frequency,
            day_count: self.day_count,
            maturity: self.maturity,
        })
    }
}

/// Returns equal repayments of face value on every coupon day (a serial bond).
///
/// # Errors
///
/// Those of [`Bond::flows`].
pub fn level_repayments(bond: &Bond) -> Result<Vec<Repayment>, AnalyticsError> {
    let periods = coupon_periods(bond.issue, bond.maturity, bond.frequency, bond.end_of_month)?;
    let amount = FACE / periods.len() as f64;
    Ok(periods
        .iter()
        .map(|period| Repayment {
            date: period.end,
            amount,
        })
        .collect())
}

/// Returns the repayments that make the sum of interest and repayment the same on every coupon day (an annuity).
///
/// The payment is `100 / sum(1 / prod(1 + c share))`, whatever the day count makes of each period's share of a year.
///
/// # Errors
///
/// Those of [`Bond::flows`], and a coupon below zero.
pub fn annuity_repayments(bond: &Bond) -> Result<Vec<Repayment>, AnalyticsError> {
    super::from_zero("coupon", bond.coupon)?;
    let periods = coupon_periods(bond.issue, bond.maturity, bond.frequency, bond.end_of_month)?;
    let interest: Vec<f64> = periods
        .iter()
        .map(|period| {
            let (day_count, reference) = (bond.day_count, Some(period.reference));
            bond.coupon * day_count.year_fraction(period.start, period.end, reference, Some(bond.maturity))
        })
        .collect();
    let mut growth = 1.0;
    let annuity: f64 = interest
        .iter()
        .map(|rate| {
            growth *= 1.0 + rate;
            1.0 / growth
        })
        .sum();
    let payment = FACE / annuity;
    let mut outstanding = FACE;
    let last = periods.len() - 1;
    Ok(periods
        .iter()
        .zip(interest)
        .enumerate()
        .map(|(at, (period, rate))| {
            let amount = if at == last {
                outstanding
            } else {
                payment - outstanding * rate
            };
            outstanding -= amount;
            Repayment {
                date: period.end,
                amount,
            }
        })
        .collect())
}

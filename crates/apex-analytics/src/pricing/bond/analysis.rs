//! Price from yield, yield from price, and how the price changes with the yield.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::AnalyticsError;
use crate::pricing::bond::{BondFlow, BondFlows};
use crate::pricing::{a_number, above_zero, priced, refuse, solve};

/// A bond at a yield. The JSON names are a contract.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BondAnalysis {
    /// The yield a year, compounded at the bond's frequency.
    pub yield_: f64,
    /// The price without accrued interest.
    pub clean: f64,
    /// Interest since the last coupon.
    pub accrued: f64,
    /// The price that is paid.
    pub dirty: f64,
    /// The mean time of the payments, weighted by their present values, in years.
    pub macaulay: f64,
    /// `-(dP / dy) / P` on the dirty price: Macaulay's over `1 + y / f`.
    pub modified: f64,
    /// `(d2P / dy2) / P` on the dirty price, in years squared.
    pub convexity: f64,
    /// The change of the price for a yield one basis point higher, to second order: `P (-D / 1e4 + C / 2e8)`.
    pub bpv: f64,
    /// The change of the yield for a price 0.01 higher, to first order.
    pub yield_value_bp: f64,
    /// The payments after settlement, face value counted apart.
    pub n_cashflows_left: usize,
    /// The day of the next payment.
    pub next_coupon: Date,
}

/// The largest yield a year that is looked for, over the frequency.
const LOG_GROWTH_MAX: f64 = 5.0;

impl BondFlows {
    /// Returns the payments after settlement.
    ///
    /// # Errors
    ///
    /// Refuses a settlement at or after the last payment.
    pub fn after(&self, settle: Date) -> Result<&[BondFlow], AnalyticsError> {
        let first = self.flows.partition_point(|flow| flow.date <= settle);
        let left = &self.flows[first..];
        if left.is_empty() {
            return Err(AnalyticsError::TermDate {
                what: "settlement",
                date: settle,
                rule: "it must be before the last payment",
            });
        }
        Ok(left)
    }

    /// Returns the interest accrued at settlement: the coupon's share of days since its period began.
    ///
    /// Nothing accrues before the issue and after maturity.
    pub fn accrued(&self, settle: Date) -> f64 {
        let running = self.flows.iter().find_map(|flow| {
            let accrual = flow.accrual?;
            (accrual.start <= settle && settle < flow.date).then_some((flow, accrual))
        });
        let Some((flow, accrual)) = running else { return 0.0 };
        let share = |end| self.share(accrual.start, end, flow);
        let whole = share(flow.date);
        if whole == 0.0 {
            0.0
        } else {
            flow.amount * share(settle) / whole
        }
    }

    fn share(&self, start: Date, end: Date, flow: &BondFlow) -> f64 {
        let reference = flow.accrual.map(|accrual| accrual.reference);
        self.day_count.year_fraction(start, end, reference, Some(self.maturity))
    }

    /// Returns the years from settlement to every payment left, counted period by period.
    ///
    /// # Errors
    ///
    /// Those of [`BondFlows::after`].
    pub fn years(&self, settle: Date) -> Result<Vec<f64>, AnalyticsError> {
        let (mut last, mut total) = (settle, 0.0);
        let left = self.after(settle)?;
        Ok(left
            .iter()
            .map(|flow| {
                if flow.date != last {
                    let begun = flow.accrual.filter(|accrual| accrual.start < last);
                    total += match begun {
                        // The rest of a period is the whole less what has passed, which a day count may not add up to.
                        Some(accrual) => {
                            self.share(accrual.start, flow.date, flow) - self.share(accrual.start, last, flow)
                        }
                        None => self.share(last, flow.date, flow),
                    };
                    last = flow.date;
                }
                total
            })
            .collect())
    }

    /// Returns the bond at a yield: the sum of `amount (1 + y / f)^(-f t)` and its derivatives.
    ///
    /// # Errors
    ///
    /// Refuses a settlement at or after the last payment, and a yield at or below minus the frequency, at which nothing
    /// can be discounted.
    pub fn at_yield(&self, settle: Date, yield_: f64) -> Result<BondAnalysis, AnalyticsError> {
        a_number("yield", yield_)?;
        let frequency = f64::from(self.frequency);
        let growth = 1.0 + yield_ / frequency;
        if growth <= 0.0 {
            return refuse("yield", yield_, "above minus the number of coupons a year");
        }
        let left = self.after(settle)?;
        let years = self.years(settle)?;
        let (mut dirty, mut weighted, mut squared) = (0.0, 0.0, 0.0);
        for (flow, years) in left.iter().zip(&years) {
            let present = flow.amount * growth.powf(-frequency * years);
            dirty += present;
            weighted += years * present;
            squared += years * (frequency * years + 1.0) * present;
        }
        above_zero("price", dirty)?;
        let accrued = self.accrued(settle);
        let macaulay = weighted / dirty;
        let modified = macaulay / growth;
        let convexity = squared / (frequency * growth * growth * dirty);
        Ok(BondAnalysis {
            yield_,
            clean: dirty - accrued,
            accrued,
            dirty,
            macaulay: priced("Macaulay duration", macaulay)?,
            modified: priced("modified duration", modified)?,
            convexity: priced("convexity", convexity)?,
            bpv: dirty * (-modified * 1e-4 + 0.5 * convexity * 1e-8),
            yield_value_bp: priced("yield value", -0.01 / (dirty * modified))?,
            n_cashflows_left: left.len(),
            next_coupon: left[0].date,
        })
    }

    /// Returns the yield at which the bond has a clean price.
    ///
    /// Found in the logarithm of `1 + y / f`, in which the price is a sum of exponentials and falls without a turn.
    ///
    /// # Errors
    ///
    /// Refuses a settlement at or after the last payment, a price that with accrued interest is not above zero, and one
    /// that no yield gives.
    pub fn yield_from_clean(&self, settle: Date, clean: f64) -> Result<f64, AnalyticsError> {
        a_number("clean price", clean)?;
        let dirty = clean + self.accrued(settle);
        above_zero("price with accrued interest", dirty)?;
        let frequency = f64::from(self.frequency);
        let left = self.after(settle)?;
        let years = self.years(settle)?;
        let excess = |log_growth: f64| {
            let present = left.iter().zip(&years);
            let sum: f64 = present
                .map(|(flow, years)| flow.amount * (-frequency * years * log_growth).exp())
                .sum();
            sum.min(f64::MAX) - dirty
        };
        let bounds = (-LOG_GROWTH_MAX, LOG_GROWTH_MAX);
        match solve::root_near(excess, 0.02 / frequency, 0.05 / frequency, bounds) {
            Some(log_growth) => priced("yield", frequency * log_growth.exp_m1()),
            None => refuse("clean price", clean, "one that some yield gives"),
        }
    }
}

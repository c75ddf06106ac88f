//! Bonds on a discount curve: price, spread over it, and the parts of their duration along it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::{AnalyticsError, all_finite};
use crate::pricing::bond::BondFlows;
use crate::pricing::curve::{Curve, curve_years};
use crate::pricing::{a_number, above_zero, priced, refuse, solve};

/// The price of a bond on a curve. The JSON names are a contract.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePrice {
    /// The price that would be paid.
    pub curve_dirty: f64,
    /// Less accrued interest.
    pub curve_clean: f64,
}

/// The continuous spread of a year that is looked for at most.
const SPREAD_MAX: f64 = 20.0;

impl BondFlows {
    /// Returns the price on a curve that starts on the day of settlement and counts years as Act/365F.
    ///
    /// # Errors
    ///
    /// Refuses a settlement at or after the last payment.
    ///
    /// ```
    /// use apex_analytics::pricing::bond::Bond;
    /// use apex_analytics::pricing::curve::{Curve, Interpolation};
    /// use apex_analytics::pricing::day_count::DayCount;
    /// use jiff::civil::date;
    ///
    /// let bill = Bond {
    ///     issue: date(2023, 1, 1),
    ///     maturity: date(2024, 1, 1),
    ///     coupon: 0.0,
    ///     frequency: 1,
    ///     day_count: DayCount::Actual365Fixed,
    ///     end_of_month: false,
    /// };
    /// let curve = Curve::from_zero_rates(&[1.0], &[0.05], Interpolation::LinearZero).unwrap();
    /// let price = bill.flows().unwrap().on_curve(bill.issue, &curve).unwrap();
    /// assert!((price.curve_dirty - 100.0 * (-0.05_f64).exp()).abs() < 1e-12);
    /// ```
    pub fn on_curve(&self, settle: Date, curve: &Curve) -> Result<CurvePrice, AnalyticsError> {
        let dirty = self.present(settle, curve, 0.0)?;
        Ok(CurvePrice {
            curve_dirty: priced("price on the curve", dirty)?,
            curve_clean: priced("price on the curve", dirty - self.accrued(settle))?,
        })
    }

    fn present(&self, settle: Date, curve: &Curve, spread: f64) -> Result<f64, AnalyticsError> {
        let flows = self.after(settle)?.iter();
        Ok(flows
            .map(|flow| {
                let years = curve_years(settle, flow.date);
                flow.amount * (-curve.log(years) - spread * years).exp()
            })
            .sum())
    }

    /// Returns the spread over all zero rates, continuous and Act/365F, at which the curve gives a clean price.
    ///
    /// # Errors
    ///
    /// Refuses a settlement at or after the last payment, a price that with accrued interest is not above zero, and one
    /// that no spread gives.
    pub fn z_spread(&self, settle: Date, curve: &Curve, clean: f64) -> Result<f64, AnalyticsError> {
        a_number("clean price", clean)?;
        let dirty = clean + self.accrued(settle);
        above_zero("price with accrued interest", dirty)?;
        self.after(settle)?;
        let excess = |spread: f64| match self.present(settle, curve, spread) {
            Ok(present) => present.min(f64::MAX) - dirty,
            Err(_) => f64::NAN,
        };
        match solve::root_near(excess, 0.0, 0.01, (-SPREAD_MAX, SPREAD_MAX)) {
            Some(spread) => priced("spread", spread),
            None => refuse("clean price", clean, "one that some spread gives"),
        }
    }

    /// Returns the parts of the bond's duration at a few times of the curve, for a curve shifted by `spread`.
    ///
    /// `-(dP / dz) / P` for a change of the zero rate that is whole at its key and falls in a straight line to nothing
    /// at the keys beside it; the first key keeps it whole before, the last after (Ho, 1992). The parts add up to the
    /// duration for a shift of all zero rates.
    ///
    /// # Errors
    ///
    /// Refuses keys that are none, not finite or do not ascend, and a settlement at or after the last payment.
    pub fn key_rate_durations(
        &self,
        settle: Date,
        curve: &Curve,
        spread: f64,
        keys: &[f64],
    ) -> Result<Vec<f64>, AnalyticsError> {
        a_number("spread", spread)?;
        if keys.is_empty() {
            return Err(AnalyticsError::Empty { what: "list of keys" });
        }
        all_finite("key", keys)?;
        if let Some(index) = keys.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(AnalyticsError::Order {
                what: "key",
                index: index + 1,
            });
        }
        let mut parts = vec![0.0; keys.len()];
        let mut price = 0.0;
        for flow in self.after(settle)? {
            let years = curve_years(settle, flow.date);
            let present = flow.amount * (-curve.log(years) - spread * years).exp();
            price += present;
            let after = keys.partition_point(|key| *key <= years);
            if after == 0 || after == keys.len() {
                parts[after.min(keys.len() - 1)] += years * present;
            } else {
                let share = (years - keys[after - 1]) / (keys[after] - keys[after - 1]);
                parts[after - 1] += (1.0 - share) * years * present;
                parts[after] += share * years * present;
            }
        }
        above_zero("price on the curve", price)?;
        parts
            .iter()
            .map(|part| priced("key-rate duration", part / price))
            .collect()
    }
}

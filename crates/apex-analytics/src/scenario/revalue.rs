//! What options and bonds are worth after a shock, starting from the price they are quoted at.
//!
//! The quoted price is explained first (by a volatility, by a yield), so that nothing changes where nothing is shocked;
//! then what explains it is moved.

use jiff::civil::Date;

use crate::error::AnalyticsError;
use crate::pricing::american::{self, Accuracy};
use crate::pricing::bond::BondFlows;
use crate::pricing::solve::root;
use crate::pricing::{Terms, refuse};

/// Volatilities between which an option's price is explained.
const VOLATILITY_MIN: f64 = 1e-4;
const VOLATILITY_MAX: f64 = 10.0;

/// What moves the price of an option.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct OptionShock {
    /// The change of the underlying's price, as a fraction.
    pub spot: f64,
    /// The shift of the volatility.
    pub volatility: f64,
    /// The shift of the continuous rate of interest.
    pub rate: f64,
}

/// An option before and after a shock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptionChange {
    /// The volatility that explains the quoted price; none where the option is worth what exercise brings, so that no
    /// volatility can be read from it.
    pub volatility: Option<f64>,
    /// The price after the shock.
    pub price: f64,
}

/// Returns an American option after a shock, from the price it is quoted at.
///
/// The volatility is the one at which the option has the quoted price, and moves by the shift, not below zero. An option
/// quoted at or below what exercise brings has no such volatility; it is taken for exercised and follows the underlying. The
/// volatility of `terms` is not used.
///
/// # Errors
///
/// Refuses terms without a price, a quote that is not a finite number from zero, a quote no volatility explains, and an
/// underlying that loses everything or more.
///
/// ```
/// use apex_analytics::pricing::american::{Accuracy, price};
/// use apex_analytics::pricing::{OptionKind, Terms};
/// use apex_analytics::scenario::revalue::{OptionShock, american_after};
///
/// let call = Terms {
///     kind: OptionKind::Call, spot: 100.0, strike: 95.0, years: 0.5, rate: 0.02, dividend_yield: 0.0, volatility: 0.3,
/// };
/// let quote = price(&call, Accuracy::Standard).unwrap();
/// let shock = OptionShock { spot: -0.1, ..OptionShock::default() };
/// let after = american_after(&call, quote, &shock).unwrap();
/// let again = price(&Terms { spot: 90.0, ..call }, Accuracy::Standard).unwrap();
/// assert!((after.price - again).abs() < 1e-9);
/// ```
pub fn american_after(terms: &Terms, quote: f64, shock: &OptionShock) -> Result<OptionChange, AnalyticsError> {
    if !(quote.is_finite() && quote >= 0.0) {
        return refuse("quoted price", quote, "a finite number, zero or above");
    }
    let spot = terms.spot * (1.0 + shock.spot);
    if spot <= 0.0 {
        return refuse("change of the underlying", shock.spot, "above -1");
    }
    let intrinsic = terms.kind.payoff(terms.spot, terms.strike);
    if quote <= intrinsic {
        return Ok(OptionChange {
            volatility: None,
            price: (quote - intrinsic + terms.kind.payoff(spot, terms.strike)).max(0.0),
        });
    }
    let at = |volatility: f64| american::price(&Terms { volatility, ..*terms }, Accuracy::Standard);
    at(VOLATILITY_MIN)?;
    let excess = |volatility: f64| at(volatility).map_or(f64::NAN, |price| price - quote);
    let Some(volatility) = root(excess, VOLATILITY_MIN, VOLATILITY_MAX) else {
        return refuse(
            "quoted price",
            quote,
            "one that a volatility between 0.01% and 1000% explains",
        );
    };
    let moved = Terms {
        spot,
        volatility: (volatility + shock.volatility).max(0.0),
        rate: terms.rate + shock.rate,
        ..*terms
    };
    Ok(OptionChange {
        volatility: Some(volatility),
        price: american::price(&moved, Accuracy::Standard)?,
    })
}

/// A bond before and after a shock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BondChange {
    /// The yield that explains the quoted price.
    pub yield_: f64,
    /// The clean price after the shock.
    pub clean: f64,
}

/// Returns a bond after a shift of rates and spreads, from the clean price it is quoted at.
///
/// Every payment is discounted at the bond's yield plus the shift at the payment's time in years, compounded as the yield
/// is: a level shift moves the yield by just as much.
///
/// # Errors
///
/// Those of [`BondFlows::yield_from_clean`], and a shift that takes the yield to minus the coupons a year or below.
///
/// ```
/// use apex_analytics::pricing::bond::Bond;
/// use apex_analytics::pricing::day_count::DayCount;
/// use apex_analytics::scenario::revalue::bond_after;
/// use jiff::civil::date;
///
/// let bond = Bond {
///     issue: date(2024, 1, 15), maturity: date(2034, 1, 15), coupon: 0.05, frequency: 1,
///     day_count: DayCount::ActualActualIcma, end_of_month: false,
/// };
/// let flows = bond.flows().unwrap();
/// // One hundred basis points on ten years at par: modified duration 7.72, convexity 75.0.
/// let after = bond_after(&flows, bond.issue, 100.0, |_| 0.01).unwrap();
/// assert!((after.clean - flows.at_yield(bond.issue, 0.06).unwrap().clean).abs() < 1e-9);
/// ```
pub fn bond_after(
    flows: &BondFlows,
    settle: Date,
    clean: f64,
    shift: impl Fn(f64) -> f64,
) -> Result<BondChange, AnalyticsError> {
    let yield_ = flows.yield_from_clean(settle, clean)?;
    let frequency = f64::from(flows.frequency);
    let mut dirty = 0.0;
    for (flow, years) in flows.after(settle)?.iter().zip(flows.years(settle)?) {
        let shifted = yield_ + shift(years);
        let growth = 1.0 + shifted / frequency;
        if !(growth.is_finite() && growth > 0.0) {
            return refuse("shifted yield", shifted, "above minus the number of coupons a year");
        }
        dirty += flow.amount * growth.powf(-frequency * years);
    }
    Ok(BondChange {
        yield_,
        clean: dirty - flows.accrued(settle),
    })
}

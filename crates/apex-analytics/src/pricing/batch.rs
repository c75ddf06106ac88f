//! European options on columns: one contract at many spots and volatilities, or many contracts at once.
//!
//! The loops allocate nothing and do not branch, so they run in the widest vector registers that the machine has, with
//! the same bits on each; numbers are those of [`super::european`] up to rounding. What cannot be priced is refused
//! before anything is written.

use crate::elementary::{exp, ln, normal, normal_below};
use crate::error::{AnalyticsError, all_finite, same_length};
use crate::pricing::{OptionKind, Terms, a_number, above_zero, from_zero, in_range, refuse};

/// A European option whose spot and volatility come in columns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contract {
    /// Call or put.
    pub kind: OptionKind,
    /// The strike.
    pub strike: f64,
    /// Years to expiry.
    pub years: f64,
    /// The continuous rate a year.
    pub rate: f64,
    /// The continuous dividend yield a year.
    pub dividend_yield: f64,
}

/// What does not change from one scenario to the next.
#[derive(Clone, Copy)]
struct Fixed {
    sign: f64,
    paid: f64,
    dividend_discount: f64,
    root: f64,
    log_strike: f64,
}

impl Contract {
    fn fixed(&self) -> Result<Fixed, AnalyticsError> {
        above_zero("strike", self.strike)?;
        from_zero("time to expiry", self.years)?;
        a_number("rate", self.rate)?;
        a_number("dividend yield", self.dividend_yield)?;
        in_range("rate", self.rate, self.rate * self.years)?;
        in_range("dividend yield", self.dividend_yield, self.dividend_yield * self.years)?;
        let paid = self.strike * exp(-self.rate * self.years);
        let dividend_discount = exp(-self.dividend_yield * self.years);
        Ok(Fixed {
            sign: self.kind.sign(),
            paid,
            dividend_discount,
            root: self.years.sqrt(),
            log_strike: ln(paid / dividend_discount),
        })
    }
}

/// A deviation that is nothing to a price, but something to divide by.
const STILL: f64 = 1e-100;

/// Returns the price; without deviation `d` is so far out that the result is the payoff.
#[inline(always)]
fn price_of(fixed: &Fixed, spot: f64, volatility: f64) -> f64 {
    let deviation = (volatility * fixed.root).max(STILL);
    let middle = (ln(spot) - fixed.log_strike) / deviation;
    let first = normal_below(fixed.sign * (middle + 0.5 * deviation));
    let second = normal_below(fixed.sign * (middle - 0.5 * deviation));
    (fixed.sign * (fixed.dividend_discount * spot * first - fixed.paid * second)).max(0.0)
}

/// The loop over spots and volatilities, compiled once for each kind of vector registers.
struct Add<'a> {
    fixed: Fixed,
    quantity: f64,
    spots: &'a [f64],
    volatilities: &'a [f64],
    out: &'a mut [f64],
}

impl pulp::NullaryFnOnce for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for ((out, spot), volatility) in self.out.iter_mut().zip(self.spots).zip(self.volatilities) {
            *out += self.quantity * price_of(&self.fixed, *spot, *volatility);
        }
    }
}

/// Writes the price of one contract at every pair of spot and volatility into `out`.
///
/// # Errors
///
/// Refuses columns of different length, spots not above zero, volatilities below zero, and the terms that
/// [`Terms::check`] refuses.
///
/// ```
/// use apex_analytics::pricing::OptionKind;
/// use apex_analytics::pricing::batch::{Contract, reprice};
///
/// let call = Contract { kind: OptionKind::Call, strike: 100.0, years: 1.0, rate: 0.05, dividend_yield: 0.0 };
/// let mut out = [0.0; 2];
/// reprice(&call, &[100.0, 80.0], &[0.2, 0.2], &mut out).unwrap();
/// assert!((out[0] - 10.450_583_572).abs() < 1e-9 && (out[1] - 1.859_420_2).abs() < 1e-6);
/// ```
pub fn reprice(
    contract: &Contract,
    spots: &[f64],
    volatilities: &[f64],
    out: &mut [f64],
) -> Result<(), AnalyticsError> {
    let fixed = checked(contract, spots, volatilities, out.len())?;
    out.fill(0.0);
    let quantity = 1.0;
    pulp::Arch::new().dispatch(Add {
        fixed,
        quantity,
        spots,
        volatilities,
        out,
    });
    Ok(())
}

/// Adds `quantity` times the price of one contract at every pair of spot and volatility to `out`.
///
/// A book of options is revalued by one call for each position.
///
/// # Errors
///
/// Those of [`reprice`], and a quantity that is not finite.
pub fn add_value(
    contract: &Contract,
    quantity: f64,
    spots: &[f64],
    volatilities: &[f64],
    out: &mut [f64],
) -> Result<(), AnalyticsError> {
    a_number("quantity", quantity)?;
    let fixed = checked(contract, spots, volatilities, out.len())?;
    pulp::Arch::new().dispatch(Add {
        fixed,
        quantity,
        spots,
        volatilities,
        out,
    });
    Ok(())
}

fn checked(contract: &Contract, spots: &[f64], volatilities: &[f64], out: usize) -> Result<Fixed, AnalyticsError> {
    same_length("column of volatilities", spots.len(), volatilities.len())?;
    same_length("column of prices", spots.len(), out)?;
    positive("spot", spots)?;
    not_negative("volatility", volatilities)?;
    contract.fixed()
}

/// The largest spot, strike or volatility of a column.
const LARGE: f64 = 1e100;

fn positive(what: &'static str, values: &[f64]) -> Result<(), AnalyticsError> {
    let fits = |value: f64| (1.0 / LARGE..=LARGE).contains(&value);
    if values.iter().fold(true, |all, value| all & fits(*value)) {
        return Ok(());
    }
    all_finite(what, values)?;
    let index = values.iter().position(|value| !fits(*value)).unwrap_or_default();
    Err(AnalyticsError::NotPositive {
        what,
        index,
        value: values[index],
    })
}

fn not_negative(what: &'static str, values: &[f64]) -> Result<(), AnalyticsError> {
    let fits = |value: f64| (0.0..=LARGE).contains(&value);
    if values.iter().fold(true, |all, value| all & fits(*value)) {
        return Ok(());
    }
    all_finite(what, values)?;
    let index = values.iter().position(|value| !fits(*value)).unwrap_or_default();
    refuse(what, values[index], "zero or above, and at most 1e100")
}

/// Columns of option terms, one entry an option.
#[derive(Debug, Clone, Copy)]
pub struct TermColumns<'a> {
    /// Call or put.
    pub kind: &'a [OptionKind],
    /// Spots.
    pub spot: &'a [f64],
    /// Strikes.
    pub strike: &'a [f64],
    /// Years to expiry.
    pub years: &'a [f64],
    /// Continuous rates a year.
    pub rate: &'a [f64],
    /// Continuous dividend yields a year.
    pub dividend_yield: &'a [f64],
    /// Volatilities a year.
    pub volatility: &'a [f64],
}

/// Columns for prices and sensitivities, as long as the terms.
#[derive(Debug)]
pub struct GreekColumns<'a> {
    /// Prices.
    pub price: &'a mut [f64],
    /// For the spot.
    pub delta: &'a mut [f64],
    /// Of delta for the spot.
    pub gamma: &'a mut [f64],
    /// For volatility, per 1.00.
    pub vega: &'a mut [f64],
    /// For the passing of time, per year.
    pub theta: &'a mut [f64],
    /// For the rate, per 1.00.
    pub rho: &'a mut [f64],
}

/// Writes price and sensitivities of every option.
///
/// Options without time or volatility are refused here: their sensitivities may not exist. Use
/// [`super::european::value`] for them.
///
/// # Errors
///
/// Names the first column of another length, and the first term that cannot be priced.
pub fn value_columns<'a>(terms: &TermColumns<'a>, out: &mut GreekColumns<'a>) -> Result<(), AnalyticsError> {
    let count = terms.kind.len();
    for (what, column) in [
        ("column of spots", terms.spot),
        ("column of strikes", terms.strike),
        ("column of times", terms.years),
        ("column of rates", terms.rate),
        ("column of dividend yields", terms.dividend_yield),
        ("column of volatilities", terms.volatility),
        ("column of prices", &*out.price),
        ("column of deltas", &*out.delta),
        ("column of gammas", &*out.gamma),
        ("column of vegas", &*out.vega),
        ("column of thetas", &*out.theta),
        ("column of rhos", &*out.rho),
    ] {
        same_length(what, count, column.len())?;
    }
    for at in 0..count {
        let one = terms.at(at);
        one.check()?;
        above_zero("volatility over the time to expiry", one.deviation())?;
    }
    pulp::Arch::new().dispatch(Value { terms, out });
    Ok(())
}

/// The loop over many contracts, compiled once for each kind of vector registers.
struct Value<'a, 'b> {
    terms: &'a TermColumns<'b>,
    out: &'a mut GreekColumns<'b>,
}

impl pulp::NullaryFnOnce for Value<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let count = self.terms.kind.len();
        let (price, delta, gamma) = (
            &mut self.out.price[..count],
            &mut self.out.delta[..count],
            &mut self.out.gamma[..count],
        );
        let (vega, theta, rho) = (
            &mut self.out.vega[..count],
            &mut self.out.theta[..count],
            &mut self.out.rho[..count],
        );
        let (kind, spot, strike) = (
            &self.terms.kind[..count],
            &self.terms.spot[..count],
            &self.terms.strike[..count],
        );
        let (years, rate) = (&self.terms.years[..count], &self.terms.rate[..count]);
        let (dividend_yield, volatility) = (&self.terms.dividend_yield[..count], &self.terms.volatility[..count]);
        for at in 0..count {
            let sign = kind[at].sign();
            let root = years[at].sqrt();
            let deviation = volatility[at] * root;
            let carried = exp(-dividend_yield[at] * years[at]);
            let received = spot[at] * carried;
            let paid = strike[at] * exp(-rate[at] * years[at]);
            let middle = ln(received / paid) / deviation;
            let (first, bell) = normal(sign * (middle + 0.5 * deviation));
            let second = normal_below(sign * (middle - 0.5 * deviation));
            let (long, short) = (sign * received * first, sign * paid * second);
            let slope = received * bell;
            price[at] = (long - short).max(0.0);
            delta[at] = sign * carried * first;
            gamma[at] = slope / (spot[at] * spot[at] * deviation);
            vega[at] = slope * root;
            theta[at] = dividend_yield[at] * long - rate[at] * short - 0.5 * slope * volatility[at] / root;
            rho[at] = years[at] * short;
        }
    }
}

impl TermColumns<'_> {
    fn at(&self, at: usize) -> Terms {
        Terms {
            kind: self.kind[at],
            spot: self.spot[at],
            strike: self.strike[at],
            years: self.years[at],
            rate: self.rate[at],
            dividend_yield: self.dividend_yield[at],
            volatility: self.volatility[at],
        }
    }
}

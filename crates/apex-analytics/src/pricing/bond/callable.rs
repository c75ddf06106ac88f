//! Bonds that the issuer may call or the holder may put, on a trinomial lattice of Hull and White's short rate.
//!
//! The short rate reverts to a level that makes the lattice reprice the discount curve exactly (Hull and White, 1994).
//! Every payment and every right falls on a layer of the lattice; the layers between are as fine as asked for.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::AnalyticsError;
use crate::pricing::bond::BondFlows;
use crate::pricing::curve::{Curve, curve_years};
use crate::pricing::{a_number, above_zero, from_zero, priced, refuse, solve};

/// Whose right it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// The issuer may pay the bond back: a call.
    Issuer,
    /// The investor may give the bond back: a put.
    Investor,
}

/// A right to end the bond on one day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EarlyEnd {
    /// The day.
    pub date: Date,
    /// Whose right it is.
    pub holder: Holder,
    /// What is paid for 100 of face value, beside accrued interest and a coupon of the same day.
    pub price: f64,
}

/// Hull and White's model, and how finely its lattice is cut.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ShortRate {
    /// How fast the short rate reverts, a year; zero is the model of Ho and Lee.
    pub reversion: f64,
    /// The volatility of the short rate a year, in absolute terms (0.01 is one percentage point).
    pub volatility: f64,
    /// The least number of layers a year, 1 to 1,000.
    pub layers_a_year: u16,
}

/// The price of a bond with rights to end it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CallablePrice {
    /// The price that is paid.
    pub dirty: f64,
    /// Less accrued interest.
    pub clean: f64,
    /// The clean price of the same bond without rights, on the same lattice.
    pub straight_clean: f64,
}

/// A bond on its lattice, ready to be priced at many spreads.
#[derive(Debug)]
pub struct CallableBond {
    accrued: f64,
    layers: Vec<Layer>,
}

/// One layer of the lattice and what happens on its day.
#[derive(Debug)]
struct Layer {
    /// Years to the next layer; zero on the last.
    length: f64,
    /// The short rate of every node, to the next layer.
    rates: Vec<f64>,
    /// The lowest of the three nodes each node leads to, and the chances of the three.
    branches: Vec<(usize, [f64; 3])>,
    /// What is paid.
    payment: f64,
    /// The rights of issuer and investor, accrued interest included.
    call: Option<f64>,
    put: Option<f64>,
}

impl CallableBond {
    /// Returns a bond on its lattice. The curve starts on the day of settlement.
    ///
    /// # Errors
    ///
    /// Refuses a settlement at or after the last payment, a reversion or volatility below zero, no layers, and rights
    /// with a price not above zero. Rights at or before settlement, and from the last payment on, have no effect.
    pub fn new(
        flows: &BondFlows,
        settle: Date,
        curve: &Curve,
        rights: &[EarlyEnd],
        model: &ShortRate,
    ) -> Result<Self, AnalyticsError> {
        from_zero("reversion", model.reversion)?;
        from_zero("volatility of the short rate", model.volatility)?;
        if !(1..=1000).contains(&model.layers_a_year) {
            return refuse("number of layers a year", f64::from(model.layers_a_year), "1 to 1,000");
        }
        for right in rights {
            above_zero("price of early redemption", right.price)?;
        }
        let left = flows.after(settle)?;
        let last = left[left.len() - 1].date;
        let mut dates: Vec<Date> = left.iter().map(|flow| flow.date).collect();
        dates.extend(rights.iter().map(|right| right.date));
        dates.retain(|date| *date > settle && *date <= last);
        dates.sort();
        dates.dedup();
        let mut layers = Vec::new();
        let mut before = settle;
        layers.push(Layer::empty());
        for date in dates {
            let years = curve_years(before, date);
            let cuts = (years * f64::from(model.layers_a_year)).ceil().max(1.0);
            for cut in 0..cuts as usize {
                if let Some(layer) = layers.last_mut() {
                    layer.length = years / cuts;
                }
                let arrived = cut + 1 == cuts as usize;
                layers.push(if arrived {
                    Layer::of(date, flows, rights, last)
                } else {
                    Layer::empty()
                });
            }
            before = date;
        }
        grow(&mut layers, curve, model)?;
        Ok(Self {
            accrued: flows.accrued(settle),
            layers,
        })
    }

    /// Returns the price at a continuous spread over the curve.
    ///
    /// # Errors
    ///
    /// Refuses a spread that is not finite, or takes the price out of the range of numbers.
    pub fn price(&self, spread: f64) -> Result<CallablePrice, AnalyticsError> {
        a_number("spread", spread)?;
        let dirty = priced("price", self.dirty(spread, true))?;
        Ok(CallablePrice {
            dirty,
            clean: dirty - self.accrued,
            straight_clean: priced("price", self.dirty(spread, false) - self.accrued)?,
        })
    }

    /// Returns the option-adjusted spread: the one at which the bond with its rights has a clean price.
    ///
    /// # Errors
    ///
    /// Refuses a price that with accrued interest is not above zero, and one that no spread gives.
    pub fn option_adjusted_spread(&self, clean: f64) -> Result<f64, AnalyticsError> {
        a_number("clean price", clean)?;
        let dirty = clean + self.accrued;
        above_zero("price with accrued interest", dirty)?;
        let excess = |spread: f64| self.dirty(spread, true).min(f64::MAX) - dirty;
        match solve::root_near(excess, 0.0, 0.01, (-5.0, 5.0)) {
            Some(spread) => priced("spread", spread),
            None => refuse("clean price", clean, "one that some spread gives"),
        }
    }

    fn dirty(&self, spread: f64, with_rights: bool) -> f64 {
        let mut values: Vec<f64> = Vec::new();
        for layer in self.layers.iter().rev() {
            let width = layer.rates.len();
            let mut here = vec![0.0; width];
            for (value, (rate, (lowest, chances))) in here.iter_mut().zip(layer.rates.iter().zip(&layer.branches)) {
                if let Some([down, middle, up]) = values.get(*lowest..*lowest + 3) {
                    let mean = chances[0] * down + chances[1] * middle + chances[2] * up;
                    *value = mean * (-(rate + spread) * layer.length).exp();
                }
            }
            if with_rights {
                for value in &mut here {
                    let called = layer.call.map_or(*value, |price| value.min(price));
                    // Where both have a right on one day, the investor's comes first.
                    *value = layer.put.map_or(called, |price| called.max(price));
                }
            }
            for value in &mut here {
                *value += layer.payment;
            }
            values = here;
        }
        values.first().copied().unwrap_or(f64::NAN)
    }
}

impl Layer {
    fn empty() -> Self {
        Self {
            length: 0.0,
            rates: Vec::new(),
            branches: Vec::new(),
            payment: 0.0,
            call: None,
            put: None,
        }
    }

    fn of(date: Date, flows: &BondFlows, rights: &[EarlyEnd], last: Date) -> Self {
        let mut layer = Self::empty();
        layer.payment = flows
            .flows
            .iter()
            .filter(|flow| flow.date == date)
            .map(|flow| flow.amount)
            .sum();
        let accrued = flows.accrued(date);
        for right in rights.iter().filter(|right| right.date == date && date < last) {
            let price = right.price + accrued;
            match right.holder {
                Holder::Issuer => layer.call = Some(layer.call.map_or(price, |other| other.min(price))),
                Holder::Investor => layer.put = Some(layer.put.map_or(price, |other| other.max(price))),
            }
        }
        layer
    }
}

/// Makes the nodes of every layer, and shifts the rates of each so that the curve is repriced.
fn grow(layers: &mut [Layer], curve: &Curve, model: &ShortRate) -> Result<(), AnalyticsError> {
    // The state of a node is its number times the spacing of its layer; `lowest` is the number of the first.
    let (mut lowest, mut spacing, mut time) = (0_i64, 0.0_f64, 0.0);
    // The value now of 1 paid at a node.
    let mut claims = vec![1.0];
    for layer in layers {
        if layer.length == 0.0 {
            layer.rates = vec![0.0; claims.len()];
            layer.branches = vec![(0, [0.0; 3]); claims.len()];
            break;
        }
        let length = layer.length;
        time += length;
        let decay = (-model.reversion * length).exp();
        let variance = if model.reversion < 1e-9 {
            model.volatility * model.volatility * length
        } else {
            -model.volatility * model.volatility * (-2.0 * model.reversion * length).exp_m1() / (2.0 * model.reversion)
        };
        let next_spacing = (3.0 * variance).sqrt();
        let states: Vec<f64> = (0..claims.len())
            .map(|at| (lowest + at as i64) as f64 * spacing)
            .collect();
        let middles: Vec<i64> = states
            .iter()
            .map(|state| {
                if next_spacing > 0.0 {
                    (state * decay / next_spacing).round() as i64
                } else {
                    0
                }
            })
            .collect();
        let next_lowest = middles[0] - 1;
        let next_width = usize::try_from(middles[middles.len() - 1] + 2 - next_lowest).unwrap_or(3);
        let undiscounted: f64 = claims
            .iter()
            .zip(&states)
            .map(|(claim, state)| claim * (-state * length).exp())
            .sum();
        let shift = (undiscounted / curve.discount(time)?).ln() / length;
        let mut next = vec![0.0; next_width];
        for ((claim, state), middle) in claims.iter().zip(&states).zip(&middles) {
            let gap = if next_spacing > 0.0 {
                (state * decay - *middle as f64 * next_spacing) / variance.sqrt()
            } else {
                0.0
            };
            let (square, line) = (gap * gap, gap * 3.0_f64.sqrt());
            let chances = [
                (1.0 + square - line) / 6.0,
                (2.0 - square) / 3.0,
                (1.0 + square + line) / 6.0,
            ];
            let first = usize::try_from(middle - 1 - next_lowest).unwrap_or(0);
            let rate = shift + state;
            let discounted = claim * (-rate * length).exp();
            for (chance, claim) in chances.iter().zip(&mut next[first..]) {
                *claim += chance * discounted;
            }
            layer.rates.push(rate);
            layer.branches.push((first, chances));
        }
        (lowest, spacing, claims) = (next_lowest, next_spacing, next);
    }
    Ok(())
}

//! European options with one barrier that is watched at all times, after Reiner and Rubinstein (1991).

use serde::{Deserialize, Serialize};

use crate::elementary::{INVERSE_ROOT_TWO_PI, exp, ln_normal_below, normal_below};
use crate::error::AnalyticsError;
use crate::pricing::european;
use crate::pricing::greeks::{Valuation, by_differences};
use crate::pricing::quadrature::gauss_legendre;
use crate::pricing::{OptionKind, Terms, above_zero, from_zero, priced};

/// Where the barrier lies, and what touching it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BarrierKind {
    /// Below the spot; touched, the option begins to live.
    DownIn,
    /// Below the spot; touched, the option ends.
    DownOut,
    /// Above the spot; touched, the option begins to live.
    UpIn,
    /// Above the spot; touched, the option ends.
    UpOut,
}

impl BarrierKind {
    fn knocks_in(self) -> bool {
        matches!(self, Self::DownIn | Self::UpIn)
    }

    /// Returns 1 for a barrier below the spot and -1 for one above it.
    fn side(self) -> f64 {
        match self {
            Self::DownIn | Self::DownOut => 1.0,
            Self::UpIn | Self::UpOut => -1.0,
        }
    }
}

/// A barrier.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Barrier {
    /// Where it lies and what it does.
    pub kind: BarrierKind,
    /// Its level, above zero.
    pub level: f64,
    /// What an option pays that was knocked out, at once, or that was never knocked in, at expiry.
    pub rebate: f64,
}

impl Barrier {
    /// Returns the barrier to use in place of one that is looked at only `times` times, evenly until expiry.
    ///
    /// Broadie, Glasserman and Kou (1997): away from the spot by the factor `exp(0.5826 sigma sqrt(T / times))`.
    pub fn watched(self, terms: &Terms, times: u32) -> Self {
        const SHIFT: f64 = 0.582_597_157_939_010_7;
        let away = SHIFT * terms.volatility * (terms.years / f64::from(times.max(1))).sqrt();
        Self {
            level: self.level * exp(-self.kind.side() * away),
            ..self
        }
    }
}

/// Returns the value of a barrier option.
///
/// A spot on or beyond the barrier has touched it: an `out` is worth its rebate, an `in` is the plain option.
///
/// # Errors
///
/// Those of [`Terms::check`], a barrier not above zero and a rebate below zero.
///
/// ```
/// use apex_analytics::pricing::barrier::{Barrier, BarrierKind, price};
/// use apex_analytics::pricing::{OptionKind, Terms};
///
/// // Haug (2007), table 4-13: down-and-out call, S 100, K 90, H 95, rebate 3, half a year, r 8%, b 4%, 25%: 9.0246.
/// let call = Terms {
///     kind: OptionKind::Call,
///     spot: 100.0,
///     strike: 90.0,
///     years: 0.5,
///     rate: 0.08,
///     dividend_yield: 0.04,
///     volatility: 0.25,
/// };
/// let barrier = Barrier { kind: BarrierKind::DownOut, level: 95.0, rebate: 3.0 };
/// assert!((price(&call, &barrier).unwrap() - 9.0246).abs() < 5e-5);
/// ```
pub fn price(terms: &Terms, barrier: &Barrier) -> Result<f64, AnalyticsError> {
    terms.check()?;
    above_zero("barrier", barrier.level)?;
    from_zero("rebate", barrier.rebate)?;
    priced("price", unchecked(terms, barrier))
}

/// Returns value and sensitivities of a barrier option, by differences that stay on its side of the barrier.
///
/// `greeks` is `None` without volatility or time.
///
/// # Errors
///
/// Those of [`price`].
pub fn value(terms: &Terms, barrier: &Barrier) -> Result<Valuation, AnalyticsError> {
    let price_now = price(terms, barrier)?;
    if terms.deviation() == 0.0 {
        return Ok(Valuation {
            price: price_now,
            greeks: None,
        });
    }
    if touched(terms, barrier) {
        if barrier.kind.knocks_in() {
            let plain = european::value(terms)?;
            return Ok(Valuation {
                price: plain.price,
                greeks: plain.greeks,
            });
        }
        return Ok(Valuation {
            price: price_now,
            greeks: None,
        });
    }
    let reach = (barrier.level / terms.spot - 1.0).abs();
    by_differences(terms, reach, |terms| price(terms, barrier))
}

fn touched(terms: &Terms, barrier: &Barrier) -> bool {
    barrier.kind.side() * (terms.spot - barrier.level) <= 0.0
}

fn unchecked(terms: &Terms, barrier: &Barrier) -> f64 {
    if touched(terms, barrier) {
        return if barrier.kind.knocks_in() {
            european::unchecked(terms)
        } else {
            barrier.rebate
        };
    }
    if terms.deviation() == 0.0 {
        return certain(terms, barrier);
    }
    let parts = Parts::new(terms, barrier);
    let above = terms.strike > barrier.level;
    let value = match (barrier.kind, terms.kind, above) {
        (BarrierKind::DownIn, OptionKind::Call, true) | (BarrierKind::UpIn, OptionKind::Put, false) => parts.c(),
        (BarrierKind::DownIn, OptionKind::Call, false) | (BarrierKind::UpIn, OptionKind::Put, true) => {
            parts.a() - parts.b() + parts.d()
        }
        (BarrierKind::UpIn, OptionKind::Call, true) | (BarrierKind::DownIn, OptionKind::Put, false) => parts.a(),
        (BarrierKind::UpIn, OptionKind::Call, false) | (BarrierKind::DownIn, OptionKind::Put, true) => {
            parts.b() - parts.c() + parts.d()
        }
        (BarrierKind::DownOut, OptionKind::Call, true) | (BarrierKind::UpOut, OptionKind::Put, false) => {
            parts.a() - parts.c()
        }
        (BarrierKind::DownOut, OptionKind::Call, false) | (BarrierKind::UpOut, OptionKind::Put, true) => {
            parts.b() - parts.d()
        }
        (BarrierKind::UpOut, OptionKind::Call, true) | (BarrierKind::DownOut, OptionKind::Put, false) => 0.0,
        (BarrierKind::UpOut, OptionKind::Call, false) | (BarrierKind::DownOut, OptionKind::Put, true) => {
            parts.a() - parts.b() + parts.c() - parts.d()
        }
    };
    let rebate = match (barrier.rebate == 0.0, barrier.kind.knocks_in()) {
        (true, _) => 0.0,
        (false, true) => barrier.rebate * parts.never_touched(),
        (false, false) => barrier.rebate * parts.when_touched(),
    };
    value.max(0.0) + rebate.max(0.0)
}

/// Returns the value on the one path there is without volatility.
fn certain(terms: &Terms, barrier: &Barrier) -> f64 {
    let drift = terms.rate - terms.dividend_yield;
    let end = terms.spot * exp(drift * terms.years);
    let payoff = terms.discount() * terms.kind.payoff(end, terms.strike);
    let touches = barrier.kind.side() * (end - barrier.level) <= 0.0;
    match (touches, barrier.kind.knocks_in()) {
        (true, true) | (false, false) => payoff,
        (false, true) => barrier.rebate * terms.discount(),
        (true, false) => barrier.rebate * exp(-terms.rate * (barrier.level / terms.spot).ln() / drift),
    }
}

/// The terms A to F of Reiner and Rubinstein, as Haug (2007) writes them.
struct Parts<'a> {
    terms: &'a Terms,
    deviation: f64,
    /// `mu = (r - q) / sigma^2 - 1 / 2`.
    mu: f64,
    /// `ln(H / S)`.
    log: f64,
    log_strike: f64,
    /// 1 for a call, -1 for a put.
    sign: f64,
    /// 1 for a barrier below, -1 for one above.
    side: f64,
}

impl<'a> Parts<'a> {
    fn new(terms: &'a Terms, barrier: &Barrier) -> Self {
        Self {
            terms,
            deviation: terms.deviation(),
            mu: (terms.rate - terms.dividend_yield) / (terms.volatility * terms.volatility) - 0.5,
            log: (barrier.level / terms.spot).ln(),
            log_strike: (terms.strike / terms.spot).ln(),
            sign: terms.kind.sign(),
            side: barrier.kind.side(),
        }
    }

    /// Returns `power * S exp(-q T) N(side x) - power' * K exp(-r T) N(side (x - s))`, all in logarithms, since powers
    /// of a small volatility are as large as their probabilities are small.
    fn difference(&self, distance: f64, reflected: bool, side: f64) -> f64 {
        let x = distance / self.deviation + (1.0 + self.mu) * self.deviation;
        let Terms {
            spot,
            strike,
            years,
            rate,
            dividend_yield,
            ..
        } = *self.terms;
        let (first, second) = if reflected {
            (2.0 * (self.mu + 1.0) * self.log, 2.0 * self.mu * self.log)
        } else {
            (0.0, 0.0)
        };
        let asset = spot * exp(first - dividend_yield * years + ln_normal_below(side * x));
        let cash = strike * exp(second - rate * years + ln_normal_below(side * (x - self.deviation)));
        self.sign * (asset - cash)
    }

    fn a(&self) -> f64 {
        self.difference(-self.log_strike, false, self.sign)
    }

    fn b(&self) -> f64 {
        self.difference(-self.log, false, self.sign)
    }

    fn c(&self) -> f64 {
        self.difference(2.0 * self.log - self.log_strike, true, self.side)
    }

    fn d(&self) -> f64 {
        self.difference(self.log, true, self.side)
    }

    /// Returns the value of 1 at expiry if the barrier was never touched (E).
    fn never_touched(&self) -> f64 {
        let shift = self.mu * self.deviation;
        let straight = normal_below(self.side * (-self.log / self.deviation + shift));
        let mirrored = exp(2.0 * self.mu * self.log + ln_normal_below(self.side * (self.log / self.deviation + shift)));
        self.terms.discount() * (straight - mirrored)
    }

    /// Returns the value of 1 at the moment the barrier is touched (F).
    fn when_touched(&self) -> f64 {
        let square = self.mu * self.mu + 2.0 * self.terms.rate / (self.terms.volatility * self.terms.volatility);
        if square < 0.0 {
            return self.when_touched_at_a_negative_rate();
        }
        let lambda = square.sqrt();
        let z = self.log / self.deviation + lambda * self.deviation;
        let first = (self.mu + lambda) * self.log + ln_normal_below(self.side * z);
        let second = (self.mu - lambda) * self.log + ln_normal_below(self.side * (z - 2.0 * lambda * self.deviation));
        exp(first) + exp(second)
    }

    /// Returns the same from the density of the moment of touching: the closed form has a complex root here.
    ///
    /// With `v = |ln(H / S)| / (sigma sqrt(t))` the density is the bell `2 n(v -+ mu |ln(H / S)| / v)`, from its value
    /// at expiry on.
    fn when_touched_at_a_negative_rate(&self) -> f64 {
        const PANELS: u32 = 40;
        let distance = self.log.abs();
        let drift = self.mu * self.log;
        let first = distance / self.deviation;
        let rule = gauss_legendre(16);
        let panel = |at: u32| -> f64 {
            let middle = first + f64::from(at) + 0.5;
            let inside = rule.iter().map(|(node, weight)| {
                let v = middle + 0.5 * node;
                let years = self.terms.years * (first / v).powi(2);
                let gap = v - drift / v;
                weight * exp(-0.5 * gap * gap - self.terms.rate * years)
            });
            inside.sum()
        };
        // Half of the panel's width of one, twice the bell.
        INVERSE_ROOT_TWO_PI * (0..PANELS).map(panel).sum::<f64>()
    }
}

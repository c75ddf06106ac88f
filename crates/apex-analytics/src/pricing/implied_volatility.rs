//! The volatility at which a European option has a given price, over the whole range where there is one.

use crate::elementary::{INVERSE_ROOT_TWO_PI, exp, ln_normal_below, normal_below, scaled_erfc};
use crate::error::AnalyticsError;
use crate::pricing::{Terms, a_number, black76, priced, refuse};

/// Returns the implied volatility; `terms.volatility` is not read.
///
/// The price is turned into the out-of-the-money one of a unit forward, and the deviation `sigma sqrt(T)` found by
/// Newton's method inside a bracket, on the logarithm of the price below its inflection and on the logarithm of what is
/// missing to its bound above: in these the price is nearly straight, as Jaeckel (2017, "Let's be rational") shows. A
/// price equal to the one without volatility, up to rounding, implies zero. Repricing returns the price as exactly as
/// the numbers allow; far in the money, where many volatilities have the same price, one of them is the answer.
///
/// # Errors
///
/// Those of [`Terms::check`]; an option that has expired; a price below the one without volatility, or one that no
/// volatility reaches (the present value of the underlying for a call, of the strike for a put).
///
/// ```
/// use apex_analytics::pricing::implied_volatility::implied_volatility;
/// use apex_analytics::pricing::{OptionKind, Terms, european};
///
/// let put = Terms {
///     kind: OptionKind::Put,
///     spot: 100.0,
///     strike: 60.0,
///     years: 0.1,
///     rate: 0.03,
///     dividend_yield: 0.01,
///     volatility: 0.25,
/// };
/// let price = european::price(&put).unwrap(); // 1e-11
/// assert!((implied_volatility(&put, price).unwrap() - 0.25).abs() < 1e-12);
/// ```
pub fn implied_volatility(terms: &Terms, price: f64) -> Result<f64, AnalyticsError> {
    Terms {
        volatility: 0.0,
        ..*terms
    }
    .check()?;
    if terms.years == 0.0 {
        return refuse(
            "time to expiry",
            terms.years,
            "above zero for a volatility to be implied",
        );
    }
    let received = terms.spot * terms.dividend_discount();
    let paid = terms.strike * terms.discount();
    let deviation = implied_deviation(terms.kind.sign(), received, paid, price)?;
    priced("implied volatility", deviation / terms.years.sqrt())
}

/// Returns the implied `sigma sqrt(T)` of an option on a lognormal forward; `terms.deviation` is not read.
///
/// # Errors
///
/// Those of [`black76::value`], and a price out of its bounds as for [`implied_volatility`].
pub fn implied_forward_deviation(terms: &black76::ForwardTerms, price: f64) -> Result<f64, AnalyticsError> {
    black76::value(&black76::ForwardTerms {
        deviation: 0.0,
        ..*terms
    })?;
    implied_deviation(
        terms.kind.sign(),
        terms.forward * terms.discount,
        terms.strike * terms.discount,
        price,
    )
}

fn implied_deviation(sign: f64, received: f64, paid: f64, price: f64) -> Result<f64, AnalyticsError> {
    a_number("price", price)?;
    let floor = (sign * (received - paid)).max(0.0);
    let bound = if sign > 0.0 { received } else { paid };
    // What the two legs were rounded to is the finest difference a price can show.
    let noise = 4.0 * f64::EPSILON * received.max(paid);
    if price < floor - noise || price < 0.0 {
        return refuse("price", price, "at least the value without volatility");
    }
    if price >= bound {
        return refuse("price", price, "below the present value that no volatility exceeds");
    }
    let time_value = price - floor;
    if time_value <= 0.0 || (floor > 0.0 && time_value <= 0.25 * noise) {
        return Ok(0.0);
    }
    // The out-of-the-money side has the same time value; over the geometric mean it depends on ln(F / K) alone.
    let log = -(received / paid).ln().abs();
    let unit = received.sqrt() * paid.sqrt();
    let normalized = time_value / unit;
    let missing = if floor > 0.0 {
        // In the money the distance to the bound is that of the out-of-the-money twin to its own.
        (received.min(paid) - time_value) / unit
    } else {
        (bound - price) / unit
    };
    match deviation_of(log, normalized, missing) {
        Some(deviation) => Ok(deviation),
        None => refuse("price", price, "one that some volatility gives"),
    }
}

/// The price of an out-of-the-money option on the scale where forward times strike is one.
struct Normalized {
    /// `ln(F / K)`, not above zero.
    log: f64,
}

impl Normalized {
    /// Returns the logarithm of the price and the derivative of that logarithm.
    ///
    /// `exp(x / 2) N(x / s + s / 2) - exp(-x / 2) N(x / s - s / 2)`. Where both tails are small the bell common to both
    /// is taken out, so neither range nor digits are lost: what is left is half the fall of `exp(z^2) erfc(z)` between
    /// the two points.
    fn log_price(&self, deviation: f64) -> (f64, f64) {
        let (h, t) = (self.log / deviation, 0.5 * deviation);
        let bell_exponent = -0.5 * (h * h + t * t);
        let vega_log = bell_exponent + INVERSE_ROOT_TWO_PI.ln();
        let price_log = if h + t < -0.5 {
            let root = std::f64::consts::FRAC_1_SQRT_2;
            let (near, far) = (-(h + t) * root, -(h - t) * root);
            let fall = if t < 1e-3 * near.max(1.0) {
                // f(z) = exp(z^2) erfc(z) has f' = 2 z f - 2 / sqrt(pi), f'' = 2 f + 2 z f', f''' = 4 f' + 2 z f'': by
                // these at the middle nothing cancels but what the derivative itself takes.
                let middle = 0.5 * (near + far);
                -(far - near) * slopes(middle, far - near)
            } else {
                scaled_erfc(near) - scaled_erfc(far)
            };
            bell_exponent + (0.5 * fall).ln()
        } else {
            let near = (0.5 * self.log).exp() * normal_below(h + t);
            let far = exp(-0.5 * self.log + ln_normal_below(h - t));
            (near - far).ln()
        };
        (price_log, (vega_log - price_log).exp())
    }

    /// Returns the logarithm of what is missing to the bound `exp(x / 2)`, and minus the derivative of that logarithm.
    fn log_missing(&self, deviation: f64) -> (f64, f64) {
        let (h, t) = (self.log / deviation, 0.5 * deviation);
        let first = 0.5 * self.log + ln_normal_below(-h - t);
        let second = -0.5 * self.log + ln_normal_below(h - t);
        let missing_log = first + (second - first).exp().ln_1p();
        let vega_log = -0.5 * (h * h + t * t) + INVERSE_ROOT_TWO_PI.ln();
        (missing_log, (vega_log - missing_log).exp())
    }
}

/// Returns the mean slope of `exp(z^2) erfc(z)` over a width around `middle`, from the derivatives there.
fn slopes(middle: f64, width: f64) -> f64 {
    let value = scaled_erfc(middle);
    // For large z the difference 2 z f - 2 / sqrt(pi) is -(1 / z^2 - 3 / (2 z^4) + 15 / (4 z^6) - ...) / sqrt(pi).
    let first = if middle > 12.0 {
        let s = 0.5 / (middle * middle);
        -std::f64::consts::FRAC_2_SQRT_PI
            * s
            * (1.0 - 3.0 * s * (1.0 - 5.0 * s * (1.0 - 7.0 * s * (1.0 - 9.0 * s * (1.0 - 11.0 * s)))))
    } else {
        2.0 * middle * value - std::f64::consts::FRAC_2_SQRT_PI
    };
    let third = 4.0 * first + 2.0 * middle * (2.0 * value + 2.0 * middle * first);
    first + third * width * width / 24.0
}

fn deviation_of(log: f64, normalized: f64, missing: f64) -> Option<f64> {
    let option = Normalized { log };
    // Below the inflection sqrt(2 |x|) the price bends up, above it down.
    let inflection = (2.0 * log.abs()).sqrt();
    let lower = inflection > 0.0 && option.log_price(inflection).0 > normalized.ln();
    let half = normalized < missing;
    let target = if lower || half { normalized.ln() } else { missing.ln() };
    let (mut low, mut high) = if lower { (0.0, inflection) } else { (inflection, 200.0) };
    let mut guess = start(log, normalized, missing, inflection, lower);
    for _ in 0..100 {
        if !(guess > low && guess < high) {
            guess = if low == 0.0 { 0.1 * high } else { (low * high).sqrt() };
        }
        let (excess, slope) = if lower || half {
            let (value, slope) = option.log_price(guess);
            (value - target, slope)
        } else {
            let (value, slope) = option.log_missing(guess);
            (target - value, slope)
        };
        if excess.is_nan() {
            return None;
        }
        if excess.abs() <= f64::EPSILON {
            return Some(guess);
        }
        if excess > 0.0 {
            high = guess;
        } else {
            low = guess;
        }
        // Far down, the logarithm of the price is -x^2 / (2 s^2): straight in 1 / s^2, so the step is taken there.
        let step = excess / slope;
        let next = if lower && log != 0.0 {
            let shrink = 1.0 + 2.0 * step / guess;
            if shrink > 0.0 {
                guess / shrink.sqrt()
            } else {
                guess - step
            }
        } else {
            guess - step
        };
        if (next - guess).abs() <= 2.0 * f64::EPSILON * guess {
            return Some(next.clamp(low, high));
        }
        if high - low <= 2.0 * f64::EPSILON * high {
            return Some(guess);
        }
        guess = next;
    }
    Some(guess)
}

/// Returns a first guess on the right side of the inflection.
fn start(log: f64, normalized: f64, missing: f64, inflection: f64, lower: bool) -> f64 {
    if lower {
        // ln(price) is about -x^2 / (2 s^2) plus its value at the inflection.
        let depth = (-normalized.ln()).max(0.5);
        (log.abs() / (2.0 * depth).sqrt()).min(0.99 * inflection)
    } else if normalized < missing {
        (inflection * inflection + (normalized / INVERSE_ROOT_TWO_PI).powi(2))
            .sqrt()
            .max(1.01 * inflection)
    } else {
        // What is missing is about 2 N(-s / 2), and ln N(-z) about -z^2 / 2.
        (-8.0 * (0.5 * missing).ln()).max(0.1).sqrt().max(1.01 * inflection)
    }
}

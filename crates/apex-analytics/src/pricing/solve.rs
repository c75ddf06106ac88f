//! Finds where a function crosses zero between two bounds.

/// Returns a root of `f` between `low` and `high`, or `None` when both ends have one sign or `f` is not a number.
///
/// Chandrupatla (1997): inverse quadratic interpolation where it can be trusted, bisection elsewhere. It stops when the
/// bracket is as narrow as the numbers allow, or `f` is zero.
pub(crate) fn root(f: impl Fn(f64) -> f64, low: f64, high: f64) -> Option<f64> {
    let (mut a, mut b) = (high, low);
    let (mut value_a, mut value_b) = (f(a), f(b));
    if value_a == 0.0 {
        return Some(a);
    }
    if value_b == 0.0 {
        return Some(b);
    }
    if value_a.is_nan() || value_b.is_nan() || (value_a > 0.0) == (value_b > 0.0) {
        return None;
    }
    let mut share = 0.5;
    for _ in 0..200 {
        let x = a + share * (b - a);
        let value = f(x);
        if value.is_nan() {
            return None;
        }
        let (c, value_c) = if (value > 0.0) == (value_a > 0.0) {
            (a, value_a)
        } else {
            let old = (b, value_b);
            (b, value_b) = (a, value_a);
            old
        };
        (a, value_a) = (x, value);
        let (best, best_value) = if value_a.abs() < value_b.abs() {
            (a, value_a)
        } else {
            (b, value_b)
        };
        let tolerance = 2.0 * f64::EPSILON * best.abs() + f64::MIN_POSITIVE;
        let limit = tolerance / (b - a).abs();
        if limit > 0.5 || best_value == 0.0 {
            return Some(best);
        }
        let xi = (a - b) / (c - b);
        let phi = (value_a - value_b) / (value_c - value_b);
        share = if phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi {
            value_a / (value_b - value_a) * value_c / (value_b - value_c)
                + (c - a) / (b - a) * value_a / (value_c - value_a) * value_b / (value_c - value_b)
        } else {
            0.5
        };
        share = if share.is_finite() {
            share.clamp(limit, 1.0 - limit)
        } else {
            0.5
        };
    }
    Some(if value_a.abs() < value_b.abs() { a } else { b })
}

/// Returns a root of `f`, looking ever farther from `start` by steps that double, within `bounds`.
pub(crate) fn root_near(f: impl Fn(f64) -> f64, start: f64, step: f64, bounds: (f64, f64)) -> Option<f64> {
    let (mut low, mut high, mut reach) = (start, start, step);
    for _ in 0..100 {
        let (next_low, next_high) = ((start - reach).max(bounds.0), (start + reach).min(bounds.1));
        let found = root(&f, next_low, low).or_else(|| root(&f, high, next_high));
        if found.is_some() || (next_low == bounds.0 && next_high == bounds.1) {
            return found;
        }
        (low, high, reach) = (next_low, next_high, 2.0 * reach);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_roots_to_the_last_digit() {
        let found = root(|x| x * x - 2.0, 0.0, 2.0).unwrap();
        assert!((found - std::f64::consts::SQRT_2).abs() < 1e-15);
        let flat = root(|x: f64| (x - 0.3).powi(9), -1.0, 1.0).unwrap();
        assert!((flat - 0.3).abs() < 1e-15 || (flat - 0.3).powi(9).abs() < 1e-150);
        assert_eq!(root(|x| x * x + 1.0, -1.0, 1.0), None);
        assert_eq!(root(|x| x, 0.0, 1.0), Some(0.0));
        assert_eq!(root(|_| f64::NAN, 0.0, 1.0), None);
        let far = root_near(|x| x - 1000.0, 0.0, 0.01, (-1e6, 1e6)).unwrap();
        assert!((far - 1000.0).abs() < 1e-9);
        assert_eq!(root_near(|_| 1.0, 0.0, 0.01, (-10.0, 10.0)), None);
    }
}

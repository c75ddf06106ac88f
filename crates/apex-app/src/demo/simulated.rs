//! Prices that no real file backs: FX, yields, bonds, a fund, options. Everything here is simulated and labeled so.

use jiff::civil::Date;

use super::actions::round;
use super::random::Random;

/// A level that a simulated path passes on a day.
pub(crate) type Anchor = (Date, f64);

/// The path of a rate or a level through its anchors: straight between them, with noise that is zero at each anchor.
///
/// `daily_noise` is the deviation of one day's step, in units of the level.
pub(crate) fn bridge(days: &[Date], anchors: &[Anchor], daily_noise: f64, random: &mut Random) -> Vec<f64> {
    let mut path = Vec::with_capacity(days.len());
    for leg in anchors.windows(2) {
        let [(start, low), (end, high)] = leg else { continue };
        let from = days.partition_point(|day| day < start);
        let until = days.partition_point(|day| day < end);
        let steps = until.saturating_sub(from);
        let mut walk = Vec::with_capacity(steps + 1);
        let mut sum = 0.0;
        for _ in 0..=steps {
            walk.push(sum);
            sum += random.fat() * daily_noise;
        }
        let drift = walk.last().copied().unwrap_or_default();
        for (step, noise) in walk.iter().take(steps).enumerate() {
            let part = step as f64 / steps as f64;
            path.push(low + (high - low) * part + noise - drift * part);
        }
    }
    let last = anchors.last().map_or(0.0, |(_, level)| *level);
    path.resize(days.len(), last);
    path
}

/// A fixed-rate bond as the simulation prices it: yearly coupons, whole periods counted back from maturity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BondTerms {
    /// Coupon in percent a year.
    pub(crate) coupon: f64,
    /// Payments a year.
    pub(crate) frequency: u8,
    /// Last payment.
    pub(crate) maturity: Date,
}

impl BondTerms {
    /// Returns the coupon days after `from` up to maturity, ascending.
    pub(crate) fn coupon_days(&self, from: Date) -> Vec<Date> {
        let months = 12 / i32::from(self.frequency.max(1));
        let mut coupon_days = Vec::new();
        let (mut day, mut back) = (self.maturity, 0);
        while day > from {
            coupon_days.push(day);
            back += months;
            day = months_before(self.maturity, back);
        }
        coupon_days.reverse();
        coupon_days
    }

    /// Returns the interest accrued on a day per 100 of face, actual days over the days of the period.
    pub(crate) fn accrued(&self, day: Date) -> f64 {
        let Some(next) = self.coupon_days(day).first().copied() else {
            return 0.0;
        };
        let previous = months_before(next, 12 / i32::from(self.frequency.max(1)));
        let period = days_between(previous, next).max(1.0);
        self.coupon / f64::from(self.frequency.max(1)) * days_between(previous, day) / period
    }

    /// Returns the clean price per 100 of face at a yield in percent, compounded yearly.
    pub(crate) fn clean(&self, day: Date, yield_percent: f64) -> f64 {
        let base = 1.0 + yield_percent / 100.0;
        let coupon = self.coupon / f64::from(self.frequency.max(1));
        let coupon_days = self.coupon_days(day);
        let mut dirty = 0.0;
        for paid in &coupon_days {
            dirty += coupon * base.powf(-days_between(day, *paid) / 365.25);
        }
        dirty += 100.0 * base.powf(-days_between(day, self.maturity) / 365.25);
        dirty - self.accrued(day)
    }
}

fn months_before(day: Date, months: i32) -> Date {
    let count = i32::from(day.year()) * 12 + i32::from(day.month()) - 1 - months;
    let (year, month) = (count.div_euclid(12) as i16, (count.rem_euclid(12) + 1) as i8);
    let first = jiff::civil::date(year, month, 1);
    jiff::civil::date(year, month, day.day().min(first.days_in_month()))
}

/// Returns the days from one date to another.
pub(crate) fn days_between(from: Date, until: Date) -> f64 {
    f64::from((until - from).get_days())
}

/// What an option pays at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OptionTerms {
    /// Strike.
    pub(crate) strike: f64,
    /// Last day.
    pub(crate) expiry: Date,
    /// A call, or else a put.
    pub(crate) call: bool,
}

/// Returns the Black-Scholes value, rounded to cents and never below a cent, at 1.5 % interest and no dividends.
pub(crate) fn option_price(terms: OptionTerms, day: Date, spot: f64, volatility: f64) -> f64 {
    const RATE: f64 = 0.015;
    let years = (days_between(day, terms.expiry) / 365.0).max(0.0);
    let sign = if terms.call { 1.0 } else { -1.0 };
    let value = if years == 0.0 {
        (sign * (spot - terms.strike)).max(0.0)
    } else {
        let deviation = volatility * years.sqrt();
        let upper = ((spot / terms.strike).ln() + (RATE + volatility * volatility / 2.0) * years) / deviation;
        let discounted = terms.strike * (-RATE * years).exp();
        sign * (spot * normal_below(sign * upper) - discounted * normal_below(sign * (upper - deviation)))
    };
    round(value, 2).max(if years == 0.0 { 0.0 } else { 0.01 })
}

/// Abramowitz and Stegun 26.2.17, error below 7.5e-8: ample for a price in cents.
fn normal_below(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let series =
        t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let above = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * series;
    if x < 0.0 { above } else { 1.0 - above }
}

/// Returns the yearly volatility of the closes of the last 60 days, at least 12 %.
pub(crate) fn trailing_volatility(closes: &[f64]) -> f64 {
    let recent = &closes[closes.len().saturating_sub(61)..];
    let returns: Vec<f64> = recent.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
    if returns.len() < 2 {
        return 0.25;
    }
    let squares: f64 = returns.iter().map(|one| one * one).sum();
    (squares / returns.len() as f64 * 252.0).sqrt().max(0.12)
}

/// Daily values of a fund that follows the index by `beta`, drifts, and wavers.
pub(crate) fn fund_path(index: &[f64], start: f64, beta: f64, daily_noise: f64, random: &mut Random) -> Vec<f64> {
    let mut value = start;
    let mut path = vec![round(start, 2)];
    for pair in index.windows(2) {
        let moved = beta * (pair[1] / pair[0] - 1.0) + 0.00004 + random.fat() * daily_noise;
        value *= 1.0 + moved.max(-0.2);
        path.push(round(value, 2));
    }
    path
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_textbook_call_costs_what_the_textbook_says() {
        // S = K = 100, one year, 20 %; at the 1.5 % used here the closed form gives 8.6728.
        let terms = OptionTerms {
            strike: 100.0,
            expiry: date(2023, 1, 1),
            call: true,
        };
        assert_eq!(option_price(terms, date(2022, 1, 1), 100.0, 0.2), 8.67);
    }

    #[test]
    fn a_bond_that_yields_its_coupon_trades_at_par() {
        let terms = BondTerms {
            coupon: 5.0,
            frequency: 1,
            maturity: date(2032, 3, 1),
        };
        assert!((terms.clean(date(2022, 3, 1), 5.0) - 100.0).abs() < 0.02);
        assert!((terms.clean(date(2022, 3, 1), 6.0) - 92.64).abs() < 0.02);
        assert_eq!(terms.accrued(date(2022, 3, 1)), 0.0);
    }

    #[test]
    fn a_bridge_meets_its_anchors() {
        let days = [date(2022, 1, 3), date(2022, 1, 4), date(2022, 1, 5), date(2022, 1, 6)];
        let anchors = [
            (date(2022, 1, 3), 1.0),
            (date(2022, 1, 5), 2.0),
            (date(2022, 1, 6), 3.0),
        ];
        let path = bridge(&days, &anchors, 0.1, &mut Random::named(1, "test"));
        assert_eq!((path[0], path[2], path[3]), (1.0, 2.0, 3.0));
    }
}

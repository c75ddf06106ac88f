//! As-traded prices from adjusted ones: simulated splits, dividends and a spin-off are undone from the last day back.
//!
//! The real files hold adjusted closes, and a ledger needs prices as they were quoted on the day. A seeded list of
//! corporate actions is made for each stock, and [`undo`] finds the raw closes that adjusting turns back into the file.
//! The convention is the usual one: the closes before an ex-day are multiplied by `1 - amount / close of the day before`
//! for a distribution, and by `old / new` for a split. None of these actions happened; they are labeled simulated.

use jiff::civil::Date;

use super::random::Random;
use super::series::Column;

/// A cash distribution, or the value of shares handed out in a spin-off.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Distribution {
    /// First day without it, as an index into the calendar.
    pub(crate) ex: usize,
    /// Amount for one share as traded before that day.
    pub(crate) amount: f64,
}

/// A split: `new` shares for `old`, from the day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Split {
    /// First day at the new price, as an index into the calendar.
    pub(crate) ex: usize,
    /// Shares after.
    pub(crate) new: u32,
    /// Shares before.
    pub(crate) old: u32,
}

/// What shall be undone.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Plan {
    /// Ex-days of dividends with the part of the price that each pays, ascending.
    pub(crate) dividends: Vec<(usize, f64)>,
    /// Splits, ascending.
    pub(crate) splits: Vec<Split>,
    /// The spin-off: its amount is known beforehand.
    pub(crate) spin_off: Option<Distribution>,
}

/// Prices as they were quoted, and what happened between them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AsTraded {
    /// Index of the first day in the calendar.
    pub(crate) first: usize,
    /// Raw closes.
    pub(crate) closes: Vec<f64>,
    /// Dividends, ascending.
    pub(crate) dividends: Vec<Distribution>,
    /// Splits, ascending.
    pub(crate) splits: Vec<Split>,
    /// The spin-off.
    pub(crate) spin_off: Option<Distribution>,
}

impl AsTraded {
    /// Returns the close of a day of the calendar.
    pub(crate) fn at(&self, day: usize) -> Option<f64> {
        self.closes.get(day.checked_sub(self.first)?).copied()
    }
}

/// Plans quarterly dividends of about `yearly_yield`, on a rhythm of the stock's own, far from its splits.
pub(crate) fn plan_dividends(days: &[Date], yearly_yield: f64, random: &mut Random) -> Vec<(usize, f64)> {
    let month_offset = random.below(3) as i8;
    let day_of_month = 4 + random.below(20) as i8;
    let quarterly = yearly_yield / 4.0 * random.between(0.9, 1.1);
    let mut ex_days = Vec::new();
    for pair in days.windows(2).enumerate() {
        let (index, [before, day]) = (pair.0 + 1, pair.1) else {
            continue;
        };
        let pays = (day.month() - 1 - month_offset).rem_euclid(3) == 0;
        let first_after = before.month() != day.month() || before.day() < day_of_month;
        if quarterly > 0.0 && pays && day.day() >= day_of_month && first_after {
            ex_days.push((index, quarterly));
        }
    }
    ex_days
}

/// Undoes the planned actions: finds the raw closes that adjusting turns back into `adjusted`.
///
/// Dividends are rounded to cents and stay as they are for a calendar year, as companies keep them.
pub(crate) fn undo(adjusted: &Column, days: &[Date], plan: Plan) -> AsTraded {
    let mut factor = 1.0;
    let mut closes = vec![0.0; adjusted.values.len()];
    let mut dividends = Vec::new();
    let mut kept: Option<(i16, f64)> = None;
    let mut planned = plan.dividends.iter().rev().peekable();
    for local in (0..closes.len()).rev() {
        let day = adjusted.first + local;
        closes[local] = round(adjusted.values[local] / factor, 10);
        let Some(before) = local.checked_sub(1).map(|before| adjusted.values[before] / factor) else {
            break;
        };
        let mut handed_out = 0.0;
        while let Some((ex, part)) = planned.next_if(|(ex, _)| *ex >= day) {
            let near_another = plan.splits.iter().any(|split| split.ex.abs_diff(*ex) < 10)
                || plan.spin_off.as_ref().is_some_and(|spin| spin.ex.abs_diff(*ex) < 10);
            if *ex != day || near_another {
                continue;
            }
            let year = days[day].year();
            let amount = match kept {
                Some((known, amount)) if known == year => amount,
                _ => round(before * part, if before * part < 0.1 { 3 } else { 2 }),
            };
            kept = Some((year, amount));
            if amount > 0.0 {
                dividends.push(Distribution { ex: day, amount });
                handed_out = amount;
            }
        }
        if let Some(spin) = plan.spin_off.as_ref().filter(|spin| spin.ex == day) {
            handed_out = spin.amount;
        }
        if handed_out > 0.0 {
            factor *= 1.0 - handed_out / (before + handed_out);
        }
        if let Some(split) = plan.splits.iter().find(|split| split.ex == day) {
            factor *= f64::from(split.old) / f64::from(split.new);
            kept = kept.map(|(year, amount)| (year, amount * f64::from(split.new) / f64::from(split.old)));
        }
    }
    dividends.reverse();
    AsTraded {
        first: adjusted.first,
        closes,
        dividends,
        splits: plan.splits,
        spin_off: plan.spin_off,
    }
}

/// Adjusts raw closes for everything that happened after them.
#[cfg(test)]
pub(crate) fn adjust(traded: &AsTraded) -> Vec<f64> {
    let mut factor = 1.0;
    let mut adjusted = traded.closes.clone();
    for local in (0..adjusted.len()).rev() {
        let day = traded.first + local;
        adjusted[local] = traded.closes[local] * factor;
        let Some(before) = local.checked_sub(1).map(|before| traded.closes[before]) else {
            break;
        };
        for paid in traded
            .dividends
            .iter()
            .chain(&traded.spin_off)
            .filter(|paid| paid.ex == day)
        {
            factor *= 1.0 - paid.amount / before;
        }
        for split in traded.splits.iter().filter(|split| split.ex == day) {
            factor *= f64::from(split.old) / f64::from(split.new);
        }
    }
    adjusted
}

/// Rounds to decimal places, half away from zero.
pub(crate) fn round(value: f64, places: i32) -> f64 {
    let scale = 10_f64.powi(places);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;

    use super::*;

    fn days(count: usize) -> Vec<Date> {
        (0..count)
            .map(|day| date(2020, 1, 1).checked_add((day as i64).days()).unwrap())
            .collect()
    }

    #[test]
    fn a_dividend_lifts_the_closes_before_it_by_its_amount() {
        // By hand: 99 adjusted on the day before, 1 % of it is 0.99, so the raw close was 99.99.
        let adjusted = Column {
            name: "ACME".to_owned(),
            first: 0,
            values: vec![99.0, 99.0, 101.0],
        };
        let plan = Plan {
            dividends: vec![(2, 0.01)],
            ..Plan::default()
        };
        let traded = undo(&adjusted, &days(3), plan);
        assert_eq!(traded.dividends, [Distribution { ex: 2, amount: 0.99 }]);
        assert_eq!(traded.closes[2], 101.0);
        assert!((traded.closes[1] - 99.99).abs() < 1e-9, "{}", traded.closes[1]);
    }

    #[test]
    fn a_split_multiplies_the_closes_before_it() {
        let adjusted = Column {
            name: "ACME".to_owned(),
            first: 0,
            values: vec![10.0, 11.0, 12.0],
        };
        let plan = Plan {
            splits: vec![Split { ex: 1, new: 7, old: 1 }],
            ..Plan::default()
        };
        assert_eq!(undo(&adjusted, &days(3), plan).closes, [70.0, 11.0, 12.0]);
    }
}

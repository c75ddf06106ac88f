//! Benchmarks made of others: 60% equity and 40% bonds, with a rule for rebalancing, and mixes that change over time.

use jiff::civil::Date;

use crate::error::{AnalyticsError, all_finite, same_length, whole};
use crate::rebalance::{RebalanceRule, check_dates};

/// The target weights of a composite from a day on.
#[derive(Debug, Clone, PartialEq)]
pub struct Mix {
    /// The first day whose return has these weights.
    pub from: Date,
    /// The weight of each component; they add up to 1.
    pub weights: Vec<f64>,
}

/// The returns of a benchmark made of others.
#[derive(Debug, Clone, PartialEq)]
pub struct Composite {
    /// The return of each day.
    pub returns: Vec<f64>,
    /// The weights of each component at the start of each day: one list a day.
    pub starts: Vec<Vec<f64>>,
    /// The weights after the last day, drifted since the last rebalancing.
    pub weights: Vec<f64>,
    /// The rows at whose close weights were set to their targets; the start itself is not among them.
    pub rebalanced: Vec<usize>,
}

/// Returns the blend of components at fixed target weights.
///
/// Weights stand at their targets before the first return, drift with the components, and are set back at the close of
/// the days the rule names. `components` are returns, one list each; `dates` the days of these returns, ascending.
///
/// # Errors
///
/// As [`composite`].
///
/// ```
/// use apex_analytics::{benchmark::blended, rebalance::RebalanceRule};
/// use jiff::civil::date;
///
/// let (equity, bonds) = ([0.10, 0.10], [0.0, 0.0]);
/// let dates = [date(2026, 1, 30), date(2026, 2, 2)];
/// let held = blended(&[&equity, &bonds], &[0.5, 0.5], &dates, RebalanceRule::Never).unwrap();
/// assert!((held.returns[1] - 0.055 / 1.05).abs() < 1e-15); // 55 of 105 is in equity by now.
/// let monthly = blended(&[&equity, &bonds], &[0.5, 0.5], &dates, RebalanceRule::Monthly).unwrap();
/// assert!((monthly.returns[1] - 0.05).abs() < 1e-15);
/// ```
pub fn blended(
    components: &[&[f64]],
    weights: &[f64],
    dates: &[Date],
    rule: RebalanceRule,
) -> Result<Composite, AnalyticsError> {
    let mix = Mix {
        from: dates.first().copied().unwrap_or(Date::MIN),
        weights: weights.to_vec(),
    };
    composite(components, &[mix], dates, rule)
}

/// Returns a composite whose target weights change on given days.
///
/// As [`blended`], and on the first day of a new mix its weights count at once. `mixes` ascend by day; the first one
/// starts no later than the first return.
///
/// # Errors
///
/// Refuses no component, no mix, lists of different length, values that are not finite, weights that do not add up to
/// 1, dates or mixes out of order, returns before the first mix, and a day that loses everything.
pub fn composite(
    components: &[&[f64]],
    mixes: &[Mix],
    dates: &[Date],
    rule: RebalanceRule,
) -> Result<Composite, AnalyticsError> {
    check(components, mixes, dates, rule)?;
    let mut mixes = mixes.iter().peekable();
    let mut targets: &[f64] = &[];
    let mut weights = Vec::new();
    let mut returns = Vec::with_capacity(dates.len());
    let mut starts = Vec::with_capacity(dates.len());
    let mut rebalanced = Vec::new();
    for (row, day) in dates.iter().enumerate() {
        let mut changed = false;
        while let Some(mix) = mixes.next_if(|mix| mix.from <= *day) {
            targets = &mix.weights;
            changed = true;
        }
        let due = row > 0 && (rule.ends_on(dates[row - 1], *day) || rule.is_left_by(&weights, targets));
        if changed || due {
            targets.clone_into(&mut weights);
            rebalanced.extend(row.checked_sub(1));
        }
        starts.push(weights.clone());
        let value: f64 = weights
            .iter()
            .zip(components)
            .map(|(weight, own)| weight * own[row])
            .sum();
        if value <= -1.0 {
            return Err(AnalyticsError::TotalLoss {
                what: "return of the composite",
                index: row,
                value,
            });
        }
        for (weight, own) in weights.iter_mut().zip(components) {
            *weight *= (1.0 + own[row]) / (1.0 + value);
        }
        returns.push(value);
    }
    all_finite("return of the composite", &returns)?;
    all_finite("weight", &weights)?;
    Ok(Composite {
        returns,
        starts,
        weights,
        rebalanced,
    })
}

fn check(components: &[&[f64]], mixes: &[Mix], dates: &[Date], rule: RebalanceRule) -> Result<(), AnalyticsError> {
    if components.is_empty() {
        return Err(AnalyticsError::Empty {
            what: "list of components",
        });
    }
    for returns in components {
        same_length("list of returns", dates.len(), returns.len())?;
        all_finite("return", returns)?;
    }
    check_dates(dates)?;
    rule.check()?;
    for (index, mix) in mixes.iter().enumerate() {
        same_length("list of weights", components.len(), mix.weights.len())?;
        all_finite("weight", &mix.weights)?;
        whole("sum of the weights", &mix.weights)?;
        if index > 0 && mixes[index - 1].from >= mix.from {
            return Err(AnalyticsError::Order { what: "mix", index });
        }
    }
    match (mixes.first(), dates.first()) {
        (None, _) => Err(AnalyticsError::Empty { what: "list of mixes" }),
        (Some(mix), Some(day)) if mix.from > *day => Err(AnalyticsError::Order { what: "mix", index: 0 }),
        _ => Ok(()),
    }
}

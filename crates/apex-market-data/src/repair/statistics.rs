//! What detectors measure with: order statistics that a few faults cannot move, and a density with heavy tails.

/// Returns the median; `None` of nothing.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    quantile(&sorted(values), 0.5)
}

/// Returns the standard deviation of what lies within 1.5 interquartile ranges of the quartiles (Tukey's fences), at least
/// `floor`: faults and events lie outside and do not count. `floor` too for fewer than four values.
pub(crate) fn scatter(values: impl IntoIterator<Item = f64>, floor: f64) -> f64 {
    let sorted = sorted(values);
    if sorted.len() < 4 {
        return floor;
    }
    let (Some(low), Some(high)) = (quantile(&sorted, 0.25), quantile(&sorted, 0.75)) else {
        return floor;
    };
    let fence = 1.5 * (high - low);
    let kept: Vec<f64> = sorted
        .into_iter()
        .filter(|value| *value >= low - fence && *value <= high + fence)
        .collect();
    let count = kept.len() as f64;
    let mean = kept.iter().sum::<f64>() / count;
    let squares: f64 = kept.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (count - 1.0).max(1.0)).sqrt().max(floor)
}

/// Returns how surprising a deviation of `deviations` standard deviations is: the negative log density of Student's t with
/// four degrees of freedom, zero at the center. Daily returns have about such tails, so that a crash is no proof of a fault.
pub(crate) fn surprise(deviations: f64) -> f64 {
    2.5 * (deviations * deviations / 4.0).ln_1p()
}

/// Returns the share of each cost's likelihood among all: the posterior of explanations whose costs are negative logs.
pub(crate) fn shares(costs: &[f64]) -> Vec<f64> {
    let least = costs.iter().copied().fold(f64::INFINITY, f64::min);
    let weights: Vec<f64> = costs.iter().map(|cost| (least - cost).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// Returns the confidence that evidence, in natural logs of odds, amounts to.
pub(crate) fn confidence(evidence: f64) -> f64 {
    1.0 / (1.0 + (-evidence).exp())
}

/// Returns whether two positive numbers agree to a share of the larger.
pub(crate) fn agree(one: f64, other: f64, tolerance: f64) -> bool {
    (one - other).abs() <= tolerance * one.abs().max(other.abs())
}

fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The quantile by linear interpolation between the two nearest values.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * (sorted.len().checked_sub(1)?) as f64;
    let below = sorted.get(place.floor() as usize)?;
    let above = sorted.get(place.ceil() as usize)?;
    Some(below + (above - below) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wild_value_does_not_move_the_scatter() {
        // 1..=5 has a standard deviation of sqrt(2.5); 100 lies outside its fences.
        let calm = scatter([1.0, 2.0, 3.0, 4.0, 5.0], 0.0);
        assert!((calm - 2.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(scatter([1.0, 2.0, 3.0, 4.0, 5.0, 100.0], 0.0), calm);
        assert_eq!(scatter([1.0, 2.0], 0.01), 0.01);
    }

    #[test]
    fn shares_add_to_one_and_follow_the_costs() {
        let shares = shares(&[0.0, 1.0]);
        assert!((shares[0] - 1.0 / (1.0 + (-1.0_f64).exp())).abs() < 1e-12);
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}

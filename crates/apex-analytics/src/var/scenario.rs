//! Past returns as scenarios: equally probable, or less probable the older they are.

use crate::quantile::{QuantilePosition, QuantileRule, interpolate, key, quantile_position, snap};
use crate::var::{Book, Figures, HorizonRule, VarSettings};

/// Returns how many days a scenario has, and what its figure is scaled by.
fn length_and_scale(settings: &VarSettings) -> (usize, f64) {
    match settings.horizon_rule {
        HorizonRule::Overlap => (settings.horizon, 1.0),
        HorizonRule::Sqrt => (1, (settings.horizon as f64).sqrt()),
    }
}

/// Reads VaR and ES from equally probable scenarios.
pub(super) fn historical(book: &Book<'_>, settings: &VarSettings) -> Option<Figures> {
    let (length, scale) = length_and_scale(settings);
    let days = book.portfolio.len();
    let mut scenarios: Vec<(i64, usize)> = (length - 1..days)
        .map(|day| (key(book.window_return(day, length)), day))
        .collect();
    let count = scenarios.len();
    let probability = 1.0 - settings.level;
    let position = quantile_position(count, probability, settings.quantile)?;
    // Only the tail is put in order; ties by day, so that the answer never depends on chance.
    let deep = (position.upper + 1)
        .max((count as f64 * probability).ceil() as usize + 1)
        .min(count - 1);
    scenarios.select_nth_unstable(deep).0.sort_unstable();
    let value = |rank: usize| book.window_return(scenarios[rank].1, length);
    let quantile = interpolate(value(position.lower), value(position.upper), position.weight_upper);

    let tail: Vec<(usize, f64)> = match settings.quantile {
        QuantileRule::OrderStatistic => fractional_tail(count, probability)
            .into_iter()
            .map(|(rank, share)| (scenarios[rank].1, share))
            .collect(),
        QuantileRule::Linear | QuantileRule::Lower => {
            let limit = key(quantile);
            let mut days: Vec<(i64, usize)> = scenarios.iter().copied().filter(|(key, _)| *key <= limit).collect();
            days.sort_unstable();
            let share = 1.0 / days.len() as f64;
            days.into_iter().map(|(_, day)| (day, share)).collect()
        }
    };
    let QuantilePosition {
        lower,
        upper,
        weight_upper,
    } = position;
    let read = [
        (scenarios[lower].1, 1.0 - weight_upper),
        (scenarios[upper].1, weight_upper),
    ];
    figures(book, length, scale, quantile, &read, tail)
}

/// Reads VaR and ES from scenarios whose probability falls by `decay` a day; today's is the largest.
///
/// VaR is the order statistic: the loss of the first scenario, from the worst, at which the probabilities reach that of
/// the tail. ES takes as much of that scenario as fills the tail.
pub(super) fn age_weighted(book: &Book<'_>, settings: &VarSettings) -> Option<Figures> {
    let (length, scale) = length_and_scale(settings);
    let days = book.portfolio.len();
    let mut scenarios: Vec<(i64, usize)> = (length - 1..days)
        .map(|day| (key(book.window_return(day, length)), day))
        .collect();
    scenarios.sort_unstable();
    let weight = |day: usize| settings.decay.powf((days - 1 - day) as f64);
    let total: f64 = scenarios.iter().map(|(_, day)| weight(*day)).sum();
    let probability = 1.0 - settings.level;
    let mut tail = Vec::new();
    let mut filled = 0.0;
    for (_, day) in &scenarios {
        let own = weight(*day) / total;
        // A sum that misses the tail by rounding only has reached it.
        if filled + own >= probability - 1e-12 {
            tail.push((*day, (probability - filled).max(0.0) / probability));
            break;
        }
        tail.push((*day, own / probability));
        filled += own;
    }
    let last = tail.last()?.0;
    let quantile = book.window_return(last, length);
    figures(book, length, scale, quantile, &[(last, 1.0)], tail)
}

/// Takes the figures from the quantile, the scenarios it is read from, and those of the tail with their shares.
fn figures(
    book: &Book<'_>,
    length: usize,
    scale: f64,
    quantile: f64,
    read: &[(usize, f64)],
    tail: Vec<(usize, f64)>,
) -> Option<Figures> {
    let assets = book.weights.len();
    let (mut marginal_var, mut marginal_es) = (vec![0.0; assets], vec![0.0; assets]);
    for (day, share) in read.iter().filter(|(_, share)| *share > 0.0) {
        book.add_parts(*day, length, -scale * share, &mut marginal_var);
    }
    let mut shortfall = 0.0;
    for (day, share) in &tail {
        shortfall -= share * book.window_return(*day, length);
        book.add_parts(*day, length, -scale * share, &mut marginal_es);
    }
    Figures {
        var: 0.0 - quantile * scale,
        es: shortfall * scale,
        marginal_var,
        marginal_es,
        tail: tail.into_iter().map(|(day, _)| day).collect(),
        degrees_of_freedom: None,
    }
    .finite()
}

/// Returns the ranks of the fractional tail with their shares, worst first.
pub(super) fn fractional_tail(count: usize, probability: f64) -> Vec<(usize, f64)> {
    let size = snap(count as f64 * probability);
    let whole = size.floor() as usize;
    let mut tail: Vec<(usize, f64)> = (0..whole).map(|rank| (rank, 1.0 / size)).collect();
    if size > size.floor() {
        tail.push((whole, (size - size.floor()) / size));
    }
    tail
}

//! How long a book takes to sell: positions against the volume that trades.

use serde::{Deserialize, Serialize};

use crate::error::{AnalyticsError, all_finite, ratio, same_length};

/// The liquidity of a book at one participation rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Liquidity {
    /// The share of a day's volume that is taken.
    pub participation: f64,
    /// The days each position takes; `None` for one of which nothing trades.
    pub days: Vec<Option<f64>>,
    /// The days until all is sold; `None` where something never is.
    pub days_all: Option<f64>,
    /// Days, and the share of the book's gross value that is sold by then.
    pub sold: Vec<(f64, Option<f64>)>,
}

/// Returns the days to liquidate positions, and the share of the book sold within each of `horizons` days.
///
/// `days[i] = |quantity[i]| / (participation * volume[i])`, every position sold side by side at a constant rate;
/// `volume` is the average of a day, in the units of `quantity`, and `values` are the positions in money. By day N the
/// share `min(1, N / days[i])` of a position is sold. An empty position takes no time.
///
/// # Errors
///
/// Refuses lists of different length, values that are not finite, a volume below zero, and a participation outside
/// (0, 1].
///
/// ```
/// // 1,000 shares at a fifth of 1,000 a day take five days; two days sell 40% of them.
/// let book = apex_analytics::liquidity::liquidity(&[1000.0], &[1000.0], &[5e4], 0.2, &[2.0]).unwrap();
/// assert_eq!((book.days[0], book.sold[0]), (Some(5.0), (2.0, Some(0.4))));
/// ```
pub fn liquidity(
    quantities: &[f64],
    volumes: &[f64],
    values: &[f64],
    participation: f64,
    horizons: &[f64],
) -> Result<Liquidity, AnalyticsError> {
    same_length("list of volumes", quantities.len(), volumes.len())?;
    same_length("list of values", quantities.len(), values.len())?;
    for (what, list) in [
        ("quantity", quantities),
        ("volume", volumes),
        ("value", values),
        ("horizon", horizons),
    ] {
        all_finite(what, list)?;
    }
    if let Some(volume) = volumes.iter().find(|volume| **volume < 0.0) {
        return Err(AnalyticsError::Parameter {
            what: "volume",
            expected: "zero or above",
            value: *volume,
        });
    }
    if !(participation > 0.0 && participation <= 1.0) {
        return Err(AnalyticsError::Parameter {
            what: "participation",
            expected: "above 0 and at most 1",
            value: participation,
        });
    }
    let days: Vec<Option<f64>> = quantities
        .iter()
        .zip(volumes)
        .map(|(quantity, volume)| match *quantity == 0.0 {
            true => Some(0.0),
            false => ratio(quantity.abs(), participation * volume),
        })
        .collect();
    let gross: f64 = values.iter().map(|value| value.abs()).sum();
    let sold_by = |horizon: f64| {
        let parts = days.iter().zip(values).map(|(days, value)| {
            let share = match days {
                Some(days) if *days <= horizon => 1.0,
                Some(days) => horizon.max(0.0) / days,
                None => 0.0,
            };
            share * value.abs()
        });
        ratio(parts.sum(), gross)
    };
    Ok(Liquidity {
        participation,
        days_all: days
            .iter()
            .copied()
            .try_fold(0.0_f64, |longest, days| Some(longest.max(days?))),
        sold: horizons.iter().map(|horizon| (*horizon, sold_by(*horizon))).collect(),
        days,
    })
}

//! Fewer candles, same prices: neighbors are drawn as one where they are narrower than a candle can be.

use apex_wire::chart::CandleData;

/// One candle as it is drawn: itself, or several of which it is the sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candle {
    /// The middle of the stretch it stands for.
    pub(crate) at: f64,
    pub(crate) open: f64,
    pub(crate) high: f64,
    pub(crate) low: f64,
    pub(crate) close: f64,
    /// Shares, where any are known.
    pub(crate) volume: Option<f64>,
}

impl Candle {
    /// Returns whether the price did not fall.
    pub(crate) fn rose(&self) -> bool {
        self.close >= self.open
    }

    fn take(&mut self, later: Self) {
        self.high = self.high.max(later.high);
        self.low = self.low.min(later.low);
        self.close = later.close;
        self.volume = match (self.volume, later.volume) {
            (Some(volume), Some(more)) => Some(volume + more),
            (volume, more) => volume.or(more),
        };
    }
}

/// Returns the usual distance of two candles: the smaller of the middle two of all distances in order.
pub(crate) fn spacing(data: &CandleData) -> f64 {
    let mut distances: Vec<f64> = data
        .at
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .filter(|distance| *distance > 0.0 && distance.is_finite())
        .collect();
    if distances.is_empty() {
        return 1.0;
    }
    let middle = (distances.len() - 1) / 2;
    *distances.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Returns the candles within `view`, merged into stretches of `width` where that is wider than `spacing`.
///
/// A merged candle opens as its first, closes as its last, reaches as far as any and has the volume of all. Stretches
/// are counted from zero and not from the view, so that a chart that is moved does not flicker.
pub(crate) fn merged(data: &CandleData, view: (f64, f64), spacing: f64, width: f64) -> Vec<Candle> {
    let start = data.at.partition_point(|at| *at < view.0 - spacing);
    let end = data.at.partition_point(|at| *at <= view.1 + spacing);
    let single = |index: usize| {
        let [open, high, low, close] = data.candle(index)?;
        Some(Candle {
            at: data.at[index],
            open,
            high,
            low,
            close,
            volume: data
                .volume
                .get(index)
                .copied()
                .flatten()
                .filter(|volume| volume.is_finite()),
        })
    };
    let known = (start..end).filter_map(single);
    if width <= spacing {
        return known.collect();
    }
    let width = (width / spacing).ceil() * spacing;
    let mut candles: Vec<(f64, Candle)> = Vec::new();
    for candle in known {
        let stretch = (candle.at / width).floor();
        match candles.last_mut() {
            Some((open, merged)) if *open == stretch => merged.take(candle),
            _ => candles.push((
                stretch,
                Candle {
                    at: (stretch + 0.5) * width,
                    ..candle
                },
            )),
        }
    }
    candles.into_iter().map(|(_, candle)| candle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use apex_wire::chart::{Axis, Unit};

    /// Candles by hand: position, open, high, low, close, volume.
    fn data(rows: &[(f64, [f64; 4], Option<f64>)]) -> CandleData {
        let column = |place: usize| rows.iter().map(|row| Some(row.1[place])).collect();
        CandleData {
            title: "ACME".into(),
            x: Axis::date(),
            y: Axis::new("Price", Unit::Number { decimals: 2 }),
            at: rows.iter().map(|row| row.0).collect(),
            open: column(0),
            high: column(1),
            low: column(2),
            close: column(3),
            volume: rows.iter().map(|row| row.2).collect(),
            lines: vec![],
            marks: vec![],
        }
    }

    #[test]
    fn a_merged_candle_keeps_the_first_open_the_last_close_both_extremes_and_all_shares() {
        let data = data(&[
            (0.0, [10.0, 12.0, 9.0, 11.0], Some(100.0)),
            (1.0, [11.0, 15.0, 11.0, 14.0], None),
            (2.0, [14.0, 14.0, 7.0, 8.0], Some(50.0)),
            (3.0, [8.0, 9.0, 8.0, 9.0], Some(1.0)),
        ]);
        let merged = merged(&data, (0.0, 3.0), 1.0, 2.6);
        assert_eq!(
            merged,
            [
                Candle {
                    at: 1.5,
                    open: 10.0,
                    high: 15.0,
                    low: 7.0,
                    close: 8.0,
                    volume: Some(150.0)
                },
                Candle {
                    at: 4.5,
                    open: 8.0,
                    high: 9.0,
                    low: 8.0,
                    close: 9.0,
                    volume: Some(1.0)
                },
            ]
        );
    }

    #[test]
    fn stretches_stay_where_they_are_when_the_view_moves() {
        let rows: Vec<_> = (0..100)
            .map(|at| (f64::from(at), [1.0, 2.0, 0.5, 1.5], Some(1.0)))
            .collect();
        let data = data(&rows);
        let whole = merged(&data, (0.0, 99.0), 1.0, 10.0);
        let part = merged(&data, (33.0, 77.0), 1.0, 10.0);
        assert_eq!(whole.len(), 10);
        assert!(part[1..part.len() - 1].iter().all(|candle| whole.contains(candle)));
    }

    #[test]
    fn a_candle_without_all_four_prices_is_a_gap() {
        let mut data = data(&[
            (0.0, [10.0, 12.0, 9.0, 11.0], None),
            (1.0, [11.0, 15.0, 11.0, 14.0], None),
            (4.0, [14.0, 14.0, 7.0, 8.0], None),
        ]);
        data.high[1] = None;
        assert_eq!(merged(&data, (0.0, 4.0), 1.0, 0.5).len(), 2);
        // Distances 1 and 3: the smaller of the middle two.
        assert_eq!(spacing(&data), 1.0);
    }
}

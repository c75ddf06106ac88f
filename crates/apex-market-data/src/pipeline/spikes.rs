//! A price that leaves its neighbors by far and is back the next day.
//!
//! A source may write another instrument's price, or a dividend, as a day's close. Where the close itself does so nothing
//! tells what it was, and the day is left out; a high or low that reaches far beyond open and close is cut to them. A day
//! that another source has too is no spike.

use apex_domain::Date;

use super::Figures;
use super::source::ExaminedDay;
use crate::repair::statistics::scatter;
use crate::repair::units::SCATTER_MIN;

/// Standard deviations of a day's change that a spike leaves its neighbors by, and the least: a quarter.
const DEVIATIONS: f64 = 10.0;
const LEAST: f64 = 0.25;
/// A spike to twice or half the price and back is sure; less may be a day of panic.
const GROSS: f64 = std::f64::consts::LN_2;
/// How much of the step may be left once the price is back.
const LEFT: f64 = 0.25;
/// A last day three times as high or low, which nothing has yet followed.
const LAST: f64 = 1.0986;
/// How sure a spike is by its kind.
const SURE: f64 = 0.95;
const LIKELY: f64 = 0.7;

/// What is wrong with a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spike {
    /// The place of the day.
    pub(super) row: usize,
    /// The figures without the spike; none where the close is one.
    pub(super) after: Figures,
    pub(super) confidence: f64,
    pub(super) reason: &'static str,
}

/// Finds spikes among days that are in order. `level` is a day's factor: what prices are divided by for later splits.
pub(super) fn spikes(
    days: &[ExaminedDay],
    level: impl Fn(Date) -> f64,
    is_said: impl Fn(Date, f64) -> bool,
) -> Vec<Spike> {
    let closes: Vec<(usize, f64)> = days
        .iter()
        .enumerate()
        .filter(|(_, day)| !day.doubtful)
        .filter_map(|(row, day)| Some((row, (super::source::price(day.figures.close)? / level(day.date)).ln())))
        .collect();
    let scatter = scatter(closes.windows(2).map(|pair| pair[1].1 - pair[0].1), SCATTER_MIN);
    let far = LEAST.max(DEVIATIONS * scatter);
    let mut found = Vec::new();
    for (place, (row, close)) in closes.iter().enumerate() {
        let day = &days[*row];
        if day.decided {
            continue;
        }
        let before = place
            .checked_sub(1)
            .and_then(|place| closes.get(place))
            .map(|(_, close)| *close);
        let after = closes.get(place + 1).map(|(_, close)| *close);
        let spiked = match (before, after) {
            (Some(before), Some(after)) => {
                let (up, back) = (close - before, close - after);
                let is = up * back > 0.0
                    && up.abs().min(back.abs()) >= far
                    && (after - before).abs() <= LEFT * up.abs().min(back.abs());
                is.then(|| match up.abs().min(back.abs()) >= GROSS.max(far) {
                    true => (
                        SURE,
                        "the close is far from the days before and after, which agree with each other",
                    ),
                    false => (
                        LIKELY,
                        "the close leaves the day before by far and is back the next day",
                    ),
                })
            }
            (Some(before), None) if (close - before).abs() >= LAST.max(2.0 * far) => Some((
                LIKELY,
                "the last close is far from the day before, and nothing has followed it yet",
            )),
            _ => None,
        };
        if let Some((confidence, reason)) = spiked {
            if super::source::price(day.figures.close).is_none_or(|close| !is_said(day.date, close)) {
                found.push(Spike {
                    row: *row,
                    after: Figures::default(),
                    confidence,
                    reason,
                });
            }
        } else if let Some(after) = cut(&day.figures, GROSS.max(far)) {
            found.push(Spike {
                row: *row,
                after,
                confidence: SURE,
                reason: "high or low reach far beyond open and close",
            });
        }
    }
    found
}

/// Cuts a high or low that reaches far beyond open and close.
fn cut(figures: &Figures, far: f64) -> Option<Figures> {
    let open = figures.open.or(figures.close)?;
    let close = figures.close?;
    let reach = |one: Option<f64>, other: Option<f64>| Some((one? / other?).ln());
    let number = super::source::price;
    let mut cut = *figures;
    if reach(number(figures.high), number(Some(open.max(close)))).is_some_and(|reach| reach >= far) {
        cut.high = Some(open.max(close));
    }
    if reach(number(Some(open.min(close))), number(figures.low)).is_some_and(|reach| reach >= far) {
        cut.low = Some(open.min(close));
    }
    (cut != *figures).then_some(cut)
}

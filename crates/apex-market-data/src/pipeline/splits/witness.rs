//! Prices as traded, which bear witness to splits.

use apex_domain::{Date, Decimal, Ratio};
use rust_decimal::prelude::ToPrimitive;

use super::super::run::Source;
use super::{PRICES_MAX, SAME_DAYS};
use crate::record::Provider;
use crate::repair::statistics::{scatter, surprise};
use crate::repair::units::SCATTER_MIN;

/// A source of prices as traded: what they moved by each day.
pub(super) struct Witness {
    pub(super) provider: Provider,
    /// Days with a close, the close before, and the middle of open and close.
    pub(super) days: Vec<(Date, f64, f64)>,
    pub(super) scatter: f64,
}

impl Witness {
    pub(super) fn of(source: &Source) -> Option<Self> {
        // Split-adjusted prices are taken back by the source's own list, and so would bear witness to themselves.
        if source.provider.is_split_adjusted() {
            return None;
        }
        let mut days = Vec::with_capacity(source.bars.len());
        let mut before: Option<f64> = None;
        for (date, figures) in &source.bars {
            let number = |price: Option<Decimal>| price.and_then(|price| price.to_f64()).filter(|price| *price > 0.0);
            let Some(close) = number(figures.close) else { continue };
            if let Some(before) = before {
                let middle = number(figures.open).map_or(close, |open| f64::midpoint(open, close));
                days.push((*date, before, middle));
            }
            before = Some(close);
        }
        let scatter = scatter(
            days.iter().map(|(_, before, middle)| (middle / before).ln()),
            SCATTER_MIN,
        );
        Some(Self {
            provider: source.provider,
            days,
            scatter,
        })
    }

    /// Returns by how much a split is likelier than none; `None` where there is no bar on its day or soon after.
    pub(super) fn evidence(&self, date: Date, ratio: f64) -> Option<f64> {
        let at = self.days.partition_point(|(day, ..)| *day < date);
        let (day, before, middle) = self.days.get(at)?;
        if (*day - date).get_days() > SAME_DAYS + 1 {
            return None;
        }
        let change = (middle / before).ln();
        let unusual = |change: f64| surprise(change / self.scatter);
        Some(unusual(change) - unusual(change + ratio.ln()))
    }
}

/// The strongest evidence of all witnesses: one that shows the step is proof, one that does not may be adjusted already.
pub(super) fn evidence(witnesses: &[Witness], date: Date, ratio: Ratio) -> f64 {
    let each = witnesses
        .iter()
        .filter_map(|witness| witness.evidence(date, number(ratio)));
    each.max_by(f64::total_cmp)
        .map_or(0.0, |most| most.clamp(-PRICES_MAX, PRICES_MAX))
}

/// Returns new shares for one old one.
pub(super) fn number(ratio: Ratio) -> f64 {
    f64::from(ratio.numerator()) / f64::from(ratio.denominator())
}

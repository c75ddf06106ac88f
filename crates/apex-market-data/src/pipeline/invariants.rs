//! What no trades can make: a high below, or a low above, another price of its day.
//!
//! Which of the prices is wrong the day alone does not tell. Where they are off by little, high and low are widened, which
//! leaves the close as it is; where by more, the day waits.

use apex_domain::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::Figures;
use super::publish::ROUNDING;

/// How sure widening is where the prices are off by less than [`LITTLE`], and where by more.
pub(super) const SLIGHT: f64 = 0.95;
pub(super) const GROSS: f64 = 0.5;
/// A share of the price below which a high or low may be off and still tell little wrong: one percent.
const LITTLE: f64 = 0.01;

/// Returns the figures with high and low widened to enclose the day's prices, and how sure that is; `None` where they do.
pub(super) fn widened(figures: &Figures) -> Option<(Figures, f64)> {
    let prices = [figures.open, figures.high, figures.low, figures.close];
    let prices = || prices.into_iter().flatten();
    // A price of zero or less is no price, and another stage's.
    if prices().any(|price| price <= Decimal::ZERO) {
        return None;
    }
    let (most, least) = (prices().max()?, prices().min()?);
    let room = most.checked_mul(ROUNDING)?;
    let over = figures.high.map_or(Decimal::ZERO, |high| most - high);
    let under = figures.low.map_or(Decimal::ZERO, |low| low - least);
    if over <= room && under <= room {
        return None;
    }
    let share = over.max(under).checked_div(most).and_then(|share| share.to_f64())?;
    let widened = Figures {
        high: figures.high.map(|_| most),
        low: figures.low.map(|_| least),
        ..*figures
    };
    Some((widened, if share < LITTLE { SLIGHT } else { GROSS }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn high_and_low_enclose_the_day_and_a_gross_fault_is_not_sure() {
        let day = |high: i64, low: i64| Figures {
            open: Some(Decimal::new(100_00, 2)),
            high: Some(Decimal::new(high, 2)),
            low: Some(Decimal::new(low, 2)),
            close: Some(Decimal::new(101_00, 2)),
            volume: None,
        };
        assert_eq!(widened(&day(101_00, 100_00)), None);
        assert_eq!(widened(&day(100_50, 100_00)), Some((day(101_00, 100_00), SLIGHT)));
        assert_eq!(widened(&day(101_00, 120_00)), Some((day(120_00, 100_00), GROSS)));
    }
}

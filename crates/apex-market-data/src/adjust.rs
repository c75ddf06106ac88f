//! Closes adjusted for what was paid out, and back.
//!
//! The factor of a bar is the product of `1 - amount / close before` over all later payments, as data vendors and the
//! Center for Research in Security Prices take it. The last bar's factor is one.

use crate::series::{Field, Series};

/// Returns the factor of every bar; `None` where the bar has no close, or a payment took all of one.
pub fn factors(series: &Series) -> Vec<Option<f64>> {
    let mut factors = vec![None; series.len()];
    let mut factor = Some(1.0);
    // What was paid since the close that is looked for.
    let mut paid: Vec<f64> = Vec::new();
    for row in (0..series.len()).rev() {
        if let Some(close) = series.price(row, Field::Close) {
            for amount in paid.drain(..) {
                factor = factor
                    .map(|factor| factor * (1.0 - amount / close))
                    .filter(|factor| *factor > 0.0);
            }
            factors[row] = factor;
        }
        let amount = series.event(row, Field::Dividends);
        if amount != 0.0 {
            paid.push(amount);
        }
    }
    factors
}

/// Returns the adjusted closes.
pub fn adjusted(series: &Series) -> Vec<Option<f64>> {
    let factors = factors(series).into_iter().enumerate();
    factors
        .map(|(row, factor)| Some(series.price(row, Field::Close)? * factor?))
        .collect()
}

/// Returns the closes that `adjusted` ones were made from by the factors of the series.
pub fn unadjusted(series: &Series, adjusted: &[Option<f64>]) -> Vec<Option<f64>> {
    let pairs = factors(series).into_iter().zip(adjusted);
    pairs.map(|(factor, adjusted)| Some((*adjusted)? / factor?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::PriceFile;

    #[test]
    fn a_dividend_lowers_every_earlier_close_by_its_share_of_the_close_before() {
        let text = "Date,Close,Dividends\n2026-01-05,100,0\n2026-01-06,,0\n2026-01-07,90,10\n2026-01-08,80,9\n";
        let (_, series) = PriceFile::read("x", text, None).unwrap();
        // 1 - 9/90 = 0.9, and before that 0.9 x (1 - 10/100) = 0.81; the day without a close has no factor.
        let factors = factors(&series);
        assert!((factors[0].unwrap() - 0.81).abs() < 1e-12 && (factors[2].unwrap() - 0.9).abs() < 1e-12);
        assert_eq!((factors[1], factors[3]), (None, Some(1.0)));
    }
}

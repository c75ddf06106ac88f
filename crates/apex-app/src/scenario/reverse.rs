//! Reverse stress on the book of a day.

use apex_analytics::scenario::reverse::linear_reverse_stress;
use apex_analytics::series::correlation::covariance_matrix;
use apex_wire::Figure;
use apex_wire::scenario::{GetReverseStress, ReverseMove, ReverseStress};

use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::risk::{RiskBook, of_nav};

/// Returns the most plausible move of the holdings, each held constant, that loses a share of the book.
pub(super) fn reverse_stress(fold: &PortfolioFold, ask: &GetReverseStress) -> Result<ReverseStress> {
    if !(ask.loss > 0.0 && ask.loss <= 1.0) {
        return Err(AppError::field(
            "loss",
            format!("a loss of {} is not a share of the book above 0 and up to 1", ask.loss),
        ));
    }
    if ask.window < super::WINDOW_MIN {
        return Err(AppError::field(
            "window",
            format!("a window of {} is too short", ask.window),
        ));
    }
    if ask.horizon == 0 {
        return Err(AppError::field("horizon", "a horizon of 0 days is no time to lose in"));
    }
    let book = RiskBook::of(fold, ask.window);
    let nothing = |because: String, left_out: Vec<String>| ReverseStress {
        loss: of_nav(fold, ask.loss),
        distance: Figure::Unavailable(because),
        moves: Vec::new(),
        left_out,
    };
    if let Some(because) = book.because() {
        return Ok(nothing(because, book.left_out));
    }
    let horizon = f64::from(ask.horizon);
    let covariance: Vec<f64> = covariance_matrix(&book.columns())?
        .values()
        .iter()
        .map(|value| value.unwrap_or(0.0) * horizon)
        .collect();
    let weights = book.weights();
    let Some(found) = linear_reverse_stress(&covariance, &weights, ask.loss)? else {
        return Ok(nothing(
            "what is held never moved in the window".to_owned(),
            book.left_out,
        ));
    };
    let mut moves: Vec<ReverseMove> = book
        .positions
        .iter()
        .zip(weights.iter().zip(&found.moves))
        .map(|(position, (weight, change))| ReverseMove {
            symbol: position.symbol.clone(),
            change: *change,
            part: weight * change,
            amount: of_nav(fold, weight * change),
        })
        .collect();
    moves.sort_by(|left, right| {
        left.part
            .total_cmp(&right.part)
            .then_with(|| left.symbol.cmp(&right.symbol))
    });
    Ok(ReverseStress {
        loss: of_nav(fold, ask.loss),
        distance: Figure::Known(found.distance),
        moves,
        left_out: book.left_out,
    })
}

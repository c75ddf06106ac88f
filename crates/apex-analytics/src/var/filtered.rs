//! Past returns in today's volatility: filtered historical simulation.
//!
//! The book's return of each day is divided by the volatility the model had for that day and multiplied by its forecast
//! for tomorrow (Hull and White, 1998; Barone-Adesi, Giannopoulos and Vosper, 1999). Every asset's return of a day
//! takes the same factor, so that the parts add up to the book. With the sample mean, returns are scaled about it.

use crate::error::AnalyticsError;
use crate::garch::{GarchMean, Variances, backcast, garch, variances};
use crate::returns::weighted_daily;
use crate::var::{Book, Figures, MeanRule, VarSettings, VolatilityModel, scenario};

/// The decay of RiskMetrics (1996).
const DECAY: f64 = 0.94;

/// Reads VaR and ES from the scaled returns.
pub(super) fn filtered(book: &Book<'_>, settings: &VarSettings) -> Result<Option<Figures>, AnalyticsError> {
    let mean_of = |column: &[f64]| match settings.mean {
        MeanRule::Sample => column.iter().sum::<f64>() / column.len() as f64,
        MeanRule::Zero => 0.0,
    };
    let center = mean_of(&book.portfolio);
    let residuals: Vec<f64> = book.portfolio.iter().map(|value| value - center).collect();
    let Variances { each, next } = match settings.volatility {
        VolatilityModel::Ewma => variances(&residuals, 0.0, 1.0 - DECAY, DECAY, backcast(&residuals)),
        VolatilityModel::Garch => {
            let model = garch(&residuals, GarchMean::Zero)?;
            Variances {
                each: model.variances,
                next: model.next,
            }
        }
    };
    if each.iter().any(|variance| *variance <= 0.0) {
        return Err(AnalyticsError::Degenerate {
            what: "return series",
            reason: "never moves, so that it has no volatility to be measured in",
        });
    }
    let factors: Vec<f64> = each.iter().map(|variance| (next / variance).sqrt()).collect();
    let scaled: Vec<Vec<f64>> = book
        .columns
        .iter()
        .map(|column| {
            let mean = mean_of(column);
            let scaled = column.iter().zip(&factors);
            scaled.map(|(value, factor)| mean + (value - mean) * factor).collect()
        })
        .collect();
    let columns: Vec<&[f64]> = scaled.iter().map(Vec::as_slice).collect();
    let today = Book {
        weights: book.weights,
        portfolio: weighted_daily(book.weights, &columns)?,
        columns,
    };
    Ok(scenario::historical(&today, settings))
}

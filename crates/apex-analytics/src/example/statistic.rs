//! Worked examples of the statistics of a return series.

use super::{WorkedExample, example, source};
use crate::measure::{drawdown, ewma, gains, growth, relative, shape, sharpe, sortino, tail, volatility};
use crate::quantile::QuantileRule;
use crate::series::rolling::rolling;
use crate::tear_sheet::tear_sheet;

/// Returns the examples.
pub(super) fn examples() -> Vec<WorkedExample> {
    let pair = [0.02, 0.0];
    let year = [0.001; 252];
    let path = [0.10, -0.20, 0.05];
    let fall = drawdown::max_drawdown(&[0.10, -0.20, 0.30]);
    // -5.0% to 5.0% in steps of a tenth of a percent.
    let ladder: Vec<f64> = (1..=101).map(|day| f64::from(day - 51) / 1000.0).collect();
    let ten = [-0.05, -0.03, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.01];
    let sheet = tear_sheet(&path, None).ok();
    let root_year = 252_f64.sqrt();
    let window = rolling(&[0.01, 0.03, 0.02], Some(&[0.01, 0.02, 0.03]), 2).ok();
    let rolled = |pick: fn(&crate::series::rolling::Rolling) -> Option<f64>| window.as_ref().and_then(pick);
    vec![
        example(
            "Total return of +10%, -20%, +5%",
            source::HAND,
            -0.076,
            growth::total_return(&path),
            1e-15,
        ),
        example(
            "The same from the tear sheet",
            source::HAND,
            -0.076,
            sheet.and_then(|sheet| sheet.total_return),
            1e-15,
        ),
        example(
            "Growth rate of 252 days of 0.1%",
            source::HAND,
            0.286_434_044_376,
            growth::cagr(&year),
            1e-12,
        ),
        example(
            "Volatility of +2% and 0%",
            source::HAND,
            0.02 / 2_f64.sqrt(),
            volatility::deviation(&pair),
            1e-16,
        ),
        example(
            "Sharpe ratio of +2% and 0%",
            source::HAND,
            root_year / 2_f64.sqrt(),
            sharpe::sharpe(&pair, 0.0),
            1e-12,
        ),
        example(
            "Sortino ratio of +4% and -2%",
            source::HAND,
            root_year / 2_f64.sqrt(),
            sortino::sortino(&[0.04, -0.02]),
            1e-12,
        ),
        example(
            "Maximum drawdown of +10%, -20%, +30%",
            source::HAND,
            -0.20,
            fall.map(|fall| fall.depth),
            1e-15,
        ),
        example(
            "Its recovery, counted from the start",
            source::HAND,
            3.0,
            fall.and_then(|fall| fall.recovery_index).map(|row| row as f64),
            0.0,
        ),
        example(
            "Ulcer index of -10% and +5%",
            source::HAND,
            (0.013_025_f64 / 2.0).sqrt(),
            drawdown::ulcer(&[-0.10, 0.05]),
            1e-15,
        ),
        example(
            "Skewness of 1, 1, 1, 5 percent",
            source::HAND,
            2.0 / 3_f64.sqrt(),
            shape::skewness_biased(&[0.01, 0.01, 0.01, 0.05]),
            1e-12,
        ),
        example(
            "Excess kurtosis of two outcomes",
            source::HAND,
            -2.0,
            shape::excess_kurtosis_biased(&[0.01, -0.01]),
            1e-12,
        ),
        example(
            "Omega of +3%, -1%, -1%",
            source::HAND,
            1.5,
            gains::omega(&[0.03, -0.01, -0.01]),
            1e-12,
        ),
        example(
            "Payoff of +3%, -1%, -1%",
            source::HAND,
            3.0,
            gains::payoff(&[0.03, -0.01, -0.01]),
            1e-12,
        ),
        example(
            "Win rate of +3%, 0%, -1%, -1%",
            source::HAND,
            0.25,
            gains::win_rate(&[0.03, 0.0, -0.01, -0.01]),
            0.0,
        ),
        example(
            "Historical VaR at 95% of -5.0% to 5.0%",
            source::HAND,
            0.045,
            tail::historical_var(&ladder, 0.95, QuantileRule::Linear),
            1e-15,
        ),
        example(
            "The same by the order statistic",
            source::HAND,
            0.045,
            tail::historical_var(&ladder, 0.95, QuantileRule::OrderStatistic),
            1e-15,
        ),
        example(
            "Its shortfall, mean at or below",
            source::HAND,
            0.0475,
            tail::shortfall_mean_at_or_below(&ladder, 0.95),
            1e-15,
        ),
        example(
            "Shortfall with one and a half days in the tail",
            source::HAND,
            0.065 / 1.5,
            tail::shortfall_fractional(&ten, 0.85),
            1e-12,
        ),
        example(
            "Exponentially weighted variance of 1%, 2%",
            source::RISKMETRICS,
            0.000_118,
            ewma::ewma(&[0.01, 0.02], 0.94).map(|ewma| ewma.next),
            1e-18,
        ),
        example(
            "Correlation of 1, 2, 3 and 2, 4, 7",
            source::HAND,
            2.5 / (19_f64 / 3.0).sqrt(),
            relative::correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 7.0]),
            1e-15,
        ),
        example(
            "Beta of 2, 4, 7 on 1, 2, 3",
            source::HAND,
            2.5,
            relative::beta(&[2.0, 4.0, 7.0], &[1.0, 2.0, 3.0]),
            1e-14,
        ),
        example(
            "Rolling volatility of 1%, 3%",
            source::HAND,
            0.02 / 2_f64.sqrt() * root_year,
            rolled(|rolling| rolling.vol.get(1)),
            1e-14,
        ),
        example(
            "Rolling beta of 3%, 2% on 2%, 3%",
            source::HAND,
            -1.0,
            rolled(|rolling| rolling.beta.get(2)),
            1e-12,
        ),
    ]
}

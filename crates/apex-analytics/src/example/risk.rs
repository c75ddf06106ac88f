//! Worked examples of value at risk and its parts.

use super::{WorkedExample, example, source};
use crate::distribution::{chi_square_tail_1, normal_quantile};
use crate::measure::tail::{normal_shortfall, normal_var};
use crate::var::backtest::{backtest, probability_at_most};
use crate::var::component::component_risk;
use crate::var::{MeanRule, VarMethod, VarSettings, value_at_risk};

/// Returns the value of a book of a million.
fn million(fraction: Option<f64>) -> Option<f64> {
    fraction.map(|fraction| fraction * 1_000_000.0)
}

/// Returns the examples.
pub(super) fn examples() -> Vec<WorkedExample> {
    // Two assets of four days with volatilities 20% and 10% and a correlation of exactly 0.3.
    let unit = 1.0 / (4.0_f64 / 3.0).sqrt();
    let (one, two) = ([1.0, 1.0, -1.0, -1.0], [1.0, -1.0, 1.0, -1.0]);
    let first: Vec<f64> = one.iter().map(|value| 0.20 * unit * value).collect();
    let second: Vec<f64> = one
        .iter()
        .zip(two)
        .map(|(one, two)| 0.10 * unit * (0.3 * one + (1.0_f64 - 0.09).sqrt() * two))
        .collect();
    let split = component_risk(&[0.6, 0.4], &[&first, &second]).ok();
    let part = |asset: usize| split.as_ref().and_then(|split| split.vol_contrib.get(asset).copied());
    let settings = VarSettings {
        mean: MeanRule::Zero,
        ..VarSettings::one_day(VarMethod::Normal, 0.99)
    };
    let normal = value_at_risk(&[0.6, 0.4], &[&first, &second], &settings).ok();
    let breaches: Vec<bool> = (0..250).map(|day| day % 60 == 30).collect();
    let test = backtest(&breaches, 0.99).ok();
    vec![
        example(
            "Normal quantile at 99%",
            source::NORMAL_TABLE,
            2.326_347_874_040_840_8,
            normal_quantile(0.99),
            1e-14,
        ),
        example(
            "Normal quantile at 97.5%",
            source::NORMAL_TABLE,
            1.959_963_984_540_054,
            normal_quantile(0.975),
            1e-14,
        ),
        example(
            "Chi-square tail at 3.8415",
            source::NORMAL_TABLE,
            0.05,
            Some(chi_square_tail_1(3.841_458_820_694_124)),
            1e-12,
        ),
        example(
            "Normal VaR 95% of 1,000,000 at 1%",
            source::REFERENCE,
            16_448.54,
            million(normal_var(0.0, 0.01, 0.95)),
            0.005,
        ),
        example(
            "Normal VaR 99% of 1,000,000 at 1%",
            source::REFERENCE,
            23_263.48,
            million(normal_var(0.0, 0.01, 0.99)),
            0.005,
        ),
        example(
            "Normal ES 95% of 1,000,000 at 1%",
            source::REFERENCE,
            20_627.13,
            million(normal_shortfall(0.0, 0.01, 0.95)),
            0.005,
        ),
        example(
            "Normal ES 97.5% of 1,000,000 at 1%",
            source::REFERENCE,
            23_378.03,
            million(normal_shortfall(0.0, 0.01, 0.975)),
            0.005,
        ),
        example(
            "Normal VaR 99% over 10 days by the root of time",
            source::REFERENCE,
            73_565.58,
            million(normal_var(0.0, 0.01 * 10_f64.sqrt(), 0.99)),
            0.005,
        ),
        example(
            "Chance of at most 4 breaches in 250 days at 99%",
            source::REFERENCE,
            0.8922,
            Some(probability_at_most(4, 250, 0.99)),
            5e-5,
        ),
        example(
            "Chance of at most 9 breaches in 250 days at 99%",
            source::REFERENCE,
            0.999_75,
            Some(probability_at_most(9, 250, 0.99)),
            5e-6,
        ),
        example(
            "Kupiec's ratio for 4 breaches in 250 days",
            source::HAND,
            0.769_138,
            test.map(|test| test.kupiec_lr),
            5e-7,
        ),
        example(
            "Risk split 60/40: the first asset's part",
            source::REFERENCE,
            0.115_280_1,
            part(0),
            5e-8,
        ),
        example(
            "Risk split 60/40: the second asset's part",
            source::REFERENCE,
            0.022_124_5,
            part(1),
            5e-8,
        ),
        example(
            "Risk split 60/40: the volatility",
            source::REFERENCE,
            0.137_404_5,
            part(0).zip(part(1)).map(|(one, two)| one + two),
            5e-8,
        ),
        example(
            "Normal VaR 99% of the same book",
            source::REFERENCE,
            0.137_404_5 * 2.326_347_87,
            normal.map(|normal| normal.var),
            2e-7,
        ),
    ]
}

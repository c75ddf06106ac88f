//! The tear sheet against the reference values of `tests/data/golden`, on the prices of `tests/data/prices`.

use apex_analytics::returns::{equal_weight_buy_and_hold, equal_weight_daily, simple_returns};
use apex_analytics::tear_sheet::{Benchmark, TearSheet, tear_sheet, tear_sheets};
use apex_analytics::{AnalyticsError, measure};
use serde_json::Value;

use crate::reference::{close, golden, prices};

/// Compares one tear sheet with its reference, key by key.
fn check_sheet(name: &str, sheet: &TearSheet, expected: &Value) {
    let actual = serde_json::to_value(sheet).unwrap();
    let (actual, expected) = (actual.as_object().unwrap(), expected.as_object().unwrap());
    assert_eq!(actual.len(), 65, "{name} has another number of keys");
    let mut wrong = Vec::new();
    for (key, expected) in expected {
        let value = actual.get(key).unwrap_or_else(|| panic!("{name} lacks {key}"));
        let agree = match (value, expected) {
            (Value::Null, Value::Null) => true,
            (Value::Number(value), Value::Number(expected)) if expected.is_u64() => value.as_u64() == expected.as_u64(),
            (Value::Number(value), Value::Number(expected)) => {
                close(value.as_f64().unwrap(), expected.as_f64().unwrap())
            }
            _ => false,
        };
        if !agree {
            wrong.push(format!("{key}: {value} instead of {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{name}\n{}", wrong.join("\n"));
    for key in actual.keys() {
        assert!(expected.contains_key(key), "{name}: {key} is not in the reference");
    }
}

#[test]
fn every_statistic_of_the_sample_agrees() {
    let golden = golden("tearsheet_20.json");
    let rows = golden["rows"].as_object().unwrap();
    let table = prices("sp500_dataset.csv.gz");
    let index = prices("sp500_index.csv.gz");
    let benchmark_returns = simple_returns(&index.columns[0]).unwrap();
    let benchmark = Benchmark::new(&benchmark_returns).unwrap();
    let returns: Vec<Vec<f64>> = table
        .columns
        .iter()
        .map(|column| simple_returns(column).unwrap())
        .collect();
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let price_columns: Vec<&[f64]> = table.columns.iter().map(Vec::as_slice).collect();

    let mut seen = 0;
    let sheets = tear_sheets(&columns, Some(&benchmark)).unwrap();
    for (name, sheet) in table.names.iter().zip(&sheets) {
        if let Some(expected) = rows.get(name) {
            check_sheet(name, sheet, expected);
            seen += 1;
        }
    }
    let own = [
        ("EW_DAILY", equal_weight_daily(&columns).unwrap()),
        ("EW_BUYHOLD", equal_weight_buy_and_hold(&price_columns).unwrap()),
        ("SP500", benchmark_returns.clone()),
    ];
    for (name, series) in &own {
        check_sheet(name, &tear_sheet(series, Some(&benchmark)).unwrap(), &rows[*name]);
        seen += 1;
    }
    assert_eq!(seen, rows.len());
}

/// A measure on its own: its key in the tear sheet, and the function.
type Single = (&'static str, fn(&[f64], &[f64]) -> Option<f64>);

#[test]
fn a_measure_alone_equals_the_tear_sheet() {
    use apex_analytics::quantile::QuantileRule::{Linear, Lower, OrderStatistic};
    use measure::{drawdown, ewma, gains, growth, relative, shape, sharpe, sortino, tail, volatility};
    let singles: &[Single] = &[
        ("total_return", |r, _| growth::total_return(r)),
        ("cagr", |r, _| growth::cagr(r)),
        ("mean_daily", |r, _| measure::mean(r)),
        ("vol_daily", |r, _| volatility::deviation(r)),
        ("vol_ann", |r, _| volatility::annualized(r)),
        ("sharpe", |r, _| sharpe::sharpe(r, 0.0)),
        ("sortino", |r, _| sortino::sortino(r)),
        ("max_drawdown", |r, _| {
            Some(drawdown::max_drawdown(r).map_or(0.0, |deepest| deepest.depth))
        }),
        ("avg_drawdown", |r, _| drawdown::average(r)),
        ("ulcer", |r, _| drawdown::ulcer(r)),
        ("calmar", |r, _| drawdown::calmar(r)),
        ("skew_biased", |r, _| shape::skewness_biased(r)),
        ("exkurt_biased", |r, _| shape::excess_kurtosis_biased(r)),
        ("skew_unbiased", |r, _| shape::skewness_unbiased(r)),
        ("exkurt_unbiased", |r, _| shape::excess_kurtosis_unbiased(r)),
        ("jarque_bera", |r, _| shape::jarque_bera(r)),
        ("autocorr1", |r, _| shape::autocorrelation_1(r)),
        ("var95_hist_linear", |r, _| tail::historical_var(r, 0.95, Linear)),
        ("var99_hist_lower", |r, _| tail::historical_var(r, 0.99, Lower)),
        ("var99_order_stat", |r, _| tail::historical_var(r, 0.99, OrderStatistic)),
        ("es95_mean_le_var", |r, _| tail::shortfall_mean_at_or_below(r, 0.95)),
        ("es99_acerbi", |r, _| tail::shortfall_fractional(r, 0.99)),
        ("var95_cornish_fisher", |r, _| tail::cornish_fisher_var(r, 0.95)),
        ("ewma94_vol_next_ann", |r, _| {
            ewma::ewma(r, 0.94).map(|ewma| (ewma.next * 252.0).sqrt())
        }),
        ("beta", relative::beta),
        ("alpha_ann_arith", relative::alpha_arithmetic),
        ("alpha_ann_compound", relative::alpha_compounded),
        ("corr", relative::correlation),
        ("resid_vol_ann", relative::residual_volatility),
        ("treynor", relative::treynor),
        ("tracking_error_ann", relative::tracking_error),
        ("information_ratio", relative::information_ratio),
        ("up_capture", relative::up_capture),
        ("down_capture", relative::down_capture),
        ("omega0", |r, _| gains::omega(r)),
        ("gain_to_pain_daily", |r, _| gains::gain_to_pain(r)),
        ("payoff", |r, _| gains::payoff(r)),
        ("win_rate", |r, _| gains::win_rate(r)),
        ("win_rate_nonzero", |r, _| gains::win_rate_nonzero(r)),
        ("tail_ratio", |r, _| gains::tail_ratio(r)),
    ];
    let table = prices("sp500_dataset.csv.gz");
    let index = simple_returns(&prices("sp500_index.csv.gz").columns[0]).unwrap();
    for length in [1, 2, 3, 4, 9, 10, 11, 100, 127, 128, 129, 253, 2520] {
        let returns = simple_returns(&table.columns[3][..=length]).unwrap();
        let other = &index[..length];
        let sheet = tear_sheet(&returns, Some(&Benchmark::new(other).unwrap())).unwrap();
        let sheet = serde_json::to_value(&sheet).unwrap();
        for (key, single) in singles {
            match (sheet[key].as_f64(), single(&returns, other)) {
                (Some(fused), Some(alone)) => assert!(close(fused, alone), "{key} of {length}: {fused} and {alone}"),
                (None, None) => {}
                (fused, alone) => panic!("{key} of {length}: {fused:?} and {alone:?}"),
            }
        }
        let deepest = drawdown::max_drawdown(&returns);
        assert_eq!(
            sheet["maxdd_peak_index"].as_u64(),
            deepest.map(|deepest| deepest.peak_index as u64)
        );
        assert_eq!(
            sheet["longest_drawdown_periods"].as_u64(),
            Some(drawdown::longest(&returns) as u64)
        );
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let table = prices("sp500_dataset.csv.gz");
    let returns: Vec<Vec<f64>> = table
        .columns
        .iter()
        .map(|column| simple_returns(column).unwrap())
        .collect();
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let benchmark = Benchmark::new(columns[0]).unwrap();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| tear_sheets(&columns, Some(&benchmark)).unwrap())
    };
    assert_eq!(with(1), with(2));
}

#[test]
fn what_is_undefined_is_none_and_nothing_is_nan() {
    let flat = tear_sheet(&[0.001; 300], None).unwrap();
    assert_eq!(
        (flat.vol_ann, flat.sharpe, flat.sortino, flat.skew_biased),
        (Some(0.0), None, None, None)
    );
    assert_eq!(
        (flat.max_drawdown, flat.calmar, flat.maxdd_trough_index),
        (Some(0.0), None, None)
    );
    assert_eq!((flat.beta, flat.information_ratio, flat.omega0), (None, None, None));
    let one = tear_sheet(&[-0.5], None).unwrap();
    assert_eq!(
        (one.vol_daily, one.max_drawdown, one.var99_hist_10d_overlap),
        (None, Some(-0.5), None)
    );
    // Everything is lost on the second day, and stays lost.
    let lost = tear_sheet(&[0.1, -1.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], None).unwrap();
    assert_eq!(
        (lost.total_return, lost.cagr, lost.max_drawdown),
        (Some(-1.0), Some(-1.0), Some(-1.0))
    );
    assert_eq!((lost.maxdd_recovery_index, lost.longest_drawdown_periods), (None, 11));
    // A series that equals its benchmark up to a constant has no information ratio.
    let returns: Vec<f64> = (0..50).map(|day| f64::from(day % 7) / 100.0 - 0.03).collect();
    let shifted: Vec<f64> = returns.iter().map(|value| value + 0.001).collect();
    let sheet = tear_sheet(&shifted, Some(&Benchmark::new(&returns).unwrap())).unwrap();
    assert_eq!((sheet.tracking_error_ann, sheet.information_ratio), (Some(0.0), None));
    let still = tear_sheet(&returns, Some(&Benchmark::new(&[0.0; 50]).unwrap())).unwrap();
    assert_eq!((still.beta, still.corr, still.up_capture), (None, None, None));
}

#[test]
fn values_that_are_no_returns_are_refused_by_name() {
    assert_eq!(
        tear_sheet(&[], None),
        Err(AnalyticsError::Empty { what: "return series" })
    );
    assert_eq!(
        tear_sheet(&[0.1, f64::NAN], None),
        Err(AnalyticsError::NotFinite {
            what: "return",
            index: 1
        })
    );
    let below = tear_sheet(&[0.0, 0.1, -4.55], None).unwrap_err();
    assert_eq!(below.to_string(), "return at index 2 is below -100%: -4.55");
    let benchmark = Benchmark::new(&[0.1]).unwrap();
    assert!(matches!(
        tear_sheet(&[0.1, 0.2], Some(&benchmark)),
        Err(AnalyticsError::Length { .. })
    ));
    assert!(matches!(
        simple_returns(&[1.0, 0.0]),
        Err(AnalyticsError::NotPositive { index: 1, .. })
    ));
}

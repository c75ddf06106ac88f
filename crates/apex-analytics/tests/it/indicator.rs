//! Technical indicators against the reference file, which TA-Lib computed, and their general properties.

use std::io::Read;

use apex_analytics::AnalyticsError;
use apex_analytics::indicator::function::{Column, FUNCTIONS, Function};
use apex_analytics::indicator::{Bars, Line, average, band, oscillator, range, regression, stochastic, trend, volume};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::reference::golden;

/// The columns of one instrument.
#[derive(Debug, Default, Clone)]
struct Columns {
    open: Vec<f64>,
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    volume: Vec<f64>,
}

impl Columns {
    /// Reads one ticker; the file is in order of date.
    fn of(ticker: &str) -> Self {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/ohlcv/stocks.csv.gz");
        let mut text = String::new();
        flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap())
            .read_to_string(&mut text)
            .unwrap();
        let mut columns = Self::default();
        for line in text.lines().filter(|line| line.split(',').next() == Some(ticker)) {
            let cells: Vec<f64> = line.split(',').skip(2).map(|cell| cell.parse().unwrap()).collect();
            columns.push([cells[0], cells[1], cells[2], cells[3], cells[4]]);
        }
        columns
    }

    fn push(&mut self, [open, high, low, close, volume]: [f64; 5]) {
        self.open.push(open);
        self.high.push(high);
        self.low.push(low);
        self.close.push(close);
        self.volume.push(volume);
    }

    fn bars(&self) -> Bars<'_> {
        Bars {
            open: &self.open,
            high: &self.high,
            low: &self.low,
            close: &self.close,
            volume: &self.volume,
        }
    }

    fn scaled(&self, price: f64, volume: f64) -> Self {
        let times = |column: &[f64], scale: f64| column.iter().map(|value| value * scale).collect();
        Self {
            open: times(&self.open, price),
            high: times(&self.high, price),
            low: times(&self.low, price),
            close: times(&self.close, price),
            volume: times(&self.volume, volume),
        }
    }
}

fn compute(name: &str, columns: &Columns, parameters: &[f64]) -> Vec<Line> {
    Function::named(name)
        .unwrap()
        .compute(&columns.bars(), parameters)
        .unwrap()
}

/// Returns whether two values of an indicator agree: 1e-9 relative.
fn agree(actual: f64, expected: f64) -> bool {
    (actual - expected).abs() <= 1e-9 * expected.abs()
}

#[test]
fn every_indicator_of_the_reference_agrees() {
    let columns = Columns::of("AAPL");
    assert_eq!(columns.close.len(), 3270);
    let golden = golden("indicators_aapl.json");
    for (key, outputs) in golden["values"].as_object().unwrap() {
        // The longest name that the key starts with; what follows are parameters.
        let function = FUNCTIONS.iter().filter(|function| key.starts_with(function.name));
        let function = function.max_by_key(|function| function.name.len()).unwrap();
        let rest = key[function.name.len()..].split('_').filter(|part| !part.is_empty());
        let parameters: Vec<f64> = rest.map(|part| part.parse().unwrap()).collect();
        let lines = compute(function.name, &columns, &parameters);
        assert_eq!(
            (lines.len(), lines.len()),
            (outputs.as_array().unwrap().len(), function.outputs.len()),
            "{key}"
        );
        for (line, expected) in lines.iter().zip(outputs.as_array().unwrap()) {
            assert_eq!(
                line.first_valid().map(|row| row as u64),
                expected["first_valid"].as_u64(),
                "{key}"
            );
            assert_eq!(line.rows(), 3270);
            let (sum, wanted) = (line.values().iter().sum::<f64>(), expected["sum"].as_f64().unwrap());
            assert!(agree(sum, wanted), "{key}: the sum is {sum} instead of {wanted}");
            for (row, wanted) in expected["at"].as_object().unwrap() {
                let (actual, wanted) = (line.get(row.parse().unwrap()).unwrap(), wanted.as_f64().unwrap());
                assert!(agree(actual, wanted), "{key} at {row}: {actual} instead of {wanted}");
            }
        }
    }
}

#[test]
fn every_indicator_of_the_contract_is_there() {
    let names = "SMA EMA WMA DEMA TEMA KAMA RSI MACD BBANDS ATR NATR TRANGE ADX DX PLUS_DI MINUS_DI CCI STOCH STOCHRSI \
                 WILLR MFI OBV AD ROC MOM CMO PPO TRIX ULTOSC AROON SAR STDDEV LINEARREG LINEARREG_SLOPE CORREL BETA \
                 HT_TRENDLINE CDLENGULFING CDLDOJI CDLHAMMER";
    let names: Vec<&str> = names.split_whitespace().collect();
    assert_eq!(
        names,
        FUNCTIONS.iter().map(|function| function.name).collect::<Vec<_>>()
    );
    // The first valid rows of the defaults, read from TA-Lib 0.8.
    let rows = [
        29, 29, 29, 58, 87, 30, 14, 33, 19, 14, 14, 1, 27, 14, 14, 14, 13, 8, 20, 13, 14, 0, 0, 10, 10, 14, 25, 88, 28,
        14, 1, 4, 13, 13, 29, 5, 63, 0, 0, 0,
    ];
    let columns = Columns::of("FB");
    for (function, row) in FUNCTIONS.iter().zip(rows) {
        for line in compute(function.name, &columns, &[]) {
            assert_eq!(line.first_valid(), Some(row), "{}", function.name);
        }
    }
}

#[test]
fn a_series_that_is_too_short_has_no_value_and_no_error() {
    for length in 0..64 {
        let mut columns = Columns::default();
        for row in 0..length {
            let price = 10.0 + f64::from(row % 7);
            columns.push([price, price + 1.0, price - 1.0, price + 0.5, 100.0]);
        }
        for function in FUNCTIONS {
            for line in compute(function.name, &columns, &[]) {
                assert_eq!(line.rows(), length as usize, "{}", function.name);
                assert_eq!(line.to_options().len(), length as usize, "{}", function.name);
            }
        }
    }
}

#[test]
fn a_market_that_stands_still_divides_nothing_by_nothing() {
    let mut columns = Columns::default();
    (0..200).for_each(|_| columns.push([0.1, 0.1, 0.1, 0.1, 0.0]));
    let price = [
        "SMA",
        "EMA",
        "WMA",
        "DEMA",
        "TEMA",
        "KAMA",
        "LINEARREG",
        "HT_TRENDLINE",
        "SAR",
    ];
    for function in FUNCTIONS {
        for (line, output) in compute(function.name, &columns, &[]).iter().zip(function.outputs) {
            let last = *line.values().last().unwrap();
            let wanted = match function.name {
                name if price.contains(&name) || name == "BBANDS" => 0.1,
                "AROON" | "CDLDOJI" => 100.0,
                _ => 0.0,
            };
            assert!((last - wanted).abs() < 1e-12, "{} {output}: {last}", function.name);
        }
    }
}

#[test]
fn sums_do_not_drift_with_large_values_of_the_past() {
    // A running sum that never starts anew keeps the rounding of 1e12 for ever: about 1e-4 a step.
    let mut values = vec![1e12; 300];
    values.extend((0..2000).map(|row| 1.0 + f64::from(row % 5)));
    let means = average::sma(&values, 5).unwrap();
    let deviations = band::standard_deviation(&values, 5, 1.0).unwrap();
    let weighted = average::wma(&values, 5).unwrap();
    assert!((means.get(2299).unwrap() - 3.0).abs() < 1e-12);
    assert!((deviations.get(2299).unwrap() - 2f64.sqrt()).abs() < 1e-12);
    assert!((weighted.get(2299).unwrap() - 11.0 / 3.0).abs() < 1e-12); // 1, 2, 3, 4, 5
    // Small moves of a large price are not lost.
    let high: Vec<f64> = (0..100).map(|row| 1e9 + f64::from(row % 2) * 1e-3).collect();
    let deviation = band::standard_deviation(&high, 20, 1.0).unwrap().get(99).unwrap();
    assert!((deviation / 5e-4 - 1.0).abs() < 1e-3, "{deviation}");
}

#[test]
fn hand_calculations_come_out() {
    // Wilder (1978), relative strength: 14 changes with a mean gain of 3 halves of the mean loss.
    let mut price = 100.0;
    let mut values = vec![price];
    for row in 0..14 {
        price += if row % 2 == 0 { 3.0 } else { -2.0 };
        values.push(price);
    }
    let strength = oscillator::relative_strength(&values, 14).unwrap().get(14).unwrap();
    assert!((strength - 60.0).abs() < 1e-12);
    // The parabolic stop turns when a low touches it, and then stands at the extreme of the trade.
    let (high, low) = ([10.0, 11.0, 12.0, 9.0, 8.0], [9.0, 10.0, 11.0, 7.0, 6.0]);
    let stops = trend::parabolic(&high, &low, 0.02, 0.2).unwrap();
    // The first low, 9; 2% of the way to the high of 11; then the low of 7 turns the trade at its high of 12.
    assert_eq!((stops.get(1), stops.get(3)), (Some(9.0), Some(12.0)));
    assert!((stops.get(2).unwrap() - 9.04).abs() < 1e-12);
    // A regression over a straight line is the line.
    let line: Vec<f64> = (0..40).map(|row| 3.0 + 0.5 * f64::from(row)).collect();
    let slope = regression::linear_slope(&line, 14).unwrap();
    assert!(slope.values().iter().all(|value| (value - 0.5).abs() < 1e-12));
    // On-balance volume ignores a day that closes where the day before did.
    let balance = volume::on_balance(&[1.0, 1.0, 2.0], &[5.0, 7.0, 1.0]).unwrap();
    assert_eq!(balance.values(), [5.0, 5.0, 6.0]);
}

#[test]
fn what_cannot_be_computed_is_refused_by_name() {
    let err = average::sma(&[1.0, f64::NAN], 2).unwrap_err();
    assert_eq!(err.to_string(), "value at index 1 is not a finite number");
    assert_eq!(
        average::ema(&[1.0], 1).unwrap_err().to_string(),
        "period is 1; it must be between 2 and 100000"
    );
    assert!(average::tema(&[1.0], usize::MAX).is_err());
    let err = range::true_range(&[1.0, 2.0], &[1.0], &[1.0, 1.0]).unwrap_err();
    assert_eq!(err.to_string(), "low has a length of 1 where 2 is needed");
    let bars = Bars {
        close: &[1.0; 40],
        ..Bars::default()
    };
    let atr = Function::named("ATR").unwrap();
    assert!(matches!(
        atr.compute(&bars, &[]),
        Err(AnalyticsError::Length { what: "high", .. })
    ));
    assert!(atr.columns.contains(&Column::High));
    let sma = Function::named("sma").unwrap();
    assert!(sma.compute(&bars, &[2.5]).is_err());
    assert!(sma.compute(&bars, &[2.0, 3.0]).is_err());
    // What overflows is refused, and never infinite.
    let huge = [f64::MAX, -f64::MAX, f64::MAX];
    assert!(stochastic::williams_r(&huge, &huge, &huge, 2).is_err());
}

/// Days whose high and low enclose open and close.
fn market() -> impl Strategy<Value = Columns> {
    let day = (-0.05..0.05, -0.03..0.03, 0.0..0.03, 0.0..0.03, 0.0..1e6);
    vec(day, 2..400).prop_map(|days| {
        let mut columns = Columns::default();
        let mut price: f64 = 100.0;
        for (overnight, move_, above, below, volume) in days {
            let open: f64 = price * (1.0 + overnight);
            price = open * (1.0 + move_);
            let (top, bottom) = (open.max(price), open.min(price));
            columns.push([
                open,
                top * (1.0 + above),
                bottom * (1.0 - below),
                price,
                f64::floor(volume),
            ]);
        }
        columns
    })
}

#[test]
fn a_correlation_of_nearly_equal_values_keeps_its_digits() {
    // Two points lie on one line, however near: the correlation is one, or minus one.
    let first = [90.0, 100.0, 100.000_01, 100.000_02, 120.0];
    let second = [80.0, 100.0, 100.000_03, 100.000_01, 90.0];
    let line = regression::correlation(&first, &second, 2).unwrap();
    let expected = [1.0, 1.0, -1.0, -1.0];
    for (row, expected) in expected.into_iter().enumerate() {
        assert!(
            (line.get(row + 1).unwrap() - expected).abs() <= 1e-9,
            "{:?}",
            line.values()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn scaled_prices_scale_price_indicators_and_leave_relative_ones(columns in market(), power in -20i32..20) {
        // A power of two scales without rounding, so that no comparison turns.
        let scale = 2f64.powi(power);
        let other = columns.scaled(scale, 1.0);
        let prices = [
            "SMA", "EMA", "WMA", "DEMA", "TEMA", "KAMA", "MACD", "BBANDS", "ATR", "TRANGE", "MOM", "SAR", "STDDEV",
            "LINEARREG", "LINEARREG_SLOPE", "HT_TRENDLINE",
        ];
        for function in FUNCTIONS {
            // Money flow has an absolute threshold.
            if function.name == "MFI" {
                continue;
            }
            let factor = if prices.contains(&function.name) { scale } else { 1.0 };
            let (before, after) = (compute(function.name, &columns, &[]), compute(function.name, &other, &[]));
            for (before, after) in before.iter().zip(&after) {
                prop_assert_eq!(before.first_valid(), after.first_valid());
                for (one, two) in before.values().iter().zip(after.values()) {
                    prop_assert!((one * factor - two).abs() <= 1e-9 * two.abs(), "{}: {one} {two}", function.name);
                }
            }
        }
    }

    #[test]
    fn later_rows_never_change_earlier_values(columns in market(), keep in 0.0..1.0) {
        let rows = (columns.close.len() as f64 * keep) as usize;
        let cut = |column: &[f64]| column[..rows].to_vec();
        let early = Columns {
            open: cut(&columns.open),
            high: cut(&columns.high),
            low: cut(&columns.low),
            close: cut(&columns.close),
            volume: cut(&columns.volume),
        };
        for function in FUNCTIONS {
            let (all, part) = (compute(function.name, &columns, &[]), compute(function.name, &early, &[]));
            for (all, part) in all.iter().zip(&part) {
                for row in 0..rows {
                    prop_assert_eq!(all.get(row), part.get(row), "{}", function.name);
                }
            }
        }
    }

    #[test]
    fn bounded_indicators_stay_within_their_bounds(columns in market()) {
        let bounds = [
            ("RSI", 0.0, 100.0), ("ADX", 0.0, 100.0), ("DX", 0.0, 100.0), ("PLUS_DI", 0.0, 100.0),
            ("MINUS_DI", 0.0, 100.0), ("STOCH", 0.0, 100.0), ("STOCHRSI", 0.0, 100.0), ("WILLR", -100.0, 0.0),
            ("MFI", 0.0, 100.0), ("CMO", -100.0, 100.0), ("ULTOSC", 0.0, 100.0), ("AROON", 0.0, 100.0),
            ("CORREL", -1.0, 1.0), ("CDLENGULFING", -100.0, 100.0), ("CDLDOJI", 0.0, 100.0), ("CDLHAMMER", 0.0, 100.0),
        ];
        for (name, low, high) in bounds {
            for line in compute(name, &columns, &[]) {
                let within = line.values().iter().all(|value| (low - 1e-9..=high + 1e-9).contains(value));
                prop_assert!(within, "{name}: {:?}", line.values());
            }
        }
    }

    #[test]
    fn moving_windows_agree_with_each_window_alone(columns in market(), period in 2usize..40) {
        let values = &columns.close;
        let means = average::sma(values, period).unwrap();
        let deviations = band::standard_deviation(values, period, 1.0).unwrap();
        let correlations = regression::correlation(&columns.high, &columns.low, period).unwrap();
        for (first, window) in values.windows(period).enumerate() {
            let row = first + period - 1;
            let mean = window.iter().sum::<f64>() / period as f64;
            let variance = window.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / period as f64;
            prop_assert!((means.get(row).unwrap() - mean).abs() <= 1e-12 * mean);
            prop_assert!((deviations.get(row).unwrap() - variance.sqrt()).abs() <= 1e-9 * variance.sqrt() + 1e-12);
            let pair = apex_analytics::measure::relative::correlation(
                &columns.high[first..=row],
                &columns.low[first..=row],
            );
            prop_assert!((correlations.get(row).unwrap() - pair.unwrap_or(0.0)).abs() <= 1e-7);
        }
    }
}

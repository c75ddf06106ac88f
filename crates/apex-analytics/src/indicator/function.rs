//! Every indicator by the name TA-Lib gives it, with its parameters, defaults and columns.

use super::{Bars, Line};
use super::{
    average, band, candle, directional, momentum, oscillator, range, regression, stochastic, trend, trendline, volume,
};
use crate::error::AnalyticsError;

/// A column of prices or volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Opening price.
    Open,
    /// Highest price.
    High,
    /// Lowest price.
    Low,
    /// Closing price.
    Close,
    /// Traded volume.
    Volume,
}

impl Column {
    /// Returns the heading under which files have it.
    pub fn name(self) -> &'static str {
        match self {
            Column::Open => "Open",
            Column::High => "High",
            Column::Low => "Low",
            Column::Close => "Close",
            Column::Volume => "Volume",
        }
    }
}

/// A parameter and its default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// What it is, such as `period`.
    pub name: &'static str,
    /// The value where none is given.
    pub default: f64,
}

/// An indicator: its name, what it reads, and what it answers.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// The name TA-Lib gives it.
    pub name: &'static str,
    /// The columns it reads.
    pub columns: &'static [Column],
    /// Its parameters, in TA-Lib's order without the kinds of moving averages.
    pub parameters: &'static [Parameter],
    /// The names of its outputs, in TA-Lib's order.
    pub outputs: &'static [&'static str],
    compute: fn(&Bars<'_>, &[f64]) -> Result<Vec<Line>, AnalyticsError>,
}

impl Function {
    /// Returns the function of a name, whatever its case.
    ///
    /// ```
    /// use apex_analytics::indicator::function::Function;
    ///
    /// assert_eq!(Function::named("rsi").unwrap().parameters[0].default, 14.0);
    /// assert!(Function::named("NOPE").is_none());
    /// ```
    pub fn named(name: &str) -> Option<&'static Function> {
        FUNCTIONS
            .iter()
            .find(|function| function.name.eq_ignore_ascii_case(name))
    }

    /// Returns the value of every parameter: those given, then the defaults. The lower deviation of bands is the upper
    /// one where it is not given.
    ///
    /// # Errors
    ///
    /// Refuses more values than there are parameters.
    pub fn complete(&self, given: &[f64]) -> Result<Vec<f64>, AnalyticsError> {
        if given.len() > self.parameters.len() {
            return Err(AnalyticsError::Length {
                what: "list of parameters",
                expected: self.parameters.len(),
                actual: given.len(),
            });
        }
        let mut all = given.to_vec();
        all.extend(self.parameters[given.len()..].iter().map(|parameter| parameter.default));
        if self.name == "BBANDS" && given.len() == 2 {
            all[2] = given[1];
        }
        Ok(all)
    }

    /// Computes every output; parameters that are not given have their defaults.
    ///
    /// # Errors
    ///
    /// Refuses what the function itself refuses, too many parameters, and a period that is no whole number.
    ///
    /// ```
    /// use apex_analytics::indicator::{Bars, function::Function};
    ///
    /// let bars = Bars { close: &[1.0, 2.0, 6.0], ..Bars::default() };
    /// let lines = Function::named("SMA").unwrap().compute(&bars, &[3.0]).unwrap();
    /// assert_eq!(lines[0].get(2), Some(3.0));
    /// ```
    pub fn compute(&self, bars: &Bars<'_>, parameters: &[f64]) -> Result<Vec<Line>, AnalyticsError> {
        (self.compute)(bars, &self.complete(parameters)?)
    }
}

/// Returns a parameter that counts rows.
fn rows(parameters: &[f64], at: usize) -> Result<usize, AnalyticsError> {
    let value = parameters.get(at).copied().unwrap_or(f64::NAN);
    if value.fract() == 0.0 && (0.0..=1e9).contains(&value) {
        Ok(value as usize)
    } else {
        Err(AnalyticsError::Parameter {
            what: "period",
            value,
            expected: "a whole number",
        })
    }
}

/// Returns a parameter that is any number.
fn number(parameters: &[f64], at: usize) -> f64 {
    parameters.get(at).copied().unwrap_or(f64::NAN)
}

const fn parameter(name: &'static str, default: f64) -> Parameter {
    Parameter { name, default }
}

const CLOSE: &[Column] = &[Column::Close];
const HIGH_LOW: &[Column] = &[Column::High, Column::Low];
const HIGH_LOW_CLOSE: &[Column] = &[Column::High, Column::Low, Column::Close];
const WITH_VOLUME: &[Column] = &[Column::High, Column::Low, Column::Close, Column::Volume];
const CANDLE: &[Column] = &[Column::Open, Column::High, Column::Low, Column::Close];
const VALUE: &[&str] = &["value"];

/// One entry for a function with one output.
macro_rules! one {
    (
        $name:literal, $columns:expr, [$($parameter:literal = $default:literal),*],
        |$bars:ident, $given:ident| $body:expr
    ) => {
        Function {
            name: $name,
            columns: $columns,
            parameters: &[$(parameter($parameter, $default)),*],
            outputs: VALUE,
            compute: |$bars, $given| Ok(vec![$body?]),
        }
    };
}

/// Every indicator, averages first.
pub const FUNCTIONS: &[Function] = &[
    one!("SMA", CLOSE, ["period" = 30.0], |b, p| average::sma(
        b.close,
        rows(p, 0)?
    )),
    one!("EMA", CLOSE, ["period" = 30.0], |b, p| average::ema(
        b.close,
        rows(p, 0)?
    )),
    one!("WMA", CLOSE, ["period" = 30.0], |b, p| average::wma(
        b.close,
        rows(p, 0)?
    )),
    one!("DEMA", CLOSE, ["period" = 30.0], |b, p| average::dema(
        b.close,
        rows(p, 0)?
    )),
    one!("TEMA", CLOSE, ["period" = 30.0], |b, p| average::tema(
        b.close,
        rows(p, 0)?
    )),
    one!("KAMA", CLOSE, ["period" = 30.0], |b, p| average::kama(
        b.close,
        rows(p, 0)?
    )),
    one!("RSI", CLOSE, ["period" = 14.0], |b, p| oscillator::relative_strength(
        b.close,
        rows(p, 0)?
    )),
    Function {
        name: "MACD",
        columns: CLOSE,
        parameters: &[
            parameter("fast", 12.0),
            parameter("slow", 26.0),
            parameter("signal", 9.0),
        ],
        outputs: &["macd", "signal", "histogram"],
        compute: |bars, given| {
            let lines = momentum::macd(bars.close, rows(given, 0)?, rows(given, 1)?, rows(given, 2)?)?;
            Ok(vec![lines.macd, lines.signal, lines.histogram])
        },
    },
    Function {
        name: "BBANDS",
        columns: CLOSE,
        parameters: &[parameter("period", 20.0), parameter("up", 2.0), parameter("down", 2.0)],
        outputs: &["upper", "middle", "lower"],
        compute: |bars, given| {
            let bands = band::bollinger(bars.close, rows(given, 0)?, number(given, 1), number(given, 2))?;
            Ok(vec![bands.upper, bands.middle, bands.lower])
        },
    },
    one!("ATR", HIGH_LOW_CLOSE, ["period" = 14.0], |b, p| {
        range::average_true_range(b.high, b.low, b.close, rows(p, 0)?)
    }),
    one!("NATR", HIGH_LOW_CLOSE, ["period" = 14.0], |b, p| {
        range::normalized_average_true_range(b.high, b.low, b.close, rows(p, 0)?)
    }),
    one!("TRANGE", HIGH_LOW_CLOSE, [], |b, _p| range::true_range(
        b.high, b.low, b.close
    )),
    one!("ADX", HIGH_LOW_CLOSE, ["period" = 14.0], |b, p| {
        directional::average_directional_index(b.high, b.low, b.close, rows(p, 0)?)
    }),
    one!("DX", HIGH_LOW_CLOSE, ["period" = 14.0], |b, p| {
        directional::directional_index(b.high, b.low, b.close, rows(p, 0)?)
    }),
    one!("PLUS_DI", HIGH_LOW_CLOSE, ["period" = 14.0], |b, p| {
        directional::plus_indicator(b.high, b.low, b.close, rows(p, 0)?)
    }),
    one!("MINUS_DI", HIGH_LOW_CLOSE, ["period" = 14.0], |b, p| {
        directional::minus_indicator(b.high, b.low, b.close, rows(p, 0)?)
    }),
    one!("CCI", HIGH_LOW_CLOSE, ["period" = 14.0], |b, p| {
        oscillator::commodity_channel(b.high, b.low, b.close, rows(p, 0)?)
    }),
    Function {
        name: "STOCH",
        columns: HIGH_LOW_CLOSE,
        parameters: &[
            parameter("fast_k", 5.0),
            parameter("slow_k", 3.0),
            parameter("slow_d", 3.0),
        ],
        outputs: &["slow_k", "slow_d"],
        compute: |bars, given| {
            let (fast, slow_k, slow_d) = (rows(given, 0)?, rows(given, 1)?, rows(given, 2)?);
            let lines = stochastic::stochastic(bars.high, bars.low, bars.close, fast, slow_k, slow_d)?;
            Ok(vec![lines.k, lines.d])
        },
    },
    Function {
        name: "STOCHRSI",
        columns: CLOSE,
        parameters: &[
            parameter("period", 14.0),
            parameter("fast_k", 5.0),
            parameter("fast_d", 3.0),
        ],
        outputs: &["fast_k", "fast_d"],
        compute: |bars, given| {
            let (period, fast_k, fast_d) = (rows(given, 0)?, rows(given, 1)?, rows(given, 2)?);
            let lines = stochastic::stochastic_strength(bars.close, period, fast_k, fast_d)?;
            Ok(vec![lines.k, lines.d])
        },
    },
    one!("WILLR", HIGH_LOW_CLOSE, ["period" = 14.0], |b, p| {
        stochastic::williams_r(b.high, b.low, b.close, rows(p, 0)?)
    }),
    one!("MFI", WITH_VOLUME, ["period" = 14.0], |b, p| {
        volume::money_flow(b.high, b.low, b.close, b.volume, rows(p, 0)?)
    }),
    one!("OBV", &[Column::Close, Column::Volume], [], |b, _p| volume::on_balance(
        b.close, b.volume
    )),
    one!("AD", WITH_VOLUME, [], |b, _p| volume::accumulation(
        b.high, b.low, b.close, b.volume
    )),
    one!("ROC", CLOSE, ["period" = 10.0], |b, p| momentum::rate_of_change(
        b.close,
        rows(p, 0)?
    )),
    one!("MOM", CLOSE, ["period" = 10.0], |b, p| momentum::momentum(
        b.close,
        rows(p, 0)?
    )),
    one!("CMO", CLOSE, ["period" = 14.0], |b, p| oscillator::chande_momentum(
        b.close,
        rows(p, 0)?
    )),
    one!("PPO", CLOSE, ["fast" = 12.0, "slow" = 26.0], |b, p| {
        momentum::percentage_price_oscillator(b.close, rows(p, 0)?, rows(p, 1)?)
    }),
    one!("TRIX", CLOSE, ["period" = 30.0], |b, p| momentum::trix(
        b.close,
        rows(p, 0)?
    )),
    one!(
        "ULTOSC",
        HIGH_LOW_CLOSE,
        ["short" = 7.0, "middle" = 14.0, "long" = 28.0],
        |b, p| { oscillator::ultimate(b.high, b.low, b.close, [rows(p, 0)?, rows(p, 1)?, rows(p, 2)?]) }
    ),
    Function {
        name: "AROON",
        columns: HIGH_LOW,
        parameters: &[parameter("period", 14.0)],
        outputs: &["down", "up"],
        compute: |bars, given| {
            let lines = trend::aroon(bars.high, bars.low, rows(given, 0)?)?;
            Ok(vec![lines.down, lines.up])
        },
    },
    one!("SAR", HIGH_LOW, ["acceleration" = 0.02, "maximum" = 0.2], |b, p| {
        trend::parabolic(b.high, b.low, number(p, 0), number(p, 1))
    }),
    one!("STDDEV", CLOSE, ["period" = 5.0, "deviations" = 1.0], |b, p| {
        band::standard_deviation(b.close, rows(p, 0)?, number(p, 1))
    }),
    one!("LINEARREG", CLOSE, ["period" = 14.0], |b, p| regression::linear(
        b.close,
        rows(p, 0)?
    )),
    one!("LINEARREG_SLOPE", CLOSE, ["period" = 14.0], |b, p| {
        regression::linear_slope(b.close, rows(p, 0)?)
    }),
    one!("CORREL", HIGH_LOW, ["period" = 30.0], |b, p| regression::correlation(
        b.high,
        b.low,
        rows(p, 0)?
    )),
    one!("BETA", HIGH_LOW, ["period" = 5.0], |b, p| regression::beta(
        b.high,
        b.low,
        rows(p, 0)?
    )),
    one!("HT_TRENDLINE", CLOSE, [], |b, _p| trendline::hilbert_trendline(b.close)),
    one!("CDLENGULFING", CANDLE, [], |b, _p| candle::engulfing(
        b.open, b.high, b.low, b.close
    )),
    one!("CDLDOJI", CANDLE, [], |b, _p| candle::doji(
        b.open, b.high, b.low, b.close
    )),
    one!("CDLHAMMER", CANDLE, [], |b, _p| candle::hammer(
        b.open, b.high, b.low, b.close
    )),
];

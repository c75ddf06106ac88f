//! One sample of every chart, for the gallery page, the pictures of the documentation and the tests.
//!
//! The numbers are made by a fixed generator, so the pictures never change by themselves.

use apex_wire::chart::{
    Axis, BarData, BarLayout, BarSeries, CandleData, ChartData, HeatMapData, HistogramData, LineData, LineSeries, Mark,
    Ramp, Ribbon, ScatterData, ScatterPoint, ScatterSeries, Tone, Unit, WaterfallData, WaterfallStep, day_number,
};
use jiff::civil::date;

/// A chart with made-up data.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// A short name, also fit for a file.
    pub name: &'static str,
    /// What the sample shows.
    pub about: &'static str,
    /// The data.
    pub data: ChartData,
}

/// Returns one sample of every variant, in the order of the gallery.
///
/// ```
/// assert!(apex_charts::gallery::samples().iter().any(|sample| sample.name == "drawdown"));
/// ```
pub fn samples() -> Vec<Sample> {
    let sample = |name, about, data| Sample { name, about, data };
    vec![
        sample(
            "line",
            "Net asset value and benchmark, with a gap, a regime and trades",
            ChartData::Line(lines(2, 1_260)),
        ),
        sample(
            "lines-dense",
            "Four lines of 5,000 days",
            ChartData::Line(lines(4, 5_000)),
        ),
        sample(
            "area",
            "Net asset value filled to zero",
            ChartData::Area(net_asset_value()),
        ),
        sample(
            "drawdown",
            "Distance from the highest value so far",
            ChartData::Area(drawdown()),
        ),
        sample(
            "fan",
            "Quantiles of a book to a horizon, and a goal",
            ChartData::Fan(fan()),
        ),
        sample("bar", "Monthly returns colored by sign", ChartData::Bar(monthly_bars())),
        sample(
            "bar-grouped",
            "Portfolio beside benchmark",
            ChartData::Bar(grouped_bars()),
        ),
        sample(
            "bar-horizontal",
            "Contribution by holding",
            ChartData::Bar(contribution()),
        ),
        sample(
            "waterfall",
            "What a scenario takes from a book",
            ChartData::Waterfall(waterfall()),
        ),
        sample(
            "heat-correlation",
            "Correlations around a grey zero",
            ChartData::HeatMap(correlation()),
        ),
        sample(
            "heat-monthly",
            "Returns of every month",
            ChartData::HeatMap(monthly_table()),
        ),
        sample(
            "heat-sequential",
            "Weights by sector and country",
            ChartData::HeatMap(weights()),
        ),
        sample(
            "histogram",
            "Daily returns and their value at risk",
            ChartData::Histogram(histogram()),
        ),
        sample(
            "scatter",
            "A frontier, assets and portfolios",
            ChartData::Scatter(frontier()),
        ),
        sample(
            "candles",
            "Half a year of a share, with volume, averages, a split and a gap",
            ChartData::Candles(candles(126)),
        ),
        sample(
            "candles-dense",
            "Ten years of a share: neighbors are drawn as one",
            ChartData::Candles(candles(2_520)),
        ),
        sample(
            "candles-minutes",
            "A session by the minute",
            ChartData::Candles(minutes()),
        ),
        sample("empty", "A line chart without data", ChartData::Line(lines(1, 0))),
    ]
}

/// Returns made-up days of a share that ends on 2022-12-28, with two averages over them.
pub fn candles(days: usize) -> CandleData {
    let last = day_number(date(2022, 12, 28));
    let weekdays = |at: &f64| (at + 3.0).rem_euclid(7.0) < 5.0;
    let mut at: Vec<f64> = (0..)
        .map(|back| last - f64::from(back))
        .filter(weekdays)
        .take(days)
        .collect();
    at.reverse();
    let mut data = walk("ACME", Axis::date(), at, 0.016);
    // A week without prices: a gap and no bridge.
    for column in [
        &mut data.open,
        &mut data.high,
        &mut data.low,
        &mut data.close,
        &mut data.volume,
    ] {
        for value in column.iter_mut().skip(days * 2 / 5).take(5) {
            *value = None;
        }
    }
    let average = |length: usize| LineSeries {
        name: format!("SMA {length}"),
        hue: None,
        x: data.at.clone(),
        y: (0..data.close.len())
            .map(|index| {
                let from = (index + 1).checked_sub(length)?;
                let closes: Option<Vec<f64>> = data.close.get(from..=index)?.iter().copied().collect();
                Some(closes?.iter().sum::<f64>() / length as f64)
            })
            .collect(),
    };
    let mark = |share: f64, label: &str, tone: Tone| Mark {
        x: data.at.get((days as f64 * share) as usize).copied().unwrap_or(last),
        label: label.into(),
        tone,
    };
    let lines = vec![average(20), average(50)];
    let marks = vec![
        mark(0.3, "split 4:1", Tone::Warning),
        mark(0.7, "dividend 0.24 USD", Tone::Neutral),
    ];
    CandleData { lines, marks, ..data }
}

/// Returns two made-up sessions in New York by the minute, the night between them left out.
fn minutes() -> CandleData {
    let session = |day| {
        let open = day_number(day) as i64 * 1_440 + 870;
        open..open + 390
    };
    let minutes: Vec<i64> = session(date(2022, 12, 27)).chain(session(date(2022, 12, 28))).collect();
    let at = (0..minutes.len()).map(|place| place as f64).collect();
    walk(
        "ACME by the minute",
        Axis::new("Time", Unit::Instants { minutes }),
        at,
        0.0009,
    )
}

fn walk(title: &str, x: Axis, at: Vec<f64>, step: f64) -> CandleData {
    let mut noise = Noise::new(11);
    let mut data = CandleData {
        title: title.into(),
        x,
        y: Axis::new("Price", Unit::Money { currency: "USD".into() }),
        at,
        open: vec![],
        high: vec![],
        low: vec![],
        close: vec![],
        volume: vec![],
        lines: vec![],
        marks: vec![],
    };
    let cents = |price: f64| Some((price * 100.0).round() / 100.0);
    let mut price = 120.0;
    for _ in 0..data.at.len() {
        let open = price * (1.0 + step * 0.3 * noise.next());
        let close = open * (1.0 + step * (0.02 + noise.next()));
        data.open.push(cents(open));
        data.close.push(cents(close));
        data.high
            .push(cents(open.max(close) * (1.0 + step * 0.5 * noise.next().abs())));
        data.low
            .push(cents(open.min(close) * (1.0 - step * 0.5 * noise.next().abs())));
        data.volume.push(Some((2e6 * (1.2 + noise.next())).round()));
        price = close;
    }
    data
}

/// Returns a made-up frontier with assets below it.
pub fn frontier() -> ScatterData {
    let point = |x: f64, y: f64, label: &str| ScatterPoint {
        x,
        y,
        label: label.into(),
    };
    let series = |name: &str, joined: bool, points: Vec<ScatterPoint>| ScatterSeries {
        name: name.into(),
        hue: None,
        joined,
        named: !joined,
        points,
    };
    let line = (0..20).map(|at| {
        let mean = 0.05 + 0.004 * f64::from(at);
        let beyond = mean - 0.05;
        point(
            (0.0144 + 9.0 * beyond * beyond).sqrt(),
            mean,
            &format!("Portfolio {} of 20", at + 1),
        )
    });
    let assets = [
        (0.18, 0.05, "ACME"),
        (0.26, 0.126, "BETA"),
        (0.21, 0.08, "GAMMA"),
        (0.30, 0.06, "DELTA"),
    ];
    let percent = Unit::Percent { decimals: 1 };
    ScatterData {
        title: "Efficient frontier".into(),
        x: Axis::new("Volatility a year", percent.clone()),
        y: Axis::new("Mean a year", percent),
        series: vec![
            series("Frontier", true, line.collect()),
            series("Assets", false, assets.map(|(x, y, label)| point(x, y, label)).into()),
            series("Now", false, vec![point(0.17, 0.07, "Now")]),
        ],
    }
}

/// Returns lines of made-up prices; the first has a gap of two weeks when it is long enough.
pub fn lines(series: usize, days: usize) -> LineData {
    let names = ["US Core", "S&P 500 price index", "Balanced", "Long/short"];
    let start = day_number(date(2002, 12, 30));
    let lines = (0..series).map(|index| {
        let mut noise = Noise::new(index as u64 + 1);
        let mut value = 1_000_000.0 * (1.0 + index as f64 * 0.2);
        let x: Vec<f64> = (0..days).map(|day| start + (day / 5 * 7 + day % 5) as f64).collect();
        let gap = if index == 0 && days > 1_000 {
            days / 3..days / 3 + 10
        } else {
            0..0
        };
        let y = (0..days).map(|day| {
            value *= 1.0 + 0.0003 + 0.01 * noise.next();
            (!gap.contains(&day)).then(|| (value * 100.0).round() / 100.0)
        });
        LineSeries {
            name: names.get(index).copied().unwrap_or("Line").into(),
            hue: None,
            y: y.collect(),
            x,
        }
    });
    let at = |share: f64| start + (days as f64 * 1.4 * share).round();
    LineData {
        title: "Net asset value".into(),
        x: Axis::date(),
        y: Axis::new("NAV", Unit::Money { currency: "USD".into() }),
        series: lines.collect(),
        marks: [("Buy 200 ACME", 0.2, Tone::Gain), ("Sell 150 ACME", 0.62, Tone::Loss)]
            .into_iter()
            .map(|(label, share, tone)| Mark {
                x: at(share),
                label: label.into(),
                tone,
            })
            .collect(),
        ribbons: vec![Ribbon {
            from: at(0.45),
            until: at(0.55),
            label: "Stressed".into(),
            tone: Tone::Warning,
        }],
    }
}

fn net_asset_value() -> LineData {
    let mut data = lines(1, 750);
    data.marks.clear();
    data.ribbons.clear();
    data
}

fn drawdown() -> LineData {
    let mut data = net_asset_value();
    data.title = "Drawdown".into();
    data.y = Axis::new("Drawdown", Unit::Percent { decimals: 2 });
    for series in &mut data.series {
        series.hue = Some(4);
        let mut highest = f64::MIN;
        for value in series.y.iter_mut().flatten() {
            highest = highest.max(*value);
            *value = *value / highest - 1.0;
        }
    }
    data
}

fn fan() -> LineData {
    let start = day_number(date(2022, 12, 30));
    let x: Vec<f64> = (0..=60)
        .map(|month| start + (f64::from(month) * 30.4).round())
        .collect();
    // Standard normal quantiles of 1, 5, 25, 50, 75, 95 and 99 percent.
    let quantiles = [
        ("1%", -2.326),
        ("5%", -1.645),
        ("25%", -0.674),
        ("50%", 0.0),
        ("75%", 0.674),
        ("95%", 1.645),
        ("99%", 2.326),
    ];
    let mut series: Vec<LineSeries> = quantiles
        .into_iter()
        .map(|(name, score)| LineSeries {
            name: name.into(),
            hue: Some(0),
            x: x.clone(),
            y: (0..=60)
                .map(|month| {
                    let years = f64::from(month) / 12.0;
                    Some(1e6 * (0.04 * years + 0.16 * years.sqrt() * score).exp())
                })
                .collect(),
        })
        .collect();
    series.push(LineSeries {
        name: "Goal".into(),
        hue: Some(3),
        y: vec![Some(1.2e6); x.len()],
        x,
    });
    LineData {
        title: "To a horizon".into(),
        x: Axis::date(),
        y: Axis::new("Value", Unit::Money { currency: "USD".into() }),
        series,
        marks: vec![],
        ribbons: vec![],
    }
}

fn waterfall() -> WaterfallData {
    let changes = [
        ("Information technology", -61_200.0),
        ("Consumer discretionary", -38_450.5),
        ("Financials", -12_000.0),
        ("Cash", 0.0),
        ("Government bonds", 21_300.25),
    ];
    let mut level = 1_204_331.2;
    let total = |name: &str, level: f64| WaterfallStep {
        name: name.into(),
        change: None,
        level: Some(level),
    };
    let mut steps = vec![total("Before", level)];
    for (name, change) in changes {
        level += change;
        steps.push(WaterfallStep {
            name: name.into(),
            change: Some(change),
            level: Some(level),
        });
    }
    steps.push(total("After", level));
    WaterfallData {
        title: "Shares fall, by sector".into(),
        category: "Sector".into(),
        value: Axis::new("NAV", Unit::Money { currency: "USD".into() }),
        steps,
    }
}

fn monthly_bars() -> BarData {
    let mut noise = Noise::new(7);
    let months: Vec<String> = (0..24)
        .map(|month| format!("{}-{:02}", 2021 + month / 12, month % 12 + 1))
        .collect();
    let values = months
        .iter()
        .enumerate()
        .map(|(month, _)| (month != 9).then(|| 0.006 + 0.04 * noise.next()))
        .collect();
    BarData {
        title: "Monthly returns".into(),
        category: "Month".into(),
        value: Axis::new("Return", Unit::Percent { decimals: 2 }),
        layout: BarLayout::Vertical,
        categories: months,
        series: vec![BarSeries {
            name: "Return".into(),
            hue: None,
            values,
        }],
    }
}

fn grouped_bars() -> BarData {
    let mut noise = Noise::new(8);
    let mut column = |name: &str| {
        let values = (0..6).map(|_| Some(0.06 + 0.12 * noise.next())).collect();
        BarSeries {
            name: name.into(),
            hue: None,
            values,
        }
    };
    BarData {
        title: "Yearly returns".into(),
        category: "Year".into(),
        value: Axis::new("Return", Unit::Percent { decimals: 2 }),
        layout: BarLayout::Vertical,
        series: vec![column("US Core"), column("S&P 500 price index")],
        categories: (2017..2023).map(|year| year.to_string()).collect(),
    }
}

fn contribution() -> BarData {
    let names = [
        "Acme Industries International Holdings",
        "Northwind Traders",
        "Contoso",
        "Fabrikam",
        "Tailspin Toys",
        "Wide World Importers",
        "Adatum",
        "Litware",
    ];
    let values = [0.0412, 0.0297, 0.0188, 0.0061, 0.0, -0.0043, -0.0129, -0.0264];
    BarData {
        title: "Contribution".into(),
        category: "Holding".into(),
        value: Axis::new("Contribution", Unit::Percent { decimals: 2 }),
        layout: BarLayout::Horizontal,
        categories: names.map(String::from).into(),
        series: vec![BarSeries {
            name: "Year to date".into(),
            hue: None,
            values: values.map(Some).into(),
        }],
    }
}

fn correlation() -> HeatMapData {
    let names: Vec<String> = ["AAPL", "MSFT", "XOM", "JPM", "KO", "GLD", "TLT", "VIX"]
        .map(String::from)
        .into();
    let mut noise = Noise::new(9);
    let count = names.len();
    let mut values = vec![Some(1.0); count * count];
    for row in 0..count {
        for column in 0..row {
            let lean = if row == count - 1 { -0.5 } else { 0.35 };
            let value = (lean + 0.45 * noise.next()).clamp(-0.95, 0.95);
            let value = (row != 5 || column != 2).then_some(value);
            values[row * count + column] = value;
            values[column * count + row] = value;
        }
    }
    HeatMapData {
        title: "Correlation".into(),
        value: Axis::new("Correlation", Unit::Number { decimals: 2 }),
        rows: names.clone(),
        columns: names,
        values,
        ramp: Ramp::Diverging { limit: Some(1.0) },
    }
}

fn monthly_table() -> HeatMapData {
    let mut noise = Noise::new(10);
    let rows: Vec<String> = (2017..2023).map(|year| year.to_string()).collect();
    let values = (0..rows.len() * 12)
        .map(|cell| (cell > 2).then(|| 0.008 + 0.045 * noise.next()))
        .collect();
    HeatMapData {
        title: "Monthly returns".into(),
        value: Axis::new("Return", Unit::Percent { decimals: 1 }),
        rows,
        columns: (1..=12)
            .map(|month| apex_format::month_name(month).to_owned())
            .collect(),
        values,
        ramp: Ramp::Diverging { limit: None },
    }
}

fn weights() -> HeatMapData {
    let mut noise = Noise::new(11);
    let rows: Vec<String> = ["Technology", "Energy", "Financials", "Health care", "Consumer staples"]
        .map(String::from)
        .into();
    let columns: Vec<String> = ["US", "DE", "JP", "GB", "FR", "CH"].map(String::from).into();
    let values = (0..rows.len() * columns.len())
        .map(|_| Some(0.03 * (1.0 + noise.next())))
        .collect();
    HeatMapData {
        title: "Weights".into(),
        value: Axis::new("Weight", Unit::Percent { decimals: 1 }),
        rows,
        columns,
        values,
        ramp: Ramp::Sequential,
    }
}

fn histogram() -> HistogramData {
    let mut noise = Noise::new(12);
    let edges: Vec<f64> = (0..=40).map(|edge| f64::from(edge - 20) * 0.0025).collect();
    let mut counts = vec![0; 40];
    for _ in 0..2_520 {
        let value = 0.0004 + 0.012 * (noise.next() + noise.next() + noise.next());
        let bin = edges.partition_point(|edge| *edge <= value);
        if let Some(count) = bin.checked_sub(1).and_then(|bin| counts.get_mut(bin)) {
            *count += 1;
        }
    }
    HistogramData {
        title: "Daily returns".into(),
        value: Axis::new("Daily return", Unit::Percent { decimals: 2 }),
        edges,
        counts,
        marks: vec![
            Mark {
                x: -0.0218,
                label: "VaR 95%".into(),
                tone: Tone::Loss,
            },
            Mark {
                x: 0.0004,
                label: "Mean".into(),
                tone: Tone::Neutral,
            },
        ],
    }
}

/// A small generator of numbers between -1 and 1 (splitmix64); good enough for pictures, unfit for statistics.
struct Noise(u64);

impl Noise {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        (bits >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

//! Chart data as columns: what the engine hands to a chart, and what a chart's table and CSV show.
//!
//! The JSON form of these types is a contract between the page and the process behind it. Nothing here knows how a
//! chart looks; a value that is unknown is `None` and is drawn as a gap.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One chart of any kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChartData {
    /// Lines over time or over numbers.
    Line(LineData),
    /// Lines filled down (or up) to zero, such as a drawdown or a net asset value.
    Area(LineData),
    /// Quantiles over time as bands around their middle: the series without a hue, lowest first and an odd number of
    /// them. Those with a hue are lines drawn over the bands.
    Fan(LineData),
    /// Bars by category, such as contributions or monthly returns.
    Bar(BarData),
    /// A total, what is added to it and taken from it, and the total that this makes.
    Waterfall(WaterfallData),
    /// A colored table, such as correlations or monthly returns.
    HeatMap(HeatMapData),
    /// Prices and volume over time.
    Candles(CandleData),
    /// Counts in bins, such as a distribution of daily returns.
    Histogram(HistogramData),
    /// Points on two axes of numbers, such as risk and return.
    Scatter(ScatterData),
}

/// What an axis measures and how its values are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axis {
    /// The words beside the axis, without the unit.
    pub label: String,
    /// How values are written.
    pub unit: Unit,
}

/// How the values of an axis are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "unit", rename_all = "snake_case")]
pub enum Unit {
    /// Whole days since 1970-01-01, written as ISO dates.
    Date,
    /// Places in a list of days, counted from zero, so that weekends and holidays take no room; written as ISO dates.
    Dates {
        /// Whole days since 1970-01-01, ascending.
        days: Vec<i32>,
    },
    /// Places in a list of minutes, counted from zero, so that nights take no room; written as day and time in UTC.
    Instants {
        /// Minutes since 1970-01-01T00:00Z, ascending.
        minutes: Vec<i64>,
    },
    /// A plain number with this many decimals.
    Number {
        /// Digits after the decimal mark.
        decimals: u8,
    },
    /// A fraction written as a percentage: `0.0125` reads `1.25%`.
    Percent {
        /// Digits after the decimal mark of the percentage.
        decimals: u8,
    },
    /// An amount of money.
    Money {
        /// The ISO 4217 code.
        currency: String,
    },
    /// A whole number of things.
    Count,
}

/// The data of a line or an area chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineData {
    /// The title of the chart, also the name of its exported files.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// The lines, in the order of their colors.
    pub series: Vec<LineSeries>,
    /// Points in time worth a mark, such as trades and events.
    #[serde(default)]
    pub marks: Vec<Mark>,
    /// Stretches of time worth a ribbon, such as regimes.
    #[serde(default)]
    pub ribbons: Vec<Ribbon>,
}

/// One named column of values over an ascending column of positions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineSeries {
    /// The label drawn at the line and in the table's header.
    pub name: String,
    /// The categorical color (0 to 7), or `None` to take the series' place in the list.
    #[serde(default)]
    pub hue: Option<u8>,
    /// Positions in ascending order; days since 1970-01-01 when the axis is a date.
    pub x: Vec<f64>,
    /// The value at each position; `None` is a gap.
    pub y: Vec<Option<f64>>,
}

/// A point on the horizontal axis with a word about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// The position, in the units of the horizontal axis.
    pub x: f64,
    /// A short label.
    pub label: String,
    /// What it means for the reader.
    pub tone: Tone,
}

/// A stretch of the horizontal axis with a word about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ribbon {
    /// Where it starts.
    pub from: f64,
    /// Where it ends.
    pub until: f64,
    /// A short label.
    pub label: String,
    /// What it means for the reader.
    pub tone: Tone,
}

/// What a mark or a ribbon means for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Neither good nor bad.
    Neutral,
    /// Good, as a gain is.
    Gain,
    /// Bad, as a loss is.
    Loss,
    /// Worth a look.
    Warning,
}

/// The data of a candle chart: prices and volume over time, with lines and marks over them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CandleData {
    /// The title of the chart, also the name of its exported files.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The axis of the prices.
    pub y: Axis,
    /// Positions in ascending order: days since 1970-01-01 where the axis is a date, minutes where it is an instant.
    pub at: Vec<f64>,
    /// The first price at each position; a candle without all four prices is not drawn.
    pub open: Vec<Option<f64>>,
    /// The highest price.
    pub high: Vec<Option<f64>>,
    /// The lowest price.
    pub low: Vec<Option<f64>>,
    /// The last price.
    pub close: Vec<Option<f64>>,
    /// Shares traded; empty where it is not known of any.
    pub volume: Vec<Option<f64>>,
    /// Lines over the candles, such as moving averages.
    pub lines: Vec<LineSeries>,
    /// Points in time worth a mark, such as splits and dividends.
    pub marks: Vec<Mark>,
}

/// The data of a bar chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BarData {
    /// The title of the chart, also the name of its exported files.
    pub title: String,
    /// What the categories are; its unit is not used.
    pub category: String,
    /// The axis of the values.
    pub value: Axis,
    /// Whether bars stand or lie.
    pub layout: BarLayout,
    /// One name for each bar, in drawing order.
    pub categories: Vec<String>,
    /// One or more columns of values, grouped side by side.
    pub series: Vec<BarSeries>,
}

/// Whether bars stand or lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BarLayout {
    /// Bars rise from the horizontal zero line; categories run left to right.
    Vertical,
    /// Bars run from the vertical zero line; categories run top to bottom, with room for long names.
    Horizontal,
}

/// One column of bars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BarSeries {
    /// The name of the column.
    pub name: String,
    /// The categorical color (0 to 7); `None` colors a single series by sign and several by their place in the list.
    #[serde(default)]
    pub hue: Option<u8>,
    /// One value for each category; `None` draws no bar.
    pub values: Vec<Option<f64>>,
}

/// The data of a waterfall.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaterfallData {
    /// The title of the chart, also the name of its exported files.
    pub title: String,
    /// What the steps are.
    pub category: String,
    /// The axis of the values.
    pub value: Axis,
    /// The steps, from the left.
    pub steps: Vec<WaterfallStep>,
}

/// One step of a waterfall.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaterfallStep {
    /// Its name.
    pub name: String,
    /// What it adds or takes; `None` for a total.
    pub change: Option<f64>,
    /// What stands after it, or the total.
    pub level: Option<f64>,
}

/// The data of a heat map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeatMapData {
    /// The title of the chart, also the name of its exported files.
    pub title: String,
    /// What the values are and how they are written.
    pub value: Axis,
    /// Names of the rows, from the top.
    pub rows: Vec<String>,
    /// Names of the columns, from the left.
    pub columns: Vec<String>,
    /// Values by row, then by column; `None` is an empty cell.
    pub values: Vec<Option<f64>>,
    /// How values become colors.
    pub ramp: Ramp,
}

/// How the values of a heat map become colors.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ramp", rename_all = "snake_case")]
pub enum Ramp {
    /// One hue from the lowest to the highest value.
    Sequential,
    /// Blue to orange around a grey zero; colors saturate at plus and minus `limit`, or at the largest magnitude.
    Diverging {
        /// The magnitude of full color, such as 1 for correlations.
        limit: Option<f64>,
    },
}

/// The data of a histogram.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistogramData {
    /// The title of the chart, also the name of its exported files.
    pub title: String,
    /// The axis of the values that were counted.
    pub value: Axis,
    /// The edges of the bins in ascending order, one more than there are counts.
    pub edges: Vec<f64>,
    /// How many values fell into each bin.
    pub counts: Vec<u64>,
    /// Values worth a mark, such as a value at risk.
    #[serde(default)]
    pub marks: Vec<Mark>,
}

/// The data of a scatter chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScatterData {
    /// The title of the chart, also the name of its exported files.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// The points, in the order of their colors; later ones are drawn over earlier ones.
    pub series: Vec<ScatterSeries>,
}

/// Points of one color.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScatterSeries {
    /// The name of the series.
    pub name: String,
    /// The categorical color (0 to 7), or `None` to take the series' place in the list.
    #[serde(default)]
    pub hue: Option<u8>,
    /// Whether a line goes from point to point.
    pub joined: bool,
    /// Whether the points' labels stand beside them, where there is room.
    pub named: bool,
    /// The points.
    pub points: Vec<ScatterPoint>,
}

/// One point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScatterPoint {
    /// Its place on the horizontal axis.
    pub x: f64,
    /// Its place on the vertical axis.
    pub y: f64,
    /// What it is called.
    pub label: String,
}

impl ChartData {
    /// Returns the title of the chart.
    pub fn title(&self) -> &str {
        match self {
            Self::Line(data) | Self::Area(data) | Self::Fan(data) => &data.title,
            Self::Bar(data) => &data.title,
            Self::Waterfall(data) => &data.title,
            Self::HeatMap(data) => &data.title,
            Self::Candles(data) => &data.title,
            Self::Histogram(data) => &data.title,
            Self::Scatter(data) => &data.title,
        }
    }

    /// Returns whether there is no known value to draw.
    ///
    /// ```
    /// use apex_wire::chart::{BarData, BarLayout, BarSeries, Axis, ChartData, Unit};
    ///
    /// let bars = BarData {
    ///     title: "Contribution".into(),
    ///     category: "Holding".into(),
    ///     value: Axis::new("Contribution", Unit::Percent { decimals: 2 }),
    ///     layout: BarLayout::Horizontal,
    ///     categories: vec!["ACME".into()],
    ///     series: vec![BarSeries { name: "2026".into(), hue: None, values: vec![None] }],
    /// };
    /// assert!(ChartData::Bar(bars).is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Line(data) | Self::Area(data) | Self::Fan(data) => {
                data.series.iter().all(|s| s.y.iter().all(Option::is_none))
            }
            Self::Bar(data) => data.series.iter().all(|s| s.values.iter().all(Option::is_none)),
            Self::Waterfall(data) => data.steps.iter().all(|step| step.level.is_none()),
            Self::HeatMap(data) => data.values.iter().all(Option::is_none),
            Self::Candles(data) => {
                (0..data.at.len()).all(|index| data.candle(index).is_none())
                    && data.lines.iter().all(|line| line.y.iter().all(Option::is_none))
            }
            Self::Histogram(data) => data.counts.iter().all(|count| *count == 0),
            Self::Scatter(data) => data.series.iter().all(|s| s.points.is_empty()),
        }
    }

    /// Returns the first reason why the columns do not fit together, or `None` when they do.
    pub fn misfit(&self) -> Option<String> {
        match self {
            Self::Line(data) | Self::Area(data) | Self::Fan(data) => data.series.iter().find_map(LineSeries::misfit),
            Self::Bar(data) => data
                .series
                .iter()
                .find(|s| s.values.len() != data.categories.len())
                .map(|s| {
                    format!(
                        "series {} has {} values for {} categories",
                        s.name,
                        s.values.len(),
                        data.categories.len()
                    )
                }),
            Self::Waterfall(_) => None,
            Self::HeatMap(data) => (data.values.len() != data.rows.len() * data.columns.len()).then(|| {
                format!(
                    "{} values for {} x {} cells",
                    data.values.len(),
                    data.rows.len(),
                    data.columns.len()
                )
            }),
            Self::Candles(data) => data.misfit(),
            Self::Histogram(data) => (data.edges.len() != data.counts.len() + 1)
                .then(|| format!("{} edges for {} bins", data.edges.len(), data.counts.len())),
            Self::Scatter(_) => None,
        }
    }
}

impl CandleData {
    /// Returns the prices of the candle at an index as open, high, low and close; none unless all four are known.
    ///
    /// ```
    /// use apex_wire::chart::{Axis, CandleData, Unit};
    ///
    /// let mut data = CandleData {
    ///     title: "ACME".into(),
    ///     x: Axis::date(),
    ///     y: Axis::new("Price", Unit::Money { currency: "USD".into() }),
    ///     at: vec![1.0],
    ///     open: vec![Some(10.0)],
    ///     high: vec![Some(12.0)],
    ///     low: vec![Some(9.0)],
    ///     close: vec![Some(11.0)],
    ///     volume: vec![],
    ///     lines: vec![],
    ///     marks: vec![],
    /// };
    /// assert_eq!(data.candle(0), Some([10.0, 12.0, 9.0, 11.0]));
    /// data.low[0] = None;
    /// assert_eq!(data.candle(0), None);
    /// ```
    pub fn candle(&self, index: usize) -> Option<[f64; 4]> {
        let value = |column: &[Option<f64>]| column.get(index).copied().flatten().filter(|value| value.is_finite());
        Some([
            value(&self.open)?,
            value(&self.high)?,
            value(&self.low)?,
            value(&self.close)?,
        ])
    }

    fn misfit(&self) -> Option<String> {
        let columns = [
            ("open", &self.open),
            ("high", &self.high),
            ("low", &self.low),
            ("close", &self.close),
            ("volume", &self.volume),
        ];
        let short = columns
            .iter()
            .find(|(name, column)| column.len() != self.at.len() && !(*name == "volume" && column.is_empty()));
        if let Some((name, column)) = short {
            return Some(format!(
                "column {name} has {} values for {} positions",
                column.len(),
                self.at.len()
            ));
        }
        if !self.at.is_sorted() {
            return Some("the candles are not in ascending order".to_owned());
        }
        self.lines.iter().find_map(LineSeries::misfit)
    }
}

impl Axis {
    /// Makes an axis from its words and its unit.
    pub fn new(label: impl Into<String>, unit: Unit) -> Self {
        Self {
            label: label.into(),
            unit,
        }
    }

    /// Makes the axis of trading days.
    pub fn date() -> Self {
        Self::new("Date", Unit::Date)
    }
}

impl LineSeries {
    /// Makes a series over trading days.
    ///
    /// ```
    /// use apex_wire::chart::LineSeries;
    /// use jiff::civil::date;
    ///
    /// let series = LineSeries::over_dates("NAV", [(date(1970, 1, 2), Some(100.0)), (date(1970, 1, 3), None)]);
    /// assert_eq!(series.x, [1.0, 2.0]);
    /// assert_eq!(series.y, [Some(100.0), None]);
    /// ```
    pub fn over_dates(name: impl Into<String>, points: impl IntoIterator<Item = (Date, Option<f64>)>) -> Self {
        let (x, y) = points
            .into_iter()
            .map(|(date, value)| (day_number(date), value))
            .unzip();
        Self {
            name: name.into(),
            hue: None,
            x,
            y,
        }
    }

    fn misfit(&self) -> Option<String> {
        if self.x.len() != self.y.len() {
            return Some(format!(
                "series {} has {} values for {} positions",
                self.name,
                self.y.len(),
                self.x.len()
            ));
        }
        (!self.x.is_sorted()).then(|| format!("series {} is not in ascending order", self.name))
    }
}

/// Returns the whole days from 1970-01-01 to `date`, the number that date axes use.
///
/// ```
/// assert_eq!(apex_wire::chart::day_number(jiff::civil::date(2000, 1, 1)), 10_957.0);
/// ```
pub fn day_number(date: Date) -> f64 {
    f64::from(days_between_epoch(date))
}

/// Returns the date of a day number, rounded to whole days, or `None` outside the calendar's years.
///
/// ```
/// use apex_wire::chart::date_of_day;
///
/// assert_eq!(date_of_day(10_957.0), Some(jiff::civil::date(2000, 1, 1)));
/// assert_eq!(date_of_day(f64::NAN), None);
/// ```
pub fn date_of_day(day: f64) -> Option<Date> {
    let day = day.round();
    if !(-4_371_587.0..=2_932_896.0).contains(&day) {
        return None;
    }
    EPOCH.checked_add(jiff::Span::new().try_days(day as i64).ok()?).ok()
}

const EPOCH: Date = Date::constant(1970, 1, 1);

fn days_between_epoch(date: Date) -> i32 {
    (date - EPOCH).get_days()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn day_numbers_and_dates_are_inverse() {
        for day in [
            date(1969, 12, 31),
            date(1970, 1, 1),
            date(2024, 2, 29),
            date(-9999, 1, 1),
            date(9999, 12, 31),
        ] {
            assert_eq!(date_of_day(day_number(day)), Some(day), "{day}");
        }
        assert_eq!(date_of_day(1e12), None);
        assert_eq!(date_of_day(f64::INFINITY), None);
    }

    #[test]
    fn a_gap_survives_the_journey_as_json() {
        let chart = ChartData::Line(LineData {
            title: "NAV".into(),
            x: Axis::date(),
            y: Axis::new("NAV", Unit::Money { currency: "USD".into() }),
            series: vec![LineSeries {
                name: "US Core".into(),
                hue: None,
                x: vec![1.0, 2.0],
                y: vec![Some(0.1 + 0.2), None],
            }],
            marks: vec![Mark {
                x: 1.0,
                label: "buy ACME".into(),
                tone: Tone::Neutral,
            }],
            ribbons: vec![],
        });
        let json = serde_json::to_string(&chart).unwrap();
        assert!(json.contains(r#""kind":"line""#), "{json}");
        assert!(json.contains("[0.30000000000000004,null]"), "{json}");
        assert_eq!(serde_json::from_str::<ChartData>(&json).unwrap(), chart);
    }

    #[test]
    fn columns_that_do_not_fit_say_why() {
        let map = ChartData::HeatMap(HeatMapData {
            title: "Correlation".into(),
            value: Axis::new("Correlation", Unit::Number { decimals: 2 }),
            rows: vec!["A".into(), "B".into()],
            columns: vec!["A".into(), "B".into()],
            values: vec![Some(1.0); 3],
            ramp: Ramp::Diverging { limit: Some(1.0) },
        });
        assert_eq!(map.misfit().as_deref(), Some("3 values for 2 x 2 cells"));
    }
}

//! The table behind a chart: what the crosshair reads, what the CSV holds, what a test compares.

use crate::unit::unit_text;
use apex_format::Figure;
use apex_wire::chart::{
    Axis, BarData, CandleData, ChartData, HeatMapData, HistogramData, LineData, LineSeries, ScatterData, Unit,
    WaterfallData,
};
use std::fmt::Write;

/// A chart as rows and columns, in full precision.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What the rows are.
    pub key: String,
    /// The names of the value columns.
    pub columns: Vec<String>,
    /// How the values are written.
    pub unit: Unit,
    /// The column whose values are written otherwise, and how: the volume of candles.
    pub other_unit: Option<(usize, Unit)>,
    /// The rows, in the order of the chart.
    pub rows: Vec<Row>,
}

/// One row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The name of the row: a date, a number, a category or a bin.
    pub key: String,
    /// The place of the row on the chart's axis; a category's is its index.
    pub at: f64,
    /// One value for each column.
    pub values: Vec<Option<f64>>,
}

impl Table {
    /// Returns a value of a column as the crosshair shows it.
    pub fn text(&self, column: usize, value: Option<f64>) -> Figure {
        match &self.other_unit {
            Some((other, unit)) if *other == column => unit_text(unit, value),
            _ => unit_text(&self.unit, value),
        }
    }

    /// Returns the row nearest to a place on the axis; of two equally near, the earlier.
    pub fn nearest(&self, at: f64) -> Option<&Row> {
        let after = self.rows.partition_point(|row| row.at < at);
        let (before, next) = (
            after.checked_sub(1).and_then(|i| self.rows.get(i)),
            self.rows.get(after),
        );
        match (before, next) {
            (Some(before), Some(next)) if next.at - at < at - before.at => Some(next),
            (Some(before), _) => Some(before),
            (None, next) => next,
        }
    }
}

/// Returns the table of a chart.
///
/// ```
/// use apex_charts::table::table;
/// use apex_wire::chart::{Axis, ChartData, HistogramData, Unit};
///
/// let histogram = HistogramData {
///     title: "Daily returns".into(),
///     value: Axis::new("Return", Unit::Percent { decimals: 1 }),
///     edges: vec![-0.01, 0.0, 0.01],
///     counts: vec![3, 4],
///     marks: vec![],
/// };
/// let table = table(&ChartData::Histogram(histogram));
/// assert_eq!(table.rows[0].key, "-1.0% to 0.0%");
/// assert_eq!(table.rows[1].values, [Some(4.0)]);
/// ```
pub fn table(data: &ChartData) -> Table {
    match data {
        ChartData::Line(data) | ChartData::Area(data) | ChartData::Fan(data) => of_lines(data),
        ChartData::Bar(data) => of_bars(data),
        ChartData::Waterfall(data) => of_waterfall(data),
        ChartData::HeatMap(data) => of_heat_map(data),
        ChartData::Histogram(data) => of_histogram(data),
        ChartData::Scatter(data) => of_points(data),
        ChartData::Candles(data) => of_candles(data),
    }
}

/// Returns the table of a chart as CSV: a header, dates in ISO form, numbers in full precision, unknown values empty.
///
/// Percentages stay fractions, as they are everywhere outside the screen.
///
/// ```
/// use apex_charts::csv;
/// use apex_wire::chart::{Axis, ChartData, LineData, LineSeries, Unit};
/// use jiff::civil::date;
///
/// let chart = ChartData::Line(LineData {
///     title: "NAV".into(),
///     x: Axis::date(),
///     y: Axis::new("NAV", Unit::Money { currency: "USD".into() }),
///     series: vec![LineSeries::over_dates("US, Core", [(date(2022, 12, 28), Some(0.1)), (date(2022, 12, 29), None)])],
///     marks: vec![],
///     ribbons: vec![],
/// });
/// assert_eq!(csv(&chart), "Date,\"US, Core\"\n2022-12-28,0.1\n2022-12-29,\n");
/// ```
pub fn csv(data: &ChartData) -> String {
    let table = table(data);
    let mut text = quoted(&table.key);
    for column in &table.columns {
        text.push(',');
        text.push_str(&quoted(column));
    }
    text.push('\n');
    for row in &table.rows {
        text.push_str(&quoted(&row.key));
        for value in &row.values {
            text.push(',');
            if let Some(value) = value.filter(|value| value.is_finite()) {
                write!(text, "{value}").expect("a string takes any text");
            }
        }
        text.push('\n');
    }
    text
}

/// The row's key on the horizontal axis: a date in ISO form, any other number in full.
fn key(axis: &Axis, at: f64) -> String {
    match axis.unit {
        Unit::Date | Unit::Dates { .. } | Unit::Instants { .. } => unit_text(&axis.unit, Some(at)).into(),
        _ => format!("{at}"),
    }
}

/// Merges the positions of all series, each of which is sorted.
fn of_lines(data: &LineData) -> Table {
    let mut positions: Vec<f64> = data.series.iter().flat_map(|series| series.x.iter().copied()).collect();
    positions.retain(|at| at.is_finite());
    positions.sort_by(f64::total_cmp);
    positions.dedup();
    let rows = positions
        .into_iter()
        .map(|at| Row {
            key: key(&data.x, at),
            at,
            values: values_at(data, at),
        })
        .collect();
    Table {
        key: data.x.label.clone(),
        columns: data.series.iter().map(|series| series.name.clone()).collect(),
        unit: data.y.unit.clone(),
        other_unit: None,
        rows,
    }
}

/// The names of a candle's columns.
pub(crate) const CANDLE_COLUMNS: [&str; 5] = ["Open", "High", "Low", "Close", "Volume"];

/// One row for each candle; a line's value stands where it has the same position.
fn of_candles(data: &CandleData) -> Table {
    let rows = (0..data.at.len()).map(|index| Row {
        key: key(&data.x, data.at[index]),
        at: data.at[index],
        values: candle_values(data, index),
    });
    Table {
        key: data.x.label.clone(),
        columns: CANDLE_COLUMNS
            .into_iter()
            .map(str::to_owned)
            .chain(data.lines.iter().map(|line| line.name.clone()))
            .collect(),
        unit: data.y.unit.clone(),
        other_unit: Some((4, Unit::Count)),
        rows: rows.collect(),
    }
}

/// Returns what the table has for the candle at an index.
pub(crate) fn candle_values(data: &CandleData, index: usize) -> Vec<Option<f64>> {
    let value = |column: &[Option<f64>]| column.get(index).copied().flatten().filter(|value| value.is_finite());
    let own = [&data.open, &data.high, &data.low, &data.close, &data.volume].map(|column| value(column));
    let at = data.at.get(index).copied().unwrap_or(f64::NAN);
    own.into_iter().chain(line_values(&data.lines, at)).collect()
}

/// Returns what each series has at exactly this position.
pub(crate) fn values_at(data: &LineData, at: f64) -> Vec<Option<f64>> {
    line_values(&data.series, at)
}

fn line_values(series: &[LineSeries], at: f64) -> Vec<Option<f64>> {
    let value = |x: &[f64], y: &[Option<f64>]| {
        let index = x.partition_point(|position| *position < at);
        let hit = x.get(index).is_some_and(|position| *position == at);
        if hit {
            y.get(index).copied().flatten().filter(|value| value.is_finite())
        } else {
            None
        }
    };
    series.iter().map(|series| value(&series.x, &series.y)).collect()
}

/// Returns the position of any series that is nearest to `at`; the crosshair stands only on such positions.
pub(crate) fn snap(data: &LineData, at: f64) -> Option<f64> {
    data.series
        .iter()
        .flat_map(|series| {
            let after = series.x.partition_point(|position| *position < at);
            [after.checked_sub(1).and_then(|i| series.x.get(i)), series.x.get(after)]
        })
        .flatten()
        .copied()
        .min_by(|one, other| (one - at).abs().total_cmp(&(other - at).abs()))
}

/// Returns the next position of any series to the right (`ahead`) or to the left of `at`.
pub(crate) fn step(data: &LineData, at: f64, ahead: bool) -> Option<f64> {
    let positions = data.series.iter().filter_map(|series| {
        if ahead {
            series.x.get(series.x.partition_point(|position| *position <= at))
        } else {
            series
                .x
                .partition_point(|position| *position < at)
                .checked_sub(1)
                .and_then(|i| series.x.get(i))
        }
    });
    if ahead {
        positions.copied().min_by(f64::total_cmp)
    } else {
        positions.copied().max_by(f64::total_cmp)
    }
}

fn of_bars(data: &BarData) -> Table {
    let rows = data.categories.iter().enumerate().map(|(index, category)| Row {
        key: category.clone(),
        at: index as f64,
        values: data
            .series
            .iter()
            .map(|series| series.values.get(index).copied().flatten())
            .collect(),
    });
    Table {
        key: data.category.clone(),
        columns: data.series.iter().map(|series| series.name.clone()).collect(),
        unit: data.value.unit.clone(),
        other_unit: None,
        rows: rows.collect(),
    }
}

fn of_waterfall(data: &WaterfallData) -> Table {
    let rows = data.steps.iter().enumerate().map(|(index, step)| Row {
        key: step.name.clone(),
        at: index as f64,
        values: vec![step.change, step.level],
    });
    Table {
        key: data.category.clone(),
        columns: ["Change", "Level"].map(String::from).into(),
        unit: data.value.unit.clone(),
        other_unit: None,
        rows: rows.collect(),
    }
}

fn of_heat_map(data: &HeatMapData) -> Table {
    let width = data.columns.len();
    let rows = data.rows.iter().enumerate().map(|(index, name)| Row {
        key: name.clone(),
        at: index as f64,
        values: (0..width)
            .map(|column| data.values.get(index * width + column).copied().flatten())
            .collect(),
    });
    Table {
        key: data.value.label.clone(),
        columns: data.columns.clone(),
        unit: data.value.unit.clone(),
        other_unit: None,
        rows: rows.collect(),
    }
}

fn of_histogram(data: &HistogramData) -> Table {
    let rows = data.edges.windows(2).zip(&data.counts).map(|(edge, count)| Row {
        key: format!(
            "{} to {}",
            bin_edge(&data.value.unit, edge[0]),
            bin_edge(&data.value.unit, edge[1])
        ),
        at: (edge[0] + edge[1]) / 2.0,
        values: vec![Some(*count as f64)],
    });
    Table {
        key: data.value.label.clone(),
        columns: vec!["Count".into()],
        unit: Unit::Count,
        other_unit: None,
        rows: rows.collect(),
    }
}

fn of_points(data: &ScatterData) -> Table {
    let points = data.series.iter().flat_map(|series| {
        series.points.iter().map(move |point| {
            let key = match point.label.as_str() {
                label if label == series.name => label.to_owned(),
                label => format!("{}: {label}", series.name),
            };
            (key, point)
        })
    });
    let rows = points.enumerate().map(|(index, (key, point))| Row {
        key,
        at: index as f64,
        values: [point.x, point.y]
            .map(|value| value.is_finite().then_some(value))
            .into(),
    });
    Table {
        key: "Point".to_owned(),
        columns: vec![data.x.label.clone(), data.y.label.clone()],
        unit: data.y.unit.clone(),
        other_unit: None,
        rows: rows.collect(),
    }
}

fn bin_edge(unit: &Unit, edge: f64) -> Figure {
    unit_text(unit, Some(edge))
}

/// Quotes a field that needs it, and disarms one that a spreadsheet would run as a formula.
fn quoted(field: &str) -> String {
    let signed = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_digit());
    let formula = field.starts_with(['=', '@']) || field.strip_prefix(['+', '-']).is_some_and(signed);
    let guard = if formula { "'" } else { "" };
    if field.contains([',', '"', '\n', '\r']) || !guard.is_empty() {
        format!("\"{guard}{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery;

    #[test]
    fn every_number_of_the_csv_is_the_number_of_the_table() {
        for sample in gallery::samples() {
            let table = table(&sample.data);
            let text = csv(&sample.data);
            let lines: Vec<&str> = text.lines().skip(1).collect();
            assert_eq!(lines.len(), table.rows.len(), "{}", sample.name);
            for (line, row) in lines.iter().zip(&table.rows) {
                let fields: Vec<&str> = line.rsplitn(row.values.len() + 1, ',').collect();
                for (field, value) in fields.iter().take(row.values.len()).rev().zip(&row.values) {
                    assert_eq!(field.parse::<f64>().ok(), *value, "{}: {line}", sample.name);
                }
            }
        }
    }

    #[test]
    fn series_of_different_days_share_one_table() {
        let series = |name: &str, x: &[f64]| apex_wire::chart::LineSeries {
            name: name.into(),
            hue: None,
            x: x.to_vec(),
            y: x.iter().map(|at| Some(at * 10.0)).collect(),
        };
        let data = LineData {
            title: String::new(),
            x: Axis::new("x", Unit::Number { decimals: 0 }),
            y: Axis::new("y", Unit::Number { decimals: 0 }),
            series: vec![series("a", &[1.0, 3.0]), series("b", &[2.0, 3.0])],
            marks: vec![],
            ribbons: vec![],
        };
        assert_eq!(csv(&ChartData::Line(data.clone())), "x,a,b\n1,10,\n2,,20\n3,30,30\n");
        assert_eq!(snap(&data, 2.4), Some(2.0));
        assert_eq!(
            (step(&data, 1.0, true), step(&data, 3.0, false), step(&data, 3.0, true)),
            (Some(2.0), Some(2.0), None)
        );
    }

    #[test]
    fn a_field_is_quoted_and_never_a_formula() {
        for (field, csv) in [
            ("A,B", "\"A,B\""),
            ("=1+1", "\"'=1+1\""),
            ("-1.0% to 0.0%", "-1.0% to 0.0%"),
            ("-x", "\"'-x\""),
            ("a\"b", "\"a\"\"b\""),
        ] {
            assert_eq!(quoted(field), csv);
        }
    }
}

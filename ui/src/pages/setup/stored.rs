//! What is stored of one price or rate: a chart of what counts, and a table in which replaced values are struck out.

use std::rc::Rc;

use apex_domain::Decimal;
use apex_wire::{
    chart::{Axis, ChartData, LineData, LineSeries, Unit},
    setup::StoredValue,
};
use dioxus::prelude::*;

use crate::{
    answers::Answer,
    browser,
    components::{ChartPanel, EmptyState, FailedState, LoadingState, Menu, MenuItem, Panel},
};

/// Rows to ask for, in the chart and the CSV: ten years of days.
pub(super) const VALUES_MAX: usize = 2_520;
/// Rows drawn; all are in the CSV.
const ROWS_MAX: usize = 250;

const DECIMALS_MIN: u8 = 2;
const DECIMALS_MAX: u8 = 10;

/// Chart and table, side by side with the form that adds to them.
#[component]
pub(super) fn StoredValues(
    /// `prices` or `rates`; test ids are made of it.
    name: &'static str,
    /// What the values are of, such as `AAPL` or `EUR/USD`.
    subject: String,
    /// The unit, beside the title of the chart.
    #[props(default)]
    note: String,
    /// The heading of the values, such as `Close`.
    heading: &'static str,
    /// What is read where there is none.
    none_yet: &'static str,
    answer: Answer<Vec<StoredValue>>,
) -> Element {
    let plural = format!(
        "{}{}",
        name.get(..1).unwrap_or_default().to_uppercase(),
        name.get(1..).unwrap_or_default()
    );
    let title = format!("{plural} of {subject}");
    let (charted, chart_title) = (subject.clone(), title.clone());
    let chart = use_memo(move || {
        let data = line_data(&charted, &chart_title, heading, &answer.get()?);
        Some(Rc::new(ChartData::Line(data)))
    });
    let has_values = answer.get().is_some_and(|rows| !rows.is_empty());
    let stale = !(answer.current)();
    // A pair is written with a slash, which no file name has.
    let file = format!("{} {name}.csv", subject.replace('/', ""));
    rsx! {
        if has_values {
            ChartPanel { name, title, note, class: "area-prices", stale, data: chart }
        }
        Panel {
            testid: "panel-stored-{name}",
            title: "Stored {name}",
            note: "newest first, replaced ones struck out",
            class: "table-panel grow",
            stale,
            tools: rsx! {
                Menu {
                    name,
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "{name}-csv",
                        onclick: move |()| {
                            if let Some(rows) = answer.latest.peek().clone() {
                                browser::save_text(&file, &csv_of(heading, &rows));
                            }
                        },
                        "Save as CSV"
                    }
                }
            },
            match (answer.get(), (answer.failure)()) {
                (_, Some(failure)) => rsx! { FailedState { testid: "{name}-failed", failure } },
                (None, None) => rsx! { LoadingState {} },
                (Some(rows), None) if rows.is_empty() => rsx! {
                    EmptyState { testid: "{name}-empty", title: none_yet, next: "Enter the first one above, or import a file of {name}" }
                },
                (Some(rows), None) => rsx! {
                    table { class: "table", "data-testid": name,
                        thead {
                            tr {
                                th { "Day" }
                                th { class: "numeric", "{heading}" }
                                th { "Source" }
                                th { "Known since" }
                            }
                        }
                        tbody {
                            for (at, row) in rows.iter().take(ROWS_MAX).enumerate() {
                                {value_row(at, name, row)}
                            }
                        }
                    }
                    if rows.len() > ROWS_MAX {
                        p { class: "table-more", "and {apex_format::count((rows.len() - ROWS_MAX) as u64)} earlier ones, in the chart and the CSV" }
                    }
                },
            }
        }
    }
}

fn value_row(at: usize, name: &str, row: &StoredValue) -> Element {
    let testid = name.trim_end_matches('s');
    rsx! {
        tr { key: "{at}", class: if row.replaced { "struck" }, "data-testid": "{testid}-{row.date}",
            td { class: "strong", "{row.date}" }
            match row.value {
                Some(value) => rsx! { td { class: "numeric", {value_text(value)} } },
                None => rsx! { td { class: "numeric faint", title: "What the day had was left out on the Data page", "withdrawn" } },
            }
            td { class: "faint", "{row.source}" }
            td { class: "faint", {apex_format::instant(row.known_at).to_string()} }
        }
    }
}

/// Returns a price or rate with the decimals it is stored with, at least two and at most ten.
pub(super) fn value_text(value: Decimal) -> String {
    apex_format::fixed(value, decimals_of(value)).to_string()
}

fn decimals_of(value: Decimal) -> u8 {
    let scale = u8::try_from(value.normalize().scale()).unwrap_or(DECIMALS_MAX);
    scale.clamp(DECIMALS_MIN, DECIMALS_MAX)
}

fn line_data(subject: &str, title: &str, heading: &str, rows: &[StoredValue]) -> LineData {
    let points = rows
        .iter()
        .rev()
        .filter(|row| !row.replaced)
        .filter_map(|row| Some((row.date, row.value?.to_string().parse::<f64>().ok())));
    let decimals = rows.iter().filter_map(|row| Some(decimals_of(row.value?))).max();
    LineData {
        title: title.to_owned(),
        x: Axis::date(),
        y: Axis::new(
            heading,
            Unit::Number {
                decimals: decimals.unwrap_or(DECIMALS_MIN),
            },
        ),
        series: vec![LineSeries::over_dates(subject, points)],
        marks: Vec::new(),
        ribbons: Vec::new(),
    }
}

fn csv_of(heading: &str, rows: &[StoredValue]) -> String {
    let lines = rows.iter().map(|row| {
        format!(
            "{},{},\"{}\",{},{}\n",
            row.date,
            row.value.map(|value| value.to_string()).unwrap_or_default(),
            row.source.replace('"', "\"\""),
            row.known_at,
            row.replaced
        )
    });
    std::iter::once(format!("date,{},source,known_at,replaced\n", heading.to_lowercase()))
        .chain(lines)
        .collect()
}

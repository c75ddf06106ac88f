//! Backtests side by side: value, falls, statistics, and the weights over time of the one chosen.

use std::rc::Rc;

use apex_wire::{
    Statistic,
    backtest::{Backtest, BacktestRun},
    chart::{Axis, ChartData, LineData, LineSeries, Unit},
    explain::FigureName,
};
use dioxus::prelude::*;

use crate::{
    browser,
    components::{ChartPanel, FigureCell, Menu, MenuItem, Panel},
    desk::sentence,
    reading::{Reading, Tone},
};

/// The statistics shown, as the tear sheet names them and as people read them.
const SHOWN: [(&str, &str, Shape); 11] = [
    ("total_return", "Return", Shape::Rate),
    ("cagr", "Return a year", Shape::Rate),
    ("vol_ann", "Volatility a year", Shape::Share),
    ("sharpe", "Sharpe ratio", Shape::Number),
    ("sortino", "Sortino ratio", Shape::Number),
    ("calmar", "Calmar ratio", Shape::Number),
    ("max_drawdown", "Largest fall", Shape::Rate),
    ("beta", "Beta", Shape::Number),
    ("tracking_error_ann", "Tracking error a year", Shape::Share),
    ("information_ratio", "Information ratio", Shape::Number),
    ("es95_mean_le_var", "ES 95% of a day", Shape::Share),
];

/// Those that compare with a benchmark, left out where there is none.
const RELATIVE: [&str; 3] = ["beta", "tracking_error_ann", "information_ratio"];

/// Names whose weights are drawn over time.
const NAMES_MAX: usize = 8;

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Rate,
    Share,
    Number,
}

/// What is drawn: each run, and a benchmark that any of them has.
fn drawn(
    title: &str,
    axis: Axis,
    runs: &[BacktestRun],
    of: impl Fn(&BacktestRun) -> Vec<f64>,
    benchmark: bool,
) -> ChartData {
    let line = |name: &str, days: &[jiff::civil::Date], values: Vec<f64>| {
        LineSeries::over_dates(name, days.iter().copied().zip(values.into_iter().map(Some)))
    };
    let mut series: Vec<LineSeries> = runs.iter().map(|run| line(&run.name, &run.days, of(run))).collect();
    if benchmark && let Some((run, other)) = runs.iter().find_map(|run| Some((run, run.benchmark.as_ref()?))) {
        series.push(line(
            &other.name,
            &run.days,
            other.wealth.iter().map(|value| value * 100.0).collect(),
        ));
    }
    ChartData::Line(LineData {
        title: title.to_owned(),
        x: Axis::date(),
        y: axis,
        series,
        marks: Vec::new(),
        ribbons: Vec::new(),
    })
}

/// Value at 100 and falls below the highest value, linked.
#[component]
pub(super) fn Charts(runs: Rc<Vec<BacktestRun>>, stale: bool) -> Element {
    let cursor = use_signal(|| None::<f64>);
    let wealth = use_memo(use_reactive!(|runs| {
        let axis = Axis::new("Value, 100 at the start", Unit::Number { decimals: 1 });
        let at_100 = |run: &BacktestRun| run.wealth.iter().map(|value| value * 100.0).collect();
        Some(Rc::new(drawn("Backtests", axis, &runs, at_100, true)))
    }));
    let falls = use_memo(use_reactive!(|runs| {
        let axis = Axis::new("Below the highest value", Unit::Percent { decimals: 1 });
        Some(Rc::new(drawn(
            "Drawdowns of backtests",
            axis,
            &runs,
            |run| run.drawdown.clone(),
            false,
        )))
    }));
    rsx! {
        ChartPanel { name: "backtest-wealth", title: "Value", note: "100 at the start, costs paid", class: "backtest-wealth", stale, data: wealth, cursor }
        ChartPanel { name: "backtest-falls", title: "Drawdown", class: "backtest-falls", stale, data: falls, cursor }
    }
}

/// One column a run, one line a statistic.
#[component]
pub(super) fn StatisticsPanel(
    runs: Rc<Vec<BacktestRun>>,
    /// What was run, in the order of the runs, for the explanations.
    backtests: Vec<Backtest>,
    focus: usize,
    onfocus: EventHandler<usize>,
    stale: bool,
) -> Element {
    let csv = csv(&runs);
    let validated = runs.iter().any(|run| run.validation.is_some());
    let benchmark = runs.iter().find_map(|run| run.benchmark.clone());
    let rows = SHOWN
        .into_iter()
        .filter(|(key, ..)| benchmark.is_some() || !RELATIVE.contains(key));
    let plain = |value: Option<f64>, shape: Shape| -> Reading {
        let statistic = Statistic::or_because(value, || "not defined for this series".to_owned());
        match shape {
            Shape::Rate => Reading::rate(&statistic),
            Shape::Share => Reading::percent(&statistic),
            Shape::Number => Reading::number(&statistic, 2),
        }
    };
    let explain = |at: usize, key: &str| {
        Some(FigureName::BacktestStatistic {
            backtest: Box::new(backtests.get(at)?.clone()),
            key: key.to_owned(),
        })
    };
    rsx! {
        Panel {
            testid: "panel-backtest-statistics",
            title: "Statistics",
            class: "backtest-statistics table-panel",
            stale,
            tools: rsx! {
                Menu {
                    name: "backtest-statistics",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem { testid: "backtest-statistics-csv", onclick: move |()| browser::save_text("Backtests.csv", &csv), "Save as CSV" }
                }
            },
            table { class: "table", "data-testid": "backtest-statistics",
                thead {
                    tr {
                        th { "" }
                        for (at, run) in runs.iter().enumerate() {
                            th { key: "{at}", class: "numeric", "aria-selected": if at == focus { "true" },
                                button {
                                    class: "link",
                                    r#type: "button",
                                    "data-testid": "backtest-focus-{at}",
                                    title: "Show its weights and trades",
                                    onclick: move |_| onfocus.call(at),
                                    "{run.name}"
                                }
                            }
                        }
                        if let Some(benchmark) = &benchmark {
                            th { class: "numeric", title: "The benchmark", "{benchmark.name}" }
                        }
                    }
                }
                tbody {
                    for (key, words, shape) in rows {
                        tr { key: "{key}",
                            td { "{words}" }
                            for (at, run) in runs.iter().enumerate() {
                                FigureCell { key: "{at}", name: "backtest-{key}-{at}", reading: plain(run.statistics.get(key).copied().flatten(), shape), explain: explain(at, key), strong: at == focus }
                            }
                            if let Some(benchmark) = &benchmark {
                                FigureCell { name: "backtest-{key}-benchmark", reading: plain(benchmark.statistics.get(key).copied().flatten(), shape).toned(Tone::Faint) }
                            }
                        }
                    }
                    tr {
                        td { "Turnover a year" }
                        for (at, run) in runs.iter().enumerate() {
                            FigureCell { key: "{at}", name: "backtest-turnover-{at}", reading: plain(run.turnover_year, Shape::Share), strong: at == focus }
                        }
                        if benchmark.is_some() {
                            td {}
                        }
                    }
                    tr {
                        td { "Costs in all" }
                        for (at, run) in runs.iter().enumerate() {
                            FigureCell { key: "{at}", name: "backtest-cost-{at}", reading: plain(Some(run.cost), Shape::Share), strong: at == focus }
                        }
                        if benchmark.is_some() {
                            td {}
                        }
                    }
                    tr {
                        td { "Rebalancings" }
                        for (at, run) in runs.iter().enumerate() {
                            FigureCell { key: "{at}", name: "backtest-rebalancings-{at}", reading: Reading::text(apex_format::count(run.rebalancings.len() as u64).to_string()), strong: at == focus }
                        }
                        if benchmark.is_some() {
                            td {}
                        }
                    }
                    if validated {
                        tr {
                            td { title: "Sharpe ratio on days not learned from, mean of the paths", "Sharpe, validated" }
                            for (at, run) in runs.iter().enumerate() {
                                FigureCell {
                                    key: "{at}",
                                    name: "backtest-validated-{at}",
                                    reading: plain(run.validation.as_ref().and_then(|scores| scores.mean_sharpe), Shape::Number)
                                        .hinted_if_known(&paths(run)),
                                    strong: at == focus,
                                }
                            }
                            if benchmark.is_some() {
                                td {}
                            }
                        }
                    }
                }
            }
            if let Some(run) = runs.get(focus) {
                ul { class: "optimizer-notes",
                    for note in run.notes.iter().chain(&run.left_out) {
                        li { key: "{note}", {sentence(note)} }
                    }
                }
            }
        }
    }
}

fn paths(run: &BacktestRun) -> String {
    let paths = run.validation.iter().flat_map(|scores| &scores.path_sharpe).flatten();
    let paths: Vec<String> = paths.map(|sharpe| format!("{sharpe:.2}")).collect();
    format!("paths: {}", paths.join(", "))
}

fn csv(runs: &[BacktestRun]) -> String {
    let mut text = "statistic".to_owned();
    for run in runs {
        text.push_str(&format!(",\"{}\"", run.name.replace('"', "\"\"")));
    }
    text.push('\n');
    let keys: std::collections::BTreeSet<&String> = runs.iter().flat_map(|run| run.statistics.keys()).collect();
    for key in keys {
        text.push_str(key);
        for run in runs {
            let value = run.statistics.get(key).copied().flatten();
            text.push(',');
            text.push_str(&value.map(|value| value.to_string()).unwrap_or_default());
        }
        text.push('\n');
    }
    text
}

/// The weights at each rebalancing of one run, the largest names of today.
#[component]
pub(super) fn WeightsChart(runs: Rc<Vec<BacktestRun>>, focus: usize, stale: bool) -> Element {
    let note = runs.get(focus).map(|run| run.name.clone()).unwrap_or_default();
    let chart = use_memo(use_reactive!(|(runs, focus)| {
        runs.get(focus).map(|run| Rc::new(weights(run)))
    }));
    rsx! {
        ChartPanel { name: "backtest-weights", title: "Weights over time", note, class: "backtest-weights", stale, data: chart }
    }
}

fn weights(run: &BacktestRun) -> ChartData {
    let series = run.next_weights.iter().take(NAMES_MAX).map(|(name, _)| {
        let points = run.rebalancings.iter().map(|one| {
            let weight = one.weights.get(name).copied().unwrap_or(0.0);
            (one.date, Some(weight))
        });
        LineSeries::over_dates(name.clone(), points)
    });
    ChartData::Line(LineData {
        title: format!("Weights of {}", run.name),
        x: Axis::date(),
        y: Axis::new("Weight", Unit::Percent { decimals: 1 }),
        series: series.collect(),
        marks: Vec::new(),
        ribbons: Vec::new(),
    })
}

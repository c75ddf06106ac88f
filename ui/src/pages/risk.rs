//! The Risk page: what the current book could lose, by which method, and where that comes from.

mod backtest;
mod exposures;
mod factors;
mod methods;
mod tables;

use std::rc::Rc;

use apex_wire::{
    chart::{ChartData, Mark, Tone as MarkTone},
    explain::FigureName,
    risk::{GetRisk, Risk, RiskMeasure},
};
use dioxus::prelude::*;

use self::{
    backtest::BacktestView,
    exposures::ExposuresView,
    factors::FactorsView,
    methods::{ComponentsView, MethodsView},
    tables::{ComponentsPanel, WorstDaysPanel},
};
use crate::{
    answers::{Answer, use_answer},
    browser,
    components::{Button, ButtonKind, ChartPanel, Choice, EmptyState, FailedState, Figure, LoadingState, Select, Tabs},
    desk::{Desk, Overlay, Page, sentence, use_desk},
    reading::Reading,
};

const LEVELS: [(&str, f64, &str); 3] = [("95", 0.95, "95%"), ("97.5", 0.975, "97.5%"), ("99", 0.99, "99%")];
const HORIZONS: [(u32, &str); 4] = [(1, "1 day"), (5, "5 days"), (10, "10 days"), (21, "21 days")];
const WINDOWS: [(usize, &str); 5] = [
    (126, "126 days"),
    (252, "252 days"),
    (504, "504 days"),
    (1260, "1,260 days"),
    (2520, "2,520 days"),
];
/// The views of the page; all but the first are asked for when they are opened.
const VIEWS: [(&str, &str); 6] = [
    ("summary", "Summary"),
    ("methods", "Methods"),
    ("components", "Components"),
    ("factors", "Factors"),
    ("backtest", "Backtest"),
    ("exposures", "Exposures"),
];
/// Holdings in the correlation map: as many as can be read.
const CORRELATION_SIZE: usize = 12;

/// What the toolbar asks of every view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Asked {
    pub(super) level: f64,
    pub(super) horizon: u32,
    pub(super) window: usize,
}

impl Asked {
    /// Returns what a person chose last.
    pub(super) fn kept(desk: Desk) -> Self {
        let level = desk.kept("risk.level");
        let level = LEVELS.iter().find(|(id, ..)| Some(*id) == level.as_deref());
        let kept = |name: &str| desk.kept(name);
        Self {
            level: level.map_or(0.99, |(_, level, _)| *level),
            horizon: kept("risk.horizon").and_then(|text| text.parse().ok()).unwrap_or(1),
            window: kept("risk.window").and_then(|text| text.parse().ok()).unwrap_or(504),
        }
    }
}

/// Names the VaR of a measure, or its expected shortfall, for the inspector.
fn tail_figure(measure: &RiskMeasure, shortfall: bool) -> FigureName {
    let RiskMeasure {
        method,
        level,
        horizon,
        window: (_, _, window),
        ..
    } = measure.clone();
    if shortfall {
        FigureName::ExpectedShortfall {
            method,
            level,
            horizon,
            window,
        }
    } else {
        FigureName::Var {
            method,
            level,
            horizon,
            window,
        }
    }
}

/// The page.
#[component]
pub(crate) fn RiskPage() -> Element {
    let mut desk = use_desk();
    let mut level = use_signal(|| desk.kept("risk.level").unwrap_or_else(|| "99".to_owned()));
    let mut horizon = use_signal(|| Asked::kept(desk).horizon);
    let mut window = use_signal(|| Asked::kept(desk).window);
    let mut shown = use_signal(|| desk.kept("risk.view").unwrap_or_else(|| "summary".to_owned()));
    // A subject from the palette is a row of the summary.
    use_effect(move || {
        if desk.has_subject(Page::Risk) && *shown.peek() != "summary" {
            shown.set("summary".to_owned());
        }
    });
    let asked = use_memo(move || Asked {
        level: LEVELS
            .iter()
            .find(|(id, ..)| *id == level())
            .map_or(0.99, |(_, level, _)| *level),
        horizon: horizon(),
        window: window(),
    });
    let answer = use_answer(move || {
        let Asked { level, horizon, window } = asked();
        Some(GetRisk {
            view: desk.view()?,
            level,
            horizon,
            window,
            correlation_size: CORRELATION_SIZE,
        })
    });
    let view = VIEWS
        .iter()
        .find(|(id, _)| *id == shown())
        .map_or("summary", |(id, _)| *id);
    let body = match (answer.get(), (answer.failure)()) {
        (_, Some(failure)) => rsx! { FailedState { testid: "risk-failed", failure } },
        (None, None) => rsx! { LoadingState { what: "Valuing the book on every day of the window" } },
        (Some(found), None) if found.components.is_empty() && found.worst_days.is_empty() => rsx! {
            EmptyState {
                testid: "risk-empty",
                title: "Nothing at risk on this day",
                next: found.left_out.first().map(|words| sentence(words)).unwrap_or_else(|| "Risk needs holdings with a history of prices".to_owned()),
                Button {
                    testid: "empty-add",
                    kind: ButtonKind::Primary,
                    onclick: move |_| desk.overlay.set(Some(Overlay::AddTransaction { symbol: String::new() })),
                    "Add a transaction…"
                }
            }
        },
        (Some(_), None) if view == "summary" => rsx! { RiskBody { answer } },
        (Some(_), None) => rsx! {
            div { class: "risk-view {view}", "data-testid": "risk-{view}",
                match view {
                    "methods" => rsx! { MethodsView { asked } },
                    "components" => rsx! { ComponentsView { asked } },
                    "factors" => rsx! { FactorsView { asked } },
                    "backtest" => rsx! { BacktestView { asked } },
                    _ => rsx! { ExposuresView {} },
                }
            }
        },
    };
    rsx! {
        div { class: "page-body risk", "data-testid": "page-risk",
            div { class: "toolbar",
                Tabs {
                    name: "risk",
                    tabs: VIEWS.iter().map(|(id, words)| ((*id).to_owned(), (*words).to_owned())).collect::<Vec<_>>(),
                    selected: view.to_owned(),
                    onselect: move |id: String| {
                        desk.keep("risk.view", id.clone());
                        shown.set(id);
                    },
                }
                div { class: "toolbar-space" }
                span { class: "faint", "Confidence" }
                Tabs {
                    name: "level",
                    tabs: LEVELS.iter().map(|(id, _, words)| ((*id).to_owned(), (*words).to_owned())).collect::<Vec<_>>(),
                    selected: level(),
                    onselect: move |id: String| {
                        desk.keep("risk.level", id.clone());
                        level.set(id);
                    },
                }
                div { class: "inline-form",
                    Select {
                        name: "horizon",
                        label: "Horizon",
                        value: horizon().to_string(),
                        choices: HORIZONS.iter().map(|(days, words)| Choice::new(days.to_string(), *words)).collect::<Vec<_>>(),
                        onchange: move |text: String| {
                            if let Ok(days) = text.parse() {
                                desk.keep("risk.horizon", text);
                                horizon.set(days);
                            }
                        },
                    }
                }
                div { class: "inline-form",
                    Select {
                        name: "window",
                        label: "Window",
                        value: window().to_string(),
                        choices: WINDOWS.iter().map(|(days, words)| Choice::new(days.to_string(), *words)).collect::<Vec<_>>(),
                        onchange: move |text: String| {
                            if let Ok(days) = text.parse() {
                                desk.keep("risk.window", text);
                                window.set(days);
                            }
                        },
                    }
                }
                span { class: "faint", "data-testid": "risk-window", {window_words(answer.get().as_deref())} }
            }
            {body}
        }
    }
}

#[component]
fn RiskBody(answer: Answer<Risk>) -> Element {
    let desk = use_desk();
    let mut marked = use_signal(String::new);
    // A subject from the palette becomes the marked row, once.
    use_effect(move || {
        let Some(found) = answer.get() else { return };
        let Some(symbol) = desk.take_subject(Page::Risk) else {
            return;
        };
        if found.components.iter().any(|row| row.symbol == symbol) {
            marked.set(symbol);
            browser::after_paint(|| browser::scroll_to("[data-testid='components'] [aria-selected='true']"));
        } else {
            desk.say(format!("{symbol} has no part in the risk of this portfolio"));
        }
    });
    let histogram = use_memo(move || {
        let found = answer.get()?;
        let mut data = found.histogram.clone();
        if data.marks.is_empty() {
            data.marks = marks(&found.measures);
        }
        Some(Rc::new(ChartData::Histogram(data)))
    });
    let correlation = use_memo(move || Some(Rc::new(ChartData::HeatMap(answer.get()?.correlation.clone()))));
    let stale = !(answer.current)();
    let Some(found) = answer.get() else { return rsx! {} };
    let first = found.measures.first().cloned();
    rsx! {
        div { class: "strip", "data-stale": if stale { "true" },
            for (at, measure) in found.measures.iter().enumerate() {
                {measure_figures(at, measure, &found)}
            }
        }
        if !found.left_out.is_empty() {
            p { class: "notice area-left-out", "data-testid": "risk-left-out", title: found.left_out.join("\n"),
                {left_out_words(&found.left_out)}
            }
        }
        ChartPanel {
            name: "histogram",
            title: "Daily results of the current book",
            note: "% of NAV, holdings held constant",
            class: "area-histogram",
            stale,
            data: histogram,
        }
        ComponentsPanel { rows: found.components.clone(), measure: first, marked: marked(), stale }
        ChartPanel {
            name: "correlation",
            title: "Correlation",
            note: "daily returns, largest holdings",
            class: "area-correlation",
            stale,
            data: correlation,
        }
        WorstDaysPanel { rows: found.worst_days.clone(), currency: found.currency.to_string(), stale }
    }
}

/// VaR and ES of one method, each with the method and the window beside it.
fn measure_figures(at: usize, measure: &RiskMeasure, found: &Risk) -> Element {
    let RiskMeasure {
        method,
        level,
        horizon,
        window,
        ..
    } = measure;
    let (from, until, count) = window;
    let level_text = level_words(*level);
    let days = apex_format::counted(u64::from(*horizon), "day");
    let note = format!("{method}, {}", apex_format::counted(*count as u64, "day"));
    let hint = format!(
        "{from} to {until}, quantile {}, mean {}",
        measure.quantile, measure.mean
    );
    let figure = |es: bool| tail_figure(measure, es);
    rsx! {
        Figure {
            name: "var-{method}",
            label: "VaR {level_text}, {days}",
            headline: at == 0,
            reading: Reading::money(&measure.var_amount, found.currency).hinted_if_known(&hint),
            unit: found.currency.to_string(),
            beside: Reading::percent(&measure.var),
            note: note.clone(),
            explain: figure(false),
        }
        Figure {
            name: "es-{method}",
            label: "ES {level_text}, {days}",
            reading: Reading::money(&measure.es_amount, found.currency).hinted_if_known(&hint),
            beside: Reading::percent(&measure.es),
            note,
            explain: figure(true),
        }
    }
}

/// Returns the marks of VaR and ES on the histogram of one day.
fn marks(measures: &[RiskMeasure]) -> Vec<Mark> {
    let Some(first) = measures.first().filter(|measure| measure.horizon == 1) else {
        return Vec::new();
    };
    let level = level_words(first.level);
    [("VaR", &first.var), ("ES", &first.es)]
        .into_iter()
        .filter_map(|(name, value)| {
            Some(Mark {
                x: -*value.known()?,
                label: format!("{name} {level}"),
                tone: MarkTone::Loss,
            })
        })
        .collect()
}

/// Returns a confidence level as people read it: `97.5%`, and `99%` without its zero.
fn level_words(level: f64) -> String {
    let text = apex_format::percent_number(level, 1).to_string();
    format!("{}%", text.strip_suffix(".0").unwrap_or(&text))
}

fn window_words(found: Option<&Risk>) -> String {
    let window = found
        .and_then(|found| found.measures.first())
        .map(|measure| measure.window);
    window.map_or_else(String::new, |(from, until, _)| format!("history {from} to {until}"))
}

fn left_out_words(left_out: &[String]) -> String {
    match left_out {
        [one] => format!("Left out: {one}"),
        [first, rest @ ..] => format!("Left out: {first}, and {} more holdings", rest.len()),
        [] => String::new(),
    }
}

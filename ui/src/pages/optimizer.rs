//! The Optimizer: the best weights of what is held, the frontier they lie on, and the trades that lead there.

mod draft;
mod editor;
mod results;

use std::rc::Rc;

use apex_wire::{
    Code, Failure,
    chart::ChartData,
    job::JobId,
    optimizer::{Estimator, Optimized, Policy, WINDOW_USUAL},
};
use dioxus::prelude::*;

use self::{
    draft::{Draft, Kept, question},
    editor::{Editor, at_field},
    results::{Figures, WeightsPanel},
};
pub(crate) use self::{
    draft::{percent_text, share, trimmed, whole},
    editor::EstimatorSelect,
    results::TradesPanel,
};
use crate::{
    answers::use_answer,
    components::{Button, ButtonKind, ChartPanel, EmptyState, LoadingState, Panel},
    desk::{sentence, use_desk},
};

/// The fields of the form that the engine may refuse.
const FIELDS: [&str; 7] = [
    "window",
    "level",
    "added",
    "risk_free_percent",
    "risk_aversion",
    "target_percent",
    "views",
];

/// The page.
#[component]
pub(crate) fn OptimizerPage() -> Element {
    let desk = use_desk();
    let kept = use_hook(|| {
        let kept = desk
            .kept("optimizer")
            .and_then(|text| serde_json::from_str::<Kept>(&text).ok());
        kept.unwrap_or_else(usual)
    });
    let mut asked = use_signal(|| kept.clone());
    let draft = use_signal(|| Draft::of(kept));
    let mut point = use_signal(|| None::<usize>);
    let mut wrong = use_signal(|| None::<(String, String)>);
    // A question that was cancelled is asked again under another name, or it would count as asked.
    let mut cancelled = use_signal(|| 0_u32);
    let job = move || JobId(format!("optimizer-{}", cancelled()));
    let ask = move || Some(question(desk.view()?, asked(), point(), job()));
    let answer = use_answer(ask);
    let chart = use_memo(move || answer.get().map(|found| Rc::new(found.chart.clone())));
    let run = move |()| match draft.peek().read() {
        Err(refused) => wrong.set(Some(at_field(refused))),
        Ok(read) => {
            wrong.set(None);
            if was_cancelled((answer.failure)()) {
                cancelled += 1;
            }
            if let Ok(text) = serde_json::to_string(&read) {
                desk.keep("optimizer", text);
            }
            point.set(None);
            asked.set(read);
        }
    };
    let failure = (answer.failure)();
    let in_form = failure.as_ref().and_then(|failure| {
        let field = failure.field.clone().filter(|field| FIELDS.contains(&field.as_str()))?;
        Some((field, failure.sentence.clone()))
    });
    let beside = wrong()
        .is_none()
        .then_some(failure.filter(|failure| in_form.is_none() && failure.code != Code::Cancelled))
        .flatten();
    let found = answer.get();
    let running = !(answer.current)() && (answer.failure)().is_none();
    let stale = !(answer.current)() || beside.is_some();
    let symbols = found
        .iter()
        .flat_map(|found| &found.lines)
        .map(|line| line.symbol.clone())
        .collect::<Vec<_>>();
    rsx! {
        div { class: "page-body optimizer", "data-testid": "page-optimizer",
            Editor {
                draft,
                classes: found.as_ref().map(|found| found.classes.clone()).unwrap_or_default(),
                symbols,
                constraints_toml: found.as_ref().map(|found| found.constraints_toml.clone()).unwrap_or_default(),
                wrong: wrong().or(in_form),
                running,
                onrun: run,
                oncancel: move |()| desk.cancel(job()),
            }
            div { class: "optimizer-results",
                if let Some(failure) = beside {
                    div { class: "optimizer-refusal", role: "alert", "data-testid": "optimizer-refusal",
                        strong { "No such portfolio" }
                        span { {sentence(&failure.sentence)} }
                    }
                }
                if let Some(found) = found {
                    Figures { found: found.clone(), ask: ask().filter(|_| !stale) }
                    FrontierChart { found: found.clone(), chart, point, stale }
                    WeightsPanel { lines: found.lines.clone(), stale }
                    TradesPanel {
                        trades: found.trades.clone(),
                        currency: found.currency,
                        file: "Optimizer",
                        class: "area-trades",
                        stale,
                    }
                    Notes { found }
                } else if let Some(failure) = (answer.failure)() {
                    EmptyState {
                        testid: "optimizer-empty",
                        title: "Nothing to show yet",
                        next: if failure.code == Code::Cancelled {
                            "The search was cancelled; Optimize starts it again"
                        } else {
                            "Change the question at the left; the sentence above says what stands in the way"
                        },
                    }
                } else {
                    LoadingState { what: "Looking for the best weights" }
                }
            }
        }
    }
}

fn was_cancelled(failure: Option<Failure>) -> bool {
    failure.is_some_and(|failure| failure.code == Code::Cancelled)
}

/// What is asked first: the least variance, shrunk covariance, two years.
fn usual() -> Kept {
    let policy = Policy {
        estimator: Estimator::LedoitWolf,
        ..Policy::default()
    };
    (policy, WINDOW_USUAL, Vec::new(), false)
}

/// The frontier; a click looks at one of its portfolios.
#[component]
fn FrontierChart(
    found: Rc<Optimized>,
    chart: ReadSignal<Option<Rc<ChartData>>>,
    point: Signal<Option<usize>>,
    stale: bool,
) -> Element {
    let mut point = point;
    let count = found.frontier.len();
    let note = match point() {
        Some(at) => format!("portfolio {} of {count}", at + 1),
        None if count > 0 => "a click looks at one of its portfolios".to_owned(),
        None => String::new(),
    };
    rsx! {
        ChartPanel {
            name: "frontier",
            title: "Efficient frontier",
            note,
            class: "area-frontier",
            stale,
            data: chart,
            onpick: move |(series, at): (usize, usize)| {
                // The first series is the frontier.
                if series == 0 {
                    point.set(Some(at));
                }
            },
            tools: rsx! {
                if point().is_some() {
                    Button {
                        testid: "frontier-best",
                        kind: ButtonKind::Quiet,
                        onclick: move |_| point.set(None),
                        "Back to the best"
                    }
                }
            },
        }
    }
}

/// What was assumed, and what was left out.
#[component]
fn Notes(found: Rc<Optimized>) -> Element {
    rsx! {
        Panel { testid: "panel-optimizer-notes", title: "Assumed and left out", class: "area-notes",
            ul { class: "optimizer-notes",
                for note in found.notes.clone() {
                    li { key: "{note}", {sentence(&note)} }
                }
                for line in found.left_out.clone() {
                    li { key: "{line}", class: "warning", "data-testid": "left-out", {sentence(&line)} }
                }
            }
        }
    }
}

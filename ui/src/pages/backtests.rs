//! Backtests: policies followed through the past, side by side, and the trades their last weights would take.

mod compare;
mod draft;
mod form;

use std::rc::Rc;

use apex_wire::{
    Code, Failure, View,
    backtest::{Backtest, BacktestRun, RunBacktests},
    job::JobId,
};
use dioxus::{core::spawn_forever, prelude::*};

use self::{
    compare::{Charts, StatisticsPanel, WeightsChart},
    draft::usual,
    form::BacktestForm,
};
use super::optimizer::TradesPanel;
use crate::{
    components::{EmptyState, LoadingState},
    desk::{sentence, set_if_there, use_desk},
};

/// The last results, kept while a person looks at other pages.
static RAN: GlobalSignal<Option<Ran>> = Signal::global(|| None);

/// Results, and what they answer.
#[derive(Clone, PartialEq)]
struct Ran {
    view: View,
    backtests: Vec<Backtest>,
    runs: Rc<Vec<BacktestRun>>,
}

/// The page.
#[component]
pub(crate) fn BacktestsPage() -> Element {
    let desk = use_desk();
    let backtests = use_signal(|| {
        let kept = desk
            .kept("backtests")
            .and_then(|text| serde_json::from_str::<Vec<Backtest>>(&text).ok());
        kept.filter(|kept| !kept.is_empty()).unwrap_or_else(usual)
    });
    let chosen = use_signal(|| 0_usize);
    let mut focus = use_signal(|| 0_usize);
    let mut running = use_signal(|| None::<JobId>);
    let mut failure = use_signal(|| None::<Failure>);
    use_effect(move || {
        if let Ok(text) = serde_json::to_string(&*backtests.read()) {
            desk.keep("backtests", text);
        }
    });
    let run = move |()| {
        let Some(view) = desk.view() else { return };
        let job = desk.new_job("backtest");
        let asked = backtests.peek().clone();
        let call = RunBacktests {
            job: job.clone(),
            view,
            backtests: asked.clone(),
        };
        failure.set(None);
        running.set(Some(job.clone()));
        spawn_forever(async move {
            let answer = desk.run("backtests", job, call).await;
            set_if_there(running, None);
            match answer {
                Ok(runs) => {
                    *RAN.write() = Some(Ran {
                        view,
                        backtests: asked,
                        runs: Rc::new(runs),
                    });
                }
                Err(refused) if refused.code == Code::Cancelled => desk.say("Cancelled"),
                Err(refused) => set_if_there(failure, Some(refused)),
            }
        });
    };
    let cancel = move |()| {
        if let Some(job) = running.peek().clone() {
            desk.cancel(job);
        }
    };
    let refusal = failure();
    let ran = RAN
        .read()
        .clone()
        .filter(|ran| Some(ran.view.portfolio) == (desk.portfolio)());
    let stale = ran
        .as_ref()
        .is_some_and(|ran| running().is_some() || Some(ran.view) != desk.view() || ran.backtests != *backtests.read());
    let trades = ran.as_ref().and_then(|ran| {
        let run = ran.runs.get(focus())?;
        Some((run.trades.clone()?, run.currency?, run.name.clone()))
    });
    rsx! {
        div { class: "page-body optimizer", "data-testid": "page-backtests",
            BacktestForm {
                backtests,
                chosen,
                running: running().is_some(),
                wrong: refusal.clone().and_then(|failure| Some((failure.field?, failure.sentence))),
                onrun: run,
                oncancel: cancel,
            }
            div { class: "optimizer-results backtests",
                if let Some(refusal) = refusal {
                    div { class: "optimizer-refusal", role: "alert", "data-testid": "backtest-refusal",
                        strong { "This did not work" }
                        span { {sentence(&refusal.sentence)} }
                    }
                }
                if let Some(ran) = ran {
                    Charts { runs: ran.runs.clone(), stale }
                    StatisticsPanel { runs: ran.runs.clone(), backtests: ran.backtests.clone(), focus: focus(), onfocus: move |at| focus.set(at), stale }
                    WeightsChart { runs: ran.runs.clone(), focus: focus(), stale }
                    if let Some((trades, currency, name)) = trades {
                        TradesPanel { trades, currency, file: name, class: "area-trades", stale }
                    }
                } else if running().is_some() {
                    LoadingState { what: "Following each policy through the past" }
                } else {
                    EmptyState {
                        testid: "backtests-empty",
                        title: "Nothing was run yet",
                        next: "Policies at the left know only the past of each day; run them to see what they would have earned",
                    }
                }
            }
        }
    }
}

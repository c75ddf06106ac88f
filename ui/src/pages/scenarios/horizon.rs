//! The book simulated to a horizon: the plan above, the fan and where it ends below.

mod plan;
mod results;

use std::rc::Rc;

use apex_wire::{
    Code, Failure,
    scenario::{
        Scenario, ScenarioEntry,
        horizon::{HorizonRun, RunHorizon},
    },
};
use dioxus::{core::spawn_forever, prelude::*};

use self::plan::{Draft, PlanForm};
use self::results::Results;
use super::sliders::Sliders;
use crate::{
    components::{EmptyState, FailedState, LoadingState},
    desk::{set_if_there, use_desk},
};

/// The start without a scenario.
const AS_IT_STANDS: &str = "The book as it stands";

/// The tab.
#[component]
pub(super) fn HorizonTab(entries: Vec<ScenarioEntry>, sliders: Sliders) -> Element {
    let desk = use_desk();
    let mut draft = use_signal(|| {
        let kept = desk.kept("scenarios.horizon");
        kept.and_then(|text| Draft::read(&text)).unwrap_or_else(Draft::new)
    });
    let found = use_signal(|| None::<Rc<HorizonRun>>);
    let failure = use_signal(|| None::<Failure>);
    // What the answer shown belongs to, and whether another is on its way.
    let asked = use_signal(|| None::<(u64, RunHorizonKey)>);
    let mut turn = use_hook(|| CopyValue::new(0_u64));
    let running = use_signal(|| false);
    let mut names = vec![AS_IT_STANDS.to_owned(), super::sliders::SLIDERS.to_owned()];
    names.extend(entries.iter().map(|entry| entry.scenario.name.clone()));
    let start = entries.clone();
    let scenario = move |name: &str| {
        let known = start.iter().find(|entry| entry.scenario.name == name);
        match (known, name) {
            (Some(entry), _) => entry.scenario.clone(),
            (None, super::sliders::SLIDERS) => sliders.scenario(),
            (None, _) => Scenario::new(AS_IT_STANDS),
        }
    };
    let plan_of = scenario.clone();
    let run = use_callback(move |()| {
        let mut failure = failure;
        let (mut found, mut asked, mut running) = (found, asked, running);
        let Some(view) = desk.view() else { return };
        let typed = draft.peek().clone();
        let plan = match typed.plan() {
            Ok(plan) => plan,
            Err(refused) => return failure.set(Some(refused)),
        };
        desk.keep("scenarios.horizon", typed.text());
        let job = desk.new_job("horizon");
        let scenario = Scenario {
            horizon: Some(plan),
            ..scenario(&typed.start)
        };
        let mine = *turn.peek() + 1;
        turn.set(mine);
        failure.set(None);
        running.set(true);
        let key = (*desk.version.peek(), RunHorizonKey(view, typed));
        spawn_forever(async move {
            let call = RunHorizon {
                job: job.clone(),
                view,
                scenario,
            };
            let reply = desk.timed(desk.run("simulation", job, call)).await;
            if turn.try_read().is_ok_and(|turn| *turn != mine) {
                return;
            }
            if let Ok(mut running) = running.try_write() {
                *running = false;
            }
            match reply {
                Ok(reply) => {
                    if let (Ok(mut found), Ok(mut asked)) = (found.try_write(), asked.try_write()) {
                        *found = Some(Rc::new(reply));
                        *asked = Some(key);
                    }
                }
                Err(refused) if refused.code == Code::Cancelled => desk.say("The simulation was stopped"),
                Err(refused) => set_if_there(failure, Some(refused)),
            }
        });
    });
    // The first answer comes by itself, and a new one whenever the book or the view has changed.
    use_effect(move || {
        let _ = ((desk.version)(), desk.view());
        run.call(());
    });
    let current = use_memo(move || {
        let key = desk.view().map(|view| ((desk.version)(), RunHorizonKey(view, draft())));
        !running() && asked() == key
    });
    let refused = failure();
    let at_field = refused.as_ref().is_some_and(plan::shows);
    rsx! {
        PlanForm {
            draft,
            names,
            refused: refused.clone().filter(|_| at_field),
            running: running(),
            onstart: move |name: String| {
                let plan = plan_of(&name).horizon;
                draft.with_mut(|draft| {
                    if let Some(plan) = plan {
                        *draft = Draft::of(&plan);
                    }
                    draft.start = name;
                });
            },
            onrun: move |()| run.call(()),
        }
        match (found(), refused.filter(|_| !at_field)) {
            (_, Some(failure)) => rsx! { FailedState { testid: "horizon-failed", failure } },
            (Some(found), None) => rsx! { Results { found, stale: !current() } },
            (None, None) if running() => rsx! { LoadingState { what: "Drawing paths" } },
            (None, None) => rsx! { EmptyState { testid: "horizon-empty", title: "Nothing was simulated yet", next: "Press Simulate" } },
        }
    }
}

/// What an answer belongs to.
#[derive(Debug, Clone, PartialEq)]
struct RunHorizonKey(apex_wire::View, Draft);

//! The status bar: running jobs with progress and cancel, data alerts, how long the last answer took.

use dioxus::prelude::*;

use crate::{
    desk::{Page, RunningJob, use_desk},
    keys::{self, Action},
};

/// The line at the bottom.
#[component]
pub(super) fn StatusBar() -> Element {
    let desk = use_desk();
    let jobs = (desk.jobs)();
    // A count of another view says nothing about this one.
    let alerts = (desk.alerts)().filter(|(view, _)| Some(*view) == desk.view());
    let alerts = alerts.map(|(_, count)| count);
    let engine = desk.book().map(|book| book.engine).unwrap_or_default();
    let took = (desk.last_ms)().map(|ms| format!("{} ms", apex_format::fixed(ms, 0)));
    rsx! {
        footer { class: "status", "data-testid": "status-bar",
            div { class: "status-jobs",
                for job in jobs {
                    JobLine { key: "{job.id.0}", job }
                }
            }
            if (desk.pending)() > 0 {
                span { class: "status-item faint", "asking" }
            }
            if desk.alerts_unseen() > 0 {
                button {
                    class: "status-item warning",
                    r#type: "button",
                    "data-testid": "status-fired",
                    title: "Alerts that fired and nobody has seen",
                    onclick: move |_| {
                        desk.keep("markets.alerts", "fired".to_owned());
                        desk.go(Page::Markets);
                    },
                    {format!("{} fired", apex_format::counted(desk.alerts_unseen() as u64, "alert"))}
                }
            }
            button {
                class: if alerts.is_some_and(|count| count > 0) { "status-item warning" } else { "status-item faint" },
                r#type: "button",
                "data-testid": "status-alerts",
                onclick: move |_| desk.go(Page::Overview),
                title: if alerts.is_none() { "Counted by the Overview" },
                match alerts {
                    None => format!("{} data alerts", apex_format::UNKNOWN),
                    Some(0) => "no data alerts".to_owned(),
                    Some(1) => "1 data alert".to_owned(),
                    Some(count) => format!("{count} data alerts"),
                }
            }
            span { class: "status-item numeric", "data-testid": "status-last-answer", title: "How long the last answer took",
                {took.unwrap_or_else(|| "--".to_owned())}
            }
            span { class: "status-item faint", title: "Version of the engine behind every figure", "engine {engine}" }
            button {
                class: "status-item faint",
                r#type: "button",
                "data-testid": "status-help",
                onclick: move |_| keys::act(desk, Action::Help),
                "? keys"
            }
        }
    }
}

#[component]
fn JobLine(job: RunningJob) -> Element {
    let desk = use_desk();
    let id = job.id.clone();
    let (words, done, total) = match &job.progress {
        Some(progress) => (progress.step.clone(), progress.done, progress.total),
        None => ("starting".to_owned(), 0, None),
    };
    let count = match total {
        Some(total) => format!("{} / {}", apex_format::count(done), apex_format::count(total)),
        None if done > 0 => apex_format::count(done).to_string(),
        None => String::new(),
    };
    rsx! {
        div { class: "job", "data-testid": "job-{job.title}",
            span { "{job.title}" }
            span { class: "faint", "{words}" }
            span { class: "numeric", "{count}" }
            match total {
                Some(total) => rsx! { progress { max: "{total}", value: "{done}" } },
                None => rsx! { progress {} },
            }
            button {
                class: "button quiet",
                r#type: "button",
                disabled: job.cancelling,
                "data-testid": "job-cancel",
                onclick: move |_| desk.cancel(id.clone()),
                if job.cancelling { "cancelling" } else { "cancel" }
            }
        }
    }
}

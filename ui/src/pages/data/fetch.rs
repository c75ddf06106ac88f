//! The fetch of history: one button, progress in the status bar, and afterwards what came for each instrument.

use apex_domain::{InstrumentId, Timestamp};
use apex_wire::{
    Code,
    feeds::{FetchHistory, FetchReport, FetchRow},
    job::JobId,
};
use dioxus::{core::spawn_forever, prelude::*};

use crate::{
    browser,
    components::{Button, ButtonKind, EmptyState, Panel},
    desk::{Desk, sentence, use_desk},
};

/// What the last fetch brought, and when, for as long as the window is open.
pub(super) static FETCHED: GlobalSignal<Option<(Timestamp, FetchReport)>> = Signal::global(|| None);
/// The fetch that runs.
static RUNNING: GlobalSignal<Option<JobId>> = Signal::global(|| None);

/// Fetches the history of everything that is held, watched or compared with, or stops doing so.
#[component]
pub(super) fn FetchButton(onfetched: EventHandler) -> Element {
    let desk = use_desk();
    let running = RUNNING.read().clone();
    rsx! {
        match running {
            Some(job) => rsx! {
                Button { testid: "history-cancel", onclick: move |_| desk.cancel(job.clone()), "Stop fetching" }
            },
            None => rsx! {
                Button {
                    testid: "history-fetch",
                    action: "history-fetch",
                    kind: ButtonKind::Primary,
                    title: "Fetch the history of all that is held, watched or compared with (f)",
                    onclick: move |_| fetch(desk, Vec::new(), onfetched),
                    "Fetch history"
                }
            },
        }
    }
}

/// Fetches the history of some instruments; of all where none is named.
pub(super) fn fetch(desk: Desk, instruments: Vec<InstrumentId>, onfetched: EventHandler) {
    if RUNNING.peek().is_some() {
        desk.say("A fetch is running already");
        return;
    }
    let job = desk.new_job("history");
    let call = FetchHistory {
        job: job.clone(),
        instruments,
        from: None,
        providers: Vec::new(),
    };
    *RUNNING.write() = Some(job.clone());
    spawn_forever(async move {
        let answer = desk.run("history", job, call).await;
        *RUNNING.write() = None;
        // What came before a cancel is in the book.
        desk.wrote();
        crate::live::look(desk).await;
        match answer {
            Ok(report) => {
                let days: usize = report.rows.iter().map(|row| row.days).sum();
                let waiting: usize = report.rows.iter().map(|row| row.waiting).sum();
                let words = format!("{} came", apex_format::counted(days as u64, "day"));
                desk.say(match waiting {
                    0 => words,
                    count => format!(
                        "{words}; {} waiting for you",
                        apex_format::counted(count as u64, "fault")
                    ),
                });
                *FETCHED.write() = Some((browser::now(), report));
                onfetched.call(());
            }
            Err(failure) if failure.code == Code::Cancelled => desk.say("Stopped; what came until then is kept"),
            Err(failure) => desk.fail(&failure),
        }
    });
}

/// Says when the last fetch ended.
pub(super) fn fetched_words() -> String {
    let fetched = FETCHED.read();
    fetched
        .as_ref()
        .map_or_else(String::new, |(at, _)| format!("fetched {}", browser::local_moment(*at)))
}

/// What came for each instrument and each pair of currencies.
#[component]
pub(super) fn FetchedTable() -> Element {
    let Some((_, report)) = FETCHED.read().clone() else {
        return rsx! {};
    };
    let empty = report.rows.is_empty() && report.rates.is_empty();
    rsx! {
        Panel { testid: "panel-fetched", class: "table-panel data-fill",
            if empty {
                EmptyState { testid: "fetched-empty", title: "Nothing was wanted", next: "Hold, watch or compare with something first" }
            } else {
                table { class: "table", "data-testid": "fetched",
                    thead {
                        tr {
                            th { "Symbol" }
                            th { "From" }
                            th { class: "numeric", title: "Days that are new or corrected", "Days" }
                            th { class: "numeric", title: "Splits and dividends", "Actions" }
                            th { class: "numeric", "Repaired" }
                            th { class: "numeric", "Waiting" }
                            th { "Note" }
                        }
                    }
                    tbody {
                        for row in report.rows.iter() { {fetched_row(row)} }
                        for row in report.rates.iter() { {fetched_row(row)} }
                    }
                }
            }
        }
    }
}

fn fetched_row(row: &FetchRow) -> Element {
    let provider = row
        .provider
        .map_or(apex_format::UNKNOWN, apex_wire::feeds::Provider::words);
    let number = |count: usize| apex_format::count(count as u64).to_string();
    let note = row.note.as_deref().map(sentence).unwrap_or_default();
    rsx! {
        tr { key: "{row.symbol}", "data-testid": "fetched-{row.symbol}",
            td { class: "strong", "{row.symbol}" }
            td { class: "faint", "{provider}" }
            td { class: if row.days > 0 { "numeric" } else { "numeric faint" }, {number(row.days)} }
            td { class: if row.actions > 0 { "numeric" } else { "numeric faint" }, {number(row.actions)} }
            td { class: if row.repaired > 0 { "numeric" } else { "numeric faint" }, {number(row.repaired)} }
            td { class: if row.waiting > 0 { "numeric warning strong" } else { "numeric faint" }, {number(row.waiting)} }
            td { class: if row.provider.is_none() && row.note.is_some() { "gives-way loss" } else { "gives-way faint" }, title: note.clone(), "{note}" }
        }
    }
}

//! How fresh the prices of every instrument are, the most behind first, and one instrument's year below.

use apex_wire::feeds::{Freshness, FreshnessRow};
use dioxus::prelude::*;

use super::{coverage::CoveragePanel, fetch};
use crate::{
    answers::Answer,
    browser,
    components::{Button, Column, EmptyState, FailedState, Grid, Line, LineKind, Lines, LoadingState},
    desk::{Page, sentence, use_desk},
    reading::{Reading, Tone},
};

/// The grid and the year.
#[component]
pub(super) fn FreshnessTab(answer: Answer<Freshness>, filtered: bool, chosen: Signal<Option<FreshnessRow>>) -> Element {
    let desk = use_desk();
    let lines = use_memo(move || {
        answer.get().map_or_else(Lines::default, |fresh| {
            Lines::new(0, fresh.rows.len(), move |at| line_of(&fresh.rows[at]))
        })
    });
    let row_at = move |row: usize| {
        answer
            .latest
            .peek()
            .as_ref()
            .and_then(|fresh| fresh.rows.get(row).cloned())
    };
    // The first is looked at until another one is, and the figures of the one looked at stay current.
    use_effect(move || {
        let Some(fresh) = answer.get() else { return };
        let known = chosen.peek().clone();
        let current = known.and_then(|known| {
            fresh
                .rows
                .iter()
                .find(|row| row.instrument == known.instrument)
                .cloned()
        });
        let next = current.or_else(|| fresh.rows.first().cloned());
        if *chosen.peek() != next {
            chosen.set(next);
        }
    });
    if let Some(failure) = (answer.failure)() {
        return rsx! { div { class: "grid-box", FailedState { testid: "freshness-failed", failure } } };
    }
    let Some(fresh) = answer.get() else {
        return rsx! { div { class: "grid-box", LoadingState { what: "Counting the sessions of every instrument" } } };
    };
    let shown = chosen();
    rsx! {
        div { class: "grid-box",
            Grid {
                name: "freshness",
                columns: columns(),
                total: fresh.rows.len(),
                lines: lines(),
                autofocus: true,
                at: Some(0),
                stale: !(answer.current)(),
                onfocusrow: move |row| {
                    let next = row_at(row);
                    if next.is_some() && *chosen.peek() != next {
                        chosen.set(next);
                    }
                },
                onopen: move |row| {
                    if let Some(next) = row_at(row) {
                        chosen.set(Some(next));
                    }
                    browser::focus("[data-testid='coverage']");
                },
                if filtered {
                    EmptyState { testid: "freshness-none", title: "No instrument matches the filter" }
                } else {
                    EmptyState {
                        testid: "freshness-empty",
                        title: "This book has no instrument yet",
                        next: "Put symbols on a watchlist, and their history can be fetched",
                        Button { testid: "empty-markets", onclick: move |_| desk.go(Page::Markets), "Open Markets" }
                    }
                }
            }
        }
        p { class: "freshness-words faint", "data-testid": "freshness-words", {words(&fresh)} }
        if let Some(row) = shown {
            CoveragePanel {
                key: "{row.instrument}",
                row: row.clone(),
                onfetch: move |()| fetch::fetch(desk, vec![row.instrument], EventHandler::new(|()| {})),
            }
        }
    }
}

fn words(fresh: &Freshness) -> String {
    format!(
        "Judged on {}: {} fresh, {} behind, {} without any price",
        fresh.today, fresh.fresh, fresh.behind, fresh.without
    )
}

fn columns() -> Vec<Column> {
    vec![
        Column::words("symbol", "Symbol", 104).unsorted(),
        Column::words("name", "Name", 96).growing().unsorted(),
        Column::figures("behind", "Behind", 58).unsorted(),
        Column::words("last", "Last price", 82).unsorted(),
        Column::figures("gaps", "Gaps", 48).unsorted(),
        Column::figures("waiting", "Waiting", 60).unsorted(),
        Column::words("source", "Source", 112).unsorted(),
        Column::words("first", "Since", 82).unsorted(),
        Column::figures("days", "Days", 56).unsorted(),
        Column::words("exchange", "Exchange", 66).unsorted(),
        Column::words("asked", "Asked", 116).unsorted(),
        Column::words("error", "Last error", 160).unsorted(),
    ]
}

fn line_of(row: &FreshnessRow) -> Line {
    let count = |count: usize| {
        let text = Reading::text(apex_format::count(count as u64).to_string());
        if count == 0 { text.toned(Tone::Faint) } else { text }
    };
    let day = |day: Option<apex_domain::Date>, why: &str| match day {
        Some(day) => Reading::text(day.to_string()),
        None => Reading::unknown(why),
    };
    let behind = match (row.last, row.sessions_behind) {
        (None, _) => Reading::unknown("it has no price at all").toned(Tone::Warning),
        (Some(_), 0) => Reading::faint("0"),
        (Some(last), sessions) => count(sessions)
            .toned(if sessions > 5 { Tone::Loss } else { Tone::Warning })
            .hinted(format!("sessions since {last}")),
    };
    let words = |words: &Option<String>, why: &str| match words {
        Some(words) => Reading::faint(words).hinted(words),
        None => Reading::unknown(why),
    };
    Line {
        testid: format!("fresh-{}", row.symbol),
        kind: LineKind::Plain,
        cells: vec![
            Reading::text(&row.symbol),
            Reading::faint(&row.name).hinted(&row.name),
            behind,
            day(row.last, "it has no price"),
            count(row.gaps),
            if row.waiting > 0 {
                count(row.waiting).toned(Tone::Warning)
            } else {
                count(0)
            },
            words(&row.source, "no price has a source"),
            day(row.first, "it has no price"),
            count(row.days),
            words(&row.exchange, "the exchange is not known, so weekdays count"),
            row.asked.map_or_else(
                || Reading::unknown("no provider was asked yet"),
                |at| Reading::faint(browser::local_moment(at)).hinted(apex_format::instant(at).to_string()),
            ),
            match (&row.error, row.remarks.first()) {
                (Some(error), _) => Reading::text(sentence(error)).toned(Tone::Loss).hinted(sentence(error)),
                (None, Some(first)) => Reading::text(sentence(first))
                    .toned(Tone::Warning)
                    .hinted(row.remarks.join("\n")),
                (None, None) => Reading::none(),
            },
        ],
    }
}

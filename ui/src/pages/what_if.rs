//! The What-if page: weights are typed and trades added on a scratch copy of the book, and every figure answers at once.
//! The edits live on the desk only; a person may keep them as a proposal.

mod columns;
mod draft;
mod figures;
pub(crate) mod proposals;
mod trades;

use apex_wire::what_if::{EditBy, Funding, GetWhatIf, WhatIf, WhatIfColumn};
use dioxus::prelude::*;

pub(crate) use self::draft::{discard, take_trades};
use self::{
    columns::{TARGET_QUANTITY, TARGET_WEIGHT, columns, line_of, sort_name, sorted_by, total_line},
    draft::draft,
    figures::{CashPanel, ExposuresPanel, FiguresPanel, StressPanel},
    proposals::{ProposalsMenu, edits_words},
    trades::{Pending, TradesPanel},
};
use super::risk;
use crate::{
    answers::{Answer, use_answer},
    browser,
    components::{
        Button, ButtonKind, Choice, EmptyState, FailedState, Field, Grid, Lines, LoadingState, Select, Typed, WindowAsk,
    },
    desk::{Overlay, Page, use_desk},
};

/// The page.
#[component]
pub(crate) fn WhatIfPage() -> Element {
    let mut desk = use_desk();
    let mut filter = use_signal(|| desk.subject_of(Page::WhatIf).unwrap_or_default());
    let mut pending = use_signal(|| Pending::of(""));
    let window = use_signal(|| WindowAsk::FIRST);
    let sort = use_signal(|| None::<(WhatIfColumn, bool)>);
    // A holding's row or the palette asks for a symbol, once.
    use_effect(move || {
        if let Some(symbol) = desk.take_subject(Page::WhatIf) {
            filter.set(symbol.clone());
            pending.set(Pending::of(symbol));
        }
    });
    let risk = use_hook(|| risk::Asked::kept(desk));
    let answer = use_answer(move || {
        let (draft, window) = (draft(desk), window());
        let fee_bps = draft.fee_bps().ok()?;
        let mut edits = draft.edits;
        edits.extend(pending.read().edit());
        Some(GetWhatIf {
            view: desk.view()?,
            edits,
            level: risk.level,
            horizon: risk.horizon,
            window: risk.window,
            fee_bps,
            funding: draft.funding,
            stress: Vec::new(),
            filter: filter().trim().to_owned(),
            sort: sort(),
            offset: window.offset,
            limit: window.limit,
        })
    });
    let on_desk = draft(desk);
    let base = desk.portfolio_summary().map(|portfolio| portfolio.currency.to_string());
    let count = on_desk.edits.len();
    let discarded = on_desk.discarded.len();
    let body = match (answer.get(), (answer.failure)()) {
        (_, Some(failure)) => rsx! { FailedState { testid: "what-if-failed", failure } },
        (None, None) => rsx! { LoadingState { what: "Adding up the book once, so that edits cost nothing" } },
        (Some(_), None) => rsx! { Body { answer, filter, pending, window, sort } },
    };
    rsx! {
        div { class: "page-body what-if", "data-testid": "page-what-if",
            div { class: "toolbar",
                input {
                    class: "input filter",
                    "data-filter": "true",
                    "data-testid": "what-if-filter",
                    r#type: "text",
                    autocomplete: "off",
                    spellcheck: "false",
                    placeholder: "Filter  /",
                    value: filter(),
                    oninput: move |event| filter.set(event.value()),
                    onkeydown: move |event| {
                        if event.key() == Key::Enter || event.key() == Key::ArrowDown {
                            event.prevent_default();
                            browser::focus("[data-row='0'] [data-column='target-weight']");
                        }
                    },
                }
                div { class: "inline-form short",
                    Field {
                        name: "what-if-fee",
                        label: "Fee bp",
                        numeric: true,
                        placeholder: "0",
                        value: on_desk.fee.clone(),
                        error: on_desk.fee_bps().err(),
                        oninput: move |text| draft::edit(desk, |draft| draft.fee = text),
                    }
                }
                div { class: "inline-form",
                    Select {
                        name: "what-if-funding",
                        label: "Paid in",
                        value: if on_desk.funding == Funding::Base { "base" } else { "price" },
                        choices: vec![
                            Choice::new("price", "own currency"),
                            Choice::new("base", base.unwrap_or_else(|| "base currency".to_owned())),
                        ],
                        onchange: move |text: String| {
                            draft::edit(desk, |draft| {
                                draft.funding = if text == "base" { Funding::Base } else { Funding::Price };
                            });
                        },
                    }
                }
                div { class: "toolbar-space" }
                if let Some((name, _)) = &on_desk.proposal {
                    span { class: "faint", "data-testid": "what-if-proposal", "{name}" }
                }
                span { class: "faint", "data-testid": "what-if-count", {edits_words(count)} }
                ProposalsMenu {}
                if count == 0 && discarded > 0 {
                    Button {
                        testid: "what-if-restore",
                        onclick: move |_| {
                            draft::edit(desk, |draft| draft.edits = std::mem::take(&mut draft.discarded));
                        },
                        "Bring back {edits_words(discarded)}"
                    }
                } else {
                    Button {
                        testid: "what-if-discard",
                        disabled: count == 0,
                        title: "Every figure as in the book again (Esc)",
                        onclick: move |_| {
                            discard(desk);
                        },
                        "Discard"
                    }
                }
                Button {
                    testid: "what-if-keep",
                    kind: ButtonKind::Primary,
                    disabled: count == 0,
                    onclick: move |_| desk.overlay.set(Some(Overlay::KeepProposal)),
                    "Keep…"
                }
            }
            {body}
        }
    }
}

/// What is edited, and what becomes of the figures.
#[component]
fn Body(
    answer: Answer<WhatIf>,
    filter: Signal<String>,
    pending: Signal<Pending>,
    window: Signal<WindowAsk>,
    sort: Signal<Option<(WhatIfColumn, bool)>>,
) -> Element {
    let mut desk = use_desk();
    let (mut window, mut sort, mut filter) = (window, sort, filter);
    let lines = use_memo(move || {
        let on_desk = draft(desk);
        answer.get().map_or_else(Lines::default, |found| {
            Lines::new(found.offset, found.rows.len(), move |at| {
                line_of(&found.rows[at], &on_desk, &found.edits, found.currency)
            })
        })
    });
    let Some(found) = answer.get() else {
        return rsx! {};
    };
    let stale = !(answer.current)();
    let on_desk = draft(desk);
    let typed = move |typed: Typed| {
        let found = answer.latest.peek().clone();
        let row = found.and_then(|found| found.rows.get(typed.row.checked_sub(found.offset)?).cloned());
        let by = match typed.column {
            TARGET_WEIGHT => EditBy::TargetWeight,
            TARGET_QUANTITY => EditBy::TargetQuantity,
            _ => return,
        };
        if let Some(row) = row {
            draft::edit(desk, |draft| draft.set_target(&row.symbol, by, &typed.text));
        }
    };
    let reset = format!("{:?}{}{:?}", desk.view().map(|view| view.portfolio), filter(), sort());
    rsx! {
        div { class: "grid-box area-positions",
            Grid {
                name: "what-if",
                columns: columns(found.currency),
                total: found.total_rows,
                lines: lines(),
                footer: total_line(&found),
                sort: sort().map(|(column, descending)| (sort_name(column).to_owned(), descending)),
                reset,
                autofocus: true,
                stale,
                onsort: move |id: String| {
                    if let Some(column) = sorted_by(&id) {
                        let next = match sort() {
                            Some((by, descending)) if by == column => Some((by, !descending)),
                            _ => Some((column, column != WhatIfColumn::Symbol)),
                        };
                        sort.set(next);
                    }
                },
                onwindow: move |ask| window.set(ask),
                onopen: move |row| {
                    browser::focus(&format!("[data-row='{row}'] [data-column='{TARGET_WEIGHT}']"));
                },
                oninput: typed,
                if filter.read().trim().is_empty() {
                    EmptyState {
                        testid: "what-if-empty",
                        title: "Nothing is held on this day",
                        next: "Add a trade below to see what it would do, or a transaction to book one",
                        Button {
                            testid: "empty-add",
                            onclick: move |_| desk.overlay.set(Some(Overlay::AddTransaction { symbol: String::new() })),
                            "Add a transaction…"
                        }
                    }
                } else {
                    EmptyState {
                        testid: "what-if-none",
                        title: "No position matches the filter",
                        next: "What is not held can be added as a trade below",
                        Button { testid: "filter-clear", onclick: move |_| filter.set(String::new()), "Clear the filter" }
                    }
                }
            }
        }
        TradesPanel { draft: on_desk, pending, answer }
        div { class: "area-beside",
            FiguresPanel { answer }
            ExposuresPanel { answer }
            StressPanel { answer }
            CashPanel { answer }
        }
    }
}

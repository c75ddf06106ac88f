//! The palette: every action, page, portfolio and instrument, and `TICKER FUNCTION` such as `AAPL lots`.
//!
//! What was chosen lately stands on top. Instruments come from the engine; the rest is matched here.

use apex_wire::{
    holdings::GetHoldings,
    transactions::{SuggestSymbols, SymbolSuggestion},
};
use dioxus::{core::spawn_forever, prelude::*};

use crate::{
    answers::use_answer,
    browser,
    desk::{Desk, HoldingSubject, Inspected, Overlay, Page, use_desk},
    invoke,
    keys::{self, ACTIONS, Action, key_of},
};

const RECENT_MAX: usize = 8;
const SHOWN_MAX: usize = 14;
/// What can follow a symbol.
const FUNCTIONS: [(&str, Function); 10] = [
    ("holdings", Function::Show(Page::Holdings)),
    ("what-if", Function::Show(Page::WhatIf)),
    ("transactions", Function::Show(Page::Transactions)),
    ("chart", Function::Show(Page::Markets)),
    ("lots", Function::Lots),
    ("trade", Function::Trade),
    ("attribution", Function::Show(Page::Attribution)),
    ("risk", Function::Show(Page::Risk)),
    ("performance", Function::Show(Page::Performance)),
    ("setup", Function::Show(Page::Setup)),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    /// The page, filtered by the symbol or standing at its row.
    Show(Page),
    Lots,
    Trade,
}

/// One line of the palette.
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    /// What is remembered when it is chosen.
    id: String,
    title: String,
    kind: &'static str,
    detail: String,
    target: Target,
}

#[derive(Debug, Clone, PartialEq)]
enum Target {
    Action(Action),
    Portfolio(apex_domain::PortfolioId),
    Instrument(SymbolSuggestion, Function),
}

/// The overlay that `Ctrl K` opens.
#[component]
pub(super) fn Palette() -> Element {
    let mut desk = use_desk();
    let mut typed = use_signal(String::new);
    let mut at = use_signal(|| 0_usize);
    let symbols = use_answer(move || {
        let word = typed.read().split_whitespace().next()?.to_owned();
        Some(SuggestSymbols { text: word, limit: 6 })
    });
    let entries = use_memo(move || {
        let found = symbols.get().map(|found| (*found).clone()).unwrap_or_default();
        entries(desk, &typed.read(), &found)
    });
    let mut choose = move |index: usize| {
        let entry = entries.read().get(index).cloned();
        if let Some(entry) = entry {
            desk.overlay.set(None);
            remember(desk, &entry.id);
            run(desk, entry.target);
        }
    };
    rsx! {
        div { class: "scrim top", onclick: move |_| desk.overlay.set(None),
            div {
                class: "palette",
                role: "dialog",
                "aria-label": "Find anything",
                "data-testid": "palette",
                onclick: move |event| event.stop_propagation(),
                input {
                    class: "palette-input",
                    "data-testid": "palette-input",
                    r#type: "text",
                    autocomplete: "off",
                    spellcheck: "false",
                    placeholder: "Page, portfolio, action, or a symbol and a function: AAPL lots",
                    value: typed(),
                    onmounted: move |event| async move {
                        // A palette that was closed again needs no focus.
                        let _ = event.set_focus(true).await;
                    },
                    oninput: move |event| {
                        typed.set(event.value());
                        at.set(0);
                    },
                    onkeydown: move |event| {
                        let count = entries.read().len();
                        match event.key() {
                            Key::ArrowDown => at.set((at() + 1).min(count.saturating_sub(1))),
                            Key::ArrowUp => at.set(at().saturating_sub(1)),
                            Key::Enter => choose(at()),
                            _ => return,
                        }
                        event.prevent_default();
                    },
                }
                div { class: "palette-list", role: "listbox",
                    for (index, entry) in entries.read().iter().cloned().enumerate() {
                        button {
                            key: "{entry.id}",
                            class: "palette-item",
                            r#type: "button",
                            role: "option",
                            tabindex: "-1",
                            "data-testid": "palette-{entry.id}",
                            "aria-selected": if index == at() { "true" } else { "false" },
                            onmouseenter: move |_| at.set(index),
                            onclick: move |_| choose(index),
                            span { class: "palette-kind", "{entry.kind}" }
                            span { class: "palette-title", "{entry.title}" }
                            span { class: "palette-detail", "{entry.detail}" }
                        }
                    }
                    if entries.read().is_empty() {
                        p { class: "palette-none", "Nothing is called that" }
                    }
                }
            }
        }
    }
}

fn entries(desk: Desk, typed: &str, symbols: &[SymbolSuggestion]) -> Vec<Entry> {
    let typed = typed.trim().to_lowercase();
    let mut all: Vec<Entry> = ACTIONS
        .iter()
        .filter(|bound| bound.action != Action::Palette && bound.action.is_offered())
        .map(|bound| Entry {
            id: bound.name.to_owned(),
            title: match bound.action {
                Action::Go(page) => page.title().to_owned(),
                _ => bound.title.to_owned(),
            },
            kind: if matches!(bound.action, Action::Go(_)) {
                "page"
            } else {
                "action"
            },
            detail: key_of(desk, bound),
            target: Target::Action(bound.action),
        })
        .collect();
    if let Some(book) = desk.book() {
        all.extend(book.portfolios.into_iter().map(|portfolio| Entry {
            id: format!("portfolio-{}", portfolio.name),
            title: portfolio.name,
            kind: "portfolio",
            detail: portfolio.currency.to_string(),
            target: Target::Portfolio(portfolio.id),
        }));
    }
    if typed.is_empty() {
        let recent = recent(desk);
        all.sort_by_key(|entry| recent.iter().position(|id| *id == entry.id).unwrap_or(usize::MAX));
        all.truncate(SHOWN_MAX);
        return all;
    }
    let mut scored: Vec<(u32, Entry)> = all
        .into_iter()
        .filter_map(|entry| Some((score(&entry.title.to_lowercase(), &typed)?, entry)))
        .collect();
    scored.sort_by_key(|(score, _)| *score);
    let mut found = instruments(&typed, symbols);
    let exact = found
        .first()
        .is_some_and(|entry| typed.split_whitespace().next() == Some(&symbol_of(entry)));
    let rest = scored.into_iter().map(|(_, entry)| entry);
    if exact {
        found.extend(rest);
    } else {
        found = rest.chain(found).collect();
    }
    found.truncate(SHOWN_MAX);
    found
}

fn symbol_of(entry: &Entry) -> String {
    match &entry.target {
        Target::Instrument(suggestion, _) => suggestion.symbol.to_lowercase(),
        _ => String::new(),
    }
}

fn instruments(typed: &str, symbols: &[SymbolSuggestion]) -> Vec<Entry> {
    let function = typed.split_whitespace().nth(1).unwrap_or_default();
    symbols
        .iter()
        .flat_map(|suggestion| {
            let shown = FUNCTIONS.iter().filter(move |(name, _)| {
                if function.is_empty() {
                    *name == "holdings"
                } else {
                    name.starts_with(function)
                }
            });
            shown.map(|(name, function)| Entry {
                id: format!("{}-{name}", suggestion.symbol),
                title: format!("{} {name}", suggestion.symbol),
                kind: "instrument",
                detail: suggestion.name.clone(),
                target: Target::Instrument(suggestion.clone(), *function),
            })
        })
        .collect()
}

/// Returns how well words fit what was typed, 0 best; none where they do not.
fn score(words: &str, typed: &str) -> Option<u32> {
    if words.starts_with(typed) {
        return Some(0);
    }
    if words.split_whitespace().any(|word| word.starts_with(typed)) {
        return Some(1);
    }
    if words.contains(typed) {
        return Some(2);
    }
    // Last: the letters in their order, as in `hld` for Holdings.
    let mut letters = words.chars();
    typed
        .chars()
        .filter(|letter| *letter != ' ')
        .all(|letter| letters.any(|other| other == letter))
        .then_some(3)
}

fn run(mut desk: Desk, target: Target) {
    match target {
        Target::Action(action) => keys::act(desk, action),
        Target::Portfolio(id) => desk.open_portfolio(id),
        Target::Instrument(suggestion, Function::Show(page)) => desk.go_to(page, suggestion.symbol),
        Target::Instrument(suggestion, Function::Trade) => {
            desk.go(Page::Transactions);
            desk.overlay.set(Some(Overlay::AddTransaction {
                symbol: suggestion.symbol,
            }));
        }
        Target::Instrument(suggestion, Function::Lots) => show_lots(desk, suggestion),
    }
}

/// Opens the lots of an instrument in the account of this portfolio that holds it.
fn show_lots(desk: Desk, suggestion: SymbolSuggestion) {
    let Some(view) = desk.view() else { return };
    spawn_forever(async move {
        let ask = GetHoldings {
            view,
            group: Vec::new(),
            collapsed: Vec::new(),
            sort: None,
            filter: suggestion.symbol.clone(),
            offset: 0,
            limit: 50,
        };
        match desk.timed(invoke::invoke(&ask)).await {
            Ok(window) => {
                let held = window.rows.iter().find_map(|row| match row {
                    apex_wire::holdings::GridRow::Holding(row) if row.instrument == Some(suggestion.instrument) => {
                        Some(HoldingSubject::of(row))
                    }
                    _ => None,
                });
                match held {
                    Some(subject) => desk.inspect(Inspected::Holding(subject)),
                    None => desk.say(format!("{} is not held in this portfolio", suggestion.symbol)),
                }
            }
            Err(failure) => desk.fail(&failure),
        }
    });
}

fn recent(desk: Desk) -> Vec<String> {
    desk.kept("palette.recent")
        .map(|text| text.split('\n').map(str::to_owned).collect())
        .unwrap_or_default()
}

fn remember(desk: Desk, id: &str) {
    let mut ids = recent(desk);
    ids.retain(|other| other != id && !other.is_empty());
    ids.insert(0, id.to_owned());
    ids.truncate(RECENT_MAX);
    desk.keep("palette.recent", ids.join("\n"));
    browser::blur();
}

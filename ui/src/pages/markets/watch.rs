//! The watchlists: the bar above the quotes, and the dialogs that add symbols and lists.

use apex_domain::Currency;
use apex_wire::{
    quotes::{GetWatchlists, RemoveWatchlist, SaveWatchlist, WatchSymbol, Watchlist},
    transactions::SuggestSymbols,
};
use dioxus::{core::spawn_forever, prelude::*};

use super::{HELD, KEPT_LIST, Market};
use crate::{
    answers::use_answer,
    components::{Button, ButtonKind, Choice, Dialog, Field, Menu, MenuItem},
    desk::{Overlay, sentence, set_if_there, use_desk},
};

/// The list that a symbol goes to where none is open.
const FIRST_LIST: &str = "Watchlist";

/// The open watchlist, and what can be done with it.
#[component]
pub(super) fn WatchBar(market: Market) -> Element {
    let mut desk = use_desk();
    let list = market.list;
    let names: Vec<String> = market
        .watchlists
        .get()
        .map(|all| all.iter().map(|entry| entry.watchlist.name.clone()).collect())
        .unwrap_or_default();
    let open = move |name: String| desk.keep(KEPT_LIST, name);
    let entry = market.entry();
    let own = entry.is_some();
    let title = if *list.read() == HELD {
        "Held".to_owned()
    } else {
        list()
    };
    let lists: Vec<String> = std::iter::once(HELD.to_owned()).chain(names.iter().cloned()).collect();
    let step = move |by: usize| {
        let at = lists.iter().position(|name| *name == *list.peek()).unwrap_or(0);
        if let Some(next) = lists.get((at + by) % lists.len()) {
            open(next.clone());
        }
    };
    let count = names.len();
    let step_back = step.clone();
    let change = move |edit: fn(&mut Watchlist, usize) -> Option<usize>| {
        let (Some(entry), Some(row)) = (market.entry(), market.chosen_row()) else {
            return;
        };
        let mut watchlist = entry.watchlist;
        if edit(&mut watchlist, row).is_none() {
            return;
        }
        let ask = SaveWatchlist {
            watchlist,
            base_version: entry.version,
        };
        spawn_forever(async move {
            if let Err(failure) = desk.write(ask).await {
                desk.fail(&failure);
            }
        });
    };
    let remove_list = move || {
        let Some(entry) = market.entry() else { return };
        let ask = RemoveWatchlist {
            name: entry.watchlist.name,
            base_version: entry.version,
        };
        desk.keep(KEPT_LIST, HELD.to_owned());
        desk.remove(ask.name.clone(), ask);
    };
    rsx! {
        div { class: "toolbar",
            Menu {
                name: "watchlist",
                class: "button",
                title: "Watchlist ({{ and }})",
                label: rsx! {
                    span { class: "strong clip", "data-testid": "watchlist-name", "{title}" }
                    span { class: "faint", {market.instruments.read().len().to_string()} }
                    span { class: "caret", "▾" }
                },
                MenuItem { testid: "watchlist-held", chosen: *list.read() == HELD, detail: "holdings of the portfolio", onclick: move |()| open(HELD.to_owned()), "Held" }
                for name in names {
                    MenuItem {
                        key: "{name}",
                        testid: "watchlist-{name}",
                        chosen: *list.read() == name,
                        onclick: {
                            let name = name.clone();
                            move |()| open(name.clone())
                        },
                        "{name}"
                    }
                }
                MenuItem { testid: "watchlist-new", onclick: move |()| desk.overlay.set(Some(Overlay::NewWatchlist)), "New watchlist…" }
                if own {
                    MenuItem { testid: "watchlist-remove", onclick: move |()| remove_list(), "Remove this watchlist" }
                }
            }
            // The keys reach what the closed menu holds.
            button { class: "hidden", r#type: "button", tabindex: "-1", "data-action": "watch-new", onclick: move |_| desk.overlay.set(Some(Overlay::NewWatchlist)) }
            button { class: "hidden", r#type: "button", tabindex: "-1", "data-action": "watch-next", onclick: move |_| step(1) }
            button { class: "hidden", r#type: "button", tabindex: "-1", "data-action": "watch-previous", onclick: move |_| step_back(count) }
            div { class: "toolbar-space" }
            Button {
                testid: "watch-add",
                action: "watch-add",
                title: "Add a symbol to a watchlist (a)",
                onclick: move |_| {
                    let watchlist = match market.list.peek().as_str() {
                        HELD => market.watchlists.latest.peek().as_ref().and_then(|all| Some(all.first()?.watchlist.name.clone())),
                        name => Some(name.to_owned()),
                    };
                    desk.overlay.set(Some(Overlay::WatchSymbol { watchlist: watchlist.unwrap_or_else(|| FIRST_LIST.to_owned()) }));
                },
                "+ Add…"
            }
            Button {
                testid: "watch-up",
                action: "watch-up",
                kind: ButtonKind::Quiet,
                disabled: !own,
                title: "Move the symbol up (alt+↑)",
                onclick: move |_| change(|list, row| {
                    let above = row.checked_sub(1)?;
                    list.instruments.swap(row, above);
                    Some(above)
                }),
                "▴"
            }
            Button {
                testid: "watch-down",
                action: "watch-down",
                kind: ButtonKind::Quiet,
                disabled: !own,
                title: "Move the symbol down (alt+↓)",
                onclick: move |_| change(|list, row| {
                    let below = row + 1;
                    (below < list.instruments.len()).then(|| list.instruments.swap(row, below))?;
                    Some(below)
                }),
                "▾"
            }
            Button {
                testid: "watch-remove",
                action: "watch-remove",
                kind: ButtonKind::Quiet,
                disabled: !own,
                title: if own { "Take the symbol off the watchlist (Delete)" } else { "What is held stays on this list" },
                onclick: move |_| change(|list, row| {
                    list.instruments.remove(row);
                    Some(row)
                }),
                "✕"
            }
        }
    }
}

/// Adds symbols to a watchlist, one after the other.
#[component]
pub(crate) fn WatchSymbolDialog(watchlist: String) -> Element {
    let mut desk = use_desk();
    let mut typed = use_signal(String::new);
    let mut currency = use_signal(String::new);
    let mut refused = use_signal(|| None::<(Option<String>, String)>);
    let mut added = use_signal(Vec::<String>::new);
    let mut busy = use_signal(|| false);
    let known = use_answer(move || {
        let text = typed.read().trim().to_owned();
        (!text.is_empty()).then_some(SuggestSymbols { text, limit: 8 })
    });
    let choices: Vec<Choice> = known
        .get()
        .filter(|_| !typed.read().trim().is_empty())
        .map(|found| found.iter().map(|one| Choice::new(&one.symbol, &one.name)).collect())
        .unwrap_or_default();
    let list = watchlist.clone();
    let mut add = move || {
        let symbol = typed.peek().trim().to_uppercase();
        if symbol.is_empty() || *busy.peek() {
            return;
        }
        let code = currency.peek().trim().to_uppercase();
        let code = match code.as_str() {
            "" => None,
            code => match Currency::parse(code) {
                Ok(code) => Some(code),
                Err(err) => {
                    refused.set(Some((Some("currency".to_owned()), sentence(&err.to_string()))));
                    return;
                }
            },
        };
        let ask = WatchSymbol {
            watchlist: list.clone(),
            symbol: symbol.clone(),
            currency: code,
        };
        busy.set(true);
        refused.set(None);
        let list = list.clone();
        spawn_forever(async move {
            let answer = desk.write(ask).await;
            set_if_there(busy, false);
            match answer {
                Ok(_) => {
                    desk.keep(KEPT_LIST, list);
                    if let Ok(mut added) = added.try_write() {
                        added.push(symbol);
                    }
                    set_if_there(typed, String::new());
                    set_if_there(currency, String::new());
                    crate::browser::focus("[data-testid='field-watch-symbol']");
                }
                Err(failure) => set_if_there(refused, Some((failure.field.clone(), sentence(&failure.sentence)))),
            }
        });
    };
    let refusal = |field: &str| {
        let refused = refused.read();
        refused
            .as_ref()
            .filter(|(of, _)| of.as_deref() == Some(field))
            .map(|(_, words)| words.clone())
    };
    let other = refused
        .read()
        .as_ref()
        .filter(|(of, _)| !matches!(of.as_deref(), Some("symbol" | "currency")))
        .map(|(_, words)| words.clone());
    let mut add_by_enter = add.clone();
    rsx! {
        Dialog {
            name: "watch-symbol",
            title: "Add to {watchlist}",
            actions: rsx! {
                Button { testid: "watch-done", onclick: move |_| desk.overlay.set(None), "Done" }
                Button {
                    testid: "watch-confirm",
                    kind: ButtonKind::Primary,
                    disabled: typed.read().trim().is_empty() || busy(),
                    onclick: move |_| add(),
                    if busy() { "Looking it up" } else { "Add" }
                }
            },
            form {
                class: "form watch-form",
                onsubmit: move |event| {
                    event.prevent_default();
                    add_by_enter();
                },
                Field {
                    name: "watch-symbol",
                    label: "Symbol",
                    value: typed(),
                    autofocus: true,
                    suggestions: choices,
                    hint: "one that the book does not know is looked up at the providers",
                    error: refusal("symbol"),
                    oninput: move |text| typed.set(text),
                }
                Field {
                    name: "watch-currency",
                    label: "Currency",
                    value: currency(),
                    placeholder: "as the provider says",
                    error: refusal("currency"),
                    oninput: move |text| currency.set(text),
                }
                if let Some(words) = other {
                    p { class: "field-error", role: "alert", "data-testid": "watch-failed", "{words}" }
                }
                if !added.read().is_empty() {
                    p { class: "faint", "data-testid": "watch-added", {format!("Added: {}", added.read().join(", "))} }
                }
                // Enter in a field adds.
                button { class: "sr-only", r#type: "submit", tabindex: "-1" }
            }
        }
    }
}

/// Makes a watchlist.
#[component]
pub(crate) fn NewWatchlistDialog() -> Element {
    let mut desk = use_desk();
    let mut name = use_signal(String::new);
    let refused = use_signal(|| None::<String>);
    let taken = use_answer(|| Some(GetWatchlists {}));
    let make = move || {
        let wanted = name.peek().trim().to_owned();
        if wanted.is_empty() {
            return;
        }
        let there = taken
            .latest
            .peek()
            .as_ref()
            .is_some_and(|all| all.iter().any(|entry| entry.watchlist.name == wanted));
        if there {
            set_if_there(refused, Some(format!("There is a watchlist {wanted} already")));
            return;
        }
        let ask = SaveWatchlist {
            watchlist: Watchlist {
                name: wanted.clone(),
                instruments: Vec::new(),
            },
            base_version: 0,
        };
        spawn_forever(async move {
            match desk.write(ask).await {
                Ok(_) => {
                    desk.keep(KEPT_LIST, wanted.clone());
                    set_if_there(desk.overlay, Some(Overlay::WatchSymbol { watchlist: wanted }));
                }
                Err(failure) => set_if_there(refused, Some(sentence(&failure.sentence))),
            }
        });
    };
    rsx! {
        Dialog {
            name: "new-watchlist",
            title: "New watchlist",
            actions: rsx! {
                Button { testid: "watchlist-cancel", onclick: move |_| desk.overlay.set(None), "Cancel" }
                Button {
                    testid: "watchlist-make",
                    kind: ButtonKind::Primary,
                    disabled: name.read().trim().is_empty(),
                    onclick: move |_| make(),
                    "Make and add symbols…"
                }
            },
            form {
                class: "form",
                onsubmit: move |event| {
                    event.prevent_default();
                    make();
                },
                Field { name: "watchlist-name", label: "Name", value: name(), autofocus: true, error: refused(), oninput: move |text| name.set(text) }
                button { class: "sr-only", r#type: "submit", tabindex: "-1" }
            }
        }
    }
}

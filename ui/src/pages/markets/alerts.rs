//! Alerts: what is watched, what has fired, and the dialog that makes one.

use apex_domain::Decimal;
use apex_wire::{
    alert::{Alert, AlertEntry, Alerts, AlertsSeen, Condition, FiredAlert, RemoveAlert, SaveAlert},
    transactions::SuggestSymbols,
};
use dioxus::{core::spawn_forever, prelude::*};

use super::Market;
use crate::{
    answers::use_answer,
    browser,
    components::{
        Button, ButtonKind, Check, Choice, Dialog, EmptyState, FailedState, Field, LoadingState, Panel, Select, Tabs,
    },
    desk::{Desk, Overlay, sentence, set_if_there, use_desk},
};

const KEPT_TAB: &str = "markets.alerts";
/// What can be watched: id, words, what the threshold is, and the name that is proposed.
const KINDS: [(&str, &str, &str, &str); 5] = [
    ("price_above", "The price rises to", "Price", "above"),
    ("price_below", "The price falls to", "Price", "below"),
    (
        "change",
        "The change of the day reaches",
        "Percent, up or down",
        "moves",
    ),
    ("volume", "The volume of the day reaches", "Shares", "volume"),
    ("stale", "Nothing is heard for", "Minutes", "silent"),
];

/// The alerts of the book, and those that fired.
#[component]
pub(super) fn AlertsPanel(market: Market) -> Element {
    let mut desk = use_desk();
    let mut tab = use_signal(|| desk.kept(KEPT_TAB).unwrap_or_else(|| "watched".to_owned()));
    let watched = (desk.watched)();
    let unseen = desk.alerts_unseen();
    let fired = tab() == "fired";
    rsx! {
        Panel {
            testid: "panel-market-alerts",
            title: "Alerts",
            note: if unseen > 0 { format!("{unseen} not seen") } else { String::new() },
            class: "table-panel alerts-panel",
            tools: rsx! {
                if fired {
                    Button {
                        testid: "alerts-seen",
                        action: "alerts-seen",
                        kind: ButtonKind::Quiet,
                        disabled: unseen == 0,
                        title: "Mark all that has fired as seen (s)",
                        onclick: move |_| seen(desk),
                        "All seen"
                    }
                } else {
                    Button {
                        testid: "alert-add",
                        kind: ButtonKind::Quiet,
                        title: "Be told when something happens (n)",
                        onclick: move |_| {
                            let symbol = market.chosen.peek().as_ref().map(|chosen| chosen.symbol.clone());
                            desk.overlay.set(Some(Overlay::NewAlert { symbol: symbol.unwrap_or_default() }));
                        },
                        "New…"
                    }
                }
                Tabs {
                    name: "alerts",
                    tabs: vec![
                        ("watched".to_owned(), "Watched".to_owned()),
                        ("fired".to_owned(), if unseen > 0 { format!("Fired {unseen}") } else { "Fired".to_owned() }),
                    ],
                    selected: tab(),
                    onselect: move |id: String| {
                        desk.keep(KEPT_TAB, id.clone());
                        tab.set(id);
                    },
                }
            },
            match watched {
                None => rsx! { LoadingState { what: "Reading the alerts" } },
                Some(Err(failure)) => rsx! { FailedState { testid: "alerts-failed", failure } },
                Some(Ok(alerts)) if fired => rsx! { FiredTable { alerts: alerts.fired.clone(), market } },
                Some(Ok(alerts)) => rsx! { WatchedTable { alerts: (*alerts).clone() } },
            }
        }
    }
}

fn seen(desk: Desk) {
    spawn_forever(async move {
        if let Err(failure) = desk.write(AlertsSeen {}).await {
            desk.fail(&failure);
        }
    });
}

#[component]
fn WatchedTable(alerts: Alerts) -> Element {
    let desk = use_desk();
    if alerts.alerts.is_empty() {
        return rsx! {
            EmptyState { testid: "market-alerts-empty", title: "Nothing is watched", next: "Price, change, volume and silence can each be an alert (n)" }
        };
    }
    let save = move |entry: &AlertEntry, enabled: bool| {
        let ask = SaveAlert {
            alert: Alert {
                enabled,
                ..entry.alert.clone()
            },
            base_version: entry.version,
        };
        spawn_forever(async move {
            if let Err(failure) = desk.write(ask).await {
                desk.fail(&failure);
            }
        });
    };
    rsx! {
        table { class: "table", "data-testid": "alerts",
            thead {
                tr {
                    th { class: "check-column", title: "Whether it is watched" }
                    th { "Symbol" }
                    th { "When" }
                    th { "Now" }
                    th { "" }
                }
            }
            tbody {
                for entry in alerts.alerts {
                    tr { key: "{entry.alert.name}", "data-testid": "alert-{entry.alert.name}", title: "{entry.alert.name}",
                        td { class: "check-column",
                            Check {
                                name: "alert-{entry.alert.name}",
                                label: "",
                                checked: entry.alert.enabled,
                                onchange: {
                                    let entry = entry.clone();
                                    move |enabled| save(&entry, enabled)
                                },
                            }
                        }
                        td { class: "strong", "{entry.symbol}" }
                        td { class: "gives-way", {sentence(&entry.words)} }
                        td {
                            match (entry.alert.enabled, entry.holds) {
                                (false, _) => rsx! { span { class: "faint", "off" } },
                                (true, true) => rsx! { span { class: "warning strong", title: "It fires again only after the condition has ceased to hold", "! holds" } },
                                (true, false) => rsx! { span { class: "faint", "waits" } },
                            }
                        }
                        td { class: "row-tools",
                            Button {
                                testid: "alert-remove-{entry.alert.name}",
                                kind: ButtonKind::Quiet,
                                title: "Remove this alert",
                                onclick: {
                                    let entry = entry.clone();
                                    move |_| {
                                        let ask = RemoveAlert { name: entry.alert.name.clone(), base_version: entry.version };
                                        desk.remove(ask.name.clone(), ask);
                                    }
                                },
                                "✕"
                            }
                        }
                    }
                }
            }
        }
    }
}

#[component]
fn FiredTable(alerts: Vec<FiredAlert>, market: Market) -> Element {
    let desk = use_desk();
    if alerts.is_empty() {
        return rsx! { EmptyState { testid: "fired-empty", title: "Nothing has fired" } };
    }
    rsx! {
        table { class: "table rows", "data-testid": "fired",
            tbody {
                for alert in alerts {
                    tr {
                        key: "{alert.number}",
                        "data-testid": "fired-alert",
                        onclick: {
                            let alert = alert.clone();
                            move |_| market.choose(desk, alert.instrument, alert.symbol.clone())
                        },
                        td { class: "verdict-mark warning", title: if alert.seen { "seen" } else { "not seen" }, if !alert.seen { "●" } }
                        td { class: "faint", title: "{apex_format::instant(alert.at)}", {browser::local_moment(alert.at)} }
                        td { class: "strong", "{alert.symbol}" }
                        td { class: "gives-way", title: "{alert.name}", {sentence(&alert.sentence)} }
                    }
                }
            }
        }
    }
}

/// Makes an alert.
#[component]
pub(crate) fn NewAlertDialog(symbol: String) -> Element {
    let mut desk = use_desk();
    let mut typed = use_signal(|| symbol.clone());
    let mut kind = use_signal(|| "price_above".to_owned());
    let mut threshold = use_signal(String::new);
    let mut name = use_signal(|| None::<String>);
    let mut refused = use_signal(|| None::<(Option<String>, String)>);
    let known = use_answer(move || {
        let text = typed.read().trim().to_owned();
        (!text.is_empty()).then_some(SuggestSymbols { text, limit: 8 })
    });
    let choices: Vec<Choice> = known
        .get()
        .map(|found| found.iter().map(|one| Choice::new(&one.symbol, &one.name)).collect())
        .unwrap_or_default();
    let asked = KINDS.iter().find(|(id, ..)| *id == kind()).copied().unwrap_or(KINDS[0]);
    let proposed = format!(
        "{} {} {}",
        typed.read().trim().to_uppercase(),
        asked.3,
        threshold.read().trim()
    );
    let written = name().unwrap_or_else(|| proposed.trim().to_owned());
    let named = written.clone();
    let make = move || {
        let symbol = typed.peek().trim().to_owned();
        let found = known.latest.peek().clone();
        let found = found
            .iter()
            .flat_map(|found| found.iter())
            .find(|one| one.symbol.eq_ignore_ascii_case(&symbol));
        let Some(found) = found else {
            refused.set(Some((
                Some("symbol".to_owned()),
                format!("The book has no instrument {symbol}; put it on a watchlist first"),
            )));
            return;
        };
        let condition = match condition(&kind.peek(), &threshold.peek()) {
            Ok(condition) => condition,
            Err(words) => {
                refused.set(Some((Some("threshold".to_owned()), words)));
                return;
            }
        };
        let alert = Alert {
            name: named.clone(),
            instrument: found.instrument,
            condition,
            enabled: true,
        };
        let said = format!("{} is watched", alert.name);
        spawn_forever(async move {
            match desk.write(SaveAlert { alert, base_version: 0 }).await {
                Ok(_) => {
                    desk.say(said);
                    set_if_there(desk.overlay, None);
                }
                Err(failure) => set_if_there(refused, Some((failure.field.clone(), sentence(&failure.sentence)))),
            }
        });
    };
    let refusal = |fields: &[&str]| {
        let refused = refused.read();
        let found = refused
            .as_ref()
            .filter(|(of, _)| of.as_deref().is_some_and(|of| fields.contains(&of)));
        found.map(|(_, words)| words.clone())
    };
    const FIELDS: [&str; 8] = [
        "symbol",
        "instrument",
        "threshold",
        "price",
        "percent",
        "shares",
        "minutes",
        "name",
    ];
    let other = refused
        .read()
        .as_ref()
        .filter(|(of, _)| of.as_deref().is_none_or(|of| !FIELDS.contains(&of)))
        .map(|(_, words)| words.clone());
    let mut make_by_enter = make.clone();
    let mut make = make;
    rsx! {
        Dialog {
            name: "new-alert",
            title: "New alert",
            actions: rsx! {
                Button { testid: "alert-cancel", onclick: move |_| desk.overlay.set(None), "Cancel" }
                Button {
                    testid: "alert-save",
                    kind: ButtonKind::Primary,
                    disabled: typed.read().trim().is_empty() || threshold.read().trim().is_empty(),
                    onclick: move |_| make(),
                    "Watch it"
                }
            },
            form {
                class: "form watch-form",
                onsubmit: move |event| {
                    event.prevent_default();
                    make_by_enter();
                },
                Field {
                    name: "alert-symbol",
                    label: "Symbol",
                    value: typed(),
                    autofocus: symbol.is_empty(),
                    suggestions: choices,
                    error: refusal(&["symbol", "instrument"]),
                    oninput: move |text| typed.set(text),
                }
                Select {
                    name: "alert-kind",
                    label: "Tell me when",
                    value: kind(),
                    choices: KINDS.iter().map(|(id, words, ..)| Choice::new(*id, *words)).collect::<Vec<_>>(),
                    onchange: move |id| kind.set(id),
                }
                Field {
                    name: "alert-threshold",
                    label: asked.2,
                    numeric: true,
                    value: threshold(),
                    autofocus: !symbol.is_empty(),
                    error: refusal(&["threshold", "price", "percent", "shares", "minutes"]),
                    oninput: move |text| threshold.set(text),
                }
                Field {
                    name: "alert-name",
                    label: "Name",
                    value: written,
                    error: refusal(&["name"]),
                    oninput: move |text| name.set(Some(text)),
                }
                p { class: "faint", "It fires once when this begins to hold, as a message of the system and in the list." }
                if let Some(words) = other {
                    p { class: "field-error", role: "alert", "data-testid": "alert-failed", "{words}" }
                }
                button { class: "sr-only", r#type: "submit", tabindex: "-1" }
            }
        }
    }
}

/// Returns the condition that was typed, or what is wrong with it.
fn condition(kind: &str, threshold: &str) -> Result<Condition, String> {
    let number = |text: &str| -> Result<Decimal, String> {
        apex_format::parse_number(text.trim().trim_end_matches('%')).map_err(|err| sentence(&err.to_string()))
    };
    let value = number(threshold)?;
    Ok(match kind {
        "price_below" => Condition::PriceBelow { price: value },
        "change" => Condition::Change { percent: value },
        "volume" => Condition::Volume { shares: value },
        "stale" => Condition::Stale {
            minutes: value
                .to_string()
                .parse()
                .map_err(|_| format!("Minutes are a whole number, not {value}"))?,
        },
        _ => Condition::PriceAbove { price: value },
    })
}

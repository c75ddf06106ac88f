//! The entry of currency rates.

use apex_wire::{Failure, setup::EnterFx};
use dioxus::{core::spawn_forever, prelude::*};

use super::{homeless, portfolios::currencies, refusal};
use crate::{
    browser,
    components::{Button, ButtonKind, EmptyState, Field, Panel},
    desk::{set_if_there, use_desk},
};

/// The form, and what was entered since the page was opened.
#[component]
pub(super) fn RatesPanel() -> Element {
    let desk = use_desk();
    let today = move || desk.as_of.peek().or_else(|| desk.book().map(|book| book.today));
    let mut from = use_signal(String::new);
    let mut to = use_signal(|| {
        desk.portfolio_summary()
            .map(|one| one.currency.to_string())
            .unwrap_or_default()
    });
    let mut date = use_signal(|| today().map(|day| day.to_string()).unwrap_or_default());
    let mut rate = use_signal(String::new);
    let failure = use_signal(|| None::<Failure>);
    let mut entered = use_signal(Vec::<EnterFx>::new);
    let enter = move || {
        let ask = EnterFx {
            from: from(),
            to: to(),
            date: date(),
            rate: rate(),
        };
        spawn_forever(async move {
            match desk.write(ask.clone()).await {
                Ok(()) => {
                    desk.say(format!(
                        "1 {} is {} {} on {}",
                        ask.from.trim(),
                        ask.rate.trim(),
                        ask.to.trim(),
                        ask.date.trim()
                    ));
                    set_if_there(failure, None);
                    set_if_there(rate, String::new());
                    if let Ok(mut entered) = entered.try_write() {
                        entered.insert(0, ask);
                    }
                    browser::focus("[data-testid='field-fx-rate']");
                }
                Err(refused) => set_if_there(failure, Some(refused)),
            }
        });
    };
    let sentence = match (from.read().trim(), to.read().trim(), rate.read().trim()) {
        ("", ..) | (_, "", _) => String::new(),
        (from, to, "") => format!("units of {to} for 1 {from}"),
        (from, to, rate) => format!("1 {from} = {rate} {to}"),
    };
    rsx! {
        div { class: "setup-columns",
            Panel {
                testid: "panel-rates",
                title: "Entered now",
                note: "newest first",
                class: "table-panel",
                if entered.read().is_empty() {
                    EmptyState {
                        testid: "rates-empty",
                        title: "No rate entered since this page was opened",
                        next: "A book in one currency needs none; for many days at once, import a file of rates",
                    }
                } else {
                    table { class: "table", "data-testid": "rates",
                        thead {
                            tr {
                                th { "Day" }
                                th { "From" }
                                th { "Into" }
                                th { class: "numeric", "Rate" }
                            }
                        }
                        tbody {
                            for (at, one) in entered.read().iter().enumerate() {
                                tr { key: "{at}", "data-testid": "rate-{one.from}-{one.to}-{one.date}",
                                    td { class: "strong", "{one.date}" }
                                    td { "{one.from}" }
                                    td { "{one.to}" }
                                    td { class: "numeric", "{one.rate}" }
                                }
                            }
                        }
                    }
                }
            }
            Panel { testid: "panel-rate-entry", title: "Enter a currency rate", class: "form-panel",
                form {
                    class: "form",
                    onsubmit: move |event| {
                        event.prevent_default();
                        enter();
                    },
                    div { class: "form columns",
                        Field {
                            name: "fx-from",
                            label: "From",
                            value: from(),
                            placeholder: "EUR",
                            suggestions: currencies(),
                            autofocus: true,
                            error: refusal(&failure.read(), "from"),
                            oninput: move |text: String| from.set(text.to_uppercase()),
                        }
                        Field {
                            name: "fx-to",
                            label: "Into",
                            value: to(),
                            placeholder: "USD",
                            suggestions: currencies(),
                            error: refusal(&failure.read(), "to"),
                            oninput: move |text: String| to.set(text.to_uppercase()),
                        }
                        Field {
                            name: "fx-date",
                            label: "Day",
                            value: date(),
                            placeholder: "YYYY-MM-DD",
                            error: refusal(&failure.read(), "date"),
                            oninput: move |text| date.set(text),
                        }
                        Field {
                            name: "fx-rate",
                            label: "Rate",
                            value: rate(),
                            placeholder: "1.0634",
                            numeric: true,
                            hint: sentence,
                            error: refusal(&failure.read(), "rate"),
                            oninput: move |text| rate.set(text),
                        }
                    }
                    if let Some(words) = homeless(&failure.read(), &["from", "to", "date", "rate"]) {
                        p { class: "field-error", role: "alert", "data-testid": "fx-failed", "{words}" }
                    }
                    div { class: "form-foot",
                        Button { testid: "fx-enter", kind: ButtonKind::Primary, submit: true, onclick: move |_| {}, "Enter" }
                    }
                }
            }
        }
    }
}

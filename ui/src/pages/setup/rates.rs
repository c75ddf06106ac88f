//! Currency rates: the pairs that have one, what is stored of each, and the entry of a new one.

use apex_domain::Currency;
use apex_wire::setup::{EnterFx, GetRatePairs, GetRates, RatePair};
use dioxus::prelude::*;

use super::{
    currencies,
    form::{SavingForm, use_saving},
    stored::{StoredValues, VALUES_MAX, value_text},
};
use crate::{
    answers::use_answer,
    browser,
    components::{EmptyState, FailedState, Field, LoadingState, Panel},
    desk::{set_if_there, use_desk},
};

/// Pairs drawn; every pair is reached by entering its currencies.
const PAIRS_MAX: usize = 250;

/// The currencies of a pair: from, and into.
type Pair = (Currency, Currency);

/// The tab.
#[component]
pub(super) fn RatesTab() -> Element {
    let mut chosen = use_signal(|| None::<Pair>);
    let pairs = use_answer(|| Some(GetRatePairs {}));
    let first = pairs
        .get()
        .and_then(|pairs| pairs.first().map(|one| (one.from, one.to)));
    let shown = chosen().or(first);
    let choose = Callback::new(move |pair: Pair| chosen.set(Some(pair)));
    rsx! {
        div { class: "setup-columns wide-left",
            div { class: "setup-lists",
                Panel {
                    testid: "panel-rates",
                    title: "Currency pairs",
                    note: "latest rate of each",
                    class: "table-panel",
                    stale: !(pairs.current)(),
                    match (pairs.get(), (pairs.failure)()) {
                        (_, Some(failure)) => rsx! { FailedState { testid: "pairs-failed", failure } },
                        (None, None) => rsx! { LoadingState {} },
                        (Some(pairs), None) if pairs.is_empty() => rsx! {
                            EmptyState {
                                testid: "pairs-empty",
                                title: "No rate yet",
                                next: "A book in one currency needs none; for many days at once, import a file of rates",
                            }
                        },
                        (Some(pairs), None) => rsx! {
                            table { class: "table rows", "data-testid": "pairs",
                                thead {
                                    tr {
                                        th { "Pair" }
                                        th { class: "numeric", "Rate" }
                                        th { "Day" }
                                        th { "Source" }
                                    }
                                }
                                tbody {
                                    for pair in pairs.iter().take(PAIRS_MAX) {
                                        {pair_row(pair, shown, choose)}
                                    }
                                }
                            }
                            if pairs.len() > PAIRS_MAX {
                                p { class: "table-more", "and {apex_format::count((pairs.len() - PAIRS_MAX) as u64)} more" }
                            }
                        },
                    }
                }
            }
            div { class: "setup-side",
                RateEntry { chosen: chosen(), entered: choose }
                // A list of one: another key is another chart and table, with nothing kept from the ones before.
                for (from, to) in shown {
                    StoredRates { key: "{from}{to}", from, to }
                }
            }
        }
    }
}

fn pair_row(pair: &RatePair, shown: Option<Pair>, choose: Callback<Pair>) -> Element {
    let (from, to) = (pair.from, pair.to);
    rsx! {
        tr {
            key: "{from}{to}",
            "data-testid": "pair-{from}-{to}",
            "aria-selected": if shown == Some((from, to)) { "true" } else { "false" },
            onclick: move |_| choose.call((from, to)),
            td { button { class: "row-button strong", r#type: "button", "{from}/{to}" } }
            td { class: "numeric", {pair.latest.value.map(value_text)} }
            td { "{pair.latest.date}" }
            td { class: "faint", "{pair.latest.source}" }
        }
    }
}

/// Chart and table of one pair.
#[component]
fn StoredRates(from: Currency, to: Currency) -> Element {
    let answer = use_answer(move || {
        Some(GetRates {
            from,
            to,
            limit: VALUES_MAX,
        })
    });
    rsx! {
        StoredValues {
            name: "rates",
            subject: "{from}/{to}",
            note: "{to} for 1 {from}",
            heading: "Rate",
            none_yet: "No rate yet",
            answer,
        }
    }
}

/// The form of one rate, with the currencies of the pair that was chosen.
#[component]
fn RateEntry(chosen: ReadSignal<Option<Pair>>, entered: Callback<Pair>) -> Element {
    let desk = use_desk();
    let mut from = use_signal(String::new);
    let mut to = use_signal(|| {
        let home = desk.portfolio_summary();
        home.map(|one| one.currency.to_string()).unwrap_or_default()
    });
    let mut date = use_signal(|| desk.day_text());
    let mut rate = use_signal(String::new);
    let saving = use_saving();
    use_effect(move || {
        if let Some((chosen_from, chosen_to)) = chosen() {
            from.set(chosen_from.to_string());
            to.set(chosen_to.to_string());
        }
    });
    let enter = move |()| {
        let ask = EnterFx {
            from: from(),
            to: to(),
            date: date(),
            rate: rate(),
        };
        saving.write(ask.clone(), move |()| {
            let [from, to, date, rate_text] = [&ask.from, &ask.to, &ask.date, &ask.rate].map(|text| text.trim());
            desk.say(format!("1 {from} is {rate_text} {to} on {date}"));
            set_if_there(rate, String::new());
            if let (Ok(from), Ok(to)) = (Currency::parse(from), Currency::parse(to)) {
                entered.call((from, to));
            }
            browser::focus("[data-testid='field-fx-rate']");
        });
    };
    let sentence = match (from.read().trim(), to.read().trim(), rate.read().trim()) {
        ("", ..) | (_, "", _) => String::new(),
        (from, to, "") => format!("units of {to} for 1 {from}"),
        (from, to, rate) => format!("1 {from} = {rate} {to}"),
    };
    rsx! {
        Panel { testid: "panel-rate-entry", title: "Enter a currency rate", class: "form-panel",
            SavingForm {
                testid: "fx-enter",
                words: "Enter",
                saving,
                fields: vec!["from", "to", "date", "rate"],
                onsave: enter,
                div { class: "form columns",
                    Field {
                        name: "fx-from",
                        label: "From",
                        value: from(),
                        placeholder: "EUR",
                        suggestions: currencies(),
                        error: saving.refusal("from"),
                        oninput: move |text: String| from.set(text.to_uppercase()),
                    }
                    Field {
                        name: "fx-to",
                        label: "Into",
                        value: to(),
                        placeholder: "USD",
                        suggestions: currencies(),
                        error: saving.refusal("to"),
                        oninput: move |text: String| to.set(text.to_uppercase()),
                    }
                    Field {
                        name: "fx-date",
                        label: "Day",
                        value: date(),
                        placeholder: "YYYY-MM-DD",
                        error: saving.refusal("date"),
                        oninput: move |text| date.set(text),
                    }
                    Field {
                        name: "fx-rate",
                        label: "Rate",
                        value: rate(),
                        placeholder: "1.0634",
                        numeric: true,
                        hint: sentence,
                        error: saving.refusal("rate"),
                        oninput: move |text| rate.set(text),
                    }
                }
            }
        }
    }
}

//! The Setup page: everything to build a book from nothing. Forms on the right, lists on the left; the engine decides
//! what it accepts and names the field at fault.

mod backup;
mod form;
mod instrument;
mod instruments;
mod portfolios;
mod prices;
mod rates;
mod stored;

use apex_wire::{setup::GetInstruments, transactions::GetTransactions};
use dioxus::prelude::*;

use self::{backup::BackupPanel, instruments::InstrumentsTab, portfolios::PortfoliosTab, rates::RatesTab};
use crate::{
    answers::use_answer,
    components::{Choice, Tabs},
    desk::{Overlay, Page, use_desk},
};

const KEPT_TAB: &str = "setup.tab";
const TABS: [(&str, &str); 4] = [
    ("portfolios", "Portfolios and accounts"),
    ("instruments", "Instruments and prices"),
    ("rates", "Currency rates"),
    ("backup", "Backup"),
];

/// The page.
#[component]
pub(crate) fn SetupPage() -> Element {
    let desk = use_desk();
    let mut tab = use_signal(|| desk.kept(KEPT_TAB).unwrap_or_else(|| "portfolios".to_owned()));
    // A symbol from the palette is an instrument to look at.
    use_effect(move || {
        if matches!(&*desk.subject.read(), Some((Page::Setup, _))) {
            tab.set("instruments".to_owned());
        }
    });
    let choose = Callback::new(move |chosen: String| {
        desk.keep(KEPT_TAB, chosen.clone());
        tab.set(chosen);
    });
    rsx! {
        div { class: "page-body setup", "data-testid": "page-setup",
            Steps { onstep: choose }
            div { class: "toolbar",
                Tabs {
                    name: "setup",
                    tabs: TABS.iter().map(|(id, words)| ((*id).to_owned(), (*words).to_owned())).collect::<Vec<_>>(),
                    selected: tab(),
                    onselect: move |chosen: String| choose.call(chosen),
                }
            }
            match tab().as_str() {
                "instruments" => rsx! { InstrumentsTab {} },
                "rates" => rsx! { RatesTab {} },
                "backup" => rsx! { BackupPanel {} },
                _ => rsx! { PortfoliosTab {} },
            }
        }
    }
}

/// The way from an empty book to the first figure, until it is walked.
#[component]
fn Steps(onstep: EventHandler<String>) -> Element {
    let mut desk = use_desk();
    let instruments = use_answer(|| {
        Some(GetInstruments {
            search: String::new(),
            offset: 0,
            limit: 1,
        })
    });
    let transactions = use_answer(move || {
        Some(GetTransactions {
            view: desk.view()?,
            search: String::new(),
            with_reversed: false,
            offset: 0,
            limit: 1,
        })
    });
    let portfolios = desk.book().map(|book| book.portfolios).unwrap_or_default();
    let done = [
        !portfolios.is_empty(),
        portfolios.iter().any(|portfolio| !portfolio.accounts.is_empty()),
        instruments.get().is_some_and(|found| found.total_rows > 0),
        transactions.get().is_some_and(|found| found.total_rows > 0),
    ];
    // Nothing is shown before the answers, so that a finished book never flashes its steps.
    let asked = instruments.get().is_some() && (portfolios.is_empty() || transactions.get().is_some());
    if !asked || done.iter().all(|done| *done) {
        return rsx! {};
    }
    let words = [
        ("portfolio", "Make a portfolio", "its name and base currency"),
        ("account", "Add an account", "its lots and how they are matched"),
        (
            "instrument",
            "Add an instrument and a price",
            "or let an import create them",
        ),
        (
            "transaction",
            "Enter the first transaction",
            "a deposit, or a file from your broker",
        ),
    ];
    let next = done.iter().position(|done| !done);
    rsx! {
        ol { class: "steps", "data-testid": "setup-steps",
            for (at, (name, title, detail)) in words.into_iter().enumerate() {
                li { key: "{name}",
                    button {
                        class: if Some(at) == next { "step next" } else { "step" },
                        r#type: "button",
                        "data-testid": "step-{name}",
                        "data-done": if done.get(at).copied().unwrap_or_default() { "true" } else { "false" },
                        disabled: at > 1 && !done.first().copied().unwrap_or_default(),
                        onclick: move |_| match at {
                            0 | 1 => onstep.call("portfolios".to_owned()),
                            2 => onstep.call("instruments".to_owned()),
                            _ => {
                                desk.go(Page::Transactions);
                                desk.overlay.set(Some(Overlay::AddTransaction { symbol: String::new() }));
                            }
                        },
                        span { class: "step-mark",
                            if done.get(at).copied().unwrap_or_default() { "✓" } else { "{at + 1}" }
                        }
                        span { class: "step-words",
                            span { class: "strong", "{title}" }
                            span { class: "faint", "{detail}" }
                        }
                    }
                }
            }
        }
    }
}

/// Returns the currencies offered first; any other code may be typed.
fn currencies() -> Vec<Choice> {
    const OFFERED: [(&str, &str); 10] = [
        ("USD", "US dollar"),
        ("EUR", "Euro"),
        ("CHF", "Swiss franc"),
        ("GBP", "Pound sterling"),
        ("JPY", "Yen"),
        ("CAD", "Canadian dollar"),
        ("AUD", "Australian dollar"),
        ("SEK", "Swedish krona"),
        ("NOK", "Norwegian krone"),
        ("HKD", "Hong Kong dollar"),
    ];
    OFFERED.iter().map(|(code, name)| Choice::new(*code, *name)).collect()
}

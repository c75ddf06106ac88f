//! Instruments: the searchable list, and the form and prices of the one that is chosen.

use apex_wire::setup::{GetInstruments, InstrumentRow};
use dioxus::prelude::*;

use super::{instrument::InstrumentForm, prices::PricesPanel};
use crate::{
    answers::use_answer,
    browser,
    components::{
        Button, ButtonKind, Column, EmptyState, FailedState, Grid, Line, LineKind, Lines, LoadingState, Tabs, WindowAsk,
    },
    desk::{Page, use_desk},
    reading::{Reading, Tone},
};

/// The tab.
#[component]
pub(super) fn InstrumentsTab() -> Element {
    let desk = use_desk();
    let mut search = use_signal(|| desk.subject_of(Page::Setup).unwrap_or_default());
    let mut window = use_signal(|| WindowAsk::FIRST);
    let mut chosen = use_signal(|| None::<InstrumentRow>);
    let mut side = use_signal(|| "details".to_owned());
    let mut news = use_signal(|| 0_u32);
    use_effect(move || {
        if let Some(symbol) = desk.take_subject(Page::Setup) {
            search.set(symbol);
        }
    });
    let answer = use_answer(move || {
        let window = window();
        Some(GetInstruments {
            search: search().trim().to_owned(),
            offset: window.offset,
            limit: window.limit,
        })
    });
    let lines = use_memo(move || {
        answer.get().map_or_else(Lines::default, |found| {
            Lines::new(found.offset, found.rows.len(), move |at| line_of(&found.rows[at]))
        })
    });
    let choose = Callback::new(move |row: usize| {
        let Some(found) = answer.latest.peek().clone() else {
            return;
        };
        if let Some(row) = row.checked_sub(found.offset).and_then(|at| found.rows.get(at)) {
            chosen.set(Some(row.clone()));
        }
    });
    let saved = Callback::new(move |row: InstrumentRow| {
        // A new instrument is worth nothing before its first price.
        chosen.set(Some(row));
        side.set("prices".to_owned());
    });
    // What is shown follows the book: a price that was just entered changes the row.
    let fresh = answer.get().and_then(|found| {
        let id = chosen.read().as_ref()?.id;
        found.rows.iter().find(|row| row.id == id).cloned()
    });
    let shown = fresh.or(chosen());
    let shows_prices = side() == "prices" && shown.is_some();
    let key = shown
        .as_ref()
        .map_or_else(|| "new".to_owned(), |row| row.id.to_string());
    let form = if shows_prices {
        match shown.clone() {
            Some(row) => rsx! { PricesPanel { key: "prices-{key}", row } },
            None => rsx! {},
        }
    } else {
        let asked = news() > 0 && shown.is_none();
        rsx! { InstrumentForm { key: "form-{key}-{news}", row: shown.clone(), asked, saved } }
    };
    let found = answer.get();
    rsx! {
        div { class: "setup-columns wide-left",
            div { class: "setup-lists",
                div { class: "toolbar",
                    input {
                        class: "input filter",
                        "data-filter": "true",
                        "data-testid": "instruments-search",
                        r#type: "text",
                        autocomplete: "off",
                        spellcheck: "false",
                        placeholder: "Symbol, name, ISIN, sector or country  /",
                        value: search(),
                        oninput: move |event| search.set(event.value()),
                        onkeydown: move |event| {
                            if event.key() == Key::Enter || event.key() == Key::ArrowDown {
                                event.prevent_default();
                                browser::focus("[data-grid]");
                            }
                        },
                    }
                    div { class: "toolbar-space" }
                    span { class: "faint", "data-testid": "instruments-count",
                        {found.as_ref().map(|found| apex_format::counted(found.total_rows as u64, "instrument").to_string()).unwrap_or_default()}
                    }
                    Button {
                        testid: "instrument-new",
                        kind: ButtonKind::Primary,
                        onclick: move |_| {
                            chosen.set(None);
                            news += 1;
                            side.set("details".to_owned());
                        },
                        "New instrument"
                    }
                }
                div { class: "grid-box",
                    if let Some(failure) = (answer.failure)() {
                        FailedState { testid: "instruments-failed", failure }
                    } else if let Some(found) = found {
                        Grid {
                            name: "instruments",
                            columns: columns(),
                            total: found.total_rows,
                            lines: lines(),
                            reset: search(),
                            stale: !(answer.current)(),
                            onwindow: move |ask| window.set(ask),
                            onfocusrow: move |row| choose.call(row),
                            onopen: move |row| {
                                choose.call(row);
                                browser::focus("[data-testid='field-symbol'], [data-testid='field-price-date']");
                            },
                            if search.read().trim().is_empty() {
                                EmptyState {
                                    testid: "instruments-empty",
                                    title: "No instrument yet",
                                    next: "Add the first one in the form beside this list; an import can also create what it names",
                                }
                            } else {
                                EmptyState { testid: "instruments-none", title: "No instrument matches",
                                    Button { testid: "instruments-clear", onclick: move |_| search.set(String::new()), "Clear the search" }
                                }
                            }
                        }
                    } else {
                        LoadingState {}
                    }
                }
            }
            div { class: "setup-side",
                if shown.is_some() {
                    Tabs {
                        name: "instrument",
                        tabs: vec![
                            ("details".to_owned(), "Details".to_owned()),
                            ("prices".to_owned(), "Prices".to_owned()),
                        ],
                        selected: side(),
                        onselect: move |id| side.set(id),
                    }
                }
                for form in [form] {
                    {form}
                }
            }
        }
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::words("symbol", "Symbol", 84).unsorted(),
        Column::words("name", "Name", 120).growing().unsorted(),
        Column::words("kind", "Kind", 76).unsorted(),
        Column::words("currency", "Ccy", 44).unsorted(),
        Column::words("sector", "Sector", 112).unsorted(),
        Column::figures("price", "Last price", 84).unsorted(),
        Column::figures("price_date", "of", 84).unsorted(),
    ]
}

fn line_of(row: &InstrumentRow) -> Line {
    let InstrumentRow {
        draft,
        last_price,
        simulated,
        symbol_history,
        ..
    } = row;
    let symbol = match symbol_history.as_slice() {
        [] => Reading::text(&draft.symbol),
        history => Reading::text(&draft.symbol).hinted(history.join(", ")),
    };
    let (price, day) = match last_price {
        Some((day, price)) => (
            Reading::text(Reading::price_text(*price).to_string()),
            Reading::faint(day.to_string()),
        ),
        None => (Reading::unknown("no price is stored"), Reading::none()),
    };
    let price = if *simulated { price.hinted("simulated") } else { price };
    Line {
        testid: format!("instrument-{}", draft.symbol),
        kind: LineKind::Plain,
        cells: vec![
            symbol,
            Reading::text(&draft.name),
            Reading::text(super::instrument::kind_words(&draft.kind)).toned(Tone::Faint),
            Reading::faint(&draft.currency),
            Reading::faint(&draft.sector),
            price,
            day,
        ],
    }
}

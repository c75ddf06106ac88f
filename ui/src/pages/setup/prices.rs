//! The stored prices of an instrument, and the entry of a new one.

use std::rc::Rc;

use apex_wire::{
    Failure,
    chart::{Axis, ChartData, LineData, LineSeries, Unit},
    setup::{EnterPrice, GetPrices, InstrumentRow, PriceRow},
};
use dioxus::{core::spawn_forever, prelude::*};

use super::{homeless, refusal};
use crate::{
    answers::use_answer,
    browser,
    components::{Button, ButtonKind, ChartPanel, EmptyState, FailedState, Field, LoadingState, Menu, MenuItem, Panel},
    desk::{set_if_there, use_desk},
    reading::Reading,
};

/// Rows of the table and points of the chart: ten years of days.
const PRICES_MAX: usize = 2_520;
/// Rows drawn; all are in the CSV.
const ROWS_MAX: usize = 250;

/// Entry, chart and table.
#[component]
pub(super) fn PricesPanel(row: InstrumentRow) -> Element {
    let desk = use_desk();
    let instrument = row.id;
    let symbol = row.draft.symbol.clone();
    let currency = row.draft.currency.clone();
    let bond = row.draft.kind == "bond";
    let mut date = use_signal(|| {
        let today = desk.as_of.peek().or_else(|| desk.book().map(|book| book.today));
        today.map(|day| day.to_string()).unwrap_or_default()
    });
    let mut price = use_signal(String::new);
    let failure = use_signal(|| None::<Failure>);
    let answer = use_answer(move || {
        Some(GetPrices {
            instrument,
            limit: PRICES_MAX,
        })
    });
    let name = symbol.clone();
    let chart = use_memo(move || Some(Rc::new(ChartData::Line(line_data(&name, &answer.get()?)))));
    let asked = symbol.clone();
    let enter = Callback::new(move |()| {
        let ask = EnterPrice {
            symbol: asked.clone(),
            date: date(),
            price: price(),
        };
        let words = format!("{} {} on {}", asked, price.peek().trim(), date.peek().trim());
        spawn_forever(async move {
            match desk.write(ask).await {
                Ok(()) => {
                    desk.say(format!("{words} is entered"));
                    set_if_there(failure, None);
                    set_if_there(price, String::new());
                    browser::focus("[data-testid='field-price']");
                }
                Err(refused) => set_if_there(failure, Some(refused)),
            }
        });
    });
    let label = if bond {
        "Price, per 100 of face".to_owned()
    } else {
        format!("Price, {currency}")
    };
    let has_prices = answer.get().is_some_and(|rows| !rows.is_empty());
    let stale = !(answer.current)();
    rsx! {
        Panel { testid: "panel-price-entry", title: "Enter a price", note: symbol.clone(), class: "form-panel short",
            form {
                class: "entry-form",
                onsubmit: move |event| {
                    event.prevent_default();
                    enter.call(());
                },
                Field {
                    name: "price-date",
                    label: "Day",
                    value: date(),
                    placeholder: "YYYY-MM-DD",
                    error: refusal(&failure.read(), "date"),
                    oninput: move |text| date.set(text),
                }
                Field {
                    name: "price",
                    label,
                    value: price(),
                    numeric: true,
                    error: refusal(&failure.read(), "price"),
                    oninput: move |text| price.set(text),
                }
                Button { testid: "price-enter", kind: ButtonKind::Primary, submit: true, onclick: move |_| {}, "Enter" }
            }
            if let Some(words) = homeless(&failure.read(), &["date", "price"]) {
                p { class: "field-error", role: "alert", "data-testid": "price-failed", "{words}" }
            }
        }
        if has_prices {
            ChartPanel {
                name: "prices",
                title: "Prices of {symbol}",
                note: currency.clone(),
                class: "area-prices",
                stale,
                data: chart,
            }
        }
        Panel {
            testid: "panel-prices",
            title: "Stored prices",
            note: "newest first, replaced ones struck out",
            class: "table-panel grow",
            stale,
            tools: rsx! {
                Menu {
                    name: "prices",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "prices-csv",
                        onclick: move |()| {
                            if let Some(rows) = answer.latest.peek().clone() {
                                browser::save_text(&format!("{symbol} prices.csv"), &csv_of(&rows));
                            }
                        },
                        "Save as CSV"
                    }
                }
            },
            match (answer.get(), (answer.failure)()) {
                (_, Some(failure)) => rsx! { FailedState { testid: "prices-failed", failure } },
                (None, None) => rsx! { LoadingState {} },
                (Some(rows), None) if rows.is_empty() => rsx! {
                    EmptyState { testid: "prices-empty", title: "No price yet", next: "Enter the first one above, or import a file of prices" }
                },
                (Some(rows), None) => rsx! {
                    table { class: "table", "data-testid": "prices",
                        thead {
                            tr {
                                th { "Day" }
                                th { class: "numeric", "Close" }
                                th { "Source" }
                                th { "Known since" }
                            }
                        }
                        tbody {
                            for (at, row) in rows.iter().take(ROWS_MAX).enumerate() {
                                {price_row(at, row)}
                            }
                        }
                    }
                    if rows.len() > ROWS_MAX {
                        p { class: "table-more", "and {apex_format::count((rows.len() - ROWS_MAX) as u64)} earlier ones, in the chart and the CSV" }
                    }
                },
            }
        }
    }
}

fn price_row(at: usize, row: &PriceRow) -> Element {
    rsx! {
        tr { key: "{at}", class: if row.replaced { "struck" }, "data-testid": "price-{row.date}",
            td { class: "strong", "{row.date}" }
            td { class: "numeric", {Reading::price_text(row.close).to_string()} }
            td { class: "faint", "{row.source}" }
            td { class: "faint", {apex_format::instant(row.known_at).to_string()} }
        }
    }
}

fn line_data(symbol: &str, rows: &[PriceRow]) -> LineData {
    let points = rows
        .iter()
        .rev()
        .filter(|row| !row.replaced)
        .map(|row| (row.date, row.close.to_string().parse::<f64>().ok()));
    LineData {
        title: format!("Prices of {symbol}"),
        x: Axis::date(),
        y: Axis::new("Close", Unit::Number { decimals: 2 }),
        series: vec![LineSeries::over_dates(symbol, points)],
        marks: Vec::new(),
        ribbons: Vec::new(),
    }
}

fn csv_of(rows: &[PriceRow]) -> String {
    let lines = rows.iter().map(|row| {
        format!(
            "{},{},\"{}\",{},{}\n",
            row.date,
            row.close,
            row.source.replace('"', "\"\""),
            row.known_at,
            row.replaced
        )
    });
    std::iter::once("date,close,source,known_at,replaced\n".to_owned())
        .chain(lines)
        .collect()
}

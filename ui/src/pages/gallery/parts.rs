//! Every component of the library in each of its states.

use apex_domain::{Currency, Decimal};
use apex_wire::{Amount, Code, Failure, Statistic};
use dioxus::prelude::*;

use crate::{
    components::{
        Button, ButtonKind, Check, Choice, Column, EmptyState, FailedState, Field, Figure, Grid, Legend, Line,
        LineKind, Lines, LoadingState, Menu, MenuItem, Panel, Select, Tabs, Typed,
    },
    desk::use_desk,
    reading::{Reading, Tone},
};

/// The parts.
#[component]
pub(super) fn Parts() -> Element {
    let desk = use_desk();
    let mut text = use_signal(|| "1,250.00".to_owned());
    let mut choice = use_signal(|| "fifo".to_owned());
    let mut checked = use_signal(|| true);
    let mut tab = use_signal(|| "sector".to_owned());
    let methods = vec![
        Choice::new("fifo", "oldest first (FIFO)"),
        Choice::new("lifo", "newest first (LIFO)"),
    ];
    let Ok(dollar) = Currency::parse("USD") else {
        return rsx! {};
    };
    rsx! {
        div { class: "strip",
            Figure {
                name: "sample-headline",
                label: "Headline figure",
                headline: true,
                reading: Reading::money(&Amount::Known(Decimal::new(12_844_321_091, 2)), dollar),
                unit: "USD",
                note: "one for each page",
            }
            Figure {
                name: "sample-gain",
                label: "Gain",
                reading: Reading::gain(&Amount::Known(Decimal::new(153_288_710, 2)), dollar),
                beside: Reading::rate(&Statistic::Known(0.0118)),
                note: "sign and color",
            }
            Figure {
                name: "sample-loss",
                label: "Loss",
                reading: Reading::gain(&Amount::Known(Decimal::new(-612_033_442, 2)), dollar),
                beside: Reading::rate(&Statistic::Known(-0.0455)),
                note: "sign and color",
            }
            Figure {
                name: "sample-unknown",
                label: "Unknown",
                reading: Reading::money(&Amount::Unavailable("no FX rate EUR/USD on 2021-12-31".to_owned()), dollar),
                note: "the reason on hover",
            }
        }
        div { class: "parts-grid",
            Panel { testid: "sample-buttons", title: "Buttons, tabs and a menu",
                div { class: "form",
                    div { class: "toolbar",
                        Button { testid: "sample-primary", kind: ButtonKind::Primary, onclick: move |_| desk.say("One for each dialog"), "Primary" }
                        Button { testid: "sample-plain", onclick: move |_| desk.say("A short message that goes away"), "Plain" }
                        Button { testid: "sample-quiet", kind: ButtonKind::Quiet, onclick: move |_| desk.say("In toolbars"), "Quiet" }
                        Button { testid: "sample-danger", kind: ButtonKind::Danger, onclick: move |_| desk.say("Says first what it will do, in numbers"), "Danger…" }
                        Button { testid: "sample-disabled", disabled: true, onclick: move |_| {}, "Disabled" }
                    }
                    Legend { names: vec!["Allocation".to_owned(), "Selection".to_owned()] }
                    Tabs {
                        name: "sample",
                        tabs: [("class", "Class"), ("sector", "Sector"), ("country", "Country")]
                            .map(|(id, words)| (id.to_owned(), words.to_owned()))
                            .to_vec(),
                        selected: tab(),
                        onselect: move |id| tab.set(id),
                    }
                    Menu { name: "sample-menu", label: rsx! { "Menu" span { class: "caret", "▾" } },
                        MenuItem { testid: "sample-item-one", chosen: true, detail: "g h", onclick: move |()| {}, "Chosen, with its key" }
                        MenuItem { testid: "sample-item-two", onclick: move |()| {}, "Not chosen" }
                    }
                }
            }
            Panel { testid: "sample-fields", title: "Fields",
                div { class: "form columns",
                    Field {
                        name: "sample-text",
                        label: "Quantity",
                        value: text(),
                        numeric: true,
                        hint: "right aligned",
                        oninput: move |typed| text.set(typed),
                    }
                    Field {
                        name: "sample-refused",
                        label: "Trade date",
                        value: "2022-02-30",
                        error: Some("2022-02-30 is not a day".to_owned()),
                        oninput: move |_| {},
                    }
                    Select { name: "sample-select", label: "Lots are closed", value: choice(), choices: methods, onchange: move |id| choice.set(id) }
                    Check { name: "sample-check", label: "with reversed rows", checked: checked(), onchange: move |on| checked.set(on) }
                }
            }
            Panel { testid: "sample-empty-panel", title: "Empty",
                EmptyState { testid: "sample-empty", title: "Nothing is held on this day", next: "Add a transaction or import a file",
                    Button { testid: "sample-empty-add", kind: ButtonKind::Primary, onclick: move |_| {}, "Add a transaction…" }
                }
            }
            Panel { testid: "sample-loading-panel", title: "Loading", LoadingState { what: "Reading the record of every day" } }
            Panel { testid: "sample-failed-panel", title: "Failed",
                FailedState {
                    testid: "sample-failed",
                    failure: Failure::new(Code::Damaged, "page 4 of book.db is damaged; restore the last backup"),
                    Button { testid: "sample-retry", onclick: move |_| {}, "Try again" }
                }
            }
            Panel { testid: "sample-grid-panel", title: "Grid", class: "flush", SampleGrid {} }
        }
    }
}

/// A grid with a group, plain rows, an unknown value, a struck row, cells to type into, and its total.
#[component]
fn SampleGrid() -> Element {
    let columns = vec![
        Column::words("symbol", "Symbol", 110).growing().unsorted(),
        Column::figures("quantity", "Quantity", 90).unsorted(),
        Column::figures("value", "Value", 120).unit("USD").unsorted(),
        Column::figures("day", "Day", 70).unit("%").unsorted(),
        Column::inputs("target", "Target", 70).unit("%"),
    ];
    let mut typed = use_signal(|| "2.5".to_owned());
    let target = Reading::text(typed());
    let line = |testid: &str, kind: LineKind, cells: [Reading; 4]| Line {
        testid: testid.to_owned(),
        cells: cells
            .into_iter()
            .chain([match kind {
                LineKind::Plain if testid == "sample-row-gain" => target.clone().hinted("5.00"),
                LineKind::Plain if testid.starts_with("sample-row") => Reading::none().hinted("5.00"),
                _ => Reading::none(),
            }])
            .collect(),
        kind,
    };
    let words = |text: &str| Reading::text(text);
    let lines = [
        line(
            "sample-group",
            LineKind::Group {
                level: 0,
                collapsed: false,
            },
            [
                words("Equity"),
                Reading::none(),
                words("315,100.00"),
                words("+0.40").toned(Tone::Gain),
            ],
        ),
        line(
            "sample-row-gain",
            LineKind::Plain,
            [
                words("AAPL"),
                words("1,250"),
                words("157,550.00"),
                words("+1.20").toned(Tone::Gain),
            ],
        ),
        line(
            "sample-row-loss",
            LineKind::Plain,
            [
                words("KO"),
                words("2,500"),
                words("157,550.00"),
                words("-0.40").toned(Tone::Loss),
            ],
        ),
        line(
            "sample-row-unknown",
            LineKind::Plain,
            [
                words("JPM"),
                words("300"),
                Reading::unknown("no price for JPM on or before 2022-12-28"),
                Reading::unknown("no price"),
            ],
        ),
        line(
            "sample-row-struck",
            LineKind::Struck,
            [
                words("XOM"),
                words("100"),
                words("10,936.00"),
                words("0.00").toned(Tone::Warning),
            ],
        ),
    ];
    let total = line(
        "sample-total",
        LineKind::Plain,
        [
            words("Total"),
            Reading::none(),
            words("315,100.00"),
            words("+0.40").toned(Tone::Gain),
        ],
    );
    rsx! {
        Grid {
            name: "sample",
            columns,
            total: lines.len(),
            lines: Lines::new(0, lines.len(), move |at| lines[at].clone()),
            footer: total,
            // The cell of the second row keeps what is typed; the others stay empty.
            oninput: move |cell: Typed| {
                if cell.row == 1 {
                    typed.set(cell.text);
                }
            },
        }
    }
}

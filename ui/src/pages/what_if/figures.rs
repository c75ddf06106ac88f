//! Every figure before and after: headline figures, exposures, scenarios, cash.

use apex_domain::Currency;
use apex_wire::{
    Amount, Statistic,
    holdings::Classification,
    what_if::{Changed, ExposureChange, WhatIf},
};
use dioxus::prelude::*;

use super::super::overview::{classification_name, classification_words};
use crate::{
    answers::Answer,
    components::{FigureCell, Panel, PartBar, Tabs},
    desk::{sentence, use_desk},
    reading::{Reading, Tone},
};

/// A figure before, after, and the change.
#[derive(Debug, Clone, PartialEq)]
struct Beside {
    before: Reading,
    after: Reading,
    change: Reading,
    moved: bool,
}

impl Beside {
    fn class(&self) -> &'static str {
        if self.moved { "" } else { "unmoved" }
    }
}

fn money(figure: &Changed<Amount>, currency: Currency) -> Beside {
    Beside {
        before: Reading::money(&figure.before, currency),
        after: Reading::money(&figure.after, currency),
        change: Reading::gain(&figure.change, currency).toned(Tone::Plain),
        moved: moved(figure),
    }
}

/// Returns whether an amount changes.
fn moved(figure: &Changed<Amount>) -> bool {
    figure.change.known().is_some_and(|change| !change.is_zero())
}

fn percent(figure: &Changed<Statistic>) -> Beside {
    Beside {
        before: Reading::percent(&figure.before),
        after: Reading::percent(&figure.after),
        change: Reading::rate(&figure.change).toned(Tone::Plain),
        moved: figure.change.known().is_some_and(|change| *change != 0.0),
    }
}

fn number(figure: &Changed<Statistic>, decimals: u8) -> Beside {
    Beside {
        before: Reading::number(&figure.before, decimals),
        after: Reading::number(&figure.after, decimals),
        change: Reading::signed_number(&figure.change, decimals),
        moved: figure.change.known().is_some_and(|change| *change != 0.0),
    }
}

/// The headline figures.
#[component]
pub(super) fn FiguresPanel(answer: Answer<WhatIf>) -> Element {
    let Some(found) = answer.get() else {
        return rsx! {};
    };
    let stale = !(answer.current)();
    let (figures, base) = (&found.figures, found.currency);
    let level = apex_format::percent(found.risk.level, 1);
    let days = apex_format::counted(u64::from(found.risk.horizon), "day");
    let benchmark = found.risk.benchmark.clone().unwrap_or_else(|| "benchmark".to_owned());
    let rows: Vec<(&str, String, Beside)> = vec![
        ("nav", format!("Net asset value {base}"), money(&figures.nav, base)),
        ("cash", format!("Cash {base}"), money(&figures.cash, base)),
        ("gross", "Gross exposure".to_owned(), percent(&figures.gross_exposure)),
        ("net", "Net exposure".to_owned(), percent(&figures.net_exposure)),
        ("var", format!("VaR {level}, {days}"), percent(&figures.var)),
        ("var-amount", format!("VaR {base}"), money(&figures.var_amount, base)),
        ("es", format!("ES {level}, {days}"), percent(&figures.es)),
        ("es-amount", format!("ES {base}"), money(&figures.es_amount, base)),
        (
            "volatility",
            "Volatility a year".to_owned(),
            percent(&figures.volatility),
        ),
        (
            "tracking-error",
            format!("Tracking error to {benchmark}"),
            percent(&figures.tracking_error),
        ),
        ("beta", format!("Beta to {benchmark}"), number(&figures.beta, 3)),
        (
            "active-share",
            "Active share".to_owned(),
            percent(&figures.active_share),
        ),
        ("hhi", "Concentration, Herfindahl".to_owned(), number(&figures.hhi, 4)),
        (
            "effective",
            "Effective number held".to_owned(),
            number(&figures.effective_number, 1),
        ),
    ];
    let note = found.risk.days.map_or_else(String::new, |(first, last)| {
        format!(
            "risk of {}, {first} to {last}",
            apex_format::counted(found.risk.window as u64, "day")
        )
    });
    let hints = found.notes.iter().chain(&found.left_out).map(|line| sentence(line));
    let hints = hints.collect::<Vec<_>>().join("\n");
    rsx! {
        Panel {
            testid: "panel-what-if-figures",
            title: "Before and after",
            note,
            class: "table-panel",
            stale,
            tools: rsx! {
                span { class: "faint", title: hints, "data-testid": "what-if-notes",
                    if found.left_out.is_empty() { "assumptions" } else { "{found.left_out.len()} left out" }
                }
            },
            table { class: "table", "data-testid": "what-if-figures",
                {head()}
                tbody {
                    for (id, words, row) in rows {
                        tr { key: "{id}", class: row.class(),
                            td { title: "{words}", "{words}" }
                            {cells(id, &row)}
                            td { class: "bar-column" }
                        }
                    }
                }
            }
        }
    }
}

fn head() -> Element {
    rsx! {
        thead {
            tr {
                th { "Figure" }
                for words in ["Before", "After", "Change"] {
                    th { key: "{words}", class: "numeric", "{words}" }
                }
                th { class: "bar-column" }
            }
        }
    }
}

fn cells(id: &str, row: &Beside) -> Element {
    let Beside {
        before,
        after,
        change,
        moved,
    } = row.clone();
    rsx! {
        FigureCell { name: "what-if-{id}-before", reading: before }
        FigureCell { name: "what-if-{id}-after", reading: after, strong: moved }
        FigureCell { name: "what-if-{id}-change", reading: change }
    }
}

/// Market values by a classification.
#[component]
pub(super) fn ExposuresPanel(answer: Answer<WhatIf>) -> Element {
    let desk = use_desk();
    let mut by = use_signal(|| desk.kept("what-if.exposures").unwrap_or_else(|| "sector".to_owned()));
    let Some(found) = answer.get() else {
        return rsx! {};
    };
    let stale = !(answer.current)();
    let shown = found.exposures.iter().find(|one| classification_name(one.by) == by());
    let shown = shown.or(found.exposures.first());
    let rows = shown.map(|one| one.rows.clone()).unwrap_or_default();
    let size = |share: &Statistic| share.known().copied().unwrap_or(0.0).abs();
    let largest = rows
        .iter()
        .flat_map(|row| [size(&row.weight.before), size(&row.weight.after)])
        .fold(0.0, f64::max);
    let words = |by: Classification| match by {
        Classification::AssetClass => "Kind".to_owned(),
        by => classification_words(by).to_owned(),
    };
    rsx! {
        Panel {
            testid: "panel-what-if-exposures",
            title: "Exposure",
            note: "% of NAV",
            class: "table-panel",
            stale,
            tools: rsx! {
                Tabs {
                    name: "what-if-exposures",
                    tabs: found.exposures.iter().map(|one| (classification_name(one.by).to_owned(), words(one.by))).collect::<Vec<_>>(),
                    selected: shown.map(|one| classification_name(one.by).to_owned()).unwrap_or_default(),
                    onselect: move |id: String| {
                        desk.keep("what-if.exposures", id.clone());
                        by.set(id);
                    },
                }
            },
            table { class: "table", "data-testid": "what-if-exposures",
                tbody {
                    for row in rows {
                        tr { key: "{row.label}", class: if moved(&row.value) { "" } else { "unmoved" },
                            td { title: "{row.label}", "{row.label}" }
                            {cells(&format!("exposure-{}", row.label), &share(&row))}
                            td { class: "bar-column",
                                Bars { before: size(&row.weight.before), after: size(&row.weight.after), largest }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A share moves with the net asset value too; what counts is whether its own value does.
fn share(row: &ExposureChange) -> Beside {
    Beside {
        moved: moved(&row.value),
        ..percent(&row.weight)
    }
}

/// Two bars one above the other: pale as it is, strong as it would be.
#[component]
fn Bars(before: f64, after: f64, largest: f64) -> Element {
    rsx! {
        PartBar { part: before, largest, was: true }
        PartBar { part: after, largest }
    }
}

/// The book in a few scenarios.
#[component]
pub(super) fn StressPanel(answer: Answer<WhatIf>) -> Element {
    let Some(found) = answer.get() else {
        return rsx! {};
    };
    let stale = !(answer.current)();
    let share = |share: &Statistic| -share.known().copied().unwrap_or(0.0);
    let largest = found
        .stress
        .iter()
        .flat_map(|row| [share(&row.share.before).abs(), share(&row.share.after).abs()])
        .fold(0.0, f64::max);
    rsx! {
        Panel {
            testid: "panel-what-if-stress",
            title: "Scenarios",
            note: "% of NAV, change in {found.currency}",
            class: "table-panel",
            stale,
            table { class: "table", "data-testid": "what-if-stress",
                tbody {
                    for row in found.stress.clone() {
                        tr {
                            key: "{row.name}",
                            class: if moved(&row.profit) { "" } else { "unmoved" },
                            title: row.left_out.iter().map(|line| format!("Left out: {line}")).collect::<Vec<_>>().join("\n"),
                            td { title: "{row.name}", "{row.name}" }
                            FigureCell { name: "what-if-stress-{row.name}-before", reading: Reading::rate(&row.share.before) }
                            FigureCell { name: "what-if-stress-{row.name}-after", reading: Reading::rate(&row.share.after), strong: moved(&row.profit) }
                            FigureCell { name: "what-if-stress-{row.name}-change", reading: Reading::gain(&row.profit.change, found.currency) }
                            td { class: "bar-column",
                                Bars { before: share(&row.share.before), after: share(&row.share.after), largest }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Cash once everything up to a day has settled.
#[component]
pub(super) fn CashPanel(answer: Answer<WhatIf>) -> Element {
    let Some(found) = answer.get() else {
        return rsx! {};
    };
    let stale = !(answer.current)();
    rsx! {
        Panel {
            testid: "panel-what-if-cash",
            title: "Cash ladder",
            note: "balance once settled",
            class: "table-panel",
            stale,
            if found.cash.is_empty() {
                p { class: "scenario-notes", "No cash in any currency" }
            } else {
                table { class: "table", "data-testid": "what-if-cash",
                    tbody {
                        for step in found.cash.clone() {
                            tr {
                                key: "{step.currency}-{step.settle}",
                                class: if step.balance.change.is_zero() { "unmoved" },
                                td { "{step.currency}" span { class: "unit", {apex_format::date(step.settle).to_string()} } }
                                FigureCell {
                                    name: "what-if-cash-{step.currency}-{step.settle}-before",
                                    reading: balance(step.balance.before, step.currency),
                                }
                                FigureCell {
                                    name: "what-if-cash-{step.currency}-{step.settle}-after",
                                    reading: balance(step.balance.after, step.currency),
                                    strong: !step.balance.change.is_zero(),
                                }
                                FigureCell {
                                    name: "what-if-cash-{step.currency}-{step.settle}-change",
                                    reading: Reading::gain(&Amount::Known(step.balance.change), step.currency).toned(Tone::Plain),
                                }
                                td { class: "bar-column" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// An overdrawn balance has the color of a loss beside its sign.
fn balance(amount: apex_domain::Decimal, currency: Currency) -> Reading {
    let reading = Reading::decimal_money(amount, currency);
    if amount.is_sign_negative() && !amount.is_zero() {
        reading.toned(Tone::Loss)
    } else {
        reading
    }
}

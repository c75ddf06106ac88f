//! One scenario: what each holding gains or loses and by what rule, and the sums.

use apex_domain::Currency;
use apex_wire::{
    Amount,
    explain::FigureName,
    scenario::{RemoveScenario, Scenario, ScenarioEntry, ScenarioLine, ScenarioRun},
};
use dioxus::prelude::*;

use super::{broken_words, limits::ChecksTable};
use crate::{
    browser,
    components::{EmptyState, FigureCell, Menu, MenuItem, Panel, Tabs},
    desk::{Overlay, Page, sentence, use_desk},
    reading::Reading,
};

/// Lines drawn; all of them are in the exported file.
const LINES_MAX: usize = 200;

/// The dimensions of the sums, as the engine names them and as people read them.
const DIMENSIONS: [(&str, &str); 4] = [
    ("sector", "Sector"),
    ("factor", "Factor"),
    ("currency", "Currency"),
    ("effect", "Effect"),
];

/// What each holding gains or loses.
#[component]
pub(super) fn LinesPanel(
    run: ScenarioRun,
    /// What was run, for the explanations.
    scenario: Option<Scenario>,
    nav: Amount,
    currency: Currency,
    stale: bool,
) -> Element {
    let desk = use_desk();
    // While another one is still being valued, what is shown belongs to none that could be explained.
    let scenario = scenario.filter(|scenario| scenario.name == run.name);
    let explain = |line: Option<&ScenarioLine>| {
        scenario.clone().map(|scenario| FigureName::ScenarioResult {
            scenario: Box::new(scenario),
            line: line.map(|line| line.symbol.clone()),
        })
    };
    let csv = lines_csv(&run.lines, currency);
    let file = format!("{}.csv", run.name);
    let count = run.lines.len();
    let more = count.saturating_sub(LINES_MAX);
    let mut shown = use_signal(|| "lines".to_owned());
    let limits = broken_words(&run).unwrap_or_else(|| "Limits".to_owned());
    rsx! {
        Panel {
            testid: "panel-lines",
            title: run.name.clone(),
            note: "every holding valued anew",
            class: "area-lines table-panel",
            stale,
            tools: rsx! {
                Tabs {
                    name: "detail",
                    tabs: vec![("lines".to_owned(), "Holdings".to_owned()), ("limits".to_owned(), sentence(&limits))],
                    selected: shown(),
                    onselect: move |id| shown.set(id),
                }
                Menu {
                    name: "lines",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "lines-csv",
                        onclick: move |()| browser::save_text(&file, &csv),
                        "Save as CSV"
                    }
                }
            },
            if shown() == "limits" {
                ChecksTable { checks: run.limits.clone() }
            } else if run.lines.is_empty() {
                EmptyState { testid: "lines-empty", title: "Nothing held on this day can move" }
            } else {
                table { class: "table", "data-testid": "lines",
                    thead {
                        tr {
                            th { "Holding" }
                            th { class: "numeric", "Before" }
                            th { class: "numeric", "Price" span { class: "unit", "%" } }
                            th { class: "numeric", "Currency" span { class: "unit", "%" } }
                            th { class: "numeric", "Result" span { class: "unit", "{currency}" } }
                            th { "By what rule" }
                        }
                    }
                    tbody {
                        for line in run.lines.iter().take(LINES_MAX) {
                            tr { key: "{line.symbol}", "data-testid": "line-{line.symbol}",
                                td {
                                    button {
                                        class: "link",
                                        r#type: "button",
                                        title: "Show {line.symbol} in Holdings",
                                        onclick: {
                                            let symbol = line.symbol.clone();
                                            move |_| desk.go_to(Page::Holdings, &symbol)
                                        },
                                        "{line.symbol}"
                                    }
                                }
                                FigureCell { name: "line-before-{line.symbol}", reading: Reading::money(&line.before, currency) }
                                FigureCell { name: "line-price-{line.symbol}", reading: Reading::rate_number(&line.price_change) }
                                FigureCell { name: "line-currency-{line.symbol}", reading: Reading::rate_number(&line.currency_change) }
                                FigureCell {
                                    name: "line-profit-{line.symbol}",
                                    reading: Reading::gain(&line.profit, currency).hinted_if_known(&parts_words(line, currency)),
                                    explain: explain(Some(line)),
                                    strong: true,
                                }
                                td { class: "faint rule", title: "{line.how}", "{line.how}" }
                            }
                        }
                    }
                    tfoot {
                        tr {
                            td { class: "strong", "All" }
                            FigureCell { name: "lines-before", reading: Reading::money(&nav, currency) }
                            td {}
                            td {}
                            FigureCell { name: "lines-profit", reading: Reading::gain(&run.profit, currency), explain: explain(None), strong: true }
                            td {}
                        }
                    }
                }
                if more > 0 {
                    p { class: "table-more", "and {apex_format::count(more as u64)} more, in the exported file" }
                }
            }
        }
    }
}

/// How a result splits, for a hover.
fn parts_words(line: &ScenarioLine, currency: Currency) -> String {
    let part = |amount: &Amount| Reading::gain(amount, currency).text;
    format!(
        "price {}, currency {}, both {}",
        part(&line.by_price),
        part(&line.by_currency),
        part(&line.by_both)
    )
}

/// Sums by sector, currency or effect, and what was assumed.
#[component]
pub(super) fn GroupsPanel(
    run: ScenarioRun,
    currency: Currency,
    entry: Option<ScenarioEntry>,
    stale: bool,
    /// The dimension shown, which the waterfall follows.
    dimension: Signal<String>,
) -> Element {
    let mut desk = use_desk();
    let mut dimension = dimension;
    let rows: Vec<_> = run
        .groups
        .iter()
        .filter(|group| group.dimension == dimension())
        .cloned()
        .collect();
    let kept = entry.filter(|entry| entry.version > 0 && entry.scenario.name == run.name);
    rsx! {
        Panel {
            testid: "panel-groups",
            title: "Sums",
            class: "area-groups table-panel",
            stale,
            tools: rsx! {
                Tabs {
                    name: "groups",
                    tabs: DIMENSIONS.iter().map(|(id, words)| ((*id).to_owned(), (*words).to_owned())).collect::<Vec<_>>(),
                    selected: dimension(),
                    onselect: move |id| dimension.set(id),
                }
                if let Some(entry) = kept {
                    Menu {
                        name: "scenario",
                        from_right: true,
                        class: "button quiet icon",
                        title: "This scenario",
                        label: rsx! { "⋯" },
                        MenuItem {
                            testid: "scenario-change",
                            onclick: {
                                let entry = entry.clone();
                                move |()| desk.overlay.set(Some(Overlay::Scenario(Box::new(entry.clone()))))
                            },
                            "Change…"
                        }
                        MenuItem {
                            testid: "scenario-remove",
                            onclick: move |()| {
                                let ask = RemoveScenario {
                                    name: entry.scenario.name.clone(),
                                    base_version: entry.version,
                                };
                                desk.remove(ask.name.clone(), ask);
                            },
                            "Remove from the book"
                        }
                    }
                }
            },
            table { class: "table", "data-testid": "groups",
                tbody {
                    for group in rows {
                        tr { key: "{group.name}", "data-testid": "group-{group.name}",
                            td { class: "gives-way", title: "{group.name}", "{group.name}" }
                            FigureCell { name: "group-profit-{group.name}", reading: Reading::gain(&group.profit, currency) }
                            FigureCell { name: "group-share-{group.name}", reading: Reading::rate_number(&group.share) }
                        }
                    }
                }
            }
            div { class: "scenario-notes", "data-testid": "scenario-notes",
                for note in &run.notes {
                    p { key: "{note}", {sentence(note)} }
                }
                for line in &run.left_out {
                    p { key: "{line}", class: "warning", "Left out: {line}" }
                }
            }
        }
    }
}

fn lines_csv(lines: &[ScenarioLine], currency: Currency) -> String {
    let text = |amount: &Amount| amount.known().map_or_else(String::new, ToString::to_string);
    let rate = |change: &apex_wire::Statistic| change.known().map_or_else(String::new, ToString::to_string);
    let rows = lines.iter().map(|line| {
        format!(
            "{},{},{},{},{},{},{},{},{},\"{}\"\n",
            line.symbol,
            text(&line.before),
            text(&line.after),
            text(&line.profit),
            text(&line.by_price),
            text(&line.by_currency),
            text(&line.by_both),
            rate(&line.price_change),
            rate(&line.currency_change),
            line.how.replace('"', "\"\"")
        )
    });
    let head = format!(
        "symbol,before_{0},after_{0},result_{0},by_price,by_currency,by_both,price_change,currency_change,rule\n",
        currency.to_string().to_lowercase()
    );
    std::iter::once(head).chain(rows).collect()
}

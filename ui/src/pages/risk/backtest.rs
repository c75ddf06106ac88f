//! Whether the VaR of the current book held on the days of the past.

use std::rc::Rc;

use apex_wire::{
    Statistic,
    chart::ChartData,
    risk::{GetRiskBacktest, RiskBacktest},
};
use dioxus::prelude::*;

use super::{Asked, level_words, methods::MethodSelect};
use crate::{
    answers::use_answer,
    browser,
    components::{ChartPanel, EmptyState, FailedState, Figure, FigureCell, LoadingState, Menu, MenuItem, Panel},
    desk::{sentence, use_desk},
    reading::{Reading, Tone},
};

/// Days that are tested.
const DAYS: usize = 500;
/// The probability below which a test is taken to fail.
const DOUBT: f64 = 0.05;

/// The backtest.
#[component]
pub(super) fn BacktestView(asked: ReadSignal<Asked>) -> Element {
    let desk = use_desk();
    let mut method = use_signal(|| desk.kept("risk.backtest").unwrap_or_else(|| "historical".to_owned()));
    let answer = use_answer(move || {
        let Asked { level, window, .. } = asked();
        Some(GetRiskBacktest {
            view: desk.view()?,
            method: method(),
            level,
            window,
            days: DAYS,
        })
    });
    let chart = use_memo(move || Some(Rc::new(ChartData::Line(answer.get()?.chart.clone()))));
    if let Some(failure) = (answer.failure)() {
        return rsx! { FailedState { testid: "backtest-failed", failure } };
    }
    let Some(found) = answer.get() else {
        return rsx! { LoadingState { what: "Measuring the VaR of every day" } };
    };
    let stale = !(answer.current)();
    let level = level_words(asked().level);
    let tools = rsx! {
        MethodSelect {
            value: method(),
            onchange: move |name: String| {
                desk.keep("risk.backtest", name.clone());
                method.set(name);
            },
        }
    };
    if let Some(because) = found.because.clone() {
        return rsx! {
            Panel { testid: "panel-backtest", title: "Backtest", class: "area-whole", tools,
                EmptyState { testid: "backtest-empty", title: "Nothing to test", next: sentence(&because) }
            }
        };
    }
    let csv = csv_of(&found);
    let (zone, zone_tone) = match found.zone.as_str() {
        "green" => ("Green", Tone::Gain),
        "yellow" => ("Yellow", Tone::Warning),
        _ => ("Red", Tone::Loss),
    };
    rsx! {
        div { class: "strip area-view-strip", "data-stale": if stale { "true" },
            Figure {
                name: "exceptions",
                label: "Exceptions at {level}, 1 day",
                headline: true,
                reading: Reading::text(found.exceptions.to_string()),
                note: format!("of {}", apex_format::counted(found.observations as u64, "day")),
            }
            Figure { name: "expected", label: "Expected", reading: Reading::number(&Statistic::Known(found.expected), 1), note: "when the VaR holds" }
            Figure {
                name: "traffic-light",
                label: "Traffic light",
                reading: Reading::text(zone).toned(zone_tone).hinted(sentence(&found.zone_words)),
                note: sentence(&found.zone_words),
                note_gives_way: true,
            }
            for test in found.tests.iter() {
                Figure {
                    name: "test-{test.name}",
                    label: test.name.clone(),
                    reading: verdict(test.p),
                    beside: Reading::faint(format!("ratio {}", apex_format::fixed(test.statistic, 2))),
                    note: "p, supposing {test.supposes}",
                    note_gives_way: true,
                }
            }
        }
        ChartPanel {
            name: "backtest",
            title: "Results against the VaR of the day before",
            note: "% of NAV, today's holdings held constant; exceptions are marked",
            class: "area-backtest-chart",
            stale,
            data: chart,
            tools,
        }
        Panel {
            testid: "panel-exceptions",
            title: "Exceptions",
            note: "latest first, % of NAV",
            class: "area-exceptions table-panel",
            stale,
            tools: rsx! {
                Menu {
                    name: "exceptions",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "exceptions-csv",
                        onclick: move |()| browser::save_text("VaR exceptions.csv", &csv),
                        "Save as CSV"
                    }
                }
            },
            if found.exceeded.is_empty() {
                EmptyState { testid: "exceptions-empty", title: "No day lost more than its VaR" }
            } else {
                table { class: "table", "data-testid": "exceptions",
                    thead {
                        tr {
                            th { "Day" }
                            th { class: "numeric", "Loss" }
                            th { class: "numeric", "VaR" }
                        }
                    }
                    tbody {
                        for row in found.exceeded.iter() {
                            tr { key: "{row.date}",
                                td { "{row.date}" }
                                FigureCell { name: "exception-loss-{row.date}", reading: Reading::weight(&Statistic::Known(row.loss)).toned(Tone::Loss) }
                                FigureCell { name: "exception-var-{row.date}", reading: Reading::weight(&Statistic::Known(row.var)) }
                            }
                        }
                    }
                }
            }
            for line in found.left_out.iter() {
                p { key: "{line}", class: "table-more warning", "Left out: {line}" }
            }
        }
    }
}

/// A probability, in the tone of a warning where it is in doubt.
fn verdict(p: f64) -> Reading {
    let reading = Reading::number(&Statistic::Known(p), 3);
    if p < DOUBT {
        reading.toned(Tone::Warning).hinted("Below 0.05: the VaR is in doubt")
    } else {
        reading.hinted("Not below 0.05: nothing speaks against the VaR")
    }
}

fn csv_of(found: &RiskBacktest) -> String {
    let lines = found
        .exceeded
        .iter()
        .map(|row| format!("{},{},{}\n", row.date, row.loss, row.var));
    std::iter::once("date,loss,var\n".to_owned()).chain(lines).collect()
}

//! Risk by factors, and the distance from the benchmark.

use apex_wire::{
    Statistic,
    risk::{FactorModelRisk, GetRiskFactors},
};
use dioxus::prelude::*;

use super::Asked;
use crate::{
    answers::use_answer,
    browser,
    components::{EmptyState, FailedState, Figure, FigureCell, LoadingState, Menu, MenuItem, Panel, PartBar},
    desk::{sentence, use_desk},
    reading::Reading,
};

/// Risk by factors.
#[component]
pub(super) fn FactorsView(asked: ReadSignal<Asked>) -> Element {
    let desk = use_desk();
    let answer = use_answer(move || {
        Some(GetRiskFactors {
            view: desk.view()?,
            window: asked().window,
        })
    });
    if let Some(failure) = (answer.failure)() {
        return rsx! { FailedState { testid: "factors-failed", failure } };
    }
    let Some(found) = answer.get() else {
        return rsx! { LoadingState { what: "Finding the factors of the book" } };
    };
    let stale = !(answer.current)();
    let benchmark = found.benchmark.clone().unwrap_or_else(|| "no benchmark".to_owned());
    rsx! {
        div { class: "strip area-view-strip", "data-stale": if stale { "true" },
            Figure { name: "tracking-error", label: "Tracking error a year", headline: true, reading: Reading::percent(&found.tracking_error), note: benchmark.clone(), note_gives_way: true }
            Figure { name: "risk-beta", label: "Beta", reading: Reading::number(&found.beta, 2), note: "current book" }
            Figure { name: "risk-correlation", label: "Correlation", reading: Reading::number(&found.correlation, 2), note: "with the benchmark" }
            Figure { name: "active-share", label: "Active share", reading: Reading::percent(&found.active_share), note: "of weights" }
            Figure { name: "volatility-model", label: "Volatility a year", reading: Reading::percent(&found.statistical.volatility), note: "by components" }
            Figure { name: "specific-share", label: "Specific", reading: Reading::percent(&found.fundamental.specific_share), note: "of the variance, by class" }
        }
        ModelPanel { name: "statistical", title: "Statistical factors", class: "area-left", model: found.statistical.clone(), stale }
        ModelPanel { name: "fundamental", title: "Fundamental factors", class: "area-right", model: found.fundamental.clone(), stale }
    }
}

#[component]
fn ModelPanel(name: String, title: String, class: String, model: FactorModelRisk, stale: bool) -> Element {
    let largest = model
        .factors
        .iter()
        .map(|factor| factor.share.abs())
        .fold(0.0, f64::max);
    let known = |value: f64| Statistic::Known(value);
    let lines = model
        .factors
        .iter()
        .map(|row| format!("\"{}\",{},{},{}\n", row.name, row.exposure, row.volatility, row.share));
    let csv: String = std::iter::once("factor,exposure,volatility,share\n".to_owned())
        .chain(lines)
        .collect();
    let file = format!("{name} factors.csv");
    rsx! {
        Panel {
            testid: "panel-{name}",
            title,
            note: "share of the variance",
            class: "{class} table-panel",
            stale,
            tools: rsx! {
                Menu {
                    name: "{name}",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "{name}-csv",
                        onclick: move |()| browser::save_text(&file, &csv),
                        "Save as CSV"
                    }
                }
            },
            if model.factors.is_empty() {
                EmptyState {
                    testid: "{name}-empty",
                    title: "No factors",
                    next: model.volatility.because().map(sentence).unwrap_or_default(),
                }
            } else {
                table { class: "table", "data-testid": "factors-{name}",
                    thead {
                        tr {
                            th { "Factor" }
                            th { class: "numeric", "Exposure" }
                            th { class: "numeric", "Volatility" span { class: "unit", "% a year" } }
                            th { class: "numeric", "Share" span { class: "unit", "%" } }
                            th { class: "bar-column", "" }
                        }
                    }
                    tbody {
                        for row in model.factors.iter() {
                            tr { key: "{row.name}",
                                td { "{row.name}" }
                                FigureCell { name: "factor-exposure-{row.name}", reading: Reading::number(&known(row.exposure), 3) }
                                FigureCell { name: "factor-volatility-{row.name}", reading: Reading::weight(&known(row.volatility)) }
                                FigureCell { name: "factor-share-{row.name}", reading: Reading::weight(&known(row.share)) }
                                td { class: "bar-column", PartBar { part: row.share, largest } }
                            }
                        }
                    }
                    tfoot {
                        tr {
                            td { "Specific to the holdings" }
                            td {}
                            td {}
                            FigureCell { name: "specific-{name}", reading: Reading::weight(&model.specific_share) }
                            td {}
                        }
                    }
                }
                p { class: "table-more", {sentence(&model.about)} }
            }
        }
    }
}

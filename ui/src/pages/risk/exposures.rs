//! How concentrated, how liquid and how exposed the current book is.

use apex_wire::{
    Statistic,
    risk::{GetRiskExposures, RiskExposures},
};
use dioxus::prelude::*;

use crate::{
    answers::use_answer,
    browser,
    components::{Choice, EmptyState, FailedState, Figure, FigureCell, LoadingState, Menu, MenuItem, Panel, Select},
    desk::{sentence, use_desk},
    reading::Reading,
};

/// Shares of a day's volume.
const PARTICIPATIONS: [(&str, f64, &str); 4] = [
    ("5", 0.05, "at 5% of volume"),
    ("10", 0.10, "at 10% of volume"),
    ("20", 0.20, "at 20% of volume"),
    ("33", 0.33, "at 33% of volume"),
];

/// Concentration, liquidity, currencies, rates and options.
#[component]
pub(super) fn ExposuresView() -> Element {
    let desk = use_desk();
    let mut participation = use_signal(|| desk.kept("risk.participation").unwrap_or_else(|| "20".to_owned()));
    let answer = use_answer(move || {
        let share = PARTICIPATIONS.iter().find(|(id, ..)| *id == participation());
        Some(GetRiskExposures {
            view: desk.view()?,
            participation: share.map_or(0.2, |(_, share, _)| *share),
        })
    });
    if let Some(failure) = (answer.failure)() {
        return rsx! { FailedState { testid: "exposures-failed", failure } };
    }
    let Some(found) = answer.get() else {
        return rsx! { LoadingState { what: "Reading volumes and terms" } };
    };
    let stale = !(answer.current)();
    let known = Statistic::Known;
    let volumes_known = found.liquidity.iter().any(|row| row.volume.known().is_some());
    let csv = csv_of(&found);
    rsx! {
        div { class: "strip area-view-strip", "data-stale": if stale { "true" },
            Figure { name: "effective-number", label: "Effective number of holdings", headline: true, reading: Reading::number(&found.effective_number, 1), note: "1 / HHI" }
            Figure { name: "hhi", label: "HHI", reading: Reading::number(&found.hhi, 4), note: "sum of squared shares" }
            Figure { name: "days-all", label: "Days until all is sold", reading: Reading::number(&found.days_all, 1), note: "volumes of three months" }
            Figure { name: "dv01", label: "DV01 and CS01", reading: Reading::money(&found.dv01, found.currency), unit: found.currency.to_string(), note: "yields 1 bp lower" }
        }
        Panel { testid: "panel-largest", title: "Largest holdings", note: "cumulative, % of gross exposure", class: "area-largest table-panel", stale,
            table { class: "table", "data-testid": "largest",
                tbody {
                    for (symbol, share) in found.largest.iter() {
                        tr { key: "{symbol}",
                            td { class: "strong", "{symbol}" }
                            FigureCell { name: "largest-{symbol}", reading: Reading::weight(&known(*share)) }
                        }
                    }
                }
            }
        }
        Panel { testid: "panel-currencies", title: "Currencies", note: "% of NAV, cash among them", class: "area-currencies table-panel", stale,
            table { class: "table", "data-testid": "risk-currencies",
                thead {
                    tr {
                        th { "Currency" }
                        th { class: "numeric", "Long" }
                        th { class: "numeric", "Short" }
                        th { class: "numeric", "Net" }
                    }
                }
                tbody {
                    for row in found.currencies.iter() {
                        tr { key: "{row.currency}",
                            td { class: "strong", "{row.currency}" }
                            FigureCell { name: "currency-long-{row.currency}", reading: Reading::weight(&known(row.long)) }
                            FigureCell { name: "currency-short-{row.currency}", reading: Reading::weight(&known(row.short)) }
                            FigureCell { name: "currency-net-{row.currency}", reading: Reading::weight(&known(row.net)), strong: true }
                        }
                    }
                }
            }
        }
        Panel {
            testid: "panel-liquidity",
            title: "Liquidity",
            note: "days to sell",
            class: "area-liquidity table-panel",
            stale,
            tools: rsx! {
                Select {
                    name: "participation",
                    value: participation(),
                    choices: PARTICIPATIONS.iter().map(|(id, _, words)| Choice::new(*id, *words)).collect::<Vec<_>>(),
                    onchange: move |id: String| {
                        desk.keep("risk.participation", id.clone());
                        participation.set(id);
                    },
                }
                Menu {
                    name: "exposures",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "exposures-csv",
                        onclick: move |()| browser::save_text("liquidity.csv", &csv),
                        "Save as CSV"
                    }
                }
            },
            if volumes_known {
                table { class: "table", "data-testid": "liquidity",
                    thead {
                        tr {
                            th { "Holding" }
                            th { class: "numeric", "Weight" span { class: "unit", "%" } }
                            th { class: "numeric", "Volume a day" }
                            th { class: "numeric", "Days" }
                        }
                    }
                    tbody {
                        for row in found.liquidity.iter() {
                            tr { key: "{row.symbol}",
                                td { class: "strong", "{row.symbol}" }
                                FigureCell { name: "liquid-weight-{row.symbol}", reading: Reading::weight(&row.weight) }
                                FigureCell { name: "liquid-volume-{row.symbol}", reading: Reading::number(&row.volume, 0) }
                                FigureCell { name: "liquid-days-{row.symbol}", reading: Reading::number(&row.days, 1), strong: true }
                            }
                        }
                    }
                }
            } else {
                EmptyState {
                    testid: "liquidity-empty",
                    title: "No volumes are known",
                    next: found.days_all.because().map(sentence).unwrap_or_default(),
                }
            }
        }
        Panel { testid: "panel-bonds", title: "Bonds", note: "yield, duration, {found.currency} a basis point", class: "area-bonds table-panel", stale,
            if let Some(because) = &found.bonds_because {
                EmptyState { testid: "bonds-empty", title: sentence(because) }
            } else {
                table { class: "table", "data-testid": "bonds",
                    thead {
                        tr {
                            th { "Bond" }
                            th { class: "numeric", "Yield" span { class: "unit", "%" } }
                            th { class: "numeric", "Duration" }
                            th { class: "numeric", "Convexity" }
                            th { class: "numeric", "DV01 = CS01" }
                        }
                    }
                    tbody {
                        for row in found.bonds.iter() {
                            tr { key: "{row.symbol}",
                                td { class: "strong", "{row.symbol}" }
                                FigureCell { name: "bond-yield-{row.symbol}", reading: Reading::weight(&row.yield_) }
                                FigureCell { name: "bond-duration-{row.symbol}", reading: Reading::number(&row.duration, 2) }
                                FigureCell { name: "bond-convexity-{row.symbol}", reading: Reading::number(&row.convexity, 1) }
                                FigureCell { name: "bond-dv01-{row.symbol}", reading: Reading::money(&row.dv01, found.currency), strong: true }
                            }
                        }
                    }
                }
            }
        }
        Panel { testid: "panel-options", title: "Options", note: "sensitivities in {found.currency}, American exercise", class: "area-options table-panel", stale,
            if let Some(because) = &found.options_because {
                EmptyState { testid: "options-empty", title: sentence(because) }
            } else {
                table { class: "table", "data-testid": "options",
                    thead {
                        tr {
                            th { "Option" }
                            th { class: "numeric", "Volatility" span { class: "unit", "%" } }
                            th { class: "numeric", title: "Value of the underlying that moves alike", "Delta" }
                            th { class: "numeric", title: "Change of delta for an underlying 1% higher", "Gamma" }
                            th { class: "numeric", title: "For a volatility 1 point higher", "Vega" }
                            th { class: "numeric", title: "For a day that passes", "Theta" }
                        }
                    }
                    tbody {
                        for row in found.options.iter() {
                            tr { key: "{row.symbol}",
                                td { class: "strong clip", title: row.symbol.clone(), "{row.symbol}" }
                                FigureCell { name: "option-volatility-{row.symbol}", reading: Reading::weight(&row.volatility) }
                                FigureCell { name: "option-delta-{row.symbol}", reading: Reading::money(&row.delta, found.currency) }
                                FigureCell { name: "option-gamma-{row.symbol}", reading: Reading::money(&row.gamma, found.currency) }
                                FigureCell { name: "option-vega-{row.symbol}", reading: Reading::money(&row.vega, found.currency) }
                                FigureCell { name: "option-theta-{row.symbol}", reading: Reading::money(&row.theta, found.currency) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn csv_of(found: &RiskExposures) -> String {
    let text = |figure: &Statistic| figure.known().map_or_else(String::new, ToString::to_string);
    let lines = found.liquidity.iter().map(|row| {
        format!(
            "{},{},{},{}\n",
            row.symbol,
            text(&row.weight),
            text(&row.volume),
            text(&row.days)
        )
    });
    std::iter::once("symbol,weight,volume,days\n".to_owned())
        .chain(lines)
        .collect()
}

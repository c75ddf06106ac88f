//! What the Optimizer found: figures now and after, weights, and the trades that lead there.

use std::rc::Rc;

use apex_domain::Currency;
use apex_format::counted;
use apex_wire::{
    Figure as Value,
    optimizer::{Optimized, OptimizedLine, PortfolioPoint, TradeLine, TradeList, TradeSide},
    what_if::{EditBy, WhatIfEdit},
};
use dioxus::{core::spawn_forever, prelude::*};

use crate::{
    browser,
    components::{Button, ButtonKind, EmptyState, Figure, FigureCell, Menu, MenuItem, Panel, PartBar},
    desk::{Page, use_desk},
    pages::what_if::take_trades,
    reading::{Reading, Tone},
};

/// A weight up to this is what a solver leaves of zero.
const WEIGHT_SHOWN_MIN: f64 = 5e-6;

/// The figures of the portfolio chosen, with those of now below.
#[component]
pub(super) fn Figures(found: Rc<Optimized>) -> Element {
    let percent = |value: f64| Reading::percent(&Value::Known(value));
    let now = |reading: Reading| format!("now {}", reading.text);
    let sharpe = |point: &PortfolioPoint| Reading::number(&point.sharpe_year, 2);
    let currency = found.currency;
    let (optimality, detail) = match found.kkt_residual {
        Some(residual) => {
            let gap = found.gap.map(|gap| format!(", gap {gap:.1e}")).unwrap_or_default();
            let detail = format!(
                "optimality residual {residual:.1e}{gap}, {}",
                counted(found.iterations as u64, "step")
            );
            (format!("residual {residual:.0e}"), detail)
        }
        None => (
            "not searched for".to_owned(),
            "a rule, or a point of the frontier: nothing was searched for".to_owned(),
        ),
    };
    rsx! {
        div { class: "strip", "data-testid": "optimizer-figures",
            Figure { name: "optimizer-mean", label: "Mean a year", reading: percent(found.after.mean_year), note: now(percent(found.now.mean_year)) }
            Figure { name: "optimizer-volatility", label: "Volatility a year", reading: percent(found.after.volatility_year), note: now(percent(found.now.volatility_year)) }
            Figure { name: "optimizer-sharpe", label: "Sharpe ratio", reading: sharpe(&found.after), note: now(sharpe(&found.now)) }
            Figure { name: "optimizer-cvar", label: "Shortfall of a day", reading: Reading::percent(&found.after.cvar), note: now(Reading::percent(&found.now.cvar)) }
            Figure { name: "optimizer-turnover", label: "Turnover", reading: Reading::percent(&found.trades.turnover), note: counted(found.trades.rows.len() as u64, "trade").to_string() }
            Figure { name: "optimizer-cost", label: "Cost", reading: Reading::money(&found.trades.cost, currency), unit: currency.to_string(), note: format!("cash {}", Reading::gain(&found.trades.cash_change, currency).text) }
            Figure { name: "optimizer-optimality", label: "Weights add up to", reading: percent(found.budget).hinted(detail), note: optimality }
        }
    }
}

/// The weights, largest first.
#[component]
pub(super) fn WeightsPanel(lines: Vec<OptimizedLine>, stale: bool) -> Element {
    let desk = use_desk();
    let shown: Vec<OptimizedLine> = lines
        .iter()
        .filter(|line| line.after.abs() > WEIGHT_SHOWN_MIN || line.now != 0.0)
        .cloned()
        .collect();
    let largest = shown
        .iter()
        .map(|line| line.after.abs().max(line.now.abs()))
        .fold(0.0, f64::max);
    let held = lines.iter().filter(|line| line.after.abs() > WEIGHT_SHOWN_MIN).count();
    let weight = |value: f64| {
        let value = if value.abs() > WEIGHT_SHOWN_MIN { value } else { 0.0 };
        Reading::weight(&Value::Known(value))
    };
    rsx! {
        Panel {
            testid: "panel-weights",
            title: "Weights",
            note: "{held} of {lines.len()} held after, % of NAV",
            class: "area-weights table-panel",
            stale,
            table { class: "table", "data-testid": "weights",
                thead {
                    tr {
                        th { "Holding" }
                        th { class: "numeric", "Now" }
                        th { class: "numeric", "After" }
                        th { class: "bar-column", "" }
                        th { class: "numeric", "Change" }
                        th { class: "numeric", title: "Share of the variance now", "Risk now" }
                        th { class: "numeric", title: "Share of the variance after", "Risk after" }
                    }
                }
                tbody {
                    for line in shown {
                        tr { key: "{line.symbol}", "data-testid": "weight-{line.symbol}",
                            td {
                                button {
                                    class: "link",
                                    r#type: "button",
                                    title: "{line.name}",
                                    onclick: {
                                        let symbol = line.symbol.clone();
                                        move |_| desk.go_to(Page::Holdings, &symbol)
                                    },
                                    "{line.symbol}"
                                }
                            }
                            FigureCell { name: "weight-now-{line.symbol}", reading: weight(line.now) }
                            FigureCell { name: "weight-after-{line.symbol}", reading: weight(line.after), strong: true }
                            td { class: "bar-column", PartBar { part: line.after.abs(), largest } }
                            FigureCell { name: "weight-change-{line.symbol}", reading: changed(line.change) }
                            FigureCell { name: "weight-risk-now-{line.symbol}", reading: Reading::weight(&line.risk_now).toned(Tone::Faint) }
                            FigureCell { name: "weight-risk-{line.symbol}", reading: Reading::weight(&line.risk_after) }
                        }
                    }
                }
            }
        }
    }
}

/// A change of weight; one that is nothing has no sign.
fn changed(change: f64) -> Reading {
    if change.abs() > WEIGHT_SHOWN_MIN {
        Reading::rate_number(&Value::Known(change))
    } else {
        Reading::weight(&Value::Known(0.0)).toned(Tone::Faint)
    }
}

/// The trades that lead to weights, to be copied into a what-if.
#[component]
pub(crate) fn TradesPanel(
    trades: TradeList,
    currency: Currency,
    /// What the list is called in its file.
    file: String,
    class: String,
    stale: bool,
) -> Element {
    let desk = use_desk();
    let csv = trades.csv.clone();
    let copied = csv.clone();
    let full = full_csv(&trades.rows, currency);
    let (short_name, full_name) = (format!("{file} trades.csv"), format!("{file} trades in full.csv"));
    let count = trades.rows.len();
    let edits: Vec<WhatIfEdit> = trades.rows.iter().map(edit).collect();
    rsx! {
        Panel {
            testid: "panel-trades",
            title: "Trades",
            note: "whole lots at the last prices; a list, never orders",
            class: "table-panel {class}",
            stale,
            tools: rsx! {
                if count > 0 {
                    Button {
                        testid: "trades-what-if",
                        kind: ButtonKind::Quiet,
                        onclick: move |_| {
                            take_trades(desk, edits.clone());
                            desk.go(Page::WhatIf);
                        },
                        "Open as what-if"
                    }
                }
                Menu {
                    name: "trades",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Copy or export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "trades-copy",
                        onclick: move |()| {
                            let csv = copied.clone();
                            spawn_forever(async move {
                                match browser::copy(&csv).await {
                                    Ok(()) => desk.say(format!("{} copied, as apex whatif --trades reads them", counted(count as u64, "trade"))),
                                    Err(()) => desk.say("The clipboard is not available"),
                                }
                            });
                        },
                        "Copy trades as CSV"
                    }
                    MenuItem {
                        testid: "trades-save",
                        onclick: move |()| browser::save_text(&short_name, &csv),
                        "Save trades as CSV"
                    }
                    MenuItem {
                        testid: "trades-save-full",
                        onclick: move |()| browser::save_text(&full_name, &full),
                        "Save with prices and amounts"
                    }
                }
            },
            if trades.rows.is_empty() {
                EmptyState { testid: "trades-empty", title: "Nothing to trade", next: "What is held is within a lot of these weights" }
            } else {
                table { class: "table", "data-testid": "trades",
                    thead {
                        tr {
                            th { "Side" }
                            th { "Symbol" }
                            th { class: "numeric", "Quantity" }
                            th { class: "numeric", "Price" }
                            th { class: "numeric", "Amount" span { class: "unit", "{currency}" } }
                            th { class: "numeric", "Cost" }
                        }
                    }
                    tbody {
                        for row in trades.rows {
                            tr { key: "{row.symbol}", "data-testid": "trade-{row.symbol}",
                                td { class: "strong", {side(row.side)} }
                                td { "{row.symbol}" }
                                FigureCell { name: "trade-quantity-{row.symbol}", reading: Reading::quantity(row.quantity) }
                                FigureCell { name: "trade-price-{row.symbol}", reading: Reading::price(&Value::Known(row.price)).hinted(row.currency.to_string()) }
                                FigureCell { name: "trade-amount-{row.symbol}", reading: Reading::money(&row.amount, currency) }
                                FigureCell { name: "trade-cost-{row.symbol}", reading: Reading::money(&row.cost, currency) }
                            }
                        }
                    }
                    tfoot {
                        tr {
                            td { class: "strong", colspan: "2", "Sold" }
                            td {}
                            td {}
                            FigureCell { name: "trades-sold", reading: Reading::money(&trades.sold, currency) }
                            td {}
                        }
                        tr {
                            td { class: "strong", colspan: "2", "Bought" }
                            td {}
                            td {}
                            FigureCell { name: "trades-bought", reading: Reading::money(&trades.bought, currency) }
                            FigureCell { name: "trades-cost", reading: Reading::money(&trades.cost, currency) }
                        }
                    }
                }
            }
        }
    }
}

/// A trade as it stands on What-if.
fn edit(trade: &TradeLine) -> WhatIfEdit {
    let sign = match trade.side {
        TradeSide::Buy => "",
        TradeSide::Sell => "-",
    };
    WhatIfEdit {
        symbol: trade.symbol.clone(),
        by: EditBy::Quantity,
        size: format!("{sign}{}", trade.quantity),
    }
}

fn side(side: TradeSide) -> &'static str {
    match side {
        TradeSide::Buy => "Buy",
        TradeSide::Sell => "Sell",
    }
}

fn full_csv(rows: &[TradeLine], currency: Currency) -> String {
    let mut text = format!("side,symbol,quantity,price,currency,amount_{currency},cost_{currency}\n");
    let known = |amount: &apex_wire::Amount| amount.known().map(ToString::to_string).unwrap_or_default();
    for row in rows {
        text.push_str(&format!(
            "{},{},{},{},{},{},{}\n",
            side(row.side).to_lowercase(),
            row.symbol,
            row.quantity,
            row.price,
            row.currency,
            known(&row.amount),
            known(&row.cost)
        ));
    }
    text
}

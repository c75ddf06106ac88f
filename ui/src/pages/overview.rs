//! The Overview page: the state of one portfolio on one screen.

use std::rc::Rc;

use apex_domain::Currency;
use apex_wire::{
    chart::{Axis, ChartData, LineData, LineSeries, Unit},
    explain::FigureName,
    holdings::Classification,
    overview::{Alert, Allocation, GetOverview, Mover, Overview, PeriodResult, Severity},
    split::GetMissingSplits,
};
use dioxus::prelude::*;

use crate::{
    answers::{Answer, use_answer},
    components::{
        Button, ButtonKind, ChartPanel, EmptyState, FailedState, Figure, LiveLine, LoadingState, Menu, MenuItem, Panel,
        SplitLines,
    },
    desk::{Overlay, Page, sentence, use_desk},
    reading::Reading,
};

const KEPT_SLICE: &str = "overview.allocation";

/// The page.
#[component]
pub(crate) fn OverviewPage() -> Element {
    let mut desk = use_desk();
    let answer = use_answer(move || Some(GetOverview { view: desk.view()? }));
    use_effect(move || {
        let (Some(view), Some(overview), true) = (desk.view(), answer.get(), (answer.current)()) else {
            return;
        };
        let count = Some((view, overview.alerts.len()));
        if *desk.alerts.peek() != count {
            desk.alerts.set(count);
        }
    });
    let body = match (answer.get(), (answer.failure)()) {
        (_, Some(failure)) => rsx! { FailedState { testid: "overview-failed", failure } },
        (None, None) => rsx! { LoadingState {} },
        (Some(_), None) => rsx! { OverviewBody { answer } },
    };
    rsx! {
        div { class: "page-body overview", "data-testid": "page-overview", {body} }
    }
}

#[component]
fn OverviewBody(answer: Answer<Overview>) -> Element {
    let mut desk = use_desk();
    let cursor = use_signal(|| None::<f64>);
    let nav_chart = use_memo(move || {
        let overview = answer.get()?;
        let unit = Unit::Money {
            currency: overview.currency.to_string(),
        };
        Some(Rc::new(ChartData::Line(over_time(
            "Net asset value",
            unit,
            &overview.nav_series,
        ))))
    });
    let drawdown_chart = use_memo(move || {
        let overview = answer.get()?;
        Some(Rc::new(ChartData::Area(over_time(
            "Drawdown",
            Unit::Percent { decimals: 1 },
            &overview.drawdown,
        ))))
    });
    let splits = use_answer(move || {
        Some(GetMissingSplits {
            portfolio: Some(desk.view()?.portfolio),
        })
    });
    let stale = !(answer.current)();
    let Some(overview) = answer.get() else { return rsx! {} };
    let currency = overview.currency;
    let held = overview
        .allocations
        .iter()
        .any(|allocation| !allocation.slices.is_empty());
    let code = currency.to_string();
    rsx! {
        div { class: "overview-top",
            LiveLine {}
            if let Some(splits) = splits.get() {
                SplitLines { splits: splits.to_vec() }
            }
            div { class: "strip", "data-stale": if stale { "true" },
                Figure {
                    name: "nav",
                    label: "Net asset value",
                    headline: true,
                    reading: Reading::money(&overview.nav, currency),
                    unit: code.clone(),
                    note: "at the close of {overview.as_of}",
                    explain: FigureName::Nav,
                }
                {period("day", "Day", &overview.day, currency)}
                {period("month", "Month to date", &overview.month, currency)}
                {period("year", "Year to date", &overview.year, currency)}
                Figure {
                    name: "cash",
                    label: "Cash",
                    reading: Reading::money(&overview.cash, currency),
                    note: "settled and pending",
                    explain: FigureName::CashTotal,
                }
                Figure {
                    name: "gross-exposure",
                    label: "Gross exposure",
                    reading: Reading::percent(&overview.gross_exposure),
                    note: "of NAV",
                    explain: FigureName::GrossExposure,
                }
                Figure {
                    name: "net-exposure",
                    label: "Net exposure",
                    reading: Reading::percent(&overview.net_exposure),
                    note: "of NAV",
                    explain: FigureName::NetExposure,
                }
            }
        }
        if is_blank(nav_chart()) {
            Panel { testid: "panel-nav", title: "Net asset value", note: code.clone(), class: "area-nav",
                EmptyState {
                    testid: "nav-empty",
                    title: "No net asset value yet",
                    next: "It begins with the first transaction: a deposit, or a file from your broker",
                    Button {
                        testid: "empty-add",
                        kind: ButtonKind::Primary,
                        onclick: move |_| desk.overlay.set(Some(Overlay::AddTransaction { symbol: String::new() })),
                        "Add a transaction…"
                    }
                    Button { testid: "empty-import", onclick: move |_| desk.overlay.set(Some(Overlay::Import)), "Import a file…" }
                }
            }
        } else {
            ChartPanel {
                name: "nav",
                title: "Net asset value",
                note: code.clone(),
                class: "area-nav",
                stale,
                data: nav_chart,
                cursor,
            }
        }
        if is_blank(drawdown_chart()) {
            Panel { testid: "panel-drawdown", title: "Drawdown", class: "area-drawdown",
                EmptyState { testid: "drawdown-empty", title: "No drawdown yet", next: "It needs a net asset value on two days" }
            }
        } else {
            ChartPanel {
                name: "drawdown",
                title: "Drawdown",
                note: "% below the highest value so far",
                class: "area-drawdown",
                stale,
                data: drawdown_chart,
                cursor,
            }
        }
        AllocationPanel { allocations: overview.allocations.clone(), currency: code.clone() }
        MoversPanel { movers: overview.movers.clone(), currency: code.clone() }
        Panel {
            testid: "panel-alerts",
            title: "Data alerts",
            note: if overview.alerts.is_empty() { String::new() } else { overview.alerts.len().to_string() },
            class: "area-alerts",
            if overview.alerts.is_empty() {
                EmptyState { testid: "alerts-empty", title: "Nothing to look at", next: if held { "Every holding has a price and a classification" } else { "Nothing is held on this day" } }
            } else {
                ul { class: "alerts",
                    for (at, alert) in overview.alerts.iter().enumerate() {
                        {alert_line(at, alert, currency)}
                    }
                }
            }
        }
    }
}

fn is_blank(chart: Option<Rc<ChartData>>) -> bool {
    chart.is_none_or(|chart| chart.is_empty())
}

fn over_time(title: &str, unit: Unit, series: &LineSeries) -> LineData {
    LineData {
        title: title.to_owned(),
        x: Axis::date(),
        y: Axis::new(title, unit),
        series: vec![series.clone()],
        marks: Vec::new(),
        ribbons: Vec::new(),
    }
}

fn period(name: &str, label: &str, result: &PeriodResult, currency: Currency) -> Element {
    rsx! {
        Figure {
            name: "{name}-pnl",
            label,
            reading: Reading::gain(&result.amount, currency),
            beside: Reading::rate(&result.twr),
            note: result.since.map(|since| format!("since {since}")).unwrap_or_default(),
            explain: FigureName::PeriodPnl { period: name.to_owned() },
        }
    }
}

/// Returns a classification as people read it.
pub(crate) fn classification_words(by: Classification) -> &'static str {
    match by {
        Classification::AssetClass => "Asset class",
        Classification::Sector => "Sector",
        Classification::Country => "Country",
        Classification::Currency => "Currency",
        Classification::Exchange => "Exchange",
        Classification::Account => "Account",
        Classification::Side => "Side",
    }
}

/// Returns the name of a classification in test ids and preferences.
pub(crate) fn classification_name(by: Classification) -> &'static str {
    match by {
        Classification::AssetClass => "asset_class",
        Classification::Sector => "sector",
        Classification::Country => "country",
        Classification::Currency => "currency",
        Classification::Exchange => "exchange",
        Classification::Account => "account",
        Classification::Side => "side",
    }
}

#[component]
fn AllocationPanel(allocations: Vec<Allocation>, currency: String) -> Element {
    let desk = use_desk();
    let mut chosen = use_signal(|| desk.kept(KEPT_SLICE).unwrap_or_else(|| "sector".to_owned()));
    let shown = allocations
        .iter()
        .find(|allocation| classification_name(allocation.by) == chosen())
        .or(allocations.first())
        .cloned();
    let selected = shown.as_ref().map(|allocation| allocation.by);
    let offered: Vec<Classification> = allocations.iter().map(|allocation| allocation.by).collect();
    let slices = shown.map(|allocation| allocation.slices).unwrap_or_default();
    let Ok(code) = Currency::parse(&currency) else {
        return rsx! {};
    };
    rsx! {
        Panel {
            testid: "panel-allocation",
            title: "Allocation",
            note: "% of NAV",
            class: "area-allocation",
            tools: rsx! {
                Menu {
                    name: "allocation",
                    from_right: true,
                    title: "What the slices are",
                    label: rsx! {
                        span { class: "faint", "by" }
                        {selected.map(classification_words).unwrap_or_default()}
                        span { class: "caret", "▾" }
                    },
                    for by in offered {
                        MenuItem {
                            key: "{classification_name(by)}",
                            testid: "allocation-{classification_name(by)}",
                            chosen: selected == Some(by),
                            onclick: move |()| {
                                let name = classification_name(by).to_owned();
                                desk.keep(KEPT_SLICE, name.clone());
                                chosen.set(name);
                            },
                            {classification_words(by)}
                        }
                    }
                }
            },
            if slices.is_empty() {
                EmptyState { testid: "allocation-empty", title: "Nothing to divide", next: "Holdings and cash stand here by their share" }
            } else {
                div { class: "slices",
                    for slice in slices {
                        {slice_line(&slice.label, &Reading::money(&slice.value, code), &Reading::weight(&slice.weight), slice.weight.known().copied())}
                    }
                }
            }
        }
    }
}

fn slice_line(label: &str, value: &Reading, weight: &Reading, share: Option<f64>) -> Element {
    // The bar is drawn to scale of the weight as it is written; a short hangs from the same edge in the color of loss.
    let width = apex_format::percent(share.map_or(0.0, |share| share.abs().min(1.0)), 1).to_string();
    let short = share.is_some_and(|share| share < 0.0);
    rsx! {
        div { class: "slice", key: "{label}", "data-testid": "slice-{label}",
            span { class: "slice-label", title: "{label}", "{label}" }
            span { class: if short { "slice-bar short" } else { "slice-bar" },
                span { style: "width: {width}" }
            }
            span { class: "numeric", title: value.hint.clone(), "{value.text}" }
            span { class: "numeric strong", title: weight.hint.clone(), "{weight.text}" }
        }
    }
}

#[component]
fn MoversPanel(movers: Vec<Mover>, currency: String) -> Element {
    let desk = use_desk();
    let Ok(code) = Currency::parse(&currency) else {
        return rsx! {};
    };
    rsx! {
        Panel {
            testid: "panel-movers",
            title: "Movers of the day",
            note: "%, {currency}",
            class: "area-movers",
            if movers.is_empty() {
                EmptyState { testid: "movers-empty", title: "Nothing moved", next: "No holding has a price on this day and the day before" }
            } else {
                div { class: "movers",
                    for mover in movers {
                        button {
                            key: "{mover.instrument}",
                            class: "mover",
                            r#type: "button",
                            "data-testid": "mover-{mover.symbol}",
                            onclick: move |_| desk.go_to(Page::Holdings, mover.symbol.clone()),
                            span { class: "strong", "{mover.symbol}" }
                            span { class: "faint clip", "{mover.name}" }
                            {reading_span(&Reading::rate_number(&mover.price_return))}
                            {reading_span(&Reading::gain(&mover.amount, code))}
                        }
                    }
                }
            }
        }
    }
}

fn reading_span(reading: &Reading) -> Element {
    rsx! {
        span { class: "numeric {reading.tone.class()}", title: reading.hint.clone(), "{reading.text}" }
    }
}

fn alert_line(at: usize, alert: &Alert, currency: Currency) -> Element {
    let (class, mark) = match alert.severity {
        Severity::Notice => ("alert", "·"),
        Severity::Warning => ("alert warning", "!"),
        Severity::Failing => ("alert loss", "✕"),
    };
    let words = sentence(&alert.sentence);
    rsx! {
        li { key: "{at}", class, "data-testid": "alert",
            span { class: "alert-mark", "{mark}" }
            span { "{words}" }
            if let Some(impact) = &alert.impact {
                {reading_span(&Reading::money(impact, currency))}
            }
        }
    }
}

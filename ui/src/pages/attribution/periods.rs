//! Effects over time: a chart and a list of periods, one of which can be looked at alone; currencies, factors and what
//! was assumed.

use std::rc::Rc;

use apex_wire::{
    Statistic,
    attribution::{Attribution, AttributionSettings, FactorSplit, PeriodRow},
    chart::{Axis, BarData, BarLayout, BarSeries, ChartData, Unit},
};
use dioxus::prelude::*;
use jiff::civil::Date;

use crate::{
    answers::Answer,
    browser,
    components::{ChartPanel, FigureCell, Legend, Menu, MenuItem, Panel, Tabs},
    desk::sentence,
    frame::inspector::use_reactive,
    reading::Reading,
};

/// The most periods that are drawn; bars of more cannot be told apart.
const DRAWN_MAX: usize = 36;

/// The effects of each period as bars.
#[component]
pub(super) fn EffectsChart(answer: Answer<Attribution>, settings: AttributionSettings, stale: bool) -> Element {
    let settings = use_reactive(settings);
    let data = use_memo(move || Some(Rc::new(ChartData::Bar(bars_of(&*answer.get()?, &settings.read())))));
    let cut = answer
        .get()
        .is_some_and(|found| found.periods.len() > DRAWN_MAX)
        .then(|| format!("%, the last {DRAWN_MAX}"));
    let names: Vec<String> = match data() {
        Some(data) => match &*data {
            ChartData::Bar(bars) if bars.series.len() > 1 => {
                bars.series.iter().map(|series| series.name.clone()).collect()
            }
            _ => Vec::new(),
        },
        None => Vec::new(),
    };
    rsx! {
        ChartPanel {
            name: "effects",
            title: "Effects",
            note: cut.unwrap_or_else(|| "%".to_owned()),
            class: "area-effects",
            stale,
            data,
            tools: rsx! { Legend { names } },
        }
    }
}

fn bars_of(found: &Attribution, settings: &AttributionSettings) -> BarData {
    let skipped = found.periods.len().saturating_sub(DRAWN_MAX);
    let rows = || found.periods.iter().skip(skipped);
    let series = |name: &str, of: fn(&PeriodRow) -> &Statistic| BarSeries {
        name: name.to_owned(),
        hue: None,
        values: rows().map(|row| of(row).known().copied()).collect(),
    };
    let mut shown = Vec::new();
    if found.effects_because.is_some() {
        // Without effects there still is the active return, or the portfolio's alone.
        match found.active_return.known() {
            Some(_) => shown.push(series("Active return", |row| &row.active_return)),
            None => shown.push(series("Portfolio", |row| &row.portfolio_return)),
        }
    } else {
        shown.push(series("Allocation", |row| &row.allocation));
        shown.push(series("Selection", |row| &row.selection));
        if found.total.interaction.known().is_some() {
            shown.push(series("Interaction", |row| &row.interaction));
        }
        if settings.with_currency {
            shown.push(series("Currency", |row| &row.currency));
        }
    }
    BarData {
        title: "Effects by period".to_owned(),
        category: "Period".to_owned(),
        value: Axis::new("Effect", Unit::Percent { decimals: 2 }),
        layout: BarLayout::Vertical,
        categories: rows().map(|row| row.label.clone()).collect(),
        series: shown,
    }
}

/// The list of periods.
#[component]
pub(super) fn PeriodsPanel(
    found: Rc<Attribution>,
    settings: AttributionSettings,
    /// The period looked at alone.
    alone: Option<String>,
    stale: bool,
    onperiod: EventHandler<Option<(String, Date, Date)>>,
) -> Element {
    let csv = csv_of(&found);
    let with_interaction = found.total.interaction.known().is_some();
    rsx! {
        Panel {
            testid: "panel-periods",
            title: "Periods",
            note: if alone.is_some() { String::new() } else { "a period opens by itself".to_owned() },
            class: "area-periods table-panel",
            stale,
            tools: rsx! {
                if let Some(label) = alone {
                    button {
                        class: "button quiet",
                        r#type: "button",
                        "data-testid": "period-back",
                        title: "Show all periods again",
                        onclick: move |_| onperiod.call(None),
                        "{label} ✕"
                    }
                }
                Menu {
                    name: "periods",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "periods-csv",
                        onclick: move |()| browser::save_text("attribution by period.csv", &csv),
                        "Save as CSV"
                    }
                }
            },
            table { class: "table", "data-testid": "periods",
                thead {
                    tr {
                        th { "Period" }
                        th { class: "numeric", "Portfolio" }
                        th { class: "numeric", "Benchmark" }
                        th { class: "numeric", "Active" }
                        th { class: "numeric", "Allocation" }
                        th { class: "numeric", "Selection" }
                        if with_interaction {
                            th { class: "numeric", "Interaction" }
                        }
                        if settings.with_currency {
                            th { class: "numeric", "Currency" }
                        }
                    }
                }
                tbody {
                    for row in found.periods.iter().rev() {
                        tr { key: "{row.label}", "data-testid": "period-{row.label}",
                            td {
                                button {
                                    class: "link",
                                    r#type: "button",
                                    "data-testid": "period-open-{row.label}",
                                    title: "Look at {row.from} to {row.to} alone",
                                    onclick: {
                                        let period = (row.label.clone(), row.from, row.to);
                                        move |_| onperiod.call(Some(period.clone()))
                                    },
                                    "{row.label}"
                                }
                            }
                            FigureCell { name: "period-portfolio-{row.label}", reading: Reading::rate_number(&row.portfolio_return) }
                            FigureCell { name: "period-benchmark-{row.label}", reading: Reading::rate_number(&row.benchmark_return) }
                            FigureCell { name: "period-active-{row.label}", reading: Reading::rate_number(&row.active_return), strong: true }
                            FigureCell { name: "period-allocation-{row.label}", reading: Reading::rate_number(&row.allocation) }
                            FigureCell { name: "period-selection-{row.label}", reading: Reading::rate_number(&row.selection) }
                            if with_interaction {
                                FigureCell { name: "period-interaction-{row.label}", reading: Reading::rate_number(&row.interaction) }
                            }
                            if settings.with_currency {
                                FigureCell { name: "period-currency-{row.label}", reading: Reading::rate_number(&row.currency) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Currencies and factors where they were asked for, and what was assumed.
#[component]
pub(super) fn CurrenciesPanel(found: Rc<Attribution>, stale: bool) -> Element {
    let mut chosen = use_signal(|| "notes".to_owned());
    let mut tabs = vec![("notes".to_owned(), "Notes".to_owned())];
    if !found.currencies.is_empty() {
        tabs.push(("currencies".to_owned(), "Currencies".to_owned()));
    }
    if found.factors.is_some() {
        tabs.push(("factors".to_owned(), "Factors".to_owned()));
    }
    let selected = if tabs.iter().any(|(id, _)| *id == chosen()) {
        chosen()
    } else {
        "notes".to_owned()
    };
    let body = match selected.as_str() {
        "currencies" => currencies_table(&found),
        "factors" => found.factors.as_ref().map_or_else(|| rsx! {}, factors_table),
        _ => rsx! {
            div { class: "scenario-notes", "data-testid": "attribution-notes",
                for note in found.notes.iter() {
                    p { key: "{note}", {sentence(note)} }
                }
            }
        },
    };
    rsx! {
        Panel {
            testid: "panel-attribution-notes",
            title: "Beside the segments",
            class: "area-beside table-panel",
            stale,
            tools: rsx! {
                Tabs { name: "beside", tabs, selected, onselect: move |id| chosen.set(id) }
            },
            {body}
        }
    }
}

fn currencies_table(found: &Attribution) -> Element {
    rsx! {
        table { class: "table", "data-testid": "attribution-currencies",
            thead {
                tr {
                    th { "Currency" }
                    th { class: "numeric", "Weight" }
                    th { class: "numeric", "Benchmark" }
                    th { class: "numeric", "Return" }
                    th { class: "numeric", "Effect" }
                }
            }
            tbody {
                for row in found.currencies.iter() {
                    tr { key: "{row.currency}", "data-testid": "currency-{row.currency}",
                        td { class: "strong", "{row.currency}" }
                        FigureCell { name: "currency-weight-{row.currency}", reading: Reading::weight(&row.weight) }
                        FigureCell { name: "currency-benchmark-{row.currency}", reading: Reading::weight(&row.benchmark_weight) }
                        FigureCell { name: "currency-return-{row.currency}", reading: Reading::rate_number(&row.return_) }
                        FigureCell { name: "currency-effect-{row.currency}", reading: Reading::rate_number(&row.effect), strong: true }
                    }
                }
            }
        }
    }
}

fn factors_table(split: &FactorSplit) -> Element {
    rsx! {
        table { class: "table", "data-testid": "attribution-factors",
            thead {
                tr {
                    th { "Factor" }
                    th { class: "numeric", "Exposure" }
                    th { class: "numeric", "Benchmark" }
                    th { class: "numeric", "Return" }
                    th { class: "numeric", "Effect" }
                }
            }
            tbody {
                for row in split.factors.iter() {
                    tr { key: "{row.symbol}", "data-testid": "factor-{row.symbol}",
                        td { class: "strong", "{row.symbol}" }
                        FigureCell { name: "factor-exposure-{row.symbol}", reading: Reading::number(&Statistic::Known(row.exposure), 2) }
                        FigureCell { name: "factor-benchmark-{row.symbol}", reading: Reading::number(&Statistic::Known(row.benchmark_exposure), 2) }
                        FigureCell { name: "factor-return-{row.symbol}", reading: Reading::rate_number(&Statistic::Known(row.return_)) }
                        FigureCell { name: "factor-effect-{row.symbol}", reading: Reading::rate_number(&Statistic::Known(row.effect)) }
                    }
                }
                tr {
                    td { class: "strong", "Specific" }
                    td {}
                    td {}
                    td {}
                    FigureCell { name: "factor-specific", reading: Reading::rate_number(&split.specific) }
                }
            }
            tfoot {
                tr {
                    td { class: "strong", "Active" }
                    td {}
                    td {}
                    td {}
                    FigureCell { name: "factor-active", reading: Reading::rate_number(&split.active_return), strong: true }
                }
            }
        }
        div { class: "scenario-notes",
            if let Some(because) = &split.because {
                p { class: "warning", {sentence(because)} }
            }
            p { "Exposures by regression of {apex_format::count(split.observations as u64)} daily returns of the period" }
        }
    }
}

fn csv_of(found: &Attribution) -> String {
    let text = |figure: &Statistic| figure.known().map_or_else(String::new, ToString::to_string);
    let lines = found.periods.iter().map(|row| {
        let figures = [
            &row.portfolio_return,
            &row.benchmark_return,
            &row.active_return,
            &row.allocation,
            &row.selection,
            &row.interaction,
            &row.currency,
            &row.effect,
        ];
        let figures: Vec<String> = figures.into_iter().map(text).collect();
        format!("{},{},{},{}\n", row.label, row.from, row.to, figures.join(","))
    });
    let head =
        "period,from,to,return,benchmark_return,active_return,allocation,selection,interaction,currency,effect\n";
    std::iter::once(head.to_owned()).chain(lines).collect()
}

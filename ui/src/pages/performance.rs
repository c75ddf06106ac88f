//! The Performance page: a period of one portfolio against its benchmark.

mod contribution;
mod monthly;
mod statistics;

use std::rc::Rc;

use apex_wire::{
    Statistic,
    chart::{Axis, ChartData, LineData, LineSeries, Unit},
    explain::FigureName,
    performance::{GetPerformance, Performance},
};
use dioxus::prelude::*;
use jiff::{Span, civil::Date};

use self::{contribution::ContributionPanels, monthly::MonthlyPanel, statistics::StatisticsPanel};
use crate::{
    answers::{Answer, use_answer},
    browser,
    components::{
        Button, ButtonKind, ChartPanel, Choice, EmptyState, FailedState, Field, Figure, LoadingState, Select, Tabs,
    },
    desk::{Desk, Inspected, Overlay, Page, sentence, use_desk},
    reading::Reading,
};

const KEPT_PERIOD: &str = "performance.period";
const KEPT_ROLLING: &str = "performance.rolling";
/// The stretches of time one may choose, counted back from the last day.
pub(super) const PERIODS: [(&str, &str); 7] = [
    ("month", "1M"),
    ("quarter", "3M"),
    ("ytd", "YTD"),
    ("year", "1Y"),
    ("3-years", "3Y"),
    ("5-years", "5Y"),
    ("all", "All"),
];
const ROLLING: [(usize, &str); 5] = [
    (21, "21 days"),
    (63, "63 days"),
    (126, "126 days"),
    (252, "252 days"),
    (756, "756 days"),
];
/// The hue of a benchmark: slate beside the portfolio's blue.
const BENCHMARK_HUE: u8 = 7;

/// The page.
#[component]
pub(crate) fn PerformancePage() -> Element {
    let mut desk = use_desk();
    let mut period = use_signal(|| desk.kept(KEPT_PERIOD).unwrap_or_else(|| "all".to_owned()));
    let mut typed = use_signal(String::new);
    let mut rolling = use_signal(|| {
        desk.kept(KEPT_ROLLING)
            .and_then(|text| text.parse().ok())
            .unwrap_or(252_usize)
    });
    let from = use_memo(move || start_of(&period(), last_day(desk)?));
    let answer = use_answer(move || {
        Some(GetPerformance {
            view: desk.view()?,
            from: from(),
            rolling: rolling(),
        })
    });
    let mut choose = move |chosen: String| {
        typed.set(if chosen.parse::<Date>().is_ok() {
            chosen.clone()
        } else {
            String::new()
        });
        if PERIODS.iter().any(|(id, _)| *id == chosen) {
            desk.keep(KEPT_PERIOD, chosen.clone());
        }
        period.set(chosen);
    };
    let alone = Callback::new(move |(from, until): (Date, Date)| {
        choose(from.to_string());
        desk.as_of.set(Some(until));
    });
    let refused = !typed.read().trim().is_empty() && typed.read().trim().parse::<Date>().is_err();
    let outside = (answer.failure)().filter(|failure| failure.field.as_deref() == Some("from"));
    let body = match (answer.get(), (answer.failure)()) {
        (_, Some(failure)) if outside.is_some() => rsx! {
            EmptyState {
                testid: "performance-empty",
                title: "No performance to show yet",
                next: sentence(&failure.sentence),
                if period() == "all" {
                    Button {
                        testid: "empty-add",
                        kind: ButtonKind::Primary,
                        onclick: move |_| desk.overlay.set(Some(Overlay::AddTransaction { symbol: String::new() })),
                        "Add a transaction…"
                    }
                } else {
                    Button { testid: "period-all", onclick: move |_| choose("all".to_owned()), "Show everything" }
                }
            }
        },
        (_, Some(failure)) => rsx! { FailedState { testid: "performance-failed", failure } },
        (None, None) => rsx! { LoadingState { what: "Reading the record of every day" } },
        (Some(_), None) => rsx! { PerformanceBody { answer, from, year_to_date: period() == "ytd", onmonth: alone } },
    };
    rsx! {
        div { class: "page-body performance", "data-testid": "page-performance",
            div { class: "toolbar",
                Tabs {
                    name: "period",
                    tabs: PERIODS.iter().map(|(id, words)| ((*id).to_owned(), (*words).to_owned())).collect::<Vec<_>>(),
                    selected: period(),
                    onselect: move |chosen: String| choose(chosen),
                }
                form {
                    class: "inline-form",
                    onsubmit: move |event| {
                        event.prevent_default();
                        let text = typed.peek().trim().to_owned();
                        if text.parse::<Date>().is_ok() {
                            period.set(text);
                        }
                    },
                    Field {
                        name: "period-from",
                        label: "Since the close of",
                        value: typed(),
                        placeholder: "YYYY-MM-DD",
                        error: refused.then(|| "Write a day as YYYY-MM-DD".to_owned()),
                        oninput: move |text: String| {
                            if text.trim().len() == 10 && text.trim().parse::<Date>().is_ok() {
                                period.set(text.trim().to_owned());
                            }
                            typed.set(text);
                        },
                    }
                }
                div { class: "toolbar-space" }
                div { class: "inline-form",
                    Select {
                        name: "rolling",
                        label: "Rolling over",
                        value: rolling().to_string(),
                        choices: ROLLING.iter().map(|(days, words)| Choice::new(days.to_string(), *words)).collect::<Vec<_>>(),
                        onchange: move |text: String| {
                            if let Ok(days) = text.parse() {
                                desk.keep(KEPT_ROLLING, text);
                                rolling.set(days);
                            }
                        },
                    }
                }
            }
            {body}
        }
    }
}

#[component]
fn PerformanceBody(
    answer: Answer<Performance>,
    from: ReadSignal<Option<Date>>,
    /// Whether the period is the one that the engine can explain the gain of.
    year_to_date: bool,
    onmonth: EventHandler<(Date, Date)>,
) -> Element {
    let desk = use_desk();
    let cursor = use_signal(|| None::<f64>);
    let mut measure = use_signal(|| desk.kept("performance.measure").unwrap_or_default());
    let mut marked = use_signal(String::new);
    // A subject from the palette becomes the marked row and is explained, once.
    use_effect(move || {
        let Some(found) = answer.get() else { return };
        let Some(symbol) = desk.take_subject(Page::Performance) else {
            return;
        };
        match found.contribution.iter().find(|row| row.label == symbol) {
            Some(row) => {
                if let Some(instrument) = row.instrument {
                    desk.inspect(Inspected::Figure(FigureName::Contribution {
                        instrument,
                        from: *from.peek(),
                    }));
                }
                marked.set(symbol);
                browser::after_paint(|| browser::scroll_to("[data-testid='contribution'] [aria-selected='true']"));
            }
            None => desk.say(format!("{symbol} was not held in this period")),
        }
    });
    let growth = use_memo(move || {
        let unit = Unit::Number { decimals: 2 };
        Some(Rc::new(ChartData::Line(over_time(
            "Growth of 100",
            unit,
            &answer.get()?.growth,
        ))))
    });
    let drawdown = use_memo(move || {
        let unit = Unit::Percent { decimals: 2 };
        Some(Rc::new(ChartData::Area(over_time(
            "Drawdown",
            unit,
            &answer.get()?.drawdown,
        ))))
    });
    let rolling = use_memo(move || {
        let found = answer.get()?;
        let shown = found
            .rolling
            .iter()
            .find(|rolling| kind_of(&rolling.name) == measure())
            .or(found.rolling.first())?;
        let unit = if shown.unit == "%" {
            Unit::Percent { decimals: 2 }
        } else {
            Unit::Number { decimals: 2 }
        };
        Some(Rc::new(ChartData::Line(over_time(&shown.name, unit, &shown.series))))
    });
    let stale = !(answer.current)();
    let Some(found) = answer.get() else { return rsx! {} };
    let asked = from();
    let names: Vec<String> = found
        .rolling
        .iter()
        .map(|rolling| kind_of(&rolling.name).to_owned())
        .collect();
    let selected = names
        .iter()
        .find(|name| **name == measure())
        .or(names.first())
        .cloned()
        .unwrap_or_default();
    let benchmark = found.benchmark.clone().unwrap_or_else(|| "no benchmark".to_owned());
    rsx! {
        Headline { found: found.clone(), asked, year_to_date, stale }
        ChartPanel {
            name: "growth",
            title: "Growth of 100",
            note: benchmark,
            class: "area-growth",
            stale,
            data: growth,
            cursor,
        }
        ChartPanel {
            name: "falls",
            title: "Drawdown",
            note: "% below the highest value so far",
            class: "area-falls",
            stale,
            data: drawdown,
            cursor,
        }
        StatisticsPanel { rows: found.statistics.clone(), benchmark: found.benchmark.clone(), from: asked, stale }
        if names.is_empty() {
            section { class: "panel area-rolling", "data-testid": "panel-rolling",
                EmptyState {
                    testid: "rolling-empty",
                    title: "Fewer days than the rolling window",
                    next: "Choose a longer period or a shorter window",
                }
            }
        } else {
            ChartPanel {
                name: "rolling",
                title: "Rolling",
                note: rolling().map(|data| data.title().to_owned()).unwrap_or_default(),
                class: "area-rolling",
                stale,
                data: rolling,
                cursor,
                tools: rsx! {
                    Tabs {
                        name: "rolling",
                        tabs: names.iter().map(|name| (name.clone(), name.clone())).collect::<Vec<_>>(),
                        selected,
                        onselect: move |name: String| {
                            desk.keep("performance.measure", name.clone());
                            measure.set(name);
                        },
                    }
                },
            }
        }
        MonthlyPanel { rows: found.monthly.clone(), last: found.to, stale, onmonth }
        ContributionPanels { rows: found.contribution.clone(), currency: found.currency.to_string(), from: asked, marked: marked(), stale }
    }
}

#[component]
fn Headline(found: Rc<Performance>, asked: Option<Date>, year_to_date: bool, stale: bool) -> Element {
    let code = found.currency.to_string();
    let of = |key: &str| found.statistics.iter().find(|row| row.key == key);
    let missing = || Statistic::Unavailable("the period has too few days".to_owned());
    let drawdown = of("max_drawdown").map_or_else(missing, |row| row.portfolio.clone());
    let other = of("total_return").map_or_else(missing, |row| row.benchmark.clone());
    let roots: Vec<String> = found
        .mwr_roots
        .iter()
        .map(|rate| apex_format::signed(apex_format::percent(*rate, 2)).to_string())
        .collect();
    let mwr_note = if roots.is_empty() {
        "a year".to_owned()
    } else {
        format!("several: {}", roots.join(", "))
    };
    rsx! {
        div { class: "strip", "data-stale": if stale { "true" },
            Figure {
                name: "twr",
                label: "Time-weighted return",
                headline: true,
                reading: Reading::rate(&found.twr),
                note: "{found.from} to {found.to}",
                explain: FigureName::Twr { from: asked },
            }
            Figure {
                name: "twr-annual",
                label: "Time-weighted, a year",
                reading: Reading::rate(&found.twr_annual),
                note: "365 days",
                explain: FigureName::Twr { from: asked },
            }
            Figure {
                name: "mwr",
                label: "Money-weighted return",
                reading: Reading::rate(&found.mwr),
                note: mwr_note,
                explain: FigureName::Mwr { from: asked },
            }
            Figure {
                name: "gain",
                label: "Gain",
                reading: Reading::gain(&found.gain, found.currency),
                unit: code.clone(),
                note: "end less start less flows",
                explain: year_to_date.then(|| FigureName::PeriodPnl { period: "year".to_owned() }),
            }
            Figure {
                name: "net-flows",
                label: "Net flows",
                reading: Reading::money(&found.net_flows, found.currency),
                unit: code,
                note: "paid in less taken out",
            }
            Figure {
                name: "max-drawdown",
                label: "Maximum drawdown",
                reading: Reading::rate(&drawdown),
                note: "of daily values",
                explain: FigureName::Statistic { key: "max_drawdown".to_owned(), from: asked },
            }
            Figure {
                name: "benchmark-return",
                label: "Benchmark",
                reading: Reading::rate(&other),
                note: found.benchmark.clone().unwrap_or_else(|| "choose one in Setup".to_owned()),
                note_gives_way: true,
            }
        }
    }
}

/// Returns the words of a rolling measure without its window, which the chart's title repeats.
fn kind_of(name: &str) -> &str {
    name.split(',').next().unwrap_or(name)
}

fn over_time(title: &str, unit: Unit, series: &[LineSeries]) -> LineData {
    let mut series = series.to_vec();
    for (at, line) in series.iter_mut().enumerate() {
        line.hue = Some(if at == 0 { 0 } else { BENCHMARK_HUE });
    }
    LineData {
        title: title.to_owned(),
        x: Axis::date(),
        y: Axis::new(title, unit),
        series,
        marks: Vec::new(),
        ribbons: Vec::new(),
    }
}

/// Returns the last day of the view.
pub(super) fn last_day(desk: Desk) -> Option<Date> {
    (desk.as_of)().or_else(|| desk.book().map(|book| book.today))
}

/// Returns the close that a period is counted from; none for inception.
pub(super) fn start_of(period: &str, last: Date) -> Option<Date> {
    let back = |span: Span| last.checked_sub(span).ok();
    match period {
        "month" => back(Span::new().months(1)),
        "quarter" => back(Span::new().months(3)),
        "ytd" => last.first_of_year().yesterday().ok(),
        "year" => back(Span::new().years(1)),
        "3-years" => back(Span::new().years(3)),
        "5-years" => back(Span::new().years(5)),
        day => day.parse().ok(),
    }
}

//! The chosen instrument over time: candles and volume, indicators over and below them, corporate actions as marks.

use std::rc::Rc;

use apex_domain::Date;
use apex_wire::{
    chart::ChartData,
    feeds::Adjustment,
    quotes::{CandleInterval, Candles, FetchMinutes, GetCandles, IndicatorAsk},
};
use dioxus::prelude::*;
use gloo_timers::future::TimeoutFuture;
use jiff::{Span, ToSpan as _};

use super::{
    Market,
    quotes::{change, source, time},
};
use crate::{
    answers::{Answer, use_answer},
    browser,
    chart_canvas::{ChartCanvas, ChartLink},
    components::{Button, ButtonKind, EmptyState, Menu, MenuItem, Panel, Tabs},
    desk::{Overlay, sentence, use_desk},
    invoke,
    reading::Reading,
};

const KEPT_INTERVAL: &str = "markets.interval";
const KEPT_RANGE: &str = "markets.range";
const KEPT_ADJUSTMENT: &str = "markets.adjustment";
const KEPT_INDICATORS: &str = "markets.indicators";
/// How often new minutes are asked for while they are shown.
const MINUTES_EVERY_MS: u32 = 60_000;
/// Points at the right of all charts of this page, for the names of lines.
const GUTTER: f32 = 92.0;
/// The stretches of time that are offered; for minutes, the first three are shorter.
const RANGES: [(&str, &str); 5] = [("1m", "1M"), ("3m", "3M"), ("1y", "1Y"), ("5y", "5Y"), ("all", "All")];
const MINUTE_RANGES: [(&str, &str); 3] = [("1m", "1D"), ("3m", "5D"), ("1y", "1M")];

/// The indicators that are offered: id, words, name and parameters.
const INDICATORS: [(&str, &str, &str, &[f64]); 14] = [
    ("sma20", "SMA 20", "SMA", &[20.0]),
    ("sma50", "SMA 50", "SMA", &[50.0]),
    ("sma200", "SMA 200", "SMA", &[200.0]),
    ("ema20", "EMA 20", "EMA", &[20.0]),
    ("ema50", "EMA 50", "EMA", &[50.0]),
    ("bbands", "Bollinger bands 20, 2", "BBANDS", &[20.0, 2.0, 2.0]),
    ("sar", "Parabolic SAR", "SAR", &[]),
    ("rsi", "RSI 14", "RSI", &[14.0]),
    ("macd", "MACD 12, 26, 9", "MACD", &[]),
    ("stoch", "Stochastic", "STOCH", &[]),
    ("atr", "ATR 14", "ATR", &[14.0]),
    ("adx", "ADX 14", "ADX", &[14.0]),
    ("mfi", "Money flow 14", "MFI", &[14.0]),
    ("obv", "On-balance volume", "OBV", &[]),
];

/// What the chart is asked for.
#[derive(Debug, Clone, PartialEq)]
struct Choices {
    interval: CandleInterval,
    range: String,
    adjustment: Adjustment,
    indicators: Vec<String>,
}

impl Choices {
    fn kept(desk: crate::desk::Desk) -> Self {
        let kept = |name: &str| desk.kept(name).unwrap_or_default();
        let range = kept(KEPT_RANGE);
        let indicators = desk.kept(KEPT_INDICATORS).unwrap_or_else(|| "sma50,sma200".to_owned());
        Self {
            interval: CandleInterval::of(&kept(KEPT_INTERVAL)).unwrap_or_default(),
            range: if range.is_empty() { "1y".to_owned() } else { range },
            adjustment: Adjustment::of(&kept(KEPT_ADJUSTMENT)).unwrap_or_default(),
            indicators: indicators
                .split(',')
                .filter(|id| !id.is_empty())
                .map(str::to_owned)
                .collect(),
        }
    }

    /// Returns the first day of the stretch; none for all that is known.
    fn from(&self, until: Date) -> Option<Date> {
        let minutes = self.interval == CandleInterval::Minute;
        let back: Span = match (self.range.as_str(), minutes) {
            ("1m", true) => return Some(until),
            ("3m", true) => 6.days(),
            (_, true) | ("1m", false) => 1.month(),
            ("3m", false) => 3.months(),
            ("1y", false) => 1.year(),
            ("5y", false) => 5.years(),
            _ => return None,
        };
        until.checked_sub(back).ok()
    }

    fn asks(&self) -> Vec<IndicatorAsk> {
        let offered = INDICATORS
            .iter()
            .filter(|(id, ..)| self.indicators.iter().any(|chosen| chosen == id));
        offered
            .map(|(_, _, name, parameters)| IndicatorAsk {
                name: (*name).to_owned(),
                parameters: parameters.to_vec(),
            })
            .collect()
    }
}

/// The chart of the chosen instrument.
#[component]
pub(super) fn MarketChart(market: Market) -> Element {
    let desk = use_desk();
    let choices = use_signal(|| Choices::kept(desk));
    let shown = use_memo(move || {
        let chosen = market.chosen.read().clone()?;
        let choices = choices.read();
        let until = (desk.as_of)().or_else(|| desk.book().map(|book| book.today))?;
        Some(GetCandles {
            instrument: chosen.instrument,
            interval: choices.interval,
            from: choices.from(until),
            until: (desk.as_of)(),
            known_at: (desk.known_at)(),
            adjustment: choices.adjustment,
            indicators: choices.asks(),
        })
    });
    let answer = use_answer(move || shown.read().clone());
    let note = use_minutes(market, choices);
    let chosen = market.chosen.read().clone();
    let Some(chosen) = chosen else {
        return rsx! {
            Panel { testid: "panel-candles", class: "chart-panel market-chart",
                EmptyState { testid: "candles-none", title: "Nothing is chosen", next: "Choose an instrument at the left, or type its symbol and chart in the palette" }
            }
        };
    };
    let quote = market.board.quote(chosen.instrument);
    let name = quote.as_ref().map(|quote| quote.name.clone()).unwrap_or_default();
    rsx! {
        Panel {
            testid: "panel-candles",
            title: chosen.symbol.clone(),
            note: name,
            class: "chart-panel market-chart",
            stale: !(answer.current)() && (answer.failure)().is_none(),
            tools: rsx! { IntervalTools { choices } },
            div { class: "market-line",
                if let Some(quote) = quote {
                    span { class: "market-last", "data-testid": "market-last", {Reading::price(&quote.last).text} }
                    span { class: "faint", "{quote.currency}" }
                    {plain("market-change", &change(&quote))}
                    {plain("market-change-percent", &Reading::rate(&quote.change_fraction))}
                    {plain("market-time", &time(&quote))}
                    {plain("market-source", &source(&quote))}
                } else if let Some(source) = answer.get().and_then(|candles| candles.source.clone()) {
                    span { class: "faint", "{source}" }
                }
                div { class: "toolbar-space" }
                ShapeTools { choices, answer, symbol: chosen.symbol.clone() }
            }
            ChartStack { answer, note, shown }
        }
    }
}

/// While minutes are shown, asks each minute for those that are new; returns why none come.
fn use_minutes(market: Market, choices: Signal<Choices>) -> Signal<Option<String>> {
    let desk = use_desk();
    let mut note = use_signal(|| None::<String>);
    let mut turn = use_hook(|| CopyValue::new(0_u64));
    let wanted = use_memo(move || {
        let choices = choices.read();
        let is_present = (desk.as_of)().is_none() && (desk.known_at)().is_none();
        let is_shown = is_present && choices.interval == CandleInterval::Minute;
        let chosen = market.chosen.read().clone().filter(|_| is_shown)?;
        Some(FetchMinutes {
            instrument: chosen.instrument,
            from: choices.from(desk.book()?.today)?,
        })
    });
    use_effect(move || {
        let wanted = wanted();
        let mine = *turn.peek() + 1;
        turn.set(mine);
        note.set(None);
        let Some(ask) = wanted else { return };
        spawn(async move {
            while *turn.peek() == mine {
                let answer = invoke::invoke(&ask).await;
                if *turn.peek() != mine {
                    return;
                }
                match answer {
                    Ok(fetched) => {
                        if fetched.added > 0 {
                            desk.wrote();
                        }
                        note.set(fetched.note);
                    }
                    Err(failure) => note.set(Some(failure.sentence)),
                }
                TimeoutFuture::new(MINUTES_EVERY_MS).await;
            }
        });
    });
    note
}

fn plain(testid: &str, reading: &Reading) -> Element {
    rsx! {
        span { class: "numeric {reading.tone.class()}", "data-testid": testid, title: reading.hint.clone(), "{reading.text}" }
    }
}

/// How long a candle lasts, and how much time is shown.
#[component]
fn IntervalTools(choices: Signal<Choices>) -> Element {
    let desk = use_desk();
    let set_interval = Callback::new(move |interval: CandleInterval| {
        desk.keep(KEPT_INTERVAL, interval.name().to_owned());
        choices.write().interval = interval;
    });
    let minutes = choices.read().interval == CandleInterval::Minute;
    let ranges: &[(&str, &str)] = if minutes { &MINUTE_RANGES } else { &RANGES };
    let selected = choices.read().range.clone();
    let selected = match ranges.iter().any(|(id, _)| *id == selected) {
        true => selected,
        false => ranges.last().map(|(id, _)| (*id).to_owned()).unwrap_or_default(),
    };
    rsx! {
        Tabs {
            name: "interval",
            tabs: CandleInterval::ALL.iter().map(|(_, id, words)| ((*id).to_owned(), (*words).to_owned())).collect::<Vec<_>>(),
            selected: choices.read().interval.name().to_owned(),
            onselect: move |id: String| {
                if let Some(interval) = CandleInterval::of(&id) {
                    set_interval.call(interval);
                }
            },
        }
        span { class: "tool-gap" }
        Tabs {
            name: "range",
            tabs: ranges.iter().map(|(id, words)| ((*id).to_owned(), (*words).to_owned())).collect::<Vec<_>>(),
            selected,
            onselect: move |id: String| {
                desk.keep(KEPT_RANGE, id.clone());
                choices.write().range = id;
            },
        }
        for (action, interval) in [
            ("candles-minute", CandleInterval::Minute),
            ("candles-day", CandleInterval::Day),
            ("candles-week", CandleInterval::Week),
        ] {
            button { key: "{action}", class: "hidden", r#type: "button", tabindex: "-1", "data-action": action, onclick: move |_| set_interval.call(interval) }
        }
    }
}

/// Adjustment, indicators, an alert and the files.
#[component]
fn ShapeTools(choices: Signal<Choices>, answer: Answer<Candles>, symbol: String) -> Element {
    let mut desk = use_desk();
    let adjustment = choices.read().adjustment;
    let count = choices.read().indicators.len();
    rsx! {
        Menu {
            name: "adjustment",
            from_right: true,
            title: "How prices are adjusted",
            label: rsx! {
                span { class: "faint", "adjusted" }
                match adjustment {
                    Adjustment::None => "not at all",
                    other => other.words(),
                }
                span { class: "caret", "▾" }
            },
            for (value, id, words) in Adjustment::ALL {
                MenuItem {
                    key: "{id}",
                    testid: "adjustment-{id}",
                    chosen: value == adjustment,
                    onclick: move |()| {
                        desk.keep(KEPT_ADJUSTMENT, id.to_owned());
                        choices.write().adjustment = value;
                    },
                    "{words}"
                }
            }
        }
        Menu {
            name: "indicators",
            from_right: true,
            keeps_open: true,
            title: "Indicators over and below the candles",
            label: rsx! {
                "Indicators"
                if count > 0 { span { class: "faint", "{count}" } }
                span { class: "caret", "▾" }
            },
            for (id, words, ..) in INDICATORS {
                MenuItem {
                    key: "{id}",
                    testid: "indicator-{id}",
                    chosen: choices.read().indicators.iter().any(|chosen| chosen == id),
                    onclick: move |()| {
                        let mut next = choices.peek().indicators.clone();
                        match next.iter().position(|chosen| chosen == id) {
                            Some(at) => {
                                next.remove(at);
                            }
                            None => next.push(id.to_owned()),
                        }
                        desk.keep(KEPT_INDICATORS, next.join(","));
                        choices.write().indicators = next;
                    },
                    "{words}"
                }
            }
        }
        Button {
            testid: "alert-new",
            action: "alert-new",
            kind: ButtonKind::Quiet,
            title: "Be told when something happens to {symbol} (n)",
            onclick: move |_| desk.overlay.set(Some(Overlay::NewAlert { symbol: symbol.clone() })),
            "Alert…"
        }
        Menu {
            name: "chart-candles",
            from_right: true,
            class: "button quiet icon",
            title: "Export",
            label: rsx! { "⋯" },
            MenuItem {
                testid: "chart-candles-csv",
                onclick: move |()| {
                    if let Some(candles) = answer.latest.peek().clone() {
                        let chart = ChartData::Candles(candles.chart.clone());
                        browser::save_text(&format!("{}.csv", chart.title()), &apex_charts::csv(&chart));
                    }
                },
                "Save prices as CSV"
            }
            for (at, pane) in answer.get().iter().flat_map(|candles| candles.panes.iter().map(|pane| pane.title.clone())).enumerate() {
                MenuItem {
                    key: "{at}",
                    testid: "chart-pane-{at}-csv",
                    onclick: move |()| {
                        if let Some(pane) = answer.latest.peek().as_ref().and_then(|candles| candles.panes.get(at).cloned()) {
                            let chart = ChartData::Line(pane);
                            browser::save_text(&format!("{}.csv", chart.title()), &apex_charts::csv(&chart));
                        }
                    },
                    "Save {pane} as CSV"
                }
            }
        }
    }
}

/// The candles and the panes below them, all over the same stretch of time.
#[component]
fn ChartStack(answer: Answer<Candles>, note: Signal<Option<String>>, shown: Memo<Option<GetCandles>>) -> Element {
    let desk = use_desk();
    let theme = use_memo(move || desk.theme().to_owned());
    let cursor = use_signal(|| None::<f64>);
    let view = use_signal(|| None::<(f64, f64)>);
    let data = use_memo(move || Some(Rc::new(ChartData::Candles(answer.get()?.chart.clone()))));
    let extent = use_memo(move || Some(apex_charts::candle_extent(&answer.get()?.chart)));
    let failure = use_memo(move || (answer.failure)().map(|failure| sentence(&failure.sentence)));
    // Another stretch or instrument is seen whole; a candle more changes nothing.
    use_effect(move || {
        let _ = shown();
        let mut view = view;
        if view.peek().is_some() {
            view.set(None);
        }
    });
    let link = ChartLink {
        view,
        extent: extent.into(),
        gutter: GUTTER,
    };
    let panes = answer.get().map_or(0, |candles| candles.panes.len());
    let mut notes = answer.get().map(|candles| candles.notes.clone()).unwrap_or_default();
    notes.extend(note());
    rsx! {
        div { class: "chart-stack",
            div { class: "chart-fill",
                ChartCanvas { name: "chart-candles", data, theme, failure, cursor, link }
            }
            for at in 0..panes {
                Pane { key: "{at}", at, answer, theme, cursor, link }
            }
        }
        if !notes.is_empty() {
            p { class: "chart-notes", "data-testid": "candle-notes", title: notes.join("\n"),
                {sentence(&notes.join("; "))}
            }
        }
    }
}

#[component]
fn Pane(
    at: usize,
    answer: Answer<Candles>,
    theme: Memo<String>,
    cursor: Signal<Option<f64>>,
    link: ChartLink,
) -> Element {
    let data = use_memo(move || Some(Rc::new(ChartData::Line(answer.get()?.panes.get(at)?.clone()))));
    rsx! {
        div { class: "chart-pane",
            ChartCanvas { name: "chart-pane-{at}", data, theme, cursor, link }
        }
    }
}

//! What was found wrong with prices: the list, and one fault with its figures before and after, decided by one click.

use std::rc::Rc;

use apex_domain::Decimal;
use apex_wire::{
    chart::{Axis, ChartData, LineData, LineSeries, Ribbon, Tone as ChartTone, Unit, day_number},
    feeds::{DecideFinding, Decision, Finding, FindingState},
};
use dioxus::{core::spawn_forever, prelude::*};

use crate::{
    answers::Answer,
    chart_canvas::ChartCanvas,
    components::{
        Button, ButtonKind, Column, EmptyState, FailedState, Grid, Line, LineKind, Lines, LoadingState, Panel,
    },
    desk::{Desk, sentence, use_desk},
    reading::{Reading, Tone},
};

/// The list and the fault that is looked at.
#[component]
pub(super) fn QuarantineTab(answer: Answer<Vec<Finding>>, settled: bool) -> Element {
    let mut at = use_signal(|| 0_usize);
    let lines = use_memo(move || {
        answer.get().map_or_else(Lines::default, |found| {
            Lines::new(0, found.len(), move |row| line_of(&found[row]))
        })
    });
    if let Some(failure) = (answer.failure)() {
        return rsx! { FailedState { testid: "quarantine-failed", failure } };
    }
    let Some(found) = answer.get() else {
        return rsx! { LoadingState { what: "Reading what was found" } };
    };
    let shown = found.get(at().min(found.len().saturating_sub(1))).cloned();
    rsx! {
        div { class: "grid-box",
            Grid {
                name: "quarantine",
                columns: columns(),
                total: found.len(),
                lines: lines(),
                autofocus: true,
                at: Some(0),
                stale: !(answer.current)(),
                onfocusrow: move |row| at.set(row),
                onopen: move |row| {
                    at.set(row);
                    crate::browser::focus("[data-testid='finding-take']");
                },
                EmptyState {
                    testid: "quarantine-empty",
                    title: if settled { "Nothing was ever found" } else { "Nothing waits for you" },
                    next: "Whatever is odd about prices that are fetched stands here, and is not used before it is decided",
                }
            }
        }
        if let Some(finding) = shown {
            FindingPanel { finding, stale: !(answer.current)() }
        }
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::words("symbol", "Symbol", 72).unsorted(),
        Column::words("title", "What", 120).unsorted(),
        Column::words("from", "From", 82).unsorted(),
        Column::words("until", "Until", 82).unsorted(),
        Column::words("state", "State", 84).unsorted(),
        Column::figures("confidence", "Sure, %", 72).unsorted(),
        Column::words("provider", "Source", 92).unsorted(),
        Column::words("reason", "Why", 160).growing().unsorted(),
    ]
}

/// Returns how a fault stands, in words.
fn state_reading(state: FindingState) -> Reading {
    match state {
        FindingState::Waiting => Reading::text("? waits").toned(Tone::Warning),
        FindingState::Repaired => Reading::text("repaired").hinted("sure, and repaired without asking"),
        FindingState::Taken => Reading::text("taken").hinted("you took the repair"),
        FindingState::Kept => Reading::text("kept").hinted("you kept the figures as they came"),
        FindingState::LeftOut => Reading::text("left out").hinted("you left the days out"),
    }
}

fn line_of(finding: &Finding) -> Line {
    Line {
        testid: format!("finding-{}", finding.symbol),
        kind: LineKind::Plain,
        cells: vec![
            Reading::text(&finding.symbol),
            Reading::text(sentence(&finding.title)).hinted(&finding.kind),
            Reading::text(finding.from.to_string()),
            if finding.until == finding.from {
                Reading::faint("that day")
            } else {
                Reading::text(finding.until.to_string())
            },
            state_reading(finding.state),
            Reading::text(apex_format::percent_number(finding.confidence, 0).to_string()),
            Reading::faint(finding.provider.words()),
            Reading::faint(sentence(&finding.reason)).hinted(sentence(&finding.reason)),
        ],
    }
}

fn decide(desk: Desk, finding: &Finding, decision: Decision) {
    let ask = DecideFinding {
        id: finding.id.clone(),
        decision,
    };
    let said = format!(
        "{} {}: {}",
        finding.symbol,
        finding.from,
        decision.words().to_lowercase()
    );
    spawn_forever(async move {
        match desk.write(ask).await {
            Ok(_) => desk.say(said),
            Err(failure) => desk.fail(&failure),
        }
    });
}

/// One fault: why, the figures, the closes around it, and the decisions.
#[component]
fn FindingPanel(finding: Finding, stale: bool) -> Element {
    let desk = use_desk();
    let theme = use_memo(move || desk.theme().to_owned());
    let drawn = finding.clone();
    let chart = use_memo(use_reactive!(|(drawn,)| Some(Rc::new(closes(&drawn)))));
    let waits = matches!(finding.state, FindingState::Waiting | FindingState::Repaired);
    let offered = [
        ("finding-take", Decision::Take, "t", ButtonKind::Primary),
        ("finding-keep", Decision::Keep, "k", ButtonKind::Plain),
        ("finding-leave-out", Decision::LeaveOut, "l", ButtonKind::Plain),
        ("finding-undo", Decision::Undo, "u", ButtonKind::Plain),
    ];
    let days = match finding.from == finding.until {
        true => finding.from.to_string(),
        false => format!("{} to {}", finding.from, finding.until),
    };
    let is_offered = |decision: Decision| match (decision, finding.state) {
        (Decision::Undo, _) => !waits,
        (Decision::Take, FindingState::Repaired) => false,
        _ => waits,
    };
    let state = state_reading(finding.state);
    let left_out = finding.cell_count.saturating_sub(finding.cells.len());
    rsx! {
        Panel {
            testid: "panel-finding",
            title: "{finding.symbol}: {finding.title}",
            note: days,
            class: "finding-panel",
            stale,
            tools: rsx! {
                for (action, decision, key, kind) in offered.into_iter().filter(|(_, decision, ..)| is_offered(*decision)) {
                    Button {
                        key: "{action}",
                        testid: action,
                        action,
                        kind,
                        title: "{decision.words()} ({key})",
                        onclick: {
                            let finding = finding.clone();
                            move |_| decide(desk, &finding, decision)
                        },
                        "{decision.words()}"
                        kbd { "{key}" }
                    }
                }
            },
            div { class: "finding",
                div { class: "finding-words",
                    p { "data-testid": "finding-reason", {sentence(&finding.reason)} }
                    p { class: "faint",
                        {format!("{} says so, {} sure · ", finding.provider.words(), apex_format::percent(finding.confidence, 0))}
                        span { class: state.tone.class(), "data-testid": "finding-state", "{state.text}" }
                    }
                    table { class: "table", "data-testid": "finding-cells",
                        thead {
                            tr {
                                th { "Day" }
                                th { "Figure" }
                                th { class: "numeric", "As it came" }
                                th { class: "numeric", "Repaired" }
                            }
                        }
                        tbody {
                            for (at, cell) in finding.cells.iter().enumerate() {
                                tr { key: "{at}",
                                    td { class: "numeric-left", "{cell.date}" }
                                    td { class: "faint", "{cell.field}" }
                                    td { class: "numeric", {figure(cell.before)} }
                                    td { class: if cell.before == cell.after { "numeric faint" } else { "numeric strong" }, {figure(cell.after)} }
                                }
                            }
                        }
                    }
                    if left_out > 0 {
                        p { class: "faint", {format!("and {} more", apex_format::counted(left_out as u64, "figure"))} }
                    }
                }
                div { class: "finding-chart",
                    ChartCanvas { name: "chart-finding", data: chart, theme }
                }
            }
        }
    }
}

fn figure(value: Option<Decimal>) -> String {
    value.map_or_else(
        || apex_format::UNKNOWN.to_owned(),
        |value| Reading::price_text(value).to_string(),
    )
}

/// Draws the closes around a fault, as they are published, as they came and as they would be repaired.
fn closes(finding: &Finding) -> ChartData {
    // The chart's own numbers: a drawn value is no amount.
    let drawn = |value: Option<Decimal>| value.and_then(|value| value.to_string().parse::<f64>().ok());
    let cells = || finding.cells.iter().filter(|cell| cell.field == "close");
    let mut series = vec![LineSeries::over_dates(
        "Published",
        finding.around.iter().map(|(day, close)| (*day, drawn(*close))),
    )];
    // A figure far beyond all others would flatten what is to be seen; the table beside has it.
    let known = || finding.around.iter().filter_map(|(_, close)| drawn(*close));
    let (low, high) = known().fold((f64::MAX, f64::MIN), |(low, high), close| {
        (low.min(close), high.max(close))
    });
    let near = |value: Option<f64>| value.filter(|value| low > high || (low / 2.0..=high * 2.0).contains(value));
    let as_it_came = cells().map(|cell| (cell.date, near(drawn(cell.before))));
    let mut others = vec![("As it came", 3, as_it_came.collect::<Vec<_>>())];
    others.push((
        "Repaired",
        2,
        cells().map(|cell| (cell.date, drawn(cell.after))).collect(),
    ));
    for (name, hue, points) in others {
        if points.iter().any(|(_, value)| value.is_some()) {
            series.push(LineSeries {
                hue: Some(hue),
                ..LineSeries::over_dates(name, points)
            });
        }
    }
    ChartData::Line(LineData {
        title: format!("{} closes", finding.symbol),
        x: Axis::date(),
        y: Axis::new("Close", Unit::Number { decimals: 2 }),
        series,
        marks: Vec::new(),
        ribbons: vec![Ribbon {
            from: day_number(finding.from) - 0.5,
            until: day_number(finding.until) + 0.5,
            label: finding.title.clone(),
            tone: ChartTone::Warning,
        }],
    })
}

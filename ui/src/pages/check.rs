//! The Check page: the calculator proves itself on worked examples, run in the shipped engine.

use apex_wire::check::{CheckCase, CheckReport, RunCheck};
use dioxus::prelude::*;

use crate::{
    answers::{Answer, use_answer},
    browser,
    components::{Button, EmptyState, FailedState, Figure, LoadingState, Panel},
    desk::use_desk,
    reading::{Reading, Tone},
};

/// The page.
#[component]
pub(crate) fn CheckPage() -> Element {
    let answer = use_answer(|| Some(RunCheck {}));
    let body = match (answer.get(), (answer.failure)()) {
        (_, Some(failure)) => rsx! { FailedState { testid: "check-failed", failure } },
        (None, None) => rsx! { LoadingState { what: "Running every worked example" } },
        (Some(_), None) => rsx! { CheckBody { answer } },
    };
    rsx! {
        div { class: "page-body checks", "data-testid": "page-check", {body} }
    }
}

#[component]
fn CheckBody(answer: Answer<CheckReport>) -> Element {
    let mut desk = use_desk();
    let mut search = use_signal(String::new);
    let mut only_failed = use_signal(|| false);
    let Some(report) = answer.get() else { return rsx! {} };
    let stale = !(answer.current)();
    let words = search.read().trim().to_lowercase();
    let shown: Vec<CheckCase> = report
        .cases
        .iter()
        .filter(|case| (!only_failed() || !case.ok) && mentions(case, &words))
        .cloned()
        .collect();
    let groups = grouped(&shown);
    let all_groups = grouped(&report.cases).len();
    let (verdict, tone) = if report.failed == 0 {
        ("every example agrees", Tone::Gain)
    } else {
        ("not all of them", Tone::Plain)
    };
    let csv = csv_of(&report.cases);
    rsx! {
        div { class: "strip", "data-stale": if stale { "true" },
            Figure {
                name: "check-passed",
                label: "Examples that agree",
                headline: true,
                reading: Reading::text(apex_format::count(report.passed as u64).to_string()).toned(tone),
                unit: "of {report.cases.len()}",
                note: verdict,
            }
            Figure {
                name: "check-failed-count",
                label: "Do not agree",
                reading: Reading::text(apex_format::count(report.failed as u64).to_string())
                    .toned(if report.failed == 0 { Tone::Plain } else { Tone::Loss }),
                note: "outside their tolerance",
            }
            Figure {
                name: "check-groups",
                label: "Parts of the engine",
                reading: Reading::text(apex_format::count(all_groups as u64).to_string()),
                note: "each with its own examples",
            }
            Figure {
                name: "check-engine",
                label: "Engine",
                reading: Reading::text(desk.book().map(|book| book.engine).unwrap_or_else(|| apex_format::UNKNOWN.to_owned())),
                note: "the one that computes every figure",
            }
        }
        div { class: "toolbar",
            input {
                class: "input filter",
                "data-filter": "true",
                "data-testid": "check-filter",
                r#type: "text",
                autocomplete: "off",
                spellcheck: "false",
                placeholder: "Filter by name, source or part  /",
                value: search(),
                oninput: move |event| search.set(event.value()),
            }
            crate::components::Check {
                name: "only-failed",
                label: "only what does not agree",
                checked: only_failed(),
                onchange: move |checked| only_failed.set(checked),
            }
            div { class: "toolbar-space" }
            Button {
                testid: "check-csv",
                onclick: move |_| browser::save_text("check.csv", &csv),
                "Save as CSV"
            }
            Button {
                testid: "check-again",
                title: "Run every example again in the engine",
                onclick: move |_| {
                    // The examples read no book; asking again needs only that no kept answer is taken.
                    desk.answers.write().clear();
                    desk.wrote();
                },
                "Run again"
            }
        }
        Panel { testid: "panel-check", class: "area-check table-panel", stale,
            if groups.is_empty() {
                EmptyState { testid: "check-none", title: "No example matches",
                    Button {
                        testid: "check-clear",
                        onclick: move |_| {
                            search.set(String::new());
                            only_failed.set(false);
                        },
                        "Show all"
                    }
                }
            } else {
                table { class: "table checks-table", "data-testid": "check-cases",
                    thead {
                        tr {
                            th { "" }
                            th { "Example" }
                            th { class: "numeric", "Expected" }
                            th { class: "numeric", "Engine" }
                            th { "Tolerance" }
                            th { "Source" }
                        }
                    }
                    for (group, cases) in groups {
                        tbody { key: "{group}", "data-testid": "check-group-{group}",
                            tr { class: "group-line",
                                td { colspan: "6",
                                    "{group}"
                                    span { class: "unit", {agreeing(&cases)} }
                                }
                            }
                            for (at, case) in cases.iter().enumerate() {
                                {case_row(at, case)}
                            }
                        }
                    }
                }
            }
        }
    }
}

fn case_row(at: usize, case: &CheckCase) -> Element {
    let CheckCase {
        name,
        source,
        inputs,
        expected,
        actual,
        tolerance,
        ok,
        ..
    } = case;
    rsx! {
        tr { key: "{at}", "data-testid": "check-case", "data-ok": if *ok { "true" } else { "false" },
            td { class: if *ok { "gain verdict-mark" } else { "loss verdict-mark" }, title: if *ok { "agrees" } else { "does not agree" },
                if *ok { "✓" } else { "✕" }
            }
            td { class: "case-name",
                span { class: "strong", "{name}" }
                span { class: "case-inputs", title: "{inputs}", "{inputs}" }
            }
            td { class: "numeric mono", title: "{expected}", "{expected}" }
            td { class: if *ok { "numeric mono" } else { "numeric mono loss strong" }, title: "{actual}", "{actual}" }
            td { class: "faint", "{tolerance}" }
            td { class: "faint case-source", "{source}" }
        }
    }
}

/// Returns the cases by group, in the order of the report.
fn grouped(cases: &[CheckCase]) -> Vec<(String, Vec<CheckCase>)> {
    let mut groups: Vec<(String, Vec<CheckCase>)> = Vec::new();
    for case in cases {
        match groups.iter_mut().find(|(group, _)| *group == case.group) {
            Some((_, cases)) => cases.push(case.clone()),
            None => groups.push((case.group.clone(), vec![case.clone()])),
        }
    }
    groups
}

fn agreeing(cases: &[CheckCase]) -> String {
    format!(
        "{} of {} agree",
        cases.iter().filter(|case| case.ok).count(),
        cases.len()
    )
}

fn mentions(case: &CheckCase, words: &str) -> bool {
    let text = format!("{} {} {} {}", case.name, case.group, case.source, case.inputs).to_lowercase();
    words.split_whitespace().all(|word| text.contains(word))
}

fn csv_of(cases: &[CheckCase]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let lines = cases.iter().map(|case| {
        let cells = [
            &case.group,
            &case.name,
            &case.inputs,
            &case.expected,
            &case.actual,
            &case.tolerance,
            &case.source,
        ];
        format!("{},{}\n", cells.map(|cell| quoted(cell)).join(","), case.ok)
    });
    std::iter::once("group,name,inputs,expected,actual,tolerance,source,ok\n".to_owned())
        .chain(lines)
        .collect()
}

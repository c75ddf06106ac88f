//! The segments with weights, returns and effects; a row opens to its instruments.

use std::collections::BTreeSet;
use std::rc::Rc;

use apex_wire::{
    Statistic,
    attribution::{Attribution, AttributionSettings, EffectName, SegmentRow},
    explain::FigureName,
};
use dioxus::prelude::*;

use crate::{
    browser,
    components::{EmptyState, FigureCell, Menu, MenuItem, Panel},
    desk::{Page, use_desk},
    frame::inspector::use_reactive,
    reading::Reading,
};

/// The table.
#[component]
pub(super) fn SegmentsPanel(
    found: Rc<Attribution>,
    settings: AttributionSettings,
    /// The symbol or segment that was asked for by name.
    marked: String,
    stale: bool,
) -> Element {
    let desk = use_desk();
    let mut opened = use_signal(BTreeSet::<String>::new);
    let asked = use_reactive(marked.clone());
    let listed = use_reactive(found.clone());
    use_effect(move || {
        let symbol = asked();
        let holder = listed.peek().segments.iter().find_map(|row| {
            let inside = row.instruments.iter().any(|part| part.label == symbol);
            inside.then(|| row.label.clone())
        });
        if let Some(holder) = holder {
            opened.write().insert(holder);
            browser::after_paint(|| browser::scroll_to("[data-testid='segments'] [aria-selected='true']"));
        }
    });
    let csv = csv_of(&found);
    let head = settings.by.as_str();
    let explain = |segment: &str, effect: EffectName| FigureName::SegmentEffect {
        settings: Box::new(settings.clone()),
        segment: segment.to_owned(),
        effect,
    };
    rsx! {
        Panel {
            testid: "panel-segments",
            title: "Segments",
            note: "mean weights, linked returns and effects, %",
            class: "area-segments table-panel",
            stale,
            tools: rsx! {
                Menu {
                    name: "segments",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "segments-csv",
                        onclick: move |()| browser::save_text("attribution.csv", &csv),
                        "Save as CSV"
                    }
                }
            },
            if found.segments.is_empty() {
                EmptyState { testid: "segments-empty", title: "Nothing was held in this period" }
            } else {
                table { class: "table segments", "data-testid": "segments",
                    thead {
                        tr { class: "groups",
                            th { "" }
                            th { colspan: 2, class: "numeric", "Weight" }
                            th { colspan: 2, class: "numeric", "Return" }
                            th { colspan: 2, class: "numeric", "Contribution" }
                            th { colspan: 4, class: "numeric", "Effects" }
                        }
                        tr {
                            th { class: "first", "By {head}" }
                            th { class: "numeric", "Portfolio" }
                            th { class: "numeric", "Benchmark" }
                            th { class: "numeric", "Portfolio" }
                            th { class: "numeric", "Benchmark" }
                            th { class: "numeric", "Portfolio" }
                            th { class: "numeric", "Benchmark" }
                            th { class: "numeric", "Allocation" }
                            th { class: "numeric", "Selection" }
                            th { class: "numeric", "Interaction" }
                            th { class: "numeric", "Total" }
                        }
                    }
                    tbody {
                        for row in found.segments.iter() {
                            tr {
                                key: "{row.label}",
                                "data-testid": "segment-{row.label}",
                                "aria-selected": if row.label == marked { "true" },
                                td {
                                    button {
                                        class: "link disclosure",
                                        r#type: "button",
                                        "data-testid": "segment-open-{row.label}",
                                        "aria-expanded": if opened.read().contains(&row.label) { "true" } else { "false" },
                                        title: "Show the instruments",
                                        onclick: {
                                            let label = row.label.clone();
                                            move |_| {
                                                let mut opened = opened.write();
                                                if !opened.remove(&label) {
                                                    opened.insert(label.clone());
                                                }
                                            }
                                        },
                                        span { class: "disclosure-mark", if opened.read().contains(&row.label) { "▾" } else { "▸" } }
                                        "{row.label}"
                                    }
                                }
                                {measured(row, &row.label)}
                                FigureCell {
                                    name: "allocation-{row.label}",
                                    reading: Reading::rate_number(&row.allocation),
                                    explain: known(&row.allocation, || explain(&row.label, EffectName::Allocation)),
                                }
                                FigureCell {
                                    name: "selection-{row.label}",
                                    reading: Reading::rate_number(&row.selection),
                                    explain: known(&row.selection, || explain(&row.label, EffectName::Selection)),
                                }
                                FigureCell {
                                    name: "interaction-{row.label}",
                                    reading: Reading::rate_number(&row.interaction),
                                    explain: known(&row.interaction, || explain(&row.label, EffectName::Interaction)),
                                }
                                FigureCell {
                                    name: "effect-{row.label}",
                                    reading: Reading::rate_number(&row.effect),
                                    explain: known(&row.effect, || explain(&row.label, EffectName::Effect)),
                                    strong: true,
                                }
                            }
                            if opened.read().contains(&row.label) {
                                for part in row.instruments.iter() {
                                    tr {
                                        key: "{row.label}/{part.label}",
                                        class: "part",
                                        "data-testid": "segment-part-{part.label}",
                                        "aria-selected": if part.label == marked { "true" },
                                        td {
                                            button {
                                                class: "link",
                                                r#type: "button",
                                                title: "Show {part.label} in Holdings",
                                                onclick: {
                                                    let symbol = part.label.clone();
                                                    move |_| desk.go_to(Page::Holdings, &symbol)
                                                },
                                                "{part.label}"
                                            }
                                        }
                                        {measured(part, &format!("{}-{}", row.label, part.label))}
                                        td {}
                                        FigureCell { name: "selection-{row.label}-{part.label}", reading: Reading::rate_number(&part.selection) }
                                        td {}
                                        FigureCell { name: "effect-{row.label}-{part.label}", reading: Reading::rate_number(&part.effect) }
                                    }
                                }
                            }
                        }
                    }
                    tfoot {
                        tr { "data-testid": "segment-total",
                            td { class: "strong", "Total" }
                            {measured(&found.total, "total")}
                            FigureCell { name: "allocation-total", reading: Reading::rate_number(&found.total.allocation), strong: true }
                            FigureCell { name: "selection-total", reading: Reading::rate_number(&found.total.selection), strong: true }
                            FigureCell { name: "interaction-total", reading: Reading::rate_number(&found.total.interaction), strong: true }
                            FigureCell { name: "effect-total", reading: Reading::rate_number(&found.total.effect), strong: true }
                        }
                    }
                }
            }
        }
    }
}

/// What explains a figure, where there is a figure.
fn known(figure: &Statistic, explain: impl FnOnce() -> FigureName) -> Option<FigureName> {
    figure.known().map(|_| explain())
}

/// Weights, returns and contributions of both.
fn measured(row: &SegmentRow, name: &str) -> Element {
    rsx! {
        FigureCell { name: "weight-{name}", reading: Reading::weight(&row.weight) }
        FigureCell { name: "benchmark-weight-{name}", reading: Reading::weight(&row.benchmark_weight) }
        FigureCell { name: "return-{name}", reading: Reading::rate_number(&row.portfolio_return) }
        FigureCell { name: "benchmark-return-{name}", reading: Reading::rate_number(&row.benchmark_return) }
        FigureCell { name: "contribution-{name}", reading: Reading::rate_number(&row.contribution) }
        FigureCell { name: "benchmark-contribution-{name}", reading: Reading::rate_number(&row.benchmark_contribution) }
    }
}

fn csv_of(found: &Attribution) -> String {
    let text = |figure: &Statistic| figure.known().map_or_else(String::new, ToString::to_string);
    let line = |segment: &str, instrument: &str, row: &SegmentRow| {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let figures = [
            &row.weight,
            &row.benchmark_weight,
            &row.portfolio_return,
            &row.benchmark_return,
            &row.contribution,
            &row.benchmark_contribution,
            &row.allocation,
            &row.selection,
            &row.interaction,
            &row.effect,
        ];
        let figures: Vec<String> = figures.into_iter().map(text).collect();
        format!("{},{},{}\n", quoted(segment), quoted(instrument), figures.join(","))
    };
    let mut csv =
        "segment,instrument,weight,benchmark_weight,return,benchmark_return,contribution,benchmark_contribution,\
                   allocation,selection,interaction,effect\n"
            .to_owned();
    for row in &found.segments {
        csv.push_str(&line(&row.label, "", row));
        for part in &row.instruments {
            csv.push_str(&line(&row.label, &part.label, part));
        }
    }
    csv.push_str(&line("Total", "", &found.total));
    csv
}

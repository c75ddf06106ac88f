//! The Attribution page: why a portfolio did better or worse than a benchmark, by segment and by period.

mod choices;
mod periods;
mod segments;

use std::rc::Rc;

use apex_wire::{
    Statistic,
    attribution::{Attribution, AttributionSettings, GetAttribution, SegmentRow},
    explain::FigureName,
};
use dioxus::prelude::*;
use jiff::civil::Date;

use self::{
    choices::{Choices, Toolbar, settings_of},
    periods::{CurrenciesPanel, EffectsChart, PeriodsPanel},
    segments::SegmentsPanel,
};
use super::performance::{last_day, start_of};
use crate::{
    answers::{Answer, use_answer},
    components::{Button, ButtonKind, EmptyState, FailedState, Figure, LoadingState},
    desk::{Overlay, Page, sentence, use_desk},
    reading::Reading,
};

/// The page.
#[component]
pub(crate) fn AttributionPage() -> Element {
    let mut desk = use_desk();
    let mut choices = use_signal(|| Choices::kept(desk));
    // A period of the list, looked at alone.
    let mut alone = use_signal(|| None::<(String, Date, Date)>);
    let settings = use_memo(move || {
        let from = start_of(&choices.read().period, last_day(desk)?);
        let mut settings = settings_of(&choices.read()).ok()?;
        (settings.from, settings.to) = match alone() {
            Some((_, from, to)) => (Some(from), Some(to)),
            None => (from, None),
        };
        Some(settings)
    });
    let answer = use_answer(move || {
        Some(GetAttribution {
            view: desk.view()?,
            settings: settings()?,
        })
    });
    // The last blend that could be read stays while another one is typed.
    let unfinished = settings_of(&choices.read()).err();
    let outside = (answer.failure)().filter(|failure| matches!(failure.field.as_deref(), Some("from" | "to")));
    let body = match (answer.get(), (answer.failure)()) {
        (_, Some(failure)) if outside.is_some() => rsx! {
            EmptyState {
                testid: "attribution-empty",
                title: "Nothing to attribute yet",
                next: sentence(&failure.sentence),
                if choices.read().period == "all" {
                    Button {
                        testid: "empty-add",
                        kind: ButtonKind::Primary,
                        onclick: move |_| desk.overlay.set(Some(Overlay::AddTransaction { symbol: String::new() })),
                        "Add a transaction…"
                    }
                } else {
                    Button {
                        testid: "period-all",
                        onclick: move |_| {
                            alone.set(None);
                            choices.write().period = "all".to_owned();
                        },
                        "Show everything"
                    }
                }
            }
        },
        (_, Some(failure)) => rsx! { FailedState { testid: "attribution-failed", failure } },
        (None, None) if unfinished.is_some() => rsx! {
            EmptyState {
                testid: "attribution-unfinished",
                title: "A blend needs instruments and weights",
                next: "Write them as KO 60, AAPL 30, Cash 10 in percent",
            }
        },
        (None, None) => rsx! { LoadingState { what: "Measuring weights and returns of every day" } },
        (Some(_), None) => rsx! {
            Body {
                answer,
                settings: settings().unwrap_or_default(),
                alone: alone().map(|(label, ..)| label),
                onperiod: move |period: Option<(String, Date, Date)>| alone.set(period),
            }
        },
    };
    rsx! {
        div { class: "page-body attribution", "data-testid": "page-attribution",
            Toolbar { choices, unfinished, onperiod: move |()| alone.set(None) }
            {body}
        }
    }
}

#[component]
fn Body(
    answer: Answer<Attribution>,
    settings: AttributionSettings,
    alone: Option<String>,
    onperiod: EventHandler<Option<(String, Date, Date)>>,
) -> Element {
    let desk = use_desk();
    let mut marked = use_signal(String::new);
    // A subject from the palette opens the segment it is in, once.
    use_effect(move || {
        let Some(found) = answer.get() else { return };
        let Some(symbol) = desk.take_subject(Page::Attribution) else {
            return;
        };
        let holds = |row: &&SegmentRow| row.label == symbol || row.instruments.iter().any(|part| part.label == symbol);
        match found.segments.iter().find(holds) {
            Some(_) => marked.set(symbol),
            None => desk.say(format!("{symbol} was not held in this period")),
        }
    });
    let stale = !(answer.current)();
    let Some(found) = answer.get() else { return rsx! {} };
    rsx! {
        Headline { found: found.clone(), settings: settings.clone(), stale }
        if let Some(because) = found.effects_because.clone() {
            p { class: "notice area-because", "data-testid": "attribution-because",
                "Contributions only: {because}"
            }
        }
        SegmentsPanel { found: found.clone(), settings: settings.clone(), marked: marked(), stale }
        EffectsChart { answer, settings: settings.clone(), stale }
        PeriodsPanel { found: found.clone(), settings, alone, stale, onperiod }
        CurrenciesPanel { found, stale }
    }
}

#[component]
fn Headline(found: Rc<Attribution>, settings: AttributionSettings, stale: bool) -> Element {
    let total = &found.total;
    let method = settings.linking.as_str();
    let residual = match &found.residual {
        Statistic::Known(value) => Reading::text(format!("{value:.1e}")),
        Statistic::Unavailable(because) => Reading::unknown(because),
    };
    rsx! {
        div { class: "strip", "data-stale": if stale { "true" },
            Figure {
                name: "attribution-active",
                label: "Active return",
                headline: true,
                reading: Reading::rate(&found.active_return),
                note: "{found.from} to {found.to}",
            }
            Figure {
                name: "attribution-portfolio",
                label: "Portfolio",
                reading: Reading::rate(&found.portfolio_return),
                note: "time-weighted",
                explain: settings.to.is_none().then_some(FigureName::Twr { from: settings.from }),
            }
            Figure {
                name: "attribution-benchmark",
                label: "Benchmark",
                reading: Reading::rate(&found.benchmark_return),
                note: found.benchmark.clone().unwrap_or_else(|| "choose one".to_owned()),
                note_gives_way: true,
            }
            Figure { name: "attribution-allocation", label: "Allocation", reading: Reading::rate(&total.allocation), note: "weights" }
            Figure { name: "attribution-selection", label: "Selection", reading: Reading::rate(&total.selection), note: "returns" }
            Figure { name: "attribution-interaction", label: "Interaction", reading: Reading::rate(&total.interaction), note: "both together" }
            if settings.with_currency {
                Figure { name: "attribution-currency", label: "Currency", reading: Reading::rate(&found.currency_effect), note: "Karnosky-Singer" }
            }
            Figure { name: "attribution-residual", label: "Residual", reading: residual, note: "linked, {method}" }
        }
    }
}

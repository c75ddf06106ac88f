//! Sliders for the shocks everybody asks about first; the book answers while the hand is still on them.

use apex_wire::scenario::{RatePoint, Rest, SaveScenario, Scenario, Selection, Shock};
use dioxus::{core::spawn_forever, prelude::*};

use super::rest::RestSelect;
use crate::{
    components::{Button, Field},
    desk::{sentence, set_if_there, use_desk},
};

/// The name under which the sliders stand in the list.
pub(super) const SLIDERS: &str = "Sliders";

/// Where the sliders stand.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sliders {
    values: [f64; 5],
    rest: Rest,
}

/// One slider: test id, words, unit, largest value to both sides, step.
const TRACKS: [(&str, &str, &str, f64, f64); 5] = [
    ("shares", "Shares", "%", 50.0, 0.5),
    ("rates", "Rates", "bp", 300.0, 5.0),
    ("spreads", "Spreads", "bp", 500.0, 5.0),
    ("currencies", "Other currencies", "%", 30.0, 0.5),
    ("volatility", "Volatility", "points", 40.0, 0.5),
];

impl Sliders {
    /// Returns the scenario the sliders stand for.
    pub(super) fn scenario(&self) -> Scenario {
        let [shares, rates, spreads, currencies, volatility] = self.values;
        let mut shocks: Vec<Shock> = ["equity", "etf", "fund"]
            .map(|kind| Shock::Price {
                of: Selection::Kind(kind.to_owned()),
                change_percent: shares,
            })
            .into();
        shocks.extend([
            Shock::Rates {
                currency: None,
                points: vec![RatePoint {
                    years: 0.0,
                    shift_bp: rates,
                }],
            },
            Shock::Spread {
                of: Selection::All,
                shift_bp: spreads,
            },
            Shock::Currency {
                currency: None,
                change_percent: currencies,
            },
            Shock::Volatility {
                of: Selection::All,
                shift_points: volatility,
            },
        ]);
        // What nobody moved is no shock, so that it can follow the rest.
        shocks.retain(|shock| size(shock) != 0.0);
        if shocks.is_empty() {
            shocks.push(Shock::Currency {
                currency: None,
                change_percent: 0.0,
            });
        }
        Scenario {
            shocks,
            rest: self.rest,
            ..Scenario::new(SLIDERS)
        }
    }
}

fn size(shock: &Shock) -> f64 {
    match shock {
        Shock::Price { change_percent, .. }
        | Shock::Factor { change_percent, .. }
        | Shock::Currency { change_percent, .. } => *change_percent,
        Shock::Rates { points, .. } => points.iter().map(|point| point.shift_bp.abs()).fold(0.0, f64::max),
        Shock::Spread { shift_bp, .. } => *shift_bp,
        Shock::Volatility { shift_points, .. } => *shift_points,
    }
}

/// The strip of sliders above the page.
#[component]
pub(super) fn SlidersStrip(sliders: Signal<Sliders>, focus: Signal<String>) -> Element {
    let desk = use_desk();
    let mut sliders = sliders;
    let mut focus = focus;
    let mut name = use_signal(String::new);
    let refused = use_signal(|| None::<String>);
    let at = sliders();
    let moved = at != Sliders::default();
    let keep = move |_| {
        let scenario = Scenario {
            name: name.peek().trim().to_owned(),
            ..sliders.peek().scenario()
        };
        let saved = scenario.name.clone();
        spawn_forever(async move {
            match desk
                .write(SaveScenario {
                    scenario,
                    base_version: 0,
                })
                .await
            {
                Ok(_) => {
                    desk.say(format!("{saved} is kept in the book"));
                    set_if_there(refused, None);
                    set_if_there(name, String::new());
                    set_if_there(focus, saved);
                }
                Err(failure) => set_if_there(refused, Some(sentence(&failure.sentence))),
            }
        });
    };
    rsx! {
        div { class: "sliders area-sliders", "data-testid": "sliders",
            for (index, (id, words, unit, limit, step)) in TRACKS.into_iter().enumerate() {
                label { key: "{id}", class: "slider",
                    span { class: "slider-head",
                        span { class: "field-label", "{words}" }
                        output { class: "slider-value", "data-testid": "slider-value-{id}", {value_text(at.values[index], unit)} }
                    }
                    input {
                        r#type: "range",
                        "data-testid": "slider-{id}",
                        min: "{-limit}",
                        max: "{limit}",
                        step: "{step}",
                        value: "{at.values[index]}",
                        oninput: move |event| {
                            if let Ok(value) = event.value().parse() {
                                sliders.with_mut(|sliders| sliders.values[index] = value);
                                if *focus.peek() != SLIDERS {
                                    focus.set(SLIDERS.to_owned());
                                }
                            }
                        },
                    }
                }
            }
            RestSelect {
                name: "rest",
                rest: at.rest,
                onchange: move |rest| {
                    sliders.with_mut(|sliders| sliders.rest = rest);
                    if *focus.peek() != SLIDERS {
                        focus.set(SLIDERS.to_owned());
                    }
                },
            }
            Button {
                testid: "sliders-reset",
                disabled: !moved,
                onclick: move |_| sliders.set(Sliders::default()),
                "Reset"
            }
            form {
                class: "slider-keep",
                onsubmit: move |event| event.prevent_default(),
                Field {
                    name: "scenario-name",
                    label: "Keep as",
                    value: name(),
                    placeholder: "Name",
                    error: refused(),
                    disabled: !moved,
                    oninput: move |text| name.set(text),
                }
                Button {
                    testid: "scenario-keep",
                    submit: true,
                    disabled: !moved || name.read().trim().is_empty(),
                    onclick: keep,
                    "Keep"
                }
            }
        }
    }
}

fn value_text(value: f64, unit: &str) -> String {
    let digits = usize::from(unit == "%" || unit == "points");
    let space = if unit == "%" { "" } else { " " };
    if value == 0.0 {
        return format!("0{space}{unit}");
    }
    let sign = if value < 0.0 { "-" } else { "+" };
    format!("{sign}{:.digits$}{space}{unit}", value.abs())
}

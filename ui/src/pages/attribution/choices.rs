//! What is asked: the period, what makes a segment, the benchmark, and how effects are put together.

use std::collections::BTreeMap;

use apex_wire::attribution::{
    AttributionSettings, BenchmarkChoice, Blend, Dimension, LinkMethod, PeriodLength, Rebalancing,
};
use dioxus::prelude::*;

use crate::{
    components::{Check, Choice, Field, Menu, Select, Tabs},
    desk::{Desk, use_desk},
    pages::performance::PERIODS,
};

/// The choices as they are kept between visits, by the names of their forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choices {
    pub(super) period: String,
    by: String,
    benchmark: String,
    rebalance: String,
    blend: String,
    periods: String,
    linking: String,
    two_effects: bool,
    with_currency: bool,
    factors: String,
}

/// The key they are kept under, all of them as one text: a choice is one thing to write.
const KEPT: &str = "attribution.choices";

impl Choices {
    /// Returns what was chosen last.
    pub(super) fn kept(desk: Desk) -> Self {
        let kept = desk.kept(KEPT).unwrap_or_default();
        let of = |name: &str, usual: &str| {
            let found = kept.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            found.unwrap_or(usual).to_owned()
        };
        Self {
            period: of("period", "ytd"),
            by: of("by", "sector"),
            benchmark: of("benchmark", "equal"),
            rebalance: of("rebalance", "monthly"),
            blend: of("blend", ""),
            periods: of("periods", "monthly"),
            linking: of("linking", "carino"),
            two_effects: of("two-effects", "") == "true",
            with_currency: of("with-currency", "") == "true",
            factors: of("factors", ""),
        }
    }

    /// Keeps the choices.
    pub(super) fn keep(&self, desk: Desk) {
        let Self {
            period,
            by,
            benchmark,
            rebalance,
            blend,
            periods,
            linking,
            two_effects,
            with_currency,
            factors,
        } = self;
        let text = format!(
            "period={period}\nby={by}\nbenchmark={benchmark}\nrebalance={rebalance}\nblend={blend}\nperiods={periods}\n\
             linking={linking}\ntwo-effects={two_effects}\nwith-currency={with_currency}\nfactors={factors}"
        );
        desk.keep(KEPT, text);
    }
}

/// Returns the question, or what is not yet right about the blend.
pub(super) fn settings_of(choices: &Choices) -> Result<AttributionSettings, String> {
    let rebalance = Rebalancing::ALL
        .into_iter()
        .find(|rule| rule.as_str() == choices.rebalance)
        .unwrap_or_default();
    let benchmark = match choices.benchmark.as_str() {
        "own" => BenchmarkChoice::Portfolio,
        "start" => BenchmarkChoice::Start,
        "blend" => BenchmarkChoice::Blend(Blend {
            name: "Blend".to_owned(),
            rebalance,
            weights: weights_of(&choices.blend)?,
            changes: Vec::new(),
        }),
        _ => BenchmarkChoice::Equal { rebalance },
    };
    let usual = AttributionSettings::default();
    let factors = choices.factors.split([',', ' ']).filter(|symbol| !symbol.is_empty());
    Ok(AttributionSettings {
        by: Dimension::ALL
            .into_iter()
            .find(|by| by.as_str() == choices.by)
            .unwrap_or(usual.by),
        benchmark,
        periods: PeriodLength::ALL
            .into_iter()
            .find(|length| length.as_str() == choices.periods)
            .unwrap_or(usual.periods),
        linking: LinkMethod::ALL
            .into_iter()
            .find(|method| method.as_str() == choices.linking)
            .unwrap_or(usual.linking),
        two_effects: choices.two_effects,
        with_currency: choices.with_currency && choices.linking != LinkMethod::Geometric.as_str(),
        factors: factors.map(str::to_owned).collect(),
        ..usual
    })
}

/// Reads `KO 60, AAPL 30, Cash 10`: names and weights in percent.
fn weights_of(text: &str) -> Result<BTreeMap<String, f64>, String> {
    let mut weights = BTreeMap::new();
    let mut percent = 0.0;
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let read = entry.rsplit_once(char::is_whitespace).and_then(|(name, weight)| {
            let weight: f64 = weight.trim_end_matches('%').parse().ok()?;
            weight.is_finite().then(|| (name.trim().to_owned(), weight))
        });
        let Some((name, weight)) = read else {
            return Err(format!("{entry} is not a name and a weight"));
        };
        percent += weight;
        weights.insert(name, weight / 100.0);
    }
    if (percent - 100.0).abs() > 1e-7 {
        return Err(format!("The weights add up to {percent}%"));
    }
    Ok(weights)
}

fn options(names: &[(&str, &str)]) -> Vec<Choice> {
    names.iter().map(|(value, words)| Choice::new(*value, *words)).collect()
}

const DIMENSIONS: [(&str, &str); 5] = [
    ("sector", "sector"),
    ("country", "country"),
    ("currency", "currency"),
    ("kind", "kind"),
    ("instrument", "instrument"),
];
const BENCHMARKS: [(&str, &str); 4] = [
    ("own", "its own benchmark"),
    ("equal", "equal weights of the start"),
    ("start", "the start, never traded"),
    ("blend", "a blend"),
];
const REBALANCES: [(&str, &str); 5] = [
    ("daily", "set back daily"),
    ("monthly", "set back monthly"),
    ("quarterly", "set back quarterly"),
    ("yearly", "set back yearly"),
    ("never", "never set back"),
];
const LENGTHS: [(&str, &str); 4] = [
    ("daily", "days"),
    ("monthly", "months"),
    ("quarterly", "quarters"),
    ("yearly", "years"),
];
const LINKS: [(&str, &str); 4] = [
    ("carino", "Carino"),
    ("menchero", "Menchero"),
    ("grap", "GRAP"),
    ("geometric", "geometric"),
];

/// The choices above the page.
#[component]
pub(super) fn Toolbar(
    choices: Signal<Choices>,
    /// What is not yet right about the blend.
    unfinished: Option<String>,
    /// Called when another stretch of time is chosen.
    onperiod: EventHandler<()>,
) -> Element {
    let desk = use_desk();
    let change = move |change: &dyn Fn(&mut Choices)| {
        let mut choices = choices;
        change(&mut choices.write());
        choices.peek().keep(desk);
    };
    let shown = choices();
    let words_of = |names: &[(&'static str, &'static str)], chosen: &str| {
        names
            .iter()
            .find(|(name, _)| *name == chosen)
            .map_or("", |(_, words)| *words)
    };
    let method = format!(
        "{}, {}",
        words_of(&LENGTHS, &shown.periods),
        words_of(&LINKS, &shown.linking)
    );
    let blended = shown.benchmark == "blend";
    // What is typed is asked when it is whole; until then the field says what is missing.
    let problem = unfinished.filter(|_| blended && !shown.blend.trim().is_empty());
    rsx! {
        div { class: "toolbar attribution-choices",
            Tabs {
                name: "period",
                tabs: PERIODS.iter().map(|(id, words)| ((*id).to_owned(), (*words).to_owned())).collect::<Vec<_>>(),
                selected: shown.period.clone(),
                onselect: move |id: String| {
                    onperiod.call(());
                    change(&|choices| choices.period.clone_from(&id));
                },
            }
            div { class: "inline-form",
                Select {
                    name: "attribution-by",
                    label: "By",
                    value: shown.by.clone(),
                    choices: options(&DIMENSIONS),
                    onchange: move |id: String| change(&|choices| choices.by.clone_from(&id)),
                }
            }
            div { class: "inline-form wide",
                Select {
                    name: "attribution-benchmark",
                    label: "Against",
                    value: shown.benchmark.clone(),
                    choices: options(&BENCHMARKS),
                    onchange: move |id: String| change(&|choices| choices.benchmark.clone_from(&id)),
                }
            }
            if matches!(shown.benchmark.as_str(), "equal" | "blend") {
                div { class: "inline-form wide",
                    Select {
                        name: "attribution-rebalance",
                        value: shown.rebalance.clone(),
                        choices: options(&REBALANCES),
                        onchange: move |id: String| change(&|choices| choices.rebalance.clone_from(&id)),
                    }
                }
            }
            if blended {
                div { class: "inline-form widest",
                    Field {
                        name: "attribution-blend",
                        label: "Weights %",
                        value: shown.blend.clone(),
                        placeholder: "KO 60, AAPL 30, Cash 10",
                        error: problem,
                        oninput: move |text: String| change(&|choices| choices.blend.clone_from(&text)),
                    }
                }
            }
            div { class: "toolbar-space" }
            Menu {
                name: "attribution-method",
                title: "How effects are measured and linked",
                from_right: true,
                keeps_open: true,
                class: "button",
                label: rsx! { "{method} ▾" },
                div { class: "menu-form attribution-method",
                    Select {
                        name: "attribution-periods",
                        label: "Measured over",
                        value: shown.periods.clone(),
                        choices: options(&LENGTHS),
                        onchange: move |id: String| change(&|choices| choices.periods.clone_from(&id)),
                    }
                    Select {
                        name: "attribution-linking",
                        label: "Linked by",
                        value: shown.linking.clone(),
                        choices: options(&LINKS),
                        onchange: move |id: String| change(&|choices| choices.linking.clone_from(&id)),
                    }
                    Check {
                        name: "attribution-two",
                        label: "Interaction with selection",
                        checked: shown.two_effects,
                        onchange: move |flag: bool| change(&|choices| choices.two_effects = flag),
                    }
                    Check {
                        name: "attribution-currency",
                        label: "Currencies apart",
                        checked: shown.with_currency,
                        disabled: shown.linking == LinkMethod::Geometric.as_str(),
                        onchange: move |flag: bool| change(&|choices| choices.with_currency = flag),
                    }
                    Field {
                        name: "attribution-factors",
                        label: "Factors",
                        hint: "symbols, for a split by exposures",
                        value: shown.factors.clone(),
                        placeholder: "MTUM, QUAL",
                        oninput: move |text: String| change(&|choices| choices.factors.clone_from(&text)),
                    }
                }
            }
        }
    }
}

//! The plan of a simulation as it is typed.

use apex_wire::{
    Code, Failure,
    scenario::horizon::{
        FlowPeriod, HorizonDistribution, HorizonFlow, HorizonMean, HorizonPlan, HorizonStep, Rebalancing,
    },
};
use dioxus::prelude::*;

use crate::{
    components::{Button, ButtonKind, Choice, Field, Select},
    desk::sentence,
};

/// Every field of the form that the engine may refuse by name.
const FIELDS: [&str; 11] = [
    "months",
    "paths",
    "seed",
    "mean_percent",
    "cash_percent",
    "band_percent",
    "cost_bp",
    "flow",
    "inflation_percent",
    "goal",
    "percent",
];

/// Returns whether the form has the field that a refusal names.
pub(super) fn shows(failure: &Failure) -> bool {
    failure.field.as_deref().is_some_and(|field| FIELDS.contains(&field))
}

/// What is typed, all of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    pub(super) start: String,
    length: String,
    mean_percent: String,
    cash_percent: String,
    band_percent: String,
    cost_bp: String,
    flow: String,
    inflation_percent: String,
    every: FlowPeriod,
    goal: String,
    paths: String,
    seed: String,
    /// What is chosen and not typed, and what the form does not show.
    base: HorizonPlan,
}

impl Draft {
    pub(super) fn new() -> Self {
        Self::of(&HorizonPlan::default())
    }

    pub(super) fn of(plan: &HorizonPlan) -> Self {
        let flow = plan.flow.as_ref();
        let amount = flow.and_then(|flow| flow.amount).map(|amount| amount.to_string());
        let share = flow.and_then(|flow| flow.percent).map(|percent| format!("{percent}%"));
        let optional = |percent: Option<f64>| percent.map_or_else(String::new, |percent| percent.to_string());
        Self {
            start: super::AS_IT_STANDS.to_owned(),
            length: if plan.months.is_multiple_of(12) {
                format!("{}y", plan.months / 12)
            } else {
                format!("{}m", plan.months)
            },
            mean_percent: optional(plan.mean_percent),
            cash_percent: plan.cash_percent.to_string(),
            band_percent: optional(plan.band_percent),
            cost_bp: plan.cost_bp.to_string(),
            flow: amount.or(share).unwrap_or_default(),
            inflation_percent: flow.map_or(0.0, |flow| flow.inflation_percent).to_string(),
            every: flow.map(|flow| flow.every).unwrap_or_default(),
            goal: plan.goal.map_or_else(String::new, |goal| goal.to_string()),
            paths: plan.paths.to_string(),
            seed: plan.seed.to_string(),
            base: plan.clone(),
        }
    }

    /// Returns the text that the form is kept as.
    pub(super) fn text(&self) -> String {
        self.plan()
            .ok()
            .and_then(|plan| serde_json::to_string(&plan).ok())
            .unwrap_or_default()
    }

    /// Reads the text that the form was kept as.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(|plan| Self::of(&plan))
    }

    /// Returns the plan, or what is wrong with the first field that cannot be read.
    pub(super) fn plan(&self) -> Result<HorizonPlan, Failure> {
        let flow = self.flow.trim();
        let inflation_percent = number("inflation_percent", &self.inflation_percent)?;
        let (amount, percent) = match flow.strip_suffix('%') {
            _ if flow.is_empty() => (None, None),
            Some(share) => (None, Some(number("percent", share)?)),
            None => (Some(money("flow", flow)?), None),
        };
        let flow = (amount.is_some() || percent.is_some()).then_some(HorizonFlow {
            amount,
            percent,
            every: self.every,
            inflation_percent,
        });
        let given = self.base.mean == HorizonMean::Given;
        let band = self.base.rebalance == Rebalancing::Band;
        let goal = self.goal.trim();
        Ok(HorizonPlan {
            months: months(&self.length)?,
            mean_percent: given.then(|| number("mean_percent", &self.mean_percent)).transpose()?,
            cash_percent: number("cash_percent", &self.cash_percent)?,
            band_percent: band.then(|| number("band_percent", &self.band_percent)).transpose()?,
            cost_bp: number("cost_bp", &self.cost_bp)?,
            flow,
            goal: (!goal.is_empty()).then(|| money("goal", goal)).transpose()?,
            paths: whole("paths", &self.paths)?,
            seed: whole("seed", &self.seed)?,
            ..self.base.clone()
        })
    }
}

fn refuse(field: &str, sentence: String) -> Failure {
    Failure {
        field: Some(field.to_owned()),
        ..Failure::new(Code::Invalid, sentence)
    }
}

fn number(field: &str, text: &str) -> Result<f64, Failure> {
    let text = text.trim();
    text.parse()
        .map_err(|_| refuse(field, format!("`{text}` is not a number; write it like 2.5")))
}

fn whole<T: std::str::FromStr>(field: &str, text: &str) -> Result<T, Failure> {
    let plain: String = text.trim().chars().filter(|letter| *letter != ',').collect();
    plain.parse().map_err(|_| {
        refuse(
            field,
            format!("`{}` is not a whole number; write it like 10000", text.trim()),
        )
    })
}

fn money(field: &str, text: &str) -> Result<apex_domain::Decimal, Failure> {
    apex_format::parse_number(text).map_err(|err| refuse(field, format!("{err}; write it like -10000")))
}

fn months(text: &str) -> Result<u32, Failure> {
    let text = text.trim();
    let (digits, times) = match (text.strip_suffix('y'), text.strip_suffix('m')) {
        (Some(years), _) => (years, 12),
        (_, Some(months)) => (months, 1),
        (None, None) => (text, 1),
    };
    let number: Option<u32> = digits.trim().parse().ok();
    number
        .and_then(|number| number.checked_mul(times))
        .ok_or_else(|| refuse("months", format!("`{text}` is no time; write it like 5y or 18m")))
}

/// A choice of the form: its value, the words, and what it stands for.
type Named<T> = (&'static str, &'static str, T);

const STEPS: [Named<HorizonStep>; 3] = [
    ("monthly", "monthly", HorizonStep::Monthly),
    ("weekly", "weekly", HorizonStep::Weekly),
    ("daily", "daily", HorizonStep::Daily),
];
const DISTRIBUTIONS: [Named<HorizonDistribution>; 3] = [
    ("normal", "normal", HorizonDistribution::Normal),
    ("t_copula", "t copula", HorizonDistribution::TCopula),
    ("block_bootstrap", "bootstrap", HorizonDistribution::BlockBootstrap),
];
const MEANS: [Named<HorizonMean>; 3] = [
    ("sample", "sample", HorizonMean::Sample),
    ("zero", "zero", HorizonMean::Zero),
    ("given", "given", HorizonMean::Given),
];
const REBALANCES: [Named<Rebalancing>; 5] = [
    ("never", "never", Rebalancing::Never),
    ("monthly", "monthly", Rebalancing::Monthly),
    ("quarterly", "quarterly", Rebalancing::Quarterly),
    ("yearly", "yearly", Rebalancing::Yearly),
    ("band", "in a band", Rebalancing::Band),
];
const PERIODS: [Named<FlowPeriod>; 3] = [
    ("month", "monthly", FlowPeriod::Month),
    ("quarter", "quarterly", FlowPeriod::Quarter),
    ("year", "yearly", FlowPeriod::Year),
];

fn choices<T>(named: &[Named<T>]) -> Vec<Choice> {
    named.iter().map(|(id, words, _)| Choice::new(*id, *words)).collect()
}

fn chosen<T: PartialEq>(named: &[Named<T>], value: &T) -> String {
    let found = named.iter().find(|(.., known)| known == value);
    found.map_or_else(String::new, |(id, ..)| (*id).to_owned())
}

fn meant<T: Copy>(named: &[Named<T>], id: &str) -> Option<T> {
    named.iter().find(|(known, ..)| *known == id).map(|(.., value)| *value)
}

/// The form.
#[component]
pub(super) fn PlanForm(
    draft: Signal<Draft>,
    /// Scenarios that paths can start from.
    names: Vec<String>,
    refused: Option<Failure>,
    running: bool,
    onstart: EventHandler<String>,
    onrun: EventHandler,
) -> Element {
    let mut draft = draft;
    let at = draft.read().clone();
    let refusal = |fields: &[&str]| {
        let found = refused
            .as_ref()
            .filter(|failure| failure.field.as_deref().is_some_and(|field| fields.contains(&field)));
        found.map(|failure| sentence(&failure.sentence))
    };
    rsx! {
        form {
            class: "horizon-plan area-plan",
            "data-testid": "horizon-plan",
            onsubmit: move |event| event.prevent_default(),
            Select {
                name: "horizon-start",
                label: "Starts from",
                value: at.start.clone(),
                choices: names.iter().map(|name| Choice::new(name.clone(), name.clone())).collect::<Vec<_>>(),
                onchange: move |name| onstart.call(name),
            }
            Field { name: "horizon-length", label: "Horizon", value: at.length.clone(), placeholder: "5y", error: refusal(&["months"]), oninput: move |text| draft.write().length = text }
            Select {
                name: "horizon-step",
                label: "Steps",
                value: chosen(&STEPS, &at.base.step),
                choices: choices(&STEPS),
                onchange: move |id: String| if let Some(step) = meant(&STEPS, &id) { draft.write().base.step = step },
            }
            Select {
                name: "horizon-distribution",
                label: "Drawn from",
                value: chosen(&DISTRIBUTIONS, &at.base.distribution),
                choices: choices(&DISTRIBUTIONS),
                onchange: move |id: String| if let Some(drawn) = meant(&DISTRIBUTIONS, &id) { draft.write().base.distribution = drawn },
            }
            Select {
                name: "horizon-mean",
                label: "Mean",
                value: chosen(&MEANS, &at.base.mean),
                choices: choices(&MEANS),
                onchange: move |id: String| if let Some(mean) = meant(&MEANS, &id) { draft.write().base.mean = mean },
            }
            if at.base.mean == HorizonMean::Given {
                Field { name: "horizon-mean-percent", label: "Mean, %", numeric: true, value: at.mean_percent.clone(), error: refusal(&["mean_percent"]), oninput: move |text| draft.write().mean_percent = text }
            }
            Field { name: "horizon-cash", label: "Cash, %", numeric: true, value: at.cash_percent.clone(), error: refusal(&["cash_percent"]), oninput: move |text| draft.write().cash_percent = text }
            Select {
                name: "horizon-rebalance",
                label: "Rebalance",
                value: chosen(&REBALANCES, &at.base.rebalance),
                choices: choices(&REBALANCES),
                onchange: move |id: String| if let Some(rule) = meant(&REBALANCES, &id) { draft.write().base.rebalance = rule },
            }
            if at.base.rebalance == Rebalancing::Band {
                Field { name: "horizon-band", label: "Band, %", numeric: true, value: at.band_percent.clone(), error: refusal(&["band_percent"]), oninput: move |text| draft.write().band_percent = text }
            }
            Field { name: "horizon-cost", label: "Costs, bp", numeric: true, value: at.cost_bp.clone(), error: refusal(&["cost_bp"]), oninput: move |text| draft.write().cost_bp = text }
            Field { name: "horizon-flow", label: "Flow in, - out", numeric: true, value: at.flow.clone(), placeholder: "-10,000 or -1%", error: refusal(&["flow", "percent"]), oninput: move |text| draft.write().flow = text }
            Select {
                name: "horizon-every",
                label: "Flow paid",
                value: chosen(&PERIODS, &at.every),
                choices: choices(&PERIODS),
                onchange: move |id: String| if let Some(every) = meant(&PERIODS, &id) { draft.write().every = every },
            }
            Field { name: "horizon-inflation", label: "Inflation, %", numeric: true, value: at.inflation_percent.clone(), error: refusal(&["inflation_percent"]), oninput: move |text| draft.write().inflation_percent = text }
            Field { name: "horizon-goal", label: "Goal", numeric: true, value: at.goal.clone(), placeholder: "none", error: refusal(&["goal"]), oninput: move |text| draft.write().goal = text }
            Field { name: "horizon-paths", label: "Paths", numeric: true, value: at.paths.clone(), error: refusal(&["paths"]), oninput: move |text| draft.write().paths = text }
            Field { name: "horizon-seed", label: "Seed", numeric: true, value: at.seed.clone(), error: refusal(&["seed"]), oninput: move |text| draft.write().seed = text }
            Button {
                testid: "horizon-run",
                kind: ButtonKind::Primary,
                submit: true,
                onclick: move |_| onrun.call(()),
                if running { "Simulating…" } else { "Simulate" }
            }
        }
    }
}

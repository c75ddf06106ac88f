//! The Optimizer's form: objective, what is believed, constraints; or the constraints as text.

use std::collections::BTreeMap;

use apex_wire::optimizer::{Estimator, Means, ObjectiveName, ReadConstraints};
use dioxus::{core::spawn_forever, prelude::*};

use super::draft::{AssetRow, Draft, GroupRow, ViewRow, Wrong};
use crate::{
    components::{Button, ButtonKind, Check, Choice, Field, Panel, Select, Tabs},
    desk::{sentence, set_if_there, use_desk},
    invoke,
};

/// The windows to choose from, in daily returns.
const WINDOWS: [(&str, &str); 5] = [
    ("126", "6 months"),
    ("252", "1 year"),
    ("504", "2 years"),
    ("756", "3 years"),
    ("1260", "5 years"),
];

/// The form. `onrun` is told when a person is done with a change.
#[component]
pub(super) fn Editor(
    draft: Signal<Draft>,
    classes: BTreeMap<String, Vec<String>>,
    symbols: Vec<String>,
    constraints_toml: String,
    wrong: Option<(String, String)>,
    /// Whether an answer is awaited.
    running: bool,
    onrun: EventHandler<()>,
    oncancel: EventHandler<()>,
) -> Element {
    let mut draft = draft;
    let mut tab = use_signal(|| "form".to_owned());
    let error = |field: &str| {
        wrong
            .as_ref()
            .filter(|(at, _)| at == field)
            .map(|(_, words)| sentence(words))
    };
    let at = draft();
    let policy = at.policy.clone();
    let searches = policy.objective.takes_constraints();
    let window = if WINDOWS.iter().any(|(days, _)| *days == at.window) {
        at.window.clone()
    } else {
        "504".to_owned()
    };
    let target = match policy.objective {
        ObjectiveName::TargetReturn => Some("Return a year, %"),
        ObjectiveName::TargetVolatility => Some("Volatility a year, %"),
        ObjectiveName::MinCvar => Some("At a return a year, %"),
        _ => None,
    };
    let hint = |text: &str| text.to_owned();
    rsx! {
        Panel {
            testid: "panel-optimizer-form",
            title: "Question",
            class: "question-form",
            tools: rsx! {
                Tabs {
                    name: "optimizer-form",
                    tabs: vec![("form".to_owned(), "Form".to_owned()), ("text".to_owned(), "Text".to_owned())],
                    selected: tab(),
                    onselect: move |id| tab.set(id),
                }
            },
            form {
                class: "optimizer-form",
                onsubmit: move |event| {
                    event.prevent_default();
                    onrun.call(());
                },
                if tab() == "text" {
                    ConstraintsText { text: constraints_toml, draft, onrun }
                } else {
                    Select {
                        name: "objective",
                        label: "Objective",
                        value: policy.objective.name().to_owned(),
                        choices: ObjectiveName::ALL
                            .iter()
                            .filter(|(objective, ..)| *objective != ObjectiveName::Fixed)
                            .map(|(_, name, words)| Choice::new(*name, *words))
                            .collect::<Vec<_>>(),
                        onchange: move |name: String| {
                            if let Some(objective) = ObjectiveName::of(&name) {
                                draft.write().policy.objective = objective;
                                onrun.call(());
                            }
                        },
                    }
                    div { class: "form-pair",
                        if policy.objective == ObjectiveName::MaxSharpe {
                            Field { name: "risk-free", label: "Risk-free a year, %", numeric: true, value: at.risk_free.clone(), error: error("risk_free_percent"), oninput: move |text| draft.write().risk_free = text }
                        }
                        if policy.objective == ObjectiveName::Utility {
                            Field { name: "risk-aversion", label: "Risk aversion", numeric: true, value: at.risk_aversion.clone(), error: error("risk_aversion"), oninput: move |text| draft.write().risk_aversion = text }
                        }
                        if let Some(words) = target {
                            Field { name: "target", label: words, numeric: true, value: at.target.clone(), error: error("target_percent"), oninput: move |text| draft.write().target = text }
                        }
                        Field { name: "level", label: "Tail confidence, %", numeric: true, value: at.level.clone(), error: error("level"), oninput: move |text| draft.write().level = text }
                    }
                    div { class: "form-pair",
                        EstimatorSelect {
                            name: "estimator",
                            value: policy.estimator,
                            onchange: move |estimator| {
                                draft.write().policy.estimator = estimator;
                                onrun.call(());
                            },
                        }
                        Select {
                            name: "optimizer-window",
                            label: "History",
                            value: window,
                            choices: WINDOWS.iter().map(|(days, words)| Choice::new(*days, *words)).collect::<Vec<_>>(),
                            error: error("window"),
                            onchange: move |days: String| {
                                draft.write().window = days;
                                onrun.call(());
                            },
                        }
                    }
                    Select {
                        name: "means",
                        label: "Expected returns",
                        value: policy.means.name(),
                        choices: Means::ALL.iter().map(|(_, name, words)| Choice::new(*name, *words)).collect::<Vec<_>>(),
                        error: error("views"),
                        onchange: move |name: String| {
                            if let Some(means) = Means::of(&name) {
                                draft.write().policy.means = means;
                                onrun.call(());
                            }
                        },
                    }
                    if policy.means != Means::Sample {
                        {views(&at, draft, &symbols)}
                    }
                    h3 { class: "form-section", "Universe" }
                    Field {
                        name: "added",
                        label: "Symbols besides the holdings",
                        placeholder: "QUAL USMV",
                        value: at.added.clone(),
                        error: error("added"),
                        oninput: move |text| draft.write().added = text,
                    }
                    Check {
                        name: "invest-cash",
                        label: "Invest the cash too",
                        checked: at.invests_cash,
                        onchange: move |checked| {
                            draft.write().invests_cash = checked;
                            onrun.call(());
                        },
                    }
                    h3 { class: "form-section", "Constraints, % of NAV" }
                    if searches {
                        div { class: "form-pair",
                            Field { name: "lower", label: "Least weight", numeric: true, placeholder: "0", value: at.lower.clone(), error: error("lower"), oninput: move |text| draft.write().lower = text }
                            Field { name: "upper", label: "Largest weight", numeric: true, placeholder: "none", value: at.upper.clone(), error: error("upper"), oninput: move |text| draft.write().upper = text }
                            Field { name: "turnover", label: "Turnover", numeric: true, placeholder: "none", value: at.turnover.clone(), error: error("turnover"), oninput: move |text| draft.write().turnover = text }
                            Field { name: "tracking", label: "Tracking error a year", numeric: true, placeholder: "none", hint: hint("against what is held now"), value: at.tracking.clone(), error: error("tracking"), oninput: move |text| draft.write().tracking = text }
                            Field { name: "count", label: "Names at most", numeric: true, placeholder: "all", value: at.count.clone(), error: error("count"), oninput: move |text| draft.write().count = text }
                            Field { name: "position-min", label: "Smallest position", numeric: true, placeholder: "none", value: at.position_min.clone(), error: error("position_min"), oninput: move |text| draft.write().position_min = text }
                        }
                        {groups(&at, draft, &classes, error("groups"))}
                        {assets(&at, draft, &symbols, error("assets"))}
                    } else {
                        p { class: "faint prose", "data-testid": "rule-words", "This objective is a rule that gives one long-only portfolio; constraints are set aside." }
                    }
                    Field { name: "cost", label: "Cost of trading, bp", numeric: true, placeholder: "none", value: at.cost_bp.clone(), error: error("cost"), oninput: move |text| draft.write().cost_bp = text }
                }
                if tab() == "form" {
                    div { class: "form-actions",
                        if running {
                            span { class: "appears-late",
                                Button { testid: "optimizer-cancel", onclick: move |_| oncancel.call(()), "Cancel" }
                            }
                        }
                        Button { testid: "optimizer-run", kind: ButtonKind::Primary, submit: true, onclick: move |_| {}, "Optimize" }
                    }
                }
            }
        }
    }
}

fn groups(
    at: &Draft,
    mut draft: Signal<Draft>,
    classes: &BTreeMap<String, Vec<String>>,
    wrong: Option<String>,
) -> Element {
    let first = classes
        .get("sector")
        .and_then(|values| values.first())
        .cloned()
        .unwrap_or_default();
    let rows = at.groups.clone();
    let classes = classes.clone();
    let names: Vec<Choice> = classes.keys().map(|name| Choice::new(name, sentence(name))).collect();
    rsx! {
        div { class: "limit-rows", "data-testid": "groups-editor",
            for (index, row) in rows.into_iter().enumerate() {
                div { key: "{index}", class: "limit-row group", "data-testid": "group-row-{index}",
                    if let Some(listed) = row.listed() {
                        span { class: "limit-name", title: "{listed}", "{listed}" }
                    } else {
                        Select {
                            name: "group-class-{index}",
                            value: row.class.clone(),
                            choices: names.clone(),
                            onchange: {
                                let classes = classes.clone();
                                move |class: String| {
                                    let value = classes.get(&class).and_then(|values| values.first()).cloned().unwrap_or_default();
                                    if let Some(row) = draft.write().groups.get_mut(index) {
                                        (row.class, row.value) = (class, value);
                                    }
                                }
                            },
                        }
                        Select {
                            name: "group-value-{index}",
                            value: row.value.clone(),
                            choices: classes.get(&row.class).into_iter().flatten().map(|value| Choice::new(value, value)).collect::<Vec<_>>(),
                            onchange: move |value: String| {
                                if let Some(row) = draft.write().groups.get_mut(index) {
                                    row.value = value;
                                }
                            },
                        }
                    }
                    {bound("group-lower", index, &row.lower, "from", move |text| {
                        if let Some(row) = draft.write().groups.get_mut(index) {
                            row.lower = text;
                        }
                    })}
                    {bound("group-upper", index, &row.upper, "to", move |text| {
                        if let Some(row) = draft.write().groups.get_mut(index) {
                            row.upper = text;
                        }
                    })}
                    {remove("group", index, move || {
                        let mut draft = draft.write();
                        if index < draft.groups.len() {
                            draft.groups.remove(index);
                        }
                    })}
                }
            }
            if let Some(words) = wrong {
                span { class: "field-error", role: "alert", "{words}" }
            }
            Button {
                testid: "group-add",
                kind: ButtonKind::Quiet,
                onclick: move |_| draft.write().groups.push(GroupRow::new("sector", &first)),
                "Limit a group"
            }
        }
    }
}

fn assets(at: &Draft, mut draft: Signal<Draft>, symbols: &[String], wrong: Option<String>) -> Element {
    let rows = at.assets.clone();
    let choices: Vec<Choice> = symbols.iter().map(|symbol| Choice::new(symbol, "")).collect();
    rsx! {
        div { class: "limit-rows", "data-testid": "assets-editor",
            for (index, row) in rows.into_iter().enumerate() {
                div { key: "{index}", class: "limit-row", "data-testid": "asset-row-{index}",
                    Field {
                        name: "asset-symbol-{index}",
                        label: "",
                        placeholder: "Symbol",
                        value: row.symbol.clone(),
                        suggestions: choices.clone(),
                        oninput: move |text| {
                            if let Some(row) = draft.write().assets.get_mut(index) {
                                row.symbol = text;
                            }
                        },
                    }
                    {bound("asset-lower", index, &row.lower, "from", move |text| {
                        if let Some(row) = draft.write().assets.get_mut(index) {
                            row.lower = text;
                        }
                    })}
                    {bound("asset-upper", index, &row.upper, "to", move |text| {
                        if let Some(row) = draft.write().assets.get_mut(index) {
                            row.upper = text;
                        }
                    })}
                    {remove("asset", index, move || {
                        let mut draft = draft.write();
                        if index < draft.assets.len() {
                            draft.assets.remove(index);
                        }
                    })}
                }
            }
            if let Some(words) = wrong {
                span { class: "field-error", role: "alert", "{words}" }
            }
            Button {
                testid: "asset-add",
                kind: ButtonKind::Quiet,
                onclick: move |_| draft.write().assets.push(AssetRow::default()),
                "Bound a holding"
            }
        }
    }
}

fn views(at: &Draft, mut draft: Signal<Draft>, symbols: &[String]) -> Element {
    let rows = at.views.clone();
    let choices: Vec<Choice> = symbols.iter().map(|symbol| Choice::new(symbol, "")).collect();
    rsx! {
        div { class: "limit-rows", "data-testid": "views-editor",
            for (index, row) in rows.into_iter().enumerate() {
                div { key: "{index}", class: "limit-row", "data-testid": "view-row-{index}",
                    Field {
                        name: "view-asset-{index}",
                        label: "",
                        placeholder: "Symbol",
                        value: row.asset.clone(),
                        suggestions: choices.clone(),
                        oninput: move |text| {
                            if let Some(row) = draft.write().views.get_mut(index) {
                                row.asset = text;
                            }
                        },
                    }
                    Field {
                        name: "view-over-{index}",
                        label: "",
                        placeholder: "over",
                        value: row.over.clone(),
                        suggestions: choices.clone(),
                        oninput: move |text| {
                            if let Some(row) = draft.write().views.get_mut(index) {
                                row.over = text;
                            }
                        },
                    }
                    {bound("view-percent", index, &row.percent, "% a year", move |text| {
                        if let Some(row) = draft.write().views.get_mut(index) {
                            row.percent = text;
                        }
                    })}
                    {remove("view", index, move || {
                        let mut draft = draft.write();
                        if index < draft.views.len() {
                            draft.views.remove(index);
                        }
                    })}
                }
            }
            Button {
                testid: "view-add",
                kind: ButtonKind::Quiet,
                onclick: move |_| draft.write().views.push(ViewRow::default()),
                "Add a view"
            }
        }
    }
}

fn bound(name: &str, index: usize, value: &str, placeholder: &str, oninput: impl FnMut(String) + 'static) -> Element {
    rsx! {
        Field {
            name: "{name}-{index}",
            label: "",
            numeric: true,
            placeholder: placeholder.to_owned(),
            value: value.to_owned(),
            oninput,
        }
    }
}

fn remove(name: &str, index: usize, mut act: impl FnMut() + 'static) -> Element {
    rsx! {
        Button { testid: "{name}-remove-{index}", kind: ButtonKind::Quiet, title: "Remove this line", onclick: move |_| act(), "✕" }
    }
}

/// The constraints as a file has them.
#[component]
fn ConstraintsText(text: String, draft: Signal<Draft>, onrun: EventHandler<()>) -> Element {
    let desk = use_desk();
    let mut typed = use_signal(|| text.clone());
    let wrong = use_signal(|| None::<String>);
    let apply = move |_| {
        let ask = ReadConstraints {
            text: typed.peek().clone(),
        };
        spawn_forever(async move {
            match desk.timed(invoke::invoke(&ask)).await {
                Ok(constraints) => {
                    let mut draft = draft;
                    if let Ok(mut draft) = draft.try_write() {
                        draft.take(constraints);
                    }
                    set_if_there(wrong, None);
                    onrun.call(());
                }
                Err(failure) => set_if_there(wrong, Some(sentence(&failure.sentence))),
            }
        });
    };
    rsx! {
        p { class: "faint", "The constraints as apex optimize --constraints reads them; shares, not percent" }
        textarea {
            class: "input constraints-text",
            "data-testid": "constraints-text",
            "aria-label": "Constraints as TOML",
            spellcheck: "false",
            rows: "18",
            value: typed(),
            oninput: move |event| typed.set(event.value()),
        }
        if let Some(words) = wrong() {
            span { class: "field-error", role: "alert", "data-testid": "error-constraints-text", "{words}" }
        }
        div { class: "form-actions",
            Button { testid: "constraints-apply", kind: ButtonKind::Primary, onclick: apply, "Optimize with this text" }
        }
    }
}

/// How the covariance is estimated.
#[component]
pub(crate) fn EstimatorSelect(name: String, value: Estimator, onchange: EventHandler<Estimator>) -> Element {
    rsx! {
        Select {
            name,
            label: "Covariance",
            value: value.name(),
            choices: Estimator::ALL.iter().map(|(_, name, words)| Choice::new(*name, *words)).collect::<Vec<_>>(),
            onchange: move |name: String| {
                if let Some(estimator) = Estimator::of(&name) {
                    onchange.call(estimator);
                }
            },
        }
    }
}

/// Returns a wrong field of the form, or the engine's refusal of one, as the form shows it.
pub(super) fn at_field(wrong: Wrong) -> (String, String) {
    (wrong.0.to_owned(), wrong.1)
}

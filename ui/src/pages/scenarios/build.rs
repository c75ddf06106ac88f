//! A scenario put together shock by shock, with its result beside it while one types.

use std::collections::BTreeMap;

use apex_domain::Currency;
use apex_wire::scenario::{
    RatePoint, Replay, Rest, RunScenarios, SaveScenario, Scenario, ScenarioEntry, Selection, Shock,
};
use dioxus::{core::spawn_forever, prelude::*};

use super::rest::RestSelect;
use crate::{
    answers::use_answer,
    components::{Button, ButtonKind, Choice, Dialog, Field, Select},
    desk::{sentence, set_if_there, use_desk},
    reading::Reading,
};

/// What moves, as the form's choices name it, with the words and the unit of its size.
const KINDS: [(&str, &str, &str); 6] = [
    ("price", "Prices", "%"),
    ("factor", "Factor", "%"),
    ("rates", "Interest rates", "bp"),
    ("spread", "Credit spreads", "bp"),
    ("volatility", "Volatilities", "points"),
    ("currency", "Currency", "%"),
];

/// Of what, where a kind can be narrowed.
const SELECTIONS: [(&str, &str); 6] = [
    ("all", "everything"),
    ("symbol", "symbol"),
    ("sector", "sector"),
    ("country", "country"),
    ("kind", "kind"),
    ("currency", "quoted in"),
];

/// One shock as it is typed.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    kind: String,
    of: String,
    name: String,
    size: String,
}

impl Row {
    fn new() -> Self {
        Self {
            kind: "price".to_owned(),
            of: "all".to_owned(),
            name: String::new(),
            size: "-10".to_owned(),
        }
    }

    fn of_shock(shock: &Shock) -> Self {
        let row = |kind: &str, of: (&str, String), size: f64| Self {
            kind: kind.to_owned(),
            of: of.0.to_owned(),
            name: of.1,
            size: size.to_string(),
        };
        match shock {
            Shock::Price { of, change_percent } => row("price", selected(of), *change_percent),
            Shock::Factor { symbol, change_percent } => row("factor", ("symbol", symbol.clone()), *change_percent),
            Shock::Rates { currency, points } => {
                let name = currency.map(|currency| currency.to_string()).unwrap_or_default();
                let sizes: Vec<String> = match points.as_slice() {
                    [only] => vec![only.shift_bp.to_string()],
                    points => points
                        .iter()
                        .map(|point| format!("{}:{}", point.years, point.shift_bp))
                        .collect(),
                };
                Self {
                    size: sizes.join(" "),
                    ..row("rates", ("all", name), 0.0)
                }
            }
            Shock::Spread { of, shift_bp } => row("spread", selected(of), *shift_bp),
            Shock::Volatility { of, shift_points } => row("volatility", selected(of), *shift_points),
            Shock::Currency {
                currency,
                change_percent,
            } => {
                let name = currency.map(|currency| currency.to_string()).unwrap_or_default();
                row("currency", ("all", name), *change_percent)
            }
        }
    }

    /// Returns the shock, or what is wrong with the row.
    fn shock(&self) -> Result<Shock, String> {
        let name = self.name.trim();
        let size = || number(&self.size);
        let currency = || match name {
            "" => Ok(None),
            code => Currency::parse(&code.to_uppercase())
                .map(Some)
                .map_err(|_| format!("{code} is not a currency")),
        };
        Ok(match self.kind.as_str() {
            "factor" => Shock::Factor {
                symbol: needed(name, "a symbol")?,
                change_percent: size()?,
            },
            "rates" => Shock::Rates {
                currency: currency()?,
                points: points(&self.size)?,
            },
            "currency" => Shock::Currency {
                currency: currency()?,
                change_percent: size()?,
            },
            "spread" => Shock::Spread {
                of: self.selection()?,
                shift_bp: size()?,
            },
            "volatility" => Shock::Volatility {
                of: self.selection()?,
                shift_points: size()?,
            },
            _ => Shock::Price {
                of: self.selection()?,
                change_percent: size()?,
            },
        })
    }

    fn selection(&self) -> Result<Selection, String> {
        let name = self.name.trim();
        Ok(match self.of.as_str() {
            "symbol" => Selection::Symbol(needed(name, "a symbol")?),
            "sector" => Selection::Sector(needed(name, "a sector")?),
            "country" => Selection::Country(needed(name, "a country")?),
            "kind" => Selection::Kind(needed(name, "a kind, such as equity")?),
            "currency" => Selection::Currency(
                Currency::parse(&name.to_uppercase()).map_err(|_| format!("`{name}` is not a currency"))?,
            ),
            _ => Selection::All,
        })
    }
}

fn selected(of: &Selection) -> (&'static str, String) {
    match of {
        Selection::All => ("all", String::new()),
        Selection::Symbol(name) => ("symbol", name.clone()),
        Selection::Sector(name) => ("sector", name.clone()),
        Selection::Country(name) => ("country", name.clone()),
        Selection::Kind(name) => ("kind", name.clone()),
        Selection::Currency(currency) => ("currency", currency.to_string()),
    }
}

fn needed(text: &str, what: &str) -> Result<String, String> {
    if text.is_empty() {
        Err(format!("a shock needs {what}"))
    } else {
        Ok(text.to_owned())
    }
}

fn number(text: &str) -> Result<f64, String> {
    text.trim()
        .parse()
        .map_err(|_| format!("`{}` is not a number; write it like -10", text.trim()))
}

/// Reads `100`, or terms and shifts such as `2:50 10:100`.
fn points(text: &str) -> Result<Vec<RatePoint>, String> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    if let [only] = parts.as_slice()
        && !only.contains(':')
    {
        return Ok(vec![RatePoint {
            years: 0.0,
            shift_bp: number(only)?,
        }]);
    }
    parts
        .into_iter()
        .map(|part| match part.split_once(':') {
            Some((years, shift)) => Ok(RatePoint {
                years: number(years)?,
                shift_bp: number(shift)?,
            }),
            None => Err(format!("`{part}` is not a term and a shift; write them like 10:100")),
        })
        .collect()
}

/// Reads whose prices stand for whose, as `PRIVATE=SP500 OTHER=ACME`.
fn proxies(text: &str) -> Result<BTreeMap<String, String>, String> {
    text.split_whitespace()
        .map(|pair| match pair.split_once('=') {
            Some((symbol, proxy)) if !symbol.is_empty() && !proxy.is_empty() => {
                Ok((symbol.to_owned(), proxy.to_owned()))
            }
            _ => Err(format!("`{pair}` names no proxy; write it like PRIVATE=SP500")),
        })
        .collect()
}

/// What is typed, all of it.
#[derive(Debug, Clone, PartialEq)]
struct Draft {
    name: String,
    note: String,
    from: String,
    until: String,
    rest: Rest,
    proxies: String,
    window: String,
    interest: String,
    rows: Vec<Row>,
    base: Scenario,
}

impl Draft {
    fn of(scenario: Scenario) -> Self {
        let day = |pick: fn(&Replay) -> jiff::civil::Date| {
            scenario
                .replay
                .as_ref()
                .map(|replay| pick(replay).to_string())
                .unwrap_or_default()
        };
        Self {
            name: scenario.name.clone(),
            note: scenario.note.clone(),
            from: day(|replay| replay.from),
            until: day(|replay| replay.until),
            rest: scenario.rest,
            proxies: scenario
                .proxies
                .iter()
                .map(|(symbol, proxy)| format!("{symbol}={proxy}"))
                .collect::<Vec<_>>()
                .join(" "),
            window: scenario.window.to_string(),
            interest: scenario.interest_percent.to_string(),
            rows: scenario.shocks.iter().map(Row::of_shock).collect(),
            base: scenario,
        }
    }

    /// Returns the document, or what is wrong with the first row that cannot be read.
    fn scenario(&self) -> Result<Scenario, String> {
        let day = |text: &str| {
            text.trim()
                .parse()
                .map_err(|_| format!("`{}` is not a day; write it like 2020-02-19", text.trim()))
        };
        let replay = match (self.from.trim(), self.until.trim()) {
            ("", "") => None,
            (from, until) => Some(Replay {
                from: day(from)?,
                until: day(until)?,
            }),
        };
        Ok(Scenario {
            name: self.name.trim().to_owned(),
            note: self.note.trim().to_owned(),
            replay,
            shocks: self.rows.iter().map(Row::shock).collect::<Result<_, _>>()?,
            rest: self.rest,
            proxies: proxies(&self.proxies)?,
            window: self
                .window
                .trim()
                .parse()
                .map_err(|_| format!("`{}` is not a number of days; write it like 504", self.window.trim()))?,
            interest_percent: number(&self.interest)?,
            ..self.base.clone()
        })
    }
}

/// The dialog: a new scenario, or one of the book changed.
#[component]
pub(crate) fn ScenarioDialog(entry: ScenarioEntry) -> Element {
    let mut desk = use_desk();
    let base_version = entry.version;
    let mut draft = use_signal(|| Draft::of(entry.scenario.clone()));
    let refused = use_signal(|| None::<String>);
    // Unnamed drafts run under a name of their own, so that the result shows before one is chosen.
    let result = use_answer(move || {
        let mut scenario = draft().scenario().ok()?;
        if scenario.name.is_empty() {
            scenario.name = "Draft".to_owned();
        }
        Some(RunScenarios {
            view: desk.view()?,
            scenarios: vec![scenario],
            with_lines: false,
        })
    });
    let read = use_memo(move || draft().scenario());
    let problem = read()
        .err()
        .or_else(|| (result.failure)().map(|failure| failure.sentence));
    let found = result.get();
    let profit = found.as_ref().and_then(|found| {
        Some((
            Reading::gain(&found.runs.first()?.profit, found.currency),
            found.currency,
        ))
    });
    let share = found
        .as_ref()
        .and_then(|found| Some(Reading::rate(&found.runs.first()?.share)));
    let keep = move |_| {
        let Ok(scenario) = read() else { return };
        let name = scenario.name.clone();
        spawn_forever(async move {
            match desk.write(SaveScenario { scenario, base_version }).await {
                Ok(_) => {
                    desk.keep("scenarios.focus", name.clone());
                    desk.say(format!("{name} is kept in the book"));
                    set_if_there(desk.overlay, None);
                }
                Err(failure) => set_if_there(refused, Some(sentence(&failure.sentence))),
            }
        });
    };
    rsx! {
        Dialog {
            name: "scenario",
            title: if base_version == 0 { "Build a scenario" } else { "Change a scenario" },
            width: "wide",
            actions: rsx! {
                Button { testid: "scenario-cancel", onclick: move |_| desk.overlay.set(None), "Cancel" }
                Button {
                    testid: "scenario-save",
                    kind: ButtonKind::Primary,
                    disabled: read().is_err() || draft.read().name.trim().is_empty(),
                    onclick: keep,
                    "Keep in the book"
                }
            },
            div { class: "form columns",
                Field { name: "build-name", label: "Name", value: draft.read().name.clone(), autofocus: true, disabled: base_version > 0, oninput: move |text| draft.write().name = text }
                Field { name: "build-note", label: "What it stands for", value: draft.read().note.clone(), oninput: move |text| draft.write().note = text }
                Field { name: "build-from", label: "Moves of the past from", value: draft.read().from.clone(), placeholder: "YYYY-MM-DD", oninput: move |text| draft.write().from = text }
                Field { name: "build-until", label: "until", value: draft.read().until.clone(), placeholder: "YYYY-MM-DD", oninput: move |text| draft.write().until = text }
                RestSelect { name: "build-rest", rest: draft.read().rest, onchange: move |rest| draft.write().rest = rest }
                Field { name: "build-proxies", label: "Proxies without history", value: draft.read().proxies.clone(), placeholder: "PRIVATE=SP500", oninput: move |text| draft.write().proxies = text }
                Field { name: "build-window", label: "Window of betas, days", numeric: true, value: draft.read().window.clone(), oninput: move |text| draft.write().window = text }
                Field { name: "build-interest", label: "Interest of options, %", numeric: true, value: draft.read().interest.clone(), oninput: move |text| draft.write().interest = text }
            }
            div { class: "shock-rows", "data-testid": "shocks",
                for (at, row) in draft.read().rows.clone().into_iter().enumerate() {
                    {shock_row(at, row, draft)}
                }
                Button {
                    testid: "shock-add",
                    kind: ButtonKind::Quiet,
                    onclick: move |_| draft.write().rows.push(Row::new()),
                    "Add a shock"
                }
            }
            p { class: "shock-result", "data-testid": "build-result", "data-stale": if !(result.current)() { "true" },
                match (refused(), problem, profit) {
                    (Some(words), ..) => rsx! { span { class: "field-error", role: "alert", "{words}" } },
                    (None, Some(words), _) => rsx! { span { class: "field-error", role: "alert", {sentence(&words)} } },
                    (None, None, Some((reading, currency))) => rsx! {
                        span { class: "field-label", "Result of the current book" }
                        strong { class: "numeric {reading.tone.class()}", "{reading.text} {currency}" }
                        if let Some(share) = share {
                            span { class: "numeric", "{share.text}" }
                        }
                    },
                    _ => rsx! { span { class: "faint", "Add a shock, or the days of a stretch of the past" } },
                }
            }
        }
    }
}

fn shock_row(at: usize, row: Row, mut draft: Signal<Draft>) -> Element {
    let narrowed = matches!(row.kind.as_str(), "price" | "spread" | "volatility");
    let (label, needs_name) = match row.kind.as_str() {
        "factor" => ("Symbol", true),
        "rates" | "currency" => ("Currency, all where empty", true),
        _ => ("Which", row.of != "all"),
    };
    let unit = KINDS
        .iter()
        .find(|(kind, ..)| *kind == row.kind)
        .map_or("", |(_, _, unit)| *unit);
    let hint = if row.kind == "rates" {
        "bp, or by term: 2:50 10:100"
    } else {
        unit
    };
    let mut edit = move |change: &dyn Fn(&mut Row)| {
        if let Some(row) = draft.write().rows.get_mut(at) {
            change(row);
        }
    };
    rsx! {
        div { key: "{at}", class: "shock-row", "data-testid": "shock-{at}",
            Select {
                name: "shock-kind-{at}",
                label: "What moves",
                value: row.kind.clone(),
                choices: KINDS.iter().map(|(id, words, _)| Choice::new(*id, *words)).collect::<Vec<_>>(),
                onchange: move |text: String| edit(&|row| row.kind = text.clone()),
            }
            if narrowed {
                Select {
                    name: "shock-of-{at}",
                    label: "Of",
                    value: row.of.clone(),
                    choices: SELECTIONS.iter().map(|(id, words)| Choice::new(*id, *words)).collect::<Vec<_>>(),
                    onchange: move |text: String| edit(&|row| row.of = text.clone()),
                }
            }
            if needs_name {
                Field {
                    name: "shock-name-{at}",
                    label,
                    value: row.name.clone(),
                    oninput: move |text: String| edit(&|row| row.name = text.clone()),
                }
            }
            Field {
                name: "shock-size-{at}",
                label: "By",
                hint,
                numeric: true,
                value: row.size.clone(),
                oninput: move |text: String| edit(&|row| row.size = text.clone()),
            }
            Button {
                testid: "shock-remove-{at}",
                kind: ButtonKind::Quiet,
                title: "Remove this shock",
                onclick: move |_| {
                    let mut draft = draft.write();
                    if at < draft.rows.len() {
                        draft.rows.remove(at);
                    }
                },
                "✕"
            }
        }
    }
}

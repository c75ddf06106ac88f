//! `apex scenario`: what the current book would gain or lose, if.

mod horizon;

use std::path::Path;

use anyhow::Context;
use apex_app::scenario;
use apex_domain::Currency;
use apex_format::{counted, money, percent};
use apex_wire::scenario::{
    GetReverseStress, GetScenarios, RemoveScenario, ReverseStress, RunScenarios, SaveScenario, Scenario, ScenarioEntry,
    ScenarioRun, ScenarioRuns,
};

use super::Done;
use crate::arguments::{Reverse, RunScenario, ScenarioAct};
use crate::desk::{self, Desk, refused};
use crate::output::{self, Set, Table};

/// A scenario with every kind of shock, for people to start from.
const TEMPLATE: &str = include_str!("scenario.toml");

/// Does what was typed after `apex scenario`.
pub(super) async fn scenario(desk: &Desk, act: ScenarioAct) -> anyhow::Result<Done> {
    match act {
        ScenarioAct::New => output::text(TEMPLATE)?,
        ScenarioAct::List => {
            desk.open().await?;
            let entries = desk.app.get_scenarios(GetScenarios {}).await.map_err(refused)?;
            if desk.common.json {
                output::json(&entries)?;
            } else {
                output::text(&list(&entries))?;
            }
        }
        ScenarioAct::Run(ask) => {
            desk.open().await?;
            run(desk, &ask).await?;
        }
        ScenarioAct::Keep { file } => {
            desk.open().await?;
            let scenario = from_file(&file)?;
            let name = scenario.name.clone();
            let base_version = version(desk, &name).await?.unwrap_or(0);
            let ask = SaveScenario { scenario, base_version };
            let version = desk.app.save_scenario(ask, &desk.moment()).await.map_err(refused)?;
            answer(desk, &name, Some(version), "kept")?;
        }
        ScenarioAct::Remove { name } => {
            desk.open().await?;
            let Some(base_version) = version(desk, &name).await? else {
                anyhow::bail!("the book has no scenario {name}");
            };
            let ask = RemoveScenario { name, base_version };
            let name = ask.name.clone();
            desk.app.remove_scenario(ask, &desk.moment()).await.map_err(refused)?;
            answer(desk, &name, None, "removed")?;
        }
        ScenarioAct::Reverse(ask) => {
            desk.open().await?;
            reverse(desk, &ask)?;
        }
    }
    Ok(Done::Well)
}

async fn run(desk: &Desk, ask: &RunScenario) -> anyhow::Result<()> {
    let mut scenarios = Vec::with_capacity(ask.scenarios.len());
    for name in &ask.scenarios {
        scenarios.push(named(desk, name).await?);
    }
    let runs = desk
        .app
        .run_scenarios(RunScenarios {
            view: desk.view()?,
            scenarios: scenarios.clone(),
            with_lines: true,
        })
        .map_err(refused)?;
    let mut horizons = Vec::with_capacity(scenarios.len());
    for scenario in &scenarios {
        let plan = horizon::plan(scenario, ask);
        horizons.push(plan.map(|plan| horizon::run(desk, scenario, plan)).transpose()?);
    }
    if !desk.common.json {
        let mut text = text(&runs);
        for horizon in horizons.iter().flatten() {
            text.push('\n');
            text.push_str(&horizon::text(horizon));
        }
        return output::text(&text);
    }
    let mut reply = serde_json::to_value(&runs).context("the reply cannot be written as JSON")?;
    if let Some(rows) = reply.get_mut("runs").and_then(serde_json::Value::as_array_mut) {
        for (row, horizon) in rows.iter_mut().zip(&horizons) {
            let (Some(row), Some(horizon)) = (row.as_object_mut(), horizon) else {
                continue;
            };
            let mut horizon = serde_json::to_value(horizon).context("the reply cannot be written as JSON")?;
            // The points say the same, in money.
            horizon.as_object_mut().and_then(|horizon| horizon.remove("fan"));
            row.insert("horizon".to_owned(), horizon);
        }
    }
    output::figures(&reply)
}

/// Returns the scenario of a name, or of a file where the text names one.
pub(super) async fn named(desk: &Desk, text: &str) -> anyhow::Result<Scenario> {
    let path = Path::new(text);
    if text == "-" || path.extension().is_some_and(|extension| extension == "toml") {
        return from_file(path);
    }
    desk.app.scenario_named(text).await.map_err(refused)
}

fn from_file(path: &Path) -> anyhow::Result<Scenario> {
    let (name, bytes) = desk::file(path)?;
    let text = String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("{name} is not UTF-8 text"))?;
    scenario::read(&text).map_err(|err| anyhow::anyhow!("{name}: {err}"))
}

/// Returns the version that the book has of a scenario.
async fn version(desk: &Desk, name: &str) -> anyhow::Result<Option<u64>> {
    let entries = desk.app.get_scenarios(GetScenarios {}).await.map_err(refused)?;
    let own = entries.into_iter().filter(|entry| entry.version > 0);
    Ok(own
        .into_iter()
        .find(|entry| entry.scenario.name == name)
        .map(|entry| entry.version))
}

fn answer(desk: &Desk, name: &str, version: Option<u64>, done: &str) -> anyhow::Result<()> {
    if desk.common.json {
        output::json(&serde_json::json!({ "name": name, "version": version }))
    } else {
        output::text(&format!("{name} is {done}\n"))
    }
}

fn list(entries: &[ScenarioEntry]) -> String {
    let mut table = Table::new(&[
        ("Scenario", Set::Words),
        ("From", Set::Words),
        ("What it is", Set::Words),
    ]);
    for entry in entries {
        table.row([
            entry.scenario.name.clone(),
            if entry.version == 0 { "program" } else { "book" }.to_owned(),
            entry.scenario.note.clone(),
        ]);
    }
    table.layout()
}

fn text(runs: &ScenarioRuns) -> String {
    let nav = amount(&runs.nav, runs.currency);
    let mut text = format!("Net asset value on {}: {nav} {}\n", runs.as_of, runs.currency);
    for run in &runs.runs {
        text.push('\n');
        text.push_str(&one(run, runs.currency));
    }
    text
}

fn one(run: &ScenarioRun, currency: Currency) -> String {
    let mut table = Table::new(&[
        ("Holding", Set::Words),
        ("Before", Set::Numbers),
        ("Price", Set::Numbers),
        ("Currency", Set::Numbers),
        ("Result", Set::Numbers),
        ("By what rule", Set::Words),
    ]);
    for line in &run.lines {
        table.row([
            line.symbol.clone(),
            amount(&line.before, currency),
            percent(line.price_change.known().copied(), 2).to_string(),
            percent(line.currency_change.known().copied(), 2).to_string(),
            amount(&line.profit, currency),
            line.how.clone(),
        ]);
    }
    for group in &run.groups {
        table.note(format!(
            "{} {}: {}",
            group.dimension,
            group.name,
            amount(&group.profit, currency)
        ));
    }
    for limit in run.limits.iter().filter(|limit| limit.broken) {
        let after = limit.after.known().map(|after| percent(*after, 2).to_string());
        table.note(format!(
            "limit broken: {}, {} {}, stands at {} {}",
            limit.name,
            limit.words,
            percent(limit.limit, 2),
            output::or_unknown(after),
            limit.whose
        ));
    }
    run.notes.iter().for_each(|note| table.note(note.clone()));
    run.left_out
        .iter()
        .for_each(|line| table.note(format!("left out: {line}")));
    format!(
        "{}: {} {currency}, {} of net asset value\n\n{}",
        run.name,
        amount(&run.profit, currency),
        percent(run.share.known().copied(), 2),
        table.layout()
    )
}

fn reverse(desk: &Desk, ask: &Reverse) -> anyhow::Result<()> {
    let ask = GetReverseStress {
        view: desk.view()?,
        loss: ask.loss,
        window: ask.window,
        horizon: ask.horizon,
    };
    let found: ReverseStress = desk.app.get_reverse_stress(ask.clone()).map_err(refused)?;
    if desk.common.json {
        return output::figures(&found);
    }
    let mut table = Table::new(&[
        ("Holding", Set::Words),
        ("Its move", Set::Numbers),
        ("In the book", Set::Numbers),
    ]);
    for part in &found.moves {
        table.row([
            part.symbol.clone(),
            percent(part.change, 2).to_string(),
            percent(part.part, 2).to_string(),
        ]);
    }
    found
        .distance
        .because()
        .into_iter()
        .for_each(|because| table.note(because.to_owned()));
    found
        .left_out
        .iter()
        .for_each(|line| table.note(format!("left out: {line}")));
    let distance = found.distance.known().map_or_else(String::new, |distance| {
        format!(
            ", {distance:.2} standard deviations of {} away",
            counted(u64::from(ask.horizon), "day")
        )
    });
    output::text(&format!(
        "The most plausible loss of {}{distance}\n\n{}",
        percent(ask.loss, 2),
        table.layout()
    ))
}

fn amount(figure: &apex_wire::Amount, currency: Currency) -> String {
    money(figure.known().copied(), currency.code()).to_string()
}

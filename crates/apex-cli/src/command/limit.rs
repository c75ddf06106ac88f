//! `apex limits`: what a portfolio may lose, hold or lack, and where it stands.

use apex_format::percent;
use apex_wire::limit::{GetLimits, Limit, LimitEntry, LimitRule, RemoveLimit, SaveLimit};

use super::Done;
use crate::arguments::{AddLimit, LimitKind, LimitsAct};
use crate::desk::{Desk, refused};
use crate::output::{self, Set, Table, or_unknown};

/// Does what was typed after `apex limits`.
pub(super) async fn limits(desk: &Desk, act: Option<LimitsAct>) -> anyhow::Result<Done> {
    desk.open().await?;
    let view = desk.view()?;
    let entries = desk.app.get_limits(GetLimits { view }).map_err(refused)?;
    let version = |name: &str| {
        let found = entries.iter().find(|entry| entry.limit.name == name);
        found.map(|entry| entry.version)
    };
    match act {
        None if desk.common.json => output::figures(&serde_json::json!({ "rows": entries }))?,
        None => output::text(&list(&entries))?,
        Some(LimitsAct::Add(ask)) => {
            let limit = Limit {
                name: ask.name.trim().to_owned(),
                portfolio: view.portfolio,
                rule: rule(&ask)?,
                percent: ask.percent,
            };
            let name = limit.name.clone();
            let base_version = version(&name).unwrap_or(0);
            let ask = SaveLimit { limit, base_version };
            let version = desk.app.save_limit(ask, &desk.moment()).await.map_err(refused)?;
            answer(desk, &name, Some(version), "kept")?;
        }
        Some(LimitsAct::Remove { name }) => {
            let Some(base_version) = version(&name) else {
                anyhow::bail!("the portfolio has no limit {name}");
            };
            let ask = RemoveLimit {
                name: name.clone(),
                base_version,
            };
            desk.app.remove_limit(ask, &desk.moment()).await.map_err(refused)?;
            answer(desk, &name, None, "removed")?;
        }
    }
    Ok(Done::Well)
}

/// Returns the rule that was typed; what does not belong to its kind is refused.
fn rule(ask: &AddLimit) -> anyhow::Result<LimitRule> {
    let given = [
        ("--scenario", ask.scenario.is_some(), LimitKind::ScenarioLoss),
        ("--symbol", ask.symbol.is_some(), LimitKind::NameWeight),
        ("--sector", ask.sector.is_some(), LimitKind::SectorWeight),
        ("--level", ask.level.is_some(), LimitKind::Var),
    ];
    if let Some((option, ..)) = given.iter().find(|(_, given, kind)| *given && *kind != ask.kind) {
        anyhow::bail!("{option} does not belong to a limit of this kind");
    }
    Ok(match ask.kind {
        LimitKind::ScenarioLoss => LimitRule::ScenarioLoss {
            scenario: ask.scenario.clone(),
        },
        LimitKind::Var => LimitRule::Var {
            level: ask.level.unwrap_or(0.99),
        },
        LimitKind::NameWeight => LimitRule::NameWeight {
            symbol: ask.symbol.clone(),
        },
        LimitKind::SectorWeight => LimitRule::SectorWeight {
            sector: ask.sector.clone(),
        },
        LimitKind::MinCash => LimitRule::MinCash,
    })
}

fn answer(desk: &Desk, name: &str, version: Option<u64>, done: &str) -> anyhow::Result<()> {
    if desk.common.json {
        output::json(&serde_json::json!({ "name": name, "version": version }))
    } else {
        output::text(&format!("{name} is {done}\n"))
    }
}

fn list(entries: &[LimitEntry]) -> String {
    if entries.is_empty() {
        return "no limits; set one with `apex limits add NAME --kind name-weight --percent 10`\n".to_owned();
    }
    let mut table = Table::new(&[
        ("Limit", Set::Words),
        ("What", Set::Words),
        ("Ends at", Set::Numbers),
        ("Stands at", Set::Numbers),
        ("Whose", Set::Words),
        ("", Set::Words),
    ]);
    for entry in entries {
        let value = entry.value.known().map(|value| percent(*value, 2));
        table.row([
            entry.limit.name.clone(),
            entry.words.clone(),
            percent(entry.limit.percent / 100.0, 2).to_string(),
            or_unknown(value),
            entry.whose.clone(),
            if entry.broken { "BROKEN" } else { "" }.to_owned(),
        ]);
        if let Some(because) = entry.value.because() {
            table.note(format!("{}: {because}", entry.limit.name));
        }
    }
    table.layout()
}

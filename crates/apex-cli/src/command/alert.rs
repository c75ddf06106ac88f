//! `apex alerts`: what to be told about, and what has fired.

use apex_wire::alert::{Alert, Alerts, AlertsSeen, Condition, FiredAlert, GetAlerts, RemoveAlert, SaveAlert};

use super::Done;
use crate::arguments::{AlertCondition, AlertsAct};
use crate::desk::{Desk, instrument, refused};
use crate::output::{self, Set, Table};

/// As many of what has fired are listed for a person; a program gets all.
const FIRED_MAX: usize = 10;

/// Does what was typed after `apex alerts`.
pub(super) async fn alerts(desk: &Desk, act: Option<AlertsAct>) -> anyhow::Result<Done> {
    desk.open().await?;
    let known = desk.app.get_alerts(GetAlerts {}).await.map_err(refused)?;
    let version = |name: &str| {
        let found = known.alerts.iter().find(|entry| entry.alert.name == name.trim());
        found.map(|entry| entry.version)
    };
    match act {
        None if desk.common.json => output::json(&known)?,
        None => output::text(&list(&known))?,
        Some(AlertsAct::Add(ask)) => {
            let alert = Alert {
                name: ask.name.trim().to_owned(),
                instrument: instrument(desk, &ask.symbol)?,
                condition: condition(&ask.condition)?,
                enabled: true,
            };
            let name = alert.name.clone();
            let base_version = version(&name).unwrap_or(0);
            let ask = SaveAlert { alert, base_version };
            let version = desk.app.save_alert(ask, &desk.moment()).await.map_err(refused)?;
            answer(desk, &name, Some(version), "kept")?;
        }
        Some(AlertsAct::Remove { name }) => {
            let Some(base_version) = version(&name) else {
                anyhow::bail!("the book has no alert {name}");
            };
            let ask = RemoveAlert {
                name: name.trim().to_owned(),
                base_version,
            };
            desk.app.remove_alert(ask, &desk.moment()).await.map_err(refused)?;
            answer(desk, &name, None, "removed")?;
        }
        Some(AlertsAct::Seen) => {
            desk.app.alerts_seen(AlertsSeen {}).await.map_err(refused)?;
            if desk.common.json {
                output::json(&serde_json::json!({ "seen": known.unseen }))?;
            } else {
                output::text(&format!(
                    "{} marked as seen\n",
                    apex_format::counted(known.unseen as u64, "alert")
                ))?;
            }
        }
        Some(AlertsAct::Watch) => watch(desk).await,
    }
    Ok(Done::Well)
}

/// Prints what fires until Ctrl-C.
async fn watch(desk: &Desk) {
    let job = desk.job();
    let show = |fired: &FiredAlert| {
        let shown = if desk.common.json {
            output::json_line(fired)
        } else {
            Ok(format!(
                "{}  {}  {}: {}\n",
                fired.at, fired.symbol, fired.name, fired.sentence
            ))
        };
        // Whoever does not read on hears no more.
        if !shown.and_then(|text| output::text_while_read(&text)).unwrap_or(false) {
            job.cancel();
        }
    };
    tokio::select! {
        () = desk.app.watch_alerts(show) => {}
        () = crate::desk::cancelled(&job) => {}
        () = output::unread() => {}
    }
}

fn condition(ask: &AlertCondition) -> anyhow::Result<Condition> {
    let price_above = ask.above.map(|price| Condition::PriceAbove { price });
    let price_below = ask.below.map(|price| Condition::PriceBelow { price });
    let change = ask.change.map(|percent| Condition::Change { percent });
    let volume = ask.volume.map(|shares| Condition::Volume { shares });
    let stale = ask.stale.map(|minutes| Condition::Stale { minutes });
    let found = price_above.or(price_below).or(change).or(volume).or(stale);
    found.ok_or_else(|| anyhow::anyhow!("an alert needs a condition, such as --above 190"))
}

fn answer(desk: &Desk, name: &str, version: Option<u64>, done: &str) -> anyhow::Result<()> {
    if desk.common.json {
        output::json(&serde_json::json!({ "name": name, "version": version }))
    } else {
        output::text(&format!("{name} is {done}\n"))
    }
}

fn list(known: &Alerts) -> String {
    if known.alerts.is_empty() && known.fired.is_empty() {
        return "no alerts; set one with `apex alerts add NAME --symbol AAPL --above 190`\n".to_owned();
    }
    let mut text = String::new();
    if !known.alerts.is_empty() {
        let mut table = Table::new(&[
            ("Alert", Set::Words),
            ("Symbol", Set::Words),
            ("When", Set::Words),
            ("", Set::Words),
        ]);
        for entry in &known.alerts {
            let state = match (entry.alert.enabled, entry.holds) {
                (false, _) => "off",
                (true, true) => "holds",
                (true, false) => "",
            };
            table.row([
                entry.alert.name.clone(),
                entry.symbol.clone(),
                entry.words.clone(),
                state.to_owned(),
            ]);
        }
        text.push_str(&table.layout());
    }
    if !known.fired.is_empty() {
        let mut table = Table::new(&[
            ("Fired", Set::Words),
            ("Symbol", Set::Words),
            ("Alert", Set::Words),
            ("What happened", Set::Words),
            ("", Set::Words),
        ]);
        for fired in known.fired.iter().take(FIRED_MAX) {
            table.row([
                fired.at.to_string(),
                fired.symbol.clone(),
                fired.name.clone(),
                fired.sentence.clone(),
                if fired.seen { "" } else { "new" }.to_owned(),
            ]);
        }
        if known.fired.len() > FIRED_MAX {
            table.note(format!("{} earlier", known.fired.len() - FIRED_MAX));
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&table.layout());
    }
    text
}

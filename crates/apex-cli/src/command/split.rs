//! `apex data splits`: splits that a ledger lacks, listed and recorded.

use std::collections::BTreeSet;

use apex_wire::split::{GetMissingSplits, MissingSplit, RecordSplits};

use super::Done;
use crate::arguments::SplitsAct;
use crate::desk::{Desk, refused};
use crate::output::{self, Set, Table};

/// Does what was typed after `apex data splits`.
pub(super) async fn splits(desk: &Desk, act: Option<SplitsAct>) -> anyhow::Result<Done> {
    let portfolio = desk.common.portfolio.as_deref();
    let portfolio = portfolio
        .map(|name| desk.app.view(Some(name), None, None))
        .transpose()?;
    let ask = GetMissingSplits {
        portfolio: portfolio.map(|view| view.portfolio),
    };
    let missing = desk.app.get_missing_splits(ask).await.map_err(refused)?;
    let Some(SplitsAct::Record { symbols, dry_run }) = act else {
        if desk.common.json {
            output::json(&serde_json::json!({ "rows": missing }))?;
        } else {
            output::text(&table(&missing))?;
        }
        return Ok(Done::Well);
    };
    let wanted = symbols.iter().map(|symbol| desk.app.instrument_named(symbol));
    let wanted: BTreeSet<_> = wanted.collect::<Result<_, _>>()?;
    let named = missing
        .iter()
        .filter(|split| wanted.is_empty() || wanted.contains(&split.instrument));
    let ask = RecordSplits {
        splits: named.map(MissingSplit::name).collect(),
        preview: dry_run,
    };
    let recorded = desk.app.record_splits(ask, &desk.moment()).await.map_err(refused)?;
    if desk.common.json {
        output::json(&recorded)?;
    } else {
        output::text(&format!("{}\n{}", recorded.sentence, table(&recorded.rows)))?;
    }
    Ok(Done::Well)
}

/// Says what a split that is missing does, in a sentence.
pub(super) fn words(split: &MissingSplit) -> String {
    format!(
        "{} {} of {} is not in the ledger of {}, {}: {} old shares are valued at new prices; `apex data splits record`",
        split.symbol,
        split.ratio,
        split.ex_date,
        split.portfolio_name,
        split.account_name,
        apex_format::quantity(split.before),
    )
}

fn table(splits: &[MissingSplit]) -> String {
    if splits.is_empty() {
        return "no ledger lacks a split\n".to_owned();
    }
    let mut table = Table::new(&[
        ("Portfolio", Set::Words),
        ("Account", Set::Words),
        ("Symbol", Set::Words),
        ("First day", Set::Words),
        ("New for old", Set::Words),
        ("Before", Set::Numbers),
        ("After", Set::Numbers),
        ("Source", Set::Words),
    ]);
    for split in splits {
        table.row([
            split.portfolio_name.clone(),
            split.account_name.clone(),
            split.symbol.clone(),
            split.ex_date.to_string(),
            split.ratio.to_string(),
            apex_format::quantity(split.before).to_string(),
            apex_format::quantity(split.after).to_string(),
            split.source.clone(),
        ]);
    }
    table.layout()
}

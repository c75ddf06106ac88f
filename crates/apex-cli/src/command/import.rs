//! `apex import`: one file, all of it or nothing.

use anyhow::Context;
use apex_app::import::{ImportFileAsk, Imported, Template, UNKNOWN_NAME};
use apex_wire::import::{Format, ImportKind};

use super::Done;
use crate::arguments::{self, Import};
use crate::desk::{self, Desk};
use crate::output::{self, Set, Table};

/// Lines that name what was created, one each; a file of prices may create hundreds of symbols.
const CREATED_MAX: usize = 10;

/// Adds a file to the book, or says what that would do.
pub(super) async fn import(desk: &Desk, ask: Import) -> anyhow::Result<Done> {
    let (name, bytes) = desk::file(&ask.file)?;
    let template = match &ask.map {
        Some(path) => Some(map(path)?),
        None => None,
    };
    desk.open().await?;
    let home = match &desk.common.portfolio {
        Some(_) => Some(desk.view()?.portfolio),
        None => None,
    };
    let file = ImportFileAsk {
        kind: kind(ask.kind),
        name,
        bytes,
        format: Format::default(),
        mapping: None,
        template,
        home,
        create: ask.create,
        skip_bad: ask.skip_bad,
        dry_run: ask.dry_run,
    };
    let job = desk.job();
    let imported = desk.app.import_file(file, &desk.moment(), &job).await;
    drop(job);
    let Imported { plan, mut result } = imported?;
    let refused = !result.rejected.is_empty() && !ask.skip_bad;
    if refused {
        // A dry run says what the real one would do: nothing.
        (result.added, result.duplicates) = (0, 0);
    }
    let done = if refused { Done::Refused } else { Done::Well };
    if desk.common.json {
        output::json(&result)?;
        return Ok(done);
    }
    let format = [
        plan.format.encoding.clone(),
        plan.format.delimiter.map(|one| {
            if one == '\t' {
                "tab".to_owned()
            } else {
                format!("delimiter {one}")
            }
        }),
        plan.format.decimal.map(|mark| format!("decimal mark {mark}")),
        plan.format.date.clone().map(|date| format!("dates {date}")),
    ];
    let format: Vec<String> = format.into_iter().flatten().collect();
    let mut text = format!("{}: {} rows, {}\n", plan.name, plan.rows, format.join(", "));
    if !refused {
        let verb = if ask.dry_run { "would create" } else { "created" };
        let created = plan.created.sentences();
        for sentence in created.iter().take(CREATED_MAX) {
            text.push_str(&format!("{verb} {sentence}\n"));
        }
        if created.len() > CREATED_MAX {
            let more = created.len() - CREATED_MAX;
            text.push_str(&format!("{verb} {more} more\n"));
        }
    }
    if !result.rejected.is_empty() {
        let mut table = Table::new(&[
            ("Line", Set::Numbers),
            ("Column", Set::Words),
            ("Value", Set::Words),
            ("Reason", Set::Words),
        ]);
        for bad in &result.rejected {
            table.row([
                bad.line.to_string(),
                bad.column.clone(),
                bad.value.clone(),
                bad.reason.clone(),
            ]);
        }
        text.push_str(&format!("\n{}\n", table.layout()));
    }
    let (added, known) = if ask.dry_run {
        ("would be added", "known")
    } else {
        ("added", "known")
    };
    text.push_str(&format!(
        "{} {added}, {} {known} already, {} rejected\n",
        result.added,
        result.duplicates,
        result.rejected.len()
    ));
    output::text(&text)?;
    if refused {
        let unknown = plan.rejected.iter().any(|bad| bad.reason.ends_with(UNKNOWN_NAME));
        let create = if unknown && !ask.create {
            "create what is unknown with --create, "
        } else {
            ""
        };
        output::say(&format!(
            "apex: nothing was added; correct the lines listed, {create}or add the others with --skip-bad"
        ));
    }
    Ok(done)
}

fn map(path: &std::path::Path) -> anyhow::Result<Template> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Template::from_toml(&text).with_context(|| format!("{} is not a map file", path.display()))
}

fn kind(kind: arguments::ImportKind) -> ImportKind {
    match kind {
        arguments::ImportKind::Transactions => ImportKind::Transactions,
        arguments::ImportKind::Prices => ImportKind::Prices,
        arguments::ImportKind::Fx => ImportKind::Fx,
        arguments::ImportKind::Positions => ImportKind::Positions,
    }
}

//! `apex check`: the engine's worked examples.

use super::Done;
use crate::desk::{Desk, refused};
use crate::output::{self, Set, Table};
use apex_wire::check::RunCheck;

/// Runs every worked example and prints expected beside actual.
pub(super) fn check(desk: &Desk) -> anyhow::Result<Done> {
    let report = desk.app.run_check(RunCheck {}).map_err(refused)?;
    let done = if report.failed == 0 { Done::Well } else { Done::Refused };
    if desk.common.json {
        output::json(&report)?;
        return Ok(done);
    }
    let mut table = Table::new(&[
        ("", Set::Words),
        ("Group", Set::Words),
        ("Example", Set::Words),
        ("Expected", Set::Numbers),
        ("Actual", Set::Numbers),
        ("Tolerance", Set::Words),
        ("Source", Set::Words),
    ]);
    for case in &report.cases {
        table.row([
            if case.ok { "ok" } else { "FAILED" }.to_owned(),
            case.group.clone(),
            case.name.clone(),
            case.expected.clone(),
            case.actual.clone(),
            case.tolerance.clone(),
            case.source.clone(),
        ]);
    }
    output::text(&format!(
        "{}\n{} passed, {} failed\n",
        table.layout(),
        report.passed,
        report.failed
    ))?;
    Ok(done)
}

//! The self-check: worked examples with known answers, run through the engine that ships.
//!
//! Expected numbers come from the sources named, never from the engine. Examples of statistics live beside the engine;
//! those of the ledger are small books here, folded and valued as a person's own book is.

mod ledger;
mod sheet;

use apex_analytics::example::{WorkedExample, examples_by_group};
use apex_wire::Failure;
use apex_wire::check::{CheckCase, CheckReport, RunCheck};

use crate::App;

impl App {
    /// Runs every worked example. No book is needed.
    ///
    /// # Errors
    /// Never; the signature is that of every call.
    pub fn run_check(&self, _ask: RunCheck) -> Result<CheckReport, Failure> {
        Ok(report())
    }
}

fn report() -> CheckReport {
    let mut cases: Vec<CheckCase> = ledger::cases();
    for (group, examples) in examples_by_group() {
        cases.extend(examples.iter().map(|example| case_of(group, example)));
    }
    let passed = cases.iter().filter(|case| case.ok).count();
    CheckReport {
        passed,
        failed: cases.len() - passed,
        cases,
    }
}

fn case_of(group: &str, example: &WorkedExample) -> CheckCase {
    let tolerance = if example.tolerance == 0.0 {
        "exact".to_owned()
    } else {
        format!("{:e}", example.tolerance)
    };
    CheckCase {
        name: example.name.to_owned(),
        group: group.to_owned(),
        source: example.source.to_owned(),
        inputs: format!("{}; the numbers are those of the source", example.name),
        expected: example.expected.to_string(),
        actual: example
            .actual
            .map_or_else(|| "undefined".to_owned(), |actual| actual.to_string()),
        tolerance,
        ok: example.passes(),
    }
}

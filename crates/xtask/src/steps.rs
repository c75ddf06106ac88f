//! The visible list of steps, with their times.

use anyhow::Result;
use std::time::{Duration, Instant};

/// What a step that succeeded did.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The work was done.
    Done,
    /// Nothing had changed since the last time.
    Unchanged,
}

struct Record {
    name: String,
    state: &'static str,
    took: Duration,
}

/// The steps of one command so far.
pub(crate) struct Steps {
    records: Vec<Record>,
    failures: Vec<String>,
    started: Instant,
}

impl Steps {
    /// Starts the clock of the whole.
    pub(crate) fn new() -> Self {
        Self {
            records: Vec::new(),
            failures: Vec::new(),
            started: now(),
        }
    }

    /// Runs a step that the following ones need, and stops at its failure.
    pub(crate) fn run(&mut self, name: &str, work: impl FnOnce() -> Result<Outcome>) -> Result<()> {
        println!("\n==> {name}");
        let begin = now();
        let result = work();
        let took = begin.elapsed();
        let state = match &result {
            Ok(Outcome::Done) => "ok",
            Ok(Outcome::Unchanged) => "unchanged",
            Err(_) => "FAILED",
        };
        println!("    {name}: {state}, {:.1} s", took.as_secs_f64());
        self.records.push(Record {
            name: name.to_owned(),
            state,
            took,
        });
        result.map(|_| ()).inspect_err(|_| self.failures.push(name.to_owned()))
    }

    /// Runs a step whose failure is reported at the end, so that one run shows everything that is wrong.
    ///
    /// Returns whether it succeeded.
    pub(crate) fn attempt(&mut self, name: &str, work: impl FnOnce() -> Result<Outcome>) -> bool {
        self.run(name, work)
            .inspect_err(|error| eprintln!("error: {error:#}"))
            .is_ok()
    }

    /// Notes a step that cannot run because an earlier one failed.
    pub(crate) fn skip(&mut self, name: &str, missing: &str) {
        println!("\n==> {name}\n    not run: it needs \"{missing}\"");
        self.records.push(Record {
            name: name.to_owned(),
            state: "not run",
            took: Duration::ZERO,
        });
    }

    /// Returns the names of the steps that failed.
    pub(crate) fn failures(&self) -> &[String] {
        &self.failures
    }

    /// Prints each step with its time, and the whole.
    pub(crate) fn print_table(&self) {
        let width = self
            .records
            .iter()
            .map(|record| record.name.len())
            .max()
            .unwrap_or(0)
            .max(5);
        println!("\n{:width$}  {:9}  {:>8}", "step", "result", "time");
        for Record { name, state, took } in &self.records {
            println!("{name:width$}  {state:9}  {:>6.1} s", took.as_secs_f64());
        }
        println!(
            "{:width$}  {:9}  {:>6.1} s",
            "total",
            "",
            self.started.elapsed().as_secs_f64()
        );
    }
}

#[allow(clippy::disallowed_methods, reason = "the tool reports how long its steps took")]
fn now() -> Instant {
    Instant::now()
}

//! `cargo xtask test`: everything that must pass, in one run that shows everything that is wrong.

use crate::{
    desktop::{self, SELECTION},
    shell,
    steps::{Outcome, Steps},
    system, ui,
};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

/// A step's name and what to do when it fails.
struct Check {
    name: &'static str,
    advice: &'static str,
}

const FORMAT: Check = Check {
    name: "format",
    advice: "run `cargo fmt --all`",
};
const PAGES: Check = Check {
    name: "pages",
    advice: "run `cargo xtask ui` and mend the first error",
};
const CLIPPY_UI: Check = Check {
    name: "clippy, pages",
    advice: "run `cargo clippy --package apex-ui --target wasm32-unknown-unknown` and mend what it names",
};
const CLIPPY: Check = Check {
    name: "clippy",
    advice: "run `cargo clippy --workspace --exclude apex-ui --exclude xtask --all-targets` and mend what it names",
};
const DOCS: Check = Check {
    name: "docs",
    advice: "run `cargo doc --no-deps` for the crate named and mend its links",
};
const BUILD: Check = Check {
    name: "build",
    advice: "mend the first compile error above",
};
const TESTS: Check = Check {
    name: "tests",
    advice: "run the test named above alone: `cargo test --workspace --exclude apex-ui --exclude xtask NAME`",
};
const XTASK: Check = Check {
    name: "tests, xtask",
    advice: "run `cargo test --package xtask`",
};

/// Runs everything that must pass.
pub(crate) fn run() -> Result<()> {
    let mut steps = Steps::new();
    let mut counts = Counts::default();
    let result = all(&mut steps, &mut counts);
    steps.print_table();
    println!("\n{} passed, {} failed", counts.passed, counts.failed);
    if steps.failures().is_empty() {
        return result;
    }
    let checks = [FORMAT, PAGES, CLIPPY_UI, CLIPPY, DOCS, BUILD, TESTS, XTASK];
    for name in steps.failures() {
        if let Some(check) = checks.iter().find(|check| check.name == name) {
            println!("{name} failed: {}", check.advice);
        }
    }
    result.and_then(|()| bail!("failed: {}", steps.failures().join(", ")))
}

fn all(steps: &mut Steps, counts: &mut Counts) -> Result<()> {
    steps.run("system packages", || system::packages(true))?;
    steps.run("wasm target", system::wasm_target)?;
    steps.attempt(FORMAT.name, || done(shell::cargo(["fmt", "--all", "--check"])));

    let pages = ui::build(steps, false)
        .inspect_err(|error| eprintln!("error: {error:#}"))
        .is_ok();
    if !pages {
        // The window embeds this folder when it compiles, so that the rest can still be checked without the pages.
        fs::create_dir_all("ui/dist").context("cannot make ui/dist")?;
    }
    let wasm = "--target=wasm32-unknown-unknown";
    steps.attempt(CLIPPY_UI.name, || {
        done(shell::cargo([
            "clippy",
            "--locked",
            "--package=apex-ui",
            wasm,
            "--",
            "--deny=warnings",
        ]))
    });
    steps.attempt(CLIPPY.name, || {
        let mut clippy = shell::cargo(["clippy", "--locked"]);
        clippy.args(SELECTION).args(["--all-targets", "--", "--deny=warnings"]);
        done(clippy)?;
        done(shell::cargo([
            "clippy",
            "--locked",
            "--package=xtask",
            "--all-targets",
            "--",
            "--deny=warnings",
        ]))
    });
    steps.attempt(DOCS.name, || {
        let mut docs = shell::cargo(["doc", "--locked", "--no-deps"]);
        docs.args(SELECTION).env("RUSTDOCFLAGS", "--deny=warnings");
        done(docs)?;
        let mut docs = shell::cargo(["doc", "--no-deps", "--locked", "--package=apex-ui", wasm]);
        docs.env("RUSTDOCFLAGS", "--deny=warnings");
        done(docs)
    });
    let built = steps.attempt(BUILD.name, || {
        let mut build = shell::cargo(["build", "--locked"]);
        build.args(SELECTION).args(["--bins", "--tests"]);
        done(build)
    });
    if built {
        steps.attempt(TESTS.name, || {
            let mut tests = shell::cargo(["test", "--locked", "--no-fail-fast"]);
            tests.args(SELECTION);
            if pages && cfg!(target_os = "linux") {
                tests.env("APEX_E2E_BINARY", desktop::binary(false)?);
            }
            count(tests, counts)
        });
    } else {
        steps.skip(TESTS.name, BUILD.name);
    }
    steps.attempt(XTASK.name, || {
        count(shell::cargo(["test", "--locked", "--package=xtask"]), counts)
    });
    Ok(())
}

fn done(mut command: Command) -> Result<Outcome> {
    shell::run(&mut command)?;
    Ok(Outcome::Done)
}

/// How many tests passed and failed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
}

impl Counts {
    /// Adds what one line of a test program's output says.
    fn read(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in result.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(what)) = (words.next().and_then(|word| word.parse::<u64>().ok()), words.next())
            else {
                continue;
            };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                _ => {}
            }
        }
    }
}

/// Runs tests with their output on the terminal, and counts them on the way.
fn count(mut command: Command, counts: &mut Counts) -> Result<Outcome> {
    let shown = shell::show(&command);
    println!("$ {shown}");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {shown}"))?;
    let output = child.stdout.take().context("the output was asked for")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        counts.read(&line);
        writeln!(std::io::stdout(), "{line}")?;
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_over_test_programs() {
        let mut counts = Counts::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s",
        ] {
            counts.read(line);
        }
        assert_eq!(counts, Counts { passed: 13, failed: 2 });
    }
}

//! A data folder of one test, and the command run in it. There is no terminal, no keyring and no home folder.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The day that figures of these tests hold for, so that they do not depend on the clock.
pub(crate) const DAY: &str = "2026-03-31";

/// What the command answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    fn of(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Returns the JSON on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|err| panic!("{err}: {self:?}"))
    }

    /// Says that the command succeeded.
    pub(crate) fn good(self) -> Self {
        assert_eq!((self.status, self.err.as_str()), (0, ""), "{}", self.out);
        self
    }

    /// Says that the command was refused with one sentence that contains `words`.
    pub(crate) fn refused(self, words: &str) -> Self {
        assert_eq!(self.status, 1, "{self:?}");
        assert!(self.err.contains(words), "{words:?} is missing in {:?}", self.err);
        assert_eq!(self.err.trim_end().lines().count(), 1, "{}", self.err);
        self
    }
}

/// Prepares the command outside of every book.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_apex"));
    command.args(arguments).stdin(Stdio::null()).env_clear();
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    command
}

/// Runs the command outside of every book.
pub(crate) fn apex(arguments: &[&str]) -> Answer {
    Answer::of(command(arguments).output().unwrap())
}

/// A data folder, files beside it, and the passphrase of its book.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
    passphrase: Option<&'static str>,
}

impl Desk {
    /// Returns a desk without a book.
    pub(crate) fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            passphrase: Some("correct horse"),
        }
    }

    /// Returns a desk with an empty book.
    pub(crate) fn new() -> Self {
        let desk = Self::empty();
        desk.apex(&["init", "--passphrase"]).good();
        desk
    }

    /// Returns a desk with one portfolio and one account `Main`.
    pub(crate) fn with(currency: &str, lots: &str) -> Self {
        let desk = Self::new();
        desk.apex(&["portfolios", "add", "Core", "--currency", currency]).good();
        desk.apex(&["accounts", "add", "Main", "--lots", lots]).good();
        desk
    }

    /// Returns the same desk for somebody who gives another passphrase, or none.
    pub(crate) fn knowing(self, passphrase: Option<&'static str>) -> Self {
        Self { passphrase, ..self }
    }

    /// Returns the path of a file beside the book.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file beside the book and returns its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    /// Prepares the command in this book.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.env("APEX_DATA", self.path("book"));
        if let Some(passphrase) = self.passphrase {
            command.env("APEX_PASSPHRASE", passphrase);
        }
        command
    }

    /// Runs the command in this book.
    pub(crate) fn apex(&self, arguments: &[&str]) -> Answer {
        Answer::of(self.command(arguments).output().unwrap())
    }

    /// Runs a command that prints JSON and succeeds.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        self.apex(&arguments).good().json()
    }

    /// Runs a command that prints JSON about the day of these tests.
    pub(crate) fn on_the_day(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--as-of", DAY]).collect();
        self.json(&arguments)
    }

    /// Imports a text whole, creating what is unknown, and returns how many rows it added.
    pub(crate) fn import(&self, kind: &str, text: &str) -> u64 {
        let file = self.file(&format!("{kind}.csv"), text);
        let result = self.json(&["import", kind, &file, "--create"]);
        assert_eq!(result["rejected"], Value::Array(Vec::new()));
        result["added"].as_u64().unwrap()
    }
}

/// Returns the path of a file that tests share.
pub(crate) fn data(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/data")
        .join(name)
        .display()
        .to_string()
}

/// Returns the rows of a reply.
pub(crate) fn rows(reply: &Value) -> &Vec<Value> {
    reply["rows"].as_array().unwrap_or_else(|| panic!("no rows in {reply}"))
}

/// Returns the sum of a column of decimal strings over the rows that are wanted.
pub(crate) fn sum(reply: &Value, column: &str, wanted: impl Fn(&Value) -> bool) -> rust_decimal::Decimal {
    let cells = rows(reply).iter().filter(|row| wanted(row)).map(|row| &row[column]);
    cells
        .map(|cell| {
            cell.as_str()
                .unwrap_or_else(|| panic!("{column} is {cell}"))
                .parse::<rust_decimal::Decimal>()
                .unwrap()
        })
        .sum()
}

/// Returns whether two numbers agree to 1e-9 relative or 1e-12 absolute.
pub(crate) fn close(actual: f64, expected: f64) -> bool {
    (actual - expected).abs() <= (expected.abs() * 1e-9).max(1e-12)
}

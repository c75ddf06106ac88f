//! What goes to standard output: JSON, or tables that line up. A reader that went away is no error.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

use anyhow::Context;
use apex_format::{DecimalColumn, UNKNOWN};
use serde::Serialize;
use serde_json::Value;

/// Writes a text to standard output.
pub(crate) fn text(text: &str) -> anyhow::Result<()> {
    bytes(text.as_bytes())
}

/// Writes bytes to standard output.
pub(crate) fn bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard output"),
    }
}

/// Writes a text as long as anybody reads it, and returns whether somebody does.
pub(crate) fn text_while_read(text: &str) -> anyhow::Result<bool> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(err) => Err(err).context("cannot write to standard output"),
    }
}

/// Returns when nobody reads standard output any more: what is watched may have nothing to say for hours, and a write alone
/// would tell. Never where that cannot be known, as of a file.
#[cfg(unix)]
pub(crate) async fn unread() {
    use std::os::fd::AsFd as _;
    use tokio::io::Interest;
    use tokio::net::unix::pipe::Sender;

    // A pipe fails as soon as its other end is closed. Nothing is written through this handle.
    let out = io::stdout().as_fd().try_clone_to_owned();
    if let Ok(out) = out.and_then(Sender::from_owned_fd_unchecked)
        && out.ready(Interest::ERROR).await.is_ok_and(|ready| ready.is_error())
    {
        return;
    }
    std::future::pending().await
}

/// Never returns: here a closed pipe is known by writing to it.
#[cfg(not(unix))]
pub(crate) async fn unread() {
    std::future::pending().await
}

/// Returns a reply as one line of JSON.
pub(crate) fn json_line(reply: &impl Serialize) -> anyhow::Result<String> {
    let mut line = serde_json::to_string(reply).context("the reply cannot be written as JSON")?;
    line.push('\n');
    Ok(line)
}

/// Writes a reply as JSON: indented for a person, on one line for a program.
pub(crate) fn json(reply: &impl Serialize) -> anyhow::Result<()> {
    let written = if io::stdout().is_terminal() {
        serde_json::to_string_pretty(reply)
    } else {
        serde_json::to_string(reply)
    };
    let mut line = written.context("the reply cannot be written as JSON")?;
    line.push('\n');
    text(&line)
}

/// Writes a reply as JSON in which a figure is its value, and `null` where `unavailable` says why under its path.
pub(crate) fn figures(reply: &impl Serialize) -> anyhow::Result<()> {
    json(&with_reasons(reply)?)
}

/// Returns such a reply as one line of JSON.
pub(crate) fn figures_line(reply: &impl Serialize) -> anyhow::Result<String> {
    json_line(&with_reasons(reply)?)
}

fn with_reasons(reply: &impl Serialize) -> anyhow::Result<Value> {
    let mut value = serde_json::to_value(reply).context("the reply cannot be written as JSON")?;
    let mut reasons = serde_json::Map::new();
    plain("", &mut value, &mut reasons);
    if let Value::Object(fields) = &mut value {
        fields.insert("unavailable".to_owned(), Value::Object(reasons));
    }
    Ok(value)
}

/// Puts values in place of figures and keeps why some have none.
fn plain(path: &str, value: &mut Value, reasons: &mut serde_json::Map<String, Value>) {
    let below = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    match value {
        Value::Object(fields) if fields.len() == 1 && fields.contains_key("known") => {
            *value = fields.remove("known").unwrap_or_default();
        }
        Value::Object(fields) if fields.len() == 1 && fields.contains_key("unavailable") => {
            reasons.insert(path.to_owned(), fields.remove("unavailable").unwrap_or_default());
            *value = Value::Null;
        }
        Value::Object(fields) => {
            fields
                .iter_mut()
                .for_each(|(name, field)| plain(&below(name), field, reasons));
        }
        Value::Array(items) => {
            let items = items.iter_mut().enumerate();
            items.for_each(|(at, item)| plain(&below(&at.to_string()), item, reasons));
        }
        _ => {}
    }
}

/// Writes one sentence to standard error.
#[allow(
    clippy::print_stderr,
    reason = "standard error is where a command says what is not its result"
)]
pub(crate) fn say(sentence: &str) {
    eprintln!("{sentence}");
}

/// Returns a text, `--` where there is none.
pub(crate) fn or_unknown(text: Option<impl ToString>) -> String {
    text.map_or_else(|| UNKNOWN.to_owned(), |text| text.to_string())
}

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    /// Words, to the left.
    Words,
    /// Numbers, their decimal marks below one another.
    Numbers,
}

/// A table of texts, and the reasons for what is missing in it.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<(&'static str, Set)>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Table {
    /// Returns an empty table.
    pub(crate) fn new(columns: &[(&'static str, Set)]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds a row, one text a column.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Adds a reason, printed below the table; one that is there already is not printed again.
    pub(crate) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Returns how many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns the table as text, a line each row.
    pub(crate) fn layout(&self) -> String {
        let columns: Vec<Vec<String>> = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| self.column(at, *column))
            .collect();
        let mut text = String::new();
        for line in 0..=self.rows.len() {
            let cells: Vec<&str> = columns
                .iter()
                .filter_map(|column| column.get(line))
                .map(String::as_str)
                .collect();
            text.push_str(cells.join("  ").trim_end());
            text.push('\n');
        }
        if !self.notes.is_empty() {
            text.push('\n');
        }
        for note in &self.notes {
            text.push_str(note);
            text.push('\n');
        }
        text
    }

    /// Returns a heading and its cells, all of one width.
    fn column(&self, at: usize, (heading, set): (&'static str, Set)) -> Vec<String> {
        let cells = || self.rows.iter().map(|row| row.get(at).map_or("", String::as_str));
        let marks = DecimalColumn::measure(cells());
        let lined: Vec<String> = match set {
            Set::Words => cells().map(str::to_owned).collect(),
            Set::Numbers => cells().map(|cell| marks.pad(cell).to_string()).collect(),
        };
        let width = lined
            .iter()
            .map(|cell| cell.chars().count())
            .chain([heading.chars().count()])
            .max()
            .unwrap_or(0);
        std::iter::once(heading)
            .chain(lined.iter().map(String::as_str))
            .map(|cell| {
                let mut padded = String::with_capacity(width);
                let written = match set {
                    Set::Words => write!(padded, "{cell:<width$}"),
                    Set::Numbers => write!(padded, "{cell:>width$}"),
                };
                debug_assert!(written.is_ok(), "Invariant: a text can always be written to");
                padded
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_marks_stand_below_one_another_and_reasons_below_the_table() {
        let mut table = Table::new(&[
            ("Symbol", Set::Words),
            ("Quantity", Set::Numbers),
            ("Value", Set::Numbers),
        ]);
        table.row(["KO".to_owned(), "1.5".to_owned(), "-1,240.50".to_owned()]);
        table.row(["MERCK".to_owned(), "100".to_owned(), "--".to_owned()]);
        table.note("MERCK: no price".to_owned());
        table.note("MERCK: no price".to_owned());
        let expected = "\
Symbol  Quantity      Value
KO           1.5  -1,240.50
MERCK      100        --

MERCK: no price
";
        assert_eq!(table.layout(), expected);
    }
}

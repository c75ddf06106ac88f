//! `apex price`: a file of contracts in, their prices out, no book.

use apex_app::pricing::{self, PriceReply};
use serde_json::Value;

use super::Done;
use crate::arguments::{Common, FileOnly};
use crate::desk;
use crate::output::{self, Set, Table, or_unknown};

/// Prints the price of every contract of a file.
pub(super) fn price(ask: &FileOnly, common: &Common) -> anyhow::Result<Done> {
    let (name, bytes) = desk::file(&ask.file)?;
    let replies = pricing::price(&name, &bytes)?;
    if common.json {
        output::json(&replies)?;
    } else {
        output::text(&text(&replies))?;
    }
    Ok(Done::Well)
}

/// One row a figure: contracts of many kinds have few figures in common.
fn text(replies: &[PriceReply]) -> String {
    let mut table = Table::new(&[
        ("No.", Set::Words),
        ("Figure", Set::Words),
        ("", Set::Numbers),
        ("", Set::Words),
    ]);
    for (at, reply) in replies.iter().enumerate() {
        let number = (at + 1).to_string();
        match reply {
            PriceReply::Figures(figures) => {
                for (name, value) in figures {
                    let (figure, word) = cells(value);
                    table.row([number.clone(), name.clone(), figure, word]);
                }
            }
            PriceReply::Refused { error } => {
                table.row([number, "error".to_owned(), String::new(), error.clone()]);
            }
        }
    }
    table.layout()
}

/// Returns a value as a figure, or as words.
fn cells(value: &Value) -> (String, String) {
    match value {
        Value::Null => (or_unknown(None::<String>), String::new()),
        Value::Number(number) if number.is_f64() => (
            number
                .as_f64()
                .map_or_else(String::new, |number| format!("{number:.10}")),
            String::new(),
        ),
        Value::Number(number) => (number.to_string(), String::new()),
        Value::String(text) => (String::new(), text.clone()),
        other => (String::new(), other.to_string()),
    }
}

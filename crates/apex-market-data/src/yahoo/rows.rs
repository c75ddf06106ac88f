//! The rows of a chart: columns of prices side by side with their instants.

use apex_domain::Decimal;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{READ, noise, seconds};
use crate::error::ProviderError;
use crate::json::Raw;
use crate::record::{Bar, Basis, Interval, Ohlcv, Records, Remark, Window};
use crate::zone;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Indicators<'a> {
    #[serde(borrow, default)]
    quote: Vec<Columns<'a>>,
    #[serde(borrow)]
    adjclose: Option<Vec<AdjustedColumn<'a>>>,
}

type Column<'a> = Option<Vec<Raw<'a>>>;

#[derive(Debug, Default, Deserialize)]
struct Columns<'a> {
    #[serde(borrow)]
    open: Column<'a>,
    #[serde(borrow)]
    high: Column<'a>,
    #[serde(borrow)]
    low: Column<'a>,
    #[serde(borrow)]
    close: Column<'a>,
    #[serde(borrow)]
    volume: Column<'a>,
}

#[derive(Debug, Default, Deserialize)]
struct AdjustedColumn<'a> {
    #[serde(borrow)]
    adjclose: Column<'a>,
}

/// What the rows of a chart are about.
pub(super) struct Rows<'a> {
    pub(super) symbol: &'a str,
    pub(super) interval: Interval,
    pub(super) zone: &'a TimeZone,
    pub(super) instants: &'a [Raw<'a>],
}

impl Rows<'_> {
    /// Adds the bars.
    pub(super) fn read(&self, records: &mut Records, indicators: &Indicators<'_>) -> Result<(), ProviderError> {
        let instants = self.instants;
        let none = Columns::default();
        let columns = indicators.quote.first().unwrap_or(&none);
        let adjusted = indicators.adjclose.as_ref().and_then(|columns| columns.first());
        let named = [
            ("open", columns.open.as_deref()),
            ("high", columns.high.as_deref()),
            ("low", columns.low.as_deref()),
            ("close", columns.close.as_deref()),
            ("volume", columns.volume.as_deref()),
            ("adjclose", adjusted.and_then(|column| column.adjclose.as_deref())),
        ];
        for (name, column) in named {
            if let Some(column) = column.filter(|column| !column.is_empty() && column.len() != instants.len()) {
                let lengths = format!("{} values for {} instants", column.len(), instants.len());
                return Err(READ.malformed(name, &lengths, "one value for each instant"));
            }
        }
        records.bars.reserve(instants.len());
        for (row, instant) in instants.iter().enumerate() {
            let start = seconds(format_args!("timestamp[{row}]"), *instant)?;
            let mut value = |index: usize| {
                let (name, column) = named[index];
                cell(&mut records.remarks, name, row, column)
            };
            let figures = Ohlcv {
                open: value(0)?,
                high: value(1)?,
                low: value(2)?,
                close: value(3)?,
                volume: value(4)?,
                vwap: None,
            };
            let adjusted_close = value(5)?;
            records.bars.push(Bar {
                symbol: self.symbol.to_owned(),
                interval: self.interval,
                window: if self.interval.is_dated() {
                    Window::Day(zone::date(start, self.zone))
                } else {
                    Window::From(start)
                },
                figures: Basis::SplitAdjusted(figures),
                adjusted_close,
                trades: None,
            });
        }
        if self.interval == Interval::Day {
            drop_repeated_last_day(records);
        }
        Ok(())
    }
}

/// Reads one cell; what is no number becomes `None` and, where it should have been one, a remark.
fn cell(
    remarks: &mut Vec<Remark>,
    name: &'static str,
    row: usize,
    column: Option<&[Raw<'_>]>,
) -> Result<Option<Decimal>, ProviderError> {
    let Some(raw) = column.and_then(|column| column.get(row)).copied().flatten() else {
        return Ok(None);
    };
    let text = raw.get();
    if matches!(text, r#""Infinity""# | r#""-Infinity""# | r#""NaN""#) {
        remarks.push(Remark {
            at: format!("{name}[{row}]"),
            reason: format!("{text} is no price and was left out"),
        });
        return Ok(None);
    }
    let value = READ.maybe_decimal(format_args!("{name}[{row}]"), Some(raw))?;
    // A volume is a whole number, and no digit of it is noise.
    Ok(if name == "volume" { value } else { value.map(noise::off) })
}

/// A day that still trades comes as its regular row and again with the price of now: keeps the last.
fn drop_repeated_last_day(records: &mut Records) {
    let [.., before, last] = records.bars.as_slice() else {
        return;
    };
    if before.window != last.window {
        return;
    }
    let at = records.bars.len() - 2;
    records.bars.remove(at);
    records.remarks.push(Remark {
        at: format!("timestamp[{at}]"),
        reason: "the last day came twice and its first row was left out".to_owned(),
    });
}

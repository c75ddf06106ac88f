//! A folder of the firm's own files as a provider: one CSV or Parquet file for each symbol.
//!
//! `AAPL.csv` or `AAPL.parquet` (which comes first) hold the daily bars of `AAPL` under the headings `date`,
//! `open`, `high`, `low`, `close`, `volume` and, if they like, `vwap`, `adjusted close`, `split` (such as `4:1`) and
//! `dividend`, in any order and case. Prices are as traded. CSV has commas and decimal points.

use std::path::PathBuf;

use apex_analytics::parquet::ParquetText;
use apex_domain::{Date, Decimal, Ratio};

use crate::error::ProviderError;
use crate::json::{Reader, decimal, head};
use crate::record::{Bar, Basis, Dividend, Interval, Ohlcv, Provider, Records, Split, Window};
use crate::redact::{ApiKey, quotable};
use crate::request::{Adapter, Answer, Ask, KeyPlace, Reply, Request, Target};

const READ: Reader = Reader(Provider::Files);

/// What every Parquet file begins with.
const PARQUET: &[u8] = b"PAR1";

/// A folder of files.
#[derive(Debug, Clone)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// Takes the folder.
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Returns the file of a symbol. A symbol may not lead out of the folder.
    fn file(&self, symbol: &str) -> Result<PathBuf, ProviderError> {
        let is_name = !symbol.is_empty()
            && !symbol.starts_with('.')
            && symbol
                .chars()
                .all(|letter| letter.is_alphanumeric() || ".-_=^ ".contains(letter));
        if !is_name {
            return Err(ProviderError::BadSymbol {
                provider: Provider::Files,
                symbol: quotable(symbol),
            });
        }
        let parquet = self.folder.join(format!("{symbol}.parquet"));
        Ok(if parquet.is_file() {
            parquet
        } else {
            self.folder.join(format!("{symbol}.csv"))
        })
    }
}

impl Adapter for Files {
    fn provider(&self) -> Provider {
        Provider::Files
    }

    fn key(&self) -> Option<&ApiKey> {
        None
    }

    fn first(&self, ask: &Ask) -> Result<Request, ProviderError> {
        match ask {
            Ask::Bars {
                symbol,
                interval: Interval::Day,
                ..
            }
            | Ask::Splits { symbol, .. }
            | Ask::Dividends { symbol, .. } => Ok(Request::data(Target::File(self.file(symbol)?), KeyPlace::Nowhere)),
            _ => Err(ProviderError::NotOffered {
                provider: Provider::Files,
                what: ask.what(),
            }),
        }
    }

    fn read(&self, ask: &Ask, _: &Request, reply: &Reply) -> Result<Answer, ProviderError> {
        let symbol = ask.symbol();
        if reply.status == 404 {
            return Err(ProviderError::BadSymbol {
                provider: Provider::Files,
                symbol: quotable(symbol),
            });
        }
        let mut records = daily(&reply.body, symbol)?;
        if let Ask::Bars { from, to, .. } | Ask::Splits { from, to, .. } | Ask::Dividends { from, to, .. } = ask {
            let days = *from..=*to;
            records
                .bars
                .retain(|bar| matches!(bar.window, Window::Day(day) if days.contains(&day)));
            records.splits.retain(|split| days.contains(&split.ex_date));
            records.dividends.retain(|dividend| days.contains(&dividend.ex_date));
        }
        match ask {
            Ask::Splits { .. } => {
                records.bars.clear();
                records.dividends.clear();
            }
            Ask::Dividends { .. } => {
                records.bars.clear();
                records.splits.clear();
            }
            _ => {}
        }
        Ok(Answer { records, next: None })
    }
}

/// Reads the bytes of a file of daily bars, CSV or Parquet by its first bytes.
///
/// # Errors
///
/// Refuses a file without the columns `date` and `close`, and names the line and heading of a value that is no date,
/// number or ratio.
///
/// ```
/// use apex_market_data::files::daily;
///
/// let records = daily(b"Date,Open,High,Low,Close,Volume\n2026-01-05,10,11,9.5,10.25,1200\n", "ACME")?;
/// assert_eq!(records.bars[0].figures.raw().and_then(|bar| bar.close), Some("10.25".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn daily(bytes: &[u8], symbol: &str) -> Result<Records, ProviderError> {
    let mut records = Records::default();
    if bytes.starts_with(PARQUET) {
        let table =
            ParquetText::read(bytes).map_err(|err| READ.malformed("the file", &err.to_string(), "a Parquet table"))?;
        let columns = Columns::find(&table.headings())?;
        let mut line = 0;
        table.each_row('.', |cells| {
            line += 1;
            columns.read(&mut records, symbol, line, |at| cells.get(at).map(String::as_str))
        })?;
        return Ok(records);
    }
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let bad = |err: csv::Error, bytes| {
        let line = err.position().map_or(1, csv::Position::line);
        READ.malformed(format_args!("line {line}"), &head(bytes), "a row of the table")
    };
    let headings: Vec<String> = reader
        .headers()
        .map_err(|err| bad(err, bytes))?
        .iter()
        .map(str::to_owned)
        .collect();
    let columns = Columns::find(&headings)?;
    let mut row = csv::StringRecord::new();
    while reader
        .read_record(&mut row)
        .map_err(|err| bad(err, b"a row of another length"))?
    {
        let line = row.position().map_or(0, csv::Position::line);
        columns.read(&mut records, symbol, line, |at| row.get(at))?;
    }
    Ok(records)
}

/// Where each column stands.
struct Columns {
    date: usize,
    close: usize,
    open: Option<usize>,
    high: Option<usize>,
    low: Option<usize>,
    volume: Option<usize>,
    vwap: Option<usize>,
    adjusted_close: Option<usize>,
    split: Option<usize>,
    dividend: Option<usize>,
}

impl Columns {
    fn find(headings: &[String]) -> Result<Self, ProviderError> {
        let find = |names: &[&str]| {
            headings.iter().position(|heading| {
                let plain = heading
                    .trim()
                    .trim_start_matches('\u{feff}')
                    .to_lowercase()
                    .replace(['_', '-'], " ");
                names.contains(&plain.as_str())
            })
        };
        let needed = |name: &'static str| {
            find(&[name])
                .ok_or_else(|| READ.malformed("line 1", &headings.join(","), "headings with `date` and `close`"))
        };
        Ok(Self {
            date: needed("date")?,
            close: needed("close")?,
            open: find(&["open"]),
            high: find(&["high"]),
            low: find(&["low"]),
            volume: find(&["volume"]),
            vwap: find(&["vwap"]),
            adjusted_close: find(&["adjusted close", "adj close"]),
            split: find(&["split"]),
            dividend: find(&["dividend"]),
        })
    }

    fn read<'a>(
        &self,
        records: &mut Records,
        symbol: &str,
        line: u64,
        cell: impl Fn(usize) -> Option<&'a str>,
    ) -> Result<(), ProviderError> {
        let text = |column: Option<usize>| column.and_then(&cell).map(str::trim).filter(|text| !text.is_empty());
        let number = |name: &'static str, column: Option<usize>| -> Result<Option<Decimal>, ProviderError> {
            let Some(text) = text(column) else { return Ok(None) };
            let number =
                decimal(text).ok_or_else(|| READ.malformed(format_args!("line {line}, {name}"), text, "a number"))?;
            Ok(Some(number))
        };
        let day = text(Some(self.date)).unwrap_or("nothing");
        let date: Date = READ.date(format_args!("line {line}, date"), day)?;
        let figures = Ohlcv {
            open: number("open", self.open)?,
            high: number("high", self.high)?,
            low: number("low", self.low)?,
            close: number("close", Some(self.close))?,
            volume: number("volume", self.volume)?,
            vwap: number("vwap", self.vwap)?,
        };
        records.bars.push(Bar {
            symbol: symbol.to_owned(),
            interval: Interval::Day,
            window: Window::Day(date),
            figures: Basis::Raw(figures),
            adjusted_close: number("adjusted close", self.adjusted_close)?,
            trades: None,
        });
        if let Some(text) = text(self.split) {
            let ratio: Ratio = text
                .parse()
                .map_err(|_| READ.malformed(format_args!("line {line}, split"), text, "a ratio such as 4:1"))?;
            records.splits.push(Split {
                symbol: symbol.to_owned(),
                ex_date: date,
                ratio,
            });
        }
        if let Some(amount) = number("dividend", self.dividend)?.filter(|amount| !amount.is_zero()) {
            records.dividends.push(Dividend {
                symbol: symbol.to_owned(),
                ex_date: date,
                record_date: None,
                pay_date: None,
                declaration_date: None,
                amount: Basis::Raw(amount),
                currency: None,
                kind: None,
            });
        }
        Ok(())
    }
}

//! A folder of the firm's own files as a provider: one CSV or Parquet file for each symbol.
//!
//! `AAPL.csv` or `AAPL.parquet` (which comes first) hold the daily bars of `AAPL` under the headings `date`,
//! `open`, `high`, `low`, `close`, `volume` and, if they like, `vwap`, `adjusted close`, `split` (such as `4:1`),
//! `dividend` and `currency` (such as `GBp`), in any order and case. Prices are as traded. CSV has commas and decimal points.
//!
//! A line that cannot be read is left out and remarked with file, line, heading and value; the others are used.

use std::fmt::Display;
use std::path::PathBuf;

use apex_analytics::parquet::ParquetText;
use apex_domain::{Date, Decimal, Ratio};

use crate::error::ProviderError;
use crate::json::{Reader, decimal, head};
use crate::record::{Bar, Basis, Dividend, Interval, Listing, Ohlcv, Provider, Records, Remark, Split, Window};
use crate::redact::{ApiKey, quotable};
use crate::request::{Adapter, Answer, Ask, KeyPlace, Reply, Request, Target};

const READ: Reader = Reader(Provider::Files);

/// A day that is so much later than the last session that is over is no day of today or of the next session.
const AHEAD_DAYS: i32 = 4;

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

    fn read(&self, ask: &Ask, request: &Request, reply: &Reply) -> Result<Answer, ProviderError> {
        let symbol = ask.symbol();
        if reply.status == 404 {
            return Err(ProviderError::BadSymbol {
                provider: Provider::Files,
                symbol: quotable(symbol),
            });
        }
        let named = |at: &str| match &request.target {
            Target::File(path) => format!("{}, {at}", path.file_name().unwrap_or_default().display()),
            Target::Http(_) => at.to_owned(),
        };
        let mut records = daily(&reply.body, symbol).map_err(|err| match err {
            ProviderError::Malformed { at, value, wanted, .. } => READ.malformed(named(&at), &value, wanted),
            other => other,
        })?;
        for remark in &mut records.remarks {
            remark.at = named(&remark.at);
        }
        if let Ask::Bars { from, to, .. } | Ask::Splits { from, to, .. } | Ask::Dividends { from, to, .. } = ask {
            let days = *from..=*to;
            let ahead = records.bars.iter().filter_map(|bar| match bar.window {
                Window::Day(day) if (day - *to).get_days() > AHEAD_DAYS => Some(day),
                _ => None,
            });
            if let Some(last) = ahead.max() {
                records.remarks.push(Remark {
                    at: named("date"),
                    reason: format!(
                        "{last} lies ahead of {to}, the last session that is over; it is left out until then"
                    ),
                });
            }
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
/// A line with a value that is no date, number or ratio, of another length than the headings, or in another currency than
/// the lines before it is left out whole, with a remark. So is a column whose heading is not known.
///
/// # Errors
///
/// Refuses a file without the columns `date` and `close`, or with one of its headings twice; and one of which no line can be
/// read, by what is wrong with the first.
///
/// ```
/// use apex_market_data::files::daily;
///
/// let records = daily(b"Date,Open,High,Low,Close,Volume\n2026-01-05,10,11,9.5,10.25,1200\n", "ACME")?;
/// assert_eq!(records.bars[0].figures.raw().and_then(|bar| bar.close), Some("10.25".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn daily(bytes: &[u8], symbol: &str) -> Result<Records, ProviderError> {
    if bytes.starts_with(PARQUET) {
        let table =
            ParquetText::read(bytes).map_err(|err| READ.malformed("the file", &err.to_string(), "a Parquet table"))?;
        let mut sheet = Sheet::new(symbol, &table.headings())?;
        let mut row = 0;
        table.each_row('.', |cells| {
            row += 1;
            sheet.take(format_args!("row {row}"), |at| cells.get(at).map(String::as_str));
            Ok::<(), ProviderError>(())
        })?;
        return sheet.records();
    }
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(bytes);
    let bad = |err: &csv::Error, text: &[u8]| {
        let line = err.position().map_or(1, csv::Position::line);
        READ.malformed(format_args!("line {line}"), &head(text), "a row of a table in UTF-8")
    };
    let headings = reader.headers().map_err(|err| bad(&err, bytes))?;
    let headings: Vec<String> = headings.iter().map(str::to_owned).collect();
    let mut sheet = Sheet::new(symbol, &headings)?;
    let mut row = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut row) {
            Ok(true) => {
                let line = row.position().map_or(0, csv::Position::line);
                let at = format_args!("line {line}");
                if row.len() == headings.len() {
                    sheet.take(at, |column| row.get(column));
                } else {
                    let cells = format!("{} cells", row.len());
                    sheet.leave_out(READ.malformed(at, &cells, "as many as there are headings"));
                }
            }
            Ok(false) => return sheet.records(),
            Err(err) if matches!(err.kind(), csv::ErrorKind::Utf8 { .. }) => {
                sheet.leave_out(bad(&err, b"letters of another encoding"));
            }
            Err(err) => return Err(bad(&err, b"nothing")),
        }
    }
}

/// What has been read of one file.
struct Sheet<'a> {
    symbol: &'a str,
    columns: Columns,
    records: Records,
    /// The unit of the prices, as the first line that names one has it.
    unit: Option<String>,
    /// What was wrong with the first line that was left out.
    fault: Option<ProviderError>,
}

/// What one line says.
struct Row {
    bar: Bar,
    split: Option<Split>,
    dividend: Option<Dividend>,
    unit: Option<String>,
}

impl<'a> Sheet<'a> {
    fn new(symbol: &'a str, headings: &[String]) -> Result<Self, ProviderError> {
        let (columns, unknown) = Columns::find(headings)?;
        let mut records = Records::default();
        if !unknown.is_empty() {
            let (word, is) = if unknown.len() == 1 {
                ("column", "is")
            } else {
                ("columns", "are")
            };
            records.remarks.push(Remark {
                at: "line 1".to_owned(),
                reason: format!(
                    "the {word} `{}` {is} not known and not read",
                    quotable(&unknown.join("`, `"))
                ),
            });
        }
        Ok(Self {
            symbol,
            columns,
            records,
            unit: None,
            fault: None,
        })
    }

    /// Takes one line whole, or leaves it out whole.
    fn take<'c>(&mut self, at: impl Display, cell: impl Fn(usize) -> Option<&'c str>) {
        let row = self.columns.read(self.symbol, &at, cell);
        let row = row.and_then(|row| match (&self.unit, &row.unit) {
            (Some(before), Some(unit)) if before != unit => Err(READ.malformed(
                format_args!("{at}, currency"),
                unit,
                "the currency of the lines before it",
            )),
            _ => Ok(row),
        });
        match row {
            Ok(row) => {
                self.unit = self.unit.take().or(row.unit);
                self.records.bars.push(row.bar);
                self.records.splits.extend(row.split);
                self.records.dividends.extend(row.dividend);
            }
            Err(fault) => self.leave_out(fault),
        }
    }

    fn leave_out(&mut self, fault: ProviderError) {
        if let ProviderError::Malformed { at, value, wanted, .. } = &fault {
            self.records.remarks.push(Remark {
                at: at.clone(),
                reason: format!("`{value}` is not {wanted}; the line is left out"),
            });
        }
        self.fault.get_or_insert(fault);
    }

    fn records(mut self) -> Result<Records, ProviderError> {
        match self.fault {
            Some(fault) if self.records.bars.is_empty() => Err(fault),
            _ => {
                self.records.listings.extend(self.unit.map(|unit| Listing {
                    symbol: self.symbol.to_owned(),
                    currency: Some(unit),
                    ..Listing::default()
                }));
                Ok(self.records)
            }
        }
    }
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
    currency: Option<usize>,
}

impl Columns {
    /// Finds the columns, and returns the headings that are none of them.
    fn find(headings: &[String]) -> Result<(Self, Vec<&str>), ProviderError> {
        let plain = |heading: &str| {
            let heading = heading.trim().trim_start_matches('\u{feff}');
            heading.to_lowercase().replace(['_', '-'], " ")
        };
        let mut unknown: Vec<(usize, &str)> = headings.iter().map(|heading| heading.trim()).enumerate().collect();
        let mut find = |names: &[&str]| -> Result<Option<usize>, ProviderError> {
            let is_named = |heading: &str| names.contains(&plain(heading).as_str());
            let mut found = unknown.extract_if(.., |(_, heading)| is_named(heading));
            let first = found.next();
            match found.next() {
                Some((_, twice)) => Err(READ.malformed("line 1", twice, "a heading that stands there once")),
                None => Ok(first.map(|(at, _)| at)),
            }
        };
        let missing = || READ.malformed("line 1", &headings.join(","), "headings with `date` and `close`");
        let columns = Self {
            date: find(&["date"])?.ok_or_else(missing)?,
            close: find(&["close"])?.ok_or_else(missing)?,
            open: find(&["open"])?,
            high: find(&["high"])?,
            low: find(&["low"])?,
            volume: find(&["volume"])?,
            vwap: find(&["vwap"])?,
            adjusted_close: find(&["adjusted close", "adj close"])?,
            split: find(&["split"])?,
            dividend: find(&["dividend"])?,
            currency: find(&["currency"])?,
        };
        let unknown = unknown.into_iter().map(|(_, heading)| heading);
        Ok((columns, unknown.filter(|heading| !heading.is_empty()).collect()))
    }

    fn read<'a>(
        &self,
        symbol: &str,
        at: &impl Display,
        cell: impl Fn(usize) -> Option<&'a str>,
    ) -> Result<Row, ProviderError> {
        let text = |column: Option<usize>| column.and_then(&cell).map(str::trim).filter(|text| !text.is_empty());
        let number = |name: &'static str, column: Option<usize>| -> Result<Option<Decimal>, ProviderError> {
            let Some(text) = text(column) else { return Ok(None) };
            let number = decimal(text).ok_or_else(|| READ.malformed(format_args!("{at}, {name}"), text, "a number"))?;
            Ok(Some(number))
        };
        let day = text(Some(self.date)).unwrap_or("nothing");
        let date: Date = READ.date(format_args!("{at}, date"), day)?;
        let figures = Ohlcv {
            open: number("open", self.open)?,
            high: number("high", self.high)?,
            low: number("low", self.low)?,
            close: match number("close", Some(self.close))? {
                Some(close) => Some(close),
                None => return Err(READ.malformed(format_args!("{at}, close"), "nothing", "a number")),
            },
            volume: number("volume", self.volume)?,
            vwap: number("vwap", self.vwap)?,
        };
        let split = text(self.split).map(|text| -> Result<Ratio, ProviderError> {
            text.parse()
                .map_err(|_| READ.malformed(format_args!("{at}, split"), text, "a ratio such as 4:1"))
        });
        let dividend = number("dividend", self.dividend)?.filter(|amount| !amount.is_zero());
        if let Some(amount) = dividend.filter(Decimal::is_sign_negative) {
            return Err(READ.malformed(format_args!("{at}, dividend"), &amount.to_string(), "a payment"));
        }
        Ok(Row {
            bar: Bar {
                symbol: symbol.to_owned(),
                interval: Interval::Day,
                window: Window::Day(date),
                figures: Basis::Raw(figures),
                adjusted_close: number("adjusted close", self.adjusted_close)?,
                trades: None,
            },
            split: split.transpose()?.map(|ratio| Split {
                symbol: symbol.to_owned(),
                ex_date: date,
                ratio,
            }),
            dividend: dividend.map(|amount| Dividend {
                symbol: symbol.to_owned(),
                ex_date: date,
                record_date: None,
                pay_date: None,
                declaration_date: None,
                amount: Basis::Raw(amount),
                currency: None,
                kind: None,
            }),
            unit: text(self.currency).map(str::to_owned),
        })
    }
}

//! Files of transactions, prices, FX rates and positions: from bytes to rows that a book can take, or reasons why not.
//!
//! [`plan`] finds out how a file is written (packing, encoding, delimiter, decimal mark, dates), which of its columns
//! feeds which canonical column, and reads every row. Nothing is guessed in silence: what was found is in the
//! [`Plan`], and a column of dates that could be day first or month first all the way is refused with a question. All
//! bad lines are listed. The plan changes nothing; writing it to the book, all or nothing, is the caller's part.

mod account;
mod book;
mod columns;
pub(crate) mod dates;
mod directory;
mod export;
mod market;
mod number;
mod positions;
pub(crate) mod row;
pub(crate) mod source;
mod template;
mod transactions;

use std::collections::BTreeMap;

use apex_domain::{Transaction, TransactionKind};
use apex_wire::import::{ColumnMapping, Format, ImportKind, RejectedLine};
use jiff::Timestamp;
use thiserror::Error;

pub use book::{ImportFileAsk, Imported};
pub use columns::{guess, targets};
pub use dates::DateFormat;
pub use directory::{Created, Directory};
pub use export::{COLUMNS, transactions_csv};
pub use market::{PriceRow, RateRow};
pub use template::Template;

use crate::read;
use columns::Layout;
use dates::{Detected, find_format};
use row::{Bad, Outcome, Reading};
use source::{Form, SourceText};

/// Rows shown in a preview.
const SAMPLE_ROWS: usize = 50;

/// The end of a reason that a row is refused for a name the book does not know.
pub const UNKNOWN_NAME: &str = "add it first, or let the import create it";

/// The import rules, as `apex import --help` prints them.
pub const HELP: &str = "\
Files may be .csv, .csv.gz, .csv.bz2 or .parquet, all of them for every kind; - is standard input. Encoding, delimiter,
decimal mark and date format are found and shown; a file whose dates could be day first or month first in every row is
refused until one is chosen. In a Parquet table a line is a row, the first being 1; times at midnight are dates, and
columns of lists or records are left out.

One file is one database transaction: with any bad line nothing is added, and all bad lines are listed with line, column,
value and reason. --skip-bad adds the good lines. --create adds portfolios, accounts and symbols that are unknown.
Importing a file again adds nothing. Two equal fills with different external ids both stay, and so do equal lines without
ids inside one file.

Transactions
  portfolio, account    may be left out where there is only one; in a book without any, --create calls them Main
  date, settle          trade and settlement date; settlement defaults to the trade date
  seq                   order within the day
  kind                  buy sell short cover dividend interest fee tax deposit withdrawal transfer_in transfer_out fx split
                        spin_off merger symbol_change option_exercise option_expiry bond_coupon bond_redemption accrual
                        mark; transfer means transfer_in, and common words of exports are understood
  symbol                the symbol on that day, or the ISIN; EUR/USD or EURUSD for fx
  quantity, price       positive, the kind carries the sign; amounts may be quantity, price, or both multiplied
  currency              defaults to the instrument's, else the portfolio's
  fees, taxes           in the same currency; a minus is ignored
  fx_rate               base currency for one unit of the currency
  external_id, note
Optional columns
  gross                 amount before charges, where it is not quantity times price
  amount                what moved in cash; used where quantity or price is missing
  commission            added to fees
  ratio                 7:1 for a split, spin-off or merger
  other_symbol          the instrument of a spin-off or merger, or the new symbol of a symbol_change
  basis_fraction        share of the cost that moves to it
  cash_in_lieu          money for the fraction of a share
  accrued_interest      paid with a bond bought, received with a bond sold
  lot                   lots to close: an external id or an opening day, several as F1:10; F2:5
  opened                day a transferred lot was bought
With the canonical columns alone, a split takes its ratio from a quantity written 7:1, or from quantity 7 and price 1; the
note of a corporate action may say other_symbol=NEW; basis_fraction=0.125; ratio=1:4; cash_in_lieu=3.20.
A minus before the quantity of a dividend, coupon, interest, fx, exercise, expiry or transfer_in means that it acts on a
short position; with fx it sells the first currency of the pair.

Prices       symbol, date, open, high, low, close, volume; or a date column and one column of closes for each symbol; two
             prices for one day are refused
FX           date, from, to, rate; or a date column and one column for each pair, such as EURUSD
Positions    account, date, symbol, quantity, price (cost of one unit) or cost (in all), currency, opened; each row becomes
             a transfer_in at cost. A currency code or cash as symbol is cash.

A map file (--map FILE.toml) says how a file is read:
  kind = \"transactions\"
  [format]    encoding, delimiter, decimal, date (YYYY-MM-DD, DD.MM.YYYY, DD/MM/YYYY, MM/DD/YYYY, YYYYMMDD)
  [columns]   canonical column = \"heading in the file\"
  [fixed]     canonical column = \"value of every row\"
  [kinds]     \"word in the file\" = \"kind\"
";

/// Why a file cannot be read at all. Single bad lines are no such reason.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file is not what its name says.
    #[error("{name} does not unpack: {reason}")]
    Unpack {
        /// The file.
        name: String,
        /// What the unpacker said.
        reason: String,
    },
    /// The file is no table that can be read.
    #[error("{name} is not read as Parquet: {reason}")]
    Table {
        /// The file.
        name: String,
        /// What the reader said.
        reason: String,
    },
    /// There is not even a line of headings.
    #[error("{name} has no lines")]
    Empty {
        /// The file.
        name: String,
    },
    /// The encoding asked for does not exist.
    #[error("there is no encoding {label}; examples are utf-8, windows-1252 and utf-16le")]
    UnknownEncoding {
        /// What was asked for.
        label: String,
    },
    /// The date format asked for does not exist.
    #[error("there is no date format {pattern}; examples are YYYY-MM-DD, DD.MM.YYYY and MM/DD/YYYY")]
    UnknownDateFormat {
        /// What was asked for.
        pattern: String,
    },
    /// The decimal mark asked for is not one.
    #[error("a decimal mark is . or ,, not {mark}")]
    UnknownDecimal {
        /// What was asked for.
        mark: char,
    },
    /// A mapping names a canonical column that does not exist.
    #[error("there is no column {column}; columns are {columns}")]
    UnknownColumn {
        /// The name.
        column: String,
        /// The names there are.
        columns: String,
    },
    /// A mapping names a heading that the file does not have.
    #[error("the file has no heading {heading}; its headings are {headings}")]
    NoHeading {
        /// The heading.
        heading: String,
        /// Those there are.
        headings: String,
    },
    /// A mapping feeds one column twice.
    #[error("column {column} is fed twice")]
    FedTwice {
        /// The canonical column.
        column: String,
    },
    /// A template names a kind that does not exist.
    #[error("{word} is mapped to {kind}, which is not a kind")]
    UnknownKind {
        /// The word in the file.
        word: String,
        /// What it is mapped to.
        kind: String,
    },
    /// The text of a map file is not one.
    #[error("this is not a map file: {reason}")]
    Template {
        /// What the reader said.
        reason: String,
    },
    /// The template is for another kind of file.
    #[error("the template is for {expected:?}, the file is read as {found:?}")]
    OtherKind {
        /// The kind of the template.
        expected: ImportKind,
        /// The kind asked for.
        found: ImportKind,
    },
    /// The text cannot be cut into rows, or written.
    #[error("the text cannot be read: {reason}")]
    Read {
        /// What the reader said.
        reason: String,
    },
    /// An export lacks a name.
    #[error("there is no {noun} {name} among those given")]
    Unnamed {
        /// What was looked for.
        noun: &'static str,
        /// Its id.
        name: String,
    },
    /// Somebody asked to stop.
    #[error("cancelled; nothing was added")]
    Cancelled,
}

/// Told how far the reading is; says whether to go on.
#[derive(Clone, Copy)]
pub struct Watch<'w> {
    step: &'w (dyn Fn(&str, u64, Option<u64>) -> bool + Sync),
}

impl<'w> Watch<'w> {
    /// Calls `step` with what is done, how much, and of how much; it returns whether to go on.
    pub fn new(step: &'w (dyn Fn(&str, u64, Option<u64>) -> bool + Sync)) -> Self {
        Self { step }
    }

    /// Watches nothing.
    pub fn nothing() -> Watch<'static> {
        Watch { step: &|_, _, _| true }
    }

    fn step(&self, what: &str, done: u64, total: Option<u64>) -> Result<(), ImportError> {
        if (self.step)(what, done, total) {
            Ok(())
        } else {
            Err(ImportError::Cancelled)
        }
    }
}

/// A file and how it shall be read.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What the file holds.
    pub kind: ImportKind,
    /// Its name, which tells how it is packed.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// How it is written; found where absent.
    pub format: &'a Format,
    /// Which heading feeds which column; guessed where absent.
    pub mapping: Option<&'a [ColumnMapping]>,
    /// A saved template; `format` and `mapping` overrule it.
    pub template: Option<&'a Template>,
    /// Whether unknown portfolios, accounts and symbols are created.
    pub create: bool,
    /// When the rows become known.
    pub now: Timestamp,
    /// Random bytes for the ids.
    pub seed: [u8; 32],
}

/// The rows of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    /// Transactions in the order of the lines; each says its line as its source.
    Transactions(Vec<Transaction>),
    /// Prices.
    Prices(Vec<PriceRow>),
    /// FX rates.
    Rates(Vec<RateRow>),
}

impl Rows {
    /// Returns how many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Transactions(rows) => rows.len(),
            Self::Prices(rows) => rows.len(),
            Self::Rates(rows) => rows.len(),
        }
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a file holds and how it was read.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Name of the file, without its folder.
    pub name: String,
    /// What the file holds.
    pub kind: ImportKind,
    /// How it was read; the date stays open where it could not be told, and a Parquet table has neither encoding nor
    /// delimiter.
    pub format: Format,
    /// Headings of the file.
    pub headings: Vec<String>,
    /// Which heading fed which column.
    pub mapping: Vec<ColumnMapping>,
    /// The first rows as text.
    pub sample: Vec<Vec<String>>,
    /// Rows in the file, blank ones not counted.
    pub rows: usize,
    /// The good rows.
    pub found: Rows,
    /// The bad ones, by line.
    pub rejected: Vec<RejectedLine>,
    /// What has to be added to the book for the good rows.
    pub created: Created,
}

/// Reads a file. The book's names come from `directory`; nothing is changed.
///
/// # Errors
/// When the file cannot be read at all, or somebody asked to stop.
pub fn plan(request: &Request<'_>, directory: &Directory, watch: &Watch<'_>) -> Result<Plan, ImportError> {
    if let Some(template) = request.template.filter(|template| template.kind != request.kind) {
        return Err(ImportError::OtherKind {
            expected: template.kind,
            found: request.kind,
        });
    }
    let format = merged(request.format, request.template.map(|template| &template.format));
    watch.step("finding out how the file is written", 0, None)?;
    let named = request.template.map(|template| &template.columns);
    let source = SourceText::read(request.name, request.bytes, &format, |headings| {
        let named = named.map_or(0, |columns| {
            columns.values().filter(|name| headings.contains(name)).count()
        });
        columns::recognized(request.kind, headings) + 2 * named
    })?;
    let mapping = match (request.mapping, request.template) {
        (Some(mapping), _) => mapping.to_vec(),
        (None, Some(template)) if !template.columns.is_empty() => template.mapping(&source.headings)?,
        (None, Some(template)) => {
            let mut mapping = guess(request.kind, &source.headings);
            mapping.retain(|one| !template.fixed.contains_key(&one.target));
            mapping.extend(template.mapping(&[])?);
            mapping
        }
        (None, None) => guess(request.kind, &source.headings),
    };
    let layout = Layout::new(request.kind, &source.headings, &mapping)?;
    let shape = Shape::of(request.kind, &source, &layout, directory);
    let (encoding, delimiter) = match source.form {
        Form::Text { encoding, delimiter } => (Some(encoding.to_owned()), Some(char::from(delimiter))),
        Form::Table { .. } => (None, None),
    };
    let mut plan = Plan {
        name: source.name.clone(),
        kind: request.kind,
        format: Format {
            encoding,
            delimiter,
            decimal: None,
            date: None,
        },
        headings: source.headings.clone(),
        sample: source.sample(SAMPLE_ROWS),
        mapping,
        rows: 0,
        found: shape.no_rows(),
        rejected: Vec::new(),
        created: Created::default(),
    };
    let missing = if shape.is_wide() && !is_about_nothing(request.kind, &source, directory) {
        Vec::new()
    } else {
        layout.missing(request.kind)
    };
    let decimal = decimal_of(&format, &source)?;
    plan.format.decimal = Some(char::from(decimal));
    let dates = if shape.is_wide() {
        None
    } else {
        Some(layout.place("date"))
    };
    let day = |record: &csv::ByteRecord| match dates {
        Some(place) => place.of(record).to_vec(),
        None => record.get(source.days).unwrap_or_default().trim_ascii().to_vec(),
    };
    let date = date_of(&format, &source, day)?;
    if !missing.is_empty() {
        plan.rows = count_rows(&source);
        let reason = "no column of the file feeds this one; map one to it";
        let heading = source.body_line.saturating_sub(1).max(1);
        let lines = missing.into_iter().map(|name| RejectedLine {
            line: heading,
            column: name.to_owned(),
            value: String::new(),
            reason: reason.to_owned(),
        });
        plan.rejected.extend(lines);
        return Ok(plan);
    }
    let date = match date {
        Detected::Format(date) => date,
        Detected::Ambiguous => {
            plan.rows = count_rows(&source);
            let mut records = source.reader(source.rows()).into_byte_records().map_while(Result::ok);
            let first = records.find(|record| !source::is_blank(record)).as_ref().map(day);
            let reason = "every date of the file could be day first or month first; choose the date format";
            let bad = Bad::cell("date", &first.unwrap_or_default(), reason);
            plan.rejected.push(bad.at(source.body_line, &layout));
            return Ok(plan);
        }
        // Rows are read all the same, so that each one is listed.
        Detected::Unknown => DateFormat::YearFirst,
    };
    plan.format.date = Some(date.pattern());
    let kinds = request.template.map(kinds_of).transpose()?.unwrap_or_default();
    let reading = Reading {
        source: &source,
        layout: &layout,
        directory,
        kinds: &kinds,
        decimal,
        date,
        latest: read::latest(request.now),
        now: request.now,
        seed: &request.seed,
    };
    let mut outcome = shape.read(reading, watch)?;
    if request.create {
        let mut known = directory.clone();
        let mut number = 0_u64;
        // A row shows one unknown name at a time: a portfolio, then its account, then a symbol, then the other symbol.
        for _ in 0..4 {
            let before = plan.created.len();
            plan.created.make(&mut known, std::mem::take(&mut outcome.unknown), || {
                number += 1;
                // Lines count from 1, so that these never meet the ids of rows.
                (row::random(&request.seed, u64::MAX - number), request.now)
            });
            if plan.created.len() == before {
                break;
            }
            outcome = shape.read(
                Reading {
                    directory: &known,
                    ..reading
                },
                watch,
            )?;
        }
    }
    plan.rows = outcome.rows;
    plan.found = outcome.found;
    plan.rejected = outcome.rejected;
    plan.rejected.sort_by_key(|bad| bad.line);
    Ok(plan)
}

fn merged(first: &Format, second: Option<&Format>) -> Format {
    let second = second.cloned().unwrap_or_default();
    Format {
        encoding: first.encoding.clone().or(second.encoding),
        delimiter: first.delimiter.or(second.delimiter),
        decimal: first.decimal.or(second.decimal),
        date: first.date.clone().or(second.date),
    }
}

fn kinds_of(template: &Template) -> Result<BTreeMap<String, TransactionKind>, ImportError> {
    let read = |(word, kind): (&String, &String)| match kind.parse() {
        Ok(kind) => Ok((word.to_lowercase(), kind)),
        Err(_) => Err(ImportError::UnknownKind {
            word: word.clone(),
            kind: kind.clone(),
        }),
    };
    template.kinds.iter().map(read).collect()
}

fn decimal_of(format: &Format, source: &SourceText) -> Result<u8, ImportError> {
    match format.decimal {
        Some('.') => return Ok(b'.'),
        Some(',') => return Ok(b','),
        Some(mark) => return Err(ImportError::UnknownDecimal { mark }),
        None => {}
    }
    let found = source.decimal();
    // Where no cell tells, the mark that does not cut the cells is the common one.
    Ok(found.unwrap_or(b'.'))
}

fn date_of(
    format: &Format,
    source: &SourceText,
    cell: impl Fn(&csv::ByteRecord) -> Vec<u8>,
) -> Result<Detected, ImportError> {
    if let Some(pattern) = &format.date {
        let date = DateFormat::from_pattern(pattern);
        return date
            .map(Detected::Format)
            .ok_or_else(|| ImportError::UnknownDateFormat {
                pattern: pattern.clone(),
            });
    }
    let mut reader = source.reader(source.rows());
    let cells: Vec<Vec<u8>> = reader
        .byte_records()
        .map_while(Result::ok)
        .take(2_000)
        .map(|record| cell(&record))
        .collect();
    let first = find_format(cells.iter().map(Vec::as_slice));
    // Only where the first rows leave it open, or could be overruled by a later one, is the whole column looked at.
    if cells.len() < 2_000 || first == Detected::Format(DateFormat::YearFirst) {
        return Ok(first);
    }
    let rest: Vec<Vec<u8>> = reader
        .byte_records()
        .map_while(Result::ok)
        .map(|record| cell(&record))
        .collect();
    Ok(find_format(cells.iter().chain(&rest).map(Vec::as_slice)))
}

/// Tells whether a wide table has neither a row nor a heading that names something known: it may be of any kind.
fn is_about_nothing(kind: ImportKind, source: &SourceText, directory: &Directory) -> bool {
    let is_known = |heading: &String| match kind {
        ImportKind::Fx => directory::read_pair(heading).is_some(),
        _ => directory.instrument(heading, jiff::civil::Date::MAX).is_some(),
    };
    let mut records = source.reader(source.rows()).into_byte_records().map_while(Result::ok);
    !source.headings.iter().any(is_known) && !records.any(|record| !source::is_blank(&record))
}

fn count_rows(source: &SourceText) -> usize {
    let records = source.reader(source.rows()).into_byte_records().map_while(Result::ok);
    records.filter(|record| !source::is_blank(record)).count()
}

/// How the rows of a file are laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Transactions,
    Positions,
    /// One row for each symbol and day; the symbol of a file that names none.
    Prices(Option<String>),
    WidePrices,
    Rates,
    WideRates,
}

impl Shape {
    fn of(kind: ImportKind, source: &SourceText, layout: &Layout, directory: &Directory) -> Self {
        let fed = |name: &str| layout.place(name).is_fed();
        match kind {
            ImportKind::Transactions => Self::Transactions,
            ImportKind::Positions => Self::Positions,
            ImportKind::Prices if fed("symbol") => Self::Prices(None),
            ImportKind::Prices if fed("close") => {
                // `AAPL.csv` is about AAPL.
                let stem = source.name.split('.').next().unwrap_or_default();
                let today = jiff::civil::Date::MAX;
                let known = directory.instrument(stem, today).is_some() || source.headings.len() > 2;
                if known {
                    Self::Prices(Some(stem.to_owned()))
                } else {
                    Self::WidePrices
                }
            }
            ImportKind::Prices => Self::WidePrices,
            ImportKind::Fx if fed("rate") && (fed("pair") || (fed("from") && fed("to"))) => Self::Rates,
            ImportKind::Fx => Self::WideRates,
        }
    }

    fn is_wide(&self) -> bool {
        matches!(self, Self::WidePrices | Self::WideRates)
    }

    fn no_rows(&self) -> Rows {
        match self {
            Self::Transactions | Self::Positions => Rows::Transactions(Vec::new()),
            Self::Prices(_) | Self::WidePrices => Rows::Prices(Vec::new()),
            Self::Rates | Self::WideRates => Rows::Rates(Vec::new()),
        }
    }

    fn read(&self, reading: Reading<'_>, watch: &Watch<'_>) -> Result<Read, ImportError> {
        Ok(match self {
            Self::Transactions => Read::of(transactions::read(reading, watch)?, |found| {
                Rows::Transactions(found.into_iter().map(|found| found.transaction).collect())
            }),
            Self::Positions => Read::of(positions::read(reading, watch)?, Rows::Transactions),
            Self::Prices(symbol) => Read::of(market::read_prices(reading, symbol.as_deref(), watch)?, Rows::Prices),
            Self::WidePrices => Read::of(market::read_wide_prices(reading, watch)?, Rows::Prices),
            Self::Rates => Read::of(market::read_rates(reading, watch)?, Rows::Rates),
            Self::WideRates => Read::of(market::read_wide_rates(reading, watch)?, Rows::Rates),
        })
    }
}

/// An outcome whose rows are of any kind.
struct Read {
    rows: usize,
    found: Rows,
    rejected: Vec<RejectedLine>,
    unknown: std::collections::BTreeSet<directory::Unknown>,
}

impl Read {
    fn of<T>(outcome: Outcome<T>, rows: impl FnOnce(Vec<T>) -> Rows) -> Self {
        Self {
            rows: outcome.rows,
            found: rows(outcome.found),
            rejected: outcome.rejected,
            unknown: outcome.unknown,
        }
    }
}

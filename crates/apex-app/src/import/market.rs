//! Rows of price files and FX files, long or wide.

use std::hash::Hash;

use apex_domain::{Currency, Decimal, Instrument, InstrumentId, InstrumentKind};
use apex_wire::import::RejectedLine;
use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::directory::{Directory, Unknown, read_pair};
use super::row::{Bad, Outcome, Reading, is_absent, read_all, text};
use super::{ImportError, UNKNOWN_NAME, Watch, number};

/// One day of one instrument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceRow {
    /// The line it was read from.
    pub line: u64,
    /// The instrument.
    pub instrument: InstrumentId,
    /// The day.
    pub date: Date,
    /// The close as traded.
    pub close: Decimal,
    /// Open, high and low, where all three are there.
    pub range: Option<[Decimal; 3]>,
    /// Units traded, where it is there.
    pub volume: Option<Decimal>,
}

/// One day of one pair of currencies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateRow {
    /// The line it was read from.
    pub line: u64,
    /// One unit of this currency costs
    pub from: Currency,
    /// the rate in this one,
    pub to: Currency,
    /// on this day.
    pub date: Date,
    /// Above zero.
    pub rate: Decimal,
}

/// The currency of an instrument that a price file creates, which says nothing about it.
fn currency_of_home(reading: Reading<'_>) -> Currency {
    reading.directory.home().map_or(Currency::USD, |one| one.currency)
}

fn instrument<'r, T>(
    reading: Reading<'r>,
    symbol: &str,
    date: Date,
    column: &'static str,
    outcome: &mut Outcome<T>,
) -> Result<&'r Instrument, Bad> {
    if let Some(found) = reading.directory.instrument(symbol, date) {
        return Ok(found);
    }
    if symbol.is_empty() {
        return Err(Bad::new(column, symbol, "the row has no symbol"));
    }
    let kind = InstrumentKind::Equity;
    outcome.unknown.insert(Unknown::Symbol {
        symbol: symbol.to_owned(),
        currency: currency_of_home(reading),
        kind,
    });
    Err(Bad::new(
        column,
        symbol,
        format!("this symbol is unknown on {date}; {UNKNOWN_NAME}"),
    ))
}

/// A row of which a file has one for each subject and day.
trait Daily {
    /// What it is about, and the day.
    type Key: Eq + Hash;

    fn key(&self) -> Self::Key;
    fn line(&self) -> u64;
    /// Everything it says, and the value that stands for it.
    fn says(&self) -> (Decimal, Option<[Decimal; 3]>, Option<Decimal>);
    /// Whether the column of a wide file is about its subject.
    fn is_headed(&self, heading: &str, directory: &Directory) -> bool;
}

impl Daily for PriceRow {
    type Key = (InstrumentId, Date);

    fn key(&self) -> Self::Key {
        (self.instrument, self.date)
    }

    fn line(&self) -> u64 {
        self.line
    }

    fn says(&self) -> (Decimal, Option<[Decimal; 3]>, Option<Decimal>) {
        (self.close, self.range, self.volume)
    }

    fn is_headed(&self, heading: &str, directory: &Directory) -> bool {
        let named = directory.instrument(heading, self.date);
        named.is_some_and(|one| one.id == self.instrument)
    }
}

impl Daily for RateRow {
    type Key = (Currency, Currency, Date);

    fn key(&self) -> Self::Key {
        (self.from, self.to, self.date)
    }

    fn line(&self) -> u64 {
        self.line
    }

    fn says(&self) -> (Decimal, Option<[Decimal; 3]>, Option<Decimal>) {
        (self.rate, None, None)
    }

    fn is_headed(&self, heading: &str, _: &Directory) -> bool {
        read_pair(heading) == Some((self.from, self.to))
    }
}

/// One day has one price. The same row twice is a double; another row for the same day is not.
fn refuse_contradictions<T: Daily>(reading: Reading<'_>, column: Option<&'static str>, outcome: &mut Outcome<T>) {
    let mut first: FxHashMap<T::Key, usize> = FxHashMap::default();
    first.reserve(outcome.found.len());
    let mut refused: Vec<(usize, RejectedLine)> = Vec::new();
    for (at, row) in outcome.found.iter().enumerate() {
        let Some(before) = outcome.found.get(*first.entry(row.key()).or_insert(at)) else {
            continue;
        };
        let ((value, ..), (known, ..)) = (row.says(), before.says());
        if row.says() == before.says() {
            continue;
        }
        let reason = if value == known {
            format!("line {} says something else beside {known} for this day", before.line())
        } else {
            format!("line {} says {known} for this day", before.line())
        };
        let mut rejected =
            Bad::new(column.unwrap_or("close"), value.to_string(), reason).at(row.line(), reading.layout);
        if column.is_none() {
            let headings = &reading.source.headings;
            let heading = headings.iter().find(|one| row.is_headed(one, reading.directory));
            rejected.column = heading.cloned().unwrap_or_default();
        }
        refused.push((at, rejected));
    }
    let mut places = refused.iter().map(|(at, _)| *at).peekable();
    let mut at = 0;
    outcome.found.retain(|_| {
        let is_refused = places.next_if_eq(&at).is_some();
        at += 1;
        !is_refused
    });
    outcome
        .rejected
        .extend(refused.into_iter().map(|(_, rejected)| rejected));
}

fn above_zero(column: &'static str, cell: &[u8], value: Decimal) -> Result<Decimal, Bad> {
    if value > Decimal::ZERO {
        Ok(value)
    } else {
        Err(Bad::cell(column, cell, "this is not above zero"))
    }
}

/// Reads a price file with one row for each symbol and day. `symbol` stands in where no column names it.
pub(crate) fn read_prices(
    reading: Reading<'_>,
    symbol: Option<&str>,
    watch: &Watch<'_>,
) -> Result<Outcome<PriceRow>, ImportError> {
    let place = |name: &str| reading.layout.place(name);
    let (symbols, dates, volumes) = (place("symbol"), place("date"), place("volume"));
    let [open, high, low, close] = ["open", "high", "low", "close"].map(|name| (name, place(name)));
    let mut outcome = read_all(
        reading,
        watch,
        || (),
        |(), line, record, outcome| {
            let date = reading.date(dates, "date", record)?;
            let stated = text(symbols.of(record));
            let name = if stated.is_empty() {
                symbol.unwrap_or_default()
            } else {
                &stated
            };
            let instrument = instrument(reading, name, date, "symbol", outcome)?.id;
            let price = |(name, place): (&'static str, super::columns::Place<'_>)| {
                let value = reading.number(place, name, record)?;
                value.map(|value| above_zero(name, place.of(record), value)).transpose()
            };
            let Some(last) = price(close)? else {
                return Err(Bad::cell("close", close.1.of(record), "the row has no close"));
            };
            let range = match (price(open)?, price(high)?, price(low)?) {
                (Some(open), Some(high), Some(low)) => {
                    if high < low {
                        return Err(Bad::new(
                            "high",
                            high.to_string(),
                            format!("the high is below the low of {low}"),
                        ));
                    }
                    Some([open, high, low])
                }
                _ => None,
            };
            let volume = reading.number(volumes, "volume", record)?;
            if volume.is_some_and(|volume| volume < Decimal::ZERO) {
                return Err(Bad::cell("volume", volumes.of(record), "a volume is not negative"));
            }
            outcome.found.push(PriceRow {
                line,
                instrument,
                date,
                close: last,
                range,
                volume,
            });
            Ok(())
        },
    )?;
    refuse_contradictions(reading, Some("close"), &mut outcome);
    Ok(outcome)
}

/// What a row of a wide file holds: a date, and one value a column, empty cells left out.
fn wide<T: Send>(
    reading: Reading<'_>,
    watch: &Watch<'_>,
    add: impl Fn(u64, Date, &str, Decimal, &mut Outcome<T>) -> Result<(), Bad> + Sync,
) -> Result<Outcome<T>, ImportError> {
    let (headings, days) = (&reading.source.headings, reading.source.days);
    read_all(
        reading,
        watch,
        || (),
        |(), line, record, outcome| {
            let date = reading.day("date", record.get(days).unwrap_or_default().trim_ascii())?;
            for (column, (heading, cell)) in headings.iter().zip(record.iter()).enumerate() {
                let cell = cell.trim_ascii();
                if column == days || is_absent(cell) || heading.is_empty() {
                    continue;
                }
                let value = number::parse(cell, reading.decimal).filter(|value| *value > Decimal::ZERO);
                // A wide row has many cells, so each bad one is listed under its own heading.
                let added = match value {
                    Some(value) => add(line, date, heading, value, outcome),
                    None => Err(Bad::cell("close", cell, "this is not a number above zero")),
                };
                if let Err(bad) = added {
                    let mut rejected = bad.at(line, reading.layout);
                    rejected.column.clone_from(heading);
                    outcome.rejected.push(rejected);
                }
            }
            Ok(())
        },
    )
}

/// Reads a wide table of closes: one column for each symbol.
pub(crate) fn read_wide_prices(reading: Reading<'_>, watch: &Watch<'_>) -> Result<Outcome<PriceRow>, ImportError> {
    let mut outcome = wide(reading, watch, |line, date, heading, close, outcome| {
        let instrument = instrument(reading, heading, date, "symbol", outcome)?.id;
        outcome.found.push(PriceRow {
            line,
            instrument,
            date,
            close,
            range: None,
            volume: None,
        });
        Ok(())
    })?;
    refuse_contradictions(reading, None, &mut outcome);
    Ok(outcome)
}

/// Reads an FX file with one row for each pair and day.
pub(crate) fn read_rates(reading: Reading<'_>, watch: &Watch<'_>) -> Result<Outcome<RateRow>, ImportError> {
    let place = |name: &str| reading.layout.place(name);
    let (dates, froms, tos, pairs, rates) = (place("date"), place("from"), place("to"), place("pair"), place("rate"));
    let mut outcome = read_all(
        reading,
        watch,
        || (),
        |(), line, record, outcome| {
            let date = reading.date(dates, "date", record)?;
            let stated = (
                reading.currency(froms, "from", record)?,
                reading.currency(tos, "to", record)?,
            );
            let (from, to) = match stated {
                (Some(from), Some(to)) => (from, to),
                _ => {
                    let cell = text(pairs.of(record));
                    read_pair(&cell)
                        .ok_or_else(|| Bad::new("pair", cell, "this is not a pair of currencies such as EUR/USD"))?
                }
            };
            if from == to {
                return Err(Bad::new("to", to.to_string(), "a currency has no rate to itself"));
            }
            let cell = rates.of(record);
            let rate = reading
                .number(rates, "rate", record)?
                .ok_or_else(|| Bad::cell("rate", cell, "the row has no rate"))?;
            let rate = above_zero("rate", cell, rate)?;
            outcome.found.push(RateRow {
                line,
                from,
                to,
                date,
                rate,
            });
            Ok(())
        },
    )?;
    refuse_contradictions(reading, Some("rate"), &mut outcome);
    Ok(outcome)
}

/// Reads a wide table of rates: one column for each pair, such as `EURUSD`.
pub(crate) fn read_wide_rates(reading: Reading<'_>, watch: &Watch<'_>) -> Result<Outcome<RateRow>, ImportError> {
    let mut outcome = wide(reading, watch, |line, date, heading, rate, outcome| {
        let (from, to) = read_pair(heading).ok_or_else(|| {
            Bad::new(
                "pair",
                heading,
                "this heading is not a pair of currencies such as EURUSD",
            )
        })?;
        outcome.found.push(RateRow {
            line,
            from,
            to,
            date,
            rate,
        });
        Ok(())
    })?;
    refuse_contradictions(reading, None, &mut outcome);
    Ok(outcome)
}

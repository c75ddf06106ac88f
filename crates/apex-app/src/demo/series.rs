//! The real series the demo stands on: adjusted closes of stocks, factor ETFs and the S&P 500 price index.
//!
//! The files are compiled in unchanged from `demo/`, whose README gives source and license. Only the days the demo
//! shows are kept, and of the index all, so that crises before them can be replayed.

use std::io::Read;

use flate2::read::GzDecoder;
use jiff::civil::{Date, date};
use thiserror::Error;

const STOCKS: &[u8] = include_bytes!("../../demo/sp500_dataset.csv.gz");
const INDEX: &[u8] = include_bytes!("../../demo/sp500_index.csv.gz");
const FACTORS: &[u8] = include_bytes!("../../demo/factors_dataset.csv.gz");

/// The first day kept: one year before the first trade, so that a year can be looked back on from it.
pub(crate) const FIRST_DAY: Date = date(2012, 1, 3);

/// The same as text: what files of stocks and funds are read from.
const SINCE: &str = "2012-01-03";

/// Why a series that ships with the program could not be read; only a damaged build has one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SeriesError {
    /// The file does not unpack.
    #[error("built-in series {file} does not unpack: {reason}")]
    Unpack {
        /// Which file.
        file: &'static str,
        /// What the unpacker said.
        reason: String,
    },
    /// A cell is not what it should be.
    #[error("built-in series {file} has {value} in line {line}")]
    Cell {
        /// Which file.
        file: &'static str,
        /// Line in the file.
        line: usize,
        /// The text found.
        value: String,
    },
    /// Two files that share a calendar do not.
    #[error("built-in series {file} lacks {day}")]
    Day {
        /// Which file.
        file: &'static str,
        /// The missing day.
        day: Date,
    },
}

/// One named column of adjusted closes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    /// Name in the file.
    pub(crate) name: String,
    /// Index of its first day in the calendar; it has a value on every day from there on.
    pub(crate) first: usize,
    /// The values.
    pub(crate) values: Vec<f64>,
}

/// The real series on one calendar.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// Trading days, ascending.
    pub(crate) days: Vec<Date>,
    /// Adjusted closes of the stocks.
    pub(crate) stocks: Vec<Column>,
    /// Adjusted closes of the factor ETFs, which begin in 2014.
    pub(crate) funds: Vec<Column>,
    /// The S&P 500 price index.
    pub(crate) index: Column,
    /// The index before the first day kept, for scenarios that replay what was before.
    pub(crate) index_before: Vec<(Date, f64)>,
}

impl Series {
    /// Reads the built-in files.
    ///
    /// # Errors
    /// When a built-in file is damaged.
    pub(crate) fn load() -> Result<Self, SeriesError> {
        let (days, stocks) = read("sp500_dataset", STOCKS, SINCE)?;
        let (index_days, index) = read("sp500_index", INDEX, "")?;
        let (fund_days, funds) = read("factors_dataset", FACTORS, SINCE)?;
        let kept_from = index_days.partition_point(|day| *day < FIRST_DAY);
        let (early_days, index_days) = index_days.split_at(kept_from);
        let early = index.first().map(|(_, values)| values.as_slice()).unwrap_or_default();
        let index_before = early_days.iter().copied().zip(early.iter().copied()).collect();
        let index = index
            .into_iter()
            .map(|(name, values)| (name, values.into_iter().skip(kept_from).collect()))
            .collect();
        let index = align("sp500_index", &days, index_days, index)?
            .pop()
            .ok_or(SeriesError::Day {
                file: "sp500_index",
                day: FIRST_DAY,
            })?;
        let funds = align("factors_dataset", &days, &fund_days, funds)?;
        let stocks = stocks
            .into_iter()
            .map(|(name, values)| Column { name, first: 0, values })
            .collect();
        Ok(Self {
            days,
            stocks,
            funds,
            index,
            index_before,
        })
    }

    /// Returns the index of the first trading day on or after a day.
    pub(crate) fn on_or_after(&self, day: Date) -> usize {
        self.days.partition_point(|known| *known < day)
    }
}

type Named = Vec<(String, Vec<f64>)>;

fn read(file: &'static str, packed: &[u8], since: &str) -> Result<(Vec<Date>, Named), SeriesError> {
    let mut text = String::new();
    GzDecoder::new(packed)
        .read_to_string(&mut text)
        .map_err(|err| SeriesError::Unpack {
            file,
            reason: err.to_string(),
        })?;
    let mut lines = text.lines().enumerate();
    let headings = lines.next().map_or("", |(_, line)| line);
    let mut columns: Named = headings
        .split(',')
        .skip(1)
        .map(|name| (name.to_owned(), Vec::new()))
        .collect();
    let mut days = Vec::new();
    for (index, line) in lines {
        let wrong = |value: &str| SeriesError::Cell {
            file,
            line: index + 1,
            value: value.to_owned(),
        };
        let (day, cells) = line.split_once(',').ok_or_else(|| wrong(line))?;
        // ISO dates order as text, and most of a file is older than the demo.
        if day < since {
            continue;
        }
        days.push(day.parse().map_err(|_| wrong(day))?);
        let mut cells = cells.split(',');
        for (_, values) in &mut columns {
            let cell = cells.next().unwrap_or_default();
            values.push(cell.parse().map_err(|_| wrong(cell))?);
        }
    }
    Ok((days, columns))
}

fn align(file: &'static str, days: &[Date], own: &[Date], columns: Named) -> Result<Vec<Column>, SeriesError> {
    let missing = |day: Option<&Date>| SeriesError::Day {
        file,
        day: day.copied().unwrap_or(FIRST_DAY),
    };
    let first = own
        .first()
        .and_then(|day| days.binary_search(day).ok())
        .ok_or_else(|| missing(own.first()))?;
    if let Some(gap) = days[first..].iter().zip(own).find(|(day, own)| day != own) {
        return Err(missing(Some(gap.0)));
    }
    if own.len() != days.len() - first {
        return Err(missing(days.last()));
    }
    Ok(columns
        .into_iter()
        .map(|(name, values)| Column { name, first, values })
        .collect())
}

//! The prices of a backtest: the assets on the days all of them have, and the benchmark on the same days.

use std::collections::{BTreeMap, BTreeSet};

use apex_analytics::table::PriceTable;
use apex_domain::{InstrumentId, InstrumentKind};
use apex_wire::backtest::Backtest;
use jiff::civil::Date;

use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::grid::kind_label;
use crate::risk::{Part, RiskBook};

/// A weight up to this is not listed.
const WEIGHT_SHOWN_MIN: f64 = 1e-6;

/// What a backtest runs on.
#[derive(Debug, Clone, Default)]
pub(super) struct Data {
    pub(super) names: Vec<String>,
    pub(super) dates: Vec<Date>,
    /// Prices of each asset, above zero.
    prices: Vec<Vec<f64>>,
    pub(super) benchmark: Option<(String, Vec<f64>)>,
    /// The class of each asset by classification.
    pub(super) classes: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) notes: Vec<String>,
    pub(super) left_out: Vec<String>,
}

impl Data {
    /// Takes the columns of a table on their common dates.
    pub(super) fn of_table(table: &PriceTable, backtest: &Backtest) -> Result<Self> {
        let benchmark = backtest.benchmark.as_ref();
        let asked: Vec<&String> = match backtest.universe.as_slice() {
            [] => table.names().iter().filter(|name| Some(*name) != benchmark).collect(),
            names => names.iter().collect(),
        };
        let mut wanted: Vec<&String> = asked.clone();
        wanted.extend(benchmark);
        let mut columns = Vec::with_capacity(wanted.len());
        for name in &wanted {
            let column = table.column(name).ok_or_else(|| {
                AppError::field(
                    "universe",
                    format!("there is no column {name}; columns are {}", table.names().join(", ")),
                )
            })?;
            columns.push(column.clone());
        }
        // A benchmark that is an asset too stands twice.
        let names = (0..wanted.len()).map(|at| at.to_string()).collect();
        let complete = PriceTable::new(table.dates().to_vec(), names, columns)?.complete();
        let inside = |day: &Date| {
            backtest.from.is_none_or(|from| *day >= from) && backtest.until.is_none_or(|until| *day <= until)
        };
        let rows: Vec<usize> = (0..complete.dates.len())
            .filter(|row| inside(&complete.dates[*row]))
            .collect();
        let rows = &rows[rows.len().saturating_sub(backtest.days)..];
        let cut = |column: &Vec<f64>| -> Vec<f64> { rows.iter().map(|row| column[*row]).collect() };
        let mut prices: Vec<Vec<f64>> = complete.columns.iter().map(cut).collect();
        let benchmark = benchmark
            .cloned()
            .zip(if prices.len() > asked.len() { prices.pop() } else { None });
        let mut data = Self {
            names: asked.into_iter().cloned().collect(),
            dates: rows.iter().map(|row| complete.dates[*row]).collect(),
            prices,
            benchmark,
            ..Self::default()
        };
        if complete.dropped > 0 {
            data.notes.push(format!(
                "left out: {} that not every column has",
                apex_format::counted(complete.dropped as u64, "date")
            ));
        }
        data.checked()
    }

    /// Takes the assets of a book in its base currency, splits taken out and dividends not added.
    pub(super) fn of_book(fold: &PortfolioFold, backtest: &Backtest) -> Result<Self> {
        let instrument = |field: &'static str, symbol: &String| match fold.instrument_named(symbol) {
            Some(instrument) => Ok(instrument.id),
            None => Err(AppError::field(field, format!("there is no instrument {symbol}"))),
        };
        let asked = backtest.universe.iter().map(|symbol| instrument("universe", symbol));
        let asked: BTreeSet<InstrumentId> = asked.collect::<Result<_>>()?;
        let named = backtest.benchmark.as_ref();
        let named = named.map(|symbol| instrument("benchmark", symbol)).transpose()?;
        let benchmark = named.or(fold.portfolio().benchmark);
        let mut added = asked.clone();
        added.extend(benchmark);
        let book = RiskBook::with(fold, closes(fold, backtest), &added);
        if let Some(because) = book.because() {
            return Err(AppError::invalid(because));
        }
        let inside = |day: &Date| {
            backtest.from.is_none_or(|from| *day >= from) && backtest.until.is_none_or(|until| *day <= until)
        };
        let rows: Vec<usize> = (0..book.days.len()).filter(|row| inside(&book.days[*row])).collect();
        let mut data = Self {
            dates: rows.iter().map(|row| book.days[*row]).collect(),
            notes: vec!["Prices are in base currency; dividends are not added".to_owned()],
            ..Self::default()
        };
        for position in &book.positions {
            let Part::Instrument(id) = position.part else { continue };
            let mut level = 1.0;
            let levels: Vec<f64> = position
                .returns
                .iter()
                .map(|change| {
                    level *= 1.0 + change;
                    level
                })
                .collect();
            let levels: Vec<f64> = rows.iter().map(|row| levels[*row]).collect();
            if benchmark == Some(id) {
                data.benchmark = Some((position.symbol.clone(), levels.clone()));
            }
            let wanted = if asked.is_empty() {
                benchmark != Some(id) || !position.value.is_zero()
            } else {
                asked.contains(&id)
            };
            let kind = fold.instrument(id).map(|one| one.kind);
            if !wanted {
                continue;
            }
            if let Some(kind @ (InstrumentKind::Option | InstrumentKind::Private)) = kind {
                let kind = kind_label(kind).to_lowercase();
                data.left_out
                    .push(format!("{}: {kind} is not weighed by its value", position.symbol));
                continue;
            }
            data.names.push(position.symbol.clone());
            data.prices.push(levels);
            for (class, value) in fold.instrument(id).into_iter().flat_map(classes) {
                data.classes
                    .entry(class)
                    .or_default()
                    .insert(position.symbol.clone(), value);
            }
        }
        if let (Some(id), None) = (benchmark, &data.benchmark) {
            let words = format!("{} has no price on every day of the backtest", fold.symbol(id));
            if named.is_some() {
                let words = format!("{words}; choose fewer days or another benchmark");
                return Err(AppError::field("benchmark", words));
            }
            data.notes.push(format!("There is no benchmark: {words}"));
        }
        // What is not asked for is not missed.
        let wanted: BTreeSet<String> = asked.iter().map(|id| fold.symbol(*id)).collect();
        let own_benchmark = benchmark.filter(|_| named.is_none()).map(|id| fold.symbol(id));
        let missed = |line: &&String| {
            let symbol = line.split([',', ':']).next().unwrap_or_default();
            wanted.contains(symbol) || wanted.is_empty() && own_benchmark.as_deref() != Some(symbol)
        };
        data.left_out.extend(book.left_out.iter().filter(missed).cloned());
        data.left_out.sort();
        data.checked()
    }

    fn checked(self) -> Result<Self> {
        if self.names.is_empty() {
            let because = match self.left_out.first() {
                Some(line) => format!("no asset has a price on every day of the backtest; {line}"),
                None => "there is no asset to choose from".to_owned(),
            };
            return Err(AppError::field("universe", because));
        }
        if self.dates.len() < 3 {
            return Err(AppError::field(
                "days",
                format!("closes of the backtest are {}; 3 are the fewest", self.dates.len()),
            ));
        }
        Ok(self)
    }

    /// Returns the prices, in the order of the names.
    pub(super) fn columns(&self) -> Vec<&[f64]> {
        self.prices.iter().map(Vec::as_slice).collect()
    }

    /// Returns weights by name, the largest first, without those that are nothing.
    pub(super) fn ranked(&self, weights: &[f64]) -> Vec<(String, f64)> {
        let pairs = self.names.iter().cloned().zip(weights.iter().copied());
        let mut ranked: Vec<(String, f64)> = pairs.filter(|(_, weight)| weight.abs() > WEIGHT_SHOWN_MIN).collect();
        ranked.sort_by(|left, right| right.1.total_cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
        ranked
    }
}

fn classes(instrument: &apex_domain::Instrument) -> [(String, String); 4] {
    let known = |value: &Option<String>| value.clone().unwrap_or_else(|| "Unclassified".to_owned());
    [
        ("sector".to_owned(), known(&instrument.sector)),
        ("country".to_owned(), known(&instrument.country)),
        ("currency".to_owned(), instrument.currency.to_string()),
        ("kind".to_owned(), instrument.kind.as_str().to_owned()),
    ]
}

/// Returns how many closes to ask for: those since the first day, where one is given.
fn closes(fold: &PortfolioFold, backtest: &Backtest) -> usize {
    let Some(from) = backtest.from else {
        return backtest.days;
    };
    let days = from.until(fold.as_of()).map_or(0, |span| span.get_days());
    // Five of seven days are weekdays; one more stands for the close that the first return starts from.
    usize::try_from(days).map_or(backtest.days, |days| (days * 5 / 7 + 2).min(backtest.days))
}

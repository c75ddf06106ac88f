//! Tables of open, high, low, close and volume, one row a day, of one instrument or of several under their tickers.

use apex_analytics::gap::GapColumn;
use apex_analytics::indicator::function::Column;
use apex_analytics::table::PriceTable;

use super::{Cells, TableError, price_table, short};
use crate::import::source::{is_parquet, unpack};

/// The columns in the order in which a table is returned.
const COLUMNS: [Column; 5] = [Column::Open, Column::High, Column::Low, Column::Close, Column::Volume];

/// Reads the days of one instrument, in order of date. Columns are found by their headings, others are ignored; a
/// column that is not there is not in the answer.
///
/// # Errors
/// When there is no date column or none of the others, a cell cannot be read, a date stands twice, or the file holds
/// several tickers and none of them is chosen.
pub fn bars(name: &str, bytes: &[u8], ticker: Option<&str>) -> Result<PriceTable, TableError> {
    let unpacked = unpack(short(name), bytes)?;
    if is_parquet(short(name), &unpacked) {
        let table = price_table(name, bytes)?;
        return match ticker {
            None => Ok(table),
            Some(ticker) => Err(shape(
                name,
                format!("there is no column of tickers to find {ticker} in"),
            )),
        };
    }
    let cells = Cells::read(short(name), &unpacked)?;
    let headings: Vec<String> = cells
        .source
        .headings
        .iter()
        .map(|one| one.trim().to_lowercase())
        .collect();
    let heading = |wanted: &[&str]| headings.iter().position(|one| wanted.contains(&one.as_str()));
    let day = heading(&["date", "day", "time", "datetime", "timestamp"]);
    for column in COLUMNS {
        cells.only(&headings, |one| *one == column.name().to_lowercase())?;
    }
    let day = day.ok_or_else(|| shape(name, "there is no column Date".to_owned()))?;
    let places: Vec<(Column, usize)> = COLUMNS
        .into_iter()
        .filter_map(|column| Some((column, heading(&[&column.name().to_lowercase()])?)))
        .collect();
    if places.is_empty() {
        let headings = cells.source.headings.join(", ");
        return Err(shape(
            name,
            format!("there is no column Open, High, Low, Close or Volume; columns are {headings}"),
        ));
    }
    let tickers = heading(&["ticker", "symbol"]);
    let ticker = chosen(name, &cells, tickers, ticker)?;
    let (format, decimal) = (cells.date_format(day)?, cells.decimal());
    let mut dates = Vec::new();
    let mut columns = vec![Vec::new(); places.len()];
    cells.each(|line, record| {
        let own = tickers.map(|at| record.get(at).unwrap_or_default().trim_ascii());
        if own.is_some_and(|own| own != ticker.as_bytes()) {
            return Ok(());
        }
        dates.push(cells.date(line, record, day, format)?);
        for ((_, place), values) in places.iter().zip(&mut columns) {
            values.push(cells.number(line, record, *place, decimal)?);
        }
        Ok(())
    })?;
    let names = places.iter().map(|(column, _)| column.name().to_owned()).collect();
    let columns = columns.iter().map(|values| GapColumn::from_options(values)).collect();
    PriceTable::new(dates, names, columns).map_err(|err| shape(name, err.to_string()))
}

/// Returns the ticker whose rows are read.
fn chosen(name: &str, cells: &Cells, column: Option<usize>, wanted: Option<&str>) -> Result<String, TableError> {
    let Some(column) = column else {
        return match wanted {
            None => Ok(String::new()),
            Some(ticker) => Err(shape(name, format!("there is no column Ticker to find {ticker} in"))),
        };
    };
    let mut tickers = std::collections::BTreeSet::new();
    cells.each(|_, record| {
        let cell = record.get(column).unwrap_or_default().trim_ascii();
        if !tickers.contains(cell) {
            tickers.insert(cell.to_vec());
        }
        Ok(())
    })?;
    let tickers: Vec<String> = tickers
        .iter()
        .map(|cell| String::from_utf8_lossy(cell).into_owned())
        .collect();
    let list = || tickers.join(", ");
    match wanted {
        Some(ticker) if tickers.iter().any(|own| own == ticker) => Ok(ticker.to_owned()),
        Some(ticker) => Err(shape(
            name,
            format!("there is no ticker {ticker}; tickers are {}", list()),
        )),
        None => match &tickers[..] {
            [] => Ok(String::new()),
            [ticker] => Ok(ticker.clone()),
            _ => Err(shape(
                name,
                format!("there are several tickers, choose one: {}", list()),
            )),
        },
    }
}

fn shape(name: &str, reason: String) -> TableError {
    TableError::Shape {
        name: short(name).to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "Ticker,Date,Open,High,Low,Close,Volume,Adj Close\n\
                       A,2026-01-06,2,3,1,2.5,100,9\nB,2026-01-05,x,1,1,1,1,1\nA,2026-01-05,1,2,1,1.5,,9\n";

    #[test]
    fn the_days_of_one_ticker_come_in_order() {
        let table = bars("x.csv", TWO.as_bytes(), Some("A")).unwrap();
        assert_eq!(table.names(), ["Open", "High", "Low", "Close", "Volume"]);
        assert_eq!(table.column("Close").unwrap().to_options(), [Some(1.5), Some(2.5)]);
        assert_eq!(table.column("Volume").unwrap().to_options(), [None, Some(100.0)]);
    }

    #[test]
    fn what_is_not_there_is_named() {
        let err = |text: &str, ticker| bars("x.csv", text.as_bytes(), ticker).unwrap_err().to_string();
        assert_eq!(err(TWO, None), "x.csv: there are several tickers, choose one: A, B");
        assert_eq!(err(TWO, Some("C")), "x.csv: there is no ticker C; tickers are A, B");
        assert_eq!(err(TWO, Some("B")), "x.csv line 3, field Open: this is not a number: x");
        assert_eq!(
            err("Day,A\n2026-01-05,1\n", None),
            "x.csv: there is no column Open, High, Low, Close or Volume; columns are Day, A"
        );
        assert_eq!(err("Close\n1\n", None), "x.csv: there is no column Date");
        assert_eq!(
            err("Date,Close\n2026-01-05,1\n", Some("A")),
            "x.csv: there is no column Ticker to find A in"
        );
    }
}

//! The inputs that the peers read, so that all measure the same numbers. Absent without Python: inputs are then made
//! here, in the same sizes.

use std::env;
use std::fs;
use std::path::Path;

use apex_analytics::table::PriceTable;

use apex_bench::simulated::{MILLION, Simulated, Size, scaled};

/// Returns the table of a name, or `None` where there is no such file.
pub(crate) fn table(name: &str) -> Option<PriceTable> {
    PriceTable::from_parquet(&bytes(name)?).ok()
}

/// Returns the peers' ledger of a million trades, rounded to whole units of their scale.
pub(crate) fn ledger() -> Option<Simulated> {
    let table = table("ledger_prices.parquet")?;
    let columns = table.columns();
    let rows = (0..table.dates().len()).flat_map(|row| columns.iter().map(move |column| column.get(row)));
    let closes: Option<Vec<i64>> = rows.map(|close| close.map(scaled)).collect();
    let bytes = bytes("ledger_txn.f64")?;
    let numbers = bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes));
    let numbers: Vec<f64> = numbers.collect();
    let trades = numbers.as_chunks::<6>().0;
    let index = |at: usize| trades.iter().map(|trade| trade[at] as u32).collect();
    let units = |at: usize| trades.iter().map(|trade| scaled(trade[at])).collect();
    let size = Size {
        trades: trades.len(),
        instruments: columns.len(),
        days: table.dates().len(),
        ..MILLION
    };
    Some(Simulated {
        size,
        dates: table.dates().to_vec(),
        day: index(0),
        account: index(1),
        instrument: index(2),
        quantity: trades.iter().map(|trade| trade[3] as i64).collect(),
        price: units(4),
        fee: units(5),
        closes: closes?,
    })
}

fn bytes(name: &str) -> Option<Vec<u8>> {
    fs::read(Path::new(&env::var_os("APEX_BENCH_DATA")?).join(name)).ok()
}

//! The inputs that the peers read, so that all measure the same numbers. Absent without Python: inputs are then made
//! here, in the same sizes.

use std::env;
use std::fs;
use std::path::Path;

use apex_analytics::random::Stream;
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
    let closes = (0..table.dates().len()).flat_map(|row| columns.iter().map(move |column| column.get(row)));
    let closes: Option<Vec<i64>> = closes.map(|close| close.map(scaled)).collect();
    let trades = rows::<6>("ledger_txn.f64")?;
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

/// Returns rows of so many doubles each, or `None` where there is no such file.
pub(crate) fn rows<const N: usize>(name: &str) -> Option<Vec<[f64; N]>> {
    let bytes = bytes(name)?;
    let numbers = bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes));
    let numbers: Vec<f64> = numbers.collect();
    Some(numbers.as_chunks::<N>().0.to_vec())
}

/// Returns what draws standard normal numbers, for inputs that no peer has made.
pub(crate) fn normals(seed: u64) -> impl FnMut() -> f64 {
    let mut stream = Stream::new(seed, 0);
    move || f64::from(stream.normal())
}

/// Returns what draws numbers between two others, for inputs that no peer has made.
pub(crate) fn uniforms(seed: u64) -> impl FnMut(f64, f64) -> f64 {
    let mut stream = Stream::new(seed, 0);
    move |low, high| low + (high - low) * stream.uniform()
}

fn bytes(name: &str) -> Option<Vec<u8>> {
    fs::read(Path::new(&env::var_os("APEX_BENCH_DATA")?).join(name)).ok()
}

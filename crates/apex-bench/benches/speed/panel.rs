//! 500 assets over ten years: returns, a benchmark, and prices that follow from them.

use std::cell::OnceCell;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

use crate::peers;

/// Assets of the panel.
pub(crate) const ASSETS: usize = 500;
/// Its days.
pub(crate) const DAYS: usize = 2_520;

/// One column of returns an asset, and those of the benchmark.
pub(crate) struct Panel {
    pub(crate) assets: Vec<Vec<f64>>,
    pub(crate) benchmark: Vec<f64>,
    prices: OnceCell<Vec<Vec<f64>>>,
}

impl Panel {
    /// Returns the peers' input, or one like it.
    pub(crate) fn new() -> Self {
        let (assets, benchmark) = of_peers().unwrap_or_else(made_up);
        Self {
            assets,
            benchmark,
            prices: OnceCell::new(),
        }
    }

    /// Returns the columns of returns.
    pub(crate) fn columns(&self) -> Vec<&[f64]> {
        self.assets.iter().map(Vec::as_slice).collect()
    }

    /// Returns the columns of prices: 100 before the first return.
    pub(crate) fn prices(&self) -> Vec<&[f64]> {
        let of = |returns: &Vec<f64>| {
            returns
                .iter()
                .scan(100.0, |price, value| {
                    *price *= 1.0 + value;
                    Some(*price)
                })
                .collect()
        };
        let prices = self.prices.get_or_init(|| self.assets.iter().map(of).collect());
        prices.iter().map(Vec::as_slice).collect()
    }

    /// Returns the days of the rows, weekdays from 2014-01-02 on.
    pub(crate) fn dates(&self) -> Vec<Date> {
        let weekday = |day: &Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let days = date(2014, 1, 2).series(1.day()).filter(weekday);
        days.take(self.benchmark.len()).collect()
    }
}

fn of_peers() -> Option<(Vec<Vec<f64>>, Vec<f64>)> {
    let table = peers::table("returns_500.parquet")?;
    let column = |at: usize| table.columns()[at].values().to_vec();
    let names = table.names().iter().enumerate();
    let (benchmark, assets): (Vec<_>, Vec<_>) = names.partition(|(_, name)| name.as_str() == "BENCH");
    let assets: Vec<Vec<f64>> = assets.into_iter().map(|(at, _)| column(at)).collect();
    (assets.len() == ASSETS).then_some(())?;
    Some((assets, column(benchmark.first()?.0)))
}

/// As many returns of a market factor and a part of its own.
fn made_up() -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut normal = peers::normals(20_240_101);
    let benchmark: Vec<f64> = (0..DAYS).map(|_| 0.0003 + 0.01 * normal()).collect();
    let assets = (0..ASSETS)
        .map(|asset| {
            let beta = 0.5 + asset as f64 / ASSETS as f64;
            benchmark
                .iter()
                .map(|market| beta * market + 0.015 * normal())
                .collect()
        })
        .collect();
    (assets, benchmark)
}

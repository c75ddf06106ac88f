//! A source's days as the series that detectors read: divided by later splits, with its payments and what they make of
//! adjusted closes.

use apex_domain::{Date, Decimal, Ratio};
use rust_decimal::prelude::ToPrimitive;

use super::super::basis::{Factor, Factors};
use super::super::run::Source;
use crate::series::{Cell, Field, Interval, Series, Stamp};

/// No dividend is as much of the price as this; one that seems so has another unit, and is not taken off.
const SHARE_MAX: f64 = 0.95;

/// The series, and what led to it.
pub(super) struct Columns {
    pub(super) series: Series,
    /// The factor of each row.
    factors: Vec<Factor>,
    /// The payments in the instrument's currency, by the row they fall on, in order.
    pub(super) paid: Vec<(usize, usize)>,
}

impl Columns {
    pub(super) fn of(source: &Source, splits: &[(Date, Ratio)], factors: &Factors) -> Self {
        let rows = source.bars.len();
        // What came before the first bar is not seen in any price.
        let row_of = |date: Date| {
            let row = source.bars.partition_point(|(day, _)| *day < date);
            Some(row).filter(|row| (1..rows).contains(row))
        };
        let factors: Vec<Factor> = source.bars.iter().map(|(date, _)| factors.at(*date)).collect();
        let mut columns: [Vec<Cell>; Field::ALL.len()] = Default::default();
        let prices = [
            (
                Field::Open,
                source.bars.iter().map(|(_, bar)| bar.open).collect::<Vec<_>>(),
            ),
            (Field::High, source.bars.iter().map(|(_, bar)| bar.high).collect()),
            (Field::Low, source.bars.iter().map(|(_, bar)| bar.low).collect()),
            (Field::Close, source.bars.iter().map(|(_, bar)| bar.close).collect()),
        ];
        for (field, prices) in prices {
            if field == Field::Close || prices.iter().any(Option::is_some) {
                let cells = prices.iter().zip(&factors);
                columns[field as usize] = cells
                    .map(|(price, factor)| cell(*price, 1.0 / factor.number()))
                    .collect();
            }
        }
        if source.bars.iter().any(|(_, bar)| bar.volume.is_some()) {
            let cells = source.bars.iter().zip(&factors);
            columns[Field::Volume as usize] = cells
                .map(|((_, bar), factor)| cell(bar.volume, factor.number()))
                .collect();
        }
        let mut split_on: Vec<f64> = Vec::new();
        for (date, ratio) in splits {
            if let Some(row) = row_of(*date) {
                split_on.resize(rows, 0.0);
                let ratio = f64::from(ratio.numerator()) / f64::from(ratio.denominator());
                split_on[row] = if split_on[row] == 0.0 {
                    ratio
                } else {
                    split_on[row] * ratio
                };
            }
        }
        columns[Field::StockSplits as usize] = split_on.into_iter().map(Cell::exact).collect();
        let own = source.dividends.iter().enumerate();
        let paid: Vec<(usize, usize)> = own
            .filter(|(_, payment)| payment.currency.is_none())
            .filter_map(|(number, payment)| Some((row_of(payment.ex_date)?, number)))
            .collect();
        if !paid.is_empty() {
            let mut amounts = vec![0.0; rows];
            for (row, number) in &paid {
                let amount = source.dividends[*number].amount.to_f64().unwrap_or_default();
                amounts[*row] += amount / factors[*row].number();
            }
            columns[Field::AdjustedClose as usize] = adjusted(&columns[Field::Close as usize], &amounts);
            columns[Field::Dividends as usize] = amounts.into_iter().map(Cell::exact).collect();
        }
        let stamps: Vec<Stamp> = source
            .bars
            .iter()
            .filter_map(|(date, _)| Stamp::of_day(*date))
            .collect();
        let is_whole = stamps.len() == rows;
        Self {
            // A day of the year 9999 has no instant in every zone; a source that has one is not looked at.
            series: match is_whole {
                true => Series::new(Interval::Day, stamps, columns),
                false => Series::new(Interval::Day, Vec::new(), Default::default()),
            },
            factors,
            paid: if is_whole { paid } else { Vec::new() },
        }
    }

    /// Returns what prices of the series are multiplied by to be as traded.
    pub(super) fn factor(&self, row: usize) -> f64 {
        self.factors.get(row).map_or(1.0, |factor| factor.number())
    }

    /// Returns what the source says, as traded.
    pub(super) fn said(&self, source: &Source, row: usize, field: Field) -> Option<Decimal> {
        let bar = source.bars.get(row)?.1;
        match field {
            Field::Open => bar.open,
            Field::High => bar.high,
            Field::Low => bar.low,
            Field::Close => bar.close,
            Field::Volume => bar.volume,
            Field::Dividends => {
                let first = self.paid.partition_point(|(on, _)| *on < row);
                let of_row = self.paid[first..].iter().take_while(|(on, _)| *on == row);
                let amounts = of_row.filter_map(|(_, number)| Some(source.dividends.get(*number)?.amount));
                amounts.reduce(|sum, amount| sum.checked_add(amount).unwrap_or(sum))
            }
            _ => None,
        }
    }
}

fn cell(value: Option<Decimal>, factor: f64) -> Cell {
    match value.and_then(|value| value.to_f64()) {
        Some(number) => Cell::exact(number * factor),
        None => Cell::missing(),
    }
}

/// The closes adjusted for what was paid, as a source that makes no mistake would.
fn adjusted(closes: &[Cell], amounts: &[f64]) -> Vec<Cell> {
    let mut factor = 1.0;
    let mut owed = 0.0;
    let mut adjusted = vec![Cell::missing(); closes.len()];
    for row in (0..closes.len()).rev() {
        if let Some(close) = closes[row].number().filter(|close| *close > 0.0) {
            if (0.0..SHARE_MAX).contains(&(owed / close)) {
                factor *= 1.0 - owed / close;
            }
            owed = 0.0;
            adjusted[row] = Cell::exact(close * factor);
        }
        owed += amounts[row];
    }
    adjusted
}

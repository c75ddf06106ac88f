//! From what detectors propose back to figures as traded, exactly where a figure is only in another unit or basis.

use std::collections::BTreeSet;

use apex_domain::{Date, Decimal, Ratio};
use rust_decimal::RoundingStrategy;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::super::basis::{Factor, Factors, shortest};
use super::super::run::Source;
use super::super::{Figures, Payment};
use super::ExaminedPayment;
use super::columns::Columns;
use crate::series::{Cell, Field, Series};

/// Decimals of a rebuilt price where nothing around tells how many there are.
const SCALE: u32 = 4;
/// No price has more decimals than this.
const SCALE_MAX: u32 = 8;
/// Two factors that differ by less are the same.
const SAME: f64 = 1e-9;

pub(super) struct Back<'a> {
    source: &'a Source,
    columns: &'a Columns,
    /// Factors that a repair multiplies by exactly: of units and of splits, both ways.
    exact: Vec<(f64, Factor)>,
    factors: &'a Factors,
}

impl<'a> Back<'a> {
    pub(super) fn new(
        source: &'a Source,
        splits: &[(Date, Ratio)],
        factors: &'a Factors,
        columns: &'a Columns,
        units: f64,
    ) -> Self {
        let unit = if units > 100.0 { 1000 } else { 100 };
        let ratios = splits.iter().map(|(_, ratio)| *ratio).chain(Ratio::new(unit, 1));
        let exact = ratios.flat_map(|ratio| [ratio, ratio.inverse()]).map(Factor::of);
        Self {
            source,
            columns,
            exact: exact.map(|factor| (factor.number(), factor)).collect(),
            factors,
        }
    }

    /// Returns the figures of a row as they are in a repaired series.
    pub(super) fn figures(&self, row: usize, series: &Series) -> Figures {
        let said = self.source.bars[row].1;
        let figure = |field: Field, said: Option<Decimal>| match series.cell(row, field) {
            Some(cell) if Some(cell) != self.columns.series.cell(row, field) => self.value(row, field, cell),
            _ => said,
        };
        Figures {
            open: figure(Field::Open, said.open),
            high: figure(Field::High, said.high),
            low: figure(Field::Low, said.low),
            close: figure(Field::Close, said.close),
            volume: figure(Field::Volume, said.volume),
        }
    }

    /// Returns a cell as traded.
    pub(super) fn value(&self, row: usize, field: Field, after: &Cell) -> Option<Decimal> {
        let number = after.number()?;
        let said = self.columns.said(self.source, row, field);
        let was = self.columns.series.number(row, field).filter(|was| *was != 0.0);
        if let (Some(said), Some(was)) = (said, was) {
            let ratio = number / was;
            if (ratio - 1.0).abs() < SAME {
                return Some(said);
            }
            let exact = self.exact.iter().find(|(one, _)| (ratio / one - 1.0).abs() < SAME);
            if let Some((_, factor)) = exact {
                return match field {
                    Field::Volume => factor.inverse().raw_volume(said),
                    _ => factor.raw_price(said, self.source.provider.noise()),
                }
                .map(|value| value.normalize());
            }
        }
        let factor = self.columns.factor(row);
        match field {
            Field::Volume => Decimal::from_f64(number / factor).map(|volume| volume.round()),
            _ => {
                let value = Decimal::from_f64(number * factor)?;
                let rounded = value.round_dp_with_strategy(self.scale(row), RoundingStrategy::MidpointAwayFromZero);
                Some(rounded.normalize())
            }
        }
    }

    /// Returns how many decimals the prices around a row have.
    fn scale(&self, row: usize) -> u32 {
        let around = row.saturating_sub(2)..(row + 3).min(self.source.bars.len());
        let prices = self.source.bars[around]
            .iter()
            .flat_map(|(_, bar)| [bar.open, bar.high, bar.low, bar.close]);
        let scales = prices
            .flatten()
            .filter(|price| !price.is_zero())
            .map(|price| price.normalize().scale());
        scales.max().unwrap_or(SCALE).min(SCALE_MAX)
    }

    /// Returns the payments as they are in a repaired series; those on the rows `unpaid` are in doubt.
    pub(super) fn payments(&self, series: &Series, unpaid: &BTreeSet<usize>) -> Vec<ExaminedPayment> {
        let mut payments = Vec::with_capacity(self.source.dividends.len());
        let mut moved: Vec<Payment> = Vec::new();
        let mut on = self.columns.paid.iter().peekable();
        for (number, payment) in self.source.dividends.iter().enumerate() {
            let row = on.next_if(|(_, paid)| *paid == number).map(|(row, _)| *row);
            let Some(row) = row else {
                payments.push(ExaminedPayment {
                    payment: *payment,
                    repaired: false,
                    doubtful: false,
                });
                continue;
            };
            let was = self.columns.series.event(row, Field::Dividends);
            let is = series.event(row, Field::Dividends);
            if is == 0.0 {
                moved.push(*payment);
                continue;
            }
            let amount = self.scaled(payment.amount, is / was);
            payments.push(ExaminedPayment {
                payment: Payment {
                    amount: amount.unwrap_or(payment.amount),
                    ..*payment
                },
                repaired: amount.is_some(),
                doubtful: unpaid.contains(&row),
            });
        }
        // Where something is paid that was not, a payment was moved there from another day.
        for row in 0..series.len() {
            let is = series.event(row, Field::Dividends);
            if is <= 0.0 || self.columns.series.event(row, Field::Dividends) != 0.0 {
                continue;
            }
            let raw = is * self.columns.factor(row);
            let from = moved
                .iter()
                .find(|payment| {
                    let now = self.factors.at(payment.ex_date).number();
                    let amount = payment.amount.to_f64().unwrap_or_default() / now;
                    (amount / is - 1.0).abs() < SAME
                })
                .copied();
            let rounded = Decimal::from_f64(raw).map(|raw| shortest(raw, Decimal::new(1, SCALE_MAX)));
            let Some(amount) = from.map(|payment| payment.amount).or(rounded) else {
                continue;
            };
            payments.push(ExaminedPayment {
                payment: Payment {
                    ex_date: self.source.bars[row].0,
                    amount,
                    currency: None,
                    pay_date: from.and_then(|payment| payment.pay_date),
                },
                repaired: true,
                doubtful: unpaid.contains(&row),
            });
        }
        payments.sort_by_key(|one| (one.payment.ex_date, one.payment.amount));
        payments
    }

    /// Returns an amount times a ratio that is not one.
    fn scaled(&self, amount: Decimal, ratio: f64) -> Option<Decimal> {
        if (ratio - 1.0).abs() < SAME {
            return None;
        }
        let exact = self.exact.iter().find(|(one, _)| (ratio / one - 1.0).abs() < SAME);
        match exact {
            Some((_, factor)) => factor.raw_price(amount, Decimal::ZERO),
            None => Decimal::from_f64(amount.to_f64()? * ratio).map(|value| value.round_dp(SCALE_MAX - 2)),
        }
    }
}

//! Worked examples of valuation on columns.

use super::{WorkedExample, example, source};
use crate::gap::GapColumn;
use crate::valuation::contribution::contributions;
use crate::valuation::ledger::{LedgerColumns, PriceGrid, value_ledger};
use crate::valuation::lots::{average_cost, fifo};
use crate::valuation::nav::{Flow, Holding, Step, nav_series};

/// Returns the examples.
pub(super) fn examples() -> Vec<WorkedExample> {
    let (quantity, price) = ([100.0, 100.0, 100.0, -150.0], [10.0, 12.0, 15.0, 14.0]);
    let first_in = fifo(&[0; 4], &quantity, &price, 1).ok();
    let average = average_cost(&[0; 4], &quantity, &price, 1).ok();
    let short = fifo(&[0, 0], &[-10_i64, 15], &[50, 40], 1).ok();

    let prices = GapColumn::from_options(&[Some(50.0), Some(55.0), Some(60.0)]);
    let rates = GapColumn::from_options(&[Some(0.90), None, Some(0.95)]);
    let stock = Holding {
        steps: &[Step {
            row: 0,
            quantity: 100.0,
        }],
        flows: &[Flow { row: 0, amount: 4500.0 }],
        prices: Some(&prices),
        base_from_local: Some(&rates),
        multiplier: 1.0,
    };
    let nav = nav_series(3, &[stock]).ok();

    let ledger = LedgerColumns {
        day: &[0],
        account: &[0],
        instrument: &[0],
        quantity: &[5.0],
        price: &[9.0],
        fee: &[1.0],
    };
    let values = PriceGrid::new(&[10.0, 12.0], 1)
        .and_then(|grid| value_ledger(&ledger, &grid, 1))
        .ok();
    let parts = contributions(&[&[10.0, 5.4], &[-2.0, 0.0]], &[100.0, 108.0])
        .ok()
        .flatten();
    vec![
        example(
            "Gain of 150 sold, first in first out",
            source::REFERENCE,
            500.0,
            first_in.map(|gain| gain.total),
            0.0,
        ),
        example(
            "Gain of 150 sold, average cost",
            source::REFERENCE,
            250.0,
            average.map(|gain| gain.total),
            1e-9,
        ),
        example(
            "Gain of a short of 10 at 50, covered at 40",
            source::HAND,
            100.0,
            short.map(|gain| gain.total as f64),
            0.0,
        ),
        example(
            "100 at USD 60 and a rate of 0.95",
            source::REFERENCE,
            5700.0,
            nav.as_ref().and_then(|nav| nav.nav.get(2)),
            1e-9,
        ),
        example(
            "Its gain since USD 50 and 0.90: price, currency and cross",
            source::REFERENCE,
            1200.0,
            nav.as_ref().and_then(|nav| nav.pnl.get(2)),
            1e-9,
        ),
        example(
            "Days on which a missing rate leaves it unvalued",
            source::HAND,
            1.0,
            nav.map(|nav| nav.nav.gaps() as f64),
            0.0,
        ),
        example(
            "P&L of 5 bought at 9 with a fee of 1, closing at 10",
            source::HAND,
            4.0,
            values.as_ref().map(|values| values.pnl(0, 0)),
            1e-12,
        ),
        example(
            "P&L of the next day, closing at 12",
            source::HAND,
            10.0,
            values.as_ref().map(|values| values.pnl(1, 0)),
            1e-12,
        ),
        example(
            "Contribution of the first of two holdings over two days",
            source::HAND,
            0.154,
            parts.as_ref().and_then(|parts| parts.each.first().copied()),
            1e-15,
        ),
        example(
            "Contributions of both: the return of the period",
            source::HAND,
            0.134,
            parts.as_ref().map(|parts| parts.total),
            1e-15,
        ),
    ]
}

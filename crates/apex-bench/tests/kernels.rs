//! The kernels on columns, which the benchmarks time, give what the decimal fold of the same transactions gives.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops where it is")]

use std::collections::BTreeMap;

use apex_analytics::valuation::ledger::{LedgerTrade, PriceGrid, value_ledger};
use apex_analytics::valuation::lots::fifo;
use apex_domain::{Book, Decimal};

use apex_bench::decimal;
use apex_bench::simulated::{Fees, MILLION, SCALE, Simulated, Size, account_id, instrument_id};

/// Small enough for a test, and of several blocks of days; most trades fall into lanes that go long and short.
const SMALL: Size = Size {
    trades: 6_000,
    instruments: 30,
    accounts: 3,
    days: 300,
};

fn folded(ledger: &Simulated, fees: Fees) -> Book {
    let book = Book::build(ledger.reference(), ledger.transactions(fees), None);
    assert_eq!(book.refusals(), []);
    book
}

#[test]
fn lots_on_whole_numbers_equal_the_decimal_fold_to_the_last_digit() {
    for ledger in [Simulated::new(SMALL, 1), Simulated::new(SMALL, 2).long_only()] {
        let book = folded(&ledger, Fees::None);
        let realized = fifo(&ledger.keys(), &ledger.quantity, &ledger.price, ledger.lanes()).unwrap();
        let mut gains = BTreeMap::new();
        for lot in book.closed_lots() {
            *gains.entry((lot.account, lot.instrument)).or_insert(Decimal::ZERO) += lot.gain_local();
        }
        let last = *ledger.dates.last().unwrap();
        let mut open: BTreeMap<_, _> = book
            .holdings(last)
            .into_iter()
            .map(|holding| ((holding.account, holding.instrument), holding.quantity))
            .collect();
        let mut nonzero = 0;
        for lane in 0..ledger.lanes() {
            let (account, instrument) = (lane / ledger.size.instruments, lane % ledger.size.instruments);
            let id = (account_id(account), instrument_id(instrument));
            let gain = Decimal::from_i128_with_scale(realized.gains[lane], SCALE);
            assert_eq!(gains.remove(&id).unwrap_or_default(), gain, "gain of lane {lane}");
            let quantity = Decimal::from(realized.open[lane]);
            assert_eq!(open.remove(&id).unwrap_or_default(), quantity, "open in lane {lane}");
            nonzero += usize::from(!gain.is_zero());
        }
        assert!(
            gains.is_empty() && open.is_empty() && nonzero > 50,
            "{nonzero} lanes with a gain"
        );
    }
}

#[test]
fn daily_values_in_floats_equal_the_decimal_fold() {
    let ledger = Simulated::new(SMALL, 3);
    let exact = decimal::daily(&folded(&ledger, Fees::Charged), &ledger, &decimal::closes(&ledger));
    let floats = ledger.floats();
    let grid = PriceGrid::new(&floats.closes, SMALL.instruments).unwrap();
    let values = value_ledger(&floats.columns(), &grid, SMALL.accounts).unwrap();
    agree("market value", values.market_values(), &exact.market_value);
    agree("p&l", values.pnls(), &exact.pnl);
}

#[test]
fn daily_values_after_an_edit_equal_the_decimal_fold_of_the_edited_ledger() {
    let ledger = Simulated::new(SMALL, 4).long_only();
    let (mut book, floats) = (folded(&ledger, Fees::Charged), ledger.floats());
    let grid = PriceGrid::new(&floats.closes, SMALL.instruments).unwrap();
    let mut values = value_ledger(&floats.columns(), &grid, SMALL.accounts).unwrap();
    let like = ledger.transactions(Fees::Charged)[1_500].clone();
    let (day, account, instrument) = (ledger.day[1_500], ledger.account[1_500], ledger.instrument[1_500]);
    let mut extra = like;
    extra.id = apex_domain::TransactionId::from_bytes([9; 16]);
    extra.kind = apex_domain::TransactionKind::Buy;
    (extra.quantity, extra.price, extra.fees) = (Decimal::from(70), Decimal::new(1_234, 2), Decimal::new(150, 2));
    book.insert(extra).unwrap();
    let trade = LedgerTrade {
        day: day as usize,
        account: account as usize,
        instrument: instrument as usize,
        quantity: 70.0,
        price: 12.34,
        fee: 1.5,
    };
    values.insert(&grid, &trade).unwrap();
    let exact = decimal::daily(&book, &ledger, &decimal::closes(&ledger));
    agree("market value", values.market_values(), &exact.market_value);
    agree("p&l", values.pnls(), &exact.pnl);
}

#[test]
fn the_benchmarks_are_of_the_size_they_say() {
    let size = (MILLION.trades, MILLION.instruments, MILLION.accounts, MILLION.days);
    assert_eq!(size, (1_000_000, 2_000, 20, 2_520));
}

/// Floats carry 15 digits; values here are below 10^7, so a ten-thousandth part of a cent is far above their error.
fn agree(what: &str, fast: &[f64], exact: &[Decimal]) {
    assert_eq!(fast.len(), exact.len());
    for (at, (fast, exact)) in fast.iter().zip(exact).enumerate() {
        let fast = Decimal::from_f64_retain(*fast).unwrap();
        assert!(
            (fast - exact).abs() < Decimal::new(1, 6),
            "{what} {at}: {fast} and {exact}"
        );
    }
}

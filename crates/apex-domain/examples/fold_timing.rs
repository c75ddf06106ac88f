//! Times the decimal fold of a million made-up transactions and edits in it:
//! `cargo run --release -p apex-domain --example fold_timing [transactions] [instruments] [accounts]`.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a timing program reads the clock and prints"
)]

use std::time::Instant;

use apex_domain::{
    Account, AccountId, Book, Currency, Date, Decimal, Instrument, InstrumentId, InstrumentKind, LotMethod, Portfolio,
    PortfolioId, Reference, Timestamp, Transaction, TransactionId, TransactionKind,
};

fn bytes(family: u8, index: usize) -> [u8; 16] {
    let mut bytes = [family; 16];
    bytes[8..].copy_from_slice(&(index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    bytes
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|text| text.parse::<usize>().ok());
    let count = numbers.next().unwrap_or(1_000_000);
    let instruments = numbers.next().unwrap_or(2_000);
    let accounts = numbers.next().unwrap_or(20);

    let portfolio = Portfolio {
        id: PortfolioId::from_bytes([1; 16]),
        name: "P".into(),
        currency: Currency::USD,
        benchmark: None,
    };
    let reference = Reference {
        accounts: (0..accounts)
            .map(|index| Account {
                id: AccountId::from_bytes(bytes(2, index)),
                portfolio: portfolio.id,
                name: format!("A{index}"),
                lot_method: LotMethod::Fifo,
            })
            .collect(),
        instruments: (0..instruments)
            .map(|index| {
                let id = InstrumentId::from_bytes(bytes(3, index));
                Instrument::new(id, InstrumentKind::Equity, &format!("I{index}"), Currency::USD)
            })
            .collect(),
        portfolios: vec![portfolio],
        ..Reference::default()
    };
    let days: Vec<Date> = Date::constant(2016, 1, 4)
        .series(jiff::ToSpan::day(1))
        .take(2_520)
        .collect();
    let mut state = 42_u64;
    let mut draw = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as usize) % below
    };
    let mut held = vec![0_i64; accounts * instruments];
    let mut transactions: Vec<Transaction> = (0..count)
        .map(|index| {
            let (account, instrument) = (draw(accounts), draw(instruments));
            let position = &mut held[account * instruments + instrument];
            let mut quantity = 1 + draw(100) as i64;
            let sells = *position > 0 && draw(2) == 0;
            if sells {
                quantity = quantity.min(*position);
            }
            *position += if sells { -quantity } else { quantity };
            let kind = if sells {
                TransactionKind::Sell
            } else {
                TransactionKind::Buy
            };
            let id = TransactionId::from_bytes(bytes(4, index));
            let date = days[index * days.len() / count];
            let account = &reference.accounts[account];
            let mut trade = Transaction::new(id, account, date, kind, Currency::USD, Timestamp::UNIX_EPOCH);
            trade.seq = index as u32;
            trade.settle_date = days[(index * days.len() / count + 2).min(days.len() - 1)];
            trade.instrument = Some(reference.instruments[instrument].id);
            trade.quantity = Decimal::from(quantity);
            trade.price = Decimal::new(1_000 + draw(20_000) as i64, 2);
            trade.fees = Decimal::new(draw(500) as i64, 2);
            trade
        })
        .collect();
    // The order of arrival is not the order of the book.
    for index in (1..transactions.len()).rev() {
        transactions.swap(index, draw(index + 1));
    }
    println!("{count} transactions of {} bytes", size_of::<Transaction>());

    let copy = transactions.clone();
    let start = Instant::now();
    let mut book = Book::build(reference, copy, None);
    println!("full fold  {:>29.3} ms", start.elapsed().as_secs_f64() * 1e3);
    assert!(book.refusals().is_empty(), "every sell is covered");

    let mut timings: Vec<f64> = Vec::new();
    for round in 0..20 {
        let mut extra = transactions[draw(count)].clone();
        extra.id = TransactionId::from_bytes(bytes(5, round));
        extra.kind = TransactionKind::Buy;
        let start = Instant::now();
        book.insert(extra).expect("a buy always fits");
        timings.push(start.elapsed().as_secs_f64() * 1e3);
    }
    timings.sort_by(f64::total_cmp);
    println!(
        "one backdated buy, median of 20 {:>8.3} ms, worst {:.3} ms",
        timings[10], timings[19]
    );

    for (name, date) in [("last day", Date::MAX), ("middle", days[days.len() / 2])] {
        let start = Instant::now();
        let holdings = book.holdings(date).len();
        println!(
            "{holdings} holdings, {name:<9} {:>17.3} ms",
            start.elapsed().as_secs_f64() * 1e3
        );
    }
    let start = Instant::now();
    let closed = book.closed_lots().len();
    println!("{closed} closed lots  {:>21.3} ms", start.elapsed().as_secs_f64() * 1e3);
    let start = Instant::now();
    let steps = book
        .quantity_steps()
        .iter()
        .map(|steps| steps.steps.len())
        .sum::<usize>();
    println!(
        "{steps} quantity steps  {:>18.3} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    let start = Instant::now();
    let cash = (book.cash(Date::MAX).len(), book.cash_steps().len());
    println!(
        "{} cash balances  {:>19.3} ms",
        cash.0,
        start.elapsed().as_secs_f64() * 1e3
    );
}

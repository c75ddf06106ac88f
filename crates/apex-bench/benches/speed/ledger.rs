//! A million trades: daily market value and P&L, lots, and one trade more.

use std::cell::LazyCell;
use std::hint::black_box;
use std::time::Duration;

use apex_analytics::valuation::ledger::{LedgerTrade, LedgerValues, PriceGrid, value_ledger};
use apex_analytics::valuation::lots::fifo;
use apex_domain::{Book, Decimal, Transaction, TransactionId, TransactionKind};
use cpu_time::ProcessTime;
use criterion::{Criterion, SamplingMode};

use crate::cpu_time::CpuTime;
use crate::few::few;
use crate::peers;
use apex_bench::decimal;
use apex_bench::simulated::{Fees, Floats, MILLION, Simulated};

/// Lanes of a sum of products: as many as the processor multiplies at once.
const LANES: usize = 8;

pub(crate) fn benches(criterion: &mut Criterion<CpuTime>) {
    let ledger = LazyCell::new(|| peers::ledger().unwrap_or_else(|| Simulated::new(MILLION, 23)));
    let floats = LazyCell::new(|| ledger.floats());
    let keys = LazyCell::new(|| ledger.keys());
    let charged = LazyCell::new(|| ledger.transactions(Fees::Charged));
    let mut group = criterion.benchmark_group("ledger");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);

    group.bench_function("daily", |bencher| {
        let (columns, instruments) = (floats.columns(), ledger.size.instruments);
        bencher.iter(|| {
            let grid = PriceGrid::new(&floats.closes, instruments).expect("closes without gaps");
            value_ledger(black_box(&columns), &grid, ledger.size.accounts).expect("columns of one ledger")
        });
    });
    group.bench_function("daily_floor", |bencher| {
        LazyCell::force(&floats);
        bencher.iter(|| daily_floor(black_box::<&Floats>(&floats), &ledger));
    });
    group.bench_function("fifo", |bencher| {
        let lanes = ledger.lanes();
        LazyCell::force(&keys);
        bencher.iter(|| {
            fifo(black_box(keys.as_slice()), &ledger.quantity, &ledger.price, lanes).expect("columns of one ledger")
        });
    });
    group.bench_function("fifo_floor", |bencher| {
        let lanes = ledger.lanes();
        LazyCell::force(&keys);
        bencher.iter(|| fifo_floor(black_box(keys.as_slice()), &ledger.quantity, &ledger.price, lanes));
    });

    // A closure is called anew for each sample, so what it works on is kept outside.
    let mut editing = None;
    group.bench_function("edit", |bencher| {
        let editing = editing.get_or_insert_with(|| Editing::new(ledger.long_only()));
        bencher.iter_custom(|iterations| (0..iterations).map(|_| editing.once()).sum());
    });
    drop(editing);

    group.finish();

    few(
        "ledger/fifo_decimal",
        || charged.clone(),
        |transactions| {
            let book = Book::build(ledger.reference(), transactions, None);
            let gains: Decimal = book.closed_lots().iter().map(|lot| lot.gain_local()).sum();
            (book, gains)
        },
    );
    let closes = LazyCell::new(|| decimal::closes(&ledger));
    few(
        "ledger/daily_decimal",
        || {
            LazyCell::force(&closes);
            charged.clone()
        },
        |transactions| {
            let book = Book::build(ledger.reference(), transactions, None);
            let values = decimal::daily(&book, &ledger, &closes);
            (book, values)
        },
    );
}

/// A book and its daily values, into which one backdated purchase more is taken.
struct Editing {
    ledger: Simulated,
    transactions: Vec<Transaction>,
    book: Book,
    closes: Vec<f64>,
    values: LedgerValues,
    round: usize,
}

impl Editing {
    fn new(ledger: Simulated) -> Self {
        let floats = ledger.floats();
        let transactions = ledger.transactions(Fees::Charged);
        let grid = PriceGrid::new(&floats.closes, ledger.size.instruments).expect("closes without gaps");
        let values = value_ledger(&floats.columns(), &grid, ledger.size.accounts).expect("columns of one ledger");
        let book = Book::build(ledger.reference(), transactions.clone(), None);
        assert!(book.refusals().is_empty(), "every transaction counts");
        Self {
            ledger,
            transactions,
            book,
            closes: floats.closes,
            values,
            round: 0,
        }
    }

    /// Takes a purchase in and returns how long that took; taking it out again is not timed.
    fn once(&mut self) -> Duration {
        // A stride prime to their number visits the trades of all years; most are in the longest lanes.
        let at = self.round * 104_729 % self.transactions.len();
        self.round += 1;
        let ledger = &self.ledger;
        let id = TransactionId::from_bytes(*b"a trade once mor");
        let mut extra = self.transactions[at].clone();
        (extra.id, extra.kind, extra.fees) = (id, TransactionKind::Buy, Decimal::ZERO);
        let trade = |sign: f64| LedgerTrade {
            day: ledger.day[at] as usize,
            account: ledger.account[at] as usize,
            instrument: ledger.instrument[at] as usize,
            quantity: sign * ledger.quantity[at].abs() as f64,
            price: ledger.price[at] as f64,
            fee: 0.0,
        };
        let grid = PriceGrid::new(&self.closes, ledger.size.instruments).expect("closes without gaps");
        let start = ProcessTime::now();
        self.book.insert(extra).expect("a purchase always fits");
        self.values.insert(&grid, &trade(1.0)).expect("inside the table");
        let elapsed = start.elapsed();
        self.values.insert(&grid, &trade(-1.0)).expect("inside the table");
        self.book.remove(id).expect("it was just taken in");
        elapsed
    }
}

/// Daily values as a plain loop: one dense row of positions an account, one sum of products an account and day.
fn daily_floor(floats: &Floats, ledger: &Simulated) -> (Vec<f64>, Vec<f64>) {
    let columns = floats.columns();
    let (accounts, instruments, days) = (ledger.size.accounts, ledger.size.instruments, ledger.size.days);
    let mut positions = vec![0.0; accounts * instruments];
    let mut market_value = vec![0.0; days * accounts];
    let mut pnl = vec![0.0; days * accounts];
    let mut trade = 0;
    for day in 0..days {
        let row = day * accounts;
        while trade < columns.day.len() && columns.day[trade] as usize == day {
            let account = columns.account[trade] as usize;
            let quantity = columns.quantity[trade];
            positions[account * instruments + columns.instrument[trade] as usize] += quantity;
            pnl[row + account] -= quantity * columns.price[trade] + columns.fee[trade];
            trade += 1;
        }
        let closes = floats.closes[day * instruments..][..instruments].as_chunks::<LANES>();
        for account in 0..accounts {
            let held = positions[account * instruments..][..instruments].as_chunks::<LANES>();
            let mut sums = [0.0; LANES];
            for (held, closes) in held.0.iter().zip(closes.0) {
                for lane in 0..LANES {
                    sums[lane] += held[lane] * closes[lane];
                }
            }
            let rest: f64 = held.1.iter().zip(closes.1).map(|(held, close)| held * close).sum();
            let value = sums.iter().sum::<f64>() + rest;
            let before = if day == 0 {
                0.0
            } else {
                market_value[row - accounts + account]
            };
            market_value[row + account] = value;
            pnl[row + account] += value - before;
        }
    }
    (market_value, pnl)
}

/// Lots as a plain loop: one linked list a lane, over the trades in the order they came.
fn fifo_floor(keys: &[u32], quantity: &[i64], price: &[i64], lanes: usize) -> i128 {
    const NONE: u32 = u32::MAX;
    let mut next = vec![NONE; keys.len()];
    let mut left = vec![0_i64; keys.len()];
    let mut head = vec![NONE; lanes];
    let mut tail = vec![NONE; lanes];
    let mut gain = 0_i128;
    for at in 0..keys.len() {
        let (key, price_now) = (keys[at] as usize, price[at]);
        let mut rest = quantity[at];
        while rest != 0 && head[key] != NONE && (left[head[key] as usize] > 0) != (rest > 0) {
            let lot = head[key] as usize;
            let sign = left[lot].signum();
            let closed = sign * left[lot].abs().min(rest.abs());
            gain += i128::from(closed) * i128::from(price_now - price[lot]);
            left[lot] -= closed;
            rest += closed;
            if left[lot] == 0 {
                head[key] = next[lot];
            }
        }
        if rest != 0 {
            left[at] = rest;
            match head[key] {
                NONE => head[key] = at as u32,
                _ => next[tail[key] as usize] = at as u32,
            }
            tail[key] = at as u32;
        }
    }
    gain
}

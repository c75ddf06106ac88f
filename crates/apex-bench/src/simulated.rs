//! A made-up ledger as columns of whole numbers, and the same ledger as transactions of the domain.
//!
//! Trades go short as well as long. The domain knows no trade that crosses zero, so such a trade becomes two
//! transactions: one that closes what is held and one that opens the other side.

use apex_analytics::valuation::ledger::LedgerColumns;
use apex_domain::{
    Account, AccountId, Currency, Date, Decimal, Instrument, InstrumentId, InstrumentKind, LotMethod, Portfolio,
    PortfolioId, Reference, Timestamp, Transaction, TransactionId, TransactionKind,
};

/// The decimal places of prices and fees.
pub const SCALE: u32 = 4;

/// How large a ledger is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Trades.
    pub trades: usize,
    /// Instruments.
    pub instruments: usize,
    /// Accounts.
    pub accounts: usize,
    /// Weekdays with a close of every instrument.
    pub days: usize,
}

/// The size of the benchmarks.
pub const MILLION: Size = Size {
    trades: 1_000_000,
    instruments: 2_000,
    accounts: 20,
    days: 2_520,
};

/// Trades ordered by day, and a close of every instrument on every day. Prices and fees are in units of [`SCALE`].
#[derive(Debug, Clone)]
pub struct Simulated {
    /// How large it is.
    pub size: Size,
    /// The days.
    pub dates: Vec<Date>,
    /// The day of each trade, counted from 0.
    pub day: Vec<u32>,
    /// Its account.
    pub account: Vec<u32>,
    /// Its instrument.
    pub instrument: Vec<u32>,
    /// How much, negative for a sale.
    pub quantity: Vec<i64>,
    /// The price paid for one.
    pub price: Vec<i64>,
    /// The fee.
    pub fee: Vec<i64>,
    /// One row of instruments a day.
    pub closes: Vec<i64>,
}

impl Simulated {
    /// Makes a ledger of the distributions that `crates/xtask/peers/make_data.py` draws from: most trades are in few
    /// instruments, quantities are around 5 with a deviation of 100.
    pub fn new(size: Size, seed: u64) -> Self {
        let mut random = Random(seed);
        let dates = Date::constant(2014, 1, 2)
            .series(jiff::ToSpan::day(1))
            .filter(|date| date.weekday().to_monday_one_offset() < 6)
            .take(size.days)
            .collect();
        let mut closes = Vec::with_capacity(size.days * size.instruments);
        let mut logs = vec![50_f64.ln(); size.instruments];
        for _ in 0..size.days {
            for log in &mut logs {
                *log += 0.0002 + 0.015 * random.normal();
                closes.push(scaled(log.exp()));
            }
        }
        let mut day: Vec<u32> = (0..size.trades).map(|_| random.below(size.days) as u32).collect();
        day.sort_unstable();
        let account = (0..size.trades).map(|_| random.below(size.accounts) as u32).collect();
        let instrument: Vec<u32> = (0..size.trades)
            .map(|_| (random.zipf(1.3) % size.instruments as u64) as u32)
            .collect();
        let quantity: Vec<i64> = (0..size.trades)
            .map(|_| match (5.0 + 100.0 * random.normal()).round() as i64 {
                0 => 1,
                quantity => quantity,
            })
            .collect();
        let price: Vec<i64> = (0..size.trades)
            .map(|at| {
                let close = closes[day[at] as usize * size.instruments + instrument[at] as usize] as f64;
                (close * (1.0 + 0.003 * random.normal())).round().max(1.0) as i64
            })
            .collect();
        let fee = (0..size.trades)
            .map(|at| 10_i64.pow(SCALE) + (0.0002 * (quantity[at].abs() * price[at]) as f64).round() as i64)
            .collect();
        Self {
            size,
            dates,
            day,
            account,
            instrument,
            quantity,
            price,
            fee,
            closes,
        }
    }

    /// Returns the same ledger where a sale that would go short is a purchase, so that any purchase more fits.
    pub fn long_only(&self) -> Self {
        let mut long = self.clone();
        let mut held = vec![0_i64; self.lanes()];
        for (key, quantity) in self.keys().into_iter().zip(&mut long.quantity) {
            let held = &mut held[key as usize];
            if *held + *quantity < 0 {
                *quantity = -*quantity;
            }
            *held += *quantity;
        }
        long
    }

    /// Returns the columns in floats.
    pub fn floats(&self) -> Floats {
        Floats {
            day: self.day.clone(),
            account: self.account.clone(),
            instrument: self.instrument.clone(),
            quantity: self.quantity.iter().map(|quantity| *quantity as f64).collect(),
            price: self.price.iter().map(float).collect(),
            fee: self.fee.iter().map(float).collect(),
            closes: self.closes.iter().map(float).collect(),
        }
    }

    /// Returns the lane of each trade: its account and instrument as one number.
    pub fn keys(&self) -> Vec<u32> {
        let instruments = self.size.instruments as u32;
        let pairs = self.account.iter().zip(&self.instrument);
        pairs
            .map(|(account, instrument)| account * instruments + instrument)
            .collect()
    }

    /// Returns the number of lanes.
    pub fn lanes(&self) -> usize {
        self.size.accounts * self.size.instruments
    }

    /// Returns the portfolio, accounts and instruments.
    pub fn reference(&self) -> Reference {
        let portfolio = Portfolio {
            id: PortfolioId::from_bytes(numbered(1, 0)),
            name: "Simulated".into(),
            currency: Currency::USD,
            benchmark: None,
        };
        Reference {
            accounts: (0..self.size.accounts)
                .map(|index| Account {
                    id: account_id(index),
                    portfolio: portfolio.id,
                    name: format!("Account {index:02}"),
                    lot_method: LotMethod::Fifo,
                })
                .collect(),
            instruments: (0..self.size.instruments)
                .map(|index| {
                    let symbol = format!("SIM{index:04}");
                    Instrument::new(instrument_id(index), InstrumentKind::Equity, &symbol, Currency::USD)
                })
                .collect(),
            portfolios: vec![portfolio],
            ..Reference::default()
        }
    }

    /// Returns the trades as transactions, with their fees or without.
    pub fn transactions(&self, fees: Fees) -> Vec<Transaction> {
        let reference = self.reference();
        let keys = self.keys();
        let mut held = vec![0_i64; self.lanes()];
        let mut transactions = Vec::with_capacity(self.day.len() + self.day.len() / 4);
        for at in 0..self.day.len() {
            let before = held[keys[at] as usize];
            let quantity = self.quantity[at];
            held[keys[at] as usize] += quantity;
            let closing = match before.signum() * quantity.signum() {
                -1 => quantity.abs().min(before.abs()),
                _ => 0,
            };
            let fee = match fees {
                Fees::Charged => self.fee[at],
                Fees::None => 0,
            };
            let opening = quantity.abs() - closing;
            let kinds = match quantity > 0 {
                true => (TransactionKind::Cover, TransactionKind::Buy),
                false => (TransactionKind::Sell, TransactionKind::Short),
            };
            let parts = [(kinds.0, closing), (kinds.1, opening)];
            // The fee is paid once, with the part that opens, or else with the one that closes.
            let charged = usize::from(opening > 0);
            for (part, (kind, quantity)) in parts.into_iter().enumerate().filter(|(_, part)| part.1 > 0) {
                let date = self.dates[self.day[at] as usize];
                let account = &reference.accounts[self.account[at] as usize];
                let number = at * 2 + part;
                let id = TransactionId::from_bytes(numbered(4, number));
                let mut trade = Transaction::new(id, account, date, kind, Currency::USD, Timestamp::UNIX_EPOCH);
                trade.seq = number as u32;
                trade.instrument = Some(instrument_id(self.instrument[at] as usize));
                trade.quantity = Decimal::from(quantity);
                trade.price = Decimal::new(self.price[at], SCALE);
                trade.fees = Decimal::new(if part == charged { fee } else { 0 }, SCALE);
                trade.external_id = Some(format!("F{number:07}"));
                transactions.push(trade);
            }
        }
        transactions
    }
}

/// Whether fees are charged: lots carry fees in their cost, the lot kernel knows none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fees {
    /// As traded.
    Charged,
    /// Left out.
    None,
}

/// The columns of [`LedgerColumns`] and the closes, owned.
#[derive(Debug, Clone)]
pub struct Floats {
    day: Vec<u32>,
    account: Vec<u32>,
    instrument: Vec<u32>,
    quantity: Vec<f64>,
    price: Vec<f64>,
    fee: Vec<f64>,
    /// One row of instruments a day.
    pub closes: Vec<f64>,
}

impl Floats {
    /// Returns the columns as the kernel takes them.
    pub fn columns(&self) -> LedgerColumns<'_> {
        LedgerColumns {
            day: &self.day,
            account: &self.account,
            instrument: &self.instrument,
            quantity: &self.quantity,
            price: &self.price,
            fee: &self.fee,
        }
    }
}

/// Returns a number in units of [`SCALE`], rounded.
pub fn scaled(value: f64) -> i64 {
    (value * 10_f64.powi(SCALE as i32)).round() as i64
}

fn float(scaled: &i64) -> f64 {
    *scaled as f64 / 10_f64.powi(SCALE as i32)
}

/// Returns the id of an account by its number.
pub fn account_id(index: usize) -> AccountId {
    AccountId::from_bytes(numbered(2, index))
}

/// Returns the id of an instrument by its number.
pub fn instrument_id(index: usize) -> InstrumentId {
    InstrumentId::from_bytes(numbered(3, index))
}

/// Ids that sort by number, in the version and variant that stores expect.
fn numbered(family: u8, index: usize) -> [u8; 16] {
    let mut bytes = [0; 16];
    (bytes[0], bytes[6], bytes[8]) = (family, 0x70, 0x80);
    bytes[12..].copy_from_slice(&(index as u32).to_be_bytes());
    bytes
}

/// A splitmix64 generator.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Uniform in (0, 1].
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Box and Muller (1958).
    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Devroye (1986), X.6.1: rejection from a Pareto envelope.
    fn zipf(&mut self, exponent: f64) -> u64 {
        let less = exponent - 1.0;
        let bound = 2_f64.powf(less);
        loop {
            let (u, v) = (self.unit(), self.unit());
            let x = u.powf(-1.0 / less).floor();
            if !(1.0..1e18).contains(&x) {
                continue;
            }
            let t = (1.0 + 1.0 / x).powf(less);
            if v * x * (t - 1.0) / (bound - 1.0) <= t / bound {
                return x as u64;
            }
        }
    }
}

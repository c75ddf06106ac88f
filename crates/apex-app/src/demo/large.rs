//! Books of any size for scale tests and benchmarks. Everything in them is simulated.

use apex_domain::{
    Account, AccountId, Currency, Instrument, InstrumentId, InstrumentKind, LotMethod, Portfolio, PortfolioId, Source,
    Transaction, TransactionId, TransactionKind,
};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};
use rust_decimal::Decimal;

use super::market::{SOURCE_SIMULATED, decimal, founded};
use super::random::Random;
use super::{DemoFirm, PriceHistory};

/// How large a book shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LargeBookSize {
    /// Transactions in all, the deposit of each account among them.
    pub transactions: usize,
    /// Instruments.
    pub instruments: usize,
    /// Accounts, all of one portfolio.
    pub accounts: usize,
    /// Weekdays with prices, the first of them 2013-01-02.
    pub days: usize,
}

const SECTORS: [&str; 8] = [
    "Communication Services",
    "Consumer Staples",
    "Energy",
    "Financials",
    "Health Care",
    "Industrials",
    "Information Technology",
    "Utilities",
];

/// Makes one US dollar portfolio of purchases and sales that never sells more than is held.
///
/// Prices follow a market factor, a sector factor and a part of their own, all with fat tails.
pub fn large_book(size: LargeBookSize, seed: u64) -> DemoFirm {
    let mut ids = Random::named(seed, "large ids");
    let days = weekdays(size.days);
    let portfolio = Portfolio {
        id: PortfolioId::from_parts(founded(), ids.ten_bytes()),
        name: "Large".to_owned(),
        currency: Currency::USD,
        benchmark: None,
    };
    let accounts: Vec<Account> = (0..size.accounts)
        .map(|number| Account {
            id: AccountId::from_parts(founded(), ids.ten_bytes()),
            portfolio: portfolio.id,
            name: format!("Account {:02}", number + 1),
            lot_method: LotMethod::Fifo,
        })
        .collect();
    let instruments: Vec<Instrument> = (0..size.instruments)
        .map(|number| {
            let id = InstrumentId::from_parts(founded(), ids.ten_bytes());
            let symbol = format!("SIM{number:04}");
            let mut instrument = Instrument::new(id, InstrumentKind::Equity, &symbol, Currency::USD);
            instrument.name = format!("Simulated company {number:04}");
            instrument.sector = Some(SECTORS[number % SECTORS.len()].to_owned());
            instrument.country = Some(["US", "DE", "JP", "GB", "FR"][number % 5].to_owned());
            instrument.simulated = true;
            instrument
        })
        .collect();
    let prices = prices(&instruments, &days, seed);
    let transactions = transactions(&accounts, &prices, &days, size.transactions, seed);
    DemoFirm {
        instruments,
        portfolios: vec![portfolio],
        accounts,
        transactions,
        prices,
        fx: Vec::new(),
        actions: Vec::new(),
        today: days.last().copied().unwrap_or(FIRST_DAY),
        founded: founded(),
    }
}

const FIRST_DAY: Date = date(2013, 1, 2);

fn weekdays(count: usize) -> Vec<Date> {
    let mut days = Vec::with_capacity(count);
    let mut day = FIRST_DAY;
    while days.len() < count {
        if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            days.push(day);
        }
        day = day.saturating_add(1.day());
    }
    days
}

fn prices(instruments: &[Instrument], days: &[Date], seed: u64) -> Vec<PriceHistory> {
    let mut factors = Random::named(seed, "large factors");
    let market: Vec<f64> = days.iter().map(|_| 0.0003 + 0.009 * factors.fat()).collect();
    let sectors: Vec<Vec<f64>> = SECTORS
        .iter()
        .map(|_| days.iter().map(|_| 0.005 * factors.fat()).collect())
        .collect();
    let one = |(number, instrument): (usize, &Instrument)| {
        let mut random = Random::named(seed, instrument.symbol());
        let beta = random.between(0.6, 1.4);
        let own = random.between(0.008, 0.02);
        let mut price = random.between(12.0, 240.0);
        let sector = &sectors[number % SECTORS.len()];
        let closes = days.iter().enumerate().map(|(day, date)| {
            let moved = beta * market[day] + sector[day] + own * random.fat();
            price = (price * (1.0 + moved.clamp(-0.4, 0.4))).max(0.5);
            (*date, decimal(price, 2))
        });
        PriceHistory {
            instrument: instrument.id,
            source: SOURCE_SIMULATED.to_owned(),
            closes: closes.collect(),
        }
    };
    instruments.iter().enumerate().map(one).collect()
}

fn transactions(
    accounts: &[Account],
    prices: &[PriceHistory],
    days: &[Date],
    count: usize,
    seed: u64,
) -> Vec<Transaction> {
    let mut random = Random::named(seed, "large trades");
    let mut held = vec![0_i64; accounts.len() * prices.len()];
    let mut made: Vec<Transaction> = Vec::with_capacity(count);
    let trades = count.saturating_sub(accounts.len());
    for number in 0..count {
        let deposit = number < accounts.len();
        let at = if deposit {
            0
        } else {
            (number - accounts.len()) * days.len() / trades.max(1)
        };
        let Some(today) = days.get(at).copied() else { break };
        let slot = if deposit { number } else { random.below(accounts.len()) };
        let known_at = founded() + (24 * 366 + at as i64 * 24).hours();
        let id = TransactionId::from_parts(known_at, random.ten_bytes());
        let kind = if deposit {
            TransactionKind::Deposit
        } else {
            TransactionKind::Buy
        };
        let Some(account) = accounts.get(slot) else { break };
        let mut transaction = Transaction::new(id, account, today, kind, Currency::USD, known_at);
        let same_day = made
            .last()
            .filter(|before| before.trade_date == today)
            .map_or(0, |before| before.seq);
        transaction.seq = same_day + 1;
        transaction.external_id = Some(format!("L{number:07}"));
        transaction.source = Source::Demo;
        if deposit {
            transaction.quantity = Decimal::from(2_000_000_000_i64);
        } else if !prices.is_empty() {
            let which = random.below(prices.len());
            let held = &mut held[slot * prices.len() + which];
            let sells = *held > 0 && random.unit() < 0.47;
            let units = if sells {
                1 + random.below(*held as usize) as i64
            } else {
                10 * (1 + random.below(60)) as i64
            };
            *held += if sells { -units } else { units };
            transaction.kind = if sells {
                TransactionKind::Sell
            } else {
                TransactionKind::Buy
            };
            transaction.instrument = Some(prices[which].instrument);
            transaction.quantity = Decimal::from(units);
            transaction.price = prices[which].closes[at].1;
            transaction.fees = decimal((0.004 * units as f64).max(1.0), 2);
            transaction.settle_date = days.get(at + 2).copied().unwrap_or(today);
        }
        made.push(transaction);
    }
    made
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_large_book_has_the_size_asked_for_and_never_sells_what_it_has_not() {
        let size = LargeBookSize {
            transactions: 5_000,
            instruments: 40,
            accounts: 3,
            days: 260,
        };
        let book = large_book(size, 5);
        assert_eq!(
            (book.transactions.len(), book.prices.len(), book.accounts.len()),
            (5_000, 40, 3)
        );
        assert_eq!(book, large_book(size, 5));
        let mut held = BTreeMap::new();
        for transaction in &book.transactions {
            let Some(instrument) = transaction.instrument else {
                continue;
            };
            let units: &mut Decimal = held.entry((transaction.account, instrument)).or_default();
            *units += match transaction.kind {
                TransactionKind::Sell => -transaction.quantity,
                _ => transaction.quantity,
            };
            assert!(*units >= Decimal::ZERO, "{transaction:?}");
        }
    }
}

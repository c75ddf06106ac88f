//! The demo firm: three portfolios in two base currencies with ten years of transactions, made from a seed.
//!
//! The closes of stocks, factor ETFs and the index are real (see `demo/README.md`); corporate actions, FX rates, bonds,
//! options, the fund, private marks and every trade are simulated. The same seed gives the same firm, ids included. Its
//! clock stands at the last day of the data. Writing it to a store is the caller's part.
//!
//! [`large_book`] makes books of any size for scale tests; nothing in those is real.

mod actions;
mod balanced;
mod desk;
mod large;
mod long_short;
mod market;
mod random;
mod series;
mod simulated;
mod universe;
mod us_core;

use apex_domain::{
    Account, AccountId, Currency, Instrument, InstrumentId, InstrumentKind, LotMethod, Portfolio, PortfolioId, Ratio,
    Transaction,
};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

pub use large::{LargeBookSize, large_book};
pub use series::SeriesError;

use desk::DeskTerms;
use market::{Market, SPIN_OFF_OLD, decimal, founded};
use random::Random;

/// The seed of `apex init --demo` where none is given.
pub const DEFAULT_SEED: u64 = 2022;

/// The day at which the demo's clock stands: the last day of its data.
pub const LAST_DAY: Date = date(2022, 12, 28);

/// A whole firm, ready to be written to an empty book.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoFirm {
    /// Instruments, the benchmark among them.
    pub instruments: Vec<Instrument>,
    /// Portfolios.
    pub portfolios: Vec<Portfolio>,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// Transactions in the order of the book, a few corrections among them.
    pub transactions: Vec<Transaction>,
    /// Prices as traded.
    pub prices: Vec<PriceHistory>,
    /// FX rates of every weekday.
    pub fx: Vec<FxHistory>,
    /// The corporate actions that lie between the prices.
    pub actions: Vec<CorporateAction>,
    /// The day at which the clock stands.
    pub today: Date,
    /// When the reference data and the first year of prices became known; later prices became known on their day.
    pub founded: Timestamp,
}

/// Prices as traded of one instrument.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceHistory {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Where they come from; the text says so where they are simulated.
    pub source: String,
    /// Closes by day, ascending.
    pub closes: Vec<(Date, Decimal)>,
}

/// FX rates of one pair.
#[derive(Debug, Clone, PartialEq)]
pub struct FxHistory {
    /// One unit of this currency costs
    pub from: Currency,
    /// the rate in this one.
    pub to: Currency,
    /// Where they come from.
    pub source: String,
    /// Rates by day, ascending.
    pub rates: Vec<(Date, Decimal)>,
}

/// A simulated corporate action of an instrument.
#[derive(Debug, Clone, PartialEq)]
pub struct CorporateAction {
    /// The instrument.
    pub instrument: InstrumentId,
    /// The first day on which it is in the price.
    pub ex_date: Date,
    /// What happens.
    pub kind: CorporateActionKind,
}

/// What a corporate action does.
#[derive(Debug, Clone, PartialEq)]
pub enum CorporateActionKind {
    /// Cash for each share.
    Dividend {
        /// The amount for a share as traded on the day before.
        amount: Decimal,
    },
    /// New shares for old ones.
    Split {
        /// New for old.
        ratio: Ratio,
    },
    /// Shares of another instrument are handed out.
    SpinOff {
        /// The new instrument.
        into: InstrumentId,
        /// New shares for old ones.
        ratio: Ratio,
        /// What is handed out for one old share, in money.
        value: Decimal,
    },
}

/// Makes the demo firm of a seed.
///
/// # Errors
/// When a built-in series is damaged.
pub fn demo_firm(seed: u64) -> Result<DemoFirm, SeriesError> {
    let mut market = Market::new(seed)?;
    let mut ids = Random::named(seed, "portfolio ids");
    let mut portfolios = Vec::new();
    let mut accounts: Vec<Account> = Vec::new();
    let benchmark = Some(market.listed[market.index].instrument.id);
    let mut open = |name: &str, currency: Currency, members: &[(&str, LotMethod)]| {
        let id = PortfolioId::from_parts(founded(), ids.ten_bytes());
        portfolios.push(Portfolio {
            id,
            name: name.to_owned(),
            currency,
            benchmark,
        });
        let members = members.iter().map(|(name, lot_method)| Account {
            id: AccountId::from_parts(founded(), ids.ten_bytes()),
            portfolio: id,
            name: (*name).to_owned(),
            lot_method: *lot_method,
        });
        let opened: Vec<Account> = members.collect();
        accounts.extend(opened.iter().cloned());
        opened
    };
    let us_core = open(
        "US Core",
        Currency::USD,
        &[("Custody", LotMethod::Fifo), ("Tax managed", LotMethod::Hifo)],
    );
    let balanced = open(
        "Balanced",
        Currency::EUR,
        &[
            ("Securities", LotMethod::Average),
            ("Bonds", LotMethod::Fifo),
            ("Alternatives", LotMethod::Specific),
        ],
    );
    let long_short = open(
        "Long/Short",
        Currency::USD,
        &[("Prime broker", LotMethod::Lifo), ("Reserve", LotMethod::Fifo)],
    );
    let terms = |account: &Account, base, prefix, withheld_percent| DeskTerms {
        account: account.clone(),
        base,
        prefix,
        withheld_percent,
    };
    let [custody, tax_managed] =
        [("USC", &us_core[0]), ("USX", &us_core[1])].map(|(prefix, account)| terms(account, Currency::USD, prefix, 0));
    let [securities, bonds, alternatives] = [("BSE", &balanced[0]), ("BBO", &balanced[1]), ("BAL", &balanced[2])]
        .map(|(prefix, account)| terms(account, Currency::EUR, prefix, 15));
    let [prime, reserve] = [("LSP", &long_short[0]), ("LSR", &long_short[1])]
        .map(|(prefix, account)| terms(account, Currency::USD, prefix, 0));
    let mut transactions = us_core::trade(&market, custody, tax_managed, seed);
    transactions.extend(balanced::trade(&mut market, securities, bonds, alternatives, seed));
    transactions.extend(long_short::trade(&mut market, prime, reserve, seed));
    transactions.sort_by(Transaction::cmp_in_book);
    Ok(DemoFirm {
        actions: actions(&market),
        prices: prices(&market),
        fx: fx(&market),
        today: market.days.last().copied().unwrap_or(LAST_DAY),
        founded: founded(),
        instruments: market.listed.into_iter().map(|listed| listed.instrument).collect(),
        portfolios,
        accounts,
        transactions,
    })
}

fn prices(market: &Market) -> Vec<PriceHistory> {
    let mut prices = Vec::new();
    for (at, listed) in market.listed.iter().enumerate() {
        let quarterly = listed.instrument.kind == InstrumentKind::Private;
        if listed.instrument.kind == InstrumentKind::CurrencyPair {
            continue;
        }
        let mut before = None;
        let mut closes = Vec::with_capacity(listed.traded.closes.len());
        if at == market.index {
            let early = market.index_before.iter();
            closes.extend(early.map(|(day, close)| (*day, decimal(*close, 10).normalize())));
        }
        for (day, close) in market.days[listed.traded.first..].iter().zip(&listed.traded.closes) {
            // A private asset has a price on the days it was marked, and no others.
            if !quarterly || before != Some(*close) {
                closes.push((*day, decimal(*close, 10).normalize()));
            }
            before = Some(*close);
        }
        prices.push(PriceHistory {
            instrument: listed.instrument.id,
            source: listed.source.to_owned(),
            closes,
        });
    }
    prices
}

fn fx(market: &Market) -> Vec<FxHistory> {
    let pairs = [Currency::EUR, Currency::CHF].into_iter().zip(&market.usd_from);
    pairs
        .map(|(from, path)| FxHistory {
            from,
            to: Currency::USD,
            source: market::SOURCE_SIMULATED.to_owned(),
            rates: market
                .weekdays
                .iter()
                .zip(path)
                .map(|(day, rate)| (*day, decimal(*rate, 5)))
                .collect(),
        })
        .collect()
}

fn actions(market: &Market) -> Vec<CorporateAction> {
    let mut actions = Vec::new();
    let mut add = |at: usize, ex: usize, kind| {
        let (instrument, ex_date) = (market.listed[at].instrument.id, market.days[ex]);
        actions.push(CorporateAction {
            instrument,
            ex_date,
            kind,
        });
    };
    for (at, listed) in market.listed.iter().enumerate() {
        for paid in &listed.traded.dividends {
            let amount = decimal(paid.amount, 6).normalize();
            add(at, paid.ex, CorporateActionKind::Dividend { amount });
        }
        for split in &listed.traded.splits {
            let ratio = Ratio::new(split.new, split.old).expect("the plan has no zero in a split");
            add(at, split.ex, CorporateActionKind::Split { ratio });
        }
        if let Some(spin) = &listed.traded.spin_off {
            let ratio = Ratio::new(1, SPIN_OFF_OLD).expect("the ratio is a constant above zero");
            let into = market.listed[market.spin_off.child].instrument.id;
            let value = decimal(spin.amount, 6).normalize();
            add(at, spin.ex, CorporateActionKind::SpinOff { into, ratio, value });
        }
    }
    actions.sort_by_key(|action| (action.ex_date, action.instrument));
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjusting_the_bars_gives_the_files_back() {
        let series = series::Series::load().unwrap();
        for seed in [DEFAULT_SEED, 1, 7] {
            let market = Market::new(seed).unwrap();
            let mut compared = 0;
            for column in series.stocks.iter().chain(&series.funds) {
                let listed = market
                    .listed
                    .iter()
                    .find(|listed| listed.instrument.symbol() == column.name)
                    .expect("is listed");
                for (found, file) in actions::adjust(&listed.traded).iter().zip(&column.values) {
                    assert!((found / file - 1.0).abs() < 1e-9, "{} {found} {file}", column.name);
                    compared += 1;
                }
            }
            assert_eq!(compared, 20 * series.days.len() + 5 * 2_264);
        }
    }

    #[test]
    fn companies_have_their_isin_with_a_valid_check_digit() {
        let market = Market::new(DEFAULT_SEED).unwrap();
        let without: Vec<&str> = market
            .stocks
            .iter()
            .chain(&market.funds)
            .filter(|at| market.listed[**at].instrument.isin.is_none())
            .map(|at| market.listed[*at].instrument.symbol())
            .collect();
        assert_eq!(without, ["MTUM", "QUAL", "SIZE", "VLUE"], "not known for sure");
    }
}

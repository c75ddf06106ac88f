//! The value of a portfolio on one day, to the last decimal: holdings and cash in base currency, gains by cause.
//!
//! Quantities are as traded and so are prices. Where a price or a rate is missing the row says why, and so does the
//! total; a missing value is never zero.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::book::Book;
use crate::cash::CashBalance;
use crate::holding::{Holding, Mark, SplitEvent};
use crate::ids::{AccountId, InstrumentId, PortfolioId};
use crate::instrument::InstrumentKind;
use crate::lots::Gain;
use crate::money::{Currency, round_money};
use crate::prices::{PriceBook, Priced, Rate, Unavailable};
use crate::ratio::Ratio;

/// What a row of a valuation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// An instrument.
    Instrument(InstrumentId),
    /// Cash of a currency.
    Cash(Currency),
}

/// One holding, or the cash of one currency, of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValuationRow {
    /// The account.
    pub account: AccountId,
    /// The instrument or cash.
    pub subject: Subject,
    /// The currency of price, local value and local cost.
    pub currency: Currency,
    /// How much; negative when short.
    pub quantity: Decimal,
    /// The price with its day and source; 1 for cash.
    pub price: Result<Priced, Unavailable>,
    /// Base currency for one unit of `currency`, with its day.
    pub rate: Result<Rate, Unavailable>,
    /// The value in `currency`: quantity, price and multiplier, plus accrued income.
    pub value_local: Result<Decimal, Unavailable>,
    /// The value in base currency.
    pub value: Result<Decimal, Unavailable>,
    /// Accrued income within the value, in `currency`.
    pub accrued: Decimal,
    /// The cost in `currency`; for cash the balance itself.
    pub cost_local: Decimal,
    /// The cost in base currency at the rates of the trade dates.
    pub cost: Result<Decimal, Unavailable>,
    /// Value without accrued income minus cost, in base currency, by cause; for cash all of it is currency.
    pub unrealized: Result<Gain, Unavailable>,
}

/// A portfolio, or some of its accounts, on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Valuation {
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// The day.
    pub as_of: Date,
    /// The base currency.
    pub currency: Currency,
    /// The sum of the values of all rows, or the reason of the first row without one.
    pub nav: Result<Decimal, Unavailable>,
    /// Holdings, then cash, each by account.
    pub rows: Vec<ValuationRow>,
}

/// The value of one holding, or of the cash of one currency, of one account; without costs and gains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueRow {
    /// The account.
    pub account: AccountId,
    /// The instrument or cash.
    pub subject: Subject,
    /// The price with its day and source; 1 for cash.
    pub price: Result<Priced, Unavailable>,
    /// The value in base currency.
    pub value: Result<Decimal, Unavailable>,
}

/// Returns what a quantity is worth in the currency of its price, rounded as money: quantity, price and multiplier. `None`
/// where that is larger than a decimal can hold.
///
/// ```
/// use apex_domain::{Decimal, valuation::market_value};
///
/// // A face of 10,000 at 98, quoted per 100.
/// let value = market_value(Decimal::from(10_000), Decimal::from(98), Decimal::new(1, 2));
/// assert_eq!(value, Some(Decimal::from(9_800)));
/// ```
pub fn market_value(quantity: Decimal, price: Decimal, multiplier: Decimal) -> Option<Decimal> {
    let value = quantity.checked_mul(price)?.checked_mul(multiplier)?;
    Some(round_money(value))
}

/// Returns an amount at the rate of its currency, in base currency and rounded as money; `None` where it is too large.
///
/// ```
/// use apex_domain::{Decimal, valuation::in_base};
///
/// assert_eq!(in_base(Decimal::from(1_100), Decimal::new(12, 1)), Some(Decimal::from(1_320)));
/// ```
pub fn in_base(amount: Decimal, rate: Decimal) -> Option<Decimal> {
    amount.checked_mul(rate).map(round_money)
}

impl Valuation {
    /// Returns a row's share of the net asset value, where both are known and the latter is not zero.
    pub fn weight(&self, row: &ValuationRow) -> Option<Decimal> {
        let (nav, value) = (self.nav.as_ref().ok()?, row.value.as_ref().ok()?);
        value.checked_div(*nav)
    }
}

impl Book {
    /// Values a portfolio at the end of a day.
    ///
    /// Prices may be at most `age_days_max` calendar days old. Marks and prices of private assets have no age limit: they
    /// hold until the next one. `None` when the portfolio is not in the book.
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let ledger = Ledger::parse("
    ///     2026-01-05  deposit  1000 USD
    ///     2026-01-05  buy      ACME  10 @ 90 USD
    ///     2026-01-06  price    ACME  96
    /// ")?;
    /// let book = ledger.book();
    /// let on = |day| book.value(ledger.portfolio.id, &ledger.prices, Date::constant(2026, 1, day), 7);
    /// assert_eq!(on(6).and_then(|valuation| valuation.nav.ok()), Some(Decimal::from(1_060)));
    /// assert_eq!(on(5).and_then(|valuation| valuation.nav.ok()), None);
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn value(
        &self,
        portfolio: PortfolioId,
        prices: &PriceBook,
        as_of: Date,
        age_days_max: u32,
    ) -> Option<Valuation> {
        let currency = self.reference.base(portfolio)?;
        let (marks, splits) = (self.marks(), self.splits());
        let valuer = Valuer {
            book: self,
            prices,
            marks: &marks,
            splits: &splits,
            base: currency,
            as_of,
            age_days_max,
        };
        let holdings = self.holdings(as_of);
        let holdings = holdings.iter().filter(|holding| holding.portfolio == portfolio);
        let mut rows: Vec<ValuationRow> = holdings.map(|holding| valuer.holding(holding)).collect();
        let cash = self.cash(as_of);
        let cash = cash
            .iter()
            .filter(|cash| cash.portfolio == portfolio && !cash.traded.is_zero());
        rows.extend(cash.map(|cash| valuer.cash(cash)));
        let nav = rows.iter().map(|row| row.value.clone()).sum();
        Some(Valuation {
            portfolio,
            as_of,
            currency,
            nav,
            rows,
        })
    }
}

impl Book {
    /// Returns the values of the rows of [`Book::value`], in their order; empty when the portfolio is not in the book.
    ///
    /// A past day needs no lots for that, so it is answered from the quantities over time, without folding again.
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let ledger = Ledger::parse("
    ///     2026-01-05  deposit  1000 USD
    ///     2026-01-05  buy      ACME  10 @ 90 USD
    ///     2026-01-05  price    ACME  91
    ///     2026-01-06  sell     ACME  10 @ 95 USD
    /// ")?;
    /// let rows = ledger.book().values(ledger.portfolio.id, &ledger.prices, Date::constant(2026, 1, 5), 7);
    /// let values: Vec<Decimal> = rows.into_iter().filter_map(|row| row.value.ok()).collect();
    /// assert_eq!(values, [Decimal::from(910), Decimal::from(100)]);
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn values(&self, portfolio: PortfolioId, prices: &PriceBook, as_of: Date, age_days_max: u32) -> Vec<ValueRow> {
        let Some(base) = self.reference.base(portfolio) else {
            return Vec::new();
        };
        let (marks, splits) = (self.marks(), self.splits());
        let valuer = Valuer {
            book: self,
            prices,
            marks: &marks,
            splits: &splits,
            base,
            as_of,
            age_days_max,
        };
        let holdings = self.holdings_without_lots(as_of);
        let holdings = holdings.iter().filter(|holding| holding.portfolio == portfolio);
        let cash = self.cash(as_of);
        let cash = cash
            .iter()
            .filter(|cash| cash.portfolio == portfolio && !cash.traded.is_zero());
        holdings
            .map(|holding| valuer.holding(holding))
            .chain(cash.map(|cash| valuer.cash(cash)))
            .map(|row| ValueRow {
                account: row.account,
                subject: row.subject,
                price: row.price,
                value: row.value,
            })
            .collect()
    }
}

impl Book {
    /// Returns a price of an instrument on the count of shares that the ledger has at the end of a day.
    ///
    /// A price is as it was traded on its own day. Where the ledger booked a split after that day, as it does in the morning
    /// before the first close on the new count, its shares are new ones and the price is one of old ones: it is divided by
    /// the split's ratio, so that the two meet.
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let ledger = Ledger::parse("
    ///     2026-01-05  deposit  1000 USD
    ///     2026-01-05  buy      ACME  10 @ 90 USD
    ///     2026-01-05  price    ACME  100
    ///     2026-01-06  split    ACME  2:1
    /// ")?;
    /// let tuesday = Date::constant(2026, 1, 6);
    /// let (book, acme) = (ledger.book(), ledger.instruments[0].id);
    /// let price = book.on_its_count(ledger.prices.price(acme, tuesday, 7)?, acme, tuesday);
    /// assert_eq!((price.value, price.as_traded), (Decimal::from(50), Decimal::from(100)));
    /// // Twenty shares at 50 and 100 in cash.
    /// let valuation = book.value(ledger.portfolio.id, &ledger.prices, tuesday, 7);
    /// assert_eq!(valuation.and_then(|valuation| valuation.nav.ok()), Some(Decimal::from(1_100)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_its_count(&self, priced: Priced, instrument: InstrumentId, as_of: Date) -> Priced {
        if priced.date >= as_of {
            return priced;
        }
        let mut splits = self.splits();
        splits.retain(|split| split.instrument == instrument);
        // Accounts book one split each.
        splits.dedup_by_key(|split| (split.date, split.ratio));
        let splits = splits.iter().map(|split| (split.date, split.ratio));
        let value = restated(priced.value, priced.date, splits, as_of);
        Priced { value, ..priced }
    }
}

/// Returns a price of a day on the count of shares of a later one: divided by the ratios of the splits after its day, up to
/// the later one. See [`Book::on_its_count`], which takes the splits from the ledger.
pub fn restated(price: Decimal, priced: Date, splits: impl IntoIterator<Item = (Date, Ratio)>, as_of: Date) -> Decimal {
    let since = splits.into_iter().filter(|(date, _)| priced < *date && *date <= as_of);
    since.fold(price, |price, (_, ratio)| ratio.inverse().of(price))
}

struct Valuer<'a> {
    book: &'a Book,
    prices: &'a PriceBook,
    marks: &'a [Mark],
    splits: &'a [SplitEvent],
    base: Currency,
    as_of: Date,
    age_days_max: u32,
}

impl Valuer<'_> {
    fn price(&self, instrument: InstrumentId) -> Result<Priced, Unavailable> {
        let is_private = |facts: &crate::reference::InstrumentFacts| facts.instrument.kind == InstrumentKind::Private;
        let private = self.book.reference.facts(instrument).is_some_and(is_private);
        let age_days_max = if private { u32::MAX } else { self.age_days_max };
        let quoted = self.prices.price(instrument, self.as_of, age_days_max);
        let mark = self
            .marks
            .iter()
            .rev()
            .find(|mark| mark.instrument == instrument && mark.date <= self.as_of);
        match (quoted, mark) {
            (Ok(quoted), Some(mark)) if quoted.date > mark.date => Ok(quoted),
            (_, Some(mark)) => Ok(Priced {
                value: mark.price,
                as_traded: mark.price,
                date: mark.date,
                source: "mark".to_owned(),
                age_days: crate::prices::days_between(mark.date, self.as_of),
            }),
            (quoted, None) => quoted,
        }
    }

    fn holding(&self, holding: &Holding) -> ValuationRow {
        let date = self.as_of;
        let too_large = Unavailable::OutOfRange {
            instrument: holding.instrument,
            date,
        };
        let multiplier = self
            .book
            .reference
            .facts(holding.instrument)
            .map_or(Decimal::ONE, |facts| facts.multiplier);
        let price = if holding.quantity.is_zero() {
            // Only accrued income is left; no price is needed.
            Ok(Priced {
                value: Decimal::ZERO,
                as_traded: Decimal::ZERO,
                date,
                source: String::new(),
                age_days: 0,
            })
        } else {
            self.price(holding.instrument).map(|priced| {
                let own =
                    |split: &&SplitEvent| (split.account, split.instrument) == (holding.account, holding.instrument);
                let own = self.splits.iter().filter(own).map(|split| (split.date, split.ratio));
                let value = restated(priced.value, priced.date, own, date);
                Priced { value, ..priced }
            })
        };
        let rate = self.prices.fx(holding.currency, self.base, date);
        let market = price
            .clone()
            .and_then(|price| market_value(holding.quantity, price.value, multiplier).ok_or(too_large.clone()));
        let at_rate = |amount: Decimal| in_base(amount, rate.clone()?.value).ok_or(too_large.clone());
        let value_local = market.clone().map(|value| value + holding.accrued);
        let market_base = market.clone().and_then(at_rate);
        let value = value_local.clone().and_then(at_rate);
        let cost = holding.cost_base.ok_or_else(|| self.unknown_cost(holding));
        let unrealized = self.unrealized(holding, &market, &market_base, &rate);
        ValuationRow {
            account: holding.account,
            subject: Subject::Instrument(holding.instrument),
            currency: holding.currency,
            quantity: holding.quantity,
            price,
            rate,
            value_local,
            value,
            accrued: holding.accrued,
            cost_local: holding.cost,
            cost,
            unrealized,
        }
    }

    /// The gain of all lots, each from its own opening rate: what the whole gained, split by the lots' parts.
    fn unrealized(
        &self,
        holding: &Holding,
        market: &Result<Decimal, Unavailable>,
        market_base: &Result<Decimal, Unavailable>,
        rate: &Result<Rate, Unavailable>,
    ) -> Result<Gain, Unavailable> {
        let (market, market_base) = (market.clone()?, market_base.clone()?);
        let rate_now = rate.clone()?.value;
        let total = market_base - holding.cost_base.ok_or_else(|| self.unknown_cost(holding))?;
        let mut gain = Gain {
            total,
            ..Gain::default()
        };
        let mut rest = market;
        let last = holding.lots.len().saturating_sub(1);
        for (at, lot) in holding.lots.iter().enumerate() {
            let opened = lot.rate_opened.ok_or_else(|| self.unknown_cost(holding))?;
            let value = if at == last {
                rest
            } else {
                crate::lots::prorate(market, lot.quantity, holding.quantity)
            };
            rest -= value;
            gain.price += round_money((value - lot.cost) * opened);
            gain.fx += round_money(lot.cost * (rate_now - opened));
        }
        gain.cross = gain.total - gain.price - gain.fx;
        Ok(gain)
    }

    fn unknown_cost(&self, holding: &Holding) -> Unavailable {
        let lot = holding.lots.iter().find(|lot| lot.cost_base.is_none());
        let date = lot.map_or(self.as_of, |lot| lot.opened);
        Unavailable::NoRate {
            from: holding.currency,
            to: self.base,
            date,
        }
    }

    fn cash(&self, cash: &CashBalance) -> ValuationRow {
        let rate = self.prices.fx(cash.currency, self.base, self.as_of);
        let value = rate.clone().map(|rate| round_money(cash.traded * rate.value));
        let unknown = Unavailable::NoCashCost {
            currency: cash.currency,
            date: self.as_of,
        };
        let cost = cash.cost_base.ok_or(unknown);
        let unrealized = value.clone().and_then(|value| {
            let total = value - cost.clone()?;
            Ok(Gain {
                total,
                fx: total,
                ..Gain::default()
            })
        });
        ValuationRow {
            account: cash.account,
            subject: Subject::Cash(cash.currency),
            currency: cash.currency,
            quantity: cash.traded,
            price: Ok(Priced {
                value: Decimal::ONE,
                as_traded: Decimal::ONE,
                date: self.as_of,
                source: String::new(),
                age_days: 0,
            }),
            rate,
            value_local: Ok(cash.traded),
            value,
            accrued: Decimal::ZERO,
            cost_local: cash.traded,
            cost,
            unrealized,
        }
    }
}

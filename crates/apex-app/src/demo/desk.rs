//! One account of the demo firm while its history is made: what it holds, what cash it has, what it has booked.
//!
//! A desk never spends cash it does not have and trades whole units only. Decisions are made on `f64`; what is booked,
//! and the cash that is left, are decimals and the same arithmetic the ledger uses.

use std::collections::BTreeMap;

use apex_domain::{Account, Currency, InstrumentKind, Ratio, Source, Transaction, TransactionId, TransactionKind};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::market::{Market, SPIN_OFF_OLD, decimal};
use super::random::Random;

/// What a desk is and how it behaves.
#[derive(Debug, Clone)]
pub(crate) struct DeskTerms {
    /// The account its transactions belong to.
    pub(crate) account: Account,
    /// Base currency of the portfolio.
    pub(crate) base: Currency,
    /// Start of its external ids.
    pub(crate) prefix: &'static str,
    /// Part of a dividend that is withheld, in percent.
    pub(crate) withheld_percent: u32,
}

/// One account at work.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    terms: DeskTerms,
    cash: BTreeMap<Currency, Decimal>,
    held: BTreeMap<usize, i64>,
    coming: Vec<(Date, Currency, Decimal)>,
    booked: Vec<Transaction>,
    random: Random,
    day: usize,
    seq: u32,
}

impl Desk {
    /// Opens an empty desk.
    pub(crate) fn new(terms: DeskTerms, seed: u64) -> Self {
        let random = Random::named(seed, &format!("desk {}", terms.prefix));
        Self {
            terms,
            cash: BTreeMap::new(),
            held: BTreeMap::new(),
            coming: Vec::new(),
            booked: Vec::new(),
            random,
            day: 0,
            seq: 0,
        }
    }

    /// Returns what was booked.
    pub(crate) fn into_transactions(self) -> Vec<Transaction> {
        self.booked
    }

    /// Returns the units held; negative for a short position.
    pub(crate) fn held(&self, at: usize) -> i64 {
        self.held.get(&at).copied().unwrap_or_default()
    }

    /// Returns the free cash of a currency.
    pub(crate) fn cash(&self, currency: Currency) -> f64 {
        self.cash.get(&currency).and_then(Decimal::to_f64).unwrap_or_default()
    }

    /// Returns the market value of a position in base currency.
    pub(crate) fn value(&self, market: &Market, at: usize, day: usize) -> f64 {
        self.held(at) as f64 * self.unit_value(market, at, day)
    }

    /// Returns the net asset value in base currency, dividends on their way included.
    pub(crate) fn nav(&self, market: &Market, day: usize) -> f64 {
        let positions: f64 = self.held.keys().map(|at| self.value(market, *at, day)).sum();
        let cash: f64 = self
            .cash
            .keys()
            .map(|one| self.cash(*one) * market.fx(*one, self.terms.base, day))
            .sum();
        let coming = self.coming.iter().map(|(_, currency, amount)| {
            amount.to_f64().unwrap_or_default() * market.fx(*currency, self.terms.base, day)
        });
        positions + cash + coming.sum::<f64>()
    }

    /// Returns what one unit is worth in base currency; 0 where there is no price.
    pub(crate) fn unit_value(&self, market: &Market, at: usize, day: usize) -> f64 {
        let listed = &market.listed[at];
        let price = listed.traded.at(day).unwrap_or_default();
        price * listed.multiplier * market.fx(listed.instrument.currency, self.terms.base, day)
    }

    /// Opens the day: income that arrives, corporate actions, coupons, redemptions and expiries of what is held.
    pub(crate) fn open_day(&mut self, market: &Market, day: usize) {
        (self.day, self.seq) = (day, 0);
        let today = market.days[day];
        let (arrived, coming) = std::mem::take(&mut self.coming)
            .into_iter()
            .partition(|(on, ..)| *on <= today);
        self.coming = coming;
        for (_, currency, amount) in Vec::<(Date, Currency, Decimal)>::from_iter(arrived) {
            self.move_cash(currency, amount);
        }
        let positions: Vec<(usize, i64)> = self.held.iter().map(|(at, units)| (*at, *units)).collect();
        for (at, units) in positions.into_iter().filter(|(_, units)| *units != 0) {
            match market.listed[at].instrument.kind {
                InstrumentKind::Option => self.settle_option(market, at, units),
                InstrumentKind::Bond => self.settle_bond(market, at, units),
                _ => self.settle_stock(market, at, units),
            }
        }
    }

    /// Books money coming in.
    pub(crate) fn deposit(&mut self, market: &Market, currency: Currency, amount: f64, note: &str) {
        let amount = decimal(amount, 2);
        let booked = self.book(market, TransactionKind::Deposit, currency, 0);
        (booked.quantity, booked.note) = (amount, note.to_owned());
        self.move_cash(currency, amount);
    }

    /// Books money going out, as far as there is free cash; it leaves when sales of the day have settled.
    pub(crate) fn withdraw(&mut self, market: &Market, currency: Currency, amount: f64, note: &str) {
        let amount = decimal(amount.min(self.cash(currency) * 0.98), 2);
        if amount > Decimal::ZERO {
            let booked = self.book(market, TransactionKind::Withdrawal, currency, 3);
            (booked.quantity, booked.note) = (amount, note.to_owned());
            self.move_cash(currency, -amount);
        }
    }

    /// Books a fee.
    pub(crate) fn fee(&mut self, market: &Market, currency: Currency, amount: f64, note: &str) {
        let amount = decimal(amount.min(self.cash(currency)), 2);
        if amount > Decimal::ZERO {
            let booked = self.book(market, TransactionKind::Fee, currency, 0);
            (booked.quantity, booked.note) = (amount, note.to_owned());
            self.move_cash(currency, -amount);
        }
    }

    /// Books a fee ten times too high, takes it back eleven days later and books the right one: a correction as it
    /// happens, so that the book as it was known then differs from what is known now.
    pub(crate) fn fee_corrected_later(&mut self, market: &Market, currency: Currency, amount: f64, note: &str) {
        let before = self.booked.len();
        self.fee(market, currency, amount * 10.0, note);
        let Some(wrong) = self.booked.get(before).cloned() else {
            return;
        };
        self.move_cash(currency, wrong.quantity);
        let known_at = close_of(market.settle(self.day, 11));
        let id = TransactionId::from_parts(known_at, self.random.ten_bytes());
        let mut reversal = wrong.reversal(id, known_at, "booked with a misplaced decimal point");
        reversal.source = Source::Demo;
        self.booked.push(reversal);
        self.fee(market, currency, amount, note);
        if let Some(right) = self.booked.last_mut() {
            right.known_at = known_at;
        }
    }

    /// Books interest on the cash of a currency; a negative rate is a fee.
    pub(crate) fn interest(&mut self, market: &Market, currency: Currency, amount: f64, note: &str) {
        if amount < 0.0 {
            return self.fee(market, currency, -amount, note);
        }
        let amount = decimal(amount, 2);
        if amount > Decimal::ZERO {
            let booked = self.book(market, TransactionKind::Interest, currency, 0);
            (booked.quantity, booked.note) = (amount, note.to_owned());
            self.move_cash(currency, amount);
        }
    }

    /// Books shares that come in from another bank with the cost and the day they were once bought at.
    pub(crate) fn transfer_in(&mut self, market: &Market, at: usize, units: i64, cost: f64, opened: Date) {
        let currency = market.currency(at);
        let booked = self.book(market, TransactionKind::TransferIn, currency, 0);
        booked.instrument = Some(market.listed[at].instrument.id);
        (booked.quantity, booked.price) = (Decimal::from(units), decimal(cost, 2));
        booked.detail_mut().opened = Some(opened);
        booked.note = "stock transfer from the former custodian".to_owned();
        *self.held.entry(at).or_default() += units;
    }

    /// Books shares given away in kind.
    pub(crate) fn transfer_out(&mut self, market: &Market, at: usize, units: i64, note: &str) {
        let units = units.min(self.held(at));
        if units > 0 {
            let currency = market.currency(at);
            let booked = self.book(market, TransactionKind::TransferOut, currency, 0);
            booked.instrument = Some(market.listed[at].instrument.id);
            (booked.quantity, booked.note) = (Decimal::from(units), note.to_owned());
            *self.held.entry(at).or_default() -= units;
        }
    }

    /// Books the mark of a private asset at its price of the day.
    pub(crate) fn mark(&mut self, market: &Market, at: usize) {
        let Some(price) = market.close(at, self.day) else {
            return;
        };
        let currency = market.currency(at);
        let booked = self.book(market, TransactionKind::Mark, currency, 0);
        booked.instrument = Some(market.listed[at].instrument.id);
        booked.price = decimal(price, 2);
        booked.note = "quarterly valuation by the manager (simulated)".to_owned();
    }

    /// Exchanges currencies: a positive `units` buys the base of the pair, a negative one sells it.
    pub(crate) fn exchange(&mut self, market: &Market, pair: usize, units: f64) {
        let Some((base, quote)) = market.listed[pair].instrument.pair() else {
            return;
        };
        let rate = market.fx(base, quote, self.day) * (1.0 + self.random.normal() * 0.00008);
        let price = decimal(rate, 5);
        let most = if units < 0.0 {
            self.cash(base)
        } else {
            self.cash(quote) / rate * 0.999
        };
        let quantity = decimal((units.abs().min(most) / 1000.0).floor() * 1000.0, 0);
        if quantity <= Decimal::ZERO {
            return;
        }
        let booked = self.book(market, TransactionKind::Fx, quote, 2);
        booked.instrument = Some(market.listed[pair].instrument.id);
        (booked.quantity, booked.price) = (quantity, price);
        let sign = if units < 0.0 {
            Decimal::NEGATIVE_ONE
        } else {
            Decimal::ONE
        };
        if units < 0.0 {
            booked.detail_mut().short = true;
        }
        self.move_cash(base, sign * quantity);
        self.move_cash(quote, -sign * quantity * price);
    }

    /// Moves a position to so many units: buys, sells, shorts and covers as needed, buys only what cash allows.
    pub(crate) fn trade_to(&mut self, market: &Market, at: usize, units: i64) {
        let held = self.held(at);
        let consolidation = market.listed[at]
            .traded
            .splits
            .iter()
            .find(|split| split.ex == self.day + 1 && split.old > 1);
        // A consolidation would break the odd lot, so only that is traded the day before.
        let units = consolidation.map_or(units, |split| held - held % i64::from(split.old));
        if held < 0 && units > held {
            self.trade(market, at, TransactionKind::Cover, units.min(0) - held);
        } else if held > 0 && units < held {
            self.trade(market, at, TransactionKind::Sell, held - units.max(0));
        }
        let held = self.held(at);
        if held >= 0 && units > held {
            self.trade(market, at, TransactionKind::Buy, units - held);
        } else if held <= 0 && units < held {
            self.trade(market, at, TransactionKind::Short, held - units);
        }
    }

    /// Moves positions to weights of a value in base currency where they are off by more than `band`; sells first.
    pub(crate) fn rebalance(&mut self, market: &Market, targets: &[(usize, f64)], total: f64, band: f64) {
        let mut orders: Vec<(i64, usize)> = Vec::new();
        for (at, weight) in targets {
            let unit = self.unit_value(market, *at, self.day);
            if unit <= 0.0 {
                continue;
            }
            let off = weight * total - self.held(*at) as f64 * unit;
            if off.abs() > band * total {
                let lot = self.lot(market, *at);
                let change = (off / unit / lot as f64).trunc() as i64 * lot;
                orders.push((self.held(*at) + change, *at));
            }
        }
        let raises_cash = |desk: &Self, order: &(i64, usize)| order.0 < desk.held(order.1);
        let (sales, purchases): (Vec<_>, Vec<_>) = orders.into_iter().partition(|order| raises_cash(self, order));
        for (units, at) in sales.into_iter().chain(purchases) {
            self.trade_to(market, at, units);
        }
    }

    /// Sells an option short against the stock held, or buys one.
    pub(crate) fn trade_option(&mut self, market: &Market, at: usize, contracts: i64) {
        let kind = if contracts < 0 {
            TransactionKind::Short
        } else {
            TransactionKind::Buy
        };
        self.trade(market, at, kind, contracts.abs());
    }

    fn lot(&self, market: &Market, at: usize) -> i64 {
        if market.listed[at].bond.is_some() { 1000 } else { 1 }
    }

    fn trade(&mut self, market: &Market, at: usize, kind: TransactionKind, units: i64) {
        let listed = &market.listed[at];
        let Some(close) = listed.traded.at(self.day) else {
            return;
        };
        let currency = listed.instrument.currency;
        let slippage = match listed.instrument.kind {
            InstrumentKind::Fund | InstrumentKind::Private | InstrumentKind::Option => 0.0,
            InstrumentKind::Bond => 0.0001,
            _ => 0.0006,
        };
        let price = decimal(close * (1.0 + self.random.normal() * slippage), listed.places);
        let pays = matches!(kind, TransactionKind::Buy | TransactionKind::Cover);
        let multiplier = listed.instrument.multiplier();
        let accrued = listed.bond.map_or(0.0, |bond| bond.accrued(market.days[self.day]));
        let mut units = units;
        if pays {
            let unit = (price * multiplier).to_f64().unwrap_or_default() + accrued / 100.0;
            let lot = self.lot(market, at);
            let affordable = ((self.cash(currency) * 0.995 - 50.0) / unit / lot as f64).floor() as i64 * lot;
            units = units.min(affordable);
        }
        if units <= 0 || price.is_zero() {
            return;
        }
        let quantity = Decimal::from(units);
        let fees = match listed.instrument.kind {
            InstrumentKind::Fund | InstrumentKind::Private | InstrumentKind::Bond => 0.0,
            InstrumentKind::Option => 0.65 * units as f64,
            _ => (0.004 * units as f64).max(1.0),
        };
        let fees = decimal(fees, 2);
        let accrued = decimal(accrued / 100.0 * units as f64, 2);
        let (lag, id) = (
            settlement_lag(market.days[self.day], listed.instrument.kind),
            listed.instrument.id,
        );
        let booked = self.book(market, kind, currency, lag);
        booked.instrument = Some(id);
        (booked.quantity, booked.price, booked.fees) = (quantity, price, fees);
        if !accrued.is_zero() {
            booked.detail_mut().accrued_interest = Some(accrued);
        }
        let value = quantity * price * multiplier + accrued;
        self.move_cash(currency, if pays { -value } else { value } - fees);
        *self.held.entry(at).or_default() += if pays { units } else { -units };
    }

    fn settle_stock(&mut self, market: &Market, at: usize, units: i64) {
        let listed = &market.listed[at];
        let (id, currency) = (listed.instrument.id, listed.instrument.currency);
        if listed
            .traded
            .splits
            .iter()
            .any(|split| split.ex == self.day + 1 && split.old > 1)
        {
            self.trade_to(market, at, units);
        }
        if let Some(split) = listed.traded.splits.iter().find(|split| split.ex == self.day) {
            let booked = self.book(market, TransactionKind::Split, currency, 0);
            booked.instrument = Some(id);
            booked.detail_mut().ratio = Ratio::new(split.new, split.old);
            booked.note = "simulated corporate action".to_owned();
            self.held
                .insert(at, units * i64::from(split.new) / i64::from(split.old));
        }
        if at == market.spin_off.child && self.day == market.spin_off.renamed {
            let symbol = listed.instrument.symbol().to_owned();
            let booked = self.book(market, TransactionKind::SymbolChange, currency, 0);
            booked.instrument = Some(id);
            booked.detail_mut().symbol = Some(symbol);
            booked.note = "simulated corporate action".to_owned();
        }
        if let Some(spin) = listed.traded.spin_off.as_ref().filter(|spin| spin.ex == self.day) {
            self.spin_off(market, at, units, spin.amount);
        }
        if let Some(paid) = listed.traded.dividends.iter().find(|paid| paid.ex == self.day) {
            self.dividend(market, at, units, paid.amount);
        }
    }

    fn dividend(&mut self, market: &Market, at: usize, units: i64, amount: f64) {
        let listed = &market.listed[at];
        let (id, currency) = (listed.instrument.id, listed.instrument.currency);
        let (quantity, price) = (Decimal::from(units.abs()), decimal(amount, 6).normalize());
        let gross = (quantity * price).round_dp(2);
        let withheld = if units < 0 { 0 } else { self.terms.withheld_percent };
        let taxes = (gross * Decimal::new(i64::from(withheld), 2)).round_dp(2);
        let lag = 13 + at % 6;
        let booked = self.book(market, TransactionKind::Dividend, currency, lag);
        booked.instrument = Some(id);
        (booked.quantity, booked.price, booked.gross, booked.taxes) = (quantity, price, Some(gross), taxes);
        booked.note = "simulated dividend".to_owned();
        if units < 0 {
            booked.detail_mut().short = true;
        }
        let pays_on = booked.settle_date;
        self.coming
            .push((pays_on, currency, if units < 0 { -gross } else { gross - taxes }));
    }

    fn spin_off(&mut self, market: &Market, at: usize, units: i64, amount: f64) {
        let child = market.spin_off.child;
        let listed = &market.listed[at];
        let (Some(before), Some(price)) = (market.close(at, self.day - 1), market.close(child, self.day)) else {
            return;
        };
        let old = i64::from(SPIN_OFF_OLD);
        let in_lieu = decimal((units % old) as f64 / old as f64 * price, 2);
        let (id, currency) = (listed.instrument.id, listed.instrument.currency);
        let child_id = market.listed[child].instrument.id;
        let booked = self.book(market, TransactionKind::SpinOff, currency, 0);
        booked.instrument = Some(id);
        booked.quantity = Decimal::from(units / old);
        booked.note = "simulated corporate action".to_owned();
        let detail = booked.detail_mut();
        detail.ratio = Ratio::new(1, SPIN_OFF_OLD);
        detail.other_instrument = Some(child_id);
        detail.basis_fraction = Some(decimal(amount / before, 4));
        if !in_lieu.is_zero() {
            detail.cash_in_lieu = Some(in_lieu);
        }
        self.move_cash(currency, in_lieu);
        *self.held.entry(child).or_default() += units / old;
    }

    fn settle_bond(&mut self, market: &Market, at: usize, units: i64) {
        let listed = &market.listed[at];
        let (Some(terms), Some(yesterday)) = (listed.bond, self.day.checked_sub(1)) else {
            return;
        };
        let (yesterday, today) = (market.days[yesterday], market.days[self.day]);
        let (id, currency) = (listed.instrument.id, listed.instrument.currency);
        let due = terms.coupon_days(yesterday).first().is_some_and(|due| *due <= today);
        if !due {
            return;
        }
        let amount = decimal(units as f64 / 100.0 * terms.coupon / f64::from(terms.frequency), 2);
        let booked = self.book(market, TransactionKind::BondCoupon, currency, 0);
        booked.instrument = Some(id);
        (booked.quantity, booked.price, booked.gross) = (amount, Decimal::ZERO, Some(amount));
        self.move_cash(currency, amount);
        if terms.maturity <= today {
            let quantity = Decimal::from(units);
            let booked = self.book(market, TransactionKind::BondRedemption, currency, 0);
            booked.instrument = Some(id);
            (booked.quantity, booked.price) = (quantity, Decimal::ONE_HUNDRED);
            self.held.insert(at, 0);
            self.move_cash(currency, quantity);
        }
    }

    /// On its last day an option is exercised where that pays and shares or cash are there, closed where they are not,
    /// and expires where it pays nothing.
    fn settle_option(&mut self, market: &Market, at: usize, contracts: i64) {
        let Some((underlying, terms)) = market.listed[at].option else {
            return;
        };
        if market.days[self.day] < terms.expiry {
            return;
        }
        let spot = market.close(underlying, self.day).unwrap_or_default();
        let pays = if terms.call {
            spot > terms.strike
        } else {
            spot < terms.strike
        };
        let (id, currency) = (market.listed[at].instrument.id, market.currency(at));
        let shares = contracts.abs() * 100;
        // The holder of a call, and the writer of a put, buys the shares.
        let buys = terms.call == (contracts > 0);
        let strike = decimal(terms.strike, 2);
        let value = strike * Decimal::from(shares);
        let held = self.held(underlying);
        let possible = if buys {
            self.cash.get(&currency).is_some_and(|cash| *cash > value) && (held >= 0 || -held >= shares)
        } else {
            held >= shares
        };
        if pays && !possible {
            return self.trade_to(market, at, 0);
        }
        let exercised = pays;
        let kind = if exercised {
            TransactionKind::OptionExercise
        } else {
            TransactionKind::OptionExpiry
        };
        let booked = self.book(market, kind, currency, 0);
        booked.instrument = Some(id);
        booked.quantity = Decimal::from(contracts.abs());
        if contracts < 0 {
            booked.detail_mut().short = true;
        }
        self.held.insert(at, 0);
        if exercised {
            *self.held.entry(underlying).or_default() += if buys { shares } else { -shares };
            self.move_cash(currency, if buys { -value } else { value });
        }
    }

    fn move_cash(&mut self, currency: Currency, amount: Decimal) {
        *self.cash.entry(currency).or_default() += amount;
    }

    fn book(&mut self, market: &Market, kind: TransactionKind, currency: Currency, lag: usize) -> &mut Transaction {
        let today = market.days[self.day];
        let known_at = close_of(today);
        let id = TransactionId::from_parts(known_at, self.random.ten_bytes());
        let mut transaction = Transaction::new(id, &self.terms.account, today, kind, currency, known_at);
        self.seq += 1;
        transaction.seq = self.seq;
        transaction.settle_date = market.settle(self.day, lag);
        transaction.external_id = Some(format!("{}-{:05}", self.terms.prefix, self.booked.len() + 1));
        transaction.source = Source::Demo;
        self.booked.push(transaction);
        self.booked.last_mut().expect("one was pushed just now")
    }
}

/// Trades settled on the third day until September 2017 and on the second after.
fn settlement_lag(day: Date, kind: InstrumentKind) -> usize {
    match kind {
        InstrumentKind::Option => 1,
        _ if day < date(2017, 9, 5) => 3,
        _ => 2,
    }
}

/// The evening of a day, when its trades are known.
fn close_of(day: Date) -> Timestamp {
    day.at(21, 30, 0, 0)
        .to_zoned(TimeZone::UTC)
        .map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}

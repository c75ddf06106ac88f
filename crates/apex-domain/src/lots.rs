//! Lots: what was bought or sold short, at which cost, and what closing it gained.
//!
//! Signs are uniform: a short lot has a negative quantity and a negative cost (the proceeds received for it), so that
//! value minus cost is the gain of both sides. Fees and taxes of an opening trade are part of its cost; those of a
//! closing trade lower its proceeds. Costs and proceeds are split over lots to eight decimals and the last part takes
//! the remainder, so nothing is lost or made.

use std::collections::VecDeque;

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, InstrumentId, TransactionId};
use crate::money::{Currency, round_money};
use crate::portfolio::LotMethod;
use crate::ratio::Ratio;
use crate::transaction::LotPick;

/// Decimal places to which a quantity is rounded when a corporate action leaves a fraction.
pub const QUANTITY_SCALE: u32 = 12;

/// A gain in base currency, split by cause; the three parts add up to the total exactly.
///
/// With cost C and value V in the instrument's currency, and base currency per unit at opening f and now g: price is
/// (V - C) f, currency is C (g - f), cross is the rest, (V - C) (g - f).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Gain {
    /// The whole gain.
    pub total: Decimal,
    /// What the price alone made, at the opening rate.
    pub price: Decimal,
    /// What the currency alone made, on the cost.
    pub fx: Decimal,
    /// What both made together.
    pub cross: Decimal,
}

impl Gain {
    /// Splits the gain of a value over a cost.
    ///
    /// `cost_base` and `value_base` are the same amounts in base currency; they decide the total.
    ///
    /// ```
    /// use apex_domain::{Decimal, lots::Gain};
    ///
    /// // 100 shares bought at USD 50 with 0.90 euros to the dollar, now USD 60 with 0.95.
    /// let (opened, now) = (Decimal::new(90, 2), Decimal::new(95, 2));
    /// let (cost, value) = (Decimal::from(5_000), Decimal::from(6_000));
    /// let gain = Gain::split(cost, value, cost * opened, value * now, opened, now);
    /// assert_eq!(gain.total, Decimal::from(1_200));
    /// assert_eq!((gain.price, gain.fx, gain.cross), (900.into(), 250.into(), 50.into()));
    /// ```
    pub fn split(
        cost: Decimal,
        value: Decimal,
        cost_base: Decimal,
        value_base: Decimal,
        rate_opened: Decimal,
        rate_now: Decimal,
    ) -> Self {
        let total = value_base - cost_base;
        let price = round_money((value - cost) * rate_opened);
        let fx = round_money(cost * (rate_now - rate_opened));
        Self {
            total,
            price,
            fx,
            cross: total - price - fx,
        }
    }

    /// Adds another gain, part by part.
    pub fn plus(self, other: Self) -> Self {
        Self {
            total: self.total + other.total,
            price: self.price + other.price,
            fx: self.fx + other.fx,
            cross: self.cross + other.cross,
        }
    }
}

/// A lot that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenLot {
    /// The day it was opened; of an average pool, the day the pool was.
    pub opened: Date,
    /// The transaction that opened it.
    pub opened_by: TransactionId,
    /// How much is left; negative when short.
    pub quantity: Decimal,
    /// What it cost, in the instrument's currency; negative when short.
    pub cost: Decimal,
    /// What it cost in base currency at the rate of its opening, if that rate is known.
    pub cost_base: Option<Decimal>,
    /// Base currency for one unit of the instrument's currency at opening.
    pub rate_opened: Option<Decimal>,
}

/// Why a lot was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// It was sold, covered, redeemed, or it expired: there is a gain or a loss.
    Trade,
    /// A fraction of a share was paid out in cash.
    CashInLieu,
    /// It was exchanged for cash in a merger.
    Merger,
    /// It went to another account at cost.
    Transfer,
    /// An option was exercised: its cost went into the underlying.
    Exercise,
}

/// A lot, or part of one, that was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedLot {
    /// The account.
    pub account: AccountId,
    /// The instrument.
    pub instrument: InstrumentId,
    /// The currency of cost and proceeds.
    pub currency: Currency,
    /// The day it was opened.
    pub opened: Date,
    /// The transaction that opened it.
    pub opened_by: TransactionId,
    /// The day it was closed.
    pub closed: Date,
    /// The transaction that closed it.
    pub closed_by: TransactionId,
    /// Why.
    pub closing: Closing,
    /// How much; negative when it was short.
    pub quantity: Decimal,
    /// What it cost, in the instrument's currency; negative when it was short.
    pub cost: Decimal,
    /// What closing it brought; negative when it was short.
    pub proceeds: Decimal,
    /// The cost in base currency at the rate of the opening, if known.
    pub cost_base: Option<Decimal>,
    /// The proceeds in base currency at the rate of the closing, if known.
    pub proceeds_base: Option<Decimal>,
    /// Base currency for one unit of `currency` at the opening, if known.
    pub rate_opened: Option<Decimal>,
    /// The same at the closing, if known.
    pub rate_closed: Option<Decimal>,
}

impl ClosedLot {
    /// Returns the gain in the instrument's currency.
    pub fn gain_local(&self) -> Decimal {
        self.proceeds - self.cost
    }

    /// Returns the gain in base currency by cause, or `None` where a rate is missing.
    pub fn gain(&self) -> Option<Gain> {
        Some(Gain::split(
            self.cost,
            self.proceeds,
            self.cost_base?,
            self.proceeds_base?,
            self.rate_opened?,
            self.rate_closed?,
        ))
    }
}

/// A lot inside the fold; `by` is the slot of the transaction that opened it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lot {
    pub(crate) opened: Date,
    pub(crate) by: u32,
    pub(crate) quantity: Decimal,
    pub(crate) cost: Decimal,
    pub(crate) cost_base: Option<Decimal>,
    pub(crate) rate: Option<Decimal>,
}

/// A closed lot inside the fold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ClosedRow {
    pub(crate) instrument: u32,
    pub(crate) by: u32,
    pub(crate) closing: Closing,
    pub(crate) lot: Lot,
    pub(crate) proceeds: Decimal,
    pub(crate) proceeds_base: Option<Decimal>,
    pub(crate) rate_closed: Option<Decimal>,
}

/// The lots of one instrument in one account.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Position {
    pub(crate) instrument: u32,
    /// The sum of the lots; negative when short.
    pub(crate) quantity: Decimal,
    /// Income earned or bought and not yet paid.
    pub(crate) accrued: Decimal,
    /// Open lots, oldest entry first.
    pub(crate) lots: VecDeque<Lot>,
}

/// Returns `amount * part / whole`, rounded as money.
pub(crate) fn prorate(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal {
    round_money(fraction_of(amount, part, whole))
}

/// Returns `quantity * part / whole`, rounded as a quantity.
pub(crate) fn prorate_quantity(quantity: Decimal, part: Decimal, whole: Decimal) -> Decimal {
    fraction_of(quantity, part, whole).round_dp_with_strategy(QUANTITY_SCALE, RoundingStrategy::MidpointNearestEven)
}

/// Multiplies before it divides where the product fits; a fraction of nothing is nothing.
fn fraction_of(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal {
    match amount.checked_mul(part) {
        Some(product) => product.checked_div(whole).unwrap_or_default(),
        None => amount.checked_div(whole).unwrap_or_default() * part,
    }
}

/// Returns the ratio times a quantity to [`QUANTITY_SCALE`] places, or `None` when it grows beyond all bounds.
pub(crate) fn scaled(quantity: Decimal, ratio: Ratio) -> Option<Decimal> {
    let multiplied = quantity.checked_mul(Decimal::from(ratio.numerator()))?;
    let result = (multiplied / Decimal::from(ratio.denominator()))
        .round_dp_with_strategy(QUANTITY_SCALE, RoundingStrategy::MidpointNearestEven);
    (result.abs() <= crate::validate::QUANTITY_MAX).then_some(result)
}

impl Position {
    pub(crate) fn new(instrument: u32) -> Self {
        Self {
            instrument,
            quantity: Decimal::ZERO,
            accrued: Decimal::ZERO,
            lots: VecDeque::new(),
        }
    }

    /// Opens a lot; under the average method it flows into the pool.
    pub(crate) fn open(&mut self, lot: Lot, method: LotMethod) {
        self.quantity += lot.quantity;
        match self.lots.front_mut() {
            Some(pool) if method == LotMethod::Average => {
                pool.quantity += lot.quantity;
                pool.cost += lot.cost;
                pool.cost_base = pool.cost_base.zip(lot.cost_base).map(|(a, b)| a + b);
                if pool.rate != lot.rate {
                    pool.rate = match pool.cost_base {
                        Some(cost_base) if !pool.cost.is_zero() => Some(cost_base / pool.cost),
                        Some(_) => lot.rate,
                        None => None,
                    };
                }
            }
            _ => self.lots.push_back(lot),
        }
    }

    /// Returns the quantity open of the lots that a transaction opened, without sign.
    pub(crate) fn open_of(&self, is_opener: impl Fn(u32) -> bool) -> Decimal {
        self.lots
            .iter()
            .filter(|lot| is_opener(lot.by))
            .map(|lot| lot.quantity.abs())
            .sum()
    }

    /// Takes a quantity (without sign) out of the lots that the method chooses, into `parts`.
    ///
    /// The caller has checked that as much is held, and that picked lots are open.
    pub(crate) fn take(
        &mut self,
        method: LotMethod,
        quantity: Decimal,
        picks: &[LotPick],
        id_of: impl Fn(u32) -> TransactionId,
        parts: &mut Vec<Lot>,
    ) {
        debug_assert!(
            quantity <= self.quantity.abs(),
            "Invariant: no more is taken than is held"
        );
        parts.clear();
        let mut rest = quantity;
        if method == LotMethod::Specific {
            for pick in picks {
                let mut wanted = pick.quantity.min(rest);
                while !wanted.is_zero() {
                    let Some(at) = self.lots.iter().position(|lot| id_of(lot.by) == pick.opened_by) else {
                        break;
                    };
                    let taken = self.take_at(at, wanted, parts);
                    wanted -= taken;
                    rest -= taken;
                }
            }
        }
        while !rest.is_zero() && !self.lots.is_empty() {
            let at = match method {
                LotMethod::Fifo | LotMethod::Average | LotMethod::Specific => 0,
                LotMethod::Lifo => self.lots.len() - 1,
                LotMethod::Hifo => self.dearest(),
            };
            rest -= self.take_at(at, rest, parts);
        }
    }

    /// Takes at most a quantity out of one lot and returns how much it was.
    fn take_at(&mut self, at: usize, wanted: Decimal, parts: &mut Vec<Lot>) -> Decimal {
        let lot = &mut self.lots[at];
        let open = lot.quantity.abs();
        if open <= wanted {
            self.quantity -= lot.quantity;
            parts.extend(self.lots.remove(at));
            return open;
        }
        let quantity = if lot.quantity.is_sign_negative() {
            -wanted
        } else {
            wanted
        };
        let cost = prorate(lot.cost, wanted, open);
        let cost_base = lot.cost_base.map(|cost_base| {
            // A lot in base currency has one cost, not two that round apart.
            if cost_base == lot.cost {
                cost
            } else {
                prorate(cost_base, wanted, open)
            }
        });
        lot.quantity -= quantity;
        lot.cost -= cost;
        lot.cost_base = lot.cost_base.zip(cost_base).map(|(whole, part)| whole - part);
        self.quantity -= quantity;
        parts.push(Lot {
            quantity,
            cost,
            cost_base,
            ..*lot
        });
        wanted
    }

    /// Returns the place of the lot whose closing gains least: the dearest long one, the cheapest short one.
    fn dearest(&self) -> usize {
        let short = self.quantity.is_sign_negative();
        let unit = |lot: &Lot| lot.cost.checked_div(lot.quantity).unwrap_or_default();
        let mut best = 0;
        let Some(mut best_unit) = self.lots.front().map(unit) else {
            return 0;
        };
        for (at, lot) in self.lots.iter().enumerate().skip(1) {
            let candidate = unit(lot);
            if (candidate > best_unit && !short) || (candidate < best_unit && short) {
                (best, best_unit) = (at, candidate);
            }
        }
        best
    }

    /// Multiplies each lot by a ratio to `total` in all; costs stay. The last lot takes what rounding leaves.
    pub(crate) fn split(&mut self, ratio: Ratio, total: Decimal) {
        let mut rest = total;
        let last = self.lots.len().saturating_sub(1);
        for (at, lot) in self.lots.iter_mut().enumerate() {
            let quantity = if at == last {
                rest
            } else {
                scaled(lot.quantity, ratio).unwrap_or(rest)
            };
            lot.quantity = quantity;
            rest -= quantity;
        }
        self.quantity = total;
    }
}

//! From weights to the trades that lead there, in whole lots at the last prices. A list to look at, never orders.

use apex_wire::optimizer::{TradeLine, TradeList, TradeSide};
use apex_wire::{Amount, Figure};
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use rust_decimal::{Decimal, RoundingStrategy};

use super::universe::{Holding, Universe};
use crate::fold::PortfolioFold;
use crate::grid::add;
use crate::performance::amount;

/// A weight up to this is what a solver leaves of zero.
const WEIGHT_MIN: f64 = 1e-6;

/// What trades cost and how they are rounded, in the order of the assets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trading {
    /// The cost of a unit traded, and its impact.
    pub(crate) costs: Vec<(f64, f64)>,
    /// Units of a lot.
    pub(crate) lots: Vec<f64>,
}

/// Returns the trades from what is held to weights.
///
/// Each trade is rounded towards none, to whole lots; a weight of zero sells all there is.
pub(crate) fn trade_list(fold: &PortfolioFold, universe: &Universe, weights: &[f64], trading: &Trading) -> TradeList {
    let mut rows: Vec<TradeLine> = Vec::new();
    for (at, (holding, weight)) in universe.holdings.iter().zip(weights).enumerate() {
        let lot = trading.lots.get(at).copied().unwrap_or(1.0);
        let units = units(holding, *weight, universe, lot);
        if units.is_zero() {
            continue;
        }
        let value = units.abs() * holding.unit;
        let share = value
            .checked_div(universe.nav)
            .and_then(|share| share.to_f64())
            .unwrap_or(0.0);
        let (proportional, impact) = trading.costs.get(at).copied().unwrap_or_default();
        let cost = universe.nav.to_f64().unwrap_or(0.0) * (proportional * share + impact * share.powf(1.5));
        let after = (holding.quantity + units) * holding.unit / universe.nav;
        rows.push(TradeLine {
            instrument: holding.id,
            symbol: universe.assets.names.get(at).cloned().unwrap_or_default(),
            side: if units > Decimal::ZERO {
                TradeSide::Buy
            } else {
                TradeSide::Sell
            },
            quantity: units.abs().normalize(),
            price: holding.price,
            currency: holding.currency,
            amount: amount(value.to_f64().unwrap_or(f64::NAN), fold),
            cost: amount(cost, fold),
            weight: Figure::or_because(after.to_f64(), || "the weight is out of range".to_owned()),
        });
    }
    let size = |row: &TradeLine| row.amount.known().copied().unwrap_or_default();
    rows.sort_by(|left, right| {
        left.side
            .cmp(&right.side)
            .then_with(|| size(right).cmp(&size(left)))
            .then_with(|| left.symbol.cmp(&right.symbol))
    });
    listed(rows, universe.nav)
}

/// Returns how many units are traded, sales below zero.
fn units(holding: &Holding, weight: f64, universe: &Universe, lot: f64) -> Decimal {
    if weight.abs() < WEIGHT_MIN {
        return -holding.quantity;
    }
    let lot = Decimal::from_f64(lot)
        .filter(|lot| *lot > Decimal::ZERO)
        .unwrap_or(Decimal::ONE);
    let wanted = Decimal::from_f64(weight).and_then(|weight| weight.checked_mul(universe.nav));
    let units = wanted
        .and_then(|value| value.checked_div(holding.unit))
        .map(|units| (units - holding.quantity) / lot);
    // What a solver leaves of no change is no trade.
    let units = units
        .unwrap_or_default()
        .round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero);
    units.trunc() * lot
}

fn listed(rows: Vec<TradeLine>, nav: Decimal) -> TradeList {
    let zero = || Figure::Known(Decimal::ZERO);
    let (mut bought, mut sold, mut cost): (Amount, Amount, Amount) = (zero(), zero(), zero());
    let mut csv = "symbol,quantity\n".to_owned();
    for row in &rows {
        let (side, sign) = match row.side {
            TradeSide::Buy => (&mut bought, ""),
            TradeSide::Sell => (&mut sold, "-"),
        };
        add(side, &row.amount);
        add(&mut cost, &row.cost);
        csv.push_str(&format!("{},{sign}{}\n", quoted(&row.symbol), row.quantity));
    }
    let mut cash_change = sold.clone();
    add(&mut cash_change, &bought.clone().map(|value| -value));
    add(&mut cash_change, &cost.clone().map(|value| -value));
    let mut traded = bought.clone();
    add(&mut traded, &sold);
    let turnover = match &traded {
        Figure::Known(traded) => Figure::or_because(traded.checked_div(nav).and_then(|share| share.to_f64()), || {
            "the turnover is out of range".to_owned()
        }),
        Figure::Unavailable(because) => Figure::Unavailable(because.clone()),
    };
    TradeList {
        rows,
        bought,
        sold,
        cost,
        cash_change,
        turnover,
        csv,
    }
}

fn quoted(symbol: &str) -> String {
    if symbol.contains([',', '"', '\n']) {
        format!("\"{}\"", symbol.replace('"', "\"\""))
    } else {
        symbol.to_owned()
    }
}

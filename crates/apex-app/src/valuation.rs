//! Holdings and cash of one portfolio on one day, as figures: each known, or unavailable because.
//!
//! The ledger works to eight decimals. Here each row's money is rounded once to the smallest unit of the base currency,
//! and every total is the sum of rounded rows, so that what a person adds up on screen is the total shown. The three
//! parts of a gain add up to the gain: the price takes what rounding leaves.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use apex_domain::{
    AccountId, Currency, Flow, Gain, InstrumentId, InstrumentKind, Subject, TransactionKind, Unavailable, ValuationRow,
    ValueRow,
};
use apex_wire::holdings::HoldingRow;
use apex_wire::{Amount, Figure, Statistic};
use jiff::civil::{Date, Weekday};
use rayon::prelude::*;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::fold::{PRICE_AGE_DAYS_MAX, PortfolioFold};
use crate::grid::{Arrangement, Grid, add};
use crate::sides::Sides;

/// Arrangements remembered beside a valuation: as many as a person toggles between.
const GRIDS_KEPT_MAX: usize = 8;

/// A valued portfolio.
#[derive(Debug)]
pub struct Valuation {
    /// Holdings by symbol and account, then cash.
    pub rows: Vec<HoldingRow>,
    /// The sum of the rows' market values.
    pub nav: Amount,
    /// The close from which the day's result counts.
    pub day_since: Date,
    /// Net asset value at that close.
    pub nav_before: Amount,
    /// External flows since that close, base currency.
    pub day_flows: Amount,
    grids: Mutex<VecDeque<(Arrangement, Arc<Grid>)>>,
}

/// What a row is about.
type Key = (AccountId, Subject);

impl Valuation {
    pub(crate) fn of(fold: &PortfolioFold) -> Self {
        let day_since = trading_day_before(fold.as_of());
        let (now, (before, (day, income))) = rayon::join(
            || rows(fold),
            || {
                let since = || {
                    (
                        DayMoves::between(fold, day_since, fold.as_of()),
                        income_by_holding(fold),
                    )
                };
                rayon::join(|| values(fold, day_since), since)
            },
        );
        let unit = fold.currency();
        let before_by_key: BTreeMap<Key, &ValueRow> =
            before.iter().map(|row| ((row.account, row.subject), row)).collect();
        let mut rows: Vec<HoldingRow> = now
            .par_iter()
            .map(|row| {
                let key = (row.account, row.subject);
                holding_row(fold, row, before_by_key.get(&key).copied(), &day, &income, unit)
            })
            .collect();
        rows.par_sort_by(|left, right| {
            (left.instrument.is_none(), &left.symbol, &left.account_name).cmp(&(
                right.instrument.is_none(),
                &right.symbol,
                &right.account_name,
            ))
        });
        let mut nav = Figure::Known(Decimal::ZERO);
        rows.iter().for_each(|row| add(&mut nav, &row.market_value));
        for row in &mut rows {
            row.weight = weight(&row.market_value, &nav);
        }
        let mut nav_before = Figure::Known(Decimal::ZERO);
        for row in &before {
            add(&mut nav_before, &money(fold, row.value.clone(), unit));
        }
        Self {
            rows,
            nav,
            day_since,
            nav_before,
            day_flows: day.flows,
            grids: Mutex::default(),
        }
    }

    /// Returns the rows arranged; the same arrangement twice is a look-up.
    pub(crate) fn grid(&self, how: Arrangement) -> Arc<Grid> {
        let remembered = |grids: &mut VecDeque<(Arrangement, Arc<Grid>)>| {
            grids
                .iter()
                .find(|(known, _)| *known == how)
                .map(|(_, grid)| grid.clone())
        };
        let mut grids = self.grids.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(grid) = remembered(&mut grids) {
            return grid;
        }
        let grid = Arc::new(Grid::arrange(&self.rows, &how));
        if grids.len() >= GRIDS_KEPT_MAX {
            grids.pop_front();
        }
        grids.push_back((how, grid.clone()));
        grid
    }

    /// Returns the row of a holding.
    pub fn row(&self, instrument: InstrumentId, account: AccountId) -> Option<&HoldingRow> {
        self.rows
            .iter()
            .find(|row| row.instrument == Some(instrument) && row.account == account)
    }

    /// Returns the sum of the cash rows.
    pub fn cash(&self) -> Amount {
        let mut cash = Figure::Known(Decimal::ZERO);
        self.rows
            .iter()
            .filter(|row| row.instrument.is_none())
            .for_each(|row| add(&mut cash, &row.market_value));
        cash
    }
}

/// Returns the last weekday before a day.
pub(crate) fn trading_day_before(day: Date) -> Date {
    let mut before = day;
    loop {
        let Ok(yesterday) = before.yesterday() else {
            return before;
        };
        before = yesterday;
        if !matches!(before.weekday(), Weekday::Saturday | Weekday::Sunday) {
            return before;
        }
    }
}

/// Returns the rows as the domain values them, to the last decimal.
pub(crate) fn rows(fold: &PortfolioFold) -> Vec<ValuationRow> {
    let valued = fold
        .book()
        .value(fold.portfolio().id, fold.prices(), fold.as_of(), PRICE_AGE_DAYS_MAX);
    valued.map(|valued| valued.rows).unwrap_or_default()
}

fn values(fold: &PortfolioFold, day: Date) -> Vec<ValueRow> {
    fold.book()
        .values(fold.portfolio().id, fold.prices(), day, PRICE_AGE_DAYS_MAX)
}

/// Returns the net asset value at the close of a day: the sum of the rounded rows, as [`Valuation::nav`] is.
pub(crate) fn nav_on(fold: &PortfolioFold, day: Date) -> Amount {
    let valuation = fold.valuation();
    if day == valuation.day_since {
        return valuation.nav_before.clone();
    }
    fold.remembered_nav(day, || sum_on(fold, day))
}

fn sum_on(fold: &PortfolioFold, day: Date) -> Amount {
    let mut nav = Figure::Known(Decimal::ZERO);
    for row in values(fold, day) {
        add(&mut nav, &money(fold, row.value, fold.currency()));
    }
    nav
}

/// Returns the external flows after the close of one day until the close of another, base currency.
pub(crate) fn flows_between(fold: &PortfolioFold, since: Date, until: Date) -> Amount {
    let mut sum = Figure::Known(Decimal::ZERO);
    for flow in fold
        .book()
        .flows()
        .iter()
        .filter(|flow| flow.date > since && flow.date <= until)
    {
        add(&mut sum, &flow_value(fold, flow));
    }
    sum.map(|sum| to_unit(sum, fold.currency()))
}

/// Returns what one external flow is worth in base currency on its day.
pub(crate) fn flow_value(fold: &PortfolioFold, flow: &Flow) -> Amount {
    match flow.instrument {
        None => Figure::or_because(flow.base, || {
            format!("no rate from {} to {} on {}", flow.currency, fold.currency(), flow.date)
        }),
        Some(id) => value_in_kind(fold, id, flow.quantity, flow.date),
    }
}

/// Rounds an amount to the smallest unit of a currency, half away from zero.
pub(crate) fn to_unit(amount: Decimal, currency: Currency) -> Decimal {
    let decimals = currency.decimals().max(2);
    let mut rounded = amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(decimals);
    rounded
}

fn money(fold: &PortfolioFold, amount: Result<Decimal, Unavailable>, unit: Currency) -> Amount {
    match amount {
        Ok(amount) => Figure::Known(to_unit(amount, unit)),
        Err(reason) => Figure::Unavailable(fold.because(&reason)),
    }
}

/// Returns an amount as a share of the net asset value.
pub(crate) fn weight(value: &Amount, nav: &Amount) -> Statistic {
    match (value, nav) {
        (_, Figure::Known(nav)) if nav.is_zero() => {
            Figure::Unavailable("there is no net asset value to be a share of".to_owned())
        }
        (Figure::Known(value), Figure::Known(nav)) => {
            Figure::or_because(value.checked_div(*nav).and_then(|share| share.to_f64()), || {
                "the share is out of range".to_owned()
            })
        }
        (Figure::Unavailable(because), _) | (_, Figure::Unavailable(because)) => Figure::Unavailable(because.clone()),
    }
}

fn holding_row(
    fold: &PortfolioFold,
    row: &ValuationRow,
    before: Option<&ValueRow>,
    day: &DayMoves,
    income: &BTreeMap<(AccountId, InstrumentId), Amount>,
    unit: Currency,
) -> HoldingRow {
    let (id, instrument) = match row.subject {
        Subject::Instrument(id) => (Some(id), fold.instrument(id)),
        Subject::Cash(_) => (None, None),
    };
    let market_value = money(fold, row.value.clone(), unit);
    let cost = money(fold, row.cost.clone(), unit);
    let gain = gain(fold, row, &market_value, &cost, unit);
    let symbol = match row.subject {
        Subject::Instrument(id) => fold.symbol(id),
        Subject::Cash(currency) => currency.to_string(),
    };
    let price = match &row.price {
        Ok(price) => Figure::Known(price.value.normalize()),
        Err(reason) => Figure::Unavailable(fold.because(reason)),
    };
    let day_pnl = day_pnl(fold, row, before, day, &market_value, unit);
    let day_change = id.map_or(Figure::Known(0.0), |id| day_change(fold, id, row, before, day));
    let is_cash = id.is_none();
    HoldingRow {
        instrument: id,
        account: row.account,
        account_name: fold.account_name(row.account),
        name: match instrument {
            Some(instrument) => instrument.name.clone(),
            None => format!("Cash {symbol}"),
        },
        symbol,
        isin: instrument
            .and_then(|one| one.isin.as_ref())
            .map(|isin| isin.as_str().to_owned()),
        kind: instrument.map_or(InstrumentKind::Cash, |one| one.kind),
        currency: row.currency,
        sector: instrument.and_then(|one| one.sector.clone()),
        country: instrument.and_then(|one| one.country.clone()),
        exchange: instrument.and_then(|one| one.exchange.clone()),
        quantity: row.quantity.normalize(),
        price,
        price_date: row.price.as_ref().ok().map(|price| price.date).filter(|_| !is_cash),
        market_value,
        weight: Figure::Known(0.0),
        cost,
        unrealized: gain.clone().map(|gain| gain.total),
        unrealized_price: gain.clone().map(|gain| gain.price),
        unrealized_fx: gain.clone().map(|gain| gain.fx),
        unrealized_cross: gain.map(|gain| gain.cross),
        day_change,
        day_pnl,
        income: id
            .and_then(|id| income.get(&(row.account, id)).cloned())
            .unwrap_or(Figure::Known(to_unit(Decimal::ZERO, unit))),
        simulated: instrument.is_some_and(|one| one.simulated),
    }
}

/// The gain on rounded value and cost; accrued income is in the value and not in the gain.
fn gain(fold: &PortfolioFold, row: &ValuationRow, value: &Amount, cost: &Amount, unit: Currency) -> Figure<Gain> {
    let parts = match &row.unrealized {
        Ok(parts) => parts,
        Err(reason) => return Figure::Unavailable(fold.because(reason)),
    };
    let (Some(value), Some(cost)) = (value.known(), cost.known()) else {
        return Figure::Unavailable("value or cost is unavailable".to_owned());
    };
    let total = if row.accrued.is_zero() {
        value - cost
    } else {
        to_unit(parts.total, unit)
    };
    let (fx, cross) = (to_unit(parts.fx, unit), to_unit(parts.cross, unit));
    match row.subject {
        Subject::Cash(_) => Figure::Known(Gain {
            total,
            price: to_unit(Decimal::ZERO, unit),
            fx: total,
            cross,
        }),
        Subject::Instrument(_) => Figure::Known(Gain {
            total,
            price: total - fx - cross,
            fx,
            cross,
        }),
    }
}

fn day_pnl(
    fold: &PortfolioFold,
    row: &ValuationRow,
    before: Option<&ValueRow>,
    day: &DayMoves,
    value: &Amount,
    unit: Currency,
) -> Amount {
    let start = match before {
        Some(before) => money(fold, before.value.clone(), unit),
        None => Figure::Known(Decimal::ZERO),
    };
    let moved = day
        .into
        .get(&(row.account, row.subject))
        .cloned()
        .unwrap_or(Figure::Known(Decimal::ZERO));
    match (value, start, moved) {
        (Figure::Known(value), Figure::Known(start), Figure::Known(moved)) => {
            Figure::Known(to_unit(value - start - moved, unit))
        }
        (Figure::Unavailable(because), ..) => Figure::Unavailable(because.clone()),
        (_, Figure::Unavailable(because), _) | (.., Figure::Unavailable(because)) => Figure::Unavailable(because),
    }
}

/// The return of the price on the day, splits of the day taken out.
fn day_change(
    fold: &PortfolioFold,
    id: InstrumentId,
    row: &ValuationRow,
    before: Option<&ValueRow>,
    day: &DayMoves,
) -> Statistic {
    let now = match &row.price {
        Ok(price) => price,
        Err(reason) => return Figure::Unavailable(fold.because(reason)),
    };
    let earlier = match before.map(|before| before.price.clone()) {
        Some(price) => price.map(|price| price.value),
        None => fold
            .prices()
            .price(id, day.since, PRICE_AGE_DAYS_MAX)
            .map(|price| price.value),
    };
    let earlier = match earlier {
        Ok(earlier) => earlier,
        Err(reason) => return Figure::Unavailable(fold.because(&reason)),
    };
    let adjusted = day.splits.get(&id).map_or(now.value, |ratio| ratio.of(now.value));
    let change = adjusted
        .checked_div(earlier)
        .and_then(|ratio| (ratio - Decimal::ONE).to_f64());
    Figure::or_because(change, || {
        format!("the price of {} was zero on {}", fold.symbol(id), day.since)
    })
}

/// What moved between two closes, so that the results of the rows add up to the result of the portfolio.
struct DayMoves {
    since: Date,
    /// Money put into each row, base currency: what a purchase cost, less what a sale or a dividend brought. For cash
    /// it is what other rows and the outside put in, so that interest, fees and currency remain as its result.
    into: BTreeMap<Key, Amount>,
    /// Money from outside.
    flows: Amount,
    splits: BTreeMap<InstrumentId, apex_domain::Ratio>,
}

impl DayMoves {
    fn between(fold: &PortfolioFold, since: Date, until: Date) -> Self {
        let mut moves = Self {
            since,
            into: BTreeMap::new(),
            flows: Figure::Known(Decimal::ZERO),
            splits: BTreeMap::new(),
        };
        let book = fold.book();
        let in_time = |date: Date| date > since && date <= until;
        for transaction in book.effective().filter(|transaction| in_time(transaction.trade_date)) {
            if let (TransactionKind::Split, Some(id), Some(ratio)) =
                (transaction.kind, transaction.instrument, transaction.ratio())
            {
                moves.splits.insert(id, ratio);
            }
            let sides = Sides::of(fold, transaction);
            for cash in book.cash_moves(transaction) {
                let base = Figure::or_because(cash.base, || {
                    format!(
                        "no rate from {} to {} on {}",
                        cash.currency,
                        fold.currency(),
                        transaction.trade_date
                    )
                });
                if sides.cash_is_put {
                    moves.put(transaction.account, Subject::Cash(cash.currency), &base);
                }
                if let Some(id) = sides.holding {
                    moves.put(
                        transaction.account,
                        Subject::Instrument(id),
                        &base.clone().map(|base| -base),
                    );
                }
            }
        }
        for flow in book.flows().iter().filter(|flow| in_time(flow.date)) {
            let amount = flow_value(fold, flow);
            if let Some(id) = flow.instrument {
                moves.put(flow.account, Subject::Instrument(id), &amount);
            }
            add(&mut moves.flows, &amount);
        }
        moves
    }

    fn put(&mut self, account: AccountId, subject: Subject, amount: &Amount) {
        let sum = self
            .into
            .entry((account, subject))
            .or_insert(Figure::Known(Decimal::ZERO));
        add(sum, amount);
    }
}

/// Returns what shares that came in or went out were worth on the day.
pub(crate) fn value_in_kind(fold: &PortfolioFold, id: InstrumentId, quantity: Decimal, date: Date) -> Amount {
    let Some(instrument) = fold.instrument(id) else {
        return Figure::Unavailable(format!("there is no instrument {id}"));
    };
    let valued = (|| {
        let priced = fold.prices().price(id, date, PRICE_AGE_DAYS_MAX)?;
        let price = fold.book().on_its_count(priced, id, date).value;
        let rate = fold.prices().fx(instrument.currency, fold.currency(), date)?.value;
        Ok::<_, Unavailable>(quantity * price * instrument.multiplier() * rate)
    })();
    match valued {
        Ok(value) => Figure::Known(value),
        Err(reason) => Figure::Unavailable(fold.because(&reason)),
    }
}

/// Income since the oldest open lot of each holding, taxes and fees not taken off.
fn income_by_holding(fold: &PortfolioFold) -> BTreeMap<(AccountId, InstrumentId), Amount> {
    let unit = fold.currency();
    let all = fold.book().income();
    if all.is_empty() {
        return BTreeMap::new();
    }
    let opened: BTreeMap<(AccountId, InstrumentId), Date> = fold
        .book()
        .holdings(fold.as_of())
        .iter()
        .filter_map(|holding| {
            let oldest = holding.lots.iter().map(|lot| lot.opened).min()?;
            Some(((holding.account, holding.instrument), oldest))
        })
        .collect();
    let mut sums: BTreeMap<(AccountId, InstrumentId), Amount> = BTreeMap::new();
    for income in all {
        let Some(id) = income.instrument else { continue };
        let key = (income.account, id);
        if income.date > fold.as_of() || opened.get(&key).is_none_or(|opened| income.date < *opened) {
            continue;
        }
        let amount = Figure::or_because(income.base, || {
            format!(
                "no rate from {} to {} on {}",
                income.currency,
                fold.currency(),
                income.date
            )
        });
        add(sums.entry(key).or_insert(Figure::Known(Decimal::ZERO)), &amount);
    }
    sums.into_iter()
        .map(|(key, sum)| (key, sum.map(|sum| to_unit(sum, unit))))
        .collect()
}

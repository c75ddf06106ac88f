//! From edits as typed to trades of the scratch copy. An edit that cannot be made is said so in its place.

use std::collections::BTreeMap;

use apex_domain::valuation::market_value;
use apex_domain::{AccountId, Currency, Decimal, Instrument, InstrumentId, InstrumentKind};
use apex_wire::what_if::{EditBy, EditOutcome, EditRefusal, GetWhatIf, ScratchTrade, WhatIfEdit};
use apex_wire::{Amount, Figure};
use jiff::civil::Date;
use rust_decimal::RoundingStrategy;
use rust_decimal::prelude::FromPrimitive;

use super::settlement::settlement_day;
use crate::fold::{PRICE_AGE_DAYS_MAX, PortfolioFold};
use crate::valuation::to_unit;

/// Decimals of a quantity where fractions are traded.
const FRACTION_DECIMALS: u32 = 4;

/// A trade of the scratch copy.
#[derive(Debug, Clone)]
pub(super) struct Trade {
    pub(super) instrument: InstrumentId,
    pub(super) quote: Quote,
    /// What is traded in each account; at least one.
    pub(super) parts: Vec<(AccountId, Decimal)>,
    /// The fee in the currency of the price.
    pub(super) fee: Decimal,
    pub(super) settle: Date,
}

/// What one unit of an instrument is worth.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quote {
    pub(super) price: Decimal,
    pub(super) date: Date,
    pub(super) currency: Currency,
    pub(super) multiplier: Decimal,
    /// Base currency for one unit of the currency.
    pub(super) rate: Decimal,
}

impl Trade {
    pub(super) fn quantity(&self) -> Decimal {
        self.parts.iter().map(|(_, quantity)| *quantity).sum()
    }

    /// What a quantity costs in the currency of the price, as the ledger books it.
    pub(super) fn value(&self, quantity: Decimal) -> Decimal {
        quantity * self.quote.price * self.quote.multiplier
    }
}

/// Why an edit cannot be made: the field at fault, and the sentence.
type Refused = (&'static str, String);

/// Reads edits one after the other; each sees what those before it left.
pub(super) struct Reader<'a> {
    fold: &'a PortfolioFold,
    ask: &'a GetWhatIf,
    /// Units by instrument and account, after the edits so far.
    held: BTreeMap<InstrumentId, Vec<(AccountId, Decimal)>>,
    /// The line of the last edit of each instrument, and whether it set a target.
    lines: BTreeMap<InstrumentId, (usize, bool)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(fold: &'a PortfolioFold, ask: &'a GetWhatIf) -> Self {
        Self {
            fold,
            ask,
            held: BTreeMap::new(),
            lines: BTreeMap::new(),
        }
    }

    /// Returns what became of each edit, and the trades of those that were made.
    pub(super) fn read(mut self) -> (Vec<EditOutcome>, Vec<Trade>) {
        let mut trades = Vec::new();
        let mut outcomes = Vec::with_capacity(self.ask.edits.len());
        for (at, edit) in self.ask.edits.iter().enumerate() {
            let found = self.instrument(edit).and_then(|instrument| {
                let trade = self.trade(at, edit, instrument)?;
                Ok((instrument.id, trade))
            });
            outcomes.push(match found {
                Ok((id, trade)) => {
                    let shown = trade.as_ref().map(|trade| self.shown(trade));
                    trades.extend(trade);
                    EditOutcome {
                        symbol: self.fold.symbol(id),
                        refused: None,
                        trade: shown,
                    }
                }
                Err((field, sentence)) => EditOutcome {
                    symbol: edit.symbol.trim().to_owned(),
                    refused: Some(EditRefusal {
                        value: if field == "symbol" { &edit.symbol } else { &edit.size }.clone(),
                        field: field.to_owned(),
                        sentence,
                    }),
                    trade: None,
                },
            });
        }
        (outcomes, trades)
    }

    fn instrument(&self, edit: &WhatIfEdit) -> Result<&'a Instrument, Refused> {
        let symbol = edit.symbol.trim();
        if symbol.is_empty() {
            return Err(("symbol", "a symbol is needed".to_owned()));
        }
        let found = self.fold.instrument_named(symbol);
        let instrument = found.ok_or_else(|| ("symbol", format!("there is no instrument {symbol}")))?;
        let name = self.fold.symbol(instrument.id);
        match instrument.kind {
            InstrumentKind::Index => Err(("symbol", format!("{name} is an index, which nobody can hold"))),
            InstrumentKind::CurrencyPair | InstrumentKind::Cash => Err((
                "symbol",
                format!("{name} is a currency; edit what is held in it instead"),
            )),
            _ => Ok(instrument),
        }
    }

    fn trade(&mut self, at: usize, edit: &WhatIfEdit, instrument: &Instrument) -> Result<Option<Trade>, Refused> {
        let symbol = self.fold.symbol(instrument.id);
        let is_target = matches!(edit.by, EditBy::TargetQuantity | EditBy::TargetWeight);
        if let Some((line, was_target)) = self.lines.get(&instrument.id)
            && (is_target || *was_target)
        {
            let what = if *was_target { "a target" } else { "a trade" };
            return Err((
                "symbol",
                format!("{symbol} has {what} in line {line} already; keep one of them"),
            ));
        }
        let field = edit.by.field();
        let quote = self.quote(instrument).map_err(|because| ("symbol", because))?;
        let quantity = self
            .quantity(edit, instrument, &quote)
            .map_err(|sentence| (field, sentence))?;
        if quantity.is_zero() {
            self.lines.insert(instrument.id, (at + 1, is_target));
            return Ok(None);
        }
        let value = market_value(quantity.abs(), quote.price, quote.multiplier)
            .filter(|value| value.checked_mul(quote.rate).is_some())
            .ok_or_else(|| {
                (
                    field,
                    format!("{quantity} units of {symbol} are more than can be counted"),
                )
            })?;
        let parts = self
            .spread(instrument.id, quantity)
            .map_err(|sentence| (field, sentence))?;
        let bps = Decimal::from_f64(self.ask.fee_bps).unwrap_or_default();
        let fee = to_unit(value * bps / Decimal::from(10_000), quote.currency);
        self.lines.insert(instrument.id, (at + 1, is_target));
        Ok(Some(Trade {
            instrument: instrument.id,
            quote,
            parts,
            fee,
            settle: settlement_day(self.fold.as_of(), instrument),
        }))
    }

    /// The price and rate that the book values the instrument with, or would if it were held.
    fn quote(&self, instrument: &Instrument) -> Result<Quote, String> {
        let fold = self.fold;
        let rows = fold.what_if().holdings(fold).get(&instrument.id);
        let held = rows.and_then(|rows| rows.iter().find(|row| !row.quantity.is_zero()));
        let (price, rate) = match held {
            Some(row) => (row.price.clone(), row.rate.clone()),
            None => {
                let age_days_max = if instrument.kind == InstrumentKind::Private {
                    u32::MAX
                } else {
                    PRICE_AGE_DAYS_MAX
                };
                (
                    fold.prices().price(instrument.id, fold.as_of(), age_days_max),
                    fold.prices().fx(instrument.currency, fold.currency(), fold.as_of()),
                )
            }
        };
        let price = price.map_err(|reason| fold.because(&reason))?;
        let rate = rate.map_err(|reason| fold.because(&reason))?;
        Ok(Quote {
            price: price.value,
            date: price.date,
            currency: instrument.currency,
            multiplier: instrument.multiplier(),
            rate: rate.value,
        })
    }

    /// The units to trade.
    fn quantity(&mut self, edit: &WhatIfEdit, instrument: &Instrument, quote: &Quote) -> Result<Decimal, String> {
        let text = edit.size.trim();
        if text.is_empty() {
            return Err("a size is needed, such as 100".to_owned());
        }
        let number = match (edit.by, text.ends_with('%')) {
            (EditBy::TargetWeight, true) => apex_format::parse_percent(text),
            _ => apex_format::parse_number(text),
        };
        let number = number.map_err(|err| format!("{err}; write it like {}", example(edit.by)))?;
        let too_large = || format!("{text} is more than can be counted");
        let unit = quote
            .price
            .checked_mul(quote.multiplier)
            .and_then(|value| value.checked_mul(quote.rate))
            .filter(|value| *value > Decimal::ZERO);
        let unit = || unit.ok_or_else(|| format!("{} has a price of {}", self.fold.symbol(instrument.id), quote.price));
        let decimals = if is_whole(instrument.kind) {
            0
        } else {
            FRACTION_DECIMALS
        };
        match edit.by {
            EditBy::Quantity => Ok(number),
            EditBy::TargetQuantity => Ok(number - self.units(instrument.id)),
            EditBy::Amount => {
                let (unit, exact) = (unit()?, number.checked_div(unit()?).ok_or_else(too_large)?);
                let units = exact.trunc_with_scale(decimals);
                if units.is_zero() && !number.is_zero() {
                    let step = Decimal::new(1, decimals);
                    let (symbol, currency) = (self.fold.symbol(instrument.id), self.fold.currency());
                    let costs = to_unit(unit * step, currency);
                    return Err(format!(
                        "{text} {currency} is less than {step} of {symbol}, which is {costs}"
                    ));
                }
                Ok(units)
            }
            EditBy::TargetWeight => {
                let nav = match &self.fold.valuation().nav {
                    Figure::Known(nav) if *nav > Decimal::ZERO => *nav,
                    Figure::Known(nav) => return Err(format!("the net asset value is {nav}; there is no share of it")),
                    Figure::Unavailable(because) => return Err(because.clone()),
                };
                let exact = number
                    .checked_mul(nav)
                    .and_then(|value| value.checked_div(unit().ok()?));
                unit()?;
                let units = exact.ok_or_else(too_large)?;
                let units = units.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
                Ok(units - self.units(instrument.id))
            }
        }
    }

    fn held(&mut self, id: InstrumentId) -> &mut Vec<(AccountId, Decimal)> {
        let fold = self.fold;
        self.held.entry(id).or_insert_with(|| {
            let rows = fold.what_if().holdings(fold).get(&id);
            rows.into_iter()
                .flatten()
                .map(|row| (row.account, row.quantity))
                .collect()
        })
    }

    fn units(&mut self, id: InstrumentId) -> Decimal {
        self.held(id).iter().map(|(_, quantity)| *quantity).sum()
    }

    /// Spreads a quantity over the accounts: first it closes what is held on the other side, the largest holding first;
    /// the rest goes where most is held, or to the first account by name.
    fn spread(&mut self, id: InstrumentId, quantity: Decimal) -> Result<Vec<(AccountId, Decimal)>, String> {
        let fold = self.fold;
        let mut held = self.held(id).clone();
        held.sort_by(|left, right| {
            let name = |(account, _): &(AccountId, Decimal)| fold.account_name(*account);
            (right.1.abs().cmp(&left.1.abs())).then_with(|| name(left).cmp(&name(right)))
        });
        let mut parts: Vec<(AccountId, Decimal)> = Vec::new();
        let mut rest = quantity;
        for (account, units) in &held {
            if units.is_sign_negative() == quantity.is_sign_negative() || units.is_zero() || rest.is_zero() {
                continue;
            }
            let part = if units.abs() < rest.abs() { -*units } else { rest };
            parts.push((*account, part));
            rest -= part;
        }
        if !rest.is_zero() {
            let first = || fold.accounts().values().min_by_key(|one| &one.name).map(|one| one.id);
            let account = held.first().map(|(account, _)| *account).or_else(first);
            let account = account.ok_or_else(|| format!("{} has no account to trade in", fold.portfolio().name))?;
            match parts.iter_mut().find(|(known, _)| *known == account) {
                Some((_, part)) => *part += rest,
                None => parts.push((account, rest)),
            }
        }
        let after = self.held(id);
        for (account, part) in &parts {
            match after.iter_mut().find(|(known, _)| known == account) {
                Some((_, units)) => *units += part,
                None => after.push((*account, *part)),
            }
        }
        Ok(parts)
    }

    fn shown(&mut self, trade: &Trade) -> ScratchTrade {
        let (fold, quote) = (self.fold, trade.quote);
        let quantity = trade.quantity();
        let in_base = |amount: Decimal| -> Amount { Figure::Known(to_unit(amount * quote.rate, fold.currency())) };
        let after = self.units(trade.instrument);
        ScratchTrade {
            quantity: quantity.normalize(),
            price: quote.price.normalize(),
            price_date: quote.date,
            currency: quote.currency,
            rate: quote.rate.normalize(),
            value: in_base(trade.value(quantity)),
            fee: in_base(trade.fee),
            settle: trade.settle,
            accounts: trade
                .parts
                .iter()
                .map(|(account, _)| fold.account_name(*account))
                .collect(),
            opens_short: quantity < Decimal::ZERO && after < Decimal::ZERO,
        }
    }
}

/// Whether only whole units are traded where a size is worked out from money.
fn is_whole(kind: InstrumentKind) -> bool {
    matches!(
        kind,
        InstrumentKind::Equity | InstrumentKind::Etf | InstrumentKind::Option | InstrumentKind::Bond
    )
}

fn example(by: EditBy) -> &'static str {
    match by {
        EditBy::Quantity => "100 or -100",
        EditBy::Amount => "25000 or -25000",
        EditBy::TargetQuantity => "100",
        EditBy::TargetWeight => "0.025 or 2.5%",
    }
}

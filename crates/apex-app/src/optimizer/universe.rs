//! The assets of a book that weights can be chosen for: what is held and has a history, and what is added by hand.

use std::collections::{BTreeMap, BTreeSet};

use apex_domain::{Currency, Instrument, InstrumentId, InstrumentKind};
use apex_wire::Figure;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::error::{AppError, Result};
use crate::fold::{PRICE_AGE_DAYS_MAX, PortfolioFold};
use crate::grid::kind_label;
use crate::optimize::Assets;
use crate::risk::{Part, RiskBook, left_out_sentence};

/// The assets of a book over a window of the past.
#[derive(Debug)]
pub(crate) struct Universe {
    /// Their returns in base currency, in the order of `holdings`.
    pub(crate) assets: Assets,
    pub(crate) holdings: Vec<Holding>,
    /// The days of the returns.
    pub(crate) days: Vec<Date>,
    pub(crate) nav: Decimal,
    /// Cash in the base currency as a share of net asset value.
    pub(crate) cash: f64,
    /// What is left as it is, one sentence each.
    pub(crate) left_out: Vec<String>,
}

/// One asset as it is held, or not yet.
#[derive(Debug, Clone)]
pub(crate) struct Holding {
    pub(crate) id: InstrumentId,
    pub(crate) name: String,
    /// Units in all accounts, negative for a short.
    pub(crate) quantity: Decimal,
    /// The last price, in `currency`.
    pub(crate) price: Decimal,
    pub(crate) currency: Currency,
    /// The value of one unit in base currency.
    pub(crate) unit: Decimal,
}

impl Universe {
    /// Takes what is held, and the symbols added.
    ///
    /// # Errors
    /// When a symbol is not in the book, net asset value is not above zero, or nothing is left to weigh.
    pub(crate) fn of(fold: &PortfolioFold, window: usize, added: &[String]) -> Result<Self> {
        let added = instruments(fold, added)?;
        let book = RiskBook::with(fold, window, &added);
        if let Some(because) = book.because() {
            return Err(AppError::invalid(because));
        }
        let nav = fold.valuation().nav.known().copied().unwrap_or_default();
        let quantities = quantities(fold);
        let mut universe = Self {
            assets: Assets::default(),
            holdings: Vec::new(),
            days: book.days.clone(),
            nav,
            cash: cash(fold, nav),
            left_out: book.left_out.clone(),
        };
        let mut current = Vec::new();
        for position in &book.positions {
            let Part::Instrument(id) = position.part else { continue };
            let Some(instrument) = fold.instrument(id) else {
                continue;
            };
            let leave = |because: &str| left_out_sentence(&position.symbol, position.weight, because);
            if !can_be_weighed(instrument.kind) {
                let because = format!(
                    "{} is not weighed by its value",
                    kind_label(instrument.kind).to_lowercase()
                );
                universe.left_out.push(leave(&because));
                continue;
            }
            let quantity = quantities.get(&id).copied().unwrap_or_default();
            match holding(fold, instrument, quantity) {
                Err(because) => universe.left_out.push(leave(&because)),
                Ok(holding) => {
                    universe.assets.last_prices.push(holding.unit.to_f64().unwrap_or(0.0));
                    universe.assets.names.push(position.symbol.clone());
                    universe.assets.returns.push(position.returns.clone());
                    current.push(position.weight);
                    universe.holdings.push(holding);
                }
            }
        }
        universe.left_out.sort();
        if universe.holdings.is_empty() {
            return Err(AppError::invalid(
                "nothing is held that a weight could be chosen for; add symbols to choose from",
            ));
        }
        universe.assets.current = Some(current);
        universe.assets.classes = universe.classified(fold);
        Ok(universe)
    }

    /// Returns the weights held now.
    pub(crate) fn current(&self) -> &[f64] {
        self.assets.current.as_deref().unwrap_or_default()
    }

    /// Returns the classifications that a book knows, with the class of each asset.
    fn classified(&self, fold: &PortfolioFold) -> BTreeMap<String, BTreeMap<String, String>> {
        let unclassified = || "Unclassified".to_owned();
        let class = |of: &dyn Fn(&Instrument) -> String| -> BTreeMap<String, String> {
            let names = self.assets.names.iter().zip(&self.holdings);
            names
                .filter_map(|(name, holding)| Some((name.clone(), of(fold.instrument(holding.id)?))))
                .collect()
        };
        BTreeMap::from([
            (
                "sector".to_owned(),
                class(&|one| one.sector.clone().unwrap_or_else(unclassified)),
            ),
            (
                "country".to_owned(),
                class(&|one| one.country.clone().unwrap_or_else(unclassified)),
            ),
            ("currency".to_owned(), class(&|one| one.currency.to_string())),
            ("kind".to_owned(), class(&|one| one.kind.as_str().to_owned())),
        ])
    }
}

fn can_be_weighed(kind: InstrumentKind) -> bool {
    matches!(
        kind,
        InstrumentKind::Equity | InstrumentKind::Etf | InstrumentKind::Fund | InstrumentKind::Bond
    )
}

fn instruments(fold: &PortfolioFold, symbols: &[String]) -> Result<BTreeSet<InstrumentId>> {
    let named = symbols.iter().map(|symbol| match fold.instrument_named(symbol) {
        Some(instrument) if can_be_weighed(instrument.kind) => Ok(instrument.id),
        Some(instrument) => Err(AppError::field(
            "added",
            format!(
                "{symbol} is {}, which no weight can be chosen for",
                article(kind_label(instrument.kind))
            ),
        )),
        None => Err(AppError::field("added", format!("there is no instrument {symbol}"))),
    });
    named.collect()
}

fn article(kind: &str) -> String {
    let lower = kind.to_lowercase();
    let vowel = lower.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {lower}", if vowel { "an" } else { "a" })
}

/// Units of each instrument, all accounts together.
fn quantities(fold: &PortfolioFold) -> BTreeMap<InstrumentId, Decimal> {
    let mut quantities: BTreeMap<InstrumentId, Decimal> = BTreeMap::new();
    for row in &fold.valuation().rows {
        if let Some(id) = row.instrument {
            *quantities.entry(id).or_default() += row.quantity;
        }
    }
    quantities
}

/// Cash in the base currency as a share of net asset value.
fn cash(fold: &PortfolioFold, nav: Decimal) -> f64 {
    let rows = fold.valuation().rows.iter();
    let own = rows.filter(|row| row.instrument.is_none() && row.currency == fold.currency());
    let sum: Decimal = own.filter_map(|row| row.market_value.known()).sum();
    sum.checked_div(nav).and_then(|share| share.to_f64()).unwrap_or(0.0)
}

fn holding(fold: &PortfolioFold, instrument: &Instrument, quantity: Decimal) -> Result<Holding, String> {
    let as_of = fold.as_of();
    let priced = fold
        .prices()
        .price(instrument.id, as_of, PRICE_AGE_DAYS_MAX)
        .map_err(|reason| fold.because(&reason))?;
    let priced = fold.book().on_its_count(priced, instrument.id, as_of);
    let rate = fold
        .prices()
        .fx(instrument.currency, fold.currency(), as_of)
        .map_err(|reason| fold.because(&reason))?;
    let unit = priced
        .value
        .checked_mul(instrument.multiplier())
        .and_then(|value| value.checked_mul(rate.value))
        .filter(|unit| *unit > Decimal::ZERO)
        .ok_or_else(|| format!("the value of one unit is out of range at a price of {}", priced.value))?;
    Ok(Holding {
        id: instrument.id,
        name: instrument.name.clone(),
        quantity,
        price: priced.value,
        currency: instrument.currency,
        unit,
    })
}

/// Returns a statistic, or why a portfolio that never moves has none.
pub(crate) fn defined(value: Option<f64>) -> apex_wire::Statistic {
    Figure::or_because(value, || "a portfolio that never moves has none".to_owned())
}

//! How concentrated, how liquid and how exposed the current book is: holdings, volumes, currencies, rates and options.

use std::collections::BTreeMap;

use apex_analytics::concentration::concentration;
use apex_analytics::factor::exposure::by_label;
use apex_analytics::liquidity::liquidity;
use apex_analytics::pricing::Terms as OptionTerms;
use apex_analytics::pricing::american::{Accuracy, value};
use apex_analytics::scenario::revalue::{OptionShock, american_after};
use apex_domain::{Currency, Instrument, InstrumentId, InstrumentKind, Terms};
use apex_wire::risk::{BondRisk, CurrencyShare, GetRiskExposures, HoldingLiquidity, OptionRisk, RiskExposures};
use apex_wire::{Amount, Failure, Figure, Statistic};
use jiff::Span;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::App;
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::grid::add;
use crate::performance::amount;
use crate::scenario::reprice::{bond_flows, option_terms, price};

/// The largest holdings that are named.
const LARGEST: usize = 10;
/// Calendar days that the mean volume of a day is taken over.
const VOLUME_DAYS: i64 = 91;
/// The interest rate options are priced with, as in scenarios that say nothing else.
const INTEREST: f64 = 0.0;
const BASIS_POINT: f64 = 1e-4;
const YEAR_DAYS: f64 = 365.0;

/// An instrument held, all accounts together.
struct Held<'a> {
    instrument: &'a Instrument,
    symbol: String,
    quantity: f64,
    weight: Statistic,
    /// Market value in base currency.
    value: f64,
}

impl App {
    /// Returns how concentrated, how liquid and how exposed the book of a day is.
    ///
    /// # Errors
    /// When no book is open or it cannot be read, the portfolio is not in it, or the participation is not above 0 and at
    /// most 1.
    pub async fn get_risk_exposures(&self, ask: GetRiskExposures) -> Result<RiskExposures, Failure> {
        let participation = ask.participation;
        if !(participation > 0.0 && participation <= 1.0) {
            let sentence = format!("a participation of {participation} is not above 0 and at most 1");
            return Err(AppError::field("participation", sentence).into());
        }
        let fold = self.fold(ask.view)?;
        let held = holdings(&fold);
        let from = fold.as_of().checked_sub(Span::new().days(VOLUME_DAYS)).ok();
        let ids: Vec<InstrumentId> = held.iter().map(|one| one.instrument.id).collect();
        let store = &self.book()?.store;
        let bars = store.load_bars(&ids, from, Some(fold.as_of()), ask.view.known_at);
        let bars = bars.await.map_err(AppError::from)?;
        let volumes: BTreeMap<InstrumentId, f64> = bars
            .iter()
            .filter_map(|(id, bars)| {
                let traded: Vec<f64> = bars.iter().filter_map(|bar| bar.volume?.to_f64()).collect();
                (!traded.is_empty()).then(|| (*id, traded.iter().sum::<f64>() / traded.len() as f64))
            })
            .collect();
        Ok(exposures(&fold, &held, &volumes, participation)?)
    }
}

fn holdings(fold: &PortfolioFold) -> Vec<Held<'_>> {
    let mut sums: BTreeMap<InstrumentId, (Decimal, Statistic, f64)> = BTreeMap::new();
    for row in &fold.valuation().rows {
        let Some(id) = row.instrument else { continue };
        let sum = sums.entry(id).or_insert((Decimal::ZERO, Figure::Known(0.0), 0.0));
        sum.0 += row.quantity;
        sum.1 = match (&sum.1, &row.weight) {
            (Figure::Known(sum), Figure::Known(weight)) => Figure::Known(sum + weight),
            (unknown @ Figure::Unavailable(_), _) | (_, unknown) => unknown.clone(),
        };
        sum.2 += row.market_value.known().and_then(|value| value.to_f64()).unwrap_or(0.0);
    }
    sums.into_iter()
        .filter(|(_, (quantity, ..))| !quantity.is_zero())
        .filter_map(|(id, (quantity, weight, value))| {
            Some(Held {
                instrument: fold.instrument(id)?,
                symbol: fold.symbol(id),
                quantity: quantity.to_f64()?,
                weight,
                value,
            })
        })
        .collect()
}

fn exposures(
    fold: &PortfolioFold,
    held: &[Held<'_>],
    volumes: &BTreeMap<InstrumentId, f64>,
    participation: f64,
) -> Result<RiskExposures> {
    let weights: Vec<f64> = held
        .iter()
        .map(|one| one.weight.known().copied().unwrap_or(0.0))
        .collect();
    let concentrated = concentration(&weights, LARGEST)?;
    let nothing = || "nothing is held".to_owned();
    let (days_all, liquidity) = liquid(held, volumes, participation)?;
    let bonds: Vec<BondRisk> = of_kind(held, InstrumentKind::Bond).map(|one| bond(fold, one)).collect();
    let options: Vec<OptionRisk> = of_kind(held, InstrumentKind::Option)
        .map(|one| option(fold, one))
        .collect();
    let mut dv01 = Figure::Known(Decimal::ZERO);
    bonds.iter().for_each(|bond| add(&mut dv01, &bond.dv01));
    Ok(RiskExposures {
        currency: fold.currency(),
        hhi: Figure::or_because(concentrated.hhi, nothing),
        effective_number: Figure::or_because(concentrated.effective_number, nothing),
        largest: concentrated
            .largest
            .iter()
            .filter_map(|at| held.get(*at))
            .map(|one| one.symbol.clone())
            .zip(concentrated.top)
            .collect(),
        currencies: currencies(fold)?,
        participation,
        days_all,
        liquidity,
        bonds_because: bonds.is_empty().then(|| "no bond is held".to_owned()),
        dv01: if bonds.is_empty() {
            Figure::Unavailable("no bond is held".to_owned())
        } else {
            dv01
        },
        bonds,
        options_because: options.is_empty().then(|| "no option is held".to_owned()),
        options,
    })
}

fn of_kind<'a>(held: &'a [Held<'a>], kind: InstrumentKind) -> impl Iterator<Item = &'a Held<'a>> {
    held.iter().filter(move |one| one.instrument.kind == kind)
}

fn currencies(fold: &PortfolioFold) -> Result<Vec<CurrencyShare>> {
    let rows = &fold.valuation().rows;
    let known: Vec<(Currency, f64)> = rows
        .iter()
        .filter_map(|row| Some((row.currency, *row.weight.known()?)))
        .collect();
    let labels: Vec<&str> = known.iter().map(|(currency, _)| currency.code()).collect();
    let weights: Vec<f64> = known.iter().map(|(_, weight)| *weight).collect();
    let mut shares: Vec<CurrencyShare> = by_label(&labels, &weights)?
        .into_iter()
        .map(|one| CurrencyShare {
            currency: one.label,
            long: one.long,
            short: one.short,
            net: one.net,
        })
        .collect();
    shares.sort_by(|left, right| {
        right
            .net
            .abs()
            .total_cmp(&left.net.abs())
            .then_with(|| left.currency.cmp(&right.currency))
    });
    Ok(shares)
}

/// The days each holding takes to sell, the longest first, and those until all is sold.
fn liquid(
    held: &[Held<'_>],
    volumes: &BTreeMap<InstrumentId, f64>,
    participation: f64,
) -> Result<(Statistic, Vec<HoldingLiquidity>)> {
    let unknown = |one: &Held<'_>| format!("no volume of {} is known in the three months before", one.symbol);
    let known: Vec<(&Held<'_>, f64)> = held
        .iter()
        .filter_map(|one| Some((one, *volumes.get(&one.instrument.id)?)))
        .collect();
    let quantities: Vec<f64> = known.iter().map(|(one, _)| one.quantity).collect();
    let traded: Vec<f64> = known.iter().map(|(_, volume)| *volume).collect();
    let values: Vec<f64> = known.iter().map(|(one, _)| one.value).collect();
    let found = liquidity(&quantities, &traded, &values, participation, &[])?;
    let days: BTreeMap<InstrumentId, Option<f64>> = known
        .iter()
        .zip(&found.days)
        .map(|((one, _), days)| (one.instrument.id, *days))
        .collect();
    let mut rows: Vec<HoldingLiquidity> = held
        .iter()
        .map(|one| HoldingLiquidity {
            symbol: one.symbol.clone(),
            weight: one.weight.clone(),
            volume: Figure::or_because(volumes.get(&one.instrument.id).copied(), || unknown(one)),
            days: match days.get(&one.instrument.id) {
                Some(days) => Figure::or_because(*days, || format!("nothing of {} trades", one.symbol)),
                None => Figure::Unavailable(unknown(one)),
            },
        })
        .collect();
    let size = |row: &HoldingLiquidity| row.days.known().copied().unwrap_or(-1.0);
    rows.sort_by(|left, right| {
        size(right)
            .total_cmp(&size(left))
            .then_with(|| left.symbol.cmp(&right.symbol))
    });
    let missing = held.iter().find(|one| !volumes.contains_key(&one.instrument.id));
    let all = match missing {
        Some(one) if volumes.is_empty() && held.len() > 1 => Figure::Unavailable(format!(
            "no volume is known of any of the {} holdings, {} among them; import prices with volumes",
            held.len(),
            one.symbol
        )),
        Some(one) => Figure::Unavailable(unknown(one)),
        None => Figure::or_because(found.days_all, || "something held does not trade".to_owned()),
    };
    Ok((all, rows))
}

/// Units of base currency for one unit of an instrument's.
fn rate(fold: &PortfolioFold, instrument: &Instrument) -> Result<f64, String> {
    let rate = fold.prices().fx(instrument.currency, fold.currency(), fold.as_of());
    let rate = rate.map_err(|reason| fold.because(&reason))?;
    rate.value.to_f64().ok_or_else(|| "a rate is out of range".to_owned())
}

/// Units of an instrument times what one of them at a price of one is worth in base currency.
fn size(fold: &PortfolioFold, held: &Held<'_>) -> Result<f64, String> {
    let multiplier = held
        .instrument
        .multiplier()
        .to_f64()
        .ok_or("its size is out of range")?;
    Ok(held.quantity * multiplier * rate(fold, held.instrument)?)
}

fn bond(fold: &PortfolioFold, held: &Held<'_>) -> BondRisk {
    let found = bond_flows(fold, held.instrument).and_then(|flows| {
        let clean = price(fold, held.instrument.id)?;
        let yield_ = flows
            .yield_from_clean(fold.as_of(), clean)
            .map_err(|err| err.to_string())?;
        let analysis = flows.at_yield(fold.as_of(), yield_).map_err(|err| err.to_string())?;
        // The yield moves by a basis point down: modified duration and half the convexity.
        let change =
            analysis.dirty * (analysis.modified * BASIS_POINT + 0.5 * analysis.convexity * BASIS_POINT * BASIS_POINT);
        Ok((analysis, change * size(fold, held)?))
    });
    let figure = |of: fn(&apex_analytics::pricing::bond::BondAnalysis) -> f64| match &found {
        Ok((analysis, _)) => Figure::Known(of(analysis)),
        Err(because) => Figure::Unavailable(because.clone()),
    };
    BondRisk {
        symbol: held.symbol.clone(),
        yield_: figure(|found| found.yield_),
        duration: figure(|found| found.modified),
        convexity: figure(|found| found.convexity),
        dv01: match &found {
            Ok((_, change)) => amount(*change, fold),
            Err(because) => Figure::Unavailable(because.clone()),
        },
    }
}

/// What an option is worth by the volatility that its price implies, American exercise, no dividends.
fn option(fold: &PortfolioFold, held: &Held<'_>) -> OptionRisk {
    let found = measured(fold, held);
    let money = |of: &dyn Fn(&Measured) -> f64| -> Amount {
        match &found {
            Ok(found) => amount(of(found), fold),
            Err(because) => Figure::Unavailable(because.clone()),
        }
    };
    OptionRisk {
        symbol: held.symbol.clone(),
        volatility: match &found {
            Ok(found) => Figure::Known(found.terms.volatility),
            Err(because) => Figure::Unavailable(because.clone()),
        },
        delta: money(&|found| found.size * found.delta * found.terms.spot),
        gamma: money(&|found| found.size * found.gamma * found.terms.spot * found.terms.spot * 0.01),
        vega: money(&|found| found.size * found.vega * 0.01),
        theta: money(&|found| found.size * found.theta / YEAR_DAYS),
        rho: money(&|found| found.size * found.rho * 0.01),
    }
}

struct Measured {
    terms: OptionTerms,
    size: f64,
    delta: f64,
    gamma: f64,
    vega: f64,
    theta: f64,
    rho: f64,
}

fn measured(fold: &PortfolioFold, held: &Held<'_>) -> Result<Measured, String> {
    let Terms::Option { underlying, .. } = held.instrument.terms else {
        return Err("it has no terms of an option".to_owned());
    };
    let underlying = fold.instrument(underlying).ok_or("its underlying is not in the book")?;
    let (terms, quote) = option_terms(fold, held.instrument, underlying, INTEREST)?;
    let implied = american_after(&terms, quote, &OptionShock::default()).map_err(|err| err.to_string())?;
    let volatility = implied
        .volatility
        .ok_or("it is quoted at what exercise brings, which no volatility explains")?;
    let terms = OptionTerms { volatility, ..terms };
    let valued = value(&terms, Accuracy::Standard).map_err(|err| err.to_string())?;
    let greeks = valued.greeks.ok_or("its price has a kink here")?;
    Ok(Measured {
        terms,
        size: size(fold, held)?,
        delta: greeks.delta,
        gamma: greeks.gamma,
        vega: greeks.vega,
        theta: greeks.theta,
        rho: greeks.rho,
    })
}

//! Between an instrument of the domain and the form a person fills in.

use apex_domain::{
    Currency, DayCount, Instrument, InstrumentId, InstrumentKind, Isin, OptionRight, SymbolPeriod, Terms,
};
use apex_wire::setup::InstrumentDraft;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::error::{AppError, Result};
use crate::read;
use crate::state::Instruments;

/// Shows an instrument as its form does.
pub(crate) fn draft(instrument: &Instrument, instruments: &Instruments) -> InstrumentDraft {
    let mut draft = InstrumentDraft {
        symbol: instrument.symbol().to_owned(),
        name: instrument.name.clone(),
        kind: instrument.kind.as_str().to_owned(),
        currency: instrument.currency.to_string(),
        isin: instrument
            .isin
            .as_ref()
            .map(|isin| isin.as_str().to_owned())
            .unwrap_or_default(),
        exchange: instrument.exchange.clone().unwrap_or_default(),
        sector: instrument.sector.clone().unwrap_or_default(),
        country: instrument.country.clone().unwrap_or_default(),
        ..InstrumentDraft::default()
    };
    match &instrument.terms {
        Terms::Bond {
            coupon_rate,
            frequency,
            maturity,
            ..
        } => {
            draft.coupon = (coupon_rate * Decimal::ONE_HUNDRED).normalize().to_string();
            draft.frequency = frequency.to_string();
            draft.maturity = maturity.to_string();
        }
        Terms::Option {
            underlying,
            strike,
            expiry,
            right,
            contract_size,
        } => {
            draft.underlying = instruments
                .get(*underlying)
                .map(|one| one.symbol().to_owned())
                .unwrap_or_default();
            draft.strike = strike.normalize().to_string();
            draft.maturity = expiry.to_string();
            draft.right = match right {
                OptionRight::Call => "call".to_owned(),
                OptionRight::Put => "put".to_owned(),
            };
            draft.contract_size = contract_size.normalize().to_string();
        }
        Terms::None | Terms::CurrencyPair { .. } => {}
    }
    draft
}

/// Says when an instrument had which symbol, oldest first: `FB until 2022-06-09`.
pub(crate) fn symbol_history(instrument: &Instrument) -> Vec<String> {
    let mut periods: Vec<&SymbolPeriod> = instrument.symbols.iter().collect();
    periods.sort_by_key(|period| (period.from, period.until));
    periods
        .into_iter()
        .map(|period| match (period.from, period.until) {
            (None, None) => period.symbol.clone(),
            (Some(from), None) => format!("{} from {from}", period.symbol),
            (None, Some(until)) => format!("{} until {until}", period.symbol),
            (Some(from), Some(until)) => format!("{} from {from} until {until}", period.symbol),
        })
        .collect()
}

/// Reads a form, for a new instrument or in place of `old`.
///
/// A symbol that differs from the old one's replaces it where `symbol_from` is absent, and follows it from that day on
/// otherwise.
pub(crate) fn read_draft(
    id: InstrumentId,
    old: Option<&Instrument>,
    draft: &InstrumentDraft,
    symbol_from: Option<Date>,
    instruments: &Instruments,
) -> Result<Instrument> {
    let symbol = read::required("symbol", &draft.symbol, "a symbol")?;
    let kind: InstrumentKind = read::required("kind", &draft.kind, "a kind of instrument")?
        .parse()
        .map_err(|_| AppError::field("kind", format!("`{}` is not a kind of instrument: equity, etf, fund, bond, option, currency_pair, private or index", draft.kind.trim())))?;
    let terms = terms(kind, symbol, draft, old, instruments)?;
    let currency = match terms {
        Terms::CurrencyPair { quote, .. } => quote,
        _ => read::currency("currency", read::required("currency", &draft.currency, "a currency")?)?,
    };
    let isin = read::optional(&draft.isin);
    let isin: Option<Isin> = isin
        .map(|text| {
            text.parse()
                .map_err(|err| AppError::field("isin", format!("`{text}` is not an ISIN: {err}")))
        })
        .transpose()?;
    let name = read::optional(&draft.name).unwrap_or_else(|| symbol.to_owned());
    Ok(Instrument {
        id,
        kind,
        name,
        currency,
        isin,
        exchange: read::optional(&draft.exchange),
        sector: read::optional(&draft.sector),
        country: read::optional(&draft.country),
        symbols: symbols(old, symbol, symbol_from)?,
        terms,
        simulated: old.is_some_and(|old| old.simulated),
    })
}

fn symbols(old: Option<&Instrument>, symbol: &str, from: Option<Date>) -> Result<Vec<SymbolPeriod>> {
    let Some(old) = old else {
        return Ok(vec![SymbolPeriod {
            symbol: symbol.to_owned(),
            from,
            until: None,
        }]);
    };
    let mut symbols = old.symbols.clone();
    if old.symbol() == symbol {
        return Ok(symbols);
    }
    let Some(last) = symbols
        .iter_mut()
        .max_by_key(|period| (period.until.is_none(), period.until, period.from))
    else {
        return Ok(vec![SymbolPeriod {
            symbol: symbol.to_owned(),
            from,
            until: None,
        }]);
    };
    let Some(from) = from else {
        symbol.clone_into(&mut last.symbol);
        return Ok(symbols);
    };
    if last.from.is_some_and(|first| first >= from) {
        return Err(AppError::field(
            "symbol_from",
            format!("{} is in use only from {from} on or later", last.symbol),
        ));
    }
    last.until = Some(from);
    symbols.push(SymbolPeriod {
        symbol: symbol.to_owned(),
        from: Some(from),
        until: None,
    });
    Ok(symbols)
}

fn terms(
    kind: InstrumentKind,
    symbol: &str,
    draft: &InstrumentDraft,
    old: Option<&Instrument>,
    instruments: &Instruments,
) -> Result<Terms> {
    match kind {
        InstrumentKind::Bond => bond(draft, old),
        InstrumentKind::Option => option(draft, instruments),
        InstrumentKind::CurrencyPair => pair(symbol, draft),
        _ => Ok(Terms::None),
    }
}

fn bond(draft: &InstrumentDraft, old: Option<&Instrument>) -> Result<Terms> {
    let coupon = read::decimal(
        "coupon",
        read::required("coupon", &draft.coupon, "the yearly coupon in percent")?,
    )?;
    let frequency = read::optional(&draft.frequency).unwrap_or_else(|| "2".to_owned());
    let frequency: u8 = frequency
        .parse()
        .ok()
        .filter(|number| matches!(number, 0 | 1 | 2 | 4 | 12))
        .ok_or_else(|| {
            AppError::field(
                "frequency",
                format!("`{frequency}` is not 0, 1, 2, 4 or 12 payments a year"),
            )
        })?;
    let (issue, day_count) = match old.map(|old| &old.terms) {
        Some(Terms::Bond { issue, day_count, .. }) => (*issue, *day_count),
        _ => (None, DayCount::ActualActual),
    };
    Ok(Terms::Bond {
        coupon_rate: read::positive_or_zero("coupon", coupon)? / Decimal::ONE_HUNDRED,
        frequency,
        issue,
        maturity: read::date("maturity", &draft.maturity)?,
        day_count,
    })
}

fn option(draft: &InstrumentDraft, instruments: &Instruments) -> Result<Terms> {
    let underlying = read::required("underlying", &draft.underlying, "the symbol of the underlying")?;
    let underlying = instruments
        .named(underlying)
        .ok_or_else(|| {
            AppError::field(
                "underlying",
                format!("there is no instrument {underlying}; add it first"),
            )
        })?
        .id;
    let right = match draft.right.trim().to_ascii_lowercase().as_str() {
        "call" => OptionRight::Call,
        "put" => OptionRight::Put,
        other => return Err(AppError::field("right", format!("`{other}` is neither call nor put"))),
    };
    let size = read::optional_decimal("contract_size", &draft.contract_size)?.unwrap_or(Decimal::ONE_HUNDRED);
    if size <= Decimal::ZERO {
        return Err(AppError::field("contract_size", format!("{size} is not above zero")));
    }
    Ok(Terms::Option {
        underlying,
        strike: read::decimal("strike", read::required("strike", &draft.strike, "the strike price")?)?,
        expiry: read::date("maturity", &draft.maturity)?,
        right,
        contract_size: size,
    })
}

/// A pair is named by its two codes: `EURUSD` or `EUR/USD` costs dollars for one euro.
fn pair(symbol: &str, draft: &InstrumentDraft) -> Result<Terms> {
    let letters: String = symbol.chars().filter(char::is_ascii_alphabetic).collect();
    let refused = || {
        AppError::field(
            "symbol",
            format!("`{symbol}` does not name two currencies; write it like EURUSD"),
        )
    };
    let base = letters.get(..3).ok_or_else(refused)?;
    let quote = letters.get(3..6).filter(|_| letters.len() == 6).ok_or_else(refused)?;
    let currency = |code| Currency::parse(code).ok().filter(Currency::is_listed);
    let (base, quote) = (
        currency(base).ok_or_else(refused)?,
        currency(quote).ok_or_else(refused)?,
    );
    let given = draft.currency.trim();
    if !given.is_empty() && read::currency("currency", given)? != quote {
        return Err(AppError::field(
            "currency",
            format!("{symbol} is quoted in {quote}, not in {given}"),
        ));
    }
    Ok(Terms::CurrencyPair { base, quote })
}

//! Whose history is wanted: what is or was held, what portfolios are compared with, what is watched, and the rates of
//! exchange that valuing them takes.

use std::collections::BTreeSet;
use std::sync::Arc;

use apex_domain::{Currency, Instrument, InstrumentId, InstrumentKind};
use apex_store::{Named, Store};
use apex_wire::quotes::Watchlist;

use super::settings::Symbols;
use crate::error::Result;
use crate::state::State;

/// Currencies in the order in which markets quote them: the earlier one is priced in the later one.
const QUOTED_FIRST: [&str; 8] = ["EUR", "GBP", "AUD", "NZD", "USD", "CAD", "CHF", "JPY"];

/// Whose history is wanted.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    /// Instruments, by symbol.
    pub(super) instruments: Vec<Arc<Instrument>>,
    /// Pairs of currencies: what is priced, and in what.
    pub(super) pairs: Vec<(Currency, Currency)>,
}

/// Returns what is wanted: the instruments that were named, or all that providers may know.
pub(super) async fn wanted(store: &Store, state: &State, symbols: &Symbols, named: &[InstrumentId]) -> Result<Wanted> {
    let ids: BTreeSet<InstrumentId> = if named.is_empty() {
        let traded = state.portfolios.values().flat_map(|one| one.ledger.rows());
        let mut ids: BTreeSet<InstrumentId> = traded.filter_map(|row| row.instrument).collect();
        ids.extend(state.portfolios.values().filter_map(|one| one.portfolio.benchmark));
        for list in store.list::<Watchlist>(Named::Watchlist).await?.into_values() {
            ids.extend(list.value.instruments);
        }
        ids
    } else {
        named.iter().copied().collect()
    };
    let mut instruments = Vec::new();
    for id in &ids {
        let instrument = state.instrument(*id)?;
        if !named.is_empty() || is_listed(instrument, symbols) {
            instruments.push(instrument.clone());
        }
    }
    instruments.sort_by(|left, right| left.symbol().cmp(right.symbol()));
    Ok(Wanted {
        pairs: pairs(state, &instruments, named.is_empty()),
        instruments,
    })
}

/// Whether providers may know it: it trades under a symbol, or somebody said what they call it.
pub(crate) fn is_listed(instrument: &Instrument, symbols: &Symbols) -> bool {
    let is_traded = matches!(
        instrument.kind,
        InstrumentKind::Equity | InstrumentKind::Etf | InstrumentKind::Fund | InstrumentKind::Index
    );
    (is_traded && !instrument.simulated) || symbols.knows(instrument.id)
}

/// Returns the pairs that turn the currencies of the instruments, and of cash where all is wanted, into those of the
/// portfolios. One that the book has either way around is asked for that way.
fn pairs(state: &State, instruments: &[Arc<Instrument>], all: bool) -> Vec<(Currency, Currency)> {
    let bases: BTreeSet<Currency> = state.portfolios.values().map(|one| one.portfolio.currency).collect();
    let mut others: BTreeSet<Currency> = instruments.iter().map(|one| one.currency).collect();
    if all {
        let traded = state.portfolios.values().flat_map(|one| one.ledger.rows());
        others.extend(traded.map(|row| row.currency));
    }
    let known: BTreeSet<(Currency, Currency)> = state.prices.fx.pairs().map(|(pair, ..)| pair).collect();
    let mut pairs = BTreeSet::new();
    for base in bases {
        for other in others.iter().copied().filter(|other| *other != base) {
            let pair = [(base, other), (other, base)];
            let pair = pair.into_iter().find(|pair| known.contains(pair));
            pairs.insert(pair.unwrap_or_else(|| as_quoted(base, other)));
        }
    }
    pairs.into_iter().collect()
}

fn as_quoted(one: Currency, other: Currency) -> (Currency, Currency) {
    let place = |currency: Currency| {
        let place = QUOTED_FIRST.iter().position(|code| *code == currency.code());
        (place.unwrap_or(QUOTED_FIRST.len()), currency)
    };
    if place(one) <= place(other) {
        (one, other)
    } else {
        (other, one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_asked_for_as_markets_quote_them() {
        let currency = |code: &str| Currency::parse(code).unwrap();
        let (eur, usd, jpy, sek) = (currency("EUR"), currency("USD"), currency("JPY"), currency("SEK"));
        assert_eq!(as_quoted(usd, eur), (eur, usd));
        assert_eq!(as_quoted(jpy, usd), (usd, jpy));
        assert_eq!(as_quoted(sek, usd), (usd, sek));
    }
}

//! What the ledger is to be told of prices and rates: days that are new or corrected, withdrawn, or put back.

use std::collections::{BTreeMap, BTreeSet};

use apex_domain::{Currency, Date, Decimal, InstrumentId, Timestamp};
use apex_market_data::pipeline::{Judged, LeftOut, PublishedDay};
use apex_store::{PriceBar, PriceBatch, RateBatch, StoredValue};

use super::{Span, Verdict, feeder, is_fed};
use crate::app::OpenedBook;
use crate::error::Result;
use crate::feeds::named;
use crate::state::State;

/// Takes the days that are new or corrected, by what the ledger calls their source, and withdraws those that are left out.
pub(super) async fn prices(
    verdict: &mut Verdict,
    book: &OpenedBook,
    state: &State,
    instrument: InstrumentId,
    judged: &Judged,
    now: Timestamp,
) -> Result<()> {
    let history = book.store.history(&[instrument], None, None).await?;
    let bars = history.first().map(|history| history.bars()).transpose()?;
    let bars: BTreeMap<Date, PriceBar> = bars
        .unwrap_or_default()
        .into_iter()
        .map(|bar| (bar.date, bar))
        .collect();
    let mut batches: BTreeMap<String, PriceBatch> = BTreeMap::new();
    for (date, day) in &judged.days {
        let known = state.prices.price(instrument, *date, 0).ok();
        if known.is_some_and(|known| !is_fed(&known.source)) {
            continue;
        }
        let bar = bar(*date, day);
        if bars.get(date) == Some(&bar) {
            continue;
        }
        verdict.days += 1;
        let batch = batches.entry(day.source());
        let batch = batch.or_insert_with_key(|source| prices_of(instrument, source, now));
        batch.bars.push(bar);
    }
    for ((date, provider), why) in &judged.left_out {
        let known = state.prices.price(instrument, *date, 0).ok();
        let is_theirs = |source: &str| feeder(source) == Some(named(*provider));
        if known.is_some_and(|known| is_theirs(&known.source) && is_meant(*why, known.value)) {
            verdict.days += 1;
            let batch = batches.entry(provider.name().to_owned());
            let batch = batch.or_insert_with_key(|source| prices_of(instrument, source, now));
            batch.withdrawn.push(*date);
        }
    }
    verdict.changes.prices.extend(batches.into_values());
    Ok(())
}

fn prices_of(instrument: InstrumentId, source: &str, now: Timestamp) -> PriceBatch {
    PriceBatch {
        instrument,
        source: source.to_owned(),
        known_at: now,
        bars: Vec::new(),
        withdrawn: Vec::new(),
    }
}

/// Returns whether a value that the ledger has is the one that is left out.
fn is_meant(why: LeftOut, known: Decimal) -> bool {
    match why {
        LeftOut::Decided => true,
        LeftOut::Wrong(said) => said == known,
    }
}

fn bar(date: Date, day: &PublishedDay) -> PriceBar {
    PriceBar {
        date,
        close: day.close,
        range: day
            .open
            .zip(day.high)
            .zip(day.low)
            .map(|((open, high), low)| [open, high, low]),
        volume: day.volume,
    }
}

/// Takes the rates that are new or corrected, and withdraws those that are left out. A rate that a person typed or imported
/// stays, and so does one of the same currencies the other way round.
pub(super) async fn rates(
    verdict: &mut Verdict,
    book: &OpenedBook,
    (base, target): (Currency, Currency),
    judged: &Judged,
    now: Timestamp,
) -> Result<()> {
    let known = last_values(book.store.rate_versions(base, target).await?);
    let inverse = last_values(book.store.rate_versions(target, base).await?);
    let counts = |rates: &BTreeMap<Date, LastValue>, date: &Date| {
        let last = rates.get(date).filter(|last| !last.withdrawn);
        last.map(|last| (last.value, last.source.clone()))
    };
    let is_own = |date: &Date| {
        let both = [counts(&known, date), counts(&inverse, date)];
        both.into_iter().flatten().any(|(_, source)| !is_fed(&source))
    };
    let mut batches: BTreeMap<String, RateBatch> = BTreeMap::new();
    for (date, day) in &judged.days {
        let is_known = counts(&known, date).is_some_and(|(value, _)| value == day.close);
        if is_known || is_own(date) {
            continue;
        }
        verdict.days += 1;
        let batch = batches.entry(day.source());
        let batch = batch.or_insert_with_key(|source| rates_of((base, target), source, now));
        batch.rates.push((*date, day.close));
    }
    for ((date, provider), why) in &judged.left_out {
        let theirs = counts(&known, date).filter(|(_, source)| feeder(source) == Some(named(*provider)));
        if theirs.is_some_and(|(value, _)| is_meant(*why, value)) {
            verdict.days += 1;
            let batch = batches.entry(provider.name().to_owned());
            let batch = batch.or_insert_with_key(|source| rates_of((base, target), source, now));
            batch.withdrawn.push(*date);
        }
    }
    verdict.changes.rates.extend(batches.into_values());
    Ok(())
}

fn rates_of((base, target): (Currency, Currency), source: &str, now: Timestamp) -> RateBatch {
    RateBatch {
        base,
        target,
        source: source.to_owned(),
        known_at: now,
        rates: Vec::new(),
        withdrawn: Vec::new(),
    }
}

/// The last rate that a day had.
struct LastValue {
    value: Decimal,
    source: String,
    /// Whether it was withdrawn since.
    withdrawn: bool,
}

fn last_values(versions: impl IntoIterator<Item = StoredValue>) -> BTreeMap<Date, LastValue> {
    let mut last: BTreeMap<Date, LastValue> = BTreeMap::new();
    for version in versions {
        match version.value {
            Some(value) => {
                let found = LastValue {
                    value,
                    source: version.source,
                    withdrawn: false,
                };
                last.insert(version.date, found);
            }
            None => {
                if let Some(last) = last.get_mut(&version.date) {
                    last.withdrawn = true;
                }
            }
        }
    }
    last
}

/// Brings prices back to what they were before a decision; see [`super::restore`].
pub(super) async fn restore_prices(
    verdict: &mut Verdict,
    book: &OpenedBook,
    state: &State,
    instrument: InstrumentId,
    span: &Span,
    now: Timestamp,
) -> Result<()> {
    let (only, from, until) = ([instrument], Some(span.from), Some(span.until));
    let bars = async |known_at| -> Result<BTreeMap<Date, PriceBar>> {
        let mut bars = book.store.load_bars(&only, from, until, known_at).await?;
        let bars = bars.remove(&instrument).unwrap_or_default().into_iter();
        Ok(bars.map(|bar| (bar.date, bar)).collect())
    };
    let (before, current) = (bars(Some(span.before)).await?, bars(None).await?);
    let versions = book.store.price_versions(instrument).await?;
    let sources = last_values(versions.into_iter().filter(|version| version.known_at <= span.before));
    let dates: BTreeSet<Date> = before.keys().chain(current.keys()).copied().collect();
    let mut batches: BTreeMap<String, PriceBatch> = BTreeMap::new();
    for date in dates.into_iter().filter(|date| !verdict.published.contains(date)) {
        let counts = state.prices.price(instrument, date, 0).ok();
        if counts.as_ref().is_some_and(|counts| !is_fed(&counts.source)) {
            continue;
        }
        match (before.get(&date), sources.get(&date), counts) {
            (Some(bar), Some(last), _) => {
                let is_theirs = is_fed(&last.source) && !verdict.leaves_out(date, &last.source);
                if is_theirs && current.get(&date) != Some(bar) {
                    verdict.days += 1;
                    let batch = batches.entry(last.source.clone());
                    let batch = batch.or_insert_with_key(|source| prices_of(instrument, source, now));
                    batch.bars.push(bar.clone());
                }
            }
            (_, _, Some(counts)) => {
                verdict.days += 1;
                let batch = batches.entry(counts.source);
                let batch = batch.or_insert_with_key(|source| prices_of(instrument, source, now));
                batch.withdrawn.push(date);
            }
            _ => {}
        }
    }
    verdict.changes.prices.extend(batches.into_values());
    Ok(())
}

/// Brings rates back to what they were before a decision; see [`super::restore`].
pub(super) async fn restore_rates(
    verdict: &mut Verdict,
    book: &OpenedBook,
    pair: (Currency, Currency),
    span: &Span,
    now: Timestamp,
) -> Result<()> {
    let versions = book.store.rate_versions(pair.0, pair.1).await?;
    let earlier = versions.iter().filter(|version| version.known_at <= span.before);
    let (before, current) = (last_values(earlier.cloned()), last_values(versions.iter().cloned()));
    let stands = |rates: &BTreeMap<Date, LastValue>, date: &Date| {
        let last = rates.get(date).filter(|last| !last.withdrawn);
        last.map(|last| (last.value, last.source.clone()))
    };
    let mut batches: BTreeMap<String, RateBatch> = BTreeMap::new();
    let dates = current.keys().filter(|date| (span.from..=span.until).contains(*date));
    for date in dates.filter(|date| !verdict.published.contains(*date)) {
        let counts = stands(&current, date);
        if counts.as_ref().is_some_and(|(_, source)| !is_fed(source)) {
            continue;
        }
        match (stands(&before, date), counts) {
            (Some((rate, source)), counts) => {
                let is_theirs = is_fed(&source) && !verdict.leaves_out(*date, &source);
                if is_theirs && counts.is_none_or(|(counts, _)| counts != rate) {
                    verdict.days += 1;
                    let batch = batches.entry(source);
                    let batch = batch.or_insert_with_key(|source| rates_of(pair, source, now));
                    batch.rates.push((*date, rate));
                }
            }
            (None, Some((_, source))) => {
                verdict.days += 1;
                let batch = batches.entry(source);
                let batch = batch.or_insert_with_key(|source| rates_of(pair, source, now));
                batch.withdrawn.push(*date);
            }
            (None, None) => {}
        }
    }
    verdict.changes.rates.extend(batches.into_values());
    Ok(())
}

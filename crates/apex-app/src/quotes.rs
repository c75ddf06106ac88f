//! Quotes: the latest of each instrument somebody looks at, live where a stream speaks of it and the last close otherwise.
//!
//! A question waits until something has changed, but answers at the screen's rate at most and after a second in any case,
//! when ages have grown and streams may stand otherwise. What changed several times meanwhile comes once, as it is now.

pub(crate) mod row;

use std::collections::BTreeMap;
use std::time::Duration;

use apex_domain::InstrumentId;
use apex_wire::Failure;
use apex_wire::quotes::{EndQuotes, NextQuotes, Quote, Quotes};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::time::Instant;

use crate::App;
use crate::error::{AppError, Result};
use crate::live::venue::Venue;
use crate::live::watcher::Watcher;
use crate::live::watches::PATIENCE;
use crate::state::State;

/// The screen's rate: answers are at least so far apart.
const EVERY: Duration = Duration::from_millis(16);
/// As many instruments as one question may ask about.
const INSTRUMENTS_MAX: usize = 20_000;
/// What one watch was told last.
#[derive(Debug, Default)]
pub(crate) struct Told {
    number: u64,
    instruments: Vec<InstrumentId>,
    venues: BTreeMap<InstrumentId, Venue>,
    watcher: Watcher,
    rows: BTreeMap<InstrumentId, Quote>,
    generation: u64,
    answered: Option<Instant>,
    looked_at_all: Option<Instant>,
}

impl App {
    /// Returns the quotes that have changed since the last answer of a watch, as soon as there are some.
    ///
    /// The first question of a watch is answered at once with all, as is one whose number is not that of the last answer.
    ///
    /// # Errors
    /// When no book is open, an instrument is not in it, or there are too many.
    pub async fn next_quotes(&self, ask: NextQuotes) -> Result<Quotes, Failure> {
        check(&ask)?;
        let state = self.state()?;
        for id in &ask.instruments {
            state.instrument(*id)?;
        }
        let watch = self.live.quotes.named(&ask.watch)?;
        let turn = watch.turn.take();
        let mut told = watch.told.lock().await;
        let told = &mut *told;
        let is_first = ask.after == 0 || ask.after != told.number || ask.instruments != told.instruments;
        if is_first {
            told.rows.clear();
            told.instruments = ask.instruments;
            told.listen(self, &state).await;
        }
        let mut changed = if is_first {
            told.watcher.take()
        } else {
            told.watcher.next(told.answered, EVERY, watch.turn.later(turn)).await
        };
        let state = self.state()?;
        let now = self.now();
        let is_other_book = told.generation != state.generation;
        if !is_first && (is_other_book || told.watcher.is_outdated(self)) {
            told.listen(self, &state).await;
            changed.append(&mut told.watcher.take());
        }
        told.generation = state.generation;
        let is_due = told.looked_at_all.is_none_or(|at| at.elapsed() >= PATIENCE);
        let looks_at_all = is_first || is_other_book || is_due;
        if looks_at_all {
            told.looked_at_all = Some(Instant::now());
            // The settings may name other streams by now.
            self.keep_streams().await;
        }
        let mut rows = Vec::new();
        for id in &told.instruments {
            if !looks_at_all && !changed.contains(id) {
                continue;
            }
            let (Some(instrument), Some(venue)) = (state.instruments.get(*id), told.venues.get(id)) else {
                continue;
            };
            let quote = row::quote(
                &state,
                self.day_of_market(),
                instrument,
                venue,
                told.watcher.heard(*id),
                now,
            );
            if told
                .rows
                .get(id)
                .is_none_or(|before| !row::says_the_same(before, &quote))
            {
                told.rows.insert(*id, quote.clone());
                rows.push(quote);
            }
        }
        told.number += 1;
        told.answered = Some(Instant::now());
        Ok(Quotes {
            number: told.number,
            now,
            rows,
            streams: self.live.states(),
        })
    }

    /// Returns the day up to which closes count in a book whose clock does not stand. The window may not have handed in a new
    /// day yet while it waits for quotes at night.
    pub(crate) fn day_of_market(&self) -> Date {
        self.wall_day().max(TimeZone::UTC.to_datetime(self.now()).date())
    }

    /// Ends a watch; one that is not there has ended already.
    ///
    /// # Errors
    /// Never; the signature is that of every call.
    pub fn end_quotes(&self, ask: EndQuotes) -> Result<(), Failure> {
        self.live.quotes.remove(&ask.watch);
        Ok(())
    }
}

impl Told {
    async fn listen(&mut self, app: &App, state: &State) {
        self.venues.clear();
        for id in &self.instruments {
            if let Some(instrument) = state.instruments.get(*id) {
                self.venues.insert(*id, Venue::of(instrument));
            }
        }
        self.watcher.listen(app, &self.instruments).await;
    }
}

fn check(ask: &NextQuotes) -> Result<()> {
    if ask.watch.trim().is_empty() || ask.watch.len() > 200 {
        return Err(AppError::field("watch", "a watch needs a name of 1 to 200 characters"));
    }
    if ask.instruments.len() > INSTRUMENTS_MAX {
        let count = ask.instruments.len();
        return Err(AppError::field(
            "instruments",
            format!("{count} instruments are too many at once; {INSTRUMENTS_MAX} at most"),
        ));
    }
    Ok(())
}

//! Watching: every alert of the open book is looked at whenever something is heard of its instrument, and all of them once
//! a second, while the program runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use apex_domain::InstrumentId;
use apex_store::Named;
use apex_wire::alert::{Alert, Condition, FiredAlert};
use jiff::Timestamp;
use tokio::time::Instant;

use super::condition::{Reading, holds, sentence};
use super::{FiredBody, Kept, STATE};
use crate::App;
use crate::error::Result;
use crate::live::venue::Venue;
use crate::live::watcher::Watcher;
use crate::live::watches::PATIENCE;
use crate::quotes::row;
use crate::state::State;

/// Between two looks at what was heard.
const EVERY: Duration = Duration::from_millis(5);
/// The wait after a failure.
const AGAIN: Duration = Duration::from_secs(5);

/// The alerts of the open book while they are watched.
#[derive(Debug, Default)]
struct Watching {
    /// The state of the book and the count of changes of alerts that they are of.
    loaded: Option<(u64, u64)>,
    alerts: Vec<Alert>,
    kept: Kept,
    venues: BTreeMap<InstrumentId, Venue>,
    watcher: Watcher,
    began: Option<Timestamp>,
    looked: Option<Instant>,
    looked_at_all: Option<Instant>,
}

impl App {
    /// Watches the alerts of whatever book is open, until it is dropped: a shell runs it for as long as the program runs.
    /// `on_fired` is told of each that fires, after it is kept.
    pub async fn watch_alerts(&self, on_fired: impl Fn(&FiredAlert) + Send + Sync) {
        let mut watching = Watching::default();
        loop {
            match watching.round(self).await {
                Ok(fired) => fired.iter().for_each(&on_fired),
                Err(err) => {
                    tracing::warn!("alerts cannot be watched: {err}");
                    watching = Watching::default();
                    tokio::time::sleep(AGAIN).await;
                }
            }
            self.live.forget();
        }
    }
}

impl Watching {
    /// Waits for news of the alerts' instruments, and returns what has fired.
    async fn round(&mut self, app: &App) -> Result<Vec<FiredAlert>> {
        let Ok(state) = app.state() else {
            *self = Self::default();
            tokio::time::sleep(PATIENCE).await;
            return Ok(Vec::new());
        };
        let wanted = (state.generation, app.live.alerts());
        if self.loaded != Some(wanted) {
            self.load(app, &state).await?;
            self.loaded = Some(wanted);
        }
        let changed = self
            .watcher
            .next(self.looked, EVERY, app.live.alerts_to_change(wanted.1))
            .await;
        self.looked = Some(Instant::now());
        let state = app.state()?;
        if self.alerts.is_empty() || is_other_book(state.generation, wanted.0) {
            return Ok(Vec::new());
        }
        if self.watcher.is_outdated(app) {
            self.listen(app).await;
        }
        let is_due = self.looked_at_all.is_none_or(|at| at.elapsed() >= PATIENCE);
        if is_due {
            self.looked_at_all = self.looked;
            app.keep_streams().await;
        }
        self.look(app, &state, |id| is_due || changed.contains(&id)).await
    }

    async fn load(&mut self, app: &App, state: &Arc<State>) -> Result<()> {
        let book = app.book()?;
        let saved = book.store.list::<Alert>(Named::Alert).await?;
        let alerts: Vec<Alert> = saved.into_values().map(|saved| saved.value).collect();
        self.began.get_or_insert_with(|| app.now());
        self.looked_at_all = None;
        self.alerts = alerts
            .into_iter()
            .filter(|alert| alert.enabled && state.instruments.get(alert.instrument).is_some())
            .collect();
        self.kept = if self.alerts.is_empty() {
            Kept::default()
        } else {
            Kept::read(book.store.market().await?).await?
        };
        self.venues = self
            .alerts
            .iter()
            .filter_map(|alert| Some((alert.instrument, Venue::of(state.instruments.get(alert.instrument)?))))
            .collect();
        self.listen(app).await;
        Ok(())
    }

    async fn listen(&mut self, app: &App) {
        let instruments: BTreeSet<InstrumentId> = self.alerts.iter().map(|alert| alert.instrument).collect();
        let instruments: Vec<InstrumentId> = instruments.into_iter().collect();
        self.watcher.listen(app, &instruments).await;
    }

    /// Looks at the alerts of some instruments, keeps what has changed, and returns what has fired.
    async fn look(
        &mut self,
        app: &App,
        state: &State,
        wanted: impl Fn(InstrumentId) -> bool,
    ) -> Result<Vec<FiredAlert>> {
        let now = app.now();
        let mut kept = self.kept.clone();
        let mut bodies = Vec::new();
        for alert in self.alerts.iter().filter(|alert| wanted(alert.instrument)) {
            let (Some(instrument), Some(venue)) = (
                state.instruments.get(alert.instrument),
                self.venues.get(&alert.instrument),
            ) else {
                continue;
            };
            let heard = self.watcher.heard(alert.instrument);
            let quote = row::quote(state, app.day_of_market(), instrument, venue, heard, now);
            let since = match heard {
                Some(heard) => Some(heard.latest.heard),
                // What nobody streams is not waited for.
                None => self.began.filter(|_| self.watcher.is_streamed(alert.instrument)),
            };
            let reading = Reading::of(&quote, since.and_then(|since| venue.silence(since, now)));
            let mut crossing = kept.crossing(alert);
            let at = match alert.condition {
                // How long nothing was heard is told by the clock.
                Condition::Stale { .. } => None,
                _ => reading.at,
            };
            if crossing.step(holds(&alert.condition, &reading), at) {
                kept.crossings += 1;
                bodies.push(FiredBody {
                    crossing: kept.crossings,
                    name: alert.name.clone(),
                    instrument: alert.instrument,
                    symbol: quote.symbol,
                    condition: alert.condition,
                    sentence: sentence(&alert.condition, &reading, instrument.currency),
                });
            }
            if crossing != self.kept.crossing(alert) {
                kept.put(alert, crossing);
            }
        }
        if kept == self.kept {
            return Ok(Vec::new());
        }
        let book = app.book()?;
        let market = book.store.market().await?;
        let mut fired = Vec::new();
        for body in bodies {
            let json = serde_json::to_value(&body).map_err(|err| crate::AppError::Defect {
                sentence: format!("what fired cannot be written: {err}"),
            })?;
            let number = market.add_fired(now, &json).await?;
            fired.push(body.alert(number, now, false));
        }
        market.put_state(STATE, &kept).await?;
        self.kept = kept;
        Ok(fired)
    }
}

/// Tells whether two states are of two books: each counts its changes from a number of its own.
fn is_other_book(generation: u64, before: u64) -> bool {
    generation >> 32 != before >> 32
}

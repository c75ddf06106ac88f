//! Alerts: what a person wants to be told when it happens.
//!
//! An alert is a document of the book. Whether its condition held when it was last looked at is kept beside the book, with
//! what has fired, so that closing the program loses no crossing and repeats none.

mod condition;
mod watch;

use std::collections::BTreeMap;

use apex_domain::{Decimal, InstrumentId};
use apex_store::{Market, Named};
use apex_wire::Failure;
use apex_wire::alert::{
    Alert, AlertEntry, Alerts, AlertsSeen, Condition, FiredAlert, GetAlerts, RemoveAlert, SaveAlert,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use condition::Crossing;

use crate::App;
use crate::error::{AppError, Result};
use crate::moment::Moment;
use crate::read;

/// As many of what has fired are listed.
const FIRED_MAX: usize = 200;
/// The name under which crossings are kept beside the book.
const STATE: &str = "alerts";
/// The longest silence that can be waited for: a week.
const MINUTES_MAX: u32 = 7 * 24 * 60;

/// What is kept of the alerts. Its field names are a contract.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Kept {
    /// How often alerts have fired, all together.
    crossings: u64,
    /// By the alert's name.
    alerts: BTreeMap<String, KeptAlert>,
}

/// What is kept of one alert; it counts for the same instrument and condition only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct KeptAlert {
    instrument: InstrumentId,
    condition: Condition,
    crossing: Crossing,
}

/// What is kept of one that has fired. Its field names are a contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct FiredBody {
    /// Which of all crossings it was.
    crossing: u64,
    name: String,
    instrument: InstrumentId,
    symbol: String,
    condition: Condition,
    sentence: String,
}

impl FiredBody {
    fn alert(self, number: i64, at: Timestamp, seen: bool) -> FiredAlert {
        FiredAlert {
            number,
            name: self.name,
            instrument: self.instrument,
            symbol: self.symbol,
            at,
            sentence: self.sentence,
            seen,
        }
    }
}

impl Kept {
    /// Reads what is kept. What fired after it was written, by a program that ended in between, is taken from the list.
    async fn read(market: &Market) -> Result<Self> {
        let mut kept: Self = market.state(STATE).await?.unwrap_or_default();
        let mut fired = market.fired(FIRED_MAX).await?;
        fired.reverse();
        for (.., body) in fired {
            let Ok(body) = serde_json::from_value::<FiredBody>(body) else {
                continue;
            };
            if body.crossing > kept.crossings {
                kept.crossings = body.crossing;
                let alert = KeptAlert {
                    instrument: body.instrument,
                    condition: body.condition,
                    crossing: Crossing {
                        holds: true,
                        since: None,
                    },
                };
                kept.alerts.insert(body.name, alert);
            }
        }
        Ok(kept)
    }

    /// Returns whether an alert's condition held when it was last looked at.
    fn crossing(&self, alert: &Alert) -> Crossing {
        let known = self.alerts.get(&alert.name);
        let known = known.filter(|known| known.instrument == alert.instrument && known.condition == alert.condition);
        known.map_or_else(Crossing::default, |known| known.crossing)
    }

    fn put(&mut self, alert: &Alert, crossing: Crossing) {
        let kept = KeptAlert {
            instrument: alert.instrument,
            condition: alert.condition,
            crossing,
        };
        self.alerts.insert(alert.name.clone(), kept);
    }
}

impl App {
    /// Returns the alerts of the book by name, and what has fired.
    ///
    /// # Errors
    /// When no book is open, or it cannot be read.
    pub async fn get_alerts(&self, _ask: GetAlerts) -> Result<Alerts, Failure> {
        Ok(self.alerts().await?)
    }

    async fn alerts(&self) -> Result<Alerts> {
        let book = self.book()?;
        let state = book.state();
        let saved = book.store.list::<Alert>(Named::Alert).await?;
        let market = book.store.market().await?;
        let kept = Kept::read(market).await?;
        let entry = |(alert, version): (Alert, u64)| {
            let instrument = state.instruments.get(alert.instrument);
            AlertEntry {
                version,
                symbol: state.symbol(alert.instrument, self.wall_day()),
                words: match instrument {
                    Some(instrument) => condition::words(&alert.condition, instrument.currency),
                    None => "its instrument is not in the book any more".to_owned(),
                },
                holds: kept.crossing(&alert).holds,
                alert,
            }
        };
        let alerts = saved.into_values().map(|saved| entry((saved.value, saved.version)));
        let fired = market.fired(FIRED_MAX).await?.into_iter();
        let fired: Vec<FiredAlert> = fired
            .filter_map(|(number, at, seen, body)| {
                let body: FiredBody = serde_json::from_value(body).ok()?;
                Some(body.alert(number, at, seen))
            })
            .collect();
        Ok(Alerts {
            alerts: alerts.collect(),
            unseen: fired.iter().filter(|fired| !fired.seen).count(),
            fired,
        })
    }

    /// Keeps an alert in the book and returns its version.
    ///
    /// # Errors
    /// When it has no name, its instrument is not in the book, its threshold is out of range, or it was changed since
    /// `base_version`.
    pub async fn save_alert(&self, ask: SaveAlert, moment: &Moment) -> Result<u64, Failure> {
        let name = read::name(&ask.alert.name, "an alert")?;
        check(&ask.alert.condition)?;
        let state = self.fresh_state().await?;
        state.instrument(ask.alert.instrument)?;
        let alert = Alert {
            name: name.to_owned(),
            ..ask.alert
        };
        let _writing = self.writer.lock().await;
        let store = &self.book()?.store;
        let version = store.put(Named::Alert, &alert.name, &alert, ask.base_version, moment.now);
        let version = version.await.map_err(AppError::from)?;
        self.live.alerts_changed();
        Ok(version)
    }

    /// Removes an alert of the book; what has fired stays listed.
    ///
    /// # Errors
    /// When there is none of that name, or it was changed since `base_version`.
    pub async fn remove_alert(&self, ask: RemoveAlert, moment: &Moment) -> Result<(), Failure> {
        let _writing = self.writer.lock().await;
        let store = &self.book()?.store;
        let known = store.list::<Alert>(Named::Alert).await.map_err(AppError::from)?;
        if !known.contains_key(&ask.name) {
            return Err(AppError::not_found("alert", &ask.name).into());
        }
        let removed = store.remove(Named::Alert, &ask.name, ask.base_version, moment.now);
        removed.await.map_err(AppError::from)?;
        self.live.alerts_changed();
        Ok(())
    }

    /// Marks all that has fired as seen.
    ///
    /// # Errors
    /// When no book is open, or it cannot be written.
    pub async fn alerts_seen(&self, _ask: AlertsSeen) -> Result<(), Failure> {
        let book = self.book()?;
        let market = book.store.market().await.map_err(AppError::from)?;
        market.mark_fired_seen().await.map_err(AppError::from)?;
        Ok(())
    }
}

/// Refuses thresholds that nothing reaches or everything does.
fn check(condition: &Condition) -> Result<()> {
    let (field, threshold) = match condition {
        Condition::PriceAbove { price } | Condition::PriceBelow { price } => ("price", *price),
        Condition::Change { percent } => ("percent", *percent),
        Condition::Volume { shares } => ("shares", *shares),
        Condition::Stale { minutes } => {
            if (1..=MINUTES_MAX).contains(minutes) {
                return Ok(());
            }
            let sentence = format!("{minutes} minutes must lie between 1 and {MINUTES_MAX}");
            return Err(AppError::field("minutes", sentence));
        }
    };
    if threshold > Decimal::ZERO {
        return Ok(());
    }
    // A fall is a change below zero.
    if field == "percent" {
        return match threshold.is_zero() {
            true => Err(AppError::field(
                field,
                "0 percent is no change; write 5 for both ways, -5 for a fall",
            )),
            false => Ok(()),
        };
    }
    Err(AppError::field(field, format!("{threshold} is not above zero")))
}

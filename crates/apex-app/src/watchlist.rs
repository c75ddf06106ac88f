//! Watchlists: instruments somebody wants to see together, kept in the book under names.

mod listing;

use std::collections::BTreeSet;

use apex_domain::InstrumentId;
use apex_store::Named;
use apex_wire::Failure;
use apex_wire::quotes::{GetWatchlists, RemoveWatchlist, SaveWatchlist, WatchSymbol, Watchlist, WatchlistEntry};
use apex_wire::setup::SaveInstrument;

use crate::App;
use crate::error::{AppError, Result};
use crate::moment::Moment;
use crate::read;

/// As many instruments as a watchlist may have.
const INSTRUMENTS_MAX: usize = 5_000;

impl App {
    /// Returns the watchlists of the book by name.
    ///
    /// # Errors
    /// When no book is open, or it cannot be read.
    pub async fn get_watchlists(&self, _ask: GetWatchlists) -> Result<Vec<WatchlistEntry>, Failure> {
        let saved = self.book()?.store.list::<Watchlist>(Named::Watchlist).await;
        let saved = saved.map_err(AppError::from)?;
        let entries = saved.into_values().map(|saved| WatchlistEntry {
            watchlist: saved.value,
            version: saved.version,
        });
        Ok(entries.collect())
    }

    /// Keeps a watchlist in the book and returns its version.
    ///
    /// # Errors
    /// When it has no name, an instrument twice or one that is not in the book, or was changed since `base_version`.
    pub async fn save_watchlist(&self, ask: SaveWatchlist, moment: &Moment) -> Result<u64, Failure> {
        let state = self.fresh_state().await?;
        let name = read::name(&ask.watchlist.name, "a watchlist")?;
        let instruments = ask.watchlist.instruments;
        if instruments.len() > INSTRUMENTS_MAX {
            let count = instruments.len();
            return Err(AppError::field(
                "instruments",
                format!("{count} instruments are too many; a watchlist has {INSTRUMENTS_MAX} at most"),
            )
            .into());
        }
        let mut seen = BTreeSet::new();
        for id in &instruments {
            let instrument = state.instrument(*id)?;
            if !seen.insert(*id) {
                return Err(
                    AppError::field("instruments", format!("{} is on the list twice", instrument.symbol())).into(),
                );
            }
        }
        let watchlist = Watchlist {
            name: name.to_owned(),
            instruments,
        };
        let _writing = self.writer.lock().await;
        let store = &self.book()?.store;
        let version = store.put(Named::Watchlist, name, &watchlist, ask.base_version, moment.now);
        Ok(version.await.map_err(AppError::from)?)
    }

    /// Removes a watchlist; its versions stay in the history, and its instruments in the book.
    ///
    /// # Errors
    /// When there is none of that name, or it was changed since `base_version`.
    pub async fn remove_watchlist(&self, ask: RemoveWatchlist, moment: &Moment) -> Result<(), Failure> {
        let known = self.get_watchlists(GetWatchlists {}).await?;
        if !known.iter().any(|entry| entry.watchlist.name == ask.name) {
            return Err(AppError::not_found("watchlist", &ask.name).into());
        }
        let _writing = self.writer.lock().await;
        let store = &self.book()?.store;
        let removed = store.remove(Named::Watchlist, &ask.name, ask.base_version, moment.now);
        removed.await.map_err(AppError::from)?;
        Ok(())
    }

    /// Puts a symbol on a watchlist, and returns its instrument: the book's, or a new one in the currency given or told by a
    /// provider. A list that is not there is made; a symbol that is on it already stays where it is.
    ///
    /// # Errors
    /// When the name or symbol is empty, or the book does not know the symbol and no currency is given and no provider knows
    /// it: the sentence says what to do.
    pub async fn watch_symbol(&self, ask: WatchSymbol, moment: &Moment) -> Result<InstrumentId, Failure> {
        let name = read::name(&ask.watchlist, "a watchlist")?.to_owned();
        let symbol = read::required("symbol", &ask.symbol, "a symbol")?.to_owned();
        let known = self.get_watchlists(GetWatchlists {}).await?;
        let known = known.into_iter().find(|entry| entry.watchlist.name == name);
        let state = self.fresh_state().await?;
        let id = match state.instruments.named(&symbol) {
            Some(instrument) => instrument.id,
            None => {
                let draft = match ask.currency {
                    Some(currency) => listing::plain(&symbol, currency),
                    None => self.listed(&symbol).await?,
                };
                let save = SaveInstrument {
                    id: None,
                    draft,
                    symbol_from: String::new(),
                };
                self.save_instrument(save, moment).await?.id
            }
        };
        let (mut watchlist, base_version) = match known {
            Some(entry) => (entry.watchlist, entry.version),
            None => (
                Watchlist {
                    name,
                    instruments: Vec::new(),
                },
                0,
            ),
        };
        if !watchlist.instruments.contains(&id) {
            watchlist.instruments.push(id);
            let save = SaveWatchlist {
                watchlist,
                base_version,
            };
            self.save_watchlist(save, moment).await?;
        }
        Ok(id)
    }
}

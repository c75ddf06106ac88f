//! Where market data comes from: the sources of a book, their keys and budgets, and the one client that asks them.
//!
//! What the providers said is kept in `market.db`, what is trusted goes to the ledger. A key goes in and never comes out
//! again: it is kept by the system's keyring where that opens the book, and else in the book's own encrypted file.

mod budgets;
mod candles;
mod export;
mod fetch;
mod freshness;
mod keys;
pub(crate) mod minutes;
mod quarantine;
pub(crate) mod session;
mod settings;
mod shell;
mod status;
mod tried;
mod trust;
mod wanted;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use apex_domain::{Date, InstrumentId, Timestamp};
use apex_market_data::alpha_vantage::ask::{AlphaVantage, Plan as AlphaVantagePlan};
use apex_market_data::budget::Caps;
use apex_market_data::client::{self, BudgetState, Client};
use apex_market_data::files::Files;
use apex_market_data::polygon::ask::Polygon;
use apex_market_data::redact::ApiKey;
use apex_market_data::request::Adapter;
use apex_market_data::yahoo::ask::Yahoo;
use apex_market_data::{Url, record};
use apex_wire::Failure;
use apex_wire::feeds::{
    BudgetLine, GetSources, Plan, Provider, SaveFeedSymbol, SaveKey, SaveSource, Source, SourceSettings,
};

pub(crate) use settings::Symbols;
pub(crate) use trust::subject;
pub(crate) use wanted::is_listed;

use crate::App;
use crate::app::OpenedBook;
use crate::error::{AppError, Result};
use crate::feeds::shell::FeedShell;

/// What an open book keeps about its sources while it is open.
#[derive(Default)]
pub(crate) struct Feeds {
    /// The client of the settings as they are.
    client: Mutex<Option<Arc<Client>>>,
    /// How often settings, keys or symbols were changed.
    changes: AtomicU64,
    /// Which minutes were asked for.
    minutes: minutes::Asked,
}

impl std::fmt::Debug for Feeds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feeds").finish_non_exhaustive()
    }
}

impl Feeds {
    /// Returns how often settings, keys or symbols were changed, so that streams follow.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// Forgets the client: settings or keys have changed.
    fn forget(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
        self.minutes.forget();
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// A source that streams: where, and by which key.
#[derive(Debug, Clone)]
pub(crate) struct StreamSettings {
    /// Whose stream.
    pub(crate) provider: record::Provider,
    /// Where it is.
    pub(crate) address: Url,
    /// The key; none where none is needed.
    pub(crate) key: Option<ApiKey>,
}

impl App {
    /// Returns where market data comes from, in the order in which the sources are asked.
    ///
    /// # Errors
    /// When no book is open or its settings cannot be read.
    pub async fn get_sources(&self, _ask: GetSources) -> Result<Vec<Source>, Failure> {
        Ok(self.sources().await?)
    }

    /// Changes how a provider is asked, and its place in the order.
    ///
    /// # Errors
    /// When an address cannot be one; the failure names the field.
    pub async fn save_source(&self, ask: SaveSource) -> Result<Vec<Source>, Failure> {
        let book = self.book()?;
        settings::check(&ask.settings)?;
        let settings = settings::whole(ask.settings)?;
        let market = book.store.market().await.map_err(AppError::from)?;
        let mut all = settings::load(market).await?;
        all.retain(|known| known.provider != settings.provider);
        all.insert(ask.place.min(all.len()), settings);
        settings::save(market, &all).await?;
        book.feeds.forget();
        Ok(self.sources().await?)
    }

    /// Keeps the key of a provider, or forgets it.
    ///
    /// # Errors
    /// When the key cannot be one, or the keyring refuses it.
    pub async fn save_key(&self, ask: SaveKey) -> Result<Vec<Source>, Failure> {
        let book = self.book()?;
        match ask.key.as_deref().map(str::trim) {
            None => keys::forget(self, &book, ask.provider).await?,
            Some(text) => keys::keep(self, &book, ask.provider, text).await?,
        }
        book.feeds.forget();
        Ok(self.sources().await?)
    }

    /// Says what a provider calls an instrument, where that is not its symbol.
    ///
    /// # Errors
    /// When there is no such instrument, or the symbol cannot be one.
    pub async fn save_feed_symbol(&self, ask: SaveFeedSymbol) -> Result<(), Failure> {
        let book = self.book()?;
        book.state().instrument(ask.instrument)?;
        let market = book.store.market().await.map_err(AppError::from)?;
        let mut symbols = settings::symbols(market).await?;
        symbols.set(ask.instrument, ask.provider, settings::symbol(&ask.symbol)?);
        settings::save_symbols(market, &symbols).await?;
        book.feeds.forget();
        Ok(())
    }

    /// Returns the sources that are switched on and stream, in the order of trust.
    pub(crate) async fn stream_settings(&self) -> Result<Vec<StreamSettings>> {
        let book = self.book()?;
        let mut streams = Vec::new();
        for one in settings::load(book.store.market().await?).await? {
            let Some(usual) = settings::usual_stream(one.provider).filter(|_| one.enabled && one.streams) else {
                continue;
            };
            let key = keys::key(self, &book, one.provider).await?;
            if key.is_none() && settings::needs_key(one.provider) {
                continue;
            }
            streams.push(StreamSettings {
                provider: provider_of(one.provider),
                address: settings::address("stream_address", &one.stream_address, usual)?,
                key,
            });
        }
        Ok(streams)
    }

    /// Returns what the providers call the instruments.
    pub(crate) async fn feed_symbols(&self) -> Result<settings::Symbols> {
        settings::symbols(self.book()?.store.market().await?).await
    }

    /// Returns the one client for the sources that are switched on; all callers share its budgets.
    pub(crate) async fn client(&self) -> Result<Arc<Client>> {
        let book = self.book()?;
        let kept = book.feeds.client.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(client) = kept {
            return Ok(client);
        }
        let mut asked = Vec::new();
        for one in settings::load(book.store.market().await?).await? {
            if one.enabled {
                let key = keys::key(self, &book, one.provider).await?;
                asked.push((one, key));
            }
        }
        let client = Arc::new(self.client_of(&book, &asked)?);
        *book.feeds.client.lock().unwrap_or_else(PoisonError::into_inner) = Some(client.clone());
        Ok(client)
    }

    /// Makes a client for some sources; those that need a key and have none are left out.
    fn client_of(&self, book: &Arc<OpenedBook>, asked: &[(SourceSettings, Option<ApiKey>)]) -> Result<Client> {
        let shell = Arc::new(FeedShell::new(self.clock(), self.folder(), book));
        let mut sources = Vec::new();
        for (settings, key) in asked {
            if let Some(adapter) = adapter(settings, key.clone())? {
                sources.push(client::Source {
                    adapter,
                    caps: caps(settings),
                });
            }
        }
        Ok(Client::new(sources, client::Settings::default(), shell))
    }

    async fn sources(&self) -> Result<Vec<Source>> {
        let book = self.book()?;
        let market = book.store.market().await?;
        let status = status::load(market).await?;
        let mut sources = Vec::new();
        for settings in settings::load(market).await? {
            let provider = settings.provider;
            let key = keys::key(self, &book, provider).await?;
            let place = match &key {
                Some(_) => Some(keys::place(&book)?.to_owned()),
                None => None,
            };
            let (usual_address, usual_stream) = (
                settings::usual_address(provider).to_owned(),
                settings::usual_stream(provider).unwrap_or_default().to_owned(),
            );
            // Of a provider that cannot be asked yet there is nothing to tell.
            let budget = match self.client_of(&book, &[(settings.clone(), key)]) {
                Ok(client) => client.budgets().await.into_iter().next().transpose(),
                Err(_) => Ok(None),
            };
            let (budget, budget_fault) = match budget {
                Ok(budget) => (budget, None),
                Err(fault) => (None, Some(fault.to_string())),
            };
            let seen = status.get(&provider).cloned().unwrap_or_default();
            sources.push(Source {
                needs_key: settings::needs_key(provider),
                usual_address,
                usual_stream,
                key_place: place,
                next_request: budget
                    .as_ref()
                    .map(|budget| budget.next)
                    .filter(|next| *next > self.now()),
                resting: budget.as_ref().is_some_and(|budget| budget.is_open),
                budget: budget.as_ref().map(lines).unwrap_or_default(),
                budget_fault,
                last_answer: seen.answered,
                last_error: seen.error,
                stream: self.live.state_of(provider),
                settings,
            });
        }
        Ok(sources)
    }

    /// Returns the instrument that has a symbol now, or had it last.
    ///
    /// # Errors
    /// When no book is open, or no instrument has it.
    pub fn instrument_named(&self, symbol: &str) -> Result<InstrumentId> {
        let state = self.state()?;
        let found = state.instruments.named(symbol);
        found
            .map(|one| one.id)
            .ok_or_else(|| AppError::not_found("instrument", symbol))
    }

    /// Returns the instant by the shell's clock.
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock())()
    }
}

/// Refuses a first day on which nothing can have happened yet.
fn not_ahead(from: Option<Date>, today: Date) -> Result<()> {
    match from.filter(|from| *from > today) {
        Some(from) => Err(AppError::field("from", format!("{from} lies ahead; today is {today}"))),
        None => Ok(()),
    }
}

fn lines(budget: &BudgetState) -> Vec<BudgetLine> {
    let lines = budget.left.iter().map(|left| BudgetLine {
        cap: left.cap.name().to_owned(),
        left: left.requests,
        of: left.of,
    });
    lines.collect()
}

fn adapter(settings: &SourceSettings, key: Option<ApiKey>) -> Result<Option<Box<dyn Adapter>>> {
    if let Provider::Files = settings.provider {
        let folder = settings.address.trim();
        return Ok((!folder.is_empty()).then(|| Box::new(Files::new(PathBuf::from(folder))) as Box<dyn Adapter>));
    }
    let usual = settings::usual_address(settings.provider);
    let address = settings::address("address", &settings.address, usual)?;
    Ok(match (settings.provider, key) {
        (Provider::Polygon, Some(key)) => Some(Box::new(Polygon::new(address, key))),
        (Provider::AlphaVantage, Some(key)) => {
            let plan = match settings.plan {
                Plan::Free => AlphaVantagePlan::Free,
                Plan::Paid => AlphaVantagePlan::Premium,
            };
            Some(Box::new(AlphaVantage::new(address, key, plan)))
        }
        (Provider::Yahoo, _) => {
            // Cookies come from a host of their own, unless somebody stands in for all of Yahoo.
            let cookies = if settings.address.trim().is_empty() {
                settings::address("address", "", Yahoo::COOKIE_HOST)?
            } else {
                address.clone()
            };
            Some(Box::new(Yahoo::new(address, cookies)))
        }
        (Provider::Polygon | Provider::AlphaVantage | Provider::Files, _) => None,
    })
}

fn caps(settings: &SourceSettings) -> Option<Caps> {
    match (settings.provider, settings.plan) {
        (Provider::Polygon, Plan::Paid) => Some(Caps::polygon_paid()),
        (Provider::AlphaVantage, Plan::Paid) => Some(Caps::alpha_vantage_paid()),
        (provider, _) => Caps::free(provider_of(provider)),
    }
}

/// Returns the provider as market data names it.
pub(crate) fn provider_of(provider: Provider) -> record::Provider {
    match provider {
        Provider::Polygon => record::Provider::Polygon,
        Provider::AlphaVantage => record::Provider::AlphaVantage,
        Provider::Yahoo => record::Provider::Yahoo,
        Provider::Files => record::Provider::Files,
    }
}

/// Returns the provider as pages name it.
pub(crate) fn named(provider: record::Provider) -> Provider {
    match provider {
        record::Provider::Polygon => Provider::Polygon,
        record::Provider::AlphaVantage => Provider::AlphaVantage,
        record::Provider::Yahoo => Provider::Yahoo,
        record::Provider::Files => Provider::Files,
    }
}

/// Returns the name under which what a provider says is kept, in the ledger and beside it.
pub(crate) fn source_of(provider: Provider) -> String {
    provider.name().to_owned()
}

/// Returns what a provider calls an instrument.
pub(crate) fn symbol_at(
    symbols: &settings::Symbols,
    instrument: InstrumentId,
    own: &str,
    provider: record::Provider,
) -> String {
    symbols.get(instrument, named(provider)).unwrap_or(own).to_owned()
}

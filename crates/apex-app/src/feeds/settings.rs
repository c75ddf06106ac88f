//! How the sources are asked: documents of this machine, kept in `market.db`.

use std::collections::BTreeMap;
use std::path::Path;

use apex_domain::InstrumentId;
use apex_market_data::Url;
use apex_market_data::alpha_vantage::ask::AlphaVantage;
use apex_market_data::polygon::ask::Polygon;
use apex_market_data::yahoo::ask::Yahoo;
use apex_store::Market;
use apex_wire::feeds::{Plan, Provider, SourceSettings, SourceTried};
use serde::{Deserialize, Serialize};

use crate::error::{AppError, Result};

/// The names of the documents.
const SOURCES: &str = "sources";
const SYMBOLS: &str = "symbols";

/// What providers call instruments, where that is not the instrument's own symbol.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Symbols(BTreeMap<InstrumentId, BTreeMap<String, String>>);

impl Symbols {
    /// Returns a provider's name of an instrument, where it has one of its own.
    pub(crate) fn get(&self, instrument: InstrumentId, provider: Provider) -> Option<&str> {
        let known = self.0.get(&instrument)?.get(provider.name())?;
        Some(known.as_str())
    }

    /// Returns the names of an instrument that differ from its own, by provider.
    pub(super) fn of(&self, instrument: InstrumentId) -> Vec<(Provider, String)> {
        let known = self.0.get(&instrument).into_iter().flatten();
        known
            .filter_map(|(provider, symbol)| Some((Provider::of(provider)?, symbol.clone())))
            .collect()
    }

    /// Returns whether some provider has a name of its own for it.
    pub(super) fn knows(&self, instrument: InstrumentId) -> bool {
        self.0.contains_key(&instrument)
    }

    /// Sets it; an empty one takes it away.
    pub(super) fn set(&mut self, instrument: InstrumentId, provider: Provider, symbol: &str) {
        let known = self.0.entry(instrument).or_default();
        if symbol.is_empty() {
            known.remove(provider.name());
        } else {
            known.insert(provider.name().to_owned(), symbol.to_owned());
        }
        if known.is_empty() {
            self.0.remove(&instrument);
        }
    }
}

/// Returns all sources in their order; those never set up come last and are off.
pub(super) async fn load(market: &Market) -> Result<Vec<SourceSettings>> {
    let mut known: Vec<SourceSettings> = market.state(SOURCES).await?.unwrap_or_default();
    for (provider, ..) in Provider::ALL {
        if known.iter().all(|one| one.provider != provider) {
            known.push(SourceSettings {
                provider,
                enabled: false,
                address: String::new(),
                stream_address: String::new(),
                streams: false,
                plan: Plan::Free,
            });
        }
    }
    Ok(known)
}

pub(super) async fn save(market: &Market, all: &[SourceSettings]) -> Result<()> {
    Ok(market.put_state(SOURCES, &all).await?)
}

pub(super) async fn symbols(market: &Market) -> Result<Symbols> {
    Ok(market.state(SYMBOLS).await?.unwrap_or_default())
}

pub(super) async fn save_symbols(market: &Market, symbols: &Symbols) -> Result<()> {
    Ok(market.put_state(SYMBOLS, symbols).await?)
}

/// Returns whether a provider answers nobody without a key.
pub(super) fn needs_key(provider: Provider) -> bool {
    matches!(provider, Provider::Polygon | Provider::AlphaVantage)
}

/// Returns where a provider is asked as a rule; empty for files.
pub(super) fn usual_address(provider: Provider) -> &'static str {
    match provider {
        Provider::Polygon => Polygon::HOST,
        Provider::AlphaVantage => AlphaVantage::HOST,
        Provider::Yahoo => Yahoo::HOST,
        Provider::Files => "",
    }
}

/// Returns where a provider streams as a rule, where it does: what everybody may hear, fifteen minutes late at Polygon.
pub(super) fn usual_stream(provider: Provider) -> Option<&'static str> {
    match provider {
        Provider::Polygon => Some("wss://delayed.massive.com/stocks"),
        Provider::Yahoo => Some("wss://streamer.finance.yahoo.com/?version=2"),
        Provider::AlphaVantage | Provider::Files => None,
    }
}

/// Refuses addresses that cannot be asked, so that a slip shows when it is typed and not when it is used.
pub(super) fn check(settings: &SourceSettings) -> Result<()> {
    let provider = settings.provider;
    if let Provider::Files = provider {
        let folder = settings.address.trim();
        return match Path::new(folder) {
            _ if folder.is_empty() && !settings.enabled => Ok(()),
            path if path.is_dir() => Ok(()),
            _ if folder.is_empty() => Err(AppError::field("address", "the folder of the files is missing")),
            _ => Err(AppError::field("address", format!("there is no folder {folder}"))),
        };
    }
    address("address", &settings.address, usual_address(provider))?;
    if !settings.stream_address.trim().is_empty() || settings.streams {
        let Some(usual) = usual_stream(provider) else {
            return Err(AppError::field(
                "streams",
                format!("{} has no stream", provider.words()),
            ));
        };
        address("stream_address", &settings.stream_address, usual)?;
    }
    Ok(())
}

/// Reads an address, the usual one where it is empty. Only a machine's own addresses may do without TLS.
pub(super) fn address(field: &'static str, text: &str, usual: &str) -> Result<Url> {
    let text = match text.trim() {
        "" => usual,
        text => text,
    };
    let refused = |reason: &str| AppError::field(field, format!("{text} is no address to ask: {reason}"));
    let url: Url = text
        .parse()
        .map_err(|_| refused("it should read like https://example.com"))?;
    let schemes = if field == "address" {
        ["https", "http"]
    } else {
        ["wss", "ws"]
    };
    if !schemes.contains(&url.scheme()) {
        return Err(refused(&format!("it should begin with {}://", schemes[0])));
    }
    if !apex_market_data::client::is_private(&url) {
        return Err(refused("without TLS, a key could be read on its way"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("it holds a name or password; a key has its own place"));
    }
    Ok(url)
}

/// Looks at a folder of files.
pub(super) fn folder(settings: &SourceSettings) -> SourceTried {
    let folder = settings.address.trim();
    let is_data = |path: &Path| {
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        ending.is_some_and(|ending| ending == "csv" || ending == "parquet")
    };
    match std::fs::read_dir(folder) {
        Ok(entries) => {
            let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
            let count = files.filter(|path| is_data(path)).count();
            SourceTried {
                ok: count > 0,
                sentence: format!("{folder} has {count} files that end in .csv or .parquet"),
            }
        }
        Err(err) => SourceTried {
            ok: false,
            sentence: format!("{folder} cannot be read: {err}"),
        },
    }
}

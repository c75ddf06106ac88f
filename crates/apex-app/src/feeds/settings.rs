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
    let streams = settings.streams || !settings.stream_address.trim().is_empty();
    if streams && usual_stream(provider).is_none() {
        let sentence = format!("{} has no stream; leave live prices off", provider.words());
        return Err(AppError::field("streams", sentence));
    }
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
    if let Some(usual) = usual_stream(provider).filter(|_| streams) {
        address("stream_address", &settings.stream_address, usual)?;
    }
    Ok(())
}

/// The right place for a key that stands in an address.
const KEY_PLACE: &str = "a key has a place of its own, the field for it or `apex data providers key`";

/// Reads an address, the usual one where it is empty. Only a machine's own addresses may do without TLS. A refusal shows
/// nothing of it that may be secret.
pub(super) fn address(field: &'static str, text: &str, usual: &str) -> Result<Url> {
    let text = match text.trim() {
        "" => usual,
        text => text,
    };
    let refused = |reason: &str| AppError::field(field, format!("{} is no address to ask: {reason}", redacted(text)));
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
        return Err(refused(&format!("it holds a name or password; {KEY_PLACE}")));
    }
    // A stream may need what its usual address has, such as a version.
    let usual: Option<Url> = usual.parse().ok();
    let is_usual = |name: &str| usual.iter().flat_map(Url::query_pairs).any(|(known, _)| known == name);
    let is_query = url.query().is_some() && (field == "address" || !url.query_pairs().all(|(name, _)| is_usual(&name)));
    if is_query || url.fragment().is_some() {
        return Err(refused(&format!("it ends before any ? or #; {KEY_PLACE}")));
    }
    Ok(url)
}

/// Returns an address without what may be secret in it, however badly it is written: a name and password, a query, a
/// fragment.
fn redacted(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let (name, host) = rest.rsplit_once('@').map_or(("", rest), |(_, host)| ("...@", host));
    let (host, secret) = host.split_at(host.find(['?', '#']).unwrap_or(host.len()));
    let colon = if scheme.is_empty() { "" } else { "://" };
    let ending = match secret.chars().next() {
        Some(mark) => format!("{mark}..."),
        None => String::new(),
    };
    format!("{scheme}{colon}{name}{host}{ending}")
}

/// The longest symbol a provider may have.
const SYMBOL_CHARACTERS_MAX: usize = 64;

/// Reads what a provider calls an instrument; empty for the instrument's own symbol. It becomes part of an address, or the
/// name of a file.
pub(super) fn symbol(text: &str) -> Result<&str> {
    let text = text.trim();
    let refused = |reason: &str| Err(AppError::field("symbol", format!("`{text}` is no symbol: {reason}")));
    if text.chars().count() > SYMBOL_CHARACTERS_MAX {
        return refused(&format!("it has more than {SYMBOL_CHARACTERS_MAX} characters"));
    }
    let is_plain = |sign: char| sign.is_alphanumeric() || " .-^=:_&+!$*@".contains(sign);
    if let Some(sign) = text.chars().find(|sign| !is_plain(*sign)) {
        return refused(&format!("a symbol has no {}", sign.escape_default()));
    }
    if text.starts_with('.') || text.contains("..") {
        return refused("a symbol neither begins with a dot nor has two in a row");
    }
    Ok(text)
}

/// Makes the folder of files one that is found from everywhere.
pub(super) fn whole(mut settings: SourceSettings) -> Result<SourceSettings> {
    let folder = settings.address.trim();
    if settings.provider == Provider::Files && !folder.is_empty() {
        let path = std::path::absolute(folder);
        let path = path.map_err(|err| AppError::field("address", format!("{folder} is no folder: {err}")))?;
        settings.address = path.display().to_string();
    }
    Ok(settings)
}

/// Looks at a folder of files.
pub(super) fn folder(settings: &SourceSettings) -> SourceTried {
    let folder = settings.address.trim();
    if folder.is_empty() {
        return SourceTried {
            ok: false,
            sentence: "the folder of the files is missing".to_owned(),
        };
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(field: &'static str, text: &str) -> String {
        let usual = usual_stream(Provider::Yahoo).filter(|_| field == "stream_address");
        let read = address(field, text, usual.unwrap_or("https://api.example.com"));
        read.map_or_else(|err| err.to_string(), |url| url.to_string())
    }

    #[test]
    fn an_address_holds_no_key_and_no_refusal_shows_one() {
        for (field, text, shown) in [
            (
                "address",
                "https://api.example.com/?apikey=S3CRETKEY",
                "https://api.example.com/?...",
            ),
            (
                "address",
                "https://api.example.com/v1?apiKey=S3CRETKEY#x",
                "https://api.example.com/v1?...",
            ),
            (
                "address",
                "https://api.example.com/?version=S3CRETKEY",
                "https://api.example.com/?...",
            ),
            (
                "address",
                "https://api.example.com/#S3CRETKEY",
                "https://api.example.com/#...",
            ),
            (
                "address",
                "https://ann:S3CRETKEY@api.example.com/",
                "https://...@api.example.com/",
            ),
            (
                "address",
                "https://S3CRETKEY@api.example.com/",
                "https://...@api.example.com/",
            ),
            (
                "stream_address",
                "wss://live.example.com/?token=S3CRETKEY",
                "wss://live.example.com/?...",
            ),
            (
                "stream_address",
                "wss://live.example.com/?version=2&key=S3CRETKEY",
                "wss://live.example.com/?...",
            ),
        ] {
            let sentence = sentence(field, text);
            assert!(
                sentence.starts_with(&format!("{shown} is no address to ask: ")),
                "{sentence}"
            );
            assert!(sentence.ends_with("`apex data providers key`"), "{sentence}");
            assert!(
                !sentence.contains("S3CRETKEY") && !sentence.contains("ann"),
                "{sentence}"
            );
        }
        // Whatever else is wrong with it.
        for text in [
            "http://ann:S3CRETKEY@example.com/?apikey=S3CRETKEY",
            "ann:S3CRETKEY@example.com",
            "https://ann:S3/CRET?S3CRETKEY@example.com",
            "https://ann:S3CRETKEY@exa mple.com?k=S3CRETKEY",
            "ftp://ann:S3CRETKEY@example.com",
        ] {
            let sentence = sentence("address", text);
            assert!(sentence.contains("is no address to ask"), "{sentence}");
            assert!(!sentence.contains("S3CRET"), "{sentence}");
        }
        assert_eq!(
            sentence("address", "https://api.example.com/v1"),
            "https://api.example.com/v1"
        );
        let usual = "wss://streamer.finance.yahoo.com/?version=2";
        assert_eq!(sentence("stream_address", ""), usual);
        assert_eq!(
            sentence("stream_address", "wss://mirror.example.com/?version=2"),
            "wss://mirror.example.com/?version=2"
        );
    }

    #[test]
    fn a_symbol_is_no_path() {
        let sentence = |text: &str| symbol(text).map_or_else(|err| err.to_string(), str::to_owned);
        for plain in ["BRK.B", "^GSPC", "EURUSD=X", "C:EURUSD", "M&M.NS", "7203.T", ""] {
            assert_eq!(sentence(plain), plain);
        }
        assert_eq!(
            sentence("../../etc/passwd"),
            "`../../etc/passwd` is no symbol: a symbol has no /"
        );
        assert_eq!(sentence("a\tb"), "`a\tb` is no symbol: a symbol has no \\t");
        let dots = "`..` is no symbol: a symbol neither begins with a dot nor has two in a row";
        assert_eq!(sentence(".."), dots);
        assert!(sentence(&"A".repeat(65)).ends_with("it has more than 64 characters"));
    }

    #[test]
    fn what_has_no_stream_takes_no_live_prices() {
        for provider in [Provider::Files, Provider::AlphaVantage] {
            let settings = SourceSettings {
                provider,
                enabled: false,
                address: String::new(),
                stream_address: String::new(),
                streams: true,
                plan: Plan::Free,
            };
            let sentence = check(&settings).unwrap_err().to_string();
            assert_eq!(
                sentence,
                format!("{} has no stream; leave live prices off", provider.words())
            );
        }
    }
}

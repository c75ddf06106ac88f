//! What a provider knows about a symbol, as the form of a new instrument.

use std::time::Duration;

use apex_domain::Currency;
use apex_market_data::calendar;
use apex_market_data::record::Listing;
use apex_market_data::request::Ask;
use apex_wire::setup::InstrumentDraft;

use crate::App;
use crate::error::{AppError, Result};

/// How long a provider's budget may keep somebody waiting who looks on.
const PATIENCE: Duration = Duration::from_secs(10);

impl App {
    /// Asks the providers what a symbol is.
    pub(super) async fn listed(&self, symbol: &str) -> Result<InstrumentDraft> {
        let unknown = |because: String| {
            AppError::field(
                "currency",
                format!(
                    "the book has no {symbol}, and {because}; name its currency, such as USD, to watch it all the same"
                ),
            )
        };
        let Some(client) = self.lent_client() else {
            return Err(unknown("no provider is set up that could tell its currency".to_owned()));
        };
        let ask = Ask::Listings {
            search: Some(symbol.to_owned()),
        };
        let fetched = client.fetch(|_| Some(ask.clone()), PATIENCE).await;
        let fetched = fetched.map_err(|err| unknown(err.to_string()))?;
        let provider = fetched.provider;
        let exact = |listing: &&Listing| listing.symbol.eq_ignore_ascii_case(symbol);
        let listing = fetched.records.listings.iter().find(exact);
        let listing = listing.ok_or_else(|| unknown(format!("{provider} does not know it either")))?;
        draft(listing).ok_or_else(|| unknown(format!("{provider} does not say in which currency it trades")))
    }
}

/// An instrument of which only symbol and currency are known.
pub(super) fn plain(symbol: &str, currency: Currency) -> InstrumentDraft {
    InstrumentDraft {
        symbol: symbol.to_owned(),
        name: symbol.to_owned(),
        kind: "equity".to_owned(),
        currency: currency.to_string(),
        ..InstrumentDraft::default()
    }
}

/// Returns none where the currency is not known.
fn draft(listing: &Listing) -> Option<InstrumentDraft> {
    let currency = currency(listing.currency.as_deref()?)?;
    let exchange = listing.exchange.as_deref().and_then(calendar::exchange);
    let kind = match listing.kind.as_deref().unwrap_or_default() {
        "ETF" | "ETN" | "ETS" | "ETV" => "etf",
        "MUTUALFUND" | "FUND" => "fund",
        "INDEX" => "index",
        _ => "equity",
    };
    Some(InstrumentDraft {
        name: listing.name.clone().unwrap_or_else(|| listing.symbol.clone()),
        kind: kind.to_owned(),
        exchange: exchange.map_or_else(String::new, |exchange| exchange.mic().to_owned()),
        ..plain(&listing.symbol, currency)
    })
}

/// Returns the currency of a provider's word for the unit of its prices: `usd`, `GBp`.
fn currency(word: &str) -> Option<Currency> {
    let code = match word {
        "GBp" | "GBX" => "GBP",
        "ZAc" => "ZAR",
        "ILA" => "ILS",
        "KWF" => "KWD",
        word => word,
    };
    Currency::parse(&code.to_ascii_uppercase())
        .ok()
        .filter(Currency::is_listed)
}

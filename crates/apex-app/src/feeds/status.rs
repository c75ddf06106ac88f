//! When each provider last answered, and what was last wrong with it: a document of this machine.

use std::collections::BTreeMap;

use apex_domain::Timestamp;
use apex_market_data::ProviderError;
use apex_market_data::client::{FetchError, Fetched};
use apex_store::Market;
use apex_wire::feeds::Provider;
use serde::{Deserialize, Serialize};

use super::named;
use crate::app::OpenedBook;
use crate::error::Result;

const STATUS: &str = "status";

/// How a provider was last seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Seen {
    /// When it last answered.
    pub(super) answered: Option<Timestamp>,
    /// What was wrong since.
    pub(super) error: Option<String>,
}

pub(super) async fn load(market: &Market) -> Result<BTreeMap<Provider, Seen>> {
    Ok(market.state(STATUS).await?.unwrap_or_default())
}

/// Takes note of what came of a question. That a provider does not know a symbol, or has nothing for it, says nothing
/// about the provider.
pub(super) async fn note(book: &OpenedBook, now: Timestamp, fetched: &Result<Fetched, FetchError>) -> Result<()> {
    let market = book.store.market().await?;
    let before = load(market).await?;
    let mut status = before.clone();
    let (answered, failed) = match fetched {
        Ok(fetched) => (Some(fetched.provider), fetched.passed.as_slice()),
        Err(err) => (None, err.tried.as_slice()),
    };
    for err in failed {
        let seen = status.entry(named(err.provider())).or_default();
        match err {
            ProviderError::BadSymbol { .. } | ProviderError::NoData { .. } | ProviderError::NotOffered { .. } => {}
            fault => seen.error = Some(fault.to_string()),
        }
    }
    if let Some(provider) = answered {
        let seen = status.entry(named(provider)).or_default();
        *seen = Seen {
            answered: Some(now),
            error: None,
        };
    }
    if status != before {
        market.put_state(STATUS, &status).await?;
    }
    Ok(())
}

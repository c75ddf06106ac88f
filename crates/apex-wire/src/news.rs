//! News about instruments: plain text and a link, nothing that a page could run.

use apex_domain::InstrumentId;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::call::call;
use crate::feeds::Provider;
use crate::job::JobId;

/// Asks for stored news, latest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetNews {
    /// About these instruments; all news where empty.
    pub instruments: Vec<InstrumentId>,
    /// Published at or after.
    pub since: Option<Timestamp>,
    /// At most so many.
    pub limit: usize,
}
call!(GetNews => Vec<NewsItem>, "get_news");

/// Asks to open the page of a stored item, in the person's own web browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenNews {
    /// Whose item.
    pub provider: Provider,
    /// Its name with the provider.
    pub id: String,
}
call!(OpenNews => (), "open_news");

/// Asks the providers for news and stores them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FetchNews {
    /// The job, so that it can be cancelled.
    pub job: JobId,
    /// About these instruments; of all that are held or watched where empty.
    pub instruments: Vec<InstrumentId>,
}
call!(FetchNews => NewsFetched, "fetch_news");

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewsFetched {
    /// Items that are new.
    pub added: usize,
    /// Items that were there already.
    pub known: usize,
    /// Why some instruments have none, in sentences.
    pub failures: Vec<String>,
}

/// One news item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewsItem {
    /// Its name at the provider.
    pub id: String,
    /// Who delivered it.
    pub provider: Provider,
    /// The headline.
    pub title: String,
    /// What it says, in short.
    pub summary: Option<String>,
    /// Who published it.
    pub source: Option<String>,
    /// Where to read it: an `https` or `http` address.
    pub url: Option<String>,
    /// When it was published.
    pub published: Timestamp,
    /// The symbols it is about.
    pub symbols: Vec<String>,
    /// The provider's judgment, from -1 to 1; for the instrument asked about where there is one.
    pub sentiment: Option<Decimal>,
    /// When it became known here.
    pub known_at: Timestamp,
}

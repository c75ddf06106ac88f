//! News items as their providers give them: plain text and links, not yet sanitized for a page.

use apex_domain::{Decimal, Timestamp};
use serde::{Deserialize, Serialize};

/// One news item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// The provider's id; the link where it gives none.
    pub id: String,
    /// The headline.
    pub title: String,
    /// When it was published.
    pub published: Timestamp,
    /// Who published it.
    pub source: Option<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Where to read it.
    pub url: String,
    /// What it says, in short.
    pub summary: Option<String>,
    /// The provider's symbols it is about; `CRYPTO:BTC` and `FOREX:USD` occur.
    pub symbols: Vec<String>,
    /// The provider's keywords or topics.
    pub keywords: Vec<String>,
    /// What the provider believes it means.
    pub sentiments: Vec<Sentiment>,
}

/// A provider's judgment of a news item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentiment {
    /// For whom; `None` for the item as a whole.
    pub symbol: Option<String>,
    /// The provider's word, such as `positive` or `Somewhat-Bullish`.
    pub label: Option<String>,
    /// From -1 (bad) to 1 (good).
    pub score: Option<Decimal>,
    /// How much the item is about the symbol, from 0 to 1.
    pub relevance: Option<Decimal>,
    /// Why, in the provider's words.
    pub reasoning: Option<String>,
}

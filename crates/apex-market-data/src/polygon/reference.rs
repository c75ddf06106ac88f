//! News, symbols and their changes.

use std::borrow::Cow;

use apex_domain::Timestamp;
use serde::Deserialize;

use super::{Envelope, Field, Page, READ};
use crate::error::ProviderError;
use crate::record::{Listing, News, Records, Sentiment, SymbolChange};

#[derive(Debug, Deserialize)]
struct NewsRow<'a> {
    id: String,
    #[serde(borrow)]
    publisher: Option<Publisher<'a>>,
    title: String,
    author: Option<String>,
    #[serde(borrow)]
    published_utc: Cow<'a, str>,
    article_url: String,
    #[serde(default)]
    tickers: Vec<String>,
    description: Option<String>,
    keywords: Option<Vec<String>>,
    insights: Option<Vec<Insight>>,
}

#[derive(Debug, Deserialize)]
struct Publisher<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
struct Insight {
    ticker: Option<String>,
    sentiment: Option<String>,
    sentiment_reasoning: Option<String>,
}

/// Reads a page of news (`/v2/reference/news`). Its `count` may disagree with its rows; the rows count.
///
/// # Errors
///
/// Refuses an answer that is no JSON or says it failed, and an item without id, title, link or instant.
pub fn news(bytes: &[u8]) -> Result<Page, ProviderError> {
    let envelope = Envelope::read(bytes)?;
    let mut records = Records::default();
    for (number, raw) in envelope.rows()?.into_iter().enumerate() {
        let row: NewsRow<'_> = READ.part(format_args!("results[{number}]"), raw, "a news item")?;
        let field = "published_utc";
        records.news.push(News {
            id: row.id,
            title: row.title,
            published: instant(Field { number, field }, &row.published_utc)?,
            source: row.publisher.and_then(|publisher| publisher.name).map(Cow::into_owned),
            authors: row.author.into_iter().collect(),
            url: row.article_url,
            summary: row.description.filter(|text| !text.is_empty()),
            symbols: row.tickers,
            keywords: row.keywords.unwrap_or_default(),
            sentiments: row
                .insights
                .unwrap_or_default()
                .into_iter()
                .map(Sentiment::from)
                .collect(),
        });
    }
    Ok(envelope.page(records))
}

impl From<Insight> for Sentiment {
    fn from(insight: Insight) -> Self {
        Self {
            symbol: insight.ticker,
            label: insight.sentiment,
            score: None,
            relevance: None,
            reasoning: insight.sentiment_reasoning,
        }
    }
}

fn instant(at: Field, text: &str) -> Result<Timestamp, ProviderError> {
    text.parse()
        .map_err(|_| READ.malformed(at, text, "an instant such as 2026-01-05T14:30:00Z"))
}

#[derive(Debug, Deserialize)]
struct Events<'a> {
    name: Option<String>,
    composite_figi: Option<String>,
    #[serde(borrow, default)]
    events: Vec<Event<'a>>,
}

#[derive(Debug, Deserialize)]
struct Event<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    date: Cow<'a, str>,
    ticker_change: Option<TickerChange>,
}

#[derive(Debug, Deserialize)]
struct TickerChange {
    ticker: String,
}

/// Reads the symbols an instrument has had (`/vX/reference/tickers/…/events`), oldest first.
///
/// # Errors
///
/// Refuses an answer that is no JSON or says it failed, and an event without date.
pub fn ticker_events(bytes: &[u8]) -> Result<Page, ProviderError> {
    let envelope = Envelope::read(bytes)?;
    let mut records = Records::default();
    if let Some(raw) = envelope.results {
        let events: Events<'_> = READ.part("results", raw, "a list of events")?;
        for (number, event) in events.events.iter().enumerate() {
            if event.kind.as_deref().is_some_and(|kind| kind != "ticker_change") {
                continue;
            }
            let Some(change) = &event.ticker_change else { continue };
            records.symbol_changes.push(SymbolChange {
                figi: events.composite_figi.clone(),
                name: events.name.clone(),
                date: READ.date(format_args!("results.events[{number}].date"), &event.date)?,
                symbol: change.ticker.clone(),
            });
        }
        records.symbol_changes.sort_by_key(|change| change.date);
    }
    Ok(envelope.page(records))
}

#[derive(Debug, Deserialize)]
struct TickerRow {
    ticker: String,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    primary_exchange: Option<String>,
    currency_name: Option<String>,
    composite_figi: Option<String>,
    active: Option<bool>,
}

/// Reads a page of symbols (`/v3/reference/tickers`). Case is kept: `BRK.A` and `BCpA` are symbols.
///
/// # Errors
///
/// Refuses an answer that is no JSON or says it failed, and a row without symbol.
pub fn reference_tickers(bytes: &[u8]) -> Result<Page, ProviderError> {
    let envelope = Envelope::read(bytes)?;
    let mut records = Records::default();
    for (number, raw) in envelope.rows()?.into_iter().enumerate() {
        let row: TickerRow = READ.part(format_args!("results[{number}]"), raw, "a symbol")?;
        records.listings.push(Listing {
            symbol: row.ticker,
            name: row.name,
            kind: row.kind,
            exchange: row.primary_exchange,
            currency: row.currency_name,
            figi: row.composite_figi,
            active: row.active,
            ..Listing::default()
        });
    }
    Ok(envelope.page(records))
}

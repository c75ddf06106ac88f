//! News with sentiment (`NEWS_SENTIMENT`). Numbers come as numbers in one place and as texts in the next.

use std::borrow::Cow;

use apex_domain::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{READ, answer};
use crate::error::ProviderError;
use crate::json::Raw;
use crate::record::{News, Records, Sentiment};

#[derive(Debug, Deserialize)]
struct Item<'a> {
    title: String,
    url: String,
    #[serde(borrow)]
    time_published: Cow<'a, str>,
    #[serde(default)]
    authors: Vec<String>,
    summary: Option<String>,
    source: Option<String>,
    #[serde(default)]
    topics: Vec<Topic>,
    #[serde(borrow)]
    overall_sentiment_score: Raw<'a>,
    overall_sentiment_label: Option<String>,
    #[serde(borrow, default)]
    ticker_sentiment: Vec<TickerSentiment<'a>>,
}

#[derive(Debug, Deserialize)]
struct Topic {
    topic: String,
}

#[derive(Debug, Deserialize)]
struct TickerSentiment<'a> {
    ticker: String,
    #[serde(borrow)]
    relevance_score: Raw<'a>,
    #[serde(borrow)]
    ticker_sentiment_score: Raw<'a>,
    ticker_sentiment_label: Option<String>,
}

/// Reads news. An answer without `feed` and with `items` of 0 has none.
///
/// # Errors
///
/// Refuses the failures that come with HTTP 200 by their kind, and an item without title, link or time.
pub fn news(bytes: &[u8]) -> Result<Records, ProviderError> {
    let parts = answer(bytes, "news")?;
    let mut records = Records::default();
    let Some(feed) = parts.get("feed") else {
        let items = READ.maybe_whole("items", parts.get("items").copied())?;
        return match items {
            Some(0) => Ok(records),
            _ => Err(READ.malformed("feed", "nothing", "a list of news")),
        };
    };
    let rows: Vec<&RawValue> = READ.part("feed", feed, "a list of news")?;
    for (number, raw) in rows.into_iter().enumerate() {
        let item: Item<'_> = READ.part(format_args!("feed[{number}]"), raw, "a news item")?;
        let mut sentiments = Vec::with_capacity(item.ticker_sentiment.len() + 1);
        sentiments.push(Sentiment {
            symbol: None,
            label: item.overall_sentiment_label,
            score: READ.maybe_decimal(
                format_args!("feed[{number}].overall_sentiment_score"),
                item.overall_sentiment_score,
            )?,
            relevance: None,
            reasoning: None,
        });
        for about in &item.ticker_sentiment {
            let at = |field: &str| format!("feed[{number}].ticker_sentiment.{field}");
            sentiments.push(Sentiment {
                symbol: Some(about.ticker.clone()),
                label: about.ticker_sentiment_label.clone(),
                score: READ.maybe_decimal(at("ticker_sentiment_score"), about.ticker_sentiment_score)?,
                relevance: READ.maybe_decimal(at("relevance_score"), about.relevance_score)?,
                reasoning: None,
            });
        }
        records.news.push(News {
            id: item.url.clone(),
            title: item.title,
            published: instant(number, &item.time_published)?,
            source: item.source,
            authors: item.authors,
            url: item.url,
            summary: item.summary.filter(|text| !text.is_empty()),
            symbols: item.ticker_sentiment.into_iter().map(|about| about.ticker).collect(),
            keywords: item.topics.into_iter().map(|topic| topic.topic).collect(),
            sentiments,
        });
    }
    Ok(records)
}

/// Reads `20230406T184500`, which has no zone, as UTC.
fn instant(number: usize, text: &str) -> Result<Timestamp, ProviderError> {
    let civil = DateTime::strptime("%Y%m%dT%H%M%S", text).or_else(|_| DateTime::strptime("%Y%m%dT%H%M", text));
    civil.and_then(|civil| Offset::UTC.to_timestamp(civil)).map_err(|_| {
        READ.malformed(
            format_args!("feed[{number}].time_published"),
            text,
            "a time such as 20230406T184500",
        )
    })
}

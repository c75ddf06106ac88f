//! What is sent to Polygon.
//!
//! Bars are asked for as traded (`adjusted=false`), and shorter ones than a day a month at a time: `limit` counts base
//! bars, and a longer question has gaps in silence. `next_url` is followed on the same host alone, and the key goes along
//! in a header, so no address ever holds it.

use reqwest::Url;

use super::{
    Page, READ, aggregates, dividends, failure, grouped_daily, news, reference_tickers, splits, ticker_events,
};
use crate::error::ProviderError;
use crate::record::{Interval, Provider};
use crate::redact::ApiKey;
use crate::request::{Adapter, Answer, Ask, KeyPlace, Reply, Request, Target, address, day_after, month_end};

/// Polygon, by its host and a key.
#[derive(Debug, Clone)]
pub struct Polygon {
    host: Url,
    key: ApiKey,
}

impl Polygon {
    /// The host of its REST service.
    pub const HOST: &str = "https://api.massive.com";

    /// Takes the host (see [`Polygon::HOST`]) and a key.
    pub const fn new(host: Url, key: ApiKey) -> Self {
        Self { host, key }
    }

    fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Request {
        Request::data(Target::Http(address(&self.host, path, query)), KeyPlace::Bearer)
    }

    fn bars(&self, symbol: &str, interval: Interval, days: (apex_domain::Date, apex_domain::Date)) -> Request {
        let span = match interval {
            Interval::Second => "second",
            Interval::Minute => "minute",
            Interval::Hour => "hour",
            Interval::Day => "day",
            Interval::Week => "week",
            Interval::Month => "month",
        };
        let (from, to) = (days.0.to_string(), days.1.to_string());
        let path = ["v2", "aggs", "ticker", symbol, "range", "1", span, &from, &to];
        let mut request = self.get(&path, &[("adjusted", "false"), ("sort", "asc"), ("limit", "50000")]);
        request.days = Some(days);
        request
    }

    /// Returns the request for a page that an answer names, if it is on our host.
    fn page(&self, next_url: &str, request: &Request) -> Result<Request, ProviderError> {
        let url = Url::parse(next_url).map_err(|_| READ.malformed("next_url", next_url, "an address"))?;
        if url.origin() != self.host.origin() {
            let host = url.host_str().unwrap_or("no host");
            return Err(READ.malformed("next_url", host, "the host that was asked"));
        }
        let mut next = Request::data(Target::Http(url), KeyPlace::Bearer);
        next.days = request.days;
        Ok(next)
    }
}

impl Adapter for Polygon {
    fn provider(&self) -> Provider {
        Provider::Polygon
    }

    fn key(&self) -> Option<&ApiKey> {
        Some(&self.key)
    }

    fn first(&self, ask: &Ask) -> Result<Request, ProviderError> {
        Ok(match ask {
            Ask::Bars {
                symbol,
                interval,
                from,
                to,
            } => {
                let last = if interval.is_dated() {
                    *to
                } else {
                    month_end(*from, *to)
                };
                self.bars(symbol, *interval, (*from, last))
            }
            Ask::Market { date } => {
                let path = [
                    "v2",
                    "aggs",
                    "grouped",
                    "locale",
                    "us",
                    "market",
                    "stocks",
                    &date.to_string(),
                ];
                self.get(&path, &[("adjusted", "false")])
            }
            Ask::Splits { symbol, from, to } => self.get(
                &["stocks", "v1", "splits"],
                &[
                    ("ticker", symbol),
                    ("execution_date.gte", &from.to_string()),
                    ("execution_date.lte", &to.to_string()),
                    ("limit", "5000"),
                ],
            ),
            Ask::Dividends { symbol, from, to } => self.get(
                &["stocks", "v1", "dividends"],
                &[
                    ("ticker", symbol),
                    ("ex_dividend_date.gte", &from.to_string()),
                    ("ex_dividend_date.lte", &to.to_string()),
                    ("limit", "5000"),
                ],
            ),
            Ask::SymbolChanges { id } => self.get(
                &["vX", "reference", "tickers", id, "events"],
                &[("types", "ticker_change")],
            ),
            Ask::News { symbol, since, limit } => self.get(
                &["v2", "reference", "news"],
                &[
                    ("ticker", symbol),
                    ("published_utc.gte", &since.to_string()),
                    ("order", "asc"),
                    ("limit", &limit.clamp(&1, &1000).to_string()),
                ],
            ),
            Ask::Listings { search } => {
                let mut query = vec![("market", "stocks"), ("limit", "1000")];
                query.extend(search.as_deref().map(|search| ("search", search)));
                self.get(&["v3", "reference", "tickers"], &query)
            }
            Ask::Rates { base, quote, from, to } => self.bars(&format!("C:{base}{quote}"), Interval::Day, (*from, *to)),
        })
    }

    fn read(&self, ask: &Ask, request: &Request, reply: &Reply) -> Result<Answer, ProviderError> {
        if reply.status != 200 {
            return Err(failure(reply.status, &reply.body, reply.retry_after_secs));
        }
        let body = &reply.body;
        let Page { mut records, next_url } = match ask {
            Ask::Bars { symbol, interval, .. } => aggregates(body, symbol, *interval)?,
            Ask::Market { .. } => grouped_daily(body)?,
            Ask::Splits { .. } => splits(body)?,
            Ask::Dividends { .. } => dividends(body)?,
            Ask::SymbolChanges { .. } => ticker_events(body)?,
            Ask::News { .. } => news(body)?,
            Ask::Listings { .. } => reference_tickers(body)?,
            Ask::Rates { base, quote, .. } => {
                let mut page = aggregates(body, &format!("C:{base}{quote}"), Interval::Day)?;
                for bar in &mut page.records.bars {
                    bar.symbol = format!("{base}/{quote}");
                }
                page
            }
        };
        let mut next = next_url.map(|url| self.page(&url, request)).transpose()?;
        match ask {
            // As many as were wanted are enough.
            Ask::News { limit, .. } => {
                records.news.truncate(usize::try_from(*limit).unwrap_or(usize::MAX));
                next = None;
            }
            Ask::Bars {
                symbol, interval, to, ..
            } if next.is_none() => {
                let from = request
                    .days
                    .and_then(|(_, last)| day_after(last))
                    .filter(|from| from <= to);
                next = from.map(|from| self.bars(symbol, *interval, (from, month_end(from, *to))));
            }
            _ => {}
        }
        Ok(Answer { records, next })
    }
}

//! What is sent to Polygon.
//!
//! Bars are asked for as traded (`adjusted=false`), and shorter ones than a day a month at a time: `limit` counts base
//! bars, and a longer question has gaps in silence. `next_url` is followed on the same host alone, and the key goes along
//! in a header, so no address ever holds it. Splits and dividends are asked of the endpoints of 2026, and where a host does
//! not have them, of the older ones.

use apex_domain::Date;
use reqwest::Url;

use super::{
    Page, READ, aggregates, dividends, failure, grouped_daily, news, reference_tickers, splits, ticker_events,
};
use crate::error::ProviderError;
use crate::record::{Interval, Provider, Records};
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

    fn bars(&self, symbol: &str, interval: Interval, days: (Date, Date)) -> Request {
        let (count, span) = match interval {
            Interval::Second => ("1", "second"),
            Interval::Minute => ("1", "minute"),
            Interval::QuarterHour => ("15", "minute"),
            Interval::Hour => ("1", "hour"),
            Interval::Day => ("1", "day"),
            Interval::Week => ("1", "week"),
            Interval::Month => ("1", "month"),
        };
        let (from, to) = (days.0.to_string(), days.1.to_string());
        let path = ["v2", "aggs", "ticker", symbol, "range", count, span, &from, &to];
        let mut request = self.get(&path, &[("adjusted", "false"), ("sort", "asc"), ("limit", "50000")]);
        request.days = Some(days);
        request
    }

    /// Returns the request for splits or dividends, of one symbol or of all; none for anything else.
    fn actions(&self, era: Era, ask: &Ask) -> Option<Request> {
        let (what, day, symbol, (from, to)) = match ask {
            Ask::Splits { symbol, from, to } => ("splits", "execution_date", Some(symbol), (from, to)),
            Ask::MarketSplits { from, to } => ("splits", "execution_date", None, (from, to)),
            Ask::Dividends { symbol, from, to } => ("dividends", "ex_dividend_date", Some(symbol), (from, to)),
            Ask::MarketDividends { from, to } => ("dividends", "ex_dividend_date", None, (from, to)),
            _ => return None,
        };
        let (root, limit) = era.root();
        let (first, last) = (format!("{day}.gte"), format!("{day}.lte"));
        let (from, to) = (from.to_string(), to.to_string());
        let mut query = Vec::with_capacity(4);
        query.extend(symbol.map(|symbol| ("ticker", symbol.as_str())));
        query.extend([(first.as_str(), from.as_str()), (&last, &to), ("limit", limit)]);
        Some(self.get(&[root[0], root[1], what], &query))
    }

    /// Returns the same request of the older endpoint, if there is one and it has not been asked yet.
    fn older(&self, ask: &Ask, request: &Request) -> Option<Request> {
        let is_newest = self.first(ask).is_ok_and(|first| first == *request);
        self.actions(Era::Before2026, ask).filter(|_| is_newest)
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

/// Which endpoints of splits and dividends are meant.
#[derive(Debug, Clone, Copy)]
enum Era {
    /// Those of 2026.
    Since2026,
    /// Those before.
    Before2026,
}

impl Era {
    /// Returns where they are, and how many rows a page has at most.
    const fn root(self) -> ([&'static str; 2], &'static str) {
        match self {
            Self::Since2026 => (["stocks", "v1"], "5000"),
            Self::Before2026 => (["v3", "reference"], "1000"),
        }
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
            Ask::Splits { .. } | Ask::MarketSplits { .. } | Ask::Dividends { .. } | Ask::MarketDividends { .. } => {
                let request = self.actions(Era::Since2026, ask);
                return request.ok_or(ProviderError::NotOffered {
                    provider: Provider::Polygon,
                    what: ask.what(),
                });
            }
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
            return match self.older(ask, request).filter(|_| reply.status == 404) {
                None => Err(failure(reply.status, &reply.body, reply.retry_after_secs)),
                older => Ok(Answer {
                    records: Records::default(),
                    next: older,
                }),
            };
        }
        let body = &reply.body;
        let Page { mut records, next_url } = match ask {
            Ask::Bars { symbol, interval, .. } => aggregates(body, symbol, *interval)?,
            Ask::Market { .. } => grouped_daily(body)?,
            Ask::Splits { .. } | Ask::MarketSplits { .. } => splits(body)?,
            Ask::Dividends { .. } | Ask::MarketDividends { .. } => dividends(body)?,
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

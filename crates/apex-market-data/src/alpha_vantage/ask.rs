//! What is sent to Alpha Vantage.
//!
//! The free plan answers with the last hundred days; the premium plan with all of them and with splits and dividends.

use apex_domain::Date;
use reqwest::Url;

use super::{answer, daily, failure, news, rates};
use crate::error::ProviderError;
use crate::record::{Interval, Provider, Records, Window};
use crate::redact::ApiKey;
use crate::request::{Adapter, Answer, Ask, KeyPlace, Reply, Request, Target, address};

/// What the key may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// The last hundred days, without splits and dividends.
    Free,
    /// All days, with splits and dividends.
    Premium,
}

/// Alpha Vantage, by its host and a key.
#[derive(Debug, Clone)]
pub struct AlphaVantage {
    host: Url,
    key: ApiKey,
    plan: Plan,
}

impl AlphaVantage {
    /// The host of its service.
    pub const HOST: &str = "https://www.alphavantage.co";

    /// Takes the host (see [`AlphaVantage::HOST`]), a key and what it may ask for.
    pub const fn new(host: Url, key: ApiKey, plan: Plan) -> Self {
        Self { host, key, plan }
    }

    fn get(&self, query: &[(&str, &str)]) -> Request {
        Request::data(
            Target::Http(address(&self.host, &["query"], query)),
            KeyPlace::Query("apikey"),
        )
    }

    fn size(&self) -> (&'static str, &'static str) {
        let size = match self.plan {
            Plan::Free => "compact",
            Plan::Premium => "full",
        };
        ("outputsize", size)
    }

    const fn not_offered(ask: &Ask) -> ProviderError {
        ProviderError::NotOffered {
            provider: Provider::AlphaVantage,
            what: ask.what(),
        }
    }
}

impl Adapter for AlphaVantage {
    fn provider(&self) -> Provider {
        Provider::AlphaVantage
    }

    fn key(&self) -> Option<&ApiKey> {
        Some(&self.key)
    }

    fn first(&self, ask: &Ask) -> Result<Request, ProviderError> {
        let premium = self.plan == Plan::Premium;
        Ok(match ask {
            Ask::Bars {
                symbol,
                interval: Interval::Day,
                ..
            } => {
                let function = if premium {
                    "TIME_SERIES_DAILY_ADJUSTED"
                } else {
                    "TIME_SERIES_DAILY"
                };
                self.get(&[("function", function), ("symbol", symbol), self.size()])
            }
            Ask::Splits { symbol, .. } | Ask::Dividends { symbol, .. } if premium => self.get(&[
                ("function", "TIME_SERIES_DAILY_ADJUSTED"),
                ("symbol", symbol),
                self.size(),
            ]),
            Ask::News { symbol, since, limit } => {
                let since = jiff::tz::Offset::UTC.to_datetime(*since).strftime("%Y%m%dT%H%M");
                self.get(&[
                    ("function", "NEWS_SENTIMENT"),
                    ("tickers", symbol),
                    ("time_from", &since.to_string()),
                    ("sort", "EARLIEST"),
                    ("limit", &(*limit).clamp(1, 1000).to_string()),
                ])
            }
            Ask::Rates { base, quote, .. } => self.get(&[
                ("function", "FX_DAILY"),
                ("from_symbol", base),
                ("to_symbol", quote),
                self.size(),
            ]),
            _ => return Err(Self::not_offered(ask)),
        })
    }

    fn read(&self, ask: &Ask, _: &Request, reply: &Reply) -> Result<Answer, ProviderError> {
        if reply.status != 200 {
            return Err(failure(reply.status, &reply.body, reply.retry_after_secs));
        }
        let body = &reply.body;
        let records = match ask {
            Ask::Bars { symbol, from, to, .. } => between(daily(body, symbol)?, *from, *to),
            Ask::Splits { symbol, from, to } => Records {
                splits: between(daily(body, symbol)?, *from, *to).splits,
                ..Records::default()
            },
            Ask::Dividends { symbol, from, to } => Records {
                dividends: between(daily(body, symbol)?, *from, *to).dividends,
                ..Records::default()
            },
            Ask::News { symbol, .. } => {
                answer(body, symbol)?;
                news(body)?
            }
            Ask::Rates { base, quote, from, to } => between(rates(body, base, quote)?, *from, *to),
            Ask::Market { .. }
            | Ask::MarketSplits { .. }
            | Ask::MarketDividends { .. }
            | Ask::SymbolChanges { .. }
            | Ask::Listings { .. } => {
                return Err(Self::not_offered(ask));
            }
        };
        Ok(Answer { records, next: None })
    }
}

/// Keeps what is about the days that were asked for: the answer has no parameters for them.
fn between(mut records: Records, from: Date, to: Date) -> Records {
    let days = from..=to;
    records
        .bars
        .retain(|bar| matches!(bar.window, Window::Day(day) if days.contains(&day)));
    records.splits.retain(|split| days.contains(&split.ex_date));
    records.dividends.retain(|dividend| days.contains(&dividend.ex_date));
    records
}

//! What is sent to Yahoo: a cookie is fetched, a crumb with it, then charts with both.
//!
//! Cookie and crumb are kept while they serve. When Yahoo refuses them they are fetched anew, once in a question: whoever is
//! refused with a new one is blocked, and waits.

use std::sync::{Mutex, MutexGuard, PoisonError};

use apex_domain::{Date, Timestamp};
use jiff::tz::Offset;
use reqwest::Url;

use super::{chart, cookie, crumb, failure};
use crate::error::ProviderError;
use crate::record::{Interval, Provider, Records, Window};
use crate::redact::ApiKey;
use crate::request::{Adapter, Answer, Ask, KeyPlace, Reply, Request, Step, Target, address, day_after};
use crate::zone;

/// Yahoo, by its hosts. For a person's own use; it is off until somebody switches it on.
#[derive(Debug)]
pub struct Yahoo {
    host: Url,
    cookie_host: Url,
    access: Mutex<Access>,
}

/// What Yahoo wants to see, as far as it is known.
#[derive(Debug, Clone, Default)]
struct Access {
    cookie: Option<ApiKey>,
    crumb: Option<ApiKey>,
}

impl Yahoo {
    /// The host of its charts and crumbs.
    pub const HOST: &str = "https://query2.finance.yahoo.com";
    /// The host of its cookies.
    pub const COOKIE_HOST: &str = "https://fc.yahoo.com";

    /// Takes the hosts: see [`Yahoo::HOST`] and [`Yahoo::COOKIE_HOST`].
    pub fn new(host: Url, cookie_host: Url) -> Self {
        Self {
            host,
            cookie_host,
            access: Mutex::default(),
        }
    }

    fn access(&self) -> MutexGuard<'_, Access> {
        self.access.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the next request that a question needs, given what is known so far.
    fn next(&self, ask: &Ask, has_new_cookie: bool) -> Result<Request, ProviderError> {
        let Access { cookie, crumb } = self.access().clone();
        let Some(cookie) = cookie else {
            return Ok(Request {
                step: Step::Cookie,
                has_new_cookie: true,
                ..Request::data(Target::Http(self.cookie_host.clone()), KeyPlace::Nowhere)
            });
        };
        let mut request = match crumb {
            None => {
                let url = address(&self.host, &["v1", "test", "getcrumb"], &[]);
                Request {
                    step: Step::Crumb,
                    ..Request::data(Target::Http(url), KeyPlace::Nowhere)
                }
            }
            Some(_) => self.chart(ask)?,
        };
        request.crumb = crumb;
        request.cookie = Some(cookie);
        request.has_new_cookie = has_new_cookie;
        Ok(request)
    }

    fn chart(&self, ask: &Ask) -> Result<Request, ProviderError> {
        let question = Question::of(ask)?;
        let interval = match question.interval {
            Interval::Second => return Err(not_offered(ask)),
            // It calls them as we do.
            interval => interval.name(),
        };
        // A day's margin on both sides, since days begin at the exchange and not in Greenwich.
        let from = instant(question.from.yesterday().unwrap_or(question.from))
            .as_second()
            .to_string();
        let to = instant(day_after(question.to).and_then(day_after).unwrap_or(question.to));
        let query = [
            ("period1", from.as_str()),
            ("period2", &to.as_second().to_string()),
            ("interval", interval),
            ("events", "div,splits,capitalGains"),
            ("includePrePost", "false"),
        ];
        let url = address(&self.host, &["v8", "finance", "chart", &question.symbol], &query);
        Ok(Request::data(Target::Http(url), KeyPlace::Nowhere))
    }
}

/// What a chart is asked for.
struct Question {
    symbol: String,
    interval: Interval,
    from: Date,
    to: Date,
}

impl Question {
    fn of(ask: &Ask) -> Result<Self, ProviderError> {
        Ok(match ask {
            Ask::Bars {
                symbol,
                interval,
                from,
                to,
            } => Self {
                symbol: symbol.clone(),
                interval: *interval,
                from: *from,
                to: *to,
            },
            Ask::Splits { symbol, from, to } | Ask::Dividends { symbol, from, to } => Self {
                symbol: symbol.clone(),
                interval: Interval::Day,
                from: *from,
                to: *to,
            },
            Ask::Rates { base, quote, from, to } => Self {
                symbol: format!("{base}{quote}=X"),
                interval: Interval::Day,
                from: *from,
                to: *to,
            },
            _ => return Err(not_offered(ask)),
        })
    }
}

const fn not_offered(ask: &Ask) -> ProviderError {
    ProviderError::NotOffered {
        provider: Provider::Yahoo,
        what: ask.what(),
    }
}

fn instant(day: Date) -> Timestamp {
    let midnight = day.at(0, 0, 0, 0);
    Offset::UTC.to_timestamp(midnight).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Adapter for Yahoo {
    fn provider(&self) -> Provider {
        Provider::Yahoo
    }

    fn key(&self) -> Option<&ApiKey> {
        None
    }

    fn first(&self, ask: &Ask) -> Result<Request, ProviderError> {
        Question::of(ask)?;
        self.next(ask, false)
    }

    fn read(&self, ask: &Ask, request: &Request, reply: &Reply) -> Result<Answer, ProviderError> {
        let question = Question::of(ask)?;
        match request.step {
            Step::Cookie => {
                // The page itself is an error as a rule; only what it sets counts.
                if reply.status == 429 {
                    return Err(failure(429, &[], &question.symbol, reply.retry_after_secs));
                }
                let found = cookie(reply.cookies.iter().map(String::as_str))?;
                self.access().cookie = Some(ApiKey::new(&found));
            }
            Step::Crumb if reply.status == 200 => {
                let found = crumb(&reply.body)?;
                self.access().crumb = Some(ApiKey::new(&found));
            }
            Step::Data if reply.status == 200 => {
                let mut records = chart(&reply.body, &question.symbol, question.interval)?;
                only(ask, &mut records, &question);
                return Ok(Answer { records, next: None });
            }
            Step::Crumb | Step::Data => {
                let is_refused = matches!(reply.status, 401 | 403);
                if is_refused {
                    *self.access() = Access::default();
                }
                if !is_refused || request.has_new_cookie {
                    return Err(failure(
                        reply.status,
                        &reply.body,
                        &question.symbol,
                        reply.retry_after_secs,
                    ));
                }
            }
        }
        Ok(Answer {
            records: Records::default(),
            next: Some(self.next(ask, request.has_new_cookie)?),
        })
    }
}

/// Keeps what was asked for, and the days of the question: events outside them come along, and so does the margin.
fn only(ask: &Ask, records: &mut Records, question: &Question) {
    let days = question.from..=question.to;
    records.splits.retain(|split| days.contains(&split.ex_date));
    records.dividends.retain(|dividend| days.contains(&dividend.ex_date));
    records.capital_gains.retain(|gain| days.contains(&gain.ex_date));
    let zone = records.listings.first().and_then(|listing| listing.zone.as_deref());
    let zone = zone.and_then(|name| zone::zone(Provider::Yahoo, name).ok());
    records.bars.retain(|bar| match (bar.window, &zone) {
        (Window::Day(day), _) => days.contains(&day),
        (Window::From(start), Some(zone)) => days.contains(&zone::date(start, zone)),
        (Window::From(_), None) => true,
    });
    match ask {
        Ask::Splits { .. } => {
            records.bars.clear();
            records.dividends.clear();
            records.capital_gains.clear();
        }
        Ask::Dividends { .. } => {
            records.bars.clear();
            records.splits.clear();
        }
        Ask::Rates { base, quote, .. } => {
            for bar in &mut records.bars {
                bar.symbol = format!("{base}/{quote}");
            }
        }
        _ => {}
    }
}

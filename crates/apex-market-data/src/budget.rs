//! How many requests a provider gets from us: counted before each is sent, and kept across restarts.
//!
//! A [`Budget`] is told the time and never reads it. What it must remember is a [`Spent`], a plain value that the caller
//! writes down before a request goes out and hands back after a restart, or after another program with the same key has
//! spent some. Caps hold for every span of their length, not
//! only for those that begin on the hour, so they hold whenever the provider's own count begins (but for a count by calendar
//! day, on the one day a year that has 25 hours).

use std::collections::BTreeMap;

use apex_domain::Timestamp;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::error::Cap;
use crate::record::Provider;

mod circuit;

use circuit::Circuit;

/// The longest wait that a provider can ask for; one who says "come back next year" is asked again tomorrow.
const RETRY_AFTER_SECS_MAX: u64 = 86_400;

/// What a span is held longer by than the provider's own, since one request may travel faster than the one before.
const MARGIN_MS: i64 = 250;

/// How long to wait after a provider says that the day's requests are used up although ours are not: others use the key.
const DAY_SPENT_SECS: u64 = 6 * 3_600;

/// What a provider and key allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// At most so many requests in any span of that length.
    pub requests: BTreeMap<Cap, u32>,
    /// At most so many requests at a time, of one program.
    pub concurrent: u32,
}

impl Caps {
    /// Returns what a provider's plan for everybody allows, or what is known to be borne; none for the firm's own files,
    /// which are read as fast as they can be.
    ///
    /// Polygon's free plan has 5 a minute. Alpha Vantage's has 25 a day, and one a second. Yahoo promises nothing; some
    /// 360 an hour were seen to be borne.
    ///
    /// ```
    /// use apex_market_data::{Cap, Provider, budget::Caps};
    ///
    /// assert_eq!(Caps::free(Provider::AlphaVantage).map(|caps| caps.requests[&Cap::Day]), Some(25));
    /// ```
    pub fn free(provider: Provider) -> Option<Self> {
        let (requests, concurrent): (&[(Cap, u32)], u32) = match provider {
            Provider::Polygon => (&[(Cap::Minute, 5)], 2),
            Provider::AlphaVantage => (&[(Cap::Second, 1), (Cap::Minute, 5), (Cap::Day, 25)], 1),
            Provider::Yahoo => (&[(Cap::Second, 2), (Cap::Minute, 30), (Cap::Hour, 300)], 2),
            Provider::Files => return None,
        };
        Some(Self {
            requests: requests.iter().copied().collect(),
            concurrent,
        })
    }

    /// Returns what a paid plan of Polygon should not go beyond: "unlimited", but under a hundred a second.
    pub fn polygon_paid() -> Self {
        Self {
            requests: BTreeMap::from([(Cap::Second, 90)]),
            concurrent: 16,
        }
    }

    /// Returns what the smallest paid plan of Alpha Vantage allows: 75 requests a minute, however many a day.
    pub fn alpha_vantage_paid() -> Self {
        Self {
            requests: BTreeMap::from([(Cap::Minute, 75)]),
            concurrent: 4,
        }
    }

    fn longest(&self) -> i64 {
        self.requests.keys().map(|cap| span(*cap)).max().unwrap_or(0)
    }
}

/// What was spent, to be written down. Its JSON is a contract: newer versions read older ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Spent {
    /// When requests went out, in milliseconds since 1970, oldest first, as far back as a cap reaches.
    pub sent: Vec<i64>,
    /// Until when nothing may go out, in milliseconds since 1970.
    pub closed_until: i64,
    /// Failures in a row.
    pub failures: u32,
    /// Successes in a row since the circuit was tried again.
    pub successes: u32,
    /// Whether the circuit is open, or being tried again.
    pub is_open: bool,
}

/// Whether a request may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may, and is counted already.
    Go,
    /// Not before this instant.
    Wait(Timestamp),
    /// Others are under way; ask again when one has ended.
    Busy,
}

/// How an allowed request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With an answer, be it a refusal of what was asked.
    Answered,
    /// With a wish for fewer requests.
    Throttled {
        /// Which limit, where it is said.
        cap: Option<Cap>,
        /// For how long to wait, where it is said.
        retry_after_secs: Option<u64>,
    },
    /// With no answer or a failing one.
    Failed,
}

/// What is left of a cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// The span.
    pub cap: Cap,
    /// Requests that may still go out in it.
    pub requests: u32,
    /// Requests that may go out in any such span.
    pub of: u32,
}

/// The budget of one provider and key.
#[derive(Debug, Clone)]
pub struct Budget {
    caps: Caps,
    spent: Spent,
    under_way: u32,
}

impl Budget {
    /// Takes up a budget where it was left.
    pub fn resume(caps: Caps, spent: Spent, now: Timestamp) -> Self {
        let mut budget = Self {
            caps,
            spent: Spent::default(),
            under_way: 0,
        };
        budget.take_up(spent, now);
        budget
    }

    /// Takes what was spent from where it is kept, since another program may have spent more.
    ///
    /// Requests that seem to lie in the future, because the clock was set back, count as sent now: that can only be too
    /// careful, and never for longer than a cap's span.
    pub fn take_up(&mut self, mut spent: Spent, now: Timestamp) {
        let now = now.as_millisecond();
        for sent in &mut spent.sent {
            *sent = (*sent).min(now);
        }
        let longest_wait = i64::try_from(RETRY_AFTER_SECS_MAX * 1_000).unwrap_or(i64::MAX);
        spent.closed_until = spent.closed_until.min(now.saturating_add(longest_wait));
        spent.sent.sort_unstable();
        self.spent = spent;
    }

    /// Returns what to write down.
    pub const fn spent(&self) -> &Spent {
        &self.spent
    }

    /// Asks for one request. Where the answer is [`Verdict::Go`] it is counted, so write [`Budget::spent`] down before
    /// it is sent, and tell [`Budget::ended`] afterwards.
    pub fn ask(&mut self, now: Timestamp) -> Verdict {
        let millis = self.clock(now);
        let free = self.free_at(millis);
        if free > millis {
            return Verdict::Wait(instant(free));
        }
        if self.is_busy() {
            return Verdict::Busy;
        }
        self.spent.sent.push(millis);
        self.under_way += 1;
        Verdict::Go
    }

    /// Returns what [`Budget::ask`] would say, as far as it is known here, and counts nothing.
    pub fn foresee(&self, now: Timestamp) -> Verdict {
        match self.next(now) {
            next if next > now => Verdict::Wait(next),
            _ if self.is_busy() => Verdict::Busy,
            _ => Verdict::Go,
        }
    }

    /// Returns whether a request must end before another may go out; while the circuit is tried again, there is one at a
    /// time.
    const fn is_busy(&self) -> bool {
        self.under_way >= self.caps.concurrent || (self.spent.is_open && self.under_way > 0)
    }

    /// Takes note of how a request ended, and lets another take its place. `jitter` is from 0 to 1 and spreads the wait
    /// after failures.
    pub fn ended(&mut self, outcome: Outcome, now: Timestamp, jitter: f64) {
        self.note(outcome, now, jitter);
        self.give_back();
    }

    /// Takes note of how a request ended whose place is given back later, by [`Budget::give_back`].
    pub fn note(&mut self, outcome: Outcome, now: Timestamp, jitter: f64) {
        let millis = self.clock(now);
        let mut circuit = Circuit::new(&mut self.spent);
        match outcome {
            Outcome::Answered => circuit.succeeded(),
            Outcome::Failed => circuit.failed(millis, jitter),
            Outcome::Throttled { cap, retry_after_secs } => {
                let secs = retry_after_secs.or(match cap {
                    Some(Cap::Second) => Some(1),
                    Some(Cap::Minute) => Some(60),
                    Some(Cap::Hour) => Some(3_600),
                    Some(Cap::Day) => Some(DAY_SPENT_SECS),
                    None => None,
                });
                match secs {
                    Some(secs) => {
                        let wait = i64::try_from(secs.min(RETRY_AFTER_SECS_MAX) * 1_000).unwrap_or(i64::MAX);
                        self.spent.closed_until = self.spent.closed_until.max(millis.saturating_add(wait));
                    }
                    None => circuit.refused(millis, jitter),
                }
            }
        }
    }

    /// Lets another request take the place of one that ended or was given up; it stays counted.
    pub const fn give_back(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// Returns what is left of each cap.
    pub fn left(&self, now: Timestamp) -> Vec<Left> {
        let now = now.as_millisecond();
        let caps = self.caps.requests.iter();
        caps.map(|(cap, of)| {
            let since = now.saturating_sub(span(*cap));
            let used = self.spent.sent.iter().filter(|sent| **sent > since).count();
            Left {
                cap: *cap,
                requests: of.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX)),
                of: *of,
            }
        })
        .collect()
    }

    /// Returns whether the circuit is open, or being tried again, after failures in a row.
    pub fn is_open(&self) -> bool {
        self.spent.is_open
    }

    /// Returns when the next request may go out at the earliest: now or later.
    pub fn next(&self, now: Timestamp) -> Timestamp {
        let millis = now.as_millisecond();
        instant(self.free_at(millis).max(millis))
    }

    /// Returns the time, which never goes back, and forgets what no cap reaches any more.
    fn clock(&mut self, now: Timestamp) -> i64 {
        let last = self.spent.sent.last().copied().unwrap_or(i64::MIN);
        let millis = now.as_millisecond().max(last);
        let since = millis.saturating_sub(self.caps.longest());
        let old = self.spent.sent.partition_point(|sent| *sent <= since);
        self.spent.sent.drain(..old);
        millis
    }

    /// Returns the first instant at which every cap has room.
    fn free_at(&self, now: i64) -> i64 {
        let mut free = self.spent.closed_until.max(now);
        for (cap, requests) in &self.caps.requests {
            let requests = usize::try_from(*requests).unwrap_or(usize::MAX);
            if requests == 0 {
                return i64::MAX;
            }
            // The one that must have left the span before another fits.
            if let Some(at) = self.spent.sent.len().checked_sub(requests) {
                free = free.max(self.spent.sent[at].saturating_add(span(*cap)));
            }
        }
        free
    }
}

fn span(cap: Cap) -> i64 {
    cap.millis() + MARGIN_MS
}

fn instant(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

/// Returns how long to wait before a request is tried again: from half a second on, doubled with each attempt up to a
/// minute, of which `jitter` (0 to 1) decides the second half, so that many clients do not come back at once.
///
/// ```
/// use apex_market_data::budget::backoff;
///
/// assert_eq!(backoff(0, 1.0).as_millis(), 500);
/// assert_eq!(backoff(3, 0.0).as_millis(), 2_000);
/// assert_eq!(backoff(40, 1.0).as_millis(), 60_000);
/// ```
pub fn backoff(attempt: u32, jitter: f64) -> SignedDuration {
    let whole_ms = 500_u32.saturating_mul(1 << attempt.min(16)).min(60_000);
    let half = f64::from(whole_ms) / 2.0;
    let jitter = if jitter.is_finite() {
        jitter.clamp(0.0, 1.0)
    } else {
        1.0
    };
    SignedDuration::from_secs_f64((half + half * jitter) / 1_000.0)
}

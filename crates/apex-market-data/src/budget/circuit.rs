//! A circuit that opens after failures in a row: then nothing goes out for a minute, then one request at a time, and
//! after two successes all is as before.

use super::{Spent, backoff};

/// Failures in a row that open it.
const FAILURES_MAX: u32 = 5;
/// How long it stays open.
const OPEN_MS: i64 = 60_000;
/// By how many doublings the wait after a refusal is longer than after a failure: it begins at 8 to 16 seconds.
const REFUSAL_STEPS: u32 = 5;
/// Successes in a row that close it.
const SUCCESSES_MIN: u32 = 2;

/// The part of what was spent that the circuit rules.
pub(super) struct Circuit<'a>(&'a mut Spent);

impl<'a> Circuit<'a> {
    pub(super) const fn new(spent: &'a mut Spent) -> Self {
        Self(spent)
    }

    /// Takes note of an answer.
    pub(super) const fn succeeded(&mut self) {
        self.0.failures = 0;
        if self.0.is_open {
            self.0.successes += 1;
            if self.0.successes >= SUCCESSES_MIN {
                self.0.is_open = false;
                self.0.successes = 0;
            }
        }
    }

    /// Takes note of a failure, and waits a little.
    pub(super) fn failed(&mut self, now: i64, jitter: f64) {
        self.wait(now, self.0.failures, jitter);
    }

    /// Takes note of a wish for fewer requests that does not say how many or when, and waits a good deal longer.
    pub(super) fn refused(&mut self, now: i64, jitter: f64) {
        self.wait(now, self.0.failures.saturating_add(REFUSAL_STEPS), jitter);
    }

    fn wait(&mut self, now: i64, attempt: u32, jitter: f64) {
        self.0.failures = self.0.failures.saturating_add(1);
        self.0.successes = 0;
        let wait = if self.0.is_open || self.0.failures >= FAILURES_MAX {
            self.0.is_open = true;
            OPEN_MS
        } else {
            i64::try_from(backoff(attempt, jitter).as_millis()).unwrap_or(OPEN_MS)
        };
        self.0.closed_until = self.0.closed_until.max(now.saturating_add(wait));
    }
}

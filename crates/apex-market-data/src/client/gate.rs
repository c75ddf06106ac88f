//! The door to one provider: nobody passes it but with a request that the budget allows and that is written down.

use std::sync::{Mutex, MutexGuard, PoisonError};

use apex_analytics::random::Stream;
use apex_domain::Timestamp;
use tokio::sync::Notify;

use super::{BudgetName, BudgetState, Shell};
use crate::budget::{Budget, Caps, Outcome, Spent, Verdict};
use crate::error::ProviderError;

pub(super) struct Gate {
    name: BudgetName,
    inside: Mutex<Inside>,
    left: Notify,
}

struct Inside {
    budget: Budget,
    jitter: Stream,
}

/// Leave to send one request.
pub(super) struct Permit<'a> {
    gate: &'a Gate,
    ended: bool,
}

impl Gate {
    pub(super) fn new(name: BudgetName, caps: Caps, spent: Spent, seed: (u64, u64), now: Timestamp) -> Self {
        Self {
            name,
            inside: Mutex::new(Inside {
                budget: Budget::resume(caps, spent, now),
                jitter: Stream::new(seed.0, seed.1),
            }),
            left: Notify::new(),
        }
    }

    pub(super) fn state(&self, now: Timestamp) -> BudgetState {
        let inside = self.inside();
        BudgetState {
            name: self.name.clone(),
            left: inside.budget.left(now),
            next: inside.budget.next(now),
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the budget until `deadline`, counts one request and writes that down.
    pub(super) async fn enter(&self, shell: &Shell, deadline: Timestamp) -> Result<Permit<'_>, ProviderError> {
        let provider = self.name.provider;
        loop {
            // Listens before it asks, so that nobody leaves unheard in between.
            let left = self.left.notified();
            let now = (shell.now)();
            let verdict = self.try_enter(shell, now)?;
            match verdict {
                Verdict::Go => {
                    return Ok(Permit {
                        gate: self,
                        ended: false,
                    });
                }
                Verdict::Busy => left.await,
                Verdict::Wait(until) if until > deadline => return Err(ProviderError::OverBudget { provider, until }),
                Verdict::Wait(until) => {
                    let wait = until.duration_since(now).unsigned_abs();
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    fn try_enter(&self, shell: &Shell, now: Timestamp) -> Result<Verdict, ProviderError> {
        let mut inside = self.inside();
        let verdict = inside.budget.ask(now);
        if verdict == Verdict::Go {
            // Under the lock, so that what is written last is what was spent last.
            self.keep(shell, &inside.budget)
                .inspect_err(|_| inside.budget.abandoned())?;
        }
        Ok(verdict)
    }

    fn keep(&self, shell: &Shell, budget: &Budget) -> Result<(), ProviderError> {
        (shell.keep_spent)(&self.name, budget.spent()).map_err(|message| ProviderError::NotKept {
            provider: self.name.provider,
            what: "budget",
            message,
        })
    }
}

impl Permit<'_> {
    /// Tells the budget how the request ended, and writes down what follows from it.
    pub(super) fn end<T>(
        mut self,
        result: &Result<T, ProviderError>,
        now: Timestamp,
        shell: &Shell,
    ) -> Result<(), ProviderError> {
        let outcome = match result {
            Err(ProviderError::Throttled {
                cap, retry_after_secs, ..
            }) => Outcome::Throttled {
                cap: *cap,
                retry_after_secs: *retry_after_secs,
            },
            Err(ProviderError::Status { .. } | ProviderError::Transport { .. } | ProviderError::Malformed { .. }) => {
                Outcome::Failed
            }
            _ => Outcome::Answered,
        };
        self.ended = true;
        let mut inside = self.gate.inside();
        let jitter = inside.jitter.uniform();
        inside.budget.ended(outcome, now, jitter);
        let kept = self.gate.keep(shell, &inside.budget);
        drop(inside);
        self.gate.left.notify_waiters();
        kept
    }
}

impl Drop for Permit<'_> {
    /// A question that is dropped on its way leaves its request counted, and its place to others.
    fn drop(&mut self) {
        if !self.ended {
            self.gate.inside().budget.abandoned();
            self.gate.left.notify_waiters();
        }
    }
}

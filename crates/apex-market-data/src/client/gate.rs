//! The door to one provider: nobody passes it but with a request that the budget allows and that is written down.

use std::sync::{Mutex, MutexGuard, PoisonError};

use apex_analytics::random::Stream;
use apex_domain::Timestamp;
use tokio::sync::Notify;

use super::BudgetState;
use super::shell::{BudgetName, Shell};
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

/// Leave to send one request. Whoever drops it without a word leaves the request counted, and its place to others.
pub(super) struct Permit<'a>(&'a Gate);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.inside().budget.give_back();
        self.0.left.notify_waiters();
    }
}

impl Gate {
    pub(super) fn new(name: BudgetName, caps: Caps, seed: (u64, u64), now: Timestamp) -> Self {
        Self {
            name,
            inside: Mutex::new(Inside {
                budget: Budget::resume(caps, Spent::default(), now),
                jitter: Stream::new(seed.0, seed.1),
            }),
            left: Notify::new(),
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what is left, by what is kept.
    pub(super) async fn state(&self, shell: &dyn Shell) -> Result<BudgetState, ProviderError> {
        let now = shell.now();
        self.change(shell, |_| {}, now).await?;
        let inside = self.inside();
        Ok(BudgetState {
            name: self.name.clone(),
            left: inside.budget.left(now),
            next: inside.budget.next(now),
            is_open: inside.budget.is_open(),
        })
    }

    /// Waits for the budget until `deadline`, counts one request and writes that down.
    pub(super) async fn enter(&self, shell: &dyn Shell, deadline: Timestamp) -> Result<Permit<'_>, ProviderError> {
        let provider = self.name.provider;
        loop {
            // Listens before it asks, so that nobody leaves unheard in between.
            let left = self.left.notified();
            let now = shell.now();
            let until = |instant: Timestamp| instant.duration_since(now).unsigned_abs();
            // Others can only have spent more than is known here, so what must wait by that need not ask.
            let foreseen = self.inside().budget.foresee(now);
            let verdict = match foreseen {
                Verdict::Go => self.ask(shell, now).await?,
                early => Err(early),
            };
            match verdict {
                Ok(permit) => return Ok(permit),
                Err(Verdict::Wait(free)) if free > deadline => {
                    return Err(ProviderError::OverBudget { provider, until: free });
                }
                Err(Verdict::Wait(free)) => tokio::time::sleep(until(free)).await,
                Err(_) if now >= deadline => {
                    return Err(ProviderError::OverBudget {
                        provider,
                        until: deadline,
                    });
                }
                Err(_) => drop(tokio::time::timeout(until(deadline), left).await),
            }
        }
    }

    /// Asks for one request by what is kept, and keeps that it goes out.
    async fn ask(&self, shell: &dyn Shell, now: Timestamp) -> Result<Result<Permit<'_>, Verdict>, ProviderError> {
        let mut asked = Err(Verdict::Busy);
        self.change(
            shell,
            |budget| {
                asked = match budget.ask(now) {
                    Verdict::Go => Ok(Permit(self)),
                    verdict => Err(verdict),
                };
            },
            now,
        )
        .await?;
        Ok(asked)
    }

    async fn change(
        &self,
        shell: &dyn Shell,
        change: impl FnOnce(&mut Budget) + Send,
        now: Timestamp,
    ) -> Result<(), ProviderError> {
        let change = Box::new(|spent: &mut Spent| {
            let mut inside = self.inside();
            inside.budget.take_up(spent.clone(), now);
            change(&mut inside.budget);
            spent.clone_from(inside.budget.spent());
        });
        let kept = shell.change_spent(&self.name, change).await;
        kept.map_err(|message| ProviderError::NotKept {
            provider: self.name.provider,
            what: "budget",
            message,
        })
    }
}

impl Permit<'_> {
    /// Tells the budget how the request ended, and keeps what follows from it.
    pub(super) async fn end<T>(
        self,
        result: &Result<T, ProviderError>,
        shell: &dyn Shell,
    ) -> Result<(), ProviderError> {
        let outcome = outcome(result);
        let now = shell.now();
        let jitter = self.0.inside().jitter.uniform();
        // Its place is given back by the drop of this permit.
        self.0
            .change(shell, |budget| budget.note(outcome, now, jitter), now)
            .await
    }
}

/// Returns what a result means for the budget: a refusal of what was asked is an answer too.
fn outcome<T>(result: &Result<T, ProviderError>) -> Outcome {
    match result {
        Err(ProviderError::Throttled {
            cap, retry_after_secs, ..
        }) => Outcome::Throttled {
            cap: *cap,
            retry_after_secs: *retry_after_secs,
        },
        Err(err @ (ProviderError::Status { .. } | ProviderError::Transport { .. })) if err.is_passing() => {
            Outcome::Failed
        }
        Err(ProviderError::Malformed { .. }) => Outcome::Failed,
        _ => Outcome::Answered,
    }
}

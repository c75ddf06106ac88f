//! Long work: a handle that reports progress and can be told to stop. It starts no thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use apex_wire::job::Progress;

use crate::error::{AppError, Result};

type Report = dyn Fn(Progress) + Send + Sync;

/// One running job, shared between who runs it and who may cancel it.
#[derive(Clone)]
pub struct Job {
    cancelled: Arc<AtomicBool>,
    report: Arc<Report>,
}

impl Job {
    /// Returns a job that tells `report` how far it is.
    pub fn new(report: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self {
            cancelled: Arc::new(AtomicBool::new(false)),
            report: Arc::new(report),
        }
    }

    /// Returns a job that nobody watches.
    pub fn unwatched() -> Self {
        Self::new(|_| {})
    }

    /// Returns a job that listens to an existing cancel flag.
    pub fn with_flag(cancelled: Arc<AtomicBool>, report: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self {
            cancelled,
            report: Arc::new(report),
        }
    }

    /// Returns whether both are handles of the same job.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.cancelled, &other.cancelled)
    }

    /// Asks the job to stop at its next step.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Returns whether somebody asked the job to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Reports progress.
    ///
    /// # Errors
    /// [`AppError::Cancelled`] when somebody asked the job to stop.
    pub fn step(&self, step: &str, done: u64, total: Option<u64>) -> Result<()> {
        if self.is_cancelled() {
            return Err(AppError::Cancelled);
        }
        (self.report)(Progress {
            step: step.to_owned(),
            done,
            total,
        });
        Ok(())
    }
}

impl std::fmt::Debug for Job {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Job {{ cancelled: {} }}", self.is_cancelled())
    }
}

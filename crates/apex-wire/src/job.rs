//! Long work: progress, and the order to stop it.

use serde::{Deserialize, Serialize};

use crate::call::call;

/// Names one running job; the page makes it up, so that it can cancel before the first progress arrives.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct JobId(pub String);

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done now, such as `reading lines`.
    pub step: String,
    /// Units done.
    pub done: u64,
    /// Units in all, where known.
    pub total: Option<u64>,
}

/// Asks a job to stop; it answers its own call with [`crate::Code::Cancelled`] and leaves nothing half done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CancelJob {
    /// The job to stop.
    pub job: JobId,
}
call!(CancelJob => (), "cancel_job");

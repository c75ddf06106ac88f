//! What the page reports of itself: how far its start is, for `--measure-startup`, and why it had to start anew.

use serde::{Deserialize, Serialize};

use crate::call::call;

/// Says that the page reached a phase of its start.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReportPhase {
    /// The phase.
    pub phase: Phase,
    /// Milliseconds since the page began to load, as the page measures them.
    pub page_ms: f64,
}
call!(ReportPhase => (), "report_phase");

/// Says that the page stopped on a defect of its program and was started anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportDefect {
    /// What the program said at last.
    pub what: String,
}
call!(ReportDefect => (), "report_defect");

/// A phase of the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The program of the page runs.
    PageLoaded,
    /// The first figures are painted.
    FirstContent,
    /// No answer is outstanding and the charts are painted.
    Settled,
}

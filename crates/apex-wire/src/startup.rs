//! How far the start of the window is, reported by the page for `--measure-startup`.

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

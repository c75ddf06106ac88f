//! The self-check: published worked examples, run through the shipped engine.

use serde::{Deserialize, Serialize};

use crate::call::call;

/// Runs every worked example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunCheck {}
call!(RunCheck => CheckReport, "run_check");

/// What the self-check found. Its JSON is the contract of `apex check --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckReport {
    /// Cases that agree.
    pub passed: usize,
    /// Cases that do not.
    pub failed: usize,
    /// Every case.
    pub cases: Vec<CheckCase>,
}

/// One worked example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckCase {
    /// What is computed, such as `FIFO realized gain`.
    pub name: String,
    /// Part of the engine: `Lots`, `Returns`, ...
    pub group: String,
    /// Where the expected value comes from.
    pub source: String,
    /// Inputs and formula in words.
    pub inputs: String,
    /// Expected value.
    pub expected: String,
    /// What the engine gives.
    pub actual: String,
    /// Tolerance, such as `1e-9 relative` or `exact`.
    pub tolerance: String,
    /// Whether they agree.
    pub ok: bool,
}

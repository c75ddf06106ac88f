//! The self-proving calculator: published and hand-worked examples, computed by the shipped engine.
//!
//! Expected numbers come from textbooks, package documentation or a hand calculation, never from this engine. The app
//! adds the examples of the ledger and shows all of them.

mod cash_flow;
mod risk;
mod statistic;
mod valuation;

/// One worked example: what is expected, and what the engine says now.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkedExample {
    /// What is computed, from what.
    pub name: &'static str,
    /// Where the expected number comes from.
    pub source: &'static str,
    /// The expected number.
    pub expected: f64,
    /// The computed number; `None` where the engine says undefined.
    pub actual: Option<f64>,
    /// How far the two may be apart, absolutely: half a unit of the last digit of the source, where it rounds.
    pub tolerance: f64,
}

impl WorkedExample {
    /// Returns whether the engine agrees.
    pub fn passes(&self) -> bool {
        self.actual
            .is_some_and(|actual| (actual - self.expected).abs() <= self.tolerance)
    }
}

/// Returns every worked example, computed anew.
///
/// ```
/// let examples = apex_analytics::example::worked_examples();
/// assert!(examples.len() >= 50 && examples.iter().all(|example| example.passes()));
/// ```
pub fn worked_examples() -> Vec<WorkedExample> {
    examples_by_group()
        .into_iter()
        .flat_map(|(_, examples)| examples)
        .collect()
}

/// Returns every worked example, computed anew, under the part of the engine it proves.
pub fn examples_by_group() -> [(&'static str, Vec<WorkedExample>); 4] {
    [
        ("Returns with flows", cash_flow::examples()),
        ("Statistics", statistic::examples()),
        ("Risk", risk::examples()),
        ("Valuation", valuation::examples()),
    ]
}

/// The sources, as they are shown.
mod source {
    pub(super) const HAND: &str = "hand calculation";
    pub(super) const REFERENCE: &str = "reference list of worked numbers, from the formulas";
    pub(super) const EXACT: &str = "40-digit arithmetic (mpmath)";
    pub(super) const SPREADSHEET: &str = "documentation of XIRR in spreadsheets, 40-digit arithmetic";
    pub(super) const NORMAL_TABLE: &str = "table of the normal distribution";
    pub(super) const RISKMETRICS: &str = "RiskMetrics technical document (1996), formula by hand";
}

/// Returns one example.
fn example(
    name: &'static str,
    source: &'static str,
    expected: f64,
    actual: Option<f64>,
    tolerance: f64,
) -> WorkedExample {
    WorkedExample {
        name,
        source,
        expected,
        actual,
        tolerance,
    }
}

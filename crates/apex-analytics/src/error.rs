//! The refusals of this crate: what an input must be before a figure is computed from it.

/// Why a computation was refused.
///
/// Undefined results are `None` in the answer and never an error: an error says that the input itself cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AnalyticsError {
    /// There is nothing to compute from.
    #[error("{what} is empty")]
    Empty {
        /// The input that is empty.
        what: &'static str,
    },
    /// A value is NaN or infinite.
    #[error("{what} at index {index} is not a finite number")]
    NotFinite {
        /// The input at fault.
        what: &'static str,
        /// The position of the value.
        index: usize,
    },
    /// A return loses more than everything.
    #[error("return at index {index} is below -100%: {value}")]
    BelowTotalLoss {
        /// The position of the return.
        index: usize,
        /// The return.
        value: f64,
    },
    /// A return after which nothing is left to go on with.
    #[error("{what} at index {index} loses everything: {value}")]
    TotalLoss {
        /// Whose return.
        what: &'static str,
        /// The position of the return.
        index: usize,
        /// The return.
        value: f64,
    },
    /// A price or a value that must be above zero is not.
    #[error("{what} at index {index} is not above zero: {value}")]
    NotPositive {
        /// The input at fault.
        what: &'static str,
        /// The position of the value.
        index: usize,
        /// The value.
        value: f64,
    },
    /// Two inputs that belong together differ in length.
    #[error("{what} has a length of {actual} where {expected} is needed")]
    Length {
        /// The input at fault.
        what: &'static str,
        /// The length that is needed.
        expected: usize,
        /// The length that was given.
        actual: usize,
    },
    /// A confidence level outside (0.5, 1), or a probability outside (0, 1).
    #[error("level must lie between 0.5 and 1, both excluded: {level}")]
    Level {
        /// The level that was given.
        level: f64,
    },
    /// A window or horizon that does not fit the data.
    #[error("{what} of {length} does not fit {observations} observations")]
    Window {
        /// `window` or `horizon`.
        what: &'static str,
        /// Its length.
        length: usize,
        /// What there is.
        observations: usize,
    },
    /// Entries that must be in order of time are not.
    #[error("{what} at index {index} is out of order")]
    Order {
        /// The input at fault.
        what: &'static str,
        /// The first position out of order.
        index: usize,
    },
    /// An index points outside its table.
    #[error("{what} at index {index} is {value}, outside 0 to {limit}")]
    Outside {
        /// The input at fault.
        what: &'static str,
        /// The position of the entry.
        index: usize,
        /// Its value.
        value: usize,
        /// The largest value allowed.
        limit: usize,
    },
    /// Dates that make no bond.
    #[error("{what} of {date} does not fit: {rule}")]
    TermDate {
        /// The date at fault.
        what: &'static str,
        /// Its value.
        date: jiff::civil::Date,
        /// What it must be.
        rule: &'static str,
    },
    /// A parameter that a method cannot use.
    #[error("{what} is {value}; it must be {expected}")]
    Parameter {
        /// The parameter at fault.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What it must be, such as `at least 0`.
        expected: &'static str,
    },
    /// The data leave the answer open, such as factors that repeat each other.
    #[error("{what} {reason}")]
    Degenerate {
        /// The input at fault.
        what: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No portfolio keeps all the constraints.
    #[error("no portfolio keeps these constraints together: {}", .conflict.join(", "))]
    Infeasible {
        /// Constraints that exclude one another; without any of them there is a portfolio.
        conflict: Vec<String>,
    },
    /// A covariance matrix does not determine the answer.
    #[error("covariance is not positive definite at asset {index}")]
    NotPositiveDefinite {
        /// The first asset that is a combination of others.
        index: usize,
    },
    /// A solver ended without an answer.
    #[error("{what} found no answer: {reason}")]
    Unsolved {
        /// The method.
        what: &'static str,
        /// How it ended.
        reason: String,
    },
    /// Whoever asked wants no answer any more.
    #[error("the search was stopped")]
    Stopped,
    /// A price table cannot be read.
    #[error("table cannot be read: {reason}")]
    Table {
        /// What is wrong with it.
        reason: String,
    },
}

/// Refuses a slice of another length than `expected`.
pub(crate) fn same_length(what: &'static str, expected: usize, actual: usize) -> Result<(), AnalyticsError> {
    if expected == actual {
        Ok(())
    } else {
        Err(AnalyticsError::Length { what, expected, actual })
    }
}

/// Refuses NaN and infinities.
pub(crate) fn all_finite(what: &'static str, values: &[f64]) -> Result<(), AnalyticsError> {
    // Without an early exit the usual case takes several values at once.
    if values.iter().fold(true, |all, value| all & value.is_finite()) {
        return Ok(());
    }
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(AnalyticsError::NotFinite { what, index }),
    }
}

/// Refuses weights that do not add up to 1, rounding aside.
pub(crate) fn whole(what: &'static str, weights: &[f64]) -> Result<(), AnalyticsError> {
    let value: f64 = weights.iter().sum();
    if (value - 1.0).abs() <= 1e-9 {
        Ok(())
    } else {
        Err(AnalyticsError::Parameter {
            what,
            value,
            expected: "1",
        })
    }
}

/// Returns the value when it is finite: the gate through which every result leaves this crate.
pub(crate) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Returns `numerator / denominator`, or `None` when the denominator is zero or the result is not finite.
pub(crate) fn ratio(numerator: f64, denominator: f64) -> Option<f64> {
    if denominator == 0.0 {
        None
    } else {
        finite(numerator / denominator)
    }
}

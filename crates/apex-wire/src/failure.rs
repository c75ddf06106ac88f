//! What a failed call answers: a code to branch on and one sentence for the person.

use serde::{Deserialize, Serialize};

/// What kind of failure it is; pages branch on this, never on the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// What was sent cannot be accepted as it is.
    Invalid,
    /// The thing named does not exist.
    NotFound,
    /// The book is locked: the passphrase is needed.
    Locked,
    /// The key or passphrase is wrong.
    WrongKey,
    /// A file is damaged or not what it should be.
    Damaged,
    /// A file was written by a newer version.
    Newer,
    /// The document changed since it was read.
    Conflict,
    /// The job was cancelled by the person.
    Cancelled,
    /// The machine refused: disk, permissions, another process.
    Unavailable,
    /// A defect of the program.
    Internal,
}

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What to branch on.
    pub code: Code,
    /// One sentence that names the value at fault and what the person can do.
    pub sentence: String,
    /// The form field at fault, where the call came from a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Failure {
    /// Returns a failure without a field.
    pub fn new(code: Code, sentence: impl Into<String>) -> Self {
        Self {
            code,
            sentence: sentence.into(),
            field: None,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Failure {}

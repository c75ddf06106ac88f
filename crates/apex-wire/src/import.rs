//! The import wizard: look at a file, map its columns, preview, commit.

use serde::{Deserialize, Serialize};

use crate::{View, call::call, job::JobId};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// Transactions.
    Transactions,
    /// Prices.
    Prices,
    /// FX rates.
    Fx,
    /// Opening positions.
    Positions,
}

/// Where the bytes come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportSource {
    /// A file on this machine.
    Path(String),
    /// The content of a file chosen or dropped in the page, base64.
    Content {
        /// Its name.
        name: String,
        /// Its bytes in base64.
        base64: String,
    },
}

/// How the text is read. Absent parts are detected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    /// Encoding label, such as `utf-8` or `windows-1252`.
    pub encoding: Option<String>,
    /// Delimiter: `,`, `;`, tab or `|`.
    pub delimiter: Option<char>,
    /// Decimal mark: `.` or `,`.
    pub decimal: Option<char>,
    /// Date format: `YYYY-MM-DD`, `DD.MM.YYYY`, `DD/MM/YYYY`, `MM/DD/YYYY`, `YYYYMMDD`.
    pub date: Option<String>,
}

/// Which column of the file feeds which canonical column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnMapping {
    /// Heading in the file; empty where a fixed value is used.
    pub source: String,
    /// Canonical column, such as `quantity`; empty where it is ignored.
    pub target: String,
    /// A fixed value for every row.
    pub fixed: Option<String>,
}

/// Asks what an import would do, without doing it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviewImport {
    /// The portfolio that rows without one belong to.
    pub view: Option<View>,
    /// What the file holds.
    pub kind: ImportKind,
    /// The file.
    pub source: ImportSource,
    /// How to read it; detected where absent.
    pub format: Format,
    /// The mapping; guessed, or taken from the template, where absent.
    pub mapping: Option<Vec<ColumnMapping>>,
    /// Name of a saved template.
    pub template: Option<String>,
    /// Whether unknown accounts, portfolios and symbols are created.
    pub create: bool,
}
call!(PreviewImport => ImportPreview, "preview_import");

/// What an import would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportPreview {
    /// Name of the file.
    pub name: String,
    /// How it is read, every part filled; a Parquet table has neither encoding nor delimiter.
    pub format: Format,
    /// The headings of the file, in order.
    pub headings: Vec<String>,
    /// The mapping in use.
    pub mapping: Vec<ColumnMapping>,
    /// Canonical columns that can be mapped to, required ones first.
    pub targets: Vec<TargetColumn>,
    /// The first rows as text, at most 50.
    pub sample: Vec<Vec<String>>,
    /// Data rows in the file.
    pub rows: usize,
    /// Rows that would be added.
    pub added: usize,
    /// Rows that are there already.
    pub duplicates: usize,
    /// Rows that cannot be added.
    pub rejected: Vec<RejectedLine>,
    /// Accounts, portfolios and symbols that would be created, one sentence each.
    pub created: Vec<String>,
    /// Saved templates that fit, by name.
    pub templates: Vec<String>,
}

/// A canonical column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetColumn {
    /// Its name.
    pub name: String,
    /// Whether a row needs it.
    pub required: bool,
}

/// A line that cannot be added. Its JSON is the contract of `apex import --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedLine {
    /// Line in the file, the heading being line 1; in a Parquet table the row, the first being 1.
    pub line: u64,
    /// Column heading at fault.
    pub column: String,
    /// The value at fault.
    pub value: String,
    /// Why, and what would be accepted.
    pub reason: String,
}

/// Imports a file; a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommitImport {
    /// Names the job.
    pub job: JobId,
    /// As previewed.
    pub import: PreviewImport,
    /// Whether good lines are added although others are bad.
    pub skip_bad: bool,
    /// Saves the mapping and format as a template under this name.
    pub save_template: Option<String>,
}
call!(CommitImport => ImportResult, "commit_import");

/// What an import did. Its JSON is the contract of `apex import --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportResult {
    /// Rows added.
    pub added: usize,
    /// Rows that were there already.
    pub duplicates: usize,
    /// Lines refused.
    pub rejected: Vec<RejectedLine>,
}

//! What tests share: ledgers written as tables, reports of what they fold to, and a clock that steps.
//!
//! For tests only. Nothing here decides anything: the rules are those of `apex-domain`.

pub mod clock;
pub mod ledger;
pub mod report;

pub use clock::{Clock, random_bytes};
pub use ledger::{Ledger, LedgerError};
pub use report::report;

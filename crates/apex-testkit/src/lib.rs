//! What tests share: ledgers written as tables, reports of what they fold to, a clock that steps, and servers on loopback
//! that speak as the providers of market data do.
//!
//! For tests only. Nothing here decides anything: the rules are those of `apex-domain`.

pub mod clock;
pub mod ledger;
pub mod replay;
pub mod report;

pub use clock::{Clock, random_bytes};
pub use ledger::{Ledger, LedgerError};
pub use replay::Replay;
pub use report::report;

//! Valuation of a book on columns: market value and P&L by account, realized gains, NAV series, contribution.
//!
//! The decimal ledger decides what was traded; these kernels only multiply its columns with prices. A missing price or
//! rate gives a gap, never zero.

pub mod contribution;
pub mod ledger;
pub mod lots;
pub mod nav;

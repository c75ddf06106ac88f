//! Scenarios: what follows from a few shocks, and which move of a book most plausibly loses a given amount.
//!
//! Nothing here knows what is held: the caller turns moves into money.

pub mod conditional;
pub mod horizon;
pub mod revalue;
pub mod reverse;
pub mod split;

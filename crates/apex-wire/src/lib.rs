//! Everything that crosses a process: the calls of the pages and their replies, jobs, error codes.
//!
//! A call is a type: [`Call`] names it and fixes its reply, so that page and shell cannot disagree. Amounts travel as
//! decimals (strings in JSON), statistics as numbers, and a figure that cannot be given travels as the reason why
//! ([`Figure`]). Nothing here computes.

pub mod alert;
pub mod attribution;
pub mod backtest;
pub mod call;
pub mod cash;
pub mod chart;
pub mod check;
mod choice;
pub mod chunk;
pub mod explain;
pub mod failure;
pub mod feeds;
pub mod figure;
pub mod holdings;
pub mod import;
pub mod job;
pub mod limit;
pub mod news;
pub mod optimizer;
pub mod overview;
pub mod performance;
pub mod preferences;
pub mod quotes;
pub mod risk;
pub mod scenario;
pub mod session;
pub mod setup;
pub mod split;
pub mod startup;
pub mod transactions;
pub mod what_if;

pub use call::{Call, View};
pub use failure::{Code, Failure};
pub use figure::{Amount, Figure, Statistic};

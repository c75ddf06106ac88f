//! The use cases: the one API of the desktop and the command line.
//!
//! [`App`] looks after a data folder and answers every call of the pages by a method of the same name. It loads, asks
//! the domain and the engine, and words the answer; it draws nothing, owns no clock and no random numbers ([`Moment`]
//! brings both), and knows no window and no terminal. The whole book is in memory, so reads never touch a file.

mod alert;
mod answers;
mod app;
pub mod attribution;
pub mod attribution_report;
pub mod backtest;
mod books;
mod cash;
mod catch_up;
mod change;
mod check;
pub mod covariance;
mod day;
pub mod demo;
mod draft;
pub mod error;
mod explain;
pub mod factors;
pub mod feeds;
pub mod fold;
pub mod garch;
mod grid;
pub mod history;
mod holdings;
pub mod import;
pub mod indicators;
mod instrument;
pub mod job;
mod limit;
mod live;
mod lots;
pub mod moment;
mod news;
pub mod optimize;
pub mod optimizer;
mod overview;
mod performance;
pub mod performance_report;
mod preferences;
pub mod pricing;
mod quotes;
mod read;
pub mod repair;
pub mod report;
mod risk;
pub mod risk_report;
pub mod scenario;
mod session;
mod setup;
mod sides;
mod split;
mod state;
pub mod statistics;
pub mod table;
mod track;
mod transactions;
pub mod valuation;
pub mod var_backtest;
pub mod view;
mod watchlist;
pub mod what_if;

pub use app::{App, WallClock};
pub use error::{AppError, Refused, Result};
pub use fold::PortfolioFold;
pub use history::History;
pub use job::Job;
pub use moment::Moment;
pub use session::firm_changes;
// A shell hands in its random numbers, and tells a recovery key from a passphrase, by these.
pub use apex_store::{Entropy, RecoveryKey};
pub use state::Clock;
pub use valuation::Valuation;
pub use view::Moments;

//! Returns, risk and valuation series: arithmetic on columns.
//!
//! Every figure of the workstation is a function here, over plain slices and structs: screen, command line, report and
//! nightly job call the same one. All numbers are `f64` (scaled integers where a kernel is exact); what is undefined is
//! `None`, and no NaN or infinity leaves a public function. The data-frame and linear-algebra crates used inside do not
//! show outside. This crate reads no file and no clock, draws random numbers only from a seed it is given, and has no
//! opinion on where prices come from or how a figure is shown.

pub mod attribution;
pub mod backtest;
pub mod benchmark;
pub mod concentration;
pub mod covariance;
pub mod distribution;
mod elementary;
pub mod error;
pub mod example;
pub mod factor;
pub mod gap;
pub mod garch;
pub mod indicator;
pub mod liquidity;
pub mod measure;
pub mod optimize;
pub mod parquet;
pub mod pricing;
pub mod quantile;
pub mod random;
pub mod rebalance;
pub mod returns;
pub mod scenario;
pub mod series;
pub mod table;
pub mod tear_sheet;
pub mod twr;
pub mod valuation;
pub mod var;
pub mod xirr;

pub use error::AnalyticsError;

//! The engine against reference values and hand calculations, through its public functions only.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod cash_flows;
mod covariance;
mod example;
mod optimize;
mod parquet;
mod reference;
mod series;
mod table;
mod tear_sheet;
mod valuation;
mod value_at_risk;

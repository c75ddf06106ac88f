//! The engine against reference values and hand calculations, through its public functions only.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod attribution;
mod backtest;
mod benchmark;
mod cash_flows;
mod covariance;
mod example;
mod factor;
mod garch;
mod horizon;
mod indicator;
mod measure;
mod optimize;
mod parquet;
mod pricing;
mod reference;
mod risk_methods;
mod scenario;
mod series;
mod table;
mod tear_sheet;
mod valuation;
mod value_at_risk;
mod what_if;

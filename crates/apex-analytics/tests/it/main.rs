//! The engine against reference values and hand calculations, through its public functions only.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod cash_flows;
mod example;
mod factor;
mod garch;
mod parquet;
mod reference;
mod risk_methods;
mod series;
mod table;
mod tear_sheet;
mod valuation;
mod value_at_risk;

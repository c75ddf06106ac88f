//! The `apex` command as scripts use it: the real program, real files, its output and its exit status.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops where it is")]

mod attribution;
mod backtest;
mod book;
mod data;
mod desk;
mod determinism;
mod feeds;
mod import;
mod indicators;
mod ledger;
mod optimize;
mod pricing;
mod risk;
mod scenario;
mod statistics;
mod usage;
mod what_if;

//! Repair from outside: golden files and properties.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops where it is")]

mod faults;
mod golden;
mod planted;
mod properties;

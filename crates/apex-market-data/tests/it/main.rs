//! Repair from outside: golden files, planted faults and properties; and calendars against real days.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops where it is")]

mod faults;
mod golden;
mod pipeline;
mod planted;
mod properties;
mod sessions;

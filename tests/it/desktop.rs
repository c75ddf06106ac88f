//! Scenarios of the built window, driven as a person would.

mod attribution;
mod market;
mod opening;
mod optimization;
mod scenarios;
mod splits;
mod walkthrough;
mod what_if;

use apex_tests::desktop::Desktop;

//! Scenarios of the built window, driven as a person would.

mod opening;
mod optimization;
mod scenarios;
mod walkthrough;

use apex_tests::desktop::Desktop;

//! Scenarios of the built window, driven as a person would.

mod attribution;
mod opening;
mod scenarios;
mod walkthrough;

use apex_tests::desktop::Desktop;

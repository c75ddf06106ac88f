//! The adapters from outside: answers in recorded shapes read, budgets kept, and the real client against servers on
//! loopback that speak as the providers do.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod budget;
mod client;
mod hub;
mod live;
mod mutations;
mod parse;

//! The adapters from outside: answers in recorded shapes read, budgets kept, and the real client against servers on
//! loopback that speak as the providers do.

mod budget;
mod parse;

//! The store as the use cases see it: real folders, real encryption, real files.

#![allow(clippy::unwrap_used, reason = "a failed step is a failed test, in the fixture too")]
#![allow(
    clippy::print_stdout,
    reason = "sizes and timings are printed for whoever asks with --nocapture"
)]

mod backup;
mod cache;
mod facts;
mod fixture;
mod folder;
mod history;
mod market;
mod size;
mod withdrawn;

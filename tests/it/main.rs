//! Everything that spans crates, in one program: scenarios, the built window driven through WebDriver, the server on a
//! port of its own, and checks on the repository itself.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops where it is")]

#[cfg(target_os = "linux")]
mod desktop;
mod repository;
mod server;

//! What scenarios and benchmarks of the built window share: a machine to open it on, and hands to use it.
#![cfg(target_os = "linux")]

pub mod desktop;

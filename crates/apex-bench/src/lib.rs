//! What the benchmarks work on, a made-up ledger of any size, as columns and as transactions; and where they leave figures.
//!
//! The benchmarks themselves are in `benches/`, and `cargo xtask bench` runs them. `tests/kernels.rs` proves that the
//! kernels they time give what the decimal fold gives.

pub mod decimal;
pub mod figures;
pub mod simulated;

//! Market data: what the providers say, what is wrong with it, and what may be trusted.

pub mod adjust;
pub mod calendar;
pub mod repair;
pub mod series;

//! Everything that crosses a process: calls, replies, jobs and error codes.

pub mod chart;

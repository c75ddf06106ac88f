//! Series for charts and tables: rolling measures, correlation, calendars, extremes, histograms, decimation.
//!
//! It has no opinion on colors, pixels or words; a series is columns.

pub mod calendar;
pub mod correlation;
pub mod decimate;
pub mod episode;
pub mod histogram;
pub mod rolling;

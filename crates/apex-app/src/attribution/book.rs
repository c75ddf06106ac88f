//! The Attribution page: a portfolio of the book against a benchmark, from its own ledger and prices.
//!
//! Weights and contributions are measured day by day, as Performance measures them: a part's weight is its value at the
//! close before over the day's capital, money from outside counts in cash at the start of its day, and what a part
//! earned on the day, trades included, is its contribution. Over a period they are put together by
//! [`apex_analytics::attribution::held`], so that contributions add up to the time-weighted return of the Performance
//! page.

mod benchmark;
mod exposures;
mod record;
mod rows;
mod study;

use apex_wire::Failure;
use apex_wire::attribution::{Attribution, AttributionSettings, Blend, GetAttribution, LinkMethod};

pub(crate) use rows::segment_row as row_of;
pub(crate) use study::{SegmentPeriod, Study};

use crate::App;
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::optimize::constraints::read_toml;

/// As many factors as one question may ask about.
const FACTORS_MAX: usize = 12;

impl App {
    /// Returns why a portfolio did better or worse than a benchmark.
    ///
    /// # Errors
    /// When no book is open, the portfolio is not in it, there is no day in the period, or the benchmark or a factor
    /// cannot be made of what the book has: the sentence names the field and the value.
    pub fn get_attribution(&self, ask: GetAttribution) -> Result<Attribution, Failure> {
        let fold = self.fold(ask.view)?;
        Ok(attribute_book(&fold, &ask.settings)?)
    }
}

/// Reads a blended benchmark from the TOML of its document.
///
/// # Errors
/// When the text is no TOML or has fields that are not known; the sentence names the place.
pub fn read_blend(text: &str) -> Result<Blend> {
    read_toml(text, "the benchmark")
}

fn attribute_book(fold: &PortfolioFold, settings: &AttributionSettings) -> Result<Attribution> {
    check(settings)?;
    let study = Study::of(fold, settings)?;
    let factors = if settings.factors.is_empty() {
        None
    } else {
        Some(exposures::split(fold, &study, settings)?)
    };
    Ok(rows::answer(fold, &study, settings, factors))
}

/// Refuses questions that have no answer.
pub(crate) fn check(settings: &AttributionSettings) -> Result<()> {
    if settings.linking == LinkMethod::Geometric && settings.with_currency {
        return Err(AppError::field(
            "linking",
            "geometric effects have no part of currencies; choose carino, menchero or grap",
        ));
    }
    if settings.factors.len() > FACTORS_MAX {
        let count = settings.factors.len();
        return Err(AppError::field(
            "factors",
            format!("{count} factors are too many; choose {FACTORS_MAX} at most"),
        ));
    }
    if let (Some(from), Some(to)) = (settings.from, settings.to)
        && from >= to
    {
        return Err(AppError::field("to", format!("{to} is not after {from}")));
    }
    Ok(())
}

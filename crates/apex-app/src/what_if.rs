//! What-if: edits on a scratch copy of the book, and every figure before and after them.
//!
//! The figures before are those of the other pages, bit for bit; those after come from the same rules. Money is added up
//! exactly. Returns of what no edit touches are added up once and kept with the fold, so that an answer costs only the
//! holdings that are edited. Nothing of the book is written, and no edit is an order.

mod answer;
mod cash;
mod edits;
mod file;
mod kept;
mod positions;
mod proposals;
mod risk;
mod scratch;
mod settlement;

use apex_wire::Failure;
use apex_wire::what_if::{GetWhatIf, WhatIf};

pub use file::{FileEdit, Sizes, read_edits};
pub(crate) use kept::Kept;

use crate::App;
use crate::error::{AppError, Result};
use crate::risk::checked;

/// As many edits as one question may have: more than any book has positions to be typed over.
const EDITS_MAX: usize = 5_000;
/// As many scenarios as one question may ask about.
const STRESS_MAX: usize = 12;
/// A fee above a tenth of a trade is a typing error.
const FEE_BPS_MAX: f64 = 1_000.0;
/// The scenarios a book is stressed by where none is named.
const STRESS_USUAL: [&str; 7] = [
    "Credit crisis 2008",
    "Pandemic 2020",
    "Inflation 2022",
    "Shares -20%",
    "Rates +100 bp",
    "Spreads +150 bp",
    "Other currencies -10%",
];

impl App {
    /// Returns every figure of a book before and after some edits. An edit that cannot be made is named and left out.
    ///
    /// # Errors
    /// When no book is open, the portfolio is not in it, or a setting is out of range: the sentence names the field and
    /// the value.
    pub fn get_what_if(&self, ask: GetWhatIf) -> Result<WhatIf, Failure> {
        check(&ask)?;
        let fold = self.fold(ask.view)?;
        Ok(answer::what_if(&fold, &ask)?)
    }
}

/// Refuses settings that nothing can be computed with.
fn check(ask: &GetWhatIf) -> Result<()> {
    let refuse = |field, sentence: String| Err(AppError::field(field, sentence));
    checked(ask.level, ask.horizon, ask.window)?;
    fee(ask.fee_bps)?;
    if ask.edits.len() > EDITS_MAX {
        let count = ask.edits.len();
        return refuse(
            "edits",
            format!("{count} edits are too many at once; {EDITS_MAX} at most"),
        );
    }
    if ask.stress.len() > STRESS_MAX {
        let count = ask.stress.len();
        return refuse(
            "stress",
            format!("{count} scenarios are too many at once; choose {STRESS_MAX} at most"),
        );
    }
    ask.stress.iter().try_for_each(crate::scenario::check)
}

/// Refuses fees that nobody pays.
fn fee(fee_bps: f64) -> Result<()> {
    if fee_bps.is_finite() && (0.0..=FEE_BPS_MAX).contains(&fee_bps) {
        return Ok(());
    }
    Err(AppError::field(
        "fee_bps",
        format!("a fee of {fee_bps} basis points must lie between 0 and {FEE_BPS_MAX}"),
    ))
}

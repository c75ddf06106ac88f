//! The edits on the desk: kept while other pages are looked at, and never in the book unless a person keeps them.

use apex_domain::PortfolioId;
use apex_wire::what_if::{EditBy, Funding, Proposal, WhatIfEdit};
use dioxus::prelude::*;

use crate::desk::Desk;

/// The edits of one portfolio.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Draft {
    /// The portfolio they are made on.
    pub(super) portfolio: Option<PortfolioId>,
    pub(super) edits: Vec<WhatIfEdit>,
    /// The fee in basis points, as typed.
    pub(super) fee: String,
    pub(super) funding: Funding,
    /// Name and version of the proposal the edits came from.
    pub(super) proposal: Option<(String, u64)>,
    /// What was thrown away last, to be brought back.
    pub(super) discarded: Vec<WhatIfEdit>,
}

static DRAFT: GlobalSignal<Draft> = Signal::global(Draft::default);

/// Returns the edits of the portfolio on the desk, and listens to them.
pub(super) fn draft(desk: Desk) -> Draft {
    let portfolio = (desk.portfolio)();
    let draft = DRAFT.read().clone();
    if draft.portfolio == portfolio {
        draft
    } else {
        Draft {
            portfolio,
            ..Draft::default()
        }
    }
}

/// Changes the edits of the portfolio on the desk; those of another one are forgotten.
pub(super) fn edit(desk: Desk, change: impl FnOnce(&mut Draft)) {
    let portfolio = *desk.portfolio.peek();
    let mut draft = DRAFT.write();
    if draft.portfolio != portfolio {
        *draft = Draft {
            portfolio,
            ..Draft::default()
        };
    }
    change(&mut draft);
}

/// Throws the edits away, so that every figure is that of the book again; says whether there were any.
pub(crate) fn discard(desk: Desk) -> bool {
    let draft = DRAFT.peek();
    if draft.portfolio != *desk.portfolio.peek() || draft.edits.is_empty() {
        return false;
    }
    drop(draft);
    edit(desk, |draft| {
        draft.discarded = std::mem::take(&mut draft.edits);
        draft.proposal = None;
    });
    true
}

/// Puts trades on the desk in place of its edits, which can be brought back.
pub(crate) fn take_trades(desk: Desk, trades: Vec<WhatIfEdit>) {
    edit(desk, |draft| {
        draft.discarded = std::mem::replace(&mut draft.edits, trades);
        draft.proposal = None;
    });
}

impl Draft {
    /// Returns what stands in a cell of the grid: the target of a symbol, without the percent sign of the heading.
    pub(super) fn target(&self, symbol: &str, by: EditBy) -> &str {
        let found = self.edits.iter().find(|edit| edit.by == by && edit.symbol == symbol);
        let size = found.map_or("", |edit| edit.size.as_str());
        size.strip_suffix('%').unwrap_or(size)
    }

    /// Puts what was typed into a cell of the grid in place of any other target of the symbol.
    pub(super) fn set_target(&mut self, symbol: &str, by: EditBy, typed: &str) {
        let text = typed.trim_start();
        let is_target = |edit: &WhatIfEdit| {
            edit.symbol == symbol && matches!(edit.by, EditBy::TargetQuantity | EditBy::TargetWeight)
        };
        let at = self.edits.iter().position(is_target);
        if text.trim().is_empty() {
            self.edits.retain(|edit| !is_target(edit));
            return;
        }
        let size = match by {
            EditBy::TargetWeight if !text.ends_with('%') => format!("{text}%"),
            _ => text.to_owned(),
        };
        let edit = WhatIfEdit {
            symbol: symbol.to_owned(),
            by,
            size,
        };
        match at.and_then(|at| self.edits.get_mut(at)) {
            Some(known) => *known = edit,
            None => self.edits.push(edit),
        }
    }

    /// Puts the edits of a proposal on the desk.
    pub(super) fn open(&mut self, proposal: &Proposal, version: u64) {
        self.edits.clone_from(&proposal.edits);
        self.fee = if proposal.fee_bps == 0.0 {
            String::new()
        } else {
            proposal.fee_bps.to_string()
        };
        self.funding = proposal.funding;
        self.proposal = Some((proposal.name.clone(), version));
        self.discarded.clear();
    }

    /// Returns the fee, or what is wrong with it.
    pub(super) fn fee_bps(&self) -> Result<f64, String> {
        match self.fee.trim() {
            "" => Ok(0.0),
            text => text
                .parse()
                .map_err(|_| format!("`{text}` is not a number of basis points")),
        }
    }
}

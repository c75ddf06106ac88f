//! Proposals: edits a person keeps in the book under a name. They change nothing and are never orders.

use apex_store::Named;
use apex_wire::what_if::{GetProposals, KeepProposal, Proposal, ProposalEntry, RemoveProposal};
use apex_wire::{Code, Failure};

use super::{EDITS_MAX, fee};
use crate::App;
use crate::error::{AppError, Result};
use crate::moment::Moment;
use crate::read;

impl App {
    /// Returns the proposals of the book, by name.
    ///
    /// # Errors
    /// When no book is open, or it cannot be read.
    pub async fn get_proposals(&self, _ask: GetProposals) -> Result<Vec<ProposalEntry>, Failure> {
        let found = self.book()?.store.list::<Proposal>(Named::Proposal).await;
        let entry = |saved: apex_store::Versioned<Proposal>| ProposalEntry {
            proposal: saved.value,
            version: saved.version,
            kept_at: saved.known_at,
        };
        Ok(found.map_err(AppError::from)?.into_values().map(entry).collect())
    }

    /// Returns the proposal of a name.
    ///
    /// # Errors
    /// When there is none.
    pub async fn proposal_named(&self, name: &str) -> Result<ProposalEntry, Failure> {
        let all = self.get_proposals(GetProposals {}).await?;
        all.into_iter()
            .find(|entry| entry.proposal.name.eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| Failure::new(Code::NotFound, format!("there is no proposal {name}")))
    }

    /// Keeps edits as a proposal and returns its version.
    ///
    /// # Errors
    /// When it has no name or no edit, the portfolio is not in the book, or it was changed since `base_version`.
    pub async fn keep_proposal(&self, ask: KeepProposal, moment: &Moment) -> Result<u64, Failure> {
        let name = read::name(&ask.name, "a proposal")?.to_owned();
        if ask.edits.is_empty() || ask.edits.len() > EDITS_MAX {
            let count = ask.edits.len();
            let sentence = format!("a proposal of {count} edits cannot be kept; it needs 1 to {EDITS_MAX}");
            return Err(AppError::field("edits", sentence).into());
        }
        fee(ask.fee_bps)?;
        let moments = self.moments(ask.view)?;
        let portfolio = self.state()?.portfolio(moments.portfolio)?.portfolio.name.clone();
        let proposal = Proposal {
            name: name.clone(),
            portfolio,
            as_of: moments.as_of,
            edits: ask.edits,
            fee_bps: ask.fee_bps,
            funding: ask.funding,
            note: ask.note.trim().to_owned(),
        };
        let _writing = self.writer.lock().await;
        let store = &self.book()?.store;
        let version = store.put(Named::Proposal, &name, &proposal, ask.base_version, moment.now);
        Ok(version.await.map_err(AppError::from)?)
    }

    /// Removes a proposal of the book; its versions stay in the history.
    ///
    /// # Errors
    /// When there is none of that name, or it was changed since `base_version`.
    pub async fn remove_proposal(&self, ask: RemoveProposal, moment: &Moment) -> Result<(), Failure> {
        let _writing = self.writer.lock().await;
        let store = &self.book()?.store;
        let removed = store.remove(Named::Proposal, &ask.name, ask.base_version, moment.now);
        removed.await.map_err(AppError::from)?;
        Ok(())
    }
}

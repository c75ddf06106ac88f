//! What was found, how it stands, and its name.

use apex_domain::{Date, Decimal};
use serde::{Deserialize, Serialize};

use super::LeftOut;
use crate::record::Provider;
use crate::repair::Kind;
use crate::series::Field;

/// How many cells a finding shows; a wrong unit may touch thousands.
pub(super) const CELLS_MAX: usize = 60;

/// What a person decides about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The proposal is right.
    Take,
    /// The provider is right.
    Keep,
    /// Neither: what it touches is left out.
    LeaveOut,
}

/// How a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// Sure, and done without asking.
    Repaired,
    /// A person must decide.
    Waiting,
    /// A person took the proposal.
    Taken,
    /// A person kept the provider's figures.
    Kept,
    /// A person left out what it touches.
    LeftOut,
}

impl FindingState {
    /// Returns how a finding stands that was decided, or is sure or not.
    pub(super) const fn of(decision: Option<Decision>, is_sure: bool) -> Self {
        match (decision, is_sure) {
            (Some(Decision::Take), _) => Self::Taken,
            (Some(Decision::Keep), _) => Self::Kept,
            (Some(Decision::LeaveOut), _) => Self::LeftOut,
            (None, true) => Self::Repaired,
            (None, false) => Self::Waiting,
        }
    }
}

impl LeftOut {
    /// Returns why a day is left out for a finding that takes its close out; `None` where that is not settled.
    pub(super) fn of(state: FindingState, said: Option<Decimal>) -> Option<Self> {
        match state {
            FindingState::LeftOut | FindingState::Taken => Some(Self::Decided),
            FindingState::Repaired => said.map(Self::Wrong),
            FindingState::Waiting | FindingState::Kept => None,
        }
    }
}

/// One figure, before and after, as traded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingCell {
    /// The day.
    pub date: Date,
    /// The figure. A split is new shares for one old one.
    pub field: Field,
    /// What the provider says.
    pub before: Option<Decimal>,
    /// What it should be; none where it should not be there.
    pub after: Option<Decimal>,
}

/// One fault of what a provider says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Its name, a hash: the same fault has the same name whenever it is found.
    pub id: String,
    /// Who says it.
    pub provider: Provider,
    /// The kind.
    pub kind: Kind,
    /// The first day it touches.
    pub from: Date,
    /// The last.
    pub until: Date,
    /// Why, in a sentence.
    pub reason: String,
    /// How sure it is, from 0 to 1.
    pub confidence: f64,
    /// How it stands.
    pub state: FindingState,
    /// The first sixty figures it touches, by day.
    pub cells: Vec<FindingCell>,
    /// How many it touches in all.
    pub cell_count: usize,
}

/// Names a finding by who says what of which days: the first 32 hexadecimal digits of a BLAKE3 hash.
pub(super) fn name<'a>(provider: Provider, kind: Kind, cells: impl IntoIterator<Item = NamedCell<'a>>) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(provider.name().as_bytes());
    hasher.update(&[0]);
    hasher.update(kind.code().as_bytes());
    for cell in cells {
        let day = [
            cell.date.year().to_le_bytes(),
            [cell.date.month() as u8, cell.date.day() as u8],
        ];
        hasher.update(&[1]);
        hasher.update(day.as_flattened());
        hasher.update(cell.what.as_bytes());
        match cell.value {
            Some(value) => {
                let value = value.normalize();
                hasher.update(&value.mantissa().to_le_bytes());
                hasher.update(&value.scale().to_le_bytes())
            }
            None => hasher.update(&[2]),
        };
    }
    hasher.finalize().to_hex().as_str()[..32].to_owned()
}

/// What a finding is named by.
#[derive(Debug, Clone, Copy)]
pub(super) struct NamedCell<'a> {
    pub(super) date: Date,
    pub(super) what: &'a str,
    /// What the provider says.
    pub(super) value: Option<Decimal>,
}

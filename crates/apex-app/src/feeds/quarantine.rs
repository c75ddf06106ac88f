//! What was found wrong, and what a person decides about it.

use apex_domain::InstrumentId;
use apex_market_data::repair::Kind;
use apex_market_data::series::Field;
use apex_store::{SeriesKey, StoredFinding};
use apex_wire::Failure;
use apex_wire::feeds::{DecideFinding, Decision, Finding, FindingCell, FindingState, GetQuarantine, Provider};
use jiff::ToSpan as _;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::trust;
use crate::App;
use crate::error::{AppError, Result};
use crate::moment::Moment;
use crate::state::State;

/// Cells of a fault that a page gets.
const CELLS_MAX: usize = 60;
/// Days shown before and after a fault.
const AROUND_DAYS: i32 = 21;

/// What is stored of a fault, beside its name and how it stands. Its JSON is read by later versions: fields are added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Body {
    /// What the pipeline calls it; older books have none, and the fault's own name is it.
    #[serde(default)]
    pub(super) fault: String,
    pub(super) provider: Provider,
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) from: Date,
    pub(super) until: Date,
    pub(super) reason: String,
    pub(super) confidence: f64,
    pub(super) cells: Vec<FindingCell>,
    pub(super) cell_count: usize,
}

impl App {
    /// Returns what was found wrong: what waits for a person, latest days first, then what is settled.
    ///
    /// # Errors
    /// When no book is open or it cannot be read.
    pub async fn get_quarantine(&self, ask: GetQuarantine) -> Result<Vec<Finding>, Failure> {
        let book = self.book()?;
        let state = book.state();
        let market = book.store.market().await.map_err(AppError::from)?;
        let key = ask.instrument.map(SeriesKey::Instrument);
        let stored = market.findings(key, ask.settled).await.map_err(AppError::from)?;
        let mut findings = Vec::with_capacity(stored.len());
        for one in stored {
            findings.push(finding(&state, one)?);
        }
        let order = |finding: &Finding| (finding.state != FindingState::Waiting, std::cmp::Reverse(finding.until));
        findings.sort_by(|left, right| order(left).cmp(&order(right)).then_with(|| left.id.cmp(&right.id)));
        Ok(findings)
    }

    /// Decides a fault; what is published follows from it at once.
    ///
    /// # Errors
    /// When there is no such fault, the decision cannot be carried out, or the book cannot be written.
    pub async fn decide_finding(&self, ask: DecideFinding, moment: &Moment) -> Result<Finding, Failure> {
        let book = self.book()?;
        let market = book.store.market().await.map_err(AppError::from)?;
        let before = market.finding(&ask.id).await.map_err(AppError::from)?;
        let body = body_of(&before)?;
        check(&body, ask.decision)?;
        let decision = match ask.decision {
            Decision::Undo => None,
            decision => Some(decision.name()),
        };
        let decided = market
            .decide(&ask.id, decision, moment.now)
            .await
            .map_err(AppError::from)?;
        let key = decided.key;
        let state = self.fresh_state().await?;
        let mut verdict = trust::judge(self, &book, &state, key, &trust::Heard::default(), moment.now).await?;
        if let (Decision::Undo, Some((_, at))) = (ask.decision, before.decided) {
            let span = trust::Span {
                from: body.from,
                until: body.until,
                before: at.saturating_sub(1.nanosecond()).unwrap_or(at),
            };
            trust::restore(&mut verdict, &book, &state, key, &span, moment.now).await?;
        }
        self.apply_to(&book, verdict.changes, moment).await?;
        // What was undone may be found anew, or not at all.
        let stored = market.findings(Some(key), true).await.map_err(AppError::from)?;
        let found = stored.into_iter().find(|one| one.id == ask.id).unwrap_or(decided);
        Ok(finding(&book.state(), found)?)
    }
}

/// Refuses a decision that nothing could follow from.
fn check(body: &Body, decision: Decision) -> Result<()> {
    let is_currency = body.kind == Kind::Currency.code();
    match decision {
        Decision::Take | Decision::Keep if is_currency => Err(AppError::invalid(format!(
            "{}: mend the currency of the instrument, or what the provider calls it, and fetch again",
            body.reason
        ))),
        Decision::Keep => {
            let is_close = |cell: &&FindingCell| cell.field == Field::Close.name().to_lowercase();
            let is_no_price = |cell: &FindingCell| cell.before.is_some_and(|price| price <= Decimal::ZERO);
            match body.cells.iter().filter(is_close).find(|cell| is_no_price(cell)) {
                Some(cell) => Err(AppError::invalid(format!(
                    "a close of {} on {} is no price and cannot be kept; take the proposal or leave the day out",
                    cell.before.unwrap_or_default().normalize(),
                    cell.date
                ))),
                None => Ok(()),
            }
        }
        Decision::Take | Decision::LeaveOut | Decision::Undo => Ok(()),
    }
}

fn body_of(stored: &StoredFinding) -> Result<Body> {
    Body::deserialize(&stored.body).map_err(|err| AppError::Defect {
        sentence: format!("the fault {} cannot be read: {err}", stored.id),
    })
}

fn finding(state: &State, stored: StoredFinding) -> Result<Finding> {
    let body = body_of(&stored)?;
    let decision = stored.decided.as_ref().and_then(|(decision, _)| Decision::of(decision));
    let stands = match decision {
        Some(Decision::Take) => FindingState::Taken,
        Some(Decision::Keep) => FindingState::Kept,
        Some(Decision::LeaveOut) => FindingState::LeftOut,
        Some(Decision::Undo) | None if stored.state == trust::REPAIRED => FindingState::Repaired,
        Some(Decision::Undo) | None => FindingState::Waiting,
    };
    let (instrument, symbol) = match stored.key {
        SeriesKey::Instrument(id) => (Some(id), state.symbol(id, body.until)),
        SeriesKey::Pair(base, target) => (None, format!("{base}/{target}")),
    };
    let mut cells = body.cells;
    cells.truncate(CELLS_MAX);
    Ok(Finding {
        id: stored.id,
        around: instrument
            .map(|id| around(state, id, body.from, body.until))
            .unwrap_or_default(),
        instrument,
        symbol,
        provider: body.provider,
        kind: body.kind,
        title: body.title,
        from: body.from,
        until: body.until,
        reason: body.reason,
        confidence: body.confidence,
        state: stands,
        cell_count: body.cell_count,
        cells,
        found: stored.found,
        decided: stored.decided.map(|(_, at)| at),
    })
}

/// Returns the closes around a stretch of days, the days of the stretch itself included; `None` on those without one.
fn around(state: &State, instrument: InstrumentId, from: Date, until: Date) -> Vec<(Date, Option<Decimal>)> {
    let first = from.saturating_sub(AROUND_DAYS.days());
    let last = until
        .saturating_add(AROUND_DAYS.days())
        .min(first.saturating_add((6 * AROUND_DAYS).days()));
    let (days, closes) = state.prices.columns(instrument);
    let mut around: std::collections::BTreeMap<Date, Option<Decimal>> = days
        .iter()
        .zip(closes)
        .filter(|(day, _)| (first..=last).contains(*day))
        .map(|(day, close)| (*day, Some(*close)))
        .collect();
    for day in [from, until] {
        around.entry(day).or_insert(None);
    }
    around.into_iter().collect()
}

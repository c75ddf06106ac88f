//! From what the providers said to what the book trusts: the pipeline's verdict on one series, and what the ledger is to
//! be told of it.
//!
//! What a person typed or imported is never overridden by a provider, and a day once published stays until something
//! better is known of it: a fault that waits holds new prices back, it takes none away. A day that a person leaves out,
//! and one whose price turns out to be none, is withdrawn.

mod publish;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use apex_domain::{InstrumentId, InstrumentKind, Timestamp};
use apex_market_data::pipeline::{self, Intake, Judged, Payment, SourceDays, Subject};
use apex_market_data::record;
use apex_market_data::repair::Kind;
use apex_store::{
    BarWindow, Changes, CorporateAction, CorporateEvent, NewFinding, SeriesKey, SourceEvent, SourceSeries,
    StoredFinding,
};
use apex_wire::feeds::{Decision, FindingCell, Provider};
use jiff::civil::Date;

use super::quarantine::Body;
use super::session::Sessions;
use super::{candles, named, provider_of, settings};
use crate::App;
use crate::app::OpenedBook;
use crate::error::{AppError, Result};
use crate::state::State;

/// What stands beside a provider's name where its price was repaired.
const REPAIRED_WORD: &str = "repaired";
/// How faults stand in the store until somebody decides them.
pub(super) const REPAIRED: &str = "repaired";
const WAITING: &str = "waiting";

/// What became of one series.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// What the ledger is to be told.
    pub(super) changes: Changes,
    /// Days that are new, corrected or withdrawn.
    pub(super) days: usize,
    /// Corporate actions that are new or corrected.
    pub(super) actions: usize,
    /// Faults that are repaired.
    pub(super) repaired: usize,
    /// Faults that wait for a person.
    pub(super) waiting: usize,
    /// Days of a source that are left out.
    left_out: BTreeSet<(Date, Provider)>,
    /// Days that are trusted.
    published: BTreeSet<Date>,
}

impl Verdict {
    /// Returns whether a source's day is left out.
    fn leaves_out(&self, date: Date, source: &str) -> bool {
        feeder(source).is_some_and(|provider| self.left_out.contains(&(date, provider)))
    }
}

/// Returns the provider that a price or rate came from: only such a one may be corrected by a provider.
fn feeder(source: &str) -> Option<Provider> {
    let name = source.split_once(", ").map_or(source, |(name, _)| name);
    let known = Provider::ALL.iter().find(|(_, _, words)| *words == name);
    known.map(|(provider, ..)| *provider)
}

fn is_fed(source: &str) -> bool {
    feeder(source).is_some()
}

/// Returns whether a price was repaired before it was published.
pub(super) fn is_repaired(source: &str) -> bool {
    is_fed(source) && source.ends_with(REPAIRED_WORD)
}

/// Says what is judged.
pub(crate) fn subject(state: &State, key: SeriesKey) -> Result<Subject> {
    match key {
        SeriesKey::Instrument(id) => {
            let instrument = state.instrument(id)?;
            Ok(Subject {
                currency: instrument.currency,
                exchange: Sessions::of(instrument.exchange.as_deref()).mic().map(str::to_owned),
                kind: instrument.kind,
            })
        }
        SeriesKey::Pair(_, target) => Ok(Subject {
            currency: target,
            exchange: None,
            kind: InstrumentKind::CurrencyPair,
        }),
    }
}

/// What sources said just now beside their days: faults of whole answers, which no later judgment finds again.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Who spoke.
    pub(super) providers: Vec<record::Provider>,
    /// What was wrong with it.
    pub(super) findings: Vec<pipeline::Finding>,
}

/// Judges all that the sources say about a series, keeps the faults, and works out what the ledger is to be told.
pub(super) async fn judge(
    app: &App,
    book: &Arc<OpenedBook>,
    state: &State,
    key: SeriesKey,
    heard: &Heard,
    now: Timestamp,
) -> Result<Verdict> {
    let market = book.store.market().await?;
    let order: Vec<Provider> = settings::load(market)
        .await?
        .into_iter()
        .map(|one| one.provider)
        .collect();
    let subject = subject(state, key)?;
    let sessions = Sessions::of(subject.exchange.as_deref());
    let known = market.findings(Some(key), true).await?;
    let intake = Intake {
        until: sessions.last_ended(app.today(), app.now()),
        sources: sources(market.sources(key, None).await?, &order),
        decisions: decisions(&known),
        subject,
    };
    let judged = pipeline::judge(&intake);
    let found = heard.findings.iter().chain(&judged.findings);
    let found: Vec<Result<NewFinding>> = found.map(|finding| new_finding(key, &known, finding)).collect();
    let found = found.into_iter();
    let found: Vec<NewFinding> = found.chain(standing(known, heard)).collect::<Result<_>>()?;
    market.put_findings(key, &found, now).await?;
    let count = |wanted: pipeline::FindingState| judged.findings.iter().filter(|one| one.state == wanted).count();
    let mut verdict = Verdict {
        repaired: count(pipeline::FindingState::Repaired) + count(pipeline::FindingState::Taken),
        waiting: found.iter().filter(|one| one.state == WAITING).count(),
        left_out: judged.left_out.keys().map(|(date, by)| (*date, named(*by))).collect(),
        published: judged.days.keys().copied().collect(),
        ..Verdict::default()
    };
    match key {
        SeriesKey::Instrument(id) => {
            publish::prices(&mut verdict, book, state, id, &judged, now).await?;
            let told = intake.sources.iter().flat_map(|source| &source.bars);
            let told_from = told.map(|(date, _)| *date).min();
            actions(&mut verdict, book, id, (&judged, told_from), now).await?;
        }
        SeriesKey::Pair(base, target) => publish::rates(&mut verdict, book, (base, target), &judged, now).await?,
    }
    Ok(verdict)
}

/// The days of a fault, and the last instant before it was decided.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) from: Date,
    pub(super) until: Date,
    pub(super) before: Timestamp,
}

/// Brings the days of a fault back to what the ledger knew before a decision that is undone: what was published for the
/// decision is withdrawn, and what it withdrew is put back. Days that the sources agree on now, and those that are left out
/// for another reason, are as the judgment has them.
pub(super) async fn restore(
    verdict: &mut Verdict,
    book: &OpenedBook,
    state: &State,
    key: SeriesKey,
    span: &Span,
    now: Timestamp,
) -> Result<()> {
    match key {
        SeriesKey::Instrument(id) => publish::restore_prices(verdict, book, state, id, span, now).await,
        SeriesKey::Pair(base, target) => publish::restore_rates(verdict, book, (base, target), span, now).await,
    }
}

/// Puts what each source says into the order of trust; of equals, the order of the settings.
fn sources(series: Vec<SourceSeries>, order: &[Provider]) -> Vec<SourceDays> {
    let place = |source: &str| order.iter().position(|provider| provider.name() == source);
    let mut ranked: Vec<(usize, SourceDays)> = Vec::new();
    for one in series {
        let Some((place, provider)) = place(&one.source).and_then(|place| Some((place, *order.get(place)?))) else {
            continue;
        };
        let mut days = SourceDays::new(provider_of(provider));
        for bar in one.bars {
            if let BarWindow::Day(date) = bar.window {
                days.bars.push((date, candles::figures_of(&bar)));
            }
        }
        for action in one.actions {
            match action.event {
                SourceEvent::Split { ratio } => days.splits.push((action.ex_date, ratio)),
                SourceEvent::Dividend {
                    amount,
                    currency,
                    pay_date,
                } => days.dividends.push(Payment {
                    ex_date: action.ex_date,
                    amount,
                    currency,
                    pay_date,
                }),
                SourceEvent::CapitalGain { amount } => days.gains.push(Payment {
                    ex_date: action.ex_date,
                    amount,
                    currency: None,
                    pay_date: None,
                }),
            }
        }
        ranked.push((place, days));
    }
    ranked.sort_by_key(|(place, _)| *place);
    ranked.into_iter().map(|(_, days)| days).collect()
}

/// Returns the faults of whole answers that stand until the source speaks again.
fn standing(known: Vec<StoredFinding>, heard: &Heard) -> impl Iterator<Item = Result<NewFinding>> {
    let spoke: Vec<&'static str> = heard.providers.iter().map(|provider| named(*provider).name()).collect();
    let stands = move |one: &StoredFinding| {
        let kind = one.body.get("kind").and_then(serde_json::Value::as_str);
        one.decided.is_none() && kind == Some(Kind::Currency.code()) && !spoke.contains(&one.source.as_str())
    };
    known.into_iter().filter(stands).map(|one| {
        Ok(NewFinding {
            id: one.id,
            source: one.source,
            state: one.state,
            body: one.body,
        })
    })
}

fn decisions(stored: &[StoredFinding]) -> BTreeMap<String, pipeline::Decision> {
    let decided = stored.iter().filter_map(|one| {
        let (decision, _) = one.decided.as_ref()?;
        let decision = match Decision::of(decision)? {
            Decision::Take => pipeline::Decision::Take,
            Decision::Keep => pipeline::Decision::Keep,
            Decision::LeaveOut => pipeline::Decision::LeaveOut,
            Decision::Undo => return None,
        };
        Some((fault_of(one).to_owned(), decision))
    });
    decided.collect()
}

/// Returns what the pipeline calls a fault: its own name says nothing of the series.
fn fault_of(stored: &StoredFinding) -> &str {
    let fault = stored.body.get("fault").and_then(serde_json::Value::as_str);
    fault.filter(|fault| !fault.is_empty()).unwrap_or(&stored.id)
}

/// Names a fault of a series: two series may have the very same fault.
fn id_of(key: SeriesKey, fault: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    match key {
        SeriesKey::Instrument(id) => hasher.update(id.as_uuid().as_bytes()),
        SeriesKey::Pair(base, target) => hasher.update(base.code().as_bytes()).update(target.code().as_bytes()),
    };
    hasher.update(fault.as_bytes());
    hasher.finalize().to_hex().as_str()[..32].to_owned()
}

fn new_finding(key: SeriesKey, known: &[StoredFinding], finding: &pipeline::Finding) -> Result<NewFinding> {
    let cells = finding.cells.iter().map(|cell| FindingCell {
        date: cell.date,
        field: cell.field.name().to_lowercase(),
        before: cell.before,
        after: cell.after,
    });
    let body = Body {
        fault: finding.id.clone(),
        provider: named(finding.provider),
        kind: finding.kind.code().to_owned(),
        title: finding.kind.name().to_owned(),
        from: finding.from,
        until: finding.until,
        reason: finding.reason.clone(),
        confidence: finding.confidence,
        cell_count: finding.cell_count,
        cells: cells.collect(),
    };
    let body = serde_json::to_value(&body).map_err(|err| AppError::Defect {
        sentence: format!("a fault cannot be written: {err}"),
    })?;
    Ok(NewFinding {
        id: known
            .iter()
            .find(|one| fault_of(one) == finding.id)
            .map_or_else(|| id_of(key, &finding.id), |one| one.id.clone()),
        source: named(finding.provider).name().to_owned(),
        state: match finding.state {
            pipeline::FindingState::Waiting => WAITING.to_owned(),
            _ => REPAIRED.to_owned(),
        },
        body,
    })
}

/// Takes the splits and dividends that are new or corrected, and withdraws those of a provider that no source has any more.
async fn actions(
    verdict: &mut Verdict,
    book: &OpenedBook,
    instrument: InstrumentId,
    (judged, told_from): (&Judged, Option<Date>),
    now: Timestamp,
) -> Result<()> {
    let kind = |event: &CorporateEvent| matches!(event, CorporateEvent::Split { .. });
    let known: BTreeMap<(Date, bool), CorporateAction> = candles::actions(book, instrument, None)
        .await?
        .into_iter()
        .map(|action| ((action.ex_date, kind(&action.event)), action))
        .collect();
    let splits = judged.splits.iter().map(|split| {
        let event = CorporateEvent::Split { ratio: split.ratio };
        (split.ex_date, split.provider, event)
    });
    let dividends = judged.dividends.iter().map(|dividend| {
        let event = CorporateEvent::Dividend {
            amount: dividend.amount,
            currency: dividend.currency,
            pay_date: dividend.pay_date,
        };
        (dividend.ex_date, dividend.provider, event)
    });
    let mut said = BTreeMap::new();
    for (ex_date, provider, event) in splits.chain(dividends) {
        let action = CorporateAction {
            instrument,
            ex_date,
            event,
            source: provider.name().to_owned(),
            withdrawn: false,
            known_at: now,
        };
        said.insert((ex_date, kind(&action.event)), action);
    }
    for (name, action) in &known {
        // Of days that no source has told yet, nothing can be taken back.
        let is_told = told_from.is_some_and(|first| action.ex_date >= first);
        if is_told && is_fed(&action.source) && !said.contains_key(name) {
            let withdrawn = CorporateAction {
                withdrawn: true,
                known_at: now,
                ..action.clone()
            };
            verdict.actions += 1;
            verdict.changes.actions.push(withdrawn);
        }
    }
    for (name, action) in said {
        let before = known.get(&name);
        let is_other = before.is_none_or(|before| before.event != action.event);
        if is_other && before.is_none_or(|before| is_fed(&before.source)) {
            verdict.actions += 1;
            verdict.changes.actions.push(action);
        }
    }
    Ok(())
}

//! A planned import and the book: what it would add, what is there already, what the ledger refuses, and doing it.
//!
//! One file is one change of the book: everything, or nothing where a line is bad and bad lines are not to be skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use apex_domain::{InstrumentId, PortfolioId, Source, Transaction, TransactionId};
use apex_store::{Applied, Changes, Edit, ImportFile, Named, PriceBar, PriceBatch, RateBatch};
use apex_wire::Failure;
use apex_wire::import::{
    ColumnMapping, CommitImport, Format, ImportKind, ImportPreview, ImportResult, ImportSource, PreviewImport,
    RejectedLine,
};

use super::transactions::opening_day;
use super::{Directory, ImportError, Plan, Request, Rows, Template, Watch, plan, targets};
use crate::App;
use crate::app::OpenedBook;
use crate::change;
use crate::error::{AppError, Result};
use crate::job::Job;
use crate::moment::Moment;
use crate::state::State;

/// How often a file is offered to the ledger again after what it refused was left out.
const ROUNDS_MAX: usize = 8;

/// The form field a refusal is about, and its sentence.
type Reason = (Option<&'static str>, String);

/// A file to import, with its bytes.
#[derive(Debug, Clone)]
pub struct ImportFileAsk {
    /// What the file holds.
    pub kind: ImportKind,
    /// Its name, which tells how it is packed.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How it is written; found where absent.
    pub format: Format,
    /// Which heading feeds which column; guessed where absent.
    pub mapping: Option<Vec<ColumnMapping>>,
    /// How files of this source are read.
    pub template: Option<Template>,
    /// The portfolio that rows without one belong to.
    pub home: Option<PortfolioId>,
    /// Whether unknown portfolios, accounts and symbols are created.
    pub create: bool,
    /// Whether good lines are added although others are bad.
    pub skip_bad: bool,
    /// Whether nothing is added, only said what would be.
    pub dry_run: bool,
}

/// What an import did, or would do.
#[derive(Debug, Clone)]
pub struct Imported {
    /// How the file was read.
    pub plan: Plan,
    /// Rows added, known already, and refused. Nothing was added where lines are refused and not skipped.
    pub result: ImportResult,
}

impl App {
    /// Says what an import would do, without doing it.
    ///
    /// # Errors
    /// When no book is open, or the file cannot be read at all.
    pub async fn preview_import(&self, ask: PreviewImport, moment: &Moment) -> Result<ImportPreview, Failure> {
        let (name, bytes) = bytes_of(&ask.source)?;
        let templates = self.import_templates().await?;
        let file = self.file_ask(ask, name, bytes, &templates, true)?;
        let kind = file.kind;
        let Imported { plan, result } = self.import_file(file, moment, &Job::unwatched()).await?;
        let fitting = templates
            .iter()
            .filter(|(_, template)| template.fits(kind, &plan.headings));
        Ok(ImportPreview {
            templates: fitting.map(|(name, _)| name.clone()).collect(),
            name: plan.name,
            format: plan.format,
            headings: plan.headings,
            mapping: plan.mapping,
            targets: targets(kind),
            sample: plan.sample,
            rows: plan.rows,
            added: result.added,
            duplicates: result.duplicates,
            rejected: result.rejected,
            created: plan.created.sentences(),
        })
    }

    /// Imports a file, all of it or nothing; saves how it was read as a template where a name is given.
    ///
    /// # Errors
    /// When no book is open, the file cannot be read at all, or the job was cancelled.
    pub async fn commit_import(&self, ask: CommitImport, moment: &Moment, job: &Job) -> Result<ImportResult, Failure> {
        let (name, bytes) = bytes_of(&ask.import.source)?;
        let templates = self.import_templates().await?;
        let file = self.file_ask(ask.import, name, bytes, &templates, false)?;
        let file = ImportFileAsk {
            skip_bad: ask.skip_bad,
            ..file
        };
        let kept_kinds = file
            .template
            .as_ref()
            .map(|template| template.kinds.clone())
            .unwrap_or_default();
        let Imported { plan, result } = self.import_file(file, moment, job).await?;
        if let Some(name) = ask
            .save_template
            .as_deref()
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            let template = Template {
                kinds: kept_kinds,
                ..Template::new(plan.kind, plan.format, &plan.mapping)
            };
            self.save_import_template(name, &template, moment).await?;
        }
        Ok(result)
    }

    /// Returns the saved templates by name.
    ///
    /// # Errors
    /// When no book is open, or it cannot be read.
    pub async fn import_templates(&self) -> Result<BTreeMap<String, Template>> {
        let saved = self.book()?.store.list::<Template>(Named::ImportTemplate).await?;
        Ok(saved.into_iter().map(|(name, saved)| (name, saved.value)).collect())
    }

    /// Saves a template under a name, over an earlier one of that name.
    ///
    /// # Errors
    /// When no book is open, or it cannot be written.
    pub async fn save_import_template(&self, name: &str, template: &Template, moment: &Moment) -> Result<()> {
        let book = self.book()?;
        let known = book.store.list::<Template>(Named::ImportTemplate).await?;
        let version = known.get(name).map_or(0, |saved| saved.version);
        book.store
            .put(Named::ImportTemplate, name, template, version, moment.now)
            .await?;
        Ok(())
    }

    /// Imports a file, or says what that would do.
    ///
    /// # Errors
    /// When no book is open, the file cannot be read at all, or the job was cancelled. Bad lines are no error; they are
    /// in the result.
    pub async fn import_file(&self, ask: ImportFileAsk, moment: &Moment, job: &Job) -> Result<Imported> {
        let state = self.fresh_state().await?;
        let book = self.book()?;
        let digest = *blake3::hash(&ask.bytes).as_bytes();
        let (now, seed) = (moment.now, moment.entropy.bytes());
        let (watch, reading) = (job.clone(), state.clone());
        let (skip_bad, dry_run) = (ask.skip_bad, ask.dry_run);
        let planned = tokio::task::spawn_blocking(move || read(&ask, &reading, now, seed, &watch));
        let mut plan = planned.await.map_err(|err| AppError::Defect {
            sentence: err.to_string(),
        })??;
        refuse_after_the_clock(&state, &mut plan);
        // Whoever holds the state makes a change copy it.
        drop(state);
        let refused_lines = |plan: &Plan| !plan.rejected.is_empty() && !skip_bad && !dry_run;
        job.step("asking the ledger", 0, None)?;
        for _ in 0..ROUNDS_MAX {
            let changes = changes_of(&plan, now, digest);
            let found = plan.found.len();
            // A file that will not be added is tried all the same, so that every bad line of it is listed.
            let outcome = if dry_run || refused_lines(&plan) {
                would_apply(&book, changes, moment).await
            } else {
                job.step("writing to the book", 0, u64::try_from(found).ok())?;
                self.apply_to(&book, changes, moment).await
            };
            match outcome {
                Ok(_) if refused_lines(&plan) => return Ok(nothing_added(plan)),
                Ok(applied) => {
                    return Ok(Imported {
                        result: result_of(&plan, &applied),
                        plan,
                    });
                }
                Err(AppError::Refused(refused)) => {
                    let reasons = refused
                        .into_iter()
                        .map(|one| (one.transaction, (one.field(), one.to_string())))
                        .collect();
                    if !leave_out(&mut plan, &reasons) {
                        if refused_lines(&plan) {
                            return Ok(nothing_added(plan));
                        }
                        let sentence = reasons
                            .into_values()
                            .next()
                            .map(|(_, sentence)| sentence)
                            .unwrap_or_default();
                        return Err(AppError::invalid(sentence));
                    }
                }
                Err(err) => return Err(err),
            }
        }
        if refused_lines(&plan) {
            return Ok(nothing_added(plan));
        }
        Err(AppError::invalid(
            "the ledger keeps refusing lines of this file; correct those listed in a preview first",
        ))
    }

    fn file_ask(
        &self,
        ask: PreviewImport,
        name: String,
        bytes: Vec<u8>,
        templates: &BTreeMap<String, Template>,
        dry_run: bool,
    ) -> Result<ImportFileAsk> {
        let template = match ask.template.as_deref() {
            None | Some("") => None,
            Some(name) => Some(
                templates
                    .get(name)
                    .cloned()
                    .ok_or_else(|| AppError::not_found("import template", name))?,
            ),
        };
        Ok(ImportFileAsk {
            kind: ask.kind,
            name,
            bytes,
            format: ask.format,
            mapping: ask.mapping,
            template,
            home: ask.view.map(|view| view.portfolio),
            create: ask.create,
            skip_bad: false,
            dry_run,
        })
    }
}

/// Does everything that applying does, and takes it back.
async fn would_apply(book: &OpenedBook, changes: Changes, moment: &Moment) -> Result<Applied> {
    let applied = book.store.rehearse(&changes, moment.now).await?;
    let known: BTreeSet<usize> = applied.duplicates.iter().copied().collect();
    let mut fresh = changes;
    let all = std::mem::take(&mut fresh.transactions);
    fresh.transactions = all
        .into_iter()
        .enumerate()
        .filter(|(at, _)| !known.contains(at))
        .map(|(_, row)| row)
        .collect();
    change::with(&book.state(), &fresh)?;
    Ok(applied)
}

impl From<ImportError> for AppError {
    fn from(err: ImportError) -> Self {
        match err {
            ImportError::Cancelled => Self::Cancelled,
            other => Self::field("file", other.to_string()),
        }
    }
}

/// Finds the bytes of a file.
fn bytes_of(source: &ImportSource) -> Result<(String, Vec<u8>)> {
    match source {
        ImportSource::Path(path) => {
            let bytes = std::fs::read(path).map_err(|source| AppError::File {
                action: "read",
                path: path.clone(),
                source,
            })?;
            Ok((path.clone(), bytes))
        }
        ImportSource::Content { name, base64 } => {
            let bytes = from_base64(base64).ok_or_else(|| {
                AppError::field(
                    "file",
                    format!("the content of {name} did not arrive whole; choose it again"),
                )
            })?;
            Ok((name.clone(), bytes))
        }
    }
}

/// Reads base64 with or without padding.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for sign in text.bytes().filter(|sign| !sign.is_ascii_whitespace() && *sign != b'=') {
        let value = match sign {
            b'A'..=b'Z' => sign - b'A',
            b'a'..=b'z' => sign - b'a' + 26,
            b'0'..=b'9' => sign - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    Some(bytes)
}

fn read(ask: &ImportFileAsk, state: &State, now: jiff::Timestamp, seed: [u8; 32], job: &Job) -> Result<Plan> {
    let mut directory = directory(state, ask.home);
    let step = |what: &str, done: u64, total: Option<u64>| job.step(what, done, total).is_ok();
    let request = Request {
        kind: ask.kind,
        name: &ask.name,
        bytes: &ask.bytes,
        format: &ask.format,
        mapping: ask.mapping.as_deref(),
        template: ask.template.as_ref(),
        create: ask.create,
        now,
        seed,
    };
    let planned = plan(&request, &directory, &Watch::new(&step))?;
    if !planned.mapping.iter().any(|one| one.target == "lot") {
        return Ok(planned);
    }
    // The file names lots, perhaps such as were opened before.
    for row in state.portfolios.values().flat_map(|one| one.ledger.book.effective()) {
        if let Some(external_id) = &row.external_id {
            directory.add_opening(row.account, external_id.clone(), row.id);
        }
        if let Some(instrument) = row.instrument {
            directory.add_opening(row.account, opening_day(instrument, row.trade_date), row.id);
        }
    }
    Ok(plan(&request, &directory, &Watch::new(&step))?)
}

fn directory(state: &State, home: Option<PortfolioId>) -> Directory {
    Directory::new(
        state.portfolios.values().map(|one| one.portfolio.clone()),
        state.portfolios.values().flat_map(|one| one.accounts.values().cloned()),
        state.instruments.all().map(|one| one.as_ref().clone()),
        home,
    )
}

/// The clock of the demo stands; what is later has no place in it.
fn refuse_after_the_clock(state: &State, plan: &mut Plan) {
    let Some(today) = state.standing_clock() else { return };
    let Rows::Transactions(rows) = &plan.found else { return };
    let reason = |row: &Transaction| {
        let sentence = AppError::AfterTheClock {
            date: row.trade_date,
            today,
        }
        .to_string();
        (row.id, (Some("date"), sentence))
    };
    let later = rows.iter().filter(|row| row.trade_date > today).map(reason).collect();
    leave_out(plan, &later);
}

/// Moves transactions from the good rows to the bad ones; tells whether any was found.
fn leave_out(plan: &mut Plan, reasons: &BTreeMap<TransactionId, Reason>) -> bool {
    let Rows::Transactions(rows) = &mut plan.found else {
        return false;
    };
    let before = rows.len();
    let heading = |name: &str| {
        let fed = plan
            .mapping
            .iter()
            .find(|one| one.target == name && one.fixed.is_none());
        fed.map_or(name.to_owned(), |one| one.source.clone())
    };
    let mut refused: Vec<RejectedLine> = Vec::new();
    rows.retain(|row| {
        let Some((field, reason)) = reasons.get(&row.id) else {
            return true;
        };
        let (column, value) = at_fault(row, *field);
        refused.push(RejectedLine {
            line: line_of(row),
            column: heading(column),
            value,
            reason: reason.clone(),
        });
        false
    });
    plan.rejected.extend(refused);
    plan.rejected.sort_by_key(|bad| bad.line);
    before != rows.len()
}

/// The column that a refusal is about, with what stands in it.
fn at_fault(row: &Transaction, field: Option<&'static str>) -> (&'static str, String) {
    match field {
        Some("date") => ("date", row.trade_date.to_string()),
        Some("kind") => ("kind", row.kind.to_string()),
        Some("settle") => ("settle", row.settle_date.to_string()),
        Some("price") => ("price", row.price.normalize().to_string()),
        Some("currency") => ("currency", row.currency.to_string()),
        Some("fx_rate") => ("fx_rate", row.fx_rate.unwrap_or_default().normalize().to_string()),
        Some("fees") => ("fees", row.fees.normalize().to_string()),
        Some("taxes") => ("taxes", row.taxes.normalize().to_string()),
        Some(other @ ("account" | "symbol" | "ratio" | "other_symbol" | "basis_fraction" | "lot")) => {
            (other, String::new())
        }
        _ => ("quantity", row.quantity.normalize().to_string()),
    }
}

fn line_of(row: &Transaction) -> u64 {
    match &row.source {
        Source::File { line, .. } => u64::from(*line),
        Source::Manual | Source::Demo => 0,
    }
}

fn changes_of(plan: &Plan, now: jiff::Timestamp, hash: [u8; 32]) -> Changes {
    let source = Arc::new(format!("file {}", plan.name));
    let mut changes = Changes {
        instruments: plan.created.instruments.iter().cloned().map(Edit::new).collect(),
        portfolios: plan.created.portfolios.iter().cloned().map(Edit::new).collect(),
        accounts: plan.created.accounts.iter().cloned().map(Edit::new).collect(),
        import: Some(ImportFile {
            kind: kind_name(plan.kind).to_owned(),
            name: plan.name.clone(),
            hash,
            rejected: u32::try_from(plan.rejected.len()).unwrap_or(u32::MAX),
        }),
        ..Changes::default()
    };
    match &plan.found {
        Rows::Transactions(rows) => changes.transactions.clone_from(rows),
        Rows::Prices(rows) => {
            let mut batches: BTreeMap<InstrumentId, Vec<PriceBar>> = BTreeMap::new();
            for row in rows {
                let bar = PriceBar {
                    date: row.date,
                    close: row.close,
                    range: row.range,
                    volume: row.volume,
                };
                batches.entry(row.instrument).or_default().push(bar);
            }
            let batch = |(instrument, bars)| PriceBatch {
                instrument,
                source: source.to_string(),
                known_at: now,
                bars,
                withdrawn: Vec::new(),
            };
            changes.prices = batches.into_iter().map(batch).collect();
        }
        Rows::Rates(rows) => {
            let mut batches: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for row in rows {
                batches
                    .entry((row.from, row.to))
                    .or_default()
                    .push((row.date, row.rate));
            }
            let batch = |((base, target), rates)| RateBatch {
                base,
                target,
                source: source.to_string(),
                known_at: now,
                rates,
                withdrawn: Vec::new(),
            };
            changes.rates = batches.into_iter().map(batch).collect();
        }
    }
    changes
}

fn kind_name(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Transactions => "transactions",
        ImportKind::Prices => "prices",
        ImportKind::Fx => "fx",
        ImportKind::Positions => "positions",
    }
}

fn result_of(plan: &Plan, applied: &Applied) -> ImportResult {
    let added = match &plan.found {
        Rows::Transactions(rows) => rows.len() - applied.duplicates.len().min(rows.len()),
        Rows::Prices(_) => applied.prices,
        Rows::Rates(_) => applied.rates,
    };
    ImportResult {
        added,
        duplicates: plan.found.len() - added.min(plan.found.len()),
        rejected: plan.rejected.clone(),
    }
}

fn nothing_added(plan: Plan) -> Imported {
    let result = ImportResult {
        added: 0,
        duplicates: 0,
        rejected: plan.rejected.clone(),
    };
    Imported { plan, result }
}

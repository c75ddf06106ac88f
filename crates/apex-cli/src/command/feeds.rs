//! `apex data`: where market data comes from, fetching it, how fresh it is, what was wrong with it, and taking it out.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use apex_wire::feeds::{
    Adjustment, DecideFinding, Decision, ExportPrices, FetchHistory, FetchReport, FetchRow, Finding, FindingState,
    Freshness, GetFreshness, GetQuarantine, GetSources, Plan, Provider, SaveFeedSymbol, SaveKey, SaveSource, Source,
    StreamState, TrySource,
};
use apex_wire::job::JobId;

use super::Done;
use crate::arguments::{
    AdjustmentName, DataAct, ExportArguments, FetchArguments, PlanName, ProviderName, ProvidersAct, QuarantineAct,
    QuarantineArguments, SetProvider,
};
use crate::desk::{self, Desk, refused};
use crate::output::{self, Set, Table, or_unknown};

/// The fewest letters of a fault's id that are shown and taken.
const ID_SHOWN: usize = 8;

/// Does what was typed after `apex data`, but for what needs no book.
pub(super) async fn data(desk: &Desk, act: DataAct) -> anyhow::Result<Done> {
    desk.open().await?;
    match act {
        DataAct::Providers(ask) => providers(desk, ask.act).await,
        DataAct::Fetch(ask) => fetch(desk, ask).await,
        DataAct::Status { words } => status(desk, &words).await,
        DataAct::Quarantine(ask) => quarantine(desk, ask).await,
        DataAct::Splits(ask) => super::split::splits(desk, ask.act).await,
        DataAct::Export(ask) => export(desk, ask).await,
        DataAct::Repair(ask) => super::repair::repair(&ask, &desk.common),
    }
}

async fn providers(desk: &Desk, act: Option<ProvidersAct>) -> anyhow::Result<Done> {
    let sources = match act {
        None => desk.app.get_sources(GetSources {}).await.map_err(refused)?,
        Some(ProvidersAct::Set(ask)) => set(desk, ask).await?,
        Some(ProvidersAct::Key { provider, forget }) => {
            let provider = provider.into();
            let key = if forget { None } else { Some(desk::api_key(provider)?) };
            desk.app.save_key(SaveKey { provider, key }).await.map_err(refused)?
        }
        Some(ProvidersAct::Try { provider }) => {
            let provider = provider.into();
            let tried = desk.app.try_source(TrySource { provider }).await.map_err(refused)?;
            if desk.common.json {
                output::json(&tried)?;
            } else {
                output::text(&format!("{}\n", tried.sentence))?;
            }
            return Ok(if tried.ok { Done::Well } else { Done::Refused });
        }
        Some(ProvidersAct::Symbol {
            provider,
            symbol,
            theirs,
        }) => {
            let ask = SaveFeedSymbol {
                instrument: desk.app.instrument_named(&symbol)?,
                provider: provider.into(),
                symbol: theirs.unwrap_or_default(),
            };
            desk.app.save_feed_symbol(ask).await.map_err(refused)?;
            desk.app.get_sources(GetSources {}).await.map_err(refused)?
        }
    };
    if desk.common.json {
        output::json(&serde_json::json!({ "rows": sources }))?;
    } else {
        output::text(&source_table(&sources))?;
    }
    Ok(Done::Well)
}

async fn set(desk: &Desk, ask: SetProvider) -> anyhow::Result<Vec<Source>> {
    let provider: Provider = ask.provider.into();
    let sources = desk.app.get_sources(GetSources {}).await.map_err(refused)?;
    let place = sources.iter().position(|source| source.settings.provider == provider);
    let (Some(place), Some(source)) = (place, place.and_then(|place| sources.get(place))) else {
        bail!("{} is no source of this book", provider.words());
    };
    let mut settings = source.settings.clone();
    settings.enabled = (settings.enabled || ask.on) && !ask.off;
    settings.streams = (settings.streams || ask.streams) && !ask.no_streams;
    settings.address = ask.address.unwrap_or(settings.address);
    settings.stream_address = ask.stream_address.unwrap_or(settings.stream_address);
    settings.plan = ask.plan.map_or(settings.plan, Plan::from);
    let place = ask.place.map_or(place, |place| usize::from(place) - 1);
    desk.app
        .save_source(SaveSource { settings, place })
        .await
        .map_err(refused)
}

fn source_table(sources: &[Source]) -> String {
    let mut table = Table::new(&[
        ("Provider", Set::Words),
        ("Asked", Set::Words),
        ("Key", Set::Words),
        ("Plan", Set::Words),
        ("Left", Set::Words),
        ("Live", Set::Words),
        ("Last answer", Set::Words),
        ("Address", Set::Words),
    ]);
    for source in sources {
        let settings = &source.settings;
        let left = source
            .budget
            .iter()
            .map(|line| format!("{}/{} a {}", line.left, line.of, line.cap));
        let key = match (&source.key_place, source.needs_key) {
            (Some(place), _) => place.as_str(),
            (None, true) => "missing",
            (None, false) => "none needed",
        };
        let address = match settings.address.trim() {
            "" => source.usual_address.as_str(),
            address => address,
        };
        table.row([
            settings.provider.words().to_owned(),
            yes(settings.enabled),
            key.to_owned(),
            settings.plan.words().to_owned(),
            left.collect::<Vec<_>>().join(", "),
            match (&source.stream, settings.streams) {
                (StreamState::Up { .. }, _) => "up".to_owned(),
                (StreamState::Down { .. }, _) => "down".to_owned(),
                (_, streams) => yes(streams),
            },
            apex_format::instant(source.last_answer).to_string(),
            address.to_owned(),
        ]);
        if let Some(fault) = &source.budget_fault {
            table.note(fault.clone());
        }
        if let Some(error) = &source.last_error {
            table.note(format!("{}: {error}", settings.provider.words()));
        }
    }
    table.layout()
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

async fn fetch(desk: &Desk, ask: FetchArguments) -> anyhow::Result<Done> {
    let ask = FetchHistory {
        job: JobId("fetch".to_owned()),
        instruments: instruments(desk, &ask.symbols)?,
        from: ask.from,
        providers: ask.providers.into_iter().map(Provider::from).collect(),
    };
    let job = desk.job();
    let report = desk
        .app
        .fetch_history(ask, &desk.moment(), &job)
        .await
        .map_err(refused)?;
    if desk.common.json {
        output::json(&report)?;
    } else {
        output::text(&fetch_table(&report))?;
    }
    let came = |row: &FetchRow| row.provider.is_some();
    let has_come = report.rows.iter().chain(&report.rates).any(came);
    let is_empty = report.rows.is_empty() && report.rates.is_empty();
    Ok(if has_come || is_empty {
        Done::Well
    } else {
        Done::Refused
    })
}

fn fetch_table(report: &FetchReport) -> String {
    if report.rows.is_empty() && report.rates.is_empty() {
        return "nothing is held, watched or compared with; name a symbol of the book\n".to_owned();
    }
    let mut table = Table::new(&[
        ("Symbol", Set::Words),
        ("From", Set::Words),
        ("Days", Set::Numbers),
        ("Actions", Set::Numbers),
        ("Repaired", Set::Numbers),
        ("Waiting", Set::Numbers),
        ("Note", Set::Words),
    ]);
    for row in report.rows.iter().chain(&report.rates) {
        table.row([
            row.symbol.clone(),
            or_unknown(row.provider.map(Provider::words)),
            row.days.to_string(),
            row.actions.to_string(),
            row.repaired.to_string(),
            row.waiting.to_string(),
            row.note.clone().unwrap_or_default(),
        ]);
    }
    let waiting: usize = report.rows.iter().chain(&report.rates).map(|row| row.waiting).sum();
    if waiting > 0 {
        let wait = if waiting == 1 { "fault waits" } else { "faults wait" };
        table.note(format!("{waiting} {wait} for you: `apex data quarantine`"));
    }
    table.layout()
}

async fn status(desk: &Desk, words: &[String]) -> anyhow::Result<Done> {
    let search = words.join(" ");
    let as_of = desk.common.as_of;
    let ask = GetFreshness { search, as_of };
    let freshness = desk.app.get_freshness(ask).await.map_err(refused)?;
    if desk.common.json {
        output::json(&freshness)?;
    } else {
        output::text(&status_table(&freshness))?;
    }
    Ok(Done::Well)
}

fn status_table(freshness: &Freshness) -> String {
    let mut table = Table::new(&[
        ("Symbol", Set::Words),
        ("Last", Set::Words),
        ("Behind", Set::Numbers),
        ("Source", Set::Words),
        ("Days", Set::Numbers),
        ("Gaps", Set::Numbers),
        ("Waiting", Set::Numbers),
        ("Exchange", Set::Words),
        ("Note", Set::Words),
    ]);
    for row in &freshness.rows {
        table.row([
            row.symbol.clone(),
            or_unknown(row.last),
            or_unknown(row.last.map(|_| row.sessions_behind)),
            or_unknown(row.source.clone()),
            row.days.to_string(),
            row.gaps.to_string(),
            row.waiting.to_string(),
            or_unknown(row.exchange.clone()),
            row.error.as_ref().or(row.remarks.first()).cloned().unwrap_or_default(),
        ]);
    }
    for split in &freshness.splits {
        table.note(format!("! {}", super::split::words(split)));
    }
    let Freshness {
        today,
        fresh,
        behind,
        without,
        ..
    } = freshness;
    format!(
        "On {today}: {fresh} up to date, {behind} behind, {without} without a price\n{}",
        table.layout()
    )
}

async fn quarantine(desk: &Desk, ask: QuarantineArguments) -> anyhow::Result<Done> {
    let (id, decision) = match ask.act {
        None => {
            let instrument = ask
                .symbol
                .map(|symbol| desk.app.instrument_named(&symbol))
                .transpose()?;
            let question = GetQuarantine {
                instrument,
                settled: ask.all,
            };
            let findings = desk.app.get_quarantine(question).await.map_err(refused)?;
            if desk.common.json {
                output::json(&serde_json::json!({ "rows": findings }))?;
            } else {
                output::text(&finding_table(&findings))?;
            }
            return Ok(Done::Well);
        }
        Some(QuarantineAct::Take { id }) => (id, Decision::Take),
        Some(QuarantineAct::Keep { id }) => (id, Decision::Keep),
        Some(QuarantineAct::LeaveOut { id }) => (id, Decision::LeaveOut),
        Some(QuarantineAct::Undo { id }) => (id, Decision::Undo),
    };
    let id = whole_id(desk, &id).await?;
    let ask = DecideFinding { id, decision };
    let finding = desk.app.decide_finding(ask, &desk.moment()).await.map_err(refused)?;
    if desk.common.json {
        output::json(&finding)?;
    } else {
        output::text(&finding_table(&[finding]))?;
    }
    Ok(Done::Well)
}

/// Returns the id that begins so.
async fn whole_id(desk: &Desk, start: &str) -> anyhow::Result<String> {
    if start.trim().is_empty() {
        bail!("a fault is named by the beginning of its id; `apex data quarantine` lists them");
    }
    let ask = GetQuarantine {
        instrument: None,
        settled: true,
    };
    let findings = desk.app.get_quarantine(ask).await.map_err(refused)?;
    let mut fitting = findings.into_iter().filter(|finding| finding.id.starts_with(start));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Ok(one.id),
        (Some(_), Some(_)) => bail!("several faults begin with {start}; give more of the id"),
        (None, _) => bail!("there is no fault {start}; `apex data quarantine --all` lists them"),
    }
}

fn finding_table(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "nothing waits for you\n".to_owned();
    }
    let mut table = Table::new(&[
        ("Fault", Set::Words),
        ("Symbol", Set::Words),
        ("From", Set::Words),
        ("To", Set::Words),
        ("Source", Set::Words),
        ("Kind", Set::Words),
        ("Sure", Set::Numbers),
        ("Stands", Set::Words),
        ("Change", Set::Words),
        ("Reason", Set::Words),
    ]);
    for finding in findings {
        let cell = finding.cells.first().map(|cell| {
            let figure = |figure: Option<rust_decimal::Decimal>| {
                figure.map_or("none".to_owned(), |figure| figure.normalize().to_string())
            };
            let more = match finding.cell_count.saturating_sub(1) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let (before, after) = (figure(cell.before), figure(cell.after));
            format!("{} {before} to {after}{more}", cell.field)
        });
        table.row([
            finding.id.chars().take(ID_SHOWN).collect(),
            finding.symbol.clone(),
            finding.from.to_string(),
            finding.until.to_string(),
            finding.provider.words().to_owned(),
            finding.title.clone(),
            format!("{:.3}", finding.confidence),
            stands(finding.state).to_owned(),
            cell.unwrap_or_default(),
            finding.reason.clone(),
        ]);
    }
    table.layout()
}

fn stands(state: FindingState) -> &'static str {
    match state {
        FindingState::Repaired => "repaired",
        FindingState::Waiting => "WAITS",
        FindingState::Taken => "taken",
        FindingState::Kept => "kept",
        FindingState::LeftOut => "left out",
    }
}

async fn export(desk: &Desk, ask: ExportArguments) -> anyhow::Result<Done> {
    let question = ExportPrices {
        instruments: instruments(desk, &ask.symbols)?,
        from: ask.from,
        until: desk.common.as_of,
        known_at: desk.common.known_at,
        adjustment: ask.adjust.into(),
    };
    let text = desk.app.export_prices(question).await.map_err(refused)?;
    match &ask.out {
        None if desk.common.json => output::json(&serde_json::json!({ "rows": rows_of(&text)? }))?,
        None => output::text(&text)?,
        Some(path) => {
            std::fs::write(path, &text).with_context(|| format!("cannot write {}", path.display()))?;
            let rows = text.lines().count().saturating_sub(1);
            let said = serde_json::json!({ "file": path, "rows": rows });
            if desk.common.json {
                output::json(&said)?;
            } else {
                output::text(&format!("{rows} days written to {}\n", path.display()))?;
            }
        }
    }
    Ok(Done::Well)
}

/// Returns the rows of comma-separated text by their headings; an empty cell is null.
fn rows_of(text: &str) -> anyhow::Result<Vec<BTreeMap<String, Option<String>>>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers()?.clone();
    let rows = reader.records().map(|row| {
        let row = row?;
        let cells = headings.iter().zip(&row);
        Ok(cells
            .map(|(heading, cell)| {
                (
                    heading.to_owned(),
                    Some(cell.to_owned()).filter(|cell| !cell.is_empty()),
                )
            })
            .collect())
    });
    rows.collect()
}

fn instruments(desk: &Desk, symbols: &[String]) -> anyhow::Result<Vec<apex_domain::InstrumentId>> {
    let named = symbols.iter().map(|symbol| Ok(desk.app.instrument_named(symbol)?));
    named.collect()
}

impl From<ProviderName> for Provider {
    fn from(name: ProviderName) -> Self {
        match name {
            ProviderName::Polygon => Self::Polygon,
            ProviderName::AlphaVantage => Self::AlphaVantage,
            ProviderName::Yahoo => Self::Yahoo,
            ProviderName::Files => Self::Files,
        }
    }
}

impl From<PlanName> for Plan {
    fn from(name: PlanName) -> Self {
        match name {
            PlanName::Free => Self::Free,
            PlanName::Paid => Self::Paid,
        }
    }
}

impl From<AdjustmentName> for Adjustment {
    fn from(name: AdjustmentName) -> Self {
        match name {
            AdjustmentName::None => Self::None,
            AdjustmentName::Splits => Self::Splits,
            AdjustmentName::Dividends => Self::Dividends,
            AdjustmentName::Both => Self::Both,
        }
    }
}

//! Filling history: what is wanted and not known yet is asked for, kept as it was said, judged, and published.

mod complete;
mod kept;
mod market_days;
mod symbols;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use apex_domain::{Instrument, InstrumentId, Timestamp};
use apex_market_data::ProviderError;
use apex_market_data::client::{Client, FetchError, Fetched};
use apex_market_data::record::{self, Interval};
use apex_market_data::request::Ask;
use apex_store::{BarWindow, Changes, Market, SeriesKey};
use apex_wire::feeds::{FetchHistory, FetchReport, FetchRow, Provider};
use apex_wire::{Code, Failure};
use futures::{FutureExt as _, StreamExt as _};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use self::market_days::MarketDays;
use self::symbols::Span;
use super::freshness::ten_years_before;
use super::session::Sessions;
use super::settings::Symbols;
use super::trust::{self, Heard, Verdict};
use super::wanted::{Wanted, wanted};
use super::{named, not_ahead, provider_of, settings, status, symbol_at};
use crate::App;
use crate::app::OpenedBook;
use crate::error::{AppError, Result};
use crate::job::Job;
use crate::moment::Moment;
use crate::state::State;

/// How many series are fetched at a time.
const AT_ONCE: usize = 4;
/// How long a budget may keep one question waiting before the next source is asked.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// How often a running fetch looks whether it was told to stop.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Days that are asked for once more, in case they were corrected.
const OVERLAP_DAYS: i64 = 7;
/// How many series are published together: each time, the prices in memory are copied.
const TOGETHER: usize = 16;
/// The first day that is asked of the firm's own files.
const FIRST_DAY: Date = date(1900, 1, 1);

/// One series that is wanted.
#[derive(Debug, Clone)]
struct Series {
    key: SeriesKey,
    /// The symbol, or the pair.
    name: String,
    instrument: Option<Arc<Instrument>>,
}

/// What is the same for all series of a fetch.
struct Run<'a> {
    app: &'a App,
    book: &'a Arc<OpenedBook>,
    market: &'a Market,
    client: Arc<Client>,
    symbols: Symbols,
    /// Who is asked, in this order.
    providers: Vec<record::Provider>,
    from: Option<Date>,
    now: Timestamp,
    market_days: MarketDays,
    /// Who could not be reached, and why: nobody is kept waiting for such a one again.
    unreached: Mutex<BTreeMap<record::Provider, String>>,
}

impl App {
    /// Fills the history of instruments up to the last session, with corporate actions and the rates they need.
    ///
    /// What has come is published while the rest is fetched; a fetch that is stopped keeps it.
    ///
    /// # Errors
    /// When no source is switched on, or the book cannot be written. That a provider has nothing for an instrument is a
    /// note in its row.
    pub async fn fetch_history(&self, ask: FetchHistory, moment: &Moment, job: &Job) -> Result<FetchReport, Failure> {
        let book = self.book()?;
        let state = self.fresh_state().await?;
        let market = book.store.market().await.map_err(AppError::from)?;
        let symbols = settings::symbols(market).await?;
        let sources = settings::load(market).await?.into_iter().filter(|one| one.enabled);
        let asked = |provider: &Provider| ask.providers.is_empty() || ask.providers.contains(provider);
        let providers: Vec<record::Provider> = sources.map(|one| one.provider).filter(asked).map(provider_of).collect();
        if providers.is_empty() {
            let asked: Vec<&str> = ask.providers.iter().map(|provider| provider.words()).collect();
            let which = match asked.as_slice() {
                [] => "no source of market data".to_owned(),
                asked => format!("none of the sources asked for ({})", asked.join(", ")),
            };
            let sentence =
                format!("{which} is switched on; set one up on the Data page, or with `apex data providers`");
            return Err(AppError::invalid(sentence).into());
        }
        not_ahead(ask.from, self.today())?;
        let wanted = wanted(&book.store, &state, &symbols, &ask.instruments).await?;
        let at_polygon = wanted
            .instruments
            .iter()
            .map(|one| symbol_at(&symbols, one.id, one.symbol(), record::Provider::Polygon));
        let run = Run {
            app: self,
            book: &book,
            market,
            client: self.client().await?,
            market_days: MarketDays::new(at_polygon.collect()),
            symbols,
            providers,
            from: ask.from,
            now: moment.now,
            unreached: Mutex::default(),
        };
        run.all(&wanted, moment, job).await
    }
}

impl Run<'_> {
    async fn all(&self, wanted: &Wanted, moment: &Moment, job: &Job) -> Result<FetchReport, Failure> {
        let instruments = wanted.instruments.iter().map(|one| Series {
            key: SeriesKey::Instrument(one.id),
            name: one.symbol().to_owned(),
            instrument: Some(one.clone()),
        });
        let pairs = wanted.pairs.iter().map(|(base, target)| Series {
            key: SeriesKey::Pair(*base, *target),
            name: format!("{base}/{target}"),
            instrument: None,
        });
        let series: Vec<Series> = instruments.chain(pairs).collect();
        let total = u64::try_from(series.len()).ok();
        let mut report = FetchReport {
            rows: Vec::new(),
            rates: Vec::new(),
        };
        job.step("fetching history", 0, total)?;
        // The first goes ahead alone: where a provider cannot be reached, the others need not find out.
        let mut series = series.into_iter();
        let first = futures::stream::iter(series.next()).then(|one| self.one(one));
        let rest = futures::stream::iter(series)
            .map(|one| self.one(one))
            .buffer_unordered(AT_ONCE);
        let mut rows = std::pin::pin!(first.chain(rest));
        let mut unpublished = Changes::default();
        let mut together = 0;
        let mut done = 0;
        loop {
            let Some(next) = until_cancelled(job, rows.next()).await else {
                self.publish(&mut unpublished, moment).await?;
                let sentence = format!("stopped; what came for {done} of {} series is kept", total.unwrap_or(0));
                return Err(Failure::new(Code::Cancelled, sentence));
            };
            let Some(fetched) = next else { break };
            let (series, row, changes) = fetched?;
            merge(&mut unpublished, changes);
            together += 1;
            done += 1;
            if together == TOGETHER {
                self.publish(&mut unpublished, moment).await?;
                together = 0;
            }
            // A row that is told is told although somebody has just asked to stop.
            let _ = job.step(&format!("fetched {}", series.name), done, total);
            match series.key {
                SeriesKey::Instrument(_) => report.rows.push(row),
                SeriesKey::Pair(..) => report.rates.push(row),
            }
        }
        self.publish(&mut unpublished, moment).await?;
        report.rows.sort_by(|left, right| left.symbol.cmp(&right.symbol));
        report.rates.sort_by(|left, right| left.symbol.cmp(&right.symbol));
        Ok(report)
    }

    async fn publish(&self, unpublished: &mut Changes, moment: &Moment) -> Result<()> {
        let changes = std::mem::take(unpublished);
        if !(changes.prices.is_empty() && changes.rates.is_empty() && changes.actions.is_empty()) {
            self.app.apply_to(self.book, changes, moment).await?;
        }
        Ok(())
    }

    /// Fetches and judges one series.
    async fn one(&self, series: Series) -> Result<(Series, FetchRow, Changes)> {
        let state = self.book.state();
        let mut asked = BTreeSet::new();
        let mut row = FetchRow {
            symbol: series.name.clone(),
            provider: None,
            days: 0,
            actions: 0,
            repaired: 0,
            waiting: 0,
            note: None,
        };
        let mut verdict = Verdict::default();
        let mut heard = Heard::default();
        let mut remarks = Vec::new();
        let mut error = None;
        loop {
            match self.bars(&series, &state, &asked).await? {
                Ok(fetched) => {
                    asked.extend(fetched.passed.iter().map(ProviderError::provider));
                    asked.insert(fetched.provider);
                    row.provider.get_or_insert(named(fetched.provider));
                    remarks.extend(self.keep(&series, &state, fetched, &mut heard).await?);
                }
                // That no second source has anything is no fault of the first.
                Err(err) if asked.is_empty() => {
                    let reason = err.tried.last().map(ToString::to_string);
                    let unreached = self.unreached().values().next_back().cloned();
                    error = reason.or(unreached).or_else(|| Some(err.to_string()));
                    break;
                }
                Err(_) => break,
            }
            verdict = trust::judge(self.app, self.book, &state, series.key, &heard, self.now).await?;
            // A fault that waits is a question to the next source, as long as there is one.
            if verdict.waiting == 0
                || self
                    .providers
                    .iter()
                    .all(|provider| asked.contains(provider) || self.unreached().contains_key(provider))
            {
                break;
            }
        }
        row.days = verdict.days;
        row.actions = verdict.actions;
        row.repaired = verdict.repaired;
        row.waiting = verdict.waiting;
        row.note = error.clone().or_else(|| first_of(&remarks));
        self.log(&series, row.provider, error, remarks).await?;
        Ok((series, row, verdict.changes))
    }

    /// Asks for the days of a series that a source has not told yet, and for a few before them once more.
    async fn bars(
        &self,
        series: &Series,
        state: &State,
        asked: &BTreeSet<record::Provider>,
    ) -> Result<Result<Fetched, FetchError>> {
        let subject = trust::subject(state, series.key)?;
        let sessions = Sessions::of(subject.exchange.as_deref());
        let until = sessions.last_ended(self.app.today(), self.app.now());
        let told = self.market.sources(series.key, None).await?;
        let from = |provider: record::Provider| {
            // A file is read whole whenever it is read, so that a line mended long ago counts.
            if provider == record::Provider::Files {
                return self.from.unwrap_or(FIRST_DAY).min(until);
            }
            let known = told.iter().find(|one| one.source == named(provider).name());
            let last = known.and_then(|one| one.bars.iter().filter_map(|bar| day(&bar.window)).max());
            let usual = last.map_or_else(
                || ten_years_before(until),
                |last| last.saturating_sub(OVERLAP_DAYS.days()),
            );
            self.from.unwrap_or(usual).min(until)
        };
        let is_left_out =
            |provider: &record::Provider| asked.contains(provider) || self.unreached().contains_key(provider);
        let next = self.providers.iter().find(|provider| !is_left_out(provider));
        // Whoever asks a second source is one of few.
        let next = next.filter(|_| asked.is_empty());
        if let (SeriesKey::Instrument(id), Some(record::Provider::Polygon)) = (series.key, next) {
            let symbol = self.symbol(id, series.instrument.as_deref(), record::Provider::Polygon);
            let days = (from(record::Provider::Polygon), until);
            if let Some(fetched) = self.of_market(&symbol, sessions, days).await {
                return Ok(Ok(fetched));
            }
        }
        let ask = |provider: record::Provider| {
            if !self.providers.contains(&provider) || is_left_out(&provider) {
                return None;
            }
            let (from, to) = (from(provider), until);
            Some(match (&series.instrument, series.key) {
                (_, SeriesKey::Pair(base, quote)) => Ask::Rates {
                    base: base.code().to_owned(),
                    quote: quote.code().to_owned(),
                    from,
                    to,
                },
                (instrument, SeriesKey::Instrument(id)) => Ask::Bars {
                    symbol: self.symbol(id, instrument.as_deref(), provider),
                    interval: Interval::Day,
                    from,
                    to,
                },
            })
        };
        let mut fetched = self.client.fetch(ask, PATIENCE).await;
        status::note(self.book, self.app.now(), &fetched).await?;
        self.note_unreached(match &fetched {
            Ok(fetched) => &fetched.passed,
            Err(err) => &err.tried,
        });
        if let (Ok(fetched), SeriesKey::Instrument(id)) = (&mut fetched, series.key)
            && fetched.provider == record::Provider::Polygon
        {
            let asked = Span {
                symbol: self.symbol(id, series.instrument.as_deref(), fetched.provider),
                from: from(fetched.provider),
                to: until,
            };
            self.complete(fetched, asked).await;
        }
        Ok(fetched)
    }

    fn note_unreached(&self, errors: &[ProviderError]) {
        for err in errors {
            // A file that cannot be read says nothing about the next.
            let is_far = err.provider() != record::Provider::Files;
            if is_far && matches!(err, ProviderError::Transport { .. }) {
                self.unreached().insert(err.provider(), err.to_string());
            }
        }
    }

    fn unreached(&self) -> MutexGuard<'_, BTreeMap<record::Provider, String>> {
        self.unreached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn symbol(&self, id: InstrumentId, instrument: Option<&Instrument>, provider: record::Provider) -> String {
        let own = instrument.map_or("", Instrument::symbol);
        symbol_at(&self.symbols, id, own, provider)
    }
}

fn day(window: &BarWindow) -> Option<Date> {
    match window {
        BarWindow::Day(date) => Some(*date),
        BarWindow::Minute(_) => None,
    }
}

/// Returns the first remark, and how many there are beside it.
fn first_of(remarks: &[String]) -> Option<String> {
    match remarks {
        [] => None,
        [only] => Some(only.clone()),
        [first, rest @ ..] => Some(format!("{first} (and {} more)", rest.len())),
    }
}

fn merge(all: &mut Changes, one: Changes) {
    all.prices.extend(one.prices);
    all.rates.extend(one.rates);
    all.actions.extend(one.actions);
}

/// Waits for something, unless the job is told to stop meanwhile.
async fn until_cancelled<T>(job: &Job, work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work.fuse());
    loop {
        if job.is_cancelled() {
            return None;
        }
        tokio::select! {
            done = &mut work => return Some(done),
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

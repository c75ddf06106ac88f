//! News about instruments: fetched from the providers, made plain, kept beside the book, and read from there.

mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use apex_domain::{Decimal, InstrumentId, Timestamp};
use apex_market_data::client::Fetched;
use apex_market_data::record::{News, Sentiment};
use apex_market_data::request::Ask;
use apex_store::NewsRecord;
use apex_wire::Failure;
use apex_wire::feeds::Provider;
use apex_wire::news::{FetchNews, GetNews, NewsFetched, NewsItem, OpenNews};
use apex_wire::quotes::GetWatchlists;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::error::{AppError, Result};
use crate::feeds::{self, Symbols};
use crate::job::Job;
use crate::state::State;

/// So old may be what is asked for.
const SINCE: SignedDuration = SignedDuration::from_hours(24 * 30);
/// As many items are asked for of one instrument.
const ITEMS_MAX: u32 = 50;
/// As many items as one answer has.
const LIMIT_MAX: usize = 1_000;
/// How long a budget may keep one question waiting.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often somebody may ask to stop.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// The longest texts, in characters.
const TITLE_MAX: usize = 300;
const SUMMARY_MAX: usize = 2_000;
const SOURCE_MAX: usize = 100;
const SYMBOL_MAX: usize = 40;
/// As many symbols as an item may name.
const SYMBOLS_MAX: usize = 100;

/// What is kept of an item. Its field names are a contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Body {
    title: String,
    summary: Option<String>,
    source: Option<String>,
    url: Option<String>,
    /// The provider's judgment by symbol; under an empty one that of the item as a whole.
    sentiments: BTreeMap<String, Decimal>,
}

impl App {
    /// Returns stored news, latest first.
    ///
    /// # Errors
    /// When no book is open, an instrument is not in it, or it cannot be read.
    pub async fn get_news(&self, ask: GetNews) -> Result<Vec<NewsItem>, Failure> {
        let book = self.book()?;
        let state = book.state();
        let known = self.feed_symbols().await?;
        let mut symbols = BTreeSet::new();
        for id in &ask.instruments {
            symbols.extend(self.symbols_of(&state, &known, *id)?);
        }
        let wanted: Vec<String> = symbols.iter().cloned().collect();
        let market = book.store.market().await.map_err(AppError::from)?;
        let found = market.news(&wanted, ask.since, ask.limit.min(LIMIT_MAX)).await;
        let found = found.map_err(AppError::from)?;
        Ok(found.into_iter().filter_map(|record| item(record, &symbols)).collect())
    }

    /// Returns where a stored item can be read: an address of the web that came with it.
    ///
    /// # Errors
    /// When no book is open, there is no such item, or it came without an address.
    pub async fn news_link(&self, ask: OpenNews) -> Result<String, Failure> {
        let book = self.book()?;
        let market = book.store.market().await.map_err(AppError::from)?;
        let found = market.news_item(ask.provider.name(), &ask.id).await;
        let found = found
            .map_err(AppError::from)?
            .and_then(|record| item(record, &BTreeSet::new()));
        let link = found.and_then(|item| item.url);
        Ok(link.ok_or_else(|| AppError::not_found("link of the news", &ask.id))?)
    }

    /// Asks the providers for news of the last month and keeps what is new.
    ///
    /// # Errors
    /// When no book is open, an instrument is not in it, no provider is set up, or the job was cancelled; what had come by
    /// then is kept.
    pub async fn fetch_news(&self, ask: FetchNews, job: &Job) -> Result<NewsFetched, Failure> {
        let book = self.book()?;
        let state = book.state();
        let client = self.client().await?;
        if client
            .providers()
            .all(|provider| provider == apex_market_data::Provider::Files)
        {
            let sentence =
                "no source that has news is switched on; set one up on the Data page, or with `apex data providers`";
            return Err(AppError::invalid(sentence).into());
        }
        let symbols = self.feed_symbols().await?;
        let instruments = if ask.instruments.is_empty() {
            self.held_or_watched(&state).await?
        } else {
            ask.instruments
        };
        let mut done = NewsFetched {
            added: 0,
            known: 0,
            failures: Vec::new(),
        };
        let count = instruments.len() as u64;
        for (number, id) in instruments.into_iter().enumerate() {
            let instrument = state.instrument(id)?;
            let symbol = instrument.symbol().to_owned();
            job.step(&format!("news of {symbol}"), number as u64, Some(count))?;
            let now = self.now();
            let question = |provider: apex_market_data::Provider| {
                Some(Ask::News {
                    symbol: self.symbol_at(&symbols, instrument, feeds::named(provider))?,
                    since: now.saturating_sub(SINCE).unwrap_or(Timestamp::MIN),
                    limit: ITEMS_MAX,
                })
            };
            let fetched = tokio::select! {
                fetched = client.fetch(question, PATIENCE) => fetched,
                () = cancelled(job) => return Err(AppError::Cancelled.into()),
            };
            match fetched {
                Ok(fetched) => {
                    let records = records(fetched, self.now());
                    let market = book.store.market().await.map_err(AppError::from)?;
                    let added = market.add_news(&records).await.map_err(AppError::from)?;
                    done.added += added;
                    done.known += records.len() - added.min(records.len());
                }
                Err(err) => done.failures.push(format!("{symbol}: {err}")),
            }
        }
        Ok(done)
    }

    /// Returns what the book and the providers call an instrument.
    fn symbols_of(&self, state: &State, known: &Symbols, id: InstrumentId) -> Result<Vec<String>> {
        let instrument = state.instrument(id)?;
        let mut symbols = vec![instrument.symbol().to_owned()];
        let providers = Provider::ALL.iter().map(|(provider, ..)| *provider);
        symbols.extend(providers.filter_map(|provider| self.symbol_at(known, instrument, provider)));
        Ok(symbols)
    }

    /// Returns the instruments that any portfolio holds now, or any watchlist has, by symbol.
    async fn held_or_watched(&self, state: &State) -> Result<Vec<InstrumentId>, Failure> {
        let today = state.standing_clock().unwrap_or_else(|| self.wall_day());
        let mut wanted: BTreeSet<InstrumentId> = BTreeSet::new();
        for portfolio in state.portfolios.values() {
            let held = portfolio.ledger.book.holdings(today);
            wanted.extend(held.into_iter().map(|holding| holding.instrument));
        }
        for entry in self.get_watchlists(GetWatchlists {}).await? {
            wanted.extend(entry.watchlist.instruments);
        }
        let mut wanted: Vec<InstrumentId> = wanted
            .into_iter()
            .filter(|id| state.instruments.get(*id).is_some())
            .collect();
        wanted.sort_by_key(|id| (state.symbol(*id, today), *id));
        Ok(wanted)
    }
}

/// Returns when somebody has asked the job to stop.
async fn cancelled(job: &Job) {
    while !job.is_cancelled() {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Makes what a provider said plain. What has no headline is no news.
fn records(fetched: Fetched, now: Timestamp) -> Vec<NewsRecord> {
    let provider = feeds::source_of(feeds::named(fetched.provider));
    let news = fetched.records.news.into_iter();
    let records = news.filter_map(|news| {
        let body = body(&news)?;
        let symbols: BTreeSet<String> = news.symbols.iter().filter_map(|symbol| plain_symbol(symbol)).collect();
        Some(NewsRecord {
            provider: provider.clone(),
            id: text::plain(&news.id, SUMMARY_MAX)?,
            // Nothing is known before it is published, nor published after it is known.
            published: news.published.min(now),
            known_at: now,
            symbols: symbols.into_iter().take(SYMBOLS_MAX).collect(),
            body: serde_json::to_value(body).ok()?,
        })
    });
    records.collect()
}

fn body(news: &News) -> Option<Body> {
    let sentiments = news.sentiments.iter().filter_map(|sentiment| {
        let symbol = match &sentiment.symbol {
            Some(symbol) => plain_symbol(symbol)?,
            None => String::new(),
        };
        Some((symbol, score(sentiment)?))
    });
    Some(Body {
        title: text::plain(&news.title, TITLE_MAX)?,
        summary: news.summary.as_deref().and_then(|text| text::plain(text, SUMMARY_MAX)),
        source: news.source.as_deref().and_then(|text| text::plain(text, SOURCE_MAX)),
        url: text::link(&news.url),
        sentiments: sentiments.collect(),
    })
}

/// Returns a provider's judgment from -1 to 1. Polygon has three words for it and no number: they are the ends and the middle.
fn score(sentiment: &Sentiment) -> Option<Decimal> {
    let score = sentiment.score.or(match sentiment.label.as_deref()? {
        "positive" => Some(Decimal::ONE),
        "neutral" => Some(Decimal::ZERO),
        "negative" => Some(Decimal::NEGATIVE_ONE),
        _ => None,
    })?;
    (Decimal::NEGATIVE_ONE..=Decimal::ONE).contains(&score).then_some(score)
}

/// Returns a symbol of letters, digits and a few marks; none where it is anything else.
fn plain_symbol(symbol: &str) -> Option<String> {
    let symbol = symbol.trim();
    let is_plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '.' | '-' | ':' | '/' | '^' | '=' | '_');
    let fits = (1..=SYMBOL_MAX).contains(&symbol.len());
    (fits && symbol.chars().all(is_plain)).then(|| symbol.to_owned())
}

/// Words a stored item; `asked` are the symbols of the instruments asked about.
fn item(record: NewsRecord, asked: &BTreeSet<String>) -> Option<NewsItem> {
    let body: Body = serde_json::from_value(record.body).ok()?;
    let about = asked.iter().find_map(|symbol| body.sentiments.get(symbol));
    let sentiment = about.or_else(|| body.sentiments.get("")).copied();
    Some(NewsItem {
        id: record.id,
        provider: Provider::of(&record.provider)?,
        title: body.title,
        summary: body.summary,
        source: body.source,
        url: body.url,
        published: record.published,
        symbols: record.symbols,
        sentiment,
        known_at: record.known_at,
    })
}

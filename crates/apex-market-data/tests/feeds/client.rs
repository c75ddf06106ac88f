//! The real client against servers on loopback that speak as the providers do, with their faults.

mod answers;
mod budgets;
mod faults;
mod questions;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use apex_domain::{Date, Decimal, Timestamp};
use apex_market_data::alpha_vantage::ask::{AlphaVantage, Plan};
use apex_market_data::budget::{Caps, Spent};
use apex_market_data::client::shell::ChangeSpent;
use apex_market_data::client::{BudgetName, Client, FetchError, Fetched, RawReply, Settings, Shell, Source};
use apex_market_data::polygon::ask::Polygon;
use apex_market_data::redact::ApiKey;
use apex_market_data::request::{Adapter, Ask};
use apex_market_data::yahoo::ask::Yahoo;
use apex_market_data::{Interval, Ohlcv, Provider};
use apex_testkit::replay::Replay;
use apex_testkit::replay::market::{Day, DividendDay, Market, SplitDay};
use futures::FutureExt as _;
use futures::future::BoxFuture;

pub(crate) const KEY: &str = "Q1W2E3R4T5Y6U7I8";

pub(crate) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// Returns a market over half days, holidays and the change to daylight saving time, with a split, a dividend and a change of
/// symbol.
pub(crate) fn market() -> Market {
    let split = SplitDay {
        date: date("2026-02-09"),
        new: 2,
        old: 1,
    };
    let dividend = DividendDay {
        date: date("2025-12-10"),
        cents: 26,
    };
    Market::new(7, date("2025-11-24"), date("2026-03-13"))
        .list("AAPL", 18_500, &[split], &[dividend])
        .list("META", 61_000, &[], &[])
        .formerly("FB", date("2026-01-05"))
}

pub(crate) async fn replay(page_rows: usize) -> Replay {
    Replay::start(market(), KEY, page_rows).await.unwrap()
}

/// What the client wrote down.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) replies: Vec<(Provider, String, u16, Vec<u8>)>,
    pub(crate) spent: BTreeMap<BudgetName, Spent>,
    alone: Arc<tokio::sync::Mutex<()>>,
}

pub(crate) type Book = Arc<Mutex<Kept>>;

/// A clock that starts on a Saturday and goes on as time does.
pub(crate) fn clock() -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
    let start: Timestamp = "2026-03-14T12:00:00Z".parse().unwrap();
    let began = tokio::time::Instant::now();
    Arc::new(move || start + jiff::SignedDuration::try_from(began.elapsed()).unwrap())
}

/// Writes down what the client lets it, and refuses where it is told to.
pub(crate) struct Desk {
    book: Book,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// What is full, if anything is.
    pub(crate) full: Option<&'static str>,
}

impl Desk {
    pub(crate) fn new(book: &Book) -> Self {
        Self {
            book: Arc::clone(book),
            now: clock(),
            full: None,
        }
    }

    fn room(&self, what: &str) -> Result<(), String> {
        match self.full {
            Some(full) if full == what => Err("the disk is full".to_owned()),
            _ => Ok(()),
        }
    }
}

impl Shell for Desk {
    fn now(&self) -> Timestamp {
        (self.now)()
    }

    fn keep_reply<'a>(&'a self, reply: RawReply<'a>) -> BoxFuture<'a, Result<(), String>> {
        assert_eq!(reply.hash, blake3::hash(reply.body).to_hex().as_str());
        let kept = (
            reply.provider,
            reply.source.to_owned(),
            reply.status,
            reply.body.to_vec(),
        );
        self.book.lock().unwrap().replies.push(kept);
        std::future::ready(self.room("replies")).boxed()
    }

    fn change_spent<'a>(
        &'a self,
        budget: &'a BudgetName,
        change: ChangeSpent<'a>,
    ) -> BoxFuture<'a, Result<(), String>> {
        async move {
            // As a database would: read, wait a little, write, and nobody in between.
            let book = Arc::clone(&self.book);
            let alone = Arc::clone(&book.lock().unwrap().alone);
            let alone = alone.lock().await;
            let mut spent = book.lock().unwrap().spent.get(budget).cloned().unwrap_or_default();
            tokio::task::yield_now().await;
            change(&mut spent);
            self.room("budgets")?;
            book.lock().unwrap().spent.insert(budget.clone(), spent);
            drop(alone);
            Ok(())
        }
        .boxed()
    }
}

pub(crate) fn polygon(replay: &Replay) -> Box<dyn Adapter> {
    Box::new(Polygon::new(replay.http().parse().unwrap(), ApiKey::new(KEY)))
}

pub(crate) fn alpha_vantage(replay: &Replay) -> Box<dyn Adapter> {
    let host = replay.http().parse().unwrap();
    Box::new(AlphaVantage::new(host, ApiKey::new(KEY), Plan::Premium))
}

pub(crate) fn yahoo(replay: &Replay) -> Box<dyn Adapter> {
    let host: reqwest::Url = replay.http().parse().unwrap();
    Box::new(Yahoo::new(host.clone(), host))
}

pub(crate) fn alpha_vantage_free(replay: &Replay) -> Box<dyn Adapter> {
    let host = replay.http().parse().unwrap();
    Box::new(AlphaVantage::new(host, ApiKey::new(KEY), Plan::Free))
}

/// A provider that bears a thousand requests a second.
pub(crate) fn generous(adapter: Box<dyn Adapter>) -> Source {
    Source {
        adapter,
        caps: Some(Caps {
            requests: [(apex_market_data::Cap::Second, 1_000)].into(),
            concurrent: 4,
        }),
    }
}

pub(crate) fn settings() -> Settings {
    Settings {
        timeout: Duration::from_secs(10),
        ..Settings::default()
    }
}

/// A client, and the patience of whoever asks.
pub(crate) struct Asking {
    pub(crate) client: Client,
    pub(crate) patience: Duration,
}

impl Asking {
    /// Asks every provider by the same symbol.
    pub(crate) async fn fetch(&self, ask: &Ask) -> Result<Fetched, FetchError> {
        self.client.fetch(|_| Some(ask.clone()), self.patience).await
    }
}

pub(crate) fn client(sources: Vec<Source>, settings: Settings) -> (Asking, Book) {
    let book = Book::default();
    let client = Client::new(sources, settings, Arc::new(Desk::new(&book)));
    let patience = Duration::from_secs(10);
    (Asking { client, patience }, book)
}

pub(crate) fn days(symbol: &str, from: &str, to: &str) -> Ask {
    Ask::Bars {
        symbol: symbol.to_owned(),
        interval: Interval::Day,
        from: date(from),
        to: date(to),
    }
}

/// Returns the figures of a day as they were traded, `vwap` aside.
pub(crate) fn traded(day: &Day) -> Ohlcv {
    let price = |cents: i64| Some(Decimal::new(cents, 2));
    Ohlcv {
        open: price(day.open),
        high: price(day.high),
        low: price(day.low),
        close: price(day.close),
        volume: Some(day.volume.into()),
        vwap: None,
    }
}

//! A book on a market that streams: what the tests of quotes, live figures and alerts share.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use apex_app::{App, WallClock};
use apex_domain::{Date, Decimal, InstrumentId, Timestamp};
use apex_testkit::replay::{Market, Play, Replay};
use apex_wire::feeds::{Plan, Provider, SaveKey, SaveSource, SourceSettings, StreamState};
use apex_wire::quotes::{NextQuotes, Quote, Quotes};
use apex_wire::session::NewBook;
use apex_wire::setup::{EnterPrice, InstrumentDraft, SaveInstrument};

use crate::desk::{created, moment};

pub(crate) const KEY: &str = "Q1W2E3R4T5Y6U7I8";

/// Monday, the 9th of March 2026: New York opens at 13:30 UTC.
pub(crate) const MONDAY: &str = "2026-03-09";

/// A clock that stands until it is set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock(Arc<AtomicI64>);

impl Clock {
    pub(crate) fn at(text: &str) -> Self {
        let clock = Self::default();
        clock.set(text);
        clock
    }

    pub(crate) fn set(&self, text: &str) {
        let instant: Timestamp = text.parse().expect("an instant");
        self.0.store(instant.as_millisecond(), Ordering::SeqCst);
    }

    /// Returns the clock as a shell lends it.
    pub(crate) fn lent(&self) -> WallClock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).expect("in range")
    }
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// Starts a server whose market has two stocks.
pub(crate) async fn replay() -> Replay {
    let market = Market::new(7, day("2026-03-02"), day("2026-03-13"))
        .list("ACME", 10_000, &[], &[])
        .list("BETA", 5_000, &[], &[]);
    Replay::start(market, KEY, 50_000).await.expect("a port")
}

/// Makes a book with ACME and BETA on the New York exchange, their closes of the last two sessions, and a source that
/// streams.
pub(crate) async fn streaming(folder: &Path, replay: &Replay, clock: &Clock) -> App {
    let app = created(folder, NewBook::Empty("Mine".into()))
        .await
        .with_clock(clock.lent());
    app.set_today(day(MONDAY));
    for (symbol, before, last) in [("ACME", "98.00", "100.00"), ("BETA", "49.50", "50.00")] {
        add_instrument(&app, symbol).await;
        enter(&app, symbol, "2026-03-05", before).await;
        enter(&app, symbol, "2026-03-06", last).await;
    }
    attach(&app, replay).await;
    app
}

pub(crate) async fn add_instrument(app: &App, symbol: &str) -> InstrumentId {
    let draft = InstrumentDraft {
        symbol: symbol.to_owned(),
        name: format!("{symbol} Incorporated"),
        kind: "equity".to_owned(),
        currency: "USD".to_owned(),
        exchange: "XNYS".to_owned(),
        ..InstrumentDraft::default()
    };
    let ask = SaveInstrument {
        id: None,
        draft,
        symbol_from: String::new(),
    };
    let seed = symbol.bytes().map(i64::from).sum();
    app.save_instrument(ask, &moment(seed)).await.expect("an instrument").id
}

pub(crate) async fn enter(app: &App, symbol: &str, date: &str, price: &str) {
    let ask = EnterPrice {
        symbol: symbol.to_owned(),
        date: date.to_owned(),
        price: price.to_owned(),
    };
    app.enter_price(ask, &moment(9)).await.expect("a price");
}

/// Points an application at the server.
pub(crate) async fn attach(app: &App, replay: &Replay) {
    let settings = SourceSettings {
        provider: Provider::Polygon,
        enabled: true,
        address: replay.http(),
        stream_address: replay.polygon_stream(),
        streams: true,
        plan: Plan::Paid,
    };
    app.save_source(SaveSource { settings, place: 0 }).await.expect("kept");
    let key = SaveKey {
        provider: Provider::Polygon,
        key: Some(KEY.to_owned()),
    };
    app.save_key(key).await.expect("kept");
}

/// A minute of Polygon's that ends at an instant.
pub(crate) fn bar(symbol: &str, until: &str, close: &str) -> Play {
    let until: Timestamp = until.parse().expect("an instant");
    let end = until.as_millisecond();
    let start = end - 60_000;
    Play::Frame(format!(
        r#"[{{"ev":"AM","sym":"{symbol}","v":100,"av":5000,"op":{close},"vw":{close},"o":{close},"c":{close},"h":{close},"l":{close},"a":{close},"z":100,"s":{start},"e":{end}}}]"#
    ))
}

/// Best bid and offer of a symbol at an instant.
pub(crate) fn offers(symbol: &str, at: &str) -> Play {
    let at: Timestamp = at.parse().expect("an instant");
    Play::Frame(format!(
        r#"[{{"ev":"Q","sym":"{symbol}","bx":4,"bp":103.4,"bs":1,"ax":7,"ap":103.6,"as":1,"c":0,"t":{},"q":1,"z":3}}]"#,
        at.as_millisecond()
    ))
}

/// Trade after trade of one symbol, at prices of so many cents, in frames of many.
pub(crate) fn trades(symbol: &str, at: &str, cents: impl Iterator<Item = i64>) -> Play {
    let at: Timestamp = at.parse().expect("an instant");
    let rows: Vec<String> = cents
        .enumerate()
        .map(|(number, cents)| {
            format!(
                r#"{{"ev":"T","sym":"{symbol}","x":4,"i":"{number}","z":3,"p":{}.{:02},"s":100,"c":[0],"t":{},"q":{number}}}"#,
                cents / 100,
                cents % 100,
                at.as_millisecond()
            )
        })
        .collect();
    Play::Frame(format!("[{}]", rows.join(",")))
}

/// Asks as a page does: on and on, with the number of the last answer.
pub(crate) struct Page<'a> {
    app: &'a App,
    watch: String,
    pub(crate) instruments: Vec<InstrumentId>,
    number: u64,
}

impl<'a> Page<'a> {
    pub(crate) fn new(app: &'a App, watch: &str, symbols: &[&str]) -> Self {
        Self {
            app,
            watch: watch.to_owned(),
            instruments: symbols.iter().map(|symbol| id(app, symbol)).collect(),
            number: 0,
        }
    }

    pub(crate) async fn next(&mut self) -> Quotes {
        let ask = NextQuotes {
            watch: self.watch.clone(),
            instruments: self.instruments.clone(),
            after: self.number,
        };
        let quotes = self.app.next_quotes(ask).await.expect("an answer");
        self.number = quotes.number;
        quotes
    }

    /// Asks until a quote is as wanted.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&Quote) -> bool) -> Quote {
        let found = async {
            loop {
                if let Some(found) = self.next().await.rows.into_iter().find(|quote| wanted(quote)) {
                    return found;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), found)
            .await
            .expect("a quote")
    }

    /// Asks until the stream is up.
    pub(crate) async fn up(&mut self) {
        let up = async {
            loop {
                let streams = self.next().await.streams;
                if matches!(streams.first(), Some((_, StreamState::Up { .. }))) {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), up)
            .await
            .expect("a stream");
    }
}

pub(crate) fn id(app: &App, symbol: &str) -> InstrumentId {
    let ask = apex_wire::setup::GetInstruments {
        search: symbol.to_owned(),
        offset: 0,
        limit: 10,
    };
    let found = app.get_instruments(ask).expect("an answer");
    let row = found.rows.into_iter().find(|row| row.draft.symbol == symbol);
    row.expect("the instrument").id
}

pub(crate) fn last(quote: &Quote) -> String {
    quote.last.known().expect("a price").normalize().to_string()
}

//! The soak of live quotes: a server on loopback sends 20,000 trades a second over 5,000 symbols in Polygon's frames, and a
//! page takes them as the real one does, batch by batch, from JSON.
//!
//! Measured is every trade, from the instant at which the server hands it to its socket to that at which the page has parsed
//! the batch that tells it or a later one of the same symbol. It runs for the ten minutes of the promise;
//! `APEX_SOAK_SECONDS` says another time. The program fails where a trade is never told.
#![allow(missing_docs, reason = "a program")]
#![allow(clippy::disallowed_methods, reason = "a measurement is a shell: it owns a clock")]
#![allow(clippy::print_stdout, reason = "the figures are printed")]

#[path = "soak/server.rs"]
mod server;

use std::sync::Arc;
use std::time::{Duration, Instant};

use apex_app::{App, Moment};
use apex_bench::figures;
use apex_domain::{Currency, Instrument, InstrumentId, InstrumentKind};
use apex_store::{BookClock, Changes, Edit, Entropy, KdfCost, NewBook, Passphrase, Protection, Store};
use apex_wire::feeds::{Plan, Provider, SaveKey, SaveSource, SourceSettings};
use apex_wire::quotes::{NextQuotes, Quotes};
use apex_wire::session::{OpenSession, Unlock};
use cpu_time::ProcessTime;
use jiff::{Timestamp, Zoned};

use server::{RATE, SYMBOLS, Server};

/// Figures begin when everything that is made once has been made.
const WARM_UP: Duration = Duration::from_secs(5);
const SECRET: &str = "correct horse battery";

fn main() {
    let seconds = std::env::var("APEX_SOAK_SECONDS").ok();
    let seconds: u64 = seconds.and_then(|text| text.parse().ok()).unwrap_or(600);
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let server = Server::start(Duration::from_secs(seconds) + WARM_UP + Duration::from_secs(10));
    runtime.block_on(run(folder.path(), &server, Duration::from_secs(seconds)));
}

/// What was seen of one symbol.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// The last trade told.
    last: Option<u64>,
}

async fn run(folder: &std::path::Path, server: &Server, span: Duration) {
    let (app, instruments) = book(folder, server).await;
    let mut ask = NextQuotes {
        watch: "soak".to_owned(),
        instruments,
        after: 0,
    };
    let mut seen = vec![Seen::default(); SYMBOLS];
    let mut latencies: Vec<u32> = Vec::new();
    let (mut batches, mut rows, mut bytes) = (0_u64, 0_u64, 0_u64);
    let mut begun: Option<(Instant, ProcessTime, Duration, f64, u64)> = None;
    let mut first_heard: Option<Instant> = None;
    loop {
        let answer = app.next_quotes(ask.clone()).await.expect("an answer");
        let json = serde_json::to_vec(&answer).expect("JSON");
        let quotes: Quotes = serde_json::from_slice(&json).expect("the same");
        let now = Instant::now();
        ask.after = quotes.number;
        let is_measured = begun.is_some();
        for quote in &quotes.rows {
            let Some(price) = quote.last.known().filter(|_| quote.at.is_some()) else {
                continue;
            };
            first_heard.get_or_insert(now);
            let (symbol, number) = server::trade_of(&quote.symbol, *price);
            let told = &mut seen[symbol];
            let first = told.last.map_or(number, |last| last + SYMBOLS as u64);
            for trade in (first..=number).step_by(SYMBOLS) {
                if is_measured && let Some(sent) = server.sent_at(trade) {
                    let micros = now.saturating_duration_since(sent).as_micros();
                    latencies.push(u32::try_from(micros).unwrap_or(u32::MAX));
                }
            }
            told.last = Some(number);
        }
        if is_measured {
            batches += 1;
            rows += quotes.rows.len() as u64;
            bytes += json.len() as u64;
        }
        match &begun {
            None if first_heard.is_some_and(|at| at.elapsed() >= WARM_UP) => {
                // Room for all that will be measured, so that measuring grows nothing.
                let room = usize::try_from(span.as_secs() + 10).unwrap_or(0) * RATE;
                latencies.reserve_exact(room);
                latencies.resize(room, 0);
                latencies.clear();
                begun = Some((
                    Instant::now(),
                    ProcessTime::now(),
                    server.cpu(),
                    memory_mb(),
                    server.count(),
                ));
            }
            Some((at, ..)) if at.elapsed() >= span => break,
            _ => {}
        }
    }
    let (at, cpu, server_cpu, memory, count) = begun.expect("it has begun");
    let elapsed = at.elapsed();
    let cpu = cpu.elapsed().saturating_sub(server.cpu().saturating_sub(server_cpu));
    let growth = memory_mb() - memory;
    let sent = server.count() - count;
    latencies.sort_unstable();
    let quantile = |share: f64| {
        let at = (latencies.len().saturating_sub(1)) as f64 * share;
        Duration::from_micros(latencies.get(at as usize).copied().unwrap_or(u32::MAX).into())
    };
    println!(
        "soak/live: {:.0} s, {:.0} trades a second sent over {SYMBOLS} symbols, {} told",
        elapsed.as_secs_f64(),
        sent as f64 / elapsed.as_secs_f64(),
        latencies.len()
    );
    println!(
        "soak/live: {batches} batches, {:.0} rows each, {:.1} MB of JSON a second",
        rows as f64 / batches.max(1) as f64,
        bytes as f64 / elapsed.as_secs_f64() / 1e6
    );
    let p99 = quantile(0.99);
    println!(
        "soak/live: from socket to page p50 {:.1?}, p99 {p99:.1?}, p99.9 {:.1?}, longest {:.1?}",
        quantile(0.5),
        quantile(0.999),
        quantile(1.0)
    );
    println!(
        "soak/live: {:.0}% of one core (the server's own work left out), {memory:.0} MB resident, {growth:+.1} MB over the run",
        cpu.as_secs_f64() / elapsed.as_secs_f64() * 100.0
    );
    // All that was sent but what is under way.
    assert!(latencies.len() as u64 + RATE as u64 >= sent, "trades were not told");
    figures::time("soak/median", quantile(0.5)).expect("a file for a figure");
    figures::time("soak/p99", p99).expect("a file for a figure");
    figures::size("soak/growth", (growth.max(0.0) * 1e6) as u64).expect("a file for a figure");
}

/// Makes a book of 5,000 stocks whose source is the server.
async fn book(folder: &std::path::Path, server: &Server) -> (App, Vec<InstrumentId>) {
    let data = folder.join("data");
    let now = Timestamp::now();
    let cost = KdfCost {
        memory_kib: 64,
        passes: 1,
        lanes: 1,
    };
    let about = NewBook {
        name: "Soak".to_owned(),
        clock: BookClock::Wall,
        labels: std::collections::BTreeMap::new(),
    };
    let protection = Protection::Passphrase {
        passphrase: Passphrase::new(SECRET).expect("not empty"),
        cost,
    };
    let stocks: Vec<Instrument> = (0..SYMBOLS)
        .map(|number| {
            let mut id = [0; 16];
            id[8..].copy_from_slice(&(number as u64 + 1).to_be_bytes());
            let symbol = server::symbol(number);
            let id = InstrumentId::from_bytes(id);
            Instrument {
                exchange: Some("XNYS".to_owned()),
                ..Instrument::new(id, InstrumentKind::Equity, &symbol, Currency::USD)
            }
        })
        .collect();
    let ids = stocks.iter().map(|stock| stock.id).collect();
    let store = Store::create(&data, &about, &protection, entropy(1), now)
        .await
        .expect("a book");
    let edits = stocks.into_iter().map(|value| Edit { value, base_version: 0 });
    let changes = Changes {
        instruments: edits.collect(),
        ..Changes::default()
    };
    store.apply(&changes, now).await.expect("kept");
    store.close().await.expect("closed");
    let app = App::new(data, "soak", Zoned::now().date()).with_kdf_cost(cost);
    let app = app.with_clock(Arc::new(Timestamp::now));
    let moment = Moment::new(now, entropy(2));
    app.open_session(OpenSession {}, &moment).await.expect("a book");
    let unlock = Unlock {
        secret: SECRET.to_owned(),
    };
    app.unlock(unlock, &moment).await.expect("it opens");
    attach(&app, server).await;
    (app, ids)
}

async fn attach(app: &App, server: &Server) {
    let settings = SourceSettings {
        provider: Provider::Polygon,
        enabled: true,
        address: String::new(),
        stream_address: server.address(),
        streams: true,
        plan: Plan::Paid,
    };
    app.save_source(SaveSource { settings, place: 0 }).await.expect("kept");
    let key = SaveKey {
        provider: Provider::Polygon,
        key: Some("Q1W2E3R4T5Y6U7I8".to_owned()),
    };
    app.save_key(key).await.expect("kept");
}

/// Bytes of a simple generator: good for measuring, never for keys.
fn entropy(seed: u64) -> Entropy {
    let mut state = seed;
    Entropy::new(move |bytes| {
        for byte in bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 33) as u8;
        }
    })
}

/// Returns the memory the process has now; 0 where the system does not say.
fn memory_mb() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .unwrap_or(0.0);
    pages * 4096.0 / 1e6
}

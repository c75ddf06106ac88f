//! Prints how long the steps of a session take, in a simulated book or in the demo:
//! `cargo run -p apex-app --example timings -- 100000 200 2520` (transactions, instruments, days), or `-- demo FOLDER`,
//! which makes the demo firm there at the first run and opens it at every later one.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]
#![allow(clippy::disallowed_methods, reason = "a measurement is a shell: it owns a clock")]

use std::path::Path;
use std::time::Instant;

use apex_app::demo::{LargeBookSize, large_book};
use apex_app::{App, Entropy, Job, Moment, firm_changes};
use apex_domain::{Date, Timestamp};
use apex_store::KdfCost;
use apex_wire::cash::GetCash;
use apex_wire::holdings::{Classification, GetHoldings, HoldingColumn};
use apex_wire::overview::GetOverview;
use apex_wire::performance::GetPerformance;
use apex_wire::risk::GetRisk;
use apex_wire::session::{NewBook, OpenSession, Unlock};
use apex_wire::transactions::{AddTransaction, GetTransactions, TransactionDraft};
use apex_wire::{Failure, View};

fn moment() -> Moment {
    let mut state = 11_u64;
    let entropy = Entropy::new(move |bytes| {
        for byte in bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 33) as u8;
        }
    });
    Moment::new(Timestamp::constant(1_774_900_000, 0), entropy)
}

/// When a step began, by the clock and by the processor time of all threads, which a busy machine does not stretch.
struct Lap {
    clock: Instant,
    processor_ms: f64,
}

impl Lap {
    fn start() -> Self {
        Self {
            clock: Instant::now(),
            processor_ms: processor_ms(),
        }
    }

    fn print(&self, what: &str) {
        let (clock_ms, processor_ms) = (
            self.clock.elapsed().as_secs_f64() * 1e3,
            processor_ms() - self.processor_ms,
        );
        println!("{what:<46} {clock_ms:>9.2} ms, {processor_ms:>9.2} ms of processor time");
    }
}

/// Processor time of the process, where the system tells.
fn processor_ms() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let times = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("schedstat")).ok());
    let nanos = times.filter_map(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanos.sum::<f64>() / 1e6
}

fn lap(what: &str, since: &mut Lap) {
    since.print(what);
    *since = Lap::start();
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [mode, folder] = arguments.as_slice()
        && mode == "demo"
    {
        return demo(Path::new(folder)).await;
    }
    let argument = |at: usize, default: usize| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (transactions, instruments) = (argument(0, 100_000), argument(1, 200));
    let folder = tempfile::tempdir()?;
    let cheap = KdfCost {
        memory_kib: 64,
        passes: 1,
        lanes: 1,
    };
    let app = App::new(folder.path().join("data"), "timings", Date::constant(2026, 3, 31)).with_kdf_cost(cheap);
    let moment = moment();
    app.init(
        NewBook::Empty("Large".to_owned()),
        Some("open sesame"),
        0,
        &moment,
        &Job::unwatched(),
    )
    .await?;
    let firm = large_book(
        LargeBookSize {
            transactions,
            instruments,
            accounts: 4,
            days: argument(2, 2_520),
        },
        5,
    );
    let (symbol, account) = (firm.instruments[0].symbol().to_owned(), firm.accounts[0].name.clone());
    let half = firm.transactions[firm.transactions.len() / 2].trade_date;
    let last = firm.today;
    let mut since = Lap::start();
    app.apply(firm_changes(firm), &moment).await?;
    lap("write and fold", &mut since);
    app.close().await?;
    let bytes = std::fs::metadata(folder.path().join("data").join("ledger.db"))?.len();
    println!("ledger.db with prices {:>30.1} MB", bytes as f64 / 1e6);
    since = Lap::start();
    app.open_session(OpenSession {}, &moment).await?;
    app.unlock(
        Unlock {
            secret: "open sesame".to_owned(),
        },
        &moment,
    )
    .await?;
    lap("open, read and fold", &mut since);
    let view = View {
        as_of: Some(last),
        ..app.view(None, None, None)?
    };
    everything(&app, view, &mut since)?;
    let draft = TransactionDraft {
        account,
        date: half.to_string(),
        kind: "buy".to_owned(),
        symbol,
        quantity: "10".to_owned(),
        price: "100".to_owned(),
        ..TransactionDraft::default()
    };
    since = Lap::start();
    app.add_transaction(
        AddTransaction {
            view,
            draft: draft.clone(),
            preview: true,
        },
        &moment,
    )
    .await?;
    lap("preview a backdated trade", &mut since);
    app.add_transaction(
        AddTransaction {
            view,
            draft,
            preview: false,
        },
        &moment,
    )
    .await?;
    lap("add a backdated trade, value included", &mut since);
    everything(&app, view, &mut since)?;
    memory()
}

/// Opens the demo firm as the desktop does, key from a passphrase.
async fn demo(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let moment = moment();
    let mut since = Lap::start();
    let app = App::new(folder, "timings", Date::constant(2026, 3, 31));
    if !folder.exists() {
        app.init(NewBook::Demo, Some("open sesame"), 0, &moment, &Job::unwatched())
            .await?;
        lap("make the demo firm", &mut since);
        app.close().await?;
        return Ok(());
    }
    app.open_session(OpenSession {}, &moment).await?;
    lap("look at the folder", &mut since);
    let secret = "wrong".to_owned();
    if app.unlock(Unlock { secret }, &moment).await.is_ok() {
        return Err("a wrong passphrase opens the book".into());
    }
    lap("derive a key that does not fit", &mut since);
    let secret = "open sesame".to_owned();
    app.unlock(Unlock { secret }, &moment).await?;
    lap("derive the key, open, read and fold", &mut since);
    app.get_overview(GetOverview {
        view: app.view(None, None, None)?,
    })?;
    lap("first overview", &mut since);
    for portfolio in ["US Core", "Balanced", "Long/Short"] {
        if let Ok(view) = app.view(Some(portfolio), None, None) {
            since = Lap::start();
            everything(&app, view, &mut since)?;
        }
    }
    memory()
}

/// Prints what the process holds, where the system tells.
fn memory() -> Result<(), Box<dyn std::error::Error>> {
    if let Ok(rollup) = std::fs::read_to_string("/proc/self/smaps_rollup") {
        rollup
            .lines()
            .filter(|line| line.starts_with("Pss:"))
            .for_each(|line| println!("{line}"));
    }
    Ok(())
}

/// Asks every page that shows figures, the costly parts of the fold first.
fn everything(app: &App, view: View, since: &mut Lap) -> Result<(), Failure> {
    let start = Lap::start();
    let fold = app.fold(view)?;
    let rows = fold.valuation().rows.len();
    lap(&format!("value {rows} rows"), since);
    let days = fold.history().days.len();
    lap(&format!("history of {days} days"), since);
    app.get_overview(GetOverview { view })?;
    lap("overview", since);
    let mut ask = GetHoldings {
        view,
        group: vec![Classification::Sector, Classification::Currency],
        collapsed: Vec::new(),
        sort: Some((HoldingColumn::MarketValue, true)),
        filter: String::new(),
        offset: 0,
        limit: 60,
    };
    app.get_holdings(ask.clone())?;
    lap("first window of holdings, sorted and grouped", since);
    ask.offset = 30;
    app.get_holdings(ask)?;
    lap("next window", since);
    app.get_transactions(GetTransactions {
        view,
        search: String::new(),
        with_reversed: false,
        offset: 0,
        limit: 60,
    })?;
    lap("transactions", since);
    app.get_performance(GetPerformance {
        view,
        from: None,
        rolling: 252,
    })?;
    lap("performance", since);
    app.get_risk(GetRisk {
        view,
        level: 0.99,
        horizon: 1,
        window: 500,
        correlation_size: 20,
    })?;
    lap("risk", since);
    app.get_cash(GetCash {
        view,
        search: String::new(),
    })?;
    lap("cash", since);
    start.print("all of these");
    Ok(())
}

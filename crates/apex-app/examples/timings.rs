//! Prints how long the steps of a session take: `cargo run -p apex-app --example timings -- 100000`.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]
#![allow(clippy::disallowed_methods, reason = "a measurement is a shell: it owns a clock")]

use std::time::Instant;

use apex_app::demo::{LargeBookSize, large_book};
use apex_app::{App, Entropy, Job, Moment, firm_changes};
use apex_domain::{Date, Timestamp};
use apex_store::KdfCost;
use apex_wire::holdings::{Classification, GetHoldings, HoldingColumn};
use apex_wire::session::{NewBook, OpenSession, Unlock};
use apex_wire::transactions::{AddTransaction, TransactionDraft};
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
    Moment::new(Timestamp::UNIX_EPOCH, entropy)
}

fn lap(what: &str, since: &mut Instant) {
    println!("{what:<44} {:>9.2} ms", since.elapsed().as_secs_f64() * 1e3);
    *since = Instant::now();
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let transactions = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(100_000);
    let instruments = std::env::args()
        .nth(2)
        .and_then(|text| text.parse().ok())
        .unwrap_or(200);
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
        Some("open"),
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
            days: 2_520,
        },
        5,
    );
    let (symbol, account) = (firm.instruments[0].symbol().to_owned(), firm.accounts[0].name.clone());
    let half = firm.transactions[firm.transactions.len() / 2].trade_date;
    let last = firm.today;
    let mut since = Instant::now();
    app.apply(firm_changes(firm), &moment).await?;
    lap("write and fold", &mut since);
    app.close().await?;
    let bytes = std::fs::metadata(folder.path().join("data").join("ledger.db"))?.len();
    println!("ledger.db with prices {:>30.1} MB", bytes as f64 / 1e6);
    since = Instant::now();
    app.open_session(OpenSession {}, &moment).await?;
    app.unlock(
        Unlock {
            secret: "open".to_owned(),
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
    since = Instant::now();
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
    Ok(())
}

fn everything(app: &App, view: View, since: &mut Instant) -> Result<(), Failure> {
    let fold = app.fold(view)?;
    let rows = fold.valuation().rows.len();
    lap(&format!("value {rows} rows"), since);
    let days = fold.history().days.len();
    lap(&format!("history of {days} days"), since);
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
    lap("first window, sorted and grouped", since);
    ask.offset = 30;
    app.get_holdings(ask)?;
    lap("next window", since);
    Ok(())
}

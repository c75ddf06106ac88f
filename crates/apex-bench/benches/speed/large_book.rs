//! Books of a size that few firms have, through the use cases: what a person waits for.
//!
//! One book has 100,000 transactions of 200 instruments over ten years, the other 10,000 holdings.

use std::cell::LazyCell;
use std::fs;
use std::time::{Duration, Instant};

use apex_app::demo::{LargeBookSize, large_book};
use apex_app::{App, Job, Moment, firm_changes};
use apex_domain::{Date, Timestamp};
use apex_store::KdfCost;
use apex_wire::View;
use apex_wire::cash::GetCash;
use apex_wire::holdings::{Classification, GetHoldings, HoldingColumn};
use apex_wire::overview::GetOverview;
use apex_wire::performance::GetPerformance;
use apex_wire::risk::GetRisk;
use apex_wire::session::NewBook;
use apex_wire::transactions::{AddTransaction, ReverseTransactions, TransactionDraft};
use cpu_time::ProcessTime;
use criterion::measurement::{Measurement, WallTime};
use criterion::{Bencher, Criterion, SamplingMode};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::cpu_time::CpuTime;
use crate::few;
use crate::store::entropy;

const BUSY: LargeBookSize = LargeBookSize {
    transactions: 100_000,
    instruments: 200,
    accounts: 4,
    days: 2_520,
};

const WIDE: LargeBookSize = LargeBookSize {
    transactions: 80_000,
    instruments: 10_000,
    accounts: 1,
    days: 260,
};

pub(crate) fn benches(criterion: &mut Criterion<CpuTime>, wall: &mut Criterion<WallTime>) {
    let busy = LazyCell::new(|| {
        measure_file();
        let book = Large::new(BUSY, Prices::Kept);
        book.every_figure();
        book
    });
    let mut group = criterion.benchmark_group("book");
    group.sample_size(20).sampling_mode(SamplingMode::Flat);
    group.bench_function("settle_100k", |bencher| {
        settle(bencher, &busy, |work| {
            let start = ProcessTime::now();
            work();
            start.elapsed()
        });
    });
    group.finish();
    let mut group = wall.benchmark_group("book");
    group.sample_size(20).sampling_mode(SamplingMode::Flat);
    group.bench_function("settle_100k_wall", |bencher| {
        settle(bencher, &busy, |work| {
            let start = Instant::now();
            work();
            start.elapsed()
        });
    });
    group.finish();
    drop(busy);

    let wide = LazyCell::new(|| {
        let book = Large::new(WIDE, Prices::Kept);
        let rows = book.app.fold(book.view).expect("a portfolio").valuation().rows.len();
        println!("the wide book has {rows} holdings");
        assert!(rows >= 9_900, "{rows} holdings");
        book
    });
    let mut group = criterion.benchmark_group("book");
    group.sample_size(20).sampling_mode(SamplingMode::Flat);
    group.bench_function("window_10k", |bencher| {
        LazyCell::force(&wide);
        let mut offset = 0;
        bencher.iter(|| {
            // A wheel that turns on and on.
            offset = (offset + 37) % 9_800;
            let ask = wide.window(Vec::new(), HoldingColumn::MarketValue, offset);
            wide.app.get_holdings(ask).expect("a window")
        });
    });
    group.bench_function("window_10k_grouped", |bencher| {
        LazyCell::force(&wide);
        let mut turn = 0_usize;
        bencher.iter(|| {
            // A person who clicks one heading after the other.
            turn += 1;
            let sort = [HoldingColumn::Unrealized, HoldingColumn::Symbol, HoldingColumn::DayPnl][turn % 3];
            let ask = wide.window(vec![Classification::Sector, Classification::Country], sort, 0);
            wide.app.get_holdings(ask).expect("a window")
        });
    });
    group.finish();
}

/// Enters a trade of five years ago and asks for every figure; taking it back is not timed.
fn settle<M: Measurement<Value = Duration>>(
    bencher: &mut Bencher<'_, M>,
    book: &Large,
    timed: impl Fn(&mut dyn FnMut()) -> Duration,
) {
    bencher.iter_custom(|iterations| {
        (0..iterations)
            .map(|_| {
                let ask = AddTransaction {
                    view: book.view,
                    draft: book.draft.clone(),
                    preview: false,
                };
                let mut ids = Vec::new();
                let time = timed(&mut || {
                    let added = book
                        .runtime
                        .block_on(book.app.add_transaction(ask.clone(), &book.moment));
                    ids = added.expect("a purchase always fits").ids;
                    book.every_figure();
                });
                let back = ReverseTransactions {
                    view: book.view,
                    ids,
                    preview: false,
                };
                let back = book.runtime.block_on(book.app.reverse_transactions(back, &book.moment));
                back.expect("nothing depends on it");
                book.every_figure();
                time
            })
            .sum()
    });
}

/// Writes how large the file of the busy book is, without prices, beside the times.
fn measure_file() {
    let book = Large::new(BUSY, Prices::LeftOut);
    book.runtime
        .block_on(book.app.close())
        .expect("a book that was written");
    let file = book.app.book_folder().join("ledger.db");
    let bytes = fs::metadata(file).expect("a book's file").len();
    few::size("book/ledger_db_100k", bytes);
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Prices {
    Kept,
    LeftOut,
}

pub(crate) struct Large {
    pub(crate) app: App,
    moment: Moment,
    pub(crate) view: View,
    draft: TransactionDraft,
    runtime: Runtime,
    /// Removed with the book.
    _folder: TempDir,
}

impl Large {
    pub(crate) fn new(size: LargeBookSize, prices: Prices) -> Self {
        let folder = tempfile::tempdir().expect("room for a book");
        let runtime = Runtime::new().expect("threads to run on");
        let mut firm = large_book(size, 5);
        let today = firm.today;
        let cheap = KdfCost {
            memory_kib: 64,
            passes: 1,
            lanes: 1,
        };
        let app = App::new(folder.path().join("data"), "bench", today).with_kdf_cost(cheap);
        let now = Timestamp::from_second(1_774_900_000).expect("a day of 2026");
        let moment = Moment::new(now, entropy(11));
        let draft = TransactionDraft {
            account: firm.accounts[0].name.clone(),
            date: trading_day(today, 5).to_string(),
            kind: "buy".to_owned(),
            symbol: firm.instruments[0].symbol().to_owned(),
            quantity: "10".to_owned(),
            price: "100".to_owned(),
            ..TransactionDraft::default()
        };
        if prices == Prices::LeftOut {
            firm.prices.clear();
        }
        let view = runtime.block_on(async {
            let job = Job::unwatched();
            let content = NewBook::Empty("Large".to_owned());
            app.init(content, Some("open sesame"), 0, &moment, &job)
                .await
                .expect("an empty folder");
            app.apply(firm_changes(firm), &moment)
                .await
                .expect("a firm that is new");
            app.view(None, Some(today), None).expect("a portfolio")
        });
        Self {
            app,
            moment,
            view,
            draft,
            runtime,
            _folder: folder,
        }
    }

    /// Asks for what every page shows.
    fn every_figure(&self) {
        let (app, view) = (&self.app, self.view);
        app.get_overview(GetOverview { view }).expect("an overview");
        app.get_holdings(self.window(vec![Classification::Sector], HoldingColumn::MarketValue, 0))
            .expect("holdings");
        let performance = GetPerformance {
            view,
            from: None,
            rolling: 63,
        };
        app.get_performance(performance).expect("a performance");
        let risk = GetRisk {
            view,
            level: 0.99,
            horizon: 1,
            window: 500,
            correlation_size: 20,
        };
        app.get_risk(risk).expect("a risk");
        app.get_cash(GetCash {
            view,
            search: String::new(),
        })
        .expect("cash");
    }

    fn window(&self, group: Vec<Classification>, sort: HoldingColumn, offset: usize) -> GetHoldings {
        GetHoldings {
            view: self.view,
            group,
            collapsed: Vec::new(),
            sort: Some((sort, true)),
            filter: String::new(),
            offset,
            limit: 60,
        }
    }
}

/// Returns the day some years before another, a Friday where it would be at a weekend.
fn trading_day(today: Date, years: i16) -> Date {
    use jiff::ToSpan;
    let then = today.saturating_sub(years.years());
    match then.weekday() {
        jiff::civil::Weekday::Saturday => then.saturating_sub(1.day()),
        jiff::civil::Weekday::Sunday => then.saturating_sub(2.days()),
        _ => then,
    }
}

//! Ten years of daily prices of 500 instruments, from the sealed cache to columns, beside the same from Parquet.
//!
//! Prices and volumes have the digits of real shares (`tests/data/ohlcv`): each instrument walks through the days of one
//! of three, from a day of its own and at a level of its own, drawn with a seed.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use apex_analytics::random::Stream;
use apex_domain::{Currency, Date, Decimal, Instrument, InstrumentId, InstrumentKind, Timestamp};
use apex_store::{BookClock, Changes, Edit, History, KdfCost, NewBook, PriceBar, PriceBatch, Protection, Store};
use criterion::measurement::{Measurement, WallTime};
use criterion::{Bencher, Criterion, SamplingMode};
use jiff::ToSpan;
use jiff::civil::{Weekday, date};
use polars::prelude::{Column, DataFrame, DataType, NamedFrom, Series};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use polars_io::parquet::write::ParquetWriter;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::cpu_time::CpuTime;
use crate::few::{few, is_wanted, size};
use crate::store::{entropy, open, passphrase};

const INSTRUMENTS: usize = 500;
const DAYS: usize = 2_520;
const SEED: u64 = 20_261_123;
/// Open, high, low, close in cents, and shares.
const COLUMNS: [&str; 5] = ["open", "high", "low", "close", "volume"];

const SIZES: [&str; 3] = ["history/chunks", "history/cache_redb", "history/parquet"];

pub(crate) fn benches(criterion: &mut Criterion<CpuTime>, wall: &mut Criterion) {
    let runtime = Runtime::new().expect("threads to run on");
    let book = LazyCell::new(|| runtime.block_on(Book::create()));
    // First of all: only one program at a time has the cache, and what is opened below keeps it.
    let mut group = wall.benchmark_group("history");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("cold", |bencher| cold(bencher, &book, &runtime, |found| found));
    group.bench_function("cold_columns", |bencher| cold(bencher, &book, &runtime, every_column));
    group.finish();

    // What is opened here stays so: the file is open, and the columns are dropped before each run.
    let store = LazyCell::new(|| runtime.block_on(open(&book.path)));
    let load = |store: &Store| {
        let found = runtime.block_on(store.history(&book.ids, None, None));
        let found = found.expect("an open store");
        assert_eq!((found.len(), found[INSTRUMENTS - 1].days().len()), (INSTRUMENTS, DAYS));
        found
    };
    let anew = |store: &Store| {
        store.forget_history();
        load(store)
    };

    let mut group = criterion.benchmark_group("history");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("closes", |bencher| {
        bencher.iter_custom(|iterations| {
            timed::<CpuTime, _>(&CpuTime, iterations, || store.forget_history(), || load(&store))
        });
    });
    group.bench_function("columns", |bencher| {
        bencher.iter_custom(|iterations| {
            timed::<CpuTime, _>(
                &CpuTime,
                iterations,
                || store.forget_history(),
                || every_column(load(&store)),
            )
        });
    });
    group.bench_function("at_hand", |bencher| {
        load(&store);
        bencher.iter(|| load(&store));
    });
    group.bench_function("closes_copied", |bencher| {
        let found = anew(&store);
        bencher.iter(|| {
            found
                .iter()
                .map(|history| history.closes().to_vec())
                .collect::<Vec<_>>()
        });
    });
    group.bench_function("columns_copied", |bencher| {
        let found = every_column(anew(&store));
        bencher.iter(|| found.iter().map(copied).collect::<Vec<_>>());
    });
    group.bench_function("file_read", |bencher| {
        load(&store);
        bencher.iter(|| fs::read(book.cache()).expect("a cache"));
    });
    group.bench_function("parquet_closes", |bencher| {
        bencher.iter(|| from_parquet(&book.floats, &COLUMNS[3..4]))
    });
    group.bench_function("parquet_columns", |bencher| {
        bencher.iter(|| from_parquet(&book.floats, &COLUMNS))
    });
    group.finish();

    few(
        "history/made",
        || {
            store.cache().clear().expect("a file that may go");
            store.forget_history();
        },
        |()| load(&store),
    );
    few(
        "history/ledger",
        || LazyCell::force(&store),
        |store| {
            runtime
                .block_on(store.load_prices(Some(&book.ids), None, None, None))
                .expect("an open store")
        },
    );
    if SIZES.into_iter().any(is_wanted) {
        sizes(&store, &book, load);
    }
}

/// Measures work after a preparation that is not timed; dropping what it makes is not timed either.
fn timed<M: Measurement, T>(measure: &M, iterations: u64, prepare: impl Fn(), work: impl Fn() -> T) -> M::Value {
    let mut sum = measure.zero();
    for _ in 0..iterations {
        prepare();
        let start = measure.start();
        let made = work();
        sum = measure.add(&sum, &measure.end(start));
        drop(made);
    }
    sum
}

/// Opens the book after the kernel has dropped what it knows of its files, and asks it for everything.
fn cold(
    bencher: &mut Bencher<'_, WallTime>,
    book: &Book,
    runtime: &Runtime,
    take: impl Fn(Vec<History>) -> Vec<History>,
) {
    bencher.iter_custom(|iterations| {
        let once = |_| {
            runtime.block_on(async {
                drop_pages(&book.path);
                let start = Instant::now();
                let store = open(&book.path).await;
                let found = store.history(&book.ids, None, None).await.expect("an open store");
                let found = take(found);
                let elapsed = start.elapsed();
                assert_eq!(found.len(), INSTRUMENTS);
                store.close().await.expect("an open store");
                elapsed
            })
        };
        (0..iterations).map(once).sum()
    });
}

/// Asks the kernel to forget the pages of the files in a folder; only where there is GNU's dd.
fn drop_pages(folder: &Path) {
    for entry in fs::read_dir(folder).expect("a book") {
        let path = entry.expect("a file").path();
        if let Ok(file) = File::open(&path) {
            let _ = file.sync_all();
        }
        let _ = Command::new("dd")
            .arg(format!("if={}", path.display()))
            .args(["iflag=nocache", "count=0", "status=none"])
            .status();
    }
}

fn every_column(found: Vec<History>) -> Vec<History> {
    for history in &found {
        black_box((
            history.ranges().expect("all known"),
            history.volumes().expect("all known"),
        ));
    }
    found
}

fn copied(history: &History) -> [Vec<f64>; 5] {
    let [opens, highs, lows] = history.ranges().expect("all known");
    let volumes = history.volumes().expect("all known");
    [opens, highs, lows, history.closes(), volumes].map(<[f64]>::to_vec)
}

/// Reads columns of doubles, with instruments and days.
fn from_parquet(path: &Path, columns: &[&str]) -> DataFrame {
    let wanted = ["instrument", "date"]
        .iter()
        .chain(columns)
        .map(|name| (*name).to_owned());
    ParquetReader::new(File::open(path).expect("a file"))
        .with_columns(Some(wanted.collect()))
        .finish()
        .expect("a table")
}

/// Leaves the size of the cache and of the smallest Parquet file of the same.
fn sizes(store: &Store, book: &Book, load: impl Fn(&Store) -> Vec<History>) {
    let chunks = load(store)
        .iter()
        .flat_map(|history| history.chunks().map(|(.., bytes)| bytes.len() as u64))
        .sum();
    size(SIZES[0], chunks);
    let bytes = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    let (cache, parquet) = (bytes(&book.cache()), bytes(&book.floats).min(bytes(&book.cents)));
    size(SIZES[1], cache);
    size(SIZES[2], parquet);
    assert!(cache < parquet, "the cache takes {cache} bytes and Parquet {parquet}");
}

/// A book with nothing but prices, and the same prices as Parquet.
struct Book {
    path: PathBuf,
    ids: Vec<InstrumentId>,
    /// Prices as doubles.
    floats: PathBuf,
    /// Prices as decimals with two places, which Parquet keeps as whole numbers of 32 bits.
    cents: PathBuf,
    /// Removed with the book.
    _folder: TempDir,
}

impl Book {
    fn cache(&self) -> PathBuf {
        self.path.join("cache.redb")
    }

    async fn create() -> Self {
        let folder = tempfile::tempdir().expect("room for a book");
        let path = folder.path().join("book");
        let about = NewBook {
            name: "Prices".to_owned(),
            clock: BookClock::Wall,
            labels: BTreeMap::new(),
        };
        let protection = Protection::Passphrase {
            passphrase: passphrase(),
            cost: KdfCost {
                memory_kib: 8,
                passes: 1,
                lanes: 1,
            },
        };
        let now = Timestamp::from_second(1_767_225_600).expect("a day of 2026");
        let store = Store::create(&path, &about, &protection, entropy(3), now)
            .await
            .expect("an empty folder");
        let id =
            |at: usize| InstrumentId::from_parts(now, [(at / 256) as u8, (at % 256) as u8, 0, 0, 0, 0, 0, 0, 0, 1]);
        let ids: Vec<InstrumentId> = (0..INSTRUMENTS).map(id).collect();
        let (days, series) = (days(), made_up());
        let share = |(at, id): (usize, &InstrumentId)| {
            Edit::new(Instrument::new(
                *id,
                InstrumentKind::Equity,
                &format!("S{at:03}"),
                Currency::USD,
            ))
        };
        let batch = |(id, rows): (&InstrumentId, &Vec<[i64; 5]>)| PriceBatch {
            instrument: *id,
            source: "Polygon".to_owned(),
            known_at: now,
            bars: days.iter().zip(rows).map(|(day, row)| bar(*day, row)).collect(),
            withdrawn: Vec::new(),
        };
        let changes = Changes {
            instruments: ids.iter().enumerate().map(share).collect(),
            prices: ids.iter().zip(&series).map(batch).collect(),
            ..Changes::default()
        };
        store.apply(&changes, now).await.expect("prices that are new");
        // Chunks are made when history is asked for the first time.
        store.history(&ids, None, None).await.expect("an open store");
        store.close().await.expect("a book that was written");
        let (floats, cents) = (
            folder.path().join("floats.parquet"),
            folder.path().join("cents.parquet"),
        );
        write_parquet(&floats, &days, &series, |name, column| {
            let unit = if name == "volume" { 1.0 } else { 100.0 };
            Series::new(
                name.into(),
                column.iter().map(|value| *value as f64 / unit).collect::<Vec<_>>(),
            )
        });
        write_parquet(&cents, &days, &series, |name, column| {
            let series = Series::new(name.into(), column);
            if name == "volume" {
                return series;
            }
            series.cast(&DataType::Int32).expect("cents of 32 bits")
        });
        Self {
            path,
            ids,
            floats,
            cents,
            _folder: folder,
        }
    }
}

fn bar(date: Date, row: &[i64; 5]) -> PriceBar {
    let [open, high, low, close] = [0, 1, 2, 3].map(|column| Decimal::new(row[column], 2));
    PriceBar {
        date,
        close,
        range: Some([open, high, low]),
        volume: Some(Decimal::from(row[4])),
    }
}

/// Weekdays but three holidays of fixed dates, from 2014 on.
fn days() -> Vec<Date> {
    let is_open = |day: &Date| {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
            && !matches!((day.month(), day.day()), (1, 1) | (7, 4) | (12, 25))
    };
    date(2014, 1, 2).series(1.day()).filter(is_open).take(DAYS).collect()
}

/// Open, high, low, close and volume of every instrument and day.
fn made_up() -> Vec<Vec<[i64; 5]>> {
    let real = real();
    let mut stream = Stream::new(SEED, 0);
    let mut draw = |below: usize| stream.below(below as u32) as usize;
    (0..INSTRUMENTS)
        .map(|_| {
            let shares = &real[draw(real.len())];
            let start = draw(shares.len());
            // The first close is between 20 and 200, the volume a twentieth to three times the real one.
            let (level, volume) = (20.0 + draw(180) as f64, 0.05 + draw(300) as f64 / 100.0);
            let first = shares[start][3];
            let row = |day: usize| {
                let row = &shares[(start + day) % shares.len()];
                let mut values = row.map(|price| (price / first * level * 100.0).round() as i64);
                values[4] = (row[4] * volume).round() as i64;
                values
            };
            (0..DAYS).map(row).collect()
        })
        .collect()
}

/// Open, high, low, close and volume of real shares, by day, of those with ten years.
fn real() -> Vec<Vec<[f64; 5]>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/ohlcv/stocks.csv.gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(File::open(path).expect("the test data"))
        .read_to_string(&mut text)
        .expect("a text");
    let mut shares: BTreeMap<&str, Vec<[f64; 5]>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let row = [2, 3, 4, 5, 6].map(|at| cells[at].parse().expect("a number"));
        shares.entry(cells[0]).or_default().push(row);
    }
    shares.into_values().filter(|days| days.len() >= DAYS).collect()
}

fn write_parquet(path: &Path, days: &[Date], series: &[Vec<[i64; 5]>], column: impl Fn(&str, Vec<i64>) -> Series) {
    let rows = || series.iter().flatten();
    let instruments: Vec<u32> = (0..series.len() as u32).flat_map(|at| vec![at; days.len()]).collect();
    let since = |day: &Date| (day.duration_since(date(1970, 1, 1)).as_hours() / 24) as i32;
    let dates: Vec<i32> = series.iter().flat_map(|_| days.iter().map(since)).collect();
    let dates = Series::new("date".into(), dates).cast(&DataType::Date).expect("days");
    let mut columns: Vec<Column> = vec![Series::new("instrument".into(), instruments).into(), dates.into()];
    for (at, name) in COLUMNS.into_iter().enumerate() {
        columns.push(column(name, rows().map(|row| row[at]).collect()).into());
    }
    let mut frame = DataFrame::new_infer_height(columns).expect("columns of one length");
    let file = File::create(path).expect("room for a table");
    // Compressed with zstd, which is the writer's default.
    ParquetWriter::new(file).finish(&mut frame).expect("a table");
}

//! The benchmarks of `cargo xtask bench`, in CPU time of the whole process on one thread of the rayon pool.
//!
//! Inputs are made once, and only for the benchmarks that are asked for. What a figure stands for is said where it is
//! measured; `BENCHMARKS.md` is written from the results.
#![allow(missing_docs, reason = "a program")]
#![allow(clippy::disallowed_methods, reason = "a measurement is a shell: it owns a clock")]
#![allow(clippy::print_stdout, reason = "what is not a time is printed")]

#[path = "speed/chart.rs"]
mod chart;
#[path = "speed/cpu_time.rs"]
mod cpu_time;
#[path = "speed/few.rs"]
mod few;
#[path = "speed/flows.rs"]
mod flows;
#[path = "speed/history.rs"]
mod history;
#[path = "speed/import.rs"]
mod import;
#[path = "speed/large_book.rs"]
mod large_book;
#[path = "speed/ledger.rs"]
mod ledger;
#[path = "speed/options.rs"]
mod options;
#[path = "speed/panel.rs"]
mod panel;
#[path = "speed/peers.rs"]
mod peers;
#[path = "speed/portfolio.rs"]
mod portfolio;
#[path = "speed/series.rs"]
mod series;
#[path = "speed/simulation.rs"]
mod simulation;
#[path = "speed/store.rs"]
mod store;
#[path = "speed/tear_sheet.rs"]
mod tear_sheet;
#[path = "speed/what_if.rs"]
mod what_if;

use std::cell::LazyCell;
use std::time::Duration;

use ::cpu_time::ProcessTime;
use criterion::Criterion;

use crate::cpu_time::CpuTime;

fn main() {
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build_global()
        .expect("nobody has made the pool yet");
    let start = ProcessTime::now();
    let mut criterion = Criterion::default()
        .with_measurement(CpuTime)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .without_plots()
        .configure_from_args();
    // What a person waits for includes the disk and other threads: this one reads the clock on the wall.
    let mut wall = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .without_plots()
        .configure_from_args();
    let panel = LazyCell::new(panel::Panel::new);
    tear_sheet::benches(&mut criterion, &panel);
    series::benches(&mut criterion, &panel);
    portfolio::benches(&mut criterion, &panel);
    simulation::benches(&mut criterion, &mut wall, &panel);
    drop(panel);
    options::benches(&mut criterion);
    flows::benches(&mut criterion);
    chart::benches(&mut criterion);
    ledger::benches(&mut criterion);
    import::benches();
    store::benches(&mut criterion);
    history::benches(&mut criterion, &mut wall);
    large_book::benches(&mut criterion, &mut wall);
    what_if::benches(&mut wall);
    criterion.final_summary();
    println!("CPU time of the run: {:.0?}", start.elapsed());
}

//! A person who types on the What-if page: 500 positions, 10,000 days of history, one edit after the other.
//!
//! The figure is the time in which 99 of 100 answers are there, from the clock on the wall: nobody waits for the mean. The
//! first answer, which adds up the history once, is said beside it.

use std::cell::LazyCell;
use std::time::{Duration, Instant};

use apex_app::demo::LargeBookSize;
use apex_wire::what_if::{EditBy, Funding, GetWhatIf, WhatIfEdit};
use criterion::measurement::WallTime;
use criterion::{Criterion, SamplingMode};

use crate::large_book::{Large, Prices};

const TYPED: LargeBookSize = LargeBookSize {
    transactions: 6_000,
    instruments: 500,
    accounts: 1,
    days: 10_001,
};
/// Returns of history that VaR, ES and the other risk figures are read from.
const SCENARIOS: usize = 10_000;
/// Answers of which the slowest but one in a hundred is taken.
const ANSWERS: usize = 200;

pub(crate) fn benches(wall: &mut Criterion<WallTime>) {
    let book = LazyCell::new(|| {
        let book = Large::new(TYPED, Prices::Kept);
        let start = Instant::now();
        let first = book.app.get_what_if(ask(&book, 0)).expect("an answer");
        println!(
            "the first answer about {} positions over {} days: {:.0?}",
            first.total_rows,
            first.risk.window,
            start.elapsed()
        );
        assert!(
            first.total_rows >= 490 && first.risk.window == SCENARIOS,
            "{:?}",
            first.risk
        );
        book
    });
    let mut group = wall.benchmark_group("whatif");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("500x10000", |bencher| {
        LazyCell::force(&book);
        let mut turn = 0;
        bencher.iter_custom(|iterations| {
            // Every iteration is timed as the 99th percentile of many answers.
            (0..iterations)
                .map(|_| {
                    let mut times: Vec<Duration> = (0..ANSWERS)
                        .map(|_| {
                            turn += 1;
                            let ask = ask(&book, turn);
                            let start = Instant::now();
                            let answer = book.app.get_what_if(ask).expect("an answer");
                            let time = start.elapsed();
                            drop(answer);
                            time
                        })
                        .collect();
                    times.sort_unstable();
                    times.get(ANSWERS * 99 / 100).copied().unwrap_or_default()
                })
                .sum()
        });
    });
    group.finish();
}

/// What a person asks while typing: three positions with a target weight, one of them changing with every key.
fn ask(book: &Large, turn: usize) -> GetWhatIf {
    let target = |position: usize, basis_points: usize| WhatIfEdit {
        symbol: format!("SIM{:04}", position % TYPED.instruments),
        by: EditBy::TargetWeight,
        size: format!("{}.{:02}%", basis_points / 100, basis_points % 100),
    };
    GetWhatIf {
        view: book.view,
        edits: vec![
            target(turn * 7, 20 + turn % 50),
            target(turn * 7 + 101, 35),
            target(turn * 7 + 202, 0),
        ],
        level: 0.99,
        horizon: 1,
        window: SCENARIOS,
        fee_bps: 5.0,
        funding: Funding::Price,
        stress: Vec::new(),
        filter: String::new(),
        sort: None,
        offset: 0,
        limit: 224,
    }
}

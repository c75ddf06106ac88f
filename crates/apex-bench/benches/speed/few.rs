//! The median of three runs, for work of seconds that criterion would repeat too often. It is left where criterion
//! leaves its own.

use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs};

use cpu_time::ProcessTime;

const RUNS: usize = 3;

/// Measures a piece of work by its CPU time. What it works on is made by `prepare`, and neither that nor dropping what
/// it returns is timed.
pub(crate) fn few<I, O>(name: &str, mut prepare: impl FnMut() -> I, mut work: impl FnMut(I) -> O) {
    let mut filters = env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .peekable();
    if filters.peek().is_some() && !filters.any(|filter| name.contains(&filter)) {
        return;
    }
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let input = prepare();
            let start = ProcessTime::now();
            let output = work(input);
            let time = start.elapsed();
            drop(output);
            time
        })
        .collect();
    times.sort_unstable();
    let median = times[RUNS / 2];
    println!("{name:<24} time: {times:.3?}");
    let Some(home) = env::var_os("CRITERION_HOME") else {
        return;
    };
    let folder = PathBuf::from(home).join(name).join("new");
    fs::create_dir_all(&folder).expect("a folder for figures");
    let estimates = format!(r#"{{"median": {{"point_estimate": {}}}}}"#, median.as_nanos());
    fs::write(folder.join("estimates.json"), estimates).expect("a file for a figure");
}

//! What criterion does not measure: the median of three runs, for work of seconds that it would repeat too often, and
//! sizes. Figures are left where criterion leaves its own.

use std::time::Duration;
use std::{env, fs};

use apex_bench::figures;
use cpu_time::ProcessTime;

const RUNS: usize = 3;

/// Measures a piece of work by its CPU time. What it works on is made by `prepare`, and neither that nor dropping what
/// it returns is timed.
pub(crate) fn few<I, O>(name: &str, mut prepare: impl FnMut() -> I, mut work: impl FnMut(I) -> O) {
    if !is_wanted(name) {
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
    figures::time(name, median).expect("a file for a figure");
}

/// Measures the largest resident memory of the process while it does a piece of work. Only where the kernel tells.
pub(crate) fn peak_memory<O>(name: &str, work: impl FnOnce() -> O) {
    // Writing 5 sets the peak back to what is in use now.
    if !is_wanted(name) || fs::write("/proc/self/clear_refs", "5").is_err() {
        return;
    }
    let output = work();
    if let Some(peak) = peak() {
        size(name, peak);
    }
    drop(output);
}

/// Leaves a size in bytes.
pub(crate) fn size(name: &str, bytes: u64) {
    println!("{name:<24} size: {bytes} bytes");
    figures::size(name, bytes).expect("a file for a figure");
}

/// Returns the largest resident memory in bytes.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// Tells whether a benchmark is asked for on the command line.
pub(crate) fn is_wanted(name: &str) -> bool {
    let mut filters = env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .peekable();
    filters.peek().is_none() || filters.any(|filter| name.contains(&filter))
}

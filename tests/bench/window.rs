//! How fast the built window is under the fingers: its start, a change of page or portfolio, ten thousand holdings.
//!
//! `cargo xtask bench` builds the window and runs this with the program named in `APEX_E2E_BINARY`; where none is named,
//! there is nothing to measure and it says so. Every time is on the clock on the wall. The program and its data are in
//! the system's disk cache, because each has been started before on the same data; the passphrase comes from the
//! environment, so nobody is asked. Medians go beside those of the other benchmarks, below `CRITERION_HOME`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measuring program talks on the terminal and stops where it cannot go on"
)]

#[cfg(target_os = "linux")]
mod figures;
#[cfg(target_os = "linux")]
mod holdings;
#[cfg(target_os = "linux")]
mod start;
#[cfg(target_os = "linux")]
mod switches;

/// The groups of figures: each figure's name begins with its group.
#[cfg(target_os = "linux")]
const GROUPS: [&str; 3] = ["start", "switch", "scroll"];

/// How often each thing is measured.
#[cfg(target_os = "linux")]
const SAMPLES: usize = 20;

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() {
    // What cargo itself passes on starts with a dash; the rest is a part of the names wanted.
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let groups = wanted(filter.as_deref().unwrap_or_default());
    let Some(binary) = apex_tests::desktop::binary() else {
        println!("the window is not measured: name its program in APEX_E2E_BINARY, as `cargo xtask bench` does");
        return;
    };
    println!("measuring {}, {}", binary.display(), load());
    let mut figures = figures::Figures::default();
    if groups.contains(&"start") || groups.contains(&"switch") {
        let machine = apex_tests::desktop::Machine::start().await;
        start::prepare(&machine, &binary).await;
        if groups.contains(&"start") {
            start::measure(&machine, &binary, &mut figures).await;
        }
        if groups.contains(&"switch") {
            switches::measure(machine, &binary, &mut figures).await;
        }
    }
    if groups.contains(&"scroll") {
        holdings::measure(&binary, &mut figures).await;
    }
    println!("measured, {}", load());
    figures.leave();
}

/// Returns the groups of figures that a part of their names chooses, all where it chooses none.
#[cfg(target_os = "linux")]
fn wanted(part: &str) -> Vec<&'static str> {
    let part = part.trim_start_matches("window/");
    let chosen: Vec<&str> = GROUPS.into_iter().filter(|group| part.contains(group)).collect();
    if chosen.is_empty() { GROUPS.to_vec() } else { chosen }
}

/// Says how busy the machine is, and whether others share memory with the window: what several processes share counts
/// to each of them in part, so the window would seem smaller than it is.
#[cfg(target_os = "linux")]
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let mut parts = load.split(' ');
    let programs = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let programs = programs.filter_map(|entry| std::fs::read_to_string(entry.path().join("cmdline")).ok());
    let others = programs.filter(|program| program.contains("WebKitWebProcess")).count();
    format!(
        "load of the last minute {}, {others} web views of other programs",
        parts.next().unwrap_or("unknown")
    )
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("the window is measured on Linux only, where a driver for its pages is at hand");
}

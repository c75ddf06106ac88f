//! `cargo xtask bench`: our benchmarks beside a floor of the same run and the named peers, as one table.

mod peers;

use crate::{
    desktop::{self, SELECTION},
    shell,
    steps::{Outcome, Steps},
    system, ui,
};
use anyhow::{Context, Result, bail};
use peers::{Peers, Python};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf, absolute},
};

const TABLE: &str = include_str!("../benches.toml");
/// The group of what the built window is measured for, by a program of its own.
const WINDOW: &str = "window/";
/// The group of live quotes under load, a program of its own too.
const SOAK: &str = "soak/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    python: Needs,
    row: Vec<Row>,
}

/// What the peers' scripts need of Python and of `make_data.py`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Needs {
    packages: Vec<String>,
    data: Vec<String>,
}

/// One line of the table, as `benches.toml` describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    bench: String,
    floor: Option<String>,
    #[serde(default)]
    peer: Vec<Peer>,
    below_ms: Option<f64>,
    /// The limit of a size, whose bytes the benchmark leaves beside the times.
    below_mb: Option<f64>,
    /// How many times as fast as its floor, where that is the same work on one thread.
    floor_over_ours: Option<f64>,
}

/// One product we compare with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Peer {
    name: String,
    task: String,
    /// Which of the task's sizes; a task with one size needs none.
    size: Option<String>,
    /// The script and its arguments that measure it again.
    run: Vec<String>,
    /// How often the script's work stands for ours, where that would take too long.
    #[serde(default = "once")]
    times: f64,
    at_least: f64,
}

fn once() -> f64 {
    1.0
}

impl Row {
    fn is_wanted(&self, filter: Option<&str>) -> bool {
        let names = [Some(&self.bench), self.floor.as_ref()];
        filter.is_none_or(|filter| names.into_iter().flatten().any(|name| name.contains(filter)))
    }

    /// Returns the program that measures it.
    fn program(&self) -> &'static str {
        match &self.bench {
            bench if bench.starts_with(WINDOW) => "window",
            bench if bench.starts_with(SOAK) => "soak",
            _ => "speed",
        }
    }
}

/// What to do.
pub(crate) struct Options {
    /// Only the benchmarks with this in their name; a group's own name is that group only.
    pub(crate) filter: Option<String>,
    /// The Python that has the peers' packages.
    pub(crate) python: PathBuf,
    /// Write the table from what the last run left, and measure nothing.
    pub(crate) report_only: bool,
}

/// Runs the benchmarks and the peers, prints the table and writes it to `BENCHMARKS.md`.
pub(crate) fn run(options: &Options) -> Result<()> {
    let table: Table = toml::from_str(TABLE).context("benches.toml")?;
    let target = shell::target_dir()?;
    let filter = options.filter.as_deref().map(|filter| whole_group(&table.row, filter));
    let wanted: Vec<&Row> = table
        .row
        .iter()
        .filter(|row| row.is_wanted(filter.as_deref()))
        .collect();
    if let (Some(filter), true) = (&filter, wanted.is_empty()) {
        bail!("no benchmark has {filter:?} in its name; crates/xtask/benches.toml lists them all");
    }
    let mut steps = Steps::new();
    let criterion = target.join("criterion");
    let mut peers = Peers::stored()?;
    if options.report_only {
        peers.recall(&criterion)?;
    } else {
        let python = Python::new(&options.python, &target.join("peers-data"))?;
        let mut there = false;
        peers.recall(&criterion)?;
        if wanted.iter().any(|row| !row.peer.is_empty()) {
            steps.run("inputs of the peers", || {
                there = python.prepare(&table.python.packages, &table.python.data)?;
                Ok(if there { Outcome::Done } else { Outcome::Unchanged })
            })?;
        }
        let programs: BTreeSet<&str> = wanted.iter().map(|row| row.program()).collect();
        if programs.contains("window") {
            window(&mut steps)?;
        }
        steps.run("benchmarks", || {
            benchmarks(&programs, filter.as_deref(), &criterion, python.data())
        })?;
        if there {
            let commands = wanted.iter().flat_map(|row| &row.peer).map(|peer| peer.run.as_slice());
            steps.run("peers", || peers.rerun(&python, &criterion, commands))?;
        }
        steps.print_table();
    }
    let lines: Vec<Line> = table.row.iter().map(|row| Line::new(row, &criterion, &peers)).collect();
    let page = fs::read_to_string(PAGE).unwrap_or_else(|_| format!("# Benchmarks\n\n{BEGIN}{END}"));
    let text = markdown(&lines, &page);
    println!("\n{text}");
    write_between_marks(&page, &text)
}

/// Returns the filter, made to choose one group only where it is a group's name.
fn whole_group(rows: &[Row], filter: &str) -> String {
    let group = format!("{filter}/");
    if rows.iter().any(|row| row.bench.starts_with(&group)) {
        group
    } else {
        filter.to_owned()
    }
}

/// Builds the window as users get it, with what drives it.
fn window(steps: &mut Steps) -> Result<()> {
    if cfg!(target_os = "linux") {
        steps.run("system packages", || system::packages(true))?;
        steps.run("wasm target", system::wasm_target)?;
        ui::build(steps, true)?;
        steps.run("desktop window", || desktop::build(true))?;
    }
    Ok(())
}

fn benchmarks(programs: &BTreeSet<&str>, filter: Option<&str>, criterion: &Path, data: &Path) -> Result<Outcome> {
    let mut bench = shell::cargo(["bench"]);
    bench
        .env("CRITERION_HOME", absolute(criterion)?)
        .env("APEX_BENCH_DATA", data)
        .env("APEX_E2E_BINARY", desktop::binary(true)?);
    // Only benchmark programs: a library's own tests would be built anew, optimized, to run nothing.
    bench.args(SELECTION);
    for program in programs {
        bench.args(["--bench", program]);
    }
    if let Some(filter) = filter {
        bench.args(["--", filter]);
    }
    shell::run(&mut bench)?;
    Ok(Outcome::Done)
}

/// Returns the median of a benchmark in seconds, or `None` where it has not run.
fn median_s(criterion: &Path, name: &str) -> Option<f64> {
    let path = criterion.join(name).join("new/estimates.json");
    let estimates: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
    estimates["median"]["point_estimate"]
        .as_f64()
        .map(|nanoseconds| nanoseconds / 1e9)
}

/// Returns the size in megabytes that a benchmark left, or `None` where it has not run.
fn size_mb(criterion: &Path, name: &str) -> Option<f64> {
    let bytes = fs::read_to_string(criterion.join(name).join("bytes")).ok()?;
    Some(bytes.trim().parse::<f64>().ok()? / 1e6)
}

/// One line of the written table.
struct Line {
    name: String,
    ours: Option<String>,
    floor: Option<String>,
    peer: String,
    ratio: Option<f64>,
    target: String,
    reached: Option<bool>,
}

impl Line {
    fn new(row: &Row, criterion: &Path, peers: &Peers) -> Self {
        let ours = median_s(criterion, &row.bench);
        let floor = row.floor.as_deref().and_then(|floor| median_s(criterion, floor));
        let size = size_mb(criterion, &row.bench);
        let mut line = Self {
            name: row.name.clone(),
            ours: ours.map(time).or(size.map(|size| format!("{size:.1} MB"))),
            floor: floor.map(time),
            peer: "-".into(),
            ratio: None,
            target: "-".into(),
            reached: None,
        };
        let mut targets = Vec::new();
        let mut shown = Vec::new();
        let mut all_reached = Some(true);
        let mut verdict = |reached: Option<bool>| {
            all_reached = all_reached.zip(reached).map(|(so_far, reached)| so_far && reached);
        };
        let mut fastest = f64::INFINITY;
        for peer in &row.peer {
            let figure = peers.figure(&peer.task, peer.size.as_deref(), &peer.name);
            let figure = figure.map(|figure| (figure.user_s * peer.times, figure.rerun));
            let ratio = figure.zip(ours).map(|((user_s, _), ours)| user_s / ours);
            verdict(ratio.map(|ratio| ratio >= peer.at_least));
            targets.push(format!("{}x {}", peer.at_least, peer.name));
            let Some((user_s, rerun)) = figure else { continue };
            if user_s < fastest {
                fastest = user_s;
                line.ratio = ratio;
            }
            let origin = if rerun { "rerun" } else { "not rerun" };
            shown.push(format!("{} {} ({origin})", peer.name, time(user_s)));
        }
        if let Some(limit) = row.below_ms {
            verdict(ours.map(|ours| ours * 1e3 < limit));
            targets.push(format!("under {limit} ms"));
        }
        if let Some(limit) = row.below_mb {
            verdict(size.map(|size| size < limit));
            targets.push(format!("under {limit} MB"));
        }
        if let Some(least) = row.floor_over_ours {
            verdict(floor.zip(ours).map(|(floor, ours)| floor / ours >= least));
            targets.push(format!("{least}x the floor"));
        }
        if !shown.is_empty() {
            line.peer = shown.join(", ");
        }
        if !targets.is_empty() {
            line.target = targets.join(", ");
            line.reached = all_reached;
        }
        line
    }
}

fn time(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 1e-3 => format!("{:.2} ms", s * 1e3),
        s => format!("{:.1} us", s * 1e6),
    }
}

/// Writes the table. A row that was not measured here stays as the page has it.
fn markdown(lines: &[Line], page: &str) -> String {
    let mut text = String::from(
        "| task | ours | floor, same run | peers, CPU | fastest peer / ours | target | reached |\n\
         |---|---:|---:|---|---:|---|---|\n",
    );
    let known = known_rows(page);
    let mut heading = "";
    for line in lines {
        if !line.name.starts_with(AGAIN) {
            heading = &line.name;
        }
        let known = known.get(&(heading, line.name.as_str()));
        if let (None, Some(known)) = (&line.ours, known) {
            let _ = writeln!(text, "{known}");
            continue;
        }
        let reached = match (line.reached, &line.ours, line.target.as_str()) {
            (_, None, _) => "not measured",
            (_, _, "-") => "-",
            (Some(true), ..) => "yes",
            (Some(false), ..) => "**no**",
            (None, ..) => "unknown",
        };
        let ratio = line.ratio.map_or_else(|| "-".into(), |ratio| format!("{ratio:.1}x"));
        let [ours, floor] = [&line.ours, &line.floor].map(|shown| shown.as_deref().unwrap_or("-"));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {ours} | {floor} | {} | {ratio} | {} | {reached} |",
            line.name, line.peer, line.target
        );
    }
    text
}

/// The rows of the page, each by the row that it is about and its own name: several may be of "the same".
fn known_rows(page: &str) -> BTreeMap<(&str, &str), &str> {
    let mut rows = BTreeMap::new();
    let mut heading = "";
    for row in page.lines() {
        let name = row.strip_prefix("| ").and_then(|row| row.split(" |").next());
        let Some(name) = name else { continue };
        if !name.starts_with(AGAIN) {
            heading = name;
        }
        rows.insert((heading, name), row);
    }
    rows
}

/// What a row begins with that measures what the row above it does.
const AGAIN: &str = "The same";
const PAGE: &str = "BENCHMARKS.md";
const BEGIN: &str = "<!-- table: written by cargo xtask bench -->\n";
const END: &str = "<!-- end of table -->\n";

/// Replaces the table of the page, whose prose is written by people.
fn write_between_marks(page: &str, table: &str) -> Result<()> {
    let (before, rest) = page
        .split_once(BEGIN)
        .with_context(|| format!("{PAGE} has no mark {BEGIN}"))?;
    let (_, after) = rest
        .split_once(END)
        .with_context(|| format!("{PAGE} has no mark {END}"))?;
    fs::write(PAGE, format!("{before}{BEGIN}{table}{END}{after}")).with_context(|| format!("cannot write {PAGE}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_peer_of_the_table_has_a_stored_figure_and_a_script() {
        let table: Table = toml::from_str(TABLE).unwrap();
        let peers = Peers::stored().unwrap();
        for peer in table.row.iter().flat_map(|row| &row.peer) {
            assert!(
                peers.figure(&peer.task, peer.size.as_deref(), &peer.name).is_some(),
                "{} {}",
                peer.task,
                peer.name
            );
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(&peer.run[0]);
            assert!(script.is_file(), "{}", script.display());
        }
    }

    #[test]
    fn the_name_of_a_group_chooses_that_group_only() {
        let table: Table = toml::from_str(TABLE).unwrap();
        let chosen = |filter: &str| {
            let filter = whole_group(&table.row, filter);
            let rows = table.row.iter().filter(|row| row.is_wanted(Some(&filter)));
            rows.map(|row| row.bench.as_str()).collect::<Vec<_>>()
        };
        let window = chosen("window");
        assert!(
            !window.is_empty() && window.iter().all(|name| name.starts_with(WINDOW)),
            "{window:?}"
        );
        assert_eq!(chosen("window_10k_grouped"), ["book/window_10k_grouped"]);
        assert_eq!(chosen("fifo_floor"), ["ledger/fifo"]);
        assert!(chosen("no such thing").is_empty());
    }

    #[test]
    fn a_target_is_reached_only_when_every_peer_is_beaten_by_enough() {
        let folder = std::env::temp_dir().join(format!("apex-bench-{}", std::process::id()));
        let estimates = folder.join("g/f/new");
        fs::create_dir_all(&estimates).unwrap();
        // 100 ms, against 2.234 s and 7.346 s in stored.tsv: 22.3x and 73.5x.
        fs::write(
            estimates.join("estimates.json"),
            r#"{"median": {"point_estimate": 1e8}}"#,
        )
        .unwrap();
        let peers = Peers::stored().unwrap();
        for (numpy, pandas, reached) in [(15.0, 50.0, true), (22.0, 74.0, false), (23.0, 50.0, false)] {
            let text = format!(
                "[[row]]\nname = 'daily'\nbench = 'g/f'\n\
                 [[row.peer]]\nname = 'numpy'\ntask = 't8_daily'\nrun = []\nat_least = {numpy:?}\n\
                 [[row.peer]]\nname = 'pandas'\ntask = 't8_daily'\nrun = []\nat_least = {pandas:?}\n"
            );
            let table: Table = toml::from_str(&text).unwrap();
            let line = Line::new(&table.row[0], &folder, &peers);
            assert_eq!(line.reached, Some(reached), "{numpy} {pandas}");
            assert!((line.ratio.unwrap() - 22.34).abs() < 1e-9);
        }
        let table: Table = toml::from_str("[[row]]\nname = 'x'\nbench = 'g/missing'\nbelow_ms = 5.0\n").unwrap();
        let unmeasured = Line::new(&table.row[0], &folder, &peers);
        assert_eq!(unmeasured.reached, None);
        // What another machine measured stays.
        let page = "before\n| x | 4.00 ms | - | - | - | under 5 ms | yes |\nafter";
        let text = markdown(&[unmeasured], page);
        assert!(
            text.ends_with("\n| x | 4.00 ms | - | - | - | under 5 ms | yes |\n"),
            "{text}"
        );
        // Two rows are called the same, each of the row above it.
        let rows = ["x", "The same, later", "y", "The same, later"];
        let page: String = (1..)
            .zip(rows)
            .map(|(ms, row)| format!("| {row} | {ms}.00 ms | -\n"))
            .collect();
        let lines = rows.map(|name| {
            let text = format!("[[row]]\nname = '{name}'\nbench = 'g/missing'\n");
            let table: Table = toml::from_str(&text).unwrap();
            Line::new(&table.row[0], &folder, &peers)
        });
        assert!(markdown(&lines, &page).ends_with(&page));
        fs::remove_dir_all(folder).unwrap();
    }
}

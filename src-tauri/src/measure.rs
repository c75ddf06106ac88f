//! How long the start took and how much memory it needed, for `--measure-startup`.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use apex_wire::{
    Failure,
    startup::{Phase, ReportPhase},
};
use tauri::AppHandle;

/// The phases of the start, in milliseconds since the process began.
pub(crate) struct Startup {
    measuring: bool,
    began: Instant,
    /// Milliseconds from the start of the process to `began`.
    before_ms: f64,
    marks: Mutex<Vec<(&'static str, f64)>>,
    app: Mutex<Option<AppHandle>>,
}

impl Startup {
    /// Begins to count. Call it as early as possible.
    pub(crate) fn new(measuring: bool) -> Self {
        let startup = Self {
            measuring,
            began: tick(),
            before_ms: process_age_ms().unwrap_or(0.0),
            marks: Mutex::default(),
            app: Mutex::default(),
        };
        startup.mark("arguments read");
        startup
    }

    /// The window is there.
    pub(crate) fn window_created(&self) {
        self.mark("window created");
    }

    /// The document and what it names are loaded.
    pub(crate) fn document_loaded(&self) {
        self.mark("document loaded");
    }

    /// The book is open.
    pub(crate) fn book_opened(&self) {
        self.mark("book opened");
    }

    /// The first answer is ready for the page.
    pub(crate) fn first_answer(&self) {
        self.mark("first answer ready");
    }

    /// Returns whether figures were on screen already.
    pub(crate) fn is_shown(&self) -> bool {
        self.marks().iter().any(|(name, _)| *name == "first content")
    }

    /// Knows the program to end when everything is measured.
    pub(crate) fn watch(&self, app: AppHandle) {
        *self.app.lock().unwrap_or_else(PoisonError::into_inner) = Some(app);
    }

    /// Takes a phase from the page.
    pub(crate) fn report(&self, ask: ReportPhase) -> Result<(), Failure> {
        match ask.phase {
            Phase::PageLoaded => self.mark("page started"),
            Phase::FirstContent => self.mark("first content"),
            Phase::Settled => {
                self.mark("settled");
                if self.measuring {
                    self.print();
                    if let Some(app) = &*self.app.lock().unwrap_or_else(PoisonError::into_inner) {
                        app.exit(0);
                    }
                }
            }
        }
        Ok(())
    }

    fn marks(&self) -> std::sync::MutexGuard<'_, Vec<(&'static str, f64)>> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mark(&self, name: &'static str) {
        let at_ms = self.before_ms + tick().duration_since(self.began).as_secs_f64() * 1e3;
        let mut marks = self.marks();
        if !marks.iter().any(|(known, _)| *known == name) {
            marks.push((name, at_ms));
        }
    }

    #[allow(clippy::print_stdout, reason = "the measurement is the output")]
    fn print(&self) {
        println!("{:<20} {:>8}", "phase", "ms");
        for (name, at_ms) in self.marks().iter() {
            println!("{name:<20} {at_ms:>8.0}");
        }
        let memory = memory_mb();
        for (name, mb) in &memory {
            println!("{:<20} {mb:>8.1} MB PSS", name);
        }
        if !memory.is_empty() {
            println!(
                "{:<20} {:>8.1} MB PSS",
                "together",
                memory.iter().map(|(_, mb)| mb).sum::<f64>()
            );
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "this shell owns the clock")]
fn tick() -> Instant {
    Instant::now()
}

/// Returns how long this process has run, to the 10 ms that Linux counts in; none elsewhere.
fn process_age_ms() -> Option<f64> {
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let uptime_secs: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    let started_ticks: f64 = fields_after_name(&std::fs::read_to_string("/proc/self/stat").ok()?)?
        .get(19)?
        .parse()
        .ok()?;
    // Linux reports process times in hundredths of a second on every platform it supports.
    Some(((uptime_secs - started_ticks / 100.0) * 1e3).max(0.0))
}

/// Returns the proportional memory of this process and of those it started, such as the web process.
fn memory_mb() -> Vec<(String, f64)> {
    let own = std::process::id();
    let mut parents = std::collections::BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        let parent = fields_after_name(&stat).and_then(|fields| fields.get(1)?.parse::<u32>().ok());
        parents.insert(id, parent.unwrap_or(0));
    }
    let ours = |mut id: u32| loop {
        if id == own {
            return true;
        }
        match parents.get(&id) {
            Some(parent) if *parent != id => id = *parent,
            _ => return false,
        }
    };
    parents
        .keys()
        .copied()
        .filter(|id| ours(*id))
        .filter_map(|id| Some((name_of(id)?, pss_mb(id)?)))
        .collect()
}

fn name_of(id: u32) -> Option<String> {
    Some(
        std::fs::read_to_string(format!("/proc/{id}/comm"))
            .ok()?
            .trim()
            .to_owned(),
    )
}

fn pss_mb(id: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

/// Returns the fields of a `stat` line after the name, which may itself hold spaces and parentheses.
fn fields_after_name(stat: &str) -> Option<Vec<&str>> {
    Some(stat.rsplit_once(')')?.1.split_whitespace().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_name_with_spaces_does_not_shift_the_fields() {
        let fields = fields_after_name("12 (Web (Content) x) S 7 12").unwrap();
        assert_eq!(fields, ["S", "7", "12"]);
    }
}

//! What was measured: printed as a table, and left where `cargo xtask bench` reads its rows.

use std::{env, fs, path::Path};

use serde_json::json;

/// Everything measured so far, in the order of measuring.
#[derive(Default)]
pub(crate) struct Figures(Vec<Figure>);

struct Figure {
    /// Name below `CRITERION_HOME`, such as `window/start_settled`.
    name: String,
    unit: Unit,
    samples: Vec<f64>,
    /// The one sample that counts.
    counts: Counts,
}

#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Milliseconds,
    Megabytes,
}

#[derive(Clone, Copy, PartialEq)]
enum Counts {
    Median,
    Largest,
}

impl Figures {
    /// Adds times in milliseconds, of which the median counts.
    pub(crate) fn times(&mut self, name: &str, samples: Vec<f64>) {
        self.add(name, Unit::Milliseconds, samples, Counts::Median);
    }

    /// Adds times in milliseconds, of which the largest counts.
    pub(crate) fn largest_time(&mut self, name: &str, samples: Vec<f64>) {
        self.add(name, Unit::Milliseconds, samples, Counts::Largest);
    }

    /// Adds sizes in megabytes, of which the median counts.
    pub(crate) fn sizes(&mut self, name: &str, samples: Vec<f64>) {
        self.add(name, Unit::Megabytes, samples, Counts::Median);
    }

    /// Adds the figure with the largest median of some under a name of its own.
    pub(crate) fn slowest(&mut self, name: &str, of: &[String]) {
        let of: Vec<String> = of.iter().map(|name| format!("window/{name}")).collect();
        let figures = self.0.iter().filter(|figure| of.contains(&figure.name));
        let slowest = figures.max_by(|one, other| one.value().total_cmp(&other.value()));
        let slowest = slowest.expect("some were measured");
        println!("{:<44} is the slowest, for the next line", slowest.name);
        let samples = slowest.samples.clone();
        self.times(name, samples);
    }

    fn add(&mut self, name: &str, unit: Unit, samples: Vec<f64>, counts: Counts) {
        assert!(!samples.is_empty(), "{name} was not measured");
        let figure = Figure {
            name: format!("window/{name}"),
            unit,
            samples,
            counts,
        };
        println!("{figure}");
        self.0.push(figure);
    }

    /// Leaves the figures beside those of the other benchmarks, where their folder is named.
    pub(crate) fn leave(&self) {
        let Some(home) = env::var_os("CRITERION_HOME") else {
            return;
        };
        for figure in &self.0 {
            figure.leave(&Path::new(&home).join(&figure.name));
        }
    }
}

impl Figure {
    fn value(&self) -> f64 {
        match self.counts {
            Counts::Median => median(&self.samples),
            Counts::Largest => self.samples.iter().copied().fold(f64::MIN, f64::max),
        }
    }

    /// Writes what the reader of the table expects: the form of criterion for times, a number of bytes for sizes.
    fn leave(&self, folder: &Path) {
        let (folder, file, text) = match self.unit {
            Unit::Milliseconds => {
                let estimates = json!({ "median": { "point_estimate": self.value() * 1e6 } });
                (folder.join("new"), "estimates.json", estimates.to_string())
            }
            Unit::Megabytes => (folder.to_owned(), "bytes", format!("{:.0}", self.value() * 1e6)),
        };
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(file), text).unwrap();
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = match self.unit {
            Unit::Milliseconds => "ms",
            Unit::Megabytes => "MB",
        };
        let word = match self.counts {
            Counts::Median => "median",
            Counts::Largest => "largest",
        };
        let least = self.samples.iter().copied().fold(f64::MAX, f64::min);
        let most = self.samples.iter().copied().fold(f64::MIN, f64::max);
        let (name, value, count) = (&self.name, self.value(), self.samples.len());
        write!(
            f,
            "{name:<44} {value:>8.1} {unit}  {word} of {count}, {least:.1} to {most:.1}"
        )
    }
}

/// Returns the middle of the samples, the mean of the two where there is none.
fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[half]
    } else {
        f64::midpoint(sorted[half - 1], sorted[half])
    }
}

/// Returns the sample that only `1 - part` of them exceed.
pub(crate) fn quantile(samples: &[f64], part: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len() as f64 * part).ceil() as usize;
    sorted[at.clamp(1, sorted.len()) - 1]
}

//! The peers' figures: measured again where a Python has their packages, else the stored ones.

use crate::{shell, steps::Outcome};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    path::{Path, absolute},
    process::Command,
};

const STORED: &str = include_str!("../../peers/stored.tsv");
const FOLDER: &str = "crates/xtask/peers";

/// The CPU time of one peer on one task.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figure {
    task: String,
    size: String,
    peer: String,
    pub(super) user_s: f64,
    /// Whether it was measured in this run.
    pub(super) rerun: bool,
}

/// What a script prints.
#[derive(Deserialize)]
struct Measured {
    task: String,
    size: String,
    peer: String,
    user_s: f64,
}

/// All figures known.
pub(super) struct Peers(Vec<Figure>);

impl Peers {
    /// Returns the figures of `stored.tsv`.
    pub(super) fn stored() -> Result<Self> {
        let figures = STORED.lines().skip(1).map(|line| {
            let mut cells = line.split('\t').map(str::to_owned);
            let mut cell = || {
                cells
                    .next()
                    .with_context(|| format!("stored.tsv: {line:?} is too short"))
            };
            let (task, size, peer) = (cell()?, cell()?, cell()?);
            let user_s = cell()?
                .parse()
                .with_context(|| format!("stored.tsv: {line:?} has no time"))?;
            Ok(Figure {
                task,
                size,
                peer,
                user_s,
                rerun: false,
            })
        });
        figures.collect::<Result<_>>().map(Self)
    }

    /// Returns a peer's figure: a measured one before a stored one.
    pub(super) fn figure(&self, task: &str, size: Option<&str>, peer: &str) -> Option<Figure> {
        let fits = |figure: &&Figure| {
            figure.task == task && figure.peer == peer && size.is_none_or(|size| figure.size == size)
        };
        self.0.iter().filter(fits).max_by_key(|figure| figure.rerun).cloned()
    }

    /// Measures the peers again, each in a process of its own, where `python` has what `requirements.txt` pins.
    pub(super) fn rerun<'a>(
        &mut self,
        python: &Path,
        data: &Path,
        commands: impl Iterator<Item = &'a [String]>,
    ) -> Result<Outcome> {
        // The scripts run in their own folder; a name without a folder is looked up on the path.
        let python = &if python.components().count() > 1 {
            absolute(python)?
        } else {
            python.to_owned()
        };
        if let Err(missing) = has_packages(python) {
            println!("the peers are not rerun, their stored figures are shown: {missing:#}");
            return Ok(Outcome::Unchanged);
        }
        let data = absolute(data)?;
        let script = |words: &[&str]| -> Result<String> {
            println!("$ {}", words.join(" "));
            shell::output(
                Command::new(python)
                    .current_dir(FOLDER)
                    .args(words)
                    .env("APEX_BENCH_DATA", &data),
            )
        };
        if !data.is_dir() {
            script(&["make_data.py"])?;
        }
        for command in commands.collect::<BTreeSet<_>>() {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            let output = script(&words)?;
            let line = output
                .lines()
                .rfind(|line| line.starts_with('{'))
                .context("the script printed no figure")?;
            let Measured {
                task,
                size,
                peer,
                user_s,
            } = serde_json::from_str(line).with_context(|| format!("{}: {line}", words.join(" ")))?;
            self.0.push(Figure {
                task,
                size,
                peer,
                user_s,
                rerun: true,
            });
        }
        Ok(Outcome::Done)
    }
}

/// Checks that every pinned package is there in its version.
fn has_packages(python: &Path) -> Result<()> {
    const CHECK: &str = "
import importlib.metadata, sys
for line in open('requirements.txt'):
    name, _, version = line.strip().partition('==')
    if version:
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found = 'not installed'
        if found != version:
            sys.exit(f'{name} {version} is pinned, here it is {found}')
";
    shell::output(Command::new(python).current_dir(FOLDER).args(["-c", CHECK])).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_found_by_task_size_and_name_and_a_new_one_wins() {
        let mut peers = Peers::stored().unwrap();
        let numpy = |peers: &Peers, size| {
            peers
                .figure("t1_tearsheet", Some(size), "numpy")
                .map(|figure| figure.user_s)
        };
        // The published table: 0.0252 s for 20 assets, 0.1845 s for 500.
        assert_eq!(numpy(&peers, "20"), Some(0.0252));
        assert_eq!(numpy(&peers, "500"), Some(0.1845));
        assert_eq!(numpy(&peers, "7"), None);
        let text = ["t1_tearsheet", "500", "numpy"].map(str::to_owned);
        let [task, size, peer] = text;
        peers.0.push(Figure {
            task,
            size,
            peer,
            user_s: 0.2,
            rerun: true,
        });
        assert_eq!(numpy(&peers, "500"), Some(0.2));
    }
}

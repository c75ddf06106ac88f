//! The peers' figures: measured again where a Python has their packages, else the stored ones.

use crate::{shell, steps::Outcome};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf, absolute},
    process::Command,
};

const STORED: &str = include_str!("../../peers/stored.tsv");
const FOLDER: &str = "crates/xtask/peers";
/// Where the figures of a run are kept, so that its table can be written again.
const MEASURED: &str = "peers.json";

/// The CPU time of one peer on one task.
///
/// Read from what a script prints, it is one measured here.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) struct Figure {
    task: String,
    size: String,
    peer: String,
    pub(super) user_s: f64,
    /// Whether it was measured on this machine.
    #[serde(skip, default = "measured")]
    pub(super) rerun: bool,
}

fn measured() -> bool {
    true
}

impl Figure {
    fn is_of(&self, other: &Self) -> bool {
        (&self.task, &self.size, &self.peer) == (&other.task, &other.size, &other.peer)
    }
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

    /// Adds what the last run measured.
    pub(super) fn recall(&mut self, folder: &Path) -> Result<()> {
        if let Ok(text) = fs::read_to_string(folder.join(MEASURED)) {
            let measured: Vec<Figure> = serde_json::from_str(&text).context(MEASURED)?;
            self.0.extend(measured);
        }
        Ok(())
    }

    /// Measures peers again, each in a process of its own, and notes the figures in `folder` beside those of others.
    pub(super) fn rerun<'a>(
        &mut self,
        python: &Python,
        folder: &Path,
        commands: impl Iterator<Item = &'a [String]>,
    ) -> Result<Outcome> {
        let mut figures = Vec::new();
        for command in commands.collect::<BTreeSet<_>>() {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            let output = python.script(&words)?;
            let line = output
                .lines()
                .rfind(|line| line.starts_with('{'))
                .context("the script printed no figure")?;
            let figure: Figure = serde_json::from_str(line).with_context(|| format!("{}: {line}", words.join(" ")))?;
            figures.push(figure);
        }
        for figure in figures {
            self.0.retain(|known| !(known.rerun && known.is_of(&figure)));
            self.0.push(figure);
        }
        let all: Vec<&Figure> = self.0.iter().filter(|figure| figure.rerun).collect();
        let path = folder.join(MEASURED);
        fs::write(&path, serde_json::to_string(&all)?).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Outcome::Done)
    }
}

/// A Python and the folder of the inputs that its scripts make and read.
pub(super) struct Python {
    program: PathBuf,
    data: PathBuf,
}

impl Python {
    /// Names a Python. The scripts run in their own folder; a name without a folder is looked up on the path.
    pub(super) fn new(program: &Path, data: &Path) -> Result<Self> {
        let program = if program.components().count() > 1 {
            absolute(program)?
        } else {
            program.to_owned()
        };
        Ok(Self {
            program,
            data: absolute(data)?,
        })
    }

    /// Returns the folder of the inputs.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// Makes the inputs that are not there yet; returns whether the pinned packages are.
    pub(super) fn prepare(&self, packages: &[String], inputs: &[String]) -> Result<bool> {
        if let Err(missing) = self.has(packages) {
            println!("the peers are not rerun, their stored figures are shown: {missing:#}");
            return Ok(false);
        }
        // What stands in this file was made whole.
        let list = self.data.join("made");
        let made = fs::read_to_string(&list).unwrap_or_default();
        let missing: Vec<&str> = inputs
            .iter()
            .map(String::as_str)
            .filter(|input| !made.lines().any(|line| line == *input))
            .collect();
        if !missing.is_empty() {
            let words: Vec<&str> = ["make_data.py"].into_iter().chain(missing).collect();
            self.script(&words)?;
            fs::write(&list, inputs.join("\n")).with_context(|| format!("cannot write {}", list.display()))?;
        }
        Ok(true)
    }

    /// Runs a script and returns what it prints.
    fn script(&self, words: &[&str]) -> Result<String> {
        println!("$ {}", words.join(" "));
        shell::output(
            Command::new(&self.program)
                .current_dir(FOLDER)
                .args(words)
                .env("APEX_BENCH_DATA", &self.data)
                .env("PYTHONDONTWRITEBYTECODE", "1"),
        )
    }

    /// Checks that packages are there in their pinned versions.
    fn has(&self, packages: &[String]) -> Result<()> {
        const CHECK: &str = "
import importlib.metadata, sys
for line in open('requirements.txt'):
    name, _, version = line.strip().partition('==')
    if name in sys.argv[1:]:
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found = 'not installed'
        if found != version:
            sys.exit(f'{name} {version} is pinned, here it is {found}')
";
        let mut check = Command::new(&self.program);
        check.current_dir(FOLDER).args(["-c", CHECK]).args(packages);
        shell::output(&mut check).map(|_| ())
    }
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

//! What was spent of each provider's budget: a file of the data folder, which all programs and both books share.
//!
//! Whoever changes it holds a lock on a file beside it and puts a new file in its place, so that a crash leaves one or the
//! other. It holds when requests went out and nothing else; whose key it was is a fingerprint.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use apex_market_data::budget::Spent;
use apex_market_data::client::BudgetName;

/// The file, the one that is locked, and the one that takes its place.
const FILE: &str = "budgets.json";
const LOCK: &str = "budgets.lock";
const NEW: &str = "budgets.json.new";

/// By provider, then by the fingerprint of the key; empty where there is no key.
type All = BTreeMap<String, BTreeMap<String, Spent>>;

/// The budgets of a data folder.
#[derive(Debug, Clone)]
pub(super) struct Budgets {
    folder: PathBuf,
}

impl Budgets {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Lets a budget change what it has spent. Others wait meanwhile; what is left as it was is not written.
    pub(super) fn change(&self, name: &BudgetName, change: impl FnOnce(&mut Spent)) -> Result<(), String> {
        let said = |path: &Path, err: std::io::Error| format!("{}: {err}", path.display());
        let lock_path = self.folder.join(LOCK);
        let lock = private(&lock_path, false).map_err(|err| said(&lock_path, err))?;
        lock.lock().map_err(|err| said(&lock_path, err))?;
        let path = self.folder.join(FILE);
        let mut all = read(&path)?;
        let of_provider = all.entry(name.provider.name().to_owned()).or_default();
        let spent = of_provider.entry(name.key.clone().unwrap_or_default()).or_default();
        let before = spent.clone();
        change(spent);
        if *spent == before {
            return Ok(());
        }
        let text = serde_json::to_vec(&all).map_err(|err| err.to_string())?;
        let new = self.folder.join(NEW);
        let written = private(&new, true).and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_data()));
        written.map_err(|err| said(&new, err))?;
        std::fs::rename(&new, &path).map_err(|err| said(&path, err))
        // The lock is let go with its file.
    }
}

/// A file that cannot be read is no leave to spend: whoever forgets what was sent sends too much.
fn read(path: &Path) -> Result<All, String> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|err| {
            format!(
                "{} is damaged ({err}); remove it once the day has passed whose requests it counted",
                path.display()
            )
        }),
        Err(err) if err.kind() == ErrorKind::NotFound => Ok(All::new()),
        Err(err) => Err(format!("{}: {err}", path.display())),
    }
}

fn private(path: &Path, truncate: bool) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(truncate);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use apex_market_data::record::Provider;

    use super::*;

    fn name(key: Option<&str>) -> BudgetName {
        BudgetName {
            provider: Provider::Polygon,
            key: key.map(str::to_owned),
        }
    }

    #[test]
    fn what_was_spent_is_there_for_the_next_program_and_of_no_other_key() {
        let folder = tempfile::tempdir().unwrap();
        let budgets = Budgets::new(folder.path());
        budgets.change(&name(Some("a")), |spent| spent.sent.push(1)).unwrap();
        let other = Budgets::new(folder.path());
        other
            .change(&name(Some("a")), |spent| {
                assert_eq!(spent.sent, [1]);
                spent.sent.push(2);
            })
            .unwrap();
        other
            .change(&name(Some("b")), |spent| assert!(spent.sent.is_empty()))
            .unwrap();
        budgets
            .change(&name(Some("a")), |spent| assert_eq!(spent.sent, [1, 2]))
            .unwrap();
    }

    #[test]
    fn programs_that_spend_at_once_lose_no_request() {
        let folder = tempfile::tempdir().unwrap();
        let threads: Vec<_> = (0..4_i64)
            .map(|thread| {
                let budgets = Budgets::new(folder.path());
                std::thread::spawn(move || {
                    for one in 0..25 {
                        let spend = |spent: &mut Spent| spent.sent.push(thread * 100 + one);
                        budgets.change(&name(None), spend).unwrap();
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let budgets = Budgets::new(folder.path());
        budgets
            .change(&name(None), |spent| assert_eq!(spent.sent.len(), 100))
            .unwrap();
    }

    #[test]
    fn a_damaged_file_is_no_leave_to_spend() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "{").unwrap();
        let refused = Budgets::new(folder.path()).change(&name(None), |spent| spent.sent.push(1));
        assert!(refused.unwrap_err().contains("is damaged"));
    }
}

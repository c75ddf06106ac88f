//! Remembers what a step was built from, so that it is skipped while that has not changed.

use anyhow::{Context, Result};
use std::{
    collections::BTreeSet,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

/// Returns a fingerprint of files and folders (by name and content) and of a few words that also matter.
///
/// What does not exist counts as nothing, so a file that appears later changes the fingerprint.
pub(crate) fn fingerprint(paths: &[&str], words: &[&str]) -> Result<String> {
    let mut files = BTreeSet::new();
    for path in paths {
        collect(Path::new(path), &mut files)?;
    }
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    for file in &files {
        file.hash(&mut hasher);
        fs::read(file)
            .with_context(|| format!("cannot read {}", file.display()))?
            .hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(path: &Path, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))? {
            collect(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.insert(path.to_owned());
    }
    Ok(())
}

/// Returns whether the stamp file holds this fingerprint.
pub(crate) fn is_current(stamp: &Path, fingerprint: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|text| text == fingerprint)
}

/// Writes the fingerprint, once the step has succeeded.
pub(crate) fn write(stamp: &Path, fingerprint: &str) -> Result<()> {
    fs::write(stamp, fingerprint).with_context(|| format!("cannot write {}", stamp.display()))
}

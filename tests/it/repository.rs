//! Checks on the repository: what a reviewer would otherwise have to remember.
//!
//! Each check collects every offender and names its path, so that one run shows all there is to mend.

mod floors;
mod licenses;
mod manifests;
mod metadata;
mod migrations;
mod tidy;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Returns the repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the root")
}

/// Returns every file of the repository below a folder, without what is built or installed, sorted.
fn files_below(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(&root().join(folder), &mut files);
    files.sort();
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    const MADE: [&str; 6] = [".git", "dist", "gen", "node_modules", "target", "venv"];
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("a folder can be read to its end").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !MADE.contains(&name) {
                collect(&path, files);
            }
        } else {
            files.push(path);
        }
    }
}

/// Returns a path as a person would write it, from the root and with slashes.
fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .to_string_lossy()
        .replace('\\', "/")
}

/// Returns a file's text, or `None` for one that is not text.
fn text(path: &Path) -> Option<String> {
    fs::read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

/// Fails with all offenders, one a line.
#[track_caller]
fn assert_none(offenders: &[String], rule: &str) {
    assert!(offenders.is_empty(), "{rule}:\n  {}", offenders.join("\n  "));
}

//! What the workstation remembers about the person's window: one small JSON file beside the book.
//!
//! It is read before the book is unlocked, so it holds nothing about money. A file that cannot be read counts as
//! absent: losing a theme must not keep anybody from their book.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use apex_wire::preferences::Preferences;

use crate::error::{AppError, Result};

/// The name of the file in the data folder.
const FILE: &str = "preferences.json";

/// The file in which a shell keeps where its window stood.
const WINDOW_FILE: &str = "window.json";

/// Reads the preferences of a folder, the defaults where there are none.
pub(crate) fn read(folder: &Path) -> Preferences {
    let Ok(text) = std::fs::read_to_string(folder.join(FILE)) else {
        return Preferences::default();
    };
    serde_json::from_str(&text).unwrap_or_default()
}

/// Writes the preferences: first beside the old file, then in its place, so that a crash leaves one of the two.
pub(crate) fn write(folder: &Path, preferences: &Preferences) -> Result<()> {
    let target = folder.join(FILE);
    let beside = folder.join("preferences.json.new");
    let failed = |action: &'static str| {
        let path = target.display().to_string();
        move |source| AppError::File { action, path, source }
    };
    let text = serde_json::to_string_pretty(preferences).map_err(|err| AppError::Defect {
        sentence: format!("preferences cannot be written as JSON: {err}"),
    })?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    // Nobody else needs to know which portfolios there are.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(failed("write"))?;
    std::fs::rename(&beside, &target).map_err(failed("replace"))
}

/// Takes the file away, and what a shell keeps beside it, where nothing else is in the folder: a book is made in an empty
/// one. Both are written again.
pub(crate) fn clear(folder: &Path) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(());
    };
    let files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    let is_ours = |path: &Path| path.file_name().is_some_and(|name| name == FILE || name == WINDOW_FILE);
    if files.iter().all(|path| is_ours(path)) {
        for path in files {
            std::fs::remove_file(&path).map_err(|source| AppError::File {
                action: "remove",
                path: path.display().to_string(),
                source,
            })?;
        }
    }
    Ok(())
}

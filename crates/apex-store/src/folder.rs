//! The folder of a book: its file names, who may read it, and writing a file whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::{Result, StoreError};

pub(crate) const LEDGER: &str = "ledger.db";
pub(crate) const MARKET: &str = "market.db";
pub(crate) const CACHE: &str = "cache.redb";
pub(crate) const KEYS: &str = "key.json";

/// Makes the folder with all its parents; only the owner may enter it.
pub(crate) fn make_private(folder: &Path) -> Result<()> {
    let parent = parent_of(folder);
    fs::create_dir_all(parent).map_err(StoreError::file("make", parent))?;
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(StoreError::file("make", folder))
}

/// Opens a file for reading and writing, made if absent; only the owner may read it.
pub(crate) fn open_private(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(StoreError::file("open", path))
}

/// Replaces a file by new contents: after a crash it holds the old bytes or the new ones, never a part.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let staged = beside(path, "new");
    remove_if_there(&staged)?;
    let mut file = open_private(&staged)?;
    file.write_all(bytes).map_err(StoreError::file("write", &staged))?;
    file.sync_all().map_err(StoreError::file("write", &staged))?;
    drop(file);
    fs::rename(&staged, path).map_err(StoreError::file("replace", path))?;
    sync_folder(parent_of(path))
}

/// Returns the folder that a path lies in. A bare name lies in the folder the program was started in.
pub(crate) fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) => Path::new("."),
        // The root of the file system lies in itself.
        None => path,
    }
}

/// Makes the names in a folder durable. Windows does this by itself and has no call for it.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    File::open(folder)
        .and_then(|file| file.sync_all())
        .map_err(StoreError::file("write", folder))?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// Removes a file; one that is absent already is no fault.
pub(crate) fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(err) if err.kind() != ErrorKind::NotFound => Err(StoreError::File {
            action: "remove",
            path: path.into(),
            source: err,
        }),
        _ => Ok(()),
    }
}

/// Returns whether the folder is absent or holds nothing.
pub(crate) fn is_vacant(folder: &Path) -> Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(err) if err.kind() == ErrorKind::NotFound => Ok(true),
        Err(err) => Err(StoreError::File {
            action: "read",
            path: folder.into(),
            source: err,
        }),
    }
}

/// A new folder that becomes visible under its name only when it is complete, and vanishes unless it is kept.
pub(crate) struct Staged {
    target: PathBuf,
    staging: PathBuf,
    kept: bool,
}

impl Staged {
    /// Starts a folder beside `target`, which must be absent or empty. `tag` keeps two attempts apart.
    pub(crate) fn begin(target: &Path, tag: &str) -> Result<Self> {
        if !is_vacant(target)? {
            return Err(StoreError::NotEmpty { folder: target.into() });
        }
        let staging = beside(target, tag);
        make_private(&staging)?;
        Ok(Self {
            target: target.into(),
            staging,
            kept: false,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.staging
    }

    /// Puts the folder in place in one step. It stays there once it is kept.
    pub(crate) fn place(&mut self) -> Result<()> {
        if !is_vacant(&self.target)? {
            return Err(StoreError::NotEmpty {
                folder: self.target.clone(),
            });
        }
        sync_folder(&self.staging)?;
        match fs::remove_dir(&self.target) {
            Err(err) if err.kind() != ErrorKind::NotFound => {
                return Err(StoreError::File {
                    action: "replace",
                    path: self.target.clone(),
                    source: err,
                });
            }
            _ => {}
        }
        fs::rename(&self.staging, &self.target).map_err(StoreError::file("make", &self.target))?;
        self.staging.clone_from(&self.target);
        sync_folder(parent_of(&self.target))
    }

    /// Lets the folder stay.
    pub(crate) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.kept {
            // The attempt has failed and its error is on the way up; a leftover folder is the lesser evil.
            let _ = fs::remove_dir_all(&self.staging);
        }
    }
}

/// Returns `name.tag` beside a path.
pub(crate) fn beside(path: &Path, tag: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".");
    name.push(tag);
    path.with_file_name(name)
}

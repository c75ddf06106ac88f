//! Figures left below `CRITERION_HOME` in criterion's form, where `cargo xtask bench` reads them; nowhere without it.

use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs, io};

/// Leaves a time.
///
/// # Errors
/// When the file cannot be written.
pub fn time(name: &str, time: Duration) -> io::Result<()> {
    let estimates = format!(r#"{{"median": {{"point_estimate": {}}}}}"#, time.as_nanos());
    leave(name, "new/estimates.json", &estimates)
}

/// Leaves a size in bytes.
///
/// # Errors
/// When the file cannot be written.
pub fn size(name: &str, bytes: u64) -> io::Result<()> {
    leave(name, "bytes", &bytes.to_string())
}

fn leave(name: &str, file: &str, text: &str) -> io::Result<()> {
    let Some(home) = env::var_os("CRITERION_HOME") else {
        return Ok(());
    };
    let path = PathBuf::from(home).join(name).join(file);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

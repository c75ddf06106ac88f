//! Builds the window, opens it on the demo firm, and packs it.

use crate::{
    shell, stamp,
    steps::{Outcome, Steps},
    system, ui,
};
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The packages of every build on the machine's own target.
///
/// Always the same, so that cargo picks the same features and compiles each dependency once: a narrower selection would
/// build the heavy crates anew. The pages are for wasm, and xtask itself may be running (Windows cannot replace it).
pub(crate) const SELECTION: [&str; 3] = ["--workspace", "--exclude=apex-ui", "--exclude=xtask"];

/// What locks the demo firm that `cargo xtask run` opens, so that its window opens without a question anywhere.
const DEMO_PASSPHRASE: &str = "the demo firm";

/// Builds everything and opens the window on the demo firm.
pub(crate) fn run(release: bool, arguments: &[String]) -> Result<()> {
    let mut steps = Steps::new();
    steps.run("system packages", || system::packages(false))?;
    steps.run("wasm target", system::wasm_target)?;
    ui::build(&mut steps, release)?;
    steps.run("desktop window", || build(release))?;
    steps.print_table();
    let binary = binary(release)?;
    if cfg!(target_os = "linux") && ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().all(is_unset) {
        println!("\n{}", without_display(&binary));
        return Ok(());
    }
    // A folder of its own, so that trying Apex never touches a book somebody keeps.
    let data = env::var_os("APEX_DATA").map_or_else(
        || shell::target_dir().map(|dir| dir.join("demo-firm")),
        |dir| Ok(dir.into()),
    )?;
    println!("\nOpening the demo firm; its data is in {}", data.display());
    let mut window = Command::new(&binary);
    window.arg("--demo").args(arguments).env("APEX_DATA", &data);
    if is_unset("APEX_PASSPHRASE") && is_unset("APEX_DATA") {
        println!("Nothing in it is secret, so it is not asked for: its passphrase is `{DEMO_PASSPHRASE}`");
        window.env("APEX_PASSPHRASE", DEMO_PASSPHRASE);
    }
    shell::run(&mut window)
}

/// Returns whether an environment variable is missing or empty, which means the same to whoever reads a display's name.
fn is_unset(name: &str) -> bool {
    env::var_os(name).is_none_or(|value| value.is_empty())
}

fn without_display(binary: &Path) -> String {
    format!(
        "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so the window was built and not opened.\n\
         You can\n  \
         - open it on a display without a screen: xvfb-run -a {} --demo\n  \
         - use the same book from the terminal: cargo run --package apex-cli -- --help\n  \
         - make a package for a machine with a display: cargo xtask package",
        binary.display()
    )
}

/// Builds the window's program.
pub(crate) fn build(release: bool) -> Result<Outcome> {
    let mut cargo = shell::cargo(["build"]);
    cargo.args(SELECTION).args(["--bin", "apex-desktop"]);
    if release {
        cargo.arg("--release");
    }
    shell::run(&mut cargo)?;
    Ok(Outcome::Done)
}

/// Returns where cargo puts the window's program.
pub(crate) fn binary(release: bool) -> Result<PathBuf> {
    let name = if cfg!(windows) {
        "apex-desktop.exe"
    } else {
        "apex-desktop"
    };
    let folder = shell::target_dir()?.join(if release { "release" } else { "debug" });
    std::path::absolute(folder.join(name)).context("the target folder has no absolute path")
}

/// Packs the window for other machines.
pub(crate) fn package(debug: bool, formats: &[String]) -> Result<()> {
    let mut steps = Steps::new();
    steps.run("system packages", || system::packages(false))?;
    steps.run("wasm target", system::wasm_target)?;
    ui::build(&mut steps, !debug)?;
    steps.run("desktop window", || build(!debug))?;
    steps.run("Tauri's bundler", bundler)?;
    steps.run("package", || bundle(debug, formats))?;
    steps.print_table();
    let folder = shell::target_dir()?
        .join(if debug { "debug" } else { "release" })
        .join("bundle");
    let packages = packages(&folder)?;
    if packages.is_empty() {
        bail!("the bundler left nothing in {}", folder.display());
    }
    for package in packages {
        println!(
            "{}  {:.1} MB",
            package.display(),
            fs::metadata(&package)?.len() as f64 / 1e6
        );
    }
    Ok(())
}

const TOOLS: &str = "crates/xtask/npm";

fn bundler() -> Result<Outcome> {
    let stamp = Path::new(TOOLS).join("node_modules/.apex-stamp");
    let lock = format!("{TOOLS}/package-lock.json");
    let fingerprint = stamp::fingerprint(&[&lock], &[])?;
    if stamp::is_current(&stamp, &fingerprint) {
        return Ok(Outcome::Unchanged);
    }
    shell::run(
        shell::npm()
            .current_dir(TOOLS)
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]),
    )?;
    stamp::write(&stamp, &fingerprint)?;
    Ok(Outcome::Done)
}

fn bundle(debug: bool, formats: &[String]) -> Result<Outcome> {
    let formats = if formats.is_empty() {
        default_format().to_owned()
    } else {
        formats.join(",")
    };
    let tool = env::current_dir()?
        .join(TOOLS)
        .join("node_modules/@tauri-apps/cli/tauri.js");
    let mut command = Command::new("node");
    command
        .arg(tool)
        .args(["bundle", "--ci", "--bundles", &formats])
        .env("CARGO_TARGET_DIR", absolute_target()?);
    if debug {
        command.arg("--debug");
    }
    shell::run(&mut command)?;
    Ok(Outcome::Done)
}

fn absolute_target() -> Result<PathBuf> {
    std::path::absolute(shell::target_dir()?).context("the target folder has no absolute path")
}

fn default_format() -> &'static str {
    if cfg!(target_os = "macos") {
        "dmg"
    } else if cfg!(windows) {
        "nsis"
    } else {
        "deb"
    }
}

/// Returns the packages of a bundle folder, which holds one folder for each format.
fn packages(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for format in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        for entry in fs::read_dir(format?.path())? {
            let path = entry?.path();
            if path.is_file()
                && path.extension().is_some_and(|extension| {
                    ["deb", "rpm", "AppImage", "dmg", "exe", "msi"]
                        .iter()
                        .any(|known| extension == *known)
                })
            {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

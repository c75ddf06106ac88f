//! Developer tools: `cargo xtask run`, `ui`, `test`, `bench` and `package`.
//!
//! Kept light, because it is built before everything else: it starts cargo, npm and our own binaries, and links none of
//! our crates. The one heavy dependency turns the compiled pages into what a browser loads.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a terminal tool talks on the terminal"
)]

mod bench;
mod desktop;
mod shell;
mod stamp;
mod steps;
mod suite;
mod system;
mod tokens;
mod ui;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};
use steps::Steps;

/// Builds, runs, tests and measures Apex.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and open the workstation on the demo firm.
    Run {
        /// Optimize, as for users.
        #[arg(long)]
        release: bool,
        /// Passed on to the workstation.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Run everything that must pass: format, lints, docs, tests, the built window.
    Test,
    /// Measure, beside a floor of the same run and the named peers, and write BENCHMARKS.md.
    Bench {
        /// Only benchmarks with this in their name; `window` is what the built window is measured for.
        filter: Option<String>,
        /// A Python with the packages of crates/xtask/peers/requirements.txt.
        #[arg(long, default_value = "python3")]
        python: PathBuf,
        /// Write the table from the last run, measuring nothing.
        #[arg(long)]
        report_only: bool,
    },
    /// Pack the workstation for this system: a .deb on Linux.
    Package {
        /// Pack an unoptimized build, which is quicker to make.
        #[arg(long)]
        debug: bool,
        /// Formats of Tauri's bundler: deb, rpm, appimage, dmg, nsis, msi.
        #[arg(long, value_delimiter = ',')]
        formats: Vec<String>,
    },
    /// Build the pages into ui/dist.
    Ui {
        /// Optimize for size, as in a release.
        #[arg(long)]
        release: bool,
    },
}

fn main() -> ExitCode {
    match shell::enter_root().and_then(|()| start(Cli::parse().command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(command: Command) -> Result<()> {
    match command {
        Command::Run { release, arguments } => desktop::run(release, &arguments),
        Command::Test => suite::run(),
        Command::Bench {
            filter,
            python,
            report_only,
        } => bench::run(&bench::Options {
            filter,
            python,
            report_only,
        }),
        Command::Package { debug, formats } => desktop::package(debug, &formats),
        Command::Ui { release } => {
            let mut steps = Steps::new();
            steps.run("wasm target", system::wasm_target)?;
            ui::build(&mut steps, release)?;
            steps.print_table();
            Ok(())
        }
    }
}

//! Developer tools: `cargo xtask run`, `ui`, `test`, `bench` and `package`.
//!
//! Kept light, because it is built before everything else: it starts cargo, npm and our own binaries, and links none of
//! our crates. The one heavy dependency turns the compiled pages into what a browser loads.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a terminal tool talks on the terminal")]

mod shell;
mod stamp;
mod steps;
mod system;
mod ui;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;
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
        Command::Ui { release } => {
            let mut steps = Steps::new();
            steps.run("wasm target", system::wasm_target)?;
            ui::build(&mut steps, release)?;
            steps.print_table();
            Ok(())
        }
    }
}

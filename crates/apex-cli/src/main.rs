//! The `apex` command: reads what was typed, asks the use cases, and prints the answer as text or JSON. It owns the
//! clock, the random numbers and the choice of the data folder, and decides nothing.

mod arguments;
mod command;
mod desk;
mod help;
mod output;
mod progress;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

use crate::arguments::Arguments;
use crate::command::Done;

fn main() -> ExitCode {
    // Wrong usage ends here, with status 2.
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::Refused) => ExitCode::FAILURE,
        Err(err) => {
            output::say(&format!("apex: {}", told(&err)));
            ExitCode::FAILURE
        }
    }
}

/// Joins an error and its causes; a cause that the words before it end with is not said twice.
fn told(err: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in err.chain().map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.ends_with(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}

fn run(arguments: Arguments) -> anyhow::Result<Done> {
    let timing = arguments.common.timing;
    if let Some(threads) = arguments.common.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads));
        pool.build_global().context("cannot start the threads asked for")?;
    }
    let begun = desk::instant();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let done = runtime.context("cannot start")?.block_on(command::run(arguments))?;
    if timing {
        let elapsed = desk::instant().duration_since(begun);
        output::say(&format!("apex: {:.3} s", elapsed.as_secs_f64()));
    }
    Ok(done)
}

//! `apex completions` and `apex manual`.

use anyhow::Context;
use clap::CommandFactory;

use super::Done;
use crate::arguments::{self, Arguments};
use crate::output;

/// Prints the completions of a shell.
pub(super) fn completions(ask: &arguments::Completions) -> anyhow::Result<Done> {
    let mut script = Vec::new();
    clap_complete::generate(ask.shell, &mut Arguments::command(), "apex", &mut script);
    output::bytes(&script)?;
    Ok(Done::Well)
}

/// Prints the manual page, or writes one for each command.
pub(super) fn manual(ask: &arguments::Manual) -> anyhow::Result<Done> {
    match &ask.out {
        Some(folder) => {
            let failed = || format!("cannot write manual pages into {}", folder.display());
            std::fs::create_dir_all(folder).with_context(failed)?;
            clap_mangen::generate_to(Arguments::command(), folder).with_context(failed)?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Arguments::command())
                .render(&mut page)
                .context("cannot write the manual page")?;
            output::bytes(&page)?;
        }
    }
    Ok(Done::Well)
}

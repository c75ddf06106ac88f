//! What the command says about itself.

use std::path::PathBuf;

use clap::Args;

/// `apex completions`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// `apex manual`.
#[derive(Debug, Args)]
pub(crate) struct Manual {
    /// Write apex.1 and one page for each command into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

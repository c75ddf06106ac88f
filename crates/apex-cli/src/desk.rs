//! What the command owns and the use cases do not: the data folder, the clock, random numbers, the passphrase, and the
//! person at the terminal.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, bail};
use apex_app::{App, Entropy, Job, Moment, RecoveryKey};
use apex_wire::feeds::Provider;
use apex_wire::session::{OpenBook, Session, Unlock};
use apex_wire::{Failure, View};
use jiff::{Timestamp, Zoned};

use crate::arguments::Common;
use crate::output;
use crate::progress::Progress;

/// The environment variable that holds the passphrase.
pub(crate) const PASSPHRASE: &str = "APEX_PASSPHRASE";
/// The environment variable that holds the passphrase of a book restored with a recovery key.
const NEW_PASSPHRASE: &str = "APEX_NEW_PASSPHRASE";

/// The environment variable that holds the API key which is to be kept.
const API_KEY: &str = "APEX_API_KEY";

/// The book's folder and how it was asked about.
pub(crate) struct Desk {
    /// The use cases.
    pub(crate) app: App,
    pub(crate) common: Common,
    entropy: Entropy,
    /// The job under way, for Ctrl-C to cancel.
    running: Running,
}

/// The job under way, where there is one.
pub(crate) type Running = Arc<Mutex<Option<Job>>>;

impl Desk {
    /// Prepares the use cases for the data folder. Opens nothing. Ctrl-C cancels the job that is put into `running`.
    pub(crate) fn new(common: Common, running: Running) -> anyhow::Result<Self> {
        let folder = match &common.data {
            Some(folder) => folder.clone(),
            None => system_folder()?,
        };
        let app = App::new(folder, env!("CARGO_PKG_VERSION"), now().date()).with_clock(Arc::new(instant));
        Ok(Self {
            app,
            common,
            entropy: Entropy::new(fill),
            running,
        })
    }

    /// Returns the instant and the random numbers of one act.
    pub(crate) fn moment(&self) -> Moment {
        Moment::new(now().timestamp(), self.entropy.clone())
    }

    /// Opens the book, with its passphrase where it needs one.
    pub(crate) async fn open(&self) -> anyhow::Result<OpenBook> {
        let session = self.app.open_folder(&self.moment()).await.map_err(refused)?;
        let session = match session {
            Session::FirstRun { .. } => {
                let folder = self.app.folder().display();
                bail!("there is no book in {folder}; make one with `apex init`, or name its folder with --data")
            }
            Session::Locked => {
                let secret = passphrase("the book is locked", "Passphrase or recovery key: ")?;
                self.app
                    .unlock(Unlock { secret }, &self.moment())
                    .await
                    .map_err(refused)?
            }
            open @ Session::Open(_) => open,
        };
        match session {
            Session::Open(book) => Ok(*book),
            Session::Locked | Session::FirstRun { .. } => {
                bail!("the book in {} did not open", self.app.folder().display())
            }
        }
    }

    /// Returns the portfolio and the two times that were asked for.
    pub(crate) fn view(&self) -> anyhow::Result<View> {
        let common = &self.common;
        Ok(self
            .app
            .view(common.portfolio.as_deref(), common.as_of, common.known_at)?)
    }

    /// Returns a job that shows its progress and stops on Ctrl-C.
    pub(crate) fn job(&self) -> Job {
        let progress = Progress::new();
        let job = Job::new(move |step| progress.show(&step));
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(job.clone());
        job
    }
}

/// Cancels the job under way, for every command alike: what it ends with is status 1, as of all that failed. Where there is none nothing waits to be told: a file is being read, a passphrase asked
/// for, or a figure computed, and the command ends at once.
pub(crate) async fn stop_on_ctrl_c(running: Running) {
    while tokio::signal::ctrl_c().await.is_ok() {
        match &*running.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(job) => job.cancel(),
            None => {
                output::say("apex: stopped by Ctrl-C; nothing unfinished is kept");
                std::process::exit(1);
            }
        }
    }
}

/// Returns the folder that the desktop window uses too.
fn system_folder() -> anyhow::Result<PathBuf> {
    let folders = directories::ProjectDirs::from("org", "apexworkstation", "apex")
        .context("the system names no data folder; choose one with --data or APEX_DATA")?;
    Ok(folders.data_dir().to_owned())
}

/// Reads the wall clock in the system's zone.
#[allow(clippy::disallowed_methods, reason = "a shell owns the clock")]
fn now() -> Zoned {
    Zoned::now()
}

/// Reads the instant, to time work by.
pub(crate) fn instant() -> Timestamp {
    now().timestamp()
}

/// Draws random bytes from the system.
#[allow(clippy::disallowed_methods, reason = "a shell draws the random numbers")]
fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the system has random numbers once it runs programs");
}

/// Returns the passphrase of the environment.
pub(crate) fn known_passphrase() -> Option<String> {
    std::env::var(PASSPHRASE).ok().filter(|text| !text.is_empty())
}

/// Returns the passphrase of the environment, else asks for it on a terminal; never waits where there is none.
pub(crate) fn passphrase(why: &str, question: &str) -> anyhow::Result<String> {
    if let Some(known) = known_passphrase() {
        return Ok(known);
    }
    if !std::io::stdin().is_terminal() {
        bail!("{why} and there is no terminal to ask on; set {PASSPHRASE}");
    }
    rpassword::prompt_password(question).with_context(|| format!("cannot ask for the passphrase; set {PASSPHRASE}"))
}

/// Returns an API key from the environment, else asks for it on a terminal. A key is no argument: others see those.
pub(crate) fn api_key(provider: Provider) -> anyhow::Result<String> {
    if let Some(known) = std::env::var(API_KEY).ok().filter(|text| !text.is_empty()) {
        return Ok(known);
    }
    if !std::io::stdin().is_terminal() {
        bail!("there is no terminal to ask on for the key; set {API_KEY}");
    }
    rpassword::prompt_password(format!("Key of {}: ", provider.words()))
        .with_context(|| format!("cannot ask for the key; set {API_KEY}"))
}

/// Returns the passphrase of the environment, else asks for a new one twice.
pub(crate) fn new_passphrase() -> anyhow::Result<String> {
    known_passphrase().map_or_else(|| ask_twice(PASSPHRASE), Ok)
}

/// Returns the passphrase that locks a restored book: that of the backup, or a new one where a recovery key opened it.
pub(crate) fn restored_passphrase(secret: &str) -> anyhow::Result<String> {
    if secret.parse::<RecoveryKey>().is_err() {
        return Ok(secret.to_owned());
    }
    let known = std::env::var(NEW_PASSPHRASE).ok().filter(|text| !text.is_empty());
    known.map_or_else(|| ask_twice(NEW_PASSPHRASE), Ok)
}

fn ask_twice(variable: &str) -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        bail!("the book needs a passphrase and there is no terminal to ask on; set {variable}");
    }
    let ask = |question| rpassword::prompt_password(question).context("cannot ask for the passphrase");
    let chosen = ask("New passphrase: ")?;
    if ask("The same again: ")? != chosen {
        bail!("the two passphrases differ; nothing was made");
    }
    Ok(chosen)
}

/// Reads a file, or standard input where it is `-`. Returns its name for messages too.
pub(crate) fn file(path: &Path) -> anyhow::Result<(String, Vec<u8>)> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
        return Ok(("stdin".to_owned(), bytes));
    }
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    Ok((name, bytes))
}

/// Returns a refusal as it is printed: the sentence, after the field at fault where the sentence does not name it.
pub(crate) fn refused(failure: Failure) -> anyhow::Error {
    match &failure.field {
        Some(field) if !failure.sentence.to_lowercase().contains(&field.replace('_', " ")) => {
            anyhow::anyhow!("{field}: {}", failure.sentence)
        }
        _ => failure.into(),
    }
}

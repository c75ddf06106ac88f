//! What the shell holds: the use cases, the clock, the random numbers, and the book being opened.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;
use apex_app::{App, Entropy, Job, Moment};
use apex_wire::{
    Code, Failure, View,
    job::JobId,
    overview::GetOverview,
    preferences::{GetPreferences, Preferences},
    session::{CreateBook, NewBook, OpenBook, OpenSession, Session, SwitchBook, Unlock},
};
use jiff::{Timestamp, Zoned, civil::Date};

use crate::{arguments::Arguments, measure::Startup};

/// The shell's state, shared by the window and every call.
pub(crate) struct Desk {
    /// The use cases.
    pub(crate) app: App,
    /// The phases of the start.
    pub(crate) startup: Arc<Startup>,
    entropy: Entropy,
    passphrase: Option<String>,
    demo: bool,
    /// Held while the book is opened, so that the page's first call waits for the opening that is under way.
    opening: Mutex<()>,
}

impl Desk {
    /// Prepares the use cases for a data folder. Opens nothing yet.
    pub(crate) fn new(arguments: Arguments, startup: Arc<Startup>) -> anyhow::Result<Self> {
        let folder = data_folder(arguments.data)?;
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        Ok(Self {
            app: App::new(folder, env!("CARGO_PKG_VERSION"), wall_day()).with_clock(Arc::new(now)),
            startup,
            entropy: Entropy::new(fill),
            passphrase: std::env::var("APEX_PASSPHRASE").ok().filter(|text| !text.is_empty()),
            demo: arguments.demo,
            opening: Mutex::new(()),
        })
    }

    /// Returns the data folder.
    pub(crate) fn folder(&self) -> &Path {
        self.app.folder()
    }

    /// Returns the instant and the random numbers of one act.
    pub(crate) fn moment(&self) -> Moment {
        self.app.set_today(wall_day());
        Moment::new(now(), self.entropy.clone())
    }

    /// Waits for a use case that writes. Calls run on threads of their own, so waiting holds up nobody else.
    pub(crate) fn wait<T>(&self, act: impl Future<Output = T>) -> T {
        tauri::async_runtime::block_on(act)
    }

    /// Opens the book, or waits for the opening under way, and says where things stand.
    pub(crate) fn open(&self, ask: OpenSession) -> Result<Session, Failure> {
        let _alone = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        let session = self.wait(self.app.open_session(ask, &self.moment()))?;
        match (session, &self.passphrase) {
            (Session::Locked, Some(secret)) => {
                match self.wait(self.app.unlock(Unlock { secret: secret.clone() }, &self.moment())) {
                    // The environment's is of another book: the page asks for the right one.
                    Err(failure) if failure.code == Code::WrongKey => Ok(Session::Locked),
                    unlocked => unlocked,
                }
            }
            (Session::FirstRun { keyring }, passphrase) if self.demo && (keyring || passphrase.is_some()) => {
                let job = JobId("demo".to_owned());
                let ask = CreateBook {
                    job,
                    content: NewBook::Demo,
                    passphrase: passphrase.clone(),
                };
                self.wait(self.app.create_book(ask, &self.moment(), &Job::unwatched()))
            }
            (Session::Open(book), _) if self.demo && !book.clock_stands && !self.startup.is_shown() => {
                self.wait(self.app.switch_book(SwitchBook { demo: true }, &self.moment()))
            }
            (session, _) => Ok(session),
        }
    }

    /// Opens the book before the page asks, and prepares its first answer.
    pub(crate) fn open_ahead(&self) {
        match self.open(OpenSession {}) {
            Ok(Session::Open(book)) => {
                self.startup.book_opened();
                if let Some(view) = first_view(&book, &self.preferences()) {
                    // The page asks the same a moment later and hears of a failure then.
                    let _ = self.app.get_overview(GetOverview { view });
                    self.startup.first_answer();
                }
            }
            Ok(_) => {}
            Err(failure) => tracing::warn!("the book does not open: {failure}"),
        }
    }

    /// Returns the preferences, the defaults where they cannot be read.
    pub(crate) fn preferences(&self) -> Preferences {
        self.app.get_preferences(GetPreferences {}).unwrap_or_default()
    }

    /// Writes what is still in memory when the program ends.
    pub(crate) fn close(&self) {
        if let Err(failure) = self.wait(self.app.close()) {
            tracing::error!("the book was not closed cleanly: {failure}");
        }
    }
}

/// Returns the view that the page opens with: the portfolio last open, else the first, at the book's clock.
fn first_view(book: &OpenBook, preferences: &Preferences) -> Option<View> {
    let last = book
        .portfolios
        .iter()
        .find(|portfolio| portfolio.name == preferences.portfolio);
    let portfolio = last.or(book.portfolios.first())?.id;
    Some(View {
        portfolio,
        as_of: None,
        known_at: None,
    })
}

fn data_folder(named: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    if let Some(folder) = named.or_else(|| std::env::var_os("APEX_DATA").map(PathBuf::from)) {
        return std::path::absolute(&folder).with_context(|| format!("{} is no folder name", folder.display()));
    }
    let folders = directories::ProjectDirs::from("org", "apexworkstation", "apex")
        .context("the system names no data folder; choose one with --data")?;
    Ok(folders.data_dir().to_owned())
}

#[allow(clippy::disallowed_methods, reason = "this shell owns the clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

#[allow(clippy::disallowed_methods, reason = "this shell owns the clock")]
fn wall_day() -> Date {
    Zoned::now().date()
}

#[allow(clippy::disallowed_methods, reason = "this shell draws the random numbers")]
fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system has a source of random numbers");
}

//! The one object that desktop and command line hold: a data folder, the book open in it, and remembered answers.
//!
//! Reads are answered from memory and never wait for a write. A write makes a changed copy of the touched parts, has
//! the ledger's rules and the store accept it, and then puts it in place.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use apex_domain::{PriceBook, Transaction};
use apex_store::{KdfCost, Keyring, Position, Store};
use apex_wire::job::{CancelJob, JobId};
use apex_wire::preferences::{GetPreferences, Preferences, SavePreferences};
use apex_wire::{Failure, View};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::answers::Answers;
use crate::books::LeftBook;
use crate::change::tried;
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::job::Job;
use crate::live::Live;
use crate::preferences;
use crate::state::State;
use crate::view::Moments;

/// Every use case of the desktop and the command line.
#[derive(Debug)]
pub struct App {
    /// The data folder: the book the person opens, the other one in a folder inside.
    folder: PathBuf,
    /// The folder of the book that is open, or is to be made.
    current: RwLock<PathBuf>,
    /// The book that was open before, while the other one is not open yet.
    pub(crate) left: Mutex<Option<LeftBook>>,
    kdf: KdfCost,
    /// In place of the system's keyring, for tests.
    keyring: Option<Keyring>,
    preferences: Mutex<Option<Preferences>>,
    /// Held while the file of the preferences is written, so that two calls at once do not take it from each other.
    preferences_file: Mutex<()>,
    /// Version of the engine, printed beside figures.
    pub(crate) engine: String,
    today: RwLock<Date>,
    opened: RwLock<Opened>,
    /// Held by whoever writes, so that changes happen one after the other.
    pub(crate) writer: tokio::sync::Mutex<()>,
    answers: Mutex<Answers>,
    /// How many books were opened so far.
    books: AtomicU64,
    /// How often a book was read anew because another program had changed it.
    pub(crate) readings: AtomicU64,
    jobs: Mutex<HashMap<JobId, Job>>,
    /// What streams say.
    pub(crate) live: Live,
}

/// Whether a book is open.
#[derive(Debug, Clone)]
pub(crate) enum Opened {
    /// Nobody has looked yet.
    NotYet,
    /// There is no book in the folder.
    Nothing,
    /// There is a book, and its passphrase is needed.
    Locked,
    /// The book.
    Book(Arc<OpenedBook>),
}

impl Opened {
    pub(crate) fn into_book(self) -> Option<Arc<OpenedBook>> {
        match self {
            Self::Book(book) => Some(book),
            Self::NotYet | Self::Nothing | Self::Locked => None,
        }
    }
}

/// An open book: its files and what is in memory.
#[derive(Debug)]
pub(crate) struct OpenedBook {
    pub(crate) store: Store,
    state: RwLock<Arc<State>>,
    /// How far the files had come when the state was read.
    position: Mutex<Position>,
    /// The recovery key, until the person confirms to have kept it.
    pub(crate) recovery_key: Mutex<Option<String>>,
}

impl OpenedBook {
    pub(crate) fn new(store: Store, (state, position): (State, Position), recovery_key: Option<String>) -> Self {
        Self {
            store,
            state: RwLock::new(Arc::new(state)),
            position: Mutex::new(position),
            recovery_key: Mutex::new(recovery_key),
        }
    }

    pub(crate) fn state(&self) -> Arc<State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn position(&self) -> Position {
        *self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_position(&self, position: Position) {
        *self.position.lock().unwrap_or_else(PoisonError::into_inner) = position;
    }

    /// Closes the files, unless an answer under way still reads them; the last one to let go closes them then.
    pub(crate) async fn close(self: Arc<Self>) -> Result<()> {
        match Arc::into_inner(self) {
            Some(book) => Ok(book.store.close().await?),
            None => Ok(()),
        }
    }
}

impl App {
    /// Looks after a data folder. Nothing is opened before [`App::open_session`].
    ///
    /// `today` is the day of the wall clock in the system's zone; shells hand in the new one when the day changes.
    pub fn new(folder: impl Into<PathBuf>, engine: impl Into<String>, today: Date) -> Self {
        let folder = folder.into();
        Self {
            current: RwLock::new(folder.clone()),
            folder,
            left: Mutex::default(),
            kdf: KdfCost::STANDARD,
            keyring: None,
            preferences: Mutex::default(),
            preferences_file: Mutex::default(),
            engine: engine.into(),
            today: RwLock::new(today),
            opened: RwLock::new(Opened::NotYet),
            writer: tokio::sync::Mutex::new(()),
            answers: Mutex::default(),
            books: AtomicU64::default(),
            readings: AtomicU64::default(),
            jobs: Mutex::default(),
            live: Live::default(),
        }
    }

    /// Makes passphrases of new books cheaper to try, for tests.
    pub fn with_kdf_cost(self, kdf: KdfCost) -> Self {
        Self { kdf, ..self }
    }

    pub(crate) fn kdf(&self) -> KdfCost {
        self.kdf
    }

    /// Keeps the keys of books in another keyring than the system's, for tests.
    pub fn with_keyring(self, keyring: Keyring) -> Self {
        Self {
            keyring: Some(keyring),
            ..self
        }
    }

    pub(crate) async fn keyring(&self) -> Result<Keyring> {
        match &self.keyring {
            Some(keyring) => Ok(keyring.clone()),
            None => Ok(Keyring::system().await?),
        }
    }

    /// Returns the folder of the book that is open, or is to be made.
    pub fn book_folder(&self) -> PathBuf {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_book_folder(&self, folder: PathBuf) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = folder;
    }

    /// Hands in the day of the wall clock.
    pub fn set_today(&self, today: Date) {
        *self.today.write().unwrap_or_else(PoisonError::into_inner) = today;
    }

    /// Returns the data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the version of the engine.
    pub fn engine(&self) -> &str {
        &self.engine
    }

    pub(crate) fn wall_day(&self) -> Date {
        *self.today.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn opened(&self) -> Opened {
        self.opened.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_opened(&self, opened: Opened) {
        self.answers().clear();
        self.live.end();
        *self.opened.write().unwrap_or_else(PoisonError::into_inner) = opened;
    }

    /// Returns the open book.
    pub(crate) fn book(&self) -> Result<Arc<OpenedBook>> {
        match self.opened() {
            Opened::Book(book) => Ok(book),
            Opened::Locked => Err(AppError::Locked),
            Opened::Nothing | Opened::NotYet => Err(AppError::NoBook),
        }
    }

    /// Returns everything in the open book.
    pub(crate) fn state(&self) -> Result<Arc<State>> {
        Ok(self.book()?.state())
    }

    /// Returns where a book that is opened begins to count its changes. No two books ever count the same, so an answer
    /// to the one that was open before is never taken for one to this.
    pub(crate) fn first_generation(&self) -> u64 {
        self.books.fetch_add(1, Ordering::Relaxed) << 32
    }

    /// Puts a changed state in place and forgets the answers it outdates.
    pub(crate) fn put(&self, book: &OpenedBook, mut state: State) {
        let mut current = book.state.write().unwrap_or_else(PoisonError::into_inner);
        state.generation = current.generation + 1;
        *current = Arc::new(state);
        drop(current);
        self.answers().clear();
    }

    /// Returns the view of a portfolio by name, as the command line asks for it; without a name, of the only one or the
    /// first by name.
    ///
    /// # Errors
    /// When no book is open, or there is no such portfolio.
    pub fn view(&self, portfolio: Option<&str>, as_of: Option<Date>, known_at: Option<Timestamp>) -> Result<View> {
        let state = self.state()?;
        let found = match portfolio {
            Some(name) => state.portfolio_named(name)?,
            None => state
                .portfolios
                .values()
                .min_by_key(|one| &one.portfolio.name)
                .ok_or_else(|| {
                    AppError::invalid(
                        "there is no portfolio yet; add one with `apex portfolios add NAME --currency USD`",
                    )
                })?,
        };
        Ok(View {
            portfolio: found.portfolio.id,
            as_of,
            known_at,
        })
    }

    /// Returns the day and the knowledge a view stands for.
    ///
    /// # Errors
    /// When no book is open.
    pub fn moments(&self, view: View) -> Result<Moments> {
        Ok(Moments::of(view, self.state()?.as_ref(), self.wall_day()))
    }

    /// Returns one portfolio folded and ready to be valued; the same question twice is a look-up.
    ///
    /// # Errors
    /// When no book is open or the portfolio is not in it.
    pub fn fold(&self, view: View) -> Result<Arc<PortfolioFold>> {
        let book = self.book()?;
        let state = book.state();
        let moments = Moments::of(view, &state, self.wall_day());
        if let Some(fold) = self.answers().fold(state.generation, &moments) {
            return Ok(fold);
        }
        let past = moments
            .known_at
            .map(|known_at| self.prices_known_at(&book, state.generation, known_at))
            .transpose()?;
        let fold = Arc::new(PortfolioFold::of(&state, moments, past)?);
        self.answers().remember(state.generation, fold.clone());
        Ok(fold)
    }

    /// Reads the prices known at an earlier instant. Only questions about the past come here, so they may touch a file.
    fn prices_known_at(&self, book: &Arc<OpenedBook>, generation: u64, known_at: Timestamp) -> Result<Arc<PriceBook>> {
        if let Some(prices) = self.answers().prices(generation, known_at) {
            return Ok(prices);
        }
        let prices = Arc::new(wait_for(book.store.load_price_book(Some(known_at)))??);
        self.answers().remember_prices(generation, known_at, prices.clone());
        Ok(prices)
    }

    /// Reads the preferences; the defaults where there are none.
    ///
    /// # Errors
    /// Never; the signature is that of every call.
    pub fn get_preferences(&self, _ask: GetPreferences) -> Result<Preferences, Failure> {
        Ok(self.hold_preferences())
    }

    /// Keeps the preferences. Before there is a book they are kept in memory only: a book needs an empty folder.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save_preferences(&self, ask: SavePreferences) -> Result<(), Failure> {
        // Which book is open is known here better than in a page.
        let book = self.hold_preferences().book;
        let preferences = Preferences {
            book,
            ..ask.preferences
        };
        *self.preferences.lock().unwrap_or_else(PoisonError::into_inner) = Some(preferences);
        self.write_preferences()?;
        Ok(())
    }

    /// Keeps which book is open: the name of its folder inside the data folder.
    pub(crate) fn keep_book(&self, name: &str) -> Result<()> {
        if let Some(kept) = &mut *self.preferences.lock().unwrap_or_else(PoisonError::into_inner) {
            name.clone_into(&mut kept.book);
        }
        self.write_preferences()
    }

    pub(crate) fn hold_preferences(&self) -> Preferences {
        let mut kept = self.preferences.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get_or_insert_with(|| preferences::read(&self.folder)).clone()
    }

    fn write_preferences(&self) -> Result<()> {
        let _writing = self.preferences_file.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = self.preferences.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match (kept, self.opened()) {
            (Some(kept), Opened::Book(_) | Opened::Locked) => preferences::write(&self.folder, &kept),
            _ => Ok(()),
        }
    }

    /// Changes the state in place. Remembered answers are dropped first, so that nothing large has to be copied.
    ///
    /// The change counts only when it succeeds, and must leave the state as it was when it does not.
    pub(crate) fn change<T>(&self, book: &OpenedBook, change: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        self.answers().clear();
        let mut current = book.state.write().unwrap_or_else(PoisonError::into_inner);
        let state = Arc::make_mut(&mut current);
        let changed = change(state);
        state.generation += 1;
        changed
    }

    /// Puts transactions in, looks at the outcome, and takes them out again. What is remembered stays, as nothing changes.
    pub(crate) fn try_out<T>(
        &self,
        book: &OpenedBook,
        added: &[Transaction],
        look: impl FnOnce(&State) -> T,
    ) -> Result<T> {
        let mut current = book.state.write().unwrap_or_else(PoisonError::into_inner);
        let set_aside = self.answers().set_aside();
        let state = Arc::make_mut(&mut current);
        let seen = tried(state, added, look);
        for fold in set_aside {
            let fold = Arc::new(fold.with_ledger_of(state)?);
            self.answers().remember(state.generation, fold);
        }
        seen
    }

    fn answers(&self) -> std::sync::MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists a job, so that it can be cancelled by name while it runs. One of the same name that still runs is cancelled:
    /// its question was changed.
    pub fn start_job(&self, id: JobId, job: Job) {
        let before = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).insert(id, job);
        if let Some(before) = before {
            before.cancel();
        }
    }

    /// Takes a job off the list, unless another of its name has taken its place.
    pub fn end_job(&self, id: &JobId, job: &Job) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.get(id).is_some_and(|listed| listed.is(job)) {
            jobs.remove(id);
        }
    }

    /// Asks a running job to stop; one that has ended already is left alone.
    ///
    /// # Errors
    /// Never; the signature is that of every call.
    pub fn cancel_job(&self, ask: CancelJob) -> Result<(), Failure> {
        if let Some(job) = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).get(&ask.job) {
            job.cancel();
        }
        Ok(())
    }
}

/// Waits for a question to the store on a thread of its own, as reads are answered without an executor.
fn wait_for<T: Send>(question: impl Future<Output = T> + Send) -> Result<T> {
    let defect = |what: String| AppError::Defect { sentence: what };
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime
                .map(|runtime| runtime.block_on(question))
                .map_err(|err| defect(err.to_string()))
        });
        waiting
            .join()
            .map_err(|_| defect("a read of the store stopped".to_owned()))?
    })
}

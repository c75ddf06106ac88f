//! Opening and making books, and what a page needs to know about the open one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use apex_domain::PortfolioId;
use apex_store::{
    BackupAccess, BookClock, Changes, CorporateAction, CorporateEvent, Edit, Mode, NewBook, Passphrase, Position,
    PriceBar, PriceBatch, Protection, RateBatch, RecoveryKey, Store, StoreError, Unlock,
};
use apex_wire::Failure;
use apex_wire::session::{
    AccountSummary, CreateBook, NewBook as Content, OpenBook, OpenSession, PASSPHRASE_CHARS_MIN, PortfolioSummary,
    RecoveryKeyKept, Session, Unlock as UnlockAsk,
};
use apex_wire::setup::BackUp;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use uuid::Uuid;

use crate::App;
use crate::app::{Opened, OpenedBook};
use crate::catch_up::read;
use crate::demo::{self, CorporateActionKind, DemoFirm};
use crate::error::{AppError, Result};
use crate::job::Job;
use crate::moment::Moment;
use crate::report::InitReport;
use crate::state::{Clock, Instruments, Ledger, PortfolioState, Splits, State, put_splits};

/// The label by which a demo is known, beside its seed.
const DEMO: &str = "demo";
/// What is made up in the demo; always on screen.
const SIMULATED: &str = "Demo: closes of stocks, ETFs and the index are real, the index is a price index; corporate actions, FX, bonds, options, the fund, private marks and all trades are simulated";

impl App {
    /// Says where things stand, opening the book that was open last where nothing has to be asked for.
    ///
    /// # Errors
    /// When there is a book that cannot be opened.
    pub async fn open_session(&self, _ask: OpenSession, moment: &Moment) -> Result<Session, Failure> {
        if let Opened::NotYet = self.opened() {
            self.go_where_last()?;
        }
        Ok(self.open_current(moment).await?)
    }

    /// Opens a locked book with its passphrase or its recovery key.
    ///
    /// # Errors
    /// When neither fits.
    pub async fn unlock(&self, ask: UnlockAsk, moment: &Moment) -> Result<Session, Failure> {
        let folder = self.book_folder();
        let store = open_with_secret(&folder, &ask.secret, moment)
            .await
            .map_err(AppError::from)?;
        Ok(self.take(folder, store).await?)
    }

    /// Makes the book of an empty folder and opens it.
    ///
    /// # Errors
    /// When there is something in the folder, or no keyring and no passphrase; cancelled, it leaves nothing behind.
    pub async fn create_book(&self, ask: CreateBook, moment: &Moment, job: &Job) -> Result<Session, Failure> {
        self.make(ask.content, ask.passphrase.as_deref(), demo::DEFAULT_SEED, moment, job)
            .await?;
        Ok(self.session()?)
    }

    /// Makes the book of an empty folder from a seed, for the command line.
    ///
    /// # Errors
    /// Those of [`App::create_book`].
    pub async fn init(
        &self,
        content: Content,
        passphrase: Option<&str>,
        seed: u64,
        moment: &Moment,
        job: &Job,
    ) -> Result<InitReport, Failure> {
        self.make(content, passphrase, seed, moment, job).await?;
        let book = self.book()?;
        let state = book.state();
        let recovery_key = book.recovery_key.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mode = book.store.keys().map_err(AppError::from)?.mode();
        Ok(InitReport {
            ledger_hash: self.ledger_hash().await?,
            name: state.name.clone(),
            key: if mode == Mode::Keyring { "keyring" } else { "passphrase" }.to_owned(),
            recovery_key,
            transactions: state.portfolios.values().map(|one| one.ledger.len()).sum(),
        })
    }

    async fn make(
        &self,
        content: Content,
        passphrase: Option<&str>,
        seed: u64,
        moment: &Moment,
        job: &Job,
    ) -> Result<()> {
        let _writing = self.writer.lock().await;
        job.step("making the book", 0, None)?;
        self.make_room(&content)?;
        let (about, changes) = match &content {
            Content::Demo => {
                let firm = demo::demo_firm(seed).map_err(|err| AppError::Defect {
                    sentence: err.to_string(),
                })?;
                job.step("writing the demo firm", 0, u64::try_from(firm.transactions.len()).ok())?;
                let labels = [(DEMO, "true".to_owned()), ("seed", seed.to_string())];
                let labels = labels
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect();
                let about = NewBook {
                    name: "Demo firm".to_owned(),
                    clock: BookClock::Fixed(firm.today),
                    labels,
                };
                (about, firm_changes(firm))
            }
            Content::Empty(name) => {
                let name = name.trim();
                let name = if name.is_empty() { "My book" } else { name };
                let about = NewBook {
                    name: name.to_owned(),
                    clock: BookClock::Wall,
                    labels: BTreeMap::new(),
                };
                (about, Changes::default())
            }
        };
        passphrase.map_or(Ok(()), refuse_short)?;
        let protection = self.protection(passphrase).await?;
        let folder = self.book_folder();
        let store = Store::create(&folder, &about, &protection, moment.entropy.clone(), moment.now).await?;
        let fill = async {
            store.apply(&changes, moment.now).await?;
            job.step("opening the book", 0, None)?;
            let recovery_key = store.make_recovery_key()?.reveal();
            Ok::<_, AppError>((recovery_key, read(&store).await?))
        };
        let (recovery_key, found) = match fill.await {
            Ok(filled) => filled,
            Err(err) => {
                // The folder was absent or empty before; a book that is half made must not stay in the way.
                store.close().await?;
                std::fs::remove_dir_all(&folder).map_err(|source| AppError::File {
                    action: "remove",
                    path: folder.display().to_string(),
                    source,
                })?;
                return Err(err);
            }
        };
        self.take_read(folder, store, found, Some(recovery_key)).await
    }

    async fn protection(&self, passphrase: Option<&str>) -> Result<Protection> {
        match passphrase {
            Some(text) => Ok(Protection::Passphrase {
                passphrase: Passphrase::new(text)
                    .map_err(|_| AppError::field("passphrase", "the passphrase is empty"))?,
                cost: self.kdf(),
            }),
            None => self.keyring().await.map(Protection::Keyring).map_err(|err| {
                AppError::field(
                    "passphrase",
                    format!("{err}; choose a passphrase to lock the book with"),
                )
            }),
        }
    }

    /// Takes note that the recovery key was kept, so that it is not shown again.
    ///
    /// # Errors
    /// When no book is open.
    pub fn recovery_key_kept(&self, _ask: RecoveryKeyKept) -> Result<(), Failure> {
        *self.book()?.recovery_key.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }

    /// Returns where things stand, without opening anything.
    ///
    /// # Errors
    /// When no book is open.
    pub fn session(&self) -> Result<Session> {
        let book = self.book()?;
        let state = book.state();
        let mut portfolios: Vec<PortfolioSummary> = state.portfolios.values().map(|one| summary(&state, one)).collect();
        portfolios.sort_by(|left, right| left.name.cmp(&right.name));
        let recovery_key = book.recovery_key.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Session::Open(Box::new(OpenBook {
            name: state.name.clone(),
            today: state.standing_clock().unwrap_or_else(|| self.wall_day()),
            clock_stands: state.standing_clock().is_some(),
            simulated: state.simulated.clone(),
            portfolios,
            engine: self.engine().to_owned(),
            recovery_key,
        })))
    }

    /// Reads a book whose files are open, and puts it on the desk.
    pub(crate) async fn take(&self, folder: PathBuf, store: Store) -> Result<Session> {
        let found = read(&store).await?;
        self.take_read(folder, store, found, None).await?;
        self.session()
    }

    /// Puts a book that was read on the desk.
    async fn take_read(
        &self,
        folder: PathBuf,
        store: Store,
        mut found: (State, Position),
        recovery_key: Option<String>,
    ) -> Result<()> {
        found.0.generation = self.first_generation();
        self.put_on_desk(folder, OpenedBook::new(store, found, recovery_key))
            .await
    }

    /// Returns the hash over the canonical rows of the ledger: the same facts give the same hash in every book.
    ///
    /// # Errors
    /// When no book is open, or it cannot be read.
    pub async fn ledger_hash(&self) -> Result<String, Failure> {
        Ok(self.book()?.store.ledger_hash(None).await.map_err(AppError::from)?)
    }

    /// Returns the hash over everything in the book.
    ///
    /// # Errors
    /// When no book is open, or it cannot be read.
    pub async fn state_hash(&self) -> Result<String, Failure> {
        Ok(self.book()?.store.state_hash().await.map_err(AppError::from)?)
    }

    /// Backs the book up to one encrypted file and says where it is.
    ///
    /// # Errors
    /// When no book is open or the file cannot be written.
    pub async fn back_up(&self, ask: BackUp) -> Result<String, Failure> {
        let path = ask.path.trim();
        if path.is_empty() {
            return Err(AppError::field("path", "a file is needed, such as book.apexbackup").into());
        }
        let book = self.book()?;
        book.store
            .backup(Path::new(path), &BackupAccess::AsBook)
            .await
            .map_err(AppError::from)?;
        Ok(format!(
            "backed up to {path}; the book's passphrase or recovery key opens it"
        ))
    }

    /// Makes the book of an empty folder from a backup and opens it.
    ///
    /// `secret` is the passphrase or recovery key of the backup; `passphrase` locks the new book, the keyring does
    /// where it is absent.
    ///
    /// # Errors
    /// When the folder is not empty, the secret does not fit, or the file is damaged.
    pub async fn restore(
        &self,
        file: &Path,
        secret: &str,
        passphrase: Option<&str>,
        moment: &Moment,
    ) -> Result<Session, Failure> {
        let _writing = self.writer.lock().await;
        // A backup may be older than the rule; what opens it may lock its book again.
        passphrase
            .filter(|chosen| *chosen != secret)
            .map_or(Ok(()), refuse_short)?;
        let protection = self.protection(passphrase).await?;
        let folder = self.book_folder();
        let unlock = unlock_by(secret).map_err(AppError::from)?;
        let store = apex_store::restore(file, &unlock, &folder, &protection, moment.entropy.clone())
            .await
            .map_err(AppError::from)?;
        Ok(self.take(folder, store).await?)
    }

    /// Closes the book, so that everything is in its files.
    ///
    /// # Errors
    /// When the last pages cannot be written.
    pub async fn close(&self) -> Result<(), Failure> {
        Ok(self.close_all().await?)
    }
}

/// Refuses a passphrase that is guessed too easily to lock a new book.
fn refuse_short(passphrase: &str) -> Result<()> {
    let count = passphrase.chars().count();
    if count >= PASSPHRASE_CHARS_MIN {
        return Ok(());
    }
    let characters = if count == 1 { "character" } else { "characters" };
    Err(AppError::field(
        "passphrase",
        format!(
            "the passphrase has {count} {characters} and needs at least {PASSPHRASE_CHARS_MIN}; several words are easier to keep than one"
        ),
    ))
}

/// A text that reads as a recovery key is one; anything else is a passphrase.
fn unlock_by(secret: &str) -> Result<Unlock, StoreError> {
    match secret.parse::<RecoveryKey>() {
        Ok(key) => Ok(Unlock::Recovery(key)),
        Err(_) => Passphrase::new(secret).map(Unlock::Passphrase),
    }
}

async fn open_with_secret(folder: &Path, secret: &str, moment: &Moment) -> Result<Store, StoreError> {
    Store::open(folder, &unlock_by(secret)?, moment.entropy.clone()).await
}

fn summary(state: &State, one: &PortfolioState) -> PortfolioSummary {
    let benchmark = one.portfolio.benchmark.and_then(|id| state.instruments.get(id));
    let mut accounts: Vec<AccountSummary> = one
        .accounts
        .values()
        .map(|account| AccountSummary {
            id: account.id,
            name: account.name.clone(),
            lot_method: account.lot_method,
        })
        .collect();
    accounts.sort_by(|left, right| left.name.cmp(&right.name));
    PortfolioSummary {
        id: one.portfolio.id,
        name: one.portfolio.name.clone(),
        currency: one.portfolio.currency,
        benchmark: benchmark.map(|instrument| instrument.name.clone()),
        accounts,
    }
}

/// Reads a whole book into memory: the ledger folds while the prices are still being read.
pub(crate) async fn load(store: &Store) -> Result<State> {
    let about = store.book().await?.value.about;
    let prices = async { Ok::<_, AppError>(store.load_price_book(None).await?) };
    let (documents, prices) = tokio::try_join!(load_documents(store), prices)?;
    // One after the other: the store has few readers, and a question from another thread must find one free.
    let actions = store.corporate_actions(None).await?;
    let mut splits = Splits::new();
    put_splits(&mut splits, &actions);
    let clock = match about.clock {
        BookClock::Wall => Clock::Wall,
        BookClock::Fixed(day) => Clock::Stands(day),
    };
    Ok(State {
        generation: 0,
        name: about.name,
        clock,
        simulated: about.labels.contains_key(DEMO).then(|| SIMULATED.to_owned()),
        instruments: documents.instruments,
        portfolios: documents.portfolios,
        prices: Arc::new(prices),
        splits: Arc::new(splits),
        versions: Arc::new(documents.versions),
        limits: crate::limit::load(store).await?,
    })
}

/// The documents of a book, with their ledgers folded.
struct Documents {
    instruments: Arc<Instruments>,
    portfolios: BTreeMap<PortfolioId, PortfolioState>,
    versions: FxHashMap<Uuid, u64>,
}

async fn load_documents(store: &Store) -> Result<Documents> {
    let portfolios = store.portfolios(None).await?;
    let accounts = store.accounts(None).await?;
    let instruments = store.instruments(None).await?;
    let (fx, ledger) = tokio::try_join!(store.load_fx_rates(None), store.load_ledger(None))?;
    let mut versions = FxHashMap::default();
    versions.extend(portfolios.iter().map(|one| (one.value.id.as_uuid(), one.version)));
    versions.extend(accounts.iter().map(|one| (one.value.id.as_uuid(), one.version)));
    versions.extend(instruments.iter().map(|one| (one.value.id.as_uuid(), one.version)));
    let instruments = Arc::new(Instruments::new(instruments.into_iter().map(|one| one.value))?);
    let mut states: BTreeMap<_, PortfolioState> = portfolios
        .into_iter()
        .map(|one| {
            let members = accounts
                .iter()
                .map(|account| &account.value)
                .filter(|account| account.portfolio == one.value.id);
            let accounts = members.map(|account| (account.id, account.clone())).collect();
            let portfolio = PortfolioState {
                portfolio: one.value,
                accounts: Arc::new(accounts),
                ledger: Arc::default(),
            };
            (portfolio.portfolio.id, portfolio)
        })
        .collect();
    let known = instruments.clone();
    let fold = move || {
        let mut parts: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for transaction in ledger {
            parts.entry(transaction.portfolio).or_default().push(transaction);
        }
        let mut work: Vec<(&mut PortfolioState, Vec<_>)> = states
            .iter_mut()
            .map(|(id, state)| (state, parts.remove(id).unwrap_or_default()))
            .collect();
        work.par_iter_mut().for_each(|(state, rows)| {
            let reference = state.reference(&known, &fx);
            state.ledger = Arc::new(Ledger::new(reference, std::mem::take(rows), None));
        });
        states
    };
    let folded = tokio::task::spawn_blocking(fold).await;
    let portfolios = folded.map_err(|err| AppError::Defect {
        sentence: format!("the fold stopped: {err}"),
    })?;
    Ok(Documents {
        instruments,
        portfolios,
        versions,
    })
}

/// Returns what has to be written for a made-up firm.
pub fn firm_changes(firm: DemoFirm) -> Changes {
    let founded = firm.founded;
    // The files take a reversal only after its original, and a correction may sort before it in the order of the book.
    let (reversals, mut transactions): (Vec<_>, Vec<_>) =
        firm.transactions.into_iter().partition(|row| row.reverses.is_some());
    transactions.extend(reversals);
    let currency_of: BTreeMap<_, _> = firm.instruments.iter().map(|one| (one.id, one.currency)).collect();
    let actions = firm
        .actions
        .iter()
        .filter_map(|action| {
            let event = match &action.kind {
                CorporateActionKind::Split { ratio } => CorporateEvent::Split { ratio: *ratio },
                CorporateActionKind::Dividend { amount } => CorporateEvent::Dividend {
                    amount: *amount,
                    currency: *currency_of.get(&action.instrument)?,
                    pay_date: None,
                },
                // What a spin-off hands out is paid in shares; for the price of the old share it counts as a payment.
                CorporateActionKind::SpinOff { value, .. } => CorporateEvent::Dividend {
                    amount: *value,
                    currency: *currency_of.get(&action.instrument)?,
                    pay_date: None,
                },
            };
            Some(CorporateAction {
                instrument: action.instrument,
                ex_date: action.ex_date,
                event,
                source: "demo (simulated)".to_owned(),
                withdrawn: false,
                known_at: founded,
            })
        })
        .collect();
    let prices = firm.prices.into_iter().map(|history| PriceBatch {
        instrument: history.instrument,
        source: history.source,
        known_at: founded,
        bars: history
            .closes
            .into_iter()
            .map(|(date, close)| PriceBar::close(date, close))
            .collect(),
        withdrawn: Vec::new(),
    });
    let rates = firm.fx.into_iter().map(|history| RateBatch {
        base: history.from,
        target: history.to,
        source: history.source,
        known_at: founded,
        rates: history.rates,
        withdrawn: Vec::new(),
    });
    Changes {
        instruments: firm.instruments.into_iter().map(Edit::new).collect(),
        portfolios: firm.portfolios.into_iter().map(Edit::new).collect(),
        accounts: firm.accounts.into_iter().map(Edit::new).collect(),
        actions,
        prices: prices.collect(),
        rates: rates.collect(),
        transactions,
        import: None,
    }
}

//! What is on the desk: the open book, the page, the view, what is being explained, jobs and messages.
//!
//! One [`Desk`] of signals is shared by every component. Nothing here computes a figure.

use std::{collections::BTreeMap, rc::Rc};

use apex_domain::{AccountId, Date, InstrumentId, PortfolioId, Timestamp};
use apex_wire::{
    Call, Code, Failure, View,
    alert::Alerts,
    explain::FigureName,
    feeds::Source,
    job::{CancelJob, JobId, Progress},
    preferences::{Preferences, SavePreferences},
    quotes::LivePortfolio,
    scenario::ScenarioEntry,
    session::{OpenBook, PortfolioSummary, Session},
    transactions::TransactionRow,
};
use dioxus::{core::spawn_forever, prelude::*};

use crate::{answers::Answers, browser, invoke};

/// A page of the workstation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Page {
    #[default]
    Overview,
    Holdings,
    WhatIf,
    Transactions,
    Performance,
    Attribution,
    Risk,
    Scenarios,
    Optimizer,
    Backtests,
    Cash,
    Markets,
    Data,
    Setup,
    Check,
    Gallery,
}

impl Page {
    /// The pages in the order of the navigation; the gallery is reached by the palette only, and in debug builds only.
    pub(crate) const ALL: [Self; 16] = [
        Self::Overview,
        Self::Holdings,
        Self::WhatIf,
        Self::Transactions,
        Self::Performance,
        Self::Attribution,
        Self::Risk,
        Self::Scenarios,
        Self::Optimizer,
        Self::Backtests,
        Self::Cash,
        Self::Markets,
        Self::Data,
        Self::Setup,
        Self::Check,
        Self::Gallery,
    ];

    /// Returns the name used in test ids, preferences and actions.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Holdings => "holdings",
            Self::WhatIf => "what-if",
            Self::Transactions => "transactions",
            Self::Performance => "performance",
            Self::Attribution => "attribution",
            Self::Risk => "risk",
            Self::Scenarios => "scenarios",
            Self::Optimizer => "optimizer",
            Self::Backtests => "backtests",
            Self::Cash => "cash",
            Self::Markets => "markets",
            Self::Data => "data",
            Self::Setup => "setup",
            Self::Check => "check",
            Self::Gallery => "gallery",
        }
    }

    /// Returns the title as people read it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Holdings => "Holdings",
            Self::WhatIf => "What-if",
            Self::Transactions => "Transactions",
            Self::Performance => "Performance",
            Self::Attribution => "Attribution",
            Self::Risk => "Risk",
            Self::Scenarios => "Scenario lab",
            Self::Optimizer => "Optimizer",
            Self::Backtests => "Backtests",
            Self::Cash => "Cash",
            Self::Markets => "Markets",
            Self::Data => "Data",
            Self::Setup => "Setup",
            Self::Check => "Check",
            Self::Gallery => "Gallery",
        }
    }

    /// Returns the page of a name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|page| page.name() == name && page.is_offered())
    }

    /// Returns whether this build leads to the page: the amounts of the gallery are made up, which is for developers.
    pub(crate) fn is_offered(self) -> bool {
        self != Self::Gallery || cfg!(debug_assertions)
    }
}

/// What lies over the page and has the keyboard.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Overlay {
    Palette,
    Help,
    Preferences,
    AddTransaction {
        symbol: String,
    },
    Reverse(Vec<TransactionRow>),
    /// A scenario to build, or one of the book to change.
    Scenario(Box<ScenarioEntry>),
    /// The edits of the What-if page are kept under a name.
    KeepProposal,
    /// Symbols to put on a watchlist.
    WatchSymbol {
        watchlist: String,
    },
    /// A watchlist to make.
    NewWatchlist,
    /// An alert to make, for a symbol.
    NewAlert {
        symbol: String,
    },
    Import,
}

/// What the inspector shows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Inspected {
    /// Where a figure comes from.
    Figure(FigureName),
    /// The lots and gains of a holding.
    Holding(HoldingSubject),
    /// Everything about a row of the ledger.
    Transaction(Box<TransactionRow>),
}

/// The holding that the inspector is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HoldingSubject {
    pub(crate) instrument: Option<InstrumentId>,
    pub(crate) account: AccountId,
    pub(crate) symbol: String,
    pub(crate) name: String,
    pub(crate) account_name: String,
}

/// A job that runs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunningJob {
    pub(crate) id: JobId,
    pub(crate) title: String,
    pub(crate) progress: Option<Progress>,
    pub(crate) cancelling: bool,
}

/// A short message that goes away by itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Toast {
    pub(crate) id: u64,
    pub(crate) text: String,
    pub(crate) failed: bool,
}

/// Everything that components share.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Desk {
    /// Where things stand; none until the first answer.
    pub(crate) session: Signal<Option<Result<Session, Failure>>>,
    pub(crate) page: Signal<Page>,
    pub(crate) portfolio: Signal<Option<PortfolioId>>,
    pub(crate) as_of: Signal<Option<Date>>,
    pub(crate) known_at: Signal<Option<Timestamp>>,
    /// Counts writes: answers of an older version are shown only until the new one arrives.
    pub(crate) version: Signal<u64>,
    pub(crate) preferences: Signal<Preferences>,
    pub(crate) inspected: Signal<Vec<Inspected>>,
    pub(crate) inspector_open: Signal<bool>,
    pub(crate) overlay: Signal<Option<Overlay>>,
    pub(crate) jobs: Signal<Vec<RunningJob>>,
    pub(crate) toasts: Signal<Vec<Toast>>,
    pub(crate) last_ms: Signal<Option<f64>>,
    pub(crate) pending: Signal<usize>,
    /// How many data alerts the view has, where its Overview was asked.
    pub(crate) alerts: Signal<Option<(View, usize)>>,
    /// Where market data comes from, as it stood a moment ago.
    pub(crate) sources: Signal<Option<Result<Vec<Source>, Failure>>>,
    /// The portfolio at the latest prices heard, where there are any for the present.
    pub(crate) live: Signal<Option<(View, Rc<LivePortfolio>)>>,
    /// The alerts on prices and what has fired, as it stood a moment ago.
    pub(crate) watched: Signal<Option<Result<Rc<Alerts>, Failure>>>,
    /// The page that was asked for a symbol, as `AAPL holdings` in the palette asks, until that page takes it.
    pub(crate) subject: Signal<Option<(Page, String)>>,
    pub(crate) answers: CopyValue<Answers>,
    counter: CopyValue<u64>,
}

impl Desk {
    /// Makes an empty desk. Call it once, in the root component.
    pub(crate) fn new() -> Self {
        Self {
            session: Signal::new(None),
            page: Signal::new(Page::Overview),
            portfolio: Signal::new(None),
            as_of: Signal::new(None),
            known_at: Signal::new(None),
            version: Signal::new(0),
            preferences: Signal::new(Preferences::default()),
            inspected: Signal::new(Vec::new()),
            inspector_open: Signal::new(false),
            overlay: Signal::new(None),
            jobs: Signal::new(Vec::new()),
            toasts: Signal::new(Vec::new()),
            last_ms: Signal::new(None),
            pending: Signal::new(0),
            alerts: Signal::new(None),
            sources: Signal::new(None),
            live: Signal::new(None),
            watched: Signal::new(None),
            subject: Signal::new(None),
            answers: CopyValue::new(Answers::default()),
            counter: CopyValue::new(0),
        }
    }

    /// Returns the view that pages ask about; none while the book has no portfolio.
    pub(crate) fn view(self) -> Option<View> {
        let portfolio = (self.portfolio)()?;
        Some(View {
            portfolio,
            as_of: (self.as_of)(),
            known_at: (self.known_at)(),
        })
    }

    /// Returns how many alerts have fired that nobody has seen.
    pub(crate) fn alerts_unseen(self) -> usize {
        match &*self.watched.read() {
            Some(Ok(alerts)) => alerts.unseen,
            _ => 0,
        }
    }

    /// Returns the open book.
    pub(crate) fn book(self) -> Option<OpenBook> {
        match &*self.session.read() {
            Some(Ok(Session::Open(book))) => Some((**book).clone()),
            _ => None,
        }
    }

    /// Returns the day that a form begins with, without listening to it: the one looked at, else the book's.
    pub(crate) fn day_text(self) -> String {
        let day = self.as_of.peek().or_else(|| self.book().map(|book| book.today));
        day.map(|day| day.to_string()).unwrap_or_default()
    }

    /// Returns the portfolio on the desk.
    pub(crate) fn portfolio_summary(self) -> Option<PortfolioSummary> {
        let wanted = (self.portfolio)()?;
        self.book()?
            .portfolios
            .into_iter()
            .find(|portfolio| portfolio.id == wanted)
    }

    /// Takes a new session: keeps the portfolio where it still exists, else opens the one last open, else the first.
    pub(crate) fn take_session(mut self, session: Result<Session, Failure>) {
        if let Ok(Session::Open(book)) = &session {
            let current = *self.portfolio.peek();
            if !book.portfolios.iter().any(|portfolio| Some(portfolio.id) == current) {
                let last = self.preferences.peek().portfolio.clone();
                let portfolio = book.portfolios.iter().find(|portfolio| portfolio.name == last);
                self.portfolio
                    .set(portfolio.or(book.portfolios.first()).map(|portfolio| portfolio.id));
            }
        }
        if self.session.peek().as_ref() != Some(&session) {
            self.session.set(Some(session));
        }
    }

    /// Takes the session of another book: nothing of the old one stays on the desk.
    pub(crate) fn take_other_book(mut self, session: Session) {
        self.answers.write().clear();
        self.portfolio.set(None);
        self.as_of.set(None);
        self.known_at.set(None);
        self.inspected.write().clear();
        self.inspector_open.set(false);
        self.subject.set(None);
        self.sources.set(None);
        self.live.set(None);
        self.watched.set(None);
        self.take_session(Ok(session));
        self.wrote();
    }

    /// Opens a page. What another page was asked for and did not take is forgotten, and so is the explanation of a
    /// figure that stood on the page before; a holding and a transaction are the same on every page.
    pub(crate) fn go(mut self, page: Page) {
        if self.subject.peek().as_ref().is_some_and(|(asked, _)| *asked != page) {
            self.subject.set(None);
        }
        if *self.page.peek() != page {
            if matches!(self.inspected.peek().first(), Some(Inspected::Figure(_))) {
                self.inspected.write().clear();
                self.inspector_open.set(false);
            }
            self.page.set(page);
            self.remember(|preferences| preferences.page = page.name().to_owned());
        }
    }

    /// Opens a page at a symbol.
    pub(crate) fn go_to(mut self, page: Page, symbol: impl Into<String>) {
        self.subject.set(Some((page, symbol.into())));
        self.go(page);
    }

    /// Returns the symbol that a page was asked for, and listens to it; it is handed out once.
    pub(crate) fn take_subject(mut self, page: Page) -> Option<String> {
        let (_, symbol) = self.subject.read().clone().filter(|(asked, _)| *asked == page)?;
        self.subject.set(None);
        Some(symbol)
    }

    /// Returns whether a page was asked for a symbol that it has not yet taken, and listens to that.
    pub(crate) fn has_subject(self, page: Page) -> bool {
        self.subject.read().as_ref().is_some_and(|(asked, _)| *asked == page)
    }

    /// Returns the symbol that a page was asked for, without taking it or listening to it.
    pub(crate) fn subject_of(self, page: Page) -> Option<String> {
        let asked = self.subject.peek().clone().filter(|(asked, _)| *asked == page);
        asked.map(|(_, symbol)| symbol)
    }

    /// Opens a portfolio.
    pub(crate) fn open_portfolio(mut self, id: PortfolioId) {
        if *self.portfolio.peek() == Some(id) {
            return;
        }
        self.portfolio.set(Some(id));
        self.inspected.write().clear();
        self.inspector_open.set(false);
        if let Some(portfolio) = self.portfolio_summary() {
            self.remember(|preferences| preferences.portfolio = portfolio.name);
        }
    }

    /// Shows something in the inspector, in place of what it showed.
    pub(crate) fn inspect(mut self, subject: Inspected) {
        self.inspected.set(vec![subject]);
        self.inspector_open.set(true);
    }

    /// Goes one step deeper in the inspector.
    pub(crate) fn drill(mut self, subject: Inspected) {
        self.inspected.write().push(subject);
        self.inspector_open.set(true);
    }

    /// Follows the focus: changes what an open inspector shows, and does not open a closed one.
    pub(crate) fn follow(mut self, subject: Inspected) {
        if self.inspected.peek().as_slice() != std::slice::from_ref(&subject) {
            self.inspected.set(vec![subject]);
        }
    }

    /// Steps out of the innermost thing that is open, and says whether there was one.
    pub(crate) fn step_out(mut self) -> bool {
        if self.overlay.peek().is_some() {
            self.overlay.set(None);
        } else if browser::is_typing() {
            browser::blur();
            browser::focus("[data-grid]");
        } else if self.inspected.peek().len() > 1 {
            self.inspected.write().pop();
        } else if *self.inspector_open.peek() {
            self.inspector_open.set(false);
        } else {
            return false;
        }
        true
    }

    /// Says that the book was changed, so that every answer on screen is asked for again.
    pub(crate) fn wrote(mut self) {
        *self.version.write() += 1;
    }

    /// Shows a short message.
    pub(crate) fn say(self, text: impl Into<String>) {
        self.toast(text.into(), false);
    }

    /// Shows a failure, unless it was the person's own cancel.
    pub(crate) fn fail(self, failure: &Failure) {
        if failure.code == Code::Cancelled {
            self.toast("Cancelled, nothing was changed".to_owned(), false);
        } else {
            self.toast(sentence(&failure.sentence), true);
        }
    }

    fn toast(mut self, text: String, failed: bool) {
        let id = self.next();
        self.toasts.write().push(Toast { id, text, failed });
        let life_ms = if failed { 9_000 } else { 4_000 };
        spawn_forever(async move {
            gloo_timers::future::TimeoutFuture::new(life_ms).await;
            self.toasts.write().retain(|toast| toast.id != id);
        });
    }

    /// Sends a call that changes something and says so to everything on screen.
    pub(crate) async fn write<C: Call>(self, call: C) -> Result<C::Reply, Failure> {
        let reply = self.timed(invoke::invoke(&call)).await;
        if reply.is_ok() {
            self.wrote();
        }
        reply
    }

    /// Sends the call that removes what has this name, and says that it is removed, or why not.
    pub(crate) fn remove<C: Call>(self, name: String, call: C) {
        spawn_forever(async move {
            match self.write(call).await {
                Ok(_) => self.say(format!("{name} is removed")),
                Err(failure) => self.fail(&failure),
            }
        });
    }

    /// Runs a job: its progress stands in the status bar, where it can be cancelled.
    pub(crate) async fn run<C: Call>(mut self, title: &str, id: JobId, call: C) -> Result<C::Reply, Failure> {
        let job = RunningJob {
            id: id.clone(),
            title: title.to_owned(),
            progress: None,
            cancelling: false,
        };
        self.jobs.write().push(job);
        let watched = id.clone();
        let heard = Callback::new(move |progress: Progress| {
            if let Some(job) = self.jobs.write().iter_mut().find(|job| job.id == watched) {
                job.progress = Some(progress);
            }
        });
        let reply = invoke::invoke_job(&call, move |progress| heard.call(progress)).await;
        self.jobs.write().retain(|job| job.id != id);
        reply
    }

    /// Asks a job to stop.
    pub(crate) fn cancel(mut self, id: JobId) {
        if let Some(job) = self.jobs.write().iter_mut().find(|job| job.id == id) {
            job.cancelling = true;
        }
        spawn_forever(async move {
            if let Err(failure) = invoke::invoke(&CancelJob { job: id }).await {
                self.fail(&failure);
            }
        });
    }

    /// Returns a name for a new job.
    pub(crate) fn new_job(self, kind: &str) -> JobId {
        JobId(format!("{kind}-{}", self.next()))
    }

    /// Waits for an answer, counting it as pending and keeping how long it took.
    pub(crate) async fn timed<T>(mut self, answer: impl Future<Output = T>) -> T {
        let _waiting = Waiting::new(self.pending);
        let began = browser::now_ms();
        let answer = answer.await;
        self.last_ms.set(Some(browser::now_ms() - began));
        answer
    }

    /// Changes the preferences and keeps them.
    pub(crate) fn remember(mut self, change: impl FnOnce(&mut Preferences)) {
        let mut preferences = self.preferences.peek().clone();
        change(&mut preferences);
        if preferences == *self.preferences.peek() {
            return;
        }
        self.preferences.set(preferences.clone());
        spawn_forever(async move {
            if let Err(failure) = invoke::invoke(&SavePreferences { preferences }).await {
                self.fail(&failure);
            }
        });
    }

    /// Returns what a page keeps under a name, without listening to changes.
    pub(crate) fn kept(self, name: &str) -> Option<String> {
        self.preferences.peek().pages.get(name).cloned()
    }

    /// Keeps something for a page.
    pub(crate) fn keep(self, name: &str, value: String) {
        self.remember(|preferences: &mut Preferences| {
            let pages: &mut BTreeMap<String, String> = &mut preferences.pages;
            pages.insert(name.to_owned(), value);
        });
    }

    /// Returns `light` or `dark`, whatever the preference says about following the system.
    pub(crate) fn theme(self) -> &'static str {
        match self.preferences.read().theme.as_str() {
            "light" => "light",
            "dark" => "dark",
            _ if browser::system_is_dark() => "dark",
            _ => "light",
        }
    }

    fn next(mut self) -> u64 {
        let next = *self.counter.peek() + 1;
        self.counter.set(next);
        next
    }
}

/// Counts one pending answer for as long as it lives, also when nobody waits for it any more.
struct Waiting(Signal<usize>);

impl Waiting {
    fn new(mut pending: Signal<usize>) -> Self {
        *pending.write() += 1;
        Self(pending)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Ok(mut pending) = self.0.try_write() {
            *pending -= 1;
        }
    }
}

/// Sets a signal whose component may be gone by the time an answer arrives.
pub(crate) fn set_if_there<T: 'static>(mut signal: Signal<T>, value: T) {
    if let Ok(mut there) = signal.try_write() {
        *there = value;
    }
}

/// Returns the desk.
pub(crate) fn use_desk() -> Desk {
    use_context()
}

/// Returns an engine's sentence as a line of its own: with a capital.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl HoldingSubject {
    /// Returns the subject of a row of the holdings grid.
    pub(crate) fn of(row: &apex_wire::holdings::HoldingRow) -> Self {
        Self {
            instrument: row.instrument,
            account: row.account,
            symbol: row.symbol.clone(),
            name: row.name.clone(),
            account_name: row.account_name.clone(),
        }
    }
}

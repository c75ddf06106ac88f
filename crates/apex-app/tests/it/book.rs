//! A person's own book through the whole path: typed, written to the encrypted files, read back, and valued.

mod files;
mod forms;
mod gains;
mod prices;
mod splits;
mod totals;

use apex_app::{App, Job, Moment};
use apex_domain::{Date, Decimal, Timestamp};
use apex_store::Entropy;
use apex_wire::holdings::{GridRow, HoldingRow};
use apex_wire::job::JobId;
use apex_wire::session::{CreateBook, NewBook, OpenSession, Session, Unlock};
use apex_wire::setup::{EnterFx, EnterPrice, InstrumentDraft, SaveAccount, SaveInstrument, SavePortfolio};
use apex_wire::transactions::{AddTransaction, Effect, TransactionDraft};
use apex_wire::{Code, Failure, Figure, View};

use crate::desk::{app, entropy, grid};

const PASSPHRASE: &str = "correct horse battery staple";

/// One desk with its own data folder and a clock that steps a second with every act.
struct Desk {
    app: App,
    folder: tempfile::TempDir,
    seconds: std::cell::Cell<i64>,
    entropy: Entropy,
}

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let desk = Self {
            app: app(folder.path()),
            folder,
            seconds: std::cell::Cell::new(1_767_600_000),
            entropy: entropy(7),
        };
        let ask = CreateBook {
            job: JobId("create".into()),
            content: NewBook::Empty("Mine".into()),
            passphrase: Some(PASSPHRASE.into()),
        };
        let session = desk
            .app
            .create_book(ask, &desk.now(), &Job::unwatched())
            .await
            .expect("a book");
        assert!(matches!(session, Session::Open(book) if book.recovery_key.is_some() && book.portfolios.is_empty()));
        desk
    }

    fn now(&self) -> Moment {
        self.seconds.set(self.seconds.get() + 1);
        let now = Timestamp::from_second(self.seconds.get()).expect("in range");
        Moment::new(now, self.entropy.clone())
    }

    async fn reopened(self) -> Self {
        self.app.close().await.expect("closed");
        let Self {
            folder,
            seconds,
            entropy,
            ..
        } = self;
        let desk = Self {
            app: app(folder.path()),
            folder,
            seconds,
            entropy,
        };
        let session = desk
            .app
            .open_session(OpenSession {}, &desk.now())
            .await
            .expect("a session");
        assert_eq!(session, Session::Locked);
        let wrong = desk
            .app
            .unlock(Unlock { secret: "guess".into() }, &desk.now())
            .await
            .expect_err("a wrong passphrase");
        assert_eq!(wrong.code, Code::WrongKey);
        desk.app
            .unlock(
                Unlock {
                    secret: PASSPHRASE.into(),
                },
                &desk.now(),
            )
            .await
            .expect("unlocked");
        desk
    }

    async fn portfolio(&self, name: &str, currency: &str, lots: &str) -> View {
        let ask = SavePortfolio {
            id: None,
            name: name.into(),
            currency: currency.into(),
            benchmark: String::new(),
        };
        self.app.save_portfolio(ask, &self.now()).await.expect("a portfolio");
        let view = self.app.view(Some(name), None, None).expect("it is there");
        let ask = SaveAccount {
            id: None,
            portfolio: view.portfolio,
            name: "Main".into(),
            lot_method: lots.into(),
        };
        self.app.save_account(ask, &self.now()).await.expect("an account");
        view
    }

    async fn equity(&self, symbol: &str, currency: &str, sector: &str) {
        let draft = InstrumentDraft {
            symbol: symbol.into(),
            kind: "equity".into(),
            currency: currency.into(),
            sector: sector.into(),
            ..InstrumentDraft::default()
        };
        let ask = SaveInstrument {
            id: None,
            draft,
            symbol_from: String::new(),
        };
        self.app.save_instrument(ask, &self.now()).await.expect("an instrument");
    }

    async fn price(&self, symbol: &str, day: &str, price: &str) {
        let ask = EnterPrice {
            symbol: symbol.into(),
            date: day.into(),
            price: price.into(),
        };
        self.app.enter_price(ask, &self.now()).await.expect("a price");
    }

    async fn fx(&self, from: &str, to: &str, day: &str, rate: &str) {
        let ask = EnterFx {
            from: from.into(),
            to: to.into(),
            date: day.into(),
            rate: rate.into(),
        };
        self.app.enter_fx(ask, &self.now()).await.expect("a rate");
    }

    /// Adds a line such as `2026-01-05 buy ACME 10 @ 90.00`; amounts without an instrument as `deposit - 1000`.
    async fn add(&self, view: View, line: &str) -> Result<Effect, Failure> {
        self.app
            .add_transaction(
                AddTransaction {
                    view,
                    draft: draft(line),
                    preview: false,
                },
                &self.now(),
            )
            .await
    }

    async fn ledger(&self, view: View, lines: &str) {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.add(view, line).await.unwrap_or_else(|err| panic!("{line}: {err}"));
        }
    }

    fn holdings(&self, view: View) -> Vec<HoldingRow> {
        let window = self.app.get_holdings(grid(view)).expect("holdings");
        let rows = window.rows.into_iter();
        rows.filter_map(|row| {
            if let GridRow::Holding(row) = row {
                Some(*row)
            } else {
                None
            }
        })
        .collect()
    }

    fn nav(&self, view: View) -> Figure<Decimal> {
        self.app.get_holdings(grid(view)).expect("holdings").nav
    }
}

fn draft(line: &str) -> TransactionDraft {
    let mut words = line.split_whitespace();
    let mut next = || words.next().unwrap_or_default().to_owned();
    let (date, kind, symbol, quantity) = (next(), next(), next(), next());
    let mut draft = TransactionDraft {
        date,
        kind,
        symbol: if symbol == "-" { String::new() } else { symbol },
        quantity,
        ..TransactionDraft::default()
    };
    while let Some(word) = words.next() {
        let value = words.next().unwrap_or_default().to_owned();
        match word {
            "@" => draft.price = value,
            "fees" => draft.fees = value,
            "settle" => draft.settle = value,
            "fx" => draft.fx_rate = value,
            "in" => draft.currency = value,
            "lot" => draft.lot = value,
            "ratio" => draft.ratio = value,
            other => panic!("unknown word {other}"),
        }
    }
    draft
}

fn known(figure: &Figure<Decimal>) -> String {
    match figure {
        Figure::Known(value) => value.normalize().to_string(),
        Figure::Unavailable(because) => format!("-- {because}"),
    }
}

#[tokio::test]
async fn preferences_kept_many_times_at_once_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = crate::desk::created(folder.path(), apex_wire::session::NewBook::Empty("Small".into())).await;
    std::thread::scope(|scope| {
        for number in 0..16 {
            let app = &app;
            scope.spawn(move || {
                for _ in 0..8 {
                    let mut preferences = apex_wire::preferences::Preferences::default();
                    preferences.pages.insert("risk.window".into(), number.to_string());
                    app.save_preferences(apex_wire::preferences::SavePreferences { preferences })
                        .expect("kept");
                }
            });
        }
    });
    let kept = app
        .get_preferences(apex_wire::preferences::GetPreferences {})
        .expect("preferences");
    assert!(kept.pages.contains_key("risk.window"));
}

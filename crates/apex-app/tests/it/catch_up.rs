//! Two programs with the same book open: each works with what the other has written.

use std::path::Path;

use apex_app::{App, Moment};
use apex_wire::Failure;
use apex_wire::overview::GetOverview;
use apex_wire::session::{CatchUp, NewBook, OpenSession, Session, Unlock};
use apex_wire::setup::{SaveAccount, SavePortfolio};
use apex_wire::transactions::{AddTransaction, Effect, TransactionDraft};

use crate::desk::{app, created, moment};

/// A second program on the book of the first.
async fn beside(folder: &Path) -> App {
    let other = app(folder);
    let session = other.open_session(OpenSession {}, &moment(2)).await.expect("a book");
    assert!(matches!(session, Session::Locked));
    let secret = "open sesame".to_owned();
    other.unlock(Unlock { secret }, &moment(2)).await.expect("it opens");
    other
}

async fn add(app: &App, kind: &str, amount: &str, preview: bool, moment: &Moment) -> Result<Effect, Failure> {
    let draft = TransactionDraft {
        kind: kind.to_owned(),
        quantity: amount.to_owned(),
        date: "2026-03-02".to_owned(),
        ..TransactionDraft::default()
    };
    let view = app.view(Some("Core"), None, None).expect("a portfolio");
    app.add_transaction(AddTransaction { view, draft, preview }, moment)
        .await
}

fn nav(app: &App) -> String {
    let view = app.view(Some("Core"), None, None).expect("a portfolio");
    let overview = app.get_overview(GetOverview { view }).expect("an answer");
    overview.nav.known().expect("a value").normalize().to_string()
}

fn known(effect: &Effect) -> (String, String) {
    let text = |amount: &apex_wire::Amount| amount.known().expect("a value").normalize().to_string();
    (text(&effect.nav_before), text(&effect.nav_after))
}

async fn readings(app: &App) -> u64 {
    app.catch_up(CatchUp {}).await.expect("an answer")
}

async fn with_portfolio(folder: &Path) -> App {
    let app = created(folder, NewBook::Empty("Mine".into())).await;
    let ask = SavePortfolio {
        id: None,
        name: "Core".into(),
        currency: "USD".into(),
        benchmark: String::new(),
    };
    let session = app.save_portfolio(ask, &moment(2)).await.expect("a portfolio");
    let Session::Open(book) = session else {
        panic!("the book is open");
    };
    let ask = SaveAccount {
        id: None,
        portfolio: book.portfolios[0].id,
        name: "Main".into(),
        lot_method: "fifo".into(),
    };
    app.save_account(ask, &moment(3)).await.expect("an account");
    app
}

#[tokio::test]
async fn a_reader_sees_what_another_program_wrote_once_it_asks() {
    let folder = tempfile::tempdir().expect("a folder");
    let window = with_portfolio(folder.path()).await;
    let command = beside(folder.path()).await;
    add(&window, "deposit", "100", false, &moment(10)).await.expect("added");
    assert_eq!(readings(&window).await, 0, "its own writes are known to it");
    add(&command, "deposit", "1000", false, &moment(11))
        .await
        .expect("added");
    assert_eq!(nav(&command), "1100", "a writer reads what was there first");
    assert_eq!(nav(&window), "100", "nobody has asked yet");
    assert_eq!(readings(&window).await, 1);
    assert_eq!(nav(&window), "1100");
    assert_eq!(readings(&window).await, 1, "nothing has happened since");
}

#[tokio::test]
async fn a_writer_begins_with_what_another_program_wrote() {
    let folder = tempfile::tempdir().expect("a folder");
    let window = with_portfolio(folder.path()).await;
    let command = beside(folder.path()).await;
    add(&command, "deposit", "1000", false, &moment(11))
        .await
        .expect("added");
    let effect = add(&window, "deposit", "5", true, &moment(12))
        .await
        .expect("a preview");
    assert_eq!(known(&effect), ("1000".to_owned(), "1005".to_owned()));
    add(&command, "withdrawal", "300", false, &moment(13))
        .await
        .expect("added");
    let effect = add(&window, "deposit", "5", false, &moment(14)).await.expect("added");
    assert_eq!(known(&effect), ("700".to_owned(), "705".to_owned()));
    let hash = window.ledger_hash().await.expect("a hash");
    assert_eq!(readings(&command).await, 1);
    assert_eq!(nav(&command), "705");
    assert_eq!(command.ledger_hash().await.expect("a hash"), hash);
}

#[tokio::test]
async fn two_programs_that_write_at_once_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let window = with_portfolio(folder.path()).await;
    let command = beside(folder.path()).await;
    let deposits = async |app: &App, first: i64| {
        for second in first..first + 10 {
            add(app, "deposit", "7", false, &moment(second)).await.expect("added");
        }
    };
    tokio::join!(deposits(&window, 100), deposits(&command, 200));
    readings(&window).await;
    readings(&command).await;
    assert_eq!((nav(&window), nav(&command)), ("140".to_owned(), "140".to_owned()));
    assert_eq!(
        window.state_hash().await.expect("a hash"),
        command.state_hash().await.expect("a hash")
    );
}

#[tokio::test]
async fn an_account_that_another_program_made_can_be_used_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let window = with_portfolio(folder.path()).await;
    let command = beside(folder.path()).await;
    let ask = SavePortfolio {
        id: None,
        name: "Second".into(),
        currency: "EUR".into(),
        benchmark: String::new(),
    };
    command.save_portfolio(ask, &moment(20)).await.expect("a portfolio");
    let view = command.view(Some("Second"), None, None).expect("a portfolio");
    let ask = SaveAccount {
        id: None,
        portfolio: view.portfolio,
        name: "Main".into(),
        lot_method: "fifo".into(),
    };
    window.save_account(ask, &moment(21)).await.expect("an account");
    assert_eq!(readings(&command).await, 1);
    let Ok(Session::Open(book)) = command.session() else {
        panic!("the book is open");
    };
    assert_eq!(book.portfolios[1].accounts.len(), 1);
}

#[tokio::test]
async fn looking_at_a_book_changes_nothing_for_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let window = with_portfolio(folder.path()).await;
    let command = beside(folder.path()).await;
    add(&window, "deposit", "100", false, &moment(10)).await.expect("added");
    add(&command, "deposit", "1", true, &moment(11))
        .await
        .expect("a preview");
    command.close().await.expect("it closes");
    assert_eq!(readings(&window).await, 0);
}

#[tokio::test]
async fn there_is_nothing_to_catch_up_with_before_a_book_is_open() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(readings(&app(folder.path())).await, 0);
}

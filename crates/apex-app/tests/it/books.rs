//! Switching between the demo firm and one's own book: every way there, and every way back.

use std::sync::Arc;

use apex_app::{App, Job};
use apex_store::Keyring;
use apex_wire::import::ImportKind;
use apex_wire::job::JobId;
use apex_wire::preferences::{GetPreferences, Preferences, SavePreferences};
use apex_wire::session::{BookKind, CreateBook, GetOtherBook, NewBook, OpenSession, Session, SwitchBook, Unlock};
use apex_wire::{Code, Failure};

use crate::desk::{app, import_of, moment};

/// What a person sees: the name of the open book, `locked`, `first run`, or the refusal.
fn seen(answer: Result<Session, Failure>) -> String {
    match answer {
        Ok(Session::Open(book)) => book.name,
        Ok(Session::Locked) => "locked".to_owned(),
        Ok(Session::FirstRun { .. }) => "first run".to_owned(),
        Err(failure) => format!("refused: {}", failure.sentence),
    }
}

async fn create(app: &App, content: NewBook, passphrase: Option<&str>) -> String {
    let ask = CreateBook {
        job: JobId("create".into()),
        content,
        passphrase: passphrase.map(str::to_owned),
    };
    seen(app.create_book(ask, &moment(1), &Job::unwatched()).await)
}

async fn create_own(app: &App) -> String {
    create(app, NewBook::Empty("Mine".into()), Some("own passphrase")).await
}

async fn create_demo(app: &App) -> String {
    create(app, NewBook::Demo, Some("demo passphrase")).await
}

async fn start(app: &App) -> String {
    seen(app.open_session(OpenSession {}, &moment(1)).await)
}

async fn switch(app: &App, kind: BookKind) -> String {
    let ask = SwitchBook {
        demo: kind == BookKind::Demo,
    };
    seen(app.switch_book(ask, &moment(1)).await)
}

async fn unlock(app: &App, secret: &str) -> String {
    let secret = secret.to_owned();
    seen(app.unlock(Unlock { secret }, &moment(1)).await)
}

fn other(app: &App) -> Option<BookKind> {
    app.get_other_book(GetOtherBook {}).expect("an answer")
}

/// What is open now.
fn open(app: &App) -> String {
    seen(app.session().map_err(Failure::from))
}

#[tokio::test]
async fn a_short_passphrase_locks_no_new_book() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = app(folder.path());
    assert_eq!(
        create(&app, NewBook::Demo, Some("seven77")).await,
        "refused: the passphrase has 7 characters and needs at least 8; several words are easier to keep than one"
    );
    assert!(!folder.path().join("data").exists(), "nothing was made");
    assert_eq!(
        create(&app, NewBook::Empty("Mine".into()), Some("ächtäächt")).await,
        "Mine"
    );
}

#[tokio::test]
async fn from_the_first_run_to_the_demo_to_a_book_of_ones_own_and_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = app(folder.path());
    assert_eq!(start(&app).await, "first run");
    assert_eq!(other(&app), None);
    assert_eq!(create_demo(&app).await, "Demo firm");
    assert_eq!(other(&app), None, "one's own is still to be made");
    assert_eq!(switch(&app, BookKind::Demo).await, "Demo firm");
    assert_eq!(switch(&app, BookKind::Own).await, "first run");
    assert_eq!(other(&app), Some(BookKind::Demo));
    assert_eq!(create_own(&app).await, "Mine");
    assert_eq!(other(&app), Some(BookKind::Demo));
    assert_eq!(switch(&app, BookKind::Own).await, "Mine");
    assert_eq!(switch(&app, BookKind::Demo).await, "locked");
    assert_eq!(unlock(&app, "demo passphrase").await, "Demo firm");
    assert_eq!(other(&app), Some(BookKind::Own));
    assert_eq!(switch(&app, BookKind::Own).await, "locked");
    assert_eq!(unlock(&app, "own passphrase").await, "Mine");
}

#[tokio::test]
async fn from_a_book_of_ones_own_to_the_demo_and_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = app(folder.path());
    assert_eq!(create_own(&app).await, "Mine");
    assert_eq!(switch(&app, BookKind::Demo).await, "first run");
    assert_eq!(other(&app), Some(BookKind::Own));
    assert_eq!(create_demo(&app).await, "Demo firm");
    assert_eq!(switch(&app, BookKind::Own).await, "locked");
    assert_eq!(unlock(&app, "own passphrase").await, "Mine");
    assert_eq!(switch(&app, BookKind::Demo).await, "locked");
    assert_eq!(unlock(&app, "demo passphrase").await, "Demo firm");
}

#[tokio::test]
async fn books_of_the_keyring_open_without_a_question() {
    let store = keyring_core::mock::Store::new().expect("a keyring");
    let folder = tempfile::tempdir().expect("a folder");
    let app = app(folder.path()).with_keyring(Keyring::probed(store).await.expect("it keeps"));
    assert_eq!(create(&app, NewBook::Demo, None).await, "Demo firm");
    assert_eq!(switch(&app, BookKind::Own).await, "first run");
    assert_eq!(create(&app, NewBook::Empty("Mine".into()), None).await, "Mine");
    let own = app.state_hash().await.expect("a hash");
    for _ in 0..2 {
        assert_eq!(switch(&app, BookKind::Demo).await, "Demo firm");
        assert_ne!(app.state_hash().await.expect("a hash"), own);
        assert_eq!(switch(&app, BookKind::Own).await, "Mine");
        assert_eq!(app.state_hash().await.expect("a hash"), own);
    }
}

#[tokio::test]
async fn the_first_run_of_the_other_book_leads_back_without_a_passphrase() {
    let folder = tempfile::tempdir().expect("a folder");
    for (first, kind, name) in [
        (NewBook::Demo, BookKind::Demo, "Demo firm"),
        (NewBook::Empty("Mine".into()), BookKind::Own, "Mine"),
    ] {
        let app = app(&folder.path().join(name));
        assert_eq!(create(&app, first.clone(), Some("first passphrase")).await, name);
        assert_eq!(switch(&app, kind.other()).await, "first run");
        assert_eq!(switch(&app, kind.other()).await, "first run", "asked twice");
        assert_eq!(start(&app).await, "first run", "the page was loaded again");
        assert!(
            create(&app, first, Some("first passphrase"))
                .await
                .ends_with("there already; go back to it")
        );
        assert_eq!(other(&app), Some(kind));
        assert_eq!(switch(&app, kind).await, name);
        assert_eq!(open(&app), name);
    }
}

#[tokio::test]
async fn a_locked_second_book_leads_back_without_a_passphrase() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = app(folder.path());
    assert_eq!(create_demo(&app).await, "Demo firm");
    assert_eq!(switch(&app, BookKind::Own).await, "first run");
    assert_eq!(create_own(&app).await, "Mine");
    assert_eq!(switch(&app, BookKind::Demo).await, "locked");
    assert_eq!(other(&app), Some(BookKind::Own));
    assert!(unlock(&app, "a guess").await.starts_with("refused"));
    assert_eq!(switch(&app, BookKind::Demo).await, "locked", "asked again");
    assert_eq!(switch(&app, BookKind::Own).await, "Mine");
    assert_eq!(open(&app), "Mine");
    app.close().await.expect("closed");
}

#[tokio::test]
async fn a_forgotten_passphrase_does_not_keep_anybody_from_the_other_book() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = app(folder.path());
    assert_eq!(create_own(&first).await, "Mine");
    assert_eq!(switch(&first, BookKind::Demo).await, "first run");
    assert_eq!(create_demo(&first).await, "Demo firm");
    assert_eq!(switch(&first, BookKind::Own).await, "locked");
    assert_eq!(unlock(&first, "own passphrase").await, "Mine");
    first.close().await.expect("closed");
    let again = app(folder.path());
    assert_eq!(start(&again).await, "locked");
    assert_eq!(other(&again), Some(BookKind::Demo));
    assert_eq!(
        switch(&again, BookKind::Own).await,
        "locked",
        "it is the one that is asked for"
    );
    assert_eq!(switch(&again, BookKind::Demo).await, "locked");
    assert_eq!(unlock(&again, "demo passphrase").await, "Demo firm");
}

#[tokio::test]
async fn nothing_opened_at_the_first_run_is_no_dead_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = app(folder.path());
    assert_eq!(start(&first).await, "first run");
    for kind in [BookKind::Demo, BookKind::Own] {
        assert_eq!(switch(&first, kind).await, "first run");
    }
    assert_eq!(other(&first), None);
    let dark = Preferences {
        theme: "dark".into(),
        ..first.get_preferences(GetPreferences {}).expect("preferences")
    };
    let ask = SavePreferences { preferences: dark };
    first.save_preferences(ask).expect("kept in memory");
    first.close().await.expect("closed");
    // A window that closes leaves where it stood.
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).expect("a folder");
    std::fs::write(data.join("window.json"), "{}").expect("written");

    let second = app(folder.path());
    assert_eq!(start(&second).await, "first run");
    assert_eq!(create_own(&second).await, "Mine");
}

#[tokio::test]
async fn a_folder_of_other_files_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).expect("a folder");
    for name in ["window.json", "taxes.txt"] {
        std::fs::write(data.join(name), "{}").expect("written");
    }
    let answer = create_own(&app(folder.path())).await;
    assert!(answer.starts_with("refused"), "{answer}");
    assert!(data.join("window.json").exists() && data.join("taxes.txt").exists());
}

#[tokio::test]
async fn a_book_that_does_not_open_leaves_the_open_one_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = app(folder.path());
    assert_eq!(create_own(&app).await, "Mine");
    let beside = folder.path().join("data").join("demo");
    std::fs::create_dir_all(&beside).expect("a folder");
    std::fs::write(beside.join("key.json"), "not a key file").expect("written");
    assert_eq!(other(&app), Some(BookKind::Demo));
    let answer = switch(&app, BookKind::Demo).await;
    assert!(answer.starts_with("refused"), "{answer}");
    assert_eq!(open(&app), "Mine");
    app.state_hash().await.expect("it can be read");
}

#[tokio::test]
async fn the_next_start_opens_the_book_that_was_open_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = app(folder.path());
    assert_eq!(start(&first).await, "first run");
    assert_eq!(create_demo(&first).await, "Demo firm");
    assert_eq!(switch(&first, BookKind::Own).await, "first run");
    assert_eq!(create_own(&first).await, "Mine");
    // A page sends the preferences it read at its start.
    let stale = Preferences {
        theme: "dark".into(),
        ..Preferences::default()
    };
    let ask = SavePreferences { preferences: stale };
    first.save_preferences(ask).expect("kept");
    first.close().await.expect("closed");

    let second = app(folder.path());
    assert_eq!(start(&second).await, "locked");
    assert_eq!(unlock(&second, "own passphrase").await, "Mine");
    assert_eq!(other(&second), Some(BookKind::Demo));
    let preferences = second.get_preferences(GetPreferences {}).expect("preferences");
    assert_eq!(
        (preferences.theme.as_str(), preferences.book.as_str()),
        ("dark", "book")
    );
    assert_eq!(switch(&second, BookKind::Demo).await, "locked");
    assert_eq!(unlock(&second, "demo passphrase").await, "Demo firm");
    second.close().await.expect("closed");

    let third = app(folder.path());
    assert_eq!(start(&third).await, "locked");
    assert_eq!(unlock(&third, "demo passphrase").await, "Demo firm");
}

#[tokio::test]
async fn a_script_works_on_the_book_of_its_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = app(folder.path());
    assert_eq!(start(&first).await, "first run");
    assert_eq!(create_demo(&first).await, "Demo firm");
    assert_eq!(switch(&first, BookKind::Own).await, "first run");
    assert_eq!(create_own(&first).await, "Mine");
    first.close().await.expect("closed");
    let second = app(folder.path());
    assert_eq!(seen(second.open_folder(&moment(1)).await), "locked");
    assert_eq!(unlock(&second, "demo passphrase").await, "Demo firm");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_never_ends_in_another_book_than_it_began_in() {
    let store = keyring_core::mock::Store::new().expect("a keyring");
    let folder = tempfile::tempdir().expect("a folder");
    let app = Arc::new(app(folder.path()).with_keyring(Keyring::probed(store).await.expect("it keeps")));
    assert_eq!(create(&app, NewBook::Demo, None).await, "Demo firm");
    assert_eq!(switch(&app, BookKind::Own).await, "first run");
    assert_eq!(create(&app, NewBook::Empty("Mine".into()), None).await, "Mine");
    let runtime = tokio::runtime::Handle::current();
    let meanwhile = app.clone();
    let job = Job::new(move |progress| {
        if progress.step == "asking the ledger" {
            let (runtime, app) = (runtime.clone(), meanwhile.clone());
            let switched = std::thread::spawn(move || runtime.block_on(switch(&app, BookKind::Demo)));
            assert_eq!(switched.join().expect("switched"), "Demo firm");
        }
    });
    let ask = import_of(
        ImportKind::Prices,
        "prices.csv",
        b"symbol,date,close\nAAPL,2026-01-05,90\n",
    );
    let refused = Failure::from(
        app.import_file(ask, &moment(1), &job)
            .await
            .expect_err("another book is open"),
    );
    assert_eq!(
        (refused.code, refused.sentence.as_str()),
        (Code::Invalid, "another book was opened meanwhile; nothing was changed")
    );
    assert_eq!(open(&app), "Demo firm");
}

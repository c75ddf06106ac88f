//! Before the book is open: the first run, the lock, a new book, and the recovery key that is offered once.

use apex_wire::{
    Failure,
    session::{BookKind, CreateBook, GetOtherBook, NewBook, RecoveryKeyKept, Session, SwitchBook, Unlock},
};
use dioxus::{core::spawn_forever, prelude::*};

use crate::{
    browser,
    components::{Button, ButtonKind, Check, Field},
    desk::{RunningJob, sentence, set_if_there, use_desk},
    invoke,
};

/// The shortest passphrase that is taken.
const PASSPHRASE_MIN: usize = apex_wire::session::PASSPHRASE_CHARS_MIN;

/// An empty folder: the demo firm or a book of one's own. Beside the one that there is, the other one can be made.
#[component]
pub(crate) fn FirstRun(keyring: bool) -> Element {
    let other = use_other_book();
    rsx! {
        div { class: "cover", "data-testid": "first-run",
            div { class: "cover-box",
                h1 { class: "cover-title",
                    svg { class: "mark", view_box: "0 0 16 16", "aria-hidden": "true",
                        path { d: "M8 1.5 14.5 14h-3.2L8 7.4 4.7 14H1.5z" }
                    }
                    "Apex"
                }
                p { class: "cover-lead", "Everything stays on this machine, in one encrypted folder." }
                if let Some(other) = other() {
                    BookForm { keyring, other }
                    if let Some(other) = other {
                        OtherBook { other, leads: "Back to" }
                    }
                }
            }
        }
    }
}

#[component]
fn BookForm(keyring: bool, other: Option<BookKind>) -> Element {
    let mut desk = use_desk();
    let mut name = use_signal(|| "My book".to_owned());
    let mut passphrase = use_signal(String::new);
    let mut again = use_signal(String::new);
    let mut protect = use_signal(move || !keyring);
    let mut failure = use_signal(|| None::<Failure>);
    let running = desk.jobs.read().iter().find(|job| job.title == "new book").cloned();
    let too_short = protect() && passphrase.read().chars().count() < PASSPHRASE_MIN;
    let lacking = PASSPHRASE_MIN.saturating_sub(passphrase.read().chars().count());
    let differs = protect() && *passphrase.read() != *again.read();
    let ready = running.is_none() && !too_short && !differs;
    let mut create = move |content: NewBook| {
        failure.set(None);
        let job = desk.new_job("book");
        let passphrase = protect().then(|| passphrase.peek().clone());
        spawn_forever(async move {
            match desk
                .run(
                    "new book",
                    job.clone(),
                    CreateBook {
                        job,
                        content,
                        passphrase,
                    },
                )
                .await
            {
                Ok(session) => {
                    desk.overlay.set(None);
                    desk.take_other_book(session);
                }
                Err(refused) => set_if_there(failure, Some(refused)),
            }
        });
    };
    rsx! {
        div { class: "form",
            if keyring {
                Check {
                    name: "protect",
                    label: "Ask for a passphrase at every start, in place of the system keyring",
                    checked: protect(),
                    onchange: move |checked| protect.set(checked),
                }
            } else {
                p { class: "notice",
                    "This system has no working keyring, so the book is protected by a passphrase that you type at every start."
                }
            }
            if protect() {
                Field {
                    name: "passphrase",
                    label: "Passphrase",
                    value: passphrase(),
                    secret: true,
                    hint: format!("At least {PASSPHRASE_MIN} characters; several words are easier to keep than one"),
                    error: (too_short && !passphrase.read().is_empty()).then(|| too_short_words(lacking)),
                    oninput: move |text| passphrase.set(text),
                }
                Field {
                    name: "passphrase-again",
                    label: "Once more",
                    value: again(),
                    secret: true,
                    error: (differs && !again.read().is_empty()).then(|| "Differs from the first".to_owned()),
                    hint: if differs && !too_short { "Type the passphrase once more to go on" } else { "" },
                    oninput: move |text| again.set(text),
                }
            }
            if other != Some(BookKind::Demo) {
                div { class: "cover-choice",
                    div {
                        h3 { "Look around" }
                        p { class: "faint", "The demo firm: three portfolios over ten years on real price series, the rest simulated and labelled so." }
                    }
                    Button {
                        testid: "create-demo",
                        kind: ButtonKind::Primary,
                        disabled: !ready,
                        onclick: move |_| create(NewBook::Demo),
                        "Open the demo firm"
                    }
                }
            }
            if other != Some(BookKind::Own) {
                div { class: "cover-choice",
                    div {
                        h3 { "Start your own book" }
                        Field { name: "book-name", label: "Name", value: name(), oninput: move |text| name.set(text) }
                    }
                    Button {
                        testid: "create-empty",
                        kind: if other.is_some() { ButtonKind::Primary } else { ButtonKind::Plain },
                        disabled: !ready || name.read().trim().is_empty(),
                        onclick: move |_| create(NewBook::Empty(name.peek().trim().to_owned())),
                        "Create the book"
                    }
                }
            }
            if let Some(running) = running {
                JobProgress { job: running }
            }
            if let Some(failure) = failure() {
                p { class: "field-error", role: "alert", "data-testid": "create-failed", {sentence(&failure.sentence)} }
            }
        }
    }
}

fn too_short_words(lacking: usize) -> String {
    let more = if lacking == 1 {
        "1 more character".to_owned()
    } else {
        format!("{lacking} more characters")
    };
    format!("A passphrase has at least {PASSPHRASE_MIN} characters; type {more}")
}

#[component]
fn JobProgress(job: RunningJob) -> Element {
    let words = job
        .progress
        .as_ref()
        .map_or_else(|| "starting".to_owned(), |progress| progress.step.clone());
    let total = job.progress.as_ref().and_then(|progress| progress.total);
    let done = job.progress.as_ref().map_or(0, |progress| progress.done);
    rsx! {
        div { class: "job wide", "data-testid": "create-progress",
            span { "{words}" }
            match total {
                Some(total) => rsx! { progress { max: "{total}", value: "{done}" } },
                None => rsx! { progress {} },
            }
        }
    }
}

/// Asks which book there is beside the one of this cover; nothing before the answer.
fn use_other_book() -> Memo<Option<Option<BookKind>>> {
    let desk = use_desk();
    let answer = use_resource(move || {
        // Another book on the desk has another one beside it.
        let _ = (desk.version)();
        async { invoke::invoke(&GetOtherBook {}).await.unwrap_or_default() }
    });
    use_memo(move || *answer.read())
}

/// The way to the book beside the one of this cover.
#[component]
fn OtherBook(other: BookKind, leads: &'static str) -> Element {
    let desk = use_desk();
    let mut failure = use_signal(|| None::<Failure>);
    let (testid, name) = match other {
        BookKind::Demo => ("other-demo", "the demo firm"),
        BookKind::Own => ("other-own", "your own book"),
    };
    let open = move |_| {
        failure.set(None);
        spawn_forever(async move {
            let demo = other == BookKind::Demo;
            match desk.timed(invoke::invoke(&SwitchBook { demo })).await {
                Ok(session) => desk.take_other_book(session),
                Err(refused) => set_if_there(failure, Some(refused)),
            }
        });
    };
    rsx! {
        Button { testid, kind: ButtonKind::Quiet, onclick: open, "{leads} {name}" }
        if let Some(failure) = failure() {
            p { class: "field-error", role: "alert", "data-testid": "other-failed", {sentence(&failure.sentence)} }
        }
    }
}

/// A book that needs its passphrase.
#[component]
pub(crate) fn Locked() -> Element {
    let desk = use_desk();
    let other = use_other_book();
    let mut secret = use_signal(String::new);
    let mut failure = use_signal(|| None::<Failure>);
    let mut busy = use_signal(|| false);
    // What was typed for one book is nothing for the other.
    use_effect(move || {
        let _ = other();
        secret.set(String::new());
        failure.set(None);
    });
    let title = match other().flatten() {
        Some(BookKind::Demo) => "Your own book is locked",
        Some(BookKind::Own) => "The demo firm is locked",
        None => "The book is locked",
    };
    let mut open = move || {
        busy.set(true);
        let typed = secret.peek().clone();
        spawn_forever(async move {
            let answer = desk.timed(invoke::invoke(&Unlock { secret: typed })).await;
            set_if_there(busy, false);
            match answer {
                Ok(session @ Session::Open(_)) => {
                    set_if_there(secret, String::new());
                    desk.take_other_book(session);
                }
                Ok(session) => desk.take_session(Ok(session)),
                Err(refused) => set_if_there(failure, Some(refused)),
            }
        });
    };
    rsx! {
        div { class: "cover", "data-testid": "locked",
            form {
                class: "cover-box",
                onsubmit: move |event| {
                    event.prevent_default();
                    open();
                },
                h1 { class: "cover-title", {title} }
                Field {
                    name: "secret",
                    label: "Passphrase or recovery key",
                    value: secret(),
                    secret: true,
                    autofocus: true,
                    error: failure().map(|failure| sentence(&failure.sentence)),
                    oninput: move |text| secret.set(text),
                }
                Button {
                    testid: "unlock",
                    kind: ButtonKind::Primary,
                    submit: true,
                    disabled: busy() || secret.read().is_empty(),
                    onclick: move |_| {},
                    if busy() { "Opening" } else { "Open" }
                }
                if let Some(other) = other().flatten() {
                    OtherBook { other, leads: "Open" }
                }
            }
        }
    }
}

/// Offers the recovery key until the person confirms to have kept it.
#[component]
pub(crate) fn RecoveryKey() -> Element {
    let desk = use_desk();
    let mut later = use_signal(|| false);
    let mut kept = use_signal(|| false);
    let Some(key) = desk.book().and_then(|book| book.recovery_key) else {
        return rsx! {};
    };
    if later() {
        return rsx! {};
    }
    let copied = key.clone();
    rsx! {
        div { class: "scrim",
            div { class: "dialog narrow", role: "dialog", "aria-modal": "true", "data-testid": "recovery-key",
                header { class: "dialog-head", h2 { "Keep this recovery key" } }
                div { class: "dialog-body",
                    p { "It opens the book when the keyring or the passphrase is lost. Nobody can open the book without one of them. Keep it away from this machine." }
                    code { class: "recovery", "data-testid": "recovery-key-text", "{key}" }
                    Check {
                        name: "recovery-kept",
                        label: "I keep it in a safe place",
                        checked: kept(),
                        onchange: move |checked| kept.set(checked),
                    }
                }
                footer { class: "dialog-foot",
                    Button {
                        testid: "recovery-copy",
                        onclick: move |_| {
                            let text = copied.clone();
                            spawn(async move {
                                match browser::copy(&text).await {
                                    Ok(()) => desk.say("Recovery key copied"),
                                    Err(()) => desk.say("The clipboard is not available; write the key down"),
                                }
                            });
                        },
                        "Copy"
                    }
                    Button { testid: "recovery-later", onclick: move |_| later.set(true), "Later" }
                    Button {
                        testid: "recovery-done",
                        kind: ButtonKind::Primary,
                        disabled: !kept(),
                        onclick: move |_| {
                            spawn(async move {
                                match invoke::invoke(&RecoveryKeyKept {}).await {
                                    Ok(()) => forget_key(desk),
                                    Err(failure) => desk.fail(&failure),
                                }
                            });
                        },
                        "Done"
                    }
                }
            }
        }
    }
}

fn forget_key(mut desk: crate::desk::Desk) {
    if let Some(Ok(Session::Open(book))) = &mut *desk.session.write() {
        book.recovery_key = None;
    }
}

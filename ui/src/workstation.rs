//! The root of the pages: asks where things stand and shows the first run, the lock or the workstation.

use apex_wire::{
    preferences::GetPreferences,
    session::{CatchUp, OpenSession, Session},
};
use dioxus::prelude::*;
use futures::future;

use crate::{
    browser,
    components::{Button, FailedState},
    desk::{Desk, Page},
    first_run, frame, invoke, keys, startup,
};

/// The whole window.
#[component]
pub(crate) fn Workstation() -> Element {
    let desk = use_context_provider(Desk::new);
    keys::use_keys(desk);
    use_hook(|| {
        startup::page_loaded();
        startup::tell_of_defect(desk);
        spawn(open(desk));
    });
    use_future(move || catch_up(desk));
    use_effect(move || browser::set_root_attribute("data-theme", desk.theme()));
    startup::use_startup_report(desk, move || desk.session.read().is_some() && (desk.pending)() == 0);
    let session = desk.session.read().clone();
    if session.is_some() {
        browser::remove("#boot");
    }
    match session {
        None => rsx! {},
        Some(Ok(Session::FirstRun { keyring })) => rsx! { first_run::FirstRun { keyring } },
        Some(Ok(Session::Locked)) => rsx! { first_run::Locked {} },
        Some(Ok(Session::Open(_))) => rsx! { frame::Frame {} },
        Some(Err(failure)) => rsx! {
            div { class: "cover",
                FailedState { testid: "session-failed", failure,
                    Button { testid: "session-retry", onclick: move |_| { spawn(open(desk)); }, "Try again" }
                }
            }
        },
    }
}

/// How long the window waits before it asks again whether another program changed the book.
const CATCH_UP_MS: u32 = 1_000;

/// Asks for everything on screen again when another program has changed the open book.
async fn catch_up(desk: Desk) {
    let mut known = 0;
    loop {
        gloo_timers::future::TimeoutFuture::new(CATCH_UP_MS).await;
        // A book that cannot be read says so in every answer of the page.
        let Ok(readings) = invoke::invoke(&CatchUp {}).await else {
            continue;
        };
        if readings == known {
            continue;
        }
        known = readings;
        if let Ok(session) = invoke::invoke(&OpenSession {}).await {
            desk.take_session(Ok(session));
        }
        desk.wrote();
    }
}

/// Reads the preferences and the session, which are ready in the shell when the page starts, in one go.
async fn open(mut desk: Desk) {
    let preferences = invoke::invoke(&GetPreferences {});
    let session = desk.timed(invoke::invoke(&OpenSession {}));
    let (preferences, session) = future::join(preferences, session).await;
    if let Ok(preferences) = preferences {
        if let Some(page) = Page::of(&preferences.page) {
            desk.page.set(page);
        }
        desk.preferences.set(preferences);
    }
    desk.take_session(session);
}

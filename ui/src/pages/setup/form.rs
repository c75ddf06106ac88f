//! What the forms of this page share: they send what was typed, show a refusal at the field it names, and have one button.

use apex_wire::{Call, Failure};
use dioxus::{core::spawn_forever, prelude::*};

use crate::{
    components::{Button, ButtonKind},
    desk::{Desk, sentence, set_if_there, use_desk},
};

/// How the last answer to a form was.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Saving {
    desk: Desk,
    failure: Signal<Option<Failure>>,
}

/// Returns the state of a form that was not sent yet.
pub(super) fn use_saving() -> Saving {
    Saving {
        desk: use_desk(),
        failure: use_signal(|| None),
    }
}

impl Saving {
    /// Sends a call that changes the book, and goes on with the reply where it is accepted.
    pub(super) fn write<C: Call>(self, call: C, then: impl FnOnce(C::Reply) + 'static) {
        spawn_forever(async move {
            if let Some(reply) = self.take(self.desk.write(call).await) {
                then(reply);
            }
        });
    }

    /// Takes an answer: keeps a refusal for the fields, forgets the one before otherwise.
    pub(super) fn take<T>(self, answer: Result<T, Failure>) -> Option<T> {
        let (reply, refused) = match answer {
            Ok(reply) => (Some(reply), None),
            Err(refused) => (None, Some(refused)),
        };
        set_if_there(self.failure, refused);
        reply
    }

    /// Returns the refusal of a field, as a sentence below it.
    pub(super) fn refusal(self, field: &str) -> Option<String> {
        let failure = self.failure.read();
        let refused = failure
            .as_ref()
            .filter(|failure| failure.field.as_deref() == Some(field));
        refused.map(|failure| sentence(&failure.sentence))
    }

    /// Returns a refusal that names no field of this form.
    pub(super) fn homeless(self, fields: &[&str]) -> Option<String> {
        let failure = self.failure.read();
        let is_shown = |failure: &Failure| failure.field.as_deref().is_some_and(|field| fields.contains(&field));
        let refused = failure.as_ref().filter(|failure| !is_shown(failure));
        refused.map(|failure| sentence(&failure.sentence))
    }
}

/// A form with its fields above one button. Enter in a field is the button.
#[component]
pub(super) fn SavingForm(
    /// Test id of the button; a refusal that belongs to no field is `<testid>-failed`.
    testid: &'static str,
    /// What the button reads.
    words: String,
    saving: Saving,
    /// Names under which the engine refuses what is in the fields.
    fields: Vec<&'static str>,
    onsave: EventHandler,
    children: Element,
) -> Element {
    rsx! {
        form {
            class: "form",
            onsubmit: move |event| {
                event.prevent_default();
                onsave.call(());
            },
            {children}
            if let Some(words) = saving.homeless(&fields) {
                p { class: "field-error", role: "alert", "data-testid": "{testid}-failed", "{words}" }
            }
            div { class: "form-foot",
                Button { testid, kind: ButtonKind::Primary, submit: true, onclick: move |_| {}, "{words}" }
            }
        }
    }
}

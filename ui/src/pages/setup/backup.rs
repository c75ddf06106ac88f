//! The backup of the book to one encrypted file.

use apex_wire::setup::BackUp;
use dioxus::{core::spawn_forever, prelude::*};

use super::form::{SavingForm, use_saving};
use crate::{
    components::{Field, Panel},
    desk::{sentence, set_if_there, use_desk},
    invoke,
};

/// The form, and where the last backup went.
#[component]
pub(super) fn BackupPanel() -> Element {
    let desk = use_desk();
    let mut path = use_signal(String::new);
    let saving = use_saving();
    let done = use_signal(|| None::<String>);
    let mut busy = use_signal(|| false);
    let back_up = move |()| {
        busy.set(true);
        let ask = BackUp { path: path() };
        spawn_forever(async move {
            let words = saving.take(desk.timed(invoke::invoke(&ask)).await);
            set_if_there(done, words.map(|words| sentence(&words)));
            set_if_there(busy, false);
        });
    };
    rsx! {
        div { class: "setup-columns",
            Panel { testid: "panel-backup", title: "Back up the book", class: "form-panel",
                SavingForm {
                    testid: "backup",
                    words: "Back up",
                    saving,
                    fields: vec!["path"],
                    onsave: back_up,
                    Field {
                        name: "backup-path",
                        label: "File",
                        value: path(),
                        placeholder: "folder and name, such as backups/book.apexbackup",
                        hint: "everything in the book, encrypted; its passphrase or recovery key opens it",
                        autofocus: true,
                        error: saving.refusal("path"),
                        oninput: move |text| path.set(text),
                    }
                    if busy() {
                        p { class: "faint", "data-testid": "backup-busy", "Writing the file" }
                    }
                    if let Some(words) = done() {
                        p { class: "gain", role: "status", "data-testid": "backup-done", "✓ {words}" }
                    }
                }
            }
            Panel { testid: "panel-restore", title: "Restore", class: "form-panel",
                p { class: "prose",
                    "A backup is opened from the command line into an empty folder, so that it can never overwrite an open book: "
                    span { class: "mono", "apex restore FILE --data FOLDER" }
                }
            }
        }
    }
}

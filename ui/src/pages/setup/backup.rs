//! The backup of the book to one encrypted file.

use apex_wire::{Failure, setup::BackUp};
use dioxus::{core::spawn_forever, prelude::*};

use super::{homeless, portfolios::form_foot, refusal};
use crate::{
    components::{Field, Panel},
    desk::{sentence, set_if_there, use_desk},
};

/// The form, and where the last backup went.
#[component]
pub(super) fn BackupPanel() -> Element {
    let desk = use_desk();
    let mut path = use_signal(String::new);
    let failure = use_signal(|| None::<Failure>);
    let done = use_signal(|| None::<String>);
    let mut busy = use_signal(|| false);
    let mut back_up = move || {
        busy.set(true);
        let ask = BackUp { path: path() };
        spawn_forever(async move {
            match desk.timed(crate::invoke::invoke(&ask)).await {
                Ok(words) => {
                    set_if_there(failure, None);
                    set_if_there(done, Some(sentence(&words)));
                }
                Err(refused) => {
                    set_if_there(done, None);
                    set_if_there(failure, Some(refused));
                }
            }
            set_if_there(busy, false);
        });
    };
    rsx! {
        div { class: "setup-columns",
            Panel { testid: "panel-backup", title: "Back up the book", class: "form-panel",
                form {
                    class: "form",
                    onsubmit: move |event| {
                        event.prevent_default();
                        back_up();
                    },
                    Field {
                        name: "backup-path",
                        label: "File",
                        value: path(),
                        placeholder: "folder and name, such as backups/book.apexbackup",
                        hint: "everything in the book, encrypted; its passphrase or recovery key opens it",
                        autofocus: true,
                        error: refusal(&failure.read(), "path"),
                        oninput: move |text| path.set(text),
                    }
                    if busy() {
                        p { class: "faint", "data-testid": "backup-busy", "Writing the file" }
                    }
                    if let Some(words) = done() {
                        p { class: "gain", role: "status", "data-testid": "backup-done", "✓ {words}" }
                    }
                    {form_foot("backup", "Back up", homeless(&failure.read(), &["path"]))}
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

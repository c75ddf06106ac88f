//! Preferences: the theme, and keys bound anew.

use dioxus::prelude::*;

use crate::{
    components::{Button, ButtonKind, Choice, Dialog, Select},
    desk::use_desk,
    keys::{ACTIONS, key_of},
};

/// The preferences.
#[component]
pub(super) fn PreferencesDialog() -> Element {
    let desk = use_desk();
    let theme = desk.preferences.read().theme.clone();
    let theme = if theme.is_empty() { "system".to_owned() } else { theme };
    let remapped = !desk.preferences.read().keys.is_empty();
    rsx! {
        Dialog { name: "preferences", title: "Preferences", width: "wide",
            Select {
                name: "theme",
                label: "Theme",
                value: theme,
                choices: vec![
                    Choice::new("system", "As the system"),
                    Choice::new("light", "Light"),
                    Choice::new("dark", "Dark"),
                ],
                onchange: move |theme: String| desk.remember(|preferences| preferences.theme = theme),
            }
            h3 { "Keys" }
            p { class: "faint", "Write keys as in ctrl+k, g h or ?. An empty field unbinds the action." }
            div { class: "keys",
                for bound in ACTIONS.iter().filter(|bound| bound.action.is_offered()) {
                    label { key: "{bound.name}", class: "key-line",
                        input {
                            class: "input",
                            r#type: "text",
                            "data-testid": "key-{bound.name}",
                            spellcheck: "false",
                            value: key_of(desk, bound),
                            onchange: move |event| {
                                let key = event.value().trim().to_lowercase();
                                desk.remember(|preferences| {
                                    if key == bound.key {
                                        preferences.keys.remove(bound.name);
                                    } else {
                                        preferences.keys.insert(bound.name.to_owned(), key);
                                    }
                                });
                            },
                        }
                        span { "{bound.title}" }
                    }
                }
            }
            if remapped {
                Button {
                    testid: "keys-reset",
                    kind: ButtonKind::Plain,
                    onclick: move |_| desk.remember(|preferences| preferences.keys.clear()),
                    "Restore every key"
                }
            }
        }
    }
}

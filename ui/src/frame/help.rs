//! Every action with its key.

use dioxus::prelude::*;

use crate::{
    components::Dialog,
    desk::use_desk,
    keys::{ACTIONS, key_of},
};

/// The keys of lists, which are not bound anew.
const GRID_KEYS: [(&str, &str); 5] = [
    ("↑ ↓ PgUp PgDn", "Move in a list"),
    ("Home End", "First and last row"),
    ("Enter or →", "Open the row in the inspector"),
    ("Esc", "Step out"),
    ("Enter", "Explain the figure that has the focus"),
];

/// The overlay that `?` opens.
#[component]
pub(super) fn Help() -> Element {
    let desk = use_desk();
    rsx! {
        Dialog { name: "help", title: "Keys", width: "wide",
            div { class: "keys",
                for bound in ACTIONS.iter().filter(|bound| bound.action.is_offered() && !key_of(desk, bound).is_empty()) {
                    div { key: "{bound.name}", class: "key-line",
                        kbd { {key_of(desk, bound)} }
                        span { "{bound.title}" }
                    }
                }
                for (key, words) in GRID_KEYS {
                    div { key: "{words}", class: "key-line",
                        kbd { "{key}" }
                        span { "{words}" }
                    }
                }
            }
            p { class: "faint", "Every key can be bound anew in the preferences (Ctrl ,)." }
        }
    }
}

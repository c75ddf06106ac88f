//! A menu that drops from a button: choices, checks, or any content.

use dioxus::prelude::*;

/// A button with a menu below it. The menu closes when something else is clicked.
#[component]
pub(crate) fn Menu(
    /// Test ids are `<name>-button` and `<name>-menu`.
    name: String,
    /// What the button reads.
    label: Element,
    #[props(default)] title: String,
    #[props(default)] class: String,
    /// Whether the menu stays open while its content is used.
    #[props(default)]
    keeps_open: bool,
    /// Whether the menu hangs from the button's right edge.
    #[props(default)]
    from_right: bool,
    /// Whether the menu is open, where its content closes it.
    #[props(default)]
    opened: Option<Signal<bool>>,
    children: Element,
) -> Element {
    let own = use_signal(|| false);
    let mut open = opened.unwrap_or(own);
    let class = if class.is_empty() {
        "button quiet".to_owned()
    } else {
        class
    };
    rsx! {
        div { class: "menu-anchor",
            onkeydown: move |event| {
                if event.key() == Key::Escape && open() {
                    event.prevent_default();
                    open.set(false);
                }
            },
            button {
                class,
                r#type: "button",
                "data-testid": "{name}-button",
                "aria-expanded": if open() { "true" } else { "false" },
                title: if title.is_empty() { None } else { Some(title) },
                onclick: move |_| open.toggle(),
                {label}
            }
            if open() {
                div { class: "menu-veil", onclick: move |_| open.set(false) }
                div {
                    class: if from_right { "menu from-right" } else { "menu" },
                    "data-testid": "{name}-menu",
                    onclick: move |_| {
                        if !keeps_open {
                            open.set(false);
                        }
                    },
                    {children}
                }
            }
        }
    }
}

/// A line of a menu.
#[component]
pub(crate) fn MenuItem(
    testid: String,
    #[props(default)] chosen: bool,
    #[props(default)] detail: String,
    onclick: EventHandler<()>,
    children: Element,
) -> Element {
    rsx! {
        button {
            class: "menu-item",
            r#type: "button",
            "data-testid": testid,
            "aria-pressed": if chosen { "true" } else { "false" },
            onclick: move |_| onclick.call(()),
            span { class: "menu-mark", if chosen { "✓" } }
            span { class: "menu-words", {children} }
            if !detail.is_empty() {
                span { class: "menu-detail", "{detail}" }
            }
        }
    }
}

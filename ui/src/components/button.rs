//! A button: one thing to do.

use dioxus::prelude::*;

/// How much a button asks for attention.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ButtonKind {
    /// The one thing a dialog is for.
    Primary,
    #[default]
    Plain,
    /// Text only, in toolbars.
    Quiet,
    /// Changes the book in a way to think about.
    Danger,
}

/// A button. Its text ends in `…` where it asks for more.
#[component]
pub(crate) fn Button(
    testid: String,
    #[props(default)] kind: ButtonKind,
    #[props(default)] disabled: bool,
    #[props(default)] title: String,
    #[props(default)] submit: bool,
    /// The action of the keys that presses it.
    #[props(default)]
    action: Option<&'static str>,
    onclick: EventHandler<MouseEvent>,
    children: Element,
) -> Element {
    let class = match kind {
        ButtonKind::Primary => "button primary",
        ButtonKind::Plain => "button",
        ButtonKind::Quiet => "button quiet",
        ButtonKind::Danger => "button danger",
    };
    rsx! {
        button {
            class,
            "data-testid": testid,
            "data-action": action,
            r#type: if submit { "submit" } else { "button" },
            disabled,
            title: if title.is_empty() { None } else { Some(title) },
            onclick: move |event| onclick.call(event),
            {children}
        }
    }
}

//! Form fields: label above, input, and the engine's refusal below the field it names.

use dioxus::prelude::*;

/// A text field.
#[component]
pub(crate) fn Field(
    /// Test id is `field-<name>`.
    name: String,
    label: String,
    value: String,
    #[props(default)] placeholder: String,
    #[props(default)] hint: String,
    /// Why what was typed is refused.
    #[props(default)]
    error: Option<String>,
    #[props(default)] secret: bool,
    #[props(default)] numeric: bool,
    #[props(default)] autofocus: bool,
    #[props(default)] disabled: bool,
    /// Suggestions, offered by the browser's own list.
    #[props(default)]
    suggestions: Vec<Choice>,
    oninput: EventHandler<String>,
) -> Element {
    let mut focused = use_signal(|| false);
    let mut marked = use_signal(|| None::<usize>);
    // Our own list: the browser's takes the keyboard away while a person types.
    let chosen_already = suggestions.iter().any(|choice| choice.value == value);
    let shown: Vec<Choice> = if focused() && !chosen_already {
        suggestions
    } else {
        Vec::new()
    };
    let values: Vec<String> = shown.iter().map(|choice| choice.value.clone()).collect();
    let refused = error.is_some().then_some("true");
    rsx! {
        label { class: "field", "data-refused": refused,
            span { class: "field-label", "{label}" }
            input {
                class: if numeric { "input numeric" } else { "input" },
                "data-testid": "field-{name}",
                r#type: if secret { "password" } else { "text" },
                autocomplete: "off",
                spellcheck: "false",
                value,
                placeholder,
                disabled,
                "aria-invalid": refused,
                onfocus: move |_| focused.set(true),
                onblur: move |_| focused.set(false),
                onkeydown: move |event| {
                    let last = values.len().checked_sub(1);
                    match (event.key(), last, marked()) {
                        (Key::ArrowDown, Some(last), at) => {
                            event.prevent_default();
                            marked.set(Some(at.map_or(0, |at| (at + 1).min(last))));
                        }
                        (Key::ArrowUp, Some(_), Some(at)) => {
                            event.prevent_default();
                            marked.set(at.checked_sub(1));
                        }
                        (Key::Enter, Some(_), Some(at)) => {
                            if let Some(value) = values.get(at) {
                                event.prevent_default();
                                marked.set(None);
                                oninput.call(value.clone());
                            }
                        }
                        _ => {}
                    }
                },
                onmounted: move |event| async move {
                    if autofocus {
                        // An element that is gone again needs no focus.
                        let _ = event.set_focus(true).await;
                    }
                },
                oninput: move |event| {
                    marked.set(None);
                    oninput.call(event.value());
                },
            }
            if !shown.is_empty() {
                div { class: "menu suggestions", role: "listbox",
                    for (at, choice) in shown.into_iter().enumerate() {
                        div {
                            key: "{choice.value}",
                            class: "menu-item",
                            role: "option",
                            "data-testid": "suggestion-{choice.value}",
                            "aria-selected": if marked() == Some(at) { "true" } else { "false" },
                            // Before the field loses the focus to the click.
                            onmousedown: {
                                let value = choice.value.clone();
                                move |event: MouseEvent| {
                                    event.prevent_default();
                                    oninput.call(value.clone());
                                }
                            },
                            span { class: "menu-mark" }
                            span { class: "menu-words", "{choice.value}" }
                            span { class: "menu-detail", "{choice.words}" }
                        }
                    }
                }
            }
            if let Some(error) = error.clone() {
                span { class: "field-error", role: "alert", "data-testid": "error-{name}", "{error}" }
            } else if !hint.is_empty() {
                span { class: "field-hint", "{hint}" }
            }
        }
    }
}

/// A choice of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) words: String,
}

impl Choice {
    /// Makes a choice.
    pub(crate) fn new(value: impl Into<String>, words: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            words: words.into(),
        }
    }
}

/// A choice among a few.
#[component]
pub(crate) fn Select(
    /// Test id is `select-<name>`.
    name: String,
    #[props(default)] label: String,
    value: String,
    choices: Vec<Choice>,
    #[props(default)] error: Option<String>,
    #[props(default)] disabled: bool,
    onchange: EventHandler<String>,
) -> Element {
    let refused = error.is_some().then_some("true");
    rsx! {
        label { class: "field", "data-refused": refused,
            if !label.is_empty() {
                span { class: "field-label", "{label}" }
            }
            select {
                class: "input",
                "data-testid": "select-{name}",
                disabled,
                onchange: move |event| onchange.call(event.value()),
                for choice in choices {
                    option {
                        key: "{choice.value}",
                        value: choice.value.clone(),
                        selected: choice.value == value,
                        "{choice.words}"
                    }
                }
            }
            if let Some(error) = error.clone() {
                span { class: "field-error", role: "alert", "data-testid": "error-{name}", "{error}" }
            }
        }
    }
}

/// A yes or no.
#[component]
pub(crate) fn Check(
    /// Test id is `check-<name>`.
    name: String,
    label: String,
    checked: bool,
    #[props(default)] disabled: bool,
    onchange: EventHandler<bool>,
) -> Element {
    rsx! {
        label { class: "check",
            input {
                r#type: "checkbox",
                "data-testid": "check-{name}",
                checked,
                disabled,
                onchange: move |event| onchange.call(event.checked()),
            }
            span { "{label}" }
        }
    }
}

//! The title bar: portfolio, both time axes, the palette, and where the book stands.

use apex_wire::feeds::StreamState;
use dioxus::prelude::*;

use super::{as_of, switch_book};
use crate::{
    components::{Menu, MenuItem},
    desk::{Page, use_desk},
    keys::{self, Action},
    live::stream_words,
};

/// The bar at the top.
#[component]
pub(super) fn TitleBar() -> Element {
    let desk = use_desk();
    let Some(book) = desk.book() else { return rsx! {} };
    let open = (desk.portfolio)();
    let current = book.portfolios.iter().find(|portfolio| Some(portfolio.id) == open);
    let name = current
        .map_or("No portfolio", |portfolio| portfolio.name.as_str())
        .to_owned();
    let currency = current
        .map(|portfolio| portfolio.currency.to_string())
        .unwrap_or_default();
    let demo = book.clock_stands;
    let clock = apex_format::date(book.today).to_string();
    let simulated = book.simulated.clone();
    rsx! {
        header { class: "title-bar",
            Menu {
                name: "book",
                class: "brand",
                title: "Book",
                label: rsx! {
                    svg { class: "mark", view_box: "0 0 16 16", "aria-hidden": "true",
                        path { d: "M8 1.5 14.5 14h-3.2L8 7.4 4.7 14H1.5z" }
                    }
                    span { "Apex" }
                },
                MenuItem { testid: "book-demo", chosen: demo, onclick: move |()| switch_book(desk, true), "Demo firm" }
                MenuItem { testid: "book-own", chosen: !demo, onclick: move |()| switch_book(desk, false), "Your own book" }
                MenuItem { testid: "book-preferences", onclick: move |()| keys::act(desk, Action::Preferences), "Preferences…" }
            }
            Menu {
                name: "portfolio",
                class: "button quiet strong portfolio-button",
                title: "{name}, portfolio ([ and ])",
                label: rsx! {
                    span { class: "clip", "data-testid": "portfolio-name", "{name}" }
                    span { class: "faint", "{currency}" }
                    span { class: "caret", "▾" }
                },
                for portfolio in book.portfolios.iter().cloned() {
                    MenuItem {
                        key: "{portfolio.id}",
                        testid: "portfolio-{portfolio.name}",
                        chosen: Some(portfolio.id) == open,
                        detail: portfolio.currency.to_string(),
                        onclick: move |()| desk.open_portfolio(portfolio.id),
                        "{portfolio.name}"
                    }
                }
                MenuItem { testid: "portfolio-new", onclick: move |()| desk.go(Page::Setup), "New portfolio…" }
            }
            as_of::AsOf {}
            as_of::KnownAt {}
            div { class: "title-space" }
            if let Some(simulated) = simulated {
                span { class: "badge warning", "data-testid": "simulated-label", title: "{simulated}", "simulated data" }
            }
            span {
                class: "book-clock",
                "data-testid": "book-clock",
                title: if demo { "{book.name}, whose clock stands still" } else { "{book.name} and its clock" },
                span { class: if demo { "dot standing" } else { "dot running" } }
                span { class: "clip", "{book.name}" }
                span { class: "numeric", "{clock}" }
            }
            Streams {}
            button {
                class: "button palette-button",
                r#type: "button",
                "data-testid": "palette-button",
                onclick: move |_| keys::act(desk, Action::Palette),
                "Find"
                kbd { "Ctrl K" }
            }
            button {
                class: "button quiet icon",
                r#type: "button",
                "data-testid": "theme-button",
                title: "Switch between light and dark (t)",
                "aria-label": "Switch between light and dark",
                onclick: move |_| keys::act(desk, Action::Theme),
                svg { class: "icon", view_box: "0 0 16 16", "aria-hidden": "true",
                    path { d: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12" }
                }
            }
            button {
                class: "button quiet icon",
                r#type: "button",
                "data-testid": "inspector-button",
                title: "Show or hide the inspector (i)",
                "aria-label": "Show or hide the inspector",
                "aria-pressed": if (desk.inspector_open)() { "true" } else { "false" },
                onclick: move |_| keys::act(desk, Action::Inspector),
                svg { class: "icon", view_box: "0 0 16 16", "aria-hidden": "true",
                    path { d: "M2 3h12v10H2zM10 3v10" }
                }
            }
        }
    }
}

/// Whether live prices come: one dot for all streams that are wanted, the worst of them in words.
#[component]
fn Streams() -> Element {
    let desk = use_desk();
    let sources = (desk.sources)();
    let Some(Ok(sources)) = sources else { return rsx! {} };
    let rank = |state: &StreamState| match state {
        StreamState::Down { .. } => 0,
        StreamState::Connecting => 1,
        StreamState::Up { .. } => 2,
        StreamState::Off => 3,
    };
    let wanted = sources
        .iter()
        .filter(|source| source.settings.enabled && source.stream != StreamState::Off);
    let Some(worst) = wanted.clone().min_by_key(|source| rank(&source.stream)) else {
        return rsx! {};
    };
    let (words, _, bad) = stream_words(&worst.stream);
    let hint: Vec<String> = wanted
        .map(|source| {
            format!(
                "{}: {}",
                source.settings.provider.words(),
                stream_words(&source.stream).1
            )
        })
        .collect();
    let dot = match worst.stream {
        StreamState::Up { .. } => "dot running",
        _ => "dot standing",
    };
    rsx! {
        button {
            class: if bad { "button quiet stream-state warning" } else { "button quiet stream-state" },
            r#type: "button",
            "data-testid": "streams",
            title: hint.join("\n"),
            onclick: move |_| desk.go(Page::Data),
            span { class: dot }
            "{words}"
        }
    }
}

//! The navigation at the left: one line for each page, with its key on hover.

use dioxus::prelude::*;

use crate::{
    desk::{Page, use_desk},
    keys::{ACTIONS, Action, key_of},
};

/// The list of pages.
#[component]
pub(super) fn Nav() -> Element {
    let desk = use_desk();
    let open = (desk.page)();
    rsx! {
        nav { class: "nav", "aria-label": "Pages",
            for page in Page::ALL.into_iter().filter(|page| *page != Page::Gallery) {
                button {
                    key: "{page.name()}",
                    class: "nav-item",
                    r#type: "button",
                    "data-testid": "nav-{page.name()}",
                    "aria-current": if page == open { "page" },
                    title: key_hint(page),
                    onclick: move |_| desk.go(page),
                    {icon(page)}
                    span { "{page.title()}" }
                }
            }
        }
    }
}

fn key_hint(page: Page) -> Option<String> {
    let desk = use_desk();
    let bound = ACTIONS.iter().find(|bound| bound.action == Action::Go(page))?;
    let key = key_of(desk, bound);
    (!key.is_empty()).then(|| format!("{} ({key})", page.title()))
}

/// Line drawings on a 16-pixel field, in the color of the text.
fn icon(page: Page) -> Element {
    let path = match page {
        Page::Overview => "M2 2h5v7H2zM9 2h5v4H9zM9 8h5v6H9zM2 11h5v3H2z",
        Page::Holdings => "M2 3h12M2 8h12M2 13h12M6 3v10",
        Page::WhatIf => "M2 8h4l3-5h5M6 8l3 5h5M12 1l2 2-2 2M12 11l2 2-2 2",
        Page::Transactions => "M3 5h10l-3-3M13 11H3l3 3",
        Page::Performance => "M2 13l4-5 3 3 5-8M14 3h-3M14 3v3",
        Page::Attribution => "M2 14V7h3v7M6.5 14V3h3v11M11 14v-4h3v4M1 14h14",
        Page::Risk => "M8 2l6 11H2zM8 6v4M8 11.5v.5",
        Page::Scenarios => "M6 2h4M7 2v4l-4 7.5h10L9 6V2M5 10h6",
        Page::Optimizer => "M2 14V2M2 14h12M3.5 12C4 7 8 4 14 3.5M9 5h.01",
        Page::Backtests => "M2.5 8A5.5 5.5 0 1 0 5 3.4M5 1v3h3M8 5v3.2l2.4 1.6",
        Page::Cash => "M2 4h12v8H2zM8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6M4.5 8h.01M11.5 8h.01",
        Page::Markets => "M4 2v2M4 10v4M2.5 4h3v6h-3zM11.5 2v4M11.5 12v2M10 6h3v6h-3z",
        Page::Data => "M3 4c0-2.6 10-2.6 10 0v8c0 2.6-10 2.6-10 0zM3 4c0 2.6 10 2.6 10 0M3 8c0 2.6 10 2.6 10 0",
        Page::Setup => "M2 4h7M12 4h2M9 2.5v3M2 8h2M7 8h7M6 6.5v3M2 12h7M12 12h2M11 10.5v3",
        Page::Check => "M2.5 8.5l3.5 3.5 7.5-8",
        Page::Gallery => "M3 3h4v4H3zM9 3h4v4H9zM3 9h4v4H3zM9 9h4v4H9z",
    };
    rsx! {
        svg {
            class: "icon",
            view_box: "0 0 16 16",
            "aria-hidden": "true",
            path { d: path }
        }
    }
}

//! Every action of the workstation, its key, and the one listener that turns keys into actions.
//!
//! Keys are written as people read them: `ctrl+k` (also the command key), `g h` for one after the other, `?`. The
//! preferences may bind any action anew. While a person types, only `ctrl` combinations and `escape` are heard.

use dioxus::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};

use crate::{
    browser,
    desk::{Desk, Inspected, Overlay, Page},
    frame::as_of,
    pages::what_if,
};
use apex_wire::explain::FigureName;

/// How long the second key of a pair is waited for.
const PAIR_MS: f64 = 1_500.0;

/// Something a person can do from anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Palette,
    Help,
    Go(Page),
    Filter,
    Inspector,
    ExplainNav,
    NextPortfolio,
    PreviousPortfolio,
    AsOf,
    DayBack,
    DayForward,
    LatestDay,
    AddTransaction,
    Import,
    Theme,
    Preferences,
    DemoBook,
    OwnBook,
    /// What a button of one page does, found by its `data-action`.
    Press(Page, &'static str),
}

impl Action {
    /// Returns whether this build offers the action.
    pub(crate) fn is_offered(self) -> bool {
        !matches!(self, Self::Go(page) if !page.is_offered())
    }

    /// Returns the one page on which its key is heard; none for an action of the whole window.
    fn page(self) -> Option<Page> {
        match self {
            Self::Press(page, _) => Some(page),
            _ => None,
        }
    }
}

/// An action with its name in the preferences, its words and its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) action: Action,
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// The key as shipped; empty for none.
    pub(crate) key: &'static str,
}

const fn bound(action: Action, name: &'static str, title: &'static str, key: &'static str) -> Bound {
    Bound {
        action,
        name,
        title,
        key,
    }
}

/// Makes an action of one page, whose name is also that of its button.
const fn press(page: Page, name: &'static str, title: &'static str, key: &'static str) -> Bound {
    bound(Action::Press(page, name), name, title, key)
}

/// Every action in the order of the help.
pub(crate) const ACTIONS: [Bound; 51] = [
    bound(Action::Palette, "palette", "Find anything", "ctrl+k"),
    bound(Action::Filter, "filter", "Filter the list", "/"),
    bound(Action::Inspector, "inspector", "Show or hide the inspector", "i"),
    bound(Action::ExplainNav, "explain-nav", "Explain the net asset value", "e"),
    bound(Action::Help, "help", "Show the keys", "?"),
    bound(Action::Go(Page::Overview), "go-overview", "Go to Overview", "g o"),
    bound(Action::Go(Page::Holdings), "go-holdings", "Go to Holdings", "g h"),
    bound(Action::Go(Page::WhatIf), "go-what-if", "Go to What-if", "g w"),
    bound(
        Action::Go(Page::Transactions),
        "go-transactions",
        "Go to Transactions",
        "g t",
    ),
    bound(
        Action::Go(Page::Performance),
        "go-performance",
        "Go to Performance",
        "g p",
    ),
    bound(
        Action::Go(Page::Attribution),
        "go-attribution",
        "Go to Attribution",
        "g a",
    ),
    bound(Action::Go(Page::Risk), "go-risk", "Go to Risk", "g r"),
    bound(Action::Go(Page::Scenarios), "go-scenarios", "Go to Scenario lab", "g l"),
    bound(Action::Go(Page::Optimizer), "go-optimizer", "Go to Optimizer", "g z"),
    bound(Action::Go(Page::Backtests), "go-backtests", "Go to Backtests", "g b"),
    bound(Action::Go(Page::Cash), "go-cash", "Go to Cash", "g c"),
    bound(Action::Go(Page::Markets), "go-markets", "Go to Markets", "g m"),
    bound(Action::Go(Page::Data), "go-data", "Go to Data", "g d"),
    bound(Action::Go(Page::Setup), "go-setup", "Go to Setup", "g s"),
    bound(Action::Go(Page::Check), "go-check", "Go to Check", "g k"),
    bound(Action::Go(Page::Gallery), "go-gallery", "Show every component", ""),
    bound(Action::NextPortfolio, "next-portfolio", "Next portfolio", "]"),
    bound(
        Action::PreviousPortfolio,
        "previous-portfolio",
        "Previous portfolio",
        "[",
    ),
    bound(Action::AsOf, "as-of", "Choose the day", "d"),
    bound(Action::DayBack, "day-back", "One day back", ","),
    bound(Action::DayForward, "day-forward", "One day forward", "."),
    bound(Action::LatestDay, "latest-day", "Latest day, all that is known", "0"),
    bound(Action::AddTransaction, "add-transaction", "Add a transaction…", "a"),
    bound(Action::Import, "import", "Import a file…", "m"),
    bound(Action::Theme, "theme", "Switch between light and dark", "t"),
    bound(Action::Preferences, "preferences", "Preferences…", "ctrl+,"),
    bound(Action::DemoBook, "demo-book", "Open the demo firm", ""),
    bound(Action::OwnBook, "own-book", "Open your own book", ""),
    press(Page::Markets, "watch-add", "Markets: add a symbol…", "a"),
    press(
        Page::Markets,
        "watch-remove",
        "Markets: take the symbol off the watchlist",
        "delete",
    ),
    press(Page::Markets, "watch-up", "Markets: move the symbol up", "alt+arrowup"),
    press(
        Page::Markets,
        "watch-down",
        "Markets: move the symbol down",
        "alt+arrowdown",
    ),
    press(Page::Markets, "watch-new", "Markets: new watchlist…", "w"),
    press(Page::Markets, "watch-next", "Markets: next watchlist", "}"),
    press(Page::Markets, "watch-previous", "Markets: previous watchlist", "{"),
    press(Page::Markets, "alert-new", "Markets: new alert…", "n"),
    press(Page::Markets, "alerts-seen", "Markets: all alerts are seen", "s"),
    press(Page::Markets, "news-fetch", "Markets: ask for news", "u"),
    press(Page::Markets, "candles-minute", "Markets: candles of a minute", "1"),
    press(Page::Markets, "candles-day", "Markets: candles of a day", "2"),
    press(Page::Markets, "candles-week", "Markets: candles of a week", "3"),
    press(Page::Data, "history-fetch", "Data: fetch the history", "f"),
    press(Page::Data, "finding-take", "Data: take the repair", "t"),
    press(Page::Data, "finding-keep", "Data: keep the figures as they came", "k"),
    press(Page::Data, "finding-leave-out", "Data: leave the days out", "l"),
    press(Page::Data, "finding-undo", "Data: undo the decision", "u"),
];

/// Returns the key of an action, as bound now.
pub(crate) fn key_of(desk: Desk, bound: &Bound) -> String {
    desk.preferences
        .read()
        .keys
        .get(bound.name)
        .cloned()
        .unwrap_or_else(|| bound.key.to_owned())
}

/// Does an action.
pub(crate) fn act(mut desk: Desk, action: Action) {
    match action {
        Action::Palette => toggle(desk, Overlay::Palette),
        Action::Help => toggle(desk, Overlay::Help),
        Action::Preferences => toggle(desk, Overlay::Preferences),
        Action::Go(page) => {
            desk.overlay.set(None);
            desk.go(page);
        }
        Action::Filter => {
            browser::focus("[data-filter]");
        }
        Action::Inspector => {
            let open = *desk.inspector_open.peek();
            desk.inspector_open.set(!open);
        }
        Action::ExplainNav => desk.inspect(Inspected::Figure(FigureName::Nav)),
        Action::NextPortfolio => step_portfolio(desk, 1),
        Action::PreviousPortfolio => step_portfolio(desk, -1),
        Action::AsOf => {
            browser::find("[data-testid='as-of-button']").inspect(|button| button.click());
        }
        Action::DayBack => as_of::step(desk, -1),
        Action::DayForward => as_of::step(desk, 1),
        Action::LatestDay => {
            desk.as_of.set(None);
            desk.known_at.set(None);
        }
        Action::AddTransaction => {
            desk.go(Page::Transactions);
            desk.overlay
                .set(Some(Overlay::AddTransaction { symbol: String::new() }));
        }
        Action::Import => {
            desk.go(Page::Transactions);
            desk.overlay.set(Some(Overlay::Import));
        }
        Action::Theme => {
            let other = if desk.theme() == "dark" { "light" } else { "dark" };
            desk.remember(|preferences| preferences.theme = other.to_owned());
        }
        Action::DemoBook => crate::frame::switch_book(desk, true),
        Action::OwnBook => crate::frame::switch_book(desk, false),
        Action::Press(page, name) => press_on(desk, page, name),
    }
}

/// Listens to the keys of the whole window. Call it once, in the root component.
pub(crate) fn use_keys(desk: Desk) {
    let mut first = use_hook(|| CopyValue::new(None::<(String, f64)>));
    use_hook(|| {
        let heard = Callback::new(move |event: web_sys::KeyboardEvent| {
            if event.default_prevented() || event.is_composing() {
                return;
            }
            if event.key() == "Escape" {
                if desk.step_out() || *desk.page.peek() == Page::WhatIf && what_if::discard(desk) {
                    event.prevent_default();
                }
                return;
            }
            let Some(chord) = chord(&event) else { return };
            let modified = chord.starts_with("ctrl+");
            if (browser::is_typing() || desk.overlay.peek().is_some()) && !modified {
                return;
            }
            let before = first.peek().clone().filter(|(_, at)| browser::now_ms() - at < PAIR_MS);
            first.set(None);
            let wanted = before.map_or_else(|| chord.clone(), |(before, _)| format!("{before} {chord}"));
            let page = *desk.page.peek();
            let heard = |bound: &&Bound| bound.action.is_offered() && bound.action.page().is_none_or(|own| own == page);
            // A key of the page goes before the same key of the window.
            let mut keys: Vec<(Action, String)> = ACTIONS
                .iter()
                .filter(heard)
                .map(|bound| (bound.action, key_of(desk, bound)))
                .collect();
            keys.sort_by_key(|(action, _)| action.page().is_none());
            if let Some((action, _)) = keys.iter().find(|(_, key)| *key == wanted).cloned() {
                event.prevent_default();
                act(desk, action);
            } else if keys.iter().any(|(_, key)| key.starts_with(&format!("{wanted} "))) {
                event.prevent_default();
                first.set(Some((wanted, browser::now_ms())));
            }
        });
        let closure = Closure::<dyn FnMut(web_sys::KeyboardEvent)>::new(move |event| heard.call(event));
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            // The listener lives as long as the page, so the closure is given to it.
            let _ = document.add_event_listener_with_callback("keydown", closure.as_ref().unchecked_ref());
            closure.forget();
        }
    });
}

/// Returns a pressed key as the preferences write it; none for a modifier alone.
pub(crate) fn chord(event: &web_sys::KeyboardEvent) -> Option<String> {
    let key = event.key();
    if matches!(key.as_str(), "Control" | "Shift" | "Alt" | "Meta" | "Dead" | "AltGraph") {
        return None;
    }
    let mut chord = String::new();
    if event.ctrl_key() || event.meta_key() {
        chord.push_str("ctrl+");
    }
    if event.alt_key() {
        chord.push_str("alt+");
    }
    chord.push_str(&if key == " " {
        "space".to_owned()
    } else {
        key.to_lowercase()
    });
    Some(chord)
}

/// Clicks the button of an action, on its page.
fn press_on(desk: Desk, page: Page, name: &'static str) {
    let click = move || {
        browser::find(&format!("[data-action='{name}']:not(:disabled)")).inspect(|button| button.click());
    };
    if *desk.page.peek() == page {
        click();
    } else {
        desk.go(page);
        browser::after_paint(click);
    }
}

fn toggle(mut desk: Desk, overlay: Overlay) {
    let open = desk.overlay.peek().as_ref() == Some(&overlay);
    desk.overlay.set((!open).then_some(overlay));
}

fn step_portfolio(desk: Desk, step: isize) {
    let Some(book) = desk.book() else { return };
    let current = *desk.portfolio.peek();
    let count = book.portfolios.len();
    let Some(at) = book
        .portfolios
        .iter()
        .position(|portfolio| Some(portfolio.id) == current)
    else {
        return;
    };
    if let Some(next) = (at + count)
        .checked_add_signed(step)
        .and_then(|at| book.portfolios.get(at % count))
    {
        desk.open_portfolio(next.id);
    }
}

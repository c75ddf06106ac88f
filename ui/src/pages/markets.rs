//! The Markets page: watchlists with live quotes at the left; candles, indicators, corporate actions and news of the
//! chosen instrument at the right; alerts below the quotes.

mod alerts;
mod chart;
mod news;
mod quotes;
pub(crate) mod watch;

use std::rc::Rc;

use apex_domain::InstrumentId;
use apex_wire::{
    Failure,
    holdings::{GetHoldings, GridRow},
    quotes::{GetWatchlists, WatchlistEntry},
    transactions::SuggestSymbols,
};
use dioxus::{core::spawn_forever, prelude::*};

pub(crate) use self::alerts::NewAlertDialog;
use self::{
    alerts::AlertsPanel,
    chart::MarketChart,
    news::StoryPanel,
    quotes::{Board, use_quotes},
    watch::WatchBar,
};
use crate::{
    answers::{Answer, use_answer},
    browser,
    components::{Button, ButtonKind, Column, EmptyState, FailedState, Grid, Line, LineKind, Lines, LoadingState},
    desk::{Desk, Overlay, Page, set_if_there, use_desk},
    invoke,
    reading::Reading,
};

/// The name of the list of what the portfolio holds; no watchlist can have it, since names are not empty.
const HELD: &str = "";
const KEPT_LIST: &str = "markets.list";
const KEPT_CHOSEN: &str = "markets.chosen";
/// Holdings asked for at once: more than any screen is looked at for.
const HELD_MAX: usize = 5_000;

/// The instrument that is looked at.
#[derive(Debug, Clone, PartialEq)]
struct Chosen {
    instrument: InstrumentId,
    symbol: String,
}

/// What the parts of the page share.
#[derive(Clone, Copy, PartialEq)]
struct Market {
    /// The name of the open watchlist; [`HELD`] for what is held.
    list: Memo<String>,
    chosen: Signal<Option<Chosen>>,
    watchlists: Answer<Vec<WatchlistEntry>>,
    instruments: Memo<Vec<InstrumentId>>,
    board: Board,
}

impl Market {
    /// Returns the open watchlist, where it is one of the book.
    fn entry(&self) -> Option<WatchlistEntry> {
        let name = self.list.read();
        let all = self.watchlists.get()?;
        all.iter().find(|entry| entry.watchlist.name == *name).cloned()
    }

    /// Looks at an instrument.
    fn choose(mut self, desk: Desk, instrument: InstrumentId, symbol: String) {
        let chosen = Some(Chosen { instrument, symbol });
        if *self.chosen.peek() != chosen {
            desk.keep(KEPT_CHOSEN, instrument.to_string());
            self.chosen.set(chosen);
        }
    }

    /// Looks at the instrument of a row.
    fn choose_row(self, desk: Desk, row: usize) {
        let Some(instrument) = self.instruments.peek().get(row).copied() else {
            return;
        };
        if let Some(symbol) = self.board.symbol(instrument) {
            self.choose(desk, instrument, symbol);
        }
    }

    /// Returns the row of the instrument that is looked at.
    fn chosen_row(&self) -> Option<usize> {
        let chosen = self.chosen.peek().as_ref()?.instrument;
        self.instruments
            .peek()
            .iter()
            .position(|instrument| *instrument == chosen)
    }
}

/// The page.
#[component]
pub(crate) fn MarketsPage() -> Element {
    let desk = use_desk();
    let chosen = use_signal(|| None::<Chosen>);
    let watchlists = use_answer(|| Some(GetWatchlists {}));
    // A list that this book does not have is the one of what is held.
    let list = use_memo(move || {
        let kept = desk
            .preferences
            .read()
            .pages
            .get(KEPT_LIST)
            .cloned()
            .unwrap_or_default();
        let all = watchlists.get();
        let known = all
            .iter()
            .flat_map(|all| all.iter())
            .any(|entry| entry.watchlist.name == kept);
        if known { kept } else { HELD.to_owned() }
    });
    // An instrument of another book is none of this one.
    let book = use_memo(move || desk.book().map(|book| book.name));
    use_effect(move || {
        let _ = book();
        let mut chosen = chosen;
        if chosen.peek().is_some() {
            chosen.set(None);
        }
    });
    let held = use_answer(move || {
        (list() == HELD).then_some(())?;
        Some(GetHoldings {
            view: desk.view()?,
            group: Vec::new(),
            collapsed: Vec::new(),
            sort: None,
            filter: String::new(),
            offset: 0,
            limit: HELD_MAX,
        })
    });
    let instruments = use_memo(move || {
        if list() != HELD {
            let all = watchlists.get();
            let found = all
                .iter()
                .flat_map(|all| all.iter())
                .find(|entry| entry.watchlist.name == *list.read());
            return found
                .map(|entry| entry.watchlist.instruments.clone())
                .unwrap_or_default();
        }
        let mut instruments: Vec<InstrumentId> = Vec::new();
        for row in held.get().iter().flat_map(|found| &found.rows) {
            if let GridRow::Holding(row) = row
                && let Some(instrument) = row.instrument
                && !instruments.contains(&instrument)
            {
                instruments.push(instrument);
            }
        }
        instruments
    });
    let board = use_quotes(instruments);
    let market = Market {
        list,
        chosen,
        watchlists,
        instruments,
        board,
    };
    let mut pinned = use_signal(|| false);
    use_subject(desk, market, pinned);
    // Another list is looked at from its own first row, unless the palette asked for something else.
    use_effect(move || {
        let _ = list();
        if *pinned.peek() {
            pinned.set(false);
            return;
        }
        let mut chosen = chosen;
        if chosen.peek().is_some() {
            chosen.set(None);
        }
    });
    // Something is always looked at: what was last, where it is still on the list, else the first.
    use_effect(move || {
        let shown = board.shown.read();
        if chosen.peek().is_some() {
            return;
        }
        let instruments = instruments.read();
        let kept = desk.kept(KEPT_CHOSEN).unwrap_or_default();
        let kept = instruments.iter().find(|instrument| instrument.to_string() == kept);
        if let Some(instrument) = kept.or(instruments.first())
            && let Some(row) = shown.get(instrument)
            && !desk.has_subject(Page::Markets)
        {
            let mut chosen = chosen;
            chosen.set(Some(Chosen {
                instrument: *instrument,
                symbol: row.quote.symbol.clone(),
            }));
        }
    });
    let failure = if list() == HELD {
        (held.failure)()
    } else {
        (watchlists.failure)()
    };
    let waits = if list() == HELD {
        held.get().is_none() && desk.view().is_some()
    } else {
        watchlists.get().is_none()
    };
    rsx! {
        div { class: "page-body markets", "data-testid": "page-markets",
            div { class: "markets-side",
                WatchBar { market }
                div { class: "grid-box",
                    QuoteGrid { market, failure, waits }
                }
                AlertsPanel { market }
            }
            div { class: "markets-main",
                MarketChart { market }
                StoryPanel { market }
            }
        }
    }
}

/// Looks at the symbol that the palette asked for, whether it is on a list or not.
fn use_subject(desk: Desk, market: Market, pinned: Signal<bool>) {
    use_effect(move || {
        let Some(symbol) = desk.take_subject(Page::Markets) else {
            return;
        };
        spawn_forever(async move {
            let ask = SuggestSymbols {
                text: symbol.clone(),
                limit: 6,
            };
            let found = match invoke::invoke(&ask).await {
                Ok(found) => found
                    .into_iter()
                    .find(|found| found.symbol.eq_ignore_ascii_case(&symbol)),
                Err(failure) => return desk.fail(&failure),
            };
            match found {
                Some(found) => {
                    set_if_there(pinned, market.watchlists.latest.peek().is_none());
                    set_if_there(
                        market.chosen,
                        Some(Chosen {
                            instrument: found.instrument,
                            symbol: found.symbol,
                        }),
                    );
                }
                None => desk.say(format!("No instrument is called {symbol}")),
            }
        });
    });
}

#[component]
fn QuoteGrid(market: Market, failure: Option<Failure>, waits: bool) -> Element {
    let mut desk = use_desk();
    let board = market.board;
    let instruments = market.instruments;
    let lines = use_memo(move || {
        let shown = board.shown.read();
        let waiting = Rc::new(Line {
            testid: String::new(),
            kind: LineKind::Waiting,
            cells: vec![Reading::none(); COLUMNS],
        });
        let line = |instrument: &InstrumentId| shown.get(instrument).map_or(&waiting, |row| &row.line).clone();
        Lines::made(instruments.read().iter().map(line).collect())
    });
    if let Some(failure) = failure {
        return rsx! { FailedState { testid: "quotes-failed", failure } };
    }
    if waits {
        return rsx! { LoadingState { what: "Reading the watchlists" } };
    }
    let total = instruments.read().len();
    if total > 0
        && board.shown.read().is_empty()
        && let Some(failure) = (board.failure)()
    {
        return rsx! { FailedState { testid: "quotes-failed", failure } };
    }
    let held = *market.list.read() == HELD;
    // The row that is looked at when the page opens, as the page itself finds it.
    let kept = desk.kept(KEPT_CHOSEN).unwrap_or_default();
    let at = instruments
        .peek()
        .iter()
        .position(|instrument| instrument.to_string() == kept)
        .unwrap_or(0);
    rsx! {
        Grid {
            name: "quotes",
            columns: columns(),
            total,
            lines: lines(),
            reset: market.list.read().clone(),
            autofocus: true,
            at: Some(at),
            onfocusrow: move |row| market.choose_row(desk, row),
            onopen: move |row| {
                market.choose_row(desk, row);
                browser::focus("[data-testid='chart-candles']");
            },
            if held {
                EmptyState {
                    testid: "quotes-empty",
                    title: "Nothing is held on this day",
                    next: "Make a watchlist of what you want to see together",
                    Button { testid: "empty-watchlist", kind: ButtonKind::Primary, onclick: move |_| desk.overlay.set(Some(Overlay::NewWatchlist)), "New watchlist…" }
                }
            } else {
                EmptyState {
                    testid: "quotes-empty",
                    title: "Nothing is on this watchlist",
                    next: "Symbols that the book does not know are looked up",
                    Button {
                        testid: "empty-watch",
                        kind: ButtonKind::Primary,
                        onclick: move |_| desk.overlay.set(Some(Overlay::WatchSymbol { watchlist: market.list.peek().clone() })),
                        "Add a symbol…"
                    }
                }
            }
        }
    }
}

const COLUMNS: usize = 10;

fn columns() -> Vec<Column> {
    vec![
        Column::words("symbol", "Symbol", 76).unsorted(),
        Column::words("name", "Name", 64).growing().unsorted(),
        Column::figures("last", "Last", 66).unsorted(),
        Column::figures("change", "Change", 60).unsorted(),
        Column::figures("change_fraction", "%", 54).unsorted(),
        Column::words("time", "Time", 100).unsorted(),
        Column::figures("bid", "Bid", 62).unsorted(),
        Column::figures("ask", "Ask", 62).unsorted(),
        Column::figures("volume", "Volume", 76).unsorted(),
        Column::words("source", "Source", 92).unsorted(),
    ]
}

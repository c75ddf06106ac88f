//! Live quotes: one question at a time, answered when something has changed. Only what changed is written and drawn.

use std::{collections::BTreeMap, rc::Rc};

use apex_domain::{Decimal, InstrumentId};
use apex_wire::{
    Failure,
    quotes::{EndQuotes, NextQuotes, Quote, Quotes},
};
use dioxus::{core::spawn_forever, prelude::*};

use crate::{
    browser,
    components::{Line, LineKind},
    desk::use_desk,
    invoke,
    reading::{Pulse, Reading, Tone},
};

/// How long the page waits before it asks again after a failure.
const RETRY_MS: u32 = 3_000;

/// A quote with the line that shows it.
#[derive(Clone)]
pub(super) struct QuoteRow {
    pub(super) quote: Rc<Quote>,
    pub(super) line: Rc<Line>,
    turn: bool,
}

/// The latest quotes of a list.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Board {
    pub(super) shown: Signal<BTreeMap<InstrumentId, QuoteRow>>,
    pub(super) failure: Signal<Option<Failure>>,
}

impl Board {
    /// Returns the symbol of an instrument that has a quote.
    pub(super) fn symbol(self, instrument: InstrumentId) -> Option<String> {
        let shown = self.shown.peek();
        shown.get(&instrument).map(|row| row.quote.symbol.clone())
    }

    /// Returns the quote of an instrument, and listens to it.
    pub(super) fn quote(self, instrument: InstrumentId) -> Option<Rc<Quote>> {
        self.shown.read().get(&instrument).map(|row| row.quote.clone())
    }

    fn take(mut self, quotes: Quotes) {
        if quotes.rows.is_empty() {
            return;
        }
        let mut shown = self.shown.write();
        for quote in quotes.rows {
            let instrument = quote.instrument;
            let row = row_of(quote, shown.get(&instrument));
            shown.insert(instrument, row);
        }
    }
}

/// Watches the quotes of some instruments for as long as the component lives.
pub(super) fn use_quotes(instruments: Memo<Vec<InstrumentId>>) -> Board {
    let desk = use_desk();
    let board = Board {
        shown: use_signal(BTreeMap::new),
        failure: use_signal(|| None),
    };
    let mut watch = use_hook(|| CopyValue::new(None::<String>));
    use_effect(move || {
        let wanted = instruments();
        end(watch.replace(None));
        if wanted.is_empty() {
            return;
        }
        let name = desk.new_job("quotes").0;
        watch.set(Some(name.clone()));
        spawn(listen(board, watch, name, wanted));
    });
    use_drop(move || end(watch.replace(None)));
    board
}

async fn listen(mut board: Board, watch: CopyValue<Option<String>>, name: String, instruments: Vec<InstrumentId>) {
    let mut ask = NextQuotes {
        watch: name.clone(),
        instruments,
        after: 0,
    };
    loop {
        let answer = invoke::invoke(&ask).await;
        if watch.peek().as_ref() != Some(&name) {
            return;
        }
        match answer {
            Ok(quotes) => {
                ask.after = quotes.number;
                board.take(quotes);
                if board.failure.peek().is_some() {
                    board.failure.set(None);
                }
            }
            Err(failure) => {
                board.failure.set(Some(failure));
                gloo_timers::future::TimeoutFuture::new(RETRY_MS).await;
                if watch.peek().as_ref() != Some(&name) {
                    return;
                }
            }
        }
    }
}

fn end(watch: Option<String>) {
    if let Some(watch) = watch {
        spawn_forever(async move {
            // A watch that nobody listens to ends by itself; this only makes it sooner.
            let _ = invoke::invoke(&EndQuotes { watch }).await;
        });
    }
}

fn row_of(quote: Quote, before: Option<&QuoteRow>) -> QuoteRow {
    let turn = before.is_some_and(|before| !before.turn);
    let pulse = before.and_then(|before| {
        let (was, is) = (before.quote.last.known()?, quote.last.known()?);
        (was != is).then_some(Pulse { rose: is > was, turn })
    });
    let line = Rc::new(line_of(&quote, pulse));
    QuoteRow {
        quote: Rc::new(quote),
        line,
        turn,
    }
}

fn line_of(quote: &Quote, pulse: Option<Pulse>) -> Line {
    let price = |price: Option<Decimal>, what: &str| match price {
        Some(price) => Reading::text(Reading::price_text(price).to_string()),
        None => Reading::faint(apex_format::UNKNOWN).hinted(format!("no {what} was heard")),
    };
    let mut last = Reading::price(&quote.last).hinted_if_known(&format!("in {}", quote.currency));
    last.pulse = pulse;
    Line {
        testid: format!("quote-{}", quote.symbol),
        kind: if quote.stale.is_some() {
            LineKind::Old
        } else {
            LineKind::Plain
        },
        cells: vec![
            Reading::text(&quote.symbol),
            Reading::faint(&quote.name).hinted(&quote.name),
            last,
            change(quote),
            Reading::rate_number(&quote.change_fraction),
            time(quote),
            price(quote.bid, "bid"),
            price(quote.ask, "ask"),
            match quote.volume {
                Some(volume) => Reading::text(apex_format::compact(volume).to_string())
                    .hinted(apex_format::quantity(volume).to_string()),
                None => Reading::faint(apex_format::UNKNOWN).hinted("no volume is known"),
            },
            source(quote),
        ],
    }
}

/// Returns the change against the close before, with as many decimals as a price.
pub(super) fn change(quote: &Quote) -> Reading {
    let mut reading = Reading::price(&quote.change);
    if let Some(change) = quote.change.known() {
        reading = Reading::text(apex_format::signed(Reading::price_text(*change)).to_string()).toned(match change {
            change if change.is_zero() => Tone::Plain,
            change if change.is_sign_negative() => Tone::Loss,
            _ => Tone::Gain,
        });
    }
    match quote.previous {
        Some(previous) => {
            let digits = u8::try_from(previous.decimals().clamp(2, 6)).unwrap_or(6);
            let close = apex_format::fixed(previous.number(), digits);
            reading.hinted_if_known(&format!("the close before was {close}"))
        }
        None => reading,
    }
}

/// Returns when a price is of: the time of a live one, the day of a close, or in words how old it is.
pub(super) fn time(quote: &Quote) -> Reading {
    let exact = match (quote.at, quote.day) {
        (Some(at), _) => apex_format::instant(at).to_string(),
        (None, Some(day)) => format!("the close of {day}"),
        (None, None) => "no price was heard yet".to_owned(),
    };
    if let Some(stale) = &quote.stale {
        return Reading::text(stale).toned(Tone::Warning).hinted(exact);
    }
    match (quote.at, quote.day) {
        (Some(at), _) => Reading::text(browser::local_time(at)).hinted(exact),
        (None, Some(day)) => Reading::faint(day.to_string()).hinted(exact),
        (None, None) => Reading::unknown(&exact),
    }
}

/// Returns who gave a price, and whether it may only be looked at.
pub(super) fn source(quote: &Quote) -> Reading {
    let source = quote.source.as_deref().unwrap_or(apex_format::UNKNOWN);
    if quote.display_only {
        Reading::text(format!("{source}, shown only")).hinted("to be looked at; it enters no book")
    } else {
        Reading::faint(source).hinted(source)
    }
}

//! What moves by itself, for the frame and for pages that show closes: the portfolio at the latest prices, the streams,
//! and alerts that fired. Whatever cannot be had is left away; figures of closes stand without it.

use std::rc::Rc;

use apex_wire::{
    View,
    alert::GetAlerts,
    feeds::{GetSources, StreamState},
    quotes::{EndLive, NextLive},
};
use dioxus::{core::spawn_forever, prelude::*};
use gloo_timers::future::TimeoutFuture;

use crate::{
    desk::{Desk, sentence, set_if_there},
    invoke,
};

/// How often the sources and the alerts are looked at.
const LOOK_MS: u32 = 5_000;
/// How long a question for live figures rests after it failed.
const RETRY_MS: u32 = 15_000;

/// Keeps the desk's live figures, sources and alerts current. Call it once, in the frame.
pub(crate) fn use_live(desk: Desk) {
    let mut watch = use_hook(|| CopyValue::new(None::<String>));
    use_effect(move || {
        let view = desk.view();
        end(watch.replace(None));
        set_if_there(desk.live, None);
        // The past has no live prices.
        let Some(view) = view.filter(|view| view.as_of.is_none() && view.known_at.is_none()) else {
            return;
        };
        let name = desk.new_job("live").0;
        watch.set(Some(name.clone()));
        spawn(listen(desk, watch, name, view));
    });
    use_future(move || async move {
        loop {
            TimeoutFuture::new(LOOK_MS).await;
            look(desk).await;
        }
    });
    // A change of the book may be one of these.
    use_effect(move || {
        let _ = (desk.version)();
        spawn(look(desk));
    });
}

/// Looks at the sources and the alerts at once.
pub(crate) async fn look(mut desk: Desk) {
    let sources = invoke::invoke(&GetSources {}).await;
    if desk.sources.peek().as_ref() != Some(&sources) {
        desk.sources.set(Some(sources));
    }
    let alerts = invoke::invoke(&GetAlerts {}).await.map(Rc::new);
    if desk.watched.peek().as_ref() == Some(&alerts) {
        return;
    }
    let before = match &*desk.watched.peek() {
        Some(Ok(before)) => Some(before.unseen),
        _ => None,
    };
    if let (Some(before), Ok(alerts)) = (before, &alerts)
        && alerts.unseen > before
        && let Some(latest) = alerts.fired.first()
    {
        desk.say(format!("{}: {}", latest.symbol, latest.sentence));
    }
    desk.watched.set(Some(alerts));
}

async fn listen(mut desk: Desk, watch: CopyValue<Option<String>>, name: String, view: View) {
    let mut ask = NextLive {
        watch: name.clone(),
        view,
        after: 0,
    };
    loop {
        let answer = invoke::invoke(&ask).await;
        if watch.peek().as_ref() != Some(&name) {
            return;
        }
        match answer {
            Ok(live) => {
                ask.after = live.number;
                let shown = (live.live > 0).then(|| (view, Rc::new(live)));
                if *desk.live.peek() != shown {
                    desk.live.set(shown);
                }
            }
            Err(_) => {
                if desk.live.peek().is_some() {
                    desk.live.set(None);
                }
                TimeoutFuture::new(RETRY_MS).await;
            }
        }
    }
}

fn end(watch: Option<String>) {
    if let Some(watch) = watch {
        spawn_forever(async move {
            // A watch that nobody listens to ends by itself; this only makes it sooner.
            let _ = invoke::invoke(&EndLive { watch }).await;
        });
    }
}

/// Returns a stream in a word, why it is so, and whether it needs a look.
pub(crate) fn stream_words(stream: &StreamState) -> (String, String, bool) {
    let now = crate::browser::now();
    let age = |since: &apex_domain::Timestamp| {
        let seconds = u64::try_from(now.as_second() - since.as_second()).unwrap_or(0);
        apex_format::duration(std::time::Duration::from_secs(seconds)).to_string()
    };
    match stream {
        StreamState::Off => (
            "off".to_owned(),
            "Nobody listens, or the provider has no stream".to_owned(),
            false,
        ),
        StreamState::Connecting => ("connecting".to_owned(), "It connects".to_owned(), false),
        StreamState::Up { since, symbols } => {
            let symbols = apex_format::counted(*symbols as u64, "symbol");
            ("live".to_owned(), format!("Up for {}, {symbols}", age(since)), false)
        }
        StreamState::Down { since, reason } => (
            format!("down {}", age(since)),
            format!("{}; it is tried again", sentence(reason)),
            true,
        ),
    }
}

//! `apex quotes`: the latest of some instruments, once or until Ctrl-C.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, stdout};
use std::time::Duration;

use apex_domain::{Decimal, InstrumentId};
use apex_format::{UNKNOWN, percent, quantity, separated};
use apex_wire::feeds::StreamState;
use apex_wire::quotes::{EndQuotes, GetWatchlists, NextQuotes, Quote, Quotes};

use super::Done;
use crate::arguments::QuoteArguments;
use crate::desk::{Desk, instruments, refused};
use crate::output::{self, Set, Table, or_unknown};

/// The name of the command's own watch.
const WATCH: &str = "apex quotes";
/// How long a stream may take to be heard where nothing is watched.
const PATIENCE: Duration = Duration::from_secs(3);
/// As many lines of a terminal are drawn anew at once.
const LINES_MAX: usize = 200;

/// Does what was typed after `apex quotes`.
pub(super) async fn quotes(desk: &Desk, ask: QuoteArguments) -> anyhow::Result<Done> {
    desk.open().await?;
    let wanted = wanted(desk, &ask).await?;
    let mut question = NextQuotes {
        watch: WATCH.to_owned(),
        instruments: wanted,
        after: 0,
    };
    if !ask.watch {
        let quotes = once(desk, question).await?;
        if desk.common.json {
            output::figures(&serde_json::json!({ "now": quotes.now, "rows": quotes.rows, "streams": quotes.streams }))?;
        } else {
            output::text(&table(quotes.rows.iter(), &quotes))?;
        }
        return Ok(Done::Well);
    }
    // Ctrl-C ends what never ends by itself, and is no failure.
    let job = desk.job();
    let mut screen = Screen::new(desk.common.json);
    let mut unread = std::pin::pin!(output::unread());
    while !job.is_cancelled() {
        let quotes = tokio::select! {
            quotes = desk.app.next_quotes(question.clone()) => quotes.map_err(refused)?,
            () = &mut unread => break,
        };
        question.after = quotes.number;
        if !screen.show(&question.instruments, quotes)? {
            break;
        }
    }
    desk.app
        .end_quotes(EndQuotes { watch: question.watch })
        .map_err(refused)?;
    Ok(Done::Well)
}

/// Returns all quotes, after a stream has had a moment to speak of them.
async fn once(desk: &Desk, question: NextQuotes) -> anyhow::Result<Quotes> {
    let mut latest = desk.app.next_quotes(question.clone()).await.map_err(refused)?;
    if !latest.streams.is_empty() {
        // What is not heard by then shows its close.
        let heard = tokio::time::timeout(PATIENCE, hear(desk, question, &mut latest)).await;
        heard.unwrap_or(Ok(()))?;
    }
    Ok(latest)
}

/// Listens until every quote is live, or nothing can be.
async fn hear(desk: &Desk, mut question: NextQuotes, latest: &mut Quotes) -> anyhow::Result<()> {
    let can_come = |(_, state): &(_, StreamState)| !matches!(state, StreamState::Down { .. });
    while latest.streams.iter().any(can_come) && latest.rows.iter().any(|row| row.at.is_none()) {
        question.after = latest.number;
        let next = desk.app.next_quotes(question.clone()).await.map_err(refused)?;
        for newer in next.rows {
            if let Some(row) = latest.rows.iter_mut().find(|row| row.instrument == newer.instrument) {
                *row = newer;
            }
        }
        *latest = Quotes {
            rows: std::mem::take(&mut latest.rows),
            number: next.number,
            now: next.now,
            streams: next.streams,
        };
    }
    Ok(())
}

async fn wanted(desk: &Desk, ask: &QuoteArguments) -> anyhow::Result<Vec<InstrumentId>> {
    let mut wanted = instruments(desk, &ask.symbols)?;
    if let Some(name) = &ask.watchlist {
        let lists = desk.app.get_watchlists(GetWatchlists {}).await.map_err(refused)?;
        let list = lists.into_iter().find(|entry| entry.watchlist.name == name.trim());
        let Some(list) = list else {
            anyhow::bail!("the book has no watchlist {name}; see `apex watchlists`");
        };
        for id in list.watchlist.instruments {
            if !wanted.contains(&id) {
                wanted.push(id);
            }
        }
    }
    Ok(wanted)
}

/// What is shown while quotes are watched: on a terminal a table drawn over the one before, else a line for each change.
struct Screen {
    json: bool,
    in_place: bool,
    rows: BTreeMap<InstrumentId, Quote>,
    drawn: usize,
    streams: Option<String>,
}

impl Screen {
    fn new(json: bool) -> Self {
        Self {
            json,
            in_place: !json && stdout().is_terminal(),
            rows: BTreeMap::new(),
            drawn: 0,
            streams: None,
        }
    }

    /// Shows what has changed, and returns whether anybody still reads.
    fn show(&mut self, order: &[InstrumentId], quotes: Quotes) -> anyhow::Result<bool> {
        if !self.in_place {
            let mut text = String::new();
            for row in &quotes.rows {
                text.push_str(&if self.json {
                    output::figures_line(row)?
                } else {
                    line(row)
                });
            }
            // What the streams do is no quote.
            let streams = streams(&quotes);
            if self.streams.as_ref() != Some(&streams) {
                if !streams.is_empty() {
                    output::say(&format!("apex: {streams}"));
                }
                self.streams = Some(streams);
            }
            return output::text_while_read(&text);
        }
        for row in &quotes.rows {
            self.rows.insert(row.instrument, row.clone());
        }
        let rows = order.iter().filter_map(|id| self.rows.get(id)).take(LINES_MAX);
        let table = table(rows, &quotes);
        // Up to where the table began, and clear from there on.
        let up = match self.drawn {
            0 => String::new(),
            lines => format!("\x1b[{lines}A\x1b[J"),
        };
        self.drawn = table.lines().count();
        output::text_while_read(&format!("{up}{table}"))
    }
}

fn table<'a>(rows: impl Iterator<Item = &'a Quote>, quotes: &Quotes) -> String {
    let mut table = Table::new(&[
        ("Symbol", Set::Words),
        ("Last", Set::Numbers),
        ("", Set::Words),
        ("Change", Set::Numbers),
        ("%", Set::Numbers),
        ("Bid", Set::Numbers),
        ("Ask", Set::Numbers),
        ("Volume", Set::Numbers),
        ("When", Set::Words),
        ("Source", Set::Words),
        ("", Set::Words),
    ]);
    for row in rows {
        let number = |value: Option<Decimal>| or_unknown(value.map(|value| separated(&value.normalize().to_string())));
        table.row([
            row.symbol.clone(),
            number(row.last.known().copied()),
            row.currency.to_string(),
            number(row.change.known().copied()),
            percent(row.change_fraction.known().copied(), 2).to_string(),
            number(row.bid),
            number(row.ask),
            quantity(row.volume).to_string(),
            when(row),
            or_unknown(row.source.as_ref()),
            remark(row),
        ]);
        for because in [row.last.because(), row.change.because()].into_iter().flatten() {
            table.note(format!("{}: {because}", row.symbol));
        }
    }
    let streams = streams(quotes);
    if !streams.is_empty() {
        table.note(streams);
    }
    table.layout()
}

/// A line for who reads along: symbol, price, change, when.
fn line(row: &Quote) -> String {
    let last = or_unknown(row.last.known().map(|last| last.normalize()));
    let change = percent(row.change_fraction.known().copied(), 2);
    let remark = remark(row);
    let gap = if remark.is_empty() { "" } else { "  " };
    format!(
        "{}  {}  {last} {}  {change}{gap}{remark}\n",
        when(row),
        row.symbol,
        row.currency
    )
}

/// The instant of a live price, the day of a close.
fn when(row: &Quote) -> String {
    match (row.at, row.day) {
        (Some(at), _) => at.strftime("%F %T UTC").to_string(),
        (None, Some(day)) => day.to_string(),
        (None, None) => UNKNOWN.to_owned(),
    }
}

fn remark(row: &Quote) -> String {
    let stale = row.stale.clone();
    let display = row.display_only.then(|| "display only".to_owned());
    let remarks: Vec<String> = stale.into_iter().chain(display).collect();
    remarks.join(", ")
}

/// Says how the streams stand; nothing where there are none.
fn streams(quotes: &Quotes) -> String {
    let one = |(provider, state): &(apex_wire::feeds::Provider, StreamState)| match state {
        StreamState::Off => format!("{} does not stream now", provider.words()),
        StreamState::Connecting => format!("{} connects", provider.words()),
        StreamState::Up { symbols, .. } => {
            format!(
                "{} streams {}",
                provider.words(),
                apex_format::counted(*symbols as u64, "symbol")
            )
        }
        StreamState::Down { reason, .. } => format!("{} does not stream: {reason}", provider.words()),
    };
    let all: Vec<String> = quotes.streams.iter().map(one).collect();
    all.join("; ")
}

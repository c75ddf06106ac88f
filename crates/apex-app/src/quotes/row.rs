//! One quote: the live price where a stream gave one that no close has overtaken, else the last close published.

use apex_domain::split::{ComparableClose, SplitsBetween, TradedPrice};
use apex_domain::{Currency, Decimal, Instrument, InstrumentId, InstrumentKind, PriceBook};
use apex_market_data::hub::Latest;
use apex_market_data::yahoo::stream::Display;
use apex_wire::quotes::Quote;
use apex_wire::{Amount, Figure, Statistic};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::prelude::ToPrimitive as _;

use crate::live::venue::Venue;
use crate::live::watcher::Heard;
use crate::state::State;

/// No price heard for so long while the exchange is open, and the last one is stale.
const STALE_AFTER: SignedDuration = SignedDuration::from_mins(5);
/// A price so old by the market's clock is stale although it was heard just now. Streams that everybody may hear are
/// fifteen minutes late.
const OLD_AFTER: SignedDuration = SignedDuration::from_mins(20);

/// A price of a stream.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LivePrice {
    pub(crate) price: Decimal,
    /// When it held, by the market's clock.
    pub(crate) at: Timestamp,
    /// When a price was heard, by this machine's clock.
    heard: Timestamp,
    /// Whether it may be shown and no more.
    pub(crate) display_only: bool,
    /// What the provider itself says of the close before.
    change: Option<Change>,
}

/// A change against the close before.
#[derive(Debug, Clone, PartialEq)]
struct Change {
    amount: Decimal,
    fraction: f64,
}

/// A close that is published.
#[derive(Debug, Clone, PartialEq)]
struct Close {
    day: Date,
    price: Decimal,
}

/// Returns the quote of an instrument. `today` is the day of the wall clock; where the book's clock stands, no close after
/// its day is shown.
pub(crate) fn quote(
    state: &State,
    today: Date,
    instrument: &Instrument,
    venue: &Venue,
    heard: Option<&Heard>,
    now: Timestamp,
) -> Quote {
    let until = state.standing_clock().unwrap_or(today);
    let close = close_until(&state.prices, instrument.id, until);
    let (bid, ask) = heard.map_or((None, None), |heard| offers(&heard.latest, instrument.currency));
    let live = heard.and_then(|heard| live_price(&heard.latest, instrument.currency));
    let overtaken = |live: &LivePrice| close.as_ref().is_some_and(|close| close.day >= venue.day_of(live.at));
    let quote = Quote {
        instrument: instrument.id,
        symbol: instrument.symbol().to_owned(),
        name: instrument.name.clone(),
        currency: instrument.currency,
        last: Figure::Unavailable(String::new()),
        bid,
        ask,
        change: Figure::Unavailable(String::new()),
        change_fraction: Figure::Unavailable(String::new()),
        previous: None,
        volume: heard.and_then(|heard| volume(&heard.latest)),
        at: None,
        day: None,
        source: None,
        display_only: false,
        age_secs: None,
        stale: None,
    };
    match (live.filter(|live| !overtaken(live)), close, heard) {
        (Some(live), _, Some(heard)) => of_live(state, quote, &live, venue, heard, now),
        (_, Some(close), _) => of_close(state, quote, &close, instrument, venue, until, now),
        _ => {
            let because = format!(
                "there is no price of {}; fetch its history, or set up a source that streams",
                instrument.symbol()
            );
            Quote {
                last: Figure::Unavailable(because.clone()),
                change: Figure::Unavailable(because.clone()),
                change_fraction: Figure::Unavailable(because),
                ..quote
            }
        }
    }
}

fn of_live(state: &State, quote: Quote, live: &LivePrice, venue: &Venue, heard: &Heard, now: Timestamp) -> Quote {
    let day = venue.day_of(live.at);
    let previous = previous_close(state, quote.instrument, venue, day);
    let (change, change_fraction) = match (&previous, &live.change) {
        (Ok(previous), _) => against(live.price, *previous),
        (Err(_), Some(change)) => (Figure::Known(change.amount), Figure::Known(change.fraction)),
        (Err(because), None) => (
            Figure::Unavailable(because.clone()),
            Figure::Unavailable(because.clone()),
        ),
    };
    let age = now.duration_since(live.at).max(SignedDuration::ZERO);
    Quote {
        last: Figure::Known(live.price),
        change,
        change_fraction,
        previous: previous.ok(),
        at: Some(live.at),
        source: Some(heard.provider.words().to_owned()),
        display_only: live.display_only,
        age_secs: Some(age.as_secs()),
        stale: stale_live(live, venue, now),
        ..quote
    }
}

fn of_close(
    state: &State,
    quote: Quote,
    close: &Close,
    instrument: &Instrument,
    venue: &Venue,
    until: Date,
    now: Timestamp,
) -> Quote {
    let before = close.day.yesterday().ok();
    let before = before.and_then(|before| close_until(&state.prices, instrument.id, before));
    let before = before.map(|before| on_the_count_of(state, instrument.id, &before, close.day));
    let (change, change_fraction) = match before {
        Some(before) => against(close.price, before),
        None => {
            let because = format!("there is no close before {}", close.day);
            (Figure::Unavailable(because.clone()), Figure::Unavailable(because))
        }
    };
    // What is marked now and then has no sessions to be behind.
    let is_traded = !matches!(instrument.kind, InstrumentKind::Private);
    let last_session = match state.standing_clock() {
        Some(day) => day,
        None => venue.last_ended(now).min(until),
    };
    let behind = venue.sessions_after(close.day, last_session);
    let priced = state.prices.price(instrument.id, close.day, 0);
    Quote {
        last: Figure::Known(close.price),
        change,
        change_fraction,
        previous: before,
        volume: None,
        day: Some(close.day),
        source: priced.ok().map(|priced| priced.source),
        stale: (is_traded && behind > 0).then(|| sessions_old(behind)),
        ..quote
    }
}

/// Returns whether two quotes say the same; that time has passed is not said.
pub(crate) fn says_the_same(before: &Quote, after: &Quote) -> bool {
    let Quote { age_secs, .. } = before;
    let aged = Quote {
        age_secs: *age_secs,
        ..after.clone()
    };
    *before == aged
}

/// Returns the last price a stream gave; none where it gave none, or in another unit than the instrument's.
pub(crate) fn live_price(latest: &Latest, currency: Currency) -> Option<LivePrice> {
    let trade = latest.trade.as_ref().map(|trade| (trade.at, trade.price));
    let bar = latest.aggregate.as_ref().and_then(|aggregate| {
        let close = aggregate.bar.figures.raw()?.close?;
        Some((aggregate.until, close))
    });
    let heard = latest.priced.unwrap_or(latest.heard);
    let exact = trade.into_iter().chain(bar).max_by_key(|(at, _)| *at);
    if let Some((at, price)) = exact {
        return (price > Decimal::ZERO).then_some(LivePrice {
            price,
            at,
            heard,
            display_only: false,
            change: None,
        });
    }
    let display = latest.display.as_ref()?;
    let unit = unit(display, currency)?;
    let price = shown(display.price)?.checked_mul(unit)?;
    let change = shown(display.change).and_then(|amount| {
        Some(Change {
            amount: amount.checked_mul(unit)?,
            fraction: f64::from(display.change_percent) / 100.0,
        })
    });
    (price > Decimal::ZERO).then_some(LivePrice {
        price,
        at: display.at,
        heard,
        display_only: true,
        change,
    })
}

fn offers(latest: &Latest, currency: Currency) -> (Option<Decimal>, Option<Decimal>) {
    if let Some(quote) = &latest.quote {
        return (quote.bid, quote.ask);
    }
    let Some(display) = &latest.display else {
        return (None, None);
    };
    let Some(unit) = unit(display, currency) else {
        return (None, None);
    };
    let offer = |price: Option<f32>| shown(price?)?.checked_mul(unit);
    (offer(display.bid), offer(display.ask))
}

fn volume(latest: &Latest) -> Option<Decimal> {
    let of_bar = latest.aggregate.as_ref().and_then(|aggregate| aggregate.day_volume);
    let of_display = || {
        let display = latest.display.as_ref()?;
        (display.day_volume > 0).then(|| Decimal::from(display.day_volume))
    };
    of_bar.or_else(of_display)
}

/// Returns a float of a screen as the decimal with the fewest digits that reads the same: 212.8 and not 212.80000305.
fn shown(price: f32) -> Option<Decimal> {
    price.to_string().parse().ok()
}

/// Returns what one unit of the provider's prices is in the currency of the instrument; none where it is neither that nor
/// a hundredth of it.
fn unit(display: &Display, currency: Currency) -> Option<Decimal> {
    let code = currency.to_string();
    match display.currency.as_deref() {
        None => Some(Decimal::ONE),
        Some(word) if word == code => Some(Decimal::ONE),
        Some("GBp" | "GBX") if code == "GBP" => Some(Decimal::new(1, 2)),
        Some("ZAc") if code == "ZAR" => Some(Decimal::new(1, 2)),
        Some("ILA") if code == "ILS" => Some(Decimal::new(1, 2)),
        Some("KWF") if code == "KWD" => Some(Decimal::new(1, 3)),
        Some(_) => None,
    }
}

/// Returns the last close on or before a day.
fn close_until(prices: &PriceBook, id: InstrumentId, until: Date) -> Option<Close> {
    let day = prices.last_date(id, until)?;
    let price = prices.price_on(id, day)?;
    Some(Close { day, price })
}

/// Returns the close that a price of a day is compared with: that of the session before, on the day's count of shares.
fn previous_close(state: &State, id: InstrumentId, venue: &Venue, day: Date) -> Result<ComparableClose, String> {
    let before = day.yesterday().map_err(|_| "there is no day before".to_owned())?;
    let close = close_until(&state.prices, id, before).ok_or("no close is published that it could be compared with")?;
    if venue.sessions_after(close.day, before) > 0 {
        return Err(format!("the last close published is that of {}", close.day));
    }
    Ok(on_the_count_of(state, id, &close, day))
}

/// Returns a close as it would read on a later day's count of shares.
fn on_the_count_of(state: &State, id: InstrumentId, close: &Close, day: Date) -> ComparableClose {
    let splits = state.splits.get(&id).into_iter().flatten();
    let between = splits.filter(|(ex, _)| **ex > close.day && **ex <= day);
    let between: SplitsBetween = between.map(|(_, ratio)| *ratio).collect();
    between.comparable(TradedPrice::new(close.price))
}

/// Returns the change of a price, and the same as a fraction.
pub(crate) fn against(price: Decimal, before: ComparableClose) -> (Amount, Statistic) {
    let change = before.change_to(price);
    let fraction = before.fraction(change).and_then(|fraction| fraction.to_f64());
    (
        Figure::Known(change),
        Figure::or_because(fraction, || "the close before is zero".to_owned()),
    )
}

/// Says how old a live price is, where it is older than it should be.
pub(crate) fn stale_live(live: &LivePrice, venue: &Venue, now: Timestamp) -> Option<String> {
    if let (Some(silence), Some(age)) = (venue.silence(live.heard, now), venue.silence(live.at, now)) {
        let is_stale = silence >= STALE_AFTER || age >= OLD_AFTER;
        return is_stale.then(|| old(now.duration_since(live.at)));
    }
    let behind = venue.sessions_after(venue.day_of(live.at), venue.last_ended(now));
    (behind > 0).then(|| sessions_old(behind))
}

fn sessions_old(count: usize) -> String {
    counted(count as u64, "session")
}

/// Says an age in its largest unit.
fn old(age: SignedDuration) -> String {
    let minutes = u64::try_from(age.as_mins()).unwrap_or(0);
    match minutes {
        0..60 => counted(minutes, "minute"),
        60..2_880 => counted(minutes / 60, "hour"),
        _ => counted(minutes / 1_440, "day"),
    }
}

fn counted(count: u64, noun: &str) -> String {
    format!("{} old", apex_format::counted(count, noun))
}

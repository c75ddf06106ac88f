//! Whether the condition of an alert holds, and when that is news: once when it begins to hold, and again only after it
//! has ceased.

use apex_domain::{Currency, Decimal};
use apex_format::counted;
use apex_wire::alert::Condition;
use apex_wire::quotes::Quote;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What is known of an instrument at one moment; what is not known decides nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// The last price, in the instrument's currency.
    pub price: Option<Decimal>,
    /// The change against the close before, in percent.
    pub change_percent: Option<Decimal>,
    /// Shares traded this day.
    pub volume: Option<Decimal>,
    /// For how long nothing has been heard while the exchange is open.
    pub silence: Option<SignedDuration>,
    /// The instant that price, change and volume are of; of a close, the end of its day.
    pub at: Option<Timestamp>,
}

impl Reading {
    /// Takes what a quote says. `silence` is told apart, as a quote is silent about what is not yet too long.
    pub(crate) fn of(quote: &Quote, silence: Option<SignedDuration>) -> Self {
        let change = quote.change.known().zip(quote.previous);
        Self {
            price: quote.last.known().copied(),
            change_percent: change
                .and_then(|(change, previous)| previous.fraction(change.checked_mul(Decimal::ONE_HUNDRED)?)),
            volume: quote.volume,
            silence,
            at: quote.at.or_else(|| end_of(quote.day?)),
        }
    }
}

/// Returns whether a condition holds; `None` where what it asks for is not known.
pub(super) fn holds(condition: &Condition, reading: &Reading) -> Option<bool> {
    Some(match condition {
        Condition::PriceAbove { price } => reading.price? >= *price,
        Condition::PriceBelow { price } => reading.price? <= *price,
        Condition::Change { percent } if percent.is_sign_negative() => reading.change_percent? <= *percent,
        Condition::Change { percent } => reading.change_percent?.abs() >= *percent,
        Condition::Volume { shares } => reading.volume? >= *shares,
        Condition::Stale { minutes } => reading.silence? >= SignedDuration::from_mins(i64::from(*minutes)),
    })
}

fn end_of(day: Date) -> Option<Timestamp> {
    let next = day.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some(next.timestamp())
}

/// Whether a condition held when it was last looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Crossing {
    /// Whether it held.
    pub holds: bool,
    /// The instant of what made it begin, or cease, to hold. What is older decides nothing: after a start the last close is
    /// known before the stream speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

impl Crossing {
    /// Takes what is found of an instant, and returns whether the condition has begun to hold. What is not known, or older
    /// than what turned it last, leaves all as it is.
    pub(super) fn step(&mut self, found: Option<bool>, at: Option<Timestamp>) -> bool {
        let is_older = at.is_some_and(|at| self.since.is_some_and(|since| at < since));
        match found {
            Some(holds) if holds != self.holds && !is_older => {
                *self = Self { holds, since: at };
                holds
            }
            Some(_) | None => false,
        }
    }
}

/// Says what a condition waits for.
pub(crate) fn words(condition: &Condition, currency: Currency) -> String {
    match condition {
        Condition::PriceAbove { price } => format!("price at or above {price} {currency}"),
        Condition::PriceBelow { price } => format!("price at or below {price} {currency}"),
        Condition::Change { percent } if percent.is_sign_negative() => format!("fall of at least {}%", percent.abs()),
        Condition::Change { percent } => format!("change of at least {percent}%, up or down"),
        Condition::Volume { shares } => format!("at least {} shares traded in a day", grouped(*shares)),
        Condition::Stale { minutes } => {
            format!(
                "nothing heard for {} while the exchange is open",
                counted(u64::from(*minutes), "minute")
            )
        }
    }
}

/// Says what has happened, with value and threshold.
pub(crate) fn sentence(condition: &Condition, reading: &Reading, currency: Currency) -> String {
    let known = |value: Option<Decimal>| {
        value.map_or_else(
            || apex_format::UNKNOWN.to_owned(),
            |value| value.normalize().to_string(),
        )
    };
    match condition {
        Condition::PriceAbove { price } => {
            format!("price {} {currency}, at or above {price}", money(reading.price, *price))
        }
        Condition::PriceBelow { price } => {
            format!("price {} {currency}, at or below {price}", money(reading.price, *price))
        }
        Condition::Change { percent } => {
            let change = reading.change_percent.map(|change| change.round_dp(2));
            let sign = if change.is_some_and(|change| change > Decimal::ZERO) {
                "+"
            } else {
                ""
            };
            let bound = if percent.is_sign_negative() {
                "at most"
            } else {
                "at least"
            };
            format!("change {sign}{}%, {bound} {percent}%", known(change))
        }
        Condition::Volume { shares } => format!(
            "volume {} shares, at least {}",
            reading.volume.map_or_else(|| apex_format::UNKNOWN.to_owned(), grouped),
            grouped(*shares)
        ),
        Condition::Stale { minutes } => {
            let silence = reading.silence.map_or(0, |silence| silence.as_mins().unsigned_abs());
            format!("nothing heard for {}, at least {minutes}", counted(silence, "minute"))
        }
    }
}

/// Writes a price with the decimals of the threshold at least, so that the two can be compared by eye.
fn money(price: Option<Decimal>, threshold: Decimal) -> String {
    let Some(price) = price else {
        return apex_format::UNKNOWN.to_owned();
    };
    let mut price = price.normalize();
    price.rescale(price.scale().max(threshold.scale()));
    price.to_string()
}

fn grouped(shares: Decimal) -> String {
    use rust_decimal::prelude::ToPrimitive as _;
    let whole = shares.trunc().to_u64().filter(|_| shares.fract().is_zero());
    whole.map_or_else(
        || shares.normalize().to_string(),
        |whole| apex_format::count(whole).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn at(price: &str) -> Reading {
        Reading {
            price: Some(decimal(price)),
            ..Reading::default()
        }
    }

    #[test]
    fn thresholds_count_themselves() {
        let above = Condition::PriceAbove {
            price: decimal("190.00"),
        };
        assert_eq!(holds(&above, &at("190")), Some(true));
        assert_eq!(holds(&above, &at("189.9999")), Some(false));
        assert_eq!(holds(&above, &Reading::default()), None);
        let change = Condition::Change { percent: decimal("5") };
        let fallen = Reading {
            change_percent: Some(decimal("-5")),
            ..Reading::default()
        };
        assert_eq!(holds(&change, &fallen), Some(true));
        let fall = Condition::Change { percent: decimal("-5") };
        let risen = Reading {
            change_percent: Some(decimal("5")),
            ..Reading::default()
        };
        assert_eq!((holds(&fall, &fallen), holds(&fall, &risen)), (Some(true), Some(false)));
        let stale = Condition::Stale { minutes: 10 };
        let quiet = |minutes| Reading {
            silence: Some(SignedDuration::from_mins(minutes)),
            ..Reading::default()
        };
        assert_eq!(
            (holds(&stale, &quiet(9)), holds(&stale, &quiet(10))),
            (Some(false), Some(true))
        );
    }

    #[test]
    fn what_is_older_than_the_crossing_turns_nothing() {
        let instant = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let mut crossing = Crossing::default();
        assert!(crossing.step(Some(true), instant("2026-03-09T13:59:00Z")));
        // The close of the session before, which is all that is known after a start.
        assert!(!crossing.step(Some(false), end_of(jiff::civil::date(2026, 3, 6))));
        assert!(!crossing.step(Some(true), instant("2026-03-09T14:00:00Z")));
        // Once it has ceased, it fires again.
        assert!(!crossing.step(Some(false), instant("2026-03-09T14:01:00Z")));
        assert!(crossing.step(Some(true), instant("2026-03-09T14:02:00Z")));
    }

    #[test]
    fn sentences_name_value_and_threshold() {
        let above = Condition::PriceAbove {
            price: decimal("190.00"),
        };
        assert_eq!(
            sentence(&above, &at("190.25"), Currency::USD),
            "price 190.25 USD, at or above 190.00"
        );
        assert_eq!(
            sentence(&above, &at("191"), Currency::USD),
            "price 191.00 USD, at or above 190.00"
        );
        let change = Condition::Change { percent: decimal("5") };
        let risen = Reading {
            change_percent: Some(decimal("5.23456")),
            ..Reading::default()
        };
        assert_eq!(sentence(&change, &risen, Currency::USD), "change +5.23%, at least 5%");
        let fallen = Reading {
            change_percent: Some(decimal("-5.23456")),
            ..Reading::default()
        };
        let fall = Condition::Change { percent: decimal("-5") };
        assert_eq!(sentence(&fall, &fallen, Currency::USD), "change -5.23%, at most -5%");
        assert_eq!(words(&fall, Currency::USD), "fall of at least 5%");
        let volume = Condition::Volume {
            shares: decimal("4000000"),
        };
        let traded = Reading {
            volume: Some(decimal("5000000")),
            ..Reading::default()
        };
        assert_eq!(
            sentence(&volume, &traded, Currency::USD),
            "volume 5,000,000 shares, at least 4,000,000"
        );
    }

    proptest! {
        // Of any series of prices with holes, it fires where a known price is at or above the threshold and the known one
        // before it was not: counted here without the state machine.
        #[test]
        fn it_fires_once_for_each_crossing(prices in prop::collection::vec(prop::option::of(90_i64..110), 0..200)) {
            let condition = Condition::PriceAbove { price: Decimal::from(100) };
            let mut crossing = Crossing::default();
            let mut fired = 0;
            for price in &prices {
                let reading = Reading { price: price.map(Decimal::from), ..Reading::default() };
                fired += usize::from(crossing.step(holds(&condition, &reading), None));
            }
            let known: Vec<bool> = prices.iter().flatten().map(|price| *price >= 100).collect();
            let first = usize::from(known.first() == Some(&true));
            let crossed = known.windows(2).filter(|pair| pair[1] && !pair[0]).count();
            prop_assert_eq!(fired, first + crossed);
        }

        // Stopping anywhere and taking up what was kept changes nothing.
        #[test]
        fn a_restart_fires_nothing_twice(found in prop::collection::vec(prop::option::of(any::<bool>()), 0..100), at in 0_usize..100) {
            let run = |found: &[Option<bool>], crossing: &mut Crossing| -> usize {
                found.iter().filter(|found| crossing.step(**found, None)).count()
            };
            let whole = run(&found, &mut Crossing::default());
            let (before, after) = found.split_at(at.min(found.len()));
            let mut crossing = Crossing::default();
            let first = run(before, &mut crossing);
            let kept = serde_json::to_string(&crossing).unwrap();
            let second = run(after, &mut serde_json::from_str(&kept).unwrap());
            prop_assert_eq!(whole, first + second);
        }
    }
}

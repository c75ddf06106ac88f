//! Reads the table of exchanges: one subject a line, the year or the code after it, then its values.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time};

use super::{Exchange, Hours};

/// Reads the table; the error is the line that does not fit.
pub(super) fn parse(text: &str) -> Result<Vec<Exchange>, String> {
    let mut exchanges = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
    {
        read(line, &mut exchanges).ok_or_else(|| line.to_owned())?;
    }
    Ok(exchanges)
}

fn read(line: &str, exchanges: &mut Vec<Exchange>) -> Option<()> {
    let mut words = line.split_whitespace();
    let subject = words.next()?;
    if subject == "exchange" {
        exchanges.push(Exchange {
            mic: words.next()?.to_owned(),
            zone: words.next()?.to_owned(),
            first: words.next()?.parse().ok()?,
            last: words.next()?.parse().ok()?,
            hours: BTreeMap::new(),
            week: BTreeMap::new(),
            closed: BTreeSet::new(),
            extra: BTreeSet::new(),
            special: BTreeMap::new(),
        });
        return Some(());
    }
    let exchange = exchanges.last_mut()?;
    let year: i16 = words.next()?.parse().ok()?;
    match subject {
        "hours" => {
            exchange.hours.insert(year, hours(words.next()?)?);
        }
        "week" => {
            let days: Vec<bool> = words.next()?.chars().map(|day| day == '1').collect();
            exchange.week.insert(year, days.try_into().ok()?);
        }
        "closed" => exchange.closed.extend(days(year, words)?),
        "extra" => exchange.extra.extend(days(year, words)?),
        "special" => {
            for word in words {
                let (date, own) = word.split_once('=')?;
                exchange.special.insert(day(year, date)?, hours(own)?);
            }
        }
        _ => return None,
    }
    Some(())
}

/// Reads `09:30-16:00`.
fn hours(text: &str) -> Option<Hours> {
    let (open, close) = text.split_once('-')?;
    Some(Hours {
        open: clock(open)?,
        close: clock(close)?,
    })
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// Reads `0704`, a month and a day.
fn day(year: i16, text: &str) -> Option<Date> {
    let (month, day) = text.split_at_checked(2)?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

fn days<'t>(year: i16, words: impl Iterator<Item = &'t str>) -> Option<Vec<Date>> {
    words.map(|word| day(year, word)).collect()
}

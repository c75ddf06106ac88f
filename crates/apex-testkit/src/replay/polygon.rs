//! Polygon's answers over the simulated market.

use apex_domain::{Date, Timestamp};
use axum::http::header;
use serde_json::json;

use super::market::{Day, Stock, price};
use super::{Answer, Asked, Fault, Shared};

/// The composite FIGI of a simulated stock.
pub fn figi(symbol: &str) -> String {
    format!("BBG{symbol:0>9}")
}

pub(super) fn answer(shared: &Shared, asked: &Asked<'_>) -> Answer {
    let bearer = asked
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    if asked.fault == Fault::EchoedKey {
        return refusal(
            403,
            "NOT_AUTHORIZED",
            &format!("The key {} is not entitled to this data.", shared.key),
        );
    }
    if bearer != Some(format!("Bearer {}", shared.key).as_str()) {
        return refusal(401, "ERROR", "Unknown API Key");
    }
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["v2", "aggs", "ticker", symbol, "range", "1", span, from, to] => {
            bars(shared, asked, symbol, span, (*from, *to))
        }
        ["v2", "aggs", "grouped", "locale", "us", "market", "stocks", date] => grouped(shared, asked, date),
        ["stocks", "v1", "splits"] | ["v3", "reference", "splits"] => splits(shared, asked),
        ["stocks", "v1", "dividends"] | ["v3", "reference", "dividends"] => dividends(shared, asked),
        ["vX", "reference", "tickers", id, "events"] => events(shared, id),
        ["v2", "reference", "news"] => news(shared, asked),
        ["v3", "reference", "tickers"] => tickers(shared, asked),
        _ => refusal(404, "NOT_FOUND", "no such endpoint"),
    }
}

fn refusal(status: u16, kind: &str, message: &str) -> Answer {
    let field = if kind == "ERROR" { "error" } else { "message" };
    Answer::new(
        status,
        json!({"status": kind, "request_id": "r", field: message}).to_string(),
    )
}

/// One row of bars, its prices as decimals.
fn row(symbol: Option<&str>, at: Timestamp, day: &Day, factor: (i64, i64)) -> String {
    let (new, old) = factor;
    let adjusted = |cents: i64| price(cents * old / new);
    let symbol = symbol.map_or_else(String::new, |symbol| format!("\"T\":\"{symbol}\","));
    format!(
        "{{{symbol}\"v\":{},\"vw\":{},\"o\":{},\"c\":{},\"h\":{},\"l\":{},\"t\":{},\"n\":7}}",
        day.volume * new / old,
        adjusted((day.high + day.low) / 2),
        adjusted(day.open),
        adjusted(day.close),
        adjusted(day.high),
        adjusted(day.low),
        at.as_millisecond(),
    )
}

fn factor(asked: &Asked<'_>, stock: &Stock, date: Date) -> (i64, i64) {
    if asked.parameter("adjusted") == "false" {
        (1, 1)
    } else {
        stock.later_splits(date)
    }
}

fn bars(shared: &Shared, asked: &Asked<'_>, symbol: &str, span: &str, days: (&str, &str)) -> Answer {
    let (Ok(from), Ok(to)) = (days.0.parse::<Date>(), days.1.parse::<Date>()) else {
        return refusal(400, "ERROR", "Could not parse the time parameter: 'from'.");
    };
    let market = &shared.market;
    let mut rows = Vec::new();
    if let Some(stock) = market.stocks().first().filter(|_| symbol.starts_with("C:")) {
        // A pair's rate is the price of the first stock, as with the other providers; its days begin at midnight UTC.
        let days = stock.between(from, to);
        rows.extend(days.map(|day| {
            let told = market.as_polygon_tells(symbol, day);
            row(None, market.midnight_utc(day.date), &told, (1, 1))
        }));
    } else if let Some((stock, first, last)) = market.named(symbol) {
        // Before a symbol was the stock's, it was somebody else's, whose shares cost three times as much.
        let elder = stock
            .between(from, to)
            .filter(|day| day.date < first && stock.symbol == symbol);
        rows.extend(elder.map(|day| row(None, market.midnight(day.date), &day.times((3, 1)), (1, 1))));
        for day in stock.between(from.max(first), to.min(last)) {
            let factor = factor(asked, stock, day.date);
            match span {
                "day" => {
                    let told = market.as_polygon_tells(symbol, day);
                    rows.push(row(None, market.midnight(day.date), &told, factor));
                }
                "minute" => rows.extend((0..market.minutes_of(day.date)).map(|number| {
                    let (at, minute) = market.minute(day, number);
                    row(None, at, &minute, factor)
                })),
                _ => return refusal(400, "ERROR", "no such timespan"),
            }
        }
    }
    let adjusted = asked.parameter("adjusted") != "false";
    paged(
        shared,
        asked,
        rows,
        &format!("\"ticker\":\"{symbol}\",\"adjusted\":{adjusted},"),
    )
}

/// Writes a page of rows, and where the next one is: without the key, as the provider does.
fn paged(shared: &Shared, asked: &Asked<'_>, mut rows: Vec<String>, more: &str) -> Answer {
    asked.disturb(&mut rows);
    let skip: usize = asked.parameter("cursor").parse().unwrap_or(0);
    let all = rows.len();
    let page: Vec<String> = rows.into_iter().skip(skip).take(shared.page_rows).collect();
    let after = skip + page.len();
    let mut next = String::new();
    if after < all {
        let host = if asked.fault == Fault::ForeignPage {
            "elsewhere.example"
        } else {
            &asked.host
        };
        let kept = asked.query.iter().filter(|(name, _)| name != "cursor");
        let query: String = kept.map(|(name, value)| format!("{name}={value}&")).collect();
        next = format!(
            ",\"next_url\":\"http://{host}/{}?{query}cursor={after}\"",
            asked.path.join("/")
        );
    }
    // Where there is nothing, `results` is absent.
    let results = if page.is_empty() {
        String::new()
    } else {
        format!(",\"results\":[{}]", page.join(","))
    };
    let count = page.len();
    Answer::new(
        200,
        format!("{{{more}\"status\":\"OK\",\"request_id\":\"r\",\"resultsCount\":{count}{results}{next}}}"),
    )
}

fn grouped(shared: &Shared, asked: &Asked<'_>, date: &str) -> Answer {
    let Ok(date) = date.parse::<Date>() else {
        return refusal(400, "ERROR", "Could not parse the date.");
    };
    let market = &shared.market;
    let rows = market
        .stocks()
        .iter()
        .flat_map(|stock| stock.between(date, date).map(move |day| (stock, day)))
        .map(|(stock, day)| {
            row(
                Some(stock.symbol_on(date)),
                market.midnight(date),
                &market.as_polygon_tells(&stock.symbol, day),
                factor(asked, stock, date),
            )
        })
        .collect();
    let adjusted = asked.parameter("adjusted") != "false";
    paged(shared, asked, rows, &format!("\"adjusted\":{adjusted},"))
}

/// Returns the stocks whose splits or dividends are asked for, and the days on which they had the symbol: all of them
/// where none is named.
fn named<'a>(shared: &'a Shared, asked: &Asked<'_>) -> Vec<(&'a Stock, Date, Date)> {
    match asked.parameter("ticker") {
        "" => shared
            .market
            .stocks()
            .iter()
            .map(|stock| (stock, Date::MIN, Date::MAX))
            .collect(),
        symbol => shared.market.named(symbol).into_iter().collect(),
    }
}

fn splits(shared: &Shared, asked: &Asked<'_>) -> Answer {
    let rows = named(shared, asked)
        .into_iter()
        .flat_map(|(stock, first, last)| {
            let splits = stock.splits.iter();
            let own = splits.filter(move |split| (first..=last).contains(&split.date));
            own.map(move |split| (stock, split))
        })
        .filter(|(_, split)| is_asked_for(asked, "execution_date", split.date))
        .map(|(stock, split)| {
            let kind = if split.new > split.old {
                "forward_split"
            } else {
                "reverse_split"
            };
            let mut row = json!({"ticker": stock.symbol_on(split.date), "execution_date": split.date.to_string(),
                "split_from": split.old, "split_to": split.new});
            if !is_old(asked) {
                row["id"] = "E1".into();
                row["adjustment_type"] = kind.into();
            }
            row.to_string()
        })
        .collect();
    paged(shared, asked, rows, "")
}

fn dividends(shared: &Shared, asked: &Asked<'_>) -> Answer {
    let rows = named(shared, asked)
        .into_iter()
        .flat_map(|(stock, first, last)| {
            let dividends = stock.dividends.iter();
            let own = dividends.filter(move |dividend| (first..=last).contains(&dividend.date));
            own.map(move |dividend| (stock, dividend))
        })
        .filter(|(_, dividend)| is_asked_for(asked, "ex_dividend_date", dividend.date))
        .map(|(stock, dividend)| {
            let kind = if is_old(asked) {
                "\"dividend_type\":\"CD\""
            } else {
                "\"id\":\"E2\",\"currency\":\"USD\",\"distribution_type\":\"recurring\""
            };
            format!(
                "{{\"ticker\":\"{}\",{kind},\"cash_amount\":{},\"ex_dividend_date\":\"{}\",\"record_date\":\"{}\",\
                 \"frequency\":4}}",
                stock.symbol_on(dividend.date),
                price(dividend.cents),
                dividend.date,
                dividend.date,
            )
        })
        .collect();
    paged(shared, asked, rows, "")
}

/// Returns whether an endpoint of before 2026 is asked, whose rows have fewer fields.
fn is_old(asked: &Asked<'_>) -> bool {
    asked.path.first().is_some_and(|part| part == "v3")
}

fn is_asked_for(asked: &Asked<'_>, field: &str, date: Date) -> bool {
    let bound = |end: &str| asked.parameter(&format!("{field}.{end}")).parse::<Date>().ok();
    bound("gte").is_none_or(|from| date >= from) && bound("lte").is_none_or(|to| date <= to)
}

fn events(shared: &Shared, id: &str) -> Answer {
    let stocks = shared.market.stocks();
    let Some(stock) = stocks
        .iter()
        .find(|stock| stock.is_called(id) || figi(&stock.symbol) == id)
    else {
        return refusal(404, "NOT_FOUND", "Ticker not found.");
    };
    let change = |date: Date, symbol: &str| json!({"type": "ticker_change", "date": date.to_string(), "ticker_change": {"ticker": symbol}});
    let first = stock.days.first().map_or(Date::ZERO, |day| day.date);
    let mut events = Vec::new();
    match &stock.former {
        None => events.push(change(first, &stock.symbol)),
        Some((former, until)) => {
            events.push(change(*until, &stock.symbol));
            events.push(change(first, former));
        }
    }
    let body = json!({"results": {"name": stock.symbol, "composite_figi": figi(&stock.symbol), "events": events}, "status": "OK"});
    Answer::new(200, body.to_string())
}

fn news(shared: &Shared, asked: &Asked<'_>) -> Answer {
    let symbol = asked.parameter("ticker");
    let days = shared
        .market
        .stock(symbol)
        .map_or(&[][..], |stock| stock.days.as_slice());
    let rows = days
        .iter()
        .rev()
        .take(20)
        .map(|day| {
            json!({"id": format!("{symbol}-{}", day.date), "publisher": {"name": "Simulated Wire"},
                "title": format!("{symbol} closes at {}", price(day.close)), "author": "A. Writer",
                "published_utc": shared.market.opens(day.date).to_string(),
                "article_url": format!("https://news.example/{symbol}/{}", day.date), "tickers": [symbol],
                "description": "Simulated.", "keywords": ["close"],
                "insights": [{"ticker": symbol, "sentiment": "neutral", "sentiment_reasoning": "simulated"}]})
            .to_string()
        })
        .collect();
    paged(shared, asked, rows, "\"count\":10,")
}

fn tickers(shared: &Shared, asked: &Asked<'_>) -> Answer {
    let search = asked.parameter("search");
    let stocks = shared
        .market
        .stocks()
        .iter()
        .filter(|stock| stock.symbol.contains(search));
    let rows = stocks
        .map(|stock| {
            json!({"ticker": stock.symbol, "name": format!("{} Incorporated", stock.symbol), "market": "stocks",
                "primary_exchange": "XNAS", "type": "CS", "active": true, "currency_name": "usd",
                "composite_figi": figi(&stock.symbol)})
            .to_string()
        })
        .collect();
    paged(shared, asked, rows, "")
}

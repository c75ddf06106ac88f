//! Yahoo's answers over the simulated market: split-adjusted prices with the noise of single precision, behind a cookie
//! and a crumb.

use apex_domain::Date;
use axum::http::header;
use serde_json::{Map, Value, json};

use super::market::Stock;
use super::{Answer, Asked, Fault, Shared};

const COOKIE: &str = "A3=d=simulated&S=xyz";
const CRUMB: &str = "aB3/xY.z9Q1";

pub(super) fn answer(shared: &Shared, asked: &Asked<'_>) -> Answer {
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    let cookie = asked.headers.get(header::COOKIE).and_then(|value| value.to_str().ok());
    match path.as_slice() {
        [""] => Answer {
            cookie: Some("A3=d=simulated&S=xyz; Expires=Sat, 1 Jan 2050 00:00:00 GMT; Secure; HttpOnly"),
            ..Answer::new(404, "<html>Not found</html>".to_owned())
        },
        ["v1", "test", "getcrumb"] if cookie == Some(COOKIE) => Answer::new(200, CRUMB.to_owned()),
        ["v8", "finance", "chart", symbol] if cookie == Some(COOKIE) && asked.parameter("crumb") == CRUMB => {
            chart(shared, asked, symbol)
        }
        _ => failure(401, "Unauthorized", "Invalid Crumb"),
    }
}

fn failure(status: u16, code: &str, description: &str) -> Answer {
    let error = json!({"code": code, "description": description});
    Answer::new(status, json!({"chart": {"result": null, "error": error}}).to_string())
}

/// Returns cents as the widened 32-bit float that Yahoo writes.
fn noisy(cents: i64, factor: (i64, i64)) -> f64 {
    let exact = cents as f64 / 100.0 * factor.1 as f64 / factor.0 as f64;
    f64::from(exact as f32)
}

fn chart(shared: &Shared, asked: &Asked<'_>, symbol: &str) -> Answer {
    let Some(stock) = shared.market.stock(symbol) else {
        return failure(404, "Not Found", "No data found, symbol may be delisted");
    };
    if asked.parameter("interval") != "1d" {
        return failure(422, "Unprocessable Entity", "the simulated market has days alone");
    }
    let bound = |name: &str, otherwise: i64| asked.parameter(name).parse::<i64>().unwrap_or(otherwise);
    let seconds = bound("period1", i64::MIN)..bound("period2", i64::MAX);
    let opens = |date: Date| shared.market.opens(date).as_second();
    let mut days: Vec<_> = stock
        .days
        .iter()
        .filter(|day| seconds.contains(&opens(day.date)))
        .collect();
    asked.disturb(&mut days);
    let column = |cents: fn(&super::Day) -> i64| -> Vec<Value> {
        let prices = days.iter().map(|day| noisy(cents(day), stock.later_splits(day.date)));
        prices.map(Value::from).collect()
    };
    let volumes: Vec<i64> = days
        .iter()
        .map(|day| {
            let (new, old) = stock.later_splits(day.date);
            day.volume * new / old
        })
        .collect();
    let instants: Vec<i64> = days.iter().map(|day| opens(day.date)).collect();
    let mut result = json!({
        "meta": {"currency": "USD", "symbol": symbol, "exchangeName": "NMS", "instrumentType": "EQUITY",
            "firstTradeDate": instants.first(), "gmtoffset": -18000, "timezone": "EST",
            "exchangeTimezoneName": "America/New_York", "priceHint": 2, "dataGranularity": "1d", "range": ""},
        "events": events(stock, &opens),
        "indicators": {"quote": [{"open": column(|day| day.open), "high": column(|day| day.high),
            "low": column(|day| day.low), "close": column(|day| day.close), "volume": volumes}],
            "adjclose": [{"adjclose": column(|day| day.close)}]}});
    // Without rows there are neither instants nor prices.
    if days.is_empty() {
        result["indicators"] = json!({"quote": [{}], "adjclose": [{}]});
    } else {
        result["timestamp"] = instants.into();
    }
    if asked.fault == Fault::EchoedKey {
        return failure(400, "Bad Request", &format!("crumb {CRUMB} is odd"));
    }
    Answer::new(200, json!({"chart": {"result": [result], "error": null}}).to_string())
}

fn events(stock: &Stock, opens: &impl Fn(Date) -> i64) -> Value {
    let mut splits = Map::new();
    for split in &stock.splits {
        let date = opens(split.date);
        // A key that differs from the date, as it has been seen: the date counts.
        splits.insert(
            (date + 7).to_string(),
            json!({"date": date, "numerator": split.new, "denominator": split.old,
                "splitRatio": format!("{}:{}", split.new, split.old)}),
        );
    }
    let mut dividends = Map::new();
    for dividend in &stock.dividends {
        let date = opens(dividend.date);
        let amount = noisy(dividend.cents, stock.later_splits(dividend.date));
        dividends.insert(date.to_string(), json!({"date": date, "amount": amount}));
    }
    json!({"dividends": dividends, "splits": splits})
}

//! Alpha Vantage's answers over the simulated market: failures come with status 200.

use serde_json::{Map, Value, json};

use super::market::price;
use super::{Answer, Asked, Fault, Shared};

pub(super) fn answer(shared: &Shared, asked: &Asked<'_>) -> Answer {
    let body = match asked.fault {
        Fault::EchoedKey => json!({"Information": format!(
            "We have detected your API key as {} and our standard API rate limit is 25 requests per day. Please subscribe \
             to any of the premium plans to instantly remove all daily rate limits.", shared.key)}),
        _ if asked.parameter("apikey") != shared.key => {
            json!({"Error Message": "the parameter apikey is invalid or missing. Please claim your free API key."})
        }
        _ => match asked.parameter("function") {
            "TIME_SERIES_DAILY" => daily(shared, asked, false),
            "TIME_SERIES_DAILY_ADJUSTED" => daily(shared, asked, true),
            "NEWS_SENTIMENT" => news(shared, asked),
            "FX_DAILY" => rates(shared, asked),
            _ => json!({"Error Message": "This API function does not exist."}),
        },
    };
    Answer::new(200, body.to_string())
}

fn daily(shared: &Shared, asked: &Asked<'_>, is_adjusted: bool) -> Value {
    let symbol = asked.parameter("symbol");
    let Some(stock) = shared.market.stock(symbol) else {
        return json!({"Error Message": "Invalid API call. Please retry or visit the documentation"});
    };
    let mut days: Vec<_> = stock.days.iter().rev().collect();
    if asked.parameter("outputsize") != "full" {
        days.truncate(100);
    }
    days.reverse();
    asked.disturb(&mut days);
    let mut series = Map::new();
    for day in days {
        let mut row = json!({"1. open": price(day.open), "2. high": price(day.high), "3. low": price(day.low),
            "4. close": price(day.close)});
        if is_adjusted {
            let (new, old) = stock.later_splits(day.date);
            let split = stock.splits.iter().find(|split| split.date == day.date);
            let dividend = stock.dividends.iter().find(|dividend| dividend.date == day.date);
            row["5. adjusted close"] = price(day.close * old / new).into();
            row["6. volume"] = day.volume.to_string().into();
            row["7. dividend amount"] = price(dividend.map_or(0, |dividend| dividend.cents)).into();
            // Whole splits alone are listed in the simulated market with Alpha Vantage's one decimal.
            row["8. split coefficient"] = split.map_or_else(
                || "1.0".into(),
                |split| format!("{}.{}", split.new / split.old, split.new * 10 / split.old % 10).into(),
            );
        } else {
            row["5. volume"] = day.volume.to_string().into();
        }
        series.insert(day.date.to_string(), row);
    }
    json!({"Meta Data": {"1. Information": "Daily", "2. Symbol": symbol, "5. Time Zone": "US/Eastern"},
        "Time Series (Daily)": series})
}

/// Two currencies whose rate is the price of the first stock.
fn rates(shared: &Shared, asked: &Asked<'_>) -> Value {
    let days = shared
        .market
        .stocks()
        .first()
        .map_or(&[][..], |stock| stock.days.as_slice());
    let series: Map<String, Value> = days
        .iter()
        .map(|day| {
            let rate = |cents: i64| price(cents);
            (
                day.date.to_string(),
                json!({"1. open": rate(day.open), "2. high": rate(day.high), "3. low": rate(day.low),
                    "4. close": rate(day.close)}),
            )
        })
        .collect();
    json!({"Meta Data": {"1. Information": "Forex", "2. From Symbol": asked.parameter("from_symbol"),
        "3. To Symbol": asked.parameter("to_symbol")}, "Time Series FX (Daily)": series})
}

fn news(shared: &Shared, asked: &Asked<'_>) -> Value {
    let symbol = asked.parameter("tickers");
    let days = shared
        .market
        .stock(symbol)
        .map_or(&[][..], |stock| stock.days.as_slice());
    let feed: Vec<Value> = days
        .iter()
        .rev()
        .take(asked.parameter("limit").parse().unwrap_or(50))
        .map(|day| {
            json!({"title": format!("{symbol} closes at {}", price(day.close)),
                "url": format!("https://news.example/{symbol}/{}", day.date),
                "time_published": day.date.strftime("%Y%m%dT210000").to_string(), "authors": [], "summary": "Simulated.",
                "source": "Simulated Wire", "topics": [{"topic": "Finance", "relevance_score": "1.0"}],
                "overall_sentiment_score": 0.016888, "overall_sentiment_label": "Neutral",
                "ticker_sentiment": [{"ticker": symbol, "relevance_score": "0.5", "ticker_sentiment_score": "-0.016101",
                    "ticker_sentiment_label": "Neutral"}]})
        })
        .collect();
    json!({"items": feed.len().to_string(), "feed": feed})
}

//! Polygon's answers.

use super::{day, number, row, says};
use apex_market_data::polygon::{
    aggregates, dividends, failure, grouped_daily, news, reference_tickers, splits,
    stream::{self, Message, Status},
    ticker_events,
};
use apex_market_data::record::Tick;
use apex_market_data::{Basis, Interval, ProviderError};

const AGGREGATES: &[u8] = include_bytes!("../../../fixtures/polygon/aggregates.json");

#[test]
fn days_are_dated_in_new_york_across_daylight_saving() {
    // 05:00Z on 6 March and 04:00Z on 9 March 2020 are both midnight in New York.
    let page = aggregates(AGGREGATES, "AAPL", Interval::Day).unwrap();
    let days: Vec<String> = page.records.bars.iter().map(day).collect();
    assert_eq!(days, ["2020-03-06", "2020-03-09"]);
    let figures = page.records.bars[0].figures.raw().unwrap();
    assert_eq!(row(figures), "74.06 75.15 73.7975 75.0875 135647456");
    assert_eq!(figures.vwap, Some(number("74.6099")));
    assert_eq!(page.records.bars[0].trades, Some(1));
    // `vw` and `n` may be missing, and a volume may be written with a point.
    let second = &page.records.bars[1];
    assert_eq!(
        row(second.figures.raw().unwrap()),
        "74.2875 75.145 74.125 74.3575 642646396.0"
    );
    assert_eq!((second.figures.raw().unwrap().vwap, second.trades), (None, None));
    assert!(page.next_url.unwrap().ends_with("?cursor=bGlt"));
}

#[test]
fn a_currencys_day_begins_at_midnight_utc() {
    // The vendor's example for 22 July 2021, which in New York would be the evening of the 21st.
    let bytes = br#"{"adjusted":true,"status":"OK","ticker":"C:EURUSD","results":[
        {"c":1.17721,"h":1.18305,"l":1.1756,"n":125329,"o":1.17921,"t":1626912000000,"v":125329,"vw":1.179}]}"#;
    let page = aggregates(bytes, "C:EURUSD", Interval::Day).unwrap();
    assert_eq!(day(&page.records.bars[0]), "2021-07-22");
}

#[test]
fn a_minute_is_an_instant_and_not_a_date() {
    let page = aggregates(AGGREGATES, "AAPL", Interval::Minute).unwrap();
    assert_eq!(day(&page.records.bars[0]), "2020-03-06T05:00:00Z");
}

#[test]
fn adjusted_bars_cannot_be_taken_for_raw_ones() {
    let bytes = include_bytes!("../../../fixtures/polygon/grouped_daily.json");
    let page = grouped_daily(bytes).unwrap();
    assert!(page.records.is_delayed);
    let [gik, bcp] = page.records.bars.as_slice() else {
        panic!("two rows")
    };
    assert_eq!(
        (gik.figures.raw(), gik.symbol.as_str(), day(gik).as_str()),
        (None, "GIK", "2020-10-14")
    );
    // The case of a symbol is kept, and exponents are read.
    assert_eq!(bcp.symbol, "BCpA");
    assert_eq!(
        row(bcp.figures.split_adjusted().unwrap()),
        "26.07 26.25 26.046 26.07 1500"
    );
    says(
        aggregates(br#"{"status":"OK","results":[{"o":1}]}"#, "A", Interval::Day),
        "the answer of Polygon has `nothing` at adjusted, which is not true or false",
    );
}

#[test]
fn no_results_is_an_empty_answer() {
    let bytes = br#"{"ticker":"AAPL","adjusted":true,"queryCount":0,"resultsCount":0,"status":"OK","request_id":"x"}"#;
    assert!(aggregates(bytes, "AAPL", Interval::Day).unwrap().records.is_empty());
}

#[test]
fn bars_of_another_symbol_are_refused() {
    says(
        aggregates(AGGREGATES, "MSFT", Interval::Day),
        "the answer of Polygon has `AAPL` at ticker, which is not the symbol that was asked for",
    );
}

#[test]
fn a_bad_value_is_named_by_its_place() {
    let bytes = br#"{"adjusted":false,"status":"OK","results":[{"t":1583470800000,"o":1,"h":1,"l":1,"c":"x"}]}"#;
    says(
        aggregates(bytes, "A", Interval::Day),
        "the answer of Polygon has `x` at results[0].c, which is not a number",
    );
    says(
        aggregates(b"<!DOCTYPE html><html>", "A", Interval::Day),
        "the answer of Polygon has `<!DOCTYPE html><html>` at line 1, column 1, which is not well-formed JSON",
    );
    says(
        aggregates(&AGGREGATES[..120], "AAPL", Interval::Day),
        "the answer of Polygon has `\"results` at line 2, column 9, which is not well-formed JSON",
    );
}

#[test]
fn splits_are_fractions_in_lowest_terms_and_duplicates_are_kept() {
    let page = splits(include_bytes!("../../../fixtures/polygon/splits.json")).unwrap();
    let lines: Vec<String> = page
        .records
        .splits
        .iter()
        .map(|split| format!("{} {} {}", split.symbol, split.ex_date, split.ratio))
        .collect();
    assert_eq!(
        lines,
        [
            "SHOP 2022-06-22 10:1",
            "SHOP 2022-06-29 10:1",
            "XYZ 2023-02-01 10463:10000",
            "REV 2020-01-02 1:30"
        ]
    );
    let zero =
        br#"{"status":"OK","results":[{"ticker":"A","execution_date":"2020-01-02","split_from":0,"split_to":1}]}"#;
    says(
        splits(zero),
        "the answer of Polygon has `1 for 0` at results[0].split_to, which is not a ratio of shares above zero",
    );
}

#[test]
fn dividends_come_raw_from_both_endpoints() {
    let page = dividends(include_bytes!("../../../fixtures/polygon/dividends.json")).unwrap();
    let [new, old] = page.records.dividends.as_slice() else {
        panic!("two rows")
    };
    assert_eq!(
        (new.amount, new.currency.as_deref()),
        (Basis::Raw(number("0.24")), Some("USD"))
    );
    assert_eq!(
        (new.kind.as_deref(), old.kind.as_deref()),
        (Some("recurring"), Some("CD"))
    );
    assert_eq!(new.pay_date.unwrap().to_string(), "2023-05-18");
    assert_eq!((old.declaration_date, old.record_date), (None, None));
}

#[test]
fn an_instrument_is_followed_through_its_symbols() {
    let page = ticker_events(include_bytes!("../../../fixtures/polygon/ticker_events.json")).unwrap();
    let lines: Vec<String> = page
        .records
        .symbol_changes
        .iter()
        .map(|change| format!("{} {} {}", change.figi.as_deref().unwrap(), change.date, change.symbol))
        .collect();
    assert_eq!(lines, ["BBG000MM2P62 2012-05-18 FB", "BBG000MM2P62 2022-06-09 META"]);
}

#[test]
fn news_is_counted_by_its_rows() {
    // The answer says 10 and holds one.
    let page = news(include_bytes!("../../../fixtures/polygon/news.json")).unwrap();
    let [item] = page.records.news.as_slice() else {
        panic!("one row")
    };
    assert_eq!(item.title, "Cramer “Likes” it");
    assert_eq!(
        (item.source.as_deref(), item.summary.as_deref()),
        (Some("Benzinga"), None)
    );
    assert_eq!(item.published.to_string(), "2022-04-28T17:23:30Z");
    assert_eq!(item.sentiments[0].label.as_deref(), Some("positive"));
}

#[test]
fn a_list_of_symbols_keeps_what_has_ended() {
    let page = reference_tickers(include_bytes!("../../../fixtures/polygon/reference_tickers.json")).unwrap();
    let [live, ended] = page.records.listings.as_slice() else {
        panic!("two rows")
    };
    assert_eq!(
        (live.symbol.as_str(), live.active, live.exchange.as_deref()),
        ("BCpA", Some(true), Some("XNYS"))
    );
    assert_eq!((ended.active, ended.exchange.as_deref()), (Some(false), None));
}

#[test]
fn failures_are_told_apart() {
    for (status, body, sentence) in [
        (
            429,
            r#"{"status":"ERROR","error":"You've exceeded the maximum requests per minute, please wait."}"#,
            "Polygon wants fewer requests per minute; it answers again after 7 seconds",
        ),
        (
            429,
            "slow down",
            "Polygon wants fewer requests; it answers again after 7 seconds",
        ),
        (
            401,
            r#"{"status":"ERROR","request_id":"a","error":"Unknown API Key"}"#,
            "Polygon refuses the API key: Unknown API Key",
        ),
        (
            403,
            r#"{"status":"NOT_AUTHORIZED","message":"You are not entitled to this data."}"#,
            "Polygon does not include this in your plan: You are not entitled to this data.",
        ),
        (
            404,
            r#"{"status":"NOT_FOUND","message":"Ticker not found."}"#,
            "Polygon has no data: Ticker not found.",
        ),
        (
            400,
            r#"{"status":"ERROR","error":"Could not parse the time parameter: 'from'."}"#,
            "Polygon refuses the request: Could not parse the time parameter: 'from'.",
        ),
        (
            502,
            "<html>Bad gateway</html>",
            "Polygon failed with HTTP status 502: <html>Bad gateway</html>",
        ),
    ] {
        assert_eq!(failure(status, body.as_bytes(), Some(7)).to_string(), sentence);
    }
    // The same refusal with HTTP 200.
    let bytes = br#"{"status":"NOT_AUTHORIZED","message":"Your plan doesn't include this data timeframe."}"#;
    let err = aggregates(bytes, "A", Interval::Day).unwrap_err();
    assert!(matches!(err, ProviderError::NotEntitled { .. }), "{err}");
}

#[test]
fn every_message_of_a_frame_is_read() {
    let messages = stream::frame(include_bytes!("../../../fixtures/polygon/stream_status.json")).unwrap();
    let statuses = [Status::Authenticated, Status::MaxConnections].map(|status| Ok(Message::Status(status)));
    assert_eq!(messages, statuses);
    let messages = stream::frame(include_bytes!("../../../fixtures/polygon/stream_ticks.json")).unwrap();
    let [
        Ok(Message::Tick(Tick::Aggregate(bar))),
        Ok(Message::Tick(Tick::Trade(trade))),
        Ok(Message::Tick(Tick::Quote(quote))),
        Ok(Message::Other { kind }),
    ] = messages.as_slice()
    else {
        panic!("{messages:?}")
    };
    assert_eq!(row(bar.bar.figures.raw().unwrap()), "0.4488 0.4489 0.4486 0.4486 4110");
    assert_eq!(bar.until.to_string(), "2021-01-08T22:25:00Z");
    assert_eq!(
        (trade.price, trade.size, trade.conditions.as_slice()),
        (number("114.125"), 100.into(), [0, 12].as_slice())
    );
    assert_eq!(
        (quote.bid, quote.ask),
        (Some(number("114.125")), Some(number("114.128")))
    );
    assert_eq!(kind, "LULD");
}

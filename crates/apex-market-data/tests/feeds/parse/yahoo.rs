//! Yahoo's answers.

use super::{day, number, row, says};
use apex_market_data::yahoo::{chart, cookie, crumb, failure, stream};
use apex_market_data::{Basis, Interval};
use base64::Engine as _;

const CHART: &[u8] = include_bytes!("../../../fixtures/yahoo/chart.json");

#[test]
fn what_is_no_number_is_absent_and_remarked_and_never_zero() {
    let records = chart(CHART, "VFINX", Interval::Day).unwrap();
    let rows: Vec<String> = records
        .bars
        .iter()
        .map(|bar| format!("{} {}", day(bar), row(bar.figures.split_adjusted().unwrap())))
        .collect();
    // The last day comes twice, and its second row counts. Single precision's noise is gone, a volume keeps its digits.
    assert_eq!(
        rows,
        [
            "2025-04-30 209.3 212.8 -- 212.5 52286500",
            "2025-05-01 -- 213 0.128348 213.32 135647456789"
        ]
    );
    let remarks: Vec<String> = records
        .remarks
        .iter()
        .map(|one| format!("{}: {}", one.at, one.reason))
        .collect();
    assert_eq!(
        remarks,
        [
            "low[0]: \"NaN\" is no price and was left out",
            "open[2]: \"Infinity\" is no price and was left out",
            "adjclose[2]: \"-Infinity\" is no price and was left out",
            "timestamp[1]: the last day came twice and its first row was left out",
        ]
    );
    assert_eq!(records.bars[0].adjusted_close, Some(number("211.98")));
}

#[test]
fn an_event_is_dated_by_its_date_and_not_its_key() {
    let records = chart(CHART, "VFINX", Interval::Day).unwrap();
    let dividends: Vec<String> = records.dividends.iter().map(|one| one.ex_date.to_string()).collect();
    assert_eq!(dividends, ["1980-06-27", "2025-05-12"]);
    assert_eq!(records.dividends[0].currency.as_deref(), Some("USD"));
    assert_eq!(records.dividends[1].amount, Basis::SplitAdjusted(number("0.26")));
    assert_eq!(records.capital_gains[0].ex_date.to_string(), "1987-12-29");
    assert_eq!(records.splits[0].ratio.to_string(), "4:1");
}

#[test]
fn what_traded_before_1970_is_known() {
    let records = chart(CHART, "VFINX", Interval::Day).unwrap();
    let listing = &records.listings[0];
    assert_eq!(listing.first_trade.unwrap().to_string(), "1962-01-02T14:30:00Z");
    assert_eq!(
        (listing.decimals, listing.kind.as_deref()),
        (Some(2), Some("MUTUALFUND"))
    );
}

#[test]
fn a_chart_without_rows_has_none() {
    let records = chart(
        include_bytes!("../../../fixtures/yahoo/no_rows.json"),
        "BARC.L",
        Interval::Day,
    )
    .unwrap();
    assert!(records.bars.is_empty());
    // Pence stay pence: what a unit means is decided later.
    assert_eq!(records.listings[0].currency.as_deref(), Some("GBp"));
    assert_eq!(records.listings[0].first_trade, None);
}

#[test]
fn bars_within_a_day_have_no_adjusted_close() {
    let records = chart(
        include_bytes!("../../../fixtures/yahoo/intraday.json"),
        "NPN.JO",
        Interval::Minute,
    )
    .unwrap();
    assert_eq!(day(&records.bars[1]), "2025-03-28T08:01:00Z");
    assert_eq!(records.bars[1].adjusted_close, None);
}

#[test]
fn a_pair_with_the_dollar_has_two_names_and_no_other_is_taken_for_it() {
    let pair = |name: &str| String::from_utf8_lossy(CHART).replace("VFINX", name);
    assert!(chart(pair("JPY=X").as_bytes(), "USDJPY=X", Interval::Day).is_ok());
    assert!(chart(pair("USDJPY=X").as_bytes(), "JPY=X", Interval::Day).is_ok());
    says(
        chart(pair("JPY=X").as_bytes(), "EURJPY=X", Interval::Day),
        "the answer of Yahoo has `JPY=X` at meta.symbol, which is not the symbol that was asked for",
    );
}

#[test]
fn columns_of_another_length_are_refused() {
    let text = String::from_utf8_lossy(CHART).replace("[209.3,null,\"Infinity\"]", "[209.3]");
    says(
        chart(text.as_bytes(), "VFINX", Interval::Day),
        "the answer of Yahoo has `1 values for 3 instants` at open, which is not one value for each instant",
    );
}

#[test]
fn failures_are_told_apart() {
    let not_found = include_bytes!("../../../fixtures/yahoo/not_found.json");
    says(
        chart(not_found, "OLD", Interval::Day),
        "Yahoo does not know the symbol `OLD`",
    );
    assert_eq!(
        failure(404, not_found, "OLD", None).to_string(),
        "Yahoo does not know the symbol `OLD`"
    );
    let unauthorized = br#"{"chart":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}"#;
    assert_eq!(
        failure(401, unauthorized, "A", None).to_string(),
        "Yahoo refuses the API key: Invalid Crumb"
    );
    assert_eq!(
        failure(429, b"Too Many Requests", "A", Some(30)).to_string(),
        "Yahoo wants fewer requests; it answers again after 30 seconds"
    );
}

#[test]
fn a_crumb_that_is_none_is_never_sent() {
    assert_eq!(crumb(b" aB3/xY.z9Q1\n").unwrap(), "aB3/xY.z9Q1");
    for text in ["Too Many Requests", "Edge: Too Many Requests"] {
        says(crumb(text.as_bytes()), "Yahoo wants fewer requests");
    }
    for text in ["", "<html>", "{\"finance\":1}", "two words"] {
        says(
            crumb(text.as_bytes()),
            "Yahoo refuses the API key: what it gave is no crumb",
        );
    }
    assert_eq!(
        cookie(["B=1; Path=/", "A3=d=AQ&S=x; Expires=never; Secure"]).unwrap(),
        "A3=d=AQ&S=x"
    );
    says(
        cookie(["GUCS=x"]),
        "Yahoo refuses the API key: it gave no cookie; it may want consent in a browser first",
    );
}

/// The message was encoded by hand from the field numbers, not by the decoder's own crate.
#[test]
fn the_stream_is_read_in_both_wrappings() {
    let wrapped = include_bytes!("../../../fixtures/yahoo/stream.json");
    let shown = stream::frame(wrapped).unwrap().unwrap();
    assert_eq!(
        (shown.symbol.as_str(), shown.price, shown.day_volume),
        ("AAPL", 212.8_f32, 52_286_500)
    );
    assert_eq!(shown.at.to_string(), "2025-05-01T13:30:00Z");
    assert_eq!(
        (shown.bid, shown.ask, shown.change),
        (Some(212.79_f32), Some(212.81_f32), 1.06_f32)
    );
    let bare = std::str::from_utf8(wrapped).unwrap().split('"').nth(7).unwrap();
    assert_eq!(stream::frame(bare.as_bytes()).unwrap().unwrap(), shown);
    assert_eq!(stream::frame(br#"{"type":"heartbeat"}"#).unwrap(), None);
    says(
        stream::frame(b"!!!"),
        "the answer of Yahoo has `!!!` at message, which is not base64",
    );
    // Field 2 as a float that is no number.
    let bytes = [b"\x0a\x01A\x15".as_slice(), &f32::NAN.to_le_bytes()].concat();
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    says(
        stream::frame(text.as_bytes()),
        "the answer of Yahoo has `NaN` at price, which is not a finite number",
    );
}

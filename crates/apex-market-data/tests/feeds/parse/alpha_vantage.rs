//! Alpha Vantage's answers.

use super::{number, row, rows, says};
use apex_market_data::alpha_vantage::{daily, failure, news, rates};
use apex_market_data::{Basis, Cap, ProviderError};

#[test]
fn labels_count_by_their_words_and_days_come_oldest_first() {
    let records = daily(
        include_bytes!("../../../fixtures/alpha_vantage/daily_adjusted.json"),
        "TSLA",
    )
    .unwrap();
    assert_eq!(
        rows(&records),
        [
            "2022-08-24 893.32 911.885 889.665 891.29 19086302",
            "2022-08-25 302.36 302.96 291.6 296.07 53230014"
        ]
    );
    assert_eq!(records.bars[0].adjusted_close, Some(number("297.0966667")));
    let [split] = records.splits.as_slice() else {
        panic!("one split")
    };
    assert_eq!(
        (split.ex_date.to_string().as_str(), split.ratio.to_string().as_str()),
        ("2022-08-25", "3:1")
    );
    let [dividend] = records.dividends.as_slice() else {
        panic!("one dividend")
    };
    assert_eq!(
        (dividend.ex_date.to_string().as_str(), dividend.amount),
        ("2022-08-24", Basis::Raw(number("0.5000")))
    );
    // Here the fifth label is the volume.
    let records = daily(include_bytes!("../../../fixtures/alpha_vantage/daily.json"), "IBM").unwrap();
    assert_eq!(
        row(records.bars[0].figures.raw().unwrap()),
        "127.0600 129.6600 126.8100 128.8900 5612570"
    );
    assert_eq!(records.bars[0].adjusted_close, None);
}

#[test]
fn rates_name_their_pair() {
    let bytes = include_bytes!("../../../fixtures/alpha_vantage/rates.json");
    let records = rates(bytes, "EUR", "USD").unwrap();
    assert_eq!(records.bars[0].symbol, "EUR/USD");
    assert_eq!(
        row(records.bars[0].figures.raw().unwrap()),
        "1.07230 1.07590 1.07010 1.07220 --"
    );
    says(
        rates(bytes, "USD", "EUR"),
        "the answer of Alpha Vantage has `EUR` at Meta Data.from symbol, which is not the currency that was asked for",
    );
}

#[test]
fn news_mixes_numbers_and_texts() {
    let records = news(include_bytes!("../../../fixtures/alpha_vantage/news.json")).unwrap();
    let [item] = records.news.as_slice() else {
        panic!("one item")
    };
    assert_eq!(item.published.to_string(), "2023-04-06T18:45:00Z");
    let scores: Vec<_> = item
        .sentiments
        .iter()
        .map(|one| one.score.map(|score| score.to_string()))
        .collect();
    assert_eq!(
        scores,
        [Some("0.016888".to_owned()), Some("-0.016101".to_owned()), None]
    );
    assert_eq!(item.symbols, ["COIN", "CRYPTO:BTC"]);
    assert!(news(br#"{"items":0}"#).unwrap().is_empty());
    assert!(news(br#"{"items":"0","feed":[]}"#).unwrap().is_empty());
}

/// The texts are those that users have quoted in public.
#[test]
fn failures_with_a_good_status_are_told_apart() {
    let throttled = |cap| {
        Err(ProviderError::Throttled {
            provider: apex_market_data::Provider::AlphaVantage,
            cap,
            retry_after_secs: None,
        })
    };
    for (key, text, cap) in [
        (
            "Note",
            "Thank you for using Alpha Vantage! Our standard API call frequency is 5 calls per minute and 500 calls per day.",
            Cap::Minute,
        ),
        (
            "Information",
            "We have detected your API key as Q1W2E3R4T5Y6U7I8 and our standard API rate limit is 25 requests per day. \
             Please subscribe to any of the premium plans to instantly remove all daily rate limits.",
            Cap::Day,
        ),
        (
            "Information",
            "Please consider spreading out your free API requests more sparingly (1 request per second). You may \
             subscribe to any of the premium plans",
            Cap::Second,
        ),
    ] {
        let body = serde_json::json!({ key: text }).to_string();
        assert_eq!(daily(body.as_bytes(), "IBM"), throttled(Some(cap)), "{text}");
    }
    let said = |key: &str, text: &str| serde_json::json!({ key: text }).to_string();
    says(
        daily(said("Information", "This is a premium endpoint.").as_bytes(), "IBM"),
        "Alpha Vantage does not include this in your plan: This is a premium endpoint.",
    );
    says(
        daily(
            said("Information", "The **demo** API key is for demo purposes only.").as_bytes(),
            "IBM",
        ),
        "Alpha Vantage refuses the API key: The **demo** API key is for demo purposes only.",
    );
    says(
        daily(
            said("Error Message", "the parameter apikey is invalid or missing.").as_bytes(),
            "IBM",
        ),
        "Alpha Vantage refuses the API key: the parameter apikey is invalid or missing.",
    );
    says(
        daily(
            said(
                "Error Message",
                "Invalid API call. Please retry or visit the documentation",
            )
            .as_bytes(),
            "NOPE",
        ),
        "Alpha Vantage does not know the symbol `NOPE`",
    );
    says(
        daily(b"{}", "IBM"),
        "Alpha Vantage has no data: its answer about `IBM` is empty",
    );
    says(
        daily(said("Information", "Something new.").as_bytes(), "IBM"),
        "Alpha Vantage refuses the request: Something new.",
    );
}

#[test]
fn an_echoed_key_is_never_quoted() {
    for text in [
        "Your key Q1W2E3R4T5Y6U7I8 is odd.",
        "apikey=Q1W2E3R4T5Y6U7I8&x",
        "QWERTYUIOPASDFGH is odd",
        "(abcdefghij0123456789ABCDEFGHIJ_x)",
    ] {
        let body = serde_json::json!({ "Information": text }).to_string();
        let sentence = daily(body.as_bytes(), "IBM").unwrap_err().to_string();
        assert!(sentence.contains("[redacted]"), "{sentence}");
    }
}

#[test]
fn an_answer_about_another_symbol_is_refused() {
    says(
        daily(include_bytes!("../../../fixtures/alpha_vantage/daily.json"), "AAPL"),
        "the answer of Alpha Vantage has `IBM` at Meta Data.symbol, which is not the symbol that was asked for",
    );
}

#[test]
fn a_bad_day_is_named() {
    let body = br#"{"Meta Data":{"2. Symbol":"A"},"Time Series (Daily)":{"2020-01-02":{"1. open":"1","2. high":"1","3. low":"","4. close":"1"}}}"#;
    says(
        daily(body, "A"),
        "the answer of Alpha Vantage has `nothing` at 2020-01-02.low, which is not a number",
    );
    let body = br#"{"Meta Data":{"2. Symbol":"A"},"Time Series (Daily)":{"2020-01-02T00":{}}}"#;
    says(
        daily(body, "A"),
        "the answer of Alpha Vantage has `2020-01-02T00` at Time Series (Daily), which is not a date",
    );
}

#[test]
fn failing_statuses_keep_what_the_body_says() {
    let body = br#"{"Information":"our standard API rate limit is 25 requests per day"}"#;
    assert!(matches!(
        failure(503, body, None),
        ProviderError::Throttled {
            cap: Some(Cap::Day),
            ..
        }
    ));
    assert_eq!(
        failure(500, b"oops", None).to_string(),
        "Alpha Vantage failed with HTTP status 500: oops"
    );
}

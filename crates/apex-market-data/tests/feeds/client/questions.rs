//! Questions besides the bars of a symbol, and how each provider is asked.

use apex_domain::Decimal;
use apex_market_data::request::Ask;
use apex_market_data::{Basis, Provider, ProviderError, Window};
use apex_testkit::replay::Fault;

use super::{alpha_vantage, client, date, days, generous, polygon, replay, settings, yahoo};

#[tokio::test]
async fn the_other_questions_are_answered_too() {
    let replay = replay(1_000).await;
    let (client, book) = client(vec![generous(polygon(&replay))], settings());
    let (from, to) = (date("2025-11-24"), date("2026-03-13"));
    let symbol = "AAPL".to_owned();
    let market = client
        .fetch(&Ask::Market {
            date: date("2026-03-09"),
        })
        .await
        .unwrap();
    let symbols: Vec<&str> = market.records.bars.iter().map(|bar| bar.symbol.as_str()).collect();
    assert_eq!(symbols, ["AAPL", "META"]);
    assert!(
        market
            .records
            .bars
            .iter()
            .all(|bar| bar.window == Window::Day(date("2026-03-09")))
    );
    let all_splits = client.fetch(&Ask::MarketSplits { from, to }).await.unwrap();
    let all_dividends = client.fetch(&Ask::MarketDividends { from, to }).await.unwrap();
    // Of a whole market nothing is kept but what somebody takes from it.
    assert_eq!(book.lock().unwrap().replies.len(), 0);
    let splits = client
        .fetch(&Ask::Splits {
            symbol: symbol.clone(),
            from,
            to,
        })
        .await
        .unwrap();
    assert_eq!(splits.records.splits[0].ratio.to_string(), "2:1");
    assert_eq!(all_splits.records.splits, splits.records.splits);
    let dividends = client
        .fetch(&Ask::Dividends {
            symbol: symbol.clone(),
            from,
            to,
        })
        .await
        .unwrap();
    assert_eq!(dividends.records.dividends[0].amount, Basis::Raw(Decimal::new(26, 2)));
    assert_eq!(all_dividends.records.dividends, dividends.records.dividends);
    let changes = client
        .fetch(&Ask::SymbolChanges { id: "META".to_owned() })
        .await
        .unwrap();
    let changes: Vec<String> = changes
        .records
        .symbol_changes
        .iter()
        .map(|change| format!("{} {}", change.date, change.symbol))
        .collect();
    assert_eq!(changes, ["2025-11-24 FB", "2026-01-05 META"]);
    let since = "2026-01-01T00:00:00Z".parse().unwrap();
    let news = client
        .fetch(&Ask::News {
            symbol,
            since,
            limit: 3,
        })
        .await
        .unwrap();
    assert_eq!(news.records.news.len(), 3);
    let listings = client
        .fetch(&Ask::Listings {
            search: Some("ME".to_owned()),
        })
        .await
        .unwrap();
    assert_eq!(listings.records.listings[0].symbol, "META");
}

#[tokio::test]
async fn a_provider_is_asked_in_its_own_symbols_or_not_at_all() {
    let replay = replay(1_000).await;
    let sources = vec![
        generous(yahoo(&replay)),
        generous(alpha_vantage(&replay)),
        generous(polygon(&replay)),
    ];
    let (asking, _) = client(sources, settings());
    let own = |provider| match provider {
        Provider::Yahoo => Some(days("FACEBOOK", "2026-03-02", "2026-03-13")),
        Provider::AlphaVantage => None,
        Provider::Polygon | Provider::Files => Some(days("META", "2026-03-02", "2026-03-13")),
    };
    let fetched = asking.client.fetch(own, asking.patience).await.unwrap();
    let passed: Vec<String> = fetched.passed.iter().map(ToString::to_string).collect();
    assert_eq!(fetched.provider, Provider::Polygon);
    assert_eq!(passed, ["Yahoo does not know the symbol `FACEBOOK`"]);
    let err = asking.client.fetch(|_| None, asking.patience).await.unwrap_err();
    assert_eq!(
        err.to_string(),
        "no provider has an answer: none is set up that knows it"
    );
}

#[tokio::test]
async fn rates_of_exchange_are_of_the_same_days_with_every_provider() {
    let replay = replay(1_000).await;
    let ask = Ask::Rates {
        base: "EUR".to_owned(),
        quote: "USD".to_owned(),
        from: date("2026-03-02"),
        to: date("2026-03-13"),
    };
    let mut answers = Vec::new();
    for adapter in [polygon(&replay), alpha_vantage(&replay)] {
        let (client, _) = client(vec![generous(adapter)], settings());
        let fetched = client.fetch(&ask).await.unwrap();
        assert!(fetched.records.bars.iter().all(|bar| bar.symbol == "EUR/USD"));
        let rates = fetched.records.bars.iter();
        answers.push(
            rates
                .map(|bar| (bar.window, bar.figures.raw().unwrap().close))
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(
        (answers[0].len(), answers[0][0].0),
        (10, Window::Day(date("2026-03-02")))
    );
}

#[tokio::test]
async fn a_host_without_the_newer_endpoints_is_asked_by_the_older_ones() {
    let replay = replay(1_000).await;
    let (client, _) = client(vec![generous(polygon(&replay))], settings());
    let (symbol, from, to) = ("AAPL".to_owned(), date("2025-11-24"), date("2026-03-13"));
    let splits = Ask::Splits {
        symbol: symbol.clone(),
        from,
        to,
    };
    replay.next([Fault::Status(404)]);
    let fetched = client.fetch(&splits).await.unwrap();
    assert_eq!(fetched.records.splits[0].ratio.to_string(), "2:1");
    replay.next([Fault::Status(404)]);
    let fetched = client.fetch(&Ask::Dividends { symbol, from, to }).await.unwrap();
    let dividend = &fetched.records.dividends[0];
    assert_eq!(
        (dividend.amount, dividend.kind.as_deref()),
        (Basis::Raw(Decimal::new(26, 2)), Some("CD"))
    );
    let paths: Vec<String> = replay
        .seen()
        .into_iter()
        .map(|seen| seen.address.split('?').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        paths,
        [
            "/stocks/v1/splits",
            "/v3/reference/splits",
            "/stocks/v1/dividends",
            "/v3/reference/dividends"
        ]
    );
    // Where the older one is missing too, that is the answer.
    replay.next([Fault::Status(404), Fault::Status(404)]);
    let err = client.fetch(&splits).await.unwrap_err();
    assert!(matches!(err.tried[0], ProviderError::NoData { .. }), "{err}");
}

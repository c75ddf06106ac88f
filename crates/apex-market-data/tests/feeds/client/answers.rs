//! What comes when all goes well is what the market did.

use apex_domain::Decimal;
use apex_market_data::files::Files;
use apex_market_data::request::Ask;
use apex_market_data::{Bar, Basis, Interval, Ohlcv, Provider, ProviderError, Window};
use apex_testkit::replay::Fault;

use super::{
    alpha_vantage, alpha_vantage_free, client, date, days, generous, market, polygon, replay, settings, traded, yahoo,
};

/// Returns the day and figures of each bar, as traded.
fn raw(bars: &[Bar]) -> Vec<(Window, Ohlcv)> {
    bars.iter()
        .map(|bar| {
            let figures = bar.figures.raw().unwrap();
            (bar.window, Ohlcv { vwap: None, ..*figures })
        })
        .collect()
}

fn expected() -> Vec<(Window, Ohlcv)> {
    let market = market();
    let stock = market.stock("AAPL").unwrap();
    stock
        .days
        .iter()
        .map(|day| (Window::Day(day.date), traded(day)))
        .collect()
}

#[tokio::test]
async fn polygon_pages_make_one_series_across_daylight_saving_and_holidays() {
    let replay = replay(9).await;
    let (client, book) = client(vec![generous(polygon(&replay))], settings());
    let fetched = client.fetch(&days("AAPL", "2025-11-24", "2026-03-13")).await.unwrap();
    assert_eq!(raw(&fetched.records.bars), expected());
    assert_eq!((fetched.provider, fetched.passed.len()), (Provider::Polygon, 0));
    // 76 days: 80 weekdays less four holidays, nine to a page.
    assert_eq!((fetched.records.bars.len(), fetched.hashes.len()), (76, 9));
    let seen = replay.seen();
    assert_eq!(seen.len(), 9);
    assert!(
        seen.iter()
            .all(|seen| seen.has_bearer && !seen.address.contains(super::KEY))
    );
    let book = book.lock().unwrap();
    let sent: usize = book.spent.values().map(|spent| spent.sent.len()).sum();
    assert_eq!((book.replies.len(), sent), (9, 9));
}

#[tokio::test]
async fn minutes_are_asked_for_a_month_at_a_time_and_a_half_day_is_short() {
    let replay = replay(50_000).await;
    let (client, _) = client(vec![generous(polygon(&replay))], settings());
    let ask = Ask::Bars {
        symbol: "AAPL".to_owned(),
        interval: Interval::Minute,
        from: date("2025-11-28"),
        to: date("2025-12-01"),
    };
    let fetched = client.fetch(&ask).await.unwrap();
    // The day after Thanksgiving ends at one: 210 minutes; then a weekend; then 390.
    assert_eq!(fetched.records.bars.len(), 210 + 390);
    let addresses: Vec<String> = replay.seen().into_iter().map(|seen| seen.address).collect();
    assert_eq!(addresses.len(), 2);
    assert!(addresses[0].contains("/2025-11-28/2025-11-30?"), "{addresses:?}");
    assert!(addresses[1].contains("/2025-12-01/2025-12-01?"), "{addresses:?}");
    let Window::From(first) = fetched.records.bars[0].window else {
        panic!("an instant")
    };
    assert_eq!(first.to_string(), "2025-11-28T14:30:00Z");
}

#[tokio::test]
async fn alpha_vantage_says_the_same_with_its_split_and_dividend() {
    let replay = replay(1).await;
    let (client, _) = client(vec![generous(alpha_vantage(&replay))], settings());
    let fetched = client.fetch(&days("AAPL", "2025-11-24", "2026-03-13")).await.unwrap();
    assert_eq!(raw(&fetched.records.bars), expected());
    let split = &fetched.records.splits[0];
    assert_eq!(
        (split.ex_date, split.ratio.to_string().as_str()),
        (date("2026-02-09"), "2:1")
    );
    let dividend = &fetched.records.dividends[0];
    assert_eq!(
        (dividend.ex_date, dividend.amount),
        (date("2025-12-10"), Basis::Raw(Decimal::new(26, 2)))
    );
    // What was kept of the address holds no key.
    let seen = replay.seen();
    assert!(seen[0].address.contains(super::KEY));
}

#[tokio::test]
async fn the_free_plan_of_alpha_vantage_has_bars_and_news_and_no_splits() {
    let replay = replay(1).await;
    let (client, _) = client(vec![generous(alpha_vantage_free(&replay))], settings());
    let fetched = client.fetch(&days("AAPL", "2026-03-02", "2026-03-13")).await.unwrap();
    assert_eq!(raw(&fetched.records.bars), expected()[expected().len() - 10..]);
    assert!(
        replay.seen()[0]
            .address
            .contains("function=TIME_SERIES_DAILY&symbol=AAPL&outputsize=compact")
    );
    let symbol = "AAPL".to_owned();
    let news = Ask::News {
        symbol: symbol.clone(),
        since: "2026-01-01T00:00:00Z".parse().unwrap(),
        limit: 3,
    };
    let news = client.fetch(&news).await.unwrap().records.news;
    assert_eq!((news.len(), news[0].title.starts_with("AAPL closes at")), (3, true));
    let (from, to) = (date("2025-11-24"), date("2026-03-13"));
    let err = client.fetch(&Ask::Splits { symbol, from, to }).await.unwrap_err();
    assert_eq!(
        err.to_string(),
        "no provider has splits: Alpha Vantage does not offer splits"
    );
}

#[tokio::test]
async fn yahoo_says_the_same_adjusted_for_the_split_and_free_of_noise() {
    let replay = replay(1).await;
    let (client, book) = client(vec![generous(yahoo(&replay))], settings());
    let fetched = client.fetch(&days("AAPL", "2025-11-24", "2026-03-13")).await.unwrap();
    let market = market();
    let stock = market.stock("AAPL").unwrap();
    for (bar, day) in fetched.records.bars.iter().zip(&stock.days) {
        let halved = if day.date < date("2026-02-09") { 2 } else { 1 };
        let figures = bar.figures.split_adjusted().unwrap();
        assert_eq!(bar.window, Window::Day(day.date));
        assert_eq!(
            figures.close,
            Some(Decimal::new(day.close, 2) / Decimal::from(halved)),
            "{}",
            day.date
        );
        assert_eq!(figures.volume, Some((day.volume * halved).into()), "{}", day.date);
    }
    assert_eq!(fetched.records.bars.len(), stock.days.len());
    assert_eq!(
        fetched.records.dividends[0].amount,
        Basis::SplitAdjusted(Decimal::new(13, 2))
    );
    // A cookie, a crumb, a chart; then charts alone. Cookie and crumb are not kept.
    assert_eq!(replay.seen().len(), 3);
    client.fetch(&days("META", "2025-11-24", "2026-03-13")).await.unwrap();
    assert_eq!(replay.seen().len(), 1);
    let book = book.lock().unwrap();
    assert_eq!(book.replies.len(), 2);
    assert!(
        book.replies
            .iter()
            .all(|(_, source, ..)| source.contains("/v8/") && !source.contains("crumb"))
    );
}

#[tokio::test]
async fn the_other_questions_are_answered_too() {
    let replay = replay(1_000).await;
    let (client, _) = client(vec![generous(polygon(&replay))], settings());
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
    let splits = client
        .fetch(&Ask::Splits {
            symbol: symbol.clone(),
            from,
            to,
        })
        .await
        .unwrap();
    assert_eq!(splits.records.splits[0].ratio.to_string(), "2:1");
    let dividends = client
        .fetch(&Ask::Dividends {
            symbol: symbol.clone(),
            from,
            to,
        })
        .await
        .unwrap();
    assert_eq!(dividends.records.dividends[0].amount, Basis::Raw(Decimal::new(26, 2)));
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
async fn a_firms_own_file_serves_where_no_provider_knows_the_symbol() {
    let replay = replay(1).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("OWN.csv"),
        "date,close\n2026-03-02,10.5\n2026-03-03,10.75\n",
    )
    .unwrap();
    let files = Box::new(Files::new(folder.path().to_owned()));
    let sources = vec![
        generous(yahoo(&replay)),
        generous(alpha_vantage(&replay)),
        generous(files),
    ];
    let (client, book) = client(sources, settings());
    let fetched = client.fetch(&days("OWN", "2026-03-03", "2026-03-13")).await.unwrap();
    assert_eq!((fetched.provider, fetched.records.bars.len()), (Provider::Files, 1));
    let passed: Vec<String> = fetched.passed.iter().map(ToString::to_string).collect();
    assert_eq!(
        passed,
        [
            "Yahoo does not know the symbol `OWN`",
            "Alpha Vantage does not know the symbol `OWN`"
        ]
    );
    // The file is kept as it came, as every answer is.
    let (provider, source, ..) = book.lock().unwrap().replies.pop().unwrap();
    assert_eq!((provider, source.ends_with("OWN.csv")), (Provider::Files, true));
    // A Parquet file goes before a CSV file of the same name.
    let parquet = include_bytes!("../../../fixtures/files/ACME.parquet");
    std::fs::write(folder.path().join("OWN.parquet"), parquet).unwrap();
    let fetched = client.fetch(&days("OWN", "2026-01-01", "2026-03-13")).await.unwrap();
    assert_eq!(fetched.records.bars[0].window, Window::Day(date("2026-01-05")));
    let err = client
        .fetch(&days("../OWN", "2026-03-03", "2026-03-13"))
        .await
        .unwrap_err();
    assert_eq!(err.tried[2].to_string(), "Files does not know the symbol `../OWN`");
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
        let rates = raw(&fetched.records.bars).into_iter();
        answers.push(rates.map(|(window, rate)| (window, rate.close)).collect::<Vec<_>>());
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

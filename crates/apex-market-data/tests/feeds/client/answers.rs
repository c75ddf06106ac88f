//! What comes when all goes well is what the market did.

use apex_domain::Decimal;
use apex_market_data::files::Files;
use apex_market_data::request::Ask;
use apex_market_data::{Bar, Basis, Interval, Ohlcv, Provider, Window};

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
    // 75 days: 80 weekdays less five holidays, nine to a page.
    assert_eq!((fetched.records.bars.len(), fetched.hashes.len()), (75, 9));
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

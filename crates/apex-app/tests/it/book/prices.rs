//! Prices and rates: missing, replaced, and as they were known.

use apex_domain::{Currency, Timestamp};
use apex_wire::setup::{GetInstruments, GetPrices, GetRatePairs, GetRates};
use apex_wire::{Figure, View};

use super::{Desk, date, decimal, known};

#[tokio::test]
async fn a_missing_price_or_rate_is_unavailable_because_and_never_zero() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "EUR", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.ledger(view, "2026-03-31 deposit - 1000\n2026-03-31 buy ACME 1 @ 50 fx 0.9")
        .await;
    let rows = desk.holdings(view);
    let acme = rows.iter().find(|row| row.symbol == "ACME").expect("held");
    assert_eq!(
        known(&acme.market_value),
        "-- no price for ACME on or before 2026-03-31"
    );
    assert_eq!(known(&acme.cost), "45");
    assert!(
        desk.nav(view)
            .because()
            .is_some_and(|because| because.contains("no price for ACME"))
    );
    desk.price("ACME", "2026-03-31", "60").await;
    let rows = desk.holdings(view);
    let acme = rows.iter().find(|row| row.symbol == "ACME").expect("held");
    assert_eq!(known(&acme.market_value), "-- no rate from USD to EUR on 2026-03-31");
    let report = desk.app.positions_report(view).expect("a report");
    assert_eq!(report.nav, None);
    assert!(
        report
            .rows
            .iter()
            .any(|row| row.unavailable.contains_key("market_value"))
    );
}

#[tokio::test]
async fn what_was_known_earlier_is_answered_as_it_was() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.price("ACME", "2026-01-30", "100").await;
    desk.ledger(view, "2026-01-05 deposit - 10000\n2026-01-05 buy ACME 10 @ 90")
        .await;
    let january = View {
        as_of: Some(date("2026-01-30")),
        ..view
    };
    let then = View {
        known_at: Some(Timestamp::from_second(desk.seconds.get()).expect("in range")),
        ..january
    };
    let before = desk.nav(january);
    assert_eq!(before, Figure::Known(decimal("10100.00")));
    desk.price("ACME", "2026-01-30", "110").await;
    desk.ledger(view, "2026-01-06 buy ACME 10 @ 95").await;
    assert_eq!(desk.nav(january), Figure::Known(decimal("10350.00")));
    assert_eq!(desk.nav(then), before);
    let prices = desk.app.view(Some("Core"), None, None).expect("view");
    let acme = desk.holdings(prices).iter().find_map(|row| row.instrument);
    let desk = desk.reopened().await;
    assert_eq!(desk.nav(then), before, "the same after reopening");
    assert_eq!(
        desk.nav(View {
            as_of: Some(date("2026-01-02")),
            ..view
        }),
        Figure::Known(decimal("0"))
    );
    let _ = acme;
}

#[tokio::test]
async fn a_replaced_price_stays_as_history() {
    let desk = Desk::new().await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.price("ACME", "2026-01-30", "100").await;
    desk.price("ACME", "2026-01-30", "110").await;
    let window = desk
        .app
        .get_instruments(GetInstruments {
            search: "acme".into(),
            offset: 0,
            limit: 9,
        })
        .expect("rows");
    assert_eq!(window.rows[0].last_price, Some((date("2026-01-30"), decimal("110"))));
    let prices = desk
        .app
        .get_prices(GetPrices {
            instrument: window.rows[0].id,
            limit: 9,
        })
        .await
        .expect("prices");
    let seen: Vec<_> = prices
        .iter()
        .map(|row| (row.value, row.replaced, row.source.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            (Some(decimal("110")), false, "typed"),
            (Some(decimal("100")), true, "typed")
        ]
    );
}

#[tokio::test]
async fn rates_are_listed_by_pair_and_replaced_ones_stay_as_history() {
    let desk = Desk::new().await;
    assert_eq!(desk.app.get_rate_pairs(GetRatePairs {}).await.expect("pairs"), []);
    desk.fx("EUR", "USD", "2025-12-31", "1.0900").await;
    desk.fx("EUR", "USD", "2026-01-30", "1.1025").await;
    desk.fx("CHF", "USD", "2026-01-05", "1.25").await;
    desk.fx("EUR", "USD", "2026-01-30", "1.1030").await;
    desk.fx("EUR", "USD", "2026-01-15", "1.1000").await;
    let pairs = desk.app.get_rate_pairs(GetRatePairs {}).await.expect("pairs");
    let seen: Vec<String> = pairs
        .iter()
        .map(|pair| {
            let latest = &pair.latest;
            format!(
                "{}/{} {} on {}, {}",
                pair.from,
                pair.to,
                latest.value.expect("a rate"),
                latest.date,
                latest.source
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            "CHF/USD 1.25 on 2026-01-05, typed",
            "EUR/USD 1.103 on 2026-01-30, typed"
        ]
    );
    let rates = |limit: usize| {
        let ask = GetRates {
            from: Currency::EUR,
            to: Currency::USD,
            limit,
        };
        desk.app.get_rates(ask)
    };
    let seen: Vec<_> = rates(9)
        .await
        .expect("rates")
        .iter()
        .map(|row| {
            (
                row.date.to_string(),
                row.value.expect("a rate").to_string(),
                row.replaced,
            )
        })
        .collect();
    let row = |day: &str, rate: &str, replaced: bool| (day.to_owned(), rate.to_owned(), replaced);
    assert_eq!(
        seen,
        [
            row("2026-01-30", "1.103", false),
            row("2026-01-30", "1.1025", true),
            row("2026-01-15", "1.1", false),
            row("2025-12-31", "1.09", false)
        ]
    );
    assert_eq!(rates(2).await.expect("rates").len(), 2);
}

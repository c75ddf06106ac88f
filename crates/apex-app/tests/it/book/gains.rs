//! Lots and what they gained, as worked out by hand.

use apex_domain::Decimal;
use apex_wire::Figure;
use apex_wire::holdings::GetLots;

use super::{Desk, date, decimal, known};

#[tokio::test]
async fn each_lot_method_gives_the_gain_of_the_worked_example() {
    // 100 at 10, 100 at 12, 100 at 15, then 150 sold at 14: hand calculation.
    let desk = Desk::new().await;
    desk.equity("ACME", "USD", "Industrials").await;
    for (method, gain, basis) in [
        ("fifo", "500", "2100"),
        ("lifo", "0", "1600"),
        ("hifo", "0", "1600"),
        ("average", "250", "1850"),
    ] {
        let view = desk.portfolio(method, "USD", method).await;
        desk.ledger(
            view,
            "
            2026-01-05 deposit - 10000
            2026-01-05 buy ACME 100 @ 10
            2026-01-06 buy ACME 100 @ 12
            2026-01-07 buy ACME 100 @ 15
            2026-01-08 sell ACME 150 @ 14
            ",
        )
        .await;
        let lots = desk
            .app
            .get_lots(GetLots {
                view,
                instrument: None,
                account: None,
            })
            .expect("lots")
            .rows;
        let closed = lots.iter().filter(|lot| lot.closed.is_some());
        let realized: Decimal = closed.filter_map(|lot| lot.gain.known()).sum();
        let open: Decimal = lots
            .iter()
            .filter(|lot| lot.closed.is_none())
            .filter_map(|lot| lot.cost.known())
            .sum();
        assert_eq!((realized, open), (decimal(gain), decimal(basis)), "{method}");
    }
}

#[tokio::test]
async fn specific_lots_are_named_by_their_day() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "specific").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.ledger(
        view,
        "
        2026-01-05 deposit - 10000
        2026-01-05 buy ACME 10 @ 90
        2026-01-06 buy ACME 10 @ 110
        2026-01-07 sell ACME 5 @ 120 lot 2026-01-06
        ",
    )
    .await;
    let lots = desk
        .app
        .get_lots(GetLots {
            view,
            instrument: None,
            account: None,
        })
        .expect("lots")
        .rows;
    let closed = lots.iter().find(|lot| lot.closed.is_some()).expect("one is closed");
    assert_eq!(
        (closed.opened, known(&closed.gain)),
        (date("2026-01-06"), "50".to_owned())
    );
    let refused = desk
        .add(view, "2026-01-08 sell ACME 5 @ 120 lot 2026-02-01")
        .await
        .expect_err("no such lot");
    assert_eq!(refused.field.as_deref(), Some("lot"));
}

#[tokio::test]
async fn a_gain_splits_into_price_currency_and_cross_after_reopening() {
    // 100 shares at USD 50 (0.90), now USD 60 (0.95): 1,200 = 900 + 250 + 50.
    let desk = Desk::new().await;
    let view = desk.portfolio("Euro", "EUR", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.fx("USD", "EUR", "2026-01-05", "0.90").await;
    desk.fx("USD", "EUR", "2026-03-31", "0.95").await;
    desk.price("ACME", "2026-03-31", "60").await;
    desk.ledger(view, "2026-01-05 deposit - 5000 in USD\n2026-01-05 buy ACME 100 @ 50")
        .await;
    let desk = desk.reopened().await;
    let rows = desk.holdings(view);
    let acme = rows.iter().find(|row| row.symbol == "ACME").expect("held");
    let parts = [
        &acme.market_value,
        &acme.cost,
        &acme.unrealized,
        &acme.unrealized_price,
        &acme.unrealized_fx,
        &acme.unrealized_cross,
    ];
    assert_eq!(parts.map(known), ["5700", "4500", "1200", "900", "250", "50"]);
    let total: Decimal = rows.iter().filter_map(|row| row.market_value.known()).sum();
    assert_eq!(
        desk.nav(view),
        Figure::Known(total),
        "market values add up to the net asset value"
    );
}

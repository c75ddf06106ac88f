//! Figures that must add up, over rows and over days.

use apex_domain::{Currency, Decimal};
use apex_wire::cash::GetCash;
use apex_wire::holdings::{Classification, ExportHoldings, GetHoldings, GridRow, HoldingColumn};
use apex_wire::transactions::{AddTransaction, ReverseTransactions};
use apex_wire::{Figure, View};

use super::{Desk, decimal, draft, known};
use crate::desk::grid;

#[tokio::test]
async fn subtotals_equal_their_rows_to_the_cent() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "EUR", "fifo").await;
    desk.fx("USD", "EUR", "2026-01-05", "0.9137").await;
    desk.fx("USD", "EUR", "2026-03-31", "0.9471").await;
    desk.ledger(view, "2026-01-05 deposit - 100000 in USD").await;
    for (at, sector) in ["Energy", "Energy", "Utilities", "Utilities", "Energy"]
        .iter()
        .enumerate()
    {
        let symbol = format!("S{at}");
        desk.equity(&symbol, "USD", sector).await;
        desk.price(&symbol, "2026-03-31", &format!("{}.337", 11 + at)).await;
        desk.add(view, &format!("2026-01-05 buy {symbol} 7.5 @ 10.1{at}"))
            .await
            .expect("bought");
    }
    let ask = GetHoldings {
        group: vec![Classification::Sector, Classification::AssetClass],
        sort: Some((HoldingColumn::MarketValue, true)),
        ..grid(view)
    };
    let window = desk.app.get_holdings(ask.clone()).expect("holdings");
    let mut sums = Vec::new();
    for row in &window.rows {
        match row {
            GridRow::Group {
                level: 0,
                label,
                subtotal,
                ..
            } => sums.push((label.clone(), subtotal.clone(), Decimal::ZERO)),
            GridRow::Group { .. } => {}
            GridRow::Holding(row) => {
                let last = sums.last_mut().expect("a group comes first");
                last.2 += row.market_value.known().expect("known");
            }
        }
    }
    assert_eq!(
        sums.iter().map(|(label, ..)| label.as_str()).collect::<Vec<_>>(),
        ["Cash", "Energy", "Utilities"]
    );
    for (label, subtotal, sum) in &sums {
        assert_eq!(subtotal.market_value.known(), Some(sum), "{label}");
        assert!(sum.scale() <= 2, "{label} {sum}");
    }
    let total: Decimal = sums.iter().map(|(.., sum)| sum).sum();
    assert_eq!(
        (window.total.market_value, window.nav),
        (Figure::Known(total), Figure::Known(total))
    );
    let shut = GetHoldings {
        collapsed: vec!["Energy".into()],
        ..ask.clone()
    };
    assert_eq!(
        desk.app.get_holdings(shut).expect("holdings").total_rows,
        window.total_rows - 4
    );
    let filtered = GetHoldings {
        filter: "utilit".into(),
        group: Vec::new(),
        ..ask
    };
    assert_eq!(desk.app.get_holdings(filtered.clone()).expect("holdings").total.rows, 2);
    let export = ExportHoldings {
        grid: filtered,
        columns: vec![HoldingColumn::Symbol, HoldingColumn::MarketValue],
    };
    let text = desk.app.export_holdings(export).expect("text");
    assert_eq!(text.lines().count(), 3);
    assert!(text.starts_with("symbol,market_value\n"), "{text}");
}

#[tokio::test]
async fn the_days_results_add_up_to_the_change_in_value() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.price("ACME", "2026-03-30", "100").await;
    desk.price("ACME", "2026-03-31", "104").await;
    desk.ledger(
        view,
        "
        2026-01-05 deposit - 10000
        2026-01-05 buy ACME 10 @ 90
        2026-03-31 deposit - 500
        2026-03-31 buy ACME 5 @ 102 fees 2
        2026-03-31 dividend ACME 7.50
        2026-03-31 fee - 3
        ",
    )
    .await;
    let rows = desk.holdings(view);
    let results: Vec<_> = rows
        .iter()
        .map(|row| (row.symbol.as_str(), known(&row.day_pnl)))
        .collect();
    // ACME: 10 x 4 + 5 x 2 - 2 + 7.50; cash: the fee of 3.
    assert_eq!(results, [("ACME", "55.5".to_owned()), ("USD", "-3".to_owned())]);
    let fold = desk.app.fold(view).expect("a fold");
    let valuation = fold.valuation();
    let change = valuation.nav.known().expect("known") - valuation.nav_before.known().expect("known");
    assert_eq!(change - valuation.day_flows.known().expect("known"), decimal("52.50"));
    assert_eq!(known(&rows[0].income), "7.5");
}

#[tokio::test]
async fn a_history_values_every_day_as_the_holdings_page_does() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    for (day, price) in [
        ("2026-03-26", "100"),
        ("2026-03-27", "101"),
        ("2026-03-30", "102"),
        ("2026-03-31", "51"),
    ] {
        desk.price("ACME", day, price).await;
    }
    desk.ledger(
        view,
        "
        2026-03-26 deposit - 10000
        2026-03-26 buy ACME 10 @ 100
        2026-03-30 sell ACME 4 @ 102
        2026-03-30 withdrawal - 50
        2026-03-31 split ACME 0 ratio 2:1
        ",
    )
    .await;
    let fold = desk.app.fold(view).expect("a fold");
    let history = fold.history();
    assert_eq!(history.days.len(), 4);
    let navs: Vec<f64> = (0..4).filter_map(|row| history.nav.get(row)).collect();
    assert_eq!(navs, [10_000.0, 10_010.0, 9_970.0, 9_970.0]);
    assert_eq!(history.flows, [10_000.0, 0.0, -50.0, 0.0]);
    let pnl: Vec<f64> = (0..4).filter_map(|row| history.pnl.get(row)).collect();
    assert_eq!(pnl, [0.0, 10.0, 10.0, 0.0]);
    for (row, day) in history.days.iter().enumerate() {
        let nav = desk.nav(View {
            as_of: Some(*day),
            ..view
        });
        assert_eq!(
            nav.known().map(ToString::to_string),
            history.nav.get(row).map(|nav| format!("{nav:.2}")),
            "{day}"
        );
    }
    let acme = desk.holdings(view).remove(0);
    assert_eq!(acme.day_change, Figure::Known(0.0), "a split is no fall");
}

#[tokio::test]
async fn a_backdated_trade_settles_to_what_a_reopened_book_shows() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.equity("LVMH", "EUR", "Consumer Discretionary").await;
    for (day, acme, lvmh, rate) in [
        ("2026-03-26", "100", "500", "1.08"),
        ("2026-03-27", "101", "498", "1.09"),
        ("2026-03-30", "102", "505", "1.10"),
        ("2026-03-31", "99", "501", "1.07"),
    ] {
        desk.price("ACME", day, acme).await;
        desk.price("LVMH", day, lvmh).await;
        desk.fx("EUR", "USD", day, rate).await;
    }
    desk.ledger(
        view,
        "
        2026-03-26 deposit - 100000
        2026-03-27 buy ACME 10 @ 101
        2026-03-30 sell ACME 4 @ 102
        ",
    )
    .await;
    let shown = |desk: &Desk| {
        let fold = desk.app.fold(view).expect("a fold");
        format!(
            "{:?} {:?} {:?}",
            fold.history(),
            fold.valuation().rows,
            fold.valuation().nav
        )
    };
    let before = shown(&desk);
    let backdated = "2026-03-26 buy LVMH 20 @ 500 in EUR";
    let preview = AddTransaction {
        view,
        draft: draft(backdated),
        preview: true,
    };
    desk.app.add_transaction(preview, &desk.now()).await.expect("a preview");
    assert_eq!(shown(&desk), before, "a preview changes nothing");
    desk.add(view, backdated).await.expect("a trade");
    let settled = shown(&desk);
    assert_ne!(settled, before);
    let desk = desk.reopened().await;
    assert_eq!(shown(&desk), settled);
}

#[tokio::test]
async fn cash_is_told_by_currency_and_settlement_date() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.fx("EUR", "USD", "2026-03-31", "1.10").await;
    desk.ledger(
        view,
        "
        2026-03-02 deposit - 1000
        2026-03-02 deposit - 100 in EUR fx 1.05
        2026-03-31 buy ACME 2 @ 100 settle 2026-04-02
        ",
    )
    .await;
    let cash = desk
        .app
        .get_cash(GetCash {
            view,
            search: String::new(),
        })
        .expect("cash");
    let usd = cash
        .balances
        .iter()
        .find(|row| row.currency == Currency::USD)
        .expect("dollars");
    assert_eq!(
        (usd.settled, usd.pending.clone(), usd.balance),
        (decimal("1000"), vec![decimal("-200")], decimal("800"))
    );
    assert_eq!(cash.total, Figure::Known(decimal("910.00")));
    assert_eq!(cash.movements[0].what, "buy ACME");
    let report = desk.app.cash_report(view).expect("a report");
    let lines: Vec<String> = report
        .rows
        .iter()
        .map(|row| format!("{} {} {}", row.currency, row.settle, row.amount))
        .collect();
    assert_eq!(
        lines,
        ["EUR 2026-03-31 100", "USD 2026-03-31 1000", "USD 2026-04-02 -200"]
    );
}

#[tokio::test]
async fn all_movements_of_cash_are_counted_and_searched_though_the_newest_are_listed() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    let mut ledger = "2026-01-05 interest - 7\n".to_owned();
    for _ in 0..249 {
        ledger.push_str("2026-03-02 deposit - 10\n");
    }
    desk.ledger(view, &ledger).await;
    let ask = |search: &str| {
        let search = search.to_owned();
        let cash = desk.app.get_cash(GetCash { view, search }).expect("cash");
        (cash.movements.len(), cash.total_movements)
    };
    assert_eq!(ask(""), (200, 250));
    assert_eq!(ask("deposit"), (200, 249));
    assert_eq!(
        ask("Interest 2026-01 usd"),
        (1, 1),
        "though it is older than the newest 200"
    );
    assert_eq!(ask("deposit eur"), (0, 0));
    // The count goes with the ledger: forth, back, and to an earlier day.
    let added = desk.add(view, "2026-03-03 deposit - 1").await.expect("a deposit");
    assert_eq!(ask(""), (200, 251));
    let undo = ReverseTransactions {
        view,
        ids: added.ids,
        preview: true,
    };
    let preview = undo.clone();
    desk.app
        .reverse_transactions(preview, &desk.now())
        .await
        .expect("a preview");
    assert_eq!(ask(""), (200, 251));
    let undo = ReverseTransactions { preview: false, ..undo };
    desk.app
        .reverse_transactions(undo, &desk.now())
        .await
        .expect("reversed");
    assert_eq!(ask(""), (200, 250));
    desk.add(view, "2026-06-01 deposit - 1").await.expect("a later deposit");
    assert_eq!(ask(""), (200, 250), "it is after the day looked at");
    let desk = desk.reopened().await;
    let search = String::new();
    let cash = desk.app.get_cash(GetCash { view, search }).expect("cash");
    assert_eq!(cash.total_movements, 250, "counted anew");
}

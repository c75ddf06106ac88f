//! The demo firm and a large book through the whole path: made, written, read back, valued and changed.

use apex_app::demo::{LAST_DAY, LargeBookSize, large_book};
use apex_app::firm_changes;
use apex_domain::Decimal;
use apex_wire::session::{NewBook, OpenSession, Session, Unlock};
use apex_wire::transactions::{AddTransaction, GetTransactions, ReverseTransactions, TransactionDraft};
use apex_wire::{Code, Figure, View};
use rust_decimal::prelude::ToPrimitive;

use crate::desk::{created, grid, moment};

fn trade(symbol: &str, date: &str, account: &str) -> TransactionDraft {
    TransactionDraft {
        account: account.into(),
        date: date.into(),
        kind: "buy".into(),
        symbol: symbol.into(),
        quantity: "10".into(),
        price: "100".into(),
        ..TransactionDraft::default()
    }
}

#[tokio::test]
async fn every_figure_of_the_demo_is_known_and_its_history_agrees_with_its_valuations() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let Session::Open(book) = app.session().expect("open") else {
        panic!("not open")
    };
    assert!(book.clock_stands && book.simulated.is_some() && book.portfolios.len() >= 3);
    assert_eq!(book.today, LAST_DAY);
    for portfolio in &book.portfolios {
        let view = app.view(Some(&portfolio.name), None, None).expect("a view");
        let fold = app.fold(view).expect("a fold");
        assert_eq!(fold.book().refusals(), [], "{}", portfolio.name);
        let valuation = fold.valuation();
        for row in &valuation.rows {
            let unknown = [&row.market_value, &row.cost, &row.unrealized, &row.day_pnl, &row.income]
                .into_iter()
                .find_map(|figure| figure.because());
            assert_eq!(unknown, None, "{} in {}", row.symbol, portfolio.name);
            let parts = [&row.unrealized_price, &row.unrealized_fx, &row.unrealized_cross];
            let sum: Decimal = parts.into_iter().filter_map(|part| part.known()).sum();
            assert_eq!(
                row.unrealized.known(),
                Some(&sum),
                "{} in {}",
                row.symbol,
                portfolio.name
            );
        }
        let history = fold.history();
        assert!(
            history.days.len() > 2_000,
            "{} has {} days",
            portfolio.name,
            history.days.len()
        );
        let gaps: Vec<_> = history
            .days
            .iter()
            .zip(&history.missing)
            .filter(|(_, missing)| **missing > 0)
            .collect();
        assert!(
            gaps.is_empty(),
            "{} lacks values on {} days, first {:?}",
            portfolio.name,
            gaps.len(),
            gaps.first()
        );
        for row in [history.days.len() / 3, history.days.len() / 2, history.days.len() - 1] {
            let day = history.days[row];
            let nav = app
                .get_holdings(grid(View {
                    as_of: Some(day),
                    ..view
                }))
                .expect("holdings")
                .nav;
            let (exact, fast) = (nav.known().and_then(|nav| nav.to_f64()), history.nav.get(row));
            let (exact, fast) = (exact.expect("known"), fast.expect("known"));
            assert!(
                (exact - fast).abs() < 0.005 * valuation.rows.len() as f64 + 0.01,
                "{day}: {exact} and {fast}"
            );
        }
        let days: f64 = valuation
            .rows
            .iter()
            .filter_map(|row| row.day_pnl.known()?.to_f64())
            .sum();
        let change = valuation.nav.known().expect("known") - valuation.nav_before.known().expect("known");
        let flows = valuation.day_flows.known().expect("known");
        assert!(
            (change - flows)
                .to_f64()
                .is_some_and(|change| (change - days).abs() < 1.0),
            "{}",
            portfolio.name
        );
    }
}

#[tokio::test]
async fn the_demo_refuses_a_later_trade_and_offers_a_new_book() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let view = app.view(None, None, None).expect("a view");
    let ask = AddTransaction {
        view,
        draft: trade("AAPL", "2022-12-29", "x"),
        preview: false,
    };
    let account = app
        .fold(view)
        .expect("a fold")
        .accounts()
        .values()
        .next()
        .map(|one| one.name.clone());
    let ask = AddTransaction {
        draft: TransactionDraft {
            account: account.unwrap_or_default(),
            ..ask.draft
        },
        ..ask
    };
    let refused = app
        .add_transaction(ask, &moment(9))
        .await
        .expect_err("later than the clock");
    assert_eq!((refused.code, refused.field.as_deref()), (Code::Invalid, Some("date")));
    assert!(refused.sentence.contains("new book"), "{refused}");
}

#[tokio::test]
async fn a_backdated_trade_in_a_large_book_settles_as_if_it_had_always_been_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Empty("Large".into())).await;
    let size = LargeBookSize {
        transactions: 5_000,
        instruments: 40,
        accounts: 2,
        days: 2_000,
    };
    let firm = large_book(size, 3);
    let (symbol, account) = (firm.instruments[0].symbol().to_owned(), firm.accounts[0].name.clone());
    let middle = firm.transactions[firm.transactions.len() / 2].trade_date;
    let applied = app.apply(firm_changes(firm), &moment(2)).await.expect("applied");
    assert!(applied.transactions >= 5_000, "{}", applied.transactions);
    let view = app.view(None, None, None).expect("a view");
    let last = app.fold(view).expect("a fold").book().span().expect("transactions").1;
    let view = View {
        as_of: Some(last),
        ..view
    };
    let before = app.fold(view).expect("a fold").valuation().nav.clone();
    assert!(matches!(before, Figure::Known(_)), "{before:?}");
    let ask = AddTransaction {
        view,
        draft: trade(&symbol, &middle.to_string(), &account),
        preview: false,
    };
    let effect = app.add_transaction(ask, &moment(3)).await.expect("added");
    assert_ne!(effect.nav_after, before);
    let (history, nav) = {
        let fold = app.fold(view).expect("a fold");
        (fold.history().nav.clone(), fold.valuation().nav.clone())
    };
    assert_eq!(nav, effect.nav_after);
    app.close().await.expect("closed");
    assert_eq!(
        app.open_session(OpenSession {}, &moment(4)).await.expect("a session"),
        Session::Locked
    );
    app.unlock(
        Unlock {
            secret: "open sesame".into(),
        },
        &moment(5),
    )
    .await
    .expect("unlocked");
    let fold = app.fold(view).expect("a fold");
    assert_eq!(
        (fold.valuation().nav.clone(), fold.history().nav.clone()),
        (nav, history)
    );
    drop(fold);
    let ask = ReverseTransactions {
        view,
        ids: effect.ids,
        preview: false,
    };
    app.reverse_transactions(ask, &moment(6)).await.expect("reversed");
    assert_eq!(app.fold(view).expect("a fold").valuation().nav, before);
    let search = GetTransactions {
        view,
        search: symbol,
        with_reversed: true,
        offset: 0,
        limit: 5,
    };
    assert_eq!(app.get_transactions(search).expect("rows").rows.len(), 5);
}

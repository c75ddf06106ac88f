//! What a form sends: tried out, refused, or taken.

use apex_wire::Code;
use apex_wire::session::Session;
use apex_wire::setup::{GetInstruments, GetPrices, InstrumentDraft, SaveAccount, SaveInstrument, SavePortfolio};
use apex_wire::transactions::{AddTransaction, GetTransactions, ReverseTransactions};

use super::{Desk, decimal, draft};

#[tokio::test]
async fn a_preview_says_the_effect_in_numbers_and_changes_nothing() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.price("ACME", "2026-03-31", "100").await;
    desk.ledger(view, "2026-01-05 deposit - 10000\n2026-01-05 buy ACME 10 @ 90")
        .await;
    let ask = AddTransaction {
        view,
        draft: draft("2026-01-06 buy ACME 10 @ 95 fees 1.20"),
        preview: true,
    };
    let effect = desk.app.add_transaction(ask, &desk.now()).await.expect("an effect");
    assert_eq!(
        effect.sentence,
        "buy of 10 ACME on 2026-01-06, NAV changes by 48.80 USD"
    );
    assert_eq!(effect.quantity, Some((decimal("10"), decimal("20"))));
    assert!(effect.ids.is_empty());
    assert_eq!(desk.nav(view), effect.nav_before);
    let done = desk
        .add(view, "2026-01-06 buy ACME 10 @ 95 fees 1.20")
        .await
        .expect("added");
    assert_eq!(
        (desk.nav(view), done.nav_after.clone()),
        (effect.nav_after.clone(), effect.nav_after)
    );
    let undo = |preview| ReverseTransactions {
        view,
        ids: done.ids.clone(),
        preview,
    };
    let seen = desk
        .app
        .reverse_transactions(undo(true), &desk.now())
        .await
        .expect("an effect");
    assert_eq!(
        seen.sentence,
        "reverses the buy of 10 ACME on 2026-01-06, NAV changes by -48.80 USD"
    );
    desk.app
        .reverse_transactions(undo(false), &desk.now())
        .await
        .expect("reversed");
    assert_eq!(desk.nav(view), effect.nav_before);
    let again = desk
        .app
        .reverse_transactions(undo(false), &desk.now())
        .await
        .expect_err("only once");
    assert!(again.sentence.contains("is reversed already"), "{again}");
    let list = |with_reversed| GetTransactions {
        view,
        search: "acme 2026".into(),
        with_reversed,
        offset: 0,
        limit: 9,
    };
    assert_eq!(desk.app.get_transactions(list(false)).expect("rows").total_rows, 1);
    let desk = desk.reopened().await;
    let all = desk.app.get_transactions(list(true)).expect("rows");
    assert_eq!(all.total_rows, 3);
    assert_eq!(all.rows.iter().filter(|row| row.reversed).count(), 1);
}

#[tokio::test]
async fn refusals_name_the_field_and_leave_the_book_alone() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.ledger(view, "2026-01-05 deposit - 10000\n2026-01-05 buy ACME 10 @ 90")
        .await;
    let before = desk.app.state_hash().await.expect("a hash");
    for (line, field) in [
        ("2026-01-06 sell ACME 15 @ 90", "quantity"),
        ("2026-01-06 buy NONE 1 @ 90", "symbol"),
        ("2026-01-06 bye ACME 1 @ 90", "kind"),
        ("06.01.2026 buy ACME 1 @ 90", "date"),
        ("2026-01-06 buy ACME ten @ 90", "quantity"),
        ("2026-01-06 buy ACME 1", "price"),
        ("2026-01-06 buy ACME 1 @ 90 in DOLLAR", "currency"),
        ("2026-01-06 buy ACME 1 @ 90 in EUR fx 1.1", "currency"),
        ("2026-01-06 buy ACME 1 @ 90 settle 2026-01-05", "settle"),
        ("2026-01-06 buy ACME 1 @ 90 fees -1", "fees"),
        ("2026-01-06 buy ACME 1 @ 90 in ZZZ", "currency"),
        ("0001-01-01 buy ACME 1 @ 90", "date"),
        ("9999-12-31 buy ACME 1 @ 90", "date"),
        ("2026-01-06 buy ACME 1 @ 90 settle 9999-12-31", "settle"),
    ] {
        let refused = desk.add(view, line).await.expect_err(line);
        assert_eq!(
            (refused.code, refused.field.as_deref()),
            (Code::Invalid, Some(field)),
            "{line}: {refused}"
        );
    }
    assert_eq!(desk.app.state_hash().await.expect("a hash"), before);
}

#[tokio::test]
async fn lot_method_and_base_currency_are_fixed_once_there_are_transactions() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    let Session::Open(book) = desk.app.session().expect("open") else {
        panic!("not open")
    };
    let account = book.portfolios[0].accounts[0].id;
    let change = |method: &str| SaveAccount {
        id: Some(account),
        portfolio: view.portfolio,
        name: "Main".into(),
        lot_method: method.into(),
    };
    desk.app
        .save_account(change("lifo"), &desk.now())
        .await
        .expect("nothing was traded yet");
    desk.ledger(view, "2026-01-05 deposit - 10").await;
    let refused = desk
        .app
        .save_account(change("fifo"), &desk.now())
        .await
        .expect_err("fixed");
    assert_eq!(refused.field.as_deref(), Some("lot_method"));
    let ask = SavePortfolio {
        id: Some(view.portfolio),
        name: "Core".into(),
        currency: "EUR".into(),
        benchmark: String::new(),
    };
    let refused = desk.app.save_portfolio(ask, &desk.now()).await.expect_err("fixed");
    assert_eq!(refused.field.as_deref(), Some("currency"));
}

#[tokio::test]
async fn a_symbol_change_keeps_the_instrument_and_frees_the_symbol() {
    let desk = Desk::new().await;
    desk.equity("FB", "USD", "Technology").await;
    let find = |search: &str| {
        desk.app
            .get_instruments(GetInstruments {
                search: search.into(),
                offset: 0,
                limit: 9,
            })
            .expect("rows")
            .rows
    };
    let old = find("FB").remove(0);
    let draft = InstrumentDraft {
        symbol: "META".into(),
        ..old.draft.clone()
    };
    let ask = SaveInstrument {
        id: Some(old.id),
        draft,
        symbol_from: "2026-02-02".into(),
    };
    let saved = desk.app.save_instrument(ask, &desk.now()).await.expect("renamed");
    assert_eq!(saved.symbol_history, ["FB until 2026-02-02", "META from 2026-02-02"]);
    desk.price("FB", "2026-01-30", "1").await;
    desk.price("META", "2026-02-03", "2").await;
    let prices = desk
        .app
        .get_prices(GetPrices {
            instrument: old.id,
            limit: 9,
        })
        .await
        .expect("prices");
    assert_eq!(prices.len(), 2);
    let clash = SaveInstrument {
        id: None,
        draft: saved.draft.clone(),
        symbol_from: String::new(),
    };
    assert_eq!(
        desk.app
            .save_instrument(clash, &desk.now())
            .await
            .expect_err("taken")
            .field
            .as_deref(),
        Some("symbol")
    );
}

#[tokio::test]
async fn what_is_missing_is_named_so_that_it_can_be_typed() {
    let desk = Desk::new().await;
    let ask = SavePortfolio {
        id: None,
        name: "Core".into(),
        currency: "QQQ".into(),
        benchmark: String::new(),
    };
    let refused = desk
        .app
        .save_portfolio(ask, &desk.now())
        .await
        .expect_err("no currency");
    assert_eq!(
        (refused.field.as_deref(), refused.sentence.as_str()),
        (
            Some("currency"),
            "`QQQ` is not a currency of ISO 4217; write a code like EUR"
        )
    );
    let view = desk.portfolio("Core", "USD", "fifo").await;
    let ask = SaveAccount {
        id: None,
        portfolio: view.portfolio,
        name: "Bonds".into(),
        lot_method: "fifo".into(),
    };
    desk.app.save_account(ask, &desk.now()).await.expect("an account");
    for (line, sentence) in [
        ("2026-01-06 deposit - 1", "an account is needed, one of Bonds, Main"),
        (
            "2026-01-06 buy NONE 1 @ 90",
            "there is no instrument NONE; add it first",
        ),
        (
            "1700-01-06 deposit - 1",
            "1700-01-06 is not taken: dates run from 1800-01-01 to 2027-01-05, a year from now; check the year",
        ),
    ] {
        let mut draft = draft(line);
        if !sentence.starts_with("an account") {
            draft.account = "Main".into();
        }
        let ask = AddTransaction {
            view,
            draft,
            preview: true,
        };
        let refused = desk.app.add_transaction(ask, &desk.now()).await.expect_err(line);
        assert_eq!(refused.sentence, sentence);
    }
}

#[tokio::test]
async fn a_split_is_told_by_its_ratio_and_a_later_trade_by_its_day() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.price("ACME", "2026-01-05", "90").await;
    desk.ledger(view, "2026-01-05 deposit - 10000\n2026-01-05 buy ACME 10 @ 90")
        .await;
    let split = desk.add(view, "2026-02-02 split ACME 7:1").await.expect("a split");
    assert!(
        split.sentence.starts_with("split 7:1 of ACME on 2026-02-02, NAV"),
        "{}",
        split.sentence
    );
    let later = desk.add(view, "2026-06-01 deposit - 5").await.expect("a deposit");
    assert_eq!(
        later.sentence,
        "deposit of 5.00 USD on 2026-06-01, which counts from 2026-06-01 on, after the 2026-03-31 looked at"
    );
    let ask = GetTransactions {
        view,
        search: "split".into(),
        with_reversed: false,
        offset: 0,
        limit: 1,
    };
    let listed = desk.app.get_transactions(ask).expect("a window");
    let ratio = listed.rows[0].ratio.expect("a ratio");
    assert_eq!(ratio.to_string(), "7:1");
}

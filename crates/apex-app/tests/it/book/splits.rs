//! Splits that the book knows of and the ledger lacks: told, recorded and taken back, with figures by hand.

use apex_domain::Ratio;
use apex_store::{Changes, CorporateAction, CorporateEvent};
use apex_wire::Code;
use apex_wire::attribution::{AttributionSettings, BenchmarkChoice, Blend, GetAttribution, Rebalancing};
use apex_wire::feeds::GetFreshness;
use apex_wire::overview::{GetOverview, Severity};
use apex_wire::session::NewBook;
use apex_wire::setup::{GetInstruments, SaveAccount};
use apex_wire::split::{GetMissingSplits, MissingSplit, RecordSplits};
use apex_wire::transactions::{GetTransactions, ReverseTransactions};

use super::{Desk, View, date, known};

impl Desk {
    /// Lets a provider tell of a split.
    async fn told(&self, symbol: &str, ex_date: &str, ratio: &str, withdrawn: bool) {
        let ask = GetInstruments {
            search: symbol.into(),
            offset: 0,
            limit: 9,
        };
        let found = self.app.get_instruments(ask).expect("instruments");
        let moment = self.now();
        let action = CorporateAction {
            instrument: found.rows[0].id,
            ex_date: date(ex_date),
            event: CorporateEvent::Split {
                ratio: ratio.parse::<Ratio>().expect("a ratio"),
            },
            source: "Polygon".to_owned(),
            withdrawn,
            known_at: moment.now,
        };
        let changes = Changes {
            actions: vec![action],
            ..Changes::default()
        };
        self.app.apply(changes, &moment).await.expect("told");
    }

    async fn missing(&self) -> Vec<MissingSplit> {
        let ask = GetMissingSplits { portfolio: None };
        self.app.get_missing_splits(ask).await.expect("splits")
    }

    async fn lines(&self) -> Vec<String> {
        let line = |one: &MissingSplit| {
            format!(
                "{} {} {} {} {}: {} to {}",
                one.portfolio_name, one.account_name, one.symbol, one.ex_date, one.ratio, one.before, one.after
            )
        };
        self.missing().await.iter().map(line).collect()
    }

    fn record(splits: &[MissingSplit], preview: bool) -> RecordSplits {
        RecordSplits {
            splits: splits.iter().map(MissingSplit::name).collect(),
            preview,
        }
    }

    fn held(&self, view: View, symbol: &str) -> String {
        let rows = self.holdings(view);
        let row = rows.iter().find(|row| row.symbol == symbol);
        row.map_or("none".to_owned(), |row| {
            format!("{} worth {}", row.quantity.normalize(), known(&row.market_value))
        })
    }
}

/// Ten shares of ACME at 200.00, which split two for one on 9 February and close at 101.00 in March.
async fn desk() -> (Desk, View) {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.ledger(
        view,
        "
        2026-01-05 deposit - 10000
        2026-01-05 buy ACME 10 @ 200
        ",
    )
    .await;
    desk.price("ACME", "2026-01-05", "200").await;
    desk.price("ACME", "2026-03-31", "101").await;
    (desk, view)
}

#[tokio::test]
async fn a_split_that_the_ledger_lacks_is_told_and_recorded_with_one_click() {
    let (desk, view) = desk().await;
    assert_eq!(desk.lines().await, [""; 0]);
    desk.told("ACME", "2026-02-09", "2:1", false).await;
    assert_eq!(desk.lines().await, ["Core Main ACME 2026-02-09 2:1: 10 to 20"]);
    // Ten old shares at the new price: 10 x 101, and 8,000 in cash.
    assert_eq!(desk.held(view, "ACME"), "10 worth 1010");
    assert_eq!(known(&desk.nav(view)), "9010");
    let overview = desk.app.get_overview(GetOverview { view }).expect("an overview");
    let alert = overview.alerts.first().expect("an alert");
    assert_eq!(alert.severity, Severity::Warning);
    assert_eq!(
        alert.sentence,
        "ACME was split 2:1 on 2026-02-09 and Main still has 10 old shares at new prices; record the split"
    );
    let ask = GetFreshness {
        search: "acme".into(),
        as_of: None,
    };
    let status = desk.app.get_freshness(ask).await.expect("told");
    assert_eq!(status.splits, desk.missing().await);
    assert_eq!(status.splits[0].source, "Polygon");

    // What it would do is said without doing it.
    let missing = desk.missing().await;
    let said = desk.app.record_splits(Desk::record(&missing, true), &desk.now()).await;
    let said = said.expect("said");
    assert_eq!(
        (said.sentence.as_str(), said.ids.len()),
        (
            "records the split 2:1 of ACME on 2026-02-09 in Main: 10 shares become 20",
            0
        )
    );
    assert_eq!(desk.missing().await, missing);

    let recorded = desk.app.record_splits(Desk::record(&missing, false), &desk.now()).await;
    let recorded = recorded.expect("recorded");
    assert_eq!((recorded.rows, recorded.ids.len()), (missing.clone(), 1));
    assert_eq!(desk.lines().await, [""; 0]);
    // Twenty new shares at the new price: 20 x 101.
    assert_eq!(desk.held(view, "ACME"), "20 worth 2020");
    assert_eq!(known(&desk.nav(view)), "10020");
    let ask = GetTransactions {
        view,
        search: "split".into(),
        with_reversed: false,
        offset: 0,
        limit: 9,
    };
    let window = desk.app.get_transactions(ask).expect("rows");
    assert_eq!(
        (window.rows[0].date, window.rows[0].note.as_str()),
        (date("2026-02-09"), "as Polygon tells it")
    );
    // It is missing no more.
    let again = desk.app.record_splits(Desk::record(&missing, false), &desk.now()).await;
    let again = again.expect_err("recorded already");
    assert_eq!(again.sentence, "no ledger lacks a split of ACME on 2026-02-09");

    // It is taken back like any transaction, and told again.
    let ask = ReverseTransactions {
        view,
        ids: recorded.ids,
        preview: false,
    };
    desk.app
        .reverse_transactions(ask, &desk.now())
        .await
        .expect("taken back");
    assert_eq!(desk.held(view, "ACME"), "10 worth 1010");
    assert_eq!(desk.missing().await, missing);
    // It outlives the program, and is gone where the provider takes the split back.
    let desk = desk.reopened().await;
    assert_eq!(desk.missing().await, missing);
    desk.told("ACME", "2026-02-09", "2:1", true).await;
    assert_eq!(desk.lines().await, [""; 0]);
}

#[tokio::test]
async fn shares_that_were_bought_on_the_first_day_are_new_ones() {
    let (desk, view) = desk().await;
    // Five new shares on the first day, sold before anybody told of the split; and nothing held over another one.
    desk.ledger(
        view,
        "
        2026-02-09 buy ACME 5 @ 100
        2026-02-10 sell ACME 4 @ 100
        ",
    )
    .await;
    desk.told("ACME", "2026-02-09", "2:1", false).await;
    desk.told("ACME", "2025-12-01", "3:1", false).await;
    assert_eq!(desk.lines().await, ["Core Main ACME 2026-02-09 2:1: 10 to 20"]);
    let ask = Desk::record(&desk.missing().await, false);
    desk.app.record_splits(ask, &desk.now()).await.expect("recorded");
    // 10 x 2 + 5 - 4.
    assert_eq!(desk.held(view, "ACME"), "21 worth 2121");
}

#[tokio::test]
async fn a_split_that_was_booked_late_or_by_hand_is_not_missing() {
    for (booked, ratio, lines) in [
        ("2026-02-09", "2:1", 0),
        // Two for one is four for two, and brokers book some days later.
        ("2026-02-20", "4:2", 0),
        // Of another ratio a person has decided, where it is about the same day.
        ("2026-02-10", "3:1", 0),
        ("2026-03-20", "2:1", 1),
        ("2026-02-20", "3:1", 1),
    ] {
        let (desk, view) = desk().await;
        desk.told("ACME", "2026-02-09", "2:1", false).await;
        desk.ledger(view, &format!("{booked} split ACME {ratio}")).await;
        assert_eq!(desk.missing().await.len(), lines, "{booked} {ratio}");
    }
}

/// A provider tells two for one on the ninth, and the ledger has it three days later: a benchmark of these shares goes from
/// 200.00 to twice 101.00 all the same, not to four times that.
#[tokio::test]
async fn a_split_that_is_told_and_booked_on_another_day_counts_once() {
    let (desk, view) = desk().await;
    desk.told("ACME", "2026-02-09", "2:1", false).await;
    desk.ledger(view, "2026-02-12 split ACME 2:1").await;
    let settings = AttributionSettings {
        from: Some(date("2026-01-05")),
        benchmark: BenchmarkChoice::Blend(Blend {
            name: "ACME alone".into(),
            rebalance: Rebalancing::Daily,
            weights: [("ACME".into(), 1.0)].into(),
            changes: Vec::new(),
        }),
        ..AttributionSettings::default()
    };
    let found = desk.app.get_attribution(GetAttribution { view, settings });
    let found = found.expect("an attribution");
    let gain = found.benchmark_return.known().copied().expect("a return");
    assert!((gain - 0.01).abs() < 1e-12, "{gain}");
}

/// In the morning of a split the last close is one of old shares: twenty shares at 101.00 a piece are as many as ten at
/// 202.00, on that day and in the history of the days after, until there is a close of new ones.
#[tokio::test]
async fn a_close_from_before_a_split_values_old_shares() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.equity("OTHER", "USD", "Industrials").await;
    desk.ledger(
        view,
        "
        2026-03-26 deposit - 10000
        2026-03-26 buy ACME 10 @ 200
        2026-03-26 buy OTHER 1 @ 100
        2026-03-30 split ACME 2:1
        ",
    )
    .await;
    for (day, acme) in [
        ("2026-03-26", Some("200")),
        ("2026-03-27", Some("202")),
        ("2026-03-30", None),
        ("2026-03-31", None),
    ] {
        desk.price("OTHER", day, "100").await;
        if let Some(acme) = acme {
            desk.price("ACME", day, acme).await;
        }
    }
    assert_eq!(desk.held(view, "ACME"), "20 worth 2020");
    // 7,900 in cash, 100 in the other, 2,020 in twenty shares.
    assert_eq!(known(&desk.nav(view)), "10020");
    let overview = desk.app.get_overview(GetOverview { view }).expect("an overview");
    let days = [10_000.0, 10_020.0, 10_020.0, 10_020.0].map(Some);
    assert_eq!(overview.nav_series.y, days);
    desk.price("ACME", "2026-03-31", "102").await;
    assert_eq!(desk.held(view, "ACME"), "20 worth 2040");
}

/// Ten new shares for next to nothing make twenty of ten, which is what two for one makes; nine do not.
#[tokio::test]
async fn new_shares_that_a_broker_delivered_are_the_split() {
    for (delivered, lines) in [
        ("2026-02-10 buy ACME 10 @ 0.01", 0),
        ("2026-02-10 buy ACME 9 @ 0.01", 1),
    ] {
        let (desk, view) = desk().await;
        desk.told("ACME", "2026-02-09", "2:1", false).await;
        desk.ledger(view, delivered).await;
        assert_eq!(desk.missing().await.len(), lines, "{delivered}");
    }
}

#[tokio::test]
async fn each_account_and_short_position_is_told_and_all_are_recorded_or_none() {
    let (desk, view) = desk().await;
    let ask = SaveAccount {
        id: None,
        portfolio: view.portfolio,
        name: "Second".into(),
        lot_method: "fifo".into(),
    };
    desk.app.save_account(ask, &desk.now()).await.expect("an account");
    let short = desk.portfolio("Short", "USD", "fifo").await;
    desk.ledger(
        short,
        "
        2026-01-05 deposit - 10000
        2026-01-05 short ACME 30 @ 200
        2026-02-16 cover ACME 20 @ 2000
        ",
    )
    .await;
    // Ten old shares become one.
    desk.told("ACME", "2026-02-09", "1:10", false).await;
    assert_eq!(
        desk.lines().await,
        [
            "Core Main ACME 2026-02-09 1:10: 10 to 1",
            "Short Main ACME 2026-02-09 1:10: -30 to -3"
        ]
    );
    // Twenty were bought back later, and after the split there would be three: all or nothing.
    let missing = desk.missing().await;
    for preview in [true, false] {
        let refused = desk
            .app
            .record_splits(Desk::record(&missing, preview), &desk.now())
            .await;
        let refused = refused.expect_err("too few");
        assert_eq!(refused.code, Code::Invalid, "{refused}");
        assert_eq!(desk.missing().await, missing);
    }
    let core = Desk::record(&missing[..1], false);
    desk.app.record_splits(core, &desk.now()).await.expect("recorded");
    assert_eq!(desk.held(view, "ACME"), "1 worth 101");
    assert_eq!(desk.missing().await, missing[1..]);
    let only = GetMissingSplits {
        portfolio: Some(view.portfolio),
    };
    assert_eq!(desk.app.get_missing_splits(only).await.expect("splits"), []);
}

#[tokio::test]
async fn the_demo_firm_lacks_no_split() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = crate::desk::created(folder.path(), NewBook::Demo).await;
    let ask = GetMissingSplits { portfolio: None };
    assert_eq!(app.get_missing_splits(ask).await.expect("splits"), []);
}

//! What-if on small ledgers worked by hand, against the ledger itself once the trades are booked, and on the demo firm.

mod proposals;

use apex_app::App;
use apex_domain::Decimal;
use apex_wire::cash::GetCash;
use apex_wire::overview::GetOverview;
use apex_wire::risk::GetRisk;
use apex_wire::scenario::RunScenarios;
use apex_wire::session::NewBook;
use apex_wire::transactions::{AddTransaction, TransactionDraft};
use apex_wire::what_if::{EditBy, Funding, GetWhatIf, WhatIf, WhatIfEdit};
use apex_wire::{Amount, Failure, Figure, Statistic, View};

use crate::desk::{created, grid, moment};
use crate::figures::Small;

fn money(text: &str) -> Decimal {
    text.parse().expect("an amount")
}

fn amount(figure: &Amount) -> Decimal {
    figure.known().copied().unwrap_or_else(|| panic!("{figure:?}"))
}

fn number(figure: &Statistic) -> f64 {
    figure.known().copied().unwrap_or_else(|| panic!("{figure:?}"))
}

fn edit(symbol: &str, by: EditBy, size: &str) -> WhatIfEdit {
    WhatIfEdit {
        symbol: symbol.into(),
        by,
        size: size.into(),
    }
}

pub(crate) fn asked(view: View, edits: &[WhatIfEdit]) -> GetWhatIf {
    GetWhatIf {
        view,
        edits: edits.to_vec(),
        level: 0.95,
        horizon: 1,
        window: 250,
        fee_bps: 0.0,
        funding: Funding::Price,
        stress: Vec::new(),
        filter: String::new(),
        sort: None,
        offset: 0,
        limit: 1000,
    }
}

fn answered(app: &App, view: View, edits: &[WhatIfEdit]) -> WhatIf {
    app.get_what_if(asked(view, edits)).expect("an answer")
}

/// Ten shares in dollars, ten in euros at 1.20, a third share that is not held, and 100 euros in cash.
const TWO_CURRENCIES: &str = "
    2026-01-05  deposit  2000 USD
    2026-01-05  deposit  1200 EUR
    2026-01-05  buy      ACME  10 @ 100 USD
    2026-01-05  buy      EURO  10 @ 110 EUR
    2026-01-05  price    ACME  100
    2026-01-06  price    ACME  102
    2026-01-07  price    ACME  101
    2026-01-08  price    ACME  100
    2026-01-05  price    EURO  110
    2026-01-06  price    EURO  109
    2026-01-07  price    EURO  112
    2026-01-08  price    EURO  110
    2026-01-05  price    NEW   50
    2026-01-06  price    NEW   49
    2026-01-07  price    NEW   52
    2026-01-08  price    NEW   50
    2026-01-05  rate     EUR USD  1.20
    2026-01-06  rate     EUR USD  1.20
    2026-01-07  rate     EUR USD  1.20
    2026-01-08  rate     EUR USD  1.20
";

/// The same trades as the ledger books them.
const BOOKED: [(&str, &str, &str, &str); 3] = [
    ("ACME", "sell", "4", "100"),
    ("EURO", "buy", "3", "110"),
    ("NEW", "buy", "7", "50"),
];

fn edits_of_booked() -> [WhatIfEdit; 3] {
    [
        edit("ACME", EditBy::Quantity, "-4"),
        edit("euro", EditBy::TargetQuantity, "13"),
        edit("NEW", EditBy::Quantity, "+7"),
    ]
}

#[tokio::test]
async fn trades_move_cash_values_and_exposures_by_hand() {
    let small = Small::new("2026-01-08", TWO_CURRENCIES).await;
    let found = answered(&small.app, small.view, &edits_of_booked());
    let figures = &found.figures;
    // 2,000 of cash less 1,000, plus 120; 1,000 and 1,320 of shares.
    assert_eq!(amount(&figures.nav.before), money("3440.00"));
    assert_eq!(
        (amount(&figures.nav.after), amount(&figures.nav.change)),
        (money("3440.00"), money("0.00"))
    );
    // Dollars: 1,000 + 400 - 350; euros: 100 - 330 = -230, at 1.20 is -276.
    assert_eq!(amount(&figures.cash.before), money("1120.00"));
    assert_eq!(amount(&figures.cash.after), money("774.00"));
    // 600 + 13 x 132 + 350 = 2,666 of 3,440.
    assert!((number(&figures.gross_exposure.after) - 2666.0 / 3440.0).abs() < 1e-12);
    let row = |symbol: &str| found.rows.iter().find(|row| row.symbol == symbol).expect("a row");
    assert_eq!(row("ACME").quantity.after, money("6"));
    assert_eq!(amount(&row("EURO").value.after), money("1716.00"));
    assert_eq!(
        (row("NEW").quantity.before, amount(&row("NEW").value.after)),
        (money("0"), money("350.00"))
    );
    assert_eq!(row("EUR").quantity.after, money("-230"));
    assert_eq!(
        (amount(&found.bought), amount(&found.sold)),
        (money("746.00"), money("400.00"))
    );
    for exposures in &found.exposures {
        let sum: Decimal = exposures.rows.iter().map(|row| amount(&row.value.after)).sum();
        assert_eq!(sum, amount(&figures.nav.after), "{:?}", exposures.by);
    }
    // Half of 1,146 by 3,440.
    assert!((number(&found.turnover) - 573.0 / 3440.0).abs() < 1e-12);
    // Thursday, and two weekdays after it under the rule of Europe; one under that of the United States.
    let settle = |at: usize| found.edits[at].trade.as_ref().expect("a trade").settle.to_string();
    assert_eq!(
        (settle(0), settle(1)),
        ("2026-01-09".to_owned(), "2026-01-12".to_owned())
    );
    let step = |currency: &str, day: &str| {
        let is =
            |step: &&apex_wire::what_if::CashStep| step.currency.code() == currency && step.settle.to_string() == day;
        found.cash.iter().find(is).expect("a step").balance.clone()
    };
    assert_eq!(step("USD", "2026-01-08").after, money("1000"));
    assert_eq!(step("USD", "2026-01-09").after, money("1050"));
    assert_eq!(
        (step("EUR", "2026-01-12").before, step("EUR", "2026-01-12").after),
        (money("100"), money("-230"))
    );
}

#[tokio::test]
async fn figures_after_are_those_of_the_book_once_the_trades_are_booked() {
    let small = Small::new("2026-01-08", TWO_CURRENCIES).await;
    let ask = GetWhatIf {
        fee_bps: 25.0,
        ..asked(small.view, &edits_of_booked())
    };
    let scratch = small.app.get_what_if(ask).expect("an answer");
    for (at, (symbol, kind, quantity, price)) in BOOKED.into_iter().enumerate() {
        // 25 basis points: 1.00 of 400, 0.83 of 330 (0.825 rounded away from zero), 0.88 of 350.
        let fees = ["1.00", "0.83", "0.88"][at];
        let settle = scratch.edits[at].trade.as_ref().expect("a trade").settle.to_string();
        let draft = TransactionDraft {
            date: "2026-01-08".into(),
            kind: kind.into(),
            symbol: symbol.into(),
            quantity: quantity.into(),
            price: price.into(),
            fees: fees.into(),
            settle,
            ..TransactionDraft::default()
        };
        let ask = AddTransaction {
            view: small.view,
            draft,
            preview: false,
        };
        small
            .app
            .add_transaction(ask, &moment(20 + at as i64))
            .await
            .expect("booked");
    }
    let booked = answered(&small.app, small.view, &[]);
    let (after, now) = (&scratch.figures, &booked.figures);
    assert_eq!(after.nav.after, now.nav.before);
    assert_eq!(after.cash.after, now.cash.before);
    assert_eq!(after.gross_exposure.after, now.gross_exposure.before);
    assert_eq!(after.net_exposure.after, now.net_exposure.before);
    assert_eq!(after.hhi.after, now.hhi.before);
    for (scratch, booked) in [
        (&after.var, &now.var),
        (&after.es, &now.es),
        (&after.volatility, &now.volatility),
    ] {
        let (scratch, booked) = (number(&scratch.after), number(&booked.before));
        assert!((scratch - booked).abs() < 1e-14, "{scratch} and {booked}");
    }
    for (scratch, booked) in scratch.stress.iter().zip(&booked.stress) {
        assert_eq!(
            (&scratch.profit.after, &scratch.left_out),
            (&booked.profit.before, &booked.left_out)
        );
    }
    for row in &booked.rows {
        let same = scratch.rows.iter().find(|one| one.symbol == row.symbol).expect("a row");
        assert_eq!(
            (&same.value.after, &same.weight.after),
            (&row.value.before, &row.weight.before)
        );
    }
    for step in &booked.cash {
        let same = scratch
            .cash
            .iter()
            .find(|one| (one.currency, one.settle) == (step.currency, step.settle));
        assert_eq!(same.expect("a step").balance.after, step.balance.before, "{step:?}");
    }
    for (scratch, booked) in scratch.exposures.iter().zip(&booked.exposures) {
        for group in &booked.rows {
            let same = scratch
                .rows
                .iter()
                .find(|one| one.label == group.label)
                .expect("a group");
            assert_eq!(same.value.after, group.value.before);
        }
    }
}

#[tokio::test]
async fn without_edits_every_figure_is_that_of_the_other_pages_bit_for_bit() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    for portfolio in ["Balanced", "Long/Short", "US Core"] {
        let view = app.view(Some(portfolio), None, None).expect("a view");
        let found = answered(&app, view, &[]);
        let ask = GetRisk {
            view,
            level: 0.95,
            horizon: 1,
            window: 250,
            correlation_size: 0,
        };
        let risk = app.get_risk(ask).expect("risk");
        let overview = app.get_overview(GetOverview { view }).expect("an overview");
        let figures = &found.figures;
        let historical = &risk.measures[0];
        assert_eq!(number(&figures.var.before).to_bits(), number(&historical.var).to_bits());
        assert_eq!(number(&figures.es.before).to_bits(), number(&historical.es).to_bits());
        assert_eq!(
            (&figures.var_amount.after, &figures.es_amount.after),
            (&historical.var_amount, &historical.es_amount)
        );
        assert_eq!(found.left_out, risk.left_out);
        assert_eq!(
            (&figures.nav.after, &figures.cash.after),
            (&overview.nav, &overview.cash)
        );
        assert_eq!(
            number(&figures.gross_exposure.after).to_bits(),
            number(&overview.gross_exposure).to_bits()
        );
        assert_eq!(
            number(&figures.net_exposure.after).to_bits(),
            number(&overview.net_exposure).to_bits()
        );
        for exposures in &found.exposures {
            let slices = overview
                .allocations
                .iter()
                .find(|one| one.by == exposures.by)
                .expect("an allocation");
            let groups: Vec<_> = exposures
                .rows
                .iter()
                .map(|row| (&row.label, &row.value.after))
                .collect();
            let shown: Vec<_> = slices.slices.iter().map(|slice| (&slice.label, &slice.value)).collect();
            assert_eq!(groups, shown, "{portfolio}");
        }
        let scenarios = async |name: &str| app.scenario_named(name).await.expect("a scenario");
        for stress in &found.stress {
            let ask = RunScenarios {
                view,
                scenarios: vec![scenarios(&stress.name).await],
                with_lines: false,
            };
            let run = app.run_scenarios(ask).expect("a run").runs.remove(0);
            assert_eq!(
                (&stress.profit.after, &stress.share.after),
                (&run.profit, &run.share),
                "{}",
                stress.name
            );
            assert_eq!(stress.left_out, run.left_out);
        }
        let ask = GetCash {
            view,
            search: String::new(),
        };
        let cash = app.get_cash(ask).expect("cash");
        assert_eq!(figures.cash.after, cash.total);
        let holdings = app.get_holdings(grid(view)).expect("holdings");
        let sum: Decimal = found.rows.iter().map(|row| amount(&row.value.after)).sum();
        assert_eq!(sum, amount(&holdings.nav));
        for change in [&figures.var.change, &figures.tracking_error.change, &figures.hhi.change] {
            assert!(change.known().is_none_or(|change| change.to_bits() == 0), "{change:?}");
        }
    }
}

#[tokio::test]
async fn discarded_edits_and_trades_that_cancel_out_leave_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let view = app.view(Some("US Core"), None, None).expect("a view");
    let first = answered(&app, view, &[]);
    let symbol = first.rows[0].symbol.clone();
    let edited = answered(&app, view, &[edit(&symbol, EditBy::TargetWeight, "0")]);
    assert_ne!(edited.figures, first.figures);
    assert_eq!(answered(&app, view, &[]), first, "discarded");
    let back = [
        edit(&symbol, EditBy::Quantity, "10"),
        edit(&symbol, EditBy::Quantity, "-10"),
    ];
    let back = answered(&app, view, &back);
    assert_eq!(
        (&back.figures, &back.stress, &back.rows),
        (&first.figures, &first.stress, &first.rows)
    );
}

#[tokio::test]
async fn targets_and_amounts_are_traded_in_whole_units() {
    let small = Small::new("2026-01-08", TWO_CURRENCIES).await;
    let trades = |edits: &[WhatIfEdit]| -> Vec<Decimal> {
        let found = answered(&small.app, small.view, edits);
        let quantity =
            |one: &apex_wire::what_if::EditOutcome| one.trade.as_ref().map_or(Decimal::ZERO, |trade| trade.quantity);
        found.edits.iter().map(quantity).collect()
    };
    // A quarter of 3,440 is 860: 8.6 shares at 100, the nearest is 9; 1,000 by 132 is 7.57, towards zero 7.
    let found = trades(&[
        edit("ACME", EditBy::TargetWeight, "25%"),
        edit("EURO", EditBy::Amount, "-1000"),
        edit("NEW", EditBy::TargetWeight, "0.05"),
    ]);
    // 5% of 3,440 is 172: 3.44 shares at 50.
    assert_eq!(found, [money("-1"), money("-7"), money("3")]);
    assert_eq!(trades(&[edit("ACME", EditBy::TargetWeight, "0")]), [money("-10")]);
    assert_eq!(trades(&[edit("ACME", EditBy::TargetQuantity, "10")]), [money("0")]);
}

#[tokio::test]
async fn base_funding_leaves_other_currencies_alone() {
    let small = Small::new("2026-01-08", TWO_CURRENCIES).await;
    let ask = GetWhatIf {
        funding: Funding::Base,
        ..asked(small.view, &[edit("EURO", EditBy::Quantity, "5")])
    };
    let found = small.app.get_what_if(ask).expect("an answer");
    let cash = |symbol: &str| {
        found
            .rows
            .iter()
            .find(|row| row.symbol == symbol)
            .expect("cash")
            .quantity
            .clone()
    };
    // Five at 110 EUR are 660 USD.
    assert_eq!((cash("EUR").change, cash("USD").change), (money("0"), money("-660")));
}

#[tokio::test]
async fn an_edit_that_cannot_be_made_is_named_and_the_others_count() {
    let small = Small::new("2026-01-08", TWO_CURRENCIES).await;
    let found = answered(
        &small.app,
        small.view,
        &[
            edit("NOPE", EditBy::Quantity, "5"),
            edit("ACME", EditBy::Quantity, "five"),
            edit("ACME", EditBy::Quantity, "-12"),
            edit("ACME", EditBy::TargetWeight, "10%"),
            edit("NEW", EditBy::Amount, "49.99"),
            edit("", EditBy::Amount, "10"),
        ],
    );
    let refusal = |at: usize| {
        let refused = found.edits[at].refused.clone().expect("refused");
        (refused.field, refused.value, refused.sentence)
    };
    let (field, value, sentence) = refusal(0);
    assert_eq!(
        (field.as_str(), value.as_str(), sentence.as_str()),
        ("symbol", "NOPE", "there is no instrument NOPE")
    );
    let (field, value, sentence) = refusal(1);
    assert!(
        field == "quantity" && value == "five" && sentence.contains("five"),
        "{sentence}"
    );
    assert!(
        found.edits[2]
            .trade
            .as_ref()
            .is_some_and(|trade| trade.opens_short && trade.quantity == money("-12"))
    );
    assert!(refusal(3).2.contains("line 3"), "{}", refusal(3).2);
    let (field, _, sentence) = refusal(4);
    assert!(field == "amount" && sentence.contains("50.00"), "{sentence}");
    assert_eq!(refusal(5).0, "symbol");
    assert_eq!(
        found
            .rows
            .iter()
            .find(|row| row.symbol == "ACME")
            .expect("a row")
            .quantity
            .after,
        money("-2")
    );
}

#[tokio::test]
async fn settings_out_of_range_name_the_field_and_the_value() {
    let small = Small::new("2026-01-08", TWO_CURRENCIES).await;
    let refused = |ask: GetWhatIf| -> Failure { small.app.get_what_if(ask).expect_err("refused") };
    let ask = || asked(small.view, &[]);
    for (field, value, ask) in [
        ("level", "1.5", GetWhatIf { level: 1.5, ..ask() }),
        ("window", "1", GetWhatIf { window: 1, ..ask() }),
        ("horizon", "300", GetWhatIf { horizon: 300, ..ask() }),
        ("fee_bps", "-1", GetWhatIf { fee_bps: -1.0, ..ask() }),
    ] {
        let refused = refused(ask);
        assert_eq!(refused.field.as_deref(), Some(field));
        assert!(refused.sentence.contains(value), "{}", refused.sentence);
    }
}

#[tokio::test]
async fn what_is_unknown_says_why() {
    let small = Small::new("2026-01-08", TWO_CURRENCIES).await;
    let found = answered(&small.app, small.view, &[]);
    for figure in [&found.figures.tracking_error.after, &found.figures.active_share.after] {
        assert_eq!(figure, &Figure::Unavailable("the portfolio has no benchmark".into()));
    }
    // Everything sold: nothing is left that could lose.
    let sold = [
        edit("ACME", EditBy::TargetQuantity, "0"),
        edit("EURO", EditBy::TargetQuantity, "0"),
        edit("NEW", EditBy::TargetQuantity, "0"),
    ];
    let ask = GetWhatIf {
        funding: Funding::Base,
        ..asked(small.view, &sold)
    };
    let found = small.app.get_what_if(ask).expect("an answer");
    // The euros in cash still move with their rate, which never did.
    assert_eq!(found.figures.var.after, Figure::Known(0.0));
    assert_eq!(
        found.figures.hhi.after,
        Figure::Unavailable("no instrument is held".into())
    );
}

#[tokio::test]
async fn a_book_of_cash_alone_gets_the_risk_of_what_is_bought() {
    let text = "
        2026-01-05  deposit  1000 USD
        2026-01-05  price    ACME  100
        2026-01-06  price    ACME  110
        2026-01-07  price    ACME  99
        2026-01-08  price    ACME  99
        2026-01-09  price    ACME  108.90
    ";
    let small = Small::new("2026-01-09", text).await;
    let ask = GetWhatIf {
        level: 0.75,
        ..asked(small.view, &[edit("ACME", EditBy::Amount, "980.10")])
    };
    let found = small.app.get_what_if(ask).expect("an answer");
    assert!(found.figures.var.before.known().is_none());
    // Nine shares of 108.90 are 98.01% of 1,000; alone they would lose 2.5% (see the tests of risk).
    assert!((number(&found.figures.var.after) - 0.025 * 0.9801).abs() < 1e-15);
    assert_eq!(found.figures.effective_number.after, Figure::Known(1.0));
}

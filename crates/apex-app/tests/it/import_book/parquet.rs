//! Parquet tables into a real book: what they add is what the same table adds as CSV (`tests/data/README.md`).

use apex_app::import::{ImportFileAsk, Imported, Plan, Rows};
use apex_app::table;
use apex_wire::import::{ColumnMapping, Format, ImportKind, RejectedLine};
use apex_wire::session::NewBook;

use super::Desk;
use crate::desk::{data, import_of};

impl Desk {
    async fn file(&self, kind: ImportKind, name: &str, change: impl FnOnce(&mut ImportFileAsk)) -> Imported {
        self.import(kind, "", |ask| {
            (ask.name, ask.bytes) = (name.to_owned(), data(&format!("parquet/{name}")));
            change(ask);
        })
        .await
    }
}

/// What was found, with the lines of a CSV file counted as the rows of a table are.
fn found(plan: &Plan, headings: u64) -> Rows {
    let mut found = plan.found.clone();
    match &mut found {
        Rows::Transactions(rows) => rows.clear(),
        Rows::Prices(rows) => rows.iter_mut().for_each(|row| row.line -= headings),
        Rows::Rates(rows) => rows.iter_mut().for_each(|row| row.line -= headings),
    }
    found
}

#[tokio::test]
async fn a_table_adds_what_the_same_csv_file_adds() {
    for (kind, name) in [
        (ImportKind::Transactions, "transactions"),
        (ImportKind::Positions, "positions"),
        (ImportKind::Prices, "prices"),
        (ImportKind::Prices, "wide_prices"),
        (ImportKind::Fx, "fx"),
        (ImportKind::Fx, "wide_fx"),
    ] {
        let (csv, parquet) = (
            Desk::new(NewBook::Empty("Mine".into())).await,
            Desk::new(NewBook::Empty("Mine".into())).await,
        );
        // Positions name no portfolio, so there has to be one.
        for desk in [&csv, &parquet] {
            desk.counts("portfolio,account,date,kind,quantity,currency\nCore,Main,2026-01-02,deposit,1,USD\n")
                .await;
        }
        let from_csv = csv.file(kind, &format!("{name}.csv"), |_| ()).await;
        let from_parquet = parquet.file(kind, &format!("{name}.parquet"), |_| ()).await;
        assert_eq!(from_parquet.result.rejected, [], "{name}");
        assert_eq!(from_parquet.result, from_csv.result, "{name}");
        assert!(from_csv.result.added >= 3, "{name}");
        assert_eq!(found(&from_parquet.plan, 0), found(&from_csv.plan, 1), "{name}");
        assert_eq!(
            parquet.app.ledger_hash().await.expect("a hash"),
            csv.app.ledger_hash().await.expect("a hash"),
            "{name}"
        );
        let again = parquet.file(kind, &format!("{name}.parquet"), |_| ()).await.result;
        assert_eq!((again.added, again.duplicates), (0, from_csv.result.added), "{name}");
        let other = parquet.file(kind, &format!("{name}.csv"), |_| ()).await.result;
        assert_eq!((other.added, other.duplicates), (0, from_csv.result.added), "{name}");
    }
}

#[tokio::test]
async fn a_bad_cell_of_a_table_is_named_by_row_and_column() {
    let desk = Desk::new(NewBook::Empty("Mine".into())).await;
    // The heading `note` feeds the dates, which the second and third row have none of.
    let mapping = |ask: &mut ImportFileAsk| {
        let pairs = [
            ("portfolio", "portfolio"),
            ("account", "account"),
            ("kind", "kind"),
            ("note", "date"),
        ];
        let pairs = pairs.map(|(source, target)| ColumnMapping {
            source: source.to_owned(),
            target: target.to_owned(),
            fixed: None,
        });
        ask.mapping = Some(pairs.to_vec());
    };
    let Imported { plan, result } = desk
        .file(ImportKind::Transactions, "transactions.parquet", mapping)
        .await;
    assert_eq!((plan.rows, result.added), (5, 0));
    let line = |line, value: &str, reason: &str| RejectedLine {
        line,
        column: "note".to_owned(),
        value: value.to_owned(),
        reason: reason.to_owned(),
    };
    assert_eq!(
        result.rejected,
        [
            line(1, "", "the row has no date"),
            line(2, "first, of two", "this is not a date written YYYY-MM-DD"),
            line(3, "said\non two lines", "this is not a date written YYYY-MM-DD"),
            line(4, "", "the row has no date"),
            line(5, "", "the row has no date"),
        ]
    );
}

#[tokio::test]
async fn a_table_shows_its_text_and_has_neither_encoding_nor_delimiter() {
    let desk = Desk::new(NewBook::Empty("Mine".into())).await;
    let plan = desk
        .file(ImportKind::Transactions, "transactions.parquet", |ask| {
            ask.dry_run = true
        })
        .await
        .plan;
    let format = Format {
        encoding: None,
        delimiter: None,
        decimal: Some('.'),
        date: Some("YYYY-MM-DD".to_owned()),
    };
    assert_eq!((plan.format, plan.name.as_str()), (format, "transactions.parquet"));
    assert_eq!(
        plan.sample[1],
        [
            "Core",
            "Main",
            "2026-01-05",
            "2026-01-07",
            "2",
            "buy",
            "ACME",
            "10.5000",
            "90.125",
            "USD",
            "1.20",
            "F1",
            "first, of two"
        ]
    );
}

#[tokio::test]
async fn numbers_of_a_table_are_read_whatever_the_format_says() {
    let german = Format {
        decimal: Some(','),
        date: Some("DD.MM.YYYY".to_owned()),
        ..Format::default()
    };
    for (kind, name) in [
        (ImportKind::Transactions, "transactions.parquet"),
        (ImportKind::Prices, "prices.parquet"),
        (ImportKind::Prices, "wide_prices.parquet"),
    ] {
        let (plain, told) = (
            Desk::new(NewBook::Empty("Mine".into())).await,
            Desk::new(NewBook::Empty("Mine".into())).await,
        );
        let expected = plain.file(kind, name, |_| ()).await;
        let found = told.file(kind, name, |ask| ask.format = german.clone()).await;
        assert_eq!(
            (found.plan.found, found.result),
            (expected.plan.found, expected.result),
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_only_says_it_is_parquet_is_refused() {
    let desk = Desk::new(NewBook::Empty("Mine".into())).await;
    let ask = import_of(ImportKind::Transactions, "trades.parquet", b"date,kind\n");
    let err = desk
        .app
        .import_file(ask, &desk.moment, &apex_app::Job::unwatched())
        .await
        .expect_err("this is text");
    assert!(
        err.to_string().starts_with("trades.parquet is not read as Parquet: "),
        "{err}"
    );
}

#[test]
fn files_of_numbers_may_be_parquet_too() {
    let flows = table::amounts("flows.parquet", &data("parquet/flows.parquet")).expect("flows");
    assert_eq!(
        flows,
        table::amounts("flows.csv", &data("parquet/flows.csv")).expect("flows")
    );
    assert_eq!(flows.len(), 3);
    let err = table::weights("positions.parquet", &data("parquet/positions.parquet")).expect_err("no weights");
    assert_eq!(
        err.to_string(),
        "positions.parquet line 1, field account: this is not a number: Main"
    );
}

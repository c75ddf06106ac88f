//! Importing into a real book: all or nothing, nothing twice, and the ledger's refusals by line.

mod parquet;

use apex_app::import::{ImportFileAsk, Imported, Template};
use apex_app::{App, Job, Moment};
use apex_domain::Timestamp;
use apex_wire::import::{CommitImport, Format, ImportKind, ImportSource, PreviewImport};
use apex_wire::job::JobId;
use apex_wire::session::{CreateBook, NewBook};

use crate::desk::{app, entropy, import_of};

struct Desk {
    app: App,
    moment: Moment,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn new(content: NewBook) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let app = app(folder.path());
        let now = Timestamp::from_second(1_767_600_000).expect("in range");
        let moment = Moment::new(now, entropy(7));
        let ask = CreateBook {
            job: JobId("create".into()),
            content,
            passphrase: Some("a passphrase".into()),
        };
        app.create_book(ask, &moment, &Job::unwatched()).await.expect("a book");
        Self {
            app,
            moment,
            _folder: folder,
        }
    }

    async fn import(&self, kind: ImportKind, text: &str, change: impl FnOnce(&mut ImportFileAsk)) -> Imported {
        let mut ask = import_of(kind, "trades.csv", text.as_bytes());
        change(&mut ask);
        self.app
            .import_file(ask, &self.moment, &Job::unwatched())
            .await
            .expect("the file is read")
    }

    async fn counts(&self, text: &str) -> (usize, usize, usize) {
        let result = self.import(ImportKind::Transactions, text, |_| ()).await.result;
        (result.added, result.duplicates, result.rejected.len())
    }
}

const FILLS: &str = "portfolio,account,date,kind,symbol,quantity,price,currency,external_id\n\
                     Core,Main,2026-01-05,deposit,,10000,,USD,\n\
                     Core,Main,2026-01-05,buy,ACME,10,90,USD,F1\n\
                     Core,Main,2026-01-05,buy,ACME,10,90,USD,F2\n\
                     Core,Main,2026-01-05,fee,,1.5,,USD,\n\
                     Core,Main,2026-01-05,fee,,1.5,,USD,\n";

#[tokio::test]
async fn importing_again_adds_nothing_and_true_doubles_stay() {
    let desk = Desk::new(NewBook::Empty("Mine".into())).await;
    assert_eq!(desk.counts(FILLS).await, (5, 0, 0));
    assert_eq!(desk.counts(FILLS).await, (0, 5, 0));
    let longer = format!("{FILLS}Core,Main,2026-01-05,fee,,1.5,,USD,\n");
    assert_eq!(desk.counts(&longer).await, (1, 5, 0));
}

#[tokio::test]
async fn one_bad_line_and_nothing_is_added_unless_skipped() {
    let desk = Desk::new(NewBook::Empty("Mine".into())).await;
    let text = format!("{FILLS}Core,Main,2026-13-05,fee,,1.5,,USD,\n");
    let hash = desk.app.state_hash().await.expect("a hash");
    assert_eq!(desk.counts(&text).await, (0, 0, 1));
    assert_eq!(desk.app.state_hash().await.expect("a hash"), hash);
    let skipped = desk
        .import(ImportKind::Transactions, &text, |ask| ask.skip_bad = true)
        .await
        .result;
    assert_eq!((skipped.added, skipped.rejected.len()), (5, 1));
}

#[tokio::test]
async fn what_the_ledger_refuses_is_listed_by_line() {
    let desk = Desk::new(NewBook::Empty("Mine".into())).await;
    let text =
        format!("{FILLS}Core,Main,2026-01-06,sell,ACME,30,95,USD,F3\nCore,Main,2026-01-07,sell,ACME,20,95,USD,F4\n");
    let result = desk.import(ImportKind::Transactions, &text, |_| ()).await.result;
    assert_eq!(result.added, 0);
    let [bad] = result.rejected.as_slice() else {
        panic!("one line is refused: {:?}", result.rejected)
    };
    assert_eq!(
        (bad.line, bad.column.as_str(), bad.value.as_str()),
        (7, "quantity", "30")
    );
    assert!(bad.reason.contains("only 20"), "{}", bad.reason);
    let skipped = desk
        .import(ImportKind::Transactions, &text, |ask| ask.skip_bad = true)
        .await
        .result;
    assert_eq!((skipped.added, skipped.rejected.len()), (6, 1));
}

#[tokio::test]
async fn the_first_file_of_an_empty_book_need_not_name_its_portfolio() {
    let desk = Desk::new(NewBook::Empty("Mine".into())).await;
    let text = "date,kind,symbol,quantity,price,currency\n2026-01-05,deposit,,10000,,USD\n\
                2026-01-05,buy,SAP,10,90,EUR\n";
    let unknown = desk
        .import(ImportKind::Transactions, text, |ask| ask.create = false)
        .await
        .result;
    assert_eq!(
        unknown.rejected[0].reason,
        "the book has no portfolio yet; add it first, or let the import create it"
    );
    let created = desk.import(ImportKind::Transactions, text, |_| ()).await;
    assert_eq!((created.result.added, created.result.rejected), (2, Vec::new()));
    assert_eq!(
        created.plan.created.sentences()[..2],
        ["portfolio Main in USD", "account Main, first in, first out"],
        "in the currency of the first row, though EUR comes before USD"
    );
}

#[tokio::test]
async fn positions_open_an_empty_book() {
    let desk = Desk::new(NewBook::Empty("Mine".into())).await;
    let text = "date,symbol,quantity,price,currency\n2026-01-05,ACME,10,90,USD\n2026-01-05,cash,500,,USD\n";
    let created = desk.import(ImportKind::Positions, text, |_| ()).await.result;
    assert_eq!((created.added, created.rejected), (2, Vec::new()));
}

#[tokio::test]
async fn what_the_ledger_refuses_is_listed_beside_what_cannot_be_read() {
    let desk = Desk::new(NewBook::Empty("Mine".into())).await;
    let text = format!("{FILLS}Core,Main,2026-13-05,fee,,1.5,,USD,\nCore,Main,2026-01-07,sell,ACME,30,95,USD,F3\n");
    let result = desk.import(ImportKind::Transactions, &text, |_| ()).await.result;
    let lines: Vec<u64> = result.rejected.iter().map(|bad| bad.line).collect();
    assert_eq!((result.added, lines), (0, vec![7, 8]));
}

#[tokio::test]
async fn a_dry_run_says_what_would_happen_and_changes_nothing() {
    let desk = Desk::new(NewBook::Empty("Mine".into())).await;
    let hash = desk.app.state_hash().await.expect("a hash");
    let dry = desk
        .import(ImportKind::Transactions, FILLS, |ask| ask.dry_run = true)
        .await;
    assert_eq!((dry.result.added, dry.plan.created.sentences().len()), (5, 3));
    assert_eq!(desk.app.state_hash().await.expect("a hash"), hash);
}

#[tokio::test]
async fn prices_and_rates_are_added_once() {
    let desk = Desk::new(NewBook::Empty("Mine".into())).await;
    desk.import(ImportKind::Transactions, FILLS, |_| ()).await;
    let prices = "date,ACME\n2026-01-05,91\n2026-01-06,92.5\n";
    for (added, duplicates) in [(2, 0), (0, 2)] {
        let result = desk.import(ImportKind::Prices, prices, |_| ()).await.result;
        assert_eq!((result.added, result.duplicates), (added, duplicates));
    }
    let rates = "date,from,to,rate\n2026-01-05,EUR,USD,1.1\n";
    for (added, duplicates) in [(1, 0), (0, 1)] {
        let result = desk.import(ImportKind::Fx, rates, |_| ()).await.result;
        assert_eq!((result.added, result.duplicates), (added, duplicates));
    }
}

#[tokio::test]
async fn the_wizard_previews_commits_and_remembers_the_mapping() {
    let desk = Desk::new(NewBook::Empty("Mine".into())).await;
    desk.import(ImportKind::Transactions, FILLS, |_| ()).await;
    let text = "Wann,Was,Wieviel\n2026-02-05,Rein,5\n";
    let template = Template::from_toml(
        "kind = \"transactions\"\n[columns]\ndate = \"Wann\"\nkind = \"Was\"\nquantity = \"Wieviel\"\n[kinds]\nRein = \"deposit\"\n",
    )
    .expect("a template");
    desk.app
        .save_import_template("Bank X", &template, &desk.moment)
        .await
        .expect("saved");
    let import = PreviewImport {
        view: None,
        kind: ImportKind::Transactions,
        source: ImportSource::Content {
            name: "x.csv".into(),
            base64: "V2FubixXYXMsV2lldmllbAoyMDI2LTAyLTA1LFJlaW4sNQo=".into(),
        },
        format: Format::default(),
        mapping: None,
        template: Some("Bank X".into()),
        create: false,
    };
    assert_eq!(text.len(), 35);
    let preview = desk
        .app
        .preview_import(import.clone(), &desk.moment)
        .await
        .expect("a preview");
    assert_eq!(
        (preview.rows, preview.added, preview.templates),
        (1, 1, vec!["Bank X".to_owned()])
    );
    let commit = CommitImport {
        job: JobId("i".into()),
        import,
        skip_bad: false,
        save_template: Some("Bank Y".into()),
    };
    let result = desk
        .app
        .commit_import(commit, &desk.moment, &Job::unwatched())
        .await
        .expect("imported");
    assert_eq!((result.added, result.rejected.len()), (1, 0));
    let saved = desk.app.import_templates().await.expect("templates");
    assert_eq!(saved["Bank Y"].kinds, template.kinds);
}

#[tokio::test]
async fn the_demo_refuses_what_is_later_than_its_clock() {
    let desk = Desk::new(NewBook::Demo).await;
    let text = "portfolio,account,date,kind,quantity,currency\nUS Core,Custody,2023-01-05,deposit,5,USD\n";
    let result = desk
        .import(ImportKind::Transactions, text, |ask| ask.create = false)
        .await
        .result;
    assert_eq!((result.added, result.rejected.len()), (0, 1));
    let bad = &result.rejected[0];
    assert_eq!((bad.line, bad.column.as_str()), (2, "date"));
    assert!(bad.reason.contains("make a new book"), "{}", bad.reason);
}

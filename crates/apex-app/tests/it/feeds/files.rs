//! A folder of the firm's own files: what is wrong with one line or one file holds up nothing else.

use std::path::Path;

use apex_wire::feeds::FetchRow;

use super::*;

/// A book whose only source is a folder of files.
struct Files {
    app: App,
    folder: tempfile::TempDir,
}

impl Files {
    async fn new(instruments: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let evening: Timestamp = "2026-03-31T22:00:00Z".parse().expect("an instant");
        let app = created(folder.path(), NewBook::Empty("Mine".into()))
            .await
            .with_clock(Arc::new(move || evening));
        for (seconds, (symbol, currency)) in (3..).zip(instruments) {
            let draft = InstrumentDraft {
                symbol: (*symbol).into(),
                kind: "equity".into(),
                currency: (*currency).into(),
                exchange: "XNYS".into(),
                ..InstrumentDraft::default()
            };
            let ask = SaveInstrument {
                id: None,
                draft,
                symbol_from: String::new(),
            };
            app.save_instrument(ask, &moment(seconds)).await.expect("an instrument");
        }
        std::fs::create_dir(folder.path().join("prices")).expect("a folder");
        let settings = SourceSettings {
            provider: Provider::Files,
            enabled: true,
            address: folder.path().join("prices").display().to_string(),
            stream_address: String::new(),
            streams: false,
            plan: Plan::Free,
        };
        app.save_source(SaveSource { settings, place: 0 }).await.expect("kept");
        Self { app, folder }
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn write(&self, symbol: &str, text: &str) {
        let path = Path::new("prices").join(symbol).with_extension("csv");
        std::fs::write(self.folder.path().join(path), text).expect("written");
    }

    async fn fetch(&self, seconds: i64) -> BTreeMap<String, FetchRow> {
        let mut instruments = Vec::new();
        for symbol in std::fs::read_dir(self.folder.path().join("prices")).expect("files") {
            let path = symbol.expect("a file").path();
            let symbol = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
            instruments.push(self.app.instrument_named(symbol).expect("an instrument"));
        }
        let ask = FetchHistory {
            job: JobId("fetch".into()),
            instruments,
            from: None,
            providers: Vec::new(),
        };
        let report = self.app.fetch_history(ask, &moment(seconds), &Job::unwatched()).await;
        let rows = report.expect("a report").rows.into_iter();
        rows.map(|row| (row.symbol.clone(), row)).collect()
    }

    async fn closes(&self, symbol: &str) -> Vec<String> {
        let ask = GetPrices {
            instrument: self.app.instrument_named(symbol).expect("an instrument"),
            limit: 100,
        };
        let stored = self.app.get_prices(ask).await.expect("prices");
        let counts = stored.into_iter().filter(|value| !value.replaced);
        let mut closes: Vec<String> = counts
            .filter_map(|value| Some(format!("{} {}", value.date, value.value?)))
            .collect();
        closes.sort();
        closes
    }
}

#[tokio::test]
async fn files_that_cannot_be_read_hold_up_nobody_and_name_line_and_value() {
    let symbols = ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "GOOD"].map(|symbol| (symbol, "USD"));
    let desk = Files::new(&symbols).await;
    for (symbol, _) in &symbols[..7] {
        desk.write(symbol, "date,close\n2026-03-30,n/a\n");
    }
    desk.write("GOOD", "date,close\n2026-03-30,10\n2026-03-31,11\n");
    // Budgets are for those whom requests cost something.
    std::fs::write(desk.data().join("budgets.json"), "{").expect("written");
    let rows = desk.fetch(20).await;
    assert_eq!(rows["GOOD"].days, 2);
    for (symbol, _) in &symbols[..7] {
        let sentence = format!("the answer of Files has `n/a` at {symbol}.csv, line 2, close, which is not a number");
        assert_eq!(rows[*symbol].note.as_deref(), Some(sentence.as_str()));
    }
    let sources = desk.app.get_sources(GetSources {}).await.expect("sources");
    let files = sources.iter().find(|one| one.settings.provider == Provider::Files);
    let files = files.expect("files");
    assert_eq!((&files.next_request, files.resting), (&None, false));
    assert_eq!(files.budget_fault, None);
    let yahoo = sources.iter().find(|one| one.settings.provider == Provider::Yahoo);
    let fault = yahoo.and_then(|one| one.budget_fault.clone()).expect("a fault");
    assert!(fault.contains("budgets.json is damaged"), "{fault}");
}

#[tokio::test]
async fn a_line_left_out_is_told_until_it_is_mended_however_old_it_is() {
    let desk = Files::new(&[("ACME", "USD")]).await;
    let lines = |second: &str| format!("date,close\n2019-03-04,10\n2019-03-05,{second}\n2026-03-31,11\n");
    desk.write("ACME", &lines("10,5"));
    let rows = desk.fetch(20).await;
    let remark = "Files, ACME.csv, line 3: `3 cells` is not as many as there are headings; the line is left out";
    assert_eq!((rows["ACME"].days, rows["ACME"].note.as_deref()), (2, Some(remark)));
    let told = || async {
        let freshness = desk
            .app
            .get_freshness(GetFreshness {
                search: String::new(),
                as_of: None,
            })
            .await;
        freshness.expect("rows").rows.remove(0).remarks
    };
    assert_eq!(told().await, [remark]);
    desk.write("ACME", &lines("10.5"));
    let rows = desk.fetch(21).await;
    assert_eq!((rows["ACME"].days, &rows["ACME"].note), (1, &None));
    assert_eq!(
        desk.closes("ACME").await,
        ["2019-03-04 10", "2019-03-05 10.5", "2026-03-31 11"]
    );
    assert_eq!(told().await, [""; 0]);
}

#[tokio::test]
async fn a_day_that_lies_ahead_leaves_a_trace() {
    let desk = Files::new(&[("ACME", "USD")]).await;
    desk.write("ACME", "date,close\n2026-03-30,10\n2062-03-31,11\n");
    let rows = desk.fetch(20).await;
    let note = rows["ACME"].note.as_deref().expect("a note");
    assert!(
        note.starts_with("Files, ACME.csv, date: 2062-03-31 lies ahead of 2026-03-31"),
        "{note}"
    );
    assert_eq!(desk.closes("ACME").await, ["2026-03-30 10"]);
}

#[tokio::test]
async fn a_day_told_twice_leaves_a_trace() {
    let desk = Files::new(&[("ACME", "USD")]).await;
    desk.write("ACME", "date,close\n2026-03-30,10\n2026-03-30,11\n");
    let rows = desk.fetch(20).await;
    let remark = "Files, 2026-03-30: the day came twice: close 10 and then 11; the last counts";
    assert_eq!(rows["ACME"].note.as_deref(), Some(remark));
    assert_eq!(desk.closes("ACME").await, ["2026-03-30 11"]);
}

/// 101.5 pence are 1.015 pounds.
#[tokio::test]
async fn a_file_in_pence_makes_prices_in_pounds_and_one_in_dollars_waits() {
    let desk = Files::new(&[("VOD", "GBP"), ("BP", "GBP")]).await;
    desk.write("VOD", "date,close,currency\n2026-03-30,101.5,GBp\n2026-03-31,102,GBp\n");
    desk.write("BP", "date,close,currency\n2026-03-30,5.1,USD\n");
    let rows = desk.fetch(20).await;
    assert_eq!(desk.closes("VOD").await, ["2026-03-30 1.015", "2026-03-31 1.020"]);
    assert_eq!((rows["BP"].days, rows["BP"].waiting), (0, 1));
    assert_eq!(desk.closes("BP").await, [""; 0]);
}

//! What the tests share: an application over a temporary folder, instants, and random numbers that are the same each time.

use std::path::Path;

use apex_app::import::ImportFileAsk;
use apex_app::{App, Job, Moment};
use apex_domain::{Date, Timestamp};
use apex_store::{Entropy, KdfCost};
use apex_wire::View;
use apex_wire::holdings::GetHoldings;
use apex_wire::import::{Format, ImportKind};
use apex_wire::job::JobId;
use apex_wire::session::{CreateBook, NewBook};

/// Returns an application whose passphrases are cheap to try, on 31 March 2026.
pub(crate) fn app(folder: &Path) -> App {
    let cheap = KdfCost {
        memory_kib: 64,
        passes: 1,
        lanes: 1,
    };
    App::new(folder.join("data"), "test", Date::constant(2026, 3, 31)).with_kdf_cost(cheap)
}

/// Returns random numbers that follow from where they start.
pub(crate) fn entropy(start: u64) -> Entropy {
    let mut state = start;
    Entropy::new(move |bytes| {
        for byte in bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 33) as u8;
        }
    })
}

/// Returns the moment of an act, so many seconds into a day.
pub(crate) fn moment(seconds: i64) -> Moment {
    let now = Timestamp::from_second(1_774_900_000 + seconds).expect("in range");
    Moment::new(now, entropy(seconds.unsigned_abs()))
}

/// Returns an application with a new book, which the passphrase `open sesame` opens.
pub(crate) async fn created(folder: &Path, content: NewBook) -> App {
    let app = app(folder);
    let ask = CreateBook {
        job: JobId("create".into()),
        content,
        passphrase: Some("open sesame".into()),
    };
    app.create_book(ask, &moment(1), &Job::unwatched())
        .await
        .expect("a book");
    app
}

/// Returns the bytes of a file that tests share.
pub(crate) fn data(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/data")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|err| panic!("{}: {err}", path.display()))
}

/// Returns a question for all rows of the holdings page.
pub(crate) fn grid(view: View) -> GetHoldings {
    GetHoldings {
        view,
        group: Vec::new(),
        collapsed: Vec::new(),
        sort: None,
        filter: String::new(),
        offset: 0,
        limit: 1000,
    }
}

/// Returns an import of a file that creates what is unknown.
pub(crate) fn import_of(kind: ImportKind, name: &str, bytes: &[u8]) -> ImportFileAsk {
    ImportFileAsk {
        kind,
        name: name.to_owned(),
        bytes: bytes.to_vec(),
        format: Format::default(),
        mapping: None,
        template: None,
        home: None,
        create: true,
        skip_bad: false,
        dry_run: false,
    }
}

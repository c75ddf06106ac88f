//! A CSV file of a million transactions: from its bytes to transactions that a book can take.

use std::cell::LazyCell;

use apex_app::import::{Directory, Request, Watch, plan, transactions_csv};
use apex_domain::Timestamp;
use apex_wire::import::{Format, ImportKind};

use crate::few::few;
use apex_bench::simulated::{Fees, MILLION, Simulated, Size};

pub(crate) fn benches() {
    let file = LazyCell::new(|| File::new(MILLION));
    let format = Format::default();
    few(
        "import/csv_1m",
        || LazyCell::force(&file),
        |file| {
            let request = Request {
                kind: ImportKind::Transactions,
                name: "export.csv",
                bytes: file.text.as_bytes(),
                format: &format,
                mapping: None,
                template: None,
                create: false,
                now: Timestamp::constant(1_774_900_000, 0),
                seed: [7; 32],
            };
            let plan = plan(&request, &file.directory, &Watch::nothing()).expect("a file that can be read");
            assert_eq!((plan.found.len(), plan.rejected.len()), (file.rows, 0));
            plan
        },
    );
}

struct File {
    text: String,
    rows: usize,
    directory: Directory,
}

impl File {
    fn new(size: Size) -> Self {
        let ledger = Simulated::new(size, 23).long_only();
        let (reference, transactions) = (ledger.reference(), ledger.transactions(Fees::Charged));
        let (portfolios, accounts) = (reference.portfolios, reference.accounts);
        let text = transactions_csv(&transactions, &portfolios, &accounts, &reference.instruments);
        Self {
            text: text.expect("every name is known"),
            rows: transactions.len(),
            directory: Directory::new(portfolios, accounts, reference.instruments, None),
        }
    }
}

//! The self-check passes, and each case says where its number comes from.

use std::collections::BTreeSet;

use apex_app::App;
use apex_domain::Date;
use apex_wire::check::RunCheck;

#[test]
fn every_worked_example_agrees_and_says_where_it_comes_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = App::new(folder.path(), "test", Date::constant(2026, 3, 31));
    let report = app.run_check(RunCheck {}).expect("a report");
    let wrong: Vec<_> = report.cases.iter().filter(|case| !case.ok).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!((report.passed, report.failed), (report.cases.len(), 0));
    assert!(report.cases.len() >= 90, "{} cases", report.cases.len());
    let ledger = report
        .cases
        .iter()
        .filter(|case| case.inputs.contains("stock "))
        .count();
    assert!(ledger >= 30, "{ledger} cases of the ledger");
    assert!(
        report
            .cases
            .iter()
            .all(|case| !case.source.is_empty() && !case.inputs.is_empty())
    );
    let names: BTreeSet<_> = report.cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), report.cases.len(), "names are told apart");
}

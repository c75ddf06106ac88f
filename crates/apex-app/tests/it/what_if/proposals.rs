//! Edits in files, and proposals that keep them.

use apex_app::what_if::{FileEdit, Sizes, read_edits};
use apex_wire::Code;
use apex_wire::what_if::{EditBy, Funding, GetProposals, KeepProposal, RemoveProposal};

use super::{TWO_CURRENCIES, answered, edit, edits_of_booked};
use crate::desk::moment;
use crate::figures::Small;

#[tokio::test]
async fn a_proposal_is_kept_changed_and_removed_by_version_and_the_book_stays_as_it_is() {
    let small = Small::new("2026-01-08", TWO_CURRENCIES).await;
    let before = answered(&small.app, small.view, &[]);
    let keep = |base_version: u64, note: &str| KeepProposal {
        view: small.view,
        name: " Less dollars ".into(),
        note: note.into(),
        edits: edits_of_booked().to_vec(),
        fee_bps: 5.0,
        funding: Funding::Base,
        base_version,
    };
    assert_eq!(small.app.keep_proposal(keep(0, "first"), &moment(5)).await, Ok(1));
    let conflict = small.app.keep_proposal(keep(0, "second"), &moment(6)).await;
    assert_eq!(conflict.expect_err("refused").code, Code::Conflict);
    assert_eq!(small.app.keep_proposal(keep(1, "second"), &moment(7)).await, Ok(2));
    let all = small.app.get_proposals(GetProposals {}).await.expect("proposals");
    let kept = &all[0];
    assert_eq!(
        (all.len(), kept.version, kept.proposal.name.as_str()),
        (1, 2, "Less dollars")
    );
    assert_eq!(
        (kept.proposal.note.as_str(), kept.proposal.as_of.to_string()),
        ("second", "2026-01-08".to_owned())
    );
    assert_eq!(kept.proposal.edits, edits_of_booked());
    assert_eq!(answered(&small.app, small.view, &[]), before);
    let nameless = KeepProposal {
        name: "  ".into(),
        ..keep(0, "")
    };
    let nameless = small
        .app
        .keep_proposal(nameless, &moment(8))
        .await
        .expect_err("refused");
    assert_eq!(nameless.field.as_deref(), Some("name"));
    let empty = KeepProposal {
        edits: Vec::new(),
        ..keep(0, "")
    };
    let empty = small.app.keep_proposal(empty, &moment(8)).await.expect_err("refused");
    assert_eq!(empty.field.as_deref(), Some("edits"));
    let remove = RemoveProposal {
        name: "Less dollars".into(),
        base_version: 2,
    };
    assert_eq!(small.app.remove_proposal(remove, &moment(9)).await, Ok(()));
    let gone = small.app.proposal_named("Less dollars").await;
    assert_eq!(gone.expect_err("gone").code, Code::NotFound);
}

#[test]
fn files_of_edits_are_read_by_their_headings() {
    let trades = read_edits("t.csv", "symbol,quantity\nACME,-4\n\nEURO, 3\n", Sizes::Trades).expect("edits");
    let line = |line, edit| FileEdit { line, edit };
    assert_eq!(
        trades,
        [
            line(2, edit("ACME", EditBy::Quantity, "-4")),
            line(4, edit("EURO", EditBy::Quantity, "3"))
        ]
    );
    let amounts = read_edits("t.csv", "Amount,Symbol\n-1000,ACME\n", Sizes::Trades).expect("edits");
    assert_eq!(amounts, [line(2, edit("ACME", EditBy::Amount, "-1000"))]);
    let weights = read_edits("w.csv", "symbol,weight\nACME,2.5%\n", Sizes::Weights).expect("edits");
    assert_eq!(weights[0].edit.by, EditBy::TargetWeight);
}

#[test]
fn files_that_cannot_be_read_name_the_line() {
    for (text, words) in [
        ("ticker,quantity\nACME,1\n", "t.csv, line 1: there is no column symbol"),
        (
            "symbol,shares\nACME,1\n",
            "t.csv, line 1: there is no column quantity or amount",
        ),
        (
            "symbol,quantity,amount\nACME,1,1\n",
            "quantity and amount stand side by side",
        ),
        ("symbol,quantity,side\nACME,1,buy\n", "column side is not known"),
        ("symbol,quantity\nACME,1\nEURO,\n", "t.csv, line 3: quantity is empty"),
        ("symbol,quantity\n,1\n", "t.csv, line 2: symbol is empty"),
    ] {
        let refused = read_edits("t.csv", text, Sizes::Trades)
            .expect_err("refused")
            .to_string();
        assert!(refused.contains(words), "{refused}");
    }
}

//! Splits that a ledger lacks: old shares are valued at new prices until they are recorded, which is one click.

use apex_wire::split::{MissingSplit, RecordSplits};
use dioxus::{core::spawn_forever, prelude::*};

use super::Button;
use crate::desk::{Desk, sentence, use_desk};

/// Lines that are drawn; what is more is counted.
const LINES_MAX: usize = 3;

/// One line for each split, with the button that records it.
#[component]
pub(crate) fn SplitLines(splits: Vec<MissingSplit>) -> Element {
    let desk = use_desk();
    if splits.is_empty() {
        return rsx! {};
    }
    let more = splits.len().saturating_sub(LINES_MAX);
    rsx! {
        div { class: "split-lines", "data-testid": "split-lines", role: "status",
            for split in splits.iter().take(LINES_MAX) {
                div {
                    key: "{split.account}{split.instrument}{split.ex_date}",
                    class: "split-line",
                    "data-testid": "split-{split.symbol}-{split.ex_date}",
                    span { class: "warning", "! Split not in the ledger" }
                    span { class: "strong", "{split.symbol} {split.ratio}" }
                    span { class: "numeric-left", "{split.ex_date}" }
                    span { class: "faint clip", title: "{split.source} tells of it",
                        {format!("old shares are valued at new prices in {}, {}", split.portfolio_name, split.account_name)}
                    }
                    span { class: "numeric-left",
                        {format!("{} becomes {}", apex_format::quantity(split.before), apex_format::quantity(split.after))}
                    }
                    div { class: "toolbar-space" }
                    Button {
                        testid: "record-split-{split.symbol}",
                        title: "Adds the split to the ledger; Transactions takes it back",
                        onclick: {
                            let split = split.clone();
                            move |_| record(desk, std::slice::from_ref(&split))
                        },
                        "Record"
                    }
                }
            }
            if more > 0 {
                div { class: "split-line",
                    span { class: "faint", {format!("and {} more", apex_format::counted(more as u64, "split"))} }
                    div { class: "toolbar-space" }
                    Button {
                        testid: "record-splits",
                        title: "Adds all of them to the ledgers; Transactions takes each back",
                        onclick: move |_| record(desk, &splits),
                        "Record all"
                    }
                }
            }
        }
    }
}

fn record(desk: Desk, splits: &[MissingSplit]) {
    let ask = RecordSplits {
        splits: splits.iter().map(MissingSplit::name).collect(),
        preview: false,
    };
    spawn_forever(async move {
        match desk.write(ask).await {
            Ok(recorded) => desk.say(sentence(&recorded.sentence)),
            Err(failure) => desk.fail(&failure),
        }
    });
}

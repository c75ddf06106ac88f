//! Edits kept in the book under a name: the menu that opens them, and the dialog that keeps them.

use apex_wire::what_if::{GetProposals, KeepProposal, ProposalEntry, RemoveProposal};
use dioxus::{core::spawn_forever, prelude::*};

use super::draft;
use crate::{
    answers::use_answer,
    components::{Button, ButtonKind, Dialog, Field, Menu, MenuItem},
    desk::{Desk, sentence, set_if_there, use_desk},
};

/// The proposals of the book.
#[component]
pub(super) fn ProposalsMenu() -> Element {
    let desk = use_desk();
    let mut opened = use_signal(|| false);
    let all = use_answer(|| Some(GetProposals {}));
    let entries = all.get().map(|all| (*all).clone()).unwrap_or_default();
    rsx! {
        Menu {
            name: "proposals",
            from_right: true,
            keeps_open: true,
            opened,
            title: "Edits kept in the book",
            label: rsx! {
                "Proposals"
                if !entries.is_empty() { span { class: "faint", "{entries.len()}" } }
                span { class: "caret", "▾" }
            },
            if entries.is_empty() {
                p { class: "scenario-notes", "No proposal is kept yet" }
            }
            for entry in entries {
                div { key: "{entry.proposal.name}", class: "proposal-line",
                    MenuItem {
                        testid: "proposal-{entry.proposal.name}",
                        detail: "{entry.proposal.portfolio}, {entry.proposal.as_of}, {edits_words(entry.proposal.edits.len())}",
                        onclick: {
                            let entry = entry.clone();
                            move |()| {
                                opened.set(false);
                                open(desk, &entry);
                            }
                        },
                        "{entry.proposal.name}"
                    }
                    Button {
                        testid: "proposal-remove-{entry.proposal.name}",
                        kind: ButtonKind::Quiet,
                        title: "Remove from the book",
                        onclick: move |_| remove(desk, &entry),
                        "✕"
                    }
                }
            }
        }
    }
}

/// Returns a number of edits in words.
pub(super) fn edits_words(count: usize) -> String {
    apex_format::counted(count as u64, "edit").to_string()
}

/// Puts the edits of a proposal on the desk, in the portfolio they were made for.
fn open(desk: Desk, entry: &ProposalEntry) {
    let portfolios = desk.book().map(|book| book.portfolios).unwrap_or_default();
    let wanted = portfolios.iter().find(|one| one.name == entry.proposal.portfolio);
    match wanted {
        Some(portfolio) => desk.open_portfolio(portfolio.id),
        None => {
            desk.say(format!("There is no portfolio {} any more", entry.proposal.portfolio));
            return;
        }
    }
    draft::edit(desk, |draft| draft.open(&entry.proposal, entry.version));
}

fn remove(desk: Desk, entry: &ProposalEntry) {
    let ask = RemoveProposal {
        name: entry.proposal.name.clone(),
        base_version: entry.version,
    };
    desk.remove(ask.name.clone(), ask);
}

/// Keeps the edits on the desk under a name.
#[component]
pub(crate) fn KeepProposalDialog() -> Element {
    let mut desk = use_desk();
    let known = draft::draft(desk).proposal;
    let mut name = use_signal(|| known.as_ref().map(|(name, _)| name.clone()).unwrap_or_default());
    let mut note = use_signal(String::new);
    let refused = use_signal(|| None::<String>);
    let count = draft::draft(desk).edits.len();
    let keep = move |_| {
        let (Some(view), draft) = (desk.view(), draft::draft(desk)) else {
            return;
        };
        let fee_bps = match draft.fee_bps() {
            Ok(fee_bps) => fee_bps,
            Err(words) => {
                set_if_there(refused, Some(sentence(&words)));
                return;
            }
        };
        let name = name.peek().trim().to_owned();
        let version = draft.proposal.as_ref().filter(|(known, _)| *known == name);
        let ask = KeepProposal {
            view,
            name: name.clone(),
            note: note.peek().clone(),
            edits: draft.edits,
            fee_bps,
            funding: draft.funding,
            base_version: version.map_or(0, |(_, version)| *version),
        };
        spawn_forever(async move {
            match desk.write(ask).await {
                Ok(version) => {
                    desk.say(format!("{name} is kept in the book; nothing is ordered"));
                    draft::edit(desk, |draft| draft.proposal = Some((name, version)));
                    set_if_there(desk.overlay, None);
                }
                Err(failure) => set_if_there(refused, Some(sentence(&failure.sentence))),
            }
        });
    };
    rsx! {
        Dialog {
            name: "keep-proposal",
            title: "Keep as a proposal",
            actions: rsx! {
                Button { testid: "proposal-cancel", onclick: move |_| desk.overlay.set(None), "Cancel" }
                Button {
                    testid: "proposal-keep",
                    kind: ButtonKind::Primary,
                    disabled: name.read().trim().is_empty() || count == 0,
                    onclick: keep,
                    "Keep in the book"
                }
            },
            div { class: "form",
                p { class: "faint", "{edits_words(count)} under a name. The ledger stays as it is, and nothing is ordered." }
                Field {
                    name: "proposal-name",
                    label: "Name",
                    value: name(),
                    autofocus: true,
                    error: refused(),
                    oninput: move |text| name.set(text),
                }
                Field { name: "proposal-note", label: "What it is for", value: note(), oninput: move |text| note.set(text) }
            }
        }
    }
}

//! The Data page: where market data comes from and what is left of each budget, how fresh every instrument is, day by
//! day, what was found wrong, with one click to decide it, and splits that a ledger lacks, with one to record them.

mod coverage;
mod fetch;
mod freshness;
mod quarantine;
mod source;
mod sources;

use apex_wire::{
    feeds::{FreshnessRow, GetFreshness, GetQuarantine},
    split::GetMissingSplits,
};
use dioxus::prelude::*;

use self::{
    fetch::{FetchButton, FetchedTable, fetched_words},
    freshness::FreshnessTab,
    quarantine::QuarantineTab,
    sources::SourcesPanel,
};
use crate::{
    answers::use_answer,
    components::{Check, SplitLines, Tabs},
    desk::{Page, use_desk},
};

const KEPT_TAB: &str = "data.tab";

/// The page.
#[component]
pub(crate) fn DataPage() -> Element {
    let desk = use_desk();
    let mut tab = use_signal(|| desk.kept(KEPT_TAB).unwrap_or_else(|| "freshness".to_owned()));
    let mut search = use_signal(|| desk.subject_of(Page::Data).unwrap_or_default());
    let mut settled = use_signal(|| false);
    let chosen = use_signal(|| None::<FreshnessRow>);
    use_effect(move || {
        if let Some(symbol) = desk.take_subject(Page::Data) {
            search.set(symbol);
        }
    });
    let fresh = use_answer(move || {
        Some(GetFreshness {
            search: search.read().trim().to_owned(),
            as_of: None,
        })
    });
    let findings = use_answer(move || {
        Some(GetQuarantine {
            instrument: None,
            settled: settled(),
        })
    });
    let splits = use_answer(|| Some(GetMissingSplits { portfolio: None }));
    let waiting = findings.get().map_or(0, |found| {
        found
            .iter()
            .filter(|finding| finding.state == apex_wire::feeds::FindingState::Waiting)
            .count()
    });
    let behind = fresh.get().map_or(0, |fresh| fresh.behind + fresh.without);
    let counted = |words: &str, count: usize| match count {
        0 => words.to_owned(),
        count => format!("{words} {count}"),
    };
    let mut tabs = vec![
        ("freshness".to_owned(), counted("Behind", behind)),
        ("quarantine".to_owned(), counted("Quarantine", waiting)),
    ];
    if fetch::FETCHED.read().is_some() {
        tabs.push(("fetched".to_owned(), "Last fetch".to_owned()));
    }
    if behind == 0 {
        tabs[0].1 = "Freshness".to_owned();
    }
    let choose = Callback::new(move |id: String| {
        desk.keep(KEPT_TAB, id.clone());
        tab.set(id);
    });
    let open = tab();
    rsx! {
        div { class: "page-body data-page", "data-testid": "page-data",
            SourcesPanel {}
            div { class: "data-main",
                if let Some(splits) = splits.get() {
                    SplitLines { splits: splits.to_vec() }
                }
                div { class: "toolbar",
                    Tabs { name: "data", tabs, selected: open.clone(), onselect: choose }
                    div { class: "toolbar-space" }
                    match open.as_str() {
                        "quarantine" => rsx! {
                            Check { name: "settled", label: "what is settled too", checked: settled(), onchange: move |checked| settled.set(checked) }
                        },
                        "fetched" => rsx! { span { class: "faint", {fetched_words()} } },
                        _ => rsx! {
                            input {
                                class: "input filter",
                                "data-filter": "true",
                                "data-testid": "freshness-filter",
                                r#type: "text",
                                autocomplete: "off",
                                spellcheck: "false",
                                placeholder: "Filter  /",
                                value: search(),
                                oninput: move |event| search.set(event.value()),
                                onkeydown: move |event| {
                                    if event.key() == Key::Enter || event.key() == Key::ArrowDown {
                                        event.prevent_default();
                                        crate::browser::focus("[data-grid]");
                                    }
                                },
                            }
                        },
                    }
                    FetchButton { onfetched: move |()| choose.call("fetched".to_owned()) }
                }
                match open.as_str() {
                    "quarantine" => rsx! { QuarantineTab { answer: findings, settled: settled() } },
                    "fetched" if fetch::FETCHED.read().is_some() => rsx! { FetchedTable {} },
                    _ => rsx! { FreshnessTab { answer: fresh, filtered: !search.read().trim().is_empty(), chosen } },
                }
            }
        }
    }
}

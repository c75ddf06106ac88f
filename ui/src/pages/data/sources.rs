//! The sources of market data in the order in which they are asked.

use apex_wire::feeds::Source;
use dioxus::prelude::*;

use super::source::SourceCard;
use crate::{
    components::{EmptyState, FailedState, LoadingState, Panel},
    desk::use_desk,
};

/// The sources.
#[component]
pub(super) fn SourcesPanel() -> Element {
    let desk = use_desk();
    let sources = (desk.sources)();
    let enabled = match &sources {
        Some(Ok(sources)) => sources.iter().filter(|source| source.settings.enabled).count(),
        _ => 0,
    };
    let note = match &sources {
        Some(Ok(_)) if enabled == 0 => "none is asked yet".to_owned(),
        Some(Ok(sources)) => format!("{enabled} of {} asked, from the top", sources.len()),
        _ => String::new(),
    };
    rsx! {
        Panel { testid: "panel-sources", title: "Sources", note, class: "sources-panel",
            match sources {
                None => rsx! { LoadingState { what: "Reading the sources" } },
                Some(Err(failure)) => rsx! { FailedState { testid: "sources-failed", failure } },
                Some(Ok(sources)) if sources.is_empty() => rsx! {
                    EmptyState { testid: "sources-empty", title: "This build has no source of market data" }
                },
                Some(Ok(sources)) => rsx! {
                    div { class: "source-list",
                        for (place, source) in numbered(&sources) {
                            SourceCard { key: "{source.settings.provider.name()}", source, place, last: place + 1 == sources.len() }
                        }
                    }
                },
            }
        }
    }
}

fn numbered(sources: &[Source]) -> Vec<(usize, Source)> {
    sources.iter().cloned().enumerate().collect()
}

//! The Gallery page: every chart and every component in each of its states, reached by the palette.

mod parts;

use std::rc::Rc;

use apex_charts::gallery::Sample;
use apex_wire::chart::ChartData;
use dioxus::prelude::*;

use self::parts::Parts;
use crate::components::{ChartPanel, Tabs};

/// The tabs, and the samples each shows: few enough for the canvases a window may have at a time.
const TABS: [(&str, &str, &[&str]); 6] = [
    (
        "lines",
        "Lines and areas",
        &["line", "lines-dense", "area", "drawdown", "fan"],
    ),
    (
        "bars",
        "Bars and histograms",
        &["bar", "bar-grouped", "bar-horizontal", "waterfall", "histogram"],
    ),
    (
        "maps",
        "Heat maps and states",
        &["heat-correlation", "heat-monthly", "heat-sequential", "empty"],
    ),
    ("candles", "Candles", &["candles", "candles-dense", "candles-minutes"]),
    ("points", "Points", &["scatter"]),
    ("parts", "Components", &[]),
];

/// The page.
#[component]
pub(crate) fn GalleryPage() -> Element {
    let mut tab = use_signal(|| "lines".to_owned());
    let samples = use_hook(|| Rc::new(apex_charts::gallery::samples()));
    let cursor = use_signal(|| None::<f64>);
    let names = TABS
        .iter()
        .find(|(id, ..)| *id == tab())
        .map(|(.., names)| *names)
        .unwrap_or_default();
    let shown: Vec<Sample> = names
        .iter()
        .filter_map(|name| samples.iter().find(|sample| sample.name == *name))
        .cloned()
        .collect();
    let linked = tab() == "lines";
    let states = tab() == "maps";
    rsx! {
        div { class: "page-body gallery", "data-testid": "page-gallery",
            div { class: "toolbar",
                Tabs {
                    name: "gallery",
                    tabs: TABS.iter().map(|(id, words, _)| ((*id).to_owned(), (*words).to_owned())).collect::<Vec<_>>(),
                    selected: tab(),
                    onselect: move |id| tab.set(id),
                }
                div { class: "toolbar-space" }
                span { class: "faint", "drag zooms, double click resets, wheel scrolls, + - 0 l c m" }
            }
            if names.is_empty() {
                Parts {}
            } else {
                div { class: "gallery-grid",
                    for sample in shown {
                        SamplePanel {
                            key: "{sample.name}",
                            name: sample.name,
                            about: sample.about,
                            data: Rc::new(sample.data.clone()),
                            cursor: linked.then_some(cursor),
                        }
                    }
                    if states {
                        Waiting {}
                        Failing {}
                    }
                }
            }
        }
    }
}

#[component]
fn SamplePanel(
    name: &'static str,
    about: &'static str,
    data: Rc<ChartData>,
    cursor: Option<Signal<Option<f64>>>,
) -> Element {
    let shown = use_signal(|| Some(data.clone()));
    rsx! {
        ChartPanel { name: "sample-{name}", title: about, note: name, data: shown, cursor }
    }
}

#[component]
fn Waiting() -> Element {
    let nothing = use_signal(|| None::<Rc<ChartData>>);
    rsx! {
        ChartPanel { name: "sample-loading", title: "A chart whose data is on its way", note: "loading", data: nothing }
    }
}

#[component]
fn Failing() -> Element {
    let nothing = use_signal(|| None::<Rc<ChartData>>);
    let failure = use_signal(|| Some("no price for ACME on or before 2022-12-28".to_owned()));
    rsx! {
        ChartPanel { name: "sample-failed", title: "A chart whose data did not come", note: "failed", data: nothing, failure }
    }
}

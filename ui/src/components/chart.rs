//! A panel with one chart that fills it, its picture and its table as files.

use std::rc::Rc;

use apex_wire::chart::ChartData;
use dioxus::prelude::*;

use super::{Menu, MenuItem, Panel};
use crate::{browser, chart_canvas::ChartCanvas, desk::use_desk};

/// A chart in a panel. The canvas is as high as the panel, and keeps its frame while data is on its way.
#[component]
pub(crate) fn ChartPanel(
    /// Test ids are `panel-<name>` and `chart-<name>`.
    name: String,
    title: String,
    #[props(default)] note: String,
    #[props(default)] class: String,
    #[props(default)] stale: bool,
    data: ReadSignal<Option<Rc<ChartData>>>,
    #[props(default)] failure: ReadSignal<Option<String>>,
    /// Charts given the same signal share their crosshair.
    #[props(default)]
    cursor: Option<Signal<Option<f64>>>,
    /// Pixels from top to bottom; as high as the panel where absent.
    #[props(default)]
    height: Option<u32>,
    /// Takes the point that was clicked: its series and its place in it.
    #[props(default)]
    onpick: Option<EventHandler<(usize, usize)>>,
    /// What else stands at the right of the title.
    #[props(default)]
    tools: Option<Element>,
) -> Element {
    let desk = use_desk();
    let mut asks = use_signal(|| 0_u32);
    let theme = use_memo(move || desk.theme().to_owned());
    let style = height.map_or_else(String::new, |height| format!("height:{height}px"));
    let file = title.clone();
    rsx! {
        Panel {
            testid: "panel-{name}",
            title,
            note,
            class: "chart-panel {class}",
            stale,
            tools: rsx! {
                {tools}
                Menu {
                    name: "chart-{name}",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "chart-{name}-png",
                        onclick: move |()| asks += 1,
                        "Save as PNG"
                    }
                    MenuItem {
                        testid: "chart-{name}-csv",
                        onclick: move |()| {
                            if let Some(data) = &*data.peek() {
                                browser::save_text(&format!("{}.csv", data.title()), &apex_charts::csv(data));
                            }
                        },
                        "Save as CSV"
                    }
                }
            },
            div {
                class: "chart-fill",
                style,
                ChartCanvas {
                    name: "chart-{name}",
                    data,
                    theme,
                    failure,
                    cursor,
                    onpick,
                    picture_asks: asks,
                    onpicture: move |address: String| browser::save_address(&format!("{file}.png"), &address),
                }
            }
        }
    }
}

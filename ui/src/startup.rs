//! Tells the shell how far the start of the page is, so that `--measure-startup` can print it.

use apex_wire::startup::{Phase, ReportDefect, ReportPhase};
use dioxus::prelude::*;

use crate::{browser, desk::Desk, invoke};

/// Reports the first content and the settled window, each once, after the browser has painted it.
pub(crate) fn use_startup_report(desk: Desk, content: impl Fn() -> bool + 'static) {
    let mut shown = use_hook(|| CopyValue::new(false));
    let mut settled = use_hook(|| CopyValue::new(false));
    use_effect(move || {
        let content = content();
        let quiet = (desk.pending)() == 0;
        if content && !*shown.peek() {
            shown.set(true);
            browser::after_paint(move || report(Phase::FirstContent));
        }
        if content && quiet && !*settled.peek() {
            settled.set(true);
            report_when_drawn();
        }
    });
}

/// Reports the settled window once every chart on it is drawn and the browser has painted them.
fn report_when_drawn() {
    browser::after_paint(|| match browser::find(crate::chart_canvas::NOT_DRAWN) {
        Some(_) => report_when_drawn(),
        None => report(Phase::Settled),
    });
}

/// Reports that the program of the page runs.
pub(crate) fn page_loaded() {
    report(Phase::PageLoaded);
}

/// Says that the pages had to start anew, where they had to, and leaves the reason in the log of the shell.
pub(crate) fn tell_of_defect(desk: Desk) {
    let Some(what) = browser::take_root_attribute("data-defect") else {
        return;
    };
    desk.say("The pages met a defect and started anew; the book is unharmed");
    wasm_bindgen_futures::spawn_local(async move {
        // A log that cannot be reached must not disturb the person.
        let _ = invoke::invoke(&ReportDefect { what }).await;
    });
}

fn report(phase: Phase) {
    let page_ms = browser::now_ms();
    wasm_bindgen_futures::spawn_local(async move {
        // A shell that does not measure has nothing to say, and a failure here must not disturb the person.
        let _ = invoke::invoke(&ReportPhase { phase, page_ms }).await;
    });
}

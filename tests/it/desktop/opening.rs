//! The window opens on the demo firm, and opens its pages anew after a defect of their program.

use super::{Desktop, walkthrough::first_look};

#[tokio::test]
async fn the_window_opens_on_the_demo_firm() {
    let Some(desktop) = Desktop::open("the_window_opens_on_the_demo_firm").await else {
        return;
    };
    desktop.wait_for("page-overview").await;
    desktop.screenshot("overview").await;
    desktop.close().await;
}

#[tokio::test]
async fn pages_that_stopped_start_anew_where_they_were() {
    let Some(desktop) = Desktop::open("pages_that_stopped_start_anew_where_they_were").await else {
        return;
    };
    first_look(&desktop).await;
    desktop.click("nav-risk").await;
    desktop.wait_for("page-risk").await;
    // What a panic ends in, whatever its reason.
    let stop = "document.documentElement.dataset.panic = 'a panic of the test'; \
                setTimeout(() => { throw new WebAssembly.RuntimeError('Unreachable code') })";
    desktop.execute(stop, Vec::new()).await;
    desktop.wait_for_text("toasts", "started anew").await;
    desktop.wait_for("page-risk").await;
    desktop.screenshot("started-anew").await;
    assert!(desktop.log().contains("a panic of the test"), "{}", desktop.log());
    desktop.close().await;
}

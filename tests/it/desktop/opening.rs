//! The first minute: the window opens on the demo firm.

use super::Desktop;

#[tokio::test]
async fn the_window_opens_on_the_demo_firm() {
    let Some(desktop) = Desktop::open("the_window_opens_on_the_demo_firm").await else {
        return;
    };
    desktop.wait_for("page-overview").await;
    desktop.screenshot("overview").await;
    desktop.close().await;
}

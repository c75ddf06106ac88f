//! Weights typed on a scratch copy: the figures answer, are discarded to the last letter, and are kept as a proposal.

use fantoccini::key::Key;

use super::{
    Desktop,
    walkthrough::{first_look, open_row},
};

/// The texts of every panel of figures.
async fn figures(desktop: &Desktop) -> Vec<String> {
    let mut all = Vec::new();
    for panel in ["figures", "exposures", "stress", "cash"] {
        all.push(desktop.text(&format!("panel-what-if-{panel}")).await);
    }
    all
}

/// Waits until the figures belong to what was typed last.
async fn settled(desktop: &Desktop) {
    let quiet = "return document.querySelector('[data-testid=\"page-what-if\"] [data-stale=\"true\"]') === null";
    desktop
        .wait_until("the figures stay out of date", quiet, Vec::new())
        .await;
}

#[tokio::test]
async fn edits_answer_at_once_are_discarded_and_kept() {
    let Some(desktop) = Desktop::open("edits_answer_at_once_are_discarded_and_kept").await else {
        return;
    };
    first_look(&desktop).await;
    desktop.click("portfolio-button").await;
    desktop.click("portfolio-US Core").await;
    desktop.wait_for_text("portfolio-name", "US Core").await;
    desktop.click("nav-what-if").await;
    desktop.wait_for("cell-target-weight-0").await;
    settled(&desktop).await;
    let before = figures(&desktop).await;
    desktop.screenshot("what-if-first").await;

    // The largest holding goes down to a hundredth: VaR and cash answer.
    desktop.fill("cell-target-weight-0", "1").await;
    desktop.wait_for_text("what-if-count", "1 edit").await;
    let moved = "const text = (id) => document.querySelector(`[data-testid=\"figure-what-if-${id}\"]`).innerText; \
                 return text('cash-before') !== text('cash-after') && text('var-before') !== text('var-after')";
    desktop
        .wait_until("neither VaR nor cash answers", moved, Vec::new())
        .await;

    // A trade is looked at while it is typed, and then added; a bad one says why.
    desktop.fill("field-trade-symbol", "NOPE").await;
    desktop.fill("field-trade-size", "25").await;
    desktop.wait_for_text("trade-said", "There is no instrument NOPE").await;
    desktop.fill("field-trade-symbol", "KO").await;
    desktop.wait_for_text("trade-said", "USD").await;
    desktop.click("trade-add").await;
    desktop.wait_for_text("what-if-count", "2 edits").await;
    settled(&desktop).await;
    desktop.screenshot("what-if-edited").await;
    assert_ne!(figures(&desktop).await, before);

    // Escape leaves the field, and then discards: every text is as it was.
    desktop.fill("cell-target-weight-3", "2.125").await;
    desktop.wait_for_text("what-if-count", "3 edits").await;
    assert_eq!(desktop.value("cell-target-weight-3").await, "2.125");
    desktop.press(&[Key::Escape.into()]).await;
    desktop.press(&[Key::Escape.into()]).await;
    desktop.wait_for_text("what-if-count", "0 edits").await;
    settled(&desktop).await;
    assert_eq!(figures(&desktop).await, before);

    // What was discarded comes back, is kept under a name, and opened again.
    desktop.click("what-if-restore").await;
    desktop.wait_for_text("what-if-count", "3 edits").await;
    settled(&desktop).await;
    let after = figures(&desktop).await;
    desktop.click("what-if-keep").await;
    desktop.fill("field-proposal-name", "Less of the largest").await;
    desktop
        .fill("field-proposal-note", "One name is too much of the book")
        .await;
    desktop.screenshot("what-if-keep").await;
    desktop.click("proposal-keep").await;
    desktop.wait_until_gone("dialog-keep-proposal").await;
    desktop.click("what-if-discard").await;
    desktop.wait_for_text("what-if-count", "0 edits").await;
    desktop.click("proposals-button").await;
    desktop.screenshot("what-if-proposals").await;
    desktop.click("proposal-Less of the largest").await;
    desktop.wait_for_text("what-if-proposal", "Less of the largest").await;
    settled(&desktop).await;
    assert_eq!(figures(&desktop).await, after);

    // The edits wait while another page is looked at, and a holding leads here.
    desktop.click("nav-holdings").await;
    open_row(&desktop, "row-KO").await;
    desktop.click("holding-what-if").await;
    desktop.wait_for_text("what-if-count", "3 edits").await;
    settled(&desktop).await;
    assert_eq!(desktop.value("what-if-filter").await, "KO");
    assert_eq!(desktop.value("field-trade-symbol").await, "KO");
    desktop.fill("field-trade-symbol", "A").await;
    desktop.wait_for("suggestion-AAPL").await;
    desktop.screenshot("what-if-suggestions").await;
    desktop.fill("field-trade-symbol", "AAPL").await;
    desktop.fill("what-if-filter", " ").await;
    settled(&desktop).await;
    desktop.resize(1280, 800).await;
    desktop.screenshot("what-if-small").await;
    desktop.click("theme-button").await;
    desktop.resize(1920, 1080).await;
    desktop.screenshot("what-if-large").await;
    desktop.close().await;
}

//! What if: sliders, scenarios of the program side by side, and one of a person's own.

use super::{Desktop, walkthrough::first_look};

#[tokio::test]
async fn scenarios_answer_are_compared_and_kept() {
    let Some(desktop) = Desktop::open("scenarios_answer_are_compared_and_kept").await else {
        return;
    };
    first_look(&desktop).await;
    desktop.click("nav-scenarios").await;
    desktop.wait_for("scenario-Pandemic 2020").await;
    desktop.wait_for_text("figure-scenario-profit-Sliders", "0.00").await;

    // A slider moves, and the book answers.
    let slide = "const slider = document.querySelector('[data-testid=\"slider-shares\"]'); \
                 slider.value = '-20'; slider.dispatchEvent(new Event('input', { bubbles: true })); return true";
    desktop.execute(slide, Vec::new()).await;
    desktop.wait_for_text("slider-value-shares", "20.0%").await;
    let lost =
        "return document.querySelector('[data-testid=\"figure-scenario-profit-Sliders\"]').innerText.startsWith('-')";
    desktop
        .wait_until("shares fell and nothing was lost", lost, Vec::new())
        .await;

    // It is kept under a name of its own.
    desktop.fill("field-scenario-name", "Shares a fifth lower").await;
    desktop.click("scenario-keep").await;
    desktop.wait_for("scenario-Shares a fifth lower").await;

    // Two scenarios side by side, one of them line by line.
    desktop.click("compare-Pandemic 2020").await;
    desktop.click("compare-Rates +100 bp").await;
    desktop.click("scenario-open-Pandemic 2020").await;
    desktop.wait_for_text("panel-lines", "Pandemic 2020").await;
    desktop.wait_for("chart-compare").await;
    desktop.screenshot("scenario-compared").await;

    // One is built shock by shock; its result stands beside it before it is kept.
    desktop.click("scenario-build").await;
    desktop.fill("field-build-name", "Energy falls").await;
    desktop.click("shock-add").await;
    desktop.choose("select-shock-of-0", "sector").await;
    desktop.fill("field-shock-name-0", "Energy").await;
    desktop.fill("field-shock-size-0", "-30").await;
    desktop
        .wait_for_text("build-result", "Result of the current book")
        .await;
    desktop.screenshot("scenario-build").await;
    desktop.click("scenario-save").await;
    desktop.wait_for("scenario-Energy falls").await;
    desktop.close().await;
}

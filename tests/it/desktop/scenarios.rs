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

    // The result opens to its lines, and a line to the changes it comes from.
    desktop.click("figure-lines-profit").await;
    desktop.wait_for_text("explanation-title", "in Pandemic 2020").await;
    desktop.wait_for_text("explanation-agrees", "✓ agrees").await;
    desktop.screenshot("scenario-explained").await;
    desktop.click("explain-input-0").await;
    desktop.wait_for_text("explanation", "change of its price").await;
    desktop.wait_for_text("explanation-agrees", "✓ agrees").await;
    desktop.click("inspector-close").await;

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

#[tokio::test]
async fn a_limit_breaks_and_the_book_is_simulated_to_a_horizon() {
    let Some(desktop) = Desktop::open("a_limit_breaks_and_the_book_is_simulated_to_a_horizon").await else {
        return;
    };
    first_look(&desktop).await;
    desktop.resize(1440, 900).await;
    desktop.click("nav-scenarios").await;
    desktop.wait_for("scenario-Shares -20%").await;

    // A waterfall from the value before to the value after; the pointer reads the table's values.
    desktop.click("scenario-open-Shares -20%").await;
    desktop.wait_for_text("panel-lines", "Shares -20%").await;
    desktop.click("tab-groups-factor").await;
    desktop.wait_for_text("groups", "Prices").await;
    desktop.click("tab-groups-sector").await;
    wait_for_readout(&desktop, "chart-compare", "Level").await;
    desktop.screenshot("scenario-waterfall").await;

    // A limit is set, and the scenario breaks it.
    desktop.click("tab-lab-limits").await;
    desktop.wait_for("limits-empty").await;
    desktop.fill("field-limit-name", "Crash").await;
    desktop.fill("field-limit-percent", "5").await;
    desktop.click("limit-save").await;
    desktop.wait_for("limit-Crash").await;
    desktop.choose("select-limit-kind", "name_weight").await;
    desktop.fill("field-limit-name", "One name").await;
    desktop.fill("field-limit-percent", "2").await;
    desktop.click("limit-save").await;
    desktop.wait_for_text("limit-One name", "broken").await;
    desktop.screenshot("scenario-limits").await;
    desktop.click("tab-lab-now").await;
    desktop.wait_for_text("broken-Shares -20%", "2 of 2").await;
    desktop.click("tab-detail-limits").await;
    desktop.wait_for_text("check-Crash", "broken").await;
    desktop.screenshot("scenario-limits-broken").await;

    // To a horizon: the fan reads what the table shows, and the seed stands beside it.
    desktop.click("tab-lab-horizon").await;
    desktop.wait_for("quantiles").await;
    desktop.choose("select-horizon-start", "Shares -20%").await;
    desktop.choose("select-horizon-rebalance", "quarterly").await;
    desktop.fill("field-horizon-paths", "4000").await;
    desktop.fill("field-horizon-seed", "7").await;
    desktop.fill("field-horizon-flow", "-1%").await;
    desktop.fill("field-horizon-goal", "1000000").await;
    desktop.click("horizon-run").await;
    desktop.wait_for_text("horizon-notes", "4,000 paths of seed 7").await;
    desktop.wait_for("figure-horizon-below-goal").await;
    wait_for_readout(&desktop, "chart-fan", "50%").await;
    desktop.screenshot("scenario-horizon").await;
    desktop.click("theme-button").await;
    desktop.resize(1280, 800).await;
    wait_for_readout(&desktop, "chart-fan", "50%").await;
    desktop.screenshot("scenario-horizon-small").await;
    desktop.click("tab-lab-now").await;
    desktop.wait_for("panel-lines").await;
    wait_for_readout(&desktop, "chart-compare", "Level").await;
    desktop.screenshot("scenario-waterfall-small").await;

    // What is refused says so at its field.
    desktop.click("tab-lab-horizon").await;
    desktop.wait_for("horizon-run").await;
    desktop.fill("field-horizon-length", "soon").await;
    desktop.click("horizon-run").await;
    desktop.wait_for_text("error-horizon-length", "soon").await;
    desktop.close().await;
}

/// Moves the pointer over the middle of a chart until what it reads there names a column.
pub(super) async fn wait_for_readout(desktop: &Desktop, chart: &str, column: &str) {
    let read = "const canvas = document.querySelector(`[data-testid=\"${arguments[0]}\"]`); \
                if (!canvas) return false; \
                const box = canvas.getBoundingClientRect(); \
                canvas.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, \
                    clientX: box.left + box.width / 2 + Math.random(), clientY: box.top + box.height / 2 })); \
                return (canvas.dataset.readout || '').includes(arguments[1])";
    desktop
        .wait_until("the chart reads nothing", read, vec![chart.into(), column.into()])
        .await;
}

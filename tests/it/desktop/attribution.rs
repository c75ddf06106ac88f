//! Why a portfolio did better or worse: segments opened, a period looked at alone, and sums checked from the page's text.

use super::{
    Desktop,
    walkthrough::{first_look, settled},
};

/// The script that adds up the figures of a column, by the beginning of their test ids, beside that of the total.
const SUM: &str = "const read = found => Number(found.innerText.replaceAll(',', '').replace('+', '')); \
                   const rows = [...document.querySelectorAll('tbody [data-testid^=\"segment-open-\"]')] \
                       .map(found => found.dataset.testid.slice('segment-open-'.length)); \
                   const cell = name => document.querySelector(`[data-testid=\"figure-${arguments[0]}-${name}\"]`); \
                   return [rows.reduce((sum, name) => sum + read(cell(name)), 0), read(cell('total')), rows.length]";

async fn add_up(desktop: &Desktop, column: &str) {
    let sums = desktop.execute(SUM, vec![column.into()]).await;
    let [sum, total, rows]: [f64; 3] =
        serde_json::from_value(sums.clone()).unwrap_or_else(|_| panic!("{column}: {sums}"));
    // Two decimals are shown: each row and the total may be half of one away.
    assert!(
        (sum - total).abs() <= 0.005 * (rows + 1.0) + 1e-9,
        "{column}: {sum} where the total is {total}"
    );
}

#[tokio::test]
async fn an_active_return_is_taken_apart_by_segment_and_by_period() {
    let Some(desktop) = Desktop::open("an_active_return_is_taken_apart_by_segment_and_by_period").await else {
        return;
    };
    first_look(&desktop).await;
    desktop.resize(1440, 900).await;
    desktop.click("nav-attribution").await;
    desktop.wait_for("segments").await;
    settled(&desktop).await;
    for column in [
        "weight",
        "benchmark-weight",
        "contribution",
        "allocation",
        "selection",
        "effect",
    ] {
        add_up(&desktop, column).await;
    }
    desktop.screenshot("attribution-sectors").await;

    // A segment opens to its instruments, an effect to its inputs.
    desktop.click("segment-open-Health Care").await;
    let opened = "return document.querySelector('[data-testid^=\"segment-part-\"]') !== null";
    desktop
        .wait_until("the segment did not open to its instruments", opened, Vec::new())
        .await;
    desktop.click("figure-allocation-Health Care").await;
    desktop.wait_for_text("explanation-agrees", "agrees").await;
    let (shown, recomputed) = (
        desktop.text("explanation-shown").await,
        desktop.text("explanation-recomputed").await,
    );
    assert_eq!(shown, recomputed);
    desktop.screenshot("attribution-explained").await;

    // A period alone, and back.
    let read = "return document.querySelector('[data-testid=\"figure-attribution-portfolio\"]').innerText";
    let whole = desktop.execute(read, Vec::new()).await;
    desktop.click("period-open-2022-06").await;
    desktop.wait_for_text("period-back", "2022-06").await;
    settled(&desktop).await;
    let changed =
        "return document.querySelector('[data-testid=\"figure-attribution-portfolio\"]').innerText !== arguments[0]";
    desktop
        .wait_until("the period did not change", changed, vec![whole.clone()])
        .await;
    add_up(&desktop, "effect").await;
    desktop.screenshot("attribution-month").await;
    desktop.click("period-back").await;
    let back =
        "return document.querySelector('[data-testid=\"figure-attribution-portfolio\"]').innerText === arguments[0]";
    desktop
        .wait_until("the whole period did not come back", back, vec![whole])
        .await;
    settled(&desktop).await;

    // Against its own benchmark there are contributions, and the reason why there is no more.
    desktop.choose("select-attribution-benchmark", "own").await;
    desktop.wait_for_text("attribution-because", "one instrument").await;
    settled(&desktop).await;
    add_up(&desktop, "contribution").await;
    desktop.screenshot("attribution-index").await;

    // A blend that is typed.
    desktop.choose("select-attribution-benchmark", "blend").await;
    desktop.fill("field-attribution-blend", "KO 60, AAPL 30, Cash 10").await;
    desktop.wait_for_text("figure-attribution-benchmark", "Blend").await;
    desktop.wait_until_gone("attribution-because").await;
    settled(&desktop).await;
    add_up(&desktop, "effect").await;
    desktop.screenshot("attribution-blend").await;

    // The explanation belongs to this page's figure, and leaves with it.
    desktop.wait_for("explanation-shown").await;
    desktop.click("nav-overview").await;
    desktop.wait_for("page-overview").await;
    desktop.wait_until_gone("inspector").await;
    desktop.close().await;
}

#[tokio::test]
async fn risk_shows_every_method_its_parts_factors_and_the_backtest() {
    let Some(desktop) = Desktop::open("risk_shows_every_method_its_parts_factors_and_the_backtest").await else {
        return;
    };
    first_look(&desktop).await;
    desktop.resize(1440, 900).await;
    desktop.click("portfolio-button").await;
    desktop.click("portfolio-US Core").await;
    desktop.wait_for_text("portfolio-name", "US Core").await;
    desktop.click("nav-risk").await;
    desktop.wait_for("figure-var-historical").await;
    desktop.click("tab-risk-methods").await;
    desktop.wait_for("method-block-bootstrap").await;
    for method in [
        "historical",
        "age-weighted",
        "filtered",
        "normal",
        "student-t",
        "monte-carlo",
        "t-copula",
    ] {
        let text = desktop.text(&format!("figure-method-es-{method}")).await;
        assert!(text.parse::<f64>().is_ok_and(|share| share > 0.0), "{method}: {text}");
    }
    settled(&desktop).await;
    desktop.screenshot("risk-methods").await;
    desktop.click("figure-method-var-student-t").await;
    desktop.wait_for_text("explanation-agrees", "agrees").await;

    desktop.click("tab-risk-components").await;
    desktop.wait_for("parts").await;
    settled(&desktop).await;
    desktop.screenshot("risk-components").await;
    desktop.click("tab-risk-factors").await;
    desktop.wait_for("factors-fundamental").await;
    settled(&desktop).await;
    desktop.screenshot("risk-factors").await;
    desktop.click("tab-risk-backtest").await;
    desktop.wait_for_text("figure-exceptions", "of 500 days").await;
    desktop.wait_for("chart-backtest").await;
    settled(&desktop).await;
    desktop.screenshot("risk-backtest").await;
    desktop.click("tab-risk-exposures").await;
    desktop.wait_for("risk-currencies").await;
    settled(&desktop).await;
    desktop.screenshot("risk-exposures").await;
    desktop.click("theme-button").await;
    settled(&desktop).await;
    desktop.screenshot("risk-exposures-other-theme").await;
    desktop.resize(1280, 800).await;
    desktop.click("tab-risk-summary").await;
    settled(&desktop).await;
    desktop.screenshot("risk-summary-small").await;
    desktop.click("nav-attribution").await;
    desktop.wait_for("segments").await;
    settled(&desktop).await;
    desktop.screenshot("attribution-small").await;
    desktop.close().await;
}

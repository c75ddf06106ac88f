//! The best weights of a portfolio, a point of the frontier, a question without an answer; and policies of the past.

use super::{Desktop, walkthrough::first_look};

/// Moves over the chart until the crosshair reads a portfolio of the frontier, and clicks there.
const CLICK_THE_FRONTIER: &str = "
    const done = arguments[arguments.length - 1];
    const canvas = document.querySelector('[data-testid=\"chart-frontier\"]');
    const box = canvas.getBoundingClientRect();
    const send = (kind, x, y) => canvas.dispatchEvent(new PointerEvent(kind, {
        bubbles: true, clientX: box.left + x, clientY: box.top + y, button: 0, buttons: kind === 'pointerdown' ? 1 : 0,
        pointerId: 1,
    }));
    const frame = () => new Promise(next => requestAnimationFrame(() => setTimeout(next, 0)));
    (async () => {
        for (let x = box.width * 0.15; x < box.width - 8; x += 36) {
            for (let y = 24; y < box.height - 30; y += 30) {
                send('pointermove', x, y);
                await frame();
                if ((canvas.dataset.readout || '').startsWith('Portfolio')) {
                    send('pointerdown', x, y);
                    await frame();
                    send('pointerup', x, y);
                    await frame();
                    return done(canvas.dataset.readout);
                }
            }
        }
        done('');
    })();
";

#[tokio::test]
async fn weights_are_chosen_the_frontier_is_clicked_and_a_policy_is_followed() {
    let Some(desktop) = Desktop::open("weights_are_chosen_the_frontier_is_clicked_and_a_policy_is_followed").await
    else {
        return;
    };
    first_look(&desktop).await;
    desktop.resize(1440, 900).await;
    desktop.click("portfolio-button").await;
    desktop.click("portfolio-US Core").await;
    desktop.wait_for_text("portfolio-name", "US Core").await;
    desktop.click("nav-optimizer").await;
    desktop.wait_for("weights").await;

    // The largest Sharpe ratio with a cap on every holding and a limit on a sector.
    desktop.choose("select-objective", "max-sharpe").await;
    desktop.fill("field-upper", "8").await;
    desktop.click("group-add").await;
    desktop.fill("field-group-upper-0", "12").await;
    desktop.click("optimizer-run").await;
    let kept = "
        if (document.querySelector('[data-testid=\"panel-weights\"][data-stale]')) return false;
        const weights = [...document.querySelectorAll('[data-testid^=\"figure-weight-after-\"]')];
        return weights.length > 5 && weights.every(found => parseFloat(found.innerText) <= 8.001);
    ";
    desktop.wait_until("a weight is above its cap", kept, Vec::new()).await;
    desktop.wait_for("trades").await;
    desktop.wait_for_text("figure-optimizer-turnover", "trades").await;
    desktop.screenshot("optimizer").await;
    desktop.click("figure-optimizer-volatility").await;
    desktop.wait_for_text("explanation-title", "Volatility").await;
    desktop.wait_for_text("explanation-agrees", "✓ agrees").await;
    desktop.screenshot("optimizer-explained").await;
    desktop.click("inspector-close").await;

    // A click on the frontier looks at that portfolio, and there is a way back.
    let clicked = desktop.execute_async(CLICK_THE_FRONTIER, Vec::new()).await;
    assert!(
        clicked.as_str().is_some_and(|readout| readout.starts_with("Portfolio")),
        "no portfolio under the pointer: {clicked}"
    );
    desktop.wait_for("frontier-best").await;
    desktop.screenshot("optimizer-point").await;
    desktop.click("frontier-best").await;
    desktop.wait_until_gone("frontier-best").await;

    // What no portfolio keeps is said in a sentence that names it.
    desktop.fill("field-upper", "0.5").await;
    desktop.click("optimizer-run").await;
    desktop
        .wait_for_text("optimizer-refusal", "upper bounds add up to")
        .await;
    desktop.screenshot("optimizer-infeasible").await;
    desktop.fill("field-upper", "ten").await;
    desktop.click("optimizer-run").await;
    desktop.wait_for_text("error-upper", "is not a percentage").await;
    desktop.fill("field-upper", "10").await;
    desktop.click("optimizer-run").await;
    desktop.wait_until_gone("optimizer-refusal").await;

    // A rule takes no constraints, and says so before it is asked.
    desktop.choose("select-objective", "hrp").await;
    desktop.wait_for("rule-words").await;
    desktop.wait_for("weights").await;
    desktop.choose("select-objective", "min-variance").await;
    desktop.click("tab-optimizer-form-text").await;
    desktop.wait_for("constraints-text").await;
    desktop.screenshot("optimizer-text").await;

    // Three policies side by side, and the trades of one of them.
    desktop.click("nav-backtests").await;
    desktop.click("backtest-run").await;
    desktop.wait_for("backtest-statistics").await;
    desktop.click("backtest-focus-1").await;
    desktop
        .wait_for_text("panel-backtest-weights", "Minimum variance")
        .await;
    desktop.wait_for("trades").await;
    desktop.screenshot("backtests-run").await;
    desktop.click("figure-backtest-beta-1").await;
    desktop
        .wait_for_text("explanation-title", "Beta of Minimum variance")
        .await;
    desktop.wait_for_text("explanation-agrees", "✓ agrees").await;
    desktop.screenshot("backtests-explained").await;
    desktop.click("inspector-close").await;
    desktop.resize(1280, 800).await;
    desktop.screenshot("backtests-small").await;
    desktop.click("nav-optimizer").await;
    desktop.wait_for("weights").await;
    desktop.screenshot("optimizer-small").await;

    // Trades open as a what-if, which touches nothing.
    desktop.click("trades-what-if").await;
    desktop.wait_for("what-if-trades").await;
    desktop.wait_for("trade-0").await;
    desktop.screenshot("optimizer-as-what-if").await;
    desktop.close().await;
}

//! A working day in one window: import, trade, reverse, look back in time, ask why, change portfolio and theme.

use std::fs;

use super::Desktop;

/// Two true fills and a deposit, as a broker writes them.
const FILE: &str = "\
portfolio,account,date,settle,seq,kind,symbol,quantity,price,currency,fees,taxes,fx_rate,external_id,note
US Core,Custody,2022-12-20,2022-12-20,1,deposit,,1000000,1,USD,0,0,,W-1,walkthrough
US Core,Custody,2022-12-21,2022-12-23,1,buy,KO,100,63.50,USD,1.00,0,,W-2,walkthrough
US Core,Custody,2022-12-21,2022-12-23,2,buy,KO,100,63.50,USD,1.00,0,,W-3,walkthrough
";

#[tokio::test]
async fn a_day_of_work_in_the_demo_firm() {
    let Some(desktop) = Desktop::open("a_day_of_work_in_the_demo_firm").await else {
        return;
    };
    let file = desktop.data().with_file_name("fills.csv");
    fs::write(&file, FILE).expect("the file can be written");

    first_look(&desktop).await;
    desktop.click("portfolio-button").await;
    desktop.click("portfolio-US Core").await;
    desktop.wait_for_text("portfolio-name", "US Core").await;
    let nav_at_first = amount(&desktop, "figure-nav").await;

    // Imports a file: three rows are added, and the second time none.
    desktop.click("nav-transactions").await;
    desktop.wait_for("page-transactions").await;
    desktop.click("transactions-import").await;
    desktop
        .fill("field-import-path", file.to_str().expect("a path of text"))
        .await;
    desktop.click("import-look").await;
    desktop.wait_for_text("import-commit", "3").await;
    desktop.screenshot("import").await;
    desktop.click("import-commit").await;
    desktop.click("import-done").await;
    desktop.wait_until_gone("import-done").await;
    desktop.fill("transactions-search", "walkthrough").await;
    desktop.wait_for_text("transactions-count", "3").await;

    // Adds a trade and sees what it will do before it does it.
    desktop.click("transactions-add").await;
    desktop.choose("select-kind", "buy").await;
    desktop.fill("field-date", "2022-12-28").await;
    desktop.fill("field-symbol", "KO").await;
    desktop.fill("field-quantity", "250").await;
    desktop.fill("field-price", "63.00").await;
    desktop.fill("field-note", "walkthrough").await;
    desktop.wait_for("effect-sentence").await;
    desktop.screenshot("add-transaction").await;
    desktop.click("add-confirm").await;
    desktop.wait_until_gone("add-confirm").await;
    desktop.wait_for_text("transactions-count", "4").await;

    // Reverses it: what will happen is said in numbers.
    open_row(&desktop, "row-KO").await;
    desktop.click("transaction-reverse").await;
    desktop.wait_for("effect-sentence").await;
    desktop.click("reverse-confirm").await;
    desktop.wait_until_gone("reverse-confirm").await;
    desktop.wait_for_text("transactions-count", "3").await;

    // Looks back in time.
    desktop.click("nav-overview").await;
    // The imported deposit is in the net asset value.
    wait_for_change(&desktop, "figure-nav", &nav_at_first).await;
    let nav_now = amount(&desktop, "figure-nav").await;
    desktop.click("as-of-button").await;
    desktop.click("as-of-year-ago").await;
    wait_for_change(&desktop, "figure-nav", &nav_now).await;
    desktop.click("as-of-button").await;
    desktop.click("as-of-today").await;
    desktop.wait_for_text("figure-nav", &nav_now).await;

    // Asks where a figure comes from, and it recomputes.
    desktop.click("figure-nav").await;
    desktop.wait_for_text("explanation-agrees", "agrees").await;
    let (shown, recomputed) = (
        desktop.text("explanation-shown").await,
        desktop.text("explanation-recomputed").await,
    );
    assert_eq!(shown, recomputed);
    desktop.screenshot("explanation").await;

    // Changes portfolio and theme.
    desktop.click("portfolio-button").await;
    desktop.click("portfolio-Long/Short").await;
    desktop.wait_for_text("portfolio-name", "Long/Short").await;
    wait_for_change(&desktop, "figure-nav", &nav_now).await;
    let theme = theme(&desktop).await;
    desktop.click("theme-button").await;
    let changed = "return document.documentElement.dataset.theme !== arguments[0]";
    desktop
        .wait_until("the theme did not change", changed, vec![theme.into()])
        .await;

    // The window opens again where it was left.
    let desktop = desktop.reopen().await;
    desktop.wait_for_text("portfolio-name", "Long/Short").await;
    desktop.close().await;
}

#[tokio::test]
async fn every_page_shows_itself_in_both_themes() {
    let Some(desktop) = Desktop::open("every_page_shows_itself_in_both_themes").await else {
        return;
    };
    first_look(&desktop).await;
    desktop.resize(1440, 900).await;
    for _ in 0..2 {
        for page in [
            "overview",
            "holdings",
            "what-if",
            "transactions",
            "performance",
            "attribution",
            "risk",
            "scenarios",
            "optimizer",
            "backtests",
            "cash",
            "markets",
            "data",
            "setup",
            "check",
        ] {
            desktop.click(&format!("nav-{page}")).await;
            desktop.wait_for(&format!("page-{page}")).await;
            if page == "backtests" {
                desktop.click("backtest-run").await;
                desktop.wait_for("backtest-statistics").await;
            }
            if page == "markets" {
                desktop.click("quote-JPM").await;
            }
            settled(&desktop).await;
            let failed = "return [...document.querySelectorAll('.state.failed')].map(found => found.innerText)";
            let failures = desktop.execute(failed, Vec::new()).await;
            assert_eq!(failures, serde_json::json!([]), "{page} failed");
            desktop.screenshot(&format!("{page}-{}", theme(&desktop).await)).await;
        }
        desktop.click("theme-button").await;
    }
    desktop.close().await;
}

/// Waits for the first page and puts the recovery key off, which a new book offers first.
pub(super) async fn first_look(desktop: &Desktop) {
    desktop.wait_for("page-overview").await;
    desktop.click("recovery-later").await;
    desktop.wait_until_gone("recovery-later").await;
}

/// Waits until nothing loads or is out of date any more, and every chart is drawn.
pub(super) async fn settled(desktop: &Desktop) {
    let quiet = "return document.querySelector('.state.loading, [data-stale=\"true\"], .chart-canvas:not([data-drawn])') \
                 === null";
    desktop.wait_until("something keeps loading", quiet, Vec::new()).await;
}

pub(super) async fn theme(desktop: &Desktop) -> String {
    let theme = desktop
        .execute("return document.documentElement.dataset.theme", Vec::new())
        .await;
    theme.as_str().unwrap_or_default().to_owned()
}

/// The script that reads the amount out of a figure, whatever stands beside it.
const AMOUNT: &str = "const found = document.querySelector(`[data-testid=\"${arguments[0]}\"]`); \
                      const amount = (found?.innerText.match(/[\\d,]+\\.\\d\\d/) || [''])[0];";

/// Returns a figure's amount once it is no dash.
async fn amount(desktop: &Desktop, test_id: &str) -> String {
    let known = format!("{AMOUNT} return amount !== ''");
    desktop
        .wait_until("a figure stayed unknown", &known, vec![test_id.into()])
        .await;
    let amount = desktop
        .execute(&format!("{AMOUNT} return amount"), vec![test_id.into()])
        .await;
    amount.as_str().unwrap_or_default().to_owned()
}

async fn wait_for_change(desktop: &Desktop, test_id: &str, from: &str) {
    let changed = format!("{AMOUNT} return amount !== '' && amount !== arguments[1]");
    desktop
        .wait_until("a figure did not change", &changed, vec![test_id.into(), from.into()])
        .await;
}

/// Opens the first row of a grid as a double click does.
pub(super) async fn open_row(desktop: &Desktop, test_id: &str) {
    desktop.wait_for(test_id).await;
    let open = "const row = document.querySelector(`[data-testid=\"${arguments[0]}\"]`); \
                row.click(); \
                row.dispatchEvent(new MouseEvent('dblclick', { bubbles: true })); return true";
    desktop
        .wait_until("the row does not open", open, vec![test_id.into()])
        .await;
}

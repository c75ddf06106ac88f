//! From a click on a page or a portfolio until the page shows its figures, and until its charts are painted.

use std::{collections::BTreeMap, path::Path};

use apex_tests::desktop::{Desktop, Machine};
use serde_json::json;

use crate::{SAMPLES, figures::Figures};

/// The script that measures inside the page.
pub(crate) const WATCH: &str = include_str!("watch.js");

const PAGES: [&str; 13] = [
    "overview",
    "holdings",
    "what-if",
    "transactions",
    "performance",
    "attribution",
    "risk",
    "scenarios",
    "optimizer",
    "cash",
    // What it shows is asked for by a button, whatever the portfolio.
    "backtests",
    "setup",
    "check",
];
/// The pages about one portfolio.
const OF_PORTFOLIO: usize = 10;
/// The portfolio that every round begins and ends with, and the others of the demo firm.
const FIRST: &str = "US Core";
const OTHERS: [&str; 2] = ["Balanced", "Long/Short"];

/// Opens the window once for each round and goes through its pages twice: what is seen for the first time has to be
/// computed, what was seen before is kept. In every second round each page also shows the other portfolios.
pub(crate) async fn measure(machine: Machine, binary: &Path, figures: &mut Figures) {
    let mut changes = Changes::default();
    let mut desktop = Desktop::on(machine, "switches", binary, &["--demo"]).await;
    desktop.click("portfolio-button").await;
    desktop.click(&format!("portfolio-{FIRST}")).await;
    desktop.wait_for_text("portfolio-name", FIRST).await;
    for round in 0..SAMPLES {
        // Opened anew in the first round too: it begins on the disk cache that the opening before has filled.
        desktop = desktop.reopen().await;
        desktop.execute(WATCH, Vec::new()).await;
        desktop.wait_for("page-overview").await;
        rest(&desktop).await;
        // The first page is open already, so a tour begins with the second and ends with the first.
        let tour = || (1..PAGES.len()).chain([0]);
        for page in tour().map(|at| PAGES[at]) {
            changes.add(format!("page_{page}_first"), open_page(&desktop, page).await);
        }
        for at in tour() {
            let page = PAGES[at];
            changes.add(format!("page_{page}_again"), open_page(&desktop, page).await);
            if at < OF_PORTFOLIO && round % OTHERS.len() == 0 {
                for portfolio in OTHERS {
                    changes.add(
                        format!("portfolio_{page}_first"),
                        open_portfolio(&desktop, portfolio).await,
                    );
                }
                changes.add(format!("portfolio_{page}_again"), open_portfolio(&desktop, FIRST).await);
            }
        }
    }
    desktop.close().await;
    changes.tell(figures);
}

async fn open_page(desktop: &Desktop, page: &str) -> Change {
    switch(desktop, &format!("nav-{page}"), &format!("page-{page}"), None).await
}

async fn open_portfolio(desktop: &Desktop, portfolio: &str) -> Change {
    desktop.click("portfolio-button").await;
    let button = format!("portfolio-{portfolio}");
    desktop.wait_for(&button).await;
    switch(desktop, &button, "portfolio-name", Some(portfolio)).await
}

/// Waits as long as a person who looks: the window asks ahead for what is likely to be opened next.
async fn rest(desktop: &Desktop) {
    let rest = "setTimeout(arguments[0], 1500)";
    desktop.execute_async(rest, Vec::new()).await;
}

/// One change of what is on screen, in milliseconds.
struct Change {
    updated: f64,
    painting: f64,
    longest: f64,
}

async fn switch(desktop: &Desktop, button: &str, place: &str, words: Option<&str>) -> Change {
    let script = "window.apexWatch.switchTo(arguments[0], arguments[1], arguments[2], arguments[3])";
    let told = desktop
        .execute_async(script, vec![json!(button), json!(place), json!(words)])
        .await;
    if let Some(late) = told["late"].as_str() {
        desktop.fail(late).await;
    }
    let number = |name: &str| told[name].as_f64().expect("a time is a number");
    Change {
        updated: number("updated"),
        painting: number("painting"),
        longest: number("longest"),
    }
}

/// All changes by name, in the order of measuring.
#[derive(Default)]
struct Changes {
    names: Vec<String>,
    by_name: BTreeMap<String, Vec<Change>>,
}

impl Changes {
    fn add(&mut self, name: String, change: Change) {
        if !self.by_name.contains_key(&name) {
            self.names.push(name.clone());
        }
        self.by_name.entry(name).or_default().push(change);
    }

    fn tell(self, figures: &mut Figures) {
        for name in &self.names {
            let column = |of: fn(&Change) -> f64| self.by_name[name].iter().map(of).collect();
            figures.times(&format!("switch_{name}"), column(|change| change.updated));
            figures.times(&format!("switch_{name}_painting"), column(|change| change.painting));
            figures.times(&format!("switch_{name}_longest_task"), column(|change| change.longest));
        }
        for (kind, visit) in [
            ("page", "first"),
            ("page", "again"),
            ("portfolio", "first"),
            ("portfolio", "again"),
        ] {
            let chosen = |end: &str| -> Vec<String> {
                let names = self.names.iter();
                let chosen = names.filter(|name| name.starts_with(kind) && name.ends_with(visit));
                chosen.map(|name| format!("switch_{name}{end}")).collect()
            };
            figures.slowest(&format!("switch_{kind}_{visit}"), &chosen(""));
            figures.slowest(&format!("switch_{kind}_{visit}_painting"), &chosen("_painting"));
        }
    }
}

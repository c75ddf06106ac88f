//! From a click on a page or a portfolio until the page shows its figures, and until its charts are painted.

use std::{collections::BTreeMap, path::Path};

use apex_tests::desktop::{Desktop, Machine};
use serde_json::{Value, json};

use crate::{
    SAMPLES,
    figures::{Figures, median},
};

/// The script that measures inside the page.
pub(crate) const WATCH: &str = include_str!("watch.js");

const PAGES: [&str; 8] = [
    "overview",
    "holdings",
    "transactions",
    "performance",
    "risk",
    "cash",
    "setup",
    "check",
];
/// The portfolios of the demo firm, in the order they are opened; the round ends where it began.
const PORTFOLIOS: [&str; 3] = ["Balanced", "Long/Short", "US Core"];

/// Opens the window once for each round, and goes through its pages and portfolios twice: what is seen for the first
/// time has to be computed, what was seen before is kept.
pub(crate) async fn measure(machine: Machine, binary: &Path, figures: &mut Figures) {
    let mut times = Times::default();
    let mut desktop = Desktop::on(machine, "switches", binary, &["--demo"]).await;
    keep_recovery_key(&desktop).await;
    for round in 0..=SAMPLES {
        if round > 0 {
            desktop = desktop.reopen().await;
        }
        desktop.execute(WATCH, Vec::new()).await;
        desktop.wait_for("page-overview").await;
        rest(&desktop).await;
        let mut round_times = Times::default();
        for visit in ["first", "again"] {
            // The first page is open already, so the round begins with the second and ends with the first.
            for page in PAGES.iter().cycle().skip(1).take(PAGES.len()) {
                let change = switch(&desktop, &format!("nav-{page}"), &format!("page-{page}"), None).await;
                round_times.add(&format!("page_{page}_{visit}"), change);
            }
            rest(&desktop).await;
            for portfolio in PORTFOLIOS {
                desktop.click("portfolio-button").await;
                desktop.wait_for(&format!("portfolio-{portfolio}")).await;
                let button = format!("portfolio-{portfolio}");
                let change = switch(&desktop, &button, "portfolio-name", Some(portfolio)).await;
                round_times.add(&format!("portfolio_{visit}"), change);
            }
        }
        // The first round only brings everything into the disk cache.
        if round > 0 {
            times.extend(round_times);
        }
    }
    desktop.close().await;
    times.tell(figures);
}

/// Puts the recovery key away for good: it would lie over the page in every round.
async fn keep_recovery_key(desktop: &Desktop) {
    desktop.click("check-recovery-kept").await;
    desktop.click("recovery-done").await;
    desktop.wait_until_gone("recovery-done").await;
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
    let number = |name: &str| match told.get(name).and_then(Value::as_f64) {
        Some(number) => number,
        None => panic!("{button}: {told}"),
    };
    Change {
        updated: number("updated"),
        painting: number("painting"),
        longest: number("longest"),
    }
}

/// All changes by name.
#[derive(Default)]
struct Times(BTreeMap<String, Vec<Change>>);

impl Times {
    fn add(&mut self, name: &str, change: Change) {
        self.0.entry(name.to_owned()).or_default().push(change);
    }

    fn extend(&mut self, other: Self) {
        for (name, changes) in other.0 {
            self.0.entry(name).or_default().extend(changes);
        }
    }

    fn tell(self, figures: &mut Figures) {
        for (name, changes) in &self.0 {
            let column = |of: fn(&Change) -> f64| changes.iter().map(of).collect::<Vec<f64>>();
            figures.times(&format!("switch_{name}"), column(|change| change.updated));
            figures.times(&format!("switch_{name}_painting"), column(|change| change.painting));
            println!(
                "{:<44} {:>8.1} ms",
                "longest task",
                median(&column(|change| change.longest))
            );
        }
    }
}

//! Which crate may use which: the map of `ARCHITECTURE.md` as a test.

use super::{
    assert_none,
    metadata::{Package, cargo, metadata},
    root,
};
use std::fs;

/// What each crate may use of ours. Tests and build scripts are free.
const MAY_USE: &[(&str, &[&str])] = &[
    ("apex-domain", &[]),
    ("apex-wire", &["apex-domain"]),
    ("apex-format", &["apex-domain"]),
    ("apex-analytics", &["apex-domain"]),
    ("apex-charts", &["apex-domain", "apex-wire", "apex-format"]),
    ("apex-store", &["apex-domain", "apex-wire"]),
    ("apex-market-data", &["apex-domain", "apex-wire", "apex-analytics"]),
    ("apex-testkit", &["apex-domain", "apex-wire"]),
    (
        "apex-app",
        &[
            "apex-domain",
            "apex-wire",
            "apex-format",
            "apex-analytics",
            "apex-store",
            "apex-market-data",
        ],
    ),
    ("apex-desktop", &["apex-wire", "apex-app"]),
    ("apex-ui", &["apex-domain", "apex-wire", "apex-format", "apex-charts"]),
    ("apex-cli", &["apex-domain", "apex-wire", "apex-format", "apex-app"]),
    ("apex-sync-server", &["apex-domain", "apex-wire", "apex-analytics"]),
    (
        "apex-tests",
        &[
            "apex-domain",
            "apex-wire",
            "apex-format",
            "apex-analytics",
            "apex-charts",
            "apex-store",
            "apex-testkit",
            "apex-app",
            "apex-sync-server",
        ],
    ),
    (
        "apex-bench",
        &[
            "apex-domain",
            "apex-wire",
            "apex-format",
            "apex-analytics",
            "apex-charts",
            "apex-store",
            "apex-testkit",
            "apex-app",
        ],
    ),
    ("xtask", &[]),
];

/// What the pages must never contain, since a browser has neither files, sockets nor threads.
const NOT_IN_A_PAGE: [&str; 9] = [
    "libsqlite3-sys",
    "mio",
    "polars",
    "rayon",
    "redb",
    "rusqlite",
    "sqlx",
    "tauri",
    "tokio",
];

/// Crates that only some of ours may know, so that each can be replaced in one place.
const ONLY_IN: [(&str, &[&str]); 11] = [
    ("axum", &["apex-sync-server", "apex-testkit", "apex-tests"]),
    ("dioxus", &["apex-ui"]),
    ("egui", &["apex-charts", "apex-ui"]),
    ("faer", &["apex-analytics"]),
    ("polars", &["apex-analytics"]),
    ("redb", &["apex-store"]),
    ("reqwest", &["apex-market-data"]),
    ("sea-query", &["apex-store", "apex-sync-server"]),
    ("sqlx", &["apex-store", "apex-sync-server"]),
    ("tauri", &["apex-desktop"]),
    ("tokio-tungstenite", &["apex-market-data"]),
];

fn floor(package: &Package) -> Option<u64> {
    package.apex["floor"].as_u64()
}

fn is_wasm(package: &Package) -> bool {
    package.apex["wasm"].as_bool() == Some(true)
}

#[test]
fn every_crate_declares_its_floor_and_whether_it_runs_in_a_page() {
    let undeclared: Vec<String> = metadata()
        .own()
        .filter(|package| floor(package).is_none() || package.apex["wasm"].as_bool().is_none())
        .map(|package| format!("{}Cargo.toml", package.folder))
        .collect();
    assert_none(
        &undeclared,
        "these manifests lack [package.metadata.apex] with floor and wasm",
    );
}

#[test]
fn a_crate_uses_only_what_the_map_allows_and_only_lower_floors() {
    let metadata = metadata();
    let mut offenders = Vec::new();
    for package in metadata.own() {
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == package.name) else {
            offenders.push(format!("{} is not on the map", package.name));
            continue;
        };
        for used in package
            .uses
            .iter()
            .map(|id| &metadata.packages[id])
            .filter(|used| used.source.is_none())
        {
            if !allowed.contains(&used.name.as_str()) {
                offenders.push(format!("{} > {}: not on the map", package.name, used.name));
            }
            if floor(used) >= floor(package) {
                offenders.push(format!("{} > {}: not a lower floor", package.name, used.name));
            }
        }
    }
    assert_none(&offenders, "dependencies point down, as ARCHITECTURE.md shows");
}

#[test]
fn what_runs_in_a_page_needs_nothing_a_browser_lacks() {
    let metadata = metadata();
    let mut offenders = Vec::new();
    for package in metadata.own().filter(|package| is_wasm(package)) {
        offenders.extend(metadata.path(package, |used| used.source.is_none() && !is_wasm(used)));
        let used = tree(&package.name, &["--prefix=none", "--format={lib}"]);
        for name in NOT_IN_A_PAGE {
            if used.lines().any(|line| line == name.replace('-', "_")) {
                offenders.push(tree(&package.name, &["--invert", name]));
            }
        }
    }
    assert_none(&offenders, "these would not run in a page");
}

/// Returns what a crate uses when it is compiled for a page, as cargo prints it: with the features it has there, which
/// differ from those of a build for this machine.
fn tree(name: &str, how: &[&str]) -> String {
    let fixed = [
        "tree",
        "--locked",
        "--offline",
        "--target=wasm32-unknown-unknown",
        "--edges=normal,no-proc-macro",
    ];
    cargo(&[&fixed[..], &["--package", name], how].concat())
}

#[test]
fn each_outside_thing_is_known_in_one_place() {
    let metadata = metadata();
    let mut offenders = Vec::new();
    for package in metadata.own() {
        for used in package.uses.iter().map(|id| &metadata.packages[id]) {
            let only = ONLY_IN.iter().find(|(name, _)| *name == used.name);
            if only.is_some_and(|(_, owners)| !owners.contains(&package.name.as_str())) {
                offenders.push(format!("{} > {}", package.name, used.name));
            }
        }
    }
    assert_none(&offenders, "these belong to other crates");
}

#[test]
fn the_architecture_page_names_every_crate() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md stands in the root");
    let mut missing = Vec::new();
    for package in metadata().own() {
        let folder = super::shown(std::path::Path::new(&package.folder));
        if !page.contains(&format!("`{}", folder.trim_end_matches('/'))) {
            missing.push(folder);
        }
    }
    assert_none(&missing, "ARCHITECTURE.md does not name these");
}

//! Licenses, sources and duplicates of what we build on; the allow list is `deny.toml`, as for `cargo deny`.

use super::{assert_none, metadata::metadata, root};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

/// Two versions of these in one program are two worlds whose types do not meet, or twice the weight.
const ONE_VERSION: [&str; 14] = [
    "axum",
    "dioxus-core",
    "egui",
    "faer",
    "hyper",
    "jiff",
    "libsqlite3-sys",
    "polars-core",
    "rust_decimal",
    "rustls",
    "serde",
    "sqlx-core",
    "tokio",
    "wasm-bindgen",
];

/// How many crates may be there in several versions. What there is comes with Tauri (its bundled HTML parser and image
/// readers), egui and polars, which move at different speeds. Lower it when the number falls.
const DUPLICATES_MAX: usize = 62;

fn deny() -> toml::Table {
    let text = fs::read_to_string(root().join("deny.toml")).expect("deny.toml stands in the root");
    text.parse().expect("deny.toml is TOML")
}

/// Returns whether an SPDX expression can be met with the allowed licenses alone.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    // A slash is the old way of writing "or".
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    any_of(&words, &mut at, allowed) && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut met = all_of(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all_of(words, at, allowed);
    }
    met
}

fn all_of(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut met = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, allowed);
    }
    met
}

fn one(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let met = any_of(words, at, allowed);
        *at += 1;
        return met;
    }
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(*at + 1).copied().unwrap_or_default();
        *at += 2;
        return allowed.contains(&format!("{word} WITH {exception}"));
    }
    allowed.contains(*word)
}

#[test]
fn license_expressions_are_read_as_spdx_says() {
    let allowed = BTreeSet::from([
        "MIT".to_owned(),
        "ISC".to_owned(),
        "Apache-2.0 WITH LLVM-exception".to_owned(),
    ]);
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("GPL-3.0 OR MIT AND Zlib", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), met, "{expression}");
    }
}

#[test]
fn every_dependency_has_a_license_we_allow() {
    let deny = deny();
    let list = deny["licenses"]["allow"]
        .as_array()
        .expect("deny.toml lists the licenses");
    let allowed: BTreeSet<String> = list
        .iter()
        .filter_map(|name| name.as_str())
        .map(str::to_owned)
        .collect();
    let offenders: Vec<String> = metadata()
        .packages
        .values()
        .filter(|package| !is_allowed(package.license.as_deref().unwrap_or_default(), &allowed))
        .map(|package| {
            let license = package
                .license
                .as_deref()
                .or(package.license_file.as_deref())
                .unwrap_or("none");
            format!("{} {}: {license}", package.name, package.version)
        })
        .collect();
    assert_none(&offenders, "licenses that deny.toml does not allow");
}

#[test]
fn every_dependency_of_every_platform_comes_from_the_registry() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock is committed");
    let lock: toml::Table = lock.parse().expect("Cargo.lock is TOML");
    let own: Vec<&str> = metadata().own().map(|package| package.name.as_str()).collect();
    let mut offenders = Vec::new();
    for package in lock["package"].as_array().expect("the lock lists packages") {
        let name = package["name"].as_str().unwrap_or_default();
        let source = package.get("source").and_then(|source| source.as_str());
        let is_known = match source {
            Some(source) => source == "registry+https://github.com/rust-lang/crates.io-index",
            None => own.contains(&name),
        };
        if !is_known {
            offenders.push(format!("{name}: {}", source.unwrap_or("a path outside the workspace")));
        }
    }
    assert_none(&offenders, "these come from elsewhere");
}

#[test]
fn banned_crates_stay_out() {
    let deny = deny();
    let banned = deny["bans"]["deny"].as_array().expect("deny.toml lists the bans");
    let banned: Vec<&str> = banned
        .iter()
        .filter_map(|ban| ban.get("crate").and_then(|name| name.as_str()))
        .collect();
    assert!(!banned.is_empty(), "deny.toml bans nothing");
    let metadata = metadata();
    let mut offenders = BTreeSet::new();
    for package in metadata.own() {
        offenders.extend(metadata.path(package, |used| banned.contains(&used.name.as_str())));
    }
    assert_none(&Vec::from_iter(offenders), "deny.toml says why these are banned");
}

#[test]
fn what_must_be_one_is_there_once_and_duplicates_do_not_grow() {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in metadata().packages.values() {
        versions.entry(&package.name).or_default().push(&package.version);
    }
    versions.retain(|_, versions| versions.len() > 1);
    let twice: Vec<String> = ONE_VERSION
        .iter()
        .filter_map(|name| {
            versions
                .get(name)
                .map(|versions| format!("{name} {}", versions.join(", ")))
        })
        .collect();
    assert_none(&twice, "there must be one version of these");
    let all: Vec<String> = versions
        .iter()
        .map(|(name, versions)| format!("{name} {}", versions.join(", ")))
        .collect();
    assert!(
        all.len() <= DUPLICATES_MAX,
        "{} crates in several versions:\n  {}",
        all.len(),
        all.join("\n  ")
    );
}

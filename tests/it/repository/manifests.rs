//! Manifests: versions stand in the root and nowhere else, sorted.

use super::{assert_none, files_below, metadata::metadata, shown, text};
use std::path::Path;

const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

#[test]
fn versions_and_features_stand_in_the_root_only() {
    let mut offenders = Vec::new();
    for package in metadata().own() {
        let path = Path::new(&package.folder).join("Cargo.toml");
        let manifest: toml::Table = text(&path).unwrap_or_default().parse().expect("a manifest is TOML");
        let targets = manifest.get("target").and_then(|targets| targets.as_table());
        let tables = targets
            .into_iter()
            .flat_map(|targets| targets.values())
            .filter_map(|target| target.as_table());
        for table in tables.chain([&manifest]) {
            for section in SECTIONS {
                for (name, what) in table
                    .get(section)
                    .and_then(|section| section.as_table())
                    .into_iter()
                    .flatten()
                {
                    let from_root = what.get("workspace").and_then(|workspace| workspace.as_bool()) == Some(true);
                    if !from_root || what.get("features").is_some() {
                        offenders.push(format!("{}: {name}", shown(&path)));
                    }
                }
            }
        }
        for key in ["version", "edition", "rust-version", "license", "repository", "publish"] {
            if manifest["package"]
                .get(key)
                .and_then(|key| key.get("workspace"))
                .is_none()
            {
                offenders.push(format!("{}: package.{key} is not the workspace's", shown(&path)));
            }
        }
        if manifest.get("lints").and_then(|lints| lints.get("workspace")).is_none() {
            offenders.push(format!("{}: lints are not the workspace's", shown(&path)));
        }
    }
    assert_none(
        &offenders,
        "write `name.workspace = true` and put the version in the root manifest",
    );
}

#[test]
fn no_version_is_a_wildcard() {
    let root: toml::Table = text(&super::root().join("Cargo.toml"))
        .unwrap_or_default()
        .parse()
        .expect("TOML");
    let dependencies = root["workspace"]["dependencies"]
        .as_table()
        .expect("the root lists dependencies");
    let wild: Vec<String> = dependencies
        .iter()
        .filter(|(_, what)| {
            let version = what
                .as_str()
                .or_else(|| what.get("version").and_then(|version| version.as_str()));
            version.map_or(what.get("path").is_none(), |version| version.contains('*'))
        })
        .map(|(name, _)| name.clone())
        .collect();
    assert_none(&wild, "name a version for these");
}

#[test]
fn dependencies_are_sorted() {
    let mut offenders = Vec::new();
    let manifests = files_below("").into_iter().filter(|path| path.ends_with("Cargo.toml"));
    for path in manifests {
        let text = text(&path).unwrap_or_default();
        let mut in_section = false;
        let mut previous = String::new();
        for line in text.lines() {
            if line.starts_with('[') {
                in_section = line.trim_matches(['[', ']']).ends_with("dependencies");
                previous.clear();
            } else if line.trim().is_empty() {
                // Blank lines part groups, each sorted: ours and the others'.
                previous.clear();
            } else if in_section && line.starts_with(|first: char| first.is_ascii_alphabetic()) {
                let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
                if name < previous.as_str() {
                    offenders.push(format!("{}: {name}", shown(&path)));
                }
                previous = name.to_owned();
            }
        }
    }
    assert_none(&offenders, "these are not in alphabetic order");
}

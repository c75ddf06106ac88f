//! What cargo knows about the workspace.

use super::root;
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    process::Command,
    sync::LazyLock,
};

/// A resolved package.
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) license: Option<String>,
    pub(super) license_file: Option<String>,
    /// `None` for our own.
    pub(super) source: Option<String>,
    /// The manifest's `[package.metadata.apex]`.
    pub(super) apex: Value,
    /// The roots of its targets.
    pub(super) roots: Vec<String>,
    /// The folder of its manifest.
    pub(super) folder: String,
    /// What it uses when it is built for others: neither tests nor build scripts.
    pub(super) uses: Vec<String>,
}

/// The workspace as resolved for this machine.
pub(super) struct Metadata {
    /// Every package by its id.
    pub(super) packages: BTreeMap<String, Package>,
    /// The ids of our own.
    pub(super) members: Vec<String>,
}

/// Returns what `cargo metadata` says, asked once. Nothing is downloaded.
pub(super) fn metadata() -> &'static Metadata {
    static METADATA: LazyLock<Metadata> = LazyLock::new(load);
    &METADATA
}

/// Runs cargo in the root and returns what it prints.
pub(super) fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root())
        .args(arguments)
        .output()
        .expect("cargo runs the tests");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {}: {complaint}", arguments.join(" "));
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}

fn load() -> Metadata {
    let version = Command::new("rustc")
        .arg("-vV")
        .output()
        .expect("rustc compiled the tests");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("rustc names its host");
    let json = cargo(&[
        "metadata",
        "--format-version=1",
        "--locked",
        "--offline",
        "--filter-platform",
        host,
    ]);
    let json: Value = serde_json::from_str(&json).expect("cargo writes JSON");
    let uses: BTreeMap<&str, Vec<String>> = array(&json["resolve"]["nodes"])
        .map(|node| {
            (
                string(&node["id"]),
                array(&node["deps"]).filter(|uses| is_normal(uses)).map(id_of).collect(),
            )
        })
        .collect();
    let packages = array(&json["packages"])
        .map(|package| {
            let id = string(&package["id"]);
            let manifest = string(&package["manifest_path"]);
            let package = Package {
                name: string(&package["name"]).to_owned(),
                version: string(&package["version"]).to_owned(),
                license: package["license"].as_str().map(str::to_owned),
                license_file: package["license_file"].as_str().map(str::to_owned),
                source: package["source"].as_str().map(str::to_owned),
                apex: package["metadata"]["apex"].clone(),
                roots: array(&package["targets"])
                    .map(|target| string(&target["src_path"]).to_owned())
                    .collect(),
                folder: manifest.trim_end_matches("Cargo.toml").to_owned(),
                uses: uses.get(id).cloned().unwrap_or_default(),
            };
            (id.to_owned(), package)
        })
        .collect();
    Metadata {
        packages,
        members: array(&json["workspace_members"])
            .map(|id| string(id).to_owned())
            .collect(),
    }
}

fn is_normal(uses: &Value) -> bool {
    array(&uses["dep_kinds"]).any(|kind| kind["kind"].is_null())
}

fn id_of(uses: &Value) -> String {
    string(&uses["pkg"]).to_owned()
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

fn string(value: &Value) -> &str {
    value.as_str().expect("cargo's metadata has this text")
}

impl Metadata {
    /// Returns our own packages.
    pub(super) fn own(&self) -> impl Iterator<Item = &Package> {
        self.members.iter().map(|id| &self.packages[id])
    }

    /// Returns the shortest chain of uses from a package to one that `is_target`, as `a > b > c`.
    pub(super) fn path(&self, from: &Package, is_target: impl Fn(&Package) -> bool) -> Option<String> {
        let mut queue: VecDeque<(&Package, String)> = VecDeque::from([(from, from.name.clone())]);
        let mut seen: Vec<&str> = Vec::new();
        while let Some((package, path)) = queue.pop_front() {
            for id in &package.uses {
                if seen.contains(&id.as_str()) {
                    continue;
                }
                seen.push(id);
                let used = &self.packages[id];
                let path = format!("{path} > {}", used.name);
                if is_target(used) {
                    return Some(path);
                }
                queue.push_back((used, path));
            }
        }
        None
    }
}

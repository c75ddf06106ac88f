//! Migrations are appended, never edited: somebody's book has already been through them.

use super::{assert_none, files_below, shown, text};
use std::{collections::BTreeMap, env, fs};

const LIST: &str = "tests/it/repository/migrations.txt";

#[test]
fn migrations_are_appended_and_never_edited() {
    let path = super::root().join(LIST);
    let list = text(&path).unwrap_or_default();
    let known: BTreeMap<&str, &str> = list.lines().filter_map(|line| line.split_once("  ")).collect();
    let mut lines = list.clone();
    let mut offenders = Vec::new();
    let files = files_below("migrations")
        .into_iter()
        .filter(|path| path.extension().is_some_and(|kind| kind == "sql"));
    let mut found = Vec::new();
    for file in files {
        let name = shown(&file);
        // Line ends differ between systems; the content is what counts.
        let hash = blake3::hash(text(&file).unwrap_or_default().replace("\r\n", "\n").as_bytes()).to_hex();
        match known.get(name.as_str()) {
            Some(known) if *known == hash.as_str() => {}
            Some(_) => offenders.push(format!("{name} was edited: take it back and write a new migration")),
            None if env::var_os("UPDATE_EXPECT").is_some() => lines.push_str(&format!("{name}  {hash}\n")),
            None => offenders.push(format!("{name} is new: set UPDATE_EXPECT=1 once to add it to {LIST}")),
        }
        found.push(name);
    }
    let lost = known.keys().filter(|name| !found.iter().any(|found| found == *name));
    offenders.extend(lost.map(|name| format!("{name} is gone")));
    if lines != list {
        fs::write(&path, lines).expect("the list can be written");
    }
    assert_none(&offenders, "migrations");
}

#[test]
fn a_migration_opens_with_prose() {
    let offenders: Vec<String> = files_below("migrations")
        .iter()
        .filter(|path| path.extension().is_some_and(|kind| kind == "sql"))
        .filter(|path| !text(path).unwrap_or_default().starts_with("-- "))
        .map(|path| shown(path))
        .collect();
    assert_none(&offenders, "say first what the migration does and why");
}

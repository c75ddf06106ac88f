//! Tidiness: what every file owes its reader.

use super::{assert_none, files_below, metadata::metadata, root, shown, text};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

fn rust_files() -> impl Iterator<Item = (PathBuf, String)> {
    files_below("")
        .into_iter()
        .filter(|path| path.extension().is_some_and(|kind| kind == "rs"))
        .filter_map(|path| text(&path).map(|text| (path, text)))
}

/// Files that people write, by their ends.
const WRITTEN: [&str; 14] = [
    "css", "html", "js", "json", "md", "py", "rs", "sh", "sql", "toml", "txt", "yaml", "yml", "run",
];

fn written_files() -> impl Iterator<Item = (PathBuf, String)> {
    files_below("")
        .into_iter()
        .filter(|path| {
            let kind = path
                .extension()
                .or(path.file_name())
                .and_then(|kind| kind.to_str())
                .unwrap_or_default();
            WRITTEN.contains(&kind) && !path.ends_with("package-lock.json")
        })
        .filter_map(|path| text(&path).map(|text| (path, text)))
}

/// Returns `path:line: text` for each line that `is_bad`.
fn lines_where(path: &Path, text: &str, is_bad: impl Fn(&str) -> bool) -> Vec<String> {
    let lines = text.lines().enumerate().filter(|(_, line)| is_bad(line));
    lines
        .map(|(number, line)| format!("{}:{}: {}", shown(path), number + 1, line.trim()))
        .collect()
}

#[test]
fn every_module_opens_by_saying_what_it_is() {
    let silent: Vec<String> = rust_files()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| shown(&path))
        .collect();
    assert_none(&silent, "these do not start with `//!`");
}

#[test]
fn no_module_is_called_mod() {
    let offenders: Vec<String> = rust_files()
        .filter(|(path, _)| path.ends_with("mod.rs"))
        .map(|(path, _)| shown(&path))
        .collect();
    assert_none(&offenders, "name the file after its module: foo.rs beside foo/");
}

#[test]
fn no_source_file_is_forgotten() {
    let mut reached = BTreeSet::new();
    for package in metadata().own() {
        for target in &package.roots {
            follow(Path::new(target), true, &mut reached);
        }
    }
    // The fuzz targets are a workspace of their own: one file under the names of its manifest.
    follow(&root().join("fuzz/fuzz_targets/parser.rs"), true, &mut reached);
    let forgotten: Vec<String> = rust_files()
        .filter(|(path, _)| !reached.contains(path))
        .map(|(path, _)| shown(&path))
        .collect();
    assert_none(&forgotten, "no `mod` leads to these, so they are never compiled");
}

/// Adds a file and all that its `mod` lines lead to.
fn follow(file: &Path, is_root: bool, reached: &mut BTreeSet<PathBuf>) {
    let Some(text) = text(file) else { return };
    if !reached.insert(file.to_owned()) {
        return;
    }
    let folder = if is_root {
        file.parent().unwrap_or(file).to_owned()
    } else {
        file.with_extension("")
    };
    let mut path_attribute = None;
    for line in text.lines().map(str::trim) {
        if let Some(path) = line.strip_prefix("#[path = \"").and_then(|rest| rest.split('"').next()) {
            path_attribute = Some(file.parent().unwrap_or(file).join(path));
            continue;
        }
        let declaration = line
            .split_once("mod ")
            .filter(|(before, _)| before.is_empty() || before.starts_with("pub"));
        let Some(name) = declaration.and_then(|(_, rest)| rest.strip_suffix(';')) else {
            continue;
        };
        let name = name.trim();
        let path = path_attribute
            .take()
            .unwrap_or_else(|| folder.join(format!("{name}.rs")));
        follow(&path, false, reached);
    }
}

#[test]
fn nothing_is_left_to_do() {
    // Joined here, so that this file does not name them.
    let words = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["XX", "X:"],
        ["#[ign", "ore"],
        ["to", "do!("],
        ["unimple", "mented!("],
    ];
    let words = words.map(|parts| parts.concat());
    let offenders: Vec<String> = written_files()
        .filter(|(path, _)| !path.starts_with(root().join("tests/data")))
        .filter(|(path, _)| path.extension().is_none_or(|kind| kind != "md"))
        .flat_map(|(path, text)| lines_where(&path, &text, |line| words.iter().any(|word| has_word(line, word))))
        .collect();
    assert_none(&offenders, "do it, or open an issue");
}

fn has_word(line: &str, word: &str) -> bool {
    line.find(word).is_some_and(|at| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let is_part = |side: Option<char>| side.is_some_and(|side| side.is_alphanumeric() || side == '_');
        !is_part(before)
            && (!is_part(after) || word.ends_with(|last: char| !last.is_alphanumeric()) || word.starts_with('#'))
    })
}

#[test]
fn no_file_names_a_home_folder() {
    let homes = [["/ho", "me/"], ["/Us", "ers/"], ["/ro", "ot/"], ["C:\\Us", "ers"]].map(|parts| parts.concat());
    let offenders: Vec<String> = written_files()
        .flat_map(|(path, text)| {
            lines_where(&path, &text, |line| {
                homes.iter().any(|home| line.contains(home.as_str()))
            })
        })
        .collect();
    assert_none(&offenders, "these hold only on one machine");
}

#[test]
fn colors_come_from_the_token_file() {
    // The one reader of the tokens makes colors out of text.
    let reads_tokens = |path: &Path| shown(path).starts_with("crates/apex-charts/src/theme");
    let offenders: Vec<String> = files_below("ui")
        .into_iter()
        .chain(files_below("crates/apex-charts"))
        .filter(|path| {
            path.extension()
                .is_some_and(|kind| ["rs", "css", "html", "js"].iter().any(|known| kind == *known))
        })
        .filter(|path| !reads_tokens(path))
        .filter_map(|path| text(&path).map(|text| (path, text)))
        .flat_map(|(path, text)| {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            lines_where(&path, code, has_color)
        })
        .collect();
    assert_none(&offenders, "use a token of ui/tokens.json");
}

/// Returns whether a line of code has a color of its own: `#1a2b3c`, `rgb(…)`, `Color32::RED`, `bg-red-500`.
fn has_color(line: &str) -> bool {
    if line.trim_start().starts_with("//") {
        return false;
    }
    // With numbers in them; a function that mixes colors it was given has none.
    let functions = [
        "rgb(",
        "rgba(",
        "hsl(",
        "oklch(",
        "from_rgba_premultiplied(",
        "from_rgba_unmultiplied(",
    ];
    let is_literal = |rest: &str| rest.trim_start().starts_with(|first: char| first.is_ascii_digit());
    if functions
        .iter()
        .any(|function| line.split(function).skip(1).any(is_literal))
    {
        return true;
    }
    // A picture's white is no color: it multiplies the one that is drawn with it.
    let neutral: &[&str] = if line.contains("ColorImage") {
        &["WHITE"]
    } else {
        &["TRANSPARENT", "PLACEHOLDER"]
    };
    let named = line.split("Color32::").skip(1).any(|rest| {
        let name: String = rest
            .chars()
            .take_while(|letter| letter.is_ascii_uppercase() || *letter == '_')
            .collect();
        name.len() > 1 && !neutral.contains(&name.as_str())
    });
    named || has_hex_color(line) || has_palette_class(line)
}

fn has_hex_color(line: &str) -> bool {
    line.split('#').skip(1).any(|rest| {
        let digits = rest.chars().take_while(char::is_ascii_hexdigit).count();
        let after = rest.chars().nth(digits);
        matches!(digits, 3 | 4 | 6 | 8) && !after.is_some_and(|after| after.is_alphanumeric() || after == '-')
    })
}

fn has_palette_class(line: &str) -> bool {
    const HUES: [&str; 13] = [
        "amber", "black", "blue", "cyan", "emerald", "gray", "green", "orange", "red", "slate", "teal", "white", "zinc",
    ];
    let words = line.split(|letter: char| !(letter.is_alphanumeric() || letter == '-'));
    words
        .filter_map(|word| {
            word.strip_prefix("bg-")
                .or(word.strip_prefix("text-"))
                .or(word.strip_prefix("border-"))
        })
        .any(|color| {
            let mut parts = color.split('-');
            let hue = parts.next().unwrap_or_default();
            let shade = parts.next();
            HUES.contains(&hue) && shade.is_none_or(|shade| shade.chars().all(|digit| digit.is_ascii_digit()))
        })
}

#[test]
fn colors_are_recognized() {
    let hash = '#';
    for line in [
        format!("color: {hash}1a2b3c;"),
        format!("\"{hash}fff\""),
        "rgb(1, 2, 3)".to_owned(),
        "Color32::RED".to_owned(),
        "class: \"bg-red-500 p-2\"".to_owned(),
        "class: \"text-white\"".to_owned(),
    ] {
        assert!(has_color(&line), "{line}");
    }
    for line in [
        "Color32::TRANSPARENT",
        "Color32::from_rgba_premultiplied(mixed[0], mixed[1], mixed[2], mixed[3])",
        "class: \"bg-surface text-gain\"",
        "href: \"#page\"",
        "#[derive(Debug)]",
        "let hue: Color32 = theme.gain;",
        "// rgb(1, 2, 3)",
    ] {
        assert!(!has_color(line), "{line}");
    }
}

#[test]
fn the_usual_pages_are_there() {
    let pages = [
        "README.md",
        "ARCHITECTURE.md",
        "STYLE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "Cargo.lock",
        "deny.toml",
        ".ci/run",
    ];
    let missing: Vec<String> = pages
        .iter()
        .filter(|page| !root().join(page).is_file())
        .map(|page| (*page).to_owned())
        .collect();
    assert_none(&missing, "these pages are missing");
}

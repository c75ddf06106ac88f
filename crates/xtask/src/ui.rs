//! Builds the pages: Rust to wasm, Tailwind to CSS, fonts, and the frame that loads them, into `ui/dist`.

use crate::{
    shell, stamp,
    steps::{Outcome, Steps},
    tokens,
};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The folder that the window embeds.
const DIST: &str = "ui/dist";
/// The finished parts and their stamps, kept between builds.
const PARTS: &str = "ui/target";

/// Installs Tailwind and the fonts as locked.
pub(crate) fn npm_ci() -> Result<Outcome> {
    let stamp = Path::new("ui/node_modules/.apex-stamp");
    let fingerprint = stamp::fingerprint(&["ui/package.json", "ui/package-lock.json"], &[])?;
    if stamp::is_current(stamp, &fingerprint) {
        return Ok(Outcome::Unchanged);
    }
    // No package of ours needs its install script, so none is trusted to run one.
    shell::run(
        shell::npm()
            .current_dir("ui")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]),
    )
    .context("Tailwind and the fonts come from npm; check the network and Node.js (18 or newer)")?;
    stamp::write(stamp, &fingerprint)?;
    Ok(Outcome::Done)
}

/// Builds everything of `ui/dist` in visible steps.
pub(crate) fn build(steps: &mut Steps, release: bool) -> Result<()> {
    steps.run("npm packages", npm_ci)?;
    fs::create_dir_all(PARTS)?;
    steps.run("style sheet", style_sheet)?;
    steps.run("pages to wasm", || wasm(release))?;
    steps.run("ui/dist", || assemble(release))
}

/// Writes `ui/target/app.css` from the entry sheet, the tokens, the fonts' sheets and the classes the pages use.
fn style_sheet() -> Result<Outcome> {
    let stamp = Path::new(PARTS).join("app.css.stamp");
    let inputs = [
        "ui/app.css",
        "ui/styles",
        "ui/src",
        "ui/tokens.json",
        "ui/package-lock.json",
        "crates/xtask/src",
    ];
    let fingerprint = stamp::fingerprint(&inputs, &[])?;
    if stamp::is_current(&stamp, &fingerprint) {
        return Ok(Outcome::Unchanged);
    }
    fs::write(Path::new(PARTS).join("fonts.css"), fonts()?.0)?;
    let tokens = fs::read_to_string("ui/tokens.json").context("cannot read ui/tokens.json")?;
    fs::write(Path::new(PARTS).join("tokens.css"), tokens::css_variables(&tokens)?)?;
    shell::run(
        Command::new("node")
            .current_dir("ui")
            .arg("node_modules/@tailwindcss/cli/dist/index.mjs")
            .args(["--input", "app.css", "--output", "target/app.css", "--minify"]),
    )?;
    stamp::write(&stamp, &fingerprint)?;
    Ok(Outcome::Done)
}

/// The fonts that `ui/tokens.json` names, with the weights the pages use.
const FONTS: [(&str, &[&str]); 2] = [
    ("ibm-plex-sans", &["400", "500", "600"]),
    ("ibm-plex-mono", &["400", "500"]),
];

/// Returns the fonts' own sheets, and the files they name.
fn fonts() -> Result<(String, Vec<PathBuf>)> {
    let mut sheet = String::new();
    let mut files = Vec::new();
    for (font, weights) in FONTS {
        let folder = Path::new("ui/node_modules/@fontsource").join(font);
        for weight in weights {
            let path = folder.join(format!("{weight}.css"));
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            for line in text.lines() {
                // Only the first source: every web view Tauri runs on knows woff2.
                let line = match line
                    .trim_start()
                    .strip_prefix("src:")
                    .and_then(|sources| sources.split(',').next())
                {
                    Some(source) => format!("  src:{};", source.trim_end_matches(';')),
                    None => line.to_owned(),
                };
                files.extend(font_file(&line).map(|name| folder.join("files").join(name)));
                sheet.push_str(&line.replace("./files/", "./fonts/"));
                sheet.push('\n');
            }
        }
    }
    Ok((sheet, files))
}

fn font_file(line: &str) -> Option<&str> {
    line.split_once("./files/")?.1.split(')').next()
}

/// Compiles the pages and writes what a browser loads: `apex_ui.js` and `apex_ui_bg.wasm`.
fn wasm(release: bool) -> Result<Outcome> {
    let profile = if release { "wasm-release" } else { "dev" };
    let profile_flag = format!("--profile={profile}");
    shell::run(&mut shell::cargo([
        "build",
        "--package=apex-ui",
        "--target=wasm32-unknown-unknown",
        &profile_flag,
    ]))?;
    let folder = if release { "wasm-release" } else { "debug" };
    let input = shell::target_dir()?
        .join("wasm32-unknown-unknown")
        .join(folder)
        .join("apex-ui.wasm");
    let output = Path::new(PARTS).join(profile);
    let stamp = Path::new(PARTS).join(format!("{profile}.stamp"));
    let shown = input.to_str().context("the target folder is not named in UTF-8")?;
    let fingerprint = stamp::fingerprint(&[shown, "Cargo.lock"], &[profile])?;
    if stamp::is_current(&stamp, &fingerprint) {
        return Ok(Outcome::Unchanged);
    }
    if output.exists() {
        fs::remove_dir_all(&output)?;
    }
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen
        .web(true)?
        .typescript(false)
        .out_name("apex_ui")
        .input_path(&input);
    // Debug names stay in a development build only: a panic is then readable in the page's console.
    bindgen.remove_name_section(release).remove_producers_section(release);
    bindgen
        .generate(&output)
        .with_context(|| format!("cannot bind {}", input.display()))?;
    stamp::write(&stamp, &fingerprint)?;
    Ok(Outcome::Done)
}

/// Puts the parts together beside `ui/dist` and then takes its place, so that nobody sees half of it.
fn assemble(release: bool) -> Result<Outcome> {
    let profile = if release { "wasm-release" } else { "dev" };
    let parts = Path::new(PARTS);
    let stamp = parts.join("dist.stamp");
    let marks = [format!("{profile}.stamp"), "app.css.stamp".to_owned()];
    let marks = marks.map(|name| fs::read_to_string(parts.join(name)).unwrap_or_default());
    let fingerprint = stamp::fingerprint(&["ui/index.html", "ui/boot.js", "ui/public"], &[&marks[0], &marks[1]])?;
    if Path::new(DIST).join("index.html").is_file() && stamp::is_current(&stamp, &fingerprint) {
        return Ok(Outcome::Unchanged);
    }
    let fresh = parts.join(format!("dist-{}", std::process::id()));
    fs::create_dir_all(fresh.join("fonts"))?;
    copy_tree(&parts.join(profile), &fresh)?;
    copy_tree(Path::new("ui/public"), &fresh)?;
    for file in ["index.html", "boot.js"] {
        copy(&Path::new("ui").join(file), &fresh.join(file))?;
    }
    copy(&parts.join("app.css"), &fresh.join("app.css"))?;
    for file in fonts()?.1 {
        let name = file.file_name().context("a font file has a name")?;
        copy(&file, &fresh.join("fonts").join(name))?;
    }
    if Path::new(DIST).exists() {
        fs::remove_dir_all(DIST)?;
    }
    fs::rename(&fresh, DIST).context("cannot put the new ui/dist in place")?;
    stamp::write(&stamp, &fingerprint)?;
    let bytes = fs::metadata(Path::new(DIST).join("apex_ui_bg.wasm"))?.len();
    println!("ui/dist is ready, {:.1} MB of wasm", bytes as f64 / 1e6);
    Ok(Outcome::Done)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

/// Copies a folder's content, if there is such a folder.
fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let to = to.join(path.file_name().context("an entry has a name")?);
        if path.is_dir() {
            copy_tree(&path, &to)?
        } else {
            copy(&path, &to)?
        }
    }
    Ok(())
}

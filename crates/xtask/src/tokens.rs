//! Turns `ui/tokens.json` into the custom properties that Tailwind and the pages read.
//!
//! The light theme and all sizes become a Tailwind `@theme` block, so that utilities such as `bg-surface`, `text-gain`,
//! `text-table` and `h-row` exist; the dark theme only overrides the colors under `[data-theme="dark"]`. The shape of
//! the file is described in its own `about` line; `apex-charts` reads the same file for the canvases.

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use std::fmt::Write;

/// Returns the stylesheet text of the tokens in `json`.
///
/// `static` keeps properties that no utility uses, since inline styles and charts may name them.
pub(crate) fn css_variables(json: &str) -> Result<String> {
    let tokens: Value = serde_json::from_str(json).context("the tokens are not valid JSON")?;
    let mut css = String::from("@theme static {\n");
    colors(&mut css, object(&tokens, "/themes/light")?)?;
    for (name, size) in object(&tokens, "/type")? {
        let (size, line) = (number(size, "size")?, number(size, "line")?);
        writeln!(
            css,
            "  --text-{name}: {size}px;\n  --text-{name}--line-height: {line}px;"
        )?;
    }
    for (name, size) in object(&tokens, "/spacing")? {
        match name.as_str() {
            "unit" => writeln!(css, "  --spacing: {size}px;")?,
            name => writeln!(css, "  --spacing-{name}: {size}px;")?,
        }
    }
    for (name, size) in object(&tokens, "/row")? {
        match name.as_str() {
            "normal" => writeln!(css, "  --spacing-row: {size}px;")?,
            name => writeln!(css, "  --spacing-row-{name}: {size}px;")?,
        }
    }
    for (name, size) in object(&tokens, "/radius")? {
        writeln!(css, "  --radius-{name}: {size}px;")?;
    }
    for (name, families) in object(&tokens, "/font")? {
        let families = families
            .as_array()
            .with_context(|| format!("font {name} is not a list"))?;
        let names: Vec<String> = families.iter().filter_map(Value::as_str).map(css_family).collect();
        writeln!(css, "  --font-{name}: {};", names.join(", "))?;
    }
    css.push_str(
        "}\n[data-theme=\"light\"] { color-scheme: light; }\n[data-theme=\"dark\"] {\n  color-scheme: dark;\n",
    );
    colors(&mut css, object(&tokens, "/themes/dark")?)?;
    css.push_str("}\n");
    Ok(css)
}

/// Writes one property for a color and numbered ones (`--color-categorical-0` and on) for a list of colors.
fn colors(css: &mut String, theme: &Map<String, Value>) -> Result<()> {
    for (name, value) in theme {
        match value {
            Value::String(color) => writeln!(css, "  --color-{name}: {color};")?,
            Value::Array(list) => {
                for (index, color) in list.iter().enumerate() {
                    let color = color
                        .as_str()
                        .with_context(|| format!("color {name} {index} is not a text"))?;
                    writeln!(css, "  --color-{name}-{index}: {color};")?;
                }
            }
            other => anyhow::bail!("color {name} is neither a text nor a list: {other}"),
        }
    }
    Ok(())
}

/// Quotes a family name unless it is one of the generic words, which must stand bare.
fn css_family(name: &str) -> String {
    match name {
        "sans-serif" | "monospace" | "system-ui" | "ui-monospace" => name.to_owned(),
        name => format!("{name:?}"),
    }
}

fn object<'a>(tokens: &'a Value, pointer: &str) -> Result<&'a Map<String, Value>> {
    tokens
        .pointer(pointer)
        .and_then(Value::as_object)
        .with_context(|| format!("the tokens have no {pointer}"))
}

fn number(value: &Value, key: &str) -> Result<f64> {
    value
        .get(key)
        .and_then(Value::as_f64)
        .with_context(|| format!("{value} has no {key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_file_becomes_a_theme_and_its_dark_override() {
        let css = css_variables(include_str!("../../../ui/tokens.json")).unwrap();
        for line in [
            "@theme static {",
            "  --color-gain: #",
            "  --color-categorical-7: #",
            "  --spacing: 4px;",
            "  --spacing-row: 24px;",
            "  --text-table: 11px;",
            "[data-theme=\"dark\"] {",
            "  color-scheme: dark;",
        ] {
            assert!(css.contains(line), "{line} is missing in\n{css}");
        }
        assert_eq!(css.matches("--color-surface:").count(), 2);
    }

    #[test]
    fn a_broken_file_says_what_is_wrong() {
        let err = css_variables(r#"{"themes": {"light": {"page": 3}}}"#).unwrap_err();
        assert_eq!(err.to_string(), "color page is neither a text nor a list: 3");
    }
}

//! How a file is read and what it would add: format, mapping, sample, bad lines.

use apex_wire::import::{ColumnMapping, Format, ImportPreview, ImportResult, PreviewImport, RejectedLine};
use dioxus::prelude::*;

use crate::{
    components::{Check, Choice, EmptyState, Field, Select},
    desk::{sentence, use_desk},
    reading::rows_words,
};

/// Bad lines shown; the number of all of them stands above the list.
const REJECTED_MAX: usize = 200;

/// The canonical column of accounts.
const ACCOUNT: &str = "account";

/// The file under review.
#[component]
pub(super) fn Review(
    ask: PreviewImport,
    preview: ImportPreview,
    skip_bad: bool,
    template: String,
    busy: bool,
    onchange: EventHandler<PreviewImport>,
    onskip: EventHandler<bool>,
    ontemplate: EventHandler<String>,
) -> Element {
    let create_ask = ask.clone();
    let template_ask = ask.clone();
    let map_ask = ask.clone();
    let mapping = preview.mapping.clone();
    let account_ask = ask.clone();
    let account_mapping = preview.mapping.clone();
    let accounts: Vec<String> = use_desk()
        .portfolio_summary()
        .map(|portfolio| portfolio.accounts.into_iter().map(|account| account.name).collect())
        .unwrap_or_default();
    rsx! {
        div { class: "review", "data-testid": "import-review",
            div { class: "review-side",
                h3 { class: "clip", title: preview.name.clone(), "{preview.name}" }
                p { class: "faint", {rows_words(preview.rows)} }
                FormatFields { ask: ask.clone(), format: preview.format.clone(), busy, onchange }
                if !preview.templates.is_empty() {
                    Select {
                        name: "template",
                        label: "Saved template",
                        value: ask.template.clone().unwrap_or_default(),
                        choices: std::iter::once(Choice::new("", "none"))
                            .chain(preview.templates.iter().map(|name| Choice::new(name, name)))
                            .collect::<Vec<_>>(),
                        disabled: busy,
                        onchange: move |name: String| {
                            let mut next = template_ask.clone();
                            next.template = (!name.is_empty()).then_some(name);
                            next.mapping = None;
                            onchange.call(next);
                        },
                    }
                }
                if feeds_account(&preview) {
                    Select {
                        name: "import-account",
                        label: "Account of every row",
                        value: fixed_account(&preview.mapping),
                        choices: std::iter::once(Choice::new("", "none"))
                            .chain(accounts.iter().map(|name| Choice::new(name, name)))
                            .collect::<Vec<_>>(),
                        disabled: busy,
                        onchange: move |name: String| {
                            let mut next = account_ask.clone();
                            next.mapping = Some(with_account(&account_mapping, &name));
                            onchange.call(next);
                        },
                    }
                }
                Check {
                    name: "create",
                    label: "Create unknown portfolios, accounts and symbols",
                    checked: ask.create,
                    disabled: busy,
                    onchange: move |create| {
                        let mut next = create_ask.clone();
                        next.create = create;
                        onchange.call(next);
                    },
                }
                Field {
                    name: "save-template",
                    label: "Save format and mapping as",
                    value: template,
                    placeholder: "name of a template",
                    disabled: busy,
                    oninput: move |name| ontemplate.call(name),
                }
            }
            div { class: "review-main",
                div { class: "review-counts", "data-testid": "import-counts",
                    {count(if skip_bad || preview.rejected.is_empty() { "would be added" } else { "could be added" }, preview.added, "strong")}
                    {count("there already", preview.duplicates, "faint")}
                    {count("refused", preview.rejected.len(), if preview.rejected.is_empty() { "faint" } else { "loss strong" })}
                }
                Sample {
                    preview: preview.clone(),
                    busy,
                    onmap: move |(source, target): (String, String)| {
                        let mut next = map_ask.clone();
                        next.mapping = Some(remapped(&mapping, &source, &target));
                        onchange.call(next);
                    },
                }
                if !preview.created.is_empty() {
                    h4 {
                        "Would be created: {apex_format::count(preview.created.len() as u64)}"
                        if preview.created.len() > REJECTED_MAX { ", the first {REJECTED_MAX} of them" }
                    }
                    ul { class: "created",
                        for line in preview.created.iter().take(REJECTED_MAX) {
                            li { key: "{line}", {sentence(line)} }
                        }
                    }
                }
                if !preview.rejected.is_empty() {
                    Rejected { rejected: preview.rejected.clone() }
                    Check {
                        name: "skip-bad",
                        label: "Add the good lines although others are refused",
                        checked: skip_bad,
                        disabled: busy,
                        onchange: move |skip| onskip.call(skip),
                    }
                }
            }
        }
    }
}

/// Returns whether rows need an account that no column of the file names.
fn feeds_account(preview: &ImportPreview) -> bool {
    preview.targets.iter().any(|target| target.name == ACCOUNT)
        && !preview
            .mapping
            .iter()
            .any(|mapping| mapping.target == ACCOUNT && !mapping.source.is_empty())
}

fn fixed_account(mapping: &[ColumnMapping]) -> String {
    mapping
        .iter()
        .find(|mapping| mapping.target == ACCOUNT && mapping.source.is_empty())
        .and_then(|mapping| mapping.fixed.clone())
        .unwrap_or_default()
}

/// Returns the mapping with one account for every row; none where the name is empty.
fn with_account(mapping: &[ColumnMapping], name: &str) -> Vec<ColumnMapping> {
    let mut next: Vec<ColumnMapping> = mapping
        .iter()
        .filter(|mapping| mapping.target != ACCOUNT || !mapping.source.is_empty())
        .cloned()
        .collect();
    if !name.is_empty() {
        next.push(ColumnMapping {
            source: String::new(),
            target: ACCOUNT.to_owned(),
            fixed: Some(name.to_owned()),
        });
    }
    next
}

fn count(words: &str, count: usize, class: &str) -> Element {
    rsx! {
        span { class: "review-count",
            span { class: "numeric {class}", {apex_format::count(count as u64).to_string()} }
            " {words}"
        }
    }
}

#[component]
fn FormatFields(ask: PreviewImport, format: Format, busy: bool, onchange: EventHandler<PreviewImport>) -> Element {
    let change = move |edit: fn(&mut Format, String), value: String, ask: &PreviewImport| {
        let mut next = ask.clone();
        edit(&mut next.format, value);
        onchange.call(next);
    };
    let (encoding_ask, delimiter_ask, decimal_ask, date_ask) = (ask.clone(), ask.clone(), ask.clone(), ask.clone());
    let encoding = format.encoding.clone().unwrap_or_default().to_lowercase();
    let date = format.date.clone().unwrap_or_default();
    let chosen = |value: Option<char>| value.map(String::from).unwrap_or_default();
    rsx! {
        div { class: "form columns",
            // A Parquet table has neither.
            if format.delimiter.is_some() {
                Select {
                    name: "encoding",
                    label: "Encoding",
                    choices: with_current(&encoding, &["utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-8859-15"]),
                    value: encoding,
                    disabled: busy,
                    onchange: move |value| change(|format, value| format.encoding = Some(value), value, &encoding_ask),
                }
                Select {
                    name: "delimiter",
                    label: "Delimiter",
                    value: chosen(format.delimiter),
                    choices: vec![
                        Choice::new(",", "comma ,"),
                        Choice::new(";", "semicolon ;"),
                        Choice::new("\t", "tab"),
                        Choice::new("|", "bar |"),
                    ],
                    disabled: busy,
                    onchange: move |value| change(|format, value| format.delimiter = value.chars().next(), value, &delimiter_ask),
                }
            }
            Select {
                name: "decimal",
                label: "Decimal mark",
                value: chosen(format.decimal),
                choices: vec![Choice::new(".", "point 1.5"), Choice::new(",", "comma 1,5")],
                disabled: busy,
                onchange: move |value| change(|format, value| format.decimal = value.chars().next(), value, &decimal_ask),
            }
            Select {
                name: "date-format",
                label: "Dates",
                choices: with_current(&date, &["YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "YYYYMMDD"]),
                value: date,
                disabled: busy,
                onchange: move |value| change(|format, value| format.date = Some(value), value, &date_ask),
            }
        }
    }
}

fn with_current(current: &str, known: &[&str]) -> Vec<Choice> {
    let mut choices: Vec<Choice> = known.iter().map(|name| Choice::new(*name, *name)).collect();
    if !known.contains(&current) {
        choices.insert(0, Choice::new(current, current));
    }
    choices
}

/// The first rows, with the mapping of each column above it.
#[component]
fn Sample(preview: ImportPreview, busy: bool, onmap: EventHandler<(String, String)>) -> Element {
    let mapped = |heading: &str| {
        preview
            .mapping
            .iter()
            .find(|mapping| mapping.source == heading)
            .map(|mapping| mapping.target.clone())
            .unwrap_or_default()
    };
    let choices: Vec<Choice> = std::iter::once(Choice::new("", "ignored"))
        .chain(preview.targets.iter().map(|target| {
            let words = if target.required {
                format!("{} *", target.name)
            } else {
                target.name.clone()
            };
            Choice::new(target.name.clone(), words)
        }))
        .collect();
    let missing: Vec<String> = preview
        .targets
        .iter()
        .filter(|target| target.required && !preview.mapping.iter().any(|mapping| mapping.target == target.name))
        .map(|target| target.name.clone())
        .collect();
    rsx! {
        if !missing.is_empty() {
            p { class: "warning", "data-testid": "import-missing", {format!("No column feeds {}", missing.join(", "))} }
        }
        div { class: "sample",
            table { "data-testid": "import-sample",
                thead {
                    tr {
                        for heading in preview.headings.iter().cloned() {
                            th { key: "{heading}",
                                span { class: "clip", "{heading}" }
                                Select {
                                    name: "map-{heading}",
                                    value: mapped(&heading),
                                    choices: choices.clone(),
                                    disabled: busy,
                                    onchange: move |target: String| onmap.call((heading.clone(), target)),
                                }
                            }
                        }
                    }
                }
                tbody {
                    for (at, row) in preview.sample.iter().enumerate() {
                        tr { key: "{at}",
                            for (column, value) in row.iter().enumerate() {
                                td { key: "{column}", "{value}" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Returns the mapping with one column fed into another target, which no other column feeds any more.
fn remapped(mapping: &[ColumnMapping], source: &str, target: &str) -> Vec<ColumnMapping> {
    let mut next: Vec<ColumnMapping> = mapping.to_vec();
    for other in next
        .iter_mut()
        .filter(|other| other.target == target && other.source != source)
    {
        other.target.clear();
    }
    match next.iter_mut().find(|mapping| mapping.source == source) {
        Some(mapping) => target.clone_into(&mut mapping.target),
        None => next.push(ColumnMapping {
            source: source.to_owned(),
            target: target.to_owned(),
            fixed: None,
        }),
    }
    next
}

/// The lines that cannot be added, and why.
#[component]
fn Rejected(rejected: Vec<RejectedLine>) -> Element {
    let more = rejected.len().saturating_sub(REJECTED_MAX);
    rsx! {
        h4 { "Refused lines" }
        div { class: "rejected",
            table { "data-testid": "import-rejected",
                thead {
                    tr {
                        th { class: "numeric", "Line" }
                        th { "Column" }
                        th { "Value" }
                        th { "Why" }
                    }
                }
                tbody {
                    for (at, line) in rejected.iter().take(REJECTED_MAX).enumerate() {
                        tr { key: "{at}",
                            td { class: "numeric", {apex_format::count(line.line).to_string()} }
                            td { "{line.column}" }
                            td { class: "mono", "{line.value}" }
                            td { {sentence(&line.reason)} }
                        }
                    }
                }
            }
            if more > 0 {
                p { class: "faint", "and {apex_format::count(more as u64)} more" }
            }
        }
    }
}

/// What an import did.
#[component]
pub(super) fn Outcome(result: ImportResult) -> Element {
    rsx! {
        div { class: "review-main", "data-testid": "import-result",
            div { class: "review-counts",
                {count("added", result.added, "strong")}
                {count("were there already", result.duplicates, "faint")}
                {count("refused", result.rejected.len(), if result.rejected.is_empty() { "faint" } else { "loss strong" })}
            }
            if result.rejected.is_empty() {
                EmptyState { testid: "import-clean", title: "Every line of the file is in the book" }
            } else {
                Rejected { rejected: result.rejected.clone() }
            }
        }
    }
}

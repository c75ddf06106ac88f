//! The Holdings page: the virtualized grid, its grouping, columns, filter and order. The engine sorts, groups and adds
//! up; this page asks for the window on screen.

mod columns;

use apex_wire::{
    View,
    holdings::{Classification, ExportHoldings, GetHoldings, GridRow, HoldingColumn, HoldingsWindow},
    split::GetMissingSplits,
};
use dioxus::prelude::*;

use self::columns::{COLUMNS, column_of, columns, in_several_accounts, line_of, total_line};
use super::overview::{classification_name, classification_words};
use crate::{
    answers::use_answer,
    browser,
    components::{
        Button, ButtonKind, EmptyState, FailedState, Grid, Lines, LiveLine, LoadingState, Menu, MenuItem, SplitLines,
        WindowAsk,
    },
    desk::{Desk, HoldingSubject, Inspected, Overlay, Page, use_desk},
    invoke,
    reading::rows_words,
};

const KEPT_COLUMNS: &str = "holdings.columns";
const KEPT_GROUP: &str = "holdings.group";
const KEPT_SORT: &str = "holdings.sort";
const GROUPINGS: [Classification; 7] = [
    Classification::AssetClass,
    Classification::Sector,
    Classification::Country,
    Classification::Currency,
    Classification::Exchange,
    Classification::Account,
    Classification::Side,
];

/// Returns what the page asks for first.
pub(crate) fn first_ask(desk: Desk, view: View) -> GetHoldings {
    GetHoldings {
        view,
        group: kept_group(desk),
        collapsed: Vec::new(),
        sort: kept_sort(desk),
        filter: String::new(),
        offset: WindowAsk::FIRST.offset,
        limit: WindowAsk::FIRST.limit,
    }
}

/// The page.
#[component]
pub(crate) fn HoldingsPage() -> Element {
    let mut desk = use_desk();
    let mut filter = use_signal(|| desk.subject_of(Page::Holdings).unwrap_or_default());
    let mut group = use_signal(|| kept_group(desk));
    let mut collapsed = use_signal(Vec::<String>::new);
    let mut sort = use_signal(|| kept_sort(desk));
    let mut shown = use_signal(|| kept_columns(desk));
    let mut window = use_signal(|| WindowAsk::FIRST);

    // A subject from the palette or a mover becomes the filter, once.
    use_effect(move || {
        if let Some(symbol) = desk.take_subject(Page::Holdings) {
            filter.set(symbol);
        }
    });
    let ask = move || {
        let window = window();
        Some(GetHoldings {
            view: desk.view()?,
            group: group(),
            collapsed: collapsed(),
            sort: sort(),
            filter: filter().trim().to_owned(),
            offset: window.offset,
            limit: window.limit,
        })
    };
    let answer = use_answer(ask);
    let splits = use_answer(move || {
        Some(GetMissingSplits {
            portfolio: Some(desk.view()?.portfolio),
        })
    });
    let found = answer.get();
    let lines = use_memo(move || {
        let shown = shown();
        answer.get().map_or_else(Lines::default, |found| {
            let several = in_several_accounts(&found.rows, &shown);
            Lines::new(found.offset, found.rows.len(), move |at| {
                line_of(&found.rows[at], &shown, &several, found.currency)
            })
        })
    });
    let row_at = move |row: usize| -> Option<GridRow> {
        let found = answer.latest.peek().clone()?;
        found.rows.get(row.checked_sub(found.offset)?).cloned()
    };
    let mut fold = move |key: String| {
        let mut keys = collapsed.write();
        match keys.iter().position(|other| *other == key) {
            Some(at) => {
                keys.remove(at);
            }
            None => {
                keys.push(key);
                keys.sort();
            }
        }
    };
    let reset = format!(
        "{:?}{:?}{:?}{:?}",
        desk.view().map(|view| view.portfolio),
        filter(),
        group(),
        sort()
    );
    let stale = !(answer.current)();
    rsx! {
        div { class: "page-body holdings", "data-testid": "page-holdings",
            LiveLine {}
            if let Some(splits) = splits.get() {
                SplitLines { splits: splits.to_vec() }
            }
            div { class: "toolbar",
                input {
                    class: "input filter",
                    "data-filter": "true",
                    "data-testid": "holdings-filter",
                    r#type: "text",
                    autocomplete: "off",
                    spellcheck: "false",
                    placeholder: "Filter  /",
                    value: filter(),
                    oninput: move |event| filter.set(event.value()),
                    onkeydown: move |event| {
                        if event.key() == Key::Enter || event.key() == Key::ArrowDown {
                            event.prevent_default();
                            browser::focus("[data-grid]");
                        }
                    },
                }
                GroupMenu {
                    level: 0,
                    group: group(),
                    onchange: move |next: Vec<Classification>| {
                        keep_group(desk, &next);
                        collapsed.set(Vec::new());
                        group.set(next);
                    },
                }
                if !group.read().is_empty() {
                    GroupMenu {
                        level: 1,
                        group: group(),
                        onchange: move |next: Vec<Classification>| {
                            keep_group(desk, &next);
                            collapsed.set(Vec::new());
                            group.set(next);
                        },
                    }
                }
                div { class: "toolbar-space" }
                span { class: "faint", "data-testid": "holdings-count", {count_words(found.as_deref())} }
                Menu {
                    name: "columns",
                    keeps_open: true,
                    from_right: true,
                    title: "Choose the columns",
                    label: rsx! { "Columns" span { class: "caret", "▾" } },
                    div { class: "menu-columns",
                        for column in COLUMNS {
                            MenuItem {
                                key: "{column.id}",
                                testid: "columns-{column.id}",
                                chosen: shown.read().contains(&column.column),
                                onclick: move |()| {
                                    let next = toggled(&shown.peek(), column.column);
                                    desk.keep(KEPT_COLUMNS, next.iter().map(|column| column_of(*column).id).collect::<Vec<_>>().join(","));
                                    shown.set(next);
                                },
                                "{column.title}"
                            }
                        }
                    }
                }
                Button {
                    testid: "holdings-copy",
                    kind: ButtonKind::Quiet,
                    title: "Copy every row as CSV, full precision",
                    onclick: move |_| {
                        if let Some(grid) = ask() {
                            copy_csv(desk, ExportHoldings { grid, columns: shown.peek().clone() });
                        }
                    },
                    "Copy as CSV"
                }
            }
            div { class: "grid-box",
                if let Some(failure) = (answer.failure)() {
                    FailedState { testid: "holdings-failed", failure }
                } else if let Some(found) = found {
                    Grid {
                        name: "holdings",
                        columns: columns(&shown.read(), found.currency),
                        total: found.total_rows,
                        lines: lines(),
                        footer: total_line(&found, &shown.read()),
                        sort: sort().map(|(column, descending)| (column_of(column).id.to_owned(), descending)),
                        reset,
                        autofocus: true,
                        stale,
                        onsort: move |id: String| {
                            if let Some(column) = COLUMNS.iter().find(|column| column.id == id) {
                                let next = match sort() {
                                    Some((by, descending)) if by == column.column => Some((by, !descending)),
                                    _ => Some((column.column, column.numeric)),
                                };
                                keep_sort(desk, next);
                                sort.set(next);
                            }
                        },
                        onwindow: move |ask| window.set(ask),
                        onfocusrow: move |row| {
                            if let Some(GridRow::Holding(row)) = row_at(row) {
                                desk.follow(Inspected::Holding(HoldingSubject::of(&row)));
                            }
                        },
                        onopen: move |row| match row_at(row) {
                            Some(GridRow::Holding(row)) => desk.inspect(Inspected::Holding(HoldingSubject::of(&row))),
                            Some(GridRow::Group { key, .. }) => fold(key),
                            None => {}
                        },
                        if filter.read().trim().is_empty() {
                            EmptyState {
                                testid: "holdings-empty",
                                title: "Nothing is held on this day",
                                next: "Add a transaction or import a file",
                                Button {
                                    testid: "empty-add",
                                    kind: ButtonKind::Primary,
                                    onclick: move |_| desk.overlay.set(Some(Overlay::AddTransaction { symbol: String::new() })),
                                    "Add a transaction…"
                                }
                                Button { testid: "empty-import", onclick: move |_| desk.overlay.set(Some(Overlay::Import)), "Import a file…" }
                            }
                        } else {
                            EmptyState {
                                testid: "holdings-none",
                                title: "No holding matches the filter",
                                Button { testid: "filter-clear", onclick: move |_| filter.set(String::new()), "Clear the filter" }
                            }
                        }
                    }
                } else {
                    LoadingState {}
                }
            }
        }
    }
}

/// Chooses the outer or the inner grouping.
#[component]
fn GroupMenu(level: usize, group: Vec<Classification>, onchange: EventHandler<Vec<Classification>>) -> Element {
    let current = group.get(level).copied();
    let other = group.get(1 - level).copied();
    let words = current.map_or("none", classification_words);
    let without = group.clone();
    let name = if level == 0 { "group" } else { "group-then" };
    rsx! {
        Menu {
            name,
            title: "Group the rows",
            label: rsx! {
                span { class: "faint", if level == 0 { "group by" } else { "then by" } }
                "{words}"
                span { class: "caret", "▾" }
            },
            MenuItem {
                testid: "{name}-none",
                chosen: current.is_none(),
                onclick: move |()| onchange.call(without.iter().take(level).copied().collect()),
                "None"
            }
            for by in GROUPINGS.into_iter().filter(|by| Some(*by) != other) {
                MenuItem {
                    key: "{classification_name(by)}",
                    testid: "{name}-{classification_name(by)}",
                    chosen: current == Some(by),
                    onclick: {
                        let group = group.clone();
                        move |()| {
                            let mut next = group.clone();
                            next.truncate(level.max(1));
                            if level < group.len() || level == 0 {
                                next = group.clone();
                            }
                            if level < next.len() { next[level] = by } else { next.push(by) }
                            onchange.call(next);
                        }
                    },
                    {classification_words(by)}
                }
            }
        }
    }
}

fn count_words(found: Option<&HoldingsWindow>) -> String {
    found.map_or_else(String::new, |found| rows_words(found.total.rows))
}

fn copy_csv(desk: Desk, ask: ExportHoldings) {
    spawn(async move {
        match desk.timed(invoke::invoke(&ask)).await {
            Ok(csv) => {
                let rows = csv.lines().count().saturating_sub(1);
                match browser::copy(&csv).await {
                    Ok(()) => desk.say(format!("{} copied as CSV", rows_words(rows))),
                    Err(()) => desk.say("The clipboard is not available in this window"),
                }
            }
            Err(failure) => desk.fail(&failure),
        }
    });
}

fn toggled(shown: &[HoldingColumn], column: HoldingColumn) -> Vec<HoldingColumn> {
    COLUMNS
        .iter()
        .map(|known| known.column)
        .filter(|known| (shown.contains(known)) != (*known == column) || *known == HoldingColumn::Symbol)
        .collect()
}

fn kept_columns(desk: Desk) -> Vec<HoldingColumn> {
    let kept = desk.kept(KEPT_COLUMNS);
    COLUMNS
        .iter()
        .filter(|column| {
            kept.as_ref()
                .map_or(column.usual, |kept| kept.split(',').any(|id| id == column.id))
        })
        .map(|column| column.column)
        .collect()
}

fn kept_group(desk: Desk) -> Vec<Classification> {
    let kept = desk.kept(KEPT_GROUP).unwrap_or_else(|| "asset_class".to_owned());
    kept.split(',')
        .filter_map(|name| GROUPINGS.into_iter().find(|by| classification_name(*by) == name))
        .collect()
}

fn keep_group(desk: Desk, group: &[Classification]) {
    desk.keep(
        KEPT_GROUP,
        group
            .iter()
            .map(|by| classification_name(*by))
            .collect::<Vec<_>>()
            .join(","),
    );
}

fn kept_sort(desk: Desk) -> Option<(HoldingColumn, bool)> {
    let kept = desk.kept(KEPT_SORT).unwrap_or_else(|| "market_value,true".to_owned());
    let (id, descending) = kept.split_once(',')?;
    let column = COLUMNS.iter().find(|column| column.id == id)?;
    Some((column.column, descending == "true"))
}

fn keep_sort(desk: Desk, sort: Option<(HoldingColumn, bool)>) {
    if let Some((column, descending)) = sort {
        desk.keep(KEPT_SORT, format!("{},{descending}", column_of(column).id));
    }
}

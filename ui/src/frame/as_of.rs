//! The two time axes of the title bar: the day figures hold for, and what was known then.

use apex_domain::{Date, Timestamp};
use dioxus::prelude::*;
use jiff::{Span, civil::Weekday, tz::TimeZone};

use crate::{
    components::{Button, Field, Menu, MenuItem},
    desk::{Desk, use_desk},
};

/// Moves the day by one weekday; the latest day is the book's clock.
pub(crate) fn step(mut desk: Desk, direction: i64) {
    let Some(today) = desk.book().map(|book| book.today) else {
        return;
    };
    let at = (*desk.as_of.peek()).unwrap_or(today);
    if let Some(day) = weekday_beside(at, direction) {
        desk.as_of.set((day < today).then_some(day));
    }
}

fn weekday_beside(day: Date, direction: i64) -> Option<Date> {
    let mut day = day;
    loop {
        day = day.checked_add(Span::new().try_days(direction).ok()?).ok()?;
        if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            return Some(day);
        }
    }
}

/// The day that figures hold for.
#[component]
pub(super) fn AsOf() -> Element {
    let mut desk = use_desk();
    let mut typed = use_signal(String::new);
    let mut refused = use_signal(|| None::<String>);
    let Some(today) = desk.book().map(|book| book.today) else {
        return rsx! {};
    };
    let chosen = (desk.as_of)();
    let shown = chosen.unwrap_or(today);
    let mut open = use_signal(|| false);
    let mut choose = move |day: Date| {
        open.set(false);
        refused.set(None);
        typed.set(String::new());
        desk.as_of.set((day < today).then_some(day));
    };
    let mut take = move || {
        let text = typed.peek().trim().to_owned();
        match text.parse::<Date>() {
            Ok(day) if day > today => refused.set(Some(format!("The book stands at {today}"))),
            Ok(day) => choose(day),
            Err(_) => refused.set(Some(format!("{text} is not a day; write YYYY-MM-DD"))),
        }
    };
    rsx! {
        div { class: "stepper",
            button {
                class: "button quiet icon",
                r#type: "button",
                "data-testid": "as-of-back",
                title: "One day back (,)",
                "aria-label": "One day back",
                onclick: move |_| step(desk, -1),
                "‹"
            }
            Menu {
                name: "as-of",
                keeps_open: true,
                opened: open,
                class: if chosen.is_some() { "button quiet changed" } else { "button quiet" },
                title: "The day that figures hold for (d)",
                label: rsx! {
                    span { class: "faint", "as of" }
                    span { class: "numeric", "data-testid": "as-of-date", {apex_format::date(shown).to_string()} }
                    span { class: "caret", "▾" }
                },
                form {
                    class: "menu-form",
                    onsubmit: move |event| {
                        event.prevent_default();
                        take();
                    },
                    Field {
                        name: "as-of",
                        label: "Day",
                        value: typed(),
                        placeholder: "{shown}",
                        error: refused(),
                        autofocus: true,
                        oninput: move |text| typed.set(text),
                    }
                    Button { testid: "as-of-apply", submit: true, onclick: move |_| {}, "Show" }
                }
                for (name, words, day) in landmarks(today) {
                    MenuItem {
                        key: "{name}",
                        testid: "as-of-{name}",
                        chosen: day == shown,
                        detail: apex_format::date(day).to_string(),
                        onclick: move |()| choose(day),
                        "{words}"
                    }
                }
            }
            button {
                class: "button quiet icon",
                r#type: "button",
                "data-testid": "as-of-forward",
                title: "One day forward (.)",
                "aria-label": "One day forward",
                disabled: chosen.is_none(),
                onclick: move |_| step(desk, 1),
                "›"
            }
        }
    }
}

/// The ends of periods that reports are made for.
fn landmarks(today: Date) -> Vec<(&'static str, &'static str, Date)> {
    let month_end = today.first_of_month().yesterday();
    let quarter_start = today.with().day(1).month((today.month() - 1) / 3 * 3 + 1).build();
    let year_end = today.first_of_year().yesterday();
    let year_ago = today.checked_sub(Span::new().years(1));
    [
        ("today", "Latest", Ok(today)),
        ("month-end", "End of last month", month_end),
        (
            "quarter-end",
            "End of last quarter",
            quarter_start.and_then(Date::yesterday),
        ),
        ("year-end", "End of last year", year_end),
        ("year-ago", "One year ago", year_ago),
    ]
    .into_iter()
    .filter_map(|(name, words, day)| Some((name, words, day.ok()?)))
    .collect()
}

/// What was known: everything, or only what was in the book at an instant.
#[component]
pub(super) fn KnownAt() -> Element {
    let mut desk = use_desk();
    let mut typed = use_signal(String::new);
    let mut refused = use_signal(|| None::<String>);
    let known = (desk.known_at)();
    let mut open = use_signal(|| false);
    let mut take = move || {
        let text = typed.peek().trim().to_owned();
        match instant(&text) {
            Some(at) => {
                refused.set(None);
                open.set(false);
                desk.known_at.set(Some(at));
            }
            None => refused.set(Some(format!(
                "{text} is no instant; write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ"
            ))),
        }
    };
    rsx! {
        Menu {
            name: "known-at",
            keeps_open: true,
            opened: open,
            class: if known.is_some() { "button quiet changed" } else { "button quiet" },
            title: "Leave out what became known later",
            label: rsx! {
                span { class: "faint", "known" }
                span { class: "numeric", "data-testid": "known-at-text",
                    {known.map_or_else(|| "now".to_owned(), |at| apex_format::instant(at).to_string())}
                }
                span { class: "caret", "▾" }
            },
            MenuItem {
                testid: "known-at-now",
                chosen: known.is_none(),
                onclick: move |()| {
                    open.set(false);
                    desk.known_at.set(None);
                },
                "All that is known now"
            }
            form {
                class: "menu-form",
                onsubmit: move |event| {
                    event.prevent_default();
                    take();
                },
                Field {
                    name: "known-at",
                    label: "Known at the end of a day, or at an instant",
                    value: typed(),
                    placeholder: "YYYY-MM-DD",
                    error: refused(),
                    oninput: move |text| typed.set(text),
                }
                Button { testid: "known-at-apply", submit: true, onclick: move |_| {}, "Show" }
            }
        }
    }
}

/// Reads an instant, or the last second of a day in universal time.
fn instant(text: &str) -> Option<Timestamp> {
    text.parse::<Timestamp>().ok().or_else(|| {
        let day: Date = text.parse().ok()?;
        Some(day.at(23, 59, 59, 0).to_zoned(TimeZone::UTC).ok()?.timestamp())
    })
}

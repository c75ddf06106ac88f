//! One year of one instrument, day by day: what each day is, in a color, a letter and words.

use apex_domain::Date;
use apex_wire::feeds::{Coverage, CoverageDay, DayState, FreshnessRow, GetCoverage, Provider, SaveFeedSymbol};
use dioxus::{core::spawn_forever, prelude::*};

use crate::{
    answers::use_answer,
    components::{Button, ButtonKind, Choice, FailedState, Field, LoadingState, Menu, Panel, Select},
    desk::{sentence, set_if_there, use_desk},
};

/// Every state: its class, its letter and its words.
const STATES: [(DayState, &str, &str, &str); 8] = [
    (DayState::Priced, "priced", "", "priced"),
    (DayState::ShortPriced, "short", "½", "short session, priced"),
    (DayState::Repaired, "repaired", "r", "repaired"),
    (DayState::Waiting, "waiting", "?", "waits for you"),
    (DayState::Missing, "missing", "×", "missing"),
    (DayState::Unexpected, "unexpected", "!", "price without a session"),
    (DayState::Closed, "closed", "", "closed"),
    (DayState::Outside, "outside", "", "outside"),
];

fn words_of(state: DayState) -> (&'static str, &'static str, &'static str) {
    let found = STATES.iter().find(|(known, ..)| *known == state);
    found.map_or(("outside", "", "outside"), |(_, class, letter, words)| {
        (class, letter, words)
    })
}

/// The calendar of an instrument, by year.
#[component]
pub(super) fn CoveragePanel(row: FreshnessRow, onfetch: EventHandler) -> Element {
    let desk = use_desk();
    let instrument = row.instrument;
    let today = desk.book().map_or(Date::ZERO, |book| book.today);
    let mut year = use_signal(|| row.last.unwrap_or(today).year());
    let answer = use_answer(move || {
        Some(GetCoverage {
            instrument,
            year: year(),
        })
    });
    let mut step = move |by: i16| {
        let next = year() + by;
        let first = row.first.unwrap_or(today).year();
        if (first..=today.year()).contains(&next) {
            year.set(next);
        }
    };
    let note = answer
        .get()
        .map(|coverage| match &coverage.exchange {
            Some(exchange) => format!("sessions of {exchange}"),
            None => "weekdays, its exchange is not known".to_owned(),
        })
        .unwrap_or_default();
    rsx! {
        Panel {
            testid: "panel-coverage",
            title: "Coverage of {row.symbol}",
            note,
            class: "coverage-panel",
            stale: !(answer.current)() && (answer.failure)().is_none(),
            tools: rsx! {
                FeedSymbol { row: row.clone() }
                Button {
                    testid: "coverage-fetch",
                    kind: ButtonKind::Quiet,
                    title: "Fetch the history of {row.symbol}",
                    onclick: move |_| onfetch.call(()),
                    "Fetch it"
                }
                div { class: "stepper",
                    Button { testid: "coverage-back", kind: ButtonKind::Quiet, title: "The year before (←)", onclick: move |_| step(-1), "‹" }
                    span { class: "numeric strong", "data-testid": "coverage-year", "{year}" }
                    Button { testid: "coverage-forward", kind: ButtonKind::Quiet, title: "The next year (→)", onclick: move |_| step(1), "›" }
                }
            },
            match (answer.get(), (answer.failure)()) {
                (_, Some(failure)) => rsx! { FailedState { testid: "coverage-failed", failure } },
                (None, None) => rsx! { LoadingState {} },
                (Some(coverage), None) => rsx! {
                    div {
                        class: "coverage",
                        "data-testid": "coverage",
                        tabindex: "0",
                        onkeydown: move |event| {
                            let by = match event.key() {
                                Key::ArrowLeft => -1,
                                Key::ArrowRight => 1,
                                _ => return,
                            };
                            event.prevent_default();
                            step(by);
                        },
                        for month in 1..=12_i8 {
                            {month_row(month, &coverage)}
                        }
                    }
                    {legend(&coverage)}
                },
            }
        }
    }
}

fn month_row(month: i8, coverage: &Coverage) -> Element {
    let days: Vec<&CoverageDay> = coverage.days.iter().filter(|day| day.date.month() == month).collect();
    rsx! {
        span { class: "coverage-month faint", key: "{month}-name", {apex_format::month_name(month)} }
        for number in 1..=31_i8 {
            match days.iter().find(|day| day.date.day() == number) {
                Some(day) => {
                    let (class, letter, words) = words_of(day.state);
                    let source = day.source.as_deref().map(|source| format!(", {source}")).unwrap_or_default();
                    rsx! {
                        span { key: "{month}-{number}", class: "coverage-day {class}", title: "{day.date} {words}{source}", "data-day": "{day.date}", "{letter}" }
                    }
                }
                None => rsx! { span { key: "{month}-{number}" } },
            }
        }
    }
}

/// What the colors and letters mean, with how many days of the year each is.
fn legend(coverage: &Coverage) -> Element {
    let counted = STATES.iter().filter_map(|(state, class, letter, words)| {
        let count = coverage.days.iter().filter(|day| day.state == *state).count();
        (count > 0 && *state != DayState::Outside).then_some((*class, *letter, *words, count))
    });
    rsx! {
        div { class: "coverage-legend", "data-testid": "coverage-legend",
            for (class, letter, words, count) in counted {
                span { key: "{class}", class: "coverage-key",
                    span { class: "coverage-day {class}", "{letter}" }
                    "{words}"
                    span { class: "faint numeric", "{count}" }
                }
            }
        }
    }
}

/// What a provider calls the instrument, where that is not its symbol.
#[component]
fn FeedSymbol(row: FreshnessRow) -> Element {
    let desk = use_desk();
    let opened = use_signal(|| false);
    let mut provider = use_signal(|| "yahoo".to_owned());
    let known = row.theirs.clone();
    let mut symbol = use_signal(|| theirs(&row.theirs, "yahoo"));
    let refused = use_signal(|| None::<String>);
    let own_symbol = row.symbol.clone();
    let save = move || {
        let Some(provider) = Provider::of(&provider.peek()) else {
            return;
        };
        let ask = SaveFeedSymbol {
            instrument: row.instrument,
            provider,
            symbol: symbol.peek().trim().to_owned(),
        };
        let own = row.symbol.clone();
        spawn_forever(async move {
            let called = if ask.symbol.is_empty() {
                own.clone()
            } else {
                ask.symbol.clone()
            };
            match desk.write(ask).await {
                Ok(()) => {
                    desk.say(format!("{} calls {own} {called}", provider.words()));
                    set_if_there(refused, None);
                    set_if_there(opened, false);
                }
                Err(failure) => set_if_there(refused, Some(sentence(&failure.sentence))),
            }
        });
    };
    rsx! {
        Menu {
            name: "feed-symbol",
            from_right: true,
            keeps_open: true,
            opened,
            title: "What a provider calls this instrument",
            label: rsx! { "Provider's symbol" span { class: "caret", "▾" } },
            form {
                class: "menu-form feed-symbol",
                onsubmit: move |event| {
                    event.prevent_default();
                    save();
                },
                Select {
                    name: "feed-provider",
                    label: "Provider",
                    value: provider(),
                    choices: Provider::ALL.iter().map(|(_, id, words)| Choice::new(*id, *words)).collect::<Vec<_>>(),
                    onchange: move |id: String| {
                        symbol.set(theirs(&known, &id));
                        provider.set(id);
                    },
                }
                Field {
                    name: "feed-symbol",
                    label: "Its symbol there",
                    value: symbol(),
                    placeholder: own_symbol,
                    hint: "empty for the instrument's own",
                    error: refused(),
                    oninput: move |text| symbol.set(text),
                }
                Button { testid: "feed-symbol-save", kind: ButtonKind::Primary, submit: true, onclick: move |_| {}, "Keep" }
            }
        }
    }
}

/// Returns the symbol that a provider has of its own; empty where it has none.
fn theirs(known: &[(Provider, String)], provider: &str) -> String {
    let found = known.iter().find(|(of, _)| of.name() == provider);
    found.map(|(_, symbol)| symbol.clone()).unwrap_or_default()
}

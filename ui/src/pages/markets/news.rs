//! What happened to the chosen instrument: news as they were stored, and corporate actions.

use apex_domain::Timestamp;
use apex_wire::{
    Code,
    feeds::Adjustment,
    news::{FetchNews, GetNews, NewsItem, OpenNews},
    quotes::{ActionRow, CandleInterval, GetCandles},
};
use dioxus::{core::spawn_forever, prelude::*};

use super::{Chosen, Market};
use crate::{
    answers::use_answer,
    browser,
    components::{Button, ButtonKind, EmptyState, FailedState, LoadingState, Panel, Tabs},
    desk::{Desk, sentence, set_if_there, use_desk},
    invoke,
};

const KEPT_STORY: &str = "markets.story";
const NEWS_MAX: usize = 100;

/// News or corporate actions.
#[component]
pub(super) fn StoryPanel(market: Market) -> Element {
    let desk = use_desk();
    let mut tab = use_signal(|| desk.kept(KEPT_STORY).unwrap_or_else(|| "news".to_owned()));
    let mut everything = use_signal(|| false);
    let fetching = use_signal(|| false);
    let chosen = market.chosen.read().clone();
    let news = tab() == "news";
    rsx! {
        Panel {
            testid: "panel-story",
            title: if news { "News" } else { "Corporate actions" },
            note: if news && everything() { "all instruments".to_owned() } else { chosen.as_ref().map(|chosen| chosen.symbol.clone()).unwrap_or_default() },
            class: "table-panel story-panel",
            tools: rsx! {
                if news {
                    Button {
                        testid: "news-everything",
                        kind: ButtonKind::Quiet,
                        title: "News about this instrument, or about all",
                        onclick: move |_| everything.toggle(),
                        if everything() { "Only this" } else { "All" }
                    }
                    Button {
                        testid: "news-fetch",
                        action: "news-fetch",
                        kind: ButtonKind::Quiet,
                        disabled: fetching(),
                        title: "Ask the providers for news (u)",
                        onclick: move |_| {
                            let about = market.chosen.peek().clone().filter(|_| !*everything.peek());
                            fetch(desk, fetching, about);
                        },
                        if fetching() { "Asking" } else { "Ask for news" }
                    }
                }
                Tabs {
                    name: "story",
                    tabs: vec![("news".to_owned(), "News".to_owned()), ("actions".to_owned(), "Actions".to_owned())],
                    selected: tab(),
                    onselect: move |id: String| {
                        desk.keep(KEPT_STORY, id.clone());
                        tab.set(id);
                    },
                }
            },
            match chosen {
                None => rsx! { EmptyState { testid: "story-none", title: "Nothing is chosen" } },
                Some(_) if news => rsx! { NewsList { market, everything } },
                Some(_) => rsx! { ActionTable { market } },
            }
        }
    }
}

fn fetch(desk: Desk, fetching: Signal<bool>, about: Option<Chosen>) {
    let job = desk.new_job("news");
    let call = FetchNews {
        job: job.clone(),
        instruments: about.into_iter().map(|chosen| chosen.instrument).collect(),
    };
    set_if_there(fetching, true);
    spawn_forever(async move {
        let answer = desk.run("news", job, call).await;
        set_if_there(fetching, false);
        match answer {
            Ok(fetched) => {
                desk.wrote();
                let new = apex_format::counted(fetched.added as u64, "item");
                desk.say(match fetched.failures.first() {
                    None => format!("{new} are new"),
                    Some(why) => format!("{new} are new; {why}"),
                });
            }
            Err(failure) if failure.code == Code::Cancelled => desk.say("Cancelled"),
            Err(failure) => desk.fail(&failure),
        }
    });
}

#[component]
fn NewsList(market: Market, everything: Signal<bool>) -> Element {
    let answer = use_answer(move || {
        let chosen = market.chosen.read().clone()?;
        Some(GetNews {
            instruments: if everything() {
                Vec::new()
            } else {
                vec![chosen.instrument]
            },
            since: None,
            limit: NEWS_MAX,
        })
    });
    match (answer.get(), (answer.failure)()) {
        (_, Some(failure)) => rsx! { FailedState { testid: "news-failed", failure } },
        (None, None) => rsx! { LoadingState { what: "Reading the news" } },
        (Some(items), None) if items.is_empty() => rsx! {
            EmptyState { testid: "news-empty", title: "No news is stored", next: "Ask the providers for news; they are kept with the book" }
        },
        (Some(items), None) => rsx! {
            ul { class: "news", "data-testid": "news",
                for item in items.iter() {
                    {news_line(item)}
                }
            }
        },
    }
}

fn news_line(item: &NewsItem) -> Element {
    let desk = use_desk();
    let url = item.url.clone();
    let page = OpenNews {
        provider: item.provider,
        id: item.id.clone(),
    };
    let sentiment = item.sentiment.filter(|judged| !judged.is_zero());
    rsx! {
        li { key: "{item.id}", class: "news-item", "data-testid": "news-item",
            span { class: "news-when numeric", title: "{apex_format::instant(item.published)}", {when(item.published)} }
            div { class: "news-words",
                if item.url.is_some() {
                    button {
                        class: "news-title",
                        "data-testid": "news-open",
                        title: "Read it in your web browser",
                        onclick: move |_| {
                            let page = page.clone();
                            spawn(async move {
                                if let Err(failure) = desk.timed(invoke::invoke(&page)).await {
                                    desk.fail(&failure);
                                }
                            });
                        },
                        "{item.title}"
                    }
                } else {
                    span { class: "news-title", "{item.title}" }
                }
                if let Some(summary) = item.summary.as_ref().filter(|summary| !summary.is_empty()) {
                    span { class: "news-summary faint", title: "{summary}", "{summary}" }
                }
                span { class: "faint",
                    {item.source.clone().unwrap_or_else(|| item.provider.words().to_owned())}
                    if !item.symbols.is_empty() { {format!(" · {}", item.symbols.join(" "))} }
                    if let Some(judged) = sentiment {
                        {format!(" · sentiment {}", apex_format::signed(apex_format::fixed(judged, 2)))}
                    }
                }
            }
            if let Some(url) = url {
                Button {
                    testid: "news-copy",
                    kind: ButtonKind::Quiet,
                    title: url.clone(),
                    onclick: move |_| {
                        let url = url.clone();
                        spawn(async move {
                            match browser::copy(&url).await {
                                Ok(()) => desk.say("The link is copied"),
                                Err(()) => desk.say(url),
                            }
                        });
                    },
                    "Copy link"
                }
            }
        }
    }
}

/// Returns the age of news in one unit, which is all that a glance takes in.
fn when(published: Timestamp) -> String {
    let seconds = browser::now().as_second() - published.as_second();
    match seconds {
        ..60 => "now".to_owned(),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[component]
fn ActionTable(market: Market) -> Element {
    // All that is known, whatever stretch the chart shows.
    let desk = use_desk();
    let answer = use_answer(move || {
        let chosen = market.chosen.read().clone()?;
        Some(GetCandles {
            instrument: chosen.instrument,
            interval: CandleInterval::Month,
            from: None,
            until: (desk.as_of)(),
            known_at: (desk.known_at)(),
            adjustment: Adjustment::None,
            indicators: Vec::new(),
        })
    });
    match (answer.get(), (answer.failure)()) {
        (_, Some(failure)) => rsx! { FailedState { testid: "actions-failed", failure } },
        (None, None) => rsx! { LoadingState {} },
        (Some(candles), None) if candles.actions.is_empty() => rsx! {
            EmptyState { testid: "actions-empty", title: "No split and no dividend is known", next: "They come with the history, on the page Data" }
        },
        (Some(candles), None) => rsx! {
            table { class: "table", "data-testid": "actions",
                thead {
                    tr {
                        th { "Ex-date" }
                        th { "Kind" }
                        th { class: "numeric", "What" }
                        th { "Paid" }
                        th { "Source" }
                        th { "Known since" }
                    }
                }
                tbody {
                    for (at, action) in candles.actions.iter().enumerate() {
                        {action_row(at, action)}
                    }
                }
            }
        },
    }
}

fn action_row(at: usize, action: &ActionRow) -> Element {
    let paid = action
        .pay_date
        .map_or_else(|| apex_format::UNKNOWN.to_owned(), |day| day.to_string());
    rsx! {
        tr { key: "{at}", "data-testid": "action",
            td { class: "numeric-left strong", "{action.ex_date}" }
            td { {sentence(&action.kind)} }
            td { class: "numeric", "{action.words}" }
            td { class: "faint", "{paid}" }
            td { class: "faint", "{action.source}" }
            td { class: "faint", {apex_format::instant(action.known_at).to_string()} }
        }
    }
}

//! One source of market data: how it is asked, its key, what is left of its budget, and how it answered.

use apex_domain::Timestamp;
use apex_wire::{
    Call, Failure,
    feeds::{
        BudgetLine, Plan, Provider, SaveKey, SaveSource, Source, SourceSettings, SourceTried, StreamState, TrySource,
    },
};
use dioxus::{core::spawn_forever, prelude::*};

use crate::{
    browser,
    components::{Button, ButtonKind, Check, Choice, Field, Select},
    desk::{Desk, sentence, set_if_there, use_desk},
    invoke,
    live::stream_words,
};

/// A source, its settings folded away.
#[component]
pub(super) fn SourceCard(source: Source, place: usize, last: bool) -> Element {
    let desk = use_desk();
    let mut open = use_signal(|| false);
    let tried = use_signal(|| None::<Result<SourceTried, Failure>>);
    let trying = use_signal(|| false);
    let provider = source.settings.provider;
    let name = provider.name();
    let settings = source.settings.clone();
    let save = move |settings: SourceSettings, place: usize| write(desk, SaveSource { settings, place });
    let (word, why, bad) = stream_words(&source.stream);
    rsx! {
        section { class: if source.settings.enabled { "source" } else { "source off" }, "data-testid": "source-{name}",
            header { class: "source-head",
                span { class: "source-place numeric", "{place + 1}" }
                h3 { "{provider.words()}" }
                Check {
                    name: "source-{name}",
                    label: if source.settings.enabled { "asked" } else { "not asked" },
                    checked: source.settings.enabled,
                    onchange: {
                        let settings = settings.clone();
                        move |enabled| save(SourceSettings { enabled, ..settings.clone() }, place)
                    },
                }
                div { class: "toolbar-space" }
                if source.stream != StreamState::Off {
                    span { class: if bad { "warning" } else { "faint" }, "data-testid": "source-stream-{name}", title: why,
                        span { class: if matches!(source.stream, StreamState::Up { .. }) { "dot running beside" } else { "dot standing beside" } }
                        " stream {word}"
                    }
                }
                Button {
                    testid: "source-up-{name}",
                    kind: ButtonKind::Quiet,
                    disabled: place == 0,
                    title: "Ask it sooner",
                    onclick: {
                        let settings = settings.clone();
                        move |_| save(settings.clone(), place.saturating_sub(1))
                    },
                    "▴"
                }
                Button {
                    testid: "source-down-{name}",
                    kind: ButtonKind::Quiet,
                    disabled: last,
                    title: "Ask it later",
                    onclick: {
                        let settings = settings.clone();
                        move |_| save(settings.clone(), place + 1)
                    },
                    "▾"
                }
                Button {
                    testid: "source-try-{name}",
                    disabled: trying(),
                    title: "Ask it one small question",
                    onclick: move |_| try_it(desk, provider, trying, tried),
                    if trying() { "Asking" } else { "Try" }
                }
                Button {
                    testid: "source-settings-{name}",
                    kind: ButtonKind::Quiet,
                    onclick: move |_| open.toggle(),
                    if open() { "Close" } else { "Settings…" }
                }
            }
            if source.settings.enabled {
                SourceState { source: source.clone() }
            }
            match tried() {
                None => rsx! {},
                Some(Ok(SourceTried { ok, sentence: said })) => rsx! {
                    p { class: if ok { "source-said gain" } else { "source-said loss" }, role: "status", "data-testid": "source-tried-{name}",
                        if ok { "✓ " } else { "✕ " }
                        {sentence(&said)}
                    }
                },
                Some(Err(failure)) => rsx! {
                    p { class: "source-said loss", role: "alert", "data-testid": "source-tried-{name}", {format!("✕ {}", sentence(&failure.sentence))} }
                },
            }
            if open() {
                SettingsForm { source: source.clone(), place }
            }
        }
    }
}

fn try_it(desk: Desk, provider: Provider, trying: Signal<bool>, tried: Signal<Option<Result<SourceTried, Failure>>>) {
    set_if_there(trying, true);
    spawn_forever(async move {
        let answer = desk.timed(invoke::invoke(&TrySource { provider })).await;
        set_if_there(trying, false);
        set_if_there(tried, Some(answer));
        crate::live::look(desk).await;
    });
}

/// Sends a change of the sources, and takes them as they then are.
fn write<C: Call<Reply = Vec<Source>>>(mut desk: Desk, call: C) {
    spawn_forever(async move {
        match desk.write(call).await {
            Ok(sources) => desk.sources.set(Some(Ok(sources))),
            Err(failure) => desk.fail(&failure),
        }
    });
}

/// What is left of the budget, when the next request may go, and how it answered.
#[component]
fn SourceState(source: Source) -> Element {
    let name = source.settings.provider.name();
    let waits = source.next_request.filter(|at| *at > browser::now());
    let answer = match source.last_answer {
        Some(at) => format!("last answer {}", browser::local_moment(at)),
        None => "it has not answered yet".to_owned(),
    };
    rsx! {
        div { class: "source-state",
            if !source.budget.is_empty() {
                div { class: "budgets",
                    for line in source.budget.clone() {
                        {budget_bar(name, &line)}
                    }
                }
            }
            p { class: "faint",
                "{answer}"
                if let Some(at) = waits { {format!(" · next request {}", wait_words(at))} }
                match (&source.key_place, source.needs_key) {
                    (Some(place), _) => rsx! { {format!(" · key {place}")} },
                    (None, true) => rsx! { span { class: "warning", " · it needs a key" } },
                    (None, false) => rsx! {},
                }
            }
            if let Some(fault) = &source.budget_fault {
                p { class: "loss", "data-testid": "budget-fault-{name}", {sentence(fault)} }
            }
            if source.resting {
                p { class: "warning", "It has failed too often and is left alone for a while" }
            }
            if let Some(wrong) = &source.last_error {
                p { class: "loss", "data-testid": "source-error-{name}", {sentence(wrong)} }
            }
        }
    }
}

fn wait_words(at: Timestamp) -> String {
    let seconds = u64::try_from(at.as_second() - browser::now().as_second())
        .unwrap_or(0)
        .max(1);
    format!("in {}", apex_format::duration(std::time::Duration::from_secs(seconds)))
}

fn budget_bar(name: &str, line: &BudgetLine) -> Element {
    let share = if line.of == 0 {
        0.0
    } else {
        f64::from(line.left) / f64::from(line.of)
    };
    let low = share <= 0.1;
    rsx! {
        div { class: "budget", key: "{line.cap}", "data-testid": "budget-{name}-{line.cap}", title: "{line.left} of {line.of} requests are left in this {line.cap}",
            span { class: "faint", "a {line.cap}" }
            span { class: if low { "budget-bar low" } else { "budget-bar" },
                span { style: "width: {apex_format::percent(share.min(1.0), 1)}" }
            }
            span { class: if low { "numeric warning strong" } else { "numeric" },
                {apex_format::count(u64::from(line.left)).to_string()}
                span { class: "faint", {format!(" / {}", apex_format::count(u64::from(line.of)))} }
            }
        }
    }
}

/// Address, stream, plan and key.
#[component]
fn SettingsForm(source: Source, place: usize) -> Element {
    let desk = use_desk();
    let mut draft = use_signal(|| source.settings.clone());
    let mut key = use_signal(String::new);
    let refused = use_signal(|| None::<Failure>);
    let provider = source.settings.provider;
    let name = provider.name();
    let files = provider == Provider::Files;
    let streams = !source.usual_stream.is_empty();
    let refusal = |field: &str| {
        let refused = refused.read();
        let found = refused
            .as_ref()
            .filter(|failure| failure.field.as_deref() == Some(field));
        found.map(|failure| sentence(&failure.sentence))
    };
    let other = refused
        .read()
        .as_ref()
        .filter(|failure| !matches!(failure.field.as_deref(), Some("address" | "stream_address" | "key")))
        .map(|failure| sentence(&failure.sentence));
    let save = move || {
        let settings = draft.peek().clone();
        let typed = key.peek().trim().to_owned();
        spawn_forever(async move {
            let mut desk = desk;
            if !typed.is_empty() {
                match desk
                    .write(SaveKey {
                        provider,
                        key: Some(typed),
                    })
                    .await
                {
                    Ok(_) => set_if_there(key, String::new()),
                    Err(mut failure) => {
                        failure.field = Some("key".to_owned());
                        return set_if_there(refused, Some(failure));
                    }
                }
            }
            match desk.write(SaveSource { settings, place }).await {
                Ok(sources) => {
                    desk.sources.set(Some(Ok(sources)));
                    set_if_there(refused, None);
                    desk.say(format!("{} is kept", provider.words()));
                }
                Err(failure) => set_if_there(refused, Some(failure)),
            }
        });
    };
    rsx! {
        form {
            class: "source-form",
            onsubmit: move |event| {
                event.prevent_default();
                save();
            },
            Field {
                name: "source-address-{name}",
                label: if files { "Folder" } else { "Address" },
                value: draft.read().address.clone(),
                placeholder: if files { "a folder with CSV or Parquet files" } else { source.usual_address.clone() },
                error: refusal("address"),
                oninput: move |text| draft.write().address = text,
            }
            if streams {
                Field {
                    name: "source-stream-{name}",
                    label: "Stream",
                    value: draft.read().stream_address.clone(),
                    placeholder: source.usual_stream.clone(),
                    error: refusal("stream_address"),
                    oninput: move |text| draft.write().stream_address = text,
                }
            }
            if source.needs_key || source.key_place.is_some() {
                Field {
                    name: "source-key-{name}",
                    label: if source.key_place.is_some() { "New key" } else { "Key" },
                    value: key(),
                    secret: true,
                    hint: match &source.key_place {
                        Some(place) => format!("kept {place}; it is never shown"),
                        None => "it goes in and never comes out again".to_owned(),
                    },
                    error: refusal("key"),
                    oninput: move |text| key.set(text),
                }
            }
            if !files {
                Select {
                    name: "source-plan-{name}",
                    label: "Plan",
                    value: draft.read().plan.name().to_owned(),
                    choices: Plan::ALL.iter().map(|(_, id, words)| Choice::new(*id, *words)).collect::<Vec<_>>(),
                    onchange: move |id: String| {
                        if let Some(plan) = Plan::of(&id) {
                            draft.write().plan = plan;
                        }
                    },
                }
            }
            div { class: "source-checks",
                Check {
                    name: "source-enabled-{name}",
                    label: "ask it",
                    checked: draft.read().enabled,
                    onchange: move |enabled| draft.write().enabled = enabled,
                }
                if streams {
                    Check {
                        name: "source-streams-{name}",
                        label: "take live prices from it",
                        checked: draft.read().streams,
                        onchange: move |streams| draft.write().streams = streams,
                    }
                }
            }
            if let Some(words) = other {
                p { class: "field-error", role: "alert", "data-testid": "source-failed-{name}", "{words}" }
            }
            div { class: "form-foot",
                if source.key_place.is_some() {
                    Button {
                        testid: "source-forget-{name}",
                        kind: ButtonKind::Danger,
                        onclick: move |_| write(desk, SaveKey { provider, key: None }),
                        "Forget the key"
                    }
                }
                Button { testid: "source-save-{name}", kind: ButtonKind::Primary, submit: true, onclick: move |_| {}, "Keep" }
            }
        }
    }
}

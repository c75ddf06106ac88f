//! The import wizard: choose a file, see how it is read, map its columns, see what would be added, commit.
//!
//! The engine reads, guesses and checks; every change of format or mapping is previewed at once.

mod review;

use apex_wire::{
    Code, Failure,
    import::{CommitImport, Format, ImportKind, ImportPreview, ImportResult, ImportSource, PreviewImport},
};
use dioxus::{core::spawn_forever, prelude::*, web::WebEventExt};
use wasm_bindgen::JsCast;

use self::review::{Outcome, Review};
use crate::{
    browser,
    components::{Button, ButtonKind, Choice, Dialog, Field, LoadingState, Select},
    desk::{sentence, set_if_there, use_desk},
    invoke,
    reading::rows_words,
};

/// Where the wizard stands.
#[derive(Debug, Clone, PartialEq)]
enum Stage {
    /// No file is chosen.
    File,
    /// The file is looked at and can be committed.
    Review,
    /// The file was imported.
    Done(ImportResult),
}

/// The wizard.
#[component]
pub(crate) fn ImportDialog() -> Element {
    let mut desk = use_desk();
    let mut stage = use_signal(|| Stage::File);
    let mut ask = use_signal(|| PreviewImport {
        view: desk.view(),
        kind: ImportKind::Transactions,
        source: ImportSource::Path(String::new()),
        format: Format::default(),
        mapping: None,
        template: None,
        create: false,
    });
    let mut preview = use_signal(|| None::<ImportPreview>);
    let mut failure = use_signal(|| None::<Failure>);
    let mut skip_bad = use_signal(|| false);
    let mut template = use_signal(String::new);
    let mut turn = use_signal(|| 0_u64);
    let busy = desk.jobs.read().iter().any(|job| job.title == "import");

    let look = use_callback(move |next: PreviewImport| {
        ask.set(next.clone());
        let mine = *turn.peek() + 1;
        turn.set(mine);
        spawn(async move {
            let answer = desk.timed(invoke::invoke(&next)).await;
            if *turn.peek() != mine {
                return;
            }
            match answer {
                Ok(found) => {
                    preview.set(Some(found));
                    failure.set(None);
                    stage.set(Stage::Review);
                }
                Err(refused) => failure.set(Some(refused)),
            }
        });
    });
    let commit = move || {
        let job = desk.new_job("import");
        let name = template.peek().trim().to_owned();
        let call = CommitImport {
            job: job.clone(),
            import: ask.peek().clone(),
            skip_bad: *skip_bad.peek(),
            save_template: (!name.is_empty()).then_some(name),
        };
        failure.set(None);
        spawn_forever(async move {
            match desk.run("import", job, call).await {
                Ok(result) => {
                    desk.wrote();
                    desk.say(format!("{} imported", rows_words(result.added)));
                    // Rows may have made portfolios and accounts, which the session lists.
                    if let Ok(session) = invoke::invoke(&apex_wire::session::OpenSession {}).await {
                        desk.take_session(Ok(session));
                    }
                    set_if_there(stage, Stage::Done(result));
                }
                Err(refused) if refused.code == Code::Cancelled => desk.fail(&refused),
                Err(refused) => set_if_there(failure, Some(refused)),
            }
        });
    };
    let mut commit = commit;
    let rejected = preview.read().as_ref().map_or(0, |preview| preview.rejected.len());
    let added = preview.read().as_ref().map_or(0, |preview| preview.added);
    let committable = !busy && added > 0 && (rejected == 0 || skip_bad());
    let width = if stage() == Stage::File { "narrow" } else { "full" };
    let actions = match stage() {
        Stage::File => rsx! {
            Button { testid: "import-cancel", onclick: move |_| desk.overlay.set(None), "Cancel" }
            Button {
                testid: "import-look",
                kind: ButtonKind::Primary,
                disabled: source_name(&ask.read().source).is_empty(),
                onclick: move |_| {
                    let wanted = ask.peek().clone();
                    look.call(wanted);
                },
                "Look at it"
            }
        },
        Stage::Review => rsx! {
            if !busy && !committable {
                span { class: "dialog-note", "data-testid": "import-waits",
                    if added == 0 { "The file adds nothing" } else { "Choose to add the good lines, or mend the refused ones" }
                }
            }
            Button { testid: "import-back", disabled: busy, onclick: move |_| stage.set(Stage::File), "Another file" }
            Button {
                testid: "import-commit",
                kind: ButtonKind::Primary,
                disabled: !committable,
                onclick: move |_| commit(),
                "Add {rows_words(added)}"
            }
        },
        Stage::Done(_) => rsx! {
            Button { testid: "import-again", onclick: move |_| stage.set(Stage::File), "Another file" }
            Button {
                testid: "import-done",
                kind: ButtonKind::Primary,
                onclick: move |_| desk.overlay.set(None),
                "Done"
            }
        },
    };
    rsx! {
        Dialog {
            name: "import",
            title: "Import",
            width,
            actions,
            match stage() {
                Stage::File => rsx! {
                    ChooseFile {
                        ask: ask(),
                        onchange: move |next| ask.set(next),
                        onlook: move |next| look.call(next),
                    }
                },
                Stage::Review => rsx! {
                    if let Some(preview) = preview() {
                        Review {
                            ask: ask(),
                            preview,
                            skip_bad: skip_bad(),
                            template: template(),
                            busy,
                            onchange: move |next| look.call(next),
                            onskip: move |skip| skip_bad.set(skip),
                            ontemplate: move |name| template.set(name),
                        }
                    } else {
                        LoadingState {}
                    }
                },
                Stage::Done(result) => rsx! { Outcome { result } },
            }
            if let Some(failure) = failure() {
                p { class: "field-error", role: "alert", "data-testid": "import-failed", {sentence(&failure.sentence)} }
            }
        }
    }
}

#[component]
fn ChooseFile(
    ask: PreviewImport,
    onchange: EventHandler<PreviewImport>,
    onlook: EventHandler<PreviewImport>,
) -> Element {
    let path = match &ask.source {
        ImportSource::Path(path) => path.clone(),
        ImportSource::Content { .. } => String::new(),
    };
    let chosen = match &ask.source {
        ImportSource::Content { name, .. } => Some(name.clone()),
        ImportSource::Path(_) => None,
    };
    let kind_ask = ask.clone();
    let path_ask = ask.clone();
    let submit_ask = ask.clone();
    let file_ask = ask.clone();
    rsx! {
        form {
            class: "form",
            onsubmit: move |event| {
                event.prevent_default();
                onlook.call(submit_ask.clone());
            },
            Select {
                name: "import-kind",
                label: "What the file holds",
                value: kind_name(ask.kind),
                choices: [ImportKind::Transactions, ImportKind::Prices, ImportKind::Fx, ImportKind::Positions]
                    .map(|kind| Choice::new(kind_name(kind), kind_words(kind)))
                    .to_vec(),
                onchange: move |name: String| {
                    let mut next = kind_ask.clone();
                    next.kind = kind_of(&name);
                    onchange.call(next);
                },
            }
            Field {
                name: "import-path",
                label: "Path of the file",
                value: path,
                placeholder: "trades.csv, also .csv.gz, .csv.bz2 and .parquet",
                autofocus: true,
                oninput: move |path| {
                    let mut next = path_ask.clone();
                    next.source = ImportSource::Path(path);
                    onchange.call(next);
                },
            }
            label { class: "field",
                span { class: "field-label", "or choose it" }
                input {
                    class: "input",
                    r#type: "file",
                    "data-testid": "import-file",
                    accept: ".csv,.txt,.tsv,.gz,.bz2,.parquet",
                    onchange: move |event| {
                        let Some(file) = chosen_file(&event) else { return };
                        let mut next = file_ask.clone();
                        spawn(async move {
                            if let Some(base64) = browser::base64_of(&file).await {
                                next.source = ImportSource::Content { name: file.name(), base64 };
                                onlook.call(next);
                            }
                        });
                    },
                }
                if let Some(chosen) = chosen {
                    span { class: "field-hint", "{chosen}" }
                }
            }
        }
    }
}

fn chosen_file(event: &FormEvent) -> Option<web_sys::File> {
    let input: web_sys::HtmlInputElement = event.try_as_web_event()?.target()?.dyn_into().ok()?;
    input.files()?.get(0)
}

fn source_name(source: &ImportSource) -> &str {
    match source {
        ImportSource::Path(path) => path.trim(),
        ImportSource::Content { name, .. } => name,
    }
}

fn kind_name(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Transactions => "transactions",
        ImportKind::Prices => "prices",
        ImportKind::Fx => "fx",
        ImportKind::Positions => "positions",
    }
}

fn kind_words(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Transactions => "Transactions",
        ImportKind::Prices => "Prices",
        ImportKind::Fx => "FX rates",
        ImportKind::Positions => "Opening positions",
    }
}

fn kind_of(name: &str) -> ImportKind {
    match name {
        "prices" => ImportKind::Prices,
        "fx" => ImportKind::Fx,
        "positions" => ImportKind::Positions,
        _ => ImportKind::Transactions,
    }
}

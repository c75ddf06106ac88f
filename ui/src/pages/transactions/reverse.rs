//! Reversing rows, after saying in numbers what that does.

use apex_wire::{
    Failure,
    transactions::{Effect, ReverseTransactions, TransactionRow},
};
use dioxus::{core::spawn_forever, prelude::*};

use super::add::EffectNumbers;
use crate::{
    components::{Button, ButtonKind, Dialog, LoadingState},
    desk::{sentence, set_if_there, use_desk},
    frame::inspector::transaction::kind_words,
    invoke,
};

/// Asks before reversing rows.
#[component]
pub(crate) fn ReverseDialog(rows: Vec<TransactionRow>) -> Element {
    let mut desk = use_desk();
    let mut effect = use_signal(|| None::<Effect>);
    let mut failure = use_signal(|| None::<Failure>);
    let mut busy = use_signal(|| false);
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let asked = ids.clone();
    use_hook(move || {
        spawn(async move {
            let Some(view) = desk.view() else { return };
            let ask = ReverseTransactions {
                view,
                ids: asked,
                preview: true,
            };
            match desk.timed(invoke::invoke(&ask)).await {
                Ok(previewed) => effect.set(Some(previewed)),
                Err(refused) => failure.set(Some(refused)),
            }
        })
    });
    let currency = desk.portfolio_summary().map(|portfolio| portfolio.currency);
    rsx! {
        Dialog {
            name: "reverse",
            title: "Reverse",
            actions: rsx! {
                Button { testid: "reverse-cancel", onclick: move |_| desk.overlay.set(None), "Keep" }
                Button {
                    testid: "reverse-confirm",
                    kind: ButtonKind::Danger,
                    disabled: effect.read().is_none() || busy(),
                    onclick: move |_| {
                        let Some(view) = desk.view() else { return };
                        let ask = ReverseTransactions { view, ids: ids.clone(), preview: false };
                        busy.set(true);
                        spawn_forever(async move {
                            match desk.write(ask).await {
                                Ok(done) => {
                                    desk.overlay.set(None);
                                    desk.say(sentence(&done.sentence));
                                }
                                Err(refused) => {
                                    set_if_there(busy, false);
                                    set_if_there(failure, Some(refused));
                                }
                            }
                        });
                    },
                    "Reverse"
                }
            },
            ul { class: "reversed-rows",
                for row in rows.iter() {
                    li { key: "{row.id}",
                        span { class: "numeric", "{row.date} " }
                        {kind_words(row.kind)}
                        " {row.symbol.clone().unwrap_or_default()} "
                        span { class: "numeric", {apex_format::quantity(row.quantity).to_string()} }
                    }
                }
            }
            match (effect(), currency) {
                (Some(effect), Some(currency)) => rsx! { EffectNumbers { effect, currency: currency.to_string() } },
                _ if failure.read().is_none() => rsx! { LoadingState {} },
                _ => rsx! {},
            }
            p { class: "faint", "A reversal is a row of its own; both rows stay in the ledger." }
            if let Some(failure) = failure() {
                p { class: "field-error", role: "alert", "data-testid": "reverse-failed", {sentence(&failure.sentence)} }
            }
        }
    }
}

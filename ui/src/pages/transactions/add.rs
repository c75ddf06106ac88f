//! Adding a transaction: a form that the engine checks while it is typed, and says in numbers what the row would do.

use apex_domain::{Currency, TransactionKind};
use apex_wire::{
    Failure,
    transactions::{AddTransaction, Effect, SuggestSymbols, TransactionDraft},
};
use dioxus::{core::spawn_forever, prelude::*};

use crate::{
    answers::use_answer,
    components::{Button, ButtonKind, Choice, Dialog, Field, Select},
    desk::{sentence, set_if_there, use_desk},
    frame::inspector::transaction::kind_words,
    invoke,
    reading::Reading,
};

/// How long typing must rest before the engine is asked for the effect.
const REST_MS: u32 = 180;

/// The kinds in the order of their use.
const KINDS: [TransactionKind; 23] = [
    TransactionKind::Buy,
    TransactionKind::Sell,
    TransactionKind::Short,
    TransactionKind::Cover,
    TransactionKind::Dividend,
    TransactionKind::Interest,
    TransactionKind::Fee,
    TransactionKind::Tax,
    TransactionKind::Deposit,
    TransactionKind::Withdrawal,
    TransactionKind::TransferIn,
    TransactionKind::TransferOut,
    TransactionKind::Fx,
    TransactionKind::Split,
    TransactionKind::SpinOff,
    TransactionKind::Merger,
    TransactionKind::SymbolChange,
    TransactionKind::OptionExercise,
    TransactionKind::OptionExpiry,
    TransactionKind::BondCoupon,
    TransactionKind::BondRedemption,
    TransactionKind::Accrual,
    TransactionKind::Mark,
];

/// The form.
#[component]
pub(crate) fn AddTransactionDialog(symbol: String) -> Element {
    let mut desk = use_desk();
    let accounts = desk
        .portfolio_summary()
        .map(|portfolio| portfolio.accounts)
        .unwrap_or_default();
    let base = desk.portfolio_summary().map(|portfolio| portfolio.currency);
    let first_account = accounts.first().map(|account| account.name.clone()).unwrap_or_default();
    let mut draft = use_signal(|| TransactionDraft {
        account: first_account,
        date: desk
            .as_of
            .peek()
            .or_else(|| desk.book().map(|book| book.today))
            .map(|day| day.to_string())
            .unwrap_or_default(),
        kind: "buy".to_owned(),
        symbol,
        ..TransactionDraft::default()
    });
    let mut effect = use_signal(|| None::<Effect>);
    let mut failure = use_signal(|| None::<Failure>);
    let mut busy = use_signal(|| false);
    let mut turn = use_signal(|| 0_u64);
    let suggestions = use_answer(move || {
        let text = draft.read().symbol.trim().to_owned();
        (!text.is_empty()).then_some(SuggestSymbols { text, limit: 8 })
    });
    use_effect(move || {
        let typed = draft();
        let mine = *turn.peek() + 1;
        turn.set(mine);
        if !complete(&typed) {
            effect.set(None);
            failure.set(None);
            return;
        }
        spawn(async move {
            gloo_timers::future::TimeoutFuture::new(REST_MS).await;
            let Some(view) = desk.view() else { return };
            if *turn.peek() != mine {
                return;
            }
            let previewed = desk
                .timed(invoke::invoke(&AddTransaction {
                    view,
                    draft: typed,
                    preview: true,
                }))
                .await;
            if *turn.peek() != mine {
                return;
            }
            match previewed {
                Ok(previewed) => {
                    effect.set(Some(previewed));
                    failure.set(None);
                }
                Err(refused) => {
                    effect.set(None);
                    failure.set(Some(refused));
                }
            }
        });
    });
    let mut add = move || {
        let Some(view) = desk.view() else { return };
        busy.set(true);
        let ask = AddTransaction {
            view,
            draft: draft.peek().clone(),
            preview: false,
        };
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
    };
    let error = move |field: &str| {
        failure
            .read()
            .as_ref()
            .filter(|failure| failure.field.as_deref() == Some(field))
            .map(|failure| sentence(&failure.sentence))
    };
    let homeless = move || {
        const SHOWN: [&str; 16] = [
            "account",
            "date",
            "settle",
            "kind",
            "symbol",
            "quantity",
            "price",
            "currency",
            "fees",
            "taxes",
            "fx_rate",
            "note",
            "ratio",
            "other_symbol",
            "basis_fraction",
            "lot",
        ];
        failure
            .read()
            .as_ref()
            .filter(|failure| failure.field.as_deref().is_none_or(|field| !SHOWN.contains(&field)))
            .map(|failure| sentence(&failure.sentence))
    };
    let kind = draft.read().kind.parse::<TransactionKind>().ok();
    let needs = Needs::of(kind);
    let specific = accounts
        .iter()
        .any(|account| account.name == draft.read().account && account.lot_method == apex_domain::LotMethod::Specific);
    let symbols: Vec<Choice> = suggestions
        .get()
        .map(|found| {
            found
                .iter()
                .map(|found| Choice::new(&found.symbol, &found.name))
                .collect()
        })
        .unwrap_or_default();
    let account_choices: Vec<Choice> = accounts
        .iter()
        .map(|account| Choice::new(&account.name, &account.name))
        .collect();
    let kind_choices: Vec<Choice> = KINDS
        .iter()
        .map(|kind| Choice::new(kind.to_string(), kind_words(*kind)))
        .collect();
    rsx! {
        Dialog {
            name: "add-transaction",
            title: "Add a transaction",
            width: "wide",
            actions: rsx! {
                Button { testid: "add-cancel", onclick: move |_| desk.overlay.set(None), "Cancel" }
                Button {
                    testid: "add-confirm",
                    kind: ButtonKind::Primary,
                    disabled: effect.read().is_none() || busy(),
                    onclick: move |_| add(),
                    "Add"
                }
            },
            div { class: "form columns",
                Select {
                    name: "kind",
                    label: "Kind",
                    value: draft.read().kind.clone(),
                    choices: kind_choices,
                    error: error("kind"),
                    onchange: move |text| draft.write().kind = text,
                }
                Select {
                    name: "account",
                    label: "Account",
                    value: draft.read().account.clone(),
                    choices: account_choices,
                    error: error("account"),
                    onchange: move |text| draft.write().account = text,
                }
                Field {
                    name: "date",
                    label: "Trade date",
                    value: draft.read().date.clone(),
                    placeholder: "YYYY-MM-DD",
                    error: error("date"),
                    oninput: move |text| draft.write().date = text,
                }
                Field {
                    name: "settle",
                    label: "Settles",
                    value: draft.read().settle.clone(),
                    placeholder: "as usual",
                    error: error("settle"),
                    oninput: move |text| draft.write().settle = text,
                }
                if needs.symbol {
                    Field {
                        name: "symbol",
                        label: "Symbol",
                        value: draft.read().symbol.clone(),
                        autofocus: true,
                        suggestions: symbols,
                        error: error("symbol"),
                        oninput: move |text| draft.write().symbol = text,
                    }
                }
                Field {
                    name: "quantity",
                    label: if needs.amount { "Amount" } else { "Quantity" },
                    value: draft.read().quantity.clone(),
                    numeric: true,
                    error: error("quantity"),
                    oninput: move |text| draft.write().quantity = text,
                }
                if needs.price {
                    Field {
                        name: "price",
                        label: "Price",
                        value: draft.read().price.clone(),
                        numeric: true,
                        error: error("price"),
                        oninput: move |text| draft.write().price = text,
                    }
                }
                Field {
                    name: "currency",
                    label: "Currency",
                    value: draft.read().currency.clone(),
                    placeholder: "of the instrument",
                    error: error("currency"),
                    oninput: move |text| draft.write().currency = text,
                }
                Field {
                    name: "fees",
                    label: "Fees",
                    value: draft.read().fees.clone(),
                    placeholder: "0",
                    numeric: true,
                    error: error("fees"),
                    oninput: move |text| draft.write().fees = text,
                }
                Field {
                    name: "taxes",
                    label: "Taxes",
                    value: draft.read().taxes.clone(),
                    placeholder: "0",
                    numeric: true,
                    error: error("taxes"),
                    oninput: move |text| draft.write().taxes = text,
                }
                Field {
                    name: "fx_rate",
                    label: "FX rate into the base currency",
                    value: draft.read().fx_rate.clone(),
                    placeholder: "as stored",
                    numeric: true,
                    error: error("fx_rate"),
                    oninput: move |text| draft.write().fx_rate = text,
                }
                if needs.ratio {
                    Field {
                        name: "ratio",
                        label: "Ratio",
                        value: draft.read().ratio.clone(),
                        placeholder: "7:1",
                        error: error("ratio"),
                        oninput: move |text| draft.write().ratio = text,
                    }
                }
                if needs.other {
                    Field {
                        name: "other_symbol",
                        label: "Into symbol",
                        value: draft.read().other_symbol.clone(),
                        error: error("other_symbol"),
                        oninput: move |text| draft.write().other_symbol = text,
                    }
                }
                if needs.basis {
                    Field {
                        name: "basis_fraction",
                        label: "Share of the cost that moves",
                        value: draft.read().basis_fraction.clone(),
                        placeholder: "0.125",
                        numeric: true,
                        error: error("basis_fraction"),
                        oninput: move |text| draft.write().basis_fraction = text,
                    }
                }
                if specific {
                    Field {
                        name: "lot",
                        label: "Lot to close",
                        value: draft.read().lot.clone(),
                        placeholder: "opening date or external id",
                        error: error("lot"),
                        oninput: move |text| draft.write().lot = text,
                    }
                }
                Field {
                    name: "note",
                    label: "Note",
                    value: draft.read().note.clone(),
                    error: error("note"),
                    oninput: move |text| draft.write().note = text,
                }
            }
            div { class: "effect-box", "data-testid": "add-effect",
                match (effect(), base, homeless()) {
                    (_, _, Some(words)) => rsx! { p { class: "field-error", role: "alert", "data-testid": "add-failed", "{words}" } },
                    (Some(effect), Some(base), None) => rsx! { EffectNumbers { effect, currency: base.to_string() } },
                    _ => rsx! { p { class: "faint", "What it would do is shown here as soon as the fields are filled" } },
                }
            }
        }
    }
}

/// What a change does, in numbers.
#[component]
pub(super) fn EffectNumbers(effect: Effect, currency: String) -> Element {
    let Ok(base) = Currency::parse(&currency) else {
        return rsx! {};
    };
    let before = Reading::money(&effect.nav_before, base);
    let after = Reading::money(&effect.nav_after, base);
    rsx! {
        div { class: "effect",
            p { class: "strong", "data-testid": "effect-sentence", {sentence(&effect.sentence)} }
            div { class: "effect-numbers",
                span { class: "figure-label", "Net asset value, {currency}" }
                span { class: "numeric", title: before.hint, "{before.text}" }
                span { class: "faint", "→" }
                span { class: "numeric strong", title: after.hint, "{after.text}" }
                if let Some((from, to)) = effect.quantity {
                    span { class: "figure-label", "Position" }
                    span { class: "numeric", {apex_format::quantity(from).to_string()} }
                    span { class: "faint", "→" }
                    span { class: "numeric strong", {apex_format::quantity(to).to_string()} }
                }
            }
        }
    }
}

/// Which fields a kind asks for; the engine decides what it accepts.
#[derive(Debug, Clone, Copy)]
struct Needs {
    symbol: bool,
    price: bool,
    amount: bool,
    ratio: bool,
    other: bool,
    basis: bool,
}

impl Needs {
    fn of(kind: Option<TransactionKind>) -> Self {
        use TransactionKind as Kind;
        let cash = matches!(
            kind,
            Some(Kind::Interest | Kind::Fee | Kind::Tax | Kind::Deposit | Kind::Withdrawal)
        );
        let structural = matches!(kind, Some(Kind::Split | Kind::SymbolChange | Kind::OptionExpiry));
        Self {
            symbol: !cash,
            price: !cash && !structural,
            amount: cash,
            ratio: matches!(kind, Some(Kind::Split | Kind::SpinOff | Kind::Merger)),
            other: matches!(
                kind,
                Some(Kind::SpinOff | Kind::Merger | Kind::SymbolChange | Kind::OptionExercise)
            ),
            basis: matches!(kind, Some(Kind::SpinOff)),
        }
    }
}

/// Returns whether enough is typed to ask the engine about it.
fn complete(draft: &TransactionDraft) -> bool {
    let needs = Needs::of(draft.kind.parse().ok());
    let sized = !draft.quantity.trim().is_empty() || needs.ratio || !needs.price && !needs.amount;
    sized && !draft.date.trim().is_empty() && (!needs.symbol || !draft.symbol.trim().is_empty())
}

//! The form of an instrument; which fields it has depends on the kind.

use apex_wire::setup::{InstrumentDraft, InstrumentRow, SaveInstrument};
use dioxus::prelude::*;

use super::{
    currencies,
    form::{SavingForm, use_saving},
};
use crate::{
    components::{Choice, Field, Panel, Select},
    desk::use_desk,
};

/// The kinds a person can make; cash comes with its account.
const KINDS: [(&str, &str); 8] = [
    ("equity", "Equity"),
    ("etf", "ETF"),
    ("fund", "Fund"),
    ("bond", "Bond"),
    ("option", "Option"),
    ("private", "Private asset"),
    ("index", "Index"),
    ("currency_pair", "Currency pair"),
];

/// A field of the form: its name in the draft, its label and what an empty one shows.
struct Shown {
    field: &'static str,
    label: &'static str,
    placeholder: &'static str,
}

const fn shown(field: &'static str, label: &'static str, placeholder: &'static str) -> Shown {
    Shown {
        field,
        label,
        placeholder,
    }
}

const LISTING: [Shown; 2] = [
    shown("isin", "ISIN", "US0378331005"),
    shown("exchange", "Exchange", "XNAS"),
];
const CLASSES: [Shown; 2] = [
    shown("sector", "Sector", "Information technology"),
    shown("country", "Country", "US"),
];
const BOND: [Shown; 3] = [
    shown("coupon", "Coupon, % a year", "2.5"),
    shown("frequency", "Payments a year", "2"),
    shown("maturity", "Maturity", "YYYY-MM-DD"),
];
const OPTION: [Shown; 4] = [
    shown("underlying", "Underlying symbol", "AAPL"),
    shown("maturity", "Expiry", "YYYY-MM-DD"),
    shown("strike", "Strike", "150"),
    shown("contract_size", "Units per contract", "100"),
];

/// The form, of a new instrument where there is no row.
#[component]
pub(super) fn InstrumentForm(
    row: Option<InstrumentRow>,
    /// Whether the person asked for this form, so that it may take the keyboard.
    asked: bool,
    saved: Callback<InstrumentRow>,
) -> Element {
    let desk = use_desk();
    let id = row.as_ref().map(|row| row.id);
    let old_symbol = row.as_ref().map(|row| row.draft.symbol.clone()).unwrap_or_default();
    let mut draft = use_signal(|| match &row {
        Some(row) => row.draft.clone(),
        None => InstrumentDraft {
            kind: "equity".to_owned(),
            ..InstrumentDraft::default()
        },
    });
    let mut symbol_from = use_signal(String::new);
    let saving = use_saving();
    let save = move |()| {
        let ask = SaveInstrument {
            id,
            draft: draft(),
            symbol_from: symbol_from(),
        };
        saving.write(ask, move |row| {
            desk.say(format!("{} is saved", row.draft.symbol));
            if id.is_none() {
                saved.call(row);
            }
        });
    };
    let kind = draft.read().kind.clone();
    let is_pair = kind == "currency_pair";
    let fields = fields_of(&kind);
    let renamed = id.is_some() && draft.read().symbol.trim() != old_symbol;
    let known: Vec<&'static str> = fields
        .iter()
        .map(|shown| shown.field)
        .chain(["symbol", "name", "kind", "currency", "right", "symbol_from"])
        .collect();
    let title = row
        .as_ref()
        .map_or_else(|| "New instrument".to_owned(), |row| row.draft.symbol.clone());
    let history = row
        .as_ref()
        .map(|row| row.symbol_history.join(", "))
        .unwrap_or_default();
    rsx! {
        Panel {
            testid: "panel-instrument-form",
            title,
            note: if row.as_ref().is_some_and(|row| row.simulated) { "simulated data" } else { "" },
            class: "form-panel",
            SavingForm {
                testid: "instrument-save",
                words: if id.is_some() { "Save" } else { "Add the instrument" },
                saving,
                fields: known,
                onsave: save,
                div { class: "form columns",
                    Select {
                        name: "instrument-kind",
                        label: "Kind",
                        value: kind.clone(),
                        choices: KINDS.iter().map(|(id, words)| Choice::new(*id, *words)).collect::<Vec<_>>(),
                        disabled: id.is_some(),
                        error: saving.refusal("kind"),
                        onchange: move |text| draft.write().kind = text,
                    }
                    Field {
                        name: "symbol",
                        label: "Symbol",
                        value: draft.read().symbol.clone(),
                        placeholder: if is_pair { "EURUSD" } else { "AAPL" },
                        autofocus: asked,
                        error: saving.refusal("symbol"),
                        oninput: move |text| draft.write().symbol = text,
                    }
                    if renamed {
                        Field {
                            name: "symbol_from",
                            label: "New symbol holds from",
                            value: symbol_from(),
                            placeholder: "YYYY-MM-DD, or always",
                            error: saving.refusal("symbol_from"),
                            oninput: move |text| symbol_from.set(text),
                        }
                    }
                    Field {
                        name: "instrument-name",
                        label: "Name",
                        value: draft.read().name.clone(),
                        error: saving.refusal("name"),
                        oninput: move |text| draft.write().name = text,
                    }
                    if !is_pair {
                        Field {
                            name: "instrument-currency",
                            label: "Currency",
                            value: draft.read().currency.clone(),
                            placeholder: "USD",
                            suggestions: currencies(),
                            error: saving.refusal("currency"),
                            oninput: move |text: String| draft.write().currency = text.to_uppercase(),
                        }
                    }
                    if kind == "option" {
                        Select {
                            name: "right",
                            label: "Right",
                            value: draft.read().right.clone(),
                            choices: vec![Choice::new("", "choose"), Choice::new("call", "Call"), Choice::new("put", "Put")],
                            error: saving.refusal("right"),
                            onchange: move |text| draft.write().right = text,
                        }
                    }
                    for Shown { field, label, placeholder } in fields {
                        Field {
                            key: "{kind}-{field}",
                            name: field,
                            label,
                            value: text_of(&draft.read(), field).to_owned(),
                            placeholder,
                            error: saving.refusal(field),
                            oninput: move |text| {
                                if let Some(slot) = slot(&mut draft.write(), field) {
                                    *slot = text;
                                }
                            },
                        }
                    }
                }
                if !history.is_empty() {
                    p { class: "field-hint", "Earlier symbols: {history}" }
                }
            }
        }
    }
}

/// Returns the fields of a kind beyond symbol, name and currency, in their order.
fn fields_of(kind: &str) -> Vec<&'static Shown> {
    match kind {
        "bond" => BOND.iter().chain(&LISTING).chain(&CLASSES).collect(),
        "option" => OPTION.iter().chain(&LISTING[1..]).collect(),
        "private" => CLASSES.iter().collect(),
        "index" => CLASSES[1..].iter().collect(),
        "currency_pair" => Vec::new(),
        _ => LISTING.iter().chain(&CLASSES).collect(),
    }
}

/// Returns the text of a field.
fn text_of<'a>(draft: &'a InstrumentDraft, field: &str) -> &'a str {
    match field {
        "isin" => &draft.isin,
        "exchange" => &draft.exchange,
        "sector" => &draft.sector,
        "country" => &draft.country,
        "coupon" => &draft.coupon,
        "frequency" => &draft.frequency,
        "maturity" => &draft.maturity,
        "underlying" => &draft.underlying,
        "strike" => &draft.strike,
        "contract_size" => &draft.contract_size,
        _ => "",
    }
}

fn slot<'a>(draft: &'a mut InstrumentDraft, field: &str) -> Option<&'a mut String> {
    Some(match field {
        "isin" => &mut draft.isin,
        "exchange" => &mut draft.exchange,
        "sector" => &mut draft.sector,
        "country" => &mut draft.country,
        "coupon" => &mut draft.coupon,
        "frequency" => &mut draft.frequency,
        "maturity" => &mut draft.maturity,
        "underlying" => &mut draft.underlying,
        "strike" => &mut draft.strike,
        "contract_size" => &mut draft.contract_size,
        _ => return None,
    })
}

/// Returns a kind as people read it.
pub(super) fn kind_words(kind: &str) -> String {
    KINDS
        .iter()
        .find(|(id, _)| *id == kind)
        .map_or(kind, |(_, words)| words)
        .to_owned()
}

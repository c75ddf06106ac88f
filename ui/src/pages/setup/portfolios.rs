//! Portfolios with their accounts: both lists, and the form of whichever is chosen.

use apex_domain::{AccountId, LotMethod, PortfolioId};
use apex_wire::{
    session::{AccountSummary, PortfolioSummary},
    setup::{GetInstruments, SaveAccount, SavePortfolio},
    transactions::SuggestSymbols,
};
use dioxus::prelude::*;

use super::{
    currencies,
    form::{SavingForm, use_saving},
};
use crate::{
    answers::use_answer,
    components::{Button, Choice, EmptyState, Field, Panel, Select},
    desk::use_desk,
};

/// The key of the form of a portfolio that does not exist yet.
const NEW_PORTFOLIO: &str = "new-portfolio";

/// What the form is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    NewPortfolio,
    Portfolio(PortfolioId),
    NewAccount(PortfolioId),
    Account(PortfolioId, AccountId),
}

/// The tab.
#[component]
pub(super) fn PortfoliosTab() -> Element {
    let desk = use_desk();
    let portfolios = desk.book().map(|book| book.portfolios).unwrap_or_default();
    let current = (desk.portfolio)();
    let mut subject = use_signal(|| current.map_or(Subject::NewPortfolio, Subject::Portfolio));
    let chosen_id = match subject() {
        Subject::NewPortfolio => None,
        Subject::Portfolio(id) | Subject::NewAccount(id) | Subject::Account(id, _) => Some(id),
    };
    let chosen = portfolios
        .iter()
        .find(|portfolio| Some(portfolio.id) == chosen_id)
        .cloned();
    let accounts = chosen
        .as_ref()
        .map(|portfolio| portfolio.accounts.clone())
        .unwrap_or_default();
    let done = Callback::new(move |next: Subject| subject.set(next));
    let form = match (subject(), chosen.clone()) {
        (Subject::NewAccount(_), Some(portfolio)) => {
            rsx! { AccountForm { key: "new-account-{portfolio.id}", portfolio, account: None, done } }
        }
        (Subject::Account(_, id), Some(portfolio)) => {
            let account = portfolio.accounts.iter().find(|account| account.id == id).cloned();
            rsx! { AccountForm { key: "account-{id}", portfolio, account, done } }
        }
        (Subject::Portfolio(id), Some(portfolio)) => {
            rsx! { PortfolioForm { key: "portfolio-{id}", portfolio: Some(portfolio), done } }
        }
        _ => rsx! { PortfolioForm { key: "{NEW_PORTFOLIO}", portfolio: None, done } },
    };
    rsx! {
        div { class: "setup-columns",
            div { class: "setup-lists",
                Panel {
                    testid: "panel-portfolios",
                    title: "Portfolios",
                    class: "table-panel",
                    tools: rsx! {
                        Button { testid: "portfolio-new", onclick: move |_| subject.set(Subject::NewPortfolio), "New portfolio" }
                    },
                    if portfolios.is_empty() {
                        EmptyState {
                            testid: "portfolios-empty",
                            title: "No portfolio yet",
                            next: "Name the first one in the form beside this list",
                        }
                    } else {
                        table { class: "table rows", "data-testid": "portfolios",
                            thead {
                                tr {
                                    th { "Name" }
                                    th { "Base" }
                                    th { "Benchmark" }
                                    th { class: "numeric", "Accounts" }
                                }
                            }
                            tbody {
                                for portfolio in portfolios.iter() {
                                    {portfolio_row(portfolio, chosen_id, subject)}
                                }
                            }
                        }
                    }
                }
                Panel {
                    testid: "panel-accounts",
                    title: "Accounts",
                    note: chosen.as_ref().map(|portfolio| format!("of {}", portfolio.name)).unwrap_or_default(),
                    class: "table-panel",
                    tools: rsx! {
                        Button {
                            testid: "account-new",
                            disabled: chosen_id.is_none(),
                            onclick: move |_| {
                                if let Some(id) = chosen_id {
                                    subject.set(Subject::NewAccount(id));
                                }
                            },
                            "New account"
                        }
                    },
                    if accounts.is_empty() {
                        EmptyState {
                            testid: "accounts-empty",
                            title: "No account yet",
                            next: "Transactions are booked in an account; one lot method holds for each",
                        }
                    } else {
                        table { class: "table rows", "data-testid": "accounts",
                            thead {
                                tr {
                                    th { "Name" }
                                    th { "Lots are closed" }
                                }
                            }
                            tbody {
                                for account in accounts.iter() {
                                    {account_row(account, chosen_id, subject)}
                                }
                            }
                        }
                    }
                }
            }
            // A list of one: another key is another form, with nothing kept from the one before.
            for form in [form] {
                {form}
            }
        }
    }
}

fn portfolio_row(portfolio: &PortfolioSummary, chosen: Option<PortfolioId>, mut subject: Signal<Subject>) -> Element {
    let id = portfolio.id;
    rsx! {
        tr {
            key: "{id}",
            "data-testid": "portfolio-{portfolio.name}",
            "aria-selected": if chosen == Some(id) { "true" } else { "false" },
            onclick: move |_| subject.set(Subject::Portfolio(id)),
            td { title: portfolio.name.clone(), button { class: "row-button strong", r#type: "button", "{portfolio.name}" } }
            td { "{portfolio.currency}" }
            td { class: "faint", {portfolio.benchmark.clone().unwrap_or_else(|| "none".to_owned())} }
            td { class: "numeric", "{portfolio.accounts.len()}" }
        }
    }
}

fn account_row(account: &AccountSummary, portfolio: Option<PortfolioId>, mut subject: Signal<Subject>) -> Element {
    let id = account.id;
    let selected = matches!(*subject.read(), Subject::Account(_, chosen) if chosen == id);
    rsx! {
        tr {
            key: "{id}",
            "data-testid": "account-{account.name}",
            "aria-selected": if selected { "true" } else { "false" },
            onclick: move |_| {
                if let Some(portfolio) = portfolio {
                    subject.set(Subject::Account(portfolio, id));
                }
            },
            td { title: account.name.clone(), button { class: "row-button strong", r#type: "button", "{account.name}" } }
            td { class: "faint", {method_words(account.lot_method)} }
        }
    }
}

#[component]
fn PortfolioForm(portfolio: Option<PortfolioSummary>, done: Callback<Subject>) -> Element {
    let desk = use_desk();
    let old = portfolio.clone();
    let id = old.as_ref().map(|portfolio| portfolio.id);
    let benchmark_name = old.as_ref().and_then(|portfolio| portfolio.benchmark.clone());
    let mut name = use_signal(|| old.as_ref().map(|portfolio| portfolio.name.clone()).unwrap_or_default());
    let mut currency = use_signal(|| {
        old.as_ref()
            .map(|portfolio| portfolio.currency.to_string())
            .unwrap_or_default()
    });
    let mut benchmark = use_signal(String::new);
    let mut touched = use_signal(|| false);
    let saving = use_saving();
    // The session knows the benchmark by its name; the form speaks of its symbol.
    let wanted = benchmark_name.clone();
    let named = use_answer(move || {
        Some(GetInstruments {
            search: wanted.clone()?,
            offset: 0,
            limit: 20,
        })
    });
    use_effect(move || {
        let Some(found) = named.get() else { return };
        let row = found
            .rows
            .iter()
            .find(|row| Some(&row.draft.name) == benchmark_name.as_ref());
        if let Some(row) = row.filter(|_| !*touched.peek()) {
            benchmark.set(row.draft.symbol.clone());
        }
    });
    let suggested = use_answer(move || {
        let text = benchmark.read().trim().to_owned();
        (touched() && !text.is_empty()).then_some(SuggestSymbols { text, limit: 8 })
    });
    let suggestions: Vec<Choice> = suggested
        .get()
        .map(|found| {
            found
                .iter()
                .map(|found| Choice::new(&found.symbol, &found.name))
                .collect()
        })
        .unwrap_or_default();
    let save = move |()| {
        let ask = SavePortfolio {
            id,
            name: name(),
            currency: currency(),
            benchmark: benchmark(),
        };
        let wanted = name.peek().trim().to_owned();
        saving.write(ask, move |session| {
            desk.take_session(Ok(session));
            desk.say(format!("{wanted} is saved"));
            let portfolios = desk.book().map(|book| book.portfolios).unwrap_or_default();
            let saved = portfolios.into_iter().find(|portfolio| portfolio.name == wanted);
            if let Some(saved) = saved.filter(|_| id.is_none()) {
                desk.open_portfolio(saved.id);
                done.call(Subject::NewAccount(saved.id));
            }
        });
    };
    let title = portfolio
        .as_ref()
        .map_or_else(|| "New portfolio".to_owned(), |portfolio| portfolio.name.clone());
    rsx! {
        Panel { testid: "panel-portfolio-form", title, class: "form-panel",
            SavingForm {
                testid: "portfolio-save",
                words: if id.is_some() { "Save" } else { "Make the portfolio" },
                saving,
                fields: vec!["name", "currency", "benchmark"],
                onsave: save,
                Field {
                    name: "portfolio-name",
                    label: "Name",
                    value: name(),
                    autofocus: id.is_none(),
                    error: saving.refusal("name"),
                    oninput: move |text| name.set(text),
                }
                Field {
                    name: "portfolio-currency",
                    label: "Base currency",
                    value: currency(),
                    placeholder: "USD",
                    hint: "every figure of the portfolio is in it; fixed once there are transactions",
                    suggestions: currencies(),
                    error: saving.refusal("currency"),
                    oninput: move |text: String| currency.set(text.to_uppercase()),
                }
                Field {
                    name: "portfolio-benchmark",
                    label: "Benchmark",
                    value: benchmark(),
                    placeholder: "symbol, or nothing",
                    hint: "an index or fund of the list of instruments",
                    suggestions,
                    error: saving.refusal("benchmark"),
                    oninput: move |text| {
                        touched.set(true);
                        benchmark.set(text);
                    },
                }
            }
        }
    }
}

#[component]
fn AccountForm(portfolio: PortfolioSummary, account: Option<AccountSummary>, done: Callback<Subject>) -> Element {
    let desk = use_desk();
    let id = account.as_ref().map(|account| account.id);
    let home = portfolio.id;
    let mut name = use_signal(|| account.as_ref().map(|account| account.name.clone()).unwrap_or_default());
    let mut method = use_signal(|| {
        account
            .as_ref()
            .map(|account| account.lot_method)
            .unwrap_or_default()
            .to_string()
    });
    let saving = use_saving();
    let save = move |()| {
        let ask = SaveAccount {
            id,
            portfolio: home,
            name: name(),
            lot_method: method(),
        };
        let wanted = name.peek().trim().to_owned();
        saving.write(ask, move |session| {
            desk.take_session(Ok(session));
            desk.say(format!("{wanted} is saved"));
            let portfolios = desk.book().map(|book| book.portfolios).unwrap_or_default();
            let accounts = portfolios.into_iter().find(|portfolio| portfolio.id == home);
            let mut accounts = accounts.into_iter().flat_map(|portfolio| portfolio.accounts);
            if let Some(saved) = accounts.find(|account| account.name == wanted) {
                done.call(Subject::Account(home, saved.id));
            }
        });
    };
    let methods = LotMethod::ALL
        .iter()
        .map(|method| Choice::new(method.to_string(), method_words(*method)));
    let title = account
        .as_ref()
        .map_or_else(|| "New account".to_owned(), |account| account.name.clone());
    rsx! {
        Panel { testid: "panel-account-form", title, note: "of {portfolio.name}", class: "form-panel",
            SavingForm {
                testid: "account-save",
                words: if id.is_some() { "Save" } else { "Add the account" },
                saving,
                fields: vec!["name", "lot_method"],
                onsave: save,
                Field {
                    name: "account-name",
                    label: "Name",
                    value: name(),
                    placeholder: "Main",
                    autofocus: id.is_none(),
                    error: saving.refusal("name"),
                    oninput: move |text| name.set(text),
                }
                Select {
                    name: "account-method",
                    label: "Lots are closed",
                    value: method(),
                    choices: methods.collect::<Vec<_>>(),
                    error: saving.refusal("lot_method"),
                    onchange: move |text| method.set(text),
                }
                p { class: "field-hint", "Fixed once the account has transactions" }
            }
        }
    }
}

fn method_words(method: LotMethod) -> &'static str {
    match method {
        LotMethod::Fifo => "oldest first (FIFO)",
        LotMethod::Lifo => "newest first (LIFO)",
        LotMethod::Hifo => "highest cost first (HIFO)",
        LotMethod::Average => "at average cost",
        LotMethod::Specific => "as each trade names them",
    }
}

//! `apex portfolios`, `apex accounts` and `apex instruments`.

use anyhow::{Context, bail};
use apex_domain::{Currency, InstrumentId};
use apex_wire::session::{OpenBook, Session};
use apex_wire::setup::{GetInstruments, InstrumentDraft, InstrumentRow, SaveAccount, SaveInstrument, SavePortfolio};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

use super::Done;
use crate::arguments::{AccountsAct, Instruments, InstrumentsAct, Lots, PortfoliosAct, Terms};
use crate::desk::{Desk, refused};
use crate::output::{self, Set, Table, or_unknown};

/// Instruments asked for at a time.
const WINDOW: usize = 500;

/// A list as JSON.
#[derive(Serialize)]
struct List<T> {
    rows: Vec<T>,
}

#[derive(Serialize)]
struct PortfolioLine {
    name: String,
    currency: Currency,
    benchmark: Option<String>,
    accounts: Vec<String>,
}

#[derive(Serialize)]
struct AccountLine {
    portfolio: String,
    name: String,
    lots: String,
}

#[derive(Serialize)]
struct InstrumentLine {
    id: InstrumentId,
    #[serde(flatten)]
    draft: InstrumentDraft,
    symbol_history: Vec<String>,
    last_price: Option<Decimal>,
    last_price_date: Option<Date>,
    simulated: bool,
}

/// Lists the portfolios, or adds one first.
pub(super) async fn portfolios(desk: &Desk, act: Option<PortfoliosAct>) -> anyhow::Result<Done> {
    let mut book = desk.open().await?;
    if let Some(PortfoliosAct::Add {
        name,
        currency,
        benchmark,
    }) = act
    {
        let ask = SavePortfolio {
            id: None,
            name,
            currency,
            benchmark,
        };
        book = opened(desk.app.save_portfolio(ask, &desk.moment()).await.map_err(refused)?)?;
    }
    let rows: Vec<PortfolioLine> = book
        .portfolios
        .into_iter()
        .map(|one| PortfolioLine {
            accounts: one.accounts.into_iter().map(|account| account.name).collect(),
            name: one.name,
            currency: one.currency,
            benchmark: one.benchmark,
        })
        .collect();
    if desk.common.json {
        output::json(&List { rows })?;
        return Ok(Done::Well);
    }
    let mut table = Table::new(&[
        ("Portfolio", Set::Words),
        ("Currency", Set::Words),
        ("Benchmark", Set::Words),
        ("Accounts", Set::Words),
    ]);
    for row in rows {
        table.row([
            row.name,
            row.currency.to_string(),
            row.benchmark.unwrap_or_default(),
            row.accounts.join(", "),
        ]);
    }
    print(
        &table,
        "no portfolio yet; add one with `apex portfolios add NAME --currency USD`",
    )
}

/// Lists the accounts, or adds one first.
pub(super) async fn accounts(desk: &Desk, act: Option<AccountsAct>) -> anyhow::Result<Done> {
    let mut book = desk.open().await?;
    if let Some(AccountsAct::Add { name, lots }) = act {
        if desk.common.portfolio.is_none() && book.portfolios.len() > 1 {
            bail!(
                "there are {} portfolios; say which one gets {name} with --portfolio",
                book.portfolios.len()
            );
        }
        let ask = SaveAccount {
            id: None,
            portfolio: desk.view()?.portfolio,
            name,
            lot_method: method(lots).to_owned(),
        };
        book = opened(desk.app.save_account(ask, &desk.moment()).await.map_err(refused)?)?;
    }
    let only = match &desk.common.portfolio {
        Some(_) => Some(desk.view()?.portfolio),
        None => None,
    };
    let mut rows = Vec::new();
    for portfolio in book
        .portfolios
        .into_iter()
        .filter(|one| only.is_none_or(|only| only == one.id))
    {
        rows.extend(portfolio.accounts.into_iter().map(|account| AccountLine {
            portfolio: portfolio.name.clone(),
            name: account.name,
            lots: account.lot_method.to_string(),
        }));
    }
    if desk.common.json {
        output::json(&List { rows })?;
        return Ok(Done::Well);
    }
    let mut table = Table::new(&[("Portfolio", Set::Words), ("Account", Set::Words), ("Lots", Set::Words)]);
    for row in rows {
        table.row([row.portfolio, row.name, row.lots]);
    }
    print(
        &table,
        "no account yet; add one with `apex accounts add NAME --lots fifo`",
    )
}

/// Lists the instruments, or adds or changes one and prints it.
pub(super) async fn instruments(desk: &Desk, ask: Instruments) -> anyhow::Result<Done> {
    desk.open().await?;
    let none = if ask.search.trim().is_empty() {
        "no instrument yet; add one with `apex instruments add SYMBOL --currency USD`".to_owned()
    } else {
        format!("no instrument that mentions {}", ask.search.trim())
    };
    let rows = match ask.act {
        None => listed(desk, &ask.search)?,
        Some(InstrumentsAct::Add { symbol, terms }) => {
            let draft = changed(
                InstrumentDraft {
                    symbol,
                    kind: "equity".to_owned(),
                    ..InstrumentDraft::default()
                },
                terms,
            );
            vec![save(desk, None, draft, String::new()).await?]
        }
        Some(InstrumentsAct::Edit {
            symbol,
            new_symbol,
            from,
            terms,
        }) => {
            let found = listed(desk, &symbol)?
                .into_iter()
                .find(|row| row.draft.symbol.eq_ignore_ascii_case(&symbol));
            let found = found.with_context(|| format!("there is no instrument {symbol}; see `apex instruments`"))?;
            let mut draft = changed(found.draft, terms);
            if let Some(new_symbol) = new_symbol {
                draft.symbol = new_symbol;
            }
            vec![save(desk, Some(found.id), draft, from.unwrap_or_default()).await?]
        }
    };
    if desk.common.json {
        let rows = rows
            .into_iter()
            .map(|row| InstrumentLine {
                id: row.id,
                draft: row.draft,
                symbol_history: row.symbol_history,
                last_price: row.last_price.map(|(_, price)| price),
                last_price_date: row.last_price.map(|(day, _)| day),
                simulated: row.simulated,
            })
            .collect();
        output::json(&List { rows })?;
        return Ok(Done::Well);
    }
    let mut table = Table::new(&[
        ("Symbol", Set::Words),
        ("Name", Set::Words),
        ("Kind", Set::Words),
        ("Currency", Set::Words),
        ("ISIN", Set::Words),
        ("Sector", Set::Words),
        ("Country", Set::Words),
        ("Last price", Set::Numbers),
        ("On", Set::Words),
    ]);
    for row in rows {
        let draft = row.draft;
        table.row([
            draft.symbol,
            draft.name,
            draft.kind,
            draft.currency,
            draft.isin,
            draft.sector,
            draft.country,
            or_unknown(row.last_price.map(|(_, price)| apex_format::quantity(price))),
            row.last_price.map(|(day, _)| day.to_string()).unwrap_or_default(),
        ]);
    }
    print(&table, &none)
}

fn opened(session: Session) -> anyhow::Result<OpenBook> {
    match session {
        Session::Open(book) => Ok(*book),
        Session::Locked | Session::FirstRun { .. } => bail!("the book is not open any more"),
    }
}

fn print(table: &Table, empty: &str) -> anyhow::Result<Done> {
    if table.len() == 0 {
        output::text(&format!("{empty}\n"))?;
    } else {
        output::text(&table.layout())?;
    }
    Ok(Done::Well)
}

fn method(lots: Lots) -> &'static str {
    match lots {
        Lots::Fifo => "fifo",
        Lots::Lifo => "lifo",
        Lots::Hifo => "hifo",
        Lots::Average => "average",
        Lots::Specific => "specific",
    }
}

fn listed(desk: &Desk, search: &str) -> anyhow::Result<Vec<InstrumentRow>> {
    let mut rows = Vec::new();
    loop {
        let ask = GetInstruments {
            search: search.to_owned(),
            offset: rows.len(),
            limit: WINDOW,
        };
        let window = desk.app.get_instruments(ask).map_err(refused)?;
        let ended = window.rows.is_empty();
        rows.extend(window.rows);
        if ended || rows.len() >= window.total_rows {
            return Ok(rows);
        }
    }
}

async fn save(
    desk: &Desk,
    id: Option<InstrumentId>,
    draft: InstrumentDraft,
    symbol_from: String,
) -> anyhow::Result<InstrumentRow> {
    let ask = SaveInstrument { id, draft, symbol_from };
    desk.app.save_instrument(ask, &desk.moment()).await.map_err(refused)
}

/// Puts in what was named.
fn changed(mut draft: InstrumentDraft, terms: Terms) -> InstrumentDraft {
    let named = [
        (&mut draft.name, terms.name),
        (&mut draft.kind, terms.kind),
        (&mut draft.currency, terms.currency),
        (&mut draft.isin, terms.isin),
        (&mut draft.exchange, terms.exchange),
        (&mut draft.sector, terms.sector),
        (&mut draft.country, terms.country),
        (&mut draft.coupon, terms.coupon),
        (&mut draft.frequency, terms.frequency),
        (&mut draft.maturity, terms.maturity),
        (&mut draft.underlying, terms.underlying),
        (&mut draft.strike, terms.strike),
        (&mut draft.right, terms.right),
        (&mut draft.contract_size, terms.contract_size),
    ];
    for (field, text) in named {
        if let Some(text) = text {
            *field = text;
        }
    }
    draft
}

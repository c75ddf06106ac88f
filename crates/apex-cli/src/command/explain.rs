//! `apex explain`: from a figure to its inputs, and back.

use anyhow::{Context, bail};
use apex_domain::{AccountId, InstrumentId};
use apex_wire::explain::{Explain, Explanation, FigureName};
use apex_wire::holdings::{GetHoldings, GridRow, HoldingRow};

use super::Done;
use crate::arguments::{self, Figure, Method};
use crate::desk::{Desk, refused};
use crate::output::{self, Set, Table};

/// Shows how a figure comes about.
pub(super) async fn explain(desk: &Desk, ask: arguments::Explain) -> anyhow::Result<Done> {
    desk.open().await?;
    let view = desk.view()?;
    let figure = figure(desk, &ask)?;
    let explanation = desk.app.explain(Explain { view, figure }).map_err(refused)?;
    if desk.common.json {
        output::json(&explanation)?;
    } else {
        output::text(&text(&explanation))?;
    }
    Ok(Done::Well)
}

fn figure(desk: &Desk, ask: &arguments::Explain) -> anyhow::Result<FigureName> {
    let period = |period: &str| FigureName::PeriodPnl {
        period: period.to_owned(),
    };
    let method = method(ask.method).to_owned();
    let (level, horizon, window, from) = (ask.level, ask.horizon, ask.window, ask.from);
    Ok(match ask.figure {
        Figure::Nav => FigureName::Nav,
        Figure::Day => period("day"),
        Figure::Month => period("month"),
        Figure::Year => period("year"),
        Figure::Cash => FigureName::CashTotal,
        Figure::CashBalance => {
            let currency = ask.currency.context("a cash balance needs --currency")?;
            FigureName::CashBalance {
                account: account(desk, ask)?,
                currency,
            }
        }
        Figure::MarketValue => {
            let (instrument, account) = holding(desk, ask)?;
            FigureName::MarketValue { instrument, account }
        }
        Figure::Cost => {
            let (instrument, account) = holding(desk, ask)?;
            FigureName::Cost { instrument, account }
        }
        Figure::Unrealized => {
            let (instrument, account) = holding(desk, ask)?;
            FigureName::Unrealized { instrument, account }
        }
        Figure::Weight => {
            let (instrument, account) = holding(desk, ask)?;
            FigureName::Weight { instrument, account }
        }
        Figure::Contribution => FigureName::Contribution {
            instrument: instrument(desk, ask)?,
            from,
        },
        Figure::Twr => FigureName::Twr { from },
        Figure::Mwr => FigureName::Mwr { from },
        Figure::Statistic => {
            let key = ask
                .key
                .clone()
                .context("a statistic needs --key, such as --key sharpe")?;
            FigureName::Statistic { key, from }
        }
        Figure::Var => FigureName::Var {
            method,
            level,
            horizon,
            window,
        },
        Figure::Es => FigureName::ExpectedShortfall {
            method,
            level,
            horizon,
            window,
        },
        Figure::GrossExposure => FigureName::GrossExposure,
        Figure::NetExposure => FigureName::NetExposure,
    })
}

/// Returns the name of a method as replies write it.
pub(super) fn method(method: Method) -> &'static str {
    match method {
        Method::Historical => "historical",
        Method::AgeWeighted => "age-weighted",
        Method::Filtered => "filtered",
        Method::Normal => "normal",
        Method::StudentT => "student-t",
        Method::CornishFisher => "cornish-fisher",
        Method::MonteCarlo => "monte-carlo",
        Method::TCopula => "t-copula",
        Method::BlockBootstrap => "block-bootstrap",
    }
}

fn symbol(ask: &arguments::Explain) -> anyhow::Result<&str> {
    ask.symbol
        .as_deref()
        .context("this figure belongs to a holding; name it with --symbol")
}

/// Finds a holding by symbol, and by account where several hold it.
fn holding(desk: &Desk, ask: &arguments::Explain) -> anyhow::Result<(InstrumentId, AccountId)> {
    let symbol = symbol(ask)?;
    let wanted = |row: &HoldingRow| {
        row.symbol.eq_ignore_ascii_case(symbol)
            && ask
                .account
                .as_ref()
                .is_none_or(|account| row.account_name.eq_ignore_ascii_case(account))
    };
    let window = GetHoldings {
        view: desk.view()?,
        group: Vec::new(),
        collapsed: Vec::new(),
        sort: None,
        filter: symbol.to_owned(),
        offset: 0,
        limit: 1000,
    };
    let window = desk.app.get_holdings(window).map_err(refused)?;
    let found: Vec<(InstrumentId, AccountId, String)> = window
        .rows
        .into_iter()
        .filter_map(|row| match row {
            GridRow::Holding(row) if wanted(&row) => Some((row.instrument?, row.account, row.account_name)),
            _ => None,
        })
        .collect();
    match found.as_slice() {
        [(instrument, account, _)] => Ok((*instrument, *account)),
        [] => bail!("{symbol} is not held on {}; see `apex positions`", window.as_of),
        several => {
            let accounts: Vec<&str> = several.iter().map(|(.., account)| account.as_str()).collect();
            bail!("{symbol} is held in {}; choose one with --account", accounts.join(", "))
        }
    }
}

fn instrument(desk: &Desk, ask: &arguments::Explain) -> anyhow::Result<InstrumentId> {
    let symbol = symbol(ask)?;
    let ask = apex_wire::transactions::SuggestSymbols {
        text: symbol.to_owned(),
        limit: 1,
    };
    let found = desk.app.suggest_symbols(ask).map_err(refused)?.into_iter().next();
    let found = found.filter(|found| found.symbol.eq_ignore_ascii_case(symbol));
    Ok(found
        .with_context(|| format!("there is no instrument {symbol}; see `apex instruments`"))?
        .instrument)
}

fn account(desk: &Desk, ask: &arguments::Explain) -> anyhow::Result<AccountId> {
    let fold = desk.app.fold(desk.view()?)?;
    let mut named = fold.accounts().values().filter(|account| {
        ask.account
            .as_ref()
            .is_none_or(|name| account.name.eq_ignore_ascii_case(name))
    });
    match (named.next(), named.next()) {
        (Some(only), None) => Ok(only.id),
        (None, _) => bail!("there is no such account; see `apex accounts`"),
        _ => bail!("there are several accounts; choose one with --account"),
    }
}

fn text(explanation: &Explanation) -> String {
    let mut table = Table::new(&[
        ("Input", Set::Words),
        ("Value", Set::Numbers),
        ("Unit", Set::Words),
        ("Date", Set::Words),
        ("Source", Set::Words),
    ]);
    for input in &explanation.inputs {
        table.row([
            input.label.clone(),
            input.value.clone(),
            input.unit.clone(),
            input.date.map(|day| day.to_string()).unwrap_or_default(),
            input.source.clone(),
        ]);
    }
    if explanation.inputs.len() < explanation.inputs_total {
        table.note(format!(
            "{} of {} inputs",
            explanation.inputs.len(),
            explanation.inputs_total
        ));
    }
    let agrees = if explanation.agrees { "agrees" } else { "DIFFERS" };
    let mut text = format!(
        "{}\n\nShown       {}\nRecomputed  {}  {agrees}\n",
        explanation.title, explanation.shown, explanation.recomputed
    );
    text.push_str(&format!("Formula     {}\n", explanation.formula));
    for (name, value) in &explanation.parameters {
        text.push_str(&format!("Parameter   {name} = {value}\n"));
    }
    for convention in &explanation.conventions {
        text.push_str(&format!("Convention  {convention}\n"));
    }
    text.push_str(&format!(
        "Source      {}\nEngine      {}\n\n{}",
        explanation.source,
        explanation.engine,
        table.layout()
    ));
    text
}

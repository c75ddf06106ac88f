//! `apex whatif`: every figure of the book before and after edits on a scratch copy. `apex proposals`: edits kept.

use std::path::Path;

use apex_app::what_if::{FileEdit, Sizes, read_edits};
use apex_domain::Currency;
use apex_format::{money, percent, quantity};
use apex_wire::Amount;
use apex_wire::what_if::{
    Changed, Funding, GetProposals, GetWhatIf, KeepProposal, ProposalEntry, RemoveProposal, WhatIfEdit,
};

use super::{Done, scenario};
use crate::arguments::{Fund, ProposalsAct, WhatIf};
use crate::desk::{self, Desk, refused};
use crate::output::{self, Set, Table};

/// Positions asked for: more than any book has.
const ROWS: usize = 10_000;

/// Edits, and where each of them was read.
#[derive(Default)]
struct Edits {
    edits: Vec<WhatIfEdit>,
    places: Vec<String>,
    fee_bps: f64,
    funding: Funding,
}

/// Prints every figure before and after edits.
pub(super) async fn what_if(desk: &Desk, ask: WhatIf) -> anyhow::Result<Done> {
    desk.open().await?;
    let Edits {
        edits,
        places,
        fee_bps,
        funding,
    } = edits(desk, &ask).await?;
    let mut stress = Vec::with_capacity(ask.scenarios.len());
    for name in &ask.scenarios {
        stress.push(scenario::named(desk, name).await?);
    }
    let view = desk.view()?;
    let question = GetWhatIf {
        view,
        edits: edits.clone(),
        level: ask.level,
        horizon: ask.horizon,
        window: ask.window,
        fee_bps,
        funding,
        stress,
        filter: String::new(),
        sort: None,
        offset: 0,
        limit: ROWS,
    };
    let found = desk.app.get_what_if(question).map_err(refused)?;
    let mut is_refused = false;
    for (outcome, place) in found.edits.iter().zip(&places) {
        if let Some(refused) = &outcome.refused {
            is_refused = true;
            let (field, value) = (&refused.field, &refused.value);
            output::say(&format!("apex: {place}: {field} `{value}`: {}", refused.sentence));
        }
    }
    if is_refused {
        return Ok(Done::Refused);
    }
    if let Some(name) = ask.keep {
        let base_version = version(desk, &name).await?;
        let keep = KeepProposal {
            view,
            name,
            note: ask.note,
            edits,
            fee_bps,
            funding,
            base_version,
        };
        desk.app.keep_proposal(keep, &desk.moment()).await.map_err(refused)?;
    }
    if desk.common.json {
        output::figures(&found)?;
    } else {
        output::text(&text(&found))?;
    }
    Ok(Done::Well)
}

/// Reads the edits of files or of a proposal.
async fn edits(desk: &Desk, ask: &WhatIf) -> anyhow::Result<Edits> {
    if let Some(name) = &ask.proposal {
        let proposal = desk.app.proposal_named(name).await.map_err(refused)?.proposal;
        let places = (1..=proposal.edits.len()).map(|line| format!("{}, edit {line}", proposal.name));
        return Ok(Edits {
            places: places.collect(),
            edits: proposal.edits,
            fee_bps: proposal.fee_bps,
            funding: proposal.funding,
        });
    }
    let mut found = Edits {
        fee_bps: ask.fee_bps.unwrap_or(0.0),
        funding: match ask.fund {
            Some(Fund::Base) => Funding::Base,
            Some(Fund::Price) | None => Funding::Price,
        },
        ..Edits::default()
    };
    for (path, sizes) in [(&ask.trades, Sizes::Trades), (&ask.weights, Sizes::Weights)] {
        let Some(path) = path else { continue };
        let (name, lines) = from_file(path, sizes)?;
        for FileEdit { line, edit } in lines {
            found.places.push(format!("{name}, line {line}"));
            found.edits.push(edit);
        }
    }
    Ok(found)
}

fn from_file(path: &Path, sizes: Sizes) -> anyhow::Result<(String, Vec<FileEdit>)> {
    let (name, bytes) = desk::file(path)?;
    let text = String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("{name} is not UTF-8 text"))?;
    let edits = read_edits(&name, &text, sizes)?;
    Ok((name, edits))
}

/// Returns the version that the book has of a proposal; 0 where it has none.
async fn version(desk: &Desk, name: &str) -> anyhow::Result<u64> {
    let all = desk.app.get_proposals(GetProposals {}).await.map_err(refused)?;
    let known = all.into_iter().find(|entry| entry.proposal.name == name.trim());
    Ok(known.map_or(0, |entry| entry.version))
}

fn text(found: &apex_wire::what_if::WhatIf) -> String {
    let base = found.currency;
    let parts = [
        trades(found),
        figures(found),
        exposures(found),
        stress(found),
        cash(found),
    ];
    let notes: Vec<String> = found
        .notes
        .iter()
        .cloned()
        .chain(found.left_out.iter().map(|line| format!("left out: {line}")))
        .collect();
    format!(
        "What if, on {}, amounts in {base}\n\n{}\n\n{}\n",
        found.as_of,
        parts.join("\n"),
        notes.join("\n")
    )
}

fn trades(found: &apex_wire::what_if::WhatIf) -> String {
    let mut table = Table::new(&[
        ("Trade", Set::Words),
        ("Quantity", Set::Numbers),
        ("Price", Set::Numbers),
        ("", Set::Words),
        ("Value", Set::Numbers),
        ("Fee", Set::Numbers),
        ("Settles", Set::Words),
    ]);
    for edit in &found.edits {
        let Some(trade) = &edit.trade else {
            table.note(format!("{}: nothing has to be traded", edit.symbol));
            continue;
        };
        if trade.opens_short {
            table.note(format!("{} is sold short", edit.symbol));
        }
        table.row([
            edit.symbol.clone(),
            quantity(trade.quantity).to_string(),
            quantity(trade.price).to_string(),
            trade.currency.to_string(),
            amount(&trade.value, found.currency),
            amount(&trade.fee, found.currency),
            trade.settle.to_string(),
        ]);
    }
    table.layout()
}

/// Puts a figure and its change into a table, and why there is none.
fn change<T>(
    table: &mut Table,
    name: &str,
    figure: &Changed<apex_wire::Figure<T>>,
    text: impl Fn(Option<&T>) -> String,
) {
    for side in [&figure.before, &figure.after] {
        side.because()
            .into_iter()
            .for_each(|because| table.note(format!("{name}: {because}")));
    }
    let cells = [&figure.before, &figure.after, &figure.change].map(|side| text(side.known()));
    table.row(std::iter::once(name.to_owned()).chain(cells));
}

fn beside(heading: &'static str) -> Table {
    Table::new(&[
        (heading, Set::Words),
        ("Before", Set::Numbers),
        ("After", Set::Numbers),
        ("Change", Set::Numbers),
    ])
}

fn figures(found: &apex_wire::what_if::WhatIf) -> String {
    let (figures, base) = (&found.figures, found.currency);
    let mut table = beside("Figure");
    let cash = |value: Option<&rust_decimal::Decimal>| money(value.copied(), base.code()).to_string();
    let share = |value: Option<&f64>| percent(value.copied(), 2).to_string();
    let number = |value: Option<&f64>| apex_format::fixed(value.copied(), 4).to_string();
    change(&mut table, "Net asset value", &figures.nav, cash);
    change(&mut table, "Cash", &figures.cash, cash);
    change(&mut table, "Gross exposure", &figures.gross_exposure, share);
    change(&mut table, "Net exposure", &figures.net_exposure, share);
    let level = percent(found.risk.level, 1);
    change(&mut table, &format!("VaR {level}"), &figures.var, share);
    change(&mut table, &format!("VaR {level}, amount"), &figures.var_amount, cash);
    change(&mut table, &format!("ES {level}"), &figures.es, share);
    change(&mut table, &format!("ES {level}, amount"), &figures.es_amount, cash);
    change(&mut table, "Volatility a year", &figures.volatility, share);
    change(&mut table, "Tracking error a year", &figures.tracking_error, share);
    change(&mut table, "Beta", &figures.beta, number);
    change(&mut table, "Active share", &figures.active_share, share);
    change(&mut table, "Herfindahl index", &figures.hhi, number);
    change(&mut table, "Effective number", &figures.effective_number, number);
    table.layout()
}

fn exposures(found: &apex_wire::what_if::WhatIf) -> String {
    let mut table = beside("Share of net asset value");
    for exposures in &found.exposures {
        for row in &exposures.rows {
            change(&mut table, &row.label, &row.weight, |value: Option<&f64>| {
                percent(value.copied(), 2).to_string()
            });
        }
    }
    table.layout()
}

fn stress(found: &apex_wire::what_if::WhatIf) -> String {
    let mut table = beside("Scenario");
    for row in &found.stress {
        change(
            &mut table,
            &row.name,
            &row.profit,
            |value: Option<&rust_decimal::Decimal>| money(value.copied(), found.currency.code()).to_string(),
        );
    }
    table.layout()
}

fn cash(found: &apex_wire::what_if::WhatIf) -> String {
    let mut table = beside("Cash settled by");
    for step in &found.cash {
        let code = step.currency.code();
        let balance = &step.balance;
        let cells = [balance.before, balance.after, balance.change].map(|value| money(value, code).to_string());
        table.row(std::iter::once(format!("{} {code}", step.settle)).chain(cells));
    }
    table.layout()
}

/// Lists, shows or removes proposals.
pub(super) async fn proposals(desk: &Desk, act: Option<ProposalsAct>) -> anyhow::Result<Done> {
    desk.open().await?;
    match act {
        None | Some(ProposalsAct::List) => {
            let all = desk.app.get_proposals(GetProposals {}).await.map_err(refused)?;
            if desk.common.json {
                output::json(&all)?;
            } else {
                output::text(&list(&all))?;
            }
        }
        Some(ProposalsAct::Show { name }) => {
            let found = desk.app.proposal_named(&name).await.map_err(refused)?;
            if desk.common.json {
                output::json(&found)?;
            } else {
                output::text(&shown(&found))?;
            }
        }
        Some(ProposalsAct::Remove { name }) => {
            let found = desk.app.proposal_named(&name).await.map_err(refused)?;
            let name = found.proposal.name;
            let ask = RemoveProposal {
                name: name.clone(),
                base_version: found.version,
            };
            desk.app.remove_proposal(ask, &desk.moment()).await.map_err(refused)?;
            if desk.common.json {
                output::json(&serde_json::json!({ "name": name, "version": null }))?;
            } else {
                output::text(&format!("{name} is removed\n"))?;
            }
        }
    }
    Ok(Done::Well)
}

fn list(all: &[ProposalEntry]) -> String {
    let mut table = Table::new(&[
        ("Proposal", Set::Words),
        ("Portfolio", Set::Words),
        ("Day", Set::Words),
        ("Edits", Set::Numbers),
        ("What it is for", Set::Words),
    ]);
    for entry in all {
        let proposal = &entry.proposal;
        table.row([
            proposal.name.clone(),
            proposal.portfolio.clone(),
            proposal.as_of.to_string(),
            proposal.edits.len().to_string(),
            proposal.note.clone(),
        ]);
    }
    if all.is_empty() {
        table.note("no proposal is kept; `apex whatif --trades FILE --keep NAME` keeps one".to_owned());
    }
    table.layout()
}

fn shown(entry: &ProposalEntry) -> String {
    let proposal = &entry.proposal;
    let mut table = Table::new(&[("Symbol", Set::Words), ("What", Set::Words), ("Size", Set::Numbers)]);
    for edit in &proposal.edits {
        table.row([
            edit.symbol.clone(),
            edit.by.field().replace('_', " "),
            edit.size.clone(),
        ]);
    }
    if !proposal.note.is_empty() {
        table.note(proposal.note.clone());
    }
    format!(
        "{} for {} on {}, fee {} basis points\n\n{}",
        proposal.name,
        proposal.portfolio,
        proposal.as_of,
        proposal.fee_bps,
        table.layout()
    )
}

fn amount(figure: &Amount, currency: Currency) -> String {
    money(figure.known().copied(), currency.code()).to_string()
}

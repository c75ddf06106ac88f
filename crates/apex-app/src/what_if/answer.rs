//! Every figure of the book and of the scratch copy, side by side.

use std::collections::BTreeMap;

use apex_analytics::concentration::concentration;
use apex_domain::{Decimal, InstrumentKind, Subject};
use apex_wire::holdings::{Classification, HoldingRow};
use apex_wire::scenario::Scenario;
use apex_wire::what_if::{
    Changed, ExposureChange, ExposureChanges, Funding, GetWhatIf, RiskBasis, ScratchTrade, StressChange, WhatIf,
    WhatIfFigures,
};
use apex_wire::{Amount, Figure, Statistic};

use super::edits::{Reader, Trade};
use super::risk::{PartChange, RiskFigures};
use super::scratch::Scratch;
use super::{STRESS_USUAL, cash, positions};
use crate::error::Result;
use crate::fold::PortfolioFold;
use crate::grid::add;
use crate::overview::{exposures, values_by_label};
use crate::risk::{Part, share_of};
use crate::risk_report::weights_by_instrument;
use crate::scenario::{library, share};
use crate::valuation::weight;

const CLASSIFICATIONS: [Classification; 4] = [
    Classification::AssetClass,
    Classification::Sector,
    Classification::Country,
    Classification::Currency,
];

/// Answers a question that was found sound.
pub(super) fn what_if(fold: &PortfolioFold, ask: &GetWhatIf) -> Result<WhatIf> {
    let valuation = fold.valuation();
    let (outcomes, trades) = Reader::new(fold, ask).read();
    let scratch = Scratch::of(fold, &trades, ask.funding);
    let changes = scratch.changes();
    let parts = scratch.parts(&changes);
    let (total_rows, rows) = positions::window(fold, ask, &scratch, &changes);
    let (risk, basis, left_out) = risk(fold, ask, &scratch, &parts)?;
    let shown: Vec<&ScratchTrade> = outcomes.iter().filter_map(|outcome| outcome.trade.as_ref()).collect();
    let (bought, sold, fees) = sums(&shown);
    let mut moved = bought.clone();
    add(&mut moved, &sold);
    let turnover = weight(&moved.map(|moved| moved / Decimal::TWO), &valuation.nav);
    Ok(WhatIf {
        as_of: fold.as_of(),
        currency: fold.currency(),
        bought,
        sold,
        fees,
        turnover,
        figures: figures(fold, &scratch, risk)?,
        risk: basis,
        exposures: exposure_changes(fold, &scratch),
        stress: stress(fold, ask, &scratch, &changes)?,
        cash: cash::ladder(fold, &scratch.moves),
        total_rows,
        offset: ask.offset,
        rows,
        notes: notes(fold, ask, &trades),
        edits: outcomes,
        left_out,
    })
}

/// Returns an amount before and after.
pub(super) fn amounts(before: Amount, after: Amount) -> Changed<Amount> {
    let mut change = after.clone();
    add(&mut change, &before.clone().map(|before| -before));
    Changed { before, after, change }
}

/// Returns a statistic before and after.
pub(super) fn statistics(before: Statistic, after: Statistic) -> Changed<Statistic> {
    let change = match (&before, &after) {
        (Figure::Known(before), Figure::Known(after)) => Figure::Known(after - before),
        (_, Figure::Unavailable(because)) | (Figure::Unavailable(because), _) => Figure::Unavailable(because.clone()),
    };
    Changed { before, after, change }
}

fn sums(trades: &[&ScratchTrade]) -> (Amount, Amount, Amount) {
    let mut sums = [(); 3].map(|()| Figure::Known(Decimal::ZERO));
    let [bought, sold, fees] = &mut sums;
    for trade in trades {
        if trade.quantity.is_sign_negative() {
            add(sold, &trade.value.clone().map(|value| -value));
        } else {
            add(bought, &trade.value);
        }
        add(fees, &trade.fee);
    }
    sums.into()
}

/// The figures before and after of two books.
struct Both {
    before: RiskFigures,
    after: RiskFigures,
}

fn risk(
    fold: &PortfolioFold,
    ask: &GetWhatIf,
    scratch: &Scratch<'_>,
    parts: &[PartChange],
) -> Result<(Both, RiskBasis, Vec<String>)> {
    let horizon = usize::try_from(ask.horizon).unwrap_or(usize::MAX);
    let nav = &fold.valuation().nav;
    let kept = fold.what_if().risk(fold, ask.window, &[])?;
    let (before, mut left_out) = kept.before(ask.level, horizon)?;
    let mut basis = kept.clone();
    // Without a single change the figures are those of the book themselves, to the last bit.
    let after = if parts.is_empty() && *nav == scratch.nav {
        before.clone()
    } else {
        let instruments = parts.iter().map(|change| change.part);
        let others: Vec<Part> = instruments.filter(|part| matches!(part, Part::Instrument(_))).collect();
        basis = fold.what_if().risk(fold, ask.window, &others)?;
        let found = basis.after(fold, parts, (nav, &scratch.nav), (ask.level, horizon))?;
        left_out = found.1;
        found.0
    };
    let (days, window) = basis.days();
    let basis = RiskBasis {
        method: "historical".to_owned(),
        level: ask.level,
        horizon: ask.horizon,
        window,
        days,
        benchmark: fold.portfolio().benchmark.map(|id| fold.symbol(id)),
    };
    Ok((Both { before, after }, basis, left_out))
}

fn figures(fold: &PortfolioFold, scratch: &Scratch<'_>, risk: Both) -> Result<WhatIfFigures> {
    let valuation = fold.valuation();
    let nav = amounts(valuation.nav.clone(), scratch.nav.clone());
    let mut cash = Figure::Known(Decimal::ZERO);
    let is_cash = |row: &&HoldingRow| row.instrument.is_none();
    scratch
        .rows()
        .filter(is_cash)
        .for_each(|row| add(&mut cash, &row.market_value));
    let (gross, net) = exposures(&valuation.rows, &nav.before);
    let (gross_after, net_after) = exposures(scratch.rows(), &nav.after);
    let of_nav = |before: &Statistic, after: &Statistic| {
        let money = |nav: &Amount, share: &Statistic| match share {
            Figure::Known(share) => share_of(fold, nav, *share),
            Figure::Unavailable(because) => Figure::Unavailable(because.clone()),
        };
        amounts(money(&nav.before, before), money(&nav.after, after))
    };
    let Both { before, after } = risk;
    let (hhi, effective_number) = concentrations(fold, scratch)?;
    let members = match fold.portfolio().benchmark {
        Some(id) => format!("the weights of the members of {} are not in the book", fold.symbol(id)),
        None => "the portfolio has no benchmark".to_owned(),
    };
    let unknown = Figure::Unavailable(members);
    Ok(WhatIfFigures {
        cash: amounts(valuation.cash(), cash),
        gross_exposure: statistics(gross, gross_after),
        net_exposure: statistics(net, net_after),
        var_amount: of_nav(&before.var, &after.var),
        es_amount: of_nav(&before.es, &after.es),
        var: statistics(before.var, after.var),
        es: statistics(before.es, after.es),
        volatility: statistics(before.volatility, after.volatility),
        tracking_error: statistics(before.tracking_error, after.tracking_error),
        beta: statistics(before.beta, after.beta),
        active_share: statistics(unknown.clone(), unknown),
        hhi,
        effective_number,
        nav,
    })
}

/// The Herfindahl-Hirschman index and the effective number of instruments.
fn concentrations(fold: &PortfolioFold, scratch: &Scratch<'_>) -> Result<(Changed<Statistic>, Changed<Statistic>)> {
    let of = |weights: &[f64]| -> Result<(Statistic, Statistic)> {
        let found = concentration(weights, 0)?;
        let figure = |value: Option<f64>| Figure::or_because(value, || "no instrument is held".to_owned());
        Ok((figure(found.hhi), figure(found.effective_number)))
    };
    let rows = &fold.valuation().rows;
    let before = of(&weights_by_instrument(rows.iter().map(|row| (row, &row.weight))).1)?;
    let after = if scratch.is_untouched() {
        before.clone()
    } else {
        let weighed: Vec<(&HoldingRow, Statistic)> = scratch
            .rows()
            .map(|row| (row, weight(&row.market_value, &scratch.nav)))
            .collect();
        of(&weights_by_instrument(weighed.iter().map(|(row, weight)| (*row, weight))).1)?
    };
    Ok((statistics(before.0, after.0), statistics(before.1, after.1)))
}

fn exposure_changes(fold: &PortfolioFold, scratch: &Scratch<'_>) -> Vec<ExposureChanges> {
    let valuation = fold.valuation();
    let of = |by: Classification| {
        let before = values_by_label(&valuation.rows, by);
        let after = values_by_label(scratch.rows(), by);
        let nothing = || Figure::Known(Decimal::ZERO);
        let labels = before
            .keys()
            .chain(after.keys().filter(|label| !before.contains_key(*label)));
        let mut rows: Vec<ExposureChange> = labels
            .map(|label| {
                let (before, after) = (before.get(label).cloned(), after.get(label).cloned());
                let value = amounts(before.unwrap_or_else(nothing), after.unwrap_or_else(nothing));
                ExposureChange {
                    label: (*label).to_owned(),
                    weight: statistics(
                        weight(&value.before, &valuation.nav),
                        weight(&value.after, &scratch.nav),
                    ),
                    value,
                }
            })
            .collect();
        let size = |value: &Amount| value.known().map_or(Decimal::MAX, Decimal::abs);
        // The order is that of the book, so that nothing moves while a person types; what is new comes last.
        rows.sort_by(|left, right| {
            size(&right.value.before)
                .cmp(&size(&left.value.before))
                .then_with(|| left.label.cmp(&right.label))
        });
        ExposureChanges { by, rows }
    };
    CLASSIFICATIONS.map(of).into()
}

fn stress(
    fold: &PortfolioFold,
    ask: &GetWhatIf,
    scratch: &Scratch<'_>,
    changes: &BTreeMap<Subject, (Decimal, Amount)>,
) -> Result<Vec<StressChange>> {
    let usual: Vec<Scenario>;
    let scenarios = if ask.stress.is_empty() {
        usual = library()
            .into_iter()
            .filter(|scenario| STRESS_USUAL.contains(&scenario.name.as_str()))
            .collect();
        &usual
    } else {
        &ask.stress
    };
    let known = fold.what_if().values(fold);
    let changed: Vec<(Part, &Amount)> = changes
        .iter()
        .filter_map(|(subject, (_, value))| Some((scratch.part(*subject)?, value)))
        .collect();
    let others = changed.iter().map(|(part, _)| *part);
    let others: Vec<Part> = others.filter(|part| !known.contains_key(part)).collect();
    let one = |scenario: &Scenario| {
        let book = fold.what_if().stressed(fold, scenario, &[])?;
        let before = book.before();
        let after = if changed.is_empty() {
            before.clone()
        } else {
            let all = fold.what_if().stressed(fold, scenario, &others)?;
            all.after(fold, changed.iter().copied())
        };
        let shares = (
            share(&before.profit, &fold.valuation().nav),
            share(&after.profit, &scratch.nav),
        );
        Ok(StressChange {
            name: scenario.name.clone(),
            share: statistics(shares.0, shares.1),
            profit: amounts(before.profit, after.profit),
            left_out: after.left_out,
        })
    };
    let mut found: Vec<StressChange> = scenarios.iter().map(one).collect::<Result<_>>()?;
    // What the data cannot tell comes last.
    found.sort_by_key(|stress| stress.profit.before.known().is_none());
    Ok(found)
}

fn notes(fold: &PortfolioFold, ask: &GetWhatIf, trades: &[Trade]) -> Vec<String> {
    let mut notes = vec![
        format!("Prices and rates are the last on or before {}", fold.as_of()),
        if ask.fee_bps == 0.0 {
            "No fee, spread or market impact is charged".to_owned()
        } else {
            format!(
                "A fee of {} basis points is charged; no spread or market impact",
                ask.fee_bps
            )
        },
        match ask.funding {
            Funding::Price => "Trades are paid in the currency of their price, as the ledger books them".to_owned(),
            Funding::Base => format!(
                "Trades are paid in {}, exchanged at the rate of the day",
                fold.currency()
            ),
        },
        "Cash moves on the weekday on which the market settles; holidays are not known".to_owned(),
    ];
    let kind = |trade: &Trade| fold.instrument(trade.instrument).map(|one| one.kind);
    if trades.iter().any(|trade| kind(trade) == Some(InstrumentKind::Bond)) {
        notes.push("Bonds trade at their clean price, without accrued interest".to_owned());
    }
    notes
}

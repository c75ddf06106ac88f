//! `apex optimize` of a portfolio of the book.

use std::path::Path;

use anyhow::bail;
use apex_app::Job;
use apex_app::covariance::Estimator;
use apex_app::optimize::{FileText, OBSERVATIONS_A_YEAR};
use apex_app::optimizer;
use apex_domain::Currency;
use apex_format::{money, percent, percent_number, quantity};
use apex_wire::Amount;
use apex_wire::optimizer::{
    Constraints, LinkageName, ObjectiveName, Optimized, Policy, PortfolioPoint, RunOptimizer, TradeList, TradeSide,
};
use clap::ValueEnum;

use super::{estimator, file_text, frontier_text};
use crate::arguments::{self, Optimize};
use crate::command::Done;
use crate::desk::{self, Desk, refused};
use crate::output::{self, Set, Table, or_unknown};

/// Prints the best weights of a portfolio of the book and the trades that lead there, or a frontier.
pub(in crate::command) async fn of_portfolio(desk: &Desk, ask: &Optimize) -> anyhow::Result<Done> {
    super::refuse_unused(ask)?;
    let policy = match &ask.policy {
        Some(file) => {
            let FileText { name, text } = file_text(file)?;
            optimizer::read_policy(&text).map_err(|err| anyhow::anyhow!("{name}: {err}"))?
        }
        None => policy(ask)?,
    };
    if ask.resample.is_some() {
        bail!("a portfolio of the book takes no --resample; use a table of prices");
    }
    desk.open().await?;
    let request = RunOptimizer {
        policy,
        window: ask.window,
        added: ask.add.clone(),
        invests_cash: ask.invest_cash,
        points: ask.frontier.map_or(0, |points| points as usize),
        ..RunOptimizer::new(desk.view()?)
    };
    let begun = desk::instant();
    let elapsed = || desk::instant().duration_since(begun).as_secs_f64() * 1000.0;
    if ask.frontier.is_some() {
        let mut report = desk.app.frontier_report(&request).map_err(refused)?;
        report.elapsed_ms = elapsed();
        if desk.common.json {
            output::json(&report)?;
        } else {
            output::text(&frontier_text(&report, ["Mean a day", "Volatility a day"]))?;
        }
        return Ok(Done::Well);
    }
    if desk.common.json {
        let mut report = desk.app.optimize_report(request).map_err(refused)?;
        report.elapsed_ms = elapsed();
        output::json(&report)?;
    } else {
        output::text(&portfolio_text(
            &desk.app.run_optimizer(request, &Job::unwatched()).map_err(refused)?,
        ))?;
    }
    Ok(Done::Well)
}

/// Returns the policy that the options say; rates become percent a year.
fn policy(ask: &Optimize) -> anyhow::Result<Policy> {
    use arguments::Objective as Asked;
    let missing = || anyhow::anyhow!("--objective says what the weights are to be best at");
    let (objective, target_percent) = match ask.objective.ok_or_else(missing)? {
        Asked::BlackLitterman | Asked::EntropyPooling => bail!(
            "views on a portfolio of the book stand in a policy: --policy FILE.toml with means = \"equilibrium\" or \
             \"pooled\" and [[views]]"
        ),
        Asked::TargetReturn => (
            ObjectiveName::TargetReturn,
            ask.target_mean.map(|mean| mean * OBSERVATIONS_A_YEAR * 100.0),
        ),
        Asked::MinCvar => (
            ObjectiveName::MinCvar,
            ask.target_mean.map(|mean| mean * OBSERVATIONS_A_YEAR * 100.0),
        ),
        Asked::TargetVolatility => (
            ObjectiveName::TargetVolatility,
            ask.target_volatility
                .map(|volatility| volatility * OBSERVATIONS_A_YEAR.sqrt() * 100.0),
        ),
        asked => {
            let name = asked.to_possible_value().map(|value| value.get_name().to_owned());
            let found = name.as_deref().and_then(ObjectiveName::of);
            (found.ok_or_else(missing)?, None)
        }
    };
    if ask.unconstrained {
        bail!("a portfolio of the book takes no --unconstrained; say lower = -1 in --constraints");
    }
    if ask.budgets.is_some() {
        bail!("shares of risk of a portfolio stand in a policy by symbol: --policy FILE.toml with [budgets]");
    }
    if ask
        .benchmark_weights
        .as_deref()
        .is_some_and(|file| file != Path::new("equal"))
    {
        bail!("the benchmark of a portfolio stands in a policy: --policy FILE.toml with [benchmark]");
    }
    if ask.distance_of_distances || ask.optimal_leaf_order {
        bail!(
            "a portfolio of the book takes neither --distance-of-distances nor --optimal-leaf-order; use a table of prices"
        );
    }
    let mut constraints = match &ask.constraints {
        Some(file) => {
            let FileText { name, text } = file_text(file)?;
            optimizer::read_constraints(&text).map_err(|err| anyhow::anyhow!("{name}: {err}"))?
        }
        None => Constraints::default(),
    };
    constraints.upper = ask.max_weight.or(constraints.upper);
    let usual = Policy::default();
    Ok(Policy {
        objective,
        target_percent,
        risk_free_percent: ask.risk_free.unwrap_or_default() * 100.0,
        risk_aversion: ask.risk_aversion.unwrap_or(usual.risk_aversion),
        level: ask.alpha,
        estimator: ask.estimator.map_or(Estimator::LedoitWolf, estimator),
        linkage: ask.linkage.map(|linkage| match linkage {
            arguments::Linkage::Single => LinkageName::Single,
            arguments::Linkage::Average => LinkageName::Average,
            arguments::Linkage::Ward => LinkageName::Ward,
        }),
        clusters: ask.clusters.map(|count| count as usize),
        constraints,
        ..usual
    })
}

fn portfolio_text(found: &Optimized) -> String {
    let share = |value: f64| percent(value, 2).to_string();
    let mut weights = Table::new(&[
        ("Symbol", Set::Words),
        ("Now %", Set::Numbers),
        ("After %", Set::Numbers),
        ("Change %", Set::Numbers),
        ("Risk now %", Set::Numbers),
        ("Risk after %", Set::Numbers),
    ]);
    let number = |value: f64| percent_number(value, 2).to_string();
    for line in found.lines.iter().filter(|line| line.now != 0.0 || line.after > 1e-6) {
        weights.row([
            line.symbol.clone(),
            number(line.now),
            number(line.after),
            number(line.change),
            or_unknown(line.risk_now.known().map(|value| number(*value))),
            or_unknown(line.risk_after.known().map(|value| number(*value))),
        ]);
    }
    for note in found.notes.iter().chain(&found.left_out) {
        weights.note(note.clone());
    }
    let point = |name: &str, point: &PortfolioPoint| {
        format!(
            "{name}  mean {} a year, volatility {}, Sharpe ratio {}, expected shortfall of a day {}\n",
            share(point.mean_year),
            share(point.volatility_year),
            or_unknown(point.sharpe_year.known().map(|value| format!("{value:.2}"))),
            or_unknown(point.cvar.known().map(|value| share(*value))),
        )
    };
    let residual = or_unknown(found.kkt_residual.map(|value| format!("{value:.1e}")));
    let mut text = format!("{}{}", point("Now   ", &found.now), point("After ", &found.after));
    text.push_str(&format!(
        "Weights add up to {} of NAV; steps {}, optimality residual {residual}",
        share(found.budget),
        found.iterations
    ));
    if let Some(gap) = found.gap {
        text.push_str(&format!(", gap {gap:.1e}"));
    }
    format!(
        "{text}\n\n{}\n{}",
        weights.layout(),
        trades_text(&found.trades, found.currency)
    )
}

/// Returns a list of trades with its sums.
pub(in crate::command) fn trades_text(list: &TradeList, currency: Currency) -> String {
    let mut trades = Table::new(&[
        ("Side", Set::Words),
        ("Symbol", Set::Words),
        ("Quantity", Set::Numbers),
        ("Price", Set::Numbers),
        ("", Set::Words),
        ("Amount", Set::Numbers),
        ("Cost", Set::Numbers),
    ]);
    let amount = |value: &Amount| or_unknown(value.known().map(|value| money(*value, currency.code())));
    for row in &list.rows {
        trades.row([
            match row.side {
                TradeSide::Buy => "buy".to_owned(),
                TradeSide::Sell => "sell".to_owned(),
            },
            row.symbol.clone(),
            quantity(row.quantity).to_string(),
            row.price.normalize().to_string(),
            row.currency.to_string(),
            amount(&row.amount),
            amount(&row.cost),
        ]);
    }
    format!(
        "Trades in {currency}, never orders: bought {}, sold {}, cost {}, cash changes by {}\n{}",
        amount(&list.bought),
        amount(&list.sold),
        amount(&list.cost),
        amount(&list.cash_change),
        trades.layout()
    )
}

//! `apex risk`: VaR and ES of the current book.

mod details;

use apex_app::risk_report::{RiskAsk, RiskDetailsAsk, RiskReport};
use apex_app::statistics::{MeanRule, SimulatedDistribution, VarMethod, VarSettings};
use apex_format::{counted, money, percent};

use details::details_text;

use super::Done;
use super::statistics::settings_of_one;
use crate::arguments::{Risk, With};
use crate::desk::{Desk, refused};
use crate::output::{self, Set, Table, or_unknown};

/// Prints VaR and ES by one method.
pub(super) async fn risk(desk: &Desk, ask: Risk) -> anyhow::Result<Done> {
    let settings = settings_of_one(ask.method, ask.level, &ask.model)?;
    desk.open().await?;
    let with = |what: With| ask.with.contains(&what);
    let details = RiskDetailsAsk {
        view: desk.view()?,
        method: named(&settings).to_owned(),
        level: ask.level,
        horizon: ask.horizon,
        window: ask.window,
        backtest_days: ask.backtest_days,
        participation: ask.participation,
        methods: with(With::Methods),
        increments: with(With::Increments),
        factors: with(With::Factors),
        backtest: with(With::Backtest),
        exposures: with(With::Exposures),
    };
    let ask = RiskAsk {
        view: desk.view()?,
        settings: VarSettings {
            horizon: usize::try_from(ask.horizon)?,
            ..settings
        },
        window: ask.window,
    };
    let mut report = desk.app.risk_report(ask).map_err(refused)?;
    report.details = desk.app.risk_details(details).await.map_err(refused)?;
    if desk.common.json {
        output::json(&report)?;
    } else {
        output::text(&format!("{}{}", text(&report), details_text(&report.details)))?;
    }
    Ok(Done::Well)
}

/// The name under which the book knows a method.
fn named(settings: &VarSettings) -> &'static str {
    match (settings.method, settings.simulation.distribution) {
        (VarMethod::MonteCarlo, SimulatedDistribution::TCopula) => "t-copula",
        (VarMethod::MonteCarlo, SimulatedDistribution::BlockBootstrap) => "block-bootstrap",
        (method, _) => method.name(),
    }
}

fn text(report: &RiskReport) -> String {
    let base = report.currency.code();
    let mut table = Table::new(&[
        ("Holding", Set::Words),
        ("Weight", Set::Numbers),
        ("VaR", Set::Numbers),
        ("ES", Set::Numbers),
    ]);
    for part in &report.components {
        table.row([
            part.asset.clone(),
            percent(part.weight, 2).to_string(),
            percent(part.var, 4).to_string(),
            percent(part.es, 4).to_string(),
        ]);
    }
    report
        .unavailable
        .iter()
        .for_each(|because| table.note(because.clone()));
    report
        .left_out
        .iter()
        .for_each(|sentence| table.note(format!("left out: {sentence}")));
    let mut how = vec![format!("{} daily returns", report.window)];
    if let Some((first, last)) = report.days {
        how.push(format!("{first} to {last}"));
    }
    how.extend(
        report
            .quantile
            .as_ref()
            .map(|rule| format!("quantile {}", rule.replace('_', " "))),
    );
    how.extend(report.mean.map(|mean| match mean {
        MeanRule::Zero => "mean zero".to_owned(),
        MeanRule::Sample => "mean of the sample".to_owned(),
    }));
    let name = report.method.name();
    let mut held = format!(
        "\neffective number of instruments {}\n",
        or_unknown(
            report
                .concentration
                .effective_number
                .map(|number| format!("{number:.1}"))
        )
    );
    for (kind, list) in &report.exposures {
        let shares = list.iter().map(|one| format!("{} {}", one.label, percent(one.net, 1)));
        held.push_str(&format!("by {kind}: {}\n", shares.collect::<Vec<String>>().join(", ")));
    }
    let figure = |share: Option<f64>, amount| format!("{}  {} {base}", percent(share, 4), money(amount, base));
    format!(
        "{} on {}, net asset value {} {base}\n{name} at {}, {} ahead, {}\n\nValue at risk       {}\n\
         Expected shortfall  {}\n\n{}{held}",
        report.portfolio,
        report.as_of,
        money(report.nav, base),
        percent(report.level, 1),
        counted(report.horizon as u64, "day"),
        how.join(", "),
        figure(report.var, report.var_amount),
        figure(report.es, report.es_amount),
        table.layout(),
    )
}

//! `apex stats`, `apex xirr`, `apex twr` and `apex var`: files in, figures out, no book.

use std::path::Path;

use anyhow::bail;
use apex_app::statistics::{
    self, BenchmarkAsk, HorizonRule, MeanRule, QuantileRule, SimulatedDistribution, Simulation, StatsAsk, StatsReport,
    VarMethod, VarReport, VarSettings, VolatilityModel, XirrStatus,
};
use apex_app::table;
use apex_format::percent;

use super::Done;
use crate::arguments::{self, Common, FileOnly, Mean, Stats, Var, VarModel};
use crate::desk;
use crate::output::{self, Set, Table, or_unknown};

/// Prints the statistics of every column of a price table.
pub(super) fn stats(ask: &Stats, common: &Common) -> anyhow::Result<Done> {
    let benchmark = match (&ask.benchmark, &ask.benchmark_prices) {
        (Some(column), _) => Some(BenchmarkAsk::Column(column.clone())),
        (None, Some(file)) if file == Path::new("-") && ask.prices == Path::new("-") => {
            bail!("standard input holds one file; name the other one")
        }
        (None, Some(file)) => Some(BenchmarkAsk::Table(prices(file)?)),
        (None, None) => None,
    };
    let report = statistics::stats(&StatsAsk {
        prices: prices(&ask.prices)?,
        benchmark,
        equal_weight: ask.equal_weight,
        calendar: ask.calendar,
        rolling: ask.rolling,
    })?;
    if common.json {
        output::json(&report)?;
    } else {
        output::text(&stats_text(&report)?)?;
    }
    Ok(Done::Well)
}

pub(super) fn prices(file: &Path) -> anyhow::Result<apex_app::statistics::PriceTable> {
    let (name, bytes) = desk::file(file)?;
    Ok(table::price_table(&name, &bytes)?)
}

/// Statistics down, columns across: names are short and there are many statistics.
fn stats_text(report: &StatsReport) -> anyhow::Result<String> {
    let mut text = String::new();
    let sheets: Vec<(&String, serde_json::Value)> = report
        .rows
        .iter()
        .map(|(name, sheet)| Ok((name, serde_json::to_value(sheet)?)))
        .collect::<anyhow::Result<_>>()?;
    let keys: Vec<String> = report.rows.values().next().map(statistics::keys).unwrap_or_default();
    for (name, sheet) in &sheets {
        let mut table = Table::new(&[("Statistic", Set::Words), ("", Set::Numbers)]);
        for key in &keys {
            let value = sheet.get(key).filter(|value| !value.is_null());
            let value = value.map(|value| match value.as_f64().filter(|_| value.is_f64()) {
                Some(number) => format!("{number:.6}"),
                None => value.to_string(),
            });
            table.row([key.clone(), or_unknown(value)]);
        }
        text.push_str(&format!("{name}\n\n{}\n", table.layout()));
    }
    for (name, calendar) in report.calendar_returns.iter().flatten() {
        let mut table = Table::new(&[("Year", Set::Words), ("Return", Set::Numbers)]);
        for (year, value) in &calendar.yearly {
            table.row([year.clone(), percent(*value, 2).to_string()]);
        }
        text.push_str(&format!("{name} by year\n\n{}\n", table.layout()));
    }
    for (name, block) in &report.rolling {
        if let statistics::RollingBlock::Rows(rows) = block
            && let Some((_, last)) = rows.last_key_value()
        {
            let number = |value: Option<f64>| or_unknown(value.map(|value| format!("{value:.4}")));
            text.push_str(&format!(
                "{name}, {} windows, the last on {}: volatility {}, Sharpe ratio {}, beta {}, correlation {}\n",
                rows.len(),
                last.date,
                percent(last.vol, 2),
                number(last.sharpe),
                number(last.beta),
                number(last.corr),
            ));
        }
    }
    let what = if report.dropped == 1 { "date" } else { "dates" };
    text.push_str(&format!(
        "{} {what} dropped, because not every column has them\n",
        report.dropped
    ));
    Ok(text)
}

/// Prints every rate that solves dated flows.
pub(super) fn xirr(ask: &FileOnly, common: &Common) -> anyhow::Result<Done> {
    let (name, bytes) = desk::file(&ask.file)?;
    let rates = match table::amounts(&name, &bytes) {
        Ok(flows) => statistics::rates(&flows),
        Err(err) => statistics::invalid_rates(err.to_string()),
    };
    let reason = rates.reason.clone().unwrap_or_default();
    if common.json {
        output::json(&rates)?;
    } else {
        let mut text = String::new();
        for root in &rates.roots {
            text.push_str(&format!("{} a year\n", percent(*root, 6)));
        }
        if rates.status != XirrStatus::Invalid && !reason.is_empty() {
            text.push_str(&format!("{reason}\n"));
        }
        output::text(&text)?;
    }
    if rates.status == XirrStatus::Invalid {
        output::say(&format!("apex: {reason}"));
        return Ok(Done::Refused);
    }
    Ok(Done::Well)
}

/// Prints the returns of dated values.
pub(super) fn twr(ask: &FileOnly, common: &Common) -> anyhow::Result<Done> {
    let (name, bytes) = desk::file(&ask.file)?;
    let returns = statistics::period_returns(&table::values(&name, &bytes)?)?;
    if common.json {
        output::json(&returns)?;
        return Ok(Done::Well);
    }
    let mut table = Table::new(&[("Return", Set::Words), ("", Set::Numbers)]);
    for (name, value) in [
        (
            "Time-weighted, flows at the start of their period",
            returns.twr_flow_start,
        ),
        ("Time-weighted, flows at the end of their period", returns.twr_flow_end),
        ("Modified Dietz, whole period", returns.modified_dietz),
        ("Money-weighted, a year", returns.xirr),
        ("Money-weighted, whole period", returns.mwr_period),
    ] {
        table.row([name.to_owned(), percent(value, 6).to_string()]);
    }
    if returns.xirr.is_none() {
        table.note("money-weighted: no single rate explains these flows; `apex xirr` lists all".to_owned());
    }
    output::text(&table.layout())?;
    Ok(Done::Well)
}

/// Prints VaR and ES of a price table.
pub(super) fn var(ask: &Var, common: &Common) -> anyhow::Result<Done> {
    let table = prices(&ask.prices)?;
    let weights = weights(&ask.weights)?;
    let settings = VarSettings {
        horizon: usize::try_from(ask.horizon)?,
        horizon_rule: match ask.horizon_rule {
            arguments::HorizonRule::Overlap => HorizonRule::Overlap,
            arguments::HorizonRule::Sqrt => HorizonRule::Sqrt,
        },
        window: ask.window,
        ..settings_of_one(ask.method, ask.level, &ask.model)?
    };
    let report = match ask.incremental {
        false => statistics::var(&table, weights.as_deref(), &settings)?,
        true => statistics::var_with_increments(&table, weights.as_deref(), &settings)?,
    };
    if common.json {
        output::json(&report)?;
    } else {
        output::text(&var_text(&report))?;
    }
    Ok(Done::Well)
}

/// Reads weights; `None` stands for equal ones.
pub(super) fn weights(file: &Path) -> anyhow::Result<Option<Vec<(String, f64)>>> {
    if file == Path::new("equal") {
        return Ok(None);
    }
    let (name, bytes) = desk::file(file)?;
    Ok(Some(table::weights(&name, &bytes)?))
}

/// Returns one-day settings of one method.
///
/// # Errors
/// When an option is given that only another method takes.
pub(super) fn settings_of_one(
    method: arguments::VarMethod,
    level: f64,
    model: &VarModel,
) -> anyhow::Result<VarSettings> {
    use arguments::Distribution;
    let settings = settings(method, level, model);
    let simulated =
        (settings.method == VarMethod::MonteCarlo).then(|| model.distribution.unwrap_or(Distribution::Normal));
    let named = |name: &str| format!("--method {name}");
    let drawn = |name: &str| format!("--method monte-carlo --distribution {name}");
    for (option, is_given, is_taken, by) in [
        (
            "--decay",
            model.decay.is_some(),
            settings.method == VarMethod::AgeWeighted,
            named("age-weighted"),
        ),
        (
            "--volatility",
            model.volatility.is_some(),
            settings.method == VarMethod::Filtered,
            named("filtered"),
        ),
        (
            "--distribution",
            model.distribution.is_some(),
            simulated.is_some(),
            named("monte-carlo"),
        ),
        (
            "--block",
            model.block.is_some(),
            simulated == Some(Distribution::BlockBootstrap),
            drawn("block-bootstrap"),
        ),
        (
            "--degrees-of-freedom",
            model.degrees_of_freedom.is_some(),
            simulated == Some(Distribution::TCopula),
            drawn("t-copula"),
        ),
    ] {
        if is_given && !is_taken {
            bail!("{option} belongs to {by}; leave it out");
        }
    }
    Ok(settings)
}

/// Returns one-day settings from what was typed.
fn settings(method: arguments::VarMethod, level: f64, model: &VarModel) -> VarSettings {
    let method = match method {
        arguments::VarMethod::Historical => VarMethod::Historical,
        arguments::VarMethod::AgeWeighted => VarMethod::AgeWeighted,
        arguments::VarMethod::Filtered => VarMethod::Filtered,
        arguments::VarMethod::Normal => VarMethod::Normal,
        arguments::VarMethod::StudentT => VarMethod::StudentT,
        arguments::VarMethod::CornishFisher => VarMethod::CornishFisher,
        arguments::VarMethod::MonteCarlo => VarMethod::MonteCarlo,
    };
    let usual = VarSettings::one_day(method, level);
    VarSettings {
        mean: match model.mean {
            Mean::Sample => MeanRule::Sample,
            Mean::Zero => MeanRule::Zero,
        },
        quantile: match model.quantile {
            arguments::Quantile::Linear => QuantileRule::Linear,
            arguments::Quantile::Lower => QuantileRule::Lower,
            arguments::Quantile::OrderStatistic => QuantileRule::OrderStatistic,
        },
        decay: model.decay.unwrap_or(usual.decay),
        volatility: match model.volatility {
            Some(arguments::Volatility::Ewma) => VolatilityModel::Ewma,
            Some(arguments::Volatility::Garch) => VolatilityModel::Garch,
            None => usual.volatility,
        },
        simulation: Simulation {
            distribution: match model.distribution {
                Some(arguments::Distribution::Normal) => SimulatedDistribution::Normal,
                Some(arguments::Distribution::TCopula) => SimulatedDistribution::TCopula,
                Some(arguments::Distribution::BlockBootstrap) => SimulatedDistribution::BlockBootstrap,
                None => usual.simulation.distribution,
            },
            paths: model.paths,
            seed: model.seed,
            block: model.block.unwrap_or(usual.simulation.block),
            degrees_of_freedom: model.degrees_of_freedom,
        },
        ..usual
    }
}

fn var_text(report: &VarReport) -> String {
    let share = |value: f64| percent(value, 4).to_string();
    let mut columns = vec![
        ("Asset", Set::Words),
        ("Weight", Set::Numbers),
        ("VaR", Set::Numbers),
        ("ES", Set::Numbers),
        ("Marginal VaR", Set::Numbers),
        ("Marginal ES", Set::Numbers),
    ];
    if report.components.iter().any(|part| part.incremental_var.is_some()) {
        columns.extend([("Incremental VaR", Set::Numbers), ("Incremental ES", Set::Numbers)]);
    }
    let mut table = Table::new(&columns);
    for part in &report.components {
        let mut row = vec![part.asset.clone(), percent(part.weight, 2).to_string()];
        row.extend([part.var, part.es, part.marginal_var, part.marginal_es].map(share));
        row.extend(
            [part.incremental_var, part.incremental_es]
                .into_iter()
                .flatten()
                .map(share),
        );
        table.row(row);
    }
    let mut how = vec![format!("{} daily returns", report.window)];
    if report.horizon > 1 {
        how.push(match (report.horizon_rule, report.method) {
            (HorizonRule::Overlap, VarMethod::MonteCarlo) => format!("{} simulated days", report.horizon),
            (HorizonRule::Overlap, _) => format!("{} days ahead by overlapping windows", report.horizon),
            (HorizonRule::Sqrt, _) => format!("{} days ahead by the root of time", report.horizon),
        });
    }
    how.extend(report.decay.map(|decay| format!("decay {decay}")));
    how.extend(report.volatility.map(|model| match model {
        VolatilityModel::Ewma => "exponentially weighted volatility".to_owned(),
        VolatilityModel::Garch => "GARCH(1,1) volatility".to_owned(),
    }));
    if let (Some(distribution), Some(paths), Some(seed)) = (report.distribution, report.paths, report.seed) {
        let drawn = match distribution {
            SimulatedDistribution::Normal => "normal paths".to_owned(),
            SimulatedDistribution::TCopula => "paths of a t copula".to_owned(),
            SimulatedDistribution::BlockBootstrap => {
                format!("paths of past days in blocks of {}", report.block.unwrap_or(1))
            }
        };
        how.push(format!("{paths} {drawn}, seed {seed}"));
    }
    how.extend(
        report
            .degrees_of_freedom
            .map(|degrees| format!("{degrees:.2} degrees of freedom")),
    );
    how.extend(
        report
            .quantile
            .as_ref()
            .map(|rule| format!("{} quantile", rule.replace('_', " "))),
    );
    how.extend(report.mean.map(|mean| match mean {
        MeanRule::Zero => "mean zero".to_owned(),
        MeanRule::Sample => "mean of the sample".to_owned(),
    }));
    format!(
        "{} at {}, {}\n\nValue at risk       {}\nExpected shortfall  {}\n\n{}",
        report.method.name(),
        percent(report.level, 1),
        how.join(", "),
        percent(report.var, 4),
        percent(report.es, 4),
        table.layout()
    )
}

//! `apex optimize` and `apex covariance`.

mod portfolio;

use std::path::Path;

use anyhow::bail;
use apex_app::covariance::{self, CovarianceAsk, CovarianceReport, Estimator};
use apex_app::optimize::{self, FileText, FrontierReport, Linkage, Objective, OptimizeAsk, OptimizeReport};
use apex_app::statistics::PriceTable;
use apex_app::table;
use apex_format::{counted, percent};
use clap::ValueEnum;

use super::Done;
use crate::arguments::{self, Common, Covariance, Optimize};
use crate::desk;
use crate::output::{self, Set, Table, or_unknown};

pub(super) use portfolio::{of_portfolio, trades_text};

/// Prints the best weights, or a frontier.
pub(super) fn optimize(ask: &Optimize, common: &Common) -> anyhow::Result<Done> {
    let Some(file) = &ask.prices else {
        bail!("--prices names the table");
    };
    let inputs = [Some(file), ask.views.as_ref(), ask.constraints.as_ref()];
    if inputs
        .into_iter()
        .flatten()
        .filter(|file| *file == Path::new("-"))
        .count()
        > 1
    {
        bail!("standard input holds one file; name the others");
    }
    refuse_unused(ask)?;
    let request = OptimizeAsk {
        prices: prices(file)?,
        objective: objective(ask)?,
        level: ask.alpha,
        weight_max: ask.max_weight,
        unconstrained: ask.unconstrained,
        constraints: ask.constraints.as_deref().map(file_text).transpose()?,
    };
    let begun = desk::instant();
    let elapsed = || desk::instant().duration_since(begun).as_secs_f64() * 1000.0;
    if let Some(points) = ask.frontier {
        let resampling = ask.resample.map(|draws| (draws as usize, ask.seed));
        let mut report = optimize::efficient_frontier(&request, points as usize, resampling)?;
        report.elapsed_ms = elapsed();
        if common.json {
            output::json(&report)?;
        } else {
            output::text(&frontier_text(&report, ["Mean a period", "Volatility a period"]))?;
        }
        return Ok(Done::Well);
    }
    let mut report = optimize::optimize(&request)?;
    report.elapsed_ms = elapsed();
    if common.json {
        output::json(&report)?;
    } else {
        output::text(&optimize_text(&report))?;
    }
    Ok(Done::Well)
}

/// Refuses options that the objective does not take, and all of them beside a policy.
fn refuse_unused(ask: &Optimize) -> anyhow::Result<()> {
    use arguments::Objective as Asked;
    let trees = &[Asked::Hrp, Asked::Herc, Asked::Nco][..];
    for (option, is_given, takers) in [
        ("--risk-free", ask.risk_free.is_some(), &[Asked::MaxSharpe][..]),
        ("--risk-aversion", ask.risk_aversion.is_some(), &[Asked::Utility]),
        (
            "--target-mean",
            ask.target_mean.is_some(),
            &[Asked::TargetReturn, Asked::MinCvar],
        ),
        (
            "--target-volatility",
            ask.target_volatility.is_some(),
            &[Asked::TargetVolatility],
        ),
        ("--budgets", ask.budgets.is_some(), &[Asked::RiskParity]),
        ("--linkage", ask.linkage.is_some(), trees),
        ("--distance-of-distances", ask.distance_of_distances, trees),
        ("--optimal-leaf-order", ask.optimal_leaf_order, trees),
        ("--clusters", ask.clusters.is_some(), &[Asked::Herc, Asked::Nco]),
        (
            "--views",
            ask.views.is_some(),
            &[Asked::BlackLitterman, Asked::EntropyPooling],
        ),
        (
            "--benchmark-weights",
            ask.benchmark_weights.is_some(),
            &[Asked::MinTrackingError],
        ),
    ] {
        let name = |asked: &Asked| asked.to_possible_value().map(|value| value.get_name().to_owned());
        match &ask.objective {
            _ if !is_given => {}
            None => bail!("{option} is not taken beside --policy; write it in that file"),
            Some(asked) if !takers.contains(asked) => {
                let takers: Vec<String> = takers.iter().filter_map(name).collect();
                let asked = name(asked).unwrap_or_default();
                bail!(
                    "{option} is for {}, not for {asked}; leave it out",
                    takers.join(" and ")
                );
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn prices(file: &Path) -> anyhow::Result<PriceTable> {
    let (name, bytes) = desk::file(file)?;
    Ok(table::price_table(&name, &bytes)?)
}

fn file_text(file: &Path) -> anyhow::Result<FileText> {
    let (name, bytes) = desk::file(file)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(FileText { name, text }),
        Err(_) => bail!("{name} is not text in UTF-8"),
    }
}

fn objective(ask: &Optimize) -> anyhow::Result<Objective> {
    use arguments::Objective as Asked;
    let missing = |option: &str| anyhow::anyhow!("this objective needs {option}");
    let settings = |otherwise: Linkage| {
        let linkage = match ask.linkage {
            None => otherwise,
            Some(arguments::Linkage::Single) => Linkage::Single,
            Some(arguments::Linkage::Average) => Linkage::Average,
            Some(arguments::Linkage::Ward) => Linkage::Ward,
        };
        optimize::hierarchy_settings(linkage, ask.distance_of_distances, ask.optimal_leaf_order)
    };
    let views = || file_text(ask.views.as_deref().ok_or_else(|| missing("--views"))?);
    let clusters = ask.clusters.map(|count| count as usize);
    let Some(asked) = ask.objective else {
        bail!("--objective says what the weights are to be best at");
    };
    Ok(match asked {
        Asked::MinVariance => Objective::MinVariance,
        Asked::MaxSharpe => Objective::MaxSharpe(ask.risk_free.unwrap_or_default()),
        Asked::Utility => Objective::Utility(ask.risk_aversion.ok_or_else(|| missing("--risk-aversion"))?),
        Asked::MinCvar => Objective::MinCvar(ask.target_mean),
        Asked::MinCdar => Objective::MinCdar,
        Asked::MinMaxDrawdown => Objective::MinMaxDrawdown,
        Asked::RiskParity => Objective::RiskParity(ask.budgets.clone()),
        Asked::InverseVolatility => Objective::InverseVolatility,
        Asked::MaxDiversification => Objective::MaxDiversification,
        Asked::Hrp => Objective::Hrp(settings(Linkage::Single)),
        Asked::Herc => Objective::Herc(settings(Linkage::Ward), clusters),
        Asked::Nco => Objective::Nco(settings(Linkage::Ward), clusters),
        Asked::TargetReturn => Objective::TargetReturn(ask.target_mean.ok_or_else(|| missing("--target-mean"))?),
        Asked::TargetVolatility => {
            Objective::TargetVolatility(ask.target_volatility.ok_or_else(|| missing("--target-volatility"))?)
        }
        Asked::BlackLitterman => Objective::BlackLitterman(views()?),
        Asked::EntropyPooling => Objective::EntropyPooling(views()?),
        Asked::MinTrackingError => {
            let file = ask
                .benchmark_weights
                .as_deref()
                .filter(|file| *file != Path::new("equal"));
            let read = |file: &Path| {
                let (name, bytes) = desk::file(file)?;
                anyhow::Ok(table::weights(&name, &bytes)?)
            };
            Objective::MinTrackingError(file.map(read).transpose()?)
        }
    })
}

fn optimize_text(report: &OptimizeReport) -> String {
    let mut table = Table::new(&[
        ("Asset", Set::Words),
        ("Weight", Set::Numbers),
        ("Share of risk", Set::Numbers),
    ]);
    let share = |value: f64| percent(value, 4).to_string();
    for (asset, weight) in &report.weights {
        let risk = report.risk_contributions.get(asset).copied().flatten();
        table.row([asset.clone(), share(*weight), or_unknown(risk.map(share))]);
    }
    let residual = report.kkt_residual.map(|value| format!("{value:.1e}"));
    let mut text = format!(
        "Mean a period        {}\nVolatility a period  {}\nExpected shortfall   {} at {}\nSteps {}, optimality residual {}",
        share(report.mean),
        share(report.volatility),
        or_unknown(report.cvar.map(share)),
        percent(report.level, 1),
        report.iterations,
        or_unknown(residual),
    );
    if let Some(gap) = report.gap {
        text.push_str(&format!(", gap {gap:.1e}"));
    }
    if let Some(lots) = report.more.get("lots").and_then(|lots| lots.as_object()) {
        let held = lots.iter().filter_map(|(asset, count)| {
            let count = count.as_f64().filter(|count| *count != 0.0)?;
            Some(format!("{asset} {count}"))
        });
        text.push_str(&format!("\nLots: {}", held.collect::<Vec<_>>().join(", ")));
    }
    format!("{text}\n\n{}", table.layout())
}

fn frontier_text(report: &FrontierReport, headings: [&'static str; 2]) -> String {
    let [mean, volatility] = headings;
    let mut table = Table::new(&[
        (mean, Set::Numbers),
        (volatility, Set::Numbers),
        ("Expected shortfall", Set::Numbers),
        ("Largest weights", Set::Words),
    ]);
    let share = |value: f64| percent(value, 4).to_string();
    for point in &report.points {
        let mut largest: Vec<(&String, &f64)> = point.weights.iter().collect();
        largest.sort_by(|one, other| other.1.total_cmp(one.1).then(one.0.cmp(other.0)));
        let named = largest.iter().take(3).filter(|(_, weight)| **weight > 0.0);
        let named: Vec<String> = named
            .map(|(asset, weight)| format!("{asset} {}", percent(**weight, 1)))
            .collect();
        table.row([
            share(point.target),
            share(point.volatility),
            or_unknown(point.cvar.map(share)),
            named.join(", "),
        ]);
    }
    table.layout()
}

/// Prints a covariance or correlation matrix.
pub(super) fn covariance(ask: &Covariance, common: &Common) -> anyhow::Result<Done> {
    let report = covariance::covariance(&CovarianceAsk {
        prices: prices(&ask.prices)?,
        estimator: estimator(ask.estimator),
        decay: ask.decay,
        correlation: ask.correlation,
        repair: ask.repair,
    })?;
    if common.json {
        output::json(&report)?;
    } else {
        output::text(&covariance_text(&report, ask))?;
    }
    Ok(Done::Well)
}

fn estimator(asked: arguments::Estimator) -> Estimator {
    match asked {
        arguments::Estimator::Sample => Estimator::Sample,
        arguments::Estimator::LedoitWolf => Estimator::LedoitWolf,
        arguments::Estimator::Oas => Estimator::Oas,
        arguments::Estimator::Ewma => Estimator::Ewma,
        arguments::Estimator::Denoised => Estimator::Denoised,
    }
}

/// One row a pair: a matrix of many columns fits no terminal.
fn covariance_text(report: &CovarianceReport, ask: &Covariance) -> String {
    let what = if ask.correlation { "Correlation" } else { "Covariance" };
    let mut table = Table::new(&[("Asset", Set::Words), ("With", Set::Words), (what, Set::Numbers)]);
    for (row, (name, values)) in report.assets.iter().zip(&report.matrix).enumerate() {
        for (other, value) in report.assets.iter().zip(values).take(row + 1) {
            let number = if ask.correlation {
                apex_format::fixed(*value, 4).to_string()
            } else {
                format!("{value:.10}")
            };
            table.row([name.clone(), other.clone(), number]);
        }
    }
    let mut text = counted(report.observations as u64, "return").to_string();
    if let Some(shrinkage) = report.shrinkage {
        text.push_str(&format!(", shrinkage {shrinkage:.6}"));
    }
    if let Some(edge) = report.noise_edge {
        text.push_str(&format!(", correlation eigenvalues up to {edge:.4} taken for noise"));
    }
    if let Some(change) = report.repaired {
        text.push_str(&format!(", largest change of a correlation {change:.2e}"));
    }
    format!("{text}\n\n{}", table.layout())
}

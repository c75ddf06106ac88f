//! `apex factors`, `apex pca`, `apex garch` and `apex var-backtest`: models of price tables, no book.

use std::path::Path;

use anyhow::bail;
use apex_app::factors::{
    self, Columns, ErrorKind, FactorsAsk, FactorsReport, Panel, PcaReport, RiskSplit, SplitWeights,
};
use apex_app::garch::{self, GarchAsk, GarchReport};
use apex_app::var_backtest::{self, BacktestReport, Zone};
use apex_format::{counted, percent};

use super::Done;
use super::statistics::{prices, settings_of_one, weights};
use crate::arguments::{self, Common, Errors, FactorColumns, Factors, Garch, Pca, VarBacktest};
use crate::output::{self, Set, Table, or_unknown};

/// Prints regressions on factors.
pub(super) fn factors(ask: &Factors, common: &Common) -> anyhow::Result<Done> {
    let (file, columns) = match (&ask.prices, &ask.returns) {
        (Some(file), _) => (file, Columns::Prices),
        (None, Some(file)) => (file, Columns::Returns),
        (None, None) => bail!("name a table with --prices or --returns"),
    };
    if file == Path::new("-") && ask.factors == Path::new("-") {
        bail!("standard input holds one file; name the other one");
    }
    let report = factors::factors(&FactorsAsk {
        assets: Panel {
            table: prices(file)?,
            columns,
        },
        factors: Panel {
            table: prices(&ask.factors)?,
            columns: match ask.factors_are {
                None => columns,
                Some(FactorColumns::Prices) => Columns::Prices,
                Some(FactorColumns::Returns) => Columns::Returns,
            },
        },
        chosen: ask.factor_columns.clone(),
        excess: ask.excess.clone(),
        errors: match ask.errors {
            Errors::Classic => ErrorKind::Classic,
            Errors::Hc1 => ErrorKind::Hc1,
            Errors::Hac(lag) => ErrorKind::Hac { lag },
        },
        risk_split: match ask.risk_split {
            false => None,
            true => Some(weights(&ask.weights)?.map_or(SplitWeights::Equal, SplitWeights::Given)),
        },
    })?;
    if common.json {
        output::json(&report)?;
    } else {
        output::text(&factors_text(&report))?;
    }
    Ok(Done::Well)
}

fn number(value: Option<f64>, decimals: usize) -> String {
    or_unknown(value.map(|value| format!("{value:.decimals$}")))
}

fn factors_text(report: &FactorsReport) -> String {
    let [first, last] = report.dates;
    let mut text = format!(
        "{}, {first} to {last}, {} errors\n",
        counted(report.n as u64, "return"),
        report.errors
    );
    let key = match report.errors.as_str() {
        "classic" => "se".to_owned(),
        "hc1" => "se_hc1".to_owned(),
        hac => hac.replace("hac:", "se_nw"),
    };
    for (asset, found) in &report.results {
        let errors = match key.as_str() {
            "se" => Some(&found.se),
            "se_hc1" => Some(&found.se_hc1),
            lag => found.newey_west.get(lag),
        };
        let mut table = Table::new(&[
            ("Factor", Set::Words),
            ("Coefficient", Set::Numbers),
            ("Error", Set::Numbers),
            ("t", Set::Numbers),
            ("p", Set::Numbers),
        ]);
        for name in std::iter::once("const").chain(report.factors.iter().map(String::as_str)) {
            let of = |list: &factors::ByFactor| list.get(name).copied().flatten();
            let (coefficient, error) = (of(&found.coef), errors.and_then(of));
            let t = coefficient
                .zip(error)
                .filter(|(_, error)| *error > 0.0)
                .map(|(value, error)| value / error);
            table.row([
                name.to_owned(),
                number(coefficient, 6),
                number(error, 6),
                number(t, 2),
                number(of(&found.p), 4),
            ]);
        }
        text.push_str(&format!(
            "\n{asset}, R2 {}, adjusted {}, residual deviation {:.6}, Durbin-Watson {}, F {}\n\n{}",
            number(found.r2, 4),
            number(found.adj_r2, 4),
            found.resid_std_ddof_k,
            number(found.dw, 3),
            number(found.f, 2),
            table.layout()
        ));
    }
    let split = report.factor_risk.as_ref().or(report.factor_risk_equal.as_ref());
    text.extend(split.map(|split| split_text(split, &report.factors)));
    text.push_str(&dropped(report.dropped));
    text
}

fn split_text(split: &RiskSplit, factors: &[String]) -> String {
    let total = split.factor_var_daily + split.specific_var_daily_diag;
    let share = |part: f64| percent(if total > 0.0 { part / total } else { 0.0 }, 2).to_string();
    let mut table = Table::new(&[
        ("Source", Set::Words),
        ("Exposure", Set::Numbers),
        ("Share of variance", Set::Numbers),
    ]);
    for name in factors {
        let part = split.factor_contrib_to_var.get(name).copied().unwrap_or(0.0);
        table.row([
            name.clone(),
            number(split.portfolio_exposure.get(name).copied(), 4),
            share(part),
        ]);
    }
    table.row(["all factors".to_owned(), String::new(), share(split.factor_var_daily)]);
    table.row([
        "the assets themselves".to_owned(),
        String::new(),
        share(split.specific_var_daily_diag),
    ]);
    format!(
        "\nRisk of the book, volatility {} a year\n\n{}",
        percent(split.total_model_vol_ann, 2),
        table.layout()
    )
}

fn dropped(count: usize) -> String {
    let what = if count == 1 { "date" } else { "dates" };
    format!("\n{count} {what} dropped, because not every column has them\n")
}

/// Prints principal components.
pub(super) fn pca(ask: &Pca, common: &Common) -> anyhow::Result<Done> {
    let report = factors::principal_components(&prices(&ask.prices)?, ask.components)?;
    if common.json {
        output::json(&report)?;
    } else {
        output::text(&pca_text(&report))?;
    }
    Ok(Done::Well)
}

fn pca_text(report: &PcaReport) -> String {
    let [first, last] = report.dates;
    let mut text = format!("{}, {first} to {last}\n\n", counted(report.n as u64, "return"));
    let mut table = Table::new(&[
        ("Component", Set::Words),
        ("Variance", Set::Numbers),
        ("Share", Set::Numbers),
        ("Of the correlation", Set::Numbers),
    ]);
    for (at, variance) in report.eigenvalues_cov.iter().enumerate() {
        let correlation = report.eigenvalues_corr.as_ref().and_then(|values| values.get(at));
        table.row([
            format!("pc{}", at + 1),
            format!("{variance:.8}"),
            percent(report.explained_ratio.get(at).copied().flatten(), 2).to_string(),
            number(correlation.copied(), 4),
        ]);
    }
    text.push_str(&table.layout());
    let names = (1..=report.components.len()).map(|at| format!("pc{at}"));
    for (name, weights) in names.filter_map(|name| report.components.get_key_value(&name)) {
        let mut table = Table::new(&[("Asset", Set::Words), ("Weight", Set::Numbers)]);
        for (asset, weight) in weights {
            table.row([asset.clone(), apex_format::fixed(*weight, 4).to_string()]);
        }
        text.push_str(&format!("\n{name}\n\n{}", table.layout()));
    }
    text.push_str(&dropped(report.dropped));
    text
}

/// Prints a GARCH model.
pub(super) fn garch(ask: &Garch, common: &Common) -> anyhow::Result<Done> {
    let report = garch::fit(&GarchAsk {
        panel: Panel {
            table: prices(&ask.file)?,
            columns: if ask.returns { Columns::Returns } else { Columns::Prices },
        },
        column: ask.column.clone(),
        scale: ask.scale,
        mean: match ask.mean {
            arguments::GarchMean::Constant => garch::GarchMean::Constant,
            arguments::GarchMean::Zero => garch::GarchMean::Zero,
        },
        horizon: usize::from(ask.horizon),
    })?;
    if common.json {
        output::json(&report)?;
    } else {
        output::text(&garch_text(&report))?;
    }
    Ok(Done::Well)
}

fn garch_text(report: &GarchReport) -> String {
    let [first, last] = report.dates;
    let mut table = Table::new(&[
        ("Parameter", Set::Words),
        ("Value", Set::Numbers),
        ("Error", Set::Numbers),
    ]);
    for (name, value) in &report.params {
        let error = report.se.as_ref().and_then(|errors| errors.get(name)).copied();
        table.row([name.clone(), format!("{value:.6}"), number(error, 6)]);
    }
    let mut text = format!(
        "{}, {} times {}, {first} to {last}\nlog likelihood {:.4}, volatility of the last day {}\n\n{}",
        report.column,
        counted(report.n as u64, "return"),
        report.scale,
        report.loglik,
        number(report.cond_vol_last, 4),
        table.layout()
    );
    let mut table = Table::new(&[
        ("Day ahead", Set::Words),
        ("Variance", Set::Numbers),
        ("Volatility", Set::Numbers),
    ]);
    for (at, variance) in report.forecast.values().flatten().enumerate() {
        table.row([
            (at + 1).to_string(),
            format!("{variance:.6}"),
            format!("{:.6}", variance.sqrt()),
        ]);
    }
    table.row([
        "in the long run".to_owned(),
        number(report.long_run_variance, 6),
        number(report.long_run_variance.map(f64::sqrt), 6),
    ]);
    text.push_str(&format!("\n{}", table.layout()));
    text
}

/// Prints the backtest of a VaR.
pub(super) fn var_backtest(ask: &VarBacktest, common: &Common) -> anyhow::Result<Done> {
    let report = var_backtest::var_backtest(
        &prices(&ask.prices)?,
        weights(&ask.weights)?.as_deref(),
        ask.window,
        &settings_of_one(ask.method, ask.level, &ask.model)?,
    )?;
    if common.json {
        output::json(&report)?;
    } else {
        output::text(&backtest_text(&report))?;
    }
    Ok(Done::Well)
}

fn backtest_text(report: &BacktestReport) -> String {
    let [first, last] = report.dates;
    let tests = &report.tests;
    let expected = tests.obs as f64 * (1.0 - report.level);
    let mut table = Table::new(&[("Test", Set::Words), ("Statistic", Set::Numbers), ("p", Set::Numbers)]);
    for (name, statistic, p) in [
        ("Number of breaches (Kupiec)", tests.kupiec_lr, tests.kupiec_p),
        (
            "Independence (Christoffersen)",
            tests.christoffersen_ind_lr,
            tests.christoffersen_ind_p,
        ),
        ("Conditional coverage", tests.cc_lr, tests.cc_p),
    ] {
        table.row([name.to_owned(), format!("{statistic:.4}"), format!("{p:.6}")]);
    }
    let light = &report.traffic_light;
    let zone = match light.zone {
        Zone::Green => "green",
        Zone::Yellow => "yellow",
        Zone::Red => "red",
    };
    format!(
        "{} VaR at {} of {}, {} from {first} to {last}\n{}, {expected:.1} expected\n\n{}\nTraffic light \
         {zone}: {} in the last {}{}\n",
        report.method.name(),
        percent(report.level, 1),
        counted(report.window as u64, "return"),
        counted(tests.obs as u64, "day"),
        counted(tests.exceptions as u64, "breach"),
        table.layout(),
        counted(light.exceptions as u64, "breach"),
        counted(light.days as u64, "day"),
        light
            .multiplier
            .map(|factor| format!(", factor {factor}"))
            .unwrap_or_default(),
    )
}

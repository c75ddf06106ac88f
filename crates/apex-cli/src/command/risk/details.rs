//! What `apex risk --with` adds, as text.

use apex_app::risk_report::{BacktestLines, ExposureLines, FactorLines, ModelLine, RiskDetails};
use apex_format::percent;

use crate::output::{Set, Table, or_unknown};

/// Returns the tables of what was asked for.
pub(super) fn details_text(details: &RiskDetails) -> String {
    let mut text = String::new();
    if let Some(methods) = &details.methods {
        let mut table = Table::new(&[
            ("Method", Set::Words),
            ("VaR", Set::Numbers),
            ("ES", Set::Numbers),
            ("Mean", Set::Words),
            ("Rests on", Set::Words),
        ]);
        for line in methods {
            let seed = line.seed.map_or_else(String::new, |seed| format!(", seed {seed}"));
            table.row([
                line.method.clone(),
                share(line.var),
                share(line.es),
                line.mean.clone(),
                format!("{}{seed}", line.detail),
            ]);
            line.unavailable.iter().for_each(|because| table.note(because.clone()));
        }
        text.push_str(&format!("\nEvery method\n\n{}", table.layout()));
    }
    if let Some(increments) = &details.increments {
        let mut table = Table::new(&[
            ("Holding", Set::Words),
            ("VaR less", Set::Numbers),
            ("ES less", Set::Numbers),
        ]);
        for line in increments {
            table.row([line.asset.clone(), share(line.var), share(line.es)]);
        }
        text.push_str(&format!("\nWithout each holding\n\n{}", table.layout()));
    }
    text.extend(details.factors.iter().map(factors_text));
    text.extend(details.backtest.iter().map(backtest_text));
    text.extend(details.sensitivities.iter().map(exposures_text));
    text
}

fn share(value: Option<f64>) -> String {
    or_unknown(value.map(|value| percent(value, 4)))
}

fn fixed(value: Option<f64>, decimals: usize) -> String {
    or_unknown(value.map(|value| format!("{value:.decimals$}")))
}

fn model_text(name: &str, model: &ModelLine) -> String {
    let mut table = Table::new(&[
        ("Factor", Set::Words),
        ("Exposure", Set::Numbers),
        ("Volatility", Set::Numbers),
        ("Share", Set::Numbers),
    ]);
    for factor in &model.factors {
        table.row([
            factor.name.clone(),
            apex_format::fixed(factor.exposure, 3).to_string(),
            percent(factor.volatility, 2).to_string(),
            percent(factor.share, 2).to_string(),
        ]);
    }
    model.unavailable.iter().for_each(|because| table.note(because.clone()));
    format!(
        "\n{name}: {}\nvolatility {} a year, {} by factors, {} specific\n\n{}",
        model.about,
        share(model.volatility),
        share(model.factor_share),
        share(model.specific_share),
        table.layout()
    )
}

fn factors_text(factors: &FactorLines) -> String {
    let mut text = model_text("Statistical factors", &factors.statistical);
    text.push_str(&model_text("Fundamental factors", &factors.fundamental));
    text.push_str(&format!(
        "\nagainst {}: tracking error {} a year, beta {}, correlation {}, active share {}\n",
        factors.benchmark.as_deref().unwrap_or("no benchmark"),
        share(factors.tracking_error),
        fixed(factors.beta, 3),
        fixed(factors.correlation, 3),
        share(factors.active_share)
    ));
    for (field, because) in &factors.unavailable {
        text.push_str(&format!("{}: {because}\n", field.replace('_', " ")));
    }
    text
}

fn backtest_text(found: &BacktestLines) -> String {
    if let Some(because) = &found.unavailable {
        return format!("\nBacktest: {because}\n");
    }
    let mut table = Table::new(&[("Test", Set::Words), ("Ratio", Set::Numbers), ("p", Set::Numbers)]);
    for test in &found.tests {
        table.row([
            test.name.clone(),
            format!("{:.4}", test.statistic),
            format!("{:.4}", test.p),
        ]);
    }
    format!(
        "\nBacktest by {}: {} of {} days exceeded the VaR, {:.1} expected; traffic light {}\n\n{}",
        found.method,
        found.exceptions,
        found.observations,
        found.expected,
        found.zone,
        table.layout()
    )
}

fn exposures_text(found: &ExposureLines) -> String {
    let mut text = format!(
        "\nat {} of the volume all is sold in {} days\n",
        percent(found.participation, 0),
        fixed(found.days_all, 1)
    );
    if !found.bonds.is_empty() {
        let mut table = Table::new(&[
            ("Bond", Set::Words),
            ("Yield", Set::Numbers),
            ("Duration", Set::Numbers),
            ("Convexity", Set::Numbers),
            ("DV01", Set::Numbers),
        ]);
        for bond in &found.bonds {
            table.row([
                bond.asset.clone(),
                share(bond.yield_),
                fixed(bond.duration, 2),
                fixed(bond.convexity, 2),
                or_unknown(bond.dv01),
            ]);
            bond.unavailable.iter().for_each(|because| table.note(because.clone()));
        }
        text.push_str(&format!("\n{}", table.layout()));
    }
    if !found.options.is_empty() {
        let mut table = Table::new(&[
            ("Option", Set::Words),
            ("Volatility", Set::Numbers),
            ("Delta", Set::Numbers),
            ("Gamma 1%", Set::Numbers),
            ("Vega", Set::Numbers),
            ("Theta", Set::Numbers),
            ("Rho", Set::Numbers),
        ]);
        for option in &found.options {
            let greeks = [option.delta, option.gamma, option.vega, option.theta, option.rho];
            let cells = [option.asset.clone(), share(option.volatility)];
            table.row(cells.into_iter().chain(greeks.map(or_unknown)));
            option
                .unavailable
                .iter()
                .for_each(|because| table.note(because.clone()));
        }
        text.push_str(&format!("\n{}", table.layout()));
    }
    for (field, because) in &found.unavailable {
        text.push_str(&format!("{}: {because}\n", field.replace('_', " ")));
    }
    text
}

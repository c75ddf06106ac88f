//! `apex attribution` of a portfolio of the book.

use std::path::Path;

use anyhow::bail;
use apex_app::attribution::read_blend;
use apex_app::attribution_report::{BookAttributionReport, SegmentLine};
use apex_format::{fixed, percent};
use apex_wire::attribution::{
    AttributionSettings, BenchmarkChoice, Dimension, GetAttribution, LinkMethod, PeriodLength, Rebalancing,
};

use crate::arguments::{Attribution, By, Link, Periods, Rebalance};
use crate::command::Done;
use crate::desk::{self, Desk, refused};
use crate::output::{self, Set, Table, or_unknown};

/// Prints why the portfolio did better or worse than its benchmark.
pub(in crate::command) async fn of_book(desk: &Desk, ask: &Attribution) -> anyhow::Result<Done> {
    desk.open().await?;
    let settings = settings(ask)?;
    let view = desk.view()?;
    let found = desk
        .app
        .get_attribution(GetAttribution { view, settings })
        .map_err(refused)?;
    let report = BookAttributionReport::from(found);
    if desk.common.json {
        output::json(&report)?;
    } else {
        output::text(&text(&report))?;
    }
    Ok(Done::Well)
}

fn settings(ask: &Attribution) -> anyhow::Result<AttributionSettings> {
    Ok(AttributionSettings {
        from: ask.from,
        to: ask.to,
        by: match ask.by {
            By::Sector => Dimension::Sector,
            By::Country => Dimension::Country,
            By::Currency => Dimension::Currency,
            By::Kind => Dimension::Kind,
            By::Instrument => Dimension::Instrument,
        },
        benchmark: benchmark(ask)?,
        periods: match ask.periods {
            Periods::Daily => PeriodLength::Daily,
            Periods::Monthly => PeriodLength::Monthly,
            Periods::Quarterly => PeriodLength::Quarterly,
            Periods::Yearly => PeriodLength::Yearly,
        },
        linking: match ask.linking {
            Link::Carino => LinkMethod::Carino,
            Link::Menchero => LinkMethod::Menchero,
            Link::Grap => LinkMethod::Grap,
            Link::Geometric => LinkMethod::Geometric,
        },
        two_effects: ask.two_effects,
        with_currency: ask.currency_effect,
        factors: ask.factors.clone(),
    })
}

fn benchmark(ask: &Attribution) -> anyhow::Result<BenchmarkChoice> {
    let rebalance = match ask.rebalance {
        Rebalance::Daily => Rebalancing::Daily,
        Rebalance::Monthly => Rebalancing::Monthly,
        Rebalance::Quarterly => Rebalancing::Quarterly,
        Rebalance::Yearly => Rebalancing::Yearly,
        Rebalance::Never => Rebalancing::Never,
    };
    match ask.benchmark.as_str() {
        "own" => Ok(BenchmarkChoice::Portfolio),
        "equal" => Ok(BenchmarkChoice::Equal { rebalance }),
        "start" => Ok(BenchmarkChoice::Start),
        file => {
            let path = Path::new(file);
            if file != "-" && path.extension().is_none_or(|extension| extension != "toml") {
                bail!("{file} is no benchmark; write own, equal, start or the name of a .toml file");
            }
            let (name, bytes) = desk::file(path)?;
            let text = String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("{name} is not UTF-8 text"))?;
            let blend = read_blend(&text).map_err(|err| anyhow::anyhow!("{name}: {err}"))?;
            Ok(BenchmarkChoice::Blend(blend))
        }
    }
}

fn share(value: Option<f64>) -> String {
    or_unknown(value.map(|value| percent(value, 2)))
}

fn row(line: &SegmentLine) -> [String; 10] {
    [
        line.label.clone(),
        share(line.weight),
        share(line.benchmark_weight),
        share(line.portfolio_return),
        share(line.benchmark_return),
        share(line.contribution),
        share(line.allocation),
        share(line.selection),
        share(line.interaction),
        share(line.effect),
    ]
}

fn text(report: &BookAttributionReport) -> String {
    let mut table = Table::new(&[
        ("Segment", Set::Words),
        ("Weight", Set::Numbers),
        ("Benchmark", Set::Numbers),
        ("Return", Set::Numbers),
        ("Benchmark", Set::Numbers),
        ("Contribution", Set::Numbers),
        ("Allocation", Set::Numbers),
        ("Selection", Set::Numbers),
        ("Interaction", Set::Numbers),
        ("Effect", Set::Numbers),
    ]);
    for line in report.segments.iter().chain([&report.total]) {
        table.row(row(line));
    }
    report
        .unavailable
        .get("effects")
        .into_iter()
        .for_each(|because| table.note(because.clone()));
    let mut text = format!(
        "{}, {} to {}, against {}\n\nPortfolio  {}\nBenchmark  {}\nActive     {}\n\n{}",
        report.portfolio,
        report.from,
        report.to,
        report.benchmark.as_deref().unwrap_or("no benchmark"),
        share(report.portfolio_return),
        share(report.benchmark_return),
        share(report.active_return),
        table.layout()
    );
    if !report.currencies.is_empty() {
        let mut table = Table::new(&[
            ("Currency", Set::Words),
            ("Weight", Set::Numbers),
            ("Benchmark", Set::Numbers),
            ("Return", Set::Numbers),
            ("Effect", Set::Numbers),
        ]);
        for line in &report.currencies {
            table.row([
                line.currency.to_string(),
                share(line.weight),
                share(line.benchmark_weight),
                share(line.return_),
                share(line.effect),
            ]);
        }
        text.push_str(&format!("\n{}", table.layout()));
    }
    if let Some(split) = &report.factors {
        let mut table = Table::new(&[
            ("Factor", Set::Words),
            ("Exposure", Set::Numbers),
            ("Benchmark", Set::Numbers),
            ("Return", Set::Numbers),
            ("Effect", Set::Numbers),
        ]);
        for line in &split.factors {
            table.row([
                line.symbol.clone(),
                fixed(line.exposure, 2).to_string(),
                fixed(line.benchmark_exposure, 2).to_string(),
                share(Some(line.return_)),
                share(Some(line.effect)),
            ]);
        }
        let empty = String::new;
        table.row(["Specific".to_owned(), empty(), empty(), empty(), share(split.specific)]);
        split.unavailable.iter().for_each(|because| table.note(because.clone()));
        text.push_str(&format!("\n{}", table.layout()));
    }
    text.push('\n');
    for note in &report.notes {
        text.push_str(&format!("{note}\n"));
    }
    text
}

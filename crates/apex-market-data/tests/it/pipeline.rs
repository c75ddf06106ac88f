//! From records to what is published, findings and gaps.

use std::collections::BTreeMap;

use apex_domain::{Currency, Decimal, InstrumentKind};
use apex_market_data::Provider;
use apex_market_data::pipeline::{FindingState, Intake, Judged, SourceDays, Subject, judge};
use apex_market_data::repair::Kind;
use jiff::civil::date;

mod adjusted;
mod judged;
mod made;
mod normalized;
mod properties;
mod real;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A share in dollars at New York.
fn subject() -> Subject {
    Subject {
        currency: Currency::USD,
        exchange: Some("XNYS".to_owned()),
        kind: InstrumentKind::Equity,
    }
}

/// All that the sources have, without a decision.
fn intake(sources: Vec<SourceDays>) -> Intake {
    let until = sources
        .iter()
        .flat_map(|source| source.bars.iter().map(|bar| bar.0))
        .max();
    Intake {
        subject: subject(),
        until: until.unwrap_or(date(2024, 1, 2)),
        sources,
        decisions: BTreeMap::new(),
    }
}

/// Whose faults were found, which, and how they stand.
fn kinds(judged: &Judged) -> Vec<(Provider, Kind, FindingState)> {
    judged
        .findings
        .iter()
        .map(|one| (one.provider, one.kind, one.state))
        .collect()
}

/// Every published figure is the one of another judgment that publishes the same days.
fn same_figures(one: &Judged, other: &Judged) {
    assert_eq!(one.days.len(), other.days.len());
    for (day, published) in &one.days {
        assert_eq!(published.figures(), other.days[day].figures(), "{day}");
    }
}

#[test]
fn ten_years_of_two_sources_are_judged_at_once() {
    let mut good = made::stock(2520, 7);
    made::split(&mut good, date(2020, 8, 31), "4:1");
    let intake = intake(vec![good.clone(), made::by(Provider::AlphaVantage, &good)]);
    let judged = judge(&intake);
    assert_eq!((judged.days.len(), judged.splits.len()), (2520, 1));
    assert_eq!((judged.findings, judged.gaps), (vec![], vec![]));
}

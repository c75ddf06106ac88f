//! From records to what is published, findings and gaps.

use std::collections::BTreeMap;

use apex_domain::{Currency, Date, Decimal, InstrumentKind};
use apex_market_data::Provider;
use apex_market_data::pipeline::{FindingState, Intake, Judged, SourceDays, Subject, judge};
use apex_market_data::repair::Kind;
use jiff::civil::date;

mod made;

pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn subject() -> Subject {
    Subject {
        currency: Currency::USD,
        exchange: Some("XNYS".to_owned()),
        kind: InstrumentKind::Equity,
    }
}

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

fn kinds(judged: &Judged) -> Vec<(Provider, Kind, FindingState)> {
    judged
        .findings
        .iter()
        .map(|one| (one.provider, one.kind, one.state))
        .collect()
}

#[test]
fn ten_years_of_two_sources_are_judged_at_once() {
    let good = made::stock(2520, 7);
    let mut yahoo = good.clone();
    yahoo.provider = Provider::Yahoo;
    let intake = intake(vec![good, yahoo]);
    let judged = judge(&intake);
    assert_eq!(judged.days.len(), 2520);
    assert_eq!(judged.findings, []);
    assert_eq!(judged.gaps, [] as [Date; 0]);
    // Printed for whoever measures.
    #[allow(clippy::disallowed_methods, reason = "a measurement, printed only")]
    let start = std::time::Instant::now();
    for _ in 0..5 {
        judge(&intake);
    }
    println!("{:?}", start.elapsed() / 5);
}

#[test]
fn a_close_times_a_hundred_in_one_source_is_repaired_or_taken_from_the_other() {
    let good = made::stock(300, 3);
    let clean = judge(&intake(vec![good.clone()]));
    let mut bad = good.clone();
    let at = bad.bars.len() / 2;
    let bar = &mut bad.bars[at].1;
    for price in [&mut bar.open, &mut bar.high, &mut bar.low, &mut bar.close] {
        *price = price.map(|price| price * Decimal::ONE_HUNDRED);
    }
    let alone = judge(&intake(vec![bad.clone()]));
    assert_eq!(kinds(&alone), [(Provider::Polygon, Kind::Unit, FindingState::Repaired)]);
    for (day, published) in &alone.days {
        assert_eq!(published.figures(), clean.days[day].figures(), "{day}");
    }
    let mut other = good;
    other.provider = Provider::AlphaVantage;
    let both = judge(&intake(vec![bad, other]));
    for (day, published) in &both.days {
        assert_eq!(published.figures(), clean.days[day].figures(), "{day}");
    }
    let day = alone.findings[0].from;
    assert_eq!(both.days[&day].provider, Provider::AlphaVantage);
}

//! Real histories without a known fault: nothing is found that is sure, and what is published is what came.

use std::io::Read;

use apex_domain::Decimal;
use apex_market_data::Provider;
use apex_market_data::pipeline::{Figures, FindingState, SourceDays, judge};
use apex_market_data::series::{Field, Interval, Series};

use super::intake;
use crate::golden::{names, read};

// 20 US stocks, every day from 1990-01-02 to 2022-12-28, adjusted (`tests/data/README.md`): with crashes, panics and
// takeovers, and no fault.
#[test]
fn no_day_of_thirty_years_of_twenty_stocks_is_repaired() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/data/prices/sp500_dataset.csv.gz"
    );
    let mut text = String::new();
    let mut reader = flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap());
    reader.read_to_string(&mut text).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').skip(1).collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let mut waiting = Vec::new();
    for (column, name) in names.iter().enumerate() {
        let mut source = SourceDays::new(Provider::Files);
        for row in &rows {
            let close = row[column + 1]
                .parse::<f64>()
                .ok()
                .and_then(|close| Decimal::try_from(close).ok());
            let figures = Figures {
                close,
                ..Figures::default()
            };
            source.bars.push((row[0].parse().unwrap(), figures));
        }
        let judged = judge(&intake(vec![source]));
        let sure = judged.findings.iter().filter(|one| one.state == FindingState::Repaired);
        assert_eq!(sure.count(), 0, "{name}: {:?}", judged.findings);
        let found = judged
            .findings
            .iter()
            .map(|one| format!("{name} {} {}", one.from, one.kind.code()));
        waiting.extend(found);
    }
    // A stock of small prices that fell by a quarter and was back the next day: two of 166,260 days ask a person.
    assert_eq!(waiting, ["RRC 1992-09-22 spike", "RRC 1992-09-30 spike"]);
}

/// A series of Yahoo as its days as traded.
fn as_traded(series: &Series) -> SourceDays {
    let mut source = SourceDays::new(Provider::Files);
    for (row, stamp) in series.stamps().iter().enumerate() {
        let price = |field| {
            series
                .number(row, field)
                .and_then(|price| Decimal::try_from(price).ok())
        };
        let figures = Figures {
            open: price(Field::Open),
            high: price(Field::High),
            low: price(Field::Low),
            close: price(Field::Close),
            volume: price(Field::Volume),
        };
        source.bars.push((stamp.date, figures));
    }
    source
}

#[test]
fn no_control_of_the_golden_files_is_touched_by_the_pipeline() {
    for name in names()
        .iter()
        .filter(|name| name.contains("-no-bad-") && !name.contains("-1wk-"))
    {
        let series = read(name);
        if series.interval() != Interval::Day {
            continue;
        }
        let mut asked = intake(vec![as_traded(&series)]);
        asked.subject.exchange = None;
        let judged = judge(&asked);
        let sure: Vec<_> = judged
            .findings
            .iter()
            .filter(|one| one.state == FindingState::Repaired)
            .collect();
        assert!(sure.is_empty(), "{name}: {sure:?}");
    }
}

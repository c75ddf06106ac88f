//! Real histories without a known fault: nothing is found that is sure, and what is published is what came.

use std::collections::BTreeMap;
use std::io::Read;

use apex_domain::{Date, Decimal, Ratio};
use apex_market_data::adjust::{Actions, Adjustment, adjust};
use apex_market_data::pipeline::{Figures, FindingState, Judged, SourceDays, judge, normalize};
use apex_market_data::record::{Dividend, Split, ratio};
use apex_market_data::series::{Field, Series};
use apex_market_data::{Bar, Basis, Interval, Ohlcv, Provider, Records, Window};

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

/// The ratio of a split that has no short decimal: 0.471428571428571 is 33 for 70.
fn fraction(new: f64) -> Option<Ratio> {
    let side = |old: u32| (new * f64::from(old)).round();
    let old = (1..=100_u32).find(|old| (side(*old) / f64::from(*old) - new).abs() < 1e-6)?;
    Ratio::new(side(old) as u32, old)
}

/// A series of Yahoo's as its records: prices and dividends divided by later splits.
fn records(series: &Series) -> Records {
    let mut records = Records::default();
    let symbol = || "GOLDEN".to_owned();
    for (row, stamp) in series.stamps().iter().enumerate() {
        let number = |field| {
            series
                .number(row, field)
                .and_then(|number| Decimal::try_from(number).ok())
        };
        records.bars.push(Bar {
            symbol: symbol(),
            interval: Interval::Day,
            window: Window::Day(stamp.date),
            figures: Basis::SplitAdjusted(Ohlcv {
                open: number(Field::Open),
                high: number(Field::High),
                low: number(Field::Low),
                close: number(Field::Close),
                volume: number(Field::Volume),
                vwap: None,
            }),
            adjusted_close: None,
            trades: None,
        });
        let decimal = number(Field::StockSplits).and_then(|new| ratio(new, Decimal::ONE));
        let split = decimal.or_else(|| series.number(row, Field::StockSplits).and_then(fraction));
        records.splits.extend(split.map(|ratio| Split {
            symbol: symbol(),
            ex_date: stamp.date,
            ratio,
        }));
        let paid = number(Field::Dividends).filter(|amount| *amount > Decimal::ZERO);
        records.dividends.extend(paid.map(|amount| Dividend {
            symbol: symbol(),
            ex_date: stamp.date,
            record_date: None,
            pay_date: None,
            declaration_date: None,
            amount: Basis::SplitAdjusted(amount),
            currency: None,
            kind: None,
        }));
    }
    records
}

/// The whole chain over a golden file: records, days as traded, judged without a calendar.
fn judged(series: &Series) -> Judged {
    let mut asked = intake(vec![]);
    asked.subject.exchange = None;
    let said = normalize(Provider::Yahoo, &records(series), &asked.subject);
    asked.until = series.stamps().last().unwrap().date;
    asked.sources = vec![said.days];
    judge(&asked)
}

fn sure(judged: &Judged) -> Vec<String> {
    let sure = judged.findings.iter().filter(|one| one.state == FindingState::Repaired);
    sure.map(|one| format!("{} {} {}", one.from, one.kind.code(), one.reason))
        .collect()
}

#[test]
fn no_control_of_the_golden_files_is_touched_by_the_pipeline() {
    for name in names().iter().filter(|name| name.contains("-1d-no-bad-")) {
        assert_eq!(sure(&judged(&read(name))), [""; 0], "{name}");
    }
}

/// Each daily golden pair whose prices are wrong, and its days: all are published, with the closes of the repaired file to
/// one percent.
const PAIRS: [(&str, usize); 6] = [
    ("CNE-L-1d-bad-stock-split", 10),
    ("DEX-AX-1d-bad-stock-split", 23),
    ("LA-V-1d-bad-stock-split", 41),
    ("MOB-ST-1d-bad-stock-split", 16),
    ("SPM-MI-1d-bad-stock-split", 22),
    ("SSW-JO-1d-100x-error", 29),
];

#[test]
fn golden_faults_of_prices_are_found_in_what_was_traded_too() {
    for (name, days) in PAIRS {
        let (series, fixed) = (read(name), read(&format!("{name}-fixed")));
        let judged = judged(&series);
        let bars: Vec<(Date, Figures)> = judged.days.iter().map(|(date, day)| (*date, day.figures())).collect();
        let actions = Actions {
            splits: judged.splits.iter().map(|split| (split.ex_date, split.ratio)).collect(),
            dividends: vec![],
        };
        let adjusted = adjust(&bars, &actions, Adjustment::Splits);
        let closes: BTreeMap<Date, f64> = (0..fixed.len())
            .filter_map(|row| Some((fixed.stamps()[row].date, fixed.price(row, Field::Close)?)))
            .collect();
        let right = adjusted.bars().iter().filter(|bar| {
            let close = bar.close.unwrap().number();
            closes
                .get(&bar.date)
                .is_some_and(|fixed| (close / fixed - 1.0).abs() <= 0.01)
        });
        assert_eq!(
            (closes.len(), right.count(), judged.waiting.len()),
            (days, days, 0),
            "{name}"
        );
    }
}

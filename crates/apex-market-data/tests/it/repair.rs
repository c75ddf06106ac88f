//! Golden files of faulty prices and their repair.

use std::collections::BTreeMap;
use std::io::Read;

use apex_market_data::repair::{Repaired, Settings, repair};
use apex_market_data::series::{Field, Interval, PriceFile, Series};

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/repair")
}

fn read(name: &str) -> (PriceFile, Series) {
    let file = std::fs::File::open(folder().join(format!("{name}.csv.gz"))).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let interval = match name {
        name if name.contains("-1wk-") => Interval::Week,
        name if name.contains("-1h-") => Interval::Hour,
        name if name.contains("-15m-") => Interval::QuarterHour,
        _ => Interval::Day,
    };
    PriceFile::read(name, &text, Some(interval)).unwrap()
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".csv.gz").map(str::to_owned))
        .collect();
    names.sort();
    names
}

fn repaired(series: &Series) -> Repaired {
    repair(series, &Settings::default())
}

fn off(one: f64, other: f64) -> f64 {
    (one - other).abs() / one.abs().max(other.abs()).max(1e-300)
}

#[test]
fn explore() {
    for name in names() {
        if name.ends_with("-fixed") {
            continue;
        }
        let (_, series) = read(&name);
        let repaired = repaired(&series);
        println!("== {name}: {} applied, {} waiting", repaired.applied.len(), repaired.waiting.len());
        let fixed = if name.contains("-no-bad-") { series.clone() } else { read(&format!("{name}-fixed")).1 };
        for proposal in repaired.applied.iter().chain(&repaired.waiting).take(40) {
            println!("   {:?} {:.4} {} {:?} {}", proposal.kind, proposal.confidence, proposal.changes.len(), proposal.rescale.as_ref().map(|one| one.factor), proposal.reason);
        }
        let mut wrong: BTreeMap<Field, Vec<(usize, String, String, String)>> = BTreeMap::new();
        for field in Field::ALL {
            for row in 0..series.len() {
                let (was, should, is) = (series.number(row, field), fixed.number(row, field), repaired.series.number(row, field));
                let changed = match (was, should) { (Some(was), Some(should)) => off(was, should) > 1e-6, (None, None) => false, _ => true };
                let fits = match (is, should) {
                    (Some(is), Some(should)) => off(is, should) <= if field == Field::Volume { 1e-2 } else if changed { 1e-2 } else { 1e-6 },
                    (None, None) => true, _ => false };
                if !fits {
                    let text = |series: &Series| series.cell(row, field).map(|cell| cell.text().to_owned()).unwrap_or_default();
                    wrong.entry(field).or_default().push((row, text(&series), text(&fixed), text(&repaired.series)));
                }
            }
        }
        for (field, cells) in wrong {
            let (row, was, should, is) = &cells[0];
            println!("   DIFFERS {field} {} cells, first {} last {}: was {was} should {should} is {is}", cells.len(), series.stamps()[*row], series.stamps()[cells.last().unwrap().0]);
        }
    }
}

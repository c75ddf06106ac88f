//! Golden pairs of faulty prices and their repair, from the tests of yfinance (see `tests/data/README.md`).
//!
//! Compared as that page says: cells that the pair changes to 1e-2 relative, since they were rebuilt there from finer bars,
//! the others to 1e-6, volume to 1 %.

use std::io::Read;
use std::path::Path;

use apex_market_data::repair::{Settings, repair};
use apex_market_data::series::{Field, Interval, PriceFile, Series};

/// Cells in which ours rightly differ from theirs.
struct Differs {
    pair: &'static str,
    fields: &'static [Field],
    first: &'static str,
    last: &'static str,
    /// Ours as a multiple of theirs; `None` where one of the two is missing.
    ratio: Option<f64>,
    why: &'static str,
}

const PRICES: &[Field] = &[Field::Open, Field::High, Field::Low, Field::Close, Field::AdjustedClose];

/// Two dividends after a close of 684.775818 / 50.
const SSNLF_GAP: f64 = (1.0 - 0.09771987 / 13.69551636) * (1.0 - 0.06514658 / 13.69551636);

static DIFFER: [Differs; 13] = [
    Differs {
        pair: "AV-L-1wk-bad-stock-split",
        fields: &Field::PRICES,
        first: "2022-05-16",
        last: "2022-05-16",
        ratio: Some(0.76),
        why: "the week of the 76-for-100 consolidation also paid 101.69p a share: 537p before and 412p + 102p / 0.76 after are \
              one price, so the bar is right; at 542p it would fall by 19 % the week after for nothing",
    },
    Differs {
        pair: "AV-L-1wk-bad-stock-split",
        fields: &[Field::Volume],
        first: "2022-05-16",
        last: "2022-05-16",
        ratio: Some(1.0 / 0.76),
        why: "as above",
    },
    Differs {
        pair: "AV-L-1wk-bad-stock-split",
        fields: &[Field::AdjustedClose],
        first: "2022-05-16",
        last: "2022-05-16",
        ratio: Some(0.76),
        why: "follows the close; in every week of the file adjusted closes take what the week paid from the next week on, which \
              neither repair changes",
    },
    Differs {
        pair: "CLC-L-1d-bad-div",
        fields: PRICES,
        first: "2024-07-29",
        last: "2024-08-05",
        ratio: Some(100.0),
        why: "six bars at 0.006 between bars at 0.6 are in another unit; theirs looks at the dividends of this file only",
    },
    Differs {
        pair: "NVT-L-1d-bad-div",
        fields: PRICES,
        first: "2024-05-13",
        last: "2024-06-07",
        ratio: Some(100.0),
        why: "19 bars at 0.00575 between bars at 0.575 are in another unit, as above",
    },
    Differs {
        pair: "NVT-L-1d-bad-div",
        fields: PRICES,
        first: "2024-09-27",
        last: "2024-10-18",
        ratio: Some(100.0),
        why: "16 bars at 0.00555 between bars at 0.555, as above",
    },
    Differs {
        pair: "SAND-1d-bad-div",
        fields: &[Field::AdjustedClose],
        first: "2022-01-03",
        last: "2024-01-12",
        ratio: Some((1.0 - 0.015 / 4.96) / (1.0 - 2.0 * 0.015 / 4.96)),
        why: "adjusted closes take 0.03 on January 16 for a dividend of 0.015 that stood there twice; theirs removes the second \
              row and leaves the adjustment",
    },
    Differs {
        pair: "SSNLF-1d-bad-div",
        fields: &Field::PRICES,
        first: "2001-08-06",
        last: "2001-08-06",
        ratio: Some(0.02),
        why: "139.71 is 50 times the 2.7942 of the next day: the split of 2018, 50 for 1, was not applied",
    },
    Differs {
        pair: "SSNLF-1d-bad-div",
        fields: &Field::PRICES,
        first: "2009-10-02",
        last: "2009-10-22",
        ratio: Some(0.02),
        why: "684.78 is 50 times the 13.6955 of the day before, as above",
    },
    Differs {
        pair: "SSNLF-1d-bad-div",
        fields: &[Field::AdjustedClose],
        first: "2001-08-06",
        last: "2001-08-06",
        ratio: Some(0.02 * SSNLF_GAP),
        why: "the close as above, and the dividends as below",
    },
    Differs {
        pair: "SSNLF-1d-bad-div",
        fields: &[Field::AdjustedClose],
        first: "2009-10-02",
        last: "2009-10-22",
        ratio: Some(0.02 * SSNLF_GAP),
        why: "as above",
    },
    Differs {
        pair: "SSNLF-1d-bad-div",
        fields: &[Field::AdjustedClose],
        first: "2001-08-07",
        last: "2009-10-01",
        ratio: Some(SSNLF_GAP),
        why: "two dividends, 0.0977 and 0.0651, were paid in the year without a price before October 2010; theirs leaves both out of \
              the adjusted closes",
    },
    Differs {
        pair: "SSNLF-1d-bad-div",
        fields: &[Field::Volume],
        first: "2009-10-23",
        last: "2010-10-08",
        ratio: None,
        why: "a year without a price has no volume either; unknown is not zero",
    },
];

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/repair")
}

pub(crate) fn read(name: &str) -> Series {
    let file = std::fs::File::open(folder().join(format!("{name}.csv.gz"))).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let interval = match name {
        name if name.contains("-1wk-") => Interval::Week,
        name if name.contains("-1h-") => Interval::Hour,
        name if name.contains("-15m-") => Interval::QuarterHour,
        _ => Interval::Day,
    };
    let (_, series) = PriceFile::read(name, &text, None).unwrap();
    assert_eq!(series.interval(), interval, "{name}: the stamps tell the interval");
    series
}

pub(crate) fn names() -> Vec<String> {
    let files = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files
        .filter_map(|name| name.strip_suffix(".csv.gz").map(str::to_owned))
        .collect();
    names.sort();
    names
}

fn off(one: f64, other: f64) -> f64 {
    (one - other).abs() / one.abs().max(other.abs()).max(1e-300)
}

/// Returns whether a cell is as it should be.
fn fits(field: Field, was: Option<f64>, should: Option<f64>, is: Option<f64>) -> bool {
    let changed = match (was, should) {
        (Some(was), Some(should)) => off(was, should) > 1e-6,
        (was, should) => was.is_some() != should.is_some(),
    };
    let tolerance = if changed || field == Field::Volume { 1e-2 } else { 1e-6 };
    match (is, should) {
        (Some(is), Some(should)) => off(is, should) <= tolerance,
        (is, should) => is.is_none() && should.is_none(),
    }
}

/// Returns the rule under which a cell may differ.
fn rule(pair: &str, field: Field, date: &str) -> Option<&'static Differs> {
    DIFFER
        .iter()
        .find(|one| one.pair == pair && one.fields.contains(&field) && (one.first..=one.last).contains(&date))
}

/// The currencies and sub-units of the exchanges by the ends of the names.
fn currency(name: &str) -> Option<String> {
    let currencies = [("-L-", "GBp"), ("-JO-", "ZAc"), ("-TA-", "ILA")];
    let found = currencies.iter().find(|(end, _)| name.contains(end));
    found.map(|(_, currency)| (*currency).to_owned())
}

#[test]
fn every_pair_is_repaired() {
    let (mut pairs, mut hold, mut used) = (0, 0, vec![0; DIFFER.len()]);
    let mut wrong = Vec::new();
    for name in names()
        .iter()
        .filter(|name| !name.ends_with("-fixed") && !name.contains("-no-bad-"))
    {
        let (series, fixed) = (read(name), read(&format!("{name}-fixed")));
        let settings = Settings {
            currency: currency(name),
        };
        let ours = repair(&series, &settings).series;
        let untold = repair(&series, &Settings::default()).series;
        assert!(ours == untold, "{name}: the prices alone tell the unit");
        let mut differs = false;
        for field in Field::ALL {
            for row in 0..series.len() {
                let cell = |series: &Series| series.number(row, field);
                let (was, should, is) = (cell(&series), cell(&fixed), cell(&ours));
                if fits(field, was, should, is) {
                    continue;
                }
                differs = true;
                let date = series.stamps()[row].date.to_string();
                let allowed = rule(name, field, &date).filter(|rule| match (rule.ratio, is, should) {
                    (Some(ratio), Some(is), Some(should)) => off(is / should, ratio) < 1e-3,
                    (None, None, _) => true,
                    _ => false,
                });
                match allowed {
                    Some(rule) => used[DIFFER.iter().position(|one| std::ptr::eq(one, rule)).unwrap_or(0)] += 1,
                    None => wrong.push(format!(
                        "{name} {date} {field}: {was:?} should be {should:?} and is {is:?}"
                    )),
                }
            }
        }
        pairs += 1;
        hold += usize::from(!differs);
    }
    println!("{hold} of {pairs} pairs hold; {} differ for a reason", pairs - hold);
    for (rule, cells) in DIFFER.iter().zip(&used) {
        println!(
            "{} from {} to {}: {cells} cells, {}",
            rule.pair, rule.first, rule.last, rule.why
        );
    }
    wrong.truncate(40);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        used.iter().all(|cells| *cells > 0),
        "a reason without a difference: {used:?}"
    );
    assert_eq!((hold, pairs), (20, 25));
}

#[test]
fn no_control_is_touched() {
    for name in names().iter().filter(|name| name.contains("-no-bad-")) {
        let series = read(name);
        let repaired = repair(
            &series,
            &Settings {
                currency: currency(name),
            },
        );
        assert_eq!(repaired.applied, [], "{name}");
        assert!(repaired.series == series, "{name}");
    }
}

#[test]
fn repairing_twice_changes_nothing() {
    for name in names().iter().filter(|name| !name.ends_with("-fixed")) {
        let once = repair(&read(name), &Settings::default());
        let twice = repair(&once.series, &Settings::default());
        assert_eq!(twice.applied, [], "{name}");
        assert_eq!(twice.waiting, once.waiting, "{name}");
    }
}

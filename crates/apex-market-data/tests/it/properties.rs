//! What holds of every series, on generated ones.

use std::fmt::Write;

use apex_market_data::repair::{Settings, repair};
use apex_market_data::series::{Field, PriceFile, Series};
use proptest::prelude::*;

/// A made-up stock: daily changes in permille and a dividend of some percent now and then.
#[derive(Debug, Clone)]
struct Stock {
    changes: Vec<i32>,
    /// Every so many days.
    every: usize,
    /// In permille of the price.
    dividend: u32,
}

/// A fault to be put into it.
#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    /// Bars from the one to the other are in cents.
    Unit(usize, usize),
    /// Adjusted closes leave dividends out.
    Unadjusted,
    /// One close is zero.
    Zero(usize),
}

fn stock() -> impl Strategy<Value = Stock> {
    (prop::collection::vec(-25..=25_i32, 40..90), 12..30_usize, 5..30_u32).prop_map(|(changes, every, dividend)| {
        Stock {
            changes,
            every,
            dividend,
        }
    })
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::None),
        (2..20_usize, 0..10_usize).prop_map(|(first, more)| Fault::Unit(first, first + more)),
        Just(Fault::Unadjusted),
        (2..30_usize).prop_map(Fault::Zero),
    ]
}

/// Writes the bars, one a line, without the heading; prices are multiplied by `scale`.
fn bars(stock: &Stock, fault: Fault, scale: f64) -> Vec<String> {
    let mut rows = Vec::new();
    let mut before = 50.0;
    for (day, change) in stock.changes.iter().enumerate() {
        let dividend = match day > 0 && day % stock.every == 0 {
            true => before * f64::from(stock.dividend) / 1000.0,
            false => 0.0,
        };
        let open = before - dividend;
        let close = open * (1.0 + f64::from(*change) / 1000.0);
        rows.push((open, open.max(close) * 1.002, open.min(close) * 0.998, close, dividend));
        before = close;
    }
    let mut factor = 1.0;
    let mut factors = vec![1.0; rows.len()];
    for day in (0..rows.len() - 1).rev() {
        if !matches!(fault, Fault::Unadjusted) {
            factor *= 1.0 - rows[day + 1].4 / rows[day].3;
        }
        factors[day] = factor;
    }
    let start: jiff::civil::Date = "2024-01-01".parse().unwrap();
    let line = |(day, (open, high, low, close, dividend)): (usize, &(f64, f64, f64, f64, f64))| {
        let unit = match fault {
            Fault::Unit(first, last) if (first..=last).contains(&day) => 100.0 * scale,
            _ => scale,
        };
        let shown = if matches!(fault, Fault::Zero(zero) if zero == day) {
            0.0
        } else {
            *close
        };
        let mut line = format!("{}", start + jiff::Span::new().days(day as i64));
        for price in [*open, *high, *low, shown, close * factors[day]] {
            write!(line, ",{}", price * unit).unwrap();
        }
        write!(line, ",{},{}", 1000 + day, dividend * scale).unwrap();
        line
    };
    rows.iter().enumerate().map(line).collect()
}

/// Puts texts in place of cells, by row and column; the date stays.
fn with_cells(lines: &[String], cells: &[(usize, usize, &str)]) -> Vec<String> {
    let mut lines = lines.to_vec();
    for (row, column, text) in cells {
        let row = row % lines.len();
        let mut line: Vec<&str> = lines[row].split(',').collect();
        let column = 1 + column % (line.len() - 1);
        line[column] = text;
        lines[row] = line.join(",");
    }
    lines
}

/// What sources have been seen to write instead of a price, and worse.
const ODD: [&str; 12] = [
    "",
    "0",
    "0.0",
    "-1",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e-300",
    "1e300",
    "null",
    "4200",
    "0.5",
];

fn odd_cells() -> impl Strategy<Value = Vec<(usize, usize, &'static str)>> {
    prop::collection::vec((0..200_usize, 0..7_usize, prop::sample::select(&ODD[..])), 1..12)
}

fn read(bars: &[String]) -> (PriceFile, Series) {
    let heading = "Date,Open,High,Low,Close,Adj Close,Volume,Dividends";
    PriceFile::read("made up", &format!("{heading}\n{}\n", bars.join("\n")), None).unwrap()
}

fn settings() -> Settings {
    Settings::default()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_sound_series_is_not_touched(stock in stock()) {
        let (_, series) = read(&bars(&stock, Fault::None, 1.0));
        let repaired = repair(&series, &settings());
        prop_assert_eq!(repaired.applied, vec![]);
        prop_assert_eq!(repaired.waiting, vec![]);
    }

    #[test]
    fn a_fault_is_repaired_to_what_it_was(stock in stock(), first in 2..20_usize, more in 0..10_usize) {
        let (_, sound) = read(&bars(&stock, Fault::None, 1.0));
        let (_, series) = read(&bars(&stock, Fault::Unit(first, first + more), 1.0));
        let repaired = repair(&series, &settings());
        for row in 0..sound.len() {
            for field in Field::ALL {
                let (is, was) = (repaired.series.number(row, field), sound.number(row, field));
                match (is, was) {
                    (Some(is), Some(was)) => prop_assert!((is - was).abs() <= 1e-9 * was.abs(), "{row} {field}: {is} {was}"),
                    (is, was) => prop_assert_eq!(is, was),
                }
            }
        }
        let touched: Vec<usize> = (first..=first + more).collect();
        prop_assert_eq!(repaired.touched, touched);
    }

    #[test]
    fn repairing_twice_changes_nothing(stock in stock(), fault in fault()) {
        let (_, series) = read(&bars(&stock, fault, 1.0));
        let once = repair(&series, &settings());
        let twice = repair(&once.series, &settings());
        prop_assert_eq!(twice.applied, vec![]);
        prop_assert_eq!(twice.series, once.series);
    }

    #[test]
    fn whatever_stands_in_cells_repairing_ends_and_repairing_twice_changes_nothing(
        stock in stock(), fault in fault(), cells in odd_cells(),
    ) {
        let (file, series) = read(&with_cells(&bars(&stock, fault, 1.0), &cells));
        let once = repair(&series, &settings());
        let twice = repair(&once.series, &settings());
        prop_assert_eq!(twice.applied, vec![]);
        let written = file.write(&once.series, &once.touched).unwrap();
        let (_, again) = PriceFile::read("written", &written, None).unwrap();
        prop_assert!(again == once.series, "what was written reads as what was repaired");
        for row in 0..again.len() {
            for field in Field::PRICES {
                prop_assert!(again.number(row, field).is_none_or(|price| price > 0.0), "{row} {field} is no price");
            }
        }
    }

    #[test]
    fn a_damaged_file_is_read_or_refused_in_a_sentence(
        stock in stock(), at in 0..6000_usize, length in 0..40_usize, put in "[-0-9.,eE\"\r\n ;Nax+:\u{e9}]{0,12}",
    ) {
        let mut text = format!("Date,Open,High,Low,Close,Adj Close,Volume,Dividends\n{}\n", bars(&stock, Fault::None, 1.0).join("\n"));
        let at = at % text.len();
        text.replace_range(at..(at + length).min(text.len()), &put);
        match PriceFile::read("damaged.csv", &text, None) {
            Ok((file, series)) => {
                let repaired = repair(&series, &settings());
                prop_assert!(file.write(&repaired.series, &repaired.touched).is_ok());
            }
            Err(err) => prop_assert!(err.to_string().starts_with("damaged.csv"), "{err}"),
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(
        (lines, shuffled) in (stock(), fault()).prop_flat_map(|(stock, fault)| {
            let lines = bars(&stock, fault, 1.0);
            (Just(lines.clone()), Just(lines).prop_shuffle())
        })
    ) {
        let written = |lines: &[String]| {
            let (file, series) = read(lines);
            let repaired = repair(&series, &settings());
            let text = file.write(&repaired.series, &repaired.touched).unwrap();
            let mut lines: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
            lines.sort();
            (lines, repaired.applied)
        };
        prop_assert_eq!(written(&lines), written(&shuffled));
    }

    /// Powers of two scale binary numbers without rounding, so that even close decisions are the same.
    #[test]
    fn the_unit_of_a_whole_series_does_not_matter(stock in stock(), fault in fault(), power in -6..=6_i32) {
        let found = |scale: f64| {
            let (_, series) = read(&bars(&stock, fault, scale));
            let repaired = repair(&series, &settings());
            let kinds: Vec<_> = repaired.applied.iter().map(|one| (one.kind, one.span())).collect();
            (kinds, repaired.touched, repaired.waiting.len())
        };
        prop_assert_eq!(found(1.0), found(2_f64.powi(power)));
    }
}

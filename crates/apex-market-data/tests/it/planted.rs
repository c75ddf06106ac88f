//! Faults planted in real prices of which none is known, and what becomes of them: how much the detectors find beyond the
//! pairs of the golden test, and how often they are sure of something wrong. The table holds today's figures.

use std::collections::BTreeMap;
use std::fmt::Write;

use apex_market_data::repair::{Settings, repair};
use apex_market_data::series::{Field, Interval, PriceFile, Series};

use super::golden::{names, read};

/// The numbers of a bar in the order of [`Field::ALL`]; NaN where there is none.
type Bar = [f64; Field::ALL.len()];

const HIGH: usize = Field::High as usize;
const CLOSE: usize = Field::Close as usize;
const ADJUSTED: usize = Field::AdjustedClose as usize;
const VOLUME: usize = Field::Volume as usize;
const DIVIDEND: usize = Field::Dividends as usize;
const SPLIT: usize = Field::StockSplits as usize;
const GAINS: usize = Field::CapitalGains as usize;

/// A kind of fault, how often it is planted, repaired, and repaired wrongly; the rest waits or is not seen.
type Line = (&'static str, usize, usize, usize);

/// Left, mostly: an amount and its adjustment that are both a hundredth look like a small dividend, and which of two days a
/// dividend belongs to is told by two falls alone.
static TABLE: [Line; 15] = [
    ("all before divided by 100", 16, 16, 0),
    ("close of zero", 16, 16, 0),
    ("close times 100", 16, 16, 0),
    ("dividend again three bars later", 14, 6, 0),
    ("dividend amount divided by 100", 14, 14, 0),
    ("dividend amount times 100", 14, 13, 0),
    ("dividend and adjustment divided by 100", 14, 4, 0),
    ("dividend left out", 14, 14, 0),
    ("dividend taken by a hundredth", 14, 14, 0),
    ("four bars times 100", 16, 16, 0),
    ("high divided by 100", 16, 16, 0),
    ("split applied twice", 15, 15, 0),
    ("split not applied", 15, 15, 0),
    ("split not applied to 20 bars", 15, 15, 0),
    ("split that is right", 15, 15, 0),
];

/// Returns the daily series without a known fault, as they are once repaired, with their names.
fn sound() -> Vec<(String, Series)> {
    // Ours and theirs differ in the first four, and the dividends of the last are dollars among shekels.
    const LEFT_OUT: [&str; 5] = ["AV-L", "CLC-L", "NVT-L", "SSNLF", "KEN-TA"];
    let whole = |name: &String| name.ends_with("-fixed") || name.contains("-no-bad-");
    let names = names().into_iter().filter(whole);
    names
        .filter(|name| !LEFT_OUT.iter().any(|one| name.starts_with(one)))
        .map(|name| (repair(&read(&name), &Settings::default()).series, name))
        .filter(|(series, _)| series.interval() == Interval::Day && series.len() >= 60)
        .map(|(series, name)| (name, series))
        .collect()
}

fn bars(series: &Series) -> Vec<Bar> {
    let number = |row, field: Field| {
        let event = if field as usize >= DIVIDEND { 0.0 } else { f64::NAN };
        series.number(row, field).unwrap_or(event)
    };
    (0..series.len())
        .map(|row| Field::ALL.map(|field| number(row, field)))
        .collect()
}

/// Returns the series that has these bars on the days of another.
fn series(days: &Series, bars: &[Bar]) -> Series {
    let mut text = format!("Date,{}\n", Field::ALL.map(Field::name).join(","));
    for (stamp, bar) in days.stamps().iter().zip(bars) {
        let cells = bar.map(|number| {
            if number.is_nan() {
                String::new()
            } else {
                number.to_string()
            }
        });
        writeln!(text, "{},{}", stamp.date, cells.join(",")).unwrap();
    }
    PriceFile::read("planted", &text, None).unwrap().1
}

/// Multiplies the prices of bars.
fn scale(bars: &mut [Bar], factor: f64) {
    for bar in bars {
        bar[..=ADJUSTED].iter_mut().for_each(|price| *price *= factor);
    }
}

/// Multiplies adjusted closes as if `taken` had been paid instead of `paid`, both shares of the close before.
fn readjust(bars: &mut [Bar], paid: f64, taken: f64) {
    bars.iter_mut()
        .for_each(|bar| bar[ADJUSTED] *= (1.0 - taken) / (1.0 - paid));
}

/// Plants every fault of single bars and splits once, in the middle: its kind, the bars with it, and without.
fn price_faults(good: &[Bar]) -> Vec<(&'static str, Vec<Bar>, Vec<Bar>)> {
    let at = good.len() / 2;
    let mut planted = Vec::new();
    let mut plant = |kind, fault: &dyn Fn(&mut [Bar])| {
        let mut bars = good.to_vec();
        fault(&mut bars);
        planted.push((kind, bars, good.to_vec()));
    };
    plant("close times 100", &|bars| {
        bars[at][CLOSE] *= 100.0;
        bars[at][ADJUSTED] *= 100.0;
    });
    plant("high divided by 100", &|bars| bars[at][HIGH] /= 100.0);
    plant("four bars times 100", &|bars| scale(&mut bars[at..at + 4], 100.0));
    plant("all before divided by 100", &|bars| scale(&mut bars[..at], 0.01));
    plant("close of zero", &|bars| {
        bars[at][CLOSE] = 0.0;
        bars[at][ADJUSTED] = 0.0;
    });
    if good.iter().all(|bar| bar[SPLIT] == 0.0) {
        for (applied, kind) in [
            (None, "split that is right"),
            (Some((0, 3.0)), "split not applied"),
            (Some((0, 1.0 / 3.0)), "split applied twice"),
            (Some((20, 3.0)), "split not applied to 20 bars"),
        ] {
            let mut good = good.to_vec();
            good[at][SPLIT] = 3.0;
            let mut bars = good.clone();
            if let Some((length, factor)) = applied {
                let first = if length == 0 { 0 } else { at - length };
                scale(&mut bars[first..at], factor);
                bars[first..at].iter_mut().for_each(|bar| bar[VOLUME] /= factor);
            }
            planted.push((kind, bars, good));
        }
    }
    planted
}

/// Plants every fault of a dividend, in the one nearest to the middle.
fn dividend_faults(good: &[Bar]) -> Vec<(&'static str, Vec<Bar>, Vec<Bar>)> {
    let middle = good.len() / 2;
    let paid = |row: &usize| good[*row][DIVIDEND] > 0.0 && good[*row - 1][CLOSE] > 0.0;
    let nearest = (1..good.len() - 4).filter(paid).min_by_key(|row| row.abs_diff(middle));
    let Some(at) = nearest.filter(|_| good.iter().all(|bar| bar[GAINS] == 0.0)) else {
        return Vec::new();
    };
    let share = good[at][DIVIDEND] / good[at - 1][CLOSE];
    let mut planted = Vec::new();
    let mut plant = |kind, fault: &dyn Fn(&mut [Bar])| {
        let mut bars = good.to_vec();
        fault(&mut bars);
        planted.push((kind, bars, good.to_vec()));
    };
    plant("dividend left out", &|bars| readjust(&mut bars[..at], share, 0.0));
    plant("dividend taken by a hundredth", &|bars| {
        readjust(&mut bars[..at], share, share / 100.0);
    });
    plant("dividend amount times 100", &|bars| bars[at][DIVIDEND] *= 100.0);
    plant("dividend amount divided by 100", &|bars| bars[at][DIVIDEND] /= 100.0);
    plant("dividend and adjustment divided by 100", &|bars| {
        bars[at][DIVIDEND] /= 100.0;
        readjust(&mut bars[..at], share, share / 100.0);
    });
    plant("dividend again three bars later", &|bars| {
        bars[at + 3][DIVIDEND] = bars[at][DIVIDEND];
        let again = bars[at + 3][DIVIDEND] / bars[at + 2][CLOSE];
        readjust(&mut bars[..at + 3], 0.0, again);
    });
    planted
}

/// Returns whether bars are alike to a thousandth, rebuilt ones to 3 %; volume does not matter.
fn alike(one: &[Bar], other: &[Bar], rebuilt: bool) -> bool {
    let near = |field: usize, one: f64, other: f64| {
        let tolerance = if rebuilt { 0.03 } else { 1e-3 };
        let off = (one - other).abs() / one.abs().max(other.abs());
        field == VOLUME || one == other || (one.is_nan() && other.is_nan()) || off <= tolerance
    };
    let bars = one.iter().zip(other);
    bars.into_iter()
        .all(|(one, other)| (0..one.len()).all(|field| near(field, one[field], other[field])))
}

#[test]
fn faults_planted_in_real_prices_are_repaired_or_left() {
    let mut found: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for (name, sound) in sound() {
        let good = bars(&sound);
        for (kind, bad, good) in price_faults(&good).into_iter().chain(dividend_faults(&good)) {
            let repaired = repair(&series(&sound, &bad), &Settings::default());
            let right = alike(&bars(&repaired.series), &good, kind == "close of zero");
            let wrong = !right && !repaired.applied.is_empty();
            if wrong {
                println!("{name}: {kind}: {}", repaired.applied[0].reason);
            }
            let counts = found.entry(kind).or_default();
            counts[0] += 1;
            counts[1] += usize::from(right);
            counts[2] += usize::from(wrong);
        }
    }
    let lines: Vec<Line> = found
        .into_iter()
        .map(|(kind, [all, right, wrong])| (kind, all, right, wrong))
        .collect();
    for (kind, all, right, wrong) in &lines {
        println!("{kind:40} {all:3} planted {right:3} repaired {wrong:3} wrong");
    }
    assert_eq!(lines, TABLE);
}

//! One fault at a time in small tables, and what looks like one and is none. Every figure is worked by hand.

use std::fmt::Write;

use apex_market_data::repair::{Kind, Repaired, Settings, repair};
use apex_market_data::series::{Field, PriceFile};

/// Changes of a calm stock, in permille, over and over: their standard deviation is about one percent.
const CHANGES: [f64; 8] = [8.0, -12.0, 5.0, 10.0, -9.0, -6.0, 13.0, -8.0];

/// One bar of a made-up stock.
#[derive(Debug, Clone)]
struct Bar {
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    adjusted: f64,
    volume: f64,
    dividend: f64,
}

/// Returns 60 bars; `falls` says by what share the open is lower than the close before on a day.
fn bars(falls: &[(usize, f64)]) -> Vec<Bar> {
    let mut before = 20.0;
    (0..60)
        .map(|day| {
            let fall = falls
                .iter()
                .find(|(fallen, _)| *fallen == day)
                .map_or(0.0, |(_, fall)| *fall);
            let open = before * (1.0 - fall);
            let close = open * (1.0 + CHANGES[day % CHANGES.len()] / 1000.0);
            before = close;
            Bar {
                open,
                high: open.max(close) * 1.001,
                low: open.min(close) * 0.999,
                close,
                adjusted: close,
                volume: 1000.0,
                dividend: 0.0,
            }
        })
        .collect()
}

/// Pays `share` of the close before on a day, and lowers earlier adjusted closes by `taken`.
fn pay(bars: &mut [Bar], day: usize, share: f64, taken: f64) {
    bars[day].dividend = bars[day - 1].close * share;
    bars[..day].iter_mut().for_each(|bar| bar.adjusted *= 1.0 - taken);
}

fn text(bars: &[Bar]) -> String {
    let mut text = "Date,Open,High,Low,Close,Adj Close,Volume,Dividends\n".to_owned();
    let start: jiff::civil::Date = "2024-01-01".parse().unwrap();
    for (day, bar) in bars.iter().enumerate() {
        let date = start + jiff::Span::new().days(day as i64);
        writeln!(
            text,
            "{date},{},{},{},{},{},{},{}",
            bar.open, bar.high, bar.low, bar.close, bar.adjusted, bar.volume, bar.dividend
        )
        .unwrap();
    }
    text
}

fn repaired(bars: &[Bar]) -> Repaired {
    repaired_in(bars, None)
}

fn repaired_in(bars: &[Bar], currency: Option<&str>) -> Repaired {
    let (_, series) = PriceFile::read("made up", &text(bars), None).unwrap();
    let settings = Settings {
        currency: currency.map(str::to_owned),
    };
    repair(&series, &settings)
}

fn kinds(repaired: &Repaired) -> Vec<Kind> {
    repaired.applied.iter().map(|proposal| proposal.kind).collect()
}

/// Says that a repaired column is that of `sound`, to 1e-9.
fn same(repaired: &Repaired, sound: &[Bar]) {
    for (row, bar) in sound.iter().enumerate() {
        let cells = [
            (Field::Close, bar.close),
            (Field::AdjustedClose, bar.adjusted),
            (Field::Dividends, bar.dividend),
        ];
        for (field, should) in cells {
            let is = repaired.series.number(row, field).unwrap();
            assert!(
                (is - should).abs() <= 1e-9 * should.abs(),
                "{row} {field}: {is}, {should}"
            );
        }
    }
}

#[test]
fn a_dividend_moves_to_the_day_on_which_prices_fell() {
    for (stated, true_day) in [(30, 35), (40, 35)] {
        let mut sound = bars(&[(35, 0.10)]);
        pay(&mut sound, 35, 0.10, 0.10);
        let mut wrong = bars(&[(35, 0.10)]);
        wrong[stated].dividend = sound[true_day].dividend;
        let taken = wrong[stated].dividend / wrong[stated - 1].close;
        wrong[..stated].iter_mut().for_each(|bar| bar.adjusted *= 1.0 - taken);
        let repaired = repaired(&wrong);
        assert_eq!(kinds(&repaired), [Kind::DividendDate]);
        same(&repaired, &sound);
    }
}

#[test]
fn a_dividend_on_which_prices_did_not_fall_is_left_where_no_other_day_explains_it() {
    // Prices rise by as much on a good day, so that the fall may be hidden.
    let mut bars = bars(&[]);
    pay(&mut bars, 30, 0.02, 0.02);
    assert_eq!(kinds(&repaired(&bars)), []);
}

#[test]
fn a_dividend_in_cents_among_prices_in_units_is_divided_wherever_it_shows() {
    let mut sound = bars(&[(30, 0.02)]);
    pay(&mut sound, 30, 0.02, 0.02);
    // The amount alone, and the amount together with the adjusted closes: 0.3 of a price that fell by 0.003.
    let mut wrong = sound.clone();
    wrong[30].dividend *= 100.0;
    same(&repaired(&wrong), &sound);
    let mut sound = bars(&[(30, 0.003)]);
    pay(&mut sound, 30, 0.003, 0.003);
    let mut wrong = bars(&[(30, 0.003)]);
    pay(&mut wrong, 30, 0.3, 0.3);
    let repaired = repaired(&wrong);
    assert_eq!(kinds(&repaired), [Kind::DividendAmount]);
    same(&repaired, &sound);
}

#[test]
fn a_fund_that_pays_every_week_has_no_duplicates() {
    let days: Vec<(usize, f64)> = (1..8).map(|week| (7 * week, 0.003)).collect();
    let mut bars = bars(&days);
    for (day, share) in &days {
        pay(&mut bars, *day, *share, *share);
    }
    assert_eq!(kinds(&repaired(&bars)), []);
}

#[test]
fn a_zero_is_rebuilt_from_its_bar_and_an_empty_bar_from_its_neighbors() {
    let sound = bars(&[]);
    let mut wrong = sound.clone();
    wrong[10].high = 0.0;
    wrong[10].low = 0.0;
    let fixed = repaired(&wrong);
    assert_eq!(kinds(&fixed), [Kind::Zero]);
    let high = sound[10].open.max(sound[10].close);
    assert!((fixed.series.number(10, Field::High).unwrap() - high).abs() < 1e-9);
    // A bar without a price lies at the geometric mean of the closes around it.
    let mut wrong = sound.clone();
    let bar = &mut wrong[20];
    (bar.open, bar.high, bar.low, bar.close, bar.adjusted) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let fixed = repaired(&wrong);
    assert_eq!(kinds(&fixed), [Kind::Zero]);
    let between = (sound[19].close * sound[21].close).sqrt();
    for field in [Field::Close, Field::AdjustedClose, Field::Low] {
        assert!(
            (fixed.series.number(20, field).unwrap() - between).abs() < 1e-9,
            "{field}"
        );
    }
}

#[test]
fn a_long_gap_of_zeros_becomes_missing_and_is_not_made_up() {
    let mut wrong = bars(&[]);
    for bar in &mut wrong[20..25] {
        (bar.open, bar.high, bar.low, bar.close, bar.adjusted) = (0.0, 0.0, 0.0, 0.0, 0.0);
    }
    let repaired = repaired(&wrong);
    assert!((20..25).all(|row| repaired.series.cell(row, Field::Close).unwrap().is_missing()));
    let waiting: Vec<Kind> = repaired.waiting.iter().map(|proposal| proposal.kind).collect();
    assert_eq!(waiting, [Kind::Missing], "what would fill it waits for a person");
}

#[test]
fn a_last_bar_in_another_unit_waits_since_a_new_unit_may_have_begun() {
    let mut wrong = bars(&[]);
    let bar = &mut wrong[59];
    (bar.open, bar.high, bar.low) = (bar.open * 100.0, bar.high * 100.0, bar.low * 100.0);
    (bar.close, bar.adjusted) = (bar.close * 100.0, bar.adjusted * 100.0);
    let repaired = repaired(&wrong);
    assert_eq!(kinds(&repaired), []);
    let waiting: Vec<(Kind, Option<(usize, usize)>)> = repaired
        .waiting
        .iter()
        .map(|proposal| (proposal.kind, proposal.span()))
        .collect();
    assert_eq!(waiting, [(Kind::Unit, Some((59, 59)))]);
}

#[test]
fn a_dinar_has_a_thousand_fils() {
    let sound = bars(&[]);
    let mut wrong = sound.clone();
    for bar in &mut wrong[..30] {
        (bar.open, bar.high, bar.low) = (bar.open * 1000.0, bar.high * 1000.0, bar.low * 1000.0);
        (bar.close, bar.adjusted) = (bar.close * 1000.0, bar.adjusted * 1000.0);
    }
    let repaired = repaired_in(&wrong, Some("KWF"));
    assert_eq!(kinds(&repaired), [Kind::Unit]);
    same(&repaired, &sound);
}

#[test]
fn crashes_and_doublings_are_prices() {
    for fall in [0.5, 0.9, -1.0, -0.4] {
        assert_eq!(kinds(&repaired(&bars(&[(30, fall)]))), [], "{fall}");
    }
}

#[test]
fn a_negative_volume_is_unknown_and_an_impossible_high_waits() {
    let mut wrong = bars(&[]);
    wrong[5].volume = -10.0;
    wrong[6].high = wrong[6].close * 0.9;
    let repaired = repaired(&wrong);
    assert_eq!(kinds(&repaired), [Kind::Volume]);
    assert!(repaired.series.cell(5, Field::Volume).unwrap().is_missing());
    let waiting: Vec<Kind> = repaired.waiting.iter().map(|proposal| proposal.kind).collect();
    assert_eq!(waiting, [Kind::Invariant]);
    assert_eq!(repaired.touched, [5]);
}

#[test]
fn an_adjusted_close_that_is_missing_is_its_close_times_the_factor_around_it() {
    let mut sound = bars(&[(30, 0.03)]);
    pay(&mut sound, 30, 0.03, 0.03);
    let mut rows: Vec<String> = text(&sound).lines().map(str::to_owned).collect();
    let mut cells: Vec<String> = rows[11].split(',').map(str::to_owned).collect();
    cells[5] = String::new();
    rows[11] = cells.join(",");
    let (_, series) = PriceFile::read("made up", &rows.join("\n"), None).unwrap();
    let repaired = repair(&series, &Settings::default());
    assert_eq!(kinds(&repaired), [Kind::Missing]);
    same(&repaired, &sound);
}

//! What holds of every history, on generated ones.

use apex_analytics::random::Stream;
use apex_domain::{Date, Decimal, Ratio};
use apex_market_data::Provider::{AlphaVantage, Files, Polygon, Yahoo};
use apex_market_data::pipeline::{Decision, Figures, FindingState, Judged, Payment, SourceDays, judge, normalize};
use apex_market_data::record::Split;
use apex_market_data::{Bar, Basis, Interval, Ohlcv, Provider, Records, Window};
use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;
use rust_decimal::prelude::ToPrimitive;

use super::{intake, made, subject};

/// A fault of one source that can be told.
#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    /// Days in cents.
    Unit(usize, usize),
    /// One close is zero.
    Zero(usize),
    /// One day a third higher.
    Spike(usize),
    /// One high three times as high.
    High(usize),
    /// Days are missing.
    Missing(usize, usize),
    /// A split is listed again a week later.
    SplitTwice,
    /// Everything before the split is divided by it.
    Adjusted,
    /// The split is not listed.
    Unlisted,
}

fn fault() -> impl Strategy<Value = Fault> {
    let at = 20..100_usize;
    prop_oneof![
        Just(Fault::None),
        (at.clone(), 0..8_usize).prop_map(|(first, more)| Fault::Unit(first, more)),
        at.clone().prop_map(Fault::Zero),
        at.clone().prop_map(Fault::Spike),
        at.clone().prop_map(Fault::High),
        (at, 0..8_usize).prop_map(|(first, more)| Fault::Missing(first, more)),
        Just(Fault::SplitTwice),
        Just(Fault::Adjusted),
        Just(Fault::Unlisted),
    ]
}

fn with(mut source: SourceDays, fault: Fault) -> SourceDays {
    match fault {
        Fault::None => {}
        Fault::Unit(first, more) => (first..=first + more).for_each(|row| made::scale(&mut source, row, "100")),
        Fault::Zero(row) => source.bars[row].1.close = Some(Decimal::ZERO),
        Fault::Spike(row) => made::scale(&mut source, row, "1.333"),
        Fault::High(row) => {
            let high = &mut source.bars[row].1.high;
            *high = high.map(|high| high * Decimal::from(3));
        }
        Fault::Missing(first, more) => drop(source.bars.drain(first..=first + more)),
        Fault::SplitTwice => {
            for (date, ratio) in source.splits.clone() {
                source.splits.push((date + 7.days(), ratio));
            }
        }
        Fault::Adjusted => {
            for (date, ratio) in source.splits.clone() {
                made::scale_before(&mut source, date, ratio.inverse());
            }
        }
        Fault::Unlisted => source.splits.clear(),
    }
    source
}

/// A stock of 140 days with a split near the end.
fn stock(seed: u64) -> SourceDays {
    let mut stock = made::stock(140, seed);
    let day = stock.bars[120].0;
    made::split(&mut stock, day, "3:1");
    stock
}

/// What was published, as a source of its own.
fn published(judged: &Judged, provider: Provider) -> SourceDays {
    SourceDays {
        provider,
        bars: judged.days.iter().map(|(date, day)| (*date, day.figures())).collect(),
        splits: judged.splits.iter().map(|split| (split.ex_date, split.ratio)).collect(),
        dividends: judged
            .dividends
            .iter()
            .map(|paid| Payment {
                ex_date: paid.ex_date,
                amount: paid.amount,
                currency: None,
                pay_date: paid.pay_date,
            })
            .collect(),
        gains: vec![],
    }
}

fn shuffled<T>(mut items: Vec<T>, seed: u64) -> Vec<T> {
    let mut random = Stream::new(seed, 1);
    for last in (1..items.len()).rev() {
        items.swap(last, random.below(u32::try_from(last + 1).unwrap()) as usize);
    }
    items
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn judging_what_was_published_changes_nothing(seed in 0..1_000_u64, fault in fault()) {
        let bad = with(stock(seed), fault);
        let once = judge(&intake(vec![bad]));
        let twice = judge(&intake(vec![published(&once, Files)]));
        // What a person is asked they are asked again; nothing more is done.
        prop_assert!(twice.findings.iter().all(|one| one.state == FindingState::Waiting), "{:?}", twice.findings);
        let figures = |judged: &Judged| judged.days.iter().map(|(date, day)| (*date, day.figures())).collect::<Vec<_>>();
        prop_assert_eq!(figures(&twice), figures(&once));
        prop_assert_eq!(twice.splits.len(), once.splits.len());
    }

    #[test]
    fn the_order_in_which_bars_arrive_does_not_matter(seed in 0..1_000_u64, fault in fault(), order in 0..1_000_u64) {
        let (one, other) = (with(stock(seed), fault), made::by(AlphaVantage, &stock(seed)));
        let mixed = |source: &SourceDays| SourceDays {
            bars: shuffled(source.bars.clone(), order),
            splits: shuffled(source.splits.clone(), order),
            ..source.clone()
        };
        let straight = judge(&intake(vec![one.clone(), other.clone()]));
        prop_assert_eq!(straight, judge(&intake(vec![mixed(&one), mixed(&other)])));
    }

    #[test]
    fn a_fault_of_one_of_two_sources_changes_nothing_that_is_published_but_flags(
        seed in 0..1_000_u64, fault in fault(), first in any::<bool>(),
    ) {
        let good = stock(seed);
        let clean = judge(&intake(vec![good.clone(), made::by(AlphaVantage, &good)]));
        prop_assert_eq!(&clean.findings, &vec![]);
        let (bad, good) = (with(good.clone(), fault), made::by(AlphaVantage, &good));
        let sources = if first { vec![bad, good] } else { vec![good, bad] };
        let judged = judge(&intake(sources));
        for (date, day) in &judged.days {
            prop_assert_eq!(day.figures(), clean.days[date].figures(), "{}", date);
        }
        // What is not published waits, and none of these faults is in doubt.
        prop_assert_eq!(judged.days.len(), clean.days.len(), "{:?}", judged.findings);
        let ratios = |judged: &Judged| judged.splits.iter().map(|one| (one.ex_date, one.ratio)).collect::<Vec<_>>();
        prop_assert_eq!(ratios(&judged), ratios(&clean));
    }

    #[test]
    fn figures_divided_by_splits_are_taken_back_to_what_was_traded(seed in 0..1_000_u64, new in 2..21_u32, old in 1..4_u32) {
        prop_assume!(new != old);
        let mut raw = made::stock(60, seed);
        raw.bars.iter_mut().for_each(|(_, bar)| bar.volume = None);
        let ratio = Ratio::new(new, old).unwrap();
        let ex_date = raw.bars[40].0;
        // Whole cents before the split too, so that there is something exact to come back to.
        let records = Records {
            bars: raw.bars.iter().map(|(date, bar)| {
                let adjusted = |price: Option<Decimal>| price.map(|price| {
                    if *date >= ex_date { return price }
                    // As Yahoo does: in single precision, written with the digits of double precision, noise taken off.
                    let single = (price.to_f64().unwrap() * f64::from(old) / f64::from(new)) as f32;
                    Decimal::from_str_exact(&format!("{single}")).unwrap()
                });
                Bar {
                    symbol: "ACME".to_owned(),
                    interval: Interval::Day,
                    window: Window::Day(*date),
                    figures: Basis::SplitAdjusted(Ohlcv {
                        open: adjusted(bar.open),
                        high: adjusted(bar.high),
                        low: adjusted(bar.low),
                        close: adjusted(bar.close),
                        volume: None,
                        vwap: None,
                    }),
                    adjusted_close: None,
                    trades: None,
                }
            }).collect(),
            splits: vec![Split { symbol: "ACME".to_owned(), ex_date, ratio }],
            ..Records::default()
        };
        let said = normalize(Yahoo, &records, &subject());
        prop_assert_eq!(said.days.bars, raw.bars);
    }
}

/// Figures that have been seen, and worse.
fn odd_price() -> impl Strategy<Value = Option<Decimal>> {
    prop_oneof![
        4 => (1..100_000_i64).prop_map(|cents| Some(Decimal::new(cents, 2))),
        2 => (9_000..11_000_i64).prop_map(|cents| Some(Decimal::new(cents, 2))),
        1 => Just(None),
        1 => Just(Some(Decimal::ZERO)),
        1 => Just(Some(Decimal::NEGATIVE_ONE)),
        1 => Just(Some(Decimal::MAX)),
        1 => Just(Some(Decimal::MIN)),
        1 => Just(Some(Decimal::new(1, 28))),
    ]
}

fn odd_figures() -> impl Strategy<Value = Ohlcv> {
    (odd_price(), odd_price(), odd_price(), odd_price(), odd_price()).prop_map(|(open, high, low, close, volume)| {
        Ohlcv {
            open,
            high,
            low,
            close,
            volume,
            vwap: None,
        }
    })
}

fn odd_date() -> impl Strategy<Value = Date> {
    prop_oneof![
        30 => (0..120_i64).prop_map(|days| date(2024, 1, 2) + days.days()),
        1 => Just(Date::MIN),
        1 => Just(Date::MAX),
        1 => Just(date(1970, 1, 1)),
    ]
}

fn odd_records() -> impl Strategy<Value = Records> {
    let bars = prop::collection::vec((odd_date(), odd_figures(), any::<bool>()), 0..80);
    let splits = prop::collection::vec(
        (odd_date(), 1..=u32::MAX, prop_oneof![Just(1_u32), 1..=u32::MAX]),
        0..12,
    );
    let small = prop::collection::vec((odd_date(), 1..12_u32, 1..4_u32), 0..4);
    let paid = prop::collection::vec(
        (
            odd_date(),
            odd_price(),
            prop::option::of(prop::sample::select(&["USD", "GBp", "", "??"][..])),
        ),
        0..8,
    );
    let unit = prop::option::of(prop::sample::select(&["USD", "usd", "USX", "GBp", "nonsense"][..]));
    (bars, splits, small, paid, unit).prop_map(|(bars, splits, small, paid, unit)| {
        let symbol = || "ACME".to_owned();
        Records {
            bars: bars
                .into_iter()
                .map(|(date, figures, raw)| Bar {
                    symbol: symbol(),
                    interval: Interval::Day,
                    window: Window::Day(date),
                    figures: if raw {
                        Basis::Raw(figures)
                    } else {
                        Basis::SplitAdjusted(figures)
                    },
                    adjusted_close: None,
                    trades: None,
                })
                .collect(),
            splits: splits
                .into_iter()
                .chain(small)
                .map(|(ex_date, new, old)| Split {
                    symbol: symbol(),
                    ex_date,
                    ratio: Ratio::new(new, old).unwrap(),
                })
                .collect(),
            dividends: paid
                .into_iter()
                .filter_map(|(ex_date, amount, currency)| {
                    Some(apex_market_data::record::Dividend {
                        symbol: symbol(),
                        ex_date,
                        record_date: None,
                        pay_date: None,
                        declaration_date: None,
                        amount: Basis::SplitAdjusted(amount?),
                        currency: currency.map(str::to_owned),
                        kind: None,
                    })
                })
                .collect(),
            listings: unit
                .into_iter()
                .map(|unit| apex_market_data::record::Listing {
                    symbol: symbol(),
                    currency: Some(unit.to_owned()),
                    ..Default::default()
                })
                .collect(),
            ..Records::default()
        }
    })
}

fn is_sound(figures: &Figures) -> bool {
    let prices = [figures.open, figures.high, figures.low, figures.close];
    let above_zero = prices.into_iter().flatten().all(|price| price > Decimal::ZERO);
    let enclosed = |price: Option<Decimal>| {
        price.is_none_or(|price| {
            figures.high.is_none_or(|high| high >= price) && figures.low.is_none_or(|low| low <= price)
        })
    };
    above_zero && prices.into_iter().all(enclosed)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_providers_say_no_impossible_price_is_published(
        one in odd_records(), two in odd_records(), decide in prop::option::of(0..3_usize),
    ) {
        let subject = subject();
        let sources = vec![normalize(Yahoo, &one, &subject).days, normalize(Polygon, &two, &subject).days];
        let mut asked = intake(sources);
        asked.until = date(2024, 5, 31);
        let mut judged = judge(&asked);
        if let Some(decide) = decide {
            let decision = [Decision::Take, Decision::Keep, Decision::LeaveOut][decide];
            asked.decisions = judged.findings.iter().map(|one| (one.id.clone(), decision)).collect();
            judged = judge(&asked);
        }
        for (date, day) in &judged.days {
            prop_assert!(*date <= asked.until && is_sound(&day.figures()), "{date} {day:?}");
            prop_assert!(!judged.waiting.contains(date), "{date}");
        }
        for finding in &judged.findings {
            prop_assert!(finding.from <= finding.until && (0.0..=1.0).contains(&finding.confidence), "{finding:?}");
        }
        prop_assert!(judged.dividends.iter().all(|paid| paid.amount > Decimal::ZERO));
    }
}

//! Adjusting on read, and the mistake that is not made: a quantity times an adjusted price.

use apex_domain::{Date, Decimal, Ratio};
use apex_market_data::adjust::{Actions, AdjustedSeries, Adjustment, adjust};
use apex_market_data::pipeline::{Figures, judge};
use jiff::civil::date;
use proptest::prelude::*;

use super::{decimal, intake, made};

/// A stock with a split and dividends, and what happened to it.
fn stock(seed: u64, ratio: (u32, u32), paid: &[(usize, u32)]) -> (Vec<(Date, Figures)>, Actions) {
    let mut stock = made::stock(120, seed);
    let ratio = Ratio::new(ratio.0, ratio.1).unwrap();
    let ex_date = stock.bars[70].0;
    made::scale_before(&mut stock, ex_date, ratio);
    let dividends = paid
        .iter()
        .map(|(row, cents)| (stock.bars[*row].0, Decimal::new(i64::from(*cents), 2)))
        .collect();
    let actions = Actions {
        splits: vec![(ex_date, ratio)],
        dividends,
    };
    (stock.bars, actions)
}

fn closes(series: &AdjustedSeries) -> Vec<f64> {
    series.bars().iter().map(|bar| bar.close.unwrap().number()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn adjusting_and_back_is_the_identity(
        seed in 0..1_000_u64, new in 1..21_u32, old in 1..8_u32,
        paid in prop::collection::vec((1..120_usize, 1..900_u32), 0..8),
        adjustment in prop::sample::select(&[Adjustment::None, Adjustment::Splits, Adjustment::Dividends, Adjustment::Both][..]),
    ) {
        let (bars, actions) = stock(seed, (new, old), &paid);
        let raw = adjust(&bars, &actions, Adjustment::None);
        let back = adjust(&bars, &actions, adjustment).unadjusted(&actions);
        prop_assert_eq!(back.bars().len(), raw.bars().len());
        for (is, was) in back.bars().iter().zip(raw.bars()) {
            let pairs = [(is.open, was.open), (is.high, was.high), (is.low, was.low), (is.close, was.close)];
            for (is, was) in pairs {
                let (is, was) = (is.unwrap().number(), was.unwrap().number());
                prop_assert!((is - was).abs() <= 1e-12 * was, "{is} {was}");
            }
        }
        // The last day is as traded, however it is adjusted.
        let last = adjust(&bars, &actions, adjustment).bars()[119];
        prop_assert_eq!(last.close, raw.bars()[119].close);
    }

    /// A share that is held and whose dividends buy more of it grows as its adjusted price does.
    #[test]
    fn an_adjusted_series_returns_what_a_holder_earns_who_reinvests(
        seed in 0..1_000_u64, paid in prop::collection::vec((1..120_usize, 1..900_u32), 0..8),
    ) {
        let (bars, actions) = stock(seed, (3, 2), &paid);
        let adjusted = closes(&adjust(&bars, &actions, Adjustment::Both));
        let mut shares = 1.0;
        let raw = closes(&adjust(&bars, &actions, Adjustment::None));
        for row in 1..bars.len() {
            let day = bars[row].0;
            let mut before = raw[row - 1];
            for (_, ratio) in actions.splits.iter().filter(|(ex_date, _)| *ex_date == day) {
                let ratio = f64::from(ratio.numerator()) / f64::from(ratio.denominator());
                (shares, before) = (shares * ratio, before / ratio);
            }
            for (_, amount) in actions.dividends.iter().filter(|(ex_date, _)| *ex_date == day) {
                let amount: f64 = amount.to_string().parse().unwrap();
                shares /= 1.0 - amount / before;
            }
            let (earned, shown) = (shares * raw[row] / raw[0], adjusted[row] / adjusted[0]);
            prop_assert!((earned - shown).abs() <= 1e-9 * earned, "{day}: {earned} {shown}");
        }
    }
}

// What rivals get wrong: a quantity as it was held times a price that later splits were worked into. Apple closed at 499.23
// on 2020-08-28, split four for one and closed at 129.04; a hundred shares were worth 49,923 and not 12,480.75.
#[test]
fn a_quantity_as_held_times_what_is_published_is_what_the_holding_was_worth_before_a_split() {
    let mut yahoo = made::stock_from(date(2020, 6, 1), 100, 3);
    let ex_date = date(2020, 8, 31);
    for (day, bar) in &mut yahoo.bars {
        let close = Some(decimal(if *day < ex_date { "499.23" } else { "129.04" }));
        *bar = Figures {
            close,
            ..Figures::default()
        };
    }
    yahoo.provider = apex_market_data::Provider::Yahoo;
    yahoo.splits.push((ex_date, "4:1".parse().unwrap()));
    let judged = judge(&intake(vec![yahoo]));
    let close = |day| judged.days[&day].close;
    assert_eq!(Decimal::ONE_HUNDRED * close(date(2020, 8, 28)), decimal("49923"));
    assert_eq!(Decimal::from(400) * close(ex_date), decimal("51616"));
    // The price for the eye is 124.8075, and is no decimal that a quantity could meet.
    let bars: Vec<_> = judged.days.iter().map(|(day, bar)| (*day, bar.figures())).collect();
    let actions = Actions {
        splits: judged.splits.iter().map(|split| (split.ex_date, split.ratio)).collect(),
        dividends: vec![],
    };
    let series = adjust(&bars, &actions, Adjustment::Splits);
    assert_eq!(series.bars()[0].close.unwrap().to_string(), "124.8075");
}

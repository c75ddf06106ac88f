//! Made-up histories: a random walk in cents on New York's sessions.

use apex_analytics::random::Stream;
use apex_domain::{Date, Decimal, Ratio};
use apex_market_data::Provider;
use apex_market_data::calendar::exchange;
use apex_market_data::pipeline::{Figures, SourceDays};
use jiff::civil::date;

/// Returns a stock that moves by a percent a day or so, in cents, from 2014 on, as Polygon has it.
pub(crate) fn stock(days: usize, seed: u64) -> SourceDays {
    stock_from(date(2014, 1, 2), days, seed)
}

/// Returns the same from another day on.
pub(crate) fn stock_from(first: Date, days: usize, seed: u64) -> SourceDays {
    let new_york = exchange("XNYS").unwrap();
    let mut random = Stream::new(seed, 0);
    let mut close: i64 = 20_000;
    let mut source = SourceDays::new(Provider::Polygon);
    for day in new_york.sessions(first, date(2027, 12, 31)).take(days) {
        let before = close;
        let mut step = |width: i64| {
            let width = (width * before / 10_000).max(1);
            i64::from(random.below(u32::try_from(2 * width + 1).unwrap())) - width
        };
        let open = (close + step(50)).max(2_000);
        let next = (open + step(150)).max(2_000);
        let high = open.max(next) + step(40).abs();
        let low = open.min(next) - step(40).abs();
        let volume = 1_000_000 + step(5000) * 10;
        close = next;
        let price = |cents: i64| Some(Decimal::new(cents, 2).normalize());
        source.bars.push((
            day,
            Figures {
                open: price(open),
                high: price(high),
                low: price(low),
                close: price(close),
                volume: Some(Decimal::from(volume)),
            },
        ));
    }
    source
}

/// Lets the shares be split on a day: before it, prices as traded are higher by the ratio and volumes lower.
pub(crate) fn split(source: &mut SourceDays, ex_date: Date, ratio: &str) {
    let ratio: Ratio = ratio.parse().unwrap();
    scale_before(source, ex_date, ratio);
    source.splits.push((ex_date, ratio));
}

/// Multiplies the prices before a day, and divides the volumes.
pub(crate) fn scale_before(source: &mut SourceDays, ex_date: Date, ratio: Ratio) {
    for (_, bar) in source.bars.iter_mut().filter(|(date, _)| *date < ex_date) {
        for price in prices(bar) {
            *price = price.map(|price| ratio.of(price).normalize());
        }
        bar.volume = bar.volume.map(|volume| ratio.inverse().of(volume).round());
    }
}

/// Returns the four prices of a bar.
pub(crate) fn prices(bar: &mut Figures) -> [&mut Option<Decimal>; 4] {
    [&mut bar.open, &mut bar.high, &mut bar.low, &mut bar.close]
}

/// Multiplies the prices of a day.
pub(crate) fn scale(source: &mut SourceDays, row: usize, factor: &str) {
    let factor: Decimal = factor.parse().unwrap();
    for price in prices(&mut source.bars[row].1) {
        *price = price.map(|price| (price * factor).normalize());
    }
}

/// Returns the same history as another provider has it.
pub(crate) fn by(provider: Provider, source: &SourceDays) -> SourceDays {
    SourceDays {
        provider,
        ..source.clone()
    }
}

//! Made-up histories: a random walk in cents on New York's sessions.

use apex_analytics::random::Stream;
use apex_domain::{Date, Decimal};
use apex_market_data::Provider;
use apex_market_data::calendar::exchange;
use apex_market_data::pipeline::{Figures, SourceDays};
use jiff::civil::date;

/// Returns the sessions of New York from January 2014 on.
pub(super) fn sessions(count: usize) -> Vec<Date> {
    let new_york = exchange("XNYS").unwrap();
    new_york
        .sessions(date(2014, 1, 2), date(2025, 12, 31))
        .take(count)
        .collect()
}

/// Returns a stock that moves by a percent a day or so, in cents, from Polygon.
pub(super) fn stock(days: usize, seed: u64) -> SourceDays {
    let mut random = Stream::new(seed, 0);
    let mut close: i64 = 200_00;
    let mut source = SourceDays::new(Provider::Polygon);
    for day in sessions(days) {
        let before = close;
        let mut step = |width: i64| {
            let width = (width * before / 10_000).max(1);
            i64::from(random.below(u32::try_from(2 * width + 1).unwrap())) - width
        };
        let open = (close + step(50)).max(20_00);
        let next = (open + step(150)).max(20_00);
        let high = open.max(next) + step(40).abs();
        let low = open.min(next) - step(40).abs();
        close = next;
        let price = |cents: i64| Some(Decimal::new(cents, 2).normalize());
        source.bars.push((
            day,
            Figures {
                open: price(open),
                high: price(high),
                low: price(low),
                close: price(close),
                volume: Some(Decimal::from(1_000_000 + step(5000) * 10)),
            },
        ));
    }
    source
}

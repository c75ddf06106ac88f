//! The calendars against the days of real prices of twelve exchanges, 2022 to 2026 and for New York from 2001 on.

use apex_market_data::calendar;
use apex_market_data::series::Interval;
use jiff::civil::date;

use super::golden::{names, read};

/// The exchange that a file's prices are from, by the end of its name.
fn exchange_of(name: &str) -> &'static calendar::Exchange {
    const ENDS: [(&str, &str); 13] = [
        ("-L-", "XLON"),
        ("-IL-", "XLON"),
        ("-HK-", "XHKG"),
        ("-T-", "XTKS"),
        ("-DE-", "XETR"),
        ("-AX-", "XASX"),
        ("-MC-", "XMAD"),
        ("-MI-", "XMIL"),
        ("-ST-", "XSTO"),
        ("-JO-", "XJSE"),
        ("-TA-", "XTAE"),
        ("-V-", "XTSE"),
        ("-", "XNYS"),
    ];
    let (_, mic) = ENDS.iter().find(|(end, _)| name.contains(end)).unwrap();
    calendar::exchange(mic).unwrap()
}

#[test]
fn days_with_a_bar_are_the_sessions_of_the_exchange() {
    for name in names().iter().filter(|name| !name.ends_with("-fixed")) {
        let series = read(name);
        if series.interval() != Interval::Day {
            continue;
        }
        let days = series.stamps().iter().map(|stamp| stamp.date).collect();
        let coverage = exchange_of(name).compare(&days);
        // One file lacks a day on which Frankfurt traded.
        let missing = match name.as_str() {
            "8TRA-DE-1d-missing-div-adjust" => vec![date(2023, 6, 1)],
            _ => Vec::new(),
        };
        assert_eq!(
            (coverage.missing, coverage.outside, coverage.unknown),
            (missing, Vec::new(), 0),
            "{name}"
        );
    }
}

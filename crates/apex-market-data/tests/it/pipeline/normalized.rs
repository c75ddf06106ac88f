//! One provider's records as days: units, currencies, days of the exchange, duplicates.

use apex_domain::{Currency, Date, InstrumentKind};
use apex_market_data::pipeline::{Subject, normalize};
use apex_market_data::record::{Dividend, Listing, Split};
use apex_market_data::repair::Kind;
use apex_market_data::{Bar, Basis, Interval, Ohlcv, Provider, Records, Window};
use jiff::civil::date;

use super::decimal;

fn bar(window: Window, close: &str) -> Bar {
    Bar {
        symbol: "ACME".to_owned(),
        interval: match window {
            Window::Day(_) => Interval::Day,
            Window::From(_) => Interval::Minute,
        },
        window,
        figures: Basis::Raw(Ohlcv {
            close: Some(decimal(close)),
            ..Ohlcv::default()
        }),
        adjusted_close: None,
        trades: None,
    }
}

fn day(date: Date, close: &str) -> Bar {
    bar(Window::Day(date), close)
}

fn quoted_in(currency: &str) -> Listing {
    Listing {
        symbol: "ACME".to_owned(),
        currency: Some(currency.to_owned()),
        ..Listing::default()
    }
}

fn subject(currency: &str, exchange: &str) -> Subject {
    Subject {
        currency: Currency::parse(currency).unwrap(),
        exchange: Some(exchange.to_owned()),
        kind: InstrumentKind::Equity,
    }
}

// GBp to GBP flips: what was quoted at 812.4 pence is 8.124 pounds, and a dividend of 12.5 pence 0.125 pounds.
#[test]
fn pence_are_pounds_and_dinars_have_a_thousand_fils() {
    let ex_date = date(2024, 3, 5);
    let records = Records {
        bars: vec![day(date(2024, 3, 4), "812.4")],
        listings: vec![quoted_in("GBp")],
        dividends: vec![
            Dividend {
                symbol: "ACME".to_owned(),
                ex_date,
                record_date: None,
                pay_date: None,
                declaration_date: None,
                amount: Basis::Raw(decimal("12.5")),
                currency: Some("GBp".to_owned()),
                kind: None,
            },
            Dividend {
                symbol: "ACME".to_owned(),
                ex_date: date(2024, 6, 5),
                record_date: None,
                pay_date: None,
                declaration_date: None,
                amount: Basis::Raw(decimal("0.2")),
                currency: Some("USD".to_owned()),
                kind: None,
            },
        ],
        ..Records::default()
    };
    let said = normalize(Provider::Yahoo, &records, &subject("GBP", "XLON"));
    assert_eq!(said.days.bars[0].1.close, Some(decimal("8.124")));
    assert_eq!(
        (said.days.dividends[0].amount, said.days.dividends[0].currency),
        (decimal("0.125"), None)
    );
    // Dollars stay dollars.
    let dollars = Some(Currency::USD);
    assert_eq!(
        (said.days.dividends[1].amount, said.days.dividends[1].currency),
        (decimal("0.2"), dollars)
    );
    let fils = Records {
        bars: vec![day(date(2024, 3, 4), "812")],
        listings: vec![quoted_in("KWF")],
        ..Records::default()
    };
    let said = normalize(Provider::Yahoo, &fils, &subject("KWD", "XKUW"));
    assert_eq!(said.days.bars[0].1.close, Some(decimal("0.812")));
}

#[test]
fn another_currency_holds_all_bars_back_and_is_never_converted() {
    let mut records = Records {
        bars: vec![day(date(2024, 3, 4), "812.4")],
        listings: vec![quoted_in("USD")],
        ..Records::default()
    };
    let subject = subject("GBP", "XLON");
    let said = normalize(Provider::Yahoo, &records, &subject);
    assert!(said.days.bars.is_empty());
    assert_eq!(said.findings[0].kind, Kind::Currency);
    assert_eq!(
        said.findings[0].reason,
        "Yahoo quotes in USD and the instrument is quoted in GBP; none of its 1 bars is used"
    );
    // The next day it is the same finding.
    records.bars.push(day(date(2024, 3, 5), "812.4"));
    assert_eq!(
        normalize(Provider::Yahoo, &records, &subject).findings[0].id,
        said.findings[0].id
    );
}

#[test]
fn a_day_that_comes_twice_counts_as_received_last_and_is_remarked() {
    let monday = date(2024, 3, 4);
    let records = Records {
        bars: vec![day(monday, "10"), day(monday, "10"), day(monday, "11")],
        ..Records::default()
    };
    let said = normalize(Provider::Polygon, &records, &subject("USD", "XNYS"));
    assert_eq!(said.days.bars.len(), 1);
    assert_eq!(said.days.bars[0].1.close, Some(decimal("11")));
    let remarks: Vec<&str> = said.remarks.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(remarks, ["the day came twice: close 10 and then 11; the last counts"]);
}

#[test]
fn minutes_are_kept_beside_days_and_taken_back_by_the_split_of_their_exchange_day() {
    // A split on March 5: 04:59Z is the last minute of March 4 in New York, and 05:00Z the first of March 5.
    let minute = |text: &str| {
        let mut bar = bar(Window::From(text.parse().unwrap()), "10");
        bar.figures = Basis::SplitAdjusted(*bar.figures.raw().unwrap());
        bar
    };
    let records = Records {
        bars: vec![minute("2024-03-05T04:59:00Z"), minute("2024-03-05T05:00:00Z")],
        splits: vec![Split {
            symbol: "ACME".to_owned(),
            ex_date: date(2024, 3, 5),
            ratio: "2:1".parse().unwrap(),
        }],
        ..Records::default()
    };
    let said = normalize(Provider::Yahoo, &records, &subject("USD", "XNYS"));
    let closes: Vec<_> = said.minutes.iter().map(|(_, figures)| figures.close.unwrap()).collect();
    assert_eq!(closes, [decimal("20"), decimal("10")]);
    assert!(said.days.bars.is_empty());
}

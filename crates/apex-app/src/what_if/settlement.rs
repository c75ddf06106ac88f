//! When the cash of a trade moves: weekdays after the trade, as its market has them.
//!
//! Holidays of exchanges are not known here, so a trade before one settles a day later than said.

use apex_domain::{Instrument, InstrumentKind};
use jiff::civil::{Date, Weekday, date};

/// Shares, funds and bonds of the Americas settle the day after the trade (SEC rule 15c6-1 as amended in 2023, and the
/// same days in Canada and Mexico).
const AMERICAS_NEXT_DAY: Date = date(2024, 5, 28);
/// Before, on the second day, as in most markets since 2017 at the latest.
const SECOND_DAY: Date = date(2017, 9, 5);

/// Returns the day on which a trade in an instrument settles.
pub(super) fn settlement_day(traded: Date, instrument: &Instrument) -> Date {
    let mut day = traded;
    for _ in 0..lag(traded, instrument) {
        day = next_weekday(day);
    }
    day
}

/// Weekdays between trade and settlement.
fn lag(traded: Date, instrument: &Instrument) -> usize {
    let americas = ["USD", "CAD", "MXN"].contains(&instrument.currency.code());
    match instrument.kind {
        InstrumentKind::Option => 1,
        // Nothing is usual for what has no market; the day of the trade is the careful assumption.
        InstrumentKind::Private => 0,
        _ if americas && traded >= AMERICAS_NEXT_DAY => 1,
        _ if traded >= SECOND_DAY => 2,
        _ => 3,
    }
}

fn next_weekday(day: Date) -> Date {
    let next = std::iter::successors(day.tomorrow().ok(), |day| day.tomorrow().ok());
    next.take(3)
        .find(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
        .unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use apex_domain::{Currency, InstrumentId};

    use super::*;

    #[test]
    fn trades_settle_as_their_market_does() {
        let settles = |kind, currency, day| {
            let one = Instrument::new(InstrumentId::from_bytes([1; 16]), kind, "ONE", currency);
            settlement_day(day, &one)
        };
        // A Wednesday, and the Friday after it.
        let (wednesday, friday) = (date(2026, 3, 4), date(2026, 3, 6));
        assert_eq!(
            settles(InstrumentKind::Equity, Currency::USD, wednesday),
            date(2026, 3, 5)
        );
        assert_eq!(settles(InstrumentKind::Equity, Currency::EUR, wednesday), friday);
        assert_eq!(
            settles(InstrumentKind::Equity, Currency::EUR, friday),
            date(2026, 3, 10)
        );
        assert_eq!(settles(InstrumentKind::Option, Currency::EUR, friday), date(2026, 3, 9));
        assert_eq!(
            settles(InstrumentKind::Equity, Currency::USD, date(2022, 12, 28)),
            date(2022, 12, 30)
        );
        assert_eq!(
            settles(InstrumentKind::Bond, Currency::USD, date(2016, 3, 2)),
            date(2016, 3, 7)
        );
    }
}

//! A simulated market of American stocks: days and minutes that follow from a seed, with splits, dividends and a change of
//! symbol, holidays, half days and daylight saving time.
//!
//! Prices are whole cents as traded. What the providers make of them is in their own modules.

use apex_domain::{Date, Timestamp};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};

use crate::clock::random_bytes;

/// Days on which the exchange stays closed, besides weekends: those the New York Stock Exchange announced.
const HOLIDAYS: [(i16, i8, i8); 32] = [
    (2024, 1, 1),
    (2024, 1, 15),
    (2024, 2, 19),
    (2024, 3, 29),
    (2024, 5, 27),
    (2024, 6, 19),
    (2024, 7, 4),
    (2024, 9, 2),
    (2024, 11, 28),
    (2024, 12, 25),
    (2025, 1, 1),
    (2025, 1, 9),
    (2025, 1, 20),
    (2025, 2, 17),
    (2025, 4, 18),
    (2025, 5, 26),
    (2025, 6, 19),
    (2025, 7, 4),
    (2025, 9, 1),
    (2025, 11, 27),
    (2025, 12, 25),
    (2026, 1, 1),
    (2026, 1, 19),
    (2026, 2, 16),
    (2026, 4, 3),
    (2026, 5, 25),
    (2026, 6, 19),
    (2026, 7, 3),
    (2026, 9, 7),
    (2026, 11, 26),
    (2026, 12, 25),
    (2027, 1, 1),
];
/// Days on which it closes at one.
const HALF_DAYS: [(i16, i8, i8); 8] = [
    (2024, 7, 3),
    (2024, 11, 29),
    (2024, 12, 24),
    (2025, 7, 3),
    (2025, 11, 28),
    (2025, 12, 24),
    (2026, 11, 27),
    (2026, 12, 24),
];

/// One trading day, in cents and shares as traded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub date: Date,
    /// The first price.
    pub open: i64,
    /// The highest price.
    pub high: i64,
    /// The lowest price.
    pub low: i64,
    /// The last price.
    pub close: i64,
    /// Shares.
    pub volume: i64,
}

/// A split: `new` shares for `old` ones from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SplitDay {
    /// The first day in new shares.
    pub date: Date,
    /// New shares.
    pub new: i64,
    /// Old shares.
    pub old: i64,
}

/// A dividend, in cents per share as paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DividendDay {
    /// The first day without it.
    pub date: Date,
    /// What one share is paid.
    pub cents: i64,
}

/// One stock.
#[derive(Debug, Clone)]
pub struct Stock {
    /// Its symbol today.
    pub symbol: String,
    /// The symbol it had until a day.
    pub former: Option<(String, Date)>,
    /// Its days, oldest first.
    pub days: Vec<Day>,
    /// Its splits, oldest first.
    pub splits: Vec<SplitDay>,
    /// Its dividends, oldest first.
    pub dividends: Vec<DividendDay>,
}

/// The market.
#[derive(Debug, Clone)]
pub struct Market {
    seed: u64,
    from: Date,
    to: Date,
    zone: TimeZone,
    stocks: Vec<Stock>,
    misquoted: Vec<Misquote>,
}

/// A day that Polygon tells wrongly, and nobody else.
#[derive(Debug, Clone)]
struct Misquote {
    symbol: String,
    date: Date,
    /// So many times too high: the first over the second.
    times: (i64, i64),
}

impl Market {
    /// Opens an empty market for these days.
    ///
    /// # Panics
    ///
    /// Where the machine does not know New York's time.
    pub fn new(seed: u64, from: Date, to: Date) -> Self {
        Self {
            seed,
            from,
            to,
            zone: TimeZone::get("America/New_York").expect("tests need the time zones of the system"),
            stocks: Vec::new(),
            misquoted: Vec::new(),
        }
    }

    /// Lets Polygon tell the prices of a day so many times too high.
    #[must_use]
    pub fn misquote(self, symbol: &str, date: Date, times: i64) -> Self {
        self.misquote_by(symbol, date, (times, 1))
    }

    /// Lets Polygon tell the prices of a day too high by a ratio such as 7 to 5.
    #[must_use]
    pub fn misquote_by(mut self, symbol: &str, date: Date, times: (i64, i64)) -> Self {
        self.misquoted.push(Misquote {
            symbol: symbol.to_owned(),
            date,
            times,
        });
        self
    }

    /// Returns a day as Polygon tells it.
    pub(crate) fn as_polygon_tells(&self, symbol: &str, day: &Day) -> Day {
        let wrong = self
            .misquoted
            .iter()
            .filter(|one| one.symbol == symbol && one.date == day.date);
        wrong.fold(*day, |day, one| day.times(one.times))
    }

    /// Lists a stock at a price in cents.
    #[must_use]
    pub fn list(mut self, symbol: &str, cents: i64, splits: &[SplitDay], dividends: &[DividendDay]) -> Self {
        let mut days = Vec::new();
        let mut price = cents.max(200);
        let mut draw = Draw::new(self.seed, symbol);
        for date in self.sessions() {
            for split in splits.iter().filter(|split| split.date == date) {
                price = (price * split.old / split.new).max(200);
            }
            // Two percent a day at most, and a little beyond on both sides.
            let open = price + draw.between(-price / 100, price / 100);
            let close = open + draw.between(-open / 50, open / 50);
            days.push(Day {
                date,
                open,
                high: open.max(close) + draw.between(0, open / 100),
                low: open.min(close) - draw.between(0, open / 100),
                close,
                volume: draw.between(100_000, 9_000_000),
            });
            price = close;
        }
        self.stocks.push(Stock {
            symbol: symbol.to_owned(),
            former: None,
            days,
            splits: splits.to_vec(),
            dividends: dividends.to_vec(),
        });
        self
    }

    /// Lets the stock that was listed last have had another symbol until a day.
    #[must_use]
    pub fn formerly(mut self, symbol: &str, until: Date) -> Self {
        if let Some(stock) = self.stocks.last_mut() {
            stock.former = Some((symbol.to_owned(), until));
        }
        self
    }

    /// Returns the stocks.
    pub fn stocks(&self) -> &[Stock] {
        &self.stocks
    }

    /// Returns the stock that a provider knows under a symbol, and the days on which it did: a former symbol ends where today's
    /// begins.
    pub(crate) fn named(&self, symbol: &str) -> Option<(&Stock, Date, Date)> {
        self.stocks.iter().find_map(|stock| match &stock.former {
            None if stock.symbol == symbol => Some((stock, Date::MIN, Date::MAX)),
            Some((_, until)) if stock.symbol == symbol => Some((stock, *until, Date::MAX)),
            Some((former, until)) if former == symbol => {
                let last = until.yesterday().unwrap_or(Date::MIN);
                Some((stock, Date::MIN, last))
            }
            _ => None,
        })
    }

    /// Returns a stock by its symbol of today.
    pub fn stock(&self, symbol: &str) -> Option<&Stock> {
        self.stocks.iter().find(|stock| stock.symbol == symbol)
    }

    /// Returns the days on which there is trade, oldest first.
    pub fn sessions(&self) -> Vec<Date> {
        let mut sessions = Vec::new();
        let mut day = self.from;
        while day <= self.to {
            let is_weekend = day.weekday().to_monday_zero_offset() >= 5;
            if !is_weekend && !is_one_of(day, &HOLIDAYS) {
                sessions.push(day);
            }
            let Ok(next) = day.checked_add(1.day()) else { break };
            day = next;
        }
        sessions
    }

    /// Returns how many minutes a session has.
    pub fn minutes_of(&self, date: Date) -> i64 {
        if is_one_of(date, &HALF_DAYS) { 210 } else { 390 }
    }

    /// Returns midnight in New York: what Polygon calls the beginning of a day.
    pub fn midnight(&self, date: Date) -> Timestamp {
        self.instant(date, 0, 0)
    }

    /// Returns midnight UTC: what Polygon calls the beginning of a currency's day.
    pub fn midnight_utc(&self, date: Date) -> Timestamp {
        let zoned = date.at(0, 0, 0, 0).to_zoned(TimeZone::UTC);
        zoned.map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
    }

    /// Returns when a session opens.
    pub fn opens(&self, date: Date) -> Timestamp {
        self.instant(date, 9, 30)
    }

    fn instant(&self, date: Date, hour: i8, minute: i8) -> Timestamp {
        let zoned = date.at(hour, minute, 0, 0).to_zoned(self.zone.clone());
        zoned.map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
    }

    /// Returns a minute of a day, counted from the opening: prices go straight from open to close, by way of the high in
    /// the first minute and the low in the last.
    pub fn minute(&self, day: &Day, number: i64) -> (Timestamp, Day) {
        let count = self.minutes_of(day.date);
        let at = |number: i64| day.open + (day.close - day.open) * number / count;
        let (open, close) = (at(number), at(number + 1));
        let bar = Day {
            date: day.date,
            open,
            high: if number == 0 { day.high } else { open.max(close) },
            low: if number == count - 1 { day.low } else { open.min(close) },
            close,
            volume: day.volume / count,
        };
        (self.opens(day.date) + SignedDuration::from_mins(number), bar)
    }
}

impl Day {
    /// Returns the day with its prices so many times as high: the first over the second.
    pub(crate) fn times(self, (over, under): (i64, i64)) -> Self {
        let price = |cents: i64| cents * over / under;
        Self {
            open: price(self.open),
            high: price(self.high),
            low: price(self.low),
            close: price(self.close),
            ..self
        }
    }
}

impl Stock {
    /// Returns its symbol of a day.
    pub(crate) fn symbol_on(&self, date: Date) -> &str {
        match &self.former {
            Some((former, until)) if date < *until => former,
            _ => &self.symbol,
        }
    }

    /// Returns whether the stock has or had a symbol.
    pub(crate) fn is_called(&self, symbol: &str) -> bool {
        self.symbol == symbol || self.former.as_ref().is_some_and(|(former, _)| former == symbol)
    }

    /// Returns the days from one to another, both included.
    pub fn between(&self, from: Date, to: Date) -> impl Iterator<Item = &Day> {
        self.days.iter().filter(move |day| (from..=to).contains(&day.date))
    }

    /// Returns new and old shares of all splits after a day, multiplied.
    pub fn later_splits(&self, date: Date) -> (i64, i64) {
        let later = self.splits.iter().filter(|split| split.date > date);
        later.fold((1, 1), |(new, old), split| (new * split.new, old * split.old))
    }
}

fn is_one_of(day: Date, days: &[(i16, i8, i8)]) -> bool {
    days.contains(&(day.year(), day.month(), day.day()))
}

/// Numbers that follow from a seed and a symbol.
struct Draw {
    seed: u64,
    count: u64,
}

impl Draw {
    fn new(seed: u64, symbol: &str) -> Self {
        let seed = symbol
            .bytes()
            .fold(seed, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        Self { seed, count: 0 }
    }

    /// Returns a number from one to another, both included.
    fn between(&mut self, low: i64, high: i64) -> i64 {
        self.count += 1;
        let bytes = random_bytes::<8>(self.seed.wrapping_mul(0x2545_F491_4F6C_DD1D).wrapping_add(self.count));
        let word = u64::from_le_bytes(bytes) >> 1;
        let span = (high - low).max(0) + 1;
        low + i64::try_from(word).unwrap_or(0) % span
    }
}

/// Writes cents as a price.
pub(crate) fn price(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

//! Many instruments brought up to date by a few questions about the whole market: the same figures as by questions about each.

use super::*;

const STOCKS: [&str; 9] = ["AAPL", "META", "S3", "S4", "S5", "S6", "S7", "S8", "S9"];

/// Nine stocks: one splits, one pays, one is told wrongly, and one had another symbol until the middle of the days asked for.
fn market() -> Market {
    let split = SplitDay {
        date: date("2026-03-25"),
        new: 2,
        old: 1,
    };
    let dividend = DividendDay {
        date: date("2026-03-26"),
        cents: 26,
    };
    let market = Market::new(7, date("2025-11-24"), date("2026-03-31"))
        .list("AAPL", 18_500, &[split], &[])
        .list("META", 61_000, &[], &[dividend])
        .misquote("META", date("2026-03-24"), 100);
    let plain = STOCKS[2..8].iter();
    let market = plain.fold(market, |market, symbol| market.list(symbol, 9_000, &[], &[]));
    market.list("S9", 5_000, &[], &[]).formerly("OLD", date("2026-03-27"))
}

impl Desk {
    /// Lists the other stocks, fetches all since a day, so many at a time, and returns what the book has and what was asked.
    async fn since(&self, first: &str, at_a_time: usize) -> (String, Vec<String>) {
        self.switch_on(Provider::Polygon, 0).await;
        let mut ids = vec![self.aapl, self.meta];
        for symbol in &STOCKS[2..] {
            ids.push(add_instrument(&self.app, symbol).await);
        }
        for (seconds, instruments) in (20..).zip(ids.chunks(at_a_time)) {
            let ask = FetchHistory {
                job: JobId("fetch".into()),
                instruments: instruments.to_vec(),
                from: Some(date(first)),
                providers: Vec::new(),
            };
            let report = self
                .app
                .fetch_history(ask, &moment(seconds), &Job::unwatched())
                .await
                .expect("a report");
            assert!(report.rows.iter().all(|row| row.note.is_none()), "{report:?}");
        }
        let mut book = String::new();
        for adjustment in [Adjustment::None, Adjustment::Both] {
            let ask = ExportPrices {
                instruments: ids.clone(),
                from: None,
                until: None,
                known_at: None,
                adjustment,
            };
            book += &self.app.export_prices(ask).await.expect("text");
        }
        let seen = self.replay.seen().into_iter().map(|seen| seen.address);
        (book, seen.filter(|address| !address.contains("C:")).collect())
    }
}

#[tokio::test]
async fn a_few_questions_about_the_market_say_what_questions_about_each_say() {
    let (of_each, asked) = Desk::at(market()).await.since("2026-03-20", 3).await;
    assert!(asked.iter().all(|address| !address.contains("grouped")), "{asked:?}");
    // Bars, splits and dividends of eight; the ninth did not end under its symbol, and is asked for its names besides.
    assert!(asked.len() >= 27, "{asked:?}");

    let (of_all, asked) = Desk::at(market()).await.since("2026-03-20", 9).await;
    assert_eq!(of_all, of_each);
    let count = |part: &str| asked.iter().filter(|address| address.contains(part)).count();
    // Eight sessions from Friday, March 20 to Tuesday, March 31; what the market says of OLD is no answer about S9.
    assert_eq!((count("/grouped/"), count("/range/")), (8, 1), "{asked:?}");
    assert_eq!((count("/splits"), count("/dividends")), (2, 2), "{asked:?}");
}

#[tokio::test]
async fn who_lacks_more_is_asked_about_alone_and_so_is_everybody_where_the_market_is_not_told() {
    let (_, asked) = Desk::at(market()).await.since("2026-01-05", 9).await;
    assert!(asked.iter().all(|address| !address.contains("grouped")), "{asked:?}");

    let (of_each, _) = Desk::at(market()).await.since("2026-03-20", 3).await;
    let desk = Desk::at(market()).await;
    desk.replay.next([Fault::EchoedKey]);
    let (of_all, asked) = desk.since("2026-03-20", 9).await;
    assert_eq!(of_all, of_each);
    assert_eq!(
        asked.iter().filter(|address| address.contains("grouped")).count(),
        1,
        "{asked:?}"
    );
}

/// On a free plan the day that has just ended is refused until midnight.
#[tokio::test]
async fn the_last_day_may_be_refused_without_asking_about_each() {
    let desk = Desk::at(market()).await;
    let mut faults = vec![Fault::None; 7];
    faults.push(Fault::EchoedKey);
    desk.replay.next(faults);
    let (book, asked) = desk.since("2026-03-20", 9).await;
    let count = |part: &str| asked.iter().filter(|address| address.contains(part)).count();
    assert_eq!((count("/grouped/"), count("/range/")), (8, 1), "{asked:?}");
    assert!(book.lines().any(|line| line.starts_with("AAPL,2026-03-30")));
    // S9 is asked about alone, for it was called otherwise.
    let mut last_day = book.lines().filter(|line| line.contains(",2026-03-31,"));
    assert!(last_day.all(|line| line.starts_with("S9,")));
}

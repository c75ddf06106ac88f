//! Candles of a chart: where they stand, what is marked, and what is adjusted.

use apex_wire::chart::Unit;
use apex_wire::quotes::{CandleInterval, Candles, FetchMinutes, GetCandles, IndicatorAsk};

use super::*;

impl Desk {
    async fn candles(&self, interval: CandleInterval, from: &str) -> Candles {
        let ask = GetCandles {
            instrument: self.aapl,
            interval,
            adjustment: Adjustment::Splits,
            from: Some(date(from)),
            until: None,
            known_at: None,
            indicators: vec![IndicatorAsk {
                name: "SMA".into(),
                parameters: vec![20.0],
            }],
        };
        self.app.get_candles(ask).await.expect("candles")
    }
}

fn days(candles: &Candles) -> Vec<Date> {
    let Unit::Dates { days } = &candles.chart.x.unit else {
        panic!("{:?}", candles.chart.x)
    };
    let days = days.iter().map(|day| apex_wire::chart::date_of_day(f64::from(*day)));
    days.collect::<Option<_>>().expect("days of the calendar")
}

#[tokio::test]
async fn candles_stand_side_by_side_and_a_session_without_one_leaves_its_place() {
    let desk = Desk::new().await;
    desk.switch_on(Provider::Polygon, 0).await;
    desk.fetch(10).await.expect("fetched");
    let sessions = desk.replay.market().sessions();
    let whole = desk.candles(CandleInterval::Day, "2025-11-24").await;
    // Neither weekends nor Thanksgiving have a place.
    assert_eq!(days(&whole), sessions);
    let every: Vec<f64> = (0..sessions.len()).map(|place| place as f64).collect();
    assert_eq!(whole.chart.at, every);
    assert_eq!(whole.chart.lines[0].x, every);
    let place = |day: &str| {
        sessions
            .iter()
            .position(|session| *session == date(day))
            .expect("a session")
    };
    // The dividend and the split stand at the candles of their days; the candle before the split is halved.
    let marks: Vec<(f64, &str)> = whole
        .chart
        .marks
        .iter()
        .map(|mark| (mark.x, mark.label.as_str()))
        .collect();
    assert_eq!(
        marks,
        [
            (place("2025-12-10") as f64, "0.26 USD"),
            (place("2026-02-09") as f64, "split 2:1")
        ]
    );
    let half = desk.traded("AAPL", "2026-02-06") / Decimal::TWO;
    assert_eq!(
        whole.chart.close[place("2026-02-06")],
        Some(half.to_string().parse::<f64>().expect("a number"))
    );

    // An average over twenty sessions is known on the first day shown where there are sessions before it: by hand from them.
    let shown = desk.candles(CandleInterval::Day, "2026-03-02").await;
    let first = place("2026-03-02");
    assert_eq!(shown.chart.at.len(), sessions.len() - first);
    let closes = whole.chart.close[first - 19..=first]
        .iter()
        .map(|close| close.expect("a close"));
    let average = closes.sum::<f64>() / 20.0;
    let told = shown.chart.lines[0].y[0].expect("an average");
    assert!((told - average).abs() < 1e-9, "{told} {average}");
    assert_eq!(shown.chart.lines[0].x, shown.chart.at);

    let wrong = desk.quarantine(true).await.pop().expect("a finding");
    desk.decide(&wrong.id, Decision::LeaveOut, 20).await;
    let gone = desk.candles(CandleInterval::Day, "2025-11-24").await;
    let left_out = place("2025-12-17") as f64;
    assert_eq!(days(&gone), sessions);
    assert_eq!(gone.chart.at.len(), sessions.len() - 1);
    assert!(!gone.chart.at.contains(&left_out) && gone.chart.at.contains(&(left_out + 1.0)));
}

#[tokio::test]
async fn a_week_stands_on_its_first_day_and_holds_what_happened_in_it() {
    let desk = Desk::new().await;
    desk.switch_on(Provider::Polygon, 0).await;
    desk.fetch(10).await.expect("fetched");
    let weeks = desk.candles(CandleInterval::Week, "2025-12-01").await;
    let days = days(&weeks);
    assert_eq!(days.first(), Some(&date("2025-12-01")));
    // Martin Luther King's day was Monday, January 19.
    assert!(days.contains(&date("2026-01-20")) && !days.contains(&date("2026-01-19")));
    let marks: Vec<(Date, &str)> = weeks
        .chart
        .marks
        .iter()
        .map(|mark| (days[mark.x as usize], mark.label.as_str()))
        .collect();
    // Wednesday, December 10, and a Monday.
    assert_eq!(
        marks,
        [(date("2025-12-08"), "0.26 USD"), (date("2026-02-09"), "split 2:1")]
    );
    // Seen from the end of January there is no split yet, and from a year with no price nothing at all.
    let ask = |from: &str, until: &str| GetCandles {
        instrument: desk.aapl,
        interval: CandleInterval::Week,
        adjustment: Adjustment::Splits,
        from: Some(date(from)),
        until: Some(date(until)),
        known_at: None,
        indicators: Vec::new(),
    };
    let january = desk
        .app
        .get_candles(ask("2025-12-01", "2026-01-31"))
        .await
        .expect("candles");
    let marks: Vec<&str> = january.chart.marks.iter().map(|mark| mark.label.as_str()).collect();
    assert_eq!(marks, ["0.26 USD"]);
    let later = desk
        .app
        .get_candles(ask("2026-05-01", "2026-06-30"))
        .await
        .expect("candles");
    assert_eq!((later.chart.at.len(), later.chart.marks.len()), (0, 0));
}

#[tokio::test]
async fn minutes_come_when_somebody_looks_and_are_asked_for_once() {
    let desk = Desk::new().await;
    let ask = || FetchMinutes {
        instrument: desk.aapl,
        from: date("2026-03-30"),
    };
    let none = desk.app.fetch_minutes(ask()).await.expect("an answer");
    let words = "no source that has minutes is switched on; set Polygon or Yahoo up on the Data page";
    assert_eq!((none.added, none.note.as_deref()), (0, Some(words)));

    desk.switch_on(Provider::Polygon, 0).await;
    let market = desk.replay.market();
    let minutes: i64 = ["2026-03-30", "2026-03-31"]
        .iter()
        .map(|day| market.minutes_of(date(day)))
        .sum();
    let fetched = desk.app.fetch_minutes(ask()).await.expect("an answer");
    assert_eq!((fetched.added as i64, fetched.note), (minutes, None));
    let asked = || {
        desk.replay
            .seen()
            .iter()
            .filter(|seen| seen.address.contains("/minute/"))
            .count()
    };
    assert_eq!(asked(), 1);
    // No minute has ended since.
    assert_eq!(desk.app.fetch_minutes(ask()).await.expect("an answer").added, 0);
    assert_eq!(asked(), 0);

    let shown = desk.candles(CandleInterval::Minute, "2026-03-30").await;
    let Unit::Instants { minutes: instants } = &shown.chart.x.unit else {
        panic!("{:?}", shown.chart.x)
    };
    assert_eq!((shown.chart.at.len() as i64, instants.len() as i64), (minutes, minutes));
    // The first minute of a day stands beside the last of the day before, and is that of the market.
    let second = market.minutes_of(date("2026-03-30")) as usize;
    assert_eq!(instants[second] * 60, market.opens(date("2026-03-31")).as_second());
    assert_eq!(shown.chart.at[second], second as f64);
    let stock = market.stock("AAPL").expect("listed");
    let day = stock
        .days
        .iter()
        .find(|day| day.date == date("2026-03-31"))
        .expect("a session");
    let close = Decimal::new(market.minute(day, 0).1.close, 2);
    assert_eq!(
        shown.chart.close[second],
        Some(close.to_string().parse::<f64>().expect("a number"))
    );

    desk.replay
        .next([Fault::Status(500), Fault::Status(500), Fault::Status(500)]);
    let earlier = FetchMinutes {
        from: date("2026-03-27"),
        ..ask()
    };
    let failed = desk.app.fetch_minutes(earlier).await.expect("an answer");
    assert_eq!(failed.added, 0);
    assert!(failed.note.is_some_and(|note| note.contains("Polygon")));
}

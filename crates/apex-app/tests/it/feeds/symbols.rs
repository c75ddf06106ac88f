//! An instrument that had another symbol before: each day comes from the symbol of its time.

use super::*;

/// META was FB until the fifth of January; until then META was somebody else's.
fn renamed() -> Market {
    let split = |day| SplitDay {
        date: date(day),
        new: 2,
        old: 1,
    };
    let dividend = |day| DividendDay {
        date: date(day),
        cents: 50,
    };
    let (splits, dividends) = ([split("2025-12-15"), split("2026-02-09")], [dividend("2025-12-10")]);
    Market::new(7, date("2025-11-24"), date("2026-03-31"))
        .list("AAPL", 18_500, &[], &[])
        .list("META", 61_000, &splits, &dividends)
        .formerly("FB", date("2026-01-05"))
}

async fn fetched(desk: &Desk) -> FetchReport {
    desk.switch_on(Provider::Polygon, 0).await;
    desk.fetch(20).await.expect("a report")
}

fn expected() -> BTreeMap<Date, (Decimal, String)> {
    let market = renamed();
    let days = &market.stock("META").expect("listed").days;
    let closes = days
        .iter()
        .map(|day| (day.date, (Decimal::new(day.close, 2), "Polygon".to_owned())));
    closes.collect()
}

#[tokio::test]
async fn the_days_before_a_change_come_from_the_former_symbol_and_not_from_whose_it_was() {
    let desk = Desk::at(renamed()).await;
    let report = fetched(&desk).await;
    let row = report.rows.iter().find(|row| row.symbol == "META").expect("a row");
    // Two splits and a dividend, on both sides of the change.
    assert_eq!(
        (row.days, row.actions, row.waiting, &row.note),
        (expected().len(), 3, 0, &None)
    );
    assert_eq!(desk.closes(desk.meta).await, expected());
    // A short question that ends in time asks for no names.
    let names = |desk: &Desk| {
        desk.replay
            .seen()
            .iter()
            .filter(|seen| seen.address.contains("/events"))
            .count()
    };
    assert_eq!(names(&desk), 2);
    let ask = FetchHistory {
        job: JobId("again".into()),
        instruments: vec![desk.meta],
        from: Some(date("2026-03-24")),
        providers: Vec::new(),
    };
    desk.app
        .fetch_history(ask, &moment(21), &Job::unwatched())
        .await
        .expect("a report");
    assert_eq!(names(&desk), 0);
}

#[tokio::test]
async fn a_book_that_knows_the_former_symbol_alone_is_told_of_the_change() {
    let desk = Desk::at(renamed()).await;
    let ask = apex_wire::feeds::SaveFeedSymbol {
        instrument: desk.meta,
        provider: Provider::Polygon,
        symbol: "FB".into(),
    };
    desk.app.save_feed_symbol(ask).await.expect("kept");
    let report = fetched(&desk).await;
    let row = report.rows.iter().find(|row| row.symbol == "META").expect("a row");
    let remark = "Polygon, 2026-01-05: FB is called META since this day; give the instrument its new symbol";
    assert_eq!(row.note.as_deref(), Some(remark));
    assert_eq!(desk.closes(desk.meta).await, expected());
}

//! Market data through the whole path: a source set up, history fetched from the providers' stand-ins, judged, published to
//! the book, decided by a person, and seen on the pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use apex_app::{App, Job};
use apex_domain::{Currency, Date, Decimal, InstrumentId, Timestamp};
use apex_store::Keyring;
use apex_testkit::replay::market::{DividendDay, Market, SplitDay};
use apex_testkit::replay::{Fault, Replay};
use apex_wire::feeds::{
    Adjustment, DayState, DecideFinding, Decision, ExportPrices, FetchHistory, FetchReport, FindingState, GetCoverage,
    GetFreshness, GetQuarantine, GetSources, Plan, Provider, SaveKey, SaveSource, SourceSettings, TrySource,
};
use apex_wire::job::JobId;
use apex_wire::session::{CreateBook, NewBook, OpenSession};
use apex_wire::setup::{EnterFx, EnterPrice, GetPrices, GetRates, InstrumentDraft, SaveInstrument, SavePortfolio};
use apex_wire::{Code, Failure};

use crate::desk::{app, created, moment};
use crate::market::add_instrument;

mod candles;
mod files;
mod market_days;
mod symbols;

const KEY: &str = "Q1W2E3R4T5Y6U7I8";

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

/// A market with a split, a dividend, and a day that Polygon tells a hundredfold.
fn market() -> Market {
    let split = SplitDay {
        date: date("2026-02-09"),
        new: 2,
        old: 1,
    };
    let dividend = DividendDay {
        date: date("2025-12-10"),
        cents: 26,
    };
    Market::new(7, date("2025-11-24"), date("2026-03-31"))
        .list("AAPL", 18_500, &[split], &[dividend])
        .list("META", 61_000, &[], &[])
        .misquote("AAPL", date("2025-12-17"), 100)
}

/// A book with two stocks, and the providers' stand-in.
struct Desk {
    app: App,
    replay: Replay,
    aapl: InstrumentId,
    meta: InstrumentId,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        Self::at(market()).await
    }

    async fn at(market: Market) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let replay = Replay::start(market, KEY, 5_000).await.expect("a port");
        // The evening of the last day of the market, New York's session being over; from there time goes on.
        let evening: Timestamp = "2026-03-31T22:00:00Z".parse().expect("an instant");
        let began = tokio::time::Instant::now();
        let clock = move || evening + jiff::SignedDuration::try_from(began.elapsed()).expect("a short test");
        let app = created(folder.path(), NewBook::Empty("Mine".into()))
            .await
            .with_clock(Arc::new(clock));
        let portfolio = SavePortfolio {
            id: None,
            name: "Core".into(),
            currency: "EUR".into(),
            benchmark: String::new(),
        };
        app.save_portfolio(portfolio, &moment(2)).await.expect("a portfolio");
        let mut ids = Vec::new();
        for symbol in ["AAPL", "META"] {
            ids.push(add_instrument(&app, symbol).await);
        }
        Self {
            app,
            replay,
            aapl: ids[0],
            meta: ids[1],
            _folder: folder,
        }
    }

    async fn switch_on(&self, provider: Provider, place: usize) {
        let settings = SourceSettings {
            provider,
            enabled: true,
            address: self.replay.http(),
            stream_address: String::new(),
            streams: false,
            plan: Plan::Paid,
        };
        self.app
            .save_source(SaveSource { settings, place })
            .await
            .expect("kept");
        if provider != Provider::Yahoo {
            let key = Some(KEY.to_owned());
            self.app.save_key(SaveKey { provider, key }).await.expect("kept");
        }
    }

    async fn fetch(&self, seconds: i64) -> Result<FetchReport, Failure> {
        let ask = FetchHistory {
            job: JobId("fetch".into()),
            instruments: vec![self.aapl, self.meta],
            from: Some(date("2025-11-24")),
            providers: Vec::new(),
        };
        self.app.fetch_history(ask, &moment(seconds), &Job::unwatched()).await
    }

    /// Returns the closes of an instrument as the book has them now, with their source.
    async fn closes(&self, instrument: InstrumentId) -> BTreeMap<Date, (Decimal, String)> {
        let ask = GetPrices {
            instrument,
            limit: 10_000,
        };
        let stored = self.app.get_prices(ask).await.expect("prices");
        let counts = stored.into_iter().filter(|value| !value.replaced);
        counts
            .filter_map(|value| Some((value.date, (value.value?, value.source))))
            .collect()
    }

    /// Returns the rates of dollars for euros as the book has them now, with their source.
    async fn rates(&self) -> BTreeMap<Date, (Decimal, String)> {
        let ask = GetRates {
            from: Currency::EUR,
            to: Currency::USD,
            limit: 10_000,
        };
        let stored = self.app.get_rates(ask).await.expect("rates");
        let counts = stored.into_iter().filter(|value| !value.replaced);
        counts
            .filter_map(|value| Some((value.date, (value.value?, value.source))))
            .collect()
    }

    async fn decide(&self, id: &str, decision: Decision, seconds: i64) -> FindingState {
        let ask = DecideFinding {
            id: id.to_owned(),
            decision,
        };
        let decided = self.app.decide_finding(ask, &moment(seconds)).await;
        decided.expect("decided").state
    }

    fn traded(&self, symbol: &str, day: &str) -> Decimal {
        let stock = self.replay.market().stock(symbol).expect("listed");
        let day = stock
            .days
            .iter()
            .find(|known| known.date == date(day))
            .expect("a session");
        Decimal::new(day.close, 2)
    }

    async fn quarantine(&self, settled: bool) -> Vec<apex_wire::feeds::Finding> {
        let ask = GetQuarantine {
            instrument: None,
            settled,
        };
        self.app.get_quarantine(ask).await.expect("a list")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_is_fetched_as_traded_and_a_hundredfold_day_is_repaired() {
    let desk = Desk::new().await;
    desk.switch_on(Provider::Polygon, 0).await;
    let report = desk.fetch(10).await.expect("fetched");
    let row = report.rows.iter().find(|row| row.symbol == "AAPL").expect("a row");
    let sessions = desk.replay.market().sessions().len();
    assert_eq!(
        (row.provider, row.days, row.actions),
        (Some(Provider::Polygon), sessions, 2),
        "{row:?}"
    );
    assert_eq!((row.repaired, row.waiting), (1, 0), "{:?}", desk.quarantine(true).await);
    // Rates of exchange came along: the pair of the portfolio's currency.
    assert_eq!(
        report.rates.iter().map(|row| row.symbol.as_str()).collect::<Vec<_>>(),
        ["EUR/USD"]
    );

    let closes = desk.closes(desk.aapl).await;
    assert_eq!(closes.len(), sessions);
    // Before the split of 2026-02-09 prices are as traded, not halved.
    for day in ["2025-11-24", "2026-02-06", "2026-02-09", "2026-03-31"] {
        assert_eq!(
            closes[&date(day)],
            (desk.traded("AAPL", day), "Polygon".to_owned()),
            "{day}"
        );
    }
    let repaired = (desk.traded("AAPL", "2025-12-17"), "Polygon, repaired".to_owned());
    assert_eq!(closes[&date("2025-12-17")], repaired);

    let finding = desk.quarantine(true).await.pop().expect("a finding");
    assert_eq!(
        (finding.state, finding.from),
        (FindingState::Repaired, date("2025-12-17"))
    );
    let close = finding
        .cells
        .iter()
        .find(|cell| cell.field == "close")
        .expect("its close");
    assert_eq!(
        close.before,
        Some(desk.traded("AAPL", "2025-12-17") * Decimal::ONE_HUNDRED)
    );
    assert_eq!(close.after, Some(desk.traded("AAPL", "2025-12-17")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fetching_again_changes_nothing_and_asks_for_little() {
    let desk = Desk::new().await;
    desk.switch_on(Provider::Polygon, 0).await;
    desk.fetch(10).await.expect("fetched");
    let before = desk.closes(desk.aapl).await;
    desk.replay.seen();
    let ask = FetchHistory {
        job: JobId("fetch".into()),
        instruments: vec![desk.aapl],
        from: None,
        providers: Vec::new(),
    };
    let report = desk
        .app
        .fetch_history(ask, &moment(20), &Job::unwatched())
        .await
        .expect("fetched");
    assert!(
        report.rows.iter().all(|row| row.days == 0 && row.actions == 0),
        "{report:?}"
    );
    assert_eq!(desk.closes(desk.aapl).await, before);
    // A week is asked for once more, and no key shows in any address.
    let seen = desk.replay.seen();
    assert!(
        seen.iter().any(|seen| seen.address.contains("/2026-03-24/2026-03-31")),
        "{seen:?}"
    );
    assert!(
        seen.iter().all(|seen| !seen.address.contains(KEY) && seen.has_bearer),
        "{seen:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_source_is_asked_where_one_fails_and_the_bar_says_which_it_came_from() {
    let desk = Desk::new().await;
    desk.switch_on(Provider::Polygon, 0).await;
    desk.switch_on(Provider::Yahoo, 1).await;
    desk.app
        .save_key(SaveKey {
            provider: Provider::Polygon,
            key: Some("another key entirely".replace(' ', "-")),
        })
        .await
        .expect("kept");
    let report = desk.fetch(10).await.expect("fetched");
    assert!(
        report.rows.iter().all(|row| row.provider == Some(Provider::Yahoo)),
        "{report:?}"
    );
    // Yahoo's closes are divided by later splits; the book has them as traded.
    let closes = desk.closes(desk.aapl).await;
    for day in ["2025-11-24", "2025-12-17", "2026-03-31"] {
        assert_eq!(
            closes[&date(day)],
            (desk.traded("AAPL", day), "Yahoo".to_owned()),
            "{day}"
        );
    }
    let sources = desk.app.get_sources(GetSources {}).await.expect("sources");
    let polygon = sources
        .iter()
        .find(|source| source.settings.provider == Provider::Polygon)
        .expect("there");
    let error = polygon.last_error.as_deref().unwrap_or_default();
    assert!(
        error.contains("refuses the API key") && !error.contains("another"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_typed_is_never_overridden() {
    let desk = Desk::new().await;
    desk.switch_on(Provider::Polygon, 0).await;
    let typed = EnterPrice {
        symbol: "META".into(),
        date: "2026-03-02".into(),
        price: "1.5".into(),
    };
    desk.app.enter_price(typed, &moment(5)).await.expect("entered");
    desk.fetch(10).await.expect("fetched");
    let closes = desk.closes(desk.meta).await;
    assert_eq!(closes[&date("2026-03-02")], (Decimal::new(15, 1), "typed".to_owned()));
    assert_eq!(closes[&date("2026-03-03")].1, "Polygon");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_changes_what_is_published_and_can_be_undone() {
    let desk = Desk::new().await;
    desk.switch_on(Provider::Polygon, 0).await;
    desk.fetch(10).await.expect("fetched");
    let id = desk.quarantine(true).await.pop().expect("a finding").id;
    let decide = async |decision, seconds| {
        let ask = DecideFinding {
            id: id.clone(),
            decision,
        };
        desk.app
            .decide_finding(ask, &moment(seconds))
            .await
            .expect("decided")
            .state
    };
    assert_eq!(decide(Decision::Keep, 20).await, FindingState::Kept);
    let hundredfold = desk.traded("AAPL", "2025-12-17") * Decimal::ONE_HUNDRED;
    assert_eq!(
        desk.closes(desk.aapl).await[&date("2025-12-17")],
        (hundredfold, "Polygon".to_owned())
    );
    assert_eq!(decide(Decision::Undo, 30).await, FindingState::Repaired);
    let right = desk.traded("AAPL", "2025-12-17");
    assert_eq!(desk.closes(desk.aapl).await[&date("2025-12-17")].0, right);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_that_is_left_out_is_withdrawn_and_comes_back() {
    let desk = Desk::new().await;
    desk.switch_on(Provider::Polygon, 0).await;
    desk.fetch(10).await.expect("fetched");
    let before = desk.closes(desk.aapl).await;
    let id = desk.quarantine(true).await.pop().expect("a finding").id;
    let day = date("2025-12-17");
    // The repaired price is published already, and so is the hundredfold one once it is kept.
    for (seconds, first) in [(20, Decision::Take), (40, Decision::Keep)] {
        desk.decide(&id, first, seconds).await;
        assert!(desk.closes(desk.aapl).await.contains_key(&day), "{first:?}");
        let state = desk.decide(&id, Decision::LeaveOut, seconds + 5).await;
        assert_eq!(state, FindingState::LeftOut);
        let mut without = before.clone();
        without.remove(&day);
        assert_eq!(desk.closes(desk.aapl).await, without, "{first:?}");
        // Nor is it published by the next fetch.
        desk.fetch(seconds + 10).await.expect("fetched");
        assert_eq!(desk.closes(desk.aapl).await, without, "{first:?}");
    }
    let ask = GetCoverage {
        instrument: desk.aapl,
        year: 2025,
    };
    let coverage = desk.app.get_coverage(ask).await.expect("told");
    let covered = coverage.days.iter().find(|known| known.date == day).expect("a day");
    assert_eq!((covered.state, &covered.source), (DayState::Waiting, &None));
    let ask = ExportPrices {
        instruments: vec![desk.aapl],
        from: Some(day),
        until: Some(day),
        known_at: None,
        adjustment: Adjustment::None,
    };
    let then = ExportPrices {
        known_at: Some(moment(44).now),
        ..ask.clone()
    };
    assert_eq!(desk.app.export_prices(ask).await.expect("text").lines().count(), 1);
    // Whoever asks what was known before it was left out still sees it.
    assert_eq!(desk.app.export_prices(then).await.expect("text").lines().count(), 2);

    assert_eq!(desk.decide(&id, Decision::Undo, 60).await, FindingState::Repaired);
    assert_eq!(desk.closes(desk.aapl).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undoing_brings_a_day_that_waits_back_to_what_it_was_before_any_decision() {
    let market = Market::new(7, date("2025-11-24"), date("2026-03-31"));
    let market = market.list("AAPL", 18_500, &[], &[]).list("META", 61_000, &[], &[]);
    let desk = Desk::at(market.misquote_by("AAPL", date("2025-12-17"), (7, 5))).await;
    desk.switch_on(Provider::Polygon, 0).await;
    desk.fetch(10).await.expect("fetched");
    let day = date("2025-12-17");
    assert_eq!(desk.closes(desk.aapl).await.get(&day), None);
    let id = desk.quarantine(false).await.pop().expect("a finding").id;
    desk.decide(&id, Decision::Keep, 20).await;
    let kept = desk.closes(desk.aapl).await;
    assert!(kept.contains_key(&day));
    desk.decide(&id, Decision::LeaveOut, 30).await;
    assert_eq!(desk.closes(desk.aapl).await.get(&day), None);
    assert_eq!(desk.decide(&id, Decision::Undo, 40).await, FindingState::Waiting);
    assert_eq!(desk.closes(desk.aapl).await.get(&day), None);
    desk.decide(&id, Decision::Keep, 50).await;
    assert_eq!(desk.closes(desk.aapl).await, kept);
    assert_eq!(desk.decide(&id, Decision::Undo, 60).await, FindingState::Waiting);
    assert_eq!(desk.closes(desk.aapl).await.get(&day), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undoing_puts_a_day_back_that_was_published_before_its_fault_was_found() {
    let market = Market::new(7, date("2025-11-24"), date("2026-03-31"));
    let market = market.list("AAPL", 18_500, &[], &[]).list("META", 61_000, &[], &[]);
    let desk = Desk::at(market.misquote_by("AAPL", date("2025-12-17"), (7, 5))).await;
    let day = date("2025-12-17");
    let published = apex_store::PriceBatch {
        instrument: desk.aapl,
        source: "Polygon".to_owned(),
        known_at: moment(5).now,
        bars: vec![apex_store::PriceBar::close(day, Decimal::from(190))],
        withdrawn: Vec::new(),
    };
    let changes = apex_store::Changes {
        prices: vec![published],
        ..apex_store::Changes::default()
    };
    desk.app.apply(changes, &moment(5)).await.expect("published");
    desk.switch_on(Provider::Polygon, 0).await;
    desk.fetch(10).await.expect("fetched");
    // What waits takes nothing away.
    let stands = Some((Decimal::from(190), "Polygon".to_owned()));
    assert_eq!(desk.closes(desk.aapl).await.get(&day).cloned(), stands);
    let id = desk.quarantine(false).await.pop().expect("a finding").id;
    desk.decide(&id, Decision::LeaveOut, 20).await;
    assert_eq!(desk.closes(desk.aapl).await.get(&day), None);
    assert_eq!(desk.decide(&id, Decision::Undo, 30).await, FindingState::Waiting);
    assert_eq!(desk.closes(desk.aapl).await.get(&day).cloned(), stands);
}

/// Both stocks are told in the same way on the same day: two faults, and two decisions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_fault_of_two_instruments_is_two_faults() {
    let day = date("2025-12-17");
    let market = Market::new(7, date("2025-11-24"), date("2026-03-31"));
    let market = market.list("AAPL", 18_500, &[], &[]).list("META", 18_500, &[], &[]);
    let desk = Desk::at(market.misquote_by("AAPL", day, (0, 1)).misquote_by("META", day, (0, 1))).await;
    desk.switch_on(Provider::Polygon, 0).await;
    desk.fetch(10).await.expect("fetched");
    let found = desk.quarantine(true).await;
    let mut symbols: Vec<&str> = found.iter().map(|one| one.symbol.as_str()).collect();
    symbols.sort_unstable();
    assert_eq!(symbols, ["AAPL", "META"]);
    assert_ne!(found[0].id, found[1].id);
    let (first, second) = (&found[0], &found[1]);
    assert_eq!(
        desk.decide(&first.id, Decision::LeaveOut, 20).await,
        FindingState::LeftOut
    );
    desk.fetch(30).await.expect("fetched");
    let after = desk.quarantine(true).await;
    let state = |id: &str| after.iter().find(|one| one.id == id).map(|one| one.state);
    assert_eq!(state(&first.id), Some(FindingState::LeftOut));
    assert_eq!(state(&second.id), Some(second.state));
    // Nothing published is a price of nothing.
    let keep = DecideFinding {
        id: second.id.clone(),
        decision: Decision::Keep,
    };
    let refused = desk.app.decide_finding(keep, &moment(40)).await.expect_err("refused");
    assert_eq!(
        refused.sentence,
        "a close of 0 on 2025-12-17 is no price and cannot be kept; take the proposal or leave the day out"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leaving_out_takes_no_price_that_a_person_typed() {
    let desk = Desk::new().await;
    desk.switch_on(Provider::Polygon, 0).await;
    desk.fetch(10).await.expect("fetched");
    let id = desk.quarantine(true).await.pop().expect("a finding").id;
    let typed = |price: &str| EnterPrice {
        symbol: "AAPL".into(),
        date: "2025-12-17".into(),
        price: price.into(),
    };
    desk.app.enter_price(typed("1.5"), &moment(15)).await.expect("entered");
    desk.decide(&id, Decision::LeaveOut, 20).await;
    let day = date("2025-12-17");
    let typed_price = |price: i64| Some((Decimal::new(price, 1), "typed".to_owned()));
    assert_eq!(desk.closes(desk.aapl).await.get(&day).cloned(), typed_price(15));
    desk.decide(&id, Decision::Undo, 30).await;
    assert_eq!(desk.closes(desk.aapl).await.get(&day).cloned(), typed_price(15));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_that_is_left_out_is_withdrawn_and_comes_back() {
    let market = Market::new(7, date("2025-11-24"), date("2026-03-31"));
    let market = market.list("AAPL", 18_500, &[], &[]).list("META", 61_000, &[], &[]);
    let desk = Desk::at(market.misquote("C:EURUSD", date("2025-12-17"), 100)).await;
    desk.switch_on(Provider::Polygon, 0).await;
    desk.fetch(10).await.expect("fetched");
    let before = desk.rates().await;
    let found = desk.quarantine(true).await.pop().expect("a finding");
    assert_eq!((found.symbol.as_str(), found.from), ("EUR/USD", date("2025-12-17")));
    desk.decide(&found.id, Decision::Keep, 20).await;
    let kept = desk.rates().await;
    assert!(kept.contains_key(&found.from));
    desk.decide(&found.id, Decision::LeaveOut, 30).await;
    let mut without = kept.clone();
    without.remove(&found.from);
    assert_eq!(desk.rates().await, without);
    assert_eq!(desk.decide(&found.id, Decision::Undo, 40).await, FindingState::Repaired);
    assert_eq!(desk.rates().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_that_waits_is_brought_back_to_what_it_was_before_any_decision() {
    let market = Market::new(7, date("2025-11-24"), date("2026-03-31"));
    let market = market.list("AAPL", 18_500, &[], &[]).list("META", 61_000, &[], &[]);
    let desk = Desk::at(market.misquote_by("C:EURUSD", date("2025-12-17"), (7, 5))).await;
    desk.switch_on(Provider::Polygon, 0).await;
    desk.fetch(10).await.expect("fetched");
    let id = desk.quarantine(false).await.pop().expect("a finding").id;
    let waiting = desk.rates().await;
    desk.decide(&id, Decision::Keep, 20).await;
    assert_eq!(desk.rates().await.len(), waiting.len() + 1);
    desk.decide(&id, Decision::LeaveOut, 30).await;
    assert_eq!(desk.rates().await, waiting);
    assert_eq!(desk.decide(&id, Decision::Undo, 40).await, FindingState::Waiting);
    assert_eq!(desk.rates().await, waiting);
    desk.decide(&id, Decision::Keep, 50).await;
    assert_eq!(desk.decide(&id, Decision::Undo, 60).await, FindingState::Waiting);
    assert_eq!(desk.rates().await, waiting);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_price_that_turns_out_to_be_none_is_withdrawn_unless_it_was_another_one() {
    // The last day is told two and a half times as high, which only the next day contradicts.
    let wrong = date("2026-03-30");
    let market = Market::new(7, date("2025-11-24"), date("2026-03-31"));
    let market = market.list("AAPL", 18_500, &[], &[]).list("META", 61_000, &[], &[]);
    let desk = Desk::at(market.misquote_by("AAPL", wrong, (5, 2))).await;
    desk.switch_on(Provider::Polygon, 0).await;
    let Desk {
        app,
        replay,
        aapl,
        meta,
        _folder,
    } = desk;
    let until = |evening: &str| {
        let evening: Timestamp = evening.parse().expect("an instant");
        let began = tokio::time::Instant::now();
        Arc::new(move || evening + jiff::SignedDuration::try_from(began.elapsed()).expect("a short test"))
    };
    let app = app.with_clock(until("2026-03-30T22:00:00Z"));
    app.set_today(wrong);
    let desk = Desk {
        app,
        replay,
        aapl,
        meta,
        _folder,
    };
    desk.fetch(10).await.expect("fetched");
    let told = desk.traded("AAPL", "2026-03-30") * Decimal::new(25, 1);
    let published = desk.closes(desk.aapl).await;
    assert_eq!(
        published.get(&wrong).map(|(close, _)| close.trunc()),
        Some(told.trunc())
    );
    let Desk {
        app,
        replay,
        aapl,
        meta,
        _folder,
    } = desk;
    let app = app.with_clock(until("2026-03-31T22:00:00Z"));
    app.set_today(date("2026-03-31"));
    let desk = Desk {
        app,
        replay,
        aapl,
        meta,
        _folder,
    };
    desk.fetch(20).await.expect("fetched");
    let closes = desk.closes(desk.aapl).await;
    assert_eq!(closes.get(&wrong), None);
    assert!(closes.contains_key(&date("2026-03-31")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_that_a_person_typed_is_never_overridden_nor_is_its_inverse() {
    let desk = Desk::new().await;
    desk.switch_on(Provider::Polygon, 0).await;
    for (from, to, day) in [("EUR", "USD", "2026-03-02"), ("USD", "EUR", "2026-03-03")] {
        let typed = EnterFx {
            from: from.into(),
            to: to.into(),
            date: day.into(),
            rate: "1.25".into(),
        };
        desk.app.enter_fx(typed, &moment(5)).await.expect("entered");
    }
    for seconds in [10, 20] {
        desk.fetch(seconds).await.expect("fetched");
        let rates = desk.rates().await;
        let typed = (Decimal::new(125, 2), "typed".to_owned());
        assert_eq!(rates[&date("2026-03-02")], typed);
        // Dollars for euros on that day are what was typed the other way round.
        assert_eq!(rates.get(&date("2026-03-03")), None);
        assert_eq!(rates[&date("2026-03-04")].1, "Polygon");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_tell_how_fresh_prices_are_and_which_days_have_them() {
    let desk = Desk::new().await;
    desk.switch_on(Provider::Polygon, 0).await;
    let ask = || GetFreshness {
        search: String::new(),
        as_of: None,
    };
    let before = desk.app.get_freshness(ask()).await.expect("told");
    assert_eq!((before.without, before.rows.len()), (2, 2));
    desk.fetch(10).await.expect("fetched");
    let after = desk.app.get_freshness(ask()).await.expect("told");
    assert_eq!((after.fresh, after.behind, after.without), (2, 0, 0), "{after:?}");
    let row = after.rows.iter().find(|row| row.symbol == "AAPL").expect("a row");
    assert_eq!(
        (row.last, row.sessions_behind, row.gaps),
        (Some(date("2026-03-31")), 0, 0)
    );
    assert_eq!(row.exchange.as_deref(), Some("XNYS"));

    let ask = GetCoverage {
        instrument: desk.aapl,
        year: 2025,
    };
    let coverage = desk.app.get_coverage(ask).await.expect("told");
    let state = |day: &str| {
        coverage
            .days
            .iter()
            .find(|known| known.date == date(day))
            .expect("a day")
            .state
    };
    assert_eq!(coverage.years, [2025, 2026]);
    assert_eq!(state("2025-11-21"), DayState::Outside);
    assert_eq!(state("2025-11-24"), DayState::Priced);
    assert_eq!(state("2025-11-27"), DayState::Closed); // Thanksgiving
    assert_eq!(state("2025-11-28"), DayState::ShortPriced);
    assert_eq!(state("2025-12-17"), DayState::Repaired);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_is_tried_and_a_slip_in_its_settings_is_told() {
    let desk = Desk::new().await;
    desk.switch_on(Provider::Polygon, 0).await;
    let ask = TrySource {
        provider: Provider::Polygon,
    };
    let tried = desk.app.try_source(ask.clone()).await.expect("asked");
    assert!(tried.ok, "{}", tried.sentence);
    desk.replay
        .next([Fault::Status(403), Fault::Status(403), Fault::Status(403)]);
    let tried = desk.app.try_source(ask).await.expect("asked");
    assert!(!tried.ok && tried.sentence.contains("Polygon"), "{}", tried.sentence);

    for (address, reason) in [("http://example.com", "without TLS"), ("nonsense", "should read like")] {
        let settings = SourceSettings {
            provider: Provider::Polygon,
            enabled: true,
            address: address.into(),
            stream_address: String::new(),
            streams: false,
            plan: Plan::Free,
        };
        let refused = desk
            .app
            .save_source(SaveSource { settings, place: 0 })
            .await
            .expect_err("refused");
        assert_eq!(
            (refused.code, refused.field.as_deref()),
            (Code::Invalid, Some("address"))
        );
        assert!(refused.sentence.contains(reason), "{}", refused.sentence);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_source_the_refusal_says_what_to_do() {
    let desk = Desk::new().await;
    let refused = desk.fetch(10).await.expect_err("refused");
    assert!(
        refused.sentence.contains("no source of market data is switched on"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fetch_that_is_stopped_keeps_what_has_come() {
    let desk = Desk::new().await;
    desk.switch_on(Provider::Polygon, 0).await;
    let job = Job::unwatched();
    job.cancel();
    let ask = FetchHistory {
        job: JobId("fetch".into()),
        instruments: vec![desk.aapl],
        from: None,
        providers: Vec::new(),
    };
    let stopped = desk
        .app
        .fetch_history(ask, &moment(10), &job)
        .await
        .expect_err("stopped");
    assert_eq!(stopped.code, Code::Cancelled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_every_provider_down_the_book_keeps_its_prices_and_says_how_old_they_are() {
    let desk = Desk::new().await;
    desk.switch_on(Provider::Polygon, 0).await;
    desk.fetch(10).await.expect("fetched");
    let before = desk.closes(desk.aapl).await;
    // Nobody listens where the providers were, and a week has passed.
    let Desk {
        app,
        replay,
        aapl,
        _folder,
        ..
    } = desk;
    drop(replay);
    let later: Timestamp = "2026-04-07T22:00:00Z".parse().expect("an instant");
    let began = tokio::time::Instant::now();
    let clock = move || later + jiff::SignedDuration::try_from(began.elapsed()).expect("a short test");
    let app = app.with_clock(Arc::new(clock));
    app.set_today(date("2026-04-07"));
    let ask = FetchHistory {
        job: JobId("fetch".into()),
        instruments: vec![aapl],
        from: None,
        providers: Vec::new(),
    };
    let report = app
        .fetch_history(ask, &moment(20), &Job::unwatched())
        .await
        .expect("told");
    let row = report.rows.first().expect("a row");
    assert_eq!((row.provider, row.days), (None, 0));
    let freshness = app
        .get_freshness(GetFreshness {
            search: "AAPL".into(),
            as_of: None,
        })
        .await
        .expect("told");
    let row = freshness.rows.first().expect("a row");
    // Good Friday, 2026-04-03, is no session: April 1, 2, 6 and 7 are.
    assert_eq!((row.last, row.sessions_behind), (Some(date("2026-03-31")), 4));
    assert!(row.error.is_some(), "{row:?}");
    let ask = GetPrices {
        instrument: aapl,
        limit: 10_000,
    };
    assert_eq!(app.get_prices(ask).await.expect("prices").len(), before.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_goes_to_the_keyring_that_opens_the_book_and_into_no_file() {
    let store = keyring_core::mock::Store::new().expect("a keyring");
    let folder = tempfile::tempdir().expect("a folder");
    let keyring = Keyring::probed(store).await.expect("it keeps");
    let app = app(folder.path()).with_keyring(keyring.clone());
    let ask = CreateBook {
        job: JobId("create".into()),
        content: NewBook::Empty("Mine".into()),
        passphrase: None,
    };
    app.create_book(ask, &moment(1), &Job::unwatched())
        .await
        .expect("a book");
    let save = async |key: Option<&str>| {
        let key = key.map(str::to_owned);
        let ask = SaveKey {
            provider: Provider::Polygon,
            key,
        };
        app.save_key(ask).await.map(|sources| {
            let polygon = sources
                .into_iter()
                .find(|source| source.settings.provider == Provider::Polygon);
            polygon.expect("there").key_place
        })
    };
    assert_eq!(
        save(Some(KEY)).await.expect("kept").as_deref(),
        Some("in the system's keyring")
    );
    app.close().await.expect("closed");
    for entry in std::fs::read_dir(folder.path().join("data")).expect("files") {
        let path = entry.expect("a file").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("read");
            let is_there = bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes());
            assert!(!is_there, "{} has the key", path.display());
        }
    }
    // Another start finds it there; forgotten, it is gone.
    let app = self::app(folder.path()).with_keyring(keyring);
    app.open_session(OpenSession {}, &moment(2)).await.expect("open");
    let has_key = async || {
        let sources = app.get_sources(GetSources {}).await.expect("sources");
        sources.iter().any(|source| source.key_place.is_some())
    };
    assert!(has_key().await);
    let ask = SaveKey {
        provider: Provider::Polygon,
        key: None,
    };
    app.save_key(ask).await.expect("forgotten");
    assert!(!has_key().await);
}

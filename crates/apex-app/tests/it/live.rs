//! Live figures of a portfolio, what streams missed, watchlists and news: real code against servers on loopback.

use std::time::Duration;

use apex_app::{App, Job};
use apex_domain::Decimal;
use apex_store::{BarWindow, Changes, CorporateAction, CorporateEvent, SeriesKey};
use apex_testkit::replay::Play;
use apex_wire::limit::{Limit, LimitRule, SaveLimit};
use apex_wire::news::{FetchNews, GetNews};
use apex_wire::quotes::{
    GetWatchlists, LivePortfolio, NextLive, RemoveWatchlist, SaveWatchlist, WatchSymbol, Watchlist,
};
use apex_wire::setup::{EnterFx, SaveAccount, SavePortfolio};
use apex_wire::transactions::{AddTransaction, TransactionDraft};
use apex_wire::{Code, View};

use crate::desk::moment;
use crate::market::{Clock, Page, bar, day, decimal, id, last, replay, streaming};

/// Makes a portfolio with one account.
async fn begin(app: &App, currency: &str) -> View {
    let portfolio = SavePortfolio {
        id: None,
        name: "Core".into(),
        currency: currency.into(),
        benchmark: String::new(),
    };
    app.save_portfolio(portfolio, &moment(20)).await.expect("a portfolio");
    let view = app.view(Some("Core"), None, None).expect("a portfolio");
    let account = SaveAccount {
        id: None,
        portfolio: view.portfolio,
        name: "Main".into(),
        lot_method: "fifo".into(),
    };
    app.save_account(account, &moment(21)).await.expect("an account");
    view
}

/// Books a line of day, kind, quantity and price in dollars; a split of ACME has its ratio in place of the price.
async fn add(app: &App, view: View, number: i64, (date, kind, quantity, price): (&str, &str, &str, &str)) {
    let is_split = kind == "split";
    let draft = TransactionDraft {
        date: date.into(),
        kind: kind.into(),
        symbol: if kind == "deposit" { "" } else { "ACME" }.into(),
        quantity: quantity.into(),
        price: if is_split { "" } else { price }.into(),
        ratio: if is_split { price } else { "" }.into(),
        currency: "USD".into(),
        ..TransactionDraft::default()
    };
    let ask = AddTransaction {
        view,
        draft,
        preview: false,
    };
    app.add_transaction(ask, &moment(number)).await.expect("a transaction");
}

/// Books a portfolio in euros that holds 100 ACME, 40 BETA short and cash in dollars and euros.
async fn portfolio(app: &App) -> View {
    let view = begin(app, "EUR").await;
    for date in ["2026-03-05", "2026-03-06", "2026-03-09"] {
        // A dollar is 0.90 euros.
        let rate = EnterFx {
            from: "USD".into(),
            to: "EUR".into(),
            date: date.into(),
            rate: "0.90".into(),
        };
        app.enter_fx(rate, &moment(22)).await.expect("a rate");
    }
    for (number, kind, symbol, quantity, price, currency) in [
        (30, "deposit", "", "20000", "", "USD"),
        (31, "deposit", "", "1000", "", "EUR"),
        (32, "buy", "ACME", "100", "98.00", "USD"),
        (33, "short_sell", "BETA", "40", "49.50", "USD"),
    ] {
        let draft = TransactionDraft {
            date: "2026-03-05".into(),
            kind: kind.into(),
            symbol: symbol.into(),
            quantity: quantity.into(),
            price: price.into(),
            currency: currency.into(),
            ..TransactionDraft::default()
        };
        let ask = AddTransaction {
            view,
            draft,
            preview: false,
        };
        app.add_transaction(ask, &moment(number)).await.expect("a transaction");
    }
    view
}

/// Asks as a page does until an answer is as wanted.
async fn until(app: &App, view: View, wanted: impl Fn(&LivePortfolio) -> bool) -> LivePortfolio {
    let found = async {
        let mut after = 0;
        loop {
            let ask = NextLive {
                watch: "frame".into(),
                view,
                after,
            };
            let live = app.next_live(ask).await.expect("an answer");
            after = live.number;
            if wanted(&live) {
                return live;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found)
        .await
        .expect("live figures")
}

fn known(amount: &apex_wire::Amount) -> Decimal {
    *amount.known().expect("a value")
}

#[tokio::test]
async fn live_net_asset_value_is_that_recomputed_by_hand() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let view = portfolio(&app).await;
    let limit = Limit {
        name: "One name".into(),
        portfolio: view.portfolio,
        rule: LimitRule::NameWeight { symbol: None },
        percent: 50.0,
    };
    app.save_limit(SaveLimit { limit, base_version: 0 }, &moment(40))
        .await
        .expect("a limit");

    // Dollars: 20,000 - 9,800 + 1,980 = 12,180 of cash, 100 x 100.00, -40 x 50.00: 20,180 at 0.90, and 1,000 euros.
    let quiet = until(&app, view, |_| true).await;
    assert_eq!(known(&quiet.nav), decimal("19162.00"));
    assert_eq!((quiet.live, quiet.holdings), (0, 2));
    assert_eq!(quiet.because.as_deref(), Some("no live price has been heard yet"));

    let mut page = Page::new(&app, "markets", &["ACME", "BETA"]);
    page.up().await;
    replay.play([
        bar("ACME", "2026-03-09T13:59:00Z", "103.50"),
        bar("BETA", "2026-03-09T13:59:00Z", "51.25"),
    ]);
    let live = until(&app, view, |live| live.live == 2).await;
    // ACME gains 350.00 dollars, BETA loses 50.00: 300.00 at 0.90.
    assert_eq!(known(&live.nav), decimal("19432.00"));
    assert_eq!(known(&live.profit), decimal("270.00"));
    let fraction = live.profit_fraction.known().expect("known");
    assert!((fraction - 270.0 / 19_162.0).abs() < 1e-15);
    let rows: Vec<_> = live
        .rows
        .iter()
        .map(|row| (row.symbol.as_str(), known(&row.value), known(&row.profit)))
        .collect();
    assert_eq!(
        rows,
        [
            ("ACME", decimal("9315.00"), decimal("315.00")),
            ("BETA", decimal("-1845.00"), decimal("-45.00")),
        ]
    );
    assert!((live.rows[0].change_fraction.known().expect("known") - 0.035).abs() < 1e-15);
    assert_eq!(live.because, None);
    assert_eq!(
        live.notes.last().map(String::as_str),
        Some("Currencies are at the rates of 2026-03-09")
    );
    assert_eq!(live.limits, Vec::<String>::new(), "9,315 of 19,432 is 48%");

    // 115.00 makes ACME 10,350 of 20,467 euros, more than half.
    replay.play([bar("ACME", "2026-03-09T14:00:00Z", "115.00")]);
    let live = until(&app, view, |live| !live.limits.is_empty()).await;
    assert_eq!(known(&live.nav), decimal("20467.00"));
    assert_eq!(
        live.limits,
        [
            "One name is broken at live prices: weight of any instrument, at most 50.00%, and it stands at 50.57% (ACME) \
          after 46.97% at the last closes"
        ]
    );

    // The ledger and its pages are as they were.
    let overview = app
        .get_overview(apex_wire::overview::GetOverview { view })
        .expect("an answer");
    assert_eq!(known(&overview.nav), decimal("19162.00"));
}

/// What is booked before a live price comes, and what live figures it makes.
#[derive(Clone, Copy)]
struct OverASplit {
    /// Day, kind, quantity and price, or the ratio.
    booked: &'static [(&'static str, &'static str, &'static str, &'static str)],
    /// The first day on the new count by the corporate actions.
    told: Option<&'static str>,
    live: &'static str,
    nav: &'static str,
    profit: &'static str,
    note: Option<&'static str>,
}

const BOUGHT: (&str, &str, &str, &str) = ("2026-03-05", "buy", "100", "98.00");

/// ACME closed at 100.00 on Friday, the 6th of March; on Monday it is split two for one. A deposit of 20,000.00 comes first.
async fn check_over_a_split(case: OverASplit) {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let view = begin(&app, "USD").await;
    add(&app, view, 30, ("2026-03-05", "deposit", "20000", "")).await;
    for (booked, number) in case.booked.iter().zip(31..) {
        add(&app, view, number, *booked).await;
    }
    if let Some(ex_date) = case.told {
        let split = CorporateAction {
            instrument: id(&app, "ACME"),
            ex_date: day(ex_date),
            event: CorporateEvent::Split {
                ratio: "2:1".parse().expect("a ratio"),
            },
            source: "polygon".into(),
            withdrawn: false,
            known_at: moment(2).now,
        };
        let changes = Changes {
            actions: vec![split],
            ..Changes::default()
        };
        app.apply(changes, &moment(40)).await.expect("told");
    }
    let mut page = Page::new(&app, "markets", &["ACME"]);
    page.up().await;
    replay.play([bar("ACME", "2026-03-09T13:59:00Z", case.live)]);
    let live = until(&app, view, |live| live.live == 1).await;
    assert_eq!(known(&live.nav), decimal(case.nav), "net asset value");
    assert_eq!(known(&live.profit), decimal(case.profit), "profit");
    let change = live.rows[0].change_fraction.known().expect("known");
    assert!((change - 0.02).abs() < 1e-15, "{change}");
    assert_eq!(live.notes.first().map(String::as_str), case.note);
}

#[tokio::test]
async fn a_split_is_no_gain_and_no_loss_wherever_the_ledger_has_it() {
    let missing =
        Some("ACME was split 2:1 on 2026-03-09, which the ledger does not have: live figures count the new shares");
    // 10,200 of cash, 200 at 51.00: 20,400. At the close 100 were worth 10,000, and 200 are worth 10,200 now.
    let usual = OverASplit {
        booked: &[],
        told: Some("2026-03-09"),
        live: "51.00",
        nav: "20400.00",
        profit: "200.00",
        note: None,
    };
    check_over_a_split(OverASplit {
        booked: &[BOUGHT, ("2026-03-09", "split", "", "2:1")],
        ..usual
    })
    .await;
    // The ledger lacks it.
    check_over_a_split(OverASplit {
        booked: &[BOUGHT],
        note: missing,
        ..usual
    })
    .await;
    // The ledger has it on the day of the close already, which is still in old shares.
    check_over_a_split(OverASplit {
        booked: &[BOUGHT, ("2026-03-06", "split", "", "2:1")],
        ..usual
    })
    .await;
    // Nobody tells of it but the ledger.
    check_over_a_split(OverASplit {
        booked: &[BOUGHT, ("2026-03-09", "split", "", "2:1")],
        told: None,
        ..usual
    })
    .await;
    // The ledger has it, and it will be tomorrow: 100 old shares at 102.00.
    check_over_a_split(OverASplit {
        booked: &[BOUGHT, ("2026-03-09", "split", "", "2:1")],
        told: Some("2026-03-10"),
        live: "102.00",
        note: Some("ACME is split 2:1 on 2026-03-10, which the ledger has already: live figures count the old shares"),
        ..usual
    })
    .await;
}

#[tokio::test]
async fn what_was_bought_after_a_split_that_the_ledger_lacks_is_in_new_shares_already() {
    let usual = OverASplit {
        booked: &[("2026-03-09", "buy", "100", "50.00")],
        told: Some("2026-03-09"),
        live: "51.00",
        // 15,000 of cash, 100 at 51.00.
        nav: "20100.00",
        profit: "100.00",
        note: None,
    };
    check_over_a_split(OverASplit { ..usual }).await;
    // 8,180 of cash, and 2 x 100 + 40 at 51.00.
    check_over_a_split(OverASplit {
        booked: &[
            ("2026-03-05", "buy", "100", "98.00"),
            ("2026-03-09", "buy", "40", "50.50"),
        ],
        nav: "20420.00",
        profit: "240.00",
        note: Some(
            "ACME was split 2:1 on 2026-03-09, which the ledger does not have: live figures count the new shares",
        ),
        ..usual
    })
    .await;
}

#[tokio::test]
async fn only_the_present_has_live_figures() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let view = portfolio(&app).await;
    let past = View {
        as_of: Some(day("2026-03-06")),
        ..view
    };
    let live = until(&app, past, |_| true).await;
    assert_eq!(
        live.because.as_deref(),
        Some("live figures are of the present; this view is of 2026-03-06")
    );
    assert_eq!((live.live, live.rows.len()), (0, 0));
    // Net asset value is the page's own all the same.
    assert_eq!(known(&live.nav), decimal("19162.00"));
}

#[tokio::test]
async fn what_was_missed_while_the_stream_was_down_is_filled_in_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let mut page = Page::new(&app, "markets", &["ACME"]);
    page.up().await;
    let minute = |number| Play::Minute {
        symbol: "ACME".into(),
        date: day("2026-03-09"),
        number,
    };
    // The first minute is heard; then the connection breaks, and comes up again an hour later by the clock.
    replay.play([minute(0)]);
    page.until(|quote| quote.at.is_some_and(|at| at.to_string() == "2026-03-09T13:31:00Z"))
        .await;
    clock.set("2026-03-09T15:00:30Z");
    replay.play([Play::Cut]);
    let filled = page
        .until(|quote| quote.at.is_some_and(|at| at.to_string() == "2026-03-09T15:00:00Z"))
        .await;
    // The server's own 90th minute.
    let stock = replay.market().stock("ACME").expect("listed");
    let monday = stock
        .between(day("2026-03-09"), day("2026-03-09"))
        .next()
        .expect("a session");
    let (_, bar) = replay.market().minute(monday, 89);
    assert_eq!(last(&filled), Decimal::new(bar.close, 2).normalize().to_string());
    // Each of the 90 minutes had the same volume.
    assert_eq!(filled.volume, Some(Decimal::from(90 * bar.volume)));

    let kept = async {
        loop {
            let ask = app.kept_minutes(id(&app, "ACME"));
            if let Some(kept) = ask.await {
                return kept;
            }
            page.next().await;
        }
    };
    let kept = tokio::time::timeout(Duration::from_secs(20), kept)
        .await
        .expect("minutes");
    assert_eq!(kept, 89, "from 13:31 to 15:00, the first minute was heard");
}

#[tokio::test]
async fn a_watchlist_is_kept_changed_and_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let (acme, beta) = (id(&app, "ACME"), id(&app, "BETA"));
    let list = |instruments: Vec<_>| Watchlist {
        name: " Tech ".into(),
        instruments,
    };
    let save = |instruments, base_version| SaveWatchlist {
        watchlist: list(instruments),
        base_version,
    };
    let version = app
        .save_watchlist(save(vec![beta, acme], 0), &moment(50))
        .await
        .expect("kept");
    let known = app.get_watchlists(GetWatchlists {}).await.expect("an answer");
    assert_eq!(known[0].watchlist.name, "Tech");
    assert_eq!(known[0].watchlist.instruments, [beta, acme], "in the person's order");

    let twice = app
        .save_watchlist(save(vec![acme, acme], version), &moment(51))
        .await
        .expect_err("twice");
    assert_eq!(twice.sentence, "ACME is on the list twice");
    let stale = app
        .save_watchlist(save(vec![acme], 0), &moment(52))
        .await
        .expect_err("changed since");
    assert_eq!(stale.code, Code::Conflict);

    let symbol = |symbol: &str, currency| WatchSymbol {
        watchlist: "Tech".into(),
        symbol: symbol.into(),
        currency,
    };
    assert_eq!(
        app.watch_symbol(symbol("acme", None), &moment(53))
            .await
            .expect("known"),
        acme
    );
    let known = app.get_watchlists(GetWatchlists {}).await.expect("an answer");
    assert_eq!(
        known[0].watchlist.instruments,
        [beta, acme],
        "it is on the list already"
    );

    let version = known[0].version;
    let remove = |name: &str| RemoveWatchlist {
        name: name.into(),
        base_version: version,
    };
    app.remove_watchlist(remove("Tech"), &moment(54))
        .await
        .expect("removed");
    assert_eq!(app.get_watchlists(GetWatchlists {}).await.expect("an answer"), []);
    let none = app
        .remove_watchlist(remove("Tech"), &moment(55))
        .await
        .expect_err("none");
    assert_eq!(none.sentence, "there is no watchlist Tech");
}

#[tokio::test]
async fn a_new_symbol_takes_its_currency_from_a_provider_or_from_the_person() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = crate::desk::created(folder.path(), apex_wire::session::NewBook::Empty("Mine".into()))
        .await
        .with_clock(clock.lent());
    crate::market::attach(&app, &replay).await;
    let symbol = |symbol: &str, currency: Option<&str>| WatchSymbol {
        watchlist: "Tech".into(),
        symbol: symbol.into(),
        currency: currency.map(|code| code.parse().expect("a currency")),
    };
    // The server lists ACME in dollars on XNAS.
    let acme = app
        .watch_symbol(symbol("ACME", None), &moment(60))
        .await
        .expect("listed");
    let ask = apex_wire::setup::GetInstruments {
        search: "ACME".into(),
        offset: 0,
        limit: 5,
    };
    let row = app.get_instruments(ask).expect("an answer").rows.remove(0);
    assert_eq!(row.id, acme);
    let draft = row.draft;
    assert_eq!(
        (
            draft.name.as_str(),
            draft.currency.as_str(),
            draft.exchange.as_str(),
            draft.kind.as_str()
        ),
        ("ACME Incorporated", "USD", "XNAS", "equity")
    );
    let unknown = app
        .watch_symbol(symbol("NOPE", None), &moment(61))
        .await
        .expect_err("nobody knows it");
    assert_eq!(unknown.field.as_deref(), Some("currency"));
    assert_eq!(
        unknown.sentence,
        "the book has no NOPE, and Polygon does not know it either; name its currency, such as USD, to watch it all the same"
    );
    let made = app
        .watch_symbol(symbol("NOPE", Some("CHF")), &moment(62))
        .await
        .expect("made");
    let known = app.get_watchlists(GetWatchlists {}).await.expect("an answer");
    assert_eq!(known[0].watchlist.instruments, [acme, made]);
}

#[tokio::test]
async fn news_is_fetched_made_plain_and_found_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-13T22:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let (acme, beta) = (id(&app, "ACME"), id(&app, "BETA"));
    let fetch = |instruments| FetchNews {
        job: apex_wire::job::JobId("news".into()),
        instruments,
    };
    let fetched = app
        .fetch_news(fetch(vec![acme, beta]), &Job::unwatched())
        .await
        .expect("fetched");
    assert_eq!(fetched.failures, Vec::<String>::new());
    // One item for each of the ten sessions of the market and both stocks.
    assert_eq!((fetched.added, fetched.known), (20, 0));
    let again = app
        .fetch_news(fetch(vec![acme]), &Job::unwatched())
        .await
        .expect("fetched");
    assert_eq!((again.added, again.known), (0, 10));

    let ask = |instruments, limit| GetNews {
        instruments,
        since: None,
        limit,
    };
    let news = app.get_news(ask(vec![acme], 3)).await.expect("an answer");
    assert_eq!(news.len(), 3);
    assert!(news.iter().all(|item| item.symbols == ["ACME"]));
    assert!(
        news.windows(2).all(|pair| pair[0].published >= pair[1].published),
        "latest first"
    );
    assert_eq!(news[0].url.as_deref(), Some("https://news.example/ACME/2026-03-13"));
    assert_eq!(news[0].summary.as_deref(), Some("Simulated."));
    assert_eq!(news[0].sentiment, Some(Decimal::ZERO), "neutral");
    assert_eq!(app.get_news(ask(Vec::new(), 100)).await.expect("an answer").len(), 20);

    let cancelled = Job::unwatched();
    cancelled.cancel();
    let failure = app
        .fetch_news(fetch(vec![acme]), &cancelled)
        .await
        .expect_err("cancelled");
    assert_eq!(failure.code, Code::Cancelled);
}

/// Reads what the tests ask of the files beside the book.
trait Kept {
    async fn kept_minutes(&self, instrument: apex_domain::InstrumentId) -> Option<usize>;
}

impl Kept for App {
    async fn kept_minutes(&self, instrument: apex_domain::InstrumentId) -> Option<usize> {
        // A program beside this one opens the same book.
        let unlock = apex_store::Unlock::Passphrase(apex_store::Passphrase::new("open sesame").expect("a passphrase"));
        let folder = self.book_folder();
        let store = apex_store::Store::open(&folder, &unlock, crate::desk::entropy(3))
            .await
            .expect("it opens");
        let (from, until) = ("2026-03-09T00:00:00Z", "2026-03-10T00:00:00Z");
        let market = store.market().await.expect("a file");
        let minutes = market
            .minutes(
                SeriesKey::Instrument(instrument),
                from.parse().expect("an instant"),
                until.parse().expect("an instant"),
            )
            .await
            .expect("minutes");
        let count = minutes
            .iter()
            .filter(|bar| matches!(bar.window, BarWindow::Minute(_)))
            .count();
        (count > 0).then_some(count)
    }
}

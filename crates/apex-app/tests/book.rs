//! A person's own book through the whole path: typed, written to the encrypted files, read back, and valued.

use apex_app::{App, Job, Moment};
use apex_domain::{Currency, Date, Decimal, Timestamp};
use apex_store::{Entropy, KdfCost};
use apex_wire::cash::GetCash;
use apex_wire::holdings::{Classification, ExportHoldings, GetHoldings, GetLots, GridRow, HoldingColumn, HoldingRow};
use apex_wire::preferences::{GetPreferences, Preferences, SavePreferences};
use apex_wire::session::{CreateBook, NewBook, OpenSession, Session, Unlock};
use apex_wire::setup::{
    EnterFx, EnterPrice, GetInstruments, GetPrices, GetRatePairs, GetRates, InstrumentDraft, SaveAccount,
    SaveInstrument, SavePortfolio,
};
use apex_wire::transactions::{AddTransaction, Effect, GetTransactions, ReverseTransactions, TransactionDraft};
use apex_wire::{Code, Failure, Figure, View, job::JobId};

const PASSPHRASE: &str = "correct horse battery staple";

/// One desk with its own data folder and a clock that steps a second with every act.
struct Desk {
    app: App,
    folder: tempfile::TempDir,
    seconds: std::cell::Cell<i64>,
    entropy: Entropy,
}

fn entropy(start: u64) -> Entropy {
    let mut state = start;
    Entropy::new(move |bytes| {
        for byte in bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 33) as u8;
        }
    })
}

fn app(folder: &std::path::Path) -> App {
    let cheap = KdfCost {
        memory_kib: 64,
        passes: 1,
        lanes: 1,
    };
    App::new(folder.join("data"), "test", date("2026-03-31")).with_kdf_cost(cheap)
}

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let desk = Self {
            app: app(folder.path()),
            folder,
            seconds: std::cell::Cell::new(1_767_600_000),
            entropy: entropy(7),
        };
        let ask = CreateBook {
            job: JobId("create".into()),
            content: NewBook::Empty("Mine".into()),
            passphrase: Some(PASSPHRASE.into()),
        };
        let session = desk
            .app
            .create_book(ask, &desk.now(), &Job::unwatched())
            .await
            .expect("a book");
        assert!(matches!(session, Session::Open(book) if book.recovery_key.is_some() && book.portfolios.is_empty()));
        desk
    }

    fn now(&self) -> Moment {
        self.seconds.set(self.seconds.get() + 1);
        let now = Timestamp::from_second(self.seconds.get()).expect("in range");
        Moment::new(now, self.entropy.clone())
    }

    async fn reopened(self) -> Self {
        self.app.close().await.expect("closed");
        let Self {
            folder,
            seconds,
            entropy,
            ..
        } = self;
        let desk = Self {
            app: app(folder.path()),
            folder,
            seconds,
            entropy,
        };
        let session = desk
            .app
            .open_session(OpenSession {}, &desk.now())
            .await
            .expect("a session");
        assert_eq!(session, Session::Locked);
        let wrong = desk
            .app
            .unlock(Unlock { secret: "guess".into() }, &desk.now())
            .await
            .expect_err("a wrong passphrase");
        assert_eq!(wrong.code, Code::WrongKey);
        desk.app
            .unlock(
                Unlock {
                    secret: PASSPHRASE.into(),
                },
                &desk.now(),
            )
            .await
            .expect("unlocked");
        desk
    }

    async fn portfolio(&self, name: &str, currency: &str, lots: &str) -> View {
        let ask = SavePortfolio {
            id: None,
            name: name.into(),
            currency: currency.into(),
            benchmark: String::new(),
        };
        self.app.save_portfolio(ask, &self.now()).await.expect("a portfolio");
        let view = self.app.view(Some(name), None, None).expect("it is there");
        let ask = SaveAccount {
            id: None,
            portfolio: view.portfolio,
            name: "Main".into(),
            lot_method: lots.into(),
        };
        self.app.save_account(ask, &self.now()).await.expect("an account");
        view
    }

    async fn equity(&self, symbol: &str, currency: &str, sector: &str) {
        let draft = InstrumentDraft {
            symbol: symbol.into(),
            kind: "equity".into(),
            currency: currency.into(),
            sector: sector.into(),
            ..InstrumentDraft::default()
        };
        let ask = SaveInstrument {
            id: None,
            draft,
            symbol_from: String::new(),
        };
        self.app.save_instrument(ask, &self.now()).await.expect("an instrument");
    }

    async fn price(&self, symbol: &str, day: &str, price: &str) {
        let ask = EnterPrice {
            symbol: symbol.into(),
            date: day.into(),
            price: price.into(),
        };
        self.app.enter_price(ask, &self.now()).await.expect("a price");
    }

    async fn fx(&self, from: &str, to: &str, day: &str, rate: &str) {
        let ask = EnterFx {
            from: from.into(),
            to: to.into(),
            date: day.into(),
            rate: rate.into(),
        };
        self.app.enter_fx(ask, &self.now()).await.expect("a rate");
    }

    /// Adds a line such as `2026-01-05 buy ACME 10 @ 90.00`; amounts without an instrument as `deposit - 1000`.
    async fn add(&self, view: View, line: &str) -> Result<Effect, Failure> {
        self.app
            .add_transaction(
                AddTransaction {
                    view,
                    draft: draft(line),
                    preview: false,
                },
                &self.now(),
            )
            .await
    }

    async fn ledger(&self, view: View, lines: &str) {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.add(view, line).await.unwrap_or_else(|err| panic!("{line}: {err}"));
        }
    }

    fn holdings(&self, view: View) -> Vec<HoldingRow> {
        let window = self.app.get_holdings(grid(view)).expect("holdings");
        let rows = window.rows.into_iter();
        rows.filter_map(|row| {
            if let GridRow::Holding(row) = row {
                Some(*row)
            } else {
                None
            }
        })
        .collect()
    }

    fn nav(&self, view: View) -> Figure<Decimal> {
        self.app.get_holdings(grid(view)).expect("holdings").nav
    }
}

fn draft(line: &str) -> TransactionDraft {
    let mut words = line.split_whitespace();
    let mut next = || words.next().unwrap_or_default().to_owned();
    let (date, kind, symbol, quantity) = (next(), next(), next(), next());
    let mut draft = TransactionDraft {
        date,
        kind,
        symbol: if symbol == "-" { String::new() } else { symbol },
        quantity,
        ..TransactionDraft::default()
    };
    while let Some(word) = words.next() {
        let value = words.next().unwrap_or_default().to_owned();
        match word {
            "@" => draft.price = value,
            "fees" => draft.fees = value,
            "settle" => draft.settle = value,
            "fx" => draft.fx_rate = value,
            "in" => draft.currency = value,
            "lot" => draft.lot = value,
            "ratio" => draft.ratio = value,
            other => panic!("unknown word {other}"),
        }
    }
    draft
}

fn grid(view: View) -> GetHoldings {
    GetHoldings {
        view,
        group: Vec::new(),
        collapsed: Vec::new(),
        sort: None,
        filter: String::new(),
        offset: 0,
        limit: 100,
    }
}

fn known(figure: &Figure<Decimal>) -> String {
    match figure {
        Figure::Known(value) => value.normalize().to_string(),
        Figure::Unavailable(because) => format!("-- {because}"),
    }
}

#[tokio::test]
async fn each_lot_method_gives_the_gain_of_the_worked_example() {
    // 100 at 10, 100 at 12, 100 at 15, then 150 sold at 14: hand calculation.
    let desk = Desk::new().await;
    desk.equity("ACME", "USD", "Industrials").await;
    for (method, gain, basis) in [
        ("fifo", "500", "2100"),
        ("lifo", "0", "1600"),
        ("hifo", "0", "1600"),
        ("average", "250", "1850"),
    ] {
        let view = desk.portfolio(method, "USD", method).await;
        desk.ledger(
            view,
            "
            2026-01-05 deposit - 10000
            2026-01-05 buy ACME 100 @ 10
            2026-01-06 buy ACME 100 @ 12
            2026-01-07 buy ACME 100 @ 15
            2026-01-08 sell ACME 150 @ 14
            ",
        )
        .await;
        let lots = desk
            .app
            .get_lots(GetLots {
                view,
                instrument: None,
                account: None,
            })
            .expect("lots")
            .rows;
        let closed = lots.iter().filter(|lot| lot.closed.is_some());
        let realized: Decimal = closed.filter_map(|lot| lot.gain.known()).sum();
        let open: Decimal = lots
            .iter()
            .filter(|lot| lot.closed.is_none())
            .filter_map(|lot| lot.cost.known())
            .sum();
        assert_eq!((realized, open), (decimal(gain), decimal(basis)), "{method}");
    }
}

#[tokio::test]
async fn a_gain_splits_into_price_currency_and_cross_after_reopening() {
    // 100 shares at USD 50 (0.90), now USD 60 (0.95): 1,200 = 900 + 250 + 50.
    let desk = Desk::new().await;
    let view = desk.portfolio("Euro", "EUR", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.fx("USD", "EUR", "2026-01-05", "0.90").await;
    desk.fx("USD", "EUR", "2026-03-31", "0.95").await;
    desk.price("ACME", "2026-03-31", "60").await;
    desk.ledger(view, "2026-01-05 deposit - 5000 in USD\n2026-01-05 buy ACME 100 @ 50")
        .await;
    let desk = desk.reopened().await;
    let rows = desk.holdings(view);
    let acme = rows.iter().find(|row| row.symbol == "ACME").expect("held");
    let parts = [
        &acme.market_value,
        &acme.cost,
        &acme.unrealized,
        &acme.unrealized_price,
        &acme.unrealized_fx,
        &acme.unrealized_cross,
    ];
    assert_eq!(parts.map(known), ["5700", "4500", "1200", "900", "250", "50"]);
    let total: Decimal = rows.iter().filter_map(|row| row.market_value.known()).sum();
    assert_eq!(
        desk.nav(view),
        Figure::Known(total),
        "market values add up to the net asset value"
    );
}

#[tokio::test]
async fn a_missing_price_or_rate_is_unavailable_because_and_never_zero() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "EUR", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.ledger(view, "2026-03-31 deposit - 1000\n2026-03-31 buy ACME 1 @ 50 fx 0.9")
        .await;
    let rows = desk.holdings(view);
    let acme = rows.iter().find(|row| row.symbol == "ACME").expect("held");
    assert_eq!(
        known(&acme.market_value),
        "-- no price for ACME on or before 2026-03-31"
    );
    assert_eq!(known(&acme.cost), "45");
    assert!(
        desk.nav(view)
            .because()
            .is_some_and(|because| because.contains("no price for ACME"))
    );
    desk.price("ACME", "2026-03-31", "60").await;
    let rows = desk.holdings(view);
    let acme = rows.iter().find(|row| row.symbol == "ACME").expect("held");
    assert_eq!(known(&acme.market_value), "-- no rate from USD to EUR on 2026-03-31");
    let report = desk.app.positions_report(view).expect("a report");
    assert_eq!(report.nav, None);
    assert!(
        report
            .rows
            .iter()
            .any(|row| row.unavailable.contains_key("market_value"))
    );
}

#[tokio::test]
async fn what_was_known_earlier_is_answered_as_it_was() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.price("ACME", "2026-01-30", "100").await;
    desk.ledger(view, "2026-01-05 deposit - 10000\n2026-01-05 buy ACME 10 @ 90")
        .await;
    let january = View {
        as_of: Some(date("2026-01-30")),
        ..view
    };
    let then = View {
        known_at: Some(Timestamp::from_second(desk.seconds.get()).expect("in range")),
        ..january
    };
    let before = desk.nav(january);
    assert_eq!(before, Figure::Known(decimal("10100.00")));
    desk.price("ACME", "2026-01-30", "110").await;
    desk.ledger(view, "2026-01-06 buy ACME 10 @ 95").await;
    assert_eq!(desk.nav(january), Figure::Known(decimal("10350.00")));
    assert_eq!(desk.nav(then), before);
    let prices = desk.app.view(Some("Core"), None, None).expect("view");
    let acme = desk.holdings(prices).iter().find_map(|row| row.instrument);
    let desk = desk.reopened().await;
    assert_eq!(desk.nav(then), before, "the same after reopening");
    assert_eq!(
        desk.nav(View {
            as_of: Some(date("2026-01-02")),
            ..view
        }),
        Figure::Known(decimal("0"))
    );
    let _ = acme;
}

#[tokio::test]
async fn a_replaced_price_stays_as_history() {
    let desk = Desk::new().await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.price("ACME", "2026-01-30", "100").await;
    desk.price("ACME", "2026-01-30", "110").await;
    let window = desk
        .app
        .get_instruments(GetInstruments {
            search: "acme".into(),
            offset: 0,
            limit: 9,
        })
        .expect("rows");
    assert_eq!(window.rows[0].last_price, Some((date("2026-01-30"), decimal("110"))));
    let prices = desk
        .app
        .get_prices(GetPrices {
            instrument: window.rows[0].id,
            limit: 9,
        })
        .await
        .expect("prices");
    let seen: Vec<_> = prices
        .iter()
        .map(|row| (row.value, row.replaced, row.source.as_str()))
        .collect();
    assert_eq!(
        seen,
        [(decimal("110"), false, "typed"), (decimal("100"), true, "typed")]
    );
}

#[tokio::test]
async fn rates_are_listed_by_pair_and_replaced_ones_stay_as_history() {
    let desk = Desk::new().await;
    assert_eq!(desk.app.get_rate_pairs(GetRatePairs {}).await.expect("pairs"), []);
    desk.fx("EUR", "USD", "2025-12-31", "1.0900").await;
    desk.fx("EUR", "USD", "2026-01-30", "1.1025").await;
    desk.fx("CHF", "USD", "2026-01-05", "1.25").await;
    desk.fx("EUR", "USD", "2026-01-30", "1.1030").await;
    desk.fx("EUR", "USD", "2026-01-15", "1.1000").await;
    let pairs = desk.app.get_rate_pairs(GetRatePairs {}).await.expect("pairs");
    let seen: Vec<String> = pairs
        .iter()
        .map(|pair| {
            let latest = &pair.latest;
            format!(
                "{}/{} {} on {}, {}",
                pair.from, pair.to, latest.value, latest.date, latest.source
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            "CHF/USD 1.25 on 2026-01-05, typed",
            "EUR/USD 1.103 on 2026-01-30, typed"
        ]
    );
    let rates = |limit: usize| {
        let ask = GetRates {
            from: Currency::EUR,
            to: Currency::USD,
            limit,
        };
        desk.app.get_rates(ask)
    };
    let seen: Vec<_> = rates(9)
        .await
        .expect("rates")
        .iter()
        .map(|row| (row.date.to_string(), row.value.to_string(), row.replaced))
        .collect();
    let row = |day: &str, rate: &str, replaced: bool| (day.to_owned(), rate.to_owned(), replaced);
    assert_eq!(
        seen,
        [
            row("2026-01-30", "1.103", false),
            row("2026-01-30", "1.1025", true),
            row("2026-01-15", "1.1", false),
            row("2025-12-31", "1.09", false)
        ]
    );
    assert_eq!(rates(2).await.expect("rates").len(), 2);
}

#[tokio::test]
async fn a_preview_says_the_effect_in_numbers_and_changes_nothing() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.price("ACME", "2026-03-31", "100").await;
    desk.ledger(view, "2026-01-05 deposit - 10000\n2026-01-05 buy ACME 10 @ 90")
        .await;
    let ask = AddTransaction {
        view,
        draft: draft("2026-01-06 buy ACME 10 @ 95 fees 1.20"),
        preview: true,
    };
    let effect = desk.app.add_transaction(ask, &desk.now()).await.expect("an effect");
    assert_eq!(
        effect.sentence,
        "buy of 10 ACME on 2026-01-06, NAV changes by 48.80 USD"
    );
    assert_eq!(effect.quantity, Some((decimal("10"), decimal("20"))));
    assert!(effect.ids.is_empty());
    assert_eq!(desk.nav(view), effect.nav_before);
    let done = desk
        .add(view, "2026-01-06 buy ACME 10 @ 95 fees 1.20")
        .await
        .expect("added");
    assert_eq!(
        (desk.nav(view), done.nav_after.clone()),
        (effect.nav_after.clone(), effect.nav_after)
    );
    let undo = |preview| ReverseTransactions {
        view,
        ids: done.ids.clone(),
        preview,
    };
    let seen = desk
        .app
        .reverse_transactions(undo(true), &desk.now())
        .await
        .expect("an effect");
    assert_eq!(
        seen.sentence,
        "reverses the buy of 10 ACME on 2026-01-06, NAV changes by -48.80 USD"
    );
    desk.app
        .reverse_transactions(undo(false), &desk.now())
        .await
        .expect("reversed");
    assert_eq!(desk.nav(view), effect.nav_before);
    let again = desk
        .app
        .reverse_transactions(undo(false), &desk.now())
        .await
        .expect_err("only once");
    assert!(again.sentence.contains("is reversed already"), "{again}");
    let list = |with_reversed| GetTransactions {
        view,
        search: "acme 2026".into(),
        with_reversed,
        offset: 0,
        limit: 9,
    };
    assert_eq!(desk.app.get_transactions(list(false)).expect("rows").total_rows, 1);
    let desk = desk.reopened().await;
    let all = desk.app.get_transactions(list(true)).expect("rows");
    assert_eq!(all.total_rows, 3);
    assert_eq!(all.rows.iter().filter(|row| row.reversed).count(), 1);
}

#[tokio::test]
async fn refusals_name_the_field_and_leave_the_book_alone() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.ledger(view, "2026-01-05 deposit - 10000\n2026-01-05 buy ACME 10 @ 90")
        .await;
    let before = desk.app.state_hash().await.expect("a hash");
    for (line, field) in [
        ("2026-01-06 sell ACME 15 @ 90", "quantity"),
        ("2026-01-06 buy NONE 1 @ 90", "symbol"),
        ("2026-01-06 bye ACME 1 @ 90", "kind"),
        ("06.01.2026 buy ACME 1 @ 90", "date"),
        ("2026-01-06 buy ACME ten @ 90", "quantity"),
        ("2026-01-06 buy ACME 1", "price"),
        ("2026-01-06 buy ACME 1 @ 90 in DOLLAR", "currency"),
        ("2026-01-06 buy ACME 1 @ 90 in EUR fx 1.1", "currency"),
        ("2026-01-06 buy ACME 1 @ 90 settle 2026-01-05", "settle"),
        ("2026-01-06 buy ACME 1 @ 90 fees -1", "fees"),
    ] {
        let refused = desk.add(view, line).await.expect_err(line);
        assert_eq!(
            (refused.code, refused.field.as_deref()),
            (Code::Invalid, Some(field)),
            "{line}: {refused}"
        );
    }
    assert_eq!(desk.app.state_hash().await.expect("a hash"), before);
}

#[tokio::test]
async fn lot_method_and_base_currency_are_fixed_once_there_are_transactions() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    let Session::Open(book) = desk.app.session().expect("open") else {
        panic!("not open")
    };
    let account = book.portfolios[0].accounts[0].id;
    let change = |method: &str| SaveAccount {
        id: Some(account),
        portfolio: view.portfolio,
        name: "Main".into(),
        lot_method: method.into(),
    };
    desk.app
        .save_account(change("lifo"), &desk.now())
        .await
        .expect("nothing was traded yet");
    desk.ledger(view, "2026-01-05 deposit - 10").await;
    let refused = desk
        .app
        .save_account(change("fifo"), &desk.now())
        .await
        .expect_err("fixed");
    assert_eq!(refused.field.as_deref(), Some("lot_method"));
    let ask = SavePortfolio {
        id: Some(view.portfolio),
        name: "Core".into(),
        currency: "EUR".into(),
        benchmark: String::new(),
    };
    let refused = desk.app.save_portfolio(ask, &desk.now()).await.expect_err("fixed");
    assert_eq!(refused.field.as_deref(), Some("currency"));
}

#[tokio::test]
async fn a_symbol_change_keeps_the_instrument_and_frees_the_symbol() {
    let desk = Desk::new().await;
    desk.equity("FB", "USD", "Technology").await;
    let find = |search: &str| {
        desk.app
            .get_instruments(GetInstruments {
                search: search.into(),
                offset: 0,
                limit: 9,
            })
            .expect("rows")
            .rows
    };
    let old = find("FB").remove(0);
    let draft = InstrumentDraft {
        symbol: "META".into(),
        ..old.draft.clone()
    };
    let ask = SaveInstrument {
        id: Some(old.id),
        draft,
        symbol_from: "2026-02-02".into(),
    };
    let saved = desk.app.save_instrument(ask, &desk.now()).await.expect("renamed");
    assert_eq!(saved.symbol_history, ["FB until 2026-02-02", "META from 2026-02-02"]);
    desk.price("FB", "2026-01-30", "1").await;
    desk.price("META", "2026-02-03", "2").await;
    let prices = desk
        .app
        .get_prices(GetPrices {
            instrument: old.id,
            limit: 9,
        })
        .await
        .expect("prices");
    assert_eq!(prices.len(), 2);
    let clash = SaveInstrument {
        id: None,
        draft: saved.draft.clone(),
        symbol_from: String::new(),
    };
    assert_eq!(
        desk.app
            .save_instrument(clash, &desk.now())
            .await
            .expect_err("taken")
            .field
            .as_deref(),
        Some("symbol")
    );
}

#[tokio::test]
async fn subtotals_equal_their_rows_to_the_cent() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "EUR", "fifo").await;
    desk.fx("USD", "EUR", "2026-01-05", "0.9137").await;
    desk.fx("USD", "EUR", "2026-03-31", "0.9471").await;
    desk.ledger(view, "2026-01-05 deposit - 100000 in USD").await;
    for (at, sector) in ["Energy", "Energy", "Utilities", "Utilities", "Energy"]
        .iter()
        .enumerate()
    {
        let symbol = format!("S{at}");
        desk.equity(&symbol, "USD", sector).await;
        desk.price(&symbol, "2026-03-31", &format!("{}.337", 11 + at)).await;
        desk.add(view, &format!("2026-01-05 buy {symbol} 7.5 @ 10.1{at}"))
            .await
            .expect("bought");
    }
    let ask = GetHoldings {
        group: vec![Classification::Sector, Classification::AssetClass],
        sort: Some((HoldingColumn::MarketValue, true)),
        ..grid(view)
    };
    let window = desk.app.get_holdings(ask.clone()).expect("holdings");
    let mut sums = Vec::new();
    for row in &window.rows {
        match row {
            GridRow::Group {
                level: 0,
                label,
                subtotal,
                ..
            } => sums.push((label.clone(), subtotal.clone(), Decimal::ZERO)),
            GridRow::Group { .. } => {}
            GridRow::Holding(row) => {
                let last = sums.last_mut().expect("a group comes first");
                last.2 += row.market_value.known().expect("known");
            }
        }
    }
    assert_eq!(
        sums.iter().map(|(label, ..)| label.as_str()).collect::<Vec<_>>(),
        ["Cash", "Energy", "Utilities"]
    );
    for (label, subtotal, sum) in &sums {
        assert_eq!(subtotal.market_value.known(), Some(sum), "{label}");
        assert!(sum.scale() <= 2, "{label} {sum}");
    }
    let total: Decimal = sums.iter().map(|(.., sum)| sum).sum();
    assert_eq!(
        (window.total.market_value, window.nav),
        (Figure::Known(total), Figure::Known(total))
    );
    let shut = GetHoldings {
        collapsed: vec!["Energy".into()],
        ..ask.clone()
    };
    assert_eq!(
        desk.app.get_holdings(shut).expect("holdings").total_rows,
        window.total_rows - 4
    );
    let filtered = GetHoldings {
        filter: "utilit".into(),
        group: Vec::new(),
        ..ask
    };
    assert_eq!(desk.app.get_holdings(filtered.clone()).expect("holdings").total.rows, 2);
    let export = ExportHoldings {
        grid: filtered,
        columns: vec![HoldingColumn::Symbol, HoldingColumn::MarketValue],
    };
    let text = desk.app.export_holdings(export).expect("text");
    assert_eq!(text.lines().count(), 3);
    assert!(text.starts_with("symbol,market_value\n"), "{text}");
}

#[tokio::test]
async fn the_days_results_add_up_to_the_change_in_value() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.price("ACME", "2026-03-30", "100").await;
    desk.price("ACME", "2026-03-31", "104").await;
    desk.ledger(
        view,
        "
        2026-01-05 deposit - 10000
        2026-01-05 buy ACME 10 @ 90
        2026-03-31 deposit - 500
        2026-03-31 buy ACME 5 @ 102 fees 2
        2026-03-31 dividend ACME 7.50
        2026-03-31 fee - 3
        ",
    )
    .await;
    let rows = desk.holdings(view);
    let results: Vec<_> = rows
        .iter()
        .map(|row| (row.symbol.as_str(), known(&row.day_pnl)))
        .collect();
    // ACME: 10 x 4 + 5 x 2 - 2 + 7.50; cash: the fee of 3.
    assert_eq!(results, [("ACME", "55.5".to_owned()), ("USD", "-3".to_owned())]);
    let fold = desk.app.fold(view).expect("a fold");
    let valuation = fold.valuation();
    let change = valuation.nav.known().expect("known") - valuation.nav_before.known().expect("known");
    assert_eq!(change - valuation.day_flows.known().expect("known"), decimal("52.50"));
    assert_eq!(known(&rows[0].income), "7.5");
}

#[tokio::test]
async fn a_history_values_every_day_as_the_holdings_page_does() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    for (day, price) in [
        ("2026-03-26", "100"),
        ("2026-03-27", "101"),
        ("2026-03-30", "102"),
        ("2026-03-31", "51"),
    ] {
        desk.price("ACME", day, price).await;
    }
    desk.ledger(
        view,
        "
        2026-03-26 deposit - 10000
        2026-03-26 buy ACME 10 @ 100
        2026-03-30 sell ACME 4 @ 102
        2026-03-30 withdrawal - 50
        2026-03-31 split ACME 0 ratio 2:1
        ",
    )
    .await;
    let fold = desk.app.fold(view).expect("a fold");
    let history = fold.history();
    assert_eq!(history.days.len(), 4);
    let navs: Vec<f64> = (0..4).filter_map(|row| history.nav.get(row)).collect();
    assert_eq!(navs, [10_000.0, 10_010.0, 9_970.0, 9_970.0]);
    assert_eq!(history.flows, [10_000.0, 0.0, -50.0, 0.0]);
    let pnl: Vec<f64> = (0..4).filter_map(|row| history.pnl.get(row)).collect();
    assert_eq!(pnl, [0.0, 10.0, 10.0, 0.0]);
    for (row, day) in history.days.iter().enumerate() {
        let nav = desk.nav(View {
            as_of: Some(*day),
            ..view
        });
        assert_eq!(
            nav.known().map(ToString::to_string),
            history.nav.get(row).map(|nav| format!("{nav:.2}")),
            "{day}"
        );
    }
    let acme = desk.holdings(view).remove(0);
    assert_eq!(acme.day_change, Figure::Known(0.0), "a split is no fall");
}

#[tokio::test]
async fn a_backdated_trade_settles_to_what_a_reopened_book_shows() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.equity("LVMH", "EUR", "Consumer Discretionary").await;
    for (day, acme, lvmh, rate) in [
        ("2026-03-26", "100", "500", "1.08"),
        ("2026-03-27", "101", "498", "1.09"),
        ("2026-03-30", "102", "505", "1.10"),
        ("2026-03-31", "99", "501", "1.07"),
    ] {
        desk.price("ACME", day, acme).await;
        desk.price("LVMH", day, lvmh).await;
        desk.fx("EUR", "USD", day, rate).await;
    }
    desk.ledger(
        view,
        "
        2026-03-26 deposit - 100000
        2026-03-27 buy ACME 10 @ 101
        2026-03-30 sell ACME 4 @ 102
        ",
    )
    .await;
    let shown = |desk: &Desk| {
        let fold = desk.app.fold(view).expect("a fold");
        format!(
            "{:?} {:?} {:?}",
            fold.history(),
            fold.valuation().rows,
            fold.valuation().nav
        )
    };
    let before = shown(&desk);
    let backdated = "2026-03-26 buy LVMH 20 @ 500 in EUR";
    let preview = AddTransaction {
        view,
        draft: draft(backdated),
        preview: true,
    };
    desk.app.add_transaction(preview, &desk.now()).await.expect("a preview");
    assert_eq!(shown(&desk), before, "a preview changes nothing");
    desk.add(view, backdated).await.expect("a trade");
    let settled = shown(&desk);
    assert_ne!(settled, before);
    let desk = desk.reopened().await;
    assert_eq!(shown(&desk), settled);
}

#[tokio::test]
async fn cash_is_told_by_currency_and_settlement_date() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.fx("EUR", "USD", "2026-03-31", "1.10").await;
    desk.ledger(
        view,
        "
        2026-03-02 deposit - 1000
        2026-03-02 deposit - 100 in EUR fx 1.05
        2026-03-31 buy ACME 2 @ 100 settle 2026-04-02
        ",
    )
    .await;
    let cash = desk.app.get_cash(GetCash { view }).expect("cash");
    let usd = cash
        .balances
        .iter()
        .find(|row| row.currency == Currency::USD)
        .expect("dollars");
    assert_eq!(
        (usd.settled, usd.pending.clone(), usd.balance),
        (decimal("1000"), vec![decimal("-200")], decimal("800"))
    );
    assert_eq!(cash.total, Figure::Known(decimal("910.00")));
    assert_eq!(cash.movements[0].what, "buy ACME");
    let report = desk.app.cash_report(view).expect("a report");
    let lines: Vec<String> = report
        .rows
        .iter()
        .map(|row| format!("{} {} {}", row.currency, row.settle, row.amount))
        .collect();
    assert_eq!(
        lines,
        ["EUR 2026-03-31 100", "USD 2026-03-31 1000", "USD 2026-04-02 -200"]
    );
}

#[tokio::test]
async fn specific_lots_are_named_by_their_day() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "specific").await;
    desk.equity("ACME", "USD", "Industrials").await;
    desk.ledger(
        view,
        "
        2026-01-05 deposit - 10000
        2026-01-05 buy ACME 10 @ 90
        2026-01-06 buy ACME 10 @ 110
        2026-01-07 sell ACME 5 @ 120 lot 2026-01-06
        ",
    )
    .await;
    let lots = desk
        .app
        .get_lots(GetLots {
            view,
            instrument: None,
            account: None,
        })
        .expect("lots")
        .rows;
    let closed = lots.iter().find(|lot| lot.closed.is_some()).expect("one is closed");
    assert_eq!(
        (closed.opened, known(&closed.gain)),
        (date("2026-01-06"), "50".to_owned())
    );
    let refused = desk
        .add(view, "2026-01-08 sell ACME 5 @ 120 lot 2026-02-01")
        .await
        .expect_err("no such lot");
    assert_eq!(refused.field.as_deref(), Some("lot"));
}

#[tokio::test]
async fn a_backup_restores_to_the_same_state() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.ledger(view, "2026-01-05 deposit - 10000").await;
    let hash = desk.app.state_hash().await.expect("a hash");
    let file = desk.folder.path().join("book.apexbackup");
    let ask = apex_wire::setup::BackUp {
        path: file.display().to_string(),
    };
    desk.app.back_up(ask).await.expect("backed up");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let other = app(elsewhere.path());
    let wrong = other
        .restore(&file, "guess", Some("new"), &desk.now())
        .await
        .expect_err("a wrong passphrase");
    assert_eq!(wrong.code, Code::WrongKey);
    other
        .restore(&file, PASSPHRASE, Some("new"), &desk.now())
        .await
        .expect("restored");
    assert_eq!(other.state_hash().await.expect("a hash"), hash);
    assert_eq!(
        other.fold(view).expect("a fold").valuation().nav,
        Figure::Known(decimal("10000.00"))
    );
}

#[tokio::test]
async fn preferences_are_kept_beside_the_book() {
    let desk = Desk::new().await;
    let preferences = Preferences {
        theme: "dark".into(),
        ..Preferences::default()
    };
    desk.app
        .save_preferences(SavePreferences {
            preferences: preferences.clone(),
        })
        .expect("kept");
    let other = app(desk.folder.path());
    assert_eq!(other.get_preferences(GetPreferences {}).expect("read"), preferences);
}

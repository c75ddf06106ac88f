//! Overview, performance and risk: hand-worked small ledgers, and the sums that must hold on the demo firm.

use apex_app::App;
use apex_domain::{Currency, Date, Decimal, InstrumentId};
use apex_store::{Changes, CorporateAction, CorporateEvent, Edit, PriceBar, PriceBatch, RateBatch};
use apex_testkit::Ledger;
use apex_wire::overview::GetOverview;
use apex_wire::performance::{GetPerformance, Performance};
use apex_wire::risk::{GetRisk, Risk};
use apex_wire::session::{NewBook, Session};
use apex_wire::{Amount, Figure, Statistic, View};
use rust_decimal::prelude::ToPrimitive;

use crate::desk::{created, moment};

/// A book of one written ledger.
pub(crate) struct Small {
    pub(crate) app: App,
    pub(crate) view: View,
    _folder: tempfile::TempDir,
}

impl Small {
    pub(crate) async fn new(as_of: &str, text: &str) -> Self {
        Self::with_actions(as_of, text, |_| Vec::new()).await
    }

    async fn with_actions(as_of: &str, text: &str, actions: impl Fn(InstrumentId) -> Vec<CorporateAction>) -> Self {
        let ledger = Ledger::parse(text).expect("a ledger");
        let folder = tempfile::tempdir().expect("a folder");
        let app = created(folder.path(), NewBook::Empty("Small".into())).await;
        let known_at = moment(2).now;
        let prices = ledger.instruments.iter().map(|one| {
            let (dates, values) = ledger.prices.columns(one.id);
            let bars = dates
                .iter()
                .zip(values)
                .map(|(day, price)| PriceBar::close(*day, *price))
                .collect();
            PriceBatch {
                instrument: one.id,
                source: "by hand".into(),
                known_at,
                bars,
                withdrawn: Vec::new(),
            }
        });
        let rates = ledger.prices.fx.pairs().map(|((base, target), dates, values)| {
            let rates = dates.iter().copied().zip(values.iter().copied()).collect();
            RateBatch {
                base,
                target,
                source: "by hand".into(),
                known_at,
                rates,
                withdrawn: Vec::new(),
            }
        });
        let changes = Changes {
            instruments: ledger.instruments.iter().cloned().map(Edit::new).collect(),
            portfolios: vec![Edit::new(ledger.portfolio.clone())],
            accounts: ledger.accounts.iter().cloned().map(Edit::new).collect(),
            actions: ledger.instruments.iter().flat_map(|one| actions(one.id)).collect(),
            prices: prices.collect(),
            rates: rates.collect(),
            transactions: ledger.transactions.clone(),
            import: None,
        };
        app.apply(changes, &moment(3)).await.expect("applied");
        let as_of = Some(as_of.parse().expect("a day"));
        let view = View {
            as_of,
            ..app.view(None, None, None).expect("a view")
        };
        Self {
            app,
            view,
            _folder: folder,
        }
    }

    fn risk(&self, level: f64, window: usize) -> Risk {
        let ask = GetRisk {
            view: self.view,
            level,
            horizon: 1,
            window,
            correlation_size: 10,
        };
        self.app.get_risk(ask).expect("risk")
    }

    fn performance(&self, from: Option<Date>) -> Performance {
        self.app
            .get_performance(GetPerformance {
                view: self.view,
                from,
                rolling: 0,
            })
            .expect("performance")
    }
}

fn number(figure: &Statistic) -> f64 {
    figure.known().copied().unwrap_or_else(|| panic!("{figure:?}"))
}

fn amount(figure: &Amount) -> Decimal {
    figure.known().copied().unwrap_or_else(|| panic!("{figure:?}"))
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-12
}

/// Ten shares and no cash; returns of 10%, -10%, 0 and 10%.
const FOUR_DAYS: &str = "
    2026-01-05  deposit  1000 USD
    2026-01-05  buy      ACME  10 @ 100 USD
    2026-01-05  price    ACME  100
    2026-01-06  price    ACME  110
    2026-01-07  price    ACME  99
    2026-01-08  price    ACME  99
    2026-01-09  price    ACME  108.90
";

#[tokio::test]
async fn risk_of_one_share_is_the_hand_calculation() {
    let small = Small::new("2026-01-09", FOUR_DAYS).await;
    let risk = small.risk(0.75, 250);
    let [historical, normal] = risk.measures.as_slice() else {
        panic!("two methods")
    };
    // Sorted: -10%, 0, 10%, 10%; the quantile stands at 0.75 of the way from the first to the second.
    assert!(
        near(number(&historical.var), 0.025) && near(number(&historical.es), 0.10),
        "{historical:?}"
    );
    assert_eq!(
        (historical.method.as_str(), historical.quantile.as_str()),
        ("historical", "linear")
    );
    assert_eq!(
        historical.window,
        (Date::constant(2026, 1, 6), Date::constant(2026, 1, 9), 4)
    );
    // z = 0.6744897502, deviation = sqrt(0.0275 / 3), mean = 2.5%.
    let expected = 0.674_489_750_196_081_7 * (0.0275_f64 / 3.0).sqrt() - 0.025;
    assert!((number(&normal.var) - expected).abs() < 1e-9, "{normal:?}");
    assert_eq!(amount(&historical.es_amount), "108.90".parse().expect("a decimal"));
    let worst = &risk.worst_days[0];
    assert_eq!((worst.date, worst.worst.as_str()), (Date::constant(2026, 1, 7), "ACME"));
    assert!(near(worst.result, -0.10) && amount(&worst.amount) == "-108.90".parse().expect("a decimal"));
    assert_eq!(risk.histogram.counts.iter().sum::<u64>(), 4);
    assert_eq!(risk.correlation.values, [Some(1.0)]);
    assert_eq!(risk.left_out, Vec::<String>::new());
}

#[tokio::test]
async fn a_split_is_no_loss_whether_booked_or_told_beside_the_prices() {
    let after = "
        2026-01-05  price    ACME  100
        2026-01-06  price    ACME  110
        2026-01-07  price    ACME  49.50
        2026-01-08  price    ACME  49.50
        2026-01-09  price    ACME  54.45
    ";
    let booked =
        format!("2026-01-05 deposit 1000 USD\n2026-01-05 buy ACME 10 @ 100 USD\n2026-01-07 split ACME 2:1\n{after}");
    let booked = Small::new("2026-01-09", &booked).await;
    // Bought after the split: the ledger knows nothing of it, the prices do.
    let bought = format!("2026-01-09 deposit 1089 USD\n2026-01-09 buy ACME 20 @ 54.45 USD\n{after}");
    let split = |instrument| {
        vec![CorporateAction {
            instrument,
            ex_date: Date::constant(2026, 1, 7),
            event: CorporateEvent::Split {
                ratio: "2:1".parse().expect("a ratio"),
            },
            source: "by hand".into(),
            withdrawn: false,
            known_at: moment(2).now,
        }]
    };
    let bought = Small::with_actions("2026-01-09", &bought, split).await;
    for small in [booked, bought] {
        let risk = small.risk(0.75, 250);
        assert!(near(number(&risk.measures[0].es), 0.10), "{:?}", risk.measures[0]);
        assert!(
            risk.worst_days.iter().all(|day| day.result > -0.101),
            "{:?}",
            risk.worst_days
        );
    }
}

#[tokio::test]
async fn foreign_holdings_move_with_their_rate_and_what_has_no_history_is_named() {
    let small = Small::new(
        "2026-01-07",
        "
        base EUR
        private FUND EUR
        2026-01-05  rate  USD EUR 0.90
        2026-01-06  rate  USD EUR 0.95
        2026-01-07  rate  USD EUR 0.95
        2026-01-05  deposit  3000 USD
        2026-01-05  buy   ACME  10 @ 100 USD
        2026-01-07  buy   NEW    1 @ 200 USD
        2026-01-05  deposit  500 EUR
        2026-01-05  buy   FUND  1 @ 500 EUR
        2026-01-05  price FUND  500
        2026-01-05  price ACME  100
        2026-01-06  price ACME  110
        2026-01-07  price ACME  110
        2026-01-07  price NEW   200
        ",
    )
    .await;
    let risk = small.risk(0.75, 2);
    let nav = amount(&risk.nav).to_f64().expect("a number");
    // On 6 January ACME gained 1.1 x 0.95 / 0.9 - 1 and the 1800 USD of cash 0.95 / 0.9 - 1; nothing moved on the 7th.
    let (acme, cash) = (1100.0 * 0.95 / nav, 1800.0 * 0.95 / nav);
    let day = acme * (1.1 * 0.95 / 0.9 - 1.0) + cash * (0.95 / 0.9 - 1.0);
    let best = risk
        .worst_days
        .iter()
        .find(|row| row.date == Date::constant(2026, 1, 6))
        .expect("the day");
    assert!(near(best.result, day), "{best:?} instead of {day}");
    assert_eq!(risk.left_out.len(), 2, "{:?}", risk.left_out);
    assert!(
        risk.left_out[0].starts_with("FUND, ") && risk.left_out[0].contains("private asset"),
        "{:?}",
        risk.left_out
    );
    assert!(
        risk.left_out[1].starts_with("NEW, ") && risk.left_out[1].contains("no price"),
        "{:?}",
        risk.left_out
    );
    let cash = risk
        .components
        .iter()
        .find(|part| part.symbol == "Cash USD")
        .expect("a part for cash");
    assert_eq!(cash.instrument, None);
}

#[tokio::test]
async fn the_worked_time_weighted_return_comes_from_the_ledger() {
    let small = Small::new(
        "2026-02-04",
        "
        2026-01-05  deposit  100000 USD
        2026-01-05  buy      ACME  1000 @ 100 USD
        2026-01-05  price    ACME  100
        2026-01-19  price    ACME  110
        2026-01-20  deposit  50000 USD
        2026-01-20  price    ACME  110
        2026-02-04  price    ACME  102
        ",
    )
    .await;
    // 1.10 x 152/160 - 1, the reference list's 4.50%.
    let page = small.performance(None);
    assert!(near(number(&page.twr), 0.045), "{:?}", page.twr);
    assert_eq!(
        (amount(&page.gain), amount(&page.net_flows)),
        (Decimal::from(2_000), Decimal::from(150_000))
    );
    assert!(
        page.mwr.known().is_some_and(|rate| *rate > 0.0 && *rate < 1.0),
        "{:?}",
        page.mwr
    );
    let parts: f64 = page.contribution.iter().map(|row| number(&row.contribution)).sum();
    assert!(near(parts, 0.045), "{parts}");
    assert_eq!(page.benchmark, None);
    let since = small.performance(Some(Date::constant(2026, 1, 20)));
    assert!(near(number(&since.twr), 152.0 / 160.0 - 1.0) && amount(&since.gain) == Decimal::from(-8_000));
    let overview = small
        .app
        .get_overview(GetOverview { view: small.view })
        .expect("an overview");
    assert_eq!(
        (amount(&overview.nav), amount(&overview.cash)),
        (Decimal::from(152_000), Decimal::from(50_000))
    );
    assert!(near(number(&overview.gross_exposure), 102.0 / 152.0));
    assert_eq!(overview.currency, Currency::USD);
}

#[tokio::test]
async fn an_exercise_pays_the_strike_for_the_shares() {
    let small = Small::new(
        "2026-06-22",
        "
        option  C100 call ACME 100 2026-06-19 x100
        2026-06-01  deposit  100000 USD
        2026-06-01  buy      C100  2 @ 5 USD
        2026-06-01  price    C100  5
        2026-06-01  price    ACME  100
        2026-06-18  price    C100  8
        2026-06-18  price    ACME  108
        2026-06-19  option_exercise  C100  2
        2026-06-19  price    ACME  110
        2026-06-22  price    ACME  112
        ",
    )
    .await;
    // 200 shares worth 110 for 100 each, then 112: 2,400. The options, worth 1,600 the day before, are gone: bought for
    // 1,000, they lost that.
    let page = small.performance(None);
    let earned = |label: &str| {
        let row = page.contribution.iter().find(|row| row.label == label);
        row.map(|row| amount(&row.amount)).expect(label)
    };
    assert_eq!(
        (earned("ACME"), earned("C100")),
        (Decimal::from(2_400), Decimal::from(-1_000))
    );
    assert_eq!(amount(&page.gain), Decimal::from(1_400));
}

#[tokio::test]
async fn a_missing_value_is_the_reason_and_not_what_follows_from_it() {
    let small = Small::new(
        "2026-01-09",
        "2026-01-05 deposit 1000 USD\n2026-01-05 buy ACME 10 @ 100 USD",
    )
    .await;
    let performance = small.performance(None);
    assert!(
        matches!(&performance.mwr, Figure::Unavailable(because) if because.contains("no price")),
        "{:?}",
        performance.mwr
    );
    let risk = small.risk(0.99, 250);
    assert!(
        risk.left_out.is_empty(),
        "said once, as the reason: {:?}",
        risk.left_out
    );
    let before = View {
        as_of: Some(Date::constant(2026, 1, 2)),
        ..small.view
    };
    let ask = |from| GetPerformance {
        view: before,
        from,
        rolling: 0,
    };
    for from in [None, Some(Date::constant(2026, 1, 1))] {
        let refused = small.app.get_performance(ask(from)).expect_err("nothing yet");
        assert_eq!(
            (refused.field, refused.sentence.as_str()),
            (None, "Core has no transactions up to 2026-01-02")
        );
    }
}

#[tokio::test]
async fn a_book_without_history_says_why_there_is_no_risk() {
    let small = Small::new(
        "2026-01-05",
        "2026-01-05 deposit 1000 USD\n2026-01-05 buy ACME 10 @ 100 USD",
    )
    .await;
    let risk = small.risk(0.99, 250);
    assert!(
        matches!(&risk.measures[0].var, Figure::Unavailable(because) if because.contains("no price")),
        "{risk:?}"
    );
    assert!(risk.components.is_empty() && risk.worst_days.is_empty());
    let ask = GetRisk {
        view: small.view,
        level: 1.5,
        horizon: 1,
        window: 250,
        correlation_size: 5,
    };
    let refused = small.app.get_risk(ask).expect_err("a level above one");
    assert_eq!(refused.field.as_deref(), Some("level"));
}

#[tokio::test]
async fn on_the_demo_every_part_adds_up_to_its_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let Session::Open(session) = app.session().expect("open") else {
        panic!("not open")
    };
    for portfolio in &session.portfolios {
        let view = app.view(Some(&portfolio.name), None, None).expect("a view");
        for from in [
            None,
            Some(Date::constant(2021, 12, 31)),
            Some(Date::constant(2022, 11, 30)),
        ] {
            let page = app
                .get_performance(GetPerformance {
                    view,
                    from,
                    rolling: 252,
                })
                .expect("performance");
            let twr = number(&page.twr);
            let parts: f64 = page.contribution.iter().map(|row| number(&row.contribution)).sum();
            assert!(
                (parts - twr).abs() < 1e-9,
                "{}: contributions of {parts} to {twr}",
                portfolio.name
            );
            let gains: Decimal = page.contribution.iter().map(|row| amount(&row.amount)).sum();
            let off = (gains - amount(&page.gain)).abs();
            assert!(
                off < Decimal::from(5),
                "{}: gains of {gains} to {}",
                portfolio.name,
                amount(&page.gain)
            );
            let last = page.growth[0].y.last().copied().flatten().expect("a last value");
            assert!(near(last / 100.0 - 1.0, twr));
            let years: f64 = page
                .monthly
                .iter()
                .filter_map(|row| row.total)
                .map(|total| 1.0 + total)
                .product();
            assert!(
                (years - 1.0 - twr).abs() < 1e-9,
                "{}: years make {years}",
                portfolio.name
            );
            assert!(
                page.statistics.iter().all(|row| row.portfolio.known().is_some()),
                "{:?}",
                page.statistics
            );
            assert_eq!(page.benchmark.is_some(), portfolio.benchmark.is_some());
        }
        for (level, horizon) in [(0.95, 1), (0.99, 1), (0.99, 10)] {
            let ask = GetRisk {
                view,
                level,
                horizon,
                window: 500,
                correlation_size: 12,
            };
            let risk = app.get_risk(ask).expect("risk");
            let [historical, normal] = risk.measures.as_slice() else {
                panic!("two methods")
            };
            let (var, es) = (number(&historical.var), number(&historical.es));
            assert!(
                es >= var && var > 0.0 && number(&normal.es) > number(&normal.var),
                "{}",
                portfolio.name
            );
            let var_parts: f64 = risk.components.iter().map(|part| part.var).sum();
            let es_parts: f64 = risk.components.iter().map(|part| part.es).sum();
            assert!(
                near(var_parts, var) && near(es_parts, es),
                "{}: {var_parts} to {var}",
                portfolio.name
            );
            let size = risk.correlation.rows.len();
            assert_eq!(risk.correlation.values.len(), size * size);
            assert_eq!(historical.window.2, 500);
            let share = number(&historical.var) * amount(&risk.nav).to_f64().expect("a number");
            assert!((amount(&historical.var_amount).to_f64().expect("a number") - share).abs() < 0.006);
        }
        let overview = app.get_overview(GetOverview { view }).expect("an overview");
        for allocation in &overview.allocations {
            let sum: Decimal = allocation.slices.iter().map(|slice| amount(&slice.value)).sum();
            assert_eq!(sum, amount(&overview.nav), "{:?}", allocation.by);
        }
        for period in [&overview.day, &overview.month, &overview.year] {
            assert!(
                period.amount.known().is_some() && period.twr.known().is_some(),
                "{period:?}"
            );
        }
        assert!(!overview.movers.is_empty() && overview.nav_series.x.len() == overview.nav_series.y.len());
    }
}

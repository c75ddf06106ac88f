//! The demo firm from outside: the same seed gives the same firm, and its books hold together.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use apex_app::demo::{CorporateActionKind, DEFAULT_SEED, DemoFirm, LAST_DAY, demo_firm};
use apex_domain::{Currency, Date, Decimal, InstrumentIndex, InstrumentKind, Terms, TransactionKind};
use rust_decimal::prelude::ToPrimitive;

fn digest(firm: &DemoFirm) -> String {
    let mut rows: Vec<String> = firm
        .transactions
        .iter()
        .map(|one| one.canonical_row("", "", "", "") + &one.idempotency_key(0))
        .collect();
    rows.sort();
    blake3::hash(rows.join("\n").as_bytes()).to_string()
}

#[test]
fn a_seed_makes_one_firm_and_another_seed_another() {
    let firm = demo_firm(DEFAULT_SEED).unwrap();
    assert_eq!(firm, demo_firm(DEFAULT_SEED).unwrap());
    assert_ne!(digest(&firm), digest(&demo_firm(1).unwrap()));
}

#[test]
fn the_published_prices_adjusted_for_the_published_actions_are_the_files() {
    let firm = demo_firm(DEFAULT_SEED).unwrap();
    let files = [
        &include_bytes!("../../demo/sp500_dataset.csv.gz")[..],
        &include_bytes!("../../demo/factors_dataset.csv.gz")[..],
        &include_bytes!("../../demo/sp500_index.csv.gz")[..],
    ];
    let mut compared = 0;
    for file in files {
        let mut text = String::new();
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
        let headings: Vec<&str> = text.lines().next().unwrap().split(',').collect();
        let mut adjusted: Vec<BTreeMap<Date, f64>> = headings.iter().skip(1).map(|name| adjust(&firm, name)).collect();
        for line in text.lines().skip(1) {
            let (day, cells) = line.split_once(',').unwrap();
            let day: Date = day.parse().unwrap();
            for (column, cell) in adjusted.iter_mut().zip(cells.split(',')) {
                let Some(found) = column.remove(&day) else { continue };
                let file: f64 = cell.parse().unwrap();
                assert!((found / file - 1.0).abs() < 1e-9, "{day}: {found} is not {file}");
                compared += 1;
            }
        }
        assert!(
            adjusted.iter().all(BTreeMap::is_empty),
            "every day shown is a day of the file"
        );
    }
    // The index keeps all its days, for scenarios that replay the crises before the demo begins.
    assert_eq!(compared, 20 * 2_766 + 8_313 + 5 * 2_264);
}

/// Adjusts the raw closes of a symbol for splits, dividends and the spin-off after them.
fn adjust(firm: &DemoFirm, symbol: &str) -> BTreeMap<Date, f64> {
    let id = firm
        .instruments
        .iter()
        .find(|one| one.symbol() == symbol)
        .expect("a symbol of the demo")
        .id;
    let closes = &firm
        .prices
        .iter()
        .find(|one| one.instrument == id)
        .expect("a symbol of the demo")
        .closes;
    let mut actions = firm.actions.iter().filter(|one| one.instrument == id).rev().peekable();
    let mut factor = 1.0;
    let mut adjusted = BTreeMap::new();
    for pair in closes.windows(2).rev() {
        let [(_, before), (day, close)] = pair else {
            unreachable!()
        };
        adjusted.insert(*day, close.to_f64().expect("a number") * factor);
        let before = before.to_f64().expect("a number");
        while let Some(action) = actions.next_if(|action| action.ex_date == *day) {
            factor *= match &action.kind {
                CorporateActionKind::Dividend { amount: paid } | CorporateActionKind::SpinOff { value: paid, .. } => {
                    1.0 - paid.to_f64().expect("a number") / before
                }
                CorporateActionKind::Split { ratio } => f64::from(ratio.denominator()) / f64::from(ratio.numerator()),
            };
        }
    }
    let (day, close) = closes[0];
    adjusted.insert(day, close.to_f64().expect("a number") * factor);
    assert!(actions.peek().is_none(), "every action falls on a day with a price");
    adjusted
}

#[test]
fn the_firm_has_what_a_firm_has() {
    let firm = demo_firm(DEFAULT_SEED).unwrap();
    assert_eq!(firm.today, LAST_DAY);
    let bases: BTreeSet<Currency> = firm.portfolios.iter().map(|one| one.currency).collect();
    assert_eq!((firm.portfolios.len(), bases.len()), (3, 2));
    let methods: BTreeSet<_> = firm.accounts.iter().map(|one| one.lot_method).collect();
    assert_eq!(methods.len(), 5);
    let found: BTreeSet<TransactionKind> = firm.transactions.iter().map(|one| one.kind).collect();
    let absent: Vec<_> = TransactionKind::ALL
        .into_iter()
        .filter(|kind| !found.contains(kind))
        .collect();
    assert_eq!(
        absent,
        [TransactionKind::Merger, TransactionKind::Accrual, TransactionKind::Tax]
    );
    assert!(firm.transactions.iter().all(|one| one.trade_date <= LAST_DAY));
    assert!(
        firm.transactions.iter().any(|one| one.settle_date > LAST_DAY),
        "something still settles"
    );
    assert!(firm.transactions.iter().any(|one| one.reverses.is_some()));
    InstrumentIndex::new(&firm.instruments).expect("no symbol belongs to two");
    let ids: BTreeSet<_> = firm.transactions.iter().map(|one| one.idempotency_key(0)).collect();
    assert_eq!(ids.len(), firm.transactions.len());
}

#[test]
fn what_is_made_up_says_so() {
    let firm = demo_firm(DEFAULT_SEED).unwrap();
    for history in &firm.prices {
        let instrument = firm
            .instruments
            .iter()
            .find(|one| one.id == history.instrument)
            .unwrap();
        assert_eq!(
            instrument.simulated,
            history.source.contains("(simulated)"),
            "{}",
            instrument.name
        );
        match instrument.kind {
            InstrumentKind::Index => assert!(history.source.contains("price index")),
            InstrumentKind::Equity | InstrumentKind::Etf => assert!(history.source.contains("simulated")),
            _ => assert!(instrument.simulated, "{}", instrument.name),
        }
    }
    assert!(firm.fx.iter().all(|one| one.source.contains("(simulated)")));
}

#[test]
fn nobody_spends_money_they_have_not() {
    for seed in [DEFAULT_SEED, 3] {
        let firm = demo_firm(seed).unwrap();
        let reversed: BTreeSet<_> = firm.transactions.iter().filter_map(|one| one.reverses).collect();
        let mut cash: BTreeMap<_, Decimal> = BTreeMap::new();
        for one in &firm.transactions {
            if one.reverses.is_some() || reversed.contains(&one.id) {
                continue;
            }
            let instrument = one
                .instrument
                .and_then(|id| firm.instruments.iter().find(|known| known.id == id));
            let multiplier = instrument.map_or(Decimal::ONE, apex_domain::Instrument::multiplier);
            let accrued = one.detail().accrued_interest.unwrap_or_default();
            let charges = one.fees + one.taxes;
            let sign = if one.detail().short {
                Decimal::NEGATIVE_ONE
            } else {
                Decimal::ONE
            };
            use TransactionKind as Kind;
            let moved = match one.kind {
                Kind::Deposit | Kind::Interest => one.amount(),
                Kind::Withdrawal | Kind::Fee | Kind::Tax => -one.amount(),
                Kind::Dividend | Kind::BondCoupon => sign * one.amount() - charges,
                Kind::Buy | Kind::Cover => -one.trade_value(multiplier) - accrued - charges,
                Kind::Sell | Kind::Short => one.trade_value(multiplier) + accrued - charges,
                Kind::BondRedemption => one.quantity,
                Kind::SpinOff => one.detail().cash_in_lieu.unwrap_or_default(),
                Kind::Fx => {
                    let (base, _) = instrument.and_then(apex_domain::Instrument::pair).unwrap();
                    *cash.entry((one.account, base)).or_default() += sign * one.quantity;
                    -sign * one.quantity * one.price
                }
                Kind::OptionExercise => match instrument.map(|known| &known.terms) {
                    Some(Terms::Option {
                        strike,
                        right,
                        contract_size,
                        ..
                    }) => {
                        let buys = (*right == apex_domain::OptionRight::Call) != one.detail().short;
                        let value = one.quantity * strike * contract_size;
                        if buys { -value } else { value }
                    }
                    _ => unreachable!("only options are exercised"),
                },
                _ => Decimal::ZERO,
            };
            let left = cash.entry((one.account, one.currency)).or_default();
            *left += moved;
            assert!(*left >= Decimal::ZERO, "seed {seed}: {left} after {one:?}");
        }
    }
}

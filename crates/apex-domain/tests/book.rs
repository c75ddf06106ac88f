//! A book under edits: what is refused, what is known when, and which records are one fact.

use apex_domain::{Book, Date, Decimal, Refusal, Timestamp, TransactionId};
use apex_testkit::Ledger;

fn ledger(table: &str) -> Ledger {
    Ledger::parse(table).expect("the table is well formed")
}

fn held(book: &Book) -> Decimal {
    book.holdings(Date::MAX).iter().map(|holding| holding.quantity).sum()
}

#[test]
fn an_edit_that_makes_a_later_sell_impossible_is_refused_and_changes_nothing() {
    let ledger = ledger(
        "
        2026-01-05  buy   ACME  10 @ 90 USD id A
        2026-03-02  sell  ACME   8 @ 95 USD id B
        ",
    );
    let mut book = ledger.book();
    let before = book.state();
    let buy = ledger.named("A").expect("A is in the table");
    let err = book.remove(buy.id).expect_err("the sell needs it");
    assert_eq!(
        err.to_string(),
        "sell of 8 ACME on 2026-03-02 but only 0 are held in account Main"
    );
    let reversal = buy.reversal(TransactionId::from_bytes([9; 16]), Timestamp::UNIX_EPOCH, "");
    assert!(book.insert(reversal).is_err());
    assert_eq!(book.state(), before);
}

#[test]
fn a_backdated_trade_changes_the_lots_of_later_ones() {
    let ledger = ledger(
        "
        2026-01-05  buy   ACME  10 @ 100 USD
        2026-03-02  sell  ACME  10 @ 120 USD
        2026-01-02  buy   ACME  10 @  90 USD id LATE
        ",
    );
    let mut book = Book::build(ledger.reference(), ledger.transactions[..2].to_vec(), None);
    assert_eq!(book.closed_lots()[0].gain_local(), Decimal::from(200));
    book.insert(ledger.transactions[2].clone()).expect("it fits");
    assert_eq!(book.closed_lots()[0].gain_local(), Decimal::from(300));
    assert_eq!(book.state(), book.full_fold().state());
}

#[test]
fn a_book_shows_what_was_known_at_an_instant() {
    let ledger = ledger(
        "
        2026-01-05  buy  ACME  10 @ 100 USD id A known 2026-01-05T18:00:00Z
        2026-01-06  buy  ACME   5 @ 100 USD      known 2026-02-01T09:00:00Z
        ",
    );
    let known = |instant: &str| {
        let instant: Timestamp = instant.parse().expect("an instant");
        held(&Book::build(
            ledger.reference(),
            ledger.transactions.clone(),
            Some(instant),
        ))
    };
    assert_eq!(known("2026-01-31T00:00:00Z"), Decimal::from(10));
    assert_eq!(known("2026-02-02T00:00:00Z"), Decimal::from(15));
}

#[test]
fn a_correction_known_later_leaves_the_earlier_report_as_it_was() {
    let ledger = ledger("2026-01-05  buy  ACME  10 @ 100 USD id A known 2026-01-05T18:00:00Z");
    let corrected: Timestamp = "2026-02-01T00:00:00Z".parse().expect("an instant");
    let mut facts = ledger.transactions.clone();
    facts.push(facts[0].reversal(TransactionId::from_bytes([9; 16]), corrected, "typed twice"));
    let at = |instant: &str| {
        let instant: Timestamp = instant.parse().expect("an instant");
        held(&Book::build(ledger.reference(), facts.clone(), Some(instant)))
    };
    assert_eq!(
        (at("2026-01-31T00:00:00Z"), at("2026-02-01T00:00:00Z")),
        (Decimal::from(10), Decimal::ZERO)
    );
}

#[test]
fn a_reversal_needs_an_original_and_is_not_reversed_itself() {
    let ledger = ledger("2026-01-05  buy  ACME  10 @ 100 USD id A");
    let original = &ledger.transactions[0];
    let reversal = original.reversal(TransactionId::from_bytes([9; 16]), Timestamp::UNIX_EPOCH, "");
    let mut empty = Book::new(ledger.reference());
    assert_eq!(
        empty.insert(reversal.clone()),
        Err(Refusal::UnknownTransaction {
            transaction: original.id
        })
    );
    let mut book = ledger.book();
    book.insert(reversal.clone()).expect("the original is there");
    assert_eq!(
        book.insert(reversal.clone()),
        Err(Refusal::Duplicate {
            transaction: reversal.id
        })
    );
    let again = reversal.reversal(TransactionId::from_bytes([8; 16]), Timestamp::UNIX_EPOCH, "");
    assert_eq!(
        book.insert(again),
        Err(Refusal::ReversesReversal {
            transaction: reversal.id
        })
    );
    assert!(book.effective().next().is_none());
}

#[test]
fn two_identical_fills_with_different_ids_are_two_facts() {
    let ledger = ledger(
        "
        2026-01-05  buy  ACME  10 @ 100 USD id F1
        2026-01-05  buy  ACME  10 @ 100 USD id F2
        2026-01-05  buy  ACME  10 @ 100 USD id F1
        2026-01-05  buy  ACME  10 @ 100 USD
        2026-01-05  buy  ACME  10 @ 100.00 USD
        ",
    );
    let key = |index: usize, occurrence| ledger.transactions[index].idempotency_key(occurrence);
    assert_ne!(key(0, 0), key(1, 0));
    assert_eq!(key(0, 0), key(2, 0));
    assert_eq!(key(3, 0), key(4, 0));
    assert_ne!(key(3, 0), key(4, 1));
}

#[test]
fn rates_cross_through_a_common_currency_of_the_same_day() {
    let ledger = ledger(
        "
        2026-01-05  rate  EUR USD 1.25
        2026-01-05  rate  EUR GBP 0.80
        2026-01-06  rate  EUR USD 1.20
        ",
    );
    let (usd, gbp) = (apex_domain::Currency::USD, apex_domain::Currency::GBP);
    let crossed = ledger
        .prices
        .fx(usd, gbp, Date::constant(2026, 1, 5))
        .expect("both legs are there");
    assert_eq!(
        (crossed.value, crossed.through),
        (Decimal::new(64, 2), Some(apex_domain::Currency::EUR))
    );
    let err = ledger
        .prices
        .fx(usd, gbp, Date::constant(2026, 1, 6))
        .expect_err("one leg is missing");
    assert_eq!(err.to_string(), "no rate from USD to GBP on 2026-01-06");
}

#[test]
fn a_batch_is_taken_in_whole_or_not_at_all() {
    let ledger = ledger(
        "
        2026-01-05  buy   ACME  10 @ 90 USD
        2026-01-06  sell  ACME   4 @ 95 USD
        2026-01-07  buy   NEW    5 @ 10 USD
        2026-01-08  sell  NEW    6 @ 10 USD
        2026-01-09  sell  ACME   7 @ 95 USD
        ",
    );
    let mut book = Book::new(ledger.reference());
    book.extend(ledger.transactions[..2].to_vec()).expect("both fit");
    let before = book.state();
    let refused = book
        .extend(ledger.transactions[2..].to_vec())
        .expect_err("two do not fit");
    let ids: Vec<TransactionId> = refused.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, [ledger.transactions[3].id, ledger.transactions[4].id]);
    assert_eq!(book.state(), before);
    let again = book.extend(ledger.transactions[..1].to_vec()).expect_err("it is there");
    assert_eq!(
        again,
        [(
            ledger.transactions[0].id,
            Refusal::Duplicate {
                transaction: ledger.transactions[0].id
            }
        )]
    );
    book.extend(ledger.transactions[2..3].to_vec()).expect("it fits");
    assert_eq!(book.state(), book.full_fold().state());
}

#[test]
fn a_late_rate_gives_the_gains_that_were_unknown() {
    let mut ledger = ledger(
        "
        base EUR
        2026-01-05  buy   ACME  100 @ 50 USD
        2026-02-02  sell  ACME  100 @ 60 USD fx 0.95
        ",
    );
    let book = ledger.book();
    assert_eq!(book.closed_lots()[0].gain(), None);
    let (usd, eur) = (apex_domain::Currency::USD, apex_domain::Currency::EUR);
    ledger
        .prices
        .fx
        .set(usd, eur, Date::constant(2026, 1, 5), Decimal::new(90, 2));
    let book = book.with_reference(ledger.reference());
    assert_eq!(
        book.closed_lots()[0].gain().map(|gain| gain.total),
        Some(Decimal::from(1_200))
    );
}

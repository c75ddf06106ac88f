//! Worked examples of the ledger: lots, currencies, corporate actions, shorts, cash and value.

use apex_domain::{Book, Gain};
use apex_wire::check::CheckCase;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::sheet::Sheet;
use crate::fold::PRICE_AGE_DAYS_MAX;

/// What an example reads from a folded sheet; `None` where the book does not say.
type Read = fn(&Sheet, &Book) -> Option<Decimal>;

const LAST: Date = Date::constant(2026, 12, 31);
const REFERENCE: &str = "reference list of worked numbers, recomputed from the formulas";
const HAND: &str = "hand calculation";

const LOTS: &str = "stock ACME USD; 2026-01-05 buy ACME 100 @ 10; 2026-02-02 buy ACME 100 @ 12; 2026-03-02 buy ACME 100 @ 15; 2026-04-01 sell ACME 150 @ 14";
const PICKED: &str = "lots specific; stock ACME USD; 2026-01-05 buy ACME 100 @ 10; 2026-02-02 buy ACME 100 @ 12; 2026-03-02 buy ACME 100 @ 15; 2026-04-01 sell ACME 150 @ 14 lot 1 100 lot 3 50";
const FOREIGN: &str = "base EUR; stock ACME USD; 2026-01-05 rate USD EUR 0.90; 2026-12-31 rate USD EUR 0.95; 2026-01-05 buy ACME 100 @ 50; 2026-12-31 price ACME 60";
const FOREIGN_SOLD: &str = "base EUR; stock ACME USD; 2026-01-05 rate USD EUR 0.90; 2026-12-31 rate USD EUR 0.95; 2026-01-05 buy ACME 100 @ 50; 2026-12-31 sell ACME 100 @ 60";
const SPLIT: &str = "stock ACME USD; 2026-01-05 buy ACME 100 @ 70; 2026-02-02 split ACME 7:1";
const REVERSE_SPLIT: &str = "stock ACME USD; 2026-01-05 buy ACME 100 @ 7; 2026-02-02 split ACME 1:10";
const SPIN_OFF: &str =
    "stock ACME USD; stock NEW USD; 2026-01-05 buy ACME 100 @ 100; 2026-02-02 spin_off ACME into NEW 1:4 basis 0.125";
const SHORT: &str = "stock ACME USD; 2026-01-05 short ACME 10 @ 50; 2026-02-02 cover ACME 10 @ 40";
const SHORT_OPEN: &str =
    "stock ACME USD; 2026-01-05 deposit 1000 USD; 2026-01-05 short ACME 10 @ 50; 2026-12-31 price ACME 45";
const CHARGES: &str = "stock ACME USD; 2026-01-05 buy ACME 10 @ 90 fees 1.20; 2026-02-02 sell ACME 4 @ 100 fees 0.50";
const SETTLING: &str = "stock ACME USD; 2026-12-30 deposit 1000 USD; 2026-12-31 buy ACME 10 @ 90 settle 2027-01-04";
const DIVIDEND: &str = "stock ACME USD; 2026-01-05 buy ACME 10 @ 90; 2026-02-02 dividend ACME 10 @ 0.50 taxes 0.75";
const VALUED: &str =
    "stock ACME USD; 2026-01-05 deposit 1000 USD; 2026-01-05 buy ACME 10 @ 90; 2026-12-31 price ACME 96";
const REVERSED: &str = "stock ACME USD; 2026-01-05 buy ACME 10 @ 90; 2026-02-02 buy ACME 5 @ 96; 2026-03-02 reverse 2";
const THIRDS: &str = "stock ACME USD; 2026-01-05 buy ACME 3 @ 33.33 fees 0.01; 2026-02-02 sell ACME 1 @ 40; 2026-02-03 sell ACME 1 @ 40; 2026-02-04 sell ACME 1 @ 40";

/// Returns the examples.
pub(super) fn cases() -> Vec<CheckCase> {
    let mut cases = Vec::new();
    for (method, gain, basis) in [
        ("fifo", "500", "2100"),
        ("lifo", "0", "1600"),
        ("hifo", "0", "1600"),
        ("average", "250", "1850"),
    ] {
        let sheet = format!("lots {method}; {LOTS}");
        cases.push(case(
            &format!("Gain of 150 sold at 14, {method}"),
            "Lots",
            REFERENCE,
            &sheet,
            gain,
            realized,
        ));
        cases.push(case(
            &format!("Cost of what is left, {method}"),
            "Lots",
            REFERENCE,
            &sheet,
            basis,
            open_cost,
        ));
    }
    cases.push(case(
        "Gain of 150 sold at 14, lots named",
        "Lots",
        HAND,
        PICKED,
        "350",
        realized,
    ));
    cases.push(case(
        "Cost of what is left, lots named",
        "Lots",
        HAND,
        PICKED,
        "1950",
        open_cost,
    ));
    for (name, expected, read) in [
        (
            "Unrealized gain in another currency",
            "1200",
            (|sheet, book| unrealized(sheet, book).map(|gain| gain.total)) as Read,
        ),
        ("of which price", "900", |sheet, book| {
            unrealized(sheet, book).map(|gain| gain.price)
        }),
        ("of which currency", "250", |sheet, book| {
            unrealized(sheet, book).map(|gain| gain.fx)
        }),
        ("of which both together", "50", |sheet, book| {
            unrealized(sheet, book).map(|gain| gain.cross)
        }),
    ] {
        cases.push(case(name, "Currency", REFERENCE, FOREIGN, expected, read));
    }
    for (name, expected, read) in [
        (
            "Realized gain in another currency",
            "1200",
            (|_, book| closed(book).map(|gain| gain.total)) as Read,
        ),
        ("of which price, sold", "900", |_, book| {
            closed(book).map(|gain| gain.price)
        }),
        ("of which currency, sold", "250", |_, book| {
            closed(book).map(|gain| gain.fx)
        }),
        ("of which both together, sold", "50", |_, book| {
            closed(book).map(|gain| gain.cross)
        }),
    ] {
        cases.push(case(name, "Currency", REFERENCE, FOREIGN_SOLD, expected, read));
    }
    let actions = "Corporate actions";
    cases.push(case("Shares after 7 for 1", actions, REFERENCE, SPLIT, "700", held));
    cases.push(case("Cost after 7 for 1", actions, REFERENCE, SPLIT, "7000", open_cost));
    cases.push(case("Shares after 1 for 10", actions, HAND, REVERSE_SPLIT, "10", held));
    cases.push(case(
        "Cost of the old share after a spin-off",
        actions,
        REFERENCE,
        SPIN_OFF,
        "8750",
        held_cost,
    ));
    cases.push(case(
        "Cost of the new share after a spin-off",
        actions,
        REFERENCE,
        SPIN_OFF,
        "1250",
        |sheet, book| {
            let id = sheet.id("NEW")?;
            book.holdings(LAST)
                .into_iter()
                .find(|one| one.instrument == id)
                .map(|one| one.cost)
        },
    ));
    cases.push(case(
        "New shares after a spin-off of 1 for 4",
        actions,
        HAND,
        SPIN_OFF,
        "25",
        |sheet, book| {
            let id = sheet.id("NEW")?;
            book.holdings(LAST)
                .into_iter()
                .find(|one| one.instrument == id)
                .map(|one| one.quantity)
        },
    ));
    cases.push(case(
        "Gain of a short covered lower",
        "Shorts",
        HAND,
        SHORT,
        "100",
        realized,
    ));
    cases.push(case(
        "Quantity of an open short",
        "Shorts",
        HAND,
        SHORT_OPEN,
        "-10",
        held,
    ));
    cases.push(case(
        "Value of a book with an open short",
        "Shorts",
        HAND,
        SHORT_OPEN,
        "1050",
        nav,
    ));
    cases.push(case(
        "Unrealized gain of an open short",
        "Shorts",
        HAND,
        SHORT_OPEN,
        "50",
        |sheet, book| unrealized(sheet, book).map(|gain| gain.total),
    ));
    cases.push(case(
        "Gain after the charges of both trades",
        "Lots",
        HAND,
        CHARGES,
        "39.02",
        realized,
    ));
    cases.push(case(
        "Three thirds sold leave nothing over",
        "Lots",
        HAND,
        THIRDS,
        "20",
        realized,
    ));
    cases.push(case(
        "A reversed purchase is as if never made",
        "Lots",
        HAND,
        REVERSED,
        "10",
        held,
    ));
    cases.push(case(
        "Cash by trade date before settlement",
        "Cash",
        HAND,
        SETTLING,
        "100",
        |_, book| book.cash(LAST).first().map(|cash| cash.traded),
    ));
    cases.push(case(
        "Cash that is settled",
        "Cash",
        HAND,
        SETTLING,
        "1000",
        |_, book| book.cash(LAST).first().map(|cash| cash.settled),
    ));
    cases.push(case(
        "Cash after a dividend less tax withheld",
        "Cash",
        HAND,
        DIVIDEND,
        "-895.75",
        |_, book| book.cash(LAST).first().map(|cash| cash.traded),
    ));
    cases.push(case(
        "Net asset value of cash and shares",
        "Value",
        HAND,
        VALUED,
        "1060",
        nav,
    ));
    cases.push(missing_rate());
    cases
}

/// Runs one example; amounts of the ledger agree to the last decimal.
fn case(name: &str, group: &str, source: &str, text: &str, expected: &str, read: Read) -> CheckCase {
    let found = Sheet::read(text).and_then(|sheet| {
        let book = sheet.book();
        if let Some((_, refusal)) = book.refusals().first() {
            return Err(refusal.to_string());
        }
        read(&sheet, &book).ok_or_else(|| "undefined".to_owned())
    });
    let actual = found.map_or_else(|why| why, |found| found.normalize().to_string());
    CheckCase {
        name: name.to_owned(),
        group: group.to_owned(),
        source: source.to_owned(),
        inputs: text.to_owned(),
        ok: actual == expected,
        expected: expected.to_owned(),
        actual,
        tolerance: "exact".to_owned(),
    }
}

/// A value without a rate is unavailable because, and never zero.
fn missing_rate() -> CheckCase {
    let text = "base EUR; stock ACME USD; 2026-01-05 rate USD EUR 0.90; 2026-01-05 buy ACME 100 @ 50; 2026-12-31 price ACME 60";
    let expected = "no rate from USD to EUR on 2026-12-31";
    let actual = match Sheet::read(text) {
        Ok(sheet) => match sheet
            .book()
            .value(sheet.portfolio.id, &sheet.prices, LAST, PRICE_AGE_DAYS_MAX)
        {
            Some(valued) => valued.nav.map_or_else(
                |because| because.sentence(|_| "ACME".to_owned()),
                |nav| nav.normalize().to_string(),
            ),
            None => "undefined".to_owned(),
        },
        Err(why) => why,
    };
    CheckCase {
        name: "Value without a rate of the day".to_owned(),
        group: "Value".to_owned(),
        source: "rule of the book of record: unavailable, because".to_owned(),
        inputs: text.to_owned(),
        ok: actual == expected,
        expected: expected.to_owned(),
        actual,
        tolerance: "exact".to_owned(),
    }
}

fn realized(_: &Sheet, book: &Book) -> Option<Decimal> {
    let closed = book.closed_lots();
    (!closed.is_empty()).then(|| closed.iter().map(apex_domain::ClosedLot::gain_local).sum())
}

/// The realized gain of all lots in base currency, by cause.
fn closed(book: &Book) -> Option<Gain> {
    book.closed_lots()
        .iter()
        .try_fold(Gain::default(), |sum, lot| Some(sum.plus(lot.gain()?)))
}

fn open_cost(_: &Sheet, book: &Book) -> Option<Decimal> {
    book.holdings(LAST)
        .first()
        .map(|one| one.lots.iter().map(|lot| lot.cost).sum())
}

fn held(sheet: &Sheet, book: &Book) -> Option<Decimal> {
    let id = sheet.id("ACME")?;
    book.holdings(LAST)
        .into_iter()
        .find(|one| one.instrument == id)
        .map(|one| one.quantity)
}

fn held_cost(sheet: &Sheet, book: &Book) -> Option<Decimal> {
    let id = sheet.id("ACME")?;
    book.holdings(LAST)
        .into_iter()
        .find(|one| one.instrument == id)
        .map(|one| one.cost)
}

fn unrealized(sheet: &Sheet, book: &Book) -> Option<Gain> {
    let id = sheet.id("ACME")?;
    let valued = book.value(sheet.portfolio.id, &sheet.prices, LAST, PRICE_AGE_DAYS_MAX)?;
    let row = valued
        .rows
        .into_iter()
        .find(|row| row.subject == apex_domain::Subject::Instrument(id))?;
    row.unrealized.ok()
}

fn nav(sheet: &Sheet, book: &Book) -> Option<Decimal> {
    book.value(sheet.portfolio.id, &sheet.prices, LAST, PRICE_AGE_DAYS_MAX)?
        .nav
        .ok()
}

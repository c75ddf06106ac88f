//! What a ledger folds to, as text for expectations.

use std::fmt::Write;

use apex_domain::{AccountId, Closing, Date, Decimal, Gain, Subject};

use crate::ledger::{Ledger, Show};

/// Reads a ledger table and reports its lots, what was refused, and what the table asks to show.
///
/// # Panics
/// When the table cannot be read, which is a mistake in the test.
///
/// ```
/// let report = apex_testkit::report("2026-01-05  buy  ACME  10 @ 90.00 USD");
/// assert_eq!(report, "ACME  open 10 @ 90.00\n");
/// ```
pub fn report(table: &str) -> String {
    let ledger = match Ledger::parse(table) {
        Ok(ledger) => ledger,
        Err(err) => panic!("{err}"),
    };
    let book = ledger.book();
    let mut text = lots(&ledger);
    for (_, refusal) in book.refusals() {
        let _ = writeln!(text, "refused: {refusal}");
    }
    for show in &ledger.shows {
        text.push_str(&match show {
            Show::Cost => String::new(),
            Show::Cash(date) => cash(&ledger, *date),
            Show::Income => income(&ledger),
            Show::Flows => flows(&ledger),
            Show::Value(date) => value(&ledger, *date),
            Show::Steps => steps(&ledger),
        });
    }
    text
}

/// Writes an amount with at least two decimals and no zeros beyond.
fn plain(amount: Decimal) -> String {
    let mut amount = amount.round_dp(8).normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount.to_string()
}

fn prefix(ledger: &Ledger, account: AccountId) -> String {
    if ledger.accounts.len() > 1 {
        format!("{}  ", ledger.account_name(account))
    } else {
        String::new()
    }
}

fn by_cause(gain: Gain) -> String {
    let [total, price, fx, cross] = [gain.total, gain.price, gain.fx, gain.cross].map(plain);
    format!("{total} = price {price} + fx {fx} + cross {cross}")
}

/// One line a lot, closed ones first, in aligned columns.
fn lots(ledger: &Ledger) -> String {
    let book = ledger.book();
    let base = ledger.portfolio.currency;
    let multiplier = |id| {
        let found = ledger.instruments.iter().find(|instrument| instrument.id == id);
        found.map_or(Decimal::ONE, |instrument| instrument.multiplier())
    };
    let unit = |cost: Decimal, quantity: Decimal, id| {
        cost.checked_div(quantity * multiplier(id))
            .map_or_else(|| "--".to_owned(), |unit| plain(unit.round_dp(6)))
    };
    let mut rows: Vec<[String; 6]> = Vec::new();
    for lot in book.closed_lots() {
        let verb = match lot.closing {
            Closing::Trade | Closing::Merger => "closed",
            Closing::CashInLieu => "paid out",
            Closing::Transfer => "transferred",
            Closing::Exercise => "exercised",
        };
        let causes = match lot.gain() {
            _ if lot.currency == base => String::new(),
            Some(gain) => format!("  {base} {}", by_cause(gain)),
            None => format!("  {base} --"),
        };
        rows.push([
            format!("{}{}", prefix(ledger, lot.account), ledger.symbol(lot.instrument)),
            verb.to_owned(),
            lot.quantity.normalize().to_string(),
            unit(lot.cost, lot.quantity, lot.instrument),
            plain(lot.gain_local()),
            format!("{}{causes}", lot.currency),
        ]);
    }
    for holding in book.holdings(Date::MAX) {
        for lot in &holding.lots {
            let cost = if ledger.shows.contains(&Show::Cost) {
                let in_base = match lot.cost_base {
                    _ if holding.currency == base => String::new(),
                    Some(cost_base) => format!(" = {} {base}", plain(cost_base)),
                    None => format!(" = -- {base}"),
                };
                format!("  cost {} {}{in_base}", plain(lot.cost), holding.currency)
            } else {
                String::new()
            };
            rows.push([
                format!(
                    "{}{}",
                    prefix(ledger, holding.account),
                    ledger.symbol(holding.instrument)
                ),
                "open".to_owned(),
                lot.quantity.normalize().to_string(),
                unit(lot.cost, lot.quantity, holding.instrument),
                String::new(),
                cost,
            ]);
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let [name, verb, quantity, price, gain] = [0, 1, 2, 3, 4].map(width);
    let mut text = String::new();
    for [symbol, what, held, cost, made, rest] in &rows {
        let _ = write!(text, "{symbol:name$}  {what:verb$} {held:>quantity$} @ {cost:>price$}");
        let _ = if made.is_empty() {
            writeln!(text, "{rest}")
        } else {
            writeln!(text, "  gain {made:>gain$} {rest}")
        };
    }
    text
}

fn cash(ledger: &Ledger, date: Date) -> String {
    let mut text = String::new();
    for balance in ledger.book().cash(date) {
        let _ = write!(
            text,
            "{}cash {} {} settled {}",
            prefix(ledger, balance.account),
            balance.currency,
            plain(balance.traded),
            plain(balance.settled),
        );
        for (day, amount) in &balance.pending {
            let _ = write!(text, ", {} on {day}", plain(*amount));
        }
        if balance.currency != ledger.portfolio.currency {
            let cost = balance.cost_base.map_or_else(|| "--".to_owned(), plain);
            let _ = write!(text, ", cost {cost} {}", ledger.portfolio.currency);
        }
        text.push('\n');
    }
    text
}

fn income(ledger: &Ledger) -> String {
    let mut text = String::new();
    for income in ledger.book().income() {
        let symbol = income
            .instrument
            .map_or_else(|| "cash".to_owned(), |id| ledger.symbol(id));
        let _ = write!(
            text,
            "{} {} {symbol} {} {}",
            income.date,
            income.kind,
            plain(income.amount),
            income.currency
        );
        for (name, charge) in [("fees", income.fees), ("taxes", income.taxes)] {
            if !charge.is_zero() {
                let _ = write!(text, " {name} {}", plain(charge));
            }
        }
        text.push('\n');
    }
    text
}

fn flows(ledger: &Ledger) -> String {
    let mut text = String::new();
    for flow in ledger.book().flows() {
        let _ = match flow.instrument {
            Some(id) => {
                let quantity = flow.quantity.normalize();
                writeln!(text, "{} {} {quantity} {}", flow.date, flow.kind, ledger.symbol(id))
            }
            None => writeln!(
                text,
                "{} {} {} {}",
                flow.date,
                flow.kind,
                plain(flow.amount),
                flow.currency
            ),
        };
    }
    text
}

fn steps(ledger: &Ledger) -> String {
    let mut text = String::new();
    for steps in ledger.book().quantity_steps() {
        let _ = write!(
            text,
            "{}{} held",
            prefix(ledger, steps.account),
            ledger.symbol(steps.instrument)
        );
        for (date, quantity) in &steps.steps {
            let _ = write!(text, " {quantity} from {date}", quantity = quantity.normalize());
        }
        text.push('\n');
    }
    text
}

fn value(ledger: &Ledger, date: Date) -> String {
    let book = ledger.book();
    let Some(valuation) = book.value(ledger.portfolio.id, &ledger.prices, date, 7) else {
        return String::new();
    };
    let mut text = String::new();
    let sentence = |why: &apex_domain::Unavailable| format!("-- ({})", why.sentence(|id| ledger.symbol(id)));
    for row in &valuation.rows {
        let name = match row.subject {
            Subject::Instrument(id) => ledger.symbol(id),
            Subject::Cash(currency) => format!("cash {currency}"),
        };
        let worth = row.value.as_ref().map_or_else(sentence, |value| plain(*value));
        let gain = row
            .unrealized
            .as_ref()
            .map_or_else(|_| "--".to_owned(), |gain| by_cause(*gain));
        let _ = writeln!(text, "{}{name} worth {worth} gain {gain}", prefix(ledger, row.account));
    }
    let nav = valuation.nav.as_ref().map_or_else(sentence, |nav| plain(*nav));
    let _ = writeln!(text, "nav {nav} {}", valuation.currency);
    text
}

//! Which column of a file feeds which canonical column: guessed by the headings, and where the cells then are.

mod canonical;
mod layout;

use apex_wire::import::{ColumnMapping, ImportKind};

use canonical::canonical;
pub(crate) use canonical::known;
pub use canonical::targets;
pub(crate) use layout::{Layout, Place};

/// Guesses the mapping of headings by their names. Each canonical column is fed once, by the heading that names it best.
pub fn guess(kind: ImportKind, headings: &[String]) -> Vec<ColumnMapping> {
    let plain: Vec<String> = headings.iter().map(|heading| letters(heading)).collect();
    let mut mapping: Vec<ColumnMapping> = headings
        .iter()
        .map(|heading| ColumnMapping {
            source: heading.clone(),
            target: String::new(),
            fixed: None,
        })
        .collect();
    for one in canonical(kind) {
        // Aliases are listed best first, so that a `Trade Date` wins over a `Process Date`.
        let found = one.aliases().find_map(|alias| {
            plain
                .iter()
                .position(|heading| heading == alias)
                .filter(|at| mapping[*at].target.is_empty())
        });
        let name = letters(one.name);
        let exact = plain
            .iter()
            .position(|heading| *heading == name)
            .filter(|at| mapping[*at].target.is_empty());
        if let Some(at) = exact.or(found) {
            mapping[at].target = one.name.to_owned();
        }
    }
    mapping
}

/// Says how many headings of a line are known, to find the line of headings.
pub(crate) fn recognized(kind: ImportKind, headings: &[String]) -> usize {
    guess(kind, headings)
        .iter()
        .filter(|one| !one.target.is_empty())
        .count()
}

fn letters(heading: &str) -> String {
    // What stands in brackets is a unit: `Price ($)`, `Amount (USD)`.
    let named = heading
        .split(['(', '['])
        .next()
        .filter(|named| !named.trim().is_empty())
        .unwrap_or(heading);
    named
        .chars()
        .filter(|sign| sign.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(kind: ImportKind, headings: &[&str]) -> String {
        let headings: Vec<String> = headings.iter().map(|one| (*one).to_owned()).collect();
        let targets: Vec<String> = guess(kind, &headings).into_iter().map(|one| one.target).collect();
        targets.join(",")
    }

    #[test]
    fn well_known_exports_are_recognized() {
        for (headings, expected) in [
            // Interactive Brokers, Flex query of trades.
            (
                &[
                    "ClientAccountID",
                    "CurrencyPrimary",
                    "Symbol",
                    "TradeDate",
                    "SettleDateTarget",
                    "Buy/Sell",
                    "Quantity",
                    "TradePrice",
                    "IBCommission",
                    "Taxes",
                    "TradeID",
                    "FXRateToBase",
                ][..],
                "account,currency,symbol,date,settle,kind,quantity,price,commission,taxes,external_id,fx_rate",
            ),
            // Charles Schwab.
            (
                &[
                    "Date",
                    "Action",
                    "Symbol",
                    "Description",
                    "Quantity",
                    "Price",
                    "Fees & Comm",
                    "Amount",
                ][..],
                "date,kind,symbol,note,quantity,price,fees,amount",
            ),
            // Fidelity.
            (
                &[
                    "Run Date",
                    "Account",
                    "Action",
                    "Symbol",
                    "Description",
                    "Quantity",
                    "Price ($)",
                    "Commission ($)",
                    "Fees ($)",
                    "Amount ($)",
                    "Settlement Date",
                ][..],
                "date,account,kind,symbol,note,quantity,price,commission,fees,amount,settle",
            ),
            // Robinhood.
            (
                &[
                    "Activity Date",
                    "Process Date",
                    "Settle Date",
                    "Instrument",
                    "Description",
                    "Trans Code",
                    "Quantity",
                    "Price",
                    "Amount",
                ][..],
                "date,,settle,symbol,note,kind,quantity,price,amount",
            ),
            // A German bank.
            (
                &[
                    "Buchungstag",
                    "Valuta",
                    "Umsatzart",
                    "ISIN",
                    "Stück",
                    "Kurs",
                    "Währung",
                    "Provision",
                    "Betrag",
                ][..],
                "date,settle,kind,symbol,quantity,price,currency,commission,amount",
            ),
        ] {
            assert_eq!(guessed(ImportKind::Transactions, headings), expected);
        }
        assert_eq!(
            guessed(
                ImportKind::Prices,
                &["Date", "Open", "High", "Low", "Close", "Adj Close", "Volume"]
            ),
            "date,open,high,low,close,,volume"
        );
    }
}

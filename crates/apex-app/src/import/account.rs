//! The account a row belongs to, by the names it gives of portfolio and account.
//!
//! What a row does not name is the only one there is, or, in a book without any, one that the import creates as `Main`.

use apex_domain::{Account, Currency};

use super::UNKNOWN_NAME;
use super::directory::{Directory, Unknown};
use super::row::{Bad, Outcome};

/// The name of a portfolio or an account that is created for rows without one.
const MAIN: &str = "Main";

/// Finds the account of a row; a portfolio or account that is not named is the only one there is.
pub(crate) fn find_account<T>(
    directory: &Directory,
    portfolio: &str,
    account: &str,
    currency: Option<Currency>,
    line: u64,
    outcome: &mut Outcome<T>,
) -> Result<Account, Bad> {
    let owner = if portfolio.is_empty() {
        directory.home()
    } else {
        directory.portfolio(portfolio)
    };
    let Some(owner) = owner else {
        let (name, what) = match (portfolio, directory.has_portfolios()) {
            ("", true) => {
                return Err(Bad::new(
                    "portfolio",
                    "",
                    "the row names no portfolio and the book has several",
                ));
            }
            ("", false) => (MAIN, "the book has no portfolio yet"),
            (name, _) => (name, "this portfolio is unknown"),
        };
        let Some(currency) = currency else {
            let reason = format!("{what}, and the row has no currency to create it in");
            return Err(Bad::new("portfolio", portfolio, reason));
        };
        let is_listed = |one: &Unknown| matches!(one, Unknown::Portfolio { name: known, .. } if known == name);
        if !outcome.unknown.iter().any(is_listed) {
            outcome.unknown.insert(Unknown::Portfolio {
                name: name.to_owned(),
                line,
                currency,
            });
        }
        let account = if account.is_empty() { MAIN } else { account };
        outcome.unknown.insert(Unknown::Account {
            portfolio: name.to_owned(),
            name: account.to_owned(),
        });
        let reason = format!("{what}; {UNKNOWN_NAME}");
        return Err(Bad::new("portfolio", portfolio, reason));
    };
    let found = if account.is_empty() {
        directory.only_account(owner.id)
    } else {
        directory.account(owner.id, account)
    };
    found.cloned().ok_or_else(|| {
        if account.is_empty() && directory.account(owner.id, MAIN).is_some() {
            return Bad::new(
                "account",
                "",
                format!("the row names no account and {} has several", owner.name),
            );
        }
        let name = if account.is_empty() { MAIN } else { account };
        outcome.unknown.insert(Unknown::Account {
            portfolio: owner.name.clone(),
            name: name.to_owned(),
        });
        Bad::new(
            "account",
            account,
            format!("this account is unknown in {}; {UNKNOWN_NAME}", owner.name),
        )
    })
}

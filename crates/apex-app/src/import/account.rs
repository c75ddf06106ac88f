//! The account a row belongs to, by the names it gives of portfolio and account.

use apex_domain::{Account, Currency};

use super::directory::{Directory, Unknown};
use super::row::{Bad, Outcome};

/// Finds the account of a row; a portfolio or account that is not named is the only one there is.
pub(crate) fn find_account<T>(
    directory: &Directory,
    portfolio: &str,
    account: &str,
    currency: Option<Currency>,
    outcome: &mut Outcome<T>,
) -> Result<Account, Bad> {
    let owner = if portfolio.is_empty() {
        directory.home()
    } else {
        directory.portfolio(portfolio)
    };
    let Some(owner) = owner else {
        if portfolio.is_empty() {
            return Err(Bad::new(
                "portfolio",
                "",
                "the row names no portfolio and the book has several",
            ));
        }
        let Some(currency) = currency else {
            return Err(Bad::new(
                "portfolio",
                portfolio,
                "this portfolio is unknown, and the row has no currency to create it in",
            ));
        };
        outcome.unknown.insert(Unknown::Portfolio {
            name: portfolio.to_owned(),
            currency,
        });
        let name = if account.is_empty() { "Main" } else { account };
        outcome.unknown.insert(Unknown::Account {
            portfolio: portfolio.to_owned(),
            name: name.to_owned(),
        });
        return Err(Bad::new(
            "portfolio",
            portfolio,
            "this portfolio is unknown; add it, or import with create",
        ));
    };
    let found = if account.is_empty() {
        directory.only_account(owner.id)
    } else {
        directory.account(owner.id, account)
    };
    found.cloned().ok_or_else(|| {
        if account.is_empty() && directory.account(owner.id, "Main").is_some() {
            return Bad::new(
                "account",
                "",
                format!("the row names no account and {} has several", owner.name),
            );
        }
        let name = if account.is_empty() { "Main" } else { account };
        outcome.unknown.insert(Unknown::Account {
            portfolio: owner.name.clone(),
            name: name.to_owned(),
        });
        Bad::new(
            "account",
            account,
            format!(
                "this account is unknown in {}; add it, or import with create",
                owner.name
            ),
        )
    })
}

//! Portfolios and their accounts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, InstrumentId, PortfolioId};
use crate::money::Currency;

/// A book of accounts that is valued in one base currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portfolio {
    /// The id.
    pub id: PortfolioId,
    /// The name people use; unique in a book.
    pub name: String,
    /// The base currency, in which value and gains are stated.
    pub currency: Currency,
    /// The instrument the portfolio is measured against.
    pub benchmark: Option<InstrumentId>,
}

/// An account of a portfolio: where lots are matched and cash is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The id.
    pub id: AccountId,
    /// The portfolio it belongs to.
    pub portfolio: PortfolioId,
    /// The name people use; unique in a portfolio.
    pub name: String,
    /// How closing trades choose lots, for the whole account and its whole history.
    pub lot_method: LotMethod,
}

/// How a closing trade chooses the lots it closes.
///
/// ```
/// use apex_domain::LotMethod;
///
/// assert_eq!("hifo".parse(), Ok(LotMethod::Hifo));
/// assert_eq!(LotMethod::Average.to_string(), "average");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LotMethod {
    /// The oldest lot first.
    #[default]
    Fifo,
    /// The newest lot first.
    Lifo,
    /// The lot with the smallest gain first: the highest cost of a long lot, the lowest proceeds of a short one;
    /// the oldest of equals.
    Hifo,
    /// One pool at its average cost.
    Average,
    /// The lots the trade names; the oldest first for what it leaves unnamed.
    Specific,
}

impl LotMethod {
    /// Every method, in the order menus show them.
    pub const ALL: [Self; 5] = [Self::Fifo, Self::Lifo, Self::Hifo, Self::Average, Self::Specific];

    /// Returns the name used in files and commands.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fifo => "fifo",
            Self::Lifo => "lifo",
            Self::Hifo => "hifo",
            Self::Average => "average",
            Self::Specific => "specific",
        }
    }
}

/// The text is not a lot method.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a lot method: fifo, lifo, hifo, average or specific")]
pub struct LotMethodError {
    /// The text that was read.
    pub text: String,
}

impl fmt::Display for LotMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for LotMethod {
    type Err = LotMethodError;

    fn from_str(text: &str) -> Result<Self, LotMethodError> {
        let name = text.trim().to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == name)
            .ok_or(LotMethodError { text: text.to_owned() })
    }
}

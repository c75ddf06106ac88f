//! Limits of a portfolio: what it may lose, hold or lack, now and in a scenario.
//!
//! A [`Limit`] is a document of the book; its field names are a contract. Parts are in percent of net asset value.

use apex_domain::PortfolioId;
use serde::{Deserialize, Serialize};

use crate::call::call;
use crate::{Statistic, View};

/// A limit of one portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Its name, unique in a book.
    pub name: String,
    /// The portfolio it holds for.
    pub portfolio: PortfolioId,
    /// What is limited.
    pub rule: LimitRule,
    /// Where it ends, in percent of net asset value.
    pub percent: f64,
}

/// What is limited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum LimitRule {
    /// The loss in a scenario is at most this.
    ScenarioLoss {
        /// In which one; in any where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scenario: Option<String>,
    },
    /// Value at risk is at most this: historical, one day, over two years.
    Var {
        /// The confidence, such as 0.99.
        level: f64,
    },
    /// No instrument weighs more, long or short.
    NameWeight {
        /// Which one; any where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        symbol: Option<String>,
    },
    /// No sector weighs more, long or short.
    SectorWeight {
        /// Which one; any where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sector: Option<String>,
    },
    /// Cash of all currencies is at least this.
    MinCash,
}

/// Asks for the limits of a portfolio and how the book stands to them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetLimits {
    /// Which portfolio, when.
    pub view: View,
}
call!(GetLimits => Vec<LimitEntry>, "get_limits");

/// A limit and where the book stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitEntry {
    /// The document.
    pub limit: Limit,
    /// The version in the book.
    pub version: u64,
    /// What is limited, in words.
    pub words: String,
    /// Where the book stands, as a share of net asset value.
    pub value: Statistic,
    /// What that is the share of: the symbol or sector that weighs most.
    pub whose: String,
    /// Whether the limit is broken.
    pub broken: bool,
}

/// Keeps a limit in the book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaveLimit {
    /// The document.
    pub limit: Limit,
    /// The version the edit is based on; 0 for a new one.
    pub base_version: u64,
}
call!(SaveLimit => u64, "save_limit");

/// Removes a limit from the book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RemoveLimit {
    /// Its name.
    pub name: String,
    /// The version it has.
    pub base_version: u64,
}
call!(RemoveLimit => (), "remove_limit");

/// A limit before and after a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitCheck {
    /// The limit's name.
    pub name: String,
    /// What is limited, in words.
    pub words: String,
    /// Where it ends, as a share of net asset value.
    pub limit: f64,
    /// Where the book stands before the scenario.
    pub before: Statistic,
    /// Where it stands after it.
    pub after: Statistic,
    /// What that is the share of, after it: the symbol or sector that weighs most.
    pub whose: String,
    /// Whether the limit is broken before.
    pub broken_before: bool,
    /// Whether it is broken after.
    pub broken: bool,
}

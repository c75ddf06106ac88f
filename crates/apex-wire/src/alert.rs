//! Alerts: what a person wants to be told when it happens.
//!
//! An [`Alert`] is a document of the book; its field names are a contract. It fires once when its condition begins to
//! hold, and again only after the condition has ceased to hold.

use apex_domain::InstrumentId;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::call::call;

/// One thing to be told about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Its name, unique in a book.
    pub name: String,
    /// Whose quote is watched.
    pub instrument: InstrumentId,
    /// What must happen.
    pub condition: Condition,
    /// Whether it is watched at all.
    pub enabled: bool,
}

/// What must happen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// The price is at or above this, in the instrument's currency.
    PriceAbove {
        /// The threshold.
        price: Decimal,
    },
    /// The price is at or below this.
    PriceBelow {
        /// The threshold.
        price: Decimal,
    },
    /// The change against the close before is at least this many percent, up or down; of a negative one, down only.
    Change {
        /// The threshold, not zero.
        percent: Decimal,
    },
    /// At least so many shares were traded this day.
    Volume {
        /// The threshold.
        shares: Decimal,
    },
    /// Nothing was heard for this long while the exchange is open.
    Stale {
        /// The threshold in minutes.
        minutes: u32,
    },
}

/// Asks for the alerts and for what has fired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetAlerts {}
call!(GetAlerts => Alerts, "get_alerts");

/// The alerts, and what has fired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alerts {
    /// By name.
    pub alerts: Vec<AlertEntry>,
    /// What has fired, latest first; at most 200.
    pub fired: Vec<FiredAlert>,
    /// How many of them nobody has seen.
    pub unseen: usize,
}

/// An alert of the book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertEntry {
    /// The document.
    pub alert: Alert,
    /// The version in the book.
    pub version: u64,
    /// The instrument's symbol.
    pub symbol: String,
    /// The condition in words, such as `price at or above 190.00 USD`.
    pub words: String,
    /// Whether the condition holds now, so that it will not fire before it has ceased to.
    pub holds: bool,
}

/// An alert that has fired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FiredAlert {
    /// Its number, rising.
    pub number: i64,
    /// The alert's name then.
    pub name: String,
    /// The instrument.
    pub instrument: InstrumentId,
    /// Its symbol.
    pub symbol: String,
    /// When it fired.
    pub at: Timestamp,
    /// What happened, with value and threshold: `price 190.25 USD, at or above 190.00`.
    pub sentence: String,
    /// Whether somebody has seen it.
    pub seen: bool,
}

/// Keeps an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaveAlert {
    /// The document.
    pub alert: Alert,
    /// The version the edit is based on; 0 for a new one.
    pub base_version: u64,
}
call!(SaveAlert => u64, "save_alert");

/// Removes an alert; what has fired stays listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RemoveAlert {
    /// Its name.
    pub name: String,
    /// The version it has.
    pub base_version: u64,
}
call!(RemoveAlert => (), "remove_alert");

/// Marks all that has fired as seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertsSeen {}
call!(AlertsSeen => (), "alerts_seen");

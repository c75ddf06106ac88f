//! What the workstation remembers about the person's window.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::call::call;

/// Asks for the preferences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetPreferences {}
call!(GetPreferences => Preferences, "get_preferences");

/// Keeps the preferences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavePreferences {
    /// All of them.
    pub preferences: Preferences,
}
call!(SavePreferences => (), "save_preferences");

/// What is remembered. Kept beside the book, not in it, so that it can be read before the book is unlocked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// `light`, `dark` or `system`.
    pub theme: String,
    /// The page last open.
    pub page: String,
    /// The portfolio last open, by name.
    pub portfolio: String,
    /// The book last open: the name of its folder inside the data folder, empty for the one of the folder itself. The
    /// engine keeps it; what a page sends is not taken.
    pub book: String,
    /// Keys bound anew: action to key.
    pub keys: BTreeMap<String, String>,
    /// Anything a page wants kept, such as the columns of the grid.
    pub pages: BTreeMap<String, String>,
}

//! What a call is, and the view most calls ask about.

use apex_domain::PortfolioId;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A question or an order that a page sends to the engine.
pub trait Call: Serialize + DeserializeOwned + Send + 'static {
    /// Returns what the shell registers the call as.
    const NAME: &'static str;
    /// What comes back.
    type Reply: Serialize + DeserializeOwned + Send + 'static;
}

/// One portfolio at one point of both time axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct View {
    /// The portfolio looked at.
    pub portfolio: PortfolioId,
    /// The day facts hold for; the book's clock where absent.
    pub as_of: Option<Date>,
    /// Only what was known at this instant; all that is known where absent.
    pub known_at: Option<Timestamp>,
}

/// Declares a call: its request struct is written as usual, this line ties name and reply to it.
macro_rules! call {
    ($request:ty => $reply:ty, $name:literal) => {
        impl $crate::Call for $request {
            const NAME: &'static str = $name;
            type Reply = $reply;
        }
    };
}
pub(crate) use call;

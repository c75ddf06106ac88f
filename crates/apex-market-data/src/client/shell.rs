//! What a program lends the client: its clock, and places where things last.

use apex_domain::Timestamp;
use futures::future::BoxFuture;

use crate::budget::Spent;
use crate::record::Provider;

/// An answer as it came, but for an echoed key, cookie or crumb.
#[derive(Debug, Clone, Copy)]
pub struct RawReply<'a> {
    /// From whom.
    pub provider: Provider,
    /// The address or file, without key and crumb.
    pub source: &'a str,
    /// When it had come.
    pub at: Timestamp,
    /// The HTTP status; 200 for a file.
    pub status: u16,
    /// The BLAKE3 hash of the body, in 64 hexadecimal digits: its name.
    pub hash: &'a str,
    /// The body, unpacked.
    pub body: &'a [u8],
}

/// Whose budget: all callers with the same provider and key share one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BudgetName {
    /// The provider.
    pub provider: Provider,
    /// Tells keys apart without giving them away; `None` where there is no key.
    pub key: Option<String>,
}

/// Takes what was spent, [`Spent::default`] where nothing is known of it, and leaves what is spent now.
pub type ChangeSpent<'a> = Box<dyn FnOnce(&mut Spent) + Send + 'a>;

/// What a program lends the client. Errors are sentences that say why something could not be kept.
pub trait Shell: Send + Sync {
    /// Tells the time.
    fn now(&self) -> Timestamp;

    /// Keeps an answer as it came, before it is read. Where it fails, the answer is not used.
    fn keep_reply<'a>(&'a self, reply: RawReply<'a>) -> BoxFuture<'a, Result<(), String>>;

    /// Lets a budget change what it has spent, and keeps what comes of it before it returns. Where it fails, nothing is sent.
    ///
    /// Nobody else may change the same budget meanwhile, other programs with the same key included: a file is locked, a
    /// database has a transaction. What is left as it was need not be written.
    fn change_spent<'a>(&'a self, budget: &'a BudgetName, change: ChangeSpent<'a>)
    -> BoxFuture<'a, Result<(), String>>;
}

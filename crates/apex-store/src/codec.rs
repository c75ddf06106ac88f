//! The bytes of stored facts. Each layout is a contract of the book's files and opens with its version.

pub(crate) mod bars;
pub(crate) mod bytes;
pub(crate) mod series;
pub(crate) mod transaction;

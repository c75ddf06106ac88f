//! Market data: what the providers say, what is wrong with it, and what may be trusted.

pub mod adjust;
pub mod alpha_vantage;
pub mod budget;
pub mod calendar;
pub mod client;
pub mod error;
pub mod files;
pub mod hub;
mod json;
pub mod live;
pub mod pipeline;
pub mod polygon;
pub mod record;
pub mod redact;
pub mod repair;
pub mod request;
pub mod series;
pub mod yahoo;
mod zone;

pub use error::{Cap, ProviderError};
pub use record::{Bar, Basis, Interval, Ohlcv, Provider, Records, Window};
/// An address, as the client and the streams take it.
pub use reqwest::Url;

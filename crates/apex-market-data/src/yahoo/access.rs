//! The cookie and crumb that Yahoo wants to see, read from what it hands out.
//!
//! Whoever is refused waits; nothing here looks like a browser or tries another way in.

use crate::error::ProviderError;
use crate::record::Provider;

/// Reads the cookie from the `Set-Cookie` headers of its first answer: `A3=…`, or another name for the same.
///
/// # Errors
///
/// Refuses headers without such a cookie, as they come where consent must be given first.
pub fn cookie<'a>(set_cookies: impl IntoIterator<Item = &'a str>) -> Result<String, ProviderError> {
    let mut pairs = set_cookies
        .into_iter()
        .filter_map(|header| header.split(';').next())
        .map(str::trim)
        .filter(|pair| ["A3=", "A1=", "A1S="].iter().any(|name| pair.starts_with(name)));
    let is_clean = |pair: &&str| pair.bytes().all(|byte| byte.is_ascii_graphic());
    pairs
        .find(is_clean)
        .map(str::to_owned)
        .ok_or_else(|| ProviderError::KeyRefused {
            provider: Provider::Yahoo,
            message: "it gave no cookie; it may want consent in a browser first".to_owned(),
        })
}

/// Reads the crumb. What is no crumb (a page, or `Too Many Requests`) is refused and never sent on.
///
/// # Errors
///
/// Says that Yahoo wants fewer requests, or that what came is no crumb; a crumb itself is never quoted.
///
/// ```
/// use apex_market_data::yahoo::crumb;
///
/// assert_eq!(crumb(b"aB3/xY.z9Q1"), Ok("aB3/xY.z9Q1".to_owned()));
/// assert!(crumb(b"Edge: Too Many Requests").is_err());
/// assert!(crumb(b"<html>").is_err());
/// ```
pub fn crumb(bytes: &[u8]) -> Result<String, ProviderError> {
    let provider = Provider::Yahoo;
    let text = String::from_utf8_lossy(bytes.get(..4096).unwrap_or(bytes));
    if text.to_lowercase().contains("too many requests") {
        return Err(ProviderError::Throttled {
            provider,
            cap: None,
            retry_after_secs: None,
        });
    }
    let text = text.trim();
    let is_crumb = (6..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"<>{}\"".contains(&byte));
    if is_crumb {
        Ok(text.to_owned())
    } else {
        Err(ProviderError::KeyRefused {
            provider,
            message: "what it gave is no crumb".to_owned(),
        })
    }
}

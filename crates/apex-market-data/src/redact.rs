//! API keys, and texts that must not show one.
//!
//! A key is never printed, logged or put into an error: it has no `Display`, its `Debug` is masked, and it is wiped when
//! it is dropped. What a provider sends back is scrubbed of it before anything else sees it, since some echo it.

use zeroize::Zeroizing;

/// What stands in a text where a key was.
pub const MASK: &str = "[redacted]";

/// What is shorter is no key, and masking it everywhere would spoil answers; in bytes.
const KEY_MIN: usize = 6;

/// The longest part of a provider's text that an error quotes, in characters.
const QUOTE_MAX: usize = 160;

/// An API key, or another secret that goes along with requests.
///
/// ```
/// use apex_market_data::redact::ApiKey;
///
/// let key = ApiKey::new("QWERTY0123456789");
/// assert_eq!(format!("{key:?}"), "ApiKey([redacted])");
/// assert_eq!(key.scrub(b"your key QWERTY0123456789 is over its limit"), b"your key [redacted] is over its limit");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(Zeroizing<String>);

impl ApiKey {
    /// Takes a key; space around it is left out.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.trim().to_owned()))
    }

    /// Returns the key itself, for a request.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Returns whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns a name for the key that tells two keys apart and does not give them away.
    pub fn fingerprint(&self) -> String {
        let hash = blake3::derive_key("apex market data: fingerprint of an API key", self.0.as_bytes());
        hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns the bytes with the key masked wherever it stands, in any case of letters.
    pub fn scrub(&self, bytes: &[u8]) -> Vec<u8> {
        let key = self.0.as_bytes();
        if key.len() < KEY_MIN {
            return bytes.to_vec();
        }
        let mut clean = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some(first) = rest.first() {
            if rest.get(..key.len()).is_some_and(|part| part.eq_ignore_ascii_case(key)) {
                clean.extend_from_slice(MASK.as_bytes());
                rest = &rest[key.len()..];
            } else {
                clean.push(*first);
                rest = &rest[1..];
            }
        }
        clean
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApiKey({MASK})")
    }
}

/// Returns a provider's text short enough to quote, on one line, with everything masked that looks like a key.
///
/// A key looks like this: twelve or more letters, digits and underscores in one piece, with two letters and two digits
/// among them, or all in capitals, or twenty and more. So a text is safe to quote even where the key is not known.
///
/// ```
/// use apex_market_data::redact::quotable;
///
/// assert_eq!(quotable("your API key as Q1W2E3R4T5Y6U7I8\n and"), "your API key as [redacted] and");
/// assert_eq!(quotable("1577941200000 at 20230406T184500"), "1577941200000 at 20230406T184500");
/// ```
pub fn quotable(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut shown = String::new();
    // Quotes are short, but the answer may be megabytes: read no more than could be shown.
    let head: String = text.chars().take(QUOTE_MAX * 8).collect();
    for word in head.split_whitespace() {
        if !shown.is_empty() {
            shown.push(' ');
        }
        let mut piece = String::new();
        for letter in word.chars() {
            if is_part(letter) {
                piece.push(letter);
            } else {
                push(&mut shown, &mut piece);
                shown.push(letter);
            }
        }
        push(&mut shown, &mut piece);
    }
    if shown.chars().count() > QUOTE_MAX {
        shown = shown.chars().take(QUOTE_MAX).chain(['…']).collect();
    }
    shown
}

fn push(shown: &mut String, piece: &mut String) {
    shown.push_str(if looks_like_a_key(piece) { MASK } else { piece });
    piece.clear();
}

fn looks_like_a_key(piece: &str) -> bool {
    let letters = piece.chars().filter(char::is_ascii_alphabetic).count();
    let digits = piece.chars().filter(char::is_ascii_digit).count();
    let capitals = piece.chars().filter(char::is_ascii_uppercase).count();
    match piece.len() {
        0..12 => false,
        12..20 => (letters >= 2 && digits >= 2) || capitals == piece.len(),
        _ => letters >= 2,
    }
}

//! A short text on the stack: what one cell of a table shows.

use std::fmt;
use std::ops::Deref;

/// What an unknown value reads.
pub const UNKNOWN: &str = "--";

/// The longest figure: 29 digits, 9 separators, a sign, a mark, 28 decimals and a unit fit well within it.
const CAPACITY: usize = 80;

/// A short text kept on the stack.
///
/// It behaves as a `&str`, and width and alignment of a format string apply to it.
///
/// ```
/// let figure = apex_format::money(-1_240.0, "USD");
/// assert_eq!(format!("{figure:>12}"), "   -1,240.00");
/// assert_eq!(figure.len(), 9);
/// ```
#[derive(Clone, Copy)]
pub struct Figure {
    bytes: [u8; CAPACITY],
    len: u8,
}

/// What a figure says about its sign, after rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Below zero.
    Negative,
    /// Reads as zero.
    Zero,
    /// Above zero.
    Positive,
    /// Not known.
    Unknown,
}

impl Figure {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; CAPACITY],
            len: 0,
        }
    }

    pub(crate) fn unknown() -> Self {
        Self::of(UNKNOWN)
    }

    pub(crate) fn of(text: &str) -> Self {
        let mut figure = Self::new();
        figure.push_str(text);
        figure
    }

    /// Appends `text`, or as many whole characters of it as fit.
    pub(crate) fn push_str(&mut self, text: &str) {
        let start = usize::from(self.len);
        let mut taken = text.len().min(CAPACITY - start);
        while !text.is_char_boundary(taken) {
            taken -= 1;
        }
        self.bytes[start..start + taken].copy_from_slice(&text.as_bytes()[..taken]);
        self.len = (start + taken) as u8;
    }

    /// Returns the text.
    ///
    /// ```
    /// assert_eq!(apex_format::count(12_000).as_str(), "12,000");
    /// ```
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).expect("only whole characters are appended")
    }

    /// Returns the sign that the text shows, which decides its color.
    ///
    /// ```
    /// use apex_format::{money, Sign};
    ///
    /// assert_eq!(money(-0.004, "USD").sign(), Sign::Zero);
    /// assert_eq!(money(-0.006, "USD").sign(), Sign::Negative);
    /// ```
    pub fn sign(&self) -> Sign {
        let text = self.as_str();
        if text == UNKNOWN {
            Sign::Unknown
        } else if text.starts_with('-') {
            Sign::Negative
        } else if text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
            Sign::Positive
        } else {
            Sign::Zero
        }
    }
}

impl fmt::Write for Figure {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

impl Deref for Figure {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Figure {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl From<Figure> for String {
    fn from(figure: Figure) -> Self {
        figure.as_str().to_owned()
    }
}

impl PartialEq for Figure {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Figure {}

impl PartialEq<str> for Figure {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Figure {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

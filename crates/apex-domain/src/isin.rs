//! ISIN codes: twelve characters with a check digit, as in ISO 6166.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The text is not an ISIN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IsinError {
    /// The shape is wrong: two letters, nine letters or digits, one digit.
    #[error("`{text}` is not an ISIN of two letters, nine letters or digits and a check digit")]
    Shape {
        /// The text that was read.
        text: String,
    },
    /// The last digit does not fit the rest.
    #[error("ISIN `{text}` has check digit {found} where {expected} fits")]
    CheckDigit {
        /// The text that was read.
        text: String,
        /// The digit the first eleven characters call for.
        expected: u8,
        /// The digit that stands there.
        found: u8,
    },
}

/// An international securities identification number whose check digit is right.
///
/// ```
/// use apex_domain::Isin;
///
/// assert!("US0378331005".parse::<Isin>().is_ok());
/// let err = "US0378331006".parse::<Isin>().expect_err("the last digit is wrong");
/// assert_eq!(err.to_string(), "ISIN `US0378331006` has check digit 6 where 5 fits");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Isin([u8; 12]);

impl Isin {
    /// Returns the twelve characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("an ISIN holds twelve ASCII characters")
    }
}

/// Letters count as two digits (A = 10); every second digit from the right is doubled and its digits are added.
fn check_digit(body: &[u8]) -> u8 {
    let digits = body.iter().flat_map(|byte| match byte {
        b'0'..=b'9' => [None, Some(byte - b'0')],
        letter => [Some((letter - b'A' + 10) / 10), Some((letter - b'A' + 10) % 10)],
    });
    let digits: Vec<u8> = digits.flatten().collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| {
            let counted = if place % 2 == 0 { digit * 2 } else { digit };
            u32::from(counted / 10 + counted % 10)
        })
        .sum();
    ((10 - sum % 10) % 10) as u8
}

impl FromStr for Isin {
    type Err = IsinError;

    fn from_str(text: &str) -> Result<Self, IsinError> {
        let shape = || IsinError::Shape { text: text.to_owned() };
        let bytes: [u8; 12] = text
            .trim()
            .to_ascii_uppercase()
            .into_bytes()
            .try_into()
            .map_err(|_| shape())?;
        let (body, last) = bytes.split_at(11);
        let well_formed = body[..2].iter().all(u8::is_ascii_uppercase)
            && body
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && last[0].is_ascii_digit();
        if !well_formed {
            return Err(shape());
        }
        let (expected, found) = (check_digit(body), last[0] - b'0');
        if expected == found {
            Ok(Self(bytes))
        } else {
            Err(IsinError::CheckDigit {
                text: text.to_owned(),
                expected,
                found,
            })
        }
    }
}

impl fmt::Display for Isin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Isin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Isin {
    type Error = IsinError;

    fn try_from(text: String) -> Result<Self, IsinError> {
        text.parse()
    }
}

impl From<Isin> for String {
    fn from(isin: Isin) -> Self {
        isin.as_str().to_owned()
    }
}

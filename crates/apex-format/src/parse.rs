//! Typed numbers read back: separators, brackets for negatives and k, M, B, T are understood, nothing is guessed.

use rust_decimal::Decimal;
use thiserror::Error;

/// Why a typed text is not a number.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseNumberError {
    /// Nothing was typed.
    #[error("a number is missing")]
    Missing,
    /// A character that no number has.
    #[error("{character:?} does not belong in a number: {text}")]
    Character {
        /// The first such character.
        character: char,
        /// What was typed.
        text: String,
    },
    /// A comma that does not stand before three digits, which may have been meant as a decimal mark.
    #[error("a comma separates thousands and the decimal mark is a point: {text}")]
    Separator {
        /// What was typed.
        text: String,
    },
    /// More digits than a ledger amount holds.
    #[error("more digits than can be kept: {text}")]
    TooLong {
        /// What was typed.
        text: String,
    },
}

/// Returns the number that a person typed or pasted.
///
/// # Errors
/// When the text is empty, holds a stray character, uses a comma as a decimal mark, or has too many digits.
///
/// ```
/// use apex_format::parse_number;
/// use rust_decimal::Decimal;
///
/// assert_eq!(parse_number("1,204,331.20"), Ok(Decimal::new(120_433_120, 2)));
/// assert_eq!(parse_number("(1 240.50)"), Ok(Decimal::new(-124_050, 2)));
/// assert_eq!(parse_number("2.5M"), Ok(Decimal::from(2_500_000)));
/// assert_eq!(
///     parse_number("1,5").unwrap_err().to_string(),
///     "a comma separates thousands and the decimal mark is a point: 1,5",
/// );
/// ```
pub fn parse_number(text: &str) -> Result<Decimal, ParseNumberError> {
    let trimmed = text.trim();
    let (bracketed, body) = match trimmed.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inside) => (true, inside.trim()),
        None => (false, trimmed),
    };
    let (negative, body) = match body.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, body.strip_prefix('+').unwrap_or(body)),
    };
    let (factor, body) = match body.chars().next_back() {
        Some('k' | 'K') => (1_000_i64, &body[..body.len() - 1]),
        Some('m' | 'M') => (1_000_000, &body[..body.len() - 1]),
        Some('b' | 'B') => (1_000_000_000, &body[..body.len() - 1]),
        Some('t' | 'T') => (1_000_000_000_000, &body[..body.len() - 1]),
        _ => (1, body),
    };
    let digits = plain_digits(body.trim_end(), text)?;
    if digits.chars().all(|character| character == '.') {
        return Err(ParseNumberError::Missing);
    }
    let too_long = || ParseNumberError::TooLong { text: text.to_owned() };
    let value = Decimal::from_str_exact(&digits).map_err(|_| too_long())?;
    let value = value.checked_mul(Decimal::from(factor)).ok_or_else(too_long)?;
    // A multiplication may leave more decimal zeros than were typed.
    let value = if factor == 1 { value } else { value.normalize() };
    Ok(if negative != bracketed { -value } else { value })
}

/// Returns the fraction of a typed percentage, with or without its sign: `12.5%` and `12.5` are both 0.125.
///
/// # Errors
/// As [`parse_number`].
///
/// ```
/// use rust_decimal::Decimal;
///
/// assert_eq!(apex_format::parse_percent("12.5 %"), Ok(Decimal::new(125, 3)));
/// ```
pub fn parse_percent(text: &str) -> Result<Decimal, ParseNumberError> {
    let trimmed = text.trim();
    let value = parse_number(trimmed.strip_suffix('%').unwrap_or(trimmed))?;
    let mut fraction = value;
    fraction
        .set_scale(value.scale() + 2)
        .map_err(|_| ParseNumberError::TooLong { text: text.to_owned() })?;
    Ok(fraction)
}

/// Drops the separators, after checking that each stands before exactly three digits of the whole part.
fn plain_digits(body: &str, text: &str) -> Result<String, ParseNumberError> {
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    let mut digits = String::with_capacity(body.len());
    let mut since_separator: Option<usize> = None;
    for character in whole.chars() {
        match character {
            '0'..='9' => {
                digits.push(character);
                since_separator = since_separator.map(|count| count + 1);
            }
            ',' | '\'' | '\u{2019}' | ' ' | '\u{a0}' | '\u{202f}' | '_' => {
                if digits.is_empty() || since_separator.is_some_and(|count| count != 3) {
                    return Err(ParseNumberError::Separator { text: text.to_owned() });
                }
                since_separator = Some(0);
            }
            _ => {
                return Err(ParseNumberError::Character {
                    character,
                    text: text.to_owned(),
                });
            }
        }
    }
    if since_separator.is_some_and(|count| count != 3) {
        return Err(ParseNumberError::Separator { text: text.to_owned() });
    }
    if let Some(character) = fraction.chars().find(|character| !character.is_ascii_digit()) {
        return Err(match character {
            ',' => ParseNumberError::Separator { text: text.to_owned() },
            _ => ParseNumberError::Character {
                character,
                text: text.to_owned(),
            },
        });
    }
    if digits.is_empty() && !fraction.is_empty() {
        digits.push('0');
    }
    if !fraction.is_empty() {
        digits.push('.');
        digits.push_str(fraction);
    }
    if digits.is_empty() {
        return Err(ParseNumberError::Missing);
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn typed_numbers_are_read_or_refused_by_name() {
        let typed = [
            "0",
            "-1,240.00",
            "\u{2212}5",
            "+7",
            "1'000'000",
            ".5",
            "12.",
            "1_000",
            "1,000k",
            "1.2.3",
            "1,00",
            ",5",
            "1.234,56",
            "12 apples",
            "",
            "-",
            ".",
            "(",
            "--",
            "99999999999999999999999999999999",
            "0.1234567890123",
        ];
        let lines: Vec<String> = typed
            .into_iter()
            .map(|text| match parse_number(text) {
                Ok(value) => format!("{text} = {value}"),
                Err(err) => format!("{text} ! {err}"),
            })
            .collect();
        expect![[r#"
            0 = 0
            -1,240.00 = -1240.00
            −5 = -5
            +7 = 7
            1'000'000 = 1000000
            .5 = 0.5
            12. = 12
            1_000 = 1000
            1,000k = 1000000
            1.2.3 ! '.' does not belong in a number: 1.2.3
            1,00 ! a comma separates thousands and the decimal mark is a point: 1,00
            ,5 ! a comma separates thousands and the decimal mark is a point: ,5
            1.234,56 ! a comma separates thousands and the decimal mark is a point: 1.234,56
            12 apples ! 'a' does not belong in a number: 12 apples
             ! a number is missing
            - ! a number is missing
            . ! a number is missing
            ( ! '(' does not belong in a number: (
            -- ! '-' does not belong in a number: --
            99999999999999999999999999999999 ! more digits than can be kept: 99999999999999999999999999999999
            0.1234567890123 = 0.1234567890123"#]]
        .assert_eq(&lines.join("\n"));
    }

    #[test]
    fn what_is_shown_can_be_typed_back() {
        for text in ["0.01", "-1234567.89", "999999999.99", "-0.05"] {
            let value: Decimal = text.parse().unwrap();
            assert_eq!(parse_number(&crate::money(value, "USD")), Ok(value));
            assert_eq!(
                parse_percent(&crate::percent(value, 4)).map(|v| v.normalize()),
                Ok(value.normalize())
            );
        }
    }
}

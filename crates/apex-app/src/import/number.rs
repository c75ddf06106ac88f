//! Numbers as files write them: with a decimal mark, marks between thousands, signs and brackets.

use rust_decimal::Decimal;

/// Reads a number written with the decimal mark `decimal`.
///
/// Thousands may be set apart by the other mark, an apostrophe, a space or an underscore, in groups of three only, so
/// that `1,23` is refused rather than read as 123. A minus may stand before or behind; brackets mean minus; a currency
/// sign or a percent sign is left out. `None` where the text is anything else.
pub(crate) fn parse(text: &[u8], decimal: u8) -> Option<Decimal> {
    let text = text.trim_ascii();
    let (digits, negative) = match text {
        [b'-', rest @ ..] => (rest, true),
        [b'+', rest @ ..] => (rest, false),
        rest => (rest, false),
    };
    plain(digits, decimal)
        .map(|value| if negative { -value } else { value })
        .or_else(|| elaborate(text, decimal))
}

/// Digits with at most one mark: nearly every number of nearly every file.
fn plain(digits: &[u8], decimal: u8) -> Option<Decimal> {
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    let (mut mantissa, mut scale, mut marked, mut any) = (0_i64, 0_u32, false, false);
    for byte in digits {
        if byte.is_ascii_digit() {
            mantissa = mantissa.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
            scale += u32::from(marked);
            any = true;
        } else if *byte == decimal && !marked {
            marked = true;
        } else {
            return None;
        }
    }
    any.then(|| Decimal::new(mantissa, scale))
}

fn elaborate(text: &[u8], decimal: u8) -> Option<Decimal> {
    let text = std::str::from_utf8(text).ok()?;
    let mut negative = false;
    let mut rest = text.trim();
    if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (rest, negative) = (inner.trim(), true);
    }
    let ornament = |sign: char| sign.is_whitespace() || matches!(sign, '$' | '€' | '£' | '¥' | '%');
    rest = rest.trim_matches(ornament);
    for minus in ['-', '\u{2212}'] {
        if let Some(inner) = rest.strip_prefix(minus).or_else(|| rest.strip_suffix(minus)) {
            if negative {
                return None;
            }
            (rest, negative) = (inner, true);
            break;
        }
    }
    rest = rest.strip_prefix('+').unwrap_or(rest).trim_matches(ornament);
    if rest.contains(['e', 'E']) {
        let dotted = rest.replace(char::from(decimal), ".");
        let value = Decimal::from_scientific(&dotted).ok()?;
        return Some(if negative { -value } else { value });
    }
    let (whole, fraction) = rest.split_once(char::from(decimal)).unwrap_or((rest, ""));
    let mark = whole.chars().find(|sign| !sign.is_ascii_digit());
    let mut digits = String::with_capacity(rest.len());
    if let Some(mark) = mark {
        let other = if decimal == b',' { '.' } else { ',' };
        if mark != other && !matches!(mark, '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}' | '_') {
            return None;
        }
        for (place, group) in whole.split(mark).enumerate() {
            let fits = if place == 0 {
                (1..=3).contains(&group.len())
            } else {
                group.len() == 3
            };
            if !fits {
                return None;
            }
            digits.push_str(group);
        }
    } else {
        digits.push_str(whole);
    }
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(&digits) || !all_digits(fraction) || (digits.is_empty() && fraction.is_empty()) {
        return None;
    }
    let value = Decimal::from_str_exact(&format!("{digits}.{fraction}0")).ok()?;
    let value = value.normalize().round_dp(28);
    Some(if negative { -value } else { value })
}

/// Finds the decimal mark of a file from its cells: what stands last where both marks stand, what stands once with other
/// than three digits behind it. `None` where no cell tells, which is where either reading gives the same numbers or a
/// single mark stands before exactly three digits.
pub(crate) fn find_decimal<'c>(cells: impl Iterator<Item = &'c [u8]>) -> Option<u8> {
    let (mut points, mut commas) = (0_u32, 0_u32);
    for cell in cells {
        let cell = cell.trim_ascii();
        let looks_right = cell.iter().any(u8::is_ascii_digit)
            && cell
                .iter()
                .all(|byte| byte.is_ascii_digit() || b"+-.,'() $%".contains(byte) || !byte.is_ascii());
        if !looks_right {
            continue;
        }
        let count = |mark: u8| cell.iter().filter(|byte| **byte == mark).count();
        let last = |mark: u8| cell.iter().rposition(|byte| *byte == mark);
        let behind = |mark: u8| {
            last(mark).map_or(0, |at| {
                cell[at + 1..].iter().filter(|byte| byte.is_ascii_digit()).count()
            })
        };
        match (count(b'.'), count(b',')) {
            (0, 0) => {}
            (_, 0) => match count(b'.') {
                1 if behind(b'.') != 3 => points += 1,
                1 => {}
                _ => commas += 1,
            },
            (0, _) => match count(b',') {
                1 if behind(b',') != 3 => commas += 1,
                1 => {}
                _ => points += 1,
            },
            _ if last(b'.') > last(b',') => points += 1,
            _ => commas += 1,
        }
    }
    match (points, commas) {
        (0, 0) => None,
        _ if commas > points => Some(b','),
        _ => Some(b'.'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, decimal, expected) in [
            ("1234.50", b'.', Some("1234.50")),
            ("1,234.50", b'.', Some("1234.5")),
            ("1.234,50", b',', Some("1234.5")),
            ("1'234'567.89", b'.', Some("1234567.89")),
            ("1\u{a0}234,5", b',', Some("1234.5")),
            ("-7", b'.', Some("-7")),
            ("7-", b'.', Some("-7")),
            ("(1,000)", b'.', Some("-1000")),
            ("$1,000.25", b'.', Some("1000.25")),
            ("-$5", b'.', Some("-5")),
            ("$-5", b'.', Some("-5")),
            ("1.5E-3", b'.', Some("0.0015")),
            (".5", b'.', Some("0.5")),
            ("123456789012345678901.5", b'.', Some("123456789012345678901.5")),
            ("1,23", b'.', None),
            ("12,34,567", b'.', None),
            ("1.2.3", b'.', None),
            ("", b'.', None),
            (".", b'.', None),
            ("abc", b'.', None),
        ] {
            let found = parse(text.as_bytes(), decimal);
            assert_eq!(found, expected.map(|text| text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn the_decimal_mark_is_told_by_the_whole_column() {
        let find = |cells: &[&str]| find_decimal(cells.iter().map(|cell| cell.as_bytes()));
        assert_eq!(find(&["1,234", "12,5"]), Some(b','));
        assert_eq!(find(&["1,234", "1,234.50"]), Some(b'.'));
        assert_eq!(find(&["1.234.567"]), Some(b','));
        assert_eq!(find(&["1,234", "7"]), None);
    }
}

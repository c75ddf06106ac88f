//! Dates as files write them. Whether the day or the month comes first is decided over a whole column, never by one cell.

use jiff::civil::Date;

/// How a column writes its dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateFormat {
    /// Year, month, day, with a sign between: `2026-01-05`, `2026/1/5`.
    YearFirst,
    /// Year, month, day without signs: `20260105`.
    Compact,
    /// Day, month, year with a sign between: `05.01.2026`, `5/1/26`, `05-Jan-2026`.
    DayFirst(char),
    /// Month, day, year with a sign between: `01/05/2026`.
    MonthFirst(char),
}

/// What a column of dates turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detected {
    /// One way of writing fits.
    Format(DateFormat),
    /// Day first and month first both fit every cell, and they give different dates.
    Ambiguous,
    /// Nothing fits.
    Unknown,
}

impl DateFormat {
    /// Returns the text that names it, such as `DD.MM.YYYY`.
    pub fn pattern(self) -> String {
        match self {
            Self::YearFirst => "YYYY-MM-DD".to_owned(),
            Self::Compact => "YYYYMMDD".to_owned(),
            Self::DayFirst(sign) => format!("DD{sign}MM{sign}YYYY"),
            Self::MonthFirst(sign) => format!("MM{sign}DD{sign}YYYY"),
        }
    }

    /// Reads the text that names it; any of `.`, `/` and `-` may stand between.
    pub fn from_pattern(text: &str) -> Option<Self> {
        let upper = text.trim().to_ascii_uppercase();
        let sign = upper.chars().find(|sign| !sign.is_ascii_alphabetic());
        let parts: Vec<&str> = upper.split(['.', '/', '-']).collect();
        match (parts.as_slice(), sign) {
            (["YYYYMMDD"], _) => Some(Self::Compact),
            ([year, month, day], _) if year.starts_with('Y') && month.starts_with('M') && day.starts_with('D') => {
                Some(Self::YearFirst)
            }
            ([day, month, year], Some(sign))
                if day.starts_with('D') && month.starts_with('M') && year.starts_with('Y') =>
            {
                Some(Self::DayFirst(sign))
            }
            ([month, day, year], Some(sign))
                if month.starts_with('M') && day.starts_with('D') && year.starts_with('Y') =>
            {
                Some(Self::MonthFirst(sign))
            }
            _ => None,
        }
    }

    /// Reads a date; a time of day behind it is left out.
    pub fn parse(self, text: &[u8]) -> Option<Date> {
        let text = text.trim_ascii();
        if self == Self::Compact {
            let digits = text.get(..8)?;
            let ends = text.get(8).is_none_or(|next| matches!(next, b' ' | b'T' | b';' | b','));
            let year = number(&digits[..4])?;
            return ends.then(|| date(year, number(&digits[4..6])?, number(&digits[6..])?))?;
        }
        let [first, second, third] = parts(text)?;
        match self {
            Self::YearFirst => date(four_digits(first)?, month(second)?, number(third)?),
            Self::DayFirst(_) => date(year(third)?, month(second)?, number(first)?),
            Self::MonthFirst(_) => date(year(third)?, month(first)?, number(second)?),
            Self::Compact => None,
        }
    }
}

/// Decides how a column writes its dates, from all its cells; empty ones say nothing.
pub(crate) fn find_format<'c>(cells: impl Iterator<Item = &'c [u8]>) -> Detected {
    let mut seen = 0_usize;
    let (mut year_first, mut compact, mut day_first, mut month_first) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut same = true;
    let mut sign = '/';
    for cell in cells {
        let cell = cell.trim_ascii();
        if cell.is_empty() {
            continue;
        }
        seen += 1;
        if DateFormat::YearFirst.parse(cell).is_some() {
            year_first += 1;
            // A long column of ISO dates needs no further proof.
            if seen == year_first && seen >= 2_000 {
                return Detected::Format(DateFormat::YearFirst);
            }
            continue;
        }
        if DateFormat::Compact.parse(cell).is_some() {
            compact += 1;
            continue;
        }
        if let Some(mark) = cell.iter().find(|byte| matches!(byte, b'.' | b'/' | b'-')) {
            sign = char::from(*mark);
        }
        let by_day = DateFormat::DayFirst(sign).parse(cell);
        let by_month = DateFormat::MonthFirst(sign).parse(cell);
        day_first += usize::from(by_day.is_some());
        month_first += usize::from(by_month.is_some());
        same &= by_day == by_month;
    }
    let best = year_first.max(compact).max(day_first).max(month_first);
    // A column may hold a few broken cells, which will be listed; most must fit.
    if best == 0 || best * 2 < seen {
        return Detected::Unknown;
    }
    if best == year_first {
        return Detected::Format(DateFormat::YearFirst);
    }
    if best == compact {
        return Detected::Format(DateFormat::Compact);
    }
    match day_first.cmp(&month_first) {
        std::cmp::Ordering::Greater => Detected::Format(DateFormat::DayFirst(sign)),
        std::cmp::Ordering::Less => Detected::Format(DateFormat::MonthFirst(sign)),
        // Points are set between day, month and year only, never behind the month.
        std::cmp::Ordering::Equal if same || sign == '.' => Detected::Format(DateFormat::DayFirst(sign)),
        std::cmp::Ordering::Equal => Detected::Ambiguous,
    }
}

/// Decides like [`find_format`], with the month first where day and month could be either, and ISO where nothing fits.
pub(crate) fn format_or_month_first<'c>(cells: impl Iterator<Item = &'c [u8]>) -> DateFormat {
    match find_format(cells) {
        Detected::Format(format) => format,
        Detected::Ambiguous => DateFormat::MonthFirst('/'),
        Detected::Unknown => DateFormat::YearFirst,
    }
}

/// Cuts `5/1/2026 10:00` into its three parts.
fn parts(text: &[u8]) -> Option<[&[u8]; 3]> {
    let mark = text.iter().position(|byte| matches!(byte, b'-' | b'/' | b'.'))?;
    let sign = text[mark];
    let (first, rest) = (&text[..mark], &text[mark + 1..]);
    let second_mark = rest.iter().position(|byte| *byte == sign)?;
    let (second, third) = (&rest[..second_mark], &rest[second_mark + 1..]);
    let end = third
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(third.len());
    let behind = third.get(end);
    behind
        .is_none_or(|byte| matches!(byte, b' ' | b'T' | b',' | b';'))
        .then_some([first, second, &third[..end]])
}

fn number<T: TryFrom<i32>>(digits: &[u8]) -> Option<T> {
    if digits.is_empty() || digits.len() > 4 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits
        .iter()
        .fold(0_i32, |value, digit| value * 10 + i32::from(digit - b'0'));
    T::try_from(value).ok()
}

fn four_digits(digits: &[u8]) -> Option<i16> {
    (digits.len() == 4).then(|| number(digits))?
}

/// Two digits mean 1970 to 2069.
fn year(digits: &[u8]) -> Option<i16> {
    match digits.len() {
        4 => number(digits),
        2 => number::<i16>(digits).map(|year| if year < 70 { 2000 + year } else { 1900 + year }),
        _ => None,
    }
}

fn month(text: &[u8]) -> Option<i8> {
    const NAMES: [&[u8]; 12] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
    ];
    if text.first()?.is_ascii_digit() {
        return (text.len() <= 2).then(|| number(text))?;
    }
    let short = text.get(..3)?.to_ascii_lowercase();
    let at = NAMES.iter().position(|name| *name == short)?;
    i8::try_from(at + 1).ok()
}

fn date(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(cells: &[&str]) -> Detected {
        find_format(cells.iter().map(|cell| cell.as_bytes()))
    }

    #[test]
    fn one_day_above_twelve_decides_the_column() {
        assert_eq!(
            find(&["01/02/2026", "03/04/2026", "13/04/2026"]),
            Detected::Format(DateFormat::DayFirst('/'))
        );
        assert_eq!(
            find(&["01/02/2026", "03/04/2026", "04/13/2026"]),
            Detected::Format(DateFormat::MonthFirst('/'))
        );
        assert_eq!(find(&["01/02/2026", "03/04/2026"]), Detected::Ambiguous);
        assert_eq!(
            find(&["02/02/2026", "03/03/2026"]),
            Detected::Format(DateFormat::DayFirst('/'))
        );
        assert_eq!(find(&["01.02.2026"]), Detected::Format(DateFormat::DayFirst('.')));
        assert_eq!(find(&["2026-01-05", ""]), Detected::Format(DateFormat::YearFirst));
        assert_eq!(find(&["20260105"]), Detected::Format(DateFormat::Compact));
        assert_eq!(find(&["tomorrow"]), Detected::Unknown);
    }

    #[test]
    fn dates_are_read_with_times_behind_and_short_years() {
        let expected = Date::new(2026, 1, 5).ok();
        for (format, text) in [
            (DateFormat::YearFirst, "2026-01-05T10:00:00Z"),
            (DateFormat::YearFirst, "2026/1/5 10:00"),
            (DateFormat::YearFirst, "2026-01-05, 10:00:00"),
            (DateFormat::Compact, "20260105"),
            (DateFormat::Compact, "20260105;100000"),
            (DateFormat::DayFirst('.'), "5.1.26"),
            (DateFormat::DayFirst('-'), "05-Jan-2026"),
            (DateFormat::MonthFirst('/'), "1/5/2026"),
        ] {
            assert_eq!(format.parse(text.as_bytes()), expected, "{text}");
        }
        for text in ["2026-02-30", "2026-1", "26-01-05", "", "2026-01-05x", "202601055"] {
            assert_eq!(DateFormat::YearFirst.parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(DateFormat::Compact.parse(b"202601055"), None);
    }

    #[test]
    fn patterns_name_formats() {
        for pattern in ["YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "YYYYMMDD"] {
            assert_eq!(DateFormat::from_pattern(pattern).unwrap().pattern(), pattern);
        }
        assert_eq!(DateFormat::from_pattern("whatever"), None);
    }
}

//! Money, quantities, prices, percentages and counts.
//!
//! Decimals round half away from zero, as statements do; floats round to the nearest decimal of their exact value.

use crate::Figure;
use rust_decimal::{Decimal, RoundingStrategy};
use std::fmt::Write;

/// Floats from here on are written in scientific form: their decimals carry no information.
const PLAIN_MAX: f64 = 1e21;

/// The most decimals a figure shows; more would not fit a decimal's 28.
const DECIMALS_MAX: u8 = 28;

/// The longest text that has room for its separators in a figure.
const SEPARATED_MAX: usize = 58;

/// A value that can be written: a decimal, a float, or either of them unknown.
pub trait Number: Copy + private::Sealed {
    /// Writes the value rounded to `decimals` digits, without separators, and returns whether it is known.
    #[doc(hidden)]
    fn write_plain(self, decimals: u8, out: &mut Figure) -> bool;

    /// Returns the value times a hundred, for percentages.
    #[doc(hidden)]
    fn hundredfold(self) -> Self;

    /// Returns the value as a float, where it is known and finite.
    #[doc(hidden)]
    fn to_float(self) -> Option<f64>;
}

mod private {
    /// Keeps the list of number types closed.
    pub trait Sealed {}
    impl Sealed for f64 {}
    impl Sealed for rust_decimal::Decimal {}
    impl<N: Sealed> Sealed for Option<N> {}
}

impl Number for f64 {
    fn write_plain(self, decimals: u8, out: &mut Figure) -> bool {
        if !self.is_finite() {
            return false;
        }
        let written = if self.abs() < PLAIN_MAX {
            write!(out, "{:.*}", usize::from(decimals.min(DECIMALS_MAX)), self)
        } else {
            write!(out, "{self:.2e}")
        };
        written.is_ok()
    }

    fn hundredfold(self) -> Self {
        self * 100.0
    }

    fn to_float(self) -> Option<f64> {
        self.is_finite().then_some(self)
    }
}

impl Number for Decimal {
    fn write_plain(self, decimals: u8, out: &mut Figure) -> bool {
        let decimals = u32::from(decimals.min(DECIMALS_MAX));
        let rounded = self.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
        // The zeros are added here: asking a decimal of 29 digits for more decimals than it has panics in rust_decimal.
        if write!(out, "{rounded}").is_err() {
            return false;
        }
        if rounded.scale() == 0 && decimals > 0 {
            out.push_str(".");
        }
        for _ in rounded.scale()..decimals {
            out.push_str("0");
        }
        true
    }

    fn hundredfold(self) -> Self {
        self.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(self)
    }

    fn to_float(self) -> Option<f64> {
        f64::try_from(self).ok()
    }
}

impl<N: Number> Number for Option<N> {
    fn write_plain(self, decimals: u8, out: &mut Figure) -> bool {
        self.is_some_and(|value| value.write_plain(decimals, out))
    }

    fn hundredfold(self) -> Self {
        self.map(N::hundredfold)
    }

    fn to_float(self) -> Option<f64> {
        self.and_then(N::to_float)
    }
}

/// Returns an amount of money with separators and the digits of its currency; the unit belongs in the header.
///
/// ```
/// use apex_format::money;
/// use rust_decimal::Decimal;
///
/// assert_eq!(money(Decimal::new(-123_456_785, 3), "USD"), "-123,456.79");
/// assert_eq!(money(1_500_000.0, "JPY"), "1,500,000");
/// assert_eq!(money(None::<Decimal>, "USD"), "--");
/// ```
pub fn money(amount: impl Number, currency: &str) -> Figure {
    fixed(amount, minor_digits(currency))
}

/// Returns an amount of money followed by its currency, for prose.
///
/// ```
/// assert_eq!(apex_format::money_with_code(1_240.0, "EUR"), "1,240.00 EUR");
/// ```
pub fn money_with_code(amount: impl Number, currency: &str) -> Figure {
    let mut figure = money(amount, currency);
    if figure != crate::UNKNOWN {
        figure.push_str(" ");
        figure.push_str(currency);
    }
    figure
}

/// Returns how many digits the minor unit of a currency has (ISO 4217); 2 for a code that is not in the list.
///
/// ```
/// use apex_format::minor_digits;
///
/// assert_eq!((minor_digits("USD"), minor_digits("JPY"), minor_digits("KWD")), (2, 0, 3));
/// ```
pub fn minor_digits(currency: &str) -> u8 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// Returns a number with separators and exactly `decimals` digits, as statistics are shown.
///
/// ```
/// assert_eq!(apex_format::fixed(-1_234.5678, 3), "-1,234.568");
/// ```
pub fn fixed(value: impl Number, decimals: u8) -> Figure {
    let mut plain = Figure::new();
    if !value.write_plain(decimals, &mut plain) {
        return Figure::unknown();
    }
    grouped(&plain)
}

/// Returns a quantity with separators and only the decimals it has, eight at most.
///
/// ```
/// use apex_format::quantity;
///
/// assert_eq!(quantity(1_000.0), "1,000");
/// assert_eq!(quantity(0.125), "0.125");
/// assert_eq!(quantity(rust_decimal::Decimal::new(12_345_000, 4)), "1,234.5");
/// ```
pub fn quantity(value: impl Number) -> Figure {
    let mut plain = Figure::new();
    if !value.write_plain(8, &mut plain) {
        return Figure::unknown();
    }
    let text = plain.as_str();
    let trimmed = if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    };
    grouped(trimmed)
}

/// Returns a number that is written already with separators and every digit it has; other text as it is.
///
/// ```
/// use apex_format::separated;
///
/// assert_eq!(separated("708776768764.0912345"), "708,776,768,764.0912345");
/// assert_eq!((separated("-1240"), separated("7:1"), separated("2022-12-28")), ("-1,240".into(), "7:1".into(), "2022-12-28".into()));
/// ```
pub fn separated(written: &str) -> String {
    let digits = written.strip_prefix('-').unwrap_or(written);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = [whole, decimals]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if is_number && written.len() <= SEPARATED_MAX {
        grouped(written).into()
    } else {
        written.to_owned()
    }
}

/// Returns a price with the digits of its tick: a tick of 0.05 shows two, a tick of 0.0001 shows four.
///
/// ```
/// use apex_format::price;
/// use rust_decimal::Decimal;
///
/// assert_eq!(price(1_083.5, Decimal::new(5, 2)), "1,083.50");
/// assert_eq!(price(1.08345, Decimal::new(1, 4)), "1.0835");
/// ```
pub fn price(value: impl Number, tick: Decimal) -> Figure {
    fixed(value, tick_digits(tick))
}

/// Returns how many decimals prices on this tick have.
///
/// ```
/// assert_eq!(apex_format::tick_digits(rust_decimal::Decimal::new(2500, 4)), 2);
/// ```
pub fn tick_digits(tick: Decimal) -> u8 {
    tick.normalize().scale() as u8
}

/// Returns a fraction as a percentage with its sign.
///
/// ```
/// assert_eq!(apex_format::percent(-0.12345, 2), "-12.35%");
/// ```
pub fn percent(fraction: impl Number, decimals: u8) -> Figure {
    let mut figure = percent_number(fraction, decimals);
    if figure != crate::UNKNOWN {
        figure.push_str("%");
    }
    figure
}

/// Returns a fraction as the bare number of a percentage, for columns whose header says `%`.
///
/// ```
/// assert_eq!(apex_format::percent_number(0.05, 2), "5.00");
/// ```
pub fn percent_number(fraction: impl Number, decimals: u8) -> Figure {
    fixed(fraction.hundredfold(), decimals)
}

/// Returns a whole number with separators.
///
/// ```
/// assert_eq!(apex_format::count(1_000_000), "1,000,000");
/// ```
pub fn count(value: u64) -> Figure {
    let mut plain = Figure::new();
    write!(plain, "{value}").expect("a figure takes any text");
    grouped(&plain)
}

/// Returns how many there are of something, its name in the plural unless there is one: with an `s`, or `es` after `ch`.
///
/// ```
/// assert_eq!(apex_format::counted(1, "day"), "1 day");
/// assert_eq!(apex_format::counted(1_200, "trade"), "1,200 trades");
/// assert_eq!(apex_format::counted(0, "breach"), "0 breaches");
/// ```
pub fn counted(value: u64, name: &str) -> Figure {
    let mut figure = count(value);
    figure.push_str(" ");
    figure.push_str(name);
    if value != 1 {
        figure.push_str(if name.ends_with("ch") { "es" } else { "s" });
    }
    figure
}

/// Returns a number in three digits or so with k, M, B or T, for axes and tiles.
///
/// ```
/// use apex_format::compact;
///
/// assert_eq!(compact(1_204_331.0), "1.2M");
/// assert_eq!(compact(12_400.0), "12k");
/// assert_eq!(compact(999_960.0), "1M");
/// assert_eq!(compact(0.25), "0.25");
/// ```
pub fn compact(value: impl Number) -> Figure {
    const STEPS: [(f64, &str); 5] = [(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "B"), (1e12, "T")];
    let Some(value) = value.to_float() else {
        return Figure::unknown();
    };
    let magnitude = value.abs();
    if magnitude < 1.0 {
        return trimmed(value, if magnitude < 0.01 { 4 } else { 2 }, "");
    }
    // A value that rounds up to a thousand of one step is one of the next.
    let found = STEPS
        .iter()
        .position(|(size, _)| magnitude / size < if *size > 1.0 { 999.5 } else { 999.95 });
    let (size, suffix) = STEPS[found.unwrap_or(STEPS.len() - 1)];
    let scaled = value / size;
    trimmed(scaled, if scaled.abs() < 9.95 || size == 1.0 { 1 } else { 0 }, suffix)
}

/// Returns the figure with a plus before a positive value; negative ones carry their minus already.
///
/// ```
/// use apex_format::{money, signed};
///
/// assert_eq!(signed(money(1_240.0, "USD")), "+1,240.00");
/// assert_eq!(signed(money(0.0, "USD")), "0.00");
/// assert_eq!(signed(money(-0.01, "USD")), "-0.01");
/// ```
pub fn signed(figure: Figure) -> Figure {
    if figure.sign() != crate::Sign::Positive {
        return figure;
    }
    let mut with_plus = Figure::of("+");
    with_plus.push_str(&figure);
    with_plus
}

fn trimmed(value: f64, decimals: u8, suffix: &str) -> Figure {
    let mut plain = Figure::new();
    value.write_plain(decimals, &mut plain);
    let text = plain.as_str();
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    };
    let mut figure = grouped(text);
    figure.push_str(suffix);
    figure
}

/// Puts a comma before every third digit of the whole part, and drops the sign of a zero.
fn grouped(plain: &str) -> Figure {
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (rest.bytes().any(|byte| (b'1'..=b'9').contains(&byte)), rest),
        None => (false, plain),
    };
    let mut figure = Figure::new();
    if negative {
        figure.push_str("-");
    }
    if digits.contains('e') {
        figure.push_str(digits);
        return figure;
    }
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut start = 0;
    let mut end = match whole.len() % 3 {
        0 => 3.min(whole.len()),
        first => first,
    };
    while start < whole.len() {
        if start > 0 {
            figure.push_str(",");
        }
        figure.push_str(&whole[start..end]);
        start = end;
        end += 3;
    }
    figure.push_str(rest);
    figure
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(figures: &[Figure], expected: Expect) {
        let lines: Vec<&str> = figures.iter().map(Figure::as_str).collect();
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn money_groups_by_thousands_and_follows_its_currency() {
        let amounts = [
            "0",
            "-0.004",
            "0.005",
            "999.994",
            "999.995",
            "-1000",
            "123456789012345678.905",
        ];
        let figures: Vec<Figure> = amounts
            .iter()
            .map(|text| money(text.parse::<Decimal>().unwrap(), "USD"))
            .collect();
        check(
            &figures,
            expect![[r#"
                0.00
                0.00
                0.01
                999.99
                1,000.00
                -1,000.00
                123,456,789,012,345,678.91"#]],
        );
        assert_eq!(money(Decimal::MAX, "KWD"), "79,228,162,514,264,337,593,543,950,335.000");
        assert_eq!(money(Decimal::MIN, "JPY"), "-79,228,162,514,264,337,593,543,950,335");
    }

    #[test]
    fn floats_and_decimals_read_the_same() {
        for (float, decimal) in [(1_234.5, "1234.5"), (-0.125, "-0.125"), (0.1, "0.1"), (1e6, "1000000")] {
            let decimal: Decimal = decimal.parse().unwrap();
            assert_eq!(fixed(float, 4), fixed(decimal, 4));
            assert_eq!(quantity(float), quantity(decimal));
            assert_eq!(percent(float, 1), percent(decimal, 1));
        }
    }

    #[test]
    fn what_is_unknown_is_never_zero() {
        check(
            &[
                fixed(f64::NAN, 2),
                percent(f64::INFINITY, 2),
                quantity(None::<f64>),
                compact(f64::NAN),
            ],
            expect![[r#"
                --
                --
                --
                --"#]],
        );
        assert_eq!(money_with_code(None::<f64>, "USD"), "--");
        assert_eq!(signed(fixed(None::<f64>, 2)), "--");
    }

    #[test]
    fn compact_numbers_carry_over_to_the_next_step() {
        let values = [
            0.0, 0.004, 0.25, 9.96, 42.0, 999.0, 999.96, 1_000.0, 9_949.0, 9_960.0, 99_499.0, 999_499.0,
        ];
        let mut figures: Vec<Figure> = values.into_iter().map(compact).collect();
        figures.extend([999_500.0, -1_240_000.0, 2.65e9, 4.2e12, 5e15].map(compact));
        check(
            &figures,
            expect![[r#"
                0
                0.004
                0.25
                10
                42
                999
                1k
                1k
                9.9k
                10k
                99k
                999k
                1M
                -1.2M
                2.6B
                4.2T
                5,000T"#]],
        );
    }

    #[test]
    fn extreme_floats_stay_readable() {
        check(
            &[
                fixed(1e20, 2),
                fixed(-1.5e300, 2),
                quantity(1e300),
                fixed(f64::MIN_POSITIVE, 2),
            ],
            expect![[r#"
                100,000,000,000,000,000,000.00
                -1.50e300
                1.00e300
                0.00"#]],
        );
    }
}

//! Alignment on the decimal mark, for plain text and for cells made of two parts.

use std::fmt;

/// The widths that align a column of figures on the decimal mark.
///
/// ```
/// use apex_format::{DecimalColumn, quantity};
///
/// let figures = [quantity(1_250.0), quantity(0.125), quantity(None::<f64>)];
/// let column = DecimalColumn::measure(figures.iter().map(|figure| figure.as_str()));
/// let lines: Vec<String> = figures.iter().map(|figure| column.pad(figure).to_string()).collect();
/// assert_eq!(lines, ["1,250    ", "    0.125", "   --    "]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecimalColumn {
    before: usize,
    after: usize,
}

/// One figure padded to its column; write it with a format string.
#[derive(Clone, Copy, Debug)]
pub struct Padded<'a> {
    figure: &'a str,
    left: usize,
    right: usize,
}

impl DecimalColumn {
    /// Measures every figure of a column.
    pub fn measure<'a>(figures: impl IntoIterator<Item = &'a str>) -> Self {
        figures.into_iter().fold(Self::default(), |column, figure| {
            let (before, after) = widths(figure);
            Self {
                before: column.before.max(before),
                after: column.after.max(after),
            }
        })
    }

    /// Returns the width of the whole column in characters.
    pub fn width(&self) -> usize {
        self.before + self.after
    }

    /// Pads one figure so that its decimal mark stands below the others.
    pub fn pad<'a>(&self, figure: &'a str) -> Padded<'a> {
        let (before, after) = widths(figure);
        Padded {
            figure,
            left: self.before.saturating_sub(before),
            right: self.after.saturating_sub(after),
        }
    }
}

impl fmt::Display for Padded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:left$}{}{:right$}",
            "",
            self.figure,
            "",
            left = self.left,
            right = self.right
        )
    }
}

/// Splits a figure before its decimal mark, or after its last digit when it has none.
///
/// ```
/// use apex_format::split_at_mark;
///
/// assert_eq!(split_at_mark("-1,240.50"), ("-1,240", ".50"));
/// assert_eq!(split_at_mark("12%"), ("12", "%"));
/// assert_eq!(split_at_mark("--"), ("--", ""));
/// ```
pub fn split_at_mark(figure: &str) -> (&str, &str) {
    let mark = figure
        .find('.')
        .or_else(|| figure.rfind(|c: char| c.is_ascii_digit()).map(|last| last + 1));
    figure.split_at(mark.unwrap_or(figure.len()))
}

fn widths(figure: &str) -> (usize, usize) {
    let (before, after) = split_at_mark(figure);
    (before.chars().count(), after.chars().count())
}

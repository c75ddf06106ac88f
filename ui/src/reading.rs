//! What a figure reads on screen: text, the tone of its color, and why there is none where there is none.

use apex_domain::{Currency, Decimal};
use apex_format::{Figure as Text, Sign};
use apex_wire::{Amount, Statistic};

/// The meaning that a color stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Neither good nor bad.
    #[default]
    Plain,
    /// Above zero, where the sign matters.
    Gain,
    /// Below zero, where the sign matters.
    Loss,
    /// Beside the point.
    Faint,
    /// Worth a look.
    Warning,
}

impl Tone {
    /// Returns the class of the tone.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gain => "gain",
            Self::Loss => "loss",
            Self::Faint => "faint",
            Self::Warning => "warning",
        }
    }
}

/// A figure ready to be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// The text, `--` where unknown.
    pub(crate) text: String,
    /// Its color's meaning.
    pub(crate) tone: Tone,
    /// Why there is no value, or what else is worth a hover.
    pub(crate) hint: Option<String>,
    /// What happened to it just now, to be seen once.
    pub(crate) pulse: Option<Pulse>,
}

/// A change that is seen for a moment. Two in the same direction differ by their turn, so that each is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pulse {
    pub(crate) rose: bool,
    pub(crate) turn: bool,
}

impl Pulse {
    /// Returns the class of the pulse.
    pub(crate) fn class(self) -> &'static str {
        match (self.rose, self.turn) {
            (true, true) => "rose-now",
            (true, false) => "rose-again",
            (false, true) => "fell-now",
            (false, false) => "fell-again",
        }
    }
}

impl Reading {
    /// Returns plain text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// Returns text beside the point.
    pub(crate) fn faint(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            tone: Tone::Faint,
            ..Self::default()
        }
    }

    /// Returns what is shown in place of a value that does not exist for this row.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Returns an amount of money.
    pub(crate) fn money(amount: &Amount, currency: Currency) -> Self {
        Self::from_amount(amount, |value| apex_format::money(value, currency.code()), false)
    }

    /// Returns a gain or loss, signed and colored.
    pub(crate) fn gain(amount: &Amount, currency: Currency) -> Self {
        Self::from_amount(
            amount,
            |value| apex_format::signed(apex_format::money(value, currency.code())),
            true,
        )
    }

    /// Returns a decimal that is always known, as money.
    pub(crate) fn decimal_money(amount: Decimal, currency: Currency) -> Self {
        Self::shown(apex_format::money(amount, currency.code()), false)
    }

    /// Returns a quantity.
    pub(crate) fn quantity(value: Decimal) -> Self {
        Self::shown(apex_format::quantity(value), false)
    }

    /// Returns a price, with as many decimals as it was quoted with but at least two.
    pub(crate) fn price(amount: &Amount) -> Self {
        Self::from_amount(amount, Self::price_text, false)
    }

    /// Returns the text of a price.
    pub(crate) fn price_text(value: Decimal) -> Text {
        let digits = value.normalize().scale().clamp(2, 6);
        apex_format::fixed(value, u8::try_from(digits).unwrap_or(6))
    }

    /// Returns a share such as a weight, without the percent sign, which stands in the header.
    pub(crate) fn weight(statistic: &Statistic) -> Self {
        Self::from_statistic(statistic, |value| apex_format::percent_number(value, 2), false)
    }

    /// Returns a share with its percent sign.
    pub(crate) fn percent(statistic: &Statistic) -> Self {
        Self::from_statistic(statistic, |value| apex_format::percent(value, 2), false)
    }

    /// Returns a return: percent with sign and color.
    pub(crate) fn rate(statistic: &Statistic) -> Self {
        Self::from_statistic(
            statistic,
            |value| apex_format::signed(apex_format::percent(value, 2)),
            true,
        )
    }

    /// Returns a return without the percent sign, which stands in the header.
    pub(crate) fn rate_number(statistic: &Statistic) -> Self {
        Self::from_statistic(
            statistic,
            |value| apex_format::signed(apex_format::percent_number(value, 2)),
            true,
        )
    }

    /// Returns a plain number with this many decimals.
    pub(crate) fn number(statistic: &Statistic, decimals: u8) -> Self {
        Self::from_statistic(statistic, |value| apex_format::fixed(value, decimals), false)
    }

    /// Returns the change of a plain number: with its sign, and without a color.
    pub(crate) fn signed_number(statistic: &Statistic, decimals: u8) -> Self {
        Self::from_statistic(
            statistic,
            |value| apex_format::signed(apex_format::fixed(value, decimals)),
            false,
        )
    }

    /// Returns the reading with a hint on hover.
    pub(crate) fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Returns the reading with a hint on hover, unless the hover already says why there is no value.
    pub(crate) fn hinted_if_known(mut self, hint: &str) -> Self {
        self.hint.get_or_insert_with(|| hint.to_owned());
        self
    }

    /// Returns the reading in another tone.
    pub(crate) fn toned(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    fn from_amount(amount: &Amount, format: impl FnOnce(Decimal) -> Text, colored: bool) -> Self {
        match amount {
            Amount::Known(value) => Self::shown(format(*value), colored),
            Amount::Unavailable(reason) => Self::unknown(reason),
        }
    }

    fn from_statistic(statistic: &Statistic, format: impl FnOnce(f64) -> Text, colored: bool) -> Self {
        match statistic {
            Statistic::Known(value) => Self::shown(format(*value), colored),
            Statistic::Unavailable(reason) => Self::unknown(reason),
        }
    }

    fn shown(text: Text, colored: bool) -> Self {
        let tone = match text.sign() {
            Sign::Positive if colored => Tone::Gain,
            Sign::Negative if colored => Tone::Loss,
            _ => Tone::Plain,
        };
        Self {
            text: text.to_string(),
            tone,
            ..Self::default()
        }
    }

    /// Returns what is shown where there is no value, with the reason on hover.
    pub(crate) fn unknown(reason: &str) -> Self {
        Self {
            text: apex_format::UNKNOWN.to_owned(),
            tone: Tone::Faint,
            hint: Some(reason.to_owned()),
            pulse: None,
        }
    }
}

/// Returns a number of rows in words.
pub(crate) fn rows_words(count: usize) -> String {
    apex_format::counted(count as u64, "row").to_string()
}

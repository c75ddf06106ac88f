//! The explanations of a dividend: what its adjustment looks like, and what may have been paid.

use super::super::statistics::agree;
use super::event::Event;

/// How the share that adjusted closes take stands to the share that the amount states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// The same.
    Consistent,
    /// Nothing is taken.
    Missing,
    /// A sub-unit's fraction is taken, such as a hundredth.
    Fraction,
    /// A sub-unit's multiple is taken.
    Multiple,
    /// What is stated is in shares before the split of the day.
    Split,
    /// It is taken twice.
    Twice,
    /// Something else is taken.
    Other,
    /// What is taken cannot be: all of the price or more, or not a number.
    Impossible,
}

/// What was really paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    /// The amount.
    Stated,
    /// What adjusted closes take.
    Applied,
    /// The amount in sub-units: a hundredth of it.
    Divided,
    /// The amount in units: a hundred of it.
    Multiplied,
    /// Nothing.
    Nothing,
}

/// A fault that a source which makes it once is likely to make again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    /// Amounts are in sub-units.
    AmountsTooLarge,
    /// Amounts are in units.
    AmountsTooSmall,
    /// Adjusted closes take a sub-unit's fraction or multiple of what was paid, or take it twice.
    Adjusted(Class),
}

/// No dividend is as much of the price as this; a liquidation comes close.
const SHARE_MAX: f64 = 0.95;
/// An amount that is still less than this of the price once it is multiplied was not in another unit, or it would seem to be
/// in one again and again.
const MULTIPLIED_MIN: f64 = 0.001;

impl Class {
    /// Returns the class of an event. Shares agree to 3 %, which is as exact as closes of a few digits make them, and to
    /// 2e-5 of the price, which is as exact as small ones are; less than 1e-5, or than a third of a hundredth of the amount,
    /// is nothing.
    pub(super) fn of(event: &Event, units: f64) -> Self {
        let stated = event.stated;
        let Some(applied) = event
            .applied
            .filter(|applied| *applied > -0.003 && *applied < SHARE_MAX)
        else {
            return Class::Impossible;
        };
        let near = |other: f64| agree(applied, other, 0.03);
        if near(stated) || (applied - stated).abs() < 2e-5 {
            Class::Consistent
        } else if applied.abs() < (0.003 * stated).max(1e-5) {
            Class::Missing
        } else if near(stated / units) {
            Class::Fraction
        } else if near(stated * units) {
            Class::Multiple
        } else if event.split != 1.0 && near(stated / event.split) {
            Class::Split
        } else if near(2.0 * stated) || near(1.0 - (1.0 - stated).powi(2)) {
            Class::Twice
        } else {
            Class::Other
        }
    }

    /// Returns the explanations, and the negative log of how often each comes about.
    pub(super) fn explanations(self) -> &'static [(Truth, f64)] {
        use Truth::{Applied, Divided, Multiplied, Nothing, Stated};
        match self {
            Class::Consistent => &[(Stated, 0.0), (Divided, 6.0), (Multiplied, 6.0), (Nothing, 11.0)],
            Class::Missing => &[(Stated, 1.0), (Divided, 7.0), (Multiplied, 7.0), (Nothing, 7.0)],
            Class::Fraction | Class::Multiple => &[(Stated, 2.0), (Applied, 2.0), (Nothing, 13.0)],
            Class::Split => &[(Applied, 1.0), (Stated, 4.0), (Nothing, 13.0)],
            Class::Twice => &[(Stated, 1.0), (Applied, 4.0), (Nothing, 13.0)],
            Class::Other => &[
                (Stated, 3.0),
                (Applied, 3.0),
                (Divided, 6.0),
                (Multiplied, 6.0),
                (Nothing, 9.0),
            ],
            Class::Impossible => &[(Stated, 3.0), (Divided, 6.0), (Multiplied, 8.0), (Nothing, 9.0)],
        }
    }
}

impl Truth {
    /// Returns what was paid as a share of the close before; `None` where it cannot be.
    pub(super) fn share(self, event: &Event, units: f64) -> Option<f64> {
        let share = match self {
            Truth::Stated => event.stated,
            Truth::Applied => event.applied?,
            Truth::Divided => event.stated / units,
            Truth::Multiplied => Some(event.stated * units).filter(|share| *share >= MULTIPLIED_MIN)?,
            Truth::Nothing => 0.0,
        };
        (0.0..SHARE_MAX).contains(&share).then_some(share)
    }

    /// Returns the fault that a source has made if this is true of an event of the class.
    pub(super) fn habit(self, class: Class) -> Option<Habit> {
        match (self, class) {
            (Truth::Divided, _) | (Truth::Applied, Class::Fraction) => Some(Habit::AmountsTooLarge),
            (Truth::Multiplied, _) | (Truth::Applied, Class::Multiple) => Some(Habit::AmountsTooSmall),
            (Truth::Stated, Class::Fraction | Class::Multiple | Class::Twice) => Some(Habit::Adjusted(class)),
            _ => None,
        }
    }
}

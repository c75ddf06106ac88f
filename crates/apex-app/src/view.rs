//! The point of both time axes a question is asked at.

use apex_domain::PortfolioId;
use apex_wire::View;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::state::{Clock, State};

/// A view with its day filled in from the book's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moments {
    /// The portfolio looked at.
    pub portfolio: PortfolioId,
    /// The day facts hold for.
    pub as_of: Date,
    /// Only what was known at this instant; all that is known where absent.
    pub known_at: Option<Timestamp>,
}

impl Moments {
    /// Fills in the day.
    pub(crate) fn of(view: View, state: &State, today: Date) -> Self {
        let clock = match state.clock {
            Clock::Stands(day) => day,
            Clock::Wall => today,
        };
        Self {
            portfolio: view.portfolio,
            as_of: view.as_of.unwrap_or(clock),
            known_at: view.known_at,
        }
    }

    /// Returns whether something learned at `instant` counts.
    pub fn knows(&self, instant: Timestamp) -> bool {
        self.known_at.is_none_or(|known_at| instant <= known_at)
    }
}

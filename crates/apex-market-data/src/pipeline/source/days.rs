//! The stages that look at one day beside its neighbors: spikes, and what no trades can make.

use apex_domain::{Date, Decimal};

use super::super::finding::{NamedCell, name};
use super::super::{Figures, Finding, FindingCell, FindingState, invariants, spikes};
use super::{ExaminedDay, Examiner, SAME};
use crate::repair::{Kind, SURE};
use crate::series::Field;

/// A figure of a day, before and after.
type DayCell = (Field, Option<Decimal>, Option<Decimal>);

impl Examiner<'_> {
    /// Takes spikes out of days where that is sure or decided; else the days are in doubt.
    pub(super) fn spikes(&self, days: &mut [ExaminedDay]) -> Vec<Finding> {
        let is_said = |date: Date, close: f64| {
            let others = self.others.said.get(&date).into_iter().flatten();
            others.into_iter().any(|other| (close / other).ln().abs() <= SAME)
        };
        let level = |date: Date| self.factors.at(date).number();
        let found = spikes::spikes(days, level, is_said);
        let take = |spike: spikes::Spike| {
            let day = &mut days[spike.row];
            let before = day.figures;
            let all = [
                (Field::Open, before.open, spike.after.open),
                (Field::High, before.high, spike.after.high),
                (Field::Low, before.low, spike.after.low),
                (Field::Close, before.close, spike.after.close),
            ];
            let (id, state) = self.decided(Kind::Spike, day.date, &all, spike.confidence);
            match state {
                FindingState::Repaired | FindingState::Taken => {
                    day.figures = spike.after;
                    day.repaired = true;
                }
                FindingState::Waiting => day.doubtful = true,
                FindingState::LeftOut => day.figures = Figures::default(),
                FindingState::Kept => {}
            }
            day.decided |= self.intake.decisions.contains_key(&id);
            self.of_day(id, Kind::Spike, day.date, spike.reason, (spike.confidence, state), &all)
        };
        found.into_iter().map(take).collect()
    }

    /// Names a finding of one day, and says how it stands.
    fn decided(&self, kind: Kind, date: Date, all: &[DayCell], confidence: f64) -> (String, FindingState) {
        let named = all.iter().map(|(field, value, _)| NamedCell {
            date,
            what: field.name(),
            value: *value,
        });
        let id = name(self.source.provider, kind, named);
        let decision = self.intake.decisions.get(&id).copied();
        (id, FindingState::of(decision, confidence >= SURE))
    }

    fn of_day(
        &self,
        id: String,
        kind: Kind,
        date: Date,
        reason: &str,
        (confidence, state): (f64, FindingState),
        all: &[DayCell],
    ) -> Finding {
        let differs = all.iter().filter(|(_, before, after)| before != after);
        let cells: Vec<FindingCell> = differs
            .map(|(field, before, after)| FindingCell {
                date,
                field: *field,
                before: *before,
                after: *after,
            })
            .collect();
        Finding {
            id,
            provider: self.source.provider,
            kind,
            from: date,
            until: date,
            reason: reason.to_owned(),
            confidence,
            state,
            cell_count: cells.len(),
            cells,
        }
    }

    /// Widens high and low of a day where that is sure or decided; else the day is in doubt.
    pub(super) fn enclosed(&self, day: &mut ExaminedDay) -> Option<Finding> {
        let (widened, confidence) = invariants::widened(&day.figures)?;
        let said = day.figures;
        let all = [
            (Field::Open, said.open, widened.open),
            (Field::High, said.high, widened.high),
            (Field::Low, said.low, widened.low),
            (Field::Close, said.close, widened.close),
        ];
        let (id, state) = self.decided(Kind::Invariant, day.date, &all, confidence);
        match state {
            FindingState::Repaired | FindingState::Taken => {
                day.figures = widened;
                day.repaired = true;
            }
            FindingState::Waiting => day.doubtful = true,
            FindingState::LeftOut => day.figures = Figures::default(),
            FindingState::Kept => {}
        }
        day.decided |= self.intake.decisions.contains_key(&id);
        let reason = "high and low do not enclose open and close; the day alone does not tell which price is wrong";
        Some(self.of_day(id, Kind::Invariant, day.date, reason, (confidence, state), &all))
    }
}

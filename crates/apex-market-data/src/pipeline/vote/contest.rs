//! Days on which sources contradict each other, judged by the days around them.

use super::{Finding, FindingState, Outcome, Voter, apply};
use crate::repair::SURE;
use crate::repair::statistics::{scatter, shares, surprise};
use crate::repair::units::SCATTER_MIN;

/// Standard deviations that a step of the losing source must be at least, and how many times those of the winning one.
const STEP_MIN: f64 = 4.0;
const STEP_TIMES: f64 = 2.0;

/// What it costs to believe a source.
struct Path {
    cost: f64,
    /// The most unusual step, in standard deviations.
    step: f64,
}

impl Voter<'_> {
    /// Judges the days on which sources contradict each other.
    pub(super) fn settle(&self, outcomes: &mut [Outcome], findings: &mut Vec<Finding>) {
        let table = self.table;
        let level = |row: usize, outcomes: &[Outcome]| match outcomes[row] {
            Outcome::Publish { source, .. } => table.entry(row, source).map(|entry| entry.level),
            _ => None,
        };
        let agreed: Vec<f64> = (0..outcomes.len()).filter_map(|row| level(row, outcomes)).collect();
        let scatter = scatter(agreed.windows(2).map(|pair| pair[1] - pair[0]), SCATTER_MIN);
        let mut row = 0;
        while row < outcomes.len() {
            let Outcome::Contested(heads) = outcomes[row].clone() else {
                row += 1;
                continue;
            };
            // Days without any bar do not end a run; nor does one that waits for another reason.
            let mut days = vec![row];
            let mut next = row + 1;
            while next < outcomes.len() {
                match &outcomes[next] {
                    Outcome::Contested(others) if *others == heads => days.push(next),
                    Outcome::Nothing | Outcome::Waits => {}
                    _ => break,
                }
                next += 1;
            }
            let before = (0..row).rev().find_map(|row| level(row, outcomes));
            let after = (next..outcomes.len()).find_map(|row| level(row, outcomes));
            self.contest(&days, &heads, (before, after), scatter, outcomes, findings);
            row = days[days.len() - 1] + 1;
        }
    }

    fn contest(
        &self,
        days: &[usize],
        heads: &[usize],
        agreed: (Option<f64>, Option<f64>),
        scatter: f64,
        outcomes: &mut [Outcome],
        findings: &mut Vec<Finding>,
    ) {
        let paths: Vec<Path> = heads
            .iter()
            .map(|head| self.path(days, *head, agreed, scatter))
            .collect();
        let shares = shares(&paths.iter().map(|path| path.cost).collect::<Vec<_>>());
        // Of equals the more trusted is proposed.
        let best = (0..heads.len())
            .rev()
            .max_by(|one, other| shares[*one].total_cmp(&shares[*other]))
            .unwrap_or(0);
        let winner = heads[best];
        for row in days {
            outcomes[*row] = Outcome::Waits;
        }
        let mut settled = true;
        let mut losing = Vec::new();
        for (place, loser) in heads.iter().enumerate().filter(|(place, _)| *place != best) {
            let clear = agreed != (None, None)
                && paths[place].step >= STEP_MIN
                && paths[place].step >= STEP_TIMES * paths[best].step;
            let share = shares[best] / (shares[best] + shares[place]);
            let confidence = if clear { share } else { share.min(SURE - 0.05) };
            let reason = match clear {
                true => "the days around fit the other source",
                false => "the days around do not tell which is right",
            };
            let finding = self.finding(days, *loser, winner, confidence, reason);
            settled &= finding.state == FindingState::Repaired;
            losing.push((*loser, finding));
        }
        if settled {
            for row in days {
                outcomes[*row] = Outcome::Publish {
                    source: winner,
                    confirmed: false,
                    decided: false,
                };
            }
        }
        for (loser, finding) in losing {
            apply(&finding, days, loser, winner, outcomes);
            findings.push(finding);
        }
    }

    /// What it costs to believe a source over some days, and the most unusual step that leaves.
    fn path(&self, days: &[usize], source: usize, agreed: (Option<f64>, Option<f64>), scatter: f64) -> Path {
        let mut path = Path { cost: 0.0, step: 0.0 };
        let mut take = |change: f64| {
            let deviations = (change / scatter).abs();
            path.cost += surprise(deviations);
            path.step = path.step.max(deviations);
        };
        let mut before = agreed.0;
        for row in days {
            let Some(entry) = self.table.entry(*row, source) else {
                continue;
            };
            if let Some(before) = before {
                take(entry.level - before);
            }
            entry.ranges().for_each(&mut take);
            before = Some(entry.level);
        }
        if let (Some(last), Some(after)) = (before, agreed.1) {
            take(after - last);
        }
        path
    }
}

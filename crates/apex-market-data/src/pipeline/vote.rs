//! The vote of the sources on each day, and the days that are published.
//!
//! Sources agree on a day when their closes differ by half a percent at most (one and a half for rates, which each source
//! fixes at another hour) and their other prices by three. Where more than half agree, the odd one is outvoted. Where two
//! contradict each other, days in a row are judged together: each source's figures are led from the last day agreed on to
//! the next, and whose steps and ranges are likelier wins if that is sure; else the days wait.

mod table;

use std::collections::{BTreeMap, BTreeSet};

use apex_domain::Date;

use super::basis::Factors;
use super::day::{DayKind, Days};
use super::finding::{CELLS_MAX, NamedCell, name};
use super::publish::{Flag, PublishedDay};
use super::source::Examined;
use super::{Finding, FindingCell, FindingState, Intake, sessions};
use crate::repair::statistics::{scatter, shares, surprise};
use crate::repair::units::SCATTER_MIN;
use crate::repair::{Kind, SURE};
use crate::series::Field;
use table::{Entry, Table};

/// How sure it is that the odd one of three is wrong.
const OUTVOTED: f64 = 0.95;
/// Standard deviations that a step of the losing source must be at least, and how many times those of the winning one.
const STEP_MIN: f64 = 4.0;
const STEP_TIMES: f64 = 2.0;

/// What the vote comes to.
#[derive(Debug, Default)]
pub(super) struct Voted {
    pub(super) days: BTreeMap<Date, PublishedDay>,
    pub(super) waiting: BTreeSet<Date>,
}

/// How a day stands.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    /// Nobody has a bar.
    Nothing,
    /// A person must decide.
    Waits,
    /// The source's figures count.
    Publish {
        /// Which.
        source: usize,
        /// Whether another says the same.
        confirmed: bool,
        /// Whether a person said so.
        decided: bool,
    },
    /// These sources contradict each other; each stands for those that agree with it.
    Contested(Vec<usize>),
}

pub(super) fn vote(
    examined: &[Examined],
    factors: &Factors,
    days: Days,
    intake: &Intake,
    findings: &mut Vec<Finding>,
) -> Voted {
    let table = Table::of(examined, factors, intake.subject.is_rate());
    let voter = Voter { table: &table, intake };
    let mut outvoted: Vec<Vec<(usize, usize)>> = vec![Vec::new(); examined.len()];
    let mut outcomes: Vec<Outcome> = (0..table.dates.len())
        .map(|row| voter.day(row, &mut outvoted))
        .collect();
    for (loser, rows) in outvoted.iter().enumerate() {
        voter.outvoted(loser, rows, &mut outcomes, findings);
    }
    voter.settle(&mut outcomes, findings);
    let mut voted = Voted::default();
    // A day that is no session by the calendar, and that only one source has, waits if it moved.
    voted.waiting.extend(sessions::waiting(findings));
    for (row, outcome) in outcomes.iter().enumerate() {
        let date = table.dates[row];
        match outcome {
            Outcome::Publish {
                source,
                confirmed,
                decided,
            } => {
                let flags = voter.flags(row, *source, (*confirmed, *decided), factors, days);
                let day = table
                    .entry(row, *source)
                    .and_then(|entry| PublishedDay::of(&entry.figures, table.providers[*source], flags));
                if let Some(day) = day {
                    voted.waiting.remove(&date);
                    voted.days.insert(date, day);
                }
            }
            Outcome::Waits | Outcome::Contested(_) => drop(voted.waiting.insert(date)),
            Outcome::Nothing => {}
        }
    }
    voted
}

struct Voter<'a> {
    table: &'a Table,
    intake: &'a Intake,
}

impl Voter<'_> {
    fn flags(
        &self,
        row: usize,
        source: usize,
        (confirmed, decided): (bool, bool),
        factors: &Factors,
        days: Days,
    ) -> BTreeSet<Flag> {
        let date = self.table.dates[row];
        let entry = self.table.entry(row, source);
        let is = |flag: Flag| match flag {
            Flag::Repaired => entry.is_some_and(|entry| entry.repaired),
            Flag::Decided => decided || entry.is_some_and(|entry| entry.decided),
            Flag::Confirmed => confirmed,
            Flag::SecondChoice => source > 0,
            Flag::Unadjusted => self.table.providers[source].is_split_adjusted() && !factors.at(date).is_one(),
            Flag::HalfDay => days.kind(date) == DayKind::HalfDay,
        };
        let all = [
            Flag::Repaired,
            Flag::Decided,
            Flag::Confirmed,
            Flag::SecondChoice,
            Flag::Unadjusted,
            Flag::HalfDay,
        ];
        all.into_iter().filter(|flag| is(*flag)).collect()
    }

    /// Decides one day by who agrees with whom, and notes who is outvoted by whom.
    fn day(&self, row: usize, outvoted: &mut [Vec<(usize, usize)>]) -> Outcome {
        let table = self.table;
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut any = false;
        for source in 0..table.providers.len() {
            let Some(entry) = table.entry(row, source) else {
                continue;
            };
            any = true;
            if entry.doubtful {
                continue;
            }
            match groups.iter_mut().find(|group| table.agree(row, group[0], source)) {
                Some(group) => group.push(source),
                None => groups.push(vec![source]),
            }
        }
        // What needed no repair comes first.
        let head = |group: &[usize]| {
            let untouched = |source: &usize| table.entry(row, *source).is_some_and(|entry| !entry.repaired);
            group.iter().copied().find(untouched).unwrap_or(group[0])
        };
        match groups.as_slice() {
            [] if any => Outcome::Waits,
            [] => Outcome::Nothing,
            [group] => Outcome::Publish {
                source: head(group),
                confirmed: group.len() > 1,
                decided: false,
            },
            groups => {
                let all: usize = groups.iter().map(Vec::len).sum();
                match groups.iter().find(|group| 2 * group.len() > all) {
                    Some(most) => {
                        for odd in groups.iter().filter(|group| *group != most).flatten() {
                            outvoted[*odd].push((row, head(most)));
                        }
                        Outcome::Publish {
                            source: head(most),
                            confirmed: true,
                            decided: false,
                        }
                    }
                    None => Outcome::Contested(groups.iter().map(|group| head(group)).collect()),
                }
            }
        }
    }

    /// Finds what was outvoted, days in a row together, and honors what a person decided about it.
    fn outvoted(&self, loser: usize, rows: &[(usize, usize)], outcomes: &mut [Outcome], findings: &mut Vec<Finding>) {
        for run in rows.chunk_by(|one, next| one.0 + 1 == next.0 && one.1 == next.1) {
            let winner = run[0].1;
            let days: Vec<usize> = run.iter().map(|(row, _)| *row).collect();
            let finding = self.finding(
                &days,
                loser,
                winner,
                OUTVOTED,
                "two other sources agree with each other",
            );
            apply(&finding, &days, loser, winner, outcomes);
            findings.push(finding);
        }
    }

    /// Judges the days on which sources contradict each other.
    fn settle(&self, outcomes: &mut [Outcome], findings: &mut Vec<Finding>) {
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

    /// A finding about days on which one source contradicts another that is believed rather.
    fn finding(&self, days: &[usize], loser: usize, winner: usize, confidence: f64, why: &str) -> Finding {
        let table = self.table;
        let (provider, other) = (table.providers[loser], table.providers[winner]);
        let (from, until) = (table.dates[days[0]], table.dates[days[days.len() - 1]]);
        let close = |source: usize| table.entry(days[0], source).and_then(|entry| entry.figures.close);
        // Named by its first day, so that it stays the same finding while it lasts.
        let cell = |what, value| NamedCell {
            date: from,
            what,
            value,
        };
        let high = table.entry(days[0], loser).and_then(|entry| entry.figures.high);
        let id = name(
            provider,
            Kind::Disagreement,
            [
                cell("close", close(loser)),
                cell("high", high),
                cell(other.name(), close(winner)),
            ],
        );
        let decision = self.intake.decisions.get(&id).copied();
        let mut cells: Vec<FindingCell> = Vec::new();
        let mut count = 0;
        for row in days {
            let (Some(one), Some(two)) = (table.entry(*row, loser), table.entry(*row, winner)) else {
                continue;
            };
            for (field, before, after) in differing(one, two) {
                count += 1;
                if cells.len() < CELLS_MAX {
                    cells.push(FindingCell {
                        date: table.dates[*row],
                        field,
                        before,
                        after,
                    });
                }
            }
        }
        let ratio = table.ratio(days, loser, winner);
        let much = ratio.map_or_else(String::new, |ratio| format!(", {ratio:.4} times as much"));
        let when = match from == until {
            true => format!("on {from}"),
            false => format!("from {from} to {until}"),
        };
        Finding {
            id,
            provider,
            kind: Kind::Disagreement,
            from,
            until,
            reason: format!("{provider} contradicts {other} {when}{much}; {why}"),
            confidence,
            state: FindingState::of(decision, confidence >= SURE),
            cells,
            cell_count: count,
        }
    }
}

/// Makes of the days what a person decided about a finding; without a decision they stay as they are.
fn apply(finding: &Finding, days: &[usize], loser: usize, winner: usize, outcomes: &mut [Outcome]) {
    let publish = |source: usize| Outcome::Publish {
        source,
        confirmed: false,
        decided: true,
    };
    let outcome = match finding.state {
        FindingState::Taken => publish(winner),
        FindingState::Kept => publish(loser),
        FindingState::LeftOut => Outcome::Nothing,
        FindingState::Repaired | FindingState::Waiting => return,
    };
    for row in days {
        outcomes[*row] = outcome.clone();
    }
}

/// What it costs to believe a source.
struct Path {
    cost: f64,
    /// The most unusual step, in standard deviations.
    step: f64,
}

type Differing = (Field, Option<apex_domain::Decimal>, Option<apex_domain::Decimal>);

fn differing(one: &Entry, two: &Entry) -> Vec<Differing> {
    let (one, two) = (one.figures, two.figures);
    let all = [
        (Field::Open, one.open, two.open),
        (Field::High, one.high, two.high),
        (Field::Low, one.low, two.low),
        (Field::Close, one.close, two.close),
    ];
    all.into_iter().filter(|(_, before, after)| before != after).collect()
}

//! The vote of the sources on each day, and the days that are published.
//!
//! Sources agree on a day when their closes differ by half a percent at most (one and a half for rates, which each source
//! fixes at another hour) and their other prices by three. Where more than half agree, the odd one is outvoted. Where two
//! contradict each other, days in a row are judged together: each source's figures are led from the last day agreed on to
//! the next, and whose steps and ranges are likelier wins if that is sure; else the days wait.

mod contest;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use apex_domain::Date;

use super::basis::Factors;
use super::day::{DayKind, Days};
use super::finding::{CELLS_MAX, NamedCell, name};
use super::publish::{Flag, PublishedDay};
use super::source::Examined;
use super::{Finding, FindingCell, FindingState, Intake, sessions};
use crate::record::Provider;
use crate::repair::{Kind, SURE};
use crate::series::Field;
use table::{Entry, Table};

/// How sure it is that the odd one of three is wrong.
const OUTVOTED: f64 = 0.95;
/// What the vote comes to.
#[derive(Debug, Default)]
pub(super) struct Voted {
    pub(super) days: BTreeMap<Date, PublishedDay>,
    pub(super) waiting: BTreeSet<Date>,
    /// Days that sources have and a person left out.
    pub(super) left_out: Vec<(Date, Provider)>,
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
            Outcome::Nothing => {
                let providers = table.providers.iter().enumerate();
                let having = providers.filter(|(source, _)| table.entry(row, *source).is_some());
                voted.left_out.extend(having.map(|(_, provider)| (date, *provider)));
            }
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

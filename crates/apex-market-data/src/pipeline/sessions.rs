//! Bars on days that are no session.
//!
//! A repeated price without volume on a holiday is left out. A bar that moved may be of a session that the calendar does
//! not know: it waits. Where there are many, the exchange is likely another, and they are one finding.

use apex_domain::{Date, Decimal};

use super::day::{DayKind, Days};
use super::finding::{CELLS_MAX, NamedCell, name};
use super::run::Source;
use super::{Decision, Figures, Finding, FindingCell, FindingState, Intake, LeftOut};
use crate::repair::{Kind, SURE};
use crate::series::Field;

/// More bars off the calendar than this speak against the calendar.
const MANY: usize = 20;
/// How sure it is that a bar in which nothing moved is no session's, and that one in which something did is none.
const IDLE: f64 = 0.97;
const MOVED: f64 = 0.6;

/// Takes the bars out that are on no session, unless a person keeps them, and returns the days about which that is settled.
pub(super) fn check(
    source: &mut Source,
    days: Days,
    intake: &Intake,
    findings: &mut Vec<Finding>,
) -> Vec<(Date, LeftOut)> {
    let outside: Vec<usize> = (0..source.bars.len())
        .filter(|row| days.kind(source.bars[*row].0) == DayKind::Closed)
        .collect();
    let (mut out, mut settled): (Vec<usize>, Vec<(Date, LeftOut)>) = (Vec::new(), Vec::new());
    if intake.subject.is_rate() {
        // Rates are fixed on weekdays; some sources write the night from Sunday to Monday as a Sunday.
        out = outside;
    } else {
        let together = if outside.len() > MANY { outside.len() } else { 1 };
        for rows in outside.chunks(together) {
            let found = finding(source, rows, days, intake);
            if found.state != FindingState::Kept {
                out.extend_from_slice(rows);
                let bars = rows.iter().map(|row| source.bars[*row]);
                settled
                    .extend(bars.filter_map(|(date, figures)| Some((date, LeftOut::of(found.state, figures.close)?))));
            }
            findings.push(found);
        }
    }
    let mut row = 0;
    source.bars.retain(|_| {
        row += 1;
        out.binary_search(&(row - 1)).is_err()
    });
    settled
}

fn finding(source: &Source, rows: &[usize], days: Days, intake: &Intake) -> Finding {
    let bar = |row: usize| source.bars[row];
    let (from, until) = (bar(rows[0]).0, bar(rows[rows.len() - 1]).0);
    let id = match rows {
        [row] => {
            let (date, figures) = bar(*row);
            let cell = |what, value| NamedCell { date, what, value };
            name(
                source.provider,
                Kind::Session,
                [cell("close", figures.close), cell("high", figures.high)],
            )
        }
        // One finding, whatever the calendar's next day brings.
        _ => name(source.provider, Kind::Session, []),
    };
    let before = rows[0].checked_sub(1).and_then(|row| bar(row).1.close);
    let (confidence, reason) = match rows {
        [row] if is_idle(&bar(*row).1, before) => (
            IDLE,
            format!("{from} is no session of {}, and nothing was traded", days.name()),
        ),
        [_] => (
            MOVED,
            format!("{from} is no session of {}, but its prices moved", days.name()),
        ),
        _ => (
            MOVED,
            format!(
                "{} bars are on days that are no session of {}; the exchange may be another",
                rows.len(),
                days.name()
            ),
        ),
    };
    let decision: Option<Decision> = intake.decisions.get(&id).copied();
    let cells = rows.iter().take(CELLS_MAX).map(|row| {
        let (date, figures) = bar(*row);
        FindingCell {
            date,
            field: Field::Close,
            before: figures.close,
            after: None,
        }
    });
    Finding {
        id,
        provider: source.provider,
        kind: Kind::Session,
        from,
        until,
        reason,
        confidence,
        state: FindingState::of(decision, confidence >= SURE),
        cells: cells.collect(),
        cell_count: rows.len(),
    }
}

/// Returns whether a bar repeats the close before it, without a trade.
fn is_idle(figures: &Figures, before: Option<Decimal>) -> bool {
    let prices = [figures.open, figures.high, figures.low, figures.close];
    let flat = prices.iter().flatten().all(|price| Some(*price) == figures.close);
    let untraded = figures.volume.is_none_or(|volume| volume.is_zero());
    untraded && (flat || figures.close == before)
}

/// Returns the days that a person must decide about: bars that were taken out and may be a session's.
pub(super) fn waiting(findings: &[Finding]) -> impl Iterator<Item = Date> {
    findings
        .iter()
        .filter(|finding| finding.kind == Kind::Session && finding.state == FindingState::Waiting)
        .flat_map(|finding| finding.cells.iter().map(|cell| cell.date))
}

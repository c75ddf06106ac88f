//! What a dividend really was: what each explanation costs, and the verdict.

use super::super::SURE;
use super::super::statistics::{agree, median, shares, surprise};
use super::event::Event;
use super::explanation::{Class, Truth};

/// What is held to be true about an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verdict {
    pub(super) truth: Truth,
    pub(super) class: Class,
    /// Whether it was paid, but stands there twice.
    pub(super) duplicate: bool,
    pub(super) confidence: f64,
}

/// Amounts of one kind of fault are alike within this ratio.
const ALIKE: f64 = 10.0;
/// Odds by which falls alone must speak against a dividend that adjusted closes take as stated: ten to one.
const AGAINST_CONSISTENT: f64 = 2.3;
/// The same, where the amount then is as the others and before was not.
const AGAINST_ODD: f64 = 1.0;
/// What a fault costs less that the source has made elsewhere: a negative log.
const AGAIN: f64 = 4.0;

/// Returns the surprise of the fall on the day of an event if `share` was paid; nothing where no trade could tell.
pub(super) fn surprise_of(event: &Event, share: f64) -> f64 {
    event.fall.map_or(0.0, |fall| surprise((fall - share) / event.scatter))
}

/// Events of one class whose amounts are alike.
struct Group<'a> {
    class: Class,
    events: Vec<&'a Event>,
    truth: Truth,
    confidence: f64,
}

/// Judges events; those of one class and of alike amounts together, and then again, knowing what the others were.
pub(super) fn verdicts(events: &[Event], units: f64) -> Vec<(Event, Verdict)> {
    let mut groups = groups(events, units);
    for _ in 0..2 {
        let judged: Vec<(Truth, f64)> = (0..groups.len())
            .map(|at| {
                let others = groups.iter().enumerate().filter(|(other, _)| *other != at);
                let others: Vec<&Group> = others.map(|(_, group)| group).collect();
                judge(&groups[at], &others, units)
            })
            .collect();
        for (group, (truth, confidence)) in groups.iter_mut().zip(judged) {
            (group.truth, group.confidence) = (truth, confidence);
        }
    }
    let verdict = |group: &Group| Verdict {
        truth: group.truth,
        class: group.class,
        duplicate: false,
        confidence: group.confidence,
    };
    groups
        .iter()
        .flat_map(|group| group.events.iter().map(move |event| ((*event).clone(), verdict(group))))
        .collect()
}

fn groups(events: &[Event], units: f64) -> Vec<Group<'_>> {
    let converted = converted(events, units);
    let mut sorted: Vec<(Class, &Event)> = events
        .iter()
        .map(|event| match converted.is_some_and(|ratio| at_ratio(event, ratio)) {
            true => (Class::Impossible, event),
            false => (Class::of(event, units), event),
        })
        .collect();
    sorted.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.stated.total_cmp(&other.1.stated)));
    let mut groups: Vec<Group> = Vec::new();
    for (class, event) in sorted {
        match groups.last_mut() {
            Some(group)
                if group.class == class
                    && group
                        .events
                        .last()
                        .is_some_and(|last| event.stated <= ALIKE * last.stated) =>
            {
                group.events.push(event);
            }
            _ => groups.push(Group {
                class,
                events: vec![event],
                truth: Truth::Stated,
                confidence: if class == Class::Consistent { 1.0 } else { 0.0 },
            }),
        }
    }
    groups
}

/// Returns the ratio by which adjusted closes take too much, where it is the same on three days or more and takes all of
/// the price on one: dividends in another currency. Then it is as wrong on the days on which something is left.
fn converted(events: &[Event], units: f64) -> Option<f64> {
    let odd = |event: &&Event| matches!(Class::of(event, units), Class::Other | Class::Impossible);
    let odd: Vec<&Event> = events
        .iter()
        .filter(odd)
        .filter(|event| event.applied.is_some())
        .collect();
    let ratio = median(odd.iter().filter_map(|event| Some(event.applied? / event.stated)))?;
    let same: Vec<&&Event> = odd.iter().filter(|event| at_ratio(event, ratio)).collect();
    let all = same.iter().any(|event| event.applied >= Some(1.0));
    (same.len() >= 3 && all).then_some(ratio)
}

fn at_ratio(event: &Event, ratio: f64) -> bool {
    event
        .applied
        .is_some_and(|applied| agree(applied / event.stated, ratio, 0.03))
}

fn judge(group: &Group, others: &[&Group], units: f64) -> (Truth, f64) {
    let (class, events) = (group.class, &group.events[..]);
    // Amounts of which it is known what they were tell what is usual, and which fault the source makes.
    let known = || others.iter().filter(|other| other.confidence >= SURE);
    let usual: Vec<f64> = known()
        .flat_map(|other| {
            other
                .events
                .iter()
                .filter_map(move |event| Some(other.truth.share(event, units)? * event.price))
        })
        .collect();
    let usual = &usual[..];
    let made = |truth: Truth| {
        let habit = truth.habit(class);
        habit.is_some() && known().any(|other| other.truth.habit(other.class) == habit)
    };
    let falls = |truth: Truth| -> f64 {
        let surprises = events.iter().map(|event| {
            truth
                .share(event, units)
                .map_or(f64::INFINITY, |share| surprise_of(event, share))
        });
        surprises.sum()
    };
    let explanations = class.explanations();
    let costs: Vec<f64> = explanations
        .iter()
        .map(|(truth, rarity)| {
            let again = if made(*truth) { AGAIN } else { 0.0 };
            falls(*truth) + rarity - again + unusual(*truth, events, usual, units)
        })
        .collect();
    let shares = shares(&costs);
    let best = (0..shares.len())
        .max_by(|one, other| shares[*one].total_cmp(&shares[*other]))
        .unwrap_or(0);
    let (truth, confidence) = (explanations[best].0, shares[best]);
    if class == Class::Consistent && truth != Truth::Stated {
        let against = falls(Truth::Stated) - falls(truth);
        let odd = from_usual(truth, events, usual, units).is_some_and(|ratio| ratio.abs() < 2_f64.ln())
            && from_usual(Truth::Stated, events, usual, units).is_some_and(|ratio| ratio.abs() > ALIKE.ln());
        if against < if odd { AGAINST_ODD } else { AGAINST_CONSISTENT } {
            return (Truth::Stated, confidence);
        }
    }
    (truth, confidence)
}

/// What an amount costs for being unusual: its yield among all stocks, and its size among the others of its own. One that
/// was never paid was still written down, so its amount counts as it stands.
fn unusual(truth: Truth, events: &[&Event], usual: &[f64], units: f64) -> f64 {
    let truth = if truth == Truth::Nothing { Truth::Stated } else { truth };
    let Some(share) = median(events.iter().filter_map(|event| truth.share(event, units))).filter(|share| *share > 0.0)
    else {
        return 0.0;
    };
    // Most payments are between a third of a percent and three percent of the price; a single one may be far from that, a
    // payer whose payments are all far from it is rare.
    let deviations = (share / 0.01).ln();
    match from_usual(truth, events, usual, units) {
        Some(ratio) => surprise(deviations) + surprise(ratio / 0.7),
        None => deviations * deviations / 2.0,
    }
}

/// Natural log of the ratio of the amounts to the usual ones, where there are at least two of those.
fn from_usual(truth: Truth, events: &[&Event], usual: &[f64], units: f64) -> Option<f64> {
    let usual = median(usual.iter().copied()).filter(|_| usual.len() >= 2)?;
    let amounts = events
        .iter()
        .filter_map(|event| Some(truth.share(event, units)? * event.price));
    let amount = median(amounts).filter(|amount| *amount > 0.0)?;
    Some((amount / usual).ln())
}

impl Verdict {
    /// Returns why, in a sentence.
    pub(super) fn reason(&self, event: &Event, units: f64) -> String {
        let percent = |share: f64| format!("{:.2} %", share * 100.0);
        let applied = match event.applied {
            Some(applied) if self.class != Class::Impossible => format!("take {}", percent(applied)),
            _ => "take more than there was".to_owned(),
        };
        let fell = match event.fall {
            Some(fall) if fall >= 0.0 => format!("prices fell by {}", percent(fall)),
            Some(fall) => format!("prices rose by {}", percent(-fall)),
            None => "nothing was traded".to_owned(),
        };
        let conclusion = match (self.truth, self.class) {
            (Truth::Nothing, _) if self.duplicate => "it stands there twice within days".to_owned(),
            (Truth::Nothing, _) => "it was not paid".to_owned(),
            (Truth::Stated, Class::Missing) => "they leave it out".to_owned(),
            (Truth::Stated, Class::Fraction) => format!("they take it divided by {units}"),
            (Truth::Stated, Class::Multiple) => format!("they take it times {units}"),
            (Truth::Stated, Class::Twice) => "they take it twice".to_owned(),
            (Truth::Stated, _) => "they should take the amount".to_owned(),
            (Truth::Applied, Class::Split) => "it is in shares before the split of the day".to_owned(),
            (Truth::Applied, Class::Fraction) | (Truth::Divided, _) => format!("it is {units} times too large"),
            (Truth::Applied, Class::Multiple) | (Truth::Multiplied, _) => format!("it is {units} times too small"),
            (Truth::Applied, _) => "they take what was paid".to_owned(),
        };
        format!(
            "the dividend of {}, {}, is {} of the close before, adjusted closes {applied}, {fell}: {conclusion}",
            event.date,
            event.amount,
            percent(event.stated),
        )
    }
}

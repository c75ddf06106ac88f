//! Capital gains of funds that adjusted closes take twice.
//!
//! Some sources count the gains among the dividend and some beside it. Where adjusted closes take both, the falls of the
//! prices on all such days together tell which it is.

use super::dividends::{Event, events, readjusted};
use super::statistics::{agree, shares, surprise};
use super::{Kind, Proposal, Settings};
use crate::series::{Field, Interval, Series};

/// Finds gains that adjusted closes take twice.
pub(super) fn gains(series: &Series, _: &Settings) -> Vec<Proposal> {
    if series.interval() != Interval::Day || !series.has(Field::CapitalGains) {
        return Vec::new();
    }
    let both = |event: &Event| (event.amount + event.gains) / event.price;
    let events: Vec<Event> = events(series)
        .into_iter()
        .filter(|event| {
            event.gains > 0.0
                && event.gains <= event.amount * 1.001
                && event.applied.is_some_and(|applied| agree(applied, both(event), 0.01))
        })
        .collect();
    let falls = |share: &dyn Fn(&Event) -> f64| -> f64 {
        events
            .iter()
            .filter_map(|event| Some(surprise((event.fall? - share(event)) / event.scatter)))
            .sum()
    };
    let shares = shares(&[falls(&|event| event.stated), falls(&both)]);
    let confidence = shares[0];
    if confidence <= 0.5 {
        return Vec::new();
    }
    let mut working = series.clone();
    let mut proposals = Vec::new();
    for event in events.iter().rev() {
        let (rescale, changes) = readjusted(&working, event, event.stated);
        let reason = format!(
            "adjusted closes before {} take the dividend {} and the capital gains {} that are part of it; prices fell by \
             the dividend alone",
            event.date, event.amount, event.gains
        );
        let proposal = Proposal {
            kind: Kind::CapitalGains,
            changes,
            rescale,
            reason,
            confidence,
        };
        if proposal.is_sure() {
            proposal.apply(&mut working);
        }
        if !proposal.is_idle() {
            proposals.push(proposal);
        }
    }
    proposals
}

//! Budgets kept: by hand-worked cases, and over simulated months with restarts.

mod month;

use std::collections::BTreeMap;

use apex_domain::Timestamp;
use apex_market_data::Cap;
use apex_market_data::budget::{Budget, Caps, Outcome, Spent, Verdict};

pub(crate) const NOON: &str = "2026-03-02T12:00:00Z";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn after(secs: f64) -> Timestamp {
    at(NOON) + jiff::SignedDuration::from_secs_f64(secs)
}

fn caps(requests: &[(Cap, u32)], concurrent: u32) -> Caps {
    Caps {
        requests: requests.iter().copied().collect(),
        concurrent,
    }
}

fn budget(requests: &[(Cap, u32)], concurrent: u32) -> Budget {
    Budget::resume(caps(requests, concurrent), Spent::default(), at(NOON))
}

/// Sends a request that is answered at once.
fn go(budget: &mut Budget, now: Timestamp) {
    assert_eq!(budget.ask(now), Verdict::Go);
    budget.ended(Outcome::Answered, now, 0.0);
}

#[test]
fn a_cap_holds_for_every_span_and_not_only_for_whole_minutes() {
    let mut budget = budget(&[(Cap::Minute, 2)], 9);
    go(&mut budget, after(50.0));
    go(&mut budget, after(59.0));
    // A minute after the first, and a quarter of a second for what travels faster.
    assert_eq!(budget.ask(after(61.0)), Verdict::Wait(after(110.25)));
    go(&mut budget, after(110.25));
    assert_eq!(budget.left(after(110.25))[0].requests, 0);
    assert_eq!(budget.left(after(200.0))[0].requests, 2);
}

#[test]
fn the_tightest_cap_decides() {
    let mut budget = budget(&[(Cap::Second, 1), (Cap::Day, 2)], 9);
    go(&mut budget, after(0.0));
    assert_eq!(budget.ask(after(0.5)), Verdict::Wait(after(1.25)));
    go(&mut budget, after(2.0));
    assert_eq!(budget.ask(after(60.0)), Verdict::Wait(after(86_400.25)));
}

#[test]
fn so_many_at_a_time_and_no_more() {
    let mut budget = budget(&[], 2);
    assert_eq!(budget.ask(after(0.0)), Verdict::Go);
    assert_eq!(budget.ask(after(0.0)), Verdict::Go);
    assert_eq!(budget.ask(after(0.0)), Verdict::Busy);
    budget.ended(Outcome::Answered, after(1.0), 0.0);
    assert_eq!(budget.ask(after(1.0)), Verdict::Go);
}

#[test]
fn a_restart_forgets_nothing() {
    let mut budget = budget(&[(Cap::Day, 25)], 1);
    for request in 0..25 {
        go(&mut budget, after(f64::from(request)));
    }
    let text = serde_json::to_string(budget.spent()).unwrap();
    let spent: Spent = serde_json::from_str(&text).unwrap();
    let mut again = Budget::resume(caps(&[(Cap::Day, 25)], 1), spent, after(3_600.0));
    assert_eq!(again.ask(after(3_600.0)), Verdict::Wait(after(86_400.25)));
    // What an older version wrote, without the newer fields, is read too.
    let older: Spent = serde_json::from_str(r#"{"sent":[1]}"#).unwrap();
    assert_eq!(older.sent, [1]);
}

#[test]
fn a_clock_set_back_frees_nothing_and_blocks_for_no_longer_than_a_span() {
    let mut budget = budget(&[(Cap::Minute, 1)], 9);
    go(&mut budget, after(1_000_000.0));
    // Within one run the clock never goes back.
    assert_eq!(budget.ask(after(0.0)), Verdict::Wait(after(1_000_060.25)));
    let mut again = Budget::resume(caps(&[(Cap::Minute, 1)], 9), budget.spent().clone(), after(0.0));
    assert_eq!(again.ask(after(0.0)), Verdict::Wait(after(60.25)));
}

#[test]
fn what_the_provider_says_is_honored() {
    let throttled = |cap, retry_after_secs| Outcome::Throttled { cap, retry_after_secs };
    for (outcome, secs) in [
        (throttled(Some(Cap::Minute), Some(7)), 7.0),
        (throttled(Some(Cap::Minute), None), 60.0),
        (throttled(Some(Cap::Day), None), 21_600.0),
        // Nothing is said: sixteen seconds, since jitter is all of the second half.
        (throttled(None, None), 16.0),
        // Whoever says "next year" is asked again tomorrow.
        (throttled(None, Some(u64::MAX)), 86_400.0),
    ] {
        let mut budget = budget(&[], 1);
        assert_eq!(budget.ask(after(0.0)), Verdict::Go);
        budget.ended(outcome, after(0.0), 1.0);
        assert_eq!(budget.ask(after(0.0)), Verdict::Wait(after(secs)), "{outcome:?}");
        assert_eq!(budget.ask(after(secs)), Verdict::Go);
    }
}

#[test]
fn five_failures_open_the_circuit_and_two_successes_close_it() {
    let mut budget = budget(&[], 4);
    let mut now = after(0.0);
    for wait in [0.5, 1.0, 2.0, 4.0, 60.0] {
        assert_eq!(budget.ask(now), Verdict::Go);
        budget.ended(Outcome::Failed, now, 1.0);
        let next = now + jiff::SignedDuration::from_secs_f64(wait);
        assert_eq!(budget.ask(now), Verdict::Wait(next));
        now = next;
    }
    // One at a time while it is tried.
    assert_eq!(budget.ask(now), Verdict::Go);
    assert_eq!(budget.ask(now), Verdict::Busy);
    budget.ended(Outcome::Failed, now, 1.0);
    assert_eq!(budget.next(now), now + jiff::SignedDuration::from_secs(60));
    now += jiff::SignedDuration::from_secs(60);
    for _ in 0..2 {
        assert_eq!(budget.ask(now), Verdict::Go);
        assert_eq!(budget.ask(now), Verdict::Busy);
        budget.ended(Outcome::Answered, now, 1.0);
    }
    assert_eq!((budget.ask(now), budget.ask(now)), (Verdict::Go, Verdict::Go));
}

#[test]
fn what_is_written_down_does_not_grow() {
    let mut budget = budget(&[(Cap::Minute, 60)], 1);
    for request in 0..10_000 {
        go(&mut budget, after(f64::from(request) * 2.0));
    }
    assert!(budget.spent().sent.len() <= 31, "{}", budget.spent().sent.len());
}

#[test]
fn a_cap_of_nothing_lets_nothing_out() {
    let mut budget = budget(&[(Cap::Day, 0)], 1);
    assert_eq!(budget.ask(after(0.0)), Verdict::Wait(Timestamp::MAX));
    let caps: BTreeMap<Cap, u32> = serde_json::from_str(r#"{"day":25,"second":1}"#).unwrap();
    assert_eq!(serde_json::to_string(&caps).unwrap(), r#"{"second":1,"day":25}"#);
}

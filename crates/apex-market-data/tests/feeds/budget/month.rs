//! Thirty days of greedy callers in two programs, answers and failures at random, and both killed at random: the provider,
//! which keeps its own count, is never asked too often.

use apex_domain::Timestamp;
use apex_market_data::budget::{Budget, Caps, Outcome, Spent, Verdict};
use apex_market_data::{Cap, Provider};
use proptest::prelude::*;

const DAY_MS: i64 = 86_400_000;

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    /// Somebody wants data, and waits for as long as it takes.
    Want,
    /// Nobody wants anything for a while.
    Rest { millis: i64 },
    /// A request that is under way ends.
    End { outcome: Outcome },
    /// The program is killed and started again.
    Restart { millis: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        8 => Just(Outcome::Answered),
        1 => Just(Outcome::Failed),
        1 => prop::option::of(0_u64..120).prop_map(|retry_after_secs| Outcome::Throttled { cap: None, retry_after_secs }),
    ];
    prop_oneof![
        12 => Just(Step::Want),
        1 => (0_i64..2_000).prop_map(|millis| Step::Rest { millis }),
        1 => (0_i64..6 * 3_600_000).prop_map(|millis| Step::Rest { millis }),
        12 => outcome.prop_map(|outcome| Step::End { outcome }),
        1 => (0_i64..5_000).prop_map(|millis| Step::Restart { millis }),
    ]
}

/// Counts as a provider does, in spans that begin with every request; returns the first that holds too many.
fn over_budget(sent: &[i64], caps: &Caps) -> Option<(Cap, i64)> {
    caps.requests.iter().find_map(|(cap, most)| {
        let most = usize::try_from(*most).unwrap();
        let breach = sent
            .windows(most + 1)
            .find(|span| span[most] - span[0] < cap.millis())?;
        Some((*cap, breach[0]))
    })
}

/// Lives through the steps, over and over, until thirty days are gone; returns when requests went out. Two programs share
/// the key and take turns; both are killed and started again together.
fn live(caps: &Caps, steps: &[Step]) -> Vec<i64> {
    let start = super::at(super::NOON).as_millisecond();
    let instant = |millis: i64| Timestamp::from_millisecond(millis).unwrap();
    let mut now = start;
    let mut written = Spent::default();
    let programs = |now| [(); 2].map(|()| (Budget::resume(caps.clone(), Spent::default(), instant(now)), 0_u32));
    let mut running = programs(now);
    let mut sent = Vec::new();
    for (number, step) in steps.iter().cycle().take(400_000).enumerate() {
        if now - start >= 30 * DAY_MS {
            break;
        }
        let (budget, under_way) = &mut running[number % 2];
        match step {
            Step::Want => {
                budget.take_up(written.clone(), instant(now));
                match budget.ask(instant(now)) {
                    Verdict::Go => {
                        written = budget.spent().clone();
                        sent.push(now);
                        *under_way += 1;
                        assert!(*under_way <= caps.concurrent, "{under_way} at a time");
                    }
                    Verdict::Wait(until) => now = now.max(until.as_millisecond()),
                    Verdict::Busy => {}
                }
            }
            Step::Rest { millis } => now += millis,
            Step::End { outcome } if *under_way > 0 => {
                *under_way -= 1;
                budget.take_up(written.clone(), instant(now));
                budget.ended(*outcome, instant(now), 0.5);
                written = budget.spent().clone();
            }
            Step::End { .. } => {}
            Step::Restart { millis } => {
                // Killed: what was not written down is lost, and so is what was under way.
                now += millis;
                running = programs(now);
            }
        }
    }
    sent
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_request_is_over_budget_in_a_month_with_restarts(steps in prop::collection::vec(step(), 40..400)) {
        for provider in [Provider::Polygon, Provider::AlphaVantage, Provider::Yahoo] {
            let caps = Caps::free(provider).unwrap();
            let sent = live(&caps, &steps);
            prop_assert!(!sent.is_empty() || !steps.iter().any(|step| matches!(step, Step::Want)));
            prop_assert_eq!(over_budget(&sent, &caps), None, "{}", provider);
        }
    }
}

/// The free plan of Alpha Vantage has 25 a day, and a month of wanting more uses up nearly all of them.
#[test]
fn a_greedy_month_uses_what_there_is() {
    let steps = [
        Step::Want,
        Step::End {
            outcome: Outcome::Answered,
        },
        Step::Restart { millis: 10 },
    ];
    let caps = Caps::free(Provider::AlphaVantage).unwrap();
    let sent = live(&caps, &steps);
    assert_eq!(over_budget(&sent, &caps), None);
    assert_eq!(sent.len(), 750);
}

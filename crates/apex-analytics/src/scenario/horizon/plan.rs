//! When flows are paid and weights are set back, on the dates of a simulation.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::rebalance::RebalanceRule;

/// What is paid in (above zero) or out at the end of a step.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StepFlow {
    /// A fixed amount, as a share of the book of today.
    pub amount: f64,
    /// A part of what the book is worth then.
    pub share: f64,
}

/// A flow that comes again and again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlowRule {
    /// What is paid each time, before it grows.
    pub flow: StepFlow,
    /// Months from one to the next.
    pub months: u32,
    /// The part by which the fixed amount grows a year, such as 0.02.
    pub inflation: f64,
}

/// Returns the flows of each step: those whose day lies after its first date and not after its last.
///
/// `dates` are the start and the end of each step. The flow numbered k, from 1, is due k times `months` after the start,
/// and its amount has grown by `(1 + inflation)^(k months / 12)`. Flows of one step add up.
///
/// ```
/// use apex_analytics::scenario::horizon::{FlowRule, StepFlow, flow_schedule};
/// use jiff::civil::date;
///
/// let dates = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)];
/// let rule = FlowRule { flow: StepFlow { amount: -0.01, share: 0.0 }, months: 3, inflation: 0.0 };
/// let paid: Vec<f64> = flow_schedule(&dates, &rule).iter().map(|flow| flow.amount).collect();
/// assert_eq!(paid, [0.0, 0.0, -0.01]);
/// ```
pub fn flow_schedule(dates: &[Date], rule: &FlowRule) -> Vec<StepFlow> {
    let mut flows = vec![StepFlow::default(); dates.len().saturating_sub(1)];
    let (Some(start), true) = (dates.first(), rule.months > 0) else {
        return flows;
    };
    let mut month = rule.months;
    for (flow, end) in flows.iter_mut().zip(dates.iter().skip(1)) {
        while start
            .checked_add(i64::from(month).months())
            .is_ok_and(|due| due <= *end)
        {
            flow.amount += rule.flow.amount * (1.0 + rule.inflation).powf(f64::from(month) / 12.0);
            flow.share += rule.flow.share;
            month = month.saturating_add(rule.months);
        }
    }
    flows
}

/// Returns whether the calendar of a rule sets weights back at the end of each step; at the last step it never does.
///
/// ```
/// use apex_analytics::rebalance::RebalanceRule;
/// use apex_analytics::scenario::horizon::rebalance_schedule;
/// use jiff::civil::date;
///
/// let dates = [date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15), date(2026, 4, 15)];
/// assert_eq!(rebalance_schedule(&dates, RebalanceRule::Quarterly), [false, true, false]);
/// ```
pub fn rebalance_schedule(dates: &[Date], rule: RebalanceRule) -> Vec<bool> {
    let ends = dates.get(1..).unwrap_or_default();
    (0..ends.len())
        .map(|step| match (ends.get(step), ends.get(step + 1)) {
            (Some(end), Some(next)) => rule.ends_on(*end, *next),
            _ => false,
        })
        .collect()
}

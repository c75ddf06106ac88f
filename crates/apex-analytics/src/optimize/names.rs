//! A limit on the number of names and the smallest position, by branch and bound.
//!
//! Each node holds some assets in (at the smallest position or more), some out, and leaves the rest open. The open ones may
//! hold any weight up to their bound, with the count relaxed to `sum(w / upper) <= count`, so that a node's value is one that
//! no portfolio below it can beat. The node of the best value is looked at first; what lies between it and the best
//! portfolio found is the gap.

use crate::error::AnalyticsError;
use crate::optimize::conic::value;
use crate::optimize::goal::continuous;
use crate::optimize::{Constraints, Goal, Inputs, LinearRow, NamesLimit, Solution};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    In,
    Out,
}

/// A weight up to this is what a solver leaves of zero.
const HELD_MIN: f64 = 1e-7;

struct Node {
    states: Vec<State>,
    value: f64,
    weights: Vec<f64>,
}

struct Search<'a> {
    inputs: &'a Inputs<'a>,
    goal: &'a Goal,
    constraints: &'a Constraints,
    limit: NamesLimit,
    stop: &'a dyn Fn() -> bool,
    solved: usize,
    iterations: usize,
    residual: f64,
}

/// Returns the best portfolio of at most so many names. `stop` is asked before each node.
pub(super) fn search(
    inputs: &Inputs<'_>,
    goal: &Goal,
    constraints: &Constraints,
    stop: &dyn Fn() -> bool,
) -> Result<Solution, AnalyticsError> {
    let Some(limit) = constraints.names else {
        return continuous(inputs, goal, constraints);
    };
    if let Some(value) = constraints.bounds.lower.iter().find(|lower| **lower < 0.0) {
        return Err(AnalyticsError::Parameter {
            what: "lower bound of every asset under a limit on names",
            expected: "at least zero",
            value: value.max(f64::MIN),
        });
    }
    let mut search = Search {
        inputs,
        goal,
        constraints,
        limit,
        stop,
        solved: 0,
        iterations: 0,
        residual: 0.0,
    };
    let size = constraints.bounds.len();
    let root = search.node(vec![State::Open; size])?;
    let mut best: Option<(f64, Vec<f64>)> = None;
    let mut open = vec![root];
    while let Some(at) = (0..open.len()).min_by(|one, other| open[*one].value.total_cmp(&open[*other].value)) {
        if search.solved >= limit.nodes_max.max(1) && best.is_some() {
            break;
        }
        let node = open.swap_remove(at);
        if best
            .as_ref()
            .is_some_and(|(value, _)| node.value >= value - 1e-12 * value.abs())
        {
            continue;
        }
        search.round(&node, &mut best)?;
        let Some(asset) = search.branch(&node) else {
            // The node's own portfolio is allowed, nothing below it is better, and rounding has just found it.
            best.get_or_insert((node.value, node.weights));
            continue;
        };
        for state in [State::In, State::Out] {
            let mut states = node.states.clone();
            states[asset] = state;
            match search.node(states) {
                Ok(child) => open.push(child),
                Err(AnalyticsError::Infeasible { .. }) => {}
                Err(err) => return Err(err),
            }
        }
        if search.solved > 50 * limit.nodes_max.max(1) {
            break;
        }
    }
    let (value, weights) = best.ok_or_else(|| AnalyticsError::Infeasible {
        conflict: vec![
            count_words(limit.count),
            format!("positions of at least {}", limit.position_min),
            "the other constraints".to_owned(),
        ],
    })?;
    let bound = open.iter().map(|node| node.value).fold(value, f64::min);
    Ok(Solution {
        weights,
        kkt_residual: Some(search.residual),
        gap: Some((value - bound) / value.abs().max(f64::MIN_POSITIVE)),
        iterations: search.iterations,
    })
}

impl Search<'_> {
    /// Solves what a node leaves open.
    fn node(&mut self, states: Vec<State>) -> Result<Node, AnalyticsError> {
        if (self.stop)() {
            return Err(AnalyticsError::Stopped);
        }
        let mut constraints = self.constraints.clone();
        constraints.names = None;
        let bounds = &mut constraints.bounds;
        let held = states.iter().filter(|state| **state == State::In).count();
        let mut coefficients = vec![0.0; states.len()];
        for (at, state) in states.iter().enumerate() {
            match state {
                State::In => bounds.lower[at] = bounds.lower[at].max(self.limit.position_min),
                State::Out => bounds.upper[at] = 0.0,
                State::Open => coefficients[at] = 1.0 / bounds.upper[at].min(self.most(at)),
            }
        }
        if held > self.limit.count {
            return Err(AnalyticsError::Infeasible { conflict: Vec::new() });
        }
        let open = states.iter().filter(|state| **state == State::Open).count();
        let room = self.limit.count - held;
        if room == 0 {
            for (at, state) in states.iter().enumerate() {
                if *state == State::Open {
                    bounds.upper[at] = 0.0;
                }
            }
        } else if open > room && coefficients.iter().any(|value| *value > 1.0 + 1e-9) {
            constraints.rows.push(LinearRow {
                name: count_words(self.limit.count),
                coefficients,
                lower: None,
                upper: Some(room as f64),
            });
        }
        constraints.bounds.check(states.len())?;
        self.solved += 1;
        let solution = continuous(self.inputs, self.goal, &constraints)?;
        self.iterations += solution.iterations;
        self.residual = self.residual.max(solution.kkt_residual.unwrap_or(0.0));
        Ok(Node {
            value: value(self.inputs, self.goal, self.constraints, &solution.weights),
            weights: solution.weights,
            states,
        })
    }

    /// Returns the most an asset can hold when the others hold the least.
    fn most(&self, at: usize) -> f64 {
        let bounds = &self.constraints.bounds;
        let others: f64 = bounds.lower.iter().sum::<f64>() - bounds.lower[at];
        (bounds.budget - others).max(1e-9)
    }

    /// Returns the open asset whose weight most needs a decision; `None` where the portfolio is allowed as it is.
    fn branch(&self, node: &Node) -> Option<usize> {
        let is_held = |at: &usize| node.weights[*at] > HELD_MIN;
        let held = (0..node.weights.len()).filter(is_held).count();
        let too_small = |at: &usize| is_held(at) && node.weights[*at] < self.limit.position_min - HELD_MIN;
        let open = |at: &usize| node.states[*at] == State::Open;
        if held <= self.limit.count && !(0..node.weights.len()).any(|at| too_small(&at)) {
            return None;
        }
        // The largest of the weights in doubt: leaving it out changes most, and keeping it is most likely right.
        (0..node.weights.len())
            .filter(|at| open(at) && is_held(at))
            .max_by(|one, other| node.weights[*one].total_cmp(&node.weights[*other]))
    }

    /// Tries the portfolio of the largest weights of a node.
    fn round(&mut self, node: &Node, best: &mut Option<(f64, Vec<f64>)>) -> Result<(), AnalyticsError> {
        let mut order: Vec<usize> = (0..node.weights.len())
            .filter(|at| node.states[*at] != State::Out)
            .collect();
        let rank = |at: &usize| (node.states[*at] == State::In, node.weights[*at]);
        order.sort_by(|one, other| {
            let (left, right) = (rank(one), rank(other));
            right
                .0
                .cmp(&left.0)
                .then(right.1.total_cmp(&left.1))
                .then(one.cmp(other))
        });
        let mut states = vec![State::Out; node.weights.len()];
        for at in order.into_iter().take(self.limit.count) {
            if node.weights[at] > HELD_MIN || node.states[at] == State::In {
                states[at] = State::In;
            }
        }
        match self.node(states) {
            Ok(tried) => {
                if best.as_ref().is_none_or(|(value, _)| tried.value < *value) {
                    *best = Some((tried.value, tried.weights));
                }
                Ok(())
            }
            Err(AnalyticsError::Infeasible { .. } | AnalyticsError::Parameter { .. }) => Ok(()),
            Err(err) => Err(err),
        }
    }
}

/// The limit as an infeasible problem names it.
fn count_words(count: usize) -> String {
    if count == 1 {
        "at most 1 name".to_owned()
    } else {
        format!("at most {count} names")
    }
}

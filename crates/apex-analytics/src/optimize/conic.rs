//! Objectives under constraints of any kind, as one conic program for Clarabel.
//!
//! All constraints are written for `y = scale * w` and a variable `scale`, which is 1 except for the Sharpe ratio, where
//! `scale` is free and the mean above the risk-free rate is fixed: the ratio is then the least variance of `y` (Charnes
//! and Cooper 1962). Covariance and returns are scaled to the size of one first, so that the solver's tolerances mean the
//! same for daily and for yearly numbers.

mod program;

use crate::covariance::{SymmetricMatrix, dot};
use crate::error::AnalyticsError;
use crate::optimize::{Constraints, Goal, Inputs, Solution, min_variance};
use crate::returns::weighted_daily;
use program::{Entries, Outcome, Program};

/// Returns the best weights, or the names of constraints that exclude one another.
pub(super) fn solve(inputs: &Inputs<'_>, goal: &Goal, constraints: &Constraints) -> Result<Solution, AnalyticsError> {
    if let Goal::MinShortfall { level, .. } = goal {
        check_level(*level)?;
        return by_scenarios(inputs, goal, constraints, *level);
    }
    Ok(solved(inputs, goal, constraints, &[])?.0)
}

/// Solves with the worst scenarios only, and adds those that turn out to be worse than the threshold until there are none:
/// the others count for nothing, so the answer is that of all scenarios.
fn by_scenarios(
    inputs: &Inputs<'_>,
    goal: &Goal,
    constraints: &Constraints,
    level: f64,
) -> Result<Solution, AnalyticsError> {
    let count = inputs.returns.first().map_or(0, |column| column.len());
    let bounds = &constraints.bounds;
    let start = min_variance(&inputs.covariance, bounds).map_or_else(|_| bounds.nearest(None), |one| one.weights);
    let series = weighted_daily(&start, inputs.returns)?;
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|one, other| series[*one].total_cmp(&series[*other]).then(one.cmp(other)));
    let first = ((2.0 * (1.0 - level)).max(0.1) * count as f64).ceil() as usize;
    let mut chosen = order[..first.min(count)].to_vec();
    let mut iterations = 0;
    loop {
        let (mut solution, threshold) = solved(inputs, goal, constraints, &chosen)?;
        iterations += solution.iterations;
        let mut is_chosen = vec![false; count];
        chosen.iter().for_each(|day| is_chosen[*day] = true);
        let series = weighted_daily(&solution.weights, inputs.returns)?;
        let margin = 1e-9 * threshold.abs().max(f64::MIN_POSITIVE);
        let before = chosen.len();
        chosen.extend((0..count).filter(|day| !is_chosen[*day] && -series[*day] > threshold + margin));
        if chosen.len() == before {
            solution.iterations = iterations;
            return Ok(solution);
        }
    }
}

/// Solves one program; returns the threshold of the shortfall too, where it has one.
fn solved(
    inputs: &Inputs<'_>,
    goal: &Goal,
    constraints: &Constraints,
    scenarios: &[usize],
) -> Result<(Solution, f64), AnalyticsError> {
    let built = Built::of(inputs, goal, constraints, scenarios)?;
    match built.program.solve(&[])? {
        Outcome::Solved(answer) => {
            let threshold = built.threshold.map_or(0.0, |at| answer.point[at] * built.unit);
            Ok((built.solution(&answer), threshold))
        }
        Outcome::Infeasible(_) if built.scale.is_some() => Err(without_a_ratio(inputs, goal, constraints)),
        Outcome::Infeasible(suspects) => Err(AnalyticsError::Infeasible {
            conflict: built.program.conflict(suspects)?,
        }),
    }
}

/// Says why no Sharpe ratio is the largest: because there is no portfolio at all, or none above the risk-free rate.
fn without_a_ratio(inputs: &Inputs<'_>, goal: &Goal, constraints: &Constraints) -> AnalyticsError {
    let mut plain = constraints.clone();
    plain.costs = None;
    match solved(inputs, &Goal::MinVariance, &plain, &[]) {
        Err(err) => err,
        Ok(_) => AnalyticsError::Parameter {
            what: "risk-free rate",
            expected: "below the mean of some allowed portfolio",
            value: match goal {
                Goal::MaxSharpe { risk_free } => *risk_free,
                _ => 0.0,
            },
        },
    }
}

/// A program and what its variables mean.
struct Built<'a> {
    program: Program,
    inputs: &'a Inputs<'a>,
    constraints: &'a Constraints,
    /// The first of the weights' variables.
    weights: usize,
    /// The variable that all weights are multiples of; `None` where it is 1.
    scale: Option<usize>,
    /// The deviation that stands for one.
    unit: f64,
    /// The variable that is the value at risk.
    threshold: Option<usize>,
}

impl<'a> Built<'a> {
    fn of(
        inputs: &'a Inputs<'a>,
        goal: &Goal,
        constraints: &'a Constraints,
        scenarios: &[usize],
    ) -> Result<Self, AnalyticsError> {
        let size = inputs.covariance.size();
        let unit = (inputs.covariance.diagonal().iter().sum::<f64>() / size as f64).sqrt();
        if unit.is_nan() || unit <= 0.0 {
            return Err(AnalyticsError::NotPositive {
                what: "variance",
                index: 0,
                value: unit,
            });
        }
        let mut program = Program::default();
        let weights = program.variables(size);
        let scale = matches!(goal, Goal::MaxSharpe { .. }).then(|| program.variables(1));
        let mut built = Self {
            program,
            inputs,
            constraints,
            weights,
            scale,
            unit,
            threshold: None,
        };
        built.constrain()?;
        let cost = built.costs();
        built.aim(goal, &cost, scenarios)?;
        Ok(built)
    }

    /// Returns `coefficients'w - limit`, of the scaled weights.
    fn row(&self, coefficients: &[f64], limit: f64) -> Entries {
        let mut row = Entries::constant(-limit);
        for (at, value) in coefficients.iter().enumerate() {
            row.add(self.weights + at, *value);
        }
        self.homogeneous(row)
    }

    /// Lets the constant of a row grow with the scale.
    fn homogeneous(&self, mut row: Entries) -> Entries {
        if let Some(scale) = self.scale {
            row.add(scale, row.constant);
            row.constant = 0.0;
        }
        row
    }

    fn weight(&self, at: usize, limit: f64) -> Entries {
        let mut row = Entries::constant(-limit);
        row.add(self.weights + at, 1.0);
        self.homogeneous(row)
    }

    fn constrain(&mut self) -> Result<(), AnalyticsError> {
        let constraints = self.constraints;
        let bounds = &constraints.bounds;
        let size = bounds.len();
        let budget = self.row(&vec![1.0; size], bounds.budget);
        self.program
            .equal(format!("weights add up to {}", bounds.budget), budget);
        if let Some(scale) = self.scale {
            let mut row = Entries::constant(0.0);
            row.add(scale, 1.0);
            self.program.at_least_zero("scale".to_owned(), row);
        }
        for at in 0..size {
            let (lower, upper) = (bounds.lower[at], bounds.upper[at]);
            if lower.is_finite() {
                let row = self.weight(at, lower);
                self.program
                    .at_least_zero(format!("lower bound {lower} of asset {at}"), row);
            }
            if upper.is_finite() {
                let row = self.weight(at, upper).negated();
                self.program
                    .at_least_zero(format!("upper bound {upper} of asset {at}"), row);
            }
        }
        for row in &constraints.rows {
            match (row.lower, row.upper) {
                (Some(lower), Some(upper)) if lower == upper => {
                    let entries = self.row(&row.coefficients, lower);
                    self.program.equal(format!("{} equal to {lower}", row.name), entries);
                }
                (lower, upper) => {
                    if let Some(lower) = lower {
                        let entries = self.row(&row.coefficients, lower);
                        self.program
                            .at_least_zero(format!("{} at least {lower}", row.name), entries);
                    }
                    if let Some(upper) = upper {
                        let entries = self.row(&row.coefficients, upper).negated();
                        self.program
                            .at_least_zero(format!("{} at most {upper}", row.name), entries);
                    }
                }
            }
        }
        if let Some(turnover) = &constraints.turnover {
            let name = format!("turnover at most {}", turnover.limit);
            let changes = self.changes(&turnover.current, &name);
            let mut row = Entries::constant(turnover.limit);
            (0..size).for_each(|at| row.add(changes + at, -1.0));
            let row = self.homogeneous(row);
            self.program.at_least_zero(name, row);
        }
        if let Some(tracking) = &constraints.tracking {
            let limit = self.homogeneous(Entries::constant(tracking.limit / self.unit));
            let name = format!("tracking error at most {}", tracking.limit);
            let rows = self.risk_rows(Some(&tracking.benchmark))?;
            self.program.second_order(name, limit, rows);
        }
        Ok(())
    }

    /// Adds a variable of at least the absolute change for each asset.
    fn changes(&mut self, current: &[f64], name: &str) -> usize {
        let changes = self.program.variables(current.len());
        for (at, held) in current.iter().enumerate() {
            for sign in [1.0, -1.0] {
                let mut row = self.weight(at, *held);
                if sign > 0.0 {
                    row = row.negated();
                }
                row.add(changes + at, 1.0);
                self.program.at_least_zero(name.to_owned(), row);
            }
        }
        changes
    }

    /// Returns the rows whose length is the volatility of `w` less a benchmark, in units.
    fn risk_rows(&self, benchmark: Option<&[f64]>) -> Result<Vec<Entries>, AnalyticsError> {
        let size = self.inputs.covariance.size();
        let (eigenvalues, vectors) = self.inputs.covariance.eigen()?;
        let largest = eigenvalues[size - 1];
        let kept = (0..size).filter(|at| eigenvalues[*at] > 1e-14 * largest);
        Ok(kept
            .map(|at| {
                let root = eigenvalues[at].sqrt() / self.unit;
                let row: Vec<f64> = vectors[at * size..(at + 1) * size]
                    .iter()
                    .map(|value| value * root)
                    .collect();
                let center = benchmark.map_or(0.0, |benchmark| dot(&row, benchmark));
                self.row(&row, center)
            })
            .collect())
    }

    /// Returns what trading costs, as a linear row of the variables, in units.
    fn costs(&mut self) -> Entries {
        let mut total = Entries::constant(0.0);
        let Some(costs) = &self.constraints.costs else {
            return total;
        };
        let changes = self.changes(&costs.current, "trading costs");
        for at in 0..costs.current.len() {
            if costs.proportional[at] > 0.0 {
                total.add(changes + at, costs.proportional[at] / self.unit);
            }
            if costs.impact[at] > 0.0 {
                // |d| <= t^(2/3) scale^(1/3), so that t is at least |d|^1.5.
                let power = self.program.variables(1);
                let mut first = Entries::constant(0.0);
                first.add(power, 1.0);
                let second = self.homogeneous(Entries::constant(1.0));
                let mut third = Entries::constant(0.0);
                third.add(changes + at, 1.0);
                self.program
                    .power(2.0 / 3.0, "trading costs".to_owned(), [first, second, third]);
                total.add(power, costs.impact[at] / self.unit);
            }
        }
        total
    }

    /// Returns the mean of the weights less the costs and less a level, in units.
    fn net_mean(&self, cost: &Entries, level: f64) -> Entries {
        let means: Vec<f64> = self.inputs.means.iter().map(|mean| mean / self.unit).collect();
        let mut row = self.row(&means, level / self.unit);
        for (at, value) in &cost.terms {
            row.add(*at, -value);
        }
        row
    }

    fn aim(&mut self, goal: &Goal, cost: &Entries, scenarios: &[usize]) -> Result<(), AnalyticsError> {
        let costly = !cost.terms.is_empty();
        let no_mean = |what: &'static str| AnalyticsError::Unsolved {
            what,
            reason: "trading costs are weighed against a mean; choose utility, max-sharpe, target-return, \
                     target-volatility or min-cvar"
                .to_owned(),
        };
        match goal {
            Goal::MinVariance if costly => Err(no_mean("minimum variance")),
            Goal::MinTracking { .. } if costly => Err(no_mean("minimum tracking error")),
            Goal::MinVariance => {
                self.risk(None, 1.0);
                Ok(())
            }
            Goal::MinTracking { benchmark } => {
                self.risk(Some(benchmark), 1.0);
                Ok(())
            }
            Goal::MaxUtility { risk_aversion } => {
                // In units: mean / unit - (aversion * unit / 2) w'Cw, with C = S / unit^2.
                self.risk(None, risk_aversion * self.unit);
                let gain = self.net_mean(cost, 0.0);
                self.program.minimize(&gain.negated());
                Ok(())
            }
            Goal::MaxSharpe { risk_free } => {
                let mut row = self.net_mean(cost, *risk_free * self.constraints.bounds.budget);
                row.constant = -1.0;
                self.program
                    .equal(format!("a mean above the risk-free rate {risk_free}"), row);
                self.risk(None, 1.0);
                Ok(())
            }
            Goal::TargetReturn { mean } => {
                let row = self.net_mean(cost, *mean);
                let name = format!("target mean {mean}");
                if costly {
                    // A sum with costs is concave: it can be asked for at least, not exactly.
                    self.program.at_least_zero(name, row);
                } else {
                    self.program.equal(name, row);
                }
                self.risk(None, 1.0);
                Ok(())
            }
            Goal::TargetVolatility { volatility } => {
                let limit = Entries::constant(volatility / self.unit);
                let rows = self.risk_rows(None)?;
                self.program
                    .second_order(format!("target volatility {volatility}"), limit, rows);
                let gain = self.net_mean(cost, 0.0);
                self.program.minimize(&gain.negated());
                Ok(())
            }
            Goal::MinShortfall { level, mean } => {
                if let Some(mean) = mean {
                    let row = self.net_mean(&Entries::constant(0.0), *mean);
                    self.program.equal(format!("target mean {mean}"), row);
                }
                self.shortfall(*level, scenarios);
                self.program.minimize(cost);
                Ok(())
            }
            Goal::MinDrawdownAtRisk { level } => self.drawdown(Some(*level), cost),
            Goal::MinMaxDrawdown => self.drawdown(None, cost),
        }
    }

    /// Adds `weight / 2 (w - b)'C(w - b)` to the objective, `C` in units.
    fn risk(&mut self, benchmark: Option<&[f64]>, weight: f64) {
        let covariance = &self.inputs.covariance;
        let factor = weight / (self.unit * self.unit);
        for row in 0..covariance.size() {
            for column in 0..=row {
                self.program.quadratic(
                    self.weights + column,
                    self.weights + row,
                    factor * covariance.at(row, column),
                );
            }
        }
        if let Some(benchmark) = benchmark {
            let mut pull = Entries::constant(0.0);
            for (at, value) in covariance.times(benchmark).iter().enumerate() {
                pull.add(self.weights + at, -factor * value);
            }
            self.program.minimize(&pull);
        }
    }

    /// Adds the expected shortfall to the objective, with a row for each of some scenarios.
    fn shortfall(&mut self, level: f64, scenarios: &[usize]) {
        let count = self.inputs.returns.first().map_or(0, |column| column.len());
        let threshold = self.program.variables(1);
        self.threshold = Some(threshold);
        let excess = self.program.variables(scenarios.len());
        let mut objective = Entries::constant(0.0);
        objective.add(threshold, 1.0);
        for (place, day) in scenarios.iter().enumerate() {
            objective.add(excess + place, 1.0 / ((1.0 - level) * count as f64));
            let mut row = Entries::constant(0.0);
            for (at, column) in self.inputs.returns.iter().enumerate() {
                row.add(self.weights + at, column[*day] / self.unit);
            }
            row.add(threshold, 1.0);
            row.add(excess + place, 1.0);
            self.program.at_least_zero("shortfall".to_owned(), row);
            let mut row = Entries::constant(0.0);
            row.add(excess + place, 1.0);
            self.program.at_least_zero("shortfall".to_owned(), row);
        }
        self.program.minimize(&objective);
    }

    /// Adds the mean of the worst drawdowns, or the largest, to the objective. Drawdowns are of the sum of returns, which
    /// is linear in the weights; the sum starts at zero.
    fn drawdown(&mut self, level: Option<f64>, cost: &Entries) -> Result<(), AnalyticsError> {
        if let Some(level) = level {
            check_level(level)?;
        }
        let count = self.inputs.returns.first().map_or(0, |column| column.len());
        // A day's value is a variable of its own, so that each row holds one day of returns and not all before it.
        let value = self.program.variables(count);
        let peak = self.program.variables(count);
        let mut objective = Entries::constant(0.0);
        let threshold = self.program.variables(1);
        objective.add(threshold, 1.0);
        let excess = level.map(|level| {
            let excess = self.program.variables(count);
            for day in 0..count {
                objective.add(excess + day, 1.0 / ((1.0 - level) * count as f64));
            }
            excess
        });
        let name = || "drawdown".to_owned();
        for day in 0..count {
            let mut growth = Entries::constant(0.0);
            growth.add(value + day, -1.0);
            if day > 0 {
                growth.add(value + day - 1, 1.0);
            }
            for (at, column) in self.inputs.returns.iter().enumerate() {
                growth.add(self.weights + at, column[day] / self.unit);
            }
            self.program.equal(name(), growth);
            let mut above = Entries::constant(0.0);
            above.add(peak + day, 1.0);
            above.add(value + day, -1.0);
            let mut below = above.clone().negated();
            self.program.at_least_zero(name(), above);
            let mut rising = Entries::constant(0.0);
            rising.add(peak + day, 1.0);
            if day > 0 {
                rising.add(peak + day - 1, -1.0);
            }
            self.program.at_least_zero(name(), rising);
            below.add(threshold, 1.0);
            if let Some(excess) = excess {
                below.add(excess + day, 1.0);
                let mut row = Entries::constant(0.0);
                row.add(excess + day, 1.0);
                self.program.at_least_zero(name(), row);
            }
            self.program.at_least_zero(name(), below);
        }
        self.program.minimize(&objective);
        self.program.minimize(cost);
        Ok(())
    }

    fn solution(&self, answer: &program::Answer) -> Solution {
        let size = self.inputs.covariance.size();
        let scale = self.scale.map_or(1.0, |at| answer.point[at]);
        let bounds = &self.constraints.bounds;
        let weights = (0..size).map(|at| {
            let weight = answer.point[self.weights + at] / scale;
            weight.clamp(bounds.lower[at], bounds.upper[at])
        });
        Solution {
            weights: weights.collect(),
            kkt_residual: Some(answer.residual),
            gap: Some(answer.gap),
            iterations: answer.iterations,
        }
    }
}

fn check_level(level: f64) -> Result<(), AnalyticsError> {
    if level > 0.5 && level < 1.0 {
        Ok(())
    } else {
        Err(AnalyticsError::Level { level })
    }
}

/// Returns the value that a goal makes the least, by which two portfolios are compared.
pub(super) fn value(inputs: &Inputs<'_>, goal: &Goal, constraints: &Constraints, weights: &[f64]) -> f64 {
    let covariance: &SymmetricMatrix = &inputs.covariance;
    let cost = constraints.costs.as_ref().map_or(0.0, |costs| {
        (0..weights.len())
            .map(|at| {
                let change = (weights[at] - costs.current[at]).abs();
                costs.proportional[at] * change + costs.impact[at] * change.powf(1.5)
            })
            .sum()
    });
    let mean = dot(&inputs.means, weights) - cost;
    let series = || weighted_daily(weights, inputs.returns).unwrap_or_default();
    match goal {
        Goal::MinVariance | Goal::TargetReturn { .. } => covariance.quadratic(weights),
        Goal::MaxSharpe { risk_free } => {
            let excess = mean - risk_free * constraints.bounds.budget;
            -excess / covariance.quadratic(weights).sqrt().max(f64::MIN_POSITIVE)
        }
        Goal::MaxUtility { risk_aversion } => 0.5 * risk_aversion * covariance.quadratic(weights) - mean,
        Goal::TargetVolatility { .. } => -mean,
        Goal::MinShortfall { level, .. } => {
            crate::measure::tail::shortfall_fractional(&series(), *level).unwrap_or(f64::MAX) + cost
        }
        Goal::MinTracking { benchmark } => {
            let off: Vec<f64> = weights.iter().zip(benchmark).map(|(one, other)| one - other).collect();
            covariance.quadratic(&off)
        }
        Goal::MinDrawdownAtRisk { level } => drawdown_at_risk(&series(), Some(*level)) + cost,
        Goal::MinMaxDrawdown => drawdown_at_risk(&series(), None) + cost,
    }
}

/// Returns the mean of the worst drawdowns of the summed returns, or the largest.
fn drawdown_at_risk(series: &[f64], level: Option<f64>) -> f64 {
    let (mut value, mut peak) = (0.0_f64, 0.0_f64);
    let falls: Vec<f64> = series
        .iter()
        .map(|change| {
            value += change;
            peak = peak.max(value);
            value - peak
        })
        .collect();
    match level {
        Some(level) => crate::measure::tail::shortfall_fractional(&falls, level).unwrap_or(f64::MAX),
        None => -falls.iter().copied().fold(0.0, f64::min),
    }
}

//! A conic program under construction: variables, named rows, and an objective.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{DefaultSettings, DefaultSolver, IPSolver, SolverStatus, SupportedConeT};

use crate::error::AnalyticsError;

/// A linear row: terms and a constant.
#[derive(Debug, Clone, Default)]
pub(super) struct Entries {
    pub(super) terms: Vec<(usize, f64)>,
    pub(super) constant: f64,
}

impl Entries {
    pub(super) fn constant(constant: f64) -> Self {
        Self {
            terms: Vec::new(),
            constant,
        }
    }

    pub(super) fn add(&mut self, variable: usize, coefficient: f64) {
        if coefficient != 0.0 {
            self.terms.push((variable, coefficient));
        }
    }

    pub(super) fn negated(mut self) -> Self {
        self.terms.iter_mut().for_each(|term| term.1 = -term.1);
        self.constant = -self.constant;
        self
    }
}

#[derive(Debug, Clone)]
enum Cone {
    Zero,
    Positive,
    SecondOrder,
    Power(f64),
}

#[derive(Debug, Clone)]
struct Block {
    name: String,
    cone: Cone,
    rows: Vec<Entries>,
}

/// A program: minimize the objective with every block in its cone.
#[derive(Debug, Clone, Default)]
pub(super) struct Program {
    variables: usize,
    linear: Vec<(usize, f64)>,
    quadratic: Vec<(usize, usize, f64)>,
    blocks: Vec<Block>,
}

/// The answer of the solver.
pub(super) struct Answer {
    pub(super) point: Vec<f64>,
    pub(super) residual: f64,
    pub(super) gap: f64,
    pub(super) iterations: usize,
}

/// How a program ended.
pub(super) enum Outcome {
    Solved(Answer),
    /// The names of the blocks that prove there is no answer.
    Infeasible(Vec<String>),
}

impl Program {
    /// Adds variables and returns the first.
    pub(super) fn variables(&mut self, count: usize) -> usize {
        self.variables += count;
        self.variables - count
    }

    pub(super) fn equal(&mut self, name: String, row: Entries) {
        self.block(name, Cone::Zero, vec![row]);
    }

    pub(super) fn at_least_zero(&mut self, name: String, row: Entries) {
        self.block(name, Cone::Positive, vec![row]);
    }

    /// Adds `limit >= length of rows`.
    pub(super) fn second_order(&mut self, name: String, limit: Entries, rows: Vec<Entries>) {
        let all = std::iter::once(limit).chain(rows).collect();
        self.block(name, Cone::SecondOrder, all);
    }

    /// Adds `rows[0]^power * rows[1]^(1 - power) >= |rows[2]|`.
    pub(super) fn power(&mut self, power: f64, name: String, rows: [Entries; 3]) {
        self.block(name, Cone::Power(power), rows.into());
    }

    fn block(&mut self, name: String, cone: Cone, rows: Vec<Entries>) {
        self.blocks.push(Block { name, cone, rows });
    }

    /// Adds a linear part to the objective; its constant does not matter.
    pub(super) fn minimize(&mut self, row: &Entries) {
        self.linear.extend(&row.terms);
    }

    /// Adds `value` to entry `(row, column)` of the matrix `P` in `x'Px / 2`, for `row <= column`.
    pub(super) fn quadratic(&mut self, row: usize, column: usize, value: f64) {
        self.quadratic.push((row, column, value));
    }

    /// Solves the program without the blocks of the names given.
    pub(super) fn solve(&self, without: &[&str]) -> Result<Outcome, AnalyticsError> {
        let (mut rows, mut columns, mut values, mut right) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut cones = Vec::new();
        let mut owners: Vec<usize> = Vec::new();
        for (owner, block) in self.blocks.iter().enumerate() {
            if without.contains(&block.name.as_str()) {
                continue;
            }
            for row in &block.rows {
                // The solver wants A x + s = b with s in the cone, and s is the row itself.
                for (variable, coefficient) in &row.terms {
                    rows.push(right.len());
                    columns.push(*variable);
                    values.push(-coefficient);
                }
                right.push(row.constant);
                owners.push(owner);
            }
            let count = block.rows.len();
            match (&block.cone, cones.last_mut()) {
                (Cone::Zero, Some(SupportedConeT::ZeroConeT(size))) => *size += count,
                (Cone::Positive, Some(SupportedConeT::NonnegativeConeT(size))) => *size += count,
                (Cone::Zero, _) => cones.push(SupportedConeT::ZeroConeT(count)),
                (Cone::Positive, _) => cones.push(SupportedConeT::NonnegativeConeT(count)),
                (Cone::SecondOrder, _) => cones.push(SupportedConeT::SecondOrderConeT(count)),
                (Cone::Power(power), _) => cones.push(SupportedConeT::PowerConeT(*power)),
            }
        }
        let matrix = CscMatrix::new_from_triplets(right.len(), self.variables, rows, columns, values);
        let upper = self.quadratic.iter();
        let quadratic = CscMatrix::new_from_triplets(
            self.variables,
            self.variables,
            upper.clone().map(|entry| entry.0).collect(),
            upper.clone().map(|entry| entry.1).collect(),
            upper.map(|entry| entry.2).collect(),
        );
        let mut linear = vec![0.0; self.variables];
        for (at, value) in &self.linear {
            linear[*at] += value;
        }
        let settings = DefaultSettings {
            verbose: false,
            max_threads: 1,
            tol_gap_abs: 1e-11,
            tol_gap_rel: 1e-11,
            tol_feas: 1e-11,
            ..DefaultSettings::default()
        };
        let failed = |reason: String| AnalyticsError::Unsolved {
            what: "conic solver",
            reason,
        };
        let mut solver = DefaultSolver::new(&quadratic, &linear, &matrix, &right, &cones, settings)
            .map_err(|err| failed(err.to_string()))?;
        solver.solve();
        let solution = &solver.solution;
        let primal = solution.obj_val;
        let gap = (primal - solution.obj_val_dual).abs() / primal.abs().max(solution.obj_val_dual.abs()).max(1.0);
        let residual = solution.r_prim.max(solution.r_dual);
        match solution.status {
            SolverStatus::PrimalInfeasible | SolverStatus::AlmostPrimalInfeasible => {
                let largest = solution.z.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
                let mut names: Vec<String> = Vec::new();
                for (value, owner) in solution.z.iter().zip(&owners) {
                    let name = &self.blocks[*owner].name;
                    if value.abs() > 1e-6 * largest && !names.contains(name) {
                        names.push(name.clone());
                    }
                }
                Ok(Outcome::Infeasible(names))
            }
            SolverStatus::DualInfeasible | SolverStatus::AlmostDualInfeasible => {
                Err(failed("the objective has no end within these constraints".to_owned()))
            }
            // Near the last digits the solver may stop early; what it reached is what counts.
            _ if residual < 1e-7 && gap < 1e-7 => Ok(Outcome::Solved(Answer {
                point: solution.x.clone(),
                residual: residual.max(gap),
                gap,
                iterations: solution.iterations as usize,
            })),
            status => Err(failed(format!(
                "it ended as {status:?} with a residual of {residual:e} and a gap of {gap:e}"
            ))),
        }
    }

    /// Returns the constraints, of those suspected, without any of which there would be an answer.
    pub(super) fn conflict(&self, suspects: Vec<String>) -> Result<Vec<String>, AnalyticsError> {
        let mut plain = self.clone();
        // Whether there is a portfolio at all does not depend on the objective.
        plain.linear.clear();
        plain.quadratic.clear();
        let mut dropped: Vec<String> = plain
            .blocks
            .iter()
            .map(|block| block.name.clone())
            .filter(|name| !suspects.contains(name))
            .collect();
        dropped.dedup();
        let excludes = |without: &[String]| -> bool {
            let names: Vec<&str> = without.iter().map(String::as_str).collect();
            matches!(plain.solve(&names), Ok(Outcome::Infeasible(_)))
        };
        if !excludes(&dropped) {
            return Ok(suspects);
        }
        let mut needed = Vec::new();
        for name in suspects {
            dropped.push(name.clone());
            if !excludes(&dropped) {
                dropped.pop();
                needed.push(name);
            }
        }
        Ok(needed)
    }
}

//! Portfolio construction: weights that are best by a stated objective within stated constraints.
//!
//! One file an objective or method. Where a dedicated exact method exists it is used: the active set for quadratics
//! with bounds, the critical line for frontiers, a simplex that walks over the kinks of expected shortfall, Newton's
//! method for risk budgets. Further constraints go to a conic solver. Every answer says how
//! far it is from optimal (`kkt_residual`) and how many steps it took; a problem without an answer names the
//! constraints that exclude one another.
//!
//! Means, covariances and returns are per observation of the table; nothing is annualized here.

mod active_set;
mod black_litterman;
mod bounds;
mod conic;
mod constraints;
mod critical_line;
mod entropy_pooling;
mod factor;
mod figures;
mod frontier;
mod goal;
mod hierarchical;
mod hierarchy;
mod inverse_volatility;
mod leaf_order;
mod lots;
mod max_diversification;
mod max_sharpe;
mod min_cvar;
mod min_variance;
mod names;
mod resampled;
mod risk_parity;
mod shortfall_simplex;
mod target;
mod tracking;
mod utility;

pub use active_set::minimize_quadratic;
pub use black_litterman::{BlackLitterman, BlackLittermanPrior, Views, black_litterman};
pub use bounds::Bounds;
pub use constraints::{Constraints, LinearRow, NamesLimit, TrackingLimit, TradingCosts, Turnover};
pub use critical_line::{Corner, CriticalLine, critical_line};
pub use entropy_pooling::{EntropyPooling, entropy_pooling};
pub use figures::{PortfolioFigures, portfolio_figures};
pub use frontier::{FrontierPoint, frontier};
pub use goal::{Goal, Inputs, optimize, optimize_until};
pub use hierarchical::{HierarchicalSolution, hierarchical_equal_risk, hierarchical_risk_parity, nested_clusters};
pub use hierarchy::{Hierarchy, HierarchySettings, Linkage, hierarchy};
pub use inverse_volatility::inverse_volatility;
pub use lots::{RoundLots, round_lots};
pub use max_diversification::max_diversification;
pub use max_sharpe::{max_sharpe, max_sharpe_unbounded};
pub use min_cvar::{ShortfallSolution, min_shortfall};
pub use min_variance::{min_variance, min_variance_unbounded};
pub use resampled::{Resampling, resampled_frontier};
pub use risk_parity::{risk_budgets, risk_parity};
pub use target::{target_return, target_volatility};
pub use tracking::min_tracking_error;
pub use utility::max_utility;

/// Weights, and how far they can be trusted.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// The weight of each asset.
    pub weights: Vec<f64>,
    /// The largest violation of the optimality conditions, relative to the size of the gradient; `None` for a rule that
    /// optimizes nothing.
    pub kkt_residual: Option<f64>,
    /// How far the objective may be from the best, as a share of it, where the method proves a bound.
    pub gap: Option<f64>,
    /// The steps it took.
    pub iterations: usize,
}

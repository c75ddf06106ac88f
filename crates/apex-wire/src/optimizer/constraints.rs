//! The document of constraints: the same on the page, in a `.toml` file and in a backtest. Its form is a contract: keys
//! are added, never renamed; an unknown key is refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a portfolio must keep. What is absent does not bind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constraints {
    /// The sum of the weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<f64>,
    /// The least weight of every asset that says nothing else; zero where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// The largest weight of every asset that says nothing else; unbounded where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
    /// The weights held now, for turnover and costs; those of the book where there is one, else none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Weights>,
    /// The most that may be traded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turnover: Option<Limit>,
    /// What trading costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub costs: Option<Costs>,
    /// How far the portfolio may be from a benchmark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<Tracking>,
    /// How many assets it may hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<Names>,
    /// Whole lots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lots: Option<Lots>,
    /// Bounds by asset.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub assets: BTreeMap<String, Range>,
    /// Classifications: the class of each asset. A book adds `sector`, `country`, `currency` and `kind` by itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub classes: BTreeMap<String, BTreeMap<String, String>>,
    /// Sums of weights by class or by list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Linear rows, such as exposures to factors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Row>,
}

/// Weights by asset, or a word that stands for them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Weights {
    /// `equal`, or `current` where there is a book.
    Word(String),
    /// A weight by asset; zero where none is given.
    ByAsset(BTreeMap<String, f64>),
    /// The weights in the order of the assets.
    List(Vec<f64>),
}

/// A least and a largest value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// The largest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
}

/// The sum of the weights of some assets: those of a class, or those listed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What it is called where it conflicts with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A classification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// One of its classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Or the assets themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assets: Option<Vec<String>>,
    /// The least sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// The largest sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
}

/// A sum of weights times coefficients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What it is called where it conflicts with others.
    pub name: String,
    /// The least sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// The largest sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
    /// A coefficient by asset; zero where none is given.
    pub coefficients: BTreeMap<String, f64>,
}

/// A largest value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The sum of all changes of weight, purchases and sales.
    pub limit: f64,
}

/// One number for every asset, or a number by asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Each {
    /// The same for all.
    Same(f64),
    /// By asset.
    ByAsset(BTreeMap<String, f64>),
}

/// What trading costs, as shares of what is traded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// The cost of a unit traded: 0.0005 is 5 basis points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proportional: Option<Each>,
    /// The impact, which costs `impact |change|^1.5`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Each>,
}

/// The largest tracking error, either per period or a year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tracking {
    /// Per period of the returns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// A year, of 252 periods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annual: Option<f64>,
    /// The benchmark's weights.
    pub benchmark: Weights,
}

/// At most `count` names, each held at `position_min` or more, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// The most assets held.
    pub count: usize,
    /// The least weight of one that is held.
    #[serde(default)]
    pub position_min: f64,
    /// The problems to solve at most.
    #[serde(default = "usual_nodes")]
    pub nodes_max: usize,
}

/// The problems that a search for few names solves at most where nothing else is said.
pub const NODES_USUAL: usize = 2000;

fn usual_nodes() -> usize {
    NODES_USUAL
}

/// Whole lots.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lots {
    /// The value of the book, in the currency of the prices; that of the book where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The shares of a lot; 1 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Each>,
}

//! What is typed into the Optimizer, and the question it makes.

use apex_wire::{
    View,
    job::JobId,
    optimizer::{
        Belief, Constraints, Costs, Each, Group, Limit, NODES_USUAL, Names, Policy, Range, RunOptimizer, Tracking,
        Weights,
    },
};

/// What was typed wrong: the field, and why.
pub(crate) type Wrong = (&'static str, String);

/// The Optimizer's form. Texts are in percent, as people say them; blank is no limit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    /// What the choices are, and what the form has no field for.
    pub(super) policy: Policy,
    pub(super) window: String,
    pub(super) added: String,
    pub(super) invests_cash: bool,
    pub(super) risk_free: String,
    pub(super) risk_aversion: String,
    pub(super) target: String,
    pub(super) level: String,
    pub(super) lower: String,
    pub(super) upper: String,
    pub(super) turnover: String,
    pub(super) cost_bp: String,
    pub(super) count: String,
    pub(super) position_min: String,
    pub(super) tracking: String,
    pub(super) groups: Vec<GroupRow>,
    pub(super) assets: Vec<AssetRow>,
    pub(super) views: Vec<ViewRow>,
}

/// A group limit as it is typed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct GroupRow {
    pub(super) class: String,
    pub(super) value: String,
    pub(super) lower: String,
    pub(super) upper: String,
    /// A group of listed assets, which the form shows and does not change.
    listed: Option<Group>,
}

impl GroupRow {
    /// Returns a row of a sector.
    pub(super) fn new(class: &str, value: &str) -> Self {
        Self {
            class: class.to_owned(),
            value: value.to_owned(),
            ..Self::default()
        }
    }

    /// Returns the names of a group of listed assets.
    pub(super) fn listed(&self) -> Option<String> {
        let group = self.listed.as_ref()?;
        Some(group.assets.clone().unwrap_or_default().join(" + "))
    }
}

/// The bounds of one asset as they are typed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct AssetRow {
    pub(super) symbol: String,
    pub(super) lower: String,
    pub(super) upper: String,
}

/// A view on returns as it is typed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ViewRow {
    pub(super) asset: String,
    pub(super) over: String,
    pub(super) percent: String,
}

/// What of a question is kept between visits.
pub(super) type Kept = (Policy, usize, Vec<String>, bool);

impl Draft {
    /// Returns the form of a question.
    pub(super) fn of((policy, window, added, invests_cash): Kept) -> Self {
        let mut draft = Self {
            window: window.to_string(),
            added: added.join(" "),
            invests_cash,
            risk_free: policy.risk_free_percent.to_string(),
            risk_aversion: policy.risk_aversion.to_string(),
            target: policy
                .target_percent
                .map(|target| target.to_string())
                .unwrap_or_default(),
            level: percent_text(Some(policy.level)),
            views: policy
                .views
                .iter()
                .map(|view| ViewRow {
                    asset: view.asset.clone(),
                    over: view.over.clone().unwrap_or_default(),
                    percent: view.percent.to_string(),
                })
                .collect(),
            lower: String::new(),
            upper: String::new(),
            turnover: String::new(),
            cost_bp: String::new(),
            count: String::new(),
            position_min: String::new(),
            tracking: String::new(),
            groups: Vec::new(),
            assets: Vec::new(),
            policy,
        };
        draft.take(draft.policy.constraints.clone());
        draft
    }

    /// Shows other constraints.
    pub(super) fn take(&mut self, constraints: Constraints) {
        self.lower = percent_text(constraints.lower);
        self.upper = percent_text(constraints.upper);
        self.turnover = percent_text(constraints.turnover.map(|turnover| turnover.limit));
        self.cost_bp = match constraints.costs.as_ref().and_then(|costs| costs.proportional.as_ref()) {
            Some(Each::Same(cost)) => trimmed(cost * 1e4),
            _ => String::new(),
        };
        self.count = constraints
            .names
            .map(|names| names.count.to_string())
            .unwrap_or_default();
        let least = constraints
            .names
            .map(|names| names.position_min)
            .filter(|least| *least > 0.0);
        self.position_min = percent_text(least);
        self.tracking = match &constraints.tracking {
            Some(tracking) if is_current(&tracking.benchmark) => percent_text(tracking.annual),
            _ => String::new(),
        };
        self.groups = constraints
            .groups
            .iter()
            .map(|group| GroupRow {
                class: group.class.clone().unwrap_or_default(),
                value: group.value.clone().unwrap_or_default(),
                lower: percent_text(group.lower),
                upper: percent_text(group.upper),
                listed: group.assets.is_some().then(|| group.clone()),
            })
            .collect();
        self.assets = constraints
            .assets
            .iter()
            .map(|(symbol, range)| AssetRow {
                symbol: symbol.clone(),
                lower: percent_text(range.lower),
                upper: percent_text(range.upper),
            })
            .collect();
        self.policy.constraints = constraints;
    }

    /// Returns what is kept, or the first field that cannot be read.
    pub(super) fn read(&self) -> Result<Kept, Wrong> {
        let number = |field: &'static str, text: &str| -> Result<f64, Wrong> {
            let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            number.ok_or_else(|| (field, format!("`{}` is not a number; write it like 3.5", text.trim())))
        };
        let window = whole("window", &self.window)?.unwrap_or(apex_wire::optimizer::WINDOW_USUAL);
        let mut policy = Policy {
            risk_free_percent: number("risk_free_percent", &self.risk_free)?,
            risk_aversion: number("risk_aversion", &self.risk_aversion)?,
            target_percent: match self.target.trim() {
                "" => None,
                text => Some(number("target_percent", text)?),
            },
            level: share("level", &self.level)?.unwrap_or(0.95),
            views: Vec::new(),
            constraints: self.constraints()?,
            ..self.policy.clone()
        };
        for view in self.views.iter().filter(|view| !view.asset.trim().is_empty()) {
            policy.views.push(Belief {
                asset: view.asset.trim().to_owned(),
                over: Some(view.over.trim().to_owned()).filter(|over| !over.is_empty()),
                percent: number("views", &view.percent)?,
            });
        }
        let added = self
            .added
            .split([' ', ',', ';'])
            .map(str::trim)
            .filter(|symbol| !symbol.is_empty());
        Ok((policy, window, added.map(str::to_owned).collect(), self.invests_cash))
    }

    fn constraints(&self) -> Result<Constraints, Wrong> {
        let base = self.policy.constraints.clone();
        let cost = match self.cost_bp.trim() {
            "" => None,
            text => {
                let basis_points = text.parse::<f64>().ok().filter(|cost| cost.is_finite());
                let wrong = || {
                    (
                        "cost",
                        format!("`{text}` is not a number of basis points; write it like 5"),
                    )
                };
                Some(basis_points.ok_or_else(wrong)? / 1e4)
            }
        };
        let tracking = share("tracking", &self.tracking)?;
        let least = share("position_min", &self.position_min)?;
        let names = match (whole("count", &self.count)?, least) {
            (None, None) => None,
            (None, Some(_)) => return Err(("count", "a smallest position needs a number of names".to_owned())),
            (Some(count), least) => Some(Names {
                count,
                position_min: least.unwrap_or(0.0),
                nodes_max: base.names.map_or(NODES_USUAL, |names| names.nodes_max),
            }),
        };
        let mut groups = Vec::with_capacity(self.groups.len());
        for row in &self.groups {
            let range = (share("groups", &row.lower)?, share("groups", &row.upper)?);
            let group = row.listed.clone().unwrap_or_else(|| Group {
                class: Some(row.class.clone()),
                value: Some(row.value.clone()),
                ..Group::default()
            });
            groups.push(Group {
                lower: range.0,
                upper: range.1,
                ..group
            });
        }
        let mut assets = std::collections::BTreeMap::new();
        for row in self.assets.iter().filter(|row| !row.symbol.trim().is_empty()) {
            let range = Range {
                lower: share("assets", &row.lower)?,
                upper: share("assets", &row.upper)?,
            };
            assets.insert(row.symbol.trim().to_owned(), range);
        }
        Ok(Constraints {
            lower: share("lower", &self.lower)?,
            upper: share("upper", &self.upper)?,
            turnover: share("turnover", &self.turnover)?.map(|limit| Limit { limit }),
            costs: match (cost, base.costs) {
                (Some(cost), kept) => Some(Costs {
                    proportional: Some(Each::Same(cost)),
                    impact: kept.and_then(|costs| costs.impact),
                }),
                (None, kept) => kept.filter(|costs| !matches!(costs.proportional, Some(Each::Same(_)))),
            },
            tracking: match (tracking, base.tracking) {
                (Some(annual), _) => Some(Tracking {
                    limit: None,
                    annual: Some(annual),
                    benchmark: Weights::Word("current".to_owned()),
                }),
                (None, kept) => kept.filter(|tracking| !is_current(&tracking.benchmark)),
            },
            names,
            groups,
            assets,
            ..base
        })
    }
}

/// Returns the question of what is kept. A rule has its constraints set aside, all but costs and lots.
pub(super) fn question(
    view: View,
    (mut policy, window, added, invests_cash): Kept,
    point: Option<usize>,
    job: JobId,
) -> RunOptimizer {
    if !policy.objective.takes_constraints() {
        policy.constraints = Constraints {
            costs: policy.constraints.costs,
            lots: policy.constraints.lots,
            ..Constraints::default()
        };
    }
    RunOptimizer {
        job,
        policy,
        window,
        added,
        invests_cash,
        point,
        ..RunOptimizer::new(view)
    }
}

fn is_current(weights: &Weights) -> bool {
    matches!(weights, Weights::Word(word) if word == "current")
}

/// Reads a percentage as a share; blank is none.
pub(crate) fn share(field: &'static str, text: &str) -> Result<Option<f64>, Wrong> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let wrong = || {
        (
            field,
            format!("`{}` is not a percentage; write it like 10 or 2.5", text.trim()),
        )
    };
    let decimal = apex_format::parse_percent(text).map_err(|_| wrong())?;
    f64::try_from(decimal).map(Some).map_err(|_| wrong())
}

/// Reads a whole number; blank is none.
pub(crate) fn whole(field: &'static str, text: &str) -> Result<Option<usize>, Wrong> {
    match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| (field, format!("`{text}` is not a whole number"))),
    }
}

/// Writes a share as a percentage; none is blank.
pub(crate) fn percent_text(share: Option<f64>) -> String {
    share.map(|share| trimmed(share * 100.0)).unwrap_or_default()
}

/// Writes a number without the noise of its last digits.
pub(crate) fn trimmed(value: f64) -> String {
    ((value * 1e6).round() / 1e6).to_string()
}

//! The internal rate of return of dated flows: every real solution, or why there is none.
//!
//! `NPV(r) = sum a[i] (1 + r)^(-days[i] / 365)`, days from the earliest flow (Act/365 fixed), `r` an effective annual
//! rate. The equation is solved in `s = ln(1 + r)` between -400 and 600, so rates that round to -100% are still told
//! apart by `roots_ln1p`.
//!
//! One change of sign in the ordered flows means exactly one solution (Descartes). With more, a first solution is
//! proved to be the only one when no running total of the discounted flows changes sign there (Norstrøm, 1972);
//! otherwise all solutions are isolated between the critical points of `exp(s t) NPV(s)`, with `t` between two flows of
//! opposite sign: its derivative has one change of sign less, so the recursion ends. A critical point at which the
//! value is zero is a double solution, which a search for changes of sign cannot see. Schedules that change sign more
//! than [`SIGN_CHANGES_MAX`] times and are not proved unique are scanned on a grid instead.

mod isolate;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use isolate::SIGN_CHANGES_MAX;

/// The least `ln(1 + r)` that is searched.
pub const LN1P_MIN: f64 = -400.0;
/// The largest `ln(1 + r)` that is searched.
pub const LN1P_MAX: f64 = 600.0;

/// One dated flow; money paid in is negative, money received positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CashFlow {
    /// The day of the flow.
    pub date: Date,
    /// The amount.
    pub amount: f64,
}

/// How many rates solve the equation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum XirrStatus {
    /// Exactly one rate.
    Unique,
    /// Several rates: none of them is *the* return.
    Multiple,
    /// No rate.
    None,
    /// The flows do not make an equation: one sign, one day, or a value that is not a number.
    Invalid,
}

/// Every solution of the rate equation. The field names are those of `apex xirr --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Xirr {
    /// How many solutions there are.
    pub status: XirrStatus,
    /// The rates, ascending.
    pub roots: Vec<f64>,
    /// The same as `ln(1 + r)`, which stays exact where a rate rounds to -1.
    pub roots_ln1p: Vec<f64>,
    /// Why there is no single rate, or what is particular about it.
    pub reason: Option<String>,
}

impl Xirr {
    /// Returns the rate when it is the only one.
    pub fn rate(&self) -> Option<f64> {
        match self.status {
            XirrStatus::Unique => self.roots.first().copied(),
            _ => None,
        }
    }

    /// Returns an answer without solutions.
    fn without(status: XirrStatus, reason: impl Into<String>) -> Self {
        Self {
            status,
            roots: Vec::new(),
            roots_ln1p: Vec::new(),
            reason: Some(reason.into()),
        }
    }
}

/// Returns every rate at which the flows have no present value. Order does not matter; flows of one day are added.
///
/// ```
/// use apex_analytics::xirr::{CashFlow, XirrStatus, xirr};
///
/// let flow = |date: &str, amount| CashFlow { date: date.parse().unwrap(), amount };
/// let doubled = xirr(&[flow("2021-01-01", -1000.0), flow("2022-01-01", 1100.0)]);
/// assert!((doubled.rate().unwrap() - 0.10).abs() < 1e-12);
///
/// // 10% and 20% both solve this one.
/// let both = [flow("2021-01-01", -1000.0), flow("2022-01-01", 2300.0), flow("2023-01-01", -1320.0)];
/// assert_eq!(xirr(&both).status, XirrStatus::Multiple);
/// ```
pub fn xirr(flows: &[CashFlow]) -> Xirr {
    let Some(origin) = flows.first().map(|flow| flow.date) else {
        return Xirr::without(XirrStatus::Invalid, "there are no flows");
    };
    let numbered: Vec<(i32, f64)> = flows
        .iter()
        .map(|flow| (days_between(origin, flow.date), flow.amount))
        .collect();
    xirr_days(&numbered)
}

/// Returns the number of days from `from` to `to`.
pub(crate) fn days_between(from: Date, to: Date) -> i32 {
    (to.duration_since(from).as_hours() / 24) as i32
}

/// Returns every rate, as [`xirr`], for flows whose days are numbered from any origin.
pub fn xirr_days(flows: &[(i32, f64)]) -> Xirr {
    if let Some(index) = flows.iter().position(|(_, amount)| !amount.is_finite()) {
        return Xirr::without(
            XirrStatus::Invalid,
            format!("flow {} is not a finite number", index + 1),
        );
    }
    let mut sorted: Vec<(i32, f64)> = Vec::new();
    let flows = if flows.is_sorted_by_key(|(day, _)| *day) && flows.iter().all(|(_, amount)| *amount != 0.0) {
        flows
    } else {
        sorted.extend(flows.iter().copied().filter(|(_, amount)| *amount != 0.0));
        sorted.sort_by_key(|(day, _)| *day);
        &sorted
    };
    if flows.is_empty() {
        return Xirr::without(XirrStatus::Invalid, "there are no flows other than zero");
    }
    if flows.iter().all(|(_, amount)| *amount > 0.0) || flows.iter().all(|(_, amount)| *amount < 0.0) {
        return Xirr::without(
            XirrStatus::Invalid,
            "the flows have one sign: money must go in and come out",
        );
    }
    let origin = flows[0].0;
    if flows[flows.len() - 1].0 == origin {
        return Xirr::without(XirrStatus::Invalid, "the flows are all on one day");
    }
    let mut times = Vec::with_capacity(flows.len());
    let mut amounts: Vec<f64> = Vec::with_capacity(flows.len());
    let mut day_last = None;
    for &(day, amount) in flows {
        if day_last == Some(day) {
            if let Some(last) = amounts.last_mut() {
                *last += amount;
            }
        } else {
            times.push(f64::from(day - origin) / 365.0);
            amounts.push(amount);
            day_last = Some(day);
        }
    }
    if amounts.contains(&0.0) {
        (times, amounts) = times
            .into_iter()
            .zip(amounts)
            .filter(|(_, amount)| *amount != 0.0)
            .unzip();
    }
    solve(&times, &amounts)
}

/// Solves for flows that are ordered, on distinct days, and none of them zero.
fn solve(times: &[f64], amounts: &[f64]) -> Xirr {
    let changes = isolate::sign_changes(amounts);
    if changes == 0 {
        return Xirr::without(XirrStatus::None, "the flows of each day add to amounts of one sign");
    }
    if let Some(root) = isolate::newton_proved_unique(times, amounts, changes) {
        return found(vec![root], None);
    }
    let solutions = isolate::all_roots(times, amounts, changes);
    match solutions.len() {
        0 => Xirr::without(XirrStatus::None, "no rate makes the net present value zero"),
        1 => {
            let touches = solutions[0]
                .touches
                .then(|| "the net present value touches zero without changing sign".into());
            found(vec![solutions[0].ln1p], touches)
        }
        count => found(
            solutions.iter().map(|solution| solution.ln1p).collect(),
            Some(format!(
                "{count} rates make the net present value zero: the flows change sign {changes} times"
            )),
        ),
    }
}

/// Returns the answer for these solutions.
fn found(roots_ln1p: Vec<f64>, reason: Option<String>) -> Xirr {
    let status = if roots_ln1p.len() == 1 {
        XirrStatus::Unique
    } else {
        XirrStatus::Multiple
    };
    Xirr {
        status,
        roots: roots_ln1p.iter().map(|root| root.exp_m1()).collect(),
        roots_ln1p,
        reason,
    }
}

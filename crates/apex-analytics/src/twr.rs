//! Returns of a portfolio with flows: time-weighted, money-weighted, and Modified Dietz.
//!
//! Columns hold one row a valuation: `values[i]` is the value after `flows[i]`, a flow into the portfolio being
//! positive. The flow of the first row is part of its value and is not counted again.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::{AnalyticsError, all_finite, finite, ratio, same_length};
use crate::gap::GapColumn;
use crate::xirr::{CashFlow, Xirr, days_between, xirr};

/// When in its period a flow is taken to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowTiming {
    /// At the start: it earns the period's return, `V[i] / (V[i-1] + F[i]) - 1`.
    Start,
    /// At the end: it does not, `(V[i] - F[i]) / V[i-1] - 1`.
    End,
}

/// The figures of `apex twr`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowReturns {
    /// Time-weighted, flows at the start of their period.
    pub twr_flow_start: Option<f64>,
    /// Time-weighted, flows at the end of their period.
    pub twr_flow_end: Option<f64>,
    /// Modified Dietz over the whole period.
    pub modified_dietz: Option<f64>,
    /// The money-weighted annual rate, when there is exactly one.
    pub xirr: Option<f64>,
    /// The money-weighted return of the whole period, not annualized.
    pub mwr_period: Option<f64>,
}

/// Returns the return of each period, one less than rows; `None` where the base is not above zero.
///
/// # Errors
///
/// Refuses columns of different length, fewer than two rows, and values that are not finite.
pub fn period_returns(values: &[f64], flows: &[f64], timing: FlowTiming) -> Result<Vec<Option<f64>>, AnalyticsError> {
    check(values, flows)?;
    Ok((1..values.len())
        .map(|row| {
            let (before, after, flow) = (values[row - 1], values[row], flows[row]);
            let (numerator, base) = match timing {
                FlowTiming::Start => (after, before + flow),
                FlowTiming::End => (after - flow, before),
            };
            if base > 0.0 {
                ratio(numerator, base).map(|growth| growth - 1.0)
            } else {
                None
            }
        })
        .collect())
}

/// Returns the time-weighted return: the linked period returns, or `None` when one of them is undefined.
///
/// # Errors
///
/// Those of [`period_returns`].
///
/// ```
/// use apex_analytics::twr::{FlowTiming, twr};
///
/// // 100,000 grows to 110,000; 50,000 comes in at the close; 152,000 at the end: 1.10 * 152/160 = 1.045.
/// let figure = twr(&[100_000.0, 160_000.0, 152_000.0], &[0.0, 50_000.0, 0.0], FlowTiming::End).unwrap();
/// assert!((figure.unwrap() - 0.045).abs() < 1e-12);
/// ```
pub fn twr(values: &[f64], flows: &[f64], timing: FlowTiming) -> Result<Option<f64>, AnalyticsError> {
    check(values, flows)?;
    let mut growth = 1.0;
    let mut defined = true;
    let rows = values.iter().zip(values.iter().skip(1)).zip(flows.iter().skip(1));
    for ((before, after), flow) in rows {
        let (numerator, base) = match timing {
            FlowTiming::Start => (*after, before + flow),
            FlowTiming::End => (after - flow, *before),
        };
        defined &= base > 0.0;
        growth *= numerator / base;
    }
    Ok(if defined { finite(growth - 1.0) } else { None })
}

/// Returns the Modified Dietz return `(V1 - V0 - F) / (V0 + sum w F)` with `w = (D - d) / D`, d days from the start.
///
/// Dietz (1966). Undefined when the average capital is not above zero.
///
/// # Errors
///
/// Those of [`period_returns`], and dates that are not ascending.
///
/// ```
/// // Day 15 of 30: 2,000 earned on an average capital of 125,000.
/// let dates = ["2026-04-01", "2026-04-16", "2026-05-01"].map(|date| date.parse().unwrap());
/// let values = [100_000.0, 160_000.0, 152_000.0];
/// let figure = apex_analytics::twr::modified_dietz(&dates, &values, &[0.0, 50_000.0, 0.0]).unwrap();
/// assert!((figure.unwrap() - 0.016).abs() < 1e-12);
/// ```
pub fn modified_dietz(dates: &[Date], values: &[f64], flows: &[f64]) -> Result<Option<f64>, AnalyticsError> {
    check(values, flows)?;
    check_dates(dates, values)?;
    let days = f64::from(days_between(dates[0], dates[dates.len() - 1]));
    let (mut net, mut average) = (0.0, values[0]);
    for (date, flow) in dates.iter().zip(flows).skip(1) {
        let elapsed = f64::from(days_between(dates[0], *date));
        net += flow;
        average += flow * (days - elapsed) / days;
    }
    let gain = values[values.len() - 1] - values[0] - net;
    Ok(if average > 0.0 { ratio(gain, average) } else { None })
}

/// Returns the money-weighted return: every annual rate that explains the last value from the first and the flows.
///
/// # Errors
///
/// Those of [`modified_dietz`].
pub fn money_weighted(dates: &[Date], values: &[f64], flows: &[f64]) -> Result<Xirr, AnalyticsError> {
    check(values, flows)?;
    check_dates(dates, values)?;
    let mut dated = vec![CashFlow {
        date: dates[0],
        amount: -values[0],
    }];
    dated.extend(dates.iter().zip(flows).skip(1).map(|(date, flow)| CashFlow {
        date: *date,
        amount: -flow,
    }));
    dated.push(CashFlow {
        date: dates[dates.len() - 1],
        amount: values[values.len() - 1],
    });
    Ok(xirr(&dated))
}

/// Returns all figures of one portfolio with flows.
///
/// # Errors
///
/// Those of [`modified_dietz`].
pub fn flow_returns(dates: &[Date], values: &[f64], flows: &[f64]) -> Result<FlowReturns, AnalyticsError> {
    let rate = money_weighted(dates, values, flows)?.rate();
    let years = f64::from(days_between(dates[0], dates[dates.len() - 1])) / 365.0;
    Ok(FlowReturns {
        twr_flow_start: twr(values, flows, FlowTiming::Start)?,
        twr_flow_end: twr(values, flows, FlowTiming::End)?,
        modified_dietz: modified_dietz(dates, values, flows)?,
        xirr: rate,
        mwr_period: rate.and_then(|rate| finite((rate.ln_1p() * years).exp_m1())),
    })
}

/// Daily returns of a portfolio and their product.
#[derive(Debug, Clone, PartialEq)]
pub struct Linked {
    /// The return of each row since the last known value; a gap where there is none.
    pub returns: GapColumn,
    /// The growth of 1 since the first known value; a gap where the value is not known.
    pub growth: GapColumn,
}

/// Returns the linked returns of a value series with gaps.
///
/// A known row after a gap covers the whole gap, the flows of the gap included. A row whose base is not above zero has
/// no return: while nothing is invested growth stands still, and if something was earned on no capital growth is
/// unknown from there on.
///
/// # Errors
///
/// Refuses a flow column of another length and flows that are not finite.
///
/// ```
/// use apex_analytics::gap::GapColumn;
/// use apex_analytics::twr::{FlowTiming, linked};
///
/// let values = GapColumn::from_options(&[Some(100.0), None, Some(121.0)]);
/// let growth = linked(&values, &[100.0, 0.0, 0.0], FlowTiming::End).unwrap().growth;
/// assert_eq!(growth.to_options(), [Some(1.0), None, Some(1.21)]);
/// ```
pub fn linked(values: &GapColumn, flows: &[f64], timing: FlowTiming) -> Result<Linked, AnalyticsError> {
    same_length("flow column", values.len(), flows.len())?;
    all_finite("flow", flows)?;
    let mut linked = Linked {
        returns: GapColumn::unknown(values.len()),
        growth: GapColumn::unknown(values.len()),
    };
    let mut before: Option<f64> = None;
    let mut growth = Some(1.0);
    let mut since = 0.0;
    for (row, (value, flow)) in values.iter().zip(flows).enumerate() {
        since += flow;
        let Some(value) = value else {
            continue;
        };
        if let Some(before) = before {
            let (numerator, base) = match timing {
                FlowTiming::Start => (value, before + since),
                FlowTiming::End => (value - since, before),
            };
            if base > 0.0 {
                let factor = numerator / base;
                linked.returns.set(row, Some(factor - 1.0));
                growth = growth.map(|growth: f64| growth * factor);
            } else if numerator != base {
                growth = None;
            }
        }
        linked.growth.set(row, growth);
        before = Some(value);
        since = 0.0;
    }
    Ok(linked)
}

/// Returns the columns of several portfolios seen as one: values and flows added row by row.
///
/// A portfolio that joins later has value 0 before, and its first value stands in `flows` too: joining is an external
/// flow, not a gain.
///
/// # Errors
///
/// Refuses no portfolio and columns of different length.
pub fn combined(portfolios: &[(&[f64], &[f64])]) -> Result<(Vec<f64>, Vec<f64>), AnalyticsError> {
    let (first, _) = portfolios.first().ok_or(AnalyticsError::Empty {
        what: "list of portfolios",
    })?;
    let (mut values, mut flows) = (vec![0.0; first.len()], vec![0.0; first.len()]);
    for (own_values, own_flows) in portfolios {
        same_length("value column", first.len(), own_values.len())?;
        same_length("flow column", first.len(), own_flows.len())?;
        values
            .iter_mut()
            .zip(*own_values)
            .for_each(|(sum, value)| *sum += value);
        flows.iter_mut().zip(*own_flows).for_each(|(sum, flow)| *sum += flow);
    }
    Ok((values, flows))
}

/// Refuses columns that do not belong together.
fn check(values: &[f64], flows: &[f64]) -> Result<(), AnalyticsError> {
    same_length("flow column", values.len(), flows.len())?;
    if values.len() < 2 {
        return Err(AnalyticsError::Window {
            what: "period",
            length: 2,
            observations: values.len(),
        });
    }
    all_finite("value", values)?;
    all_finite("flow", flows)
}

/// Refuses dates that are not ascending or of another number.
fn check_dates(dates: &[Date], values: &[f64]) -> Result<(), AnalyticsError> {
    same_length("date column", values.len(), dates.len())?;
    match dates.iter().zip(dates.iter().skip(1)).position(|(one, two)| one >= two) {
        None => Ok(()),
        Some(index) => Err(AnalyticsError::Order {
            what: "date",
            index: index + 1,
        }),
    }
}

//! Discount curves: one discount factor for every time, from a few known ones.
//!
//! Time is in years on the curve's own clock, Act/365F from its first day by the market's habit; zero rates are
//! continuous. Curves that reprice quoted deposits, futures and swaps come from [`bootstrap`].

pub mod bootstrap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::{AnalyticsError, all_finite, same_length};
use crate::pricing::day_count::days;
use crate::pricing::{from_zero, refuse};

/// What is drawn between the known points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interpolation {
    /// Zero rates are straight; beyond the last point the zero rate stays.
    LinearZero,
    /// Logarithms of discount factors are straight, so forward rates are steps.
    LogLinearDiscount,
    /// Logarithms of discount factors follow a monotone cubic (Fritsch and Carlson, 1980), so forward rates are
    /// continuous, and not negative where the discount factors fall.
    MonotoneLogDiscount,
}

/// A discount curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    interpolation: Interpolation,
    times: Vec<f64>,
    /// Zero rates, or minus the logarithms of the discount factors.
    values: Vec<f64>,
    /// The slopes of the monotone cubic at the points.
    slopes: Vec<f64>,
}

impl Curve {
    /// Returns the curve through zero rates.
    ///
    /// # Errors
    ///
    /// Refuses no points, columns of different length, values that are not finite, and times that are below zero or do
    /// not ascend.
    ///
    /// ```
    /// use apex_analytics::pricing::curve::{Curve, Interpolation};
    ///
    /// let curve = Curve::from_zero_rates(&[1.0, 3.0], &[0.02, 0.04], Interpolation::LinearZero).unwrap();
    /// assert!((curve.zero_rate(2.0).unwrap() - 0.03).abs() < 1e-15);
    /// assert!((curve.discount(2.0).unwrap() - (-0.06_f64).exp()).abs() < 1e-15);
    /// ```
    pub fn from_zero_rates(times: &[f64], rates: &[f64], interpolation: Interpolation) -> Result<Self, AnalyticsError> {
        same_length("column of zero rates", times.len(), rates.len())?;
        all_finite("time of the curve", times)?;
        all_finite("zero rate", rates)?;
        match interpolation {
            Interpolation::LinearZero => Self::new(times.to_vec(), rates.to_vec(), interpolation),
            _ => {
                // At time zero every curve is at one, so a point there says nothing.
                let known = times.iter().zip(rates).filter(|(time, _)| **time > 0.0);
                let (times, logs) = known.map(|(time, rate)| (*time, time * rate)).unzip();
                Self::new(times, logs, interpolation)
            }
        }
    }

    /// Returns the curve through discount factors.
    ///
    /// # Errors
    ///
    /// Those of [`Curve::from_zero_rates`], and a discount factor or time not above zero.
    pub fn from_discounts(
        times: &[f64],
        discounts: &[f64],
        interpolation: Interpolation,
    ) -> Result<Self, AnalyticsError> {
        same_length("column of discount factors", times.len(), discounts.len())?;
        all_finite("time of the curve", times)?;
        all_finite("discount factor", discounts)?;
        for (what, column) in [("time of the curve", times), ("discount factor", discounts)] {
            if let Some(index) = column.iter().position(|value| *value <= 0.0) {
                return Err(AnalyticsError::NotPositive {
                    what,
                    index,
                    value: column[index],
                });
            }
        }
        Self::from_logs(
            times,
            discounts.iter().map(|discount| -discount.ln()).collect(),
            interpolation,
        )
    }

    /// Returns the curve through minus the logarithms of discount factors at times above zero.
    pub(crate) fn from_logs(
        times: &[f64],
        logs: Vec<f64>,
        interpolation: Interpolation,
    ) -> Result<Self, AnalyticsError> {
        let values = match interpolation {
            Interpolation::LinearZero => logs.iter().zip(times).map(|(log, time)| log / time).collect(),
            _ => logs,
        };
        Self::new(times.to_vec(), values, interpolation)
    }

    fn new(mut times: Vec<f64>, mut values: Vec<f64>, interpolation: Interpolation) -> Result<Self, AnalyticsError> {
        if times.is_empty() {
            return Err(AnalyticsError::Empty {
                what: "list of curve points",
            });
        }
        from_zero("first time of the curve", times[0])?;
        if let Some(index) = times.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(AnalyticsError::Order {
                what: "time of the curve",
                index: index + 1,
            });
        }
        if interpolation != Interpolation::LinearZero {
            times.insert(0, 0.0);
            values.insert(0, 0.0);
        }
        let slopes = match interpolation {
            Interpolation::MonotoneLogDiscount => monotone_slopes(&times, &values),
            _ => Vec::new(),
        };
        Ok(Self {
            interpolation,
            times,
            values,
            slopes,
        })
    }

    /// Returns the discount factor of a time.
    ///
    /// Beyond the last point the zero rate (of a curve in zero rates) or the forward rate (of one in discount factors)
    /// stays.
    ///
    /// # Errors
    ///
    /// Refuses a time below zero.
    pub fn discount(&self, years: f64) -> Result<f64, AnalyticsError> {
        from_zero("time", years)?;
        super::priced("discount factor", (-self.log(years)).exp())
    }

    /// Returns the continuous zero rate of a time; at time zero the limit.
    ///
    /// # Errors
    ///
    /// Refuses a time below zero.
    pub fn zero_rate(&self, years: f64) -> Result<f64, AnalyticsError> {
        from_zero("time", years)?;
        // The limit at zero is the slope there.
        let years = years.max(1e-9);
        super::priced("zero rate", self.log(years) / years)
    }

    /// Returns the simple rate between two times, `(D(start) / D(end) - 1) / accrual`.
    ///
    /// # Errors
    ///
    /// Refuses times below zero, an end not after the start, and an accrual not above zero.
    pub fn simple_forward(&self, start: f64, end: f64, accrual: f64) -> Result<f64, AnalyticsError> {
        from_zero("start of the rate", start)?;
        super::above_zero("accrual", accrual)?;
        if end.is_nan() || end <= start {
            return refuse("end of the rate", end, "after its start");
        }
        super::priced("forward rate", (self.log(end) - self.log(start)).exp_m1() / accrual)
    }

    /// Returns minus the logarithm of the discount factor.
    pub(crate) fn log(&self, years: f64) -> f64 {
        let last = self.times.len() - 1;
        if self.interpolation == Interpolation::LinearZero {
            return years * self.zero_between(years, last);
        }
        let at = self.times.partition_point(|time| *time <= years).clamp(1, last) - 1;
        let (from, to) = (self.times[at], self.times[at + 1]);
        let (low, high) = (self.values[at], self.values[at + 1]);
        let (width, rise) = (to - from, high - low);
        if self.interpolation == Interpolation::LogLinearDiscount {
            return low + rise * (years - from) / width;
        }
        let (first, second) = (self.slopes[at], self.slopes[at + 1]);
        if years >= to {
            return high + second * (years - to);
        }
        // Hermite's cubic.
        let (share, slope) = ((years - from) / width, rise / width);
        let rest = years - from;
        low + rest * (first + share * ((3.0 * slope - 2.0 * first - second) + share * (first + second - 2.0 * slope)))
    }

    fn zero_between(&self, years: f64, last: usize) -> f64 {
        if years <= self.times[0] {
            return self.values[0];
        }
        if years >= self.times[last] {
            return self.values[last];
        }
        let at = self.times.partition_point(|time| *time <= years) - 1;
        let share = (years - self.times[at]) / (self.times[at + 1] - self.times[at]);
        self.values[at] + share * (self.values[at + 1] - self.values[at])
    }
}

/// Returns slopes that keep the cubic as monotone as its points: three-point slopes, limited to three times the smaller
/// of the two secants, and zero where these differ in sign (Fritsch and Carlson, 1980; de Boor and Swartz, 1977).
fn monotone_slopes(times: &[f64], values: &[f64]) -> Vec<f64> {
    let last = times.len() - 1;
    let width = |at: usize| times[at + 1] - times[at];
    let secant = |at: usize| (values[at + 1] - values[at]) / width(at);
    let limited = |slope: f64, left: f64, right: f64| {
        if left * right <= 0.0 {
            0.0
        } else {
            let bound = 3.0 * left.abs().min(right.abs());
            slope.clamp(-bound, bound) * if slope * left < 0.0 { 0.0 } else { 1.0 }
        }
    };
    (0..=last)
        .map(|at| {
            if last == 1 {
                secant(0)
            } else if at == 0 {
                let (near, far) = (width(0), width(1));
                let slope = ((2.0 * near + far) * secant(0) - near * secant(1)) / (near + far);
                limited(slope, secant(0), secant(0))
            } else if at == last {
                let (near, far) = (width(last - 1), width(last - 2));
                let slope = ((2.0 * near + far) * secant(last - 1) - near * secant(last - 2)) / (near + far);
                limited(slope, secant(last - 1), secant(last - 1))
            } else {
                let (before, after) = (width(at - 1), width(at));
                let slope = (after * secant(at - 1) + before * secant(at)) / (before + after);
                limited(slope, secant(at - 1), secant(at))
            }
        })
        .collect()
}

/// Returns the years of a day on the clock of a curve that starts on another, Act/365F.
pub fn curve_years(start: Date, date: Date) -> f64 {
    days(start, date) / 365.0
}

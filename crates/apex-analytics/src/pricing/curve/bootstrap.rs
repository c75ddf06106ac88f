//! The curve that gives every quoted deposit, future and swap its quote.

use serde::{Deserialize, Serialize};

use crate::error::AnalyticsError;
use crate::pricing::curve::{Curve, Interpolation};
use crate::pricing::{a_number, above_zero, from_zero, refuse, solve};

/// A quoted instrument. Times are years on the curve's clock, accruals years by the instrument's own day count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Quote {
    /// Money lent from `start` to `end` at a simple rate; forward rate agreements are the same with a later start.
    Deposit {
        /// When the money is lent.
        start: f64,
        /// When it is paid back.
        end: f64,
        /// The accrual of interest between them.
        accrual: f64,
        /// The simple rate.
        rate: f64,
    },
    /// A future on a simple rate, quoted as 100 less the rate in percent.
    Future {
        /// When the rate begins.
        start: f64,
        /// When it ends.
        end: f64,
        /// The accrual between them.
        accrual: f64,
        /// The quoted price.
        price: f64,
        /// By how much the rate of the future exceeds the forward rate, as a fraction (see [`convexity_adjustment`]).
        convexity: f64,
    },
    /// A swap from the curve's first day, whose floating leg is discounted where it is projected: worth `1 - D(end)`.
    Swap {
        /// When the fixed leg pays, ascending; the last is its end.
        payments: Vec<f64>,
        /// The accrual of each fixed payment.
        accruals: Vec<f64>,
        /// The fixed rate that makes the swap worth nothing.
        rate: f64,
    },
}

impl Quote {
    fn end(&self) -> f64 {
        match self {
            Self::Deposit { end, .. } | Self::Future { end, .. } => *end,
            Self::Swap { payments, .. } => payments.last().copied().unwrap_or(f64::NAN),
        }
    }

    fn check(&self) -> Result<(), AnalyticsError> {
        match self {
            Self::Deposit {
                start,
                end,
                accrual,
                rate,
            } => {
                period(*start, *end, *accrual)?;
                a_number("deposit rate", *rate)?;
                above_zero("growth of the deposit", 1.0 + rate * accrual)
            }
            Self::Future {
                start,
                end,
                accrual,
                price,
                convexity,
            } => {
                period(*start, *end, *accrual)?;
                a_number("futures price", *price)?;
                a_number("convexity adjustment", *convexity)?;
                above_zero(
                    "growth of the future",
                    1.0 + (1.0 - price / 100.0 - convexity) * accrual,
                )
            }
            Self::Swap {
                payments,
                accruals,
                rate,
            } => {
                crate::error::same_length("list of swap accruals", payments.len(), accruals.len())?;
                a_number("swap rate", *rate)?;
                let mut before = 0.0;
                for (payment, accrual) in payments.iter().zip(accruals) {
                    above_zero("swap accrual", *accrual)?;
                    if !payment.is_finite() || *payment <= before {
                        return refuse("swap payment time", *payment, "after zero and the payment before it");
                    }
                    before = *payment;
                }
                above_zero("time of the last swap payment", before)
            }
        }
    }

    /// Returns what the instrument is worth at its quote, per unit of face value; nothing on a curve that reprices it.
    ///
    /// # Errors
    ///
    /// Refuses times the curve refuses.
    pub fn value(&self, curve: &Curve) -> Result<f64, AnalyticsError> {
        match self {
            Self::Deposit {
                start,
                end,
                accrual,
                rate,
            } => Ok(curve.discount(*end)? * (1.0 + rate * accrual) - curve.discount(*start)?),
            Self::Future {
                start,
                end,
                accrual,
                price,
                convexity,
            } => {
                let rate = 1.0 - price / 100.0 - convexity;
                Ok(curve.discount(*end)? * (1.0 + rate * accrual) - curve.discount(*start)?)
            }
            Self::Swap {
                payments,
                accruals,
                rate,
            } => {
                let mut fixed = 0.0;
                for (payment, accrual) in payments.iter().zip(accruals) {
                    fixed += rate * accrual * curve.discount(*payment)?;
                }
                Ok(fixed + curve.discount(self.end())? - 1.0)
            }
        }
    }
}

fn period(start: f64, end: f64, accrual: f64) -> Result<(), AnalyticsError> {
    from_zero("start of the rate", start)?;
    above_zero("accrual", accrual)?;
    if end.is_finite() && end > start {
        Ok(())
    } else {
        refuse("end of the rate", end, "after its start")
    }
}

/// Returns by how much the rate of a future exceeds the forward rate, `sigma^2 t1 t2 / 2` (Ho and Lee; Hull 2018, 6.3).
///
/// `volatility` is that of the short rate a year, in absolute terms; `start` and `end` are those of the rate.
///
/// ```
/// // Hull (2018), example 6.3: eight years, three months, 1.2% a year: 0.475%.
/// let excess = apex_analytics::pricing::curve::bootstrap::convexity_adjustment(0.012, 8.0, 8.25);
/// assert!((excess - 0.004_75).abs() < 5e-6);
/// ```
pub fn convexity_adjustment(volatility: f64, start: f64, end: f64) -> f64 {
    0.5 * volatility * volatility * start * end
}

/// Instruments worth less than this at their quote are repriced.
const WORTH_MAX: f64 = 1e-13;
/// Rounds over all points; a curve whose points do not see later ones needs one.
const ROUNDS_MAX: usize = 100;

/// Returns the curve on which every quote is worth nothing, with one point where each instrument ends.
///
/// Points are solved for in order of time, round after round until all quotes are repriced: with a monotone cubic each
/// point moves the curve on both of its sides.
///
/// # Errors
///
/// Refuses no quotes, two that end at the same time, terms that are not finite or out of order, and quotes that no
/// curve reprices.
///
/// ```
/// use apex_analytics::pricing::curve::Interpolation;
/// use apex_analytics::pricing::curve::bootstrap::{Quote, bootstrap};
///
/// let deposit = Quote::Deposit { start: 0.0, end: 1.0, accrual: 1.0, rate: 0.04 };
/// let swap = Quote::Swap { payments: vec![1.0, 2.0], accruals: vec![1.0, 1.0], rate: 0.05 };
/// let curve = bootstrap(&[deposit, swap], Interpolation::LogLinearDiscount).unwrap();
/// // 0.05 / 1.04 + 1.05 D(2) = 1.
/// assert!((curve.discount(2.0).unwrap() - (1.0 - 0.05 / 1.04) / 1.05).abs() < 1e-14);
/// ```
pub fn bootstrap(quotes: &[Quote], interpolation: Interpolation) -> Result<Curve, AnalyticsError> {
    if quotes.is_empty() {
        return Err(AnalyticsError::Empty { what: "list of quotes" });
    }
    for quote in quotes {
        quote.check()?;
    }
    let mut quotes: Vec<&Quote> = quotes.iter().collect();
    quotes.sort_by(|left, right| left.end().total_cmp(&right.end()));
    let times: Vec<f64> = quotes.iter().map(|quote| quote.end()).collect();
    if let Some(pair) = times.windows(2).find(|pair| pair[0] == pair[1]) {
        return refuse("end of a quote", pair[1], "different from that of every other quote");
    }
    let mut logs: Vec<f64> = Vec::with_capacity(times.len());
    for _ in 0..ROUNDS_MAX {
        for (at, quote) in quotes.iter().enumerate() {
            let known = logs.len().max(at + 1);
            let time = times[at];
            let excess = |log: f64| {
                let mut trial = logs.clone();
                trial.resize(known, log);
                trial[at] = log;
                let curve = Curve::from_logs(&times[..known], trial, interpolation);
                curve.and_then(|curve| quote.value(&curve)).unwrap_or(f64::NAN)
            };
            let guess = match (logs.get(at), at) {
                (Some(log), _) => *log,
                (None, 0) => 0.02 * time,
                (None, _) => logs[at - 1] * time / times[at - 1],
            };
            let Some(log) = solve::root_near(excess, guess, 1e-3 * time, (-50.0, 50.0)) else {
                return refuse("quote that ends at time", time, "one that some curve reprices");
            };
            match logs.get_mut(at) {
                Some(known) => *known = log,
                None => logs.push(log),
            }
        }
        let curve = Curve::from_logs(&times, logs.clone(), interpolation)?;
        let mut worst: f64 = 0.0;
        for quote in &quotes {
            worst = worst.max(quote.value(&curve)?.abs());
        }
        if worst <= WORTH_MAX {
            return Ok(curve);
        }
    }
    refuse(
        "list of quotes ending at time",
        times[times.len() - 1],
        "smooth enough for a curve to reprice it",
    )
}

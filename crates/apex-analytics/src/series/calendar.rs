//! Returns by calendar month and year.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::{AnalyticsError, all_finite, same_length};

/// Compounded returns by year (`2022`) and month (`2022-01`), of the days that fall into each.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CalendarReturns {
    /// By year.
    pub yearly: BTreeMap<String, f64>,
    /// By month.
    pub monthly: BTreeMap<String, f64>,
}

/// One row of a table of months.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct YearRow {
    /// The year.
    pub year: i16,
    /// January to December; `None` for a month without a day.
    pub months: [Option<f64>; 12],
    /// The year as far as it goes.
    pub total: f64,
}

/// Returns the compounded returns of each month and year. `dates[k]` is the day of `returns[k]`.
///
/// # Errors
///
/// Refuses columns of different length and values that are not finite.
///
/// ```
/// let dates = ["2025-12-30", "2025-12-31", "2026-01-02"].map(|date| date.parse().unwrap());
/// let calendar = apex_analytics::series::calendar::calendar_returns(&dates, &[0.10, 0.10, -0.05]).unwrap();
/// assert!((calendar.monthly["2025-12"] - 0.21).abs() < 1e-15);
/// assert!((calendar.yearly["2026"] + 0.05).abs() < 1e-15);
/// ```
pub fn calendar_returns(dates: &[Date], returns: &[f64]) -> Result<CalendarReturns, AnalyticsError> {
    let mut calendar = CalendarReturns::default();
    for row in monthly_table(dates, returns)? {
        let year = format!("{:04}", row.year);
        for (month, value) in (1..).zip(row.months) {
            if let Some(value) = value {
                calendar.monthly.insert(format!("{year}-{month:02}"), value);
            }
        }
        calendar.yearly.insert(year, row.total);
    }
    Ok(calendar)
}

/// Returns the table of months, one row a year, ascending.
///
/// # Errors
///
/// Those of [`calendar_returns`].
pub fn monthly_table(dates: &[Date], returns: &[f64]) -> Result<Vec<YearRow>, AnalyticsError> {
    same_length("date column", returns.len(), dates.len())?;
    all_finite("return", returns)?;
    let mut rows: BTreeMap<i16, ([Option<f64>; 12], f64)> = BTreeMap::new();
    for (date, value) in dates.iter().zip(returns) {
        let (months, total) = rows.entry(date.year()).or_insert(([None; 12], 1.0));
        *total *= 1.0 + value;
        if let Some(month) = months.get_mut(date.month() as usize - 1) {
            *month = Some(month.unwrap_or(1.0) * (1.0 + value));
        }
    }
    Ok(rows
        .into_iter()
        .map(|(year, (months, total))| YearRow {
            year,
            months: months.map(|month| month.map(|growth| growth - 1.0)),
            total: total - 1.0,
        })
        .collect())
}

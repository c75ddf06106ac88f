//! Values of an axis as text: full figures for the table and the crosshair, short ones for the ticks.

use apex_format::{Figure, UNKNOWN, compact, count, date, fixed, instant, minor_digits, money, percent};
use apex_wire::chart::{Axis, Unit, date_of_day};
use jiff::Timestamp;

/// Returns a value as the table, the crosshair and every label show it.
///
/// ```
/// use apex_charts::unit_text;
/// use apex_wire::chart::Unit;
///
/// assert_eq!(unit_text(&Unit::Percent { decimals: 2 }, Some(-0.0125)), "-1.25%");
/// assert_eq!(unit_text(&Unit::Money { currency: "JPY".into() }, Some(1_200.0)), "1,200");
/// assert_eq!(unit_text(&Unit::Date, None), "--");
/// // Friday and Monday, one place apart.
/// let days = Unit::Dates { days: vec![20_525, 20_528] };
/// assert_eq!(unit_text(&days, Some(1.2)), "2026-03-16");
/// assert_eq!(unit_text(&days, Some(2.0)), "--");
/// ```
pub fn unit_text(unit: &Unit, value: Option<f64>) -> Figure {
    match unit {
        Unit::Date => date(value.and_then(date_of_day)),
        Unit::Dates { days } => date(place(days, value).and_then(|day| date_of_day(f64::from(*day)))),
        Unit::Instants { minutes } => instant(place(minutes, value).and_then(instant_of_minute)),
        Unit::Number { decimals } => fixed(value, *decimals),
        Unit::Percent { decimals } => percent(value, *decimals),
        Unit::Money { currency } => money(value, currency),
        Unit::Count => fixed(value, 0),
    }
}

/// Returns what stands at a place of a list, which is rounded to a whole one.
fn place<T>(list: &[T], value: Option<f64>) -> Option<&T> {
    let place = value.map(f64::round).filter(|place| *place >= 0.0)?;
    list.get(place as usize)
}

fn instant_of_minute(minute: &i64) -> Option<Timestamp> {
    Timestamp::from_second(minute.checked_mul(60)?).ok()
}

/// Returns the words of an axis with its unit.
///
/// ```
/// use apex_charts::axis_title;
/// use apex_wire::chart::{Axis, Unit};
///
/// assert_eq!(axis_title(&Axis::new("NAV", Unit::Money { currency: "USD".into() })), "NAV, USD");
/// assert_eq!(axis_title(&Axis::new("Drawdown", Unit::Percent { decimals: 1 })), "Drawdown, %");
/// assert_eq!(axis_title(&Axis::new("Days", Unit::Count)), "Days");
/// ```
pub fn axis_title(axis: &Axis) -> String {
    match &axis.unit {
        Unit::Money { currency } => format!("{}, {currency}", axis.label),
        Unit::Percent { .. } => format!("{}, %", axis.label),
        Unit::Instants { .. } => format!("{}, UTC", axis.label),
        Unit::Date | Unit::Dates { .. } | Unit::Number { .. } | Unit::Count => axis.label.clone(),
    }
}

/// Returns a tick's label, with just the digits that tell it from the next tick `step` away.
///
/// `magnitude_max` is the largest magnitude on the axis, so that all ticks of an axis share one suffix.
pub(crate) fn tick_text(unit: &Unit, value: f64, step: f64, magnitude_max: f64) -> String {
    match unit {
        Unit::Date | Unit::Dates { .. } | Unit::Instants { .. } => unit_text(unit, Some(value)).into(),
        Unit::Percent { .. } if value == 0.0 => "0%".into(),
        _ if value == 0.0 => "0".into(),
        Unit::Percent { .. } => percent(value, digits(step * 100.0)).into(),
        Unit::Count if value >= 0.0 && magnitude_max < 1e4 => count(value.round() as u64).into(),
        Unit::Count | Unit::Number { .. } | Unit::Money { .. } => {
            let (size, suffix) = match magnitude_max {
                large if large >= 1e12 => (1e12, "T"),
                large if large >= 1e9 => (1e9, "B"),
                large if large >= 1e6 => (1e6, "M"),
                large if large >= 1e4 => (1e3, "k"),
                _ => (1.0, ""),
            };
            let decimals = match unit {
                Unit::Money { currency } if size == 1.0 => digits(step).min(minor_digits(currency)),
                _ => digits(step / size),
            };
            let text = fixed(value / size, decimals);
            if text == UNKNOWN {
                text.into()
            } else {
                format!("{text}{suffix}")
            }
        }
    }
}

/// Returns a label on a log axis, where ticks are too far apart to share a suffix.
pub(crate) fn log_tick_text(unit: &Unit, value: f64) -> String {
    match unit {
        Unit::Percent { .. } => percent(value, if value < 0.01 { 2 } else { 0 }).into(),
        _ => compact(value).into(),
    }
}

/// Returns how many decimals write multiples of `step` in full; steps are 1, 2, 2.5 or 5 times a power of ten.
fn digits(step: f64) -> u8 {
    let whole = |decimals: &u8| {
        let scaled = step * 10f64.powi(i32::from(*decimals));
        scaled > 0.5 && (scaled - scaled.round()).abs() < 1e-6 * scaled
    };
    (0..=8).find(whole).unwrap_or(if step >= 1.0 { 0 } else { 8 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_show_the_digits_that_tell_them_apart() {
        let usd = Unit::Money { currency: "USD".into() };
        for (unit, value, step, largest, text) in [
            (&usd, 1_205_000.0, 5_000.0, 1_210_000.0, "1.205M"),
            (&usd, 1_200_000.0, 200_000.0, 1_400_000.0, "1.2M"),
            (&usd, 0.0, 200_000.0, 1_400_000.0, "0"),
            (&usd, 99.5, 0.5, 101.0, "99.5"),
            (&Unit::Percent { decimals: 2 }, -0.15, 0.05, 0.2, "-15%"),
            (&Unit::Percent { decimals: 2 }, 0.0025, 0.0025, 0.01, "0.25%"),
            (&Unit::Number { decimals: 2 }, 0.3, 0.1, 1.0, "0.3"),
            (&Unit::Count, 40.0, 20.0, 80.0, "40"),
        ] {
            assert_eq!(tick_text(unit, value, step, largest), text);
        }
    }
}

//! Where grid lines and labels stand: round numbers, calendar steps and the decades of a log scale.

use apex_wire::chart::{date_of_day, day_number};
use egui_plot::GridMark;
use jiff::civil::Date;

/// Returns the multiples of 1, 2 or 5 times a power of ten within `bounds`, at least `step_min` apart.
pub(crate) fn number_marks(bounds: (f64, f64), step_min: f64) -> Vec<GridMark> {
    let step = round_up(step_min);
    if !step.is_finite() || step <= 0.0 {
        return Vec::new();
    }
    let (first, last) = ((bounds.0 / step).ceil(), (bounds.1 / step).floor());
    // Bounds far from zero with a tiny step have no exact multiples to offer.
    if !(last - first).is_finite() || last - first > 1_000.0 {
        return Vec::new();
    }
    (0..=(last - first).max(-1.0) as i64)
        .map(|index| GridMark {
            value: (first + index as f64) * step,
            step_size: step,
        })
        .take_while(|mark| mark.value <= bounds.1)
        .collect()
}

/// Returns whole-number marks, for counts and categories.
pub(crate) fn whole_marks(bounds: (f64, f64), step_min: f64) -> Vec<GridMark> {
    number_marks(bounds, step_min.max(1.0))
}

/// Returns the marks of an axis of logarithms to base ten: 1, 2 and 5 of each decade, or decades alone when crowded.
pub(crate) fn log_marks(bounds: (f64, f64), step_min: f64) -> Vec<GridMark> {
    let span = bounds.1 - bounds.0;
    if !span.is_finite() || span > 640.0 {
        return Vec::new();
    }
    // Within a fraction of a decade, round numbers of the plain scale read best.
    if span < 0.7 {
        let (low, high) = (10f64.powf(bounds.0), 10f64.powf(bounds.1));
        return number_marks((low, high), (high - low) * step_min / span)
            .into_iter()
            .filter(|mark| mark.value > 0.0)
            .map(|mark| GridMark {
                value: mark.value.log10(),
                step_size: step_min.max(f64::MIN_POSITIVE) * 1.01,
            })
            .collect();
    }
    let steps: &[f64] = if step_min < 0.28 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let every = step_min.ceil().max(1.0) as i64;
    let mut marks = Vec::new();
    for decade in bounds.0.floor() as i64..=bounds.1.ceil() as i64 {
        if decade.rem_euclid(every) != 0 {
            continue;
        }
        for step in steps {
            let value = decade as f64 + step.log10();
            if (bounds.0..=bounds.1).contains(&value) {
                marks.push(GridMark {
                    value,
                    step_size: if steps.len() > 1 { 0.3 } else { every as f64 },
                });
            }
        }
    }
    marks
}

/// Returns the first days of calendar periods within `bounds`, at least `step_min` days apart.
pub(crate) fn date_marks(bounds: (f64, f64), step_min: f64) -> Vec<GridMark> {
    if let Some(days) = [1.0, 2.0, 7.0, 14.0].into_iter().find(|days| step_min <= *days) {
        // Weeks start on Monday; 1970-01-01 was a Thursday.
        let offset = if days >= 7.0 { 4.0 } else { 0.0 };
        let first = ((bounds.0 - offset) / days).ceil() as i64;
        let last = ((bounds.1 - offset) / days).floor() as i64;
        return (first..=last.min(first.saturating_add(1_000)))
            .map(|index| GridMark {
                value: index as f64 * days + offset,
                step_size: days,
            })
            .collect();
    }
    let (Some(from), Some(until)) = (date_of_day(bounds.0), date_of_day(bounds.1)) else {
        return Vec::new();
    };
    let months = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200, 2_400, 6_000, 12_000]
        .into_iter()
        .find(|months| step_min <= f64::from(*months) * 30.5)
        .unwrap_or(24_000);
    let index = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
    let mut marks = Vec::new();
    let mut month = index(from).div_euclid(months) * months;
    while month <= index(until) {
        let (year, number) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        if let Some(date) = i16::try_from(year)
            .ok()
            .and_then(|year| Date::new(year, number as i8, 1).ok())
        {
            let value = day_number(date);
            if (bounds.0..=bounds.1).contains(&value) {
                marks.push(GridMark {
                    value,
                    step_size: f64::from(months) * 30.4,
                });
            }
        }
        month += months;
    }
    marks
}

/// Returns the label of a calendar mark: a year, a month or a day, as its step asks.
pub(crate) fn date_tick(mark: GridMark) -> String {
    let Some(date) = date_of_day(mark.value) else {
        return String::new();
    };
    if mark.step_size > 300.0 {
        format!("{}", date.year())
    } else if mark.step_size > 28.0 {
        apex_format::month(date).into()
    } else {
        apex_format::date(date).into()
    }
}

/// Minutes of a day.
const DAY: f64 = 1_440.0;

/// Returns round times of the day in UTC within `bounds`, which are minutes, at least `step_min` minutes apart; where
/// that is more than a day, the first days of calendar periods.
pub(crate) fn instant_marks(bounds: (f64, f64), step_min: f64) -> Vec<GridMark> {
    let steps = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 180.0, 360.0, 720.0];
    let Some(step) = steps.into_iter().find(|step| step_min <= *step) else {
        let days = date_marks((bounds.0 / DAY, bounds.1 / DAY), step_min / DAY);
        return days
            .into_iter()
            .map(|mark| GridMark {
                value: mark.value * DAY,
                step_size: mark.step_size * DAY,
            })
            .collect();
    };
    let (first, last) = ((bounds.0 / step).ceil(), (bounds.1 / step).floor());
    if !(last - first).is_finite() || last - first > 1_000.0 {
        return Vec::new();
    }
    (0..=(last - first).max(-1.0) as i64)
        .map(|index| GridMark {
            value: (first + index as f64) * step,
            step_size: step,
        })
        .collect()
}

/// Returns the label of a time mark: the time, and at midnight the day.
pub(crate) fn instant_tick(mark: GridMark) -> String {
    if mark.value.rem_euclid(DAY) == 0.0 {
        return date_tick(GridMark {
            value: mark.value / DAY,
            step_size: mark.step_size / DAY,
        });
    }
    let minute = mark.value.rem_euclid(DAY) as i64;
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Returns the smallest of 1, 2, 2.5 and 5 times a power of ten that is not below `step`.
fn round_up(step: f64) -> f64 {
    if !step.is_finite() || step <= 0.0 {
        return f64::NAN;
    }
    let power = 10f64.powf(step.log10().floor());
    let digit = step / power;
    let rounded = [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .find(|round| digit <= round * (1.0 + 1e-9))
        .unwrap_or(10.0);
    rounded * power
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn values(marks: &[GridMark]) -> Vec<f64> {
        marks.iter().map(|mark| (mark.value * 1e9).round() / 1e9).collect()
    }

    #[test]
    fn number_marks_are_round_and_inside() {
        assert_eq!(values(&number_marks((-0.13, 0.21), 0.07)), [-0.1, 0.0, 0.1, 0.2]);
        assert_eq!(values(&number_marks((3.0, 19.0), 4.0)), [5.0, 10.0, 15.0]);
        assert!(number_marks((1.0, 1.0), 0.0).is_empty());
        assert!(number_marks((1e17, 1e17 + 16.0), 1e-9).is_empty());
    }

    #[test]
    fn calendar_marks_are_first_days() {
        let bounds = (day_number(date(2021, 11, 15)), day_number(date(2022, 12, 28)));
        let labels = |step| -> Vec<String> { date_marks(bounds, step).into_iter().map(date_tick).collect() };
        assert_eq!(labels(80.0), ["2022-01", "2022-04", "2022-07", "2022-10"]);
        assert_eq!(labels(300.0), ["2022"]);
        let week = (day_number(date(2022, 1, 1)), day_number(date(2022, 1, 20)));
        let labels: Vec<String> = date_marks(week, 5.0).into_iter().map(date_tick).collect();
        assert_eq!(labels, ["2022-01-03", "2022-01-10", "2022-01-17"]);
    }

    #[test]
    fn times_of_the_day_are_round_and_midnight_is_a_date() {
        // 2026-03-13 is 20,525 days after the epoch.
        let day = 20_525.0 * 1_440.0;
        let labels = |bounds: (f64, f64), step| -> Vec<String> {
            instant_marks(bounds, step).into_iter().map(instant_tick).collect()
        };
        assert_eq!(
            labels((day + 830.0, day + 960.0), 25.0),
            ["14:00", "14:30", "15:00", "15:30", "16:00"]
        );
        assert_eq!(
            labels((day - 400.0, day + 400.0), 200.0),
            ["18:00", "2026-03-13", "06:00"]
        );
        assert_eq!(labels((day, day + 3.0 * 1_440.0), 1_000.0)[1], "2026-03-14");
        assert!(labels((day, day + 1e9), 1.0).is_empty());
    }

    #[test]
    fn log_marks_are_one_two_five() {
        let marks: Vec<f64> = log_marks((0.0, 2.0), 0.1)
            .iter()
            .map(|mark| 10f64.powf(mark.value).round())
            .collect();
        assert_eq!(marks, [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]);
        let narrow: Vec<f64> = log_marks((2.0, 2.3), 0.1)
            .iter()
            .map(|mark| 10f64.powf(mark.value).round())
            .collect();
        assert_eq!(narrow, [100.0, 150.0]);
    }
}

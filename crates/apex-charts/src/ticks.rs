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
    if let Some(days) = DAYS.into_iter().map(f64::from).find(|days| step_min <= *days) {
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
    let months = MONTHS
        .into_iter()
        .find(|months| step_min <= f64::from(*months) * 30.5)
        .unwrap_or(24_000);
    let mut marks = Vec::new();
    let mut month = month_number(from).div_euclid(months) * months;
    while month <= month_number(until) {
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
const DAY: i64 = 1_440;
/// Days of a month and of a year, about.
const MONTH_DAYS: f64 = 30.4;
/// The calendar periods that marks begin, in days and in months.
const DAYS: [i32; 4] = [1, 2, 7, 14];
const MONTHS: [i32; 14] = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200, 2_400, 6_000, 12_000];

/// Numbers the months of all years.
fn month_number(date: Date) -> i32 {
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

/// Returns the places of a list of days at which a calendar period begins: the shortest whose places within `bounds` are
/// about `step_min` apart.
pub(crate) fn day_places(days: &[i32], bounds: (f64, f64), step_min: f64) -> Vec<GridMark> {
    let density = density(days);
    let periods = DAYS.into_iter().map(Period::Days);
    let mut periods = periods.chain(MONTHS.into_iter().map(Period::Months));
    let fits = |period: &Period| period.days() * density >= step_min;
    let period = periods.find(fits).unwrap_or(Period::Months(24_000));
    let begins = |at: usize| {
        let of = |at: usize| days.get(at).map(|day| period.number(*day));
        at.checked_sub(1).is_none_or(|before| of(before) != of(at)) && (at > 0 || period == Period::Days(1))
    };
    spaced(
        within(days.len(), bounds).filter(|at| begins(*at)),
        step_min * 0.75,
        |_| false,
    )
    .into_iter()
    .map(|at| GridMark {
        value: at as f64,
        step_size: period.days() * density,
    })
    .collect()
}

/// Returns the label of a place: a year, a month or a day, as its step asks.
pub(crate) fn day_place_tick(days: &[i32], mark: GridMark) -> String {
    days.get(mark.value.round() as usize).map_or_else(String::new, |day| {
        date_tick(GridMark {
            value: f64::from(*day),
            step_size: mark.step_size / density(days),
        })
    })
}

/// Returns the places of a list of minutes at which a round time of the day begins, and the first of each day before others:
/// as many as stand `step_min` apart within `bounds`.
pub(crate) fn minute_places(minutes: &[i64], bounds: (f64, f64), step_min: f64) -> Vec<GridMark> {
    let shown = || within(minutes.len(), bounds);
    let room = (bounds.1 - bounds.0) / step_min;
    let begins = |step: i64| {
        move |at: &usize| {
            // Weeks begin on Monday; 1970-01-01 was a Thursday.
            let of = |at: usize| minutes.get(at).map(|minute| (minute + 3 * DAY).div_euclid(step));
            at.checked_sub(1).is_none_or(|before| of(before) != of(*at))
        }
    };
    let is_first_of_day = begins(DAY);
    let steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, DAY, 7 * DAY];
    let step = steps
        .into_iter()
        .find(|step| shown().filter(begins(*step)).count() as f64 <= room);
    let step = step.unwrap_or(28 * DAY);
    spaced(shown().filter(begins(step)), step_min * 0.75, |at| is_first_of_day(&at))
        .into_iter()
        .map(|at| GridMark {
            value: at as f64,
            step_size: step_min,
        })
        .collect()
}

/// Returns the label of a place: the time, and at the first of a day the day.
pub(crate) fn minute_place_tick(minutes: &[i64], mark: GridMark) -> String {
    let at = mark.value.round() as usize;
    let Some(minute) = minutes.get(at) else {
        return String::new();
    };
    let day = minute.div_euclid(DAY);
    let before = at.checked_sub(1).and_then(|before| minutes.get(before));
    if before.is_none_or(|before| before.div_euclid(DAY) != day) {
        return date_of_day(day as f64).map_or_else(String::new, |day| apex_format::date(day).into());
    }
    let minute = minute.rem_euclid(DAY);
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// A stretch of the calendar.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Period {
    Days(i32),
    Months(i32),
}

impl Period {
    /// Returns how long it is, about.
    fn days(self) -> f64 {
        match self {
            Self::Days(days) => f64::from(days),
            Self::Months(months) => f64::from(months) * MONTH_DAYS,
        }
    }

    /// Numbers the period that a day is in; weeks begin on Monday.
    fn number(self, day: i32) -> i32 {
        match self {
            // 1970-01-01 was a Thursday.
            Self::Days(days) => (day + 3).div_euclid(days),
            Self::Months(months) => date_of_day(f64::from(day)).map_or(0, |date| month_number(date).div_euclid(months)),
        }
    }
}

/// Returns how many places a list has for a day.
fn density(days: &[i32]) -> f64 {
    match (days.first(), days.last()) {
        (Some(first), Some(last)) if last > first => (days.len() - 1) as f64 / f64::from(last - first),
        _ => 1.0,
    }
}

/// Returns the places of a list that are within `bounds`.
fn within(length: usize, bounds: (f64, f64)) -> std::ops::Range<usize> {
    let first = bounds.0.ceil().max(0.0) as usize;
    let end = (bounds.1.floor() + 1.0).max(0.0) as usize;
    first..end.min(length)
}

/// Leaves out places that are nearer than `apart` to the one before, but puts one that is worthier in its stead.
fn spaced(places: impl Iterator<Item = usize>, apart: f64, is_worthier: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut kept: Vec<usize> = Vec::new();
    for place in places {
        match kept.last() {
            Some(last) if ((place - last) as f64) < apart => {
                if is_worthier(place) && !is_worthier(*last) {
                    kept.pop();
                    kept.push(place);
                }
            }
            _ => kept.push(place),
        }
    }
    kept
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
    fn weekends_take_no_room_and_periods_begin_at_their_first_place() {
        // Weekdays from Monday, 2026-01-05.
        let monday = day_number(date(2026, 1, 5)) as i32;
        let days: Vec<i32> = (0..120).filter(|day| day % 7 < 5).map(|day| monday + day).collect();
        let labels = |bounds, step| -> Vec<(f64, String)> {
            let marks = day_places(&days, bounds, step).into_iter();
            marks.map(|mark| (mark.value, day_place_tick(&days, mark))).collect()
        };
        let week = |place: f64, day: &str| (place, format!("2026-{day}"));
        assert_eq!(
            labels((0.5, 16.0), 4.0),
            [week(5.0, "01-12"), week(10.0, "01-19"), week(15.0, "01-26")]
        );
        // February began on a Sunday, March too, April on a Wednesday, May on a Friday.
        assert_eq!(
            labels((0.0, 85.0), 15.0),
            [week(20.0, "02"), week(40.0, "03"), week(62.0, "04"), week(84.0, "05")]
        );
        assert!(day_places(&[], (0.0, 1.0), 1.0).is_empty());
    }

    #[test]
    fn nights_take_no_room_and_the_first_minute_of_a_day_is_a_date() {
        // 2026-03-13 is 20,525 days after the epoch; two sessions from 13:30 to 20:00.
        let day = 20_525 * 1_440;
        let session = |day: i64| (810..1_200).map(move |minute| day + minute);
        let minutes: Vec<i64> = session(day).chain(session(day + 3 * 1_440)).collect();
        let labels = |bounds, step| -> Vec<(f64, String)> {
            let marks = minute_places(&minutes, bounds, step).into_iter();
            marks
                .map(|mark| (mark.value, minute_place_tick(&minutes, mark)))
                .collect()
        };
        let labelled = |place: f64, words: &str| (place, words.to_owned());
        assert_eq!(
            labels((0.0, 140.0), 30.0),
            [
                labelled(0.0, "2026-03-13"),
                labelled(30.0, "14:00"),
                labelled(90.0, "15:00")
            ]
        );
        // Every two hours; 14:00 would stand too near the first of the day, and 20:00 is not in the list.
        assert_eq!(
            labels((200.0, 600.0), 100.0),
            [
                labelled(270.0, "18:00"),
                labelled(390.0, "2026-03-16"),
                labelled(540.0, "16:00")
            ]
        );
        // One mark for both: the first is a Friday, and the week begins on the Monday after.
        assert_eq!(labels((1.0, 700.0), 600.0), [labelled(390.0, "2026-03-16")]);
        assert!(minute_places(&minutes, (2e3, 3e3), 10.0).is_empty());
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

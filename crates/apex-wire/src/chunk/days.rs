//! Days of one year, as they differ from Monday to Friday.

use jiff::civil::Date;

use super::pack::{Reader, Writer};
use super::{ChunkError, malformed};

/// The most days a chunk can have: those of a leap year.
pub(super) const DAYS_MAX: usize = 366;

const WORDS: usize = DAYS_MAX.div_ceil(64);
const MASK_BYTES: usize = DAYS_MAX.div_ceil(8);
/// So many days of the year take less room one by one than as one bit for each day.
const LISTED_MAX: u8 = 22;
const MASK: u8 = 255;

/// One bit for each day of a year.
type Year = [u64; WORDS];

/// The days since 1970-01-01 of the first of January (E. G. Richards' count of leap days).
pub(super) fn year_start(year: i16) -> i32 {
    let before = i32::from(year) - 1;
    365 * before + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400) - 719_162
}

fn days_in(year: i16) -> usize {
    usize::try_from(year_start(year.saturating_add(1)) - year_start(year)).unwrap_or(DAYS_MAX)
}

/// Monday to Friday from one day of the year to another.
fn weekdays(year: i16, first: usize, last: usize) -> Year {
    // 1970-01-01 was a Thursday; Monday is 0.
    let first_weekday = (year_start(year) + 3).rem_euclid(7) as usize;
    let mut days = [0; WORDS];
    // The pattern of seven bits, repeated over a word, and shifted from word to word.
    for (at, word) in days.iter_mut().enumerate() {
        let weekday = (first_weekday + at * 64) % 7;
        *word = (WEEKDAYS >> weekday) as u64;
    }
    keep(&mut days, first, last);
    days
}

/// Monday to Friday over and over, from a Monday.
const WEEKDAYS: u128 = {
    let (mut bits, mut day) = (0, 0);
    while day < 128 {
        if day % 7 < 5 {
            bits |= 1 << day;
        }
        day += 1;
    }
    bits
};

fn keep(days: &mut Year, first: usize, last: usize) {
    for (at, word) in days.iter_mut().enumerate() {
        let bit = |day: usize| day.saturating_sub(at * 64).min(64) as u32;
        let below = |bits: u32| 1_u64.checked_shl(bits).map_or(u64::MAX, |bit| bit - 1);
        *word &= below(bit(last + 1)) & !below(bit(first));
    }
}

fn set(days: &mut Year, day: usize) -> Option<()> {
    *days.get_mut(day / 64)? ^= 1 << (day % 64);
    Some(())
}

fn each(days: &Year, mut take: impl FnMut(u16)) {
    for (at, word) in days.iter().enumerate() {
        let mut rest = *word;
        while rest != 0 {
            take((at * 64) as u16 + rest.trailing_zeros() as u16);
            rest &= rest - 1;
        }
    }
}

/// Writes the days, which are all in the year and ascend.
pub(super) fn put(out: &mut Writer, year: i16, dates: impl Iterator<Item = Date>) {
    let days: Vec<usize> = dates
        .map(|date| usize::from(date.day_of_year().unsigned_abs()) - 1)
        .collect();
    let (first, last) = (days.first().copied().unwrap_or(0), days.last().copied().unwrap_or(0));
    let mut differing = weekdays(year, first, last);
    for day in days {
        set(&mut differing, day);
    }
    let mut list = Vec::new();
    each(&differing, |day| list.push(day));
    out.bytes(&(first as u16).to_le_bytes());
    out.bytes(&(last as u16).to_le_bytes());
    match u8::try_from(list.len()) {
        Ok(count) if count <= LISTED_MAX => {
            out.byte(count);
            list.iter().for_each(|day| out.bytes(&day.to_le_bytes()));
        }
        _ => {
            out.byte(MASK);
            let bytes: Vec<u8> = differing.iter().flat_map(|word| word.to_le_bytes()).collect();
            out.bytes(&bytes[..MASK_BYTES]);
        }
    }
}

/// Reads so many days, as days of the year from 0.
pub(super) fn take(reader: &mut Reader<'_>, year: i16, count: usize, days: &mut Vec<u16>) -> Result<(), ChunkError> {
    days.clear();
    let (first, last) = (usize::from(reader.u16()?), usize::from(reader.u16()?));
    let mut bits = weekdays(year, first, last);
    match reader.byte()? {
        MASK => {
            for (at, byte) in reader.slice(MASK_BYTES)?.iter().enumerate() {
                bits[at / 8] ^= u64::from(*byte) << (at % 8 * 8);
            }
        }
        listed if listed <= LISTED_MAX => {
            for _ in 0..listed {
                let day = usize::from(reader.u16()?);
                set(&mut bits, day).ok_or(malformed("a day is out of range"))?;
            }
        }
        _ => return Err(malformed("its days have no layout")),
    }
    each(&bits, |day| days.push(day));
    if days.len() != count || days.last().is_some_and(|last| usize::from(*last) >= days_in(year)) {
        return Err(malformed("its days do not fit its year"));
    }
    Ok(())
}

/// Returns days of a year as dates.
pub(super) fn dates(year: i16, days: &[u16]) -> Result<Vec<Date>, ChunkError> {
    let start = Date::new(year, 1, 1).map_err(|_| malformed("its year is out of range"))?;
    days.iter()
        .map(|day| {
            let date = start.checked_add(jiff::Span::new().days(*day));
            date.map_err(|_| malformed("a day is out of range"))
        })
        .collect()
}

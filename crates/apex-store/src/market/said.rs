//! What a source says, compared with what it said before: what is new, what is corrected, what it merely repeats.
//!
//! Only what differs is written, and what is repeated is listed. The list is what makes the order of arrival
//! irrelevant: when an answer comes in late, an answer given after it may have repeated the value before, and that value
//! is then written again as of the later answer.

use std::collections::{BTreeMap, BTreeSet};

use apex_domain::Date;

use crate::codec::bars::{put_steps, take_steps};
use crate::codec::bytes::{Put, Take, date_of, day_number};
use crate::error::{Result, StoreError};
use crate::market::series::EventKind;

/// Everything a source ever said about some days or events.
pub(super) struct Known<K, V> {
    versions: BTreeMap<K, Vec<(i64, V)>>,
}

impl<K, V> Default for Known<K, V> {
    fn default() -> Self {
        Self {
            versions: BTreeMap::new(),
        }
    }
}

/// What an answer adds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Additions<K, V> {
    /// Values to be written, by the instant as of which they hold.
    pub(super) values: BTreeMap<i64, BTreeMap<K, V>>,
    /// What the answer repeats.
    pub(super) confirmed: BTreeSet<K>,
    /// How many of the values are what the answer says, and not said again for a later one.
    pub(super) fresh: usize,
}

impl<K: Ord + Copy, V: PartialEq + Clone> Known<K, V> {
    /// Takes in what was said, in the order in which it became known.
    pub(super) fn push(&mut self, key: K, known_at: i64, value: V) {
        self.versions.entry(key).or_default().push((known_at, value));
    }

    /// Compares an answer as of an instant with the rest. `later` lists what answers after that instant repeat, in order.
    pub(super) fn compare<'a>(
        &self,
        said: impl IntoIterator<Item = (K, V)>,
        known_at: i64,
        later: impl Iterator<Item = (i64, &'a BTreeSet<K>)> + Clone,
    ) -> Additions<K, V>
    where
        K: 'a,
    {
        let mut values: BTreeMap<i64, BTreeMap<K, V>> = BTreeMap::new();
        let (mut confirmed, mut fresh) = (BTreeSet::new(), 0);
        for (key, value) in said {
            let versions = self.versions.get(&key).map_or(&[][..], Vec::as_slice);
            let (before, after) = versions.split_at(versions.partition_point(|(at, _)| *at <= known_at));
            match before.last() {
                Some((at, last)) if *last == value => {
                    if *at < known_at {
                        confirmed.insert(key);
                    }
                    continue;
                }
                Some((_, last)) => {
                    let until = after.first().map_or(i64::MAX, |(at, _)| *at);
                    let repeated = later.clone().find(|(_, repeats)| repeats.contains(&key));
                    if let Some((at, _)) = repeated.filter(|(at, _)| *at < until) {
                        values.entry(at).or_default().insert(key, last.clone());
                    }
                }
                None => {}
            }
            fresh += 1;
            values.entry(known_at).or_default().insert(key, value);
        }
        Additions {
            values,
            confirmed,
            fresh,
        }
    }
}

/// The days and events an answer repeats. As bytes: version, then zstd over the days (their number, then each as the
/// distance to the one before) and the events in the same way, each with a byte for its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Confirmed {
    pub(super) days: BTreeSet<Date>,
    pub(super) events: BTreeSet<(Date, EventKind)>,
}

const VERSION: u8 = 1;
const LEVEL: i32 = 3;

impl Confirmed {
    pub(super) fn encode(&self) -> Result<Vec<u8>> {
        let mut plain = Vec::new();
        let days: Vec<i64> = self.days.iter().map(|day| day_number(*day).into()).collect();
        plain.put_unsigned(days.len() as u128);
        put_steps(&mut plain, 0, &days);
        let days: Vec<i64> = self.events.iter().map(|(day, _)| day_number(*day).into()).collect();
        plain.put_unsigned(days.len() as u128);
        put_steps(&mut plain, 0, &days);
        plain.extend(self.events.iter().map(|(_, kind)| *kind as u8));
        let packed = zstd::encode_all(plain.as_slice(), LEVEL);
        let packed = packed.map_err(|err| StoreError::unstorable("a statement", err))?;
        Ok([&[VERSION][..], &packed].concat())
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self> {
        let fault = |reason: &str| StoreError::record("statement", reason);
        let (version, packed) = bytes.split_first().ok_or_else(|| fault("it is empty"))?;
        if *version != VERSION {
            return Err(fault(&format!("its layout {version} is not known")));
        }
        let plain = zstd::decode_all(packed).map_err(|err| fault(&err.to_string()))?;
        let mut take = Take::new("statement", &plain);
        let days = take_days(&mut take, plain.len())?;
        let event_days = take_days(&mut take, plain.len())?;
        let kinds = take.slice(event_days.len())?;
        take.finish()?;
        let events = event_days.into_iter().zip(kinds).map(|(day, kind)| {
            let kind = EventKind::ALL.get(usize::from(*kind)).copied();
            Ok((day, kind.ok_or_else(|| fault("an event has no kind"))?))
        });
        Ok(Self {
            days: days.into_iter().collect(),
            events: events.collect::<Result<_>>()?,
        })
    }
}

fn take_days(take: &mut Take<'_>, max: usize) -> Result<Vec<Date>> {
    let count: usize = take.number()?;
    if count > max {
        return Err(take.fault("it claims more days than it has bytes"));
    }
    let days = take_steps(take, 0, count)?;
    let date = |day: i64| i32::try_from(day).ok().and_then(date_of);
    days.into_iter()
        .map(|day| date(day).ok_or_else(|| take.fault("a date is out of range")))
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ten_years_repeated_take_little_room() {
        let days = (20_000..23_650).filter(|day| day % 7 < 5 && day % 29 != 0);
        let confirmed = Confirmed {
            days: days.filter_map(date_of).collect(),
            events: BTreeSet::from([
                (date(2026, 2, 9), EventKind::Dividend),
                (date(2026, 2, 9), EventKind::Split),
            ]),
        };
        let bytes = confirmed.encode().unwrap();
        assert_eq!(Confirmed::decode(&bytes).unwrap(), confirmed);
        assert!(
            bytes.len() < 400,
            "{} bytes for {} days",
            bytes.len(),
            confirmed.days.len()
        );
    }

    /// What counts of some answers as of an instant: of each key, what the last answer says that names it.
    fn plainly(answers: &[(i64, BTreeMap<u8, u8>)], known_at: i64) -> BTreeMap<u8, u8> {
        let mut sorted: Vec<_> = answers.iter().filter(|(at, _)| *at <= known_at).collect();
        sorted.sort_by_key(|(at, _)| *at);
        sorted.into_iter().flat_map(|(_, said)| said.clone()).collect()
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_does_not_matter(
            answers in proptest::collection::btree_map(
                0_i64..12, proptest::collection::btree_map(0_u8..4, 0_u8..3, 0..4), 0..8,
            ),
            order in any::<u64>(),
        ) {
            let mut arriving: Vec<(i64, BTreeMap<u8, u8>)> = answers.into_iter().collect();
            arriving.sort_by_key(|(at, _)| (*at as u64 + 1).wrapping_mul(order | 1) >> 7);
            let mut rows: Vec<(i64, u8, u8)> = Vec::new();
            let mut repeats: BTreeMap<i64, BTreeSet<u8>> = BTreeMap::new();
            for (at, said) in &arriving {
                let mut known = Known::default();
                rows.sort_by_key(|(at, ..)| *at);
                rows.iter().for_each(|(at, key, value)| known.push(*key, *at, *value));
                let later = repeats.range(at + 1..).map(|(at, keys)| (*at, keys));
                let added = known.compare(said.clone(), *at, later);
                for (at, values) in added.values {
                    rows.extend(values.into_iter().map(|(key, value)| (at, key, value)));
                }
                repeats.insert(*at, added.confirmed);
            }
            rows.sort_by_key(|(at, ..)| *at);
            for known_at in 0..12 {
                let counts: BTreeMap<u8, u8> =
                    rows.iter().filter(|(at, ..)| *at <= known_at).map(|(_, key, value)| (*key, *value)).collect();
                prop_assert_eq!(counts, plainly(&arriving, known_at));
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Confirmed::decode(&bytes);
        }
    }
}

//! Finding the chunks of instruments, and making those that are missing or that the ledger has moved on from.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use apex_domain::{Date, InstrumentId};
use apex_wire::chunk::{self, PriceBar, Unpacker};
use sea_query::{Expr, ExprTrait, Order, Query};
use sqlx::sqlite::SqliteConnection;

use super::memory::{self, Mark, Standing};
use super::{Entry, Pack};
use crate::cache::CacheTable;
use crate::error::{Result, StoreError};
use crate::sql;
use crate::store::{INSTRUMENT, PRICES, Store, numbers};

const PACKS: CacheTable = CacheTable {
    name: "history",
    version: 1,
};
/// The key of the standings; those of packs are ids of sixteen bytes.
const STANDINGS: &[u8] = b"standings";
/// How many rows may follow the one at which the standings were written down before that is done again.
const ROWS_BEHIND_MAX: i64 = 4_096;
/// A build of so many bytes is worth making the file small after it.
const COMPACT_BYTES: usize = 1024 * 1024;

type Years = BTreeSet<i16>;

/// What is to be done about one instrument.
enum Need {
    /// Its chunks hold.
    Nothing(Standing),
    /// Its chunks hold but for some years.
    Years(Standing, Years),
    /// All of it must be made.
    Everything,
}

/// Returns the entries of the instruments, in their order; all have one that the book knows of.
pub(super) async fn entries(store: &Store, instruments: &[InstrumentId]) -> Result<Vec<Option<Arc<Entry>>>> {
    let mut reader = store.database().readers.acquire().await?;
    let Some(last) = last_row(&mut reader).await? else {
        return Ok(vec![None; instruments.len()]);
    };
    let memory = store.remembered();
    let standings = memory.standings(instruments, || read_standings(store));
    let needs = needs(&mut reader, instruments, &standings, last).await?;
    drop(reader);

    let mut entries: Vec<Option<Arc<Entry>>> = vec![None; instruments.len()];
    let mut wanted = Vec::new();
    for (at, need) in needs.iter().enumerate() {
        if let Need::Nothing(standing) | Need::Years(standing, _) = need {
            entries[at] = memory.entry(instruments[at], standing.made_at);
            if entries[at].is_none() {
                wanted.push((at, standing.made_at));
            }
        }
    }
    for ((at, _), entry) in wanted.iter().zip(read(store, instruments, &wanted)) {
        entries[*at] = entry;
    }

    let made = make(store, instruments, &needs, &entries, last.number).await?;
    let mut packs = Vec::new();
    for (at, entry) in made {
        packs.push((instruments[at].to_bytes().to_vec(), entry.pack.bytes().to_vec()));
        entries[at] = Some(entry);
    }
    if !packs.is_empty() || standings.iter().flatten().any(|standing| standing.holds_at != last) {
        let standing = |(id, entry): (&InstrumentId, &Option<Arc<Entry>>)| {
            let made_at = entry.as_ref()?.pack.made_at();
            let holds_at = last;
            Some((*id, Standing { made_at, holds_at }))
        };
        let all = memory.stand(instruments.iter().zip(&entries).filter_map(standing));
        let behind = |standing: &Standing| last.number - standing.holds_at.number > ROWS_BEHIND_MAX;
        if !packs.is_empty() || standings.iter().flatten().any(behind) {
            write(store, packs, &all);
        }
    }
    let found = instruments.iter().zip(&entries);
    memory.keep(found.filter_map(|(id, entry)| Some((*id, Arc::clone(entry.as_ref()?)))));
    Ok(entries)
}

/// Writes packs to the cache, and how all instruments stand.
fn write(store: &Store, mut packs: Vec<(Vec<u8>, Vec<u8>)>, standings: &HashMap<InstrumentId, Standing>) {
    let size: usize = packs.iter().map(|(_, pack)| pack.len()).sum();
    packs.push((STANDINGS.to_vec(), memory::to_bytes(standings)));
    store.cache().put_large(PACKS, &packs);
    if size > COMPACT_BYTES {
        store.cache().compact();
    }
}

async fn last_row(reader: &mut SqliteConnection) -> Result<Option<Mark>> {
    let mut query = Query::select();
    query
        .columns(["number", "known_at"])
        .from(PRICES)
        .order_by("number", Order::Desc)
        .limit(1);
    let row = sql::first(reader, &query).await?;
    row.map(|row| {
        Ok(Mark {
            number: sql::get(&row, 0)?,
            known_at: sql::get(&row, 1)?,
        })
    })
    .transpose()
}

fn read_standings(store: &Store) -> HashMap<InstrumentId, Standing> {
    let found = store.cache().read_large(
        PACKS,
        &[STANDINGS],
        || (),
        |(), _, bytes| Some(memory::from_bytes(&bytes)),
    );
    found.into_iter().flatten().next().unwrap_or_default()
}

/// Compares how instruments stand with what the ledger has now.
async fn needs(
    reader: &mut SqliteConnection,
    instruments: &[InstrumentId],
    standings: &[Option<Standing>],
    last: Mark,
) -> Result<Vec<Need>> {
    let behind: BTreeMap<i64, i64> = standings
        .iter()
        .flatten()
        .filter(|standing| standing.holds_at != last)
        .map(|standing| (standing.holds_at.number, standing.holds_at.known_at))
        .collect();
    let (mut sound, mut touched) = (BTreeSet::new(), HashMap::new());
    if !behind.is_empty() {
        let mut query = Query::select();
        query
            .columns(["number", "known_at"])
            .from(PRICES)
            .and_where(Expr::col("number").is_in(behind.keys().copied()));
        sql::each(reader, &query, |row| {
            let mark = (sql::get(row, 0)?, sql::get(row, 1)?);
            if behind.get(&mark.0) == Some(&mark.1) {
                sound.insert(mark);
            }
            Ok(())
        })
        .await?;
    }
    if let Some((first, _)) = sound.first() {
        touched = rows_after(reader, *first).await?;
    }
    let need = |(id, standing): (&InstrumentId, &Option<Standing>)| {
        let Some(standing) = *standing else {
            return Need::Everything;
        };
        let Mark { number, known_at } = standing.holds_at;
        if standing.holds_at == last {
            return Need::Nothing(standing);
        }
        if !sound.contains(&(number, known_at)) {
            return Need::Everything;
        }
        let rows = touched.get(id).map_or(&[][..], Vec::as_slice);
        let years: Years = rows
            .iter()
            .filter(|(row, _)| *row > number)
            .map(|(_, year)| *year)
            .collect();
        if years.is_empty() {
            Need::Nothing(standing)
        } else {
            Need::Years(standing, years)
        }
    };
    Ok(instruments.iter().zip(standings).map(need).collect())
}

/// Returns the rows behind one, by instrument: their numbers and years.
async fn rows_after(reader: &mut SqliteConnection, number: i64) -> Result<HashMap<InstrumentId, Vec<(i64, i16)>>> {
    let ids: HashMap<u32, InstrumentId> = numbers(reader, INSTRUMENT)
        .await?
        .into_iter()
        .map(|(id, number)| (number, InstrumentId::from_uuid(id)))
        .collect();
    let mut query = Query::select();
    query
        .columns(["instrument", "number", "year"])
        .from(PRICES)
        .and_where(Expr::col("number").gt(number));
    let mut rows: HashMap<InstrumentId, Vec<(i64, i16)>> = HashMap::new();
    sql::each(reader, &query, |row| {
        if let Some(id) = ids.get(&sql::get(row, 0)?) {
            rows.entry(*id)
                .or_default()
                .push((sql::get(row, 1)?, sql::get(row, 2)?));
        }
        Ok(())
    })
    .await?;
    Ok(rows)
}

/// Reads packs that were made at known rows from the cache.
fn read(store: &Store, instruments: &[InstrumentId], wanted: &[(usize, i64)]) -> Vec<Option<Arc<Entry>>> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let keys: Vec<[u8; 16]> = wanted.iter().map(|(at, _)| instruments[*at].to_bytes()).collect();
    let start = || (Unpacker::default(), None);
    store
        .cache()
        .read_large(PACKS, &keys, start, |(unpacker, last), at, bytes| {
            let pack = Pack::read(bytes).filter(|pack| pack.made_at() == wanted[at].1)?;
            Some(Arc::new(Entry::open(pack, unpacker, last)?))
        })
}

/// Makes the entries that are missing or outdated from the ledger.
async fn make(
    store: &Store,
    instruments: &[InstrumentId],
    needs: &[Need],
    entries: &[Option<Arc<Entry>>],
    made_at: i64,
) -> Result<Vec<(usize, Arc<Entry>)>> {
    let (mut whole, mut partly, mut touched) = (Vec::new(), Vec::new(), Years::new());
    for (at, (need, entry)) in needs.iter().zip(entries).enumerate() {
        match (need, entry) {
            (Need::Nothing(_), Some(_)) => {}
            (Need::Years(_, years), Some(entry)) => {
                touched.extend(years);
                partly.push((at, entry, years));
            }
            _ => whole.push(at),
        }
    }
    let ids = |at: &[usize]| at.iter().map(|at| instruments[*at]).collect::<Vec<_>>();
    let mut packs: Vec<(usize, BTreeMap<i16, Vec<u8>>)> = Vec::new();
    if !whole.is_empty() {
        let mut bars = store.load_bars(&ids(&whole), None, None, None).await?;
        for at in whole {
            packs.push((at, encode(&bars.remove(&instruments[at]).unwrap_or_default(), None)?));
        }
    }
    if let (Some(first), Some(last)) = (touched.first(), touched.last()) {
        let at: Vec<usize> = partly.iter().map(|(at, ..)| *at).collect();
        let (from, until) = (Date::new(*first, 1, 1).ok(), Date::new(*last, 12, 31).ok());
        let mut bars = store.load_bars(&ids(&at), from, until, None).await?;
        for (at, entry, years) in partly {
            // A year whose prices were all withdrawn has no chunk any more.
            let kept = entry.pack.named().filter(|(year, ..)| !years.contains(year));
            let mut chunks: BTreeMap<i16, Vec<u8>> = kept.map(|(year, _, chunk)| (year, chunk.to_vec())).collect();
            chunks.extend(encode(&bars.remove(&instruments[at]).unwrap_or_default(), Some(years))?);
            packs.push((at, chunks));
        }
    }
    let (mut unpacker, mut days) = (Unpacker::default(), None);
    packs
        .into_iter()
        .map(|(at, chunks)| {
            let entry = Entry::open(Pack::of(made_at, &chunks), &mut unpacker, &mut days);
            let entry = entry.ok_or_else(|| StoreError::record("chunk", "it does not read as it was written"))?;
            Ok((at, Arc::new(entry)))
        })
        .collect()
}

/// Packs bars by year: all years, or some.
fn encode(bars: &[PriceBar], years: Option<&Years>) -> Result<BTreeMap<i16, Vec<u8>>> {
    let mut chunks = BTreeMap::new();
    for bars in bars.chunk_by(|one, next| one.date.year() == next.date.year()) {
        let year = bars.first().map_or(0, |bar| bar.date.year());
        if years.is_none_or(|years| years.contains(&year)) {
            let chunk = chunk::encode(year, bars).map_err(|err| StoreError::unstorable("a price", err))?;
            chunks.insert(year, chunk);
        }
    }
    Ok(chunks)
}

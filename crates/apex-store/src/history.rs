//! Daily prices of many instruments as columns, quickly: the chunks of `apex-wire`, one an instrument and year, sealed in
//! the cache and decoded when they are asked for.
//!
//! The book of record stays the truth: chunks are made from its rows, named by the hash of their bytes, and never changed;
//! when rows are added, the years they touch get new chunks and the other years keep theirs. One sealed value holds the
//! chunks of an instrument behind a list of them, its manifest. How far the ledger had come when they were made is kept
//! beside, so that a look at the last row says whether anything moved on. What cannot be read is made again in silence.
//!
//! This holds for the present only. What was known at an earlier instant is asked of the ledger
//! ([`Store::load_bars`], [`Store::load_prices`]).

mod build;
mod memory;
mod pack;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use apex_domain::{Date, InstrumentId};
use apex_wire::chunk::{self, PriceBar, Ranges, Unpacker, Volumes};

use crate::codec::bytes::{date_of, day_number};
use crate::error::{Result, StoreError};
use crate::store::Store;

pub(crate) use memory::Memory;
use pack::Pack;

/// Daily prices of one instrument between two days, as traded and as columns. Cheap to clone.
///
/// Closes are there at once; opens, highs, lows and volumes are decoded when they are first asked for. Each number is the
/// nearest that floating point has to the decimal, which [`History::bars`] returns.
#[derive(Clone, Debug)]
pub struct History {
    instrument: InstrumentId,
    entry: Arc<Entry>,
    rows: Range<usize>,
}

/// All days of one instrument.
#[derive(Debug)]
struct Entry {
    pack: Pack,
    /// Shared by instruments with the same days.
    days: Arc<[i32]>,
    closes: Vec<f64>,
    ranges: OnceLock<Option<Ranges>>,
    volumes: OnceLock<Option<Volumes>>,
}

impl Entry {
    /// Decodes days and closes; `None` for chunks of a layout this program does not know.
    fn open(pack: Pack, unpacker: &mut Unpacker, last: &mut Option<Arc<[i32]>>) -> Option<Self> {
        let (days, closes) = unpacker.closes(&pack.chunks()).ok()?;
        let days = match last {
            Some(last) if **last == *days => Arc::clone(last),
            _ => Arc::from(days),
        };
        *last = Some(Arc::clone(&days));
        Some(Self {
            pack,
            days,
            closes,
            ranges: OnceLock::new(),
            volumes: OnceLock::new(),
        })
    }

    fn ranges(&self) -> Option<&Ranges> {
        let decode = || Unpacker::default().ranges(&self.pack.chunks()).ok();
        self.ranges.get_or_init(decode).as_ref()
    }

    fn volumes(&self) -> Option<&Volumes> {
        let decode = || Unpacker::default().volumes(&self.pack.chunks()).ok();
        self.volumes.get_or_init(decode).as_ref()
    }

    /// How many bytes this takes in memory, but for the days.
    fn size(&self) -> usize {
        let ranges = self.ranges.get().and_then(Option::as_ref).map_or(0, Ranges::size);
        let volumes = self.volumes.get().and_then(Option::as_ref).map_or(0, Volumes::size);
        self.pack.size() + self.closes.capacity() * size_of::<f64>() + ranges + volumes
    }
}

impl History {
    fn between(instrument: InstrumentId, entry: Arc<Entry>, from: Option<Date>, until: Option<Date>) -> Option<Self> {
        let (from, until) = (from.map(day_number), until.map(day_number));
        let start = from.map_or(0, |from| entry.days.partition_point(|day| *day < from));
        let end = until.map_or(entry.days.len(), |until| {
            entry.days.partition_point(|day| *day <= until)
        });
        (start < end).then_some(Self {
            instrument,
            entry,
            rows: start..end,
        })
    }

    /// Returns the instrument.
    pub fn instrument(&self) -> InstrumentId {
        self.instrument
    }

    /// Returns the days as days since 1970-01-01, ascending; there is at least one.
    pub fn days(&self) -> &[i32] {
        &self.entry.days[self.rows.clone()]
    }

    /// Returns the days as dates.
    pub fn dates(&self) -> impl ExactSizeIterator<Item = Date> {
        let date = |day: &i32| date_of(*day).expect("chunks hold days of the years -9999 to 9999");
        self.days().iter().map(date)
    }

    /// Returns the closes.
    pub fn closes(&self) -> &[f64] {
        &self.entry.closes[self.rows.clone()]
    }

    /// Returns opens, highs and lows, if they are known of each day.
    pub fn ranges(&self) -> Option<[&[f64]; 3]> {
        self.entry.ranges()?.columns(self.rows.clone())
    }

    /// Returns open, high and low of one row, if they are known.
    pub fn range(&self, row: usize) -> Option<[f64; 3]> {
        self.entry.ranges()?.of(self.rows.clone().nth(row)?)
    }

    /// Returns the shares traded, if they are known of each day.
    pub fn volumes(&self) -> Option<&[f64]> {
        self.entry.volumes()?.column(self.rows.clone())
    }

    /// Returns the shares traded on one row, if they are known.
    pub fn volume(&self, row: usize) -> Option<f64> {
        self.entry.volumes()?.of(self.rows.clone().nth(row)?)
    }

    /// Returns the days as exact decimals.
    ///
    /// # Errors
    /// [`StoreError::Record`] when a chunk cannot be read.
    pub fn bars(&self) -> Result<Vec<PriceBar>> {
        let mut bars = Vec::with_capacity(self.rows.len());
        let days = self.days();
        let (first, last) = (days.first().copied(), days.last().copied());
        for chunk in self.entry.pack.chunks() {
            bars.extend(chunk::decode(chunk).map_err(|err| StoreError::record("chunk", err))?);
        }
        bars.retain(|bar| {
            let day = Some(day_number(bar.date));
            first <= day && day <= last
        });
        Ok(bars)
    }

    /// Returns the chunks of all its years: the year, the name, which is BLAKE3 of the bytes, and the bytes.
    pub fn chunks(&self) -> impl Iterator<Item = (i16, [u8; 32], &[u8])> {
        self.entry.pack.named()
    }
}

impl Store {
    /// Returns the daily prices of instruments between two days inclusive, as they count today, in the order asked for.
    /// Instruments without a price there are absent.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`] when the ledger cannot be read; the cache cannot fail.
    pub async fn history(
        &self,
        instruments: &[InstrumentId],
        from: Option<Date>,
        until: Option<Date>,
    ) -> Result<Vec<History>> {
        let entries = build::entries(self, instruments).await?;
        let histories = instruments
            .iter()
            .zip(entries)
            .filter_map(|(instrument, entry)| History::between(*instrument, entry?, from, until));
        Ok(histories.collect())
    }

    /// Drops decoded price history from memory; it is read again from the cache when it is asked for.
    pub fn forget_history(&self) {
        self.remembered().forget();
    }
}

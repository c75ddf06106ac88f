//! The chunks of one instrument behind their manifest, as one value of the cache.
//!
//! Layout (rebuildable, so of the cache's version): the number of the ledger's last row when it was made (`i64`), the
//! number of chunks (`u16`), for each its year (`i16`), its length (`u32`) and its name (32 bytes), then the chunks one
//! after the other. Numbers are little endian.

use std::collections::BTreeMap;
use std::ops::Range;

const FRONT: usize = 10;
const LINE: usize = 38;

/// The chunks of one instrument, in the order of their years.
#[derive(Debug)]
pub(super) struct Pack {
    bytes: Vec<u8>,
    spans: Vec<(i16, Range<usize>)>,
}

impl Pack {
    /// Puts chunks together.
    pub(super) fn of(made_at: i64, chunks: &BTreeMap<i16, Vec<u8>>) -> Self {
        let len = FRONT + chunks.values().map(|chunk| LINE + chunk.len()).sum::<usize>();
        let mut bytes = Vec::with_capacity(len);
        bytes.extend_from_slice(&made_at.to_le_bytes());
        bytes.extend_from_slice(&(chunks.len() as u16).to_le_bytes());
        for (year, chunk) in chunks {
            bytes.extend_from_slice(&year.to_le_bytes());
            bytes.extend_from_slice(&(chunk.len() as u32).to_le_bytes());
            bytes.extend_from_slice(blake3::hash(chunk).as_bytes());
        }
        let mut spans = Vec::with_capacity(chunks.len());
        for (year, chunk) in chunks {
            spans.push((*year, bytes.len()..bytes.len() + chunk.len()));
            bytes.extend_from_slice(chunk);
        }
        Self { bytes, spans }
    }

    /// Takes a value of the cache apart; `None` when it is none.
    pub(super) fn read(bytes: Vec<u8>) -> Option<Self> {
        let count = usize::from(u16::from_le_bytes(*bytes.get(8..FRONT)?.first_chunk()?));
        let mut start = FRONT + count * LINE;
        let mut spans = Vec::with_capacity(count);
        for line in bytes.get(FRONT..start)?.chunks_exact(LINE) {
            let year = i16::from_le_bytes(*line.first_chunk()?);
            let len = u32::from_le_bytes(*line.get(2..6)?.first_chunk()?) as usize;
            spans.push((year, start..start + len));
            start += len;
        }
        (start == bytes.len()).then_some(Self { bytes, spans })
    }

    /// The ledger's last row when this was made.
    pub(super) fn made_at(&self) -> i64 {
        self.bytes.first_chunk().map_or(0, |bytes| i64::from_le_bytes(*bytes))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn size(&self) -> usize {
        self.bytes.capacity()
    }

    pub(super) fn chunks(&self) -> Vec<&[u8]> {
        self.spans.iter().map(|(_, span)| &self.bytes[span.clone()]).collect()
    }

    /// The chunks with their years and names.
    pub(super) fn named(&self) -> impl Iterator<Item = (i16, [u8; 32], &[u8])> {
        let names = self.bytes[FRONT..].chunks_exact(LINE);
        let name = |line: &[u8]| line.last_chunk().copied().unwrap_or_default();
        let spans = self.spans.iter().zip(names);
        spans.map(move |((year, span), line)| (*year, name(line), &self.bytes[span.clone()]))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn chunks_come_back_under_their_names(
            made_at: i64,
            chunks in proptest::collection::btree_map(any::<i16>(), proptest::collection::vec(any::<u8>(), 0..40), 0..5),
        ) {
            let pack = Pack::read(Pack::of(made_at, &chunks).bytes().to_vec()).unwrap();
            prop_assert_eq!(pack.made_at(), made_at);
            let named: Vec<(i16, [u8; 32], &[u8])> = pack.named().collect();
            let expected = chunks.iter().map(|(year, chunk)| (*year, *blake3::hash(chunk).as_bytes(), chunk.as_slice()));
            prop_assert_eq!(named, expected.collect::<Vec<_>>());
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(pack) = Pack::read(bytes) {
                let _ = (pack.chunks().len(), pack.named().count());
            }
        }
    }
}

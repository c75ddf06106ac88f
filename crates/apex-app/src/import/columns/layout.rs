//! A mapping checked against a file: where the cell of each canonical column stands in a row.

use std::collections::BTreeMap;

use apex_wire::import::{ColumnMapping, ImportKind};

use super::canonical::{canonical, known};
use crate::import::ImportError;

/// Where the cells of canonical columns come from, ready for reading rows.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    cells: BTreeMap<&'static str, Feed>,
    headings: Vec<String>,
}

/// What feeds a canonical column.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Feed {
    Cell(usize),
    Fixed(Vec<u8>),
}

/// A canonical column found in a file, cheap to copy into a reader's loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'l> {
    feed: Option<&'l Feed>,
}

impl<'l> Place<'l> {
    /// Returns the trimmed cell of a row; empty where the column is not fed.
    pub(crate) fn of<'r>(self, record: &'r csv::ByteRecord) -> &'r [u8]
    where
        'l: 'r,
    {
        match self.feed {
            Some(Feed::Cell(at)) => record.get(*at).unwrap_or_default().trim_ascii(),
            Some(Feed::Fixed(value)) => value,
            None => b"",
        }
    }

    /// Tells whether the column is fed at all.
    pub(crate) fn is_fed(self) -> bool {
        self.feed.is_some()
    }
}

impl Layout {
    /// Checks a mapping against the columns of a kind and the headings of a file.
    pub(crate) fn new(kind: ImportKind, headings: &[String], mapping: &[ColumnMapping]) -> Result<Self, ImportError> {
        let mut cells = BTreeMap::new();
        for one in mapping.iter().filter(|one| !one.target.is_empty()) {
            known(kind, &one.target)?;
            let Some(canonical) = canonical(kind).iter().find(|known| known.name == one.target) else {
                continue;
            };
            let feed = match &one.fixed {
                Some(value) => Feed::Fixed(value.trim().as_bytes().to_vec()),
                None => {
                    let at = headings.iter().position(|heading| *heading == one.source);
                    Feed::Cell(at.ok_or_else(|| ImportError::NoHeading {
                        heading: one.source.clone(),
                        headings: headings.join(", "),
                    })?)
                }
            };
            if cells.insert(canonical.name, feed).is_some() {
                return Err(ImportError::FedTwice {
                    column: one.target.clone(),
                });
            }
        }
        Ok(Self {
            cells,
            headings: headings.to_vec(),
        })
    }

    /// Returns where a canonical column comes from.
    pub(crate) fn place(&self, name: &str) -> Place<'_> {
        Place {
            feed: self.cells.get(name),
        }
    }

    /// Returns the heading of a canonical column as the file writes it, or its own name.
    pub(crate) fn heading<'a>(&'a self, name: &'a str) -> &'a str {
        match self.cells.get(name) {
            Some(Feed::Cell(at)) => self.headings.get(*at).map_or(name, String::as_str),
            _ => name,
        }
    }

    /// Returns the required columns that nothing feeds.
    pub(crate) fn missing(&self, kind: ImportKind) -> Vec<&'static str> {
        let required = canonical(kind)
            .iter()
            .filter(|one| one.required && !self.cells.contains_key(one.name));
        required.map(|one| one.name).collect()
    }
}

//! Hashes that say whether two books are the same.
//!
//! Both hashes are BLAKE3 over a count and the sorted BLAKE3 hashes of rows, so the order in which rows were added, and
//! the numbers they got, do not matter.
//!
//! - `state_hash` covers all that the book of record knows: ids, instants and history included, and neither the outbox
//!   nor what belongs to one machine. A backup and its restored copy agree in it.
//! - `ledger_hash` covers content only, by names and symbols. Ids, instants, sources and versions are left out, so two
//!   books made from the same seed agree in it although they share no id.

use std::collections::HashMap;

use apex_domain::{Account, Instrument, InstrumentId, Portfolio, Timestamp};
use sea_query::Query;
use serde::Serialize;

use crate::error::{Result, StoreError};
use crate::sql;
use crate::store::Store;
use crate::store::documents::Versioned;

/// Rows under hash, in any order.
#[derive(Default)]
struct Rows {
    hashes: Vec<[u8; 32]>,
}

impl Rows {
    fn add(&mut self, kind: &str, row: &[u8]) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(kind.as_bytes()).update(b"\n").update(row);
        self.hashes.push(*hasher.finalize().as_bytes());
    }

    fn add_json<T: Serialize>(&mut self, kind: &'static str, row: &T) -> Result<()> {
        let json = serde_json::to_vec(row).map_err(|err| StoreError::record(kind, err))?;
        self.add(kind, &json);
        Ok(())
    }

    fn add_documents<T: Serialize>(&mut self, kind: &'static str, documents: &[Versioned<T>]) -> Result<()> {
        for document in documents {
            self.add_json(kind, &(document.version, document.known_at, &document.value))?;
        }
        Ok(())
    }

    fn finish(mut self) -> String {
        self.hashes.sort_unstable();
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(self.hashes.len() as u64).to_le_bytes());
        self.hashes.iter().for_each(|hash| {
            hasher.update(hash);
        });
        hasher.finalize().to_hex().to_string()
    }
}

impl Store {
    /// Returns the hash of everything the book of record knows; see the module for what that is.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn state_hash(&self) -> Result<String> {
        let mut rows = Rows::default();
        let book = self.book().await?;
        rows.add_json("book", &(book.value.id, book.version, book.known_at, &book.value.about))?;
        rows.add_documents("portfolio", &self.portfolios(None).await?)?;
        rows.add_documents("account", &self.accounts(None).await?)?;
        rows.add_documents("instrument", &self.instruments(None).await?)?;
        for transaction in self.load_ledger(None).await? {
            rows.add_json("transaction", &transaction)?;
        }
        for import in self.imports().await? {
            let counts = (import.added, import.duplicates, import.file.rejected);
            rows.add_json(
                "import",
                &(import.id, &import.file.name, import.file.hash, counts, import.known_at),
            )?;
        }
        // Tables whose rows mean the same in every copy of the book, value by value.
        let mut reader = self.database().readers.acquire().await?;
        for (kind, table) in [
            ("setting", "settings"),
            ("import template", "import_templates"),
            ("scenario", "scenarios"),
            ("proposal", "proposals"),
            ("limit", "limits"),
            ("watchlist", "watchlists"),
            ("alert", "alerts"),
        ] {
            let query = Query::select()
                .columns(["name", "version", "known_at", "body"])
                .from(table)
                .to_owned();
            sql::each(&mut reader, &query, |row| {
                let (name, version, known_at): (String, i64, i64) =
                    (sql::get(row, 0)?, sql::get(row, 1)?, sql::get(row, 2)?);
                rows.add_json(kind, &(name, version, known_at, sql::get::<Option<String>>(row, 3)?))
            })
            .await?;
        }
        let history = Query::select()
            .columns(["entity", "key", "version", "known_at", "body"])
            .from("document_history")
            .to_owned();
        sql::each(&mut reader, &history, |row| {
            let (entity, key): (String, Vec<u8>) = (sql::get(row, 0)?, sql::get(row, 1)?);
            let (version, known_at): (i64, i64) = (sql::get(row, 2)?, sql::get(row, 3)?);
            rows.add_json(
                "history",
                &(entity, key, version, known_at, sql::get::<Option<String>>(row, 4)?),
            )
        })
        .await?;
        self.add_series(&mut rows, &mut reader).await?;
        Ok(rows.finish())
    }

    /// Adds prices, rates and corporate actions with their history, by the names of what their numbers stand for.
    async fn add_series(&self, rows: &mut Rows, reader: &mut sqlx::sqlite::SqliteConnection) -> Result<()> {
        use crate::store::documents::{instruments_by_number, sources_by_number};
        let instruments = instruments_by_number(reader).await?;
        let sources = sources_by_number(reader).await?;
        let instrument = |number: u32| instruments.get(number as usize).copied().flatten();
        let source = |number: u32| sources.get(number as usize).cloned().flatten();
        let prices = Query::select()
            .columns(["instrument", "year", "known_at", "source", "body"])
            .from("price_series")
            .to_owned();
        sql::each(reader, &prices, |row| {
            let (year, known_at, body): (i64, i64, Vec<u8>) = (sql::get(row, 1)?, sql::get(row, 2)?, sql::get(row, 4)?);
            let (instrument, source) = (instrument(sql::get(row, 0)?), source(sql::get(row, 3)?));
            rows.add_json("price", &(instrument, year, known_at, source, body))
        })
        .await?;
        let rates = Query::select()
            .columns(["base", "target", "year", "known_at", "source", "body"])
            .from("fx_series")
            .to_owned();
        sql::each(reader, &rates, |row| {
            let (base, target): (String, String) = (sql::get(row, 0)?, sql::get(row, 1)?);
            let (year, known_at, body): (i64, i64, Vec<u8>) = (sql::get(row, 2)?, sql::get(row, 3)?, sql::get(row, 5)?);
            rows.add_json("rate", &(base, target, year, known_at, source(sql::get(row, 4)?), body))
        })
        .await?;
        let actions = Query::select()
            .columns(["instrument", "ex_date", "known_at", "body"])
            .from("corporate_actions")
            .to_owned();
        sql::each(reader, &actions, |row| {
            let (ex_date, known_at, body): (i64, i64, String) =
                (sql::get(row, 1)?, sql::get(row, 2)?, sql::get(row, 3)?);
            rows.add_json(
                "corporate action",
                &(instrument(sql::get(row, 0)?), ex_date, known_at, body),
            )
        })
        .await
    }

    /// Returns the hash of the ledger's content as known at an instant, or as it is now: transactions by names and
    /// symbols of their trade dates, with the currency of each portfolio and the lot method of each account.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn ledger_hash(&self, known_at: Option<Timestamp>) -> Result<String> {
        let mut rows = Rows::default();
        let instruments: HashMap<InstrumentId, Instrument> = self
            .instruments(known_at)
            .await?
            .into_iter()
            .map(|found| (found.value.id, found.value))
            .collect();
        let symbol = |id: Option<InstrumentId>, date| {
            let instrument = id.and_then(|id| instruments.get(&id));
            instrument.map_or("", |instrument| {
                instrument.symbol_on(date).unwrap_or_else(|| instrument.symbol())
            })
        };
        let portfolios: HashMap<_, Portfolio> = self
            .portfolios(known_at)
            .await?
            .into_iter()
            .map(|found| (found.value.id, found.value))
            .collect();
        let accounts: HashMap<_, Account> = self
            .accounts(known_at)
            .await?
            .into_iter()
            .map(|found| (found.value.id, found.value))
            .collect();
        for portfolio in portfolios.values() {
            rows.add_json("portfolio", &(&portfolio.name, portfolio.currency))?;
        }
        for account in accounts.values() {
            let portfolio = portfolios.get(&account.portfolio).map(|portfolio| &portfolio.name);
            rows.add_json("account", &(portfolio, &account.name, account.lot_method))?;
        }
        for transaction in self.load_ledger(known_at).await? {
            let portfolio = portfolios
                .get(&transaction.portfolio)
                .map_or("", |portfolio| &portfolio.name);
            let account = accounts.get(&transaction.account).map_or("", |account| &account.name);
            let date = transaction.trade_date;
            let row = transaction.canonical_row(
                portfolio,
                account,
                symbol(transaction.instrument, date),
                symbol(transaction.detail().other_instrument, date),
            );
            rows.add("transaction", row.as_bytes());
        }
        Ok(rows.finish())
    }
}

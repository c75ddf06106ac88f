//! Documents: what has a current state and versions before it. Portfolios, accounts, instruments, settings, templates,
//! scenarios, proposals, limits, watchlists, alerts.
//!
//! An edit names the version it is based on. When the book has moved on, the edit is refused with both versions, and a
//! person decides; nothing is merged in silence. Saving what is already there changes nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

use apex_domain::{Account, Instrument, InstrumentId, InstrumentIndex, Portfolio, PortfolioId, Timestamp};
use sea_query::{Expr, ExprTrait, Order, Query, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use crate::codec::bytes::{day_number, instant_of, nanos};
use crate::error::{Result, StoreError};
use crate::sql;
use crate::store::Store;
use crate::store::changes::Writing;
use crate::store::outbox::{Mutation, Space};

/// A document as the book has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The document.
    pub value: T,
    /// Its version, counted from 1.
    pub version: u64,
    /// When this version became known.
    pub known_at: Timestamp,
}

/// A document as somebody wants it to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit<T> {
    /// The document.
    pub value: T,
    /// The version the edit is based on; 0 for a new document.
    pub base_version: u64,
}

impl<T> Edit<T> {
    /// A document that is not in the book yet.
    pub fn new(value: T) -> Self {
        Self { value, base_version: 0 }
    }
}

/// Where documents of one noun are kept.
#[derive(Clone, Copy)]
pub(super) struct Noun {
    pub(super) entity: &'static str,
    table: &'static str,
    key: &'static str,
}

pub(super) const PORTFOLIO: Noun = Noun {
    entity: "portfolio",
    table: "portfolios",
    key: "id",
};
pub(super) const ACCOUNT: Noun = Noun {
    entity: "account",
    table: "accounts",
    key: "id",
};
pub(super) const INSTRUMENT: Noun = Noun {
    entity: "instrument",
    table: "instruments",
    key: "id",
};
const SETTING: Noun = Noun {
    entity: "setting",
    table: "settings",
    key: "name",
};
const TEMPLATE: Noun = Noun {
    entity: "import template",
    table: "import_templates",
    key: "name",
};
const SCENARIO: Noun = Noun {
    entity: "scenario",
    table: "scenarios",
    key: "name",
};

const PROPOSAL: Noun = Noun {
    entity: "proposal",
    table: "proposals",
    key: "name",
};

const LIMIT: Noun = Noun {
    entity: "limit",
    table: "limits",
    key: "name",
};

const WATCHLIST: Noun = Noun {
    entity: "watchlist",
    table: "watchlists",
    key: "name",
};

const ALERT: Noun = Noun {
    entity: "alert",
    table: "alerts",
    key: "name",
};

/// The nouns whose documents a person keeps under names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// How the columns of a file are read.
    ImportTemplate,
    /// What the book is put through.
    Scenario,
    /// Edits of a book that are to be decided on.
    Proposal,
    /// What a portfolio may lose, hold or lack.
    Limit,
    /// Instruments that are watched together.
    Watchlist,
    /// What is told when a price or a volume crosses a line.
    Alert,
}

impl Named {
    fn noun(self) -> Noun {
        match self {
            Self::ImportTemplate => TEMPLATE,
            Self::Scenario => SCENARIO,
            Self::Proposal => PROPOSAL,
            Self::Limit => LIMIT,
            Self::Watchlist => WATCHLIST,
            Self::Alert => ALERT,
        }
    }
}

/// The key of a document: an id, or a name.
#[derive(Clone)]
enum Key {
    Id(Uuid),
    Name(String),
}

impl Key {
    fn value(&self) -> Value {
        match self {
            Key::Id(id) => id.as_bytes().to_vec().into(),
            Key::Name(name) => name.as_str().into(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Key::Id(id) => id.as_bytes().to_vec(),
            Key::Name(name) => name.clone().into_bytes(),
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Key::Id(id) => id.fmt(formatter),
            Key::Name(name) => name.fmt(formatter),
        }
    }
}

struct Saved {
    version: u64,
    changed: bool,
}

/// Writes one version of a document; the one before goes to the history.
async fn save(
    writing: &mut Writing<'_>,
    noun: Noun,
    key: &Key,
    columns: &[(&'static str, Value)],
    body: Option<String>,
    base: u64,
    space: Space,
) -> Result<Saved> {
    let mut query = Query::select();
    query
        .columns(["version", "known_at", "body"])
        .from(noun.table)
        .and_where(Expr::col(noun.key).eq(key.value()));
    let row = sql::first(writing.connection(), &query).await?;
    let current = match &row {
        Some(row) => sql::get::<i64>(row, 0)?.unsigned_abs(),
        None => 0,
    };
    let before: Option<String> = row.as_ref().map(|row| sql::get(row, 2)).transpose()?.flatten();
    if row.is_some() && before == body {
        return Ok(Saved {
            version: current,
            changed: false,
        });
    }
    let is_made_again = row.is_some() && before.is_none() && base == 0;
    if current != base && !is_made_again {
        return Err(StoreError::Conflict {
            entity: noun.entity,
            id: key.to_string(),
            base,
            current,
        });
    }
    let version = current + 1;
    let known_at = writing.now;
    match row {
        None => {
            let mut query = Query::insert();
            let mut names = vec![noun.key, "version", "known_at", "body"];
            let mut values = vec![
                Expr::val(key.value()),
                Expr::val(version as i64),
                Expr::val(known_at),
                Expr::val(body.clone()),
            ];
            for (name, value) in columns {
                names.push(name);
                values.push(Expr::val(value.clone()));
            }
            query.into_table(noun.table).columns(names).values_panic(values);
            sql::execute(writing.connection(), &query).await?;
        }
        Some(row) => {
            let mut history = Query::insert();
            history
                .into_table("document_history")
                .columns(["entity", "key", "version", "known_at", "body"])
                .values_panic([
                    Expr::val(noun.entity),
                    Expr::val(key.bytes()),
                    Expr::val(current as i64),
                    Expr::val(sql::get::<i64>(&row, 1)?),
                    Expr::val(before),
                ]);
            sql::execute(writing.connection(), &history).await?;
            let mut query = Query::update();
            query
                .table(noun.table)
                .value("version", version as i64)
                .value("known_at", known_at)
                .value("body", body.clone())
                .and_where(Expr::col(noun.key).eq(key.value()));
            for (name, value) in columns {
                query.value(*name, value.clone());
            }
            sql::execute(writing.connection(), &query).await?;
        }
    }
    writing.outbox.push(Mutation {
        space,
        kind: if body.is_some() { "put" } else { "remove" },
        entity: noun.entity,
        entity_id: Some(key.bytes()),
        base_version: Some(base),
        natural_key: None,
        payload: body.unwrap_or_default().into_bytes(),
    });
    Ok(Saved { version, changed: true })
}

fn to_json<T: Serialize>(noun: Noun, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|err| StoreError::unstorable(noun.entity, err))
}

/// Reads the documents of a noun as they were known at an instant, or as they are now, by key.
pub(super) async fn load<T: DeserializeOwned>(
    connection: &mut SqliteConnection,
    noun: Noun,
    known_at: Option<i64>,
) -> Result<Vec<(Vec<u8>, Versioned<T>)>> {
    let mut query = Query::select();
    query
        .columns([noun.key, "version", "known_at", "body"])
        .from(noun.table)
        .order_by(noun.key, Order::Asc);
    let mut found: BTreeMap<Vec<u8>, (i64, i64, Option<String>)> = BTreeMap::new();
    let is_known = |instant: i64| known_at.is_none_or(|known_at| instant <= known_at);
    let mut too_new = HashSet::new();
    sql::each(connection, &query, |row| {
        let key: Vec<u8> = match noun.key {
            "id" => sql::get(row, 0)?,
            _ => sql::get::<String>(row, 0)?.into_bytes(),
        };
        let known_at: i64 = sql::get(row, 2)?;
        if is_known(known_at) {
            found.insert(key, (sql::get(row, 1)?, known_at, sql::get(row, 3)?));
        } else {
            too_new.insert(key);
        }
        Ok(())
    })
    .await?;
    if let Some(known_at) = known_at.filter(|_| !too_new.is_empty()) {
        let mut history = Query::select();
        history
            .columns(["key", "version", "known_at", "body"])
            .from("document_history")
            .and_where(Expr::col("entity").eq(noun.entity))
            .and_where(Expr::col("known_at").lte(known_at))
            .order_by("version", Order::Asc);
        sql::each(connection, &history, |row| {
            let key: Vec<u8> = sql::get(row, 0)?;
            if too_new.contains(&key) {
                found.insert(key, (sql::get(row, 1)?, sql::get(row, 2)?, sql::get(row, 3)?));
            }
            Ok(())
        })
        .await?;
    }
    let mut documents = Vec::with_capacity(found.len());
    for (key, (version, known_at, body)) in found {
        let Some(body) = body else { continue };
        let value = serde_json::from_str(&body).map_err(|err| StoreError::record(noun.entity, err))?;
        documents.push((
            key,
            Versioned {
                value,
                version: version.unsigned_abs(),
                known_at: instant_of(known_at),
            },
        ));
    }
    Ok(documents)
}

/// Returns the row numbers of a noun by id.
pub(super) async fn numbers(connection: &mut SqliteConnection, noun: Noun) -> Result<HashMap<Uuid, u32>> {
    let query = Query::select().columns(["id", "number"]).from(noun.table).to_owned();
    let mut numbers = HashMap::new();
    sql::each(connection, &query, |row| {
        numbers.insert(sql::uuid(row, 0)?, sql::get(row, 1)?);
        Ok(())
    })
    .await?;
    Ok(numbers)
}

/// Returns the row number of one document.
async fn number_of(connection: &mut SqliteConnection, noun: Noun, id: Uuid) -> Result<u32> {
    let mut query = Query::select();
    query
        .column("number")
        .from(noun.table)
        .and_where(Expr::col("id").eq(id.as_bytes().to_vec()));
    let row = sql::first(connection, &query)
        .await?
        .ok_or_else(|| StoreError::unknown(noun.entity, id))?;
    sql::get(&row, 0)
}

/// Refuses a name that another document has within the same bounds.
async fn refuse_taken_name(
    connection: &mut SqliteConnection,
    noun: Noun,
    id: Uuid,
    name: &str,
    portfolio: Option<u32>,
) -> Result<()> {
    let mut query = Query::select();
    query
        .column("id")
        .from(noun.table)
        .and_where(Expr::col("name").eq(name))
        .and_where(Expr::col("id").ne(id.as_bytes().to_vec()));
    if let Some(portfolio) = portfolio {
        query.and_where(Expr::col("portfolio").eq(portfolio));
    }
    match sql::first(connection, &query).await? {
        Some(_) => Err(StoreError::NameTaken {
            entity: noun.entity,
            name: name.to_owned(),
        }),
        None => Ok(()),
    }
}

pub(super) async fn save_portfolio(writing: &mut Writing<'_>, edit: &Edit<Portfolio>) -> Result<bool> {
    let portfolio = &edit.value;
    let id = portfolio.id.as_uuid();
    refuse_taken_name(writing.connection(), PORTFOLIO, id, &portfolio.name, None).await?;
    let columns = [("name", portfolio.name.as_str().into())];
    let body = to_json(PORTFOLIO, portfolio)?;
    let space = Space::Portfolio(id);
    Ok(save(
        writing,
        PORTFOLIO,
        &Key::Id(id),
        &columns,
        Some(body),
        edit.base_version,
        space,
    )
    .await?
    .changed)
}

pub(super) async fn save_account(writing: &mut Writing<'_>, edit: &Edit<Account>) -> Result<bool> {
    let account = &edit.value;
    let id = account.id.as_uuid();
    let portfolio = number_of(writing.connection(), PORTFOLIO, account.portfolio.as_uuid()).await?;
    refuse_taken_name(writing.connection(), ACCOUNT, id, &account.name, Some(portfolio)).await?;
    let columns = [("portfolio", portfolio.into()), ("name", account.name.as_str().into())];
    let body = to_json(ACCOUNT, account)?;
    let space = Space::Portfolio(account.portfolio.as_uuid());
    Ok(save(
        writing,
        ACCOUNT,
        &Key::Id(id),
        &columns,
        Some(body),
        edit.base_version,
        space,
    )
    .await?
    .changed)
}

pub(super) async fn save_instruments(writing: &mut Writing<'_>, edits: &[Edit<Instrument>]) -> Result<usize> {
    if edits.is_empty() {
        return Ok(0);
    }
    // A symbol belongs to one instrument at a time, and only all instruments together show whether that holds.
    let mut all: BTreeMap<InstrumentId, Instrument> = load(writing.connection(), INSTRUMENT, None)
        .await?
        .into_iter()
        .map(|(_, found)| found.value)
        .map(by_id)
        .collect();
    all.extend(edits.iter().map(|edit| by_id(edit.value.clone())));
    InstrumentIndex::new(all.values()).map_err(|err| StoreError::unstorable("an instrument", err))?;

    let mut changed = 0;
    let mut periods = Vec::new();
    for edit in edits {
        let id = edit.value.id.as_uuid();
        let body = to_json(INSTRUMENT, &edit.value)?;
        let space = Space::Reference;
        let saved = save(
            writing,
            INSTRUMENT,
            &Key::Id(id),
            &[],
            Some(body),
            edit.base_version,
            space,
        )
        .await?;
        if !saved.changed {
            continue;
        }
        changed += 1;
        let number = number_of(writing.connection(), INSTRUMENT, id).await?;
        if saved.version > 1 {
            let mut query = Query::delete();
            query
                .from_table("symbol_periods")
                .and_where(Expr::col("instrument").eq(number));
            sql::execute(writing.connection(), &query).await?;
        }
        periods.extend(edit.value.symbols.iter().map(|period| {
            [
                Expr::val(number),
                Expr::val(period.symbol.as_str()),
                Expr::val(period.from.map(day_number)),
                Expr::val(period.until.map(day_number)),
            ]
        }));
    }
    for rows in periods.chunks(sql::ROWS_PER_INSERT) {
        let mut query = Query::insert();
        query
            .into_table("symbol_periods")
            .columns(["instrument", "symbol", "from_date", "until_date"]);
        rows.iter().for_each(|row| {
            query.values_panic(row.clone());
        });
        sql::execute(writing.connection(), &query).await?;
    }
    Ok(changed)
}

fn by_id(instrument: Instrument) -> (InstrumentId, Instrument) {
    (instrument.id, instrument)
}

impl Store {
    /// Returns the portfolios as they were known at an instant, or as they are now, by id.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn portfolios(&self, known_at: Option<Timestamp>) -> Result<Vec<Versioned<Portfolio>>> {
        self.documents(PORTFOLIO, known_at).await
    }

    /// Returns the accounts of all portfolios, by id.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn accounts(&self, known_at: Option<Timestamp>) -> Result<Vec<Versioned<Account>>> {
        self.documents(ACCOUNT, known_at).await
    }

    /// Returns the instruments, by id.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn instruments(&self, known_at: Option<Timestamp>) -> Result<Vec<Versioned<Instrument>>> {
        self.documents(INSTRUMENT, known_at).await
    }

    async fn documents<T: DeserializeOwned>(
        &self,
        noun: Noun,
        known_at: Option<Timestamp>,
    ) -> Result<Vec<Versioned<T>>> {
        let mut reader = self.database().readers.acquire().await?;
        let found = load(&mut reader, noun, known_at.map(nanos).transpose()?).await?;
        Ok(found.into_iter().map(|(_, document)| document).collect())
    }

    /// Returns a setting, or `None` when it was never made or was removed.
    ///
    /// # Errors
    /// [`StoreError::Record`] when it does not have the shape asked for.
    pub async fn setting<T: DeserializeOwned>(&self, name: &str) -> Result<Option<Versioned<T>>> {
        Ok(self.named(SETTING).await?.remove(name))
    }

    /// Saves a setting and returns its new version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was changed since `base_version`.
    pub async fn put_setting<T: Serialize>(
        &self,
        name: &str,
        value: &T,
        base_version: u64,
        now: Timestamp,
    ) -> Result<u64> {
        self.put_named(SETTING, name, Some(to_json(SETTING, value)?), base_version, now)
            .await
    }

    /// Returns the documents of a noun by name.
    ///
    /// # Errors
    /// [`StoreError::Record`] when one does not have the shape asked for.
    pub async fn list<T: DeserializeOwned>(&self, named: Named) -> Result<BTreeMap<String, Versioned<T>>> {
        self.named(named.noun()).await
    }

    /// Saves a document under its name and returns its new version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was changed since `base_version`.
    pub async fn put<T: Serialize>(
        &self,
        named: Named,
        name: &str,
        value: &T,
        base_version: u64,
        now: Timestamp,
    ) -> Result<u64> {
        let body = to_json(named.noun(), value)?;
        self.put_named(named.noun(), name, Some(body), base_version, now).await
    }

    /// Removes a document; its versions stay in the history.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was changed since `base_version`.
    pub async fn remove(&self, named: Named, name: &str, base_version: u64, now: Timestamp) -> Result<u64> {
        self.put_named(named.noun(), name, None, base_version, now).await
    }

    async fn named<T: DeserializeOwned>(&self, noun: Noun) -> Result<BTreeMap<String, Versioned<T>>> {
        let mut reader = self.database().readers.acquire().await?;
        let mut named = BTreeMap::new();
        for (key, document) in load(&mut reader, noun, None).await? {
            let name = String::from_utf8(key).map_err(|err| StoreError::record(noun.entity, err))?;
            named.insert(name, document);
        }
        Ok(named)
    }

    async fn put_named(
        &self,
        noun: Noun,
        name: &str,
        body: Option<String>,
        base_version: u64,
        now: Timestamp,
    ) -> Result<u64> {
        let key = Key::Name(name.to_owned());
        let mut writer = self.database().writer.lock().await;
        let mut writing = Writing::begin(&mut writer, now).await?;
        let saved = save(&mut writing, noun, &key, &[], body, base_version, Space::Settings).await?;
        writing.commit(self).await?;
        Ok(saved.version)
    }
}

/// Returns accounts with their portfolios, by row number.
pub(super) async fn accounts_by_number(
    connection: &mut SqliteConnection,
) -> Result<Vec<Option<(PortfolioId, apex_domain::AccountId)>>> {
    let mut query = Query::select();
    query
        .column(("accounts", "number"))
        .column(("portfolios", "id"))
        .column(("accounts", "id"))
        .from("accounts")
        .inner_join(
            "portfolios",
            Expr::col(("portfolios", "number")).equals(("accounts", "portfolio")),
        );
    let mut by_number = Vec::new();
    sql::each(connection, &query, |row| {
        let pair = (
            PortfolioId::from_uuid(sql::uuid(row, 1)?),
            apex_domain::AccountId::from_uuid(sql::uuid(row, 2)?),
        );
        place(&mut by_number, sql::get(row, 0)?, pair);
        Ok(())
    })
    .await?;
    Ok(by_number)
}

/// Returns instruments by row number.
pub(super) async fn instruments_by_number(connection: &mut SqliteConnection) -> Result<Vec<Option<InstrumentId>>> {
    let query = Query::select().columns(["number", "id"]).from("instruments").to_owned();
    let mut by_number = Vec::new();
    sql::each(connection, &query, |row| {
        place(
            &mut by_number,
            sql::get(row, 0)?,
            InstrumentId::from_uuid(sql::uuid(row, 1)?),
        );
        Ok(())
    })
    .await?;
    Ok(by_number)
}

/// Returns the names of files and providers by row number.
pub(crate) async fn sources_by_number(connection: &mut SqliteConnection) -> Result<Vec<Option<String>>> {
    let query = Query::select().columns(["number", "name"]).from("sources").to_owned();
    let mut by_number = Vec::new();
    sql::each(connection, &query, |row| {
        place(&mut by_number, sql::get(row, 0)?, sql::get::<String>(row, 1)?);
        Ok(())
    })
    .await?;
    Ok(by_number)
}

fn place<T>(by_number: &mut Vec<Option<T>>, number: u32, value: T) {
    let index = number as usize;
    if by_number.len() <= index {
        by_number.resize_with(index + 1, || None);
    }
    by_number[index] = Some(value);
}

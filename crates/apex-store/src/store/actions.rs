//! Splits and dividends beside the prices, for adjusting them on read.

use apex_domain::{Currency, Date, Decimal, InstrumentId, Ratio, Timestamp};
use sea_query::{Expr, ExprTrait, Order, Query};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::codec::bytes::{date_of, day_number, instant_of, nanos};
use crate::error::{Result, StoreError};
use crate::sql;
use crate::store::Store;
use crate::store::changes::Writing;
use crate::store::documents::{self, INSTRUMENT};
use crate::store::outbox::{Mutation, Space, rows_payload};

/// What a company did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CorporateEvent {
    /// New shares for old ones.
    Split {
        /// New for old.
        ratio: Ratio,
    },
    /// A payment for each share.
    Dividend {
        /// The amount for one share as it was on the ex-date.
        amount: Decimal,
        /// Its currency.
        currency: Currency,
        /// The day it is paid.
        pay_date: Option<Date>,
    },
}

impl CorporateEvent {
    fn kind(&self) -> &'static str {
        match self {
            CorporateEvent::Split { .. } => "split",
            CorporateEvent::Dividend { .. } => "dividend",
        }
    }
}

/// A corporate action of one instrument; there is one of each kind a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorporateAction {
    /// The instrument.
    pub instrument: InstrumentId,
    /// The first day on which the price is without it.
    pub ex_date: Date,
    /// What happened.
    pub event: CorporateEvent,
    /// Who said so.
    pub source: String,
    /// Whether it was found not to have happened.
    pub withdrawn: bool,
    /// When it became known.
    pub known_at: Timestamp,
}

#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Body {
    event: CorporateEvent,
    source: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    withdrawn: bool,
}

type Identity = (u32, i32, &'static str);

/// Adds the actions that are new or differ from what is known, and returns how many.
pub(super) async fn save(writing: &mut Writing<'_>, actions: &[CorporateAction]) -> Result<usize> {
    if actions.is_empty() {
        return Ok(0);
    }
    let numbers = documents::numbers(writing.connection(), INSTRUMENT).await?;
    let mut known: BTreeMap<Identity, String> = BTreeMap::new();
    let mut query = Query::select();
    query
        .columns(["instrument", "ex_date", "kind", "body"])
        .from("corporate_actions")
        .order_by("known_at", Order::Asc)
        .order_by("number", Order::Asc);
    sql::each(writing.connection(), &query, |row| {
        let kind = if sql::get::<&str>(row, 2)? == "split" {
            "split"
        } else {
            "dividend"
        };
        known.insert((sql::get(row, 0)?, sql::get(row, 1)?, kind), sql::get(row, 3)?);
        Ok(())
    })
    .await?;

    let mut rows = Vec::new();
    let mut digest = blake3::Hasher::new();
    for action in actions {
        let id = action.instrument.as_uuid();
        let number = *numbers.get(&id).ok_or_else(|| StoreError::unknown("instrument", id))?;
        let body = Body {
            event: action.event.clone(),
            source: action.source.clone(),
            withdrawn: action.withdrawn,
        };
        let body = serde_json::to_string(&body).map_err(|err| StoreError::unstorable("a corporate action", err))?;
        let identity = (number, day_number(action.ex_date), action.event.kind());
        if known.get(&identity) == Some(&body) {
            continue;
        }
        digest
            .update(id.as_bytes())
            .update(&identity.1.to_le_bytes())
            .update(body.as_bytes());
        rows.push([
            Expr::val(number),
            Expr::val(identity.1),
            Expr::val(identity.2),
            Expr::val(nanos(action.known_at)?),
            Expr::val(body.clone()),
        ]);
        known.insert(identity, body);
    }
    if rows.is_empty() {
        return Ok(0);
    }
    let first = sql::next_number(writing.connection(), "corporate_actions").await?;
    for rows in rows.chunks(sql::ROWS_PER_INSERT) {
        let mut query = Query::insert();
        query
            .into_table("corporate_actions")
            .columns(["instrument", "ex_date", "kind", "known_at", "body"]);
        rows.iter().for_each(|row| {
            query.values_panic(row.clone());
        });
        sql::execute(writing.connection(), &query).await?;
    }
    writing.outbox.push(Mutation {
        space: Space::Reference,
        kind: "add",
        entity: "corporate action",
        entity_id: None,
        base_version: None,
        natural_key: None,
        payload: rows_payload(first, first + rows.len() as i64 - 1, &digest.finalize()),
    });
    Ok(rows.len())
}

impl Store {
    /// Returns the corporate actions as they were known at an instant, or as they are now, by instrument, day and kind;
    /// withdrawn ones are left out.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn corporate_actions(&self, known_at: Option<Timestamp>) -> Result<Vec<CorporateAction>> {
        let mut query = Query::select();
        query
            .columns([
                ("corporate_actions", "ex_date"),
                ("corporate_actions", "kind"),
                ("corporate_actions", "known_at"),
                ("corporate_actions", "body"),
            ])
            .column(("instruments", "id"))
            .from("corporate_actions")
            .inner_join(
                "instruments",
                Expr::col(("instruments", "number")).equals(("corporate_actions", "instrument")),
            )
            .order_by(("corporate_actions", "known_at"), Order::Asc)
            .order_by(("corporate_actions", "number"), Order::Asc);
        if let Some(known_at) = known_at {
            query.and_where(Expr::col(("corporate_actions", "known_at")).lte(nanos(known_at)?));
        }
        let mut reader = self.database().readers.acquire().await?;
        let mut found = BTreeMap::new();
        sql::each(&mut reader, &query, |row| {
            let fault = |reason: &str| StoreError::record("corporate action", reason);
            let body: Body = serde_json::from_str(sql::get(row, 3)?).map_err(|err| fault(&err.to_string()))?;
            let instrument = InstrumentId::from_uuid(sql::uuid(row, 4)?);
            let ex_date = date_of(sql::get(row, 0)?).ok_or_else(|| fault("its date is out of range"))?;
            let action = CorporateAction {
                instrument,
                ex_date,
                event: body.event,
                source: body.source,
                withdrawn: body.withdrawn,
                known_at: instant_of(sql::get(row, 2)?),
            };
            found.insert((instrument, ex_date, sql::get::<String>(row, 1)?), action);
            Ok(())
        })
        .await?;
        Ok(found.into_values().filter(|action| !action.withdrawn).collect())
    }
}

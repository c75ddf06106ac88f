//! Splits and dividends, from the endpoints of 2026 (`/stocks/v1/…`) and the older ones (`/v3/reference/…`).
//!
//! Duplicates are real: the vendor's own example holds one split of Shopify twice, a week apart. They are handed on as
//! they are, since only prices can tell which is false.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Envelope, Field, Page, READ};
use crate::error::ProviderError;
use crate::json::Raw;
use crate::record::{self, Basis, Dividend, Records, Split};

#[derive(Debug, Deserialize)]
struct SplitRow<'a> {
    #[serde(borrow)]
    ticker: Cow<'a, str>,
    #[serde(borrow)]
    execution_date: Cow<'a, str>,
    #[serde(borrow)]
    split_from: Raw<'a>,
    #[serde(borrow)]
    split_to: Raw<'a>,
}

/// Reads a page of splits, of either endpoint.
///
/// # Errors
///
/// Refuses an answer that is no JSON or says it failed, and a split without symbol, date or two sides above zero.
pub fn splits(bytes: &[u8]) -> Result<Page, ProviderError> {
    let envelope = Envelope::read(bytes)?;
    let mut records = Records::default();
    for (number, raw) in envelope.rows()?.into_iter().enumerate() {
        let at = |field: &'static str| Field { number, field };
        let row: SplitRow<'_> = READ.part(format_args!("results[{number}]"), raw, "a split")?;
        let old = READ.decimal(at("split_from"), row.split_from)?;
        let new = READ.decimal(at("split_to"), row.split_to)?;
        records.splits.push(Split {
            symbol: row.ticker.into_owned(),
            ex_date: READ.date(at("execution_date"), &row.execution_date)?,
            ratio: record::ratio(new, old).ok_or_else(|| {
                READ.malformed(
                    at("split_to"),
                    &format!("{new} for {old}"),
                    "a ratio of shares above zero",
                )
            })?,
        });
    }
    Ok(envelope.page(records))
}

#[derive(Debug, Deserialize)]
struct DividendRow<'a> {
    #[serde(borrow)]
    ticker: Cow<'a, str>,
    #[serde(borrow)]
    ex_dividend_date: Cow<'a, str>,
    #[serde(borrow)]
    record_date: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pay_date: Option<Cow<'a, str>>,
    #[serde(borrow)]
    declaration_date: Option<Cow<'a, str>>,
    #[serde(borrow)]
    cash_amount: Raw<'a>,
    currency: Option<String>,
    distribution_type: Option<String>,
    dividend_type: Option<String>,
}

/// Reads a page of dividends, of either endpoint; amounts are as paid, not adjusted for splits.
///
/// # Errors
///
/// Refuses an answer that is no JSON or says it failed, and a dividend without symbol, ex-date or amount.
pub fn dividends(bytes: &[u8]) -> Result<Page, ProviderError> {
    let envelope = Envelope::read(bytes)?;
    let mut records = Records::default();
    for (number, raw) in envelope.rows()?.into_iter().enumerate() {
        let at = |field: &'static str| Field { number, field };
        let row: DividendRow<'_> = READ.part(format_args!("results[{number}]"), raw, "a dividend")?;
        records.dividends.push(Dividend {
            symbol: row.ticker.into_owned(),
            ex_date: READ.date(at("ex_dividend_date"), &row.ex_dividend_date)?,
            record_date: READ.maybe_date(at("record_date"), row.record_date.as_deref())?,
            pay_date: READ.maybe_date(at("pay_date"), row.pay_date.as_deref())?,
            declaration_date: READ.maybe_date(at("declaration_date"), row.declaration_date.as_deref())?,
            amount: Basis::Raw(READ.decimal(at("cash_amount"), row.cash_amount)?),
            currency: row.currency,
            kind: row.distribution_type.or(row.dividend_type),
        });
    }
    Ok(envelope.page(records))
}

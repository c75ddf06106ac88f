//! Splits, dividends and distributions of gains in a chart.

use std::borrow::Cow;

use apex_domain::Decimal;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{ByKey, READ, event_date, noise};
use crate::error::ProviderError;
use crate::json::Raw;
use crate::record::{self, Basis, CapitalGain, Dividend, Records, Remark, Split};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Events<'a> {
    #[serde(borrow)]
    dividends: Option<ByKey<'a, Payment<'a>>>,
    #[serde(borrow)]
    splits: Option<ByKey<'a, SplitEvent<'a>>>,
    #[serde(borrow)]
    capital_gains: Option<ByKey<'a, Payment<'a>>>,
}

#[derive(Debug, Deserialize)]
struct Payment<'a> {
    #[serde(borrow)]
    amount: Raw<'a>,
    #[serde(borrow)]
    date: Raw<'a>,
    #[serde(borrow)]
    currency: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
struct SplitEvent<'a> {
    #[serde(borrow)]
    date: Raw<'a>,
    #[serde(borrow)]
    numerator: Raw<'a>,
    #[serde(borrow)]
    denominator: Raw<'a>,
}

impl Events<'_> {
    /// Adds the events, oldest first. A dividend's currency may be empty: then it is that of the prices.
    pub(super) fn read(
        &self,
        records: &mut Records,
        symbol: &str,
        price_currency: Option<&str>,
        zone: &TimeZone,
    ) -> Result<(), ProviderError> {
        let currency = |payment: &Payment<'_>| {
            let own = payment.currency.as_deref().filter(|currency| !currency.is_empty());
            own.or(price_currency).map(str::to_owned)
        };
        for (key, payment) in self.dividends.iter().flatten() {
            records.dividends.push(Dividend {
                symbol: symbol.to_owned(),
                ex_date: event_date(format_args!("dividends.{key}.date"), payment.date, zone)?,
                record_date: None,
                pay_date: None,
                declaration_date: None,
                amount: payment.amount("dividends", key)?,
                currency: currency(payment),
                kind: None,
            });
        }
        for (key, payment) in self.capital_gains.iter().flatten() {
            records.capital_gains.push(CapitalGain {
                symbol: symbol.to_owned(),
                ex_date: event_date(format_args!("capitalGains.{key}.date"), payment.date, zone)?,
                amount: payment.amount("capitalGains", key)?,
                currency: currency(payment),
            });
        }
        for (key, split) in self.splits.iter().flatten() {
            let new = READ.decimal(format_args!("splits.{key}.numerator"), split.numerator)?;
            let old = READ.decimal(format_args!("splits.{key}.denominator"), split.denominator)?;
            let Some(ratio) = record::ratio(new, old) else {
                records.remarks.push(Remark {
                    at: format!("splits.{key}"),
                    reason: format!("a split of {new} new shares for {old} is no split and was left out"),
                });
                continue;
            };
            records.splits.push(Split {
                symbol: symbol.to_owned(),
                ex_date: event_date(format_args!("splits.{key}.date"), split.date, zone)?,
                ratio,
            });
        }
        records.dividends.sort_by_key(|dividend| dividend.ex_date);
        records.capital_gains.sort_by_key(|gain| gain.ex_date);
        records.splits.sort_by_key(|split| split.ex_date);
        Ok(())
    }
}

impl Payment<'_> {
    fn amount(&self, kind: &str, key: &str) -> Result<Basis<Decimal>, ProviderError> {
        let amount = READ.decimal(format_args!("{kind}.{key}.amount"), self.amount)?;
        Ok(Basis::SplitAdjusted(noise::off(amount)))
    }
}

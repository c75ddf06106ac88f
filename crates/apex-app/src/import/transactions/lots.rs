//! The lots that rows name, by external id or opening day.

use apex_domain::{AccountId, Decimal, InstrumentId, LotPick, Transaction, TransactionId};
use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::Found;
use crate::import::number;
use crate::import::row::{Bad, Outcome, Reading};

/// Finds the lots that rows name by external id or opening day, `F1`, `F1:10; F2:5` or `2026-01-05`.
pub(super) fn settle_lots(reading: Reading<'_>, outcome: &mut Outcome<Found>) {
    if outcome.found.iter().all(|found| found.lots.is_none()) {
        return;
    }
    let mut openings: FxHashMap<(AccountId, String), TransactionId> = FxHashMap::default();
    for found in &outcome.found {
        let one = &found.transaction;
        if let Some(external_id) = &one.external_id {
            openings.entry((one.account, external_id.clone())).or_insert(one.id);
        }
        if let Some(instrument) = one.instrument {
            openings
                .entry((one.account, opening_day(instrument, one.trade_date)))
                .or_insert(one.id);
        }
    }
    let mut kept = Vec::with_capacity(outcome.found.len());
    for mut found in std::mem::take(&mut outcome.found) {
        let Some(lots) = found.lots.take() else {
            kept.push(found);
            continue;
        };
        match pick_lots(reading, &openings, &found.transaction, &lots) {
            Ok(picks) => {
                found.transaction.detail_mut().lots = picks;
                kept.push(found);
            }
            Err(bad) => outcome.rejected.push(bad.at(found.line, reading.layout)),
        }
    }
    outcome.found = kept;
}

/// The name under which a lot is found by its opening day.
pub(crate) fn opening_day(instrument: InstrumentId, day: Date) -> String {
    format!("{instrument} {day}")
}

fn pick_lots(
    reading: Reading<'_>,
    openings: &FxHashMap<(AccountId, String), TransactionId>,
    made: &Transaction,
    lots: &str,
) -> Result<Vec<LotPick>, Bad> {
    let mut picks = Vec::new();
    let mut left = made.quantity;
    for part in lots.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, quantity) = match part.rsplit_once(':') {
            Some((name, quantity)) => {
                let quantity = number::parse(quantity.as_bytes(), reading.decimal)
                    .filter(|quantity| *quantity > Decimal::ZERO)
                    .ok_or_else(|| {
                        Bad::new(
                            "lot",
                            part,
                            "a lot is written as its external id, a colon and a quantity",
                        )
                    })?;
                (name.trim(), quantity)
            }
            None => (part, left),
        };
        let day = name
            .parse::<Date>()
            .ok()
            .zip(made.instrument)
            .map(|(day, instrument)| opening_day(instrument, day));
        let name = day.unwrap_or_else(|| name.to_owned());
        let opened_by = reading
            .directory
            .opening(made.account, &name)
            .or_else(|| openings.get(&(made.account, name)).copied())
            .ok_or_else(|| {
                Bad::new(
                    "lot",
                    part,
                    "no transaction of this account has this external id or opening day",
                )
            })?;
        left = (left - quantity).max(Decimal::ZERO);
        picks.push(LotPick { opened_by, quantity });
    }
    Ok(picks)
}

//! What corporate actions need beyond a quantity and a price.

use std::collections::BTreeMap;

use apex_domain::{InstrumentKind, Ratio, Transaction, TransactionKind};
use jiff::civil::Date;

use super::{Found, Row};
use crate::import::UNKNOWN_NAME;
use crate::import::columns::Place;
use crate::import::directory::Unknown;
use crate::import::number;
use crate::import::row::{Bad, Outcome, is_absent, text};

impl Row<'_> {
    /// Reads what corporate actions need: from their own columns, else from `name=value` pairs in the note.
    pub(super) fn actions(&self, made: &mut Transaction, date: Date, outcome: &mut Outcome<Found>) -> Result<(), Bad> {
        use TransactionKind::{Merger, SpinOff, Split, SymbolChange};

        let (reading, columns, record) = (&self.reading, self.columns, self.record);
        if let Some(paid) = reading.number(columns.accrued_interest, "accrued_interest", record)?
            && !paid.is_zero()
        {
            made.detail_mut().accrued_interest = Some(paid.abs());
        }
        if !matches!(made.kind, Merger | SpinOff | Split | SymbolChange) {
            return Ok(());
        }
        let note = text(columns.note.of(record));
        let stated: BTreeMap<&str, &str> = note
            .split(';')
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.trim(), value.trim()))
            .collect();
        let value = |name: &'static str, place: Place<'_>| {
            let cell = place.of(record);
            if is_absent(cell) {
                stated.get(name).map(|text| (*text).to_owned())
            } else {
                Some(text(cell))
            }
        };
        let quantity = text(columns.quantity.of(record));
        let in_quantity = quantity.contains([':', '/']) || quantity.contains("-for-");
        let ratio = value("ratio", columns.ratio)
            .map(|text| ("ratio", text))
            .or(in_quantity.then_some(("quantity", quantity)));
        if let Some((column, text)) = ratio {
            let ratio: Ratio = text
                .parse()
                .map_err(|_| Bad::new(column, text.as_str(), "this is not a ratio such as 7:1"))?;
            made.detail_mut().ratio = Some(ratio);
        }
        for (name, place) in [
            ("basis_fraction", columns.basis_fraction),
            ("cash_in_lieu", columns.cash_in_lieu),
        ] {
            let Some(text) = value(name, place) else { continue };
            // Notes are written with a point, columns as the file writes numbers.
            let mark = if is_absent(place.of(record)) {
                b'.'
            } else {
                reading.decimal
            };
            let number = number::parse(text.as_bytes(), mark)
                .filter(|number| !number.is_sign_negative() || number.is_zero())
                .ok_or_else(|| Bad::new(name, text.as_str(), "this is not a number of zero or more"))?;
            match name {
                "basis_fraction" => made.detail_mut().basis_fraction = Some(number),
                _ => made.detail_mut().cash_in_lieu = Some(number),
            }
        }
        let Some(other) = value("other_symbol", columns.other_symbol) else {
            return match made.kind {
                SpinOff | SymbolChange => Err(Bad::new(
                    "other_symbol",
                    "",
                    format!("a {} needs the other symbol", made.kind),
                )),
                _ => Ok(()),
            };
        };
        if made.kind == SymbolChange {
            made.detail_mut().symbol = Some(other);
            return Ok(());
        }
        let Some(found) = reading.directory.instrument(&other, date) else {
            let (symbol, kind) = (other.clone(), InstrumentKind::Equity);
            outcome.unknown.insert(Unknown::Symbol {
                symbol,
                currency: made.currency,
                kind,
            });
            return Err(Bad::new(
                "other_symbol",
                other,
                format!("this symbol is unknown on {date}; {UNKNOWN_NAME}"),
            ));
        };
        made.detail_mut().other_instrument = Some(found.id);
        Ok(())
    }
}

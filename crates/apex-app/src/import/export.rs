//! Transactions as a file of canonical columns, which an import reads back to the same transactions.

use std::collections::BTreeMap;

use apex_domain::{Account, Decimal, Instrument, Portfolio, Transaction, TransactionId, TransactionKind};

use super::ImportError;

/// The columns that are written, the canonical fifteen first.
pub const COLUMNS: [&str; 23] = [
    "portfolio",
    "account",
    "date",
    "settle",
    "seq",
    "kind",
    "symbol",
    "quantity",
    "price",
    "currency",
    "fees",
    "taxes",
    "fx_rate",
    "external_id",
    "note",
    "gross",
    "ratio",
    "other_symbol",
    "basis_fraction",
    "cash_in_lieu",
    "accrued_interest",
    "lot",
    "opened",
];

/// Writes transactions as CSV. What was reversed, and the reversals, should be left out by the caller.
///
/// A minus before quantity or gross marks what a short position does, as the import reads it.
///
/// # Errors
/// When a transaction names an account or instrument that is not among those given.
pub fn transactions_csv<'t>(
    transactions: impl IntoIterator<Item = &'t Transaction>,
    portfolios: &[Portfolio],
    accounts: &[Account],
    instruments: &[Instrument],
) -> Result<String, ImportError> {
    let transactions: Vec<&Transaction> = transactions.into_iter().collect();
    let external: BTreeMap<TransactionId, &str> = transactions
        .iter()
        .filter_map(|one| Some((one.id, one.external_id.as_deref()?)))
        .collect();
    let opened_on: BTreeMap<TransactionId, jiff::civil::Date> =
        transactions.iter().map(|one| (one.id, one.trade_date)).collect();
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let failed = |err: csv::Error| ImportError::Read {
        reason: err.to_string(),
    };
    writer.write_record(COLUMNS).map_err(failed)?;
    for one in transactions {
        let unknown = |noun: &'static str, name: String| ImportError::Unnamed { noun, name };
        let account = accounts
            .iter()
            .find(|account| account.id == one.account)
            .ok_or_else(|| unknown("account", one.account.to_string()))?;
        let portfolio = portfolios
            .iter()
            .find(|portfolio| portfolio.id == one.portfolio)
            .ok_or_else(|| unknown("portfolio", one.portfolio.to_string()))?;
        let symbol = |id: Option<apex_domain::InstrumentId>| match id {
            None => Ok(String::new()),
            Some(id) => instruments
                .iter()
                .find(|instrument| instrument.id == id)
                .map(|instrument| {
                    instrument
                        .symbol_on(one.trade_date)
                        .unwrap_or(instrument.symbol())
                        .to_owned()
                })
                .ok_or_else(|| unknown("instrument", id.to_string())),
        };
        let detail = one.detail();
        let plain = |value: Decimal| {
            if value.is_zero() {
                String::new()
            } else {
                value.normalize().to_string()
            }
        };
        let optional = |value: Option<Decimal>| value.map(|value| value.normalize().to_string()).unwrap_or_default();
        let signed = |value: Decimal| if detail.short { -value } else { value };
        let lots = detail.lots.iter().map(|pick| {
            let name = external.get(&pick.opened_by).map(|name| (*name).to_owned());
            let name = name
                .or_else(|| opened_on.get(&pick.opened_by).map(|day| day.to_string()))
                .unwrap_or_default();
            format!("{name}:{}", pick.quantity.normalize())
        });
        let other = match one.kind {
            TransactionKind::SymbolChange => detail.symbol.clone().unwrap_or_default(),
            _ => symbol(detail.other_instrument)?,
        };
        let row = [
            portfolio.name.clone(),
            account.name.clone(),
            one.trade_date.to_string(),
            one.settle_date.to_string(),
            one.seq.to_string(),
            one.kind.to_string(),
            symbol(one.instrument)?,
            plain(signed(one.quantity)),
            plain(one.price),
            one.currency.to_string(),
            plain(one.fees),
            plain(one.taxes),
            optional(one.fx_rate),
            one.external_id.clone().unwrap_or_default(),
            one.note.clone(),
            optional(one.gross.map(signed)),
            detail.ratio.map(|ratio| ratio.to_string()).unwrap_or_default(),
            other,
            optional(detail.basis_fraction),
            optional(detail.cash_in_lieu),
            optional(detail.accrued_interest),
            lots.collect::<Vec<_>>().join("; "),
            detail.opened.map(|opened| opened.to_string()).unwrap_or_default(),
        ];
        writer.write_record(&row).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|err| ImportError::Read {
        reason: err.to_string(),
    })?;
    String::from_utf8(bytes).map_err(|err| ImportError::Read {
        reason: err.to_string(),
    })
}

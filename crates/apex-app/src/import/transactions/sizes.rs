//! Quantity, price, amounts and charges, with the meaning they have for the kind.

use apex_domain::{Decimal, Transaction};

use super::Row;
use crate::import::columns::Place;
use crate::import::row::{Bad, text};

/// How much a row says, before the kind decides what it means.
struct Sizes {
    quantity: Option<Decimal>,
    price: Option<Decimal>,
    gross: Option<Decimal>,
    amount: Option<Decimal>,
    fees: Decimal,
    taxes: Decimal,
}

impl Row<'_> {
    /// Reads quantity, price, amounts and charges, and gives them the meaning they have for the kind.
    pub(super) fn sizes(&self, made: &mut Transaction) -> Result<(), Bad> {
        use apex_domain::TransactionKind as Kind;

        let (reading, columns, record) = (&self.reading, self.columns, self.record);
        let ratio_in_quantity = made.detail().ratio.is_some() && made.kind == Kind::Split;
        let fees = reading.number(columns.fees, "fees", record)?.unwrap_or_default().abs()
            + reading
                .number(columns.commission, "commission", record)?
                .unwrap_or_default()
                .abs();
        let mut sizes = Sizes {
            quantity: if ratio_in_quantity {
                None
            } else {
                reading.number(columns.quantity, "quantity", record)?
            },
            price: reading.number(columns.price, "price", record)?,
            gross: reading.number(columns.gross, "gross", record)?,
            amount: reading.number(columns.amount, "amount", record)?,
            fees,
            taxes: reading
                .number(columns.taxes, "taxes", record)?
                .unwrap_or_default()
                .abs(),
        };
        if sizes.price.is_some_and(|price| price < Decimal::ZERO) {
            return Err(Bad::cell("price", columns.price.of(record), "a price is not negative"));
        }
        let negative = |value: Option<Decimal>| value.is_some_and(|value| value < Decimal::ZERO);
        let states_amount = made.kind.is_amount() || (made.instrument.is_none() && sizes.price.is_none());
        if sizes.quantity.is_none() && sizes.price.is_none() && sizes.gross.is_none() && states_amount {
            sizes.gross = sizes.amount;
        }
        let minus = negative(sizes.quantity) || negative(sizes.gross);
        match made.kind {
            // What a kind takes away is often written with a minus, which says nothing new.
            Kind::Sell
            | Kind::Short
            | Kind::Withdrawal
            | Kind::Fee
            | Kind::Tax
            | Kind::TransferOut
            | Kind::BondRedemption => {}
            // Exports write what short positions do with a minus, and the sale of the first currency of a pair.
            Kind::Dividend
            | Kind::BondCoupon
            | Kind::Interest
            | Kind::Accrual
            | Kind::Fx
            | Kind::OptionExercise
            | Kind::OptionExpiry
            | Kind::Merger
            | Kind::SpinOff
            | Kind::Split
            | Kind::TransferIn => {
                if minus {
                    made.detail_mut().short = true;
                }
            }
            Kind::Buy | Kind::Cover | Kind::Deposit | Kind::Mark | Kind::SymbolChange => {
                if minus {
                    let cell = columns.quantity.of(record);
                    return Err(Bad::cell(
                        "quantity",
                        cell,
                        "quantities are positive; the kind carries the sign",
                    ));
                }
            }
        }
        self.need(made, &sizes)?;
        let trade = matches!(made.kind, Kind::Buy | Kind::Sell | Kind::Short | Kind::Cover);
        if trade && sizes.price.is_none() && sizes.gross.is_none() {
            // A net amount holds the charges, which are stated beside it.
            let charges = sizes.fees + sizes.taxes;
            let net = sizes.amount.unwrap_or_default().abs();
            let pays = matches!(made.kind, Kind::Buy | Kind::Cover);
            sizes.gross = Some(if pays { net - charges } else { net + charges });
        }
        made.quantity = sizes.quantity.unwrap_or_default().abs();
        made.price = sizes.price.unwrap_or_default();
        made.gross = sizes.gross.map(|gross| gross.abs());
        (made.fees, made.taxes) = (sizes.fees, sizes.taxes);
        Ok(())
    }

    /// Names the cell that is missing.
    fn need(&self, made: &Transaction, sizes: &Sizes) -> Result<(), Bad> {
        use apex_domain::TransactionKind as Kind;

        let cell = |place: Place<'_>| text(place.of(self.record));
        let none = |value: Option<Decimal>| value.is_none_or(|value| value.is_zero());
        let kind = made.kind;
        let quantity = |reason: String| Err(Bad::new("quantity", cell(self.columns.quantity), reason));
        match kind {
            _ if kind.is_amount() && none(sizes.quantity) && none(sizes.price) && none(sizes.gross) => {
                return quantity(format!("a {kind} needs an amount, as quantity, as price or as both"));
            }
            Kind::Buy | Kind::Sell | Kind::Short | Kind::Cover | Kind::Fx => {
                if none(sizes.quantity) {
                    return quantity(format!("a {kind} needs a quantity above zero"));
                }
                if sizes.price.is_none() && sizes.gross.is_none() && (sizes.amount.is_none() || kind == Kind::Fx) {
                    return Err(Bad::new(
                        "price",
                        cell(self.columns.price),
                        format!("a {kind} needs a price"),
                    ));
                }
            }
            Kind::TransferIn | Kind::TransferOut | Kind::BondRedemption | Kind::OptionExercise
                if none(sizes.quantity) && none(sizes.gross) =>
            {
                return quantity(format!("a {kind} needs a quantity above zero"));
            }
            Kind::Split if made.detail().ratio.is_none() && none(sizes.quantity) => {
                return quantity("a split needs a ratio such as 7:1".to_owned());
            }
            Kind::Mark if sizes.price.is_none() && sizes.gross.is_none() => {
                return Err(Bad::new("price", cell(self.columns.price), "a mark needs a price"));
            }
            _ => {}
        }
        Ok(())
    }
}

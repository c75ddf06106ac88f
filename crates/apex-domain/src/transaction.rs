//! Transactions: the facts of which a book is the fold.
//!
//! A transaction is appended and never changed. A mistake is corrected by a second transaction that reverses the first
//! ([`Transaction::reverses`]) and, if need be, a third that says it right. Quantities and amounts are positive; the
//! kind carries the sign.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, InstrumentId, PortfolioId, TransactionId};
use crate::money::{Currency, round_money};
use crate::ratio::Ratio;

/// What happened.
///
/// The order of the kinds is the order within a day for equal sequence numbers: corporate actions take effect at the
/// opening, then money and shares come in, then openings, closings, income, charges, and what leaves.
///
/// ```
/// use apex_domain::TransactionKind;
///
/// assert_eq!("Spin-off".parse(), Ok(TransactionKind::SpinOff));
/// assert_eq!("coupon".parse(), Ok(TransactionKind::BondCoupon));
/// assert_eq!(TransactionKind::TransferIn.to_string(), "transfer_in");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionKind {
    /// The instrument goes by another symbol from now on; its id stays.
    SymbolChange,
    /// Each lot's quantity is multiplied by a ratio; cost stays.
    Split,
    /// Shares of another instrument are received and take over a fraction of the cost.
    SpinOff,
    /// Shares are exchanged for those of another instrument, for cash, or for both.
    Merger,
    /// Money comes in from outside.
    Deposit,
    /// Shares (with their cost) or money come in from another account.
    TransferIn,
    /// One currency is exchanged for another.
    Fx,
    /// Opens or adds to a long position.
    Buy,
    /// Opens or adds to a short position.
    Short,
    /// Closes a long position.
    Sell,
    /// Closes a short position.
    Cover,
    /// An option is exercised, or assigned when the position is short.
    OptionExercise,
    /// An option expires worthless.
    OptionExpiry,
    /// A bond pays back its face.
    BondRedemption,
    /// A company or fund pays out.
    Dividend,
    /// A bond pays a coupon.
    BondCoupon,
    /// Interest is received.
    Interest,
    /// Income is earned and not yet paid.
    Accrual,
    /// A charge is paid.
    Fee,
    /// A tax is paid.
    Tax,
    /// Shares (at their cost) or money go to another account.
    TransferOut,
    /// Money goes out.
    Withdrawal,
    /// A private asset is given a price.
    Mark,
}

impl TransactionKind {
    /// Every kind, in its order within a day.
    pub const ALL: [Self; 23] = [
        Self::SymbolChange,
        Self::Split,
        Self::SpinOff,
        Self::Merger,
        Self::Deposit,
        Self::TransferIn,
        Self::Fx,
        Self::Buy,
        Self::Short,
        Self::Sell,
        Self::Cover,
        Self::OptionExercise,
        Self::OptionExpiry,
        Self::BondRedemption,
        Self::Dividend,
        Self::BondCoupon,
        Self::Interest,
        Self::Accrual,
        Self::Fee,
        Self::Tax,
        Self::TransferOut,
        Self::Withdrawal,
        Self::Mark,
    ];

    /// Returns the name used in files and commands.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SymbolChange => "symbol_change",
            Self::Split => "split",
            Self::SpinOff => "spin_off",
            Self::Merger => "merger",
            Self::Deposit => "deposit",
            Self::TransferIn => "transfer_in",
            Self::Fx => "fx",
            Self::Buy => "buy",
            Self::Short => "short",
            Self::Sell => "sell",
            Self::Cover => "cover",
            Self::OptionExercise => "option_exercise",
            Self::OptionExpiry => "option_expiry",
            Self::BondRedemption => "bond_redemption",
            Self::Dividend => "dividend",
            Self::BondCoupon => "bond_coupon",
            Self::Interest => "interest",
            Self::Accrual => "accrual",
            Self::Fee => "fee",
            Self::Tax => "tax",
            Self::TransferOut => "transfer_out",
            Self::Withdrawal => "withdrawal",
            Self::Mark => "mark",
        }
    }

    /// Tells whether the transaction states an amount of money rather than a trade of an instrument.
    ///
    /// For these the amount is [`Transaction::amount`].
    pub const fn is_amount(self) -> bool {
        matches!(
            self,
            Self::Deposit
                | Self::Withdrawal
                | Self::Dividend
                | Self::BondCoupon
                | Self::Interest
                | Self::Accrual
                | Self::Fee
                | Self::Tax
        )
    }
}

/// The text is not a kind of transaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a kind of transaction")]
pub struct TransactionKindError {
    /// The text that was read.
    pub text: String,
}

impl fmt::Display for TransactionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for TransactionKind {
    type Err = TransactionKindError;

    fn from_str(text: &str) -> Result<Self, TransactionKindError> {
        let name = text.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        if let Some(kind) = Self::ALL.into_iter().find(|kind| kind.as_str() == name) {
            return Ok(kind);
        }
        let kind = match name.as_str() {
            "bought" | "purchase" | "buy_to_open" => Self::Buy,
            "sold" | "sale" | "sell_to_close" => Self::Sell,
            "sell_short" | "short_sell" | "sell_to_open" => Self::Short,
            "buy_to_cover" | "buy_to_close" => Self::Cover,
            "div" | "distribution" | "cash_dividend" => Self::Dividend,
            "fees" | "commission" | "charge" => Self::Fee,
            "taxes" | "withholding" | "withholding_tax" => Self::Tax,
            "contribution" | "cash_in" => Self::Deposit,
            "withdraw" | "cash_out" => Self::Withdrawal,
            "transfer" => Self::TransferIn,
            "forex" | "currency_exchange" => Self::Fx,
            "stock_split" => Self::Split,
            "spinoff" => Self::SpinOff,
            "ticker_change" | "rename" => Self::SymbolChange,
            "exercise" | "assignment" | "option_assignment" => Self::OptionExercise,
            "expiry" | "expiration" | "option_expiration" => Self::OptionExpiry,
            "coupon" => Self::BondCoupon,
            "redemption" | "maturity" => Self::BondRedemption,
            "accrued_interest" => Self::Accrual,
            "valuation" => Self::Mark,
            _ => return Err(TransactionKindError { text: text.to_owned() }),
        };
        Ok(kind)
    }
}

/// Where a transaction came from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Source {
    /// A person entered it.
    #[default]
    Manual,
    /// It was read from a file.
    File {
        /// The name of the file.
        name: String,
        /// The line, counted from 1.
        line: u32,
    },
    /// It belongs to the demo firm.
    Demo,
}

/// A lot that a closing trade names, by the transaction that opened it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LotPick {
    /// The transaction that opened the lot.
    pub opened_by: TransactionId,
    /// How much of it to close.
    pub quantity: Decimal,
}

/// What only some kinds need.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// New shares for old ones, of a split, spin-off or merger.
    pub ratio: Option<Ratio>,
    /// The instrument received in a spin-off or merger.
    pub other_instrument: Option<InstrumentId>,
    /// The fraction of the cost that the other instrument takes over, from 0 to 1.
    pub basis_fraction: Option<Decimal>,
    /// Money paid for the fraction of a share that a corporate action leaves.
    pub cash_in_lieu: Option<Decimal>,
    /// Accrued interest paid with a bond bought, or received with a bond sold.
    pub accrued_interest: Option<Decimal>,
    /// The lots to close, for accounts that choose them one by one.
    pub lots: Vec<LotPick>,
    /// The day a transferred lot was opened, where it is older than the transfer.
    pub opened: Option<Date>,
    /// Whether the event acts on a short position: amounts are paid and not received, an exercise is an assignment,
    /// and an exchange of currencies sells the first of the pair.
    pub short: bool,
    /// The new symbol, of a symbol change.
    pub symbol: Option<String>,
}

/// The details of a transaction that has none.
static NO_DETAIL: Detail = Detail {
    ratio: None,
    other_instrument: None,
    basis_fraction: None,
    cash_in_lieu: None,
    accrued_interest: None,
    lots: Vec::new(),
    opened: None,
    short: false,
    symbol: None,
};

/// One fact of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// The id, made by the client.
    pub id: TransactionId,
    /// The portfolio it belongs to.
    pub portfolio: PortfolioId,
    /// The account it belongs to.
    pub account: AccountId,
    /// The day it holds for.
    pub trade_date: Date,
    /// The day the money moves.
    pub settle_date: Date,
    /// The order within the day.
    pub seq: u32,
    /// What happened.
    pub kind: TransactionKind,
    /// The instrument, where the kind has one.
    pub instrument: Option<InstrumentId>,
    /// How much, never negative.
    pub quantity: Decimal,
    /// The price of one unit as quoted, 0 where there is none.
    pub price: Decimal,
    /// The amount before fees and taxes, where it is not quantity times price times multiplier.
    pub gross: Option<Decimal>,
    /// The currency of price, gross, fees and taxes.
    pub currency: Currency,
    /// Fees, in the same currency; never negative.
    pub fees: Decimal,
    /// Taxes, in the same currency; never negative.
    pub taxes: Decimal,
    /// Base currency for one unit of `currency` on the trade date; taken from the rates of that day when absent.
    pub fx_rate: Option<Decimal>,
    /// What only some kinds need; read it through [`Transaction::detail`].
    pub detail: Option<Box<Detail>>,
    /// The id the broker or custodian gave it.
    pub external_id: Option<String>,
    /// A remark.
    pub note: String,
    /// Where it came from.
    pub source: Source,
    /// The transaction that this one takes back.
    pub reverses: Option<TransactionId>,
    /// When it became known.
    pub known_at: Timestamp,
}

impl Transaction {
    /// Makes a transaction that settles on its trade date, with neither quantity, price nor charges.
    pub fn new(
        id: TransactionId,
        account: &crate::portfolio::Account,
        trade_date: Date,
        kind: TransactionKind,
        currency: Currency,
        known_at: Timestamp,
    ) -> Self {
        Self {
            id,
            portfolio: account.portfolio,
            account: account.id,
            trade_date,
            settle_date: trade_date,
            seq: 0,
            kind,
            instrument: None,
            quantity: Decimal::ZERO,
            price: Decimal::ZERO,
            gross: None,
            currency,
            fees: Decimal::ZERO,
            taxes: Decimal::ZERO,
            fx_rate: None,
            detail: None,
            external_id: None,
            note: String::new(),
            source: Source::Manual,
            reverses: None,
            known_at,
        }
    }

    /// Makes the transaction that takes this one back: same content, another id, known later.
    pub fn reversal(&self, id: TransactionId, known_at: Timestamp, note: &str) -> Self {
        Self {
            id,
            external_id: None,
            note: note.to_owned(),
            source: Source::Manual,
            reverses: Some(self.id),
            known_at,
            ..self.clone()
        }
    }

    /// Returns the details, empty where there are none.
    pub fn detail(&self) -> &Detail {
        self.detail.as_deref().unwrap_or(&NO_DETAIL)
    }

    /// Returns the details to write to.
    pub fn detail_mut(&mut self) -> &mut Detail {
        self.detail.get_or_insert_default()
    }

    /// Returns the amount of money that an amount kind states (see [`TransactionKind::is_amount`]).
    ///
    /// It is `gross` when given, else quantity times price, where a missing (zero) price counts as one, and so does a
    /// missing quantity beside a price. A multiplier never applies.
    pub fn amount(&self) -> Decimal {
        match self.gross {
            Some(gross) => gross,
            None if self.price.is_zero() => self.quantity,
            None if self.quantity.is_zero() => self.price,
            None => round_money(self.quantity * self.price),
        }
    }

    /// Returns the value of a trade before fees and taxes: `gross` when given, else quantity times price times
    /// multiplier, to eight decimals.
    pub fn trade_value(&self, multiplier: Decimal) -> Decimal {
        self.gross.unwrap_or_else(|| {
            let value = self.quantity * self.price;
            if multiplier == Decimal::ONE {
                value
            } else {
                value * multiplier
            }
        })
    }

    /// Returns the ratio of a split, spin-off or merger: the stated one, or, for a split, quantity to price as whole
    /// numbers (`split 7` is 7:1, `split 3 @ 2` is 3:2), for files that have no column for it.
    pub fn ratio(&self) -> Option<Ratio> {
        let stated = self.detail().ratio;
        if stated.is_some() || self.kind != TransactionKind::Split {
            return stated;
        }
        let whole = |value: Decimal| value.fract().is_zero().then(|| u32::try_from(value).ok()).flatten();
        Ratio::new(
            whole(self.quantity)?,
            if self.price.is_zero() { 1 } else { whole(self.price)? },
        )
    }

    /// Orders two transactions of a book: by trade date, then sequence, kind, external id and content.
    ///
    /// The order never depends on which one arrived first; the ids break the tie between true doubles, where it makes
    /// no difference to any amount.
    pub fn cmp_in_book(&self, other: &Self) -> Ordering {
        self.trade_date
            .cmp(&other.trade_date)
            .then_with(|| self.seq.cmp(&other.seq))
            .then_with(|| self.kind.cmp(&other.kind))
            .then_with(|| self.external_id.cmp(&other.external_id))
            .then_with(|| self.settle_date.cmp(&other.settle_date))
            .then_with(|| self.currency.cmp(&other.currency))
            .then_with(|| self.quantity.cmp(&other.quantity))
            .then_with(|| self.price.cmp(&other.price))
            .then_with(|| self.gross.cmp(&other.gross))
            .then_with(|| self.fees.cmp(&other.fees))
            .then_with(|| self.taxes.cmp(&other.taxes))
            .then_with(|| self.fx_rate.cmp(&other.fx_rate))
            .then_with(|| self.note.cmp(&other.note))
            .then_with(|| self.detail().cmp(other.detail()))
            .then_with(|| self.id.cmp(&other.id))
    }

    /// Returns the text that makes two records of one fact equal.
    ///
    /// With an external id it is the account and that id, so a file read twice adds nothing and two identical fills
    /// with different ids both stay. Without one it is the account and the content; `occurrence` then counts equal
    /// rows of one file from 0, so that true doubles in one file stay and the same file read again adds nothing.
    ///
    /// ```
    /// use apex_domain::*;
    ///
    /// let account = Account {
    ///     id: AccountId::from_bytes([1; 16]),
    ///     portfolio: PortfolioId::from_bytes([2; 16]),
    ///     name: "Main".into(),
    ///     lot_method: LotMethod::Fifo,
    /// };
    /// let id = TransactionId::from_bytes([3; 16]);
    /// let day = Date::constant(2026, 1, 5);
    /// let mut fill = Transaction::new(id, &account, day, TransactionKind::Deposit, Currency::USD, Timestamp::UNIX_EPOCH);
    /// fill.external_id = Some("F1".into());
    /// assert_eq!(fill.idempotency_key(0), fill.idempotency_key(1));
    /// fill.external_id = None;
    /// assert_ne!(fill.idempotency_key(0), fill.idempotency_key(1));
    /// ```
    pub fn idempotency_key(&self, occurrence: u32) -> String {
        if let Some(reversed) = self.reverses {
            return format!("reverses|{reversed}");
        }
        match &self.external_id {
            Some(external_id) => format!("external|{}|{external_id}", self.account),
            None => {
                let instrument = self.instrument.map(|id| id.to_string()).unwrap_or_default();
                let other = self
                    .detail()
                    .other_instrument
                    .map(|id| id.to_string())
                    .unwrap_or_default();
                let row = self.canonical_row("", &self.account.to_string(), &instrument, &other);
                format!("content|{row}|{occurrence}")
            }
        }
    }

    /// Returns the content as one line of text, with the names that the caller knows, for hashes and comparisons.
    ///
    /// Decimals lose their trailing zeros. Ids, source and the instant it became known are left out, so that the same
    /// facts give the same text in every book. The lots that a trade names are told by quantity only. The layout is a
    /// contract: `ledger_hash` is built on it.
    pub fn canonical_row(&self, portfolio: &str, account: &str, symbol: &str, other_symbol: &str) -> String {
        use fmt::Write;

        let mut row = String::with_capacity(160);
        let plain = |value: Decimal| value.normalize();
        let optional = |value: Option<Decimal>| value.map(|value| value.normalize().to_string()).unwrap_or_default();
        let detail = self.detail();
        // Writing to a string cannot fail.
        let _ = write!(
            row,
            "{portfolio}\u{1f}{account}\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{symbol}\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{}",
            self.trade_date,
            self.settle_date,
            self.seq,
            self.kind,
            plain(self.quantity),
            plain(self.price),
            optional(self.gross),
            self.currency,
        );
        let _ = write!(
            row,
            "\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{}",
            plain(self.fees),
            plain(self.taxes),
            optional(self.fx_rate),
            self.external_id.as_deref().unwrap_or_default(),
            self.note,
        );
        let _ = write!(
            row,
            "\u{1f}{}\u{1f}{other_symbol}\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{}",
            detail.ratio.map(|ratio| ratio.to_string()).unwrap_or_default(),
            optional(detail.basis_fraction),
            optional(detail.cash_in_lieu),
            optional(detail.accrued_interest),
            detail.opened.map(|opened| opened.to_string()).unwrap_or_default(),
            if detail.short { "short" } else { "" },
            detail.symbol.as_deref().unwrap_or_default(),
        );
        for pick in &detail.lots {
            let _ = write!(row, "\u{1f}{}", plain(pick.quantity));
        }
        if self.reverses.is_some() {
            row.push_str("\u{1f}reversal");
        }
        row
    }
}

//! Currencies, money and quantities: decimals that know what they measure.
//!
//! Nothing here converts between currencies; that needs a rate and a day, see [`crate::prices`].

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// Decimal places to which the ledger rounds what a division or a conversion leaves.
///
/// Amounts that were entered are kept as they are. What is split (the cost of a third of a lot) or converted (a cost in
/// base currency) is rounded to eight places, half to even, and the last part receives the remainder, so that the parts
/// always add up to the whole.
pub const MONEY_SCALE: u32 = 8;

/// Rounds an amount to [`MONEY_SCALE`] places, half to even.
///
/// ```
/// use apex_domain::{Decimal, money::round_money};
///
/// assert_eq!(round_money(Decimal::ONE / Decimal::from(3)).to_string(), "0.33333333");
/// ```
pub fn round_money(amount: Decimal) -> Decimal {
    if amount.scale() <= MONEY_SCALE {
        amount
    } else {
        amount.round_dp_with_strategy(MONEY_SCALE, RoundingStrategy::MidpointNearestEven)
    }
}

/// Returns an amount at a rate, rounded as money.
pub(crate) fn converted(amount: Decimal, rate: Decimal) -> Decimal {
    if rate == Decimal::ONE {
        amount
    } else {
        round_money(amount * rate)
    }
}

/// The text is not a currency code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a currency code of three letters")]
pub struct CurrencyError {
    /// The text that was read.
    pub text: String,
}

/// A currency by its code of three letters, as in ISO 4217.
///
/// ```
/// use apex_domain::Currency;
///
/// let currency: Currency = "usd".parse()?;
/// assert_eq!(currency.to_string(), "USD");
/// assert!("US$".parse::<Currency>().is_err());
/// # Ok::<(), apex_domain::CurrencyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// The codes of ISO 4217 in force in 2026, those withdrawn since 1999 that old ledgers still name, and `CNH`, by which
/// markets call the yuan outside of China. In alphabetical order.
const LISTED: [&[u8; 3]; 205] = [
    b"AED", b"AFN", b"ALL", b"AMD", b"ANG", b"AOA", b"ARS", b"ATS", b"AUD", b"AWG", b"AZN", b"BAM", b"BBD", b"BDT",
    b"BEF", b"BGN", b"BHD", b"BIF", b"BMD", b"BND", b"BOB", b"BOV", b"BRL", b"BSD", b"BTN", b"BWP", b"BYN", b"BYR",
    b"BZD", b"CAD", b"CDF", b"CHE", b"CHF", b"CHW", b"CLF", b"CLP", b"CNH", b"CNY", b"COP", b"COU", b"CRC", b"CUC",
    b"CUP", b"CVE", b"CYP", b"CZK", b"DEM", b"DJF", b"DKK", b"DOP", b"DZD", b"EEK", b"EGP", b"ERN", b"ESP", b"ETB",
    b"EUR", b"FIM", b"FJD", b"FKP", b"FRF", b"GBP", b"GEL", b"GHC", b"GHS", b"GIP", b"GMD", b"GNF", b"GRD", b"GTQ",
    b"GYD", b"HKD", b"HNL", b"HRK", b"HTG", b"HUF", b"IDR", b"IEP", b"ILS", b"INR", b"IQD", b"IRR", b"ISK", b"ITL",
    b"JMD", b"JOD", b"JPY", b"KES", b"KGS", b"KHR", b"KMF", b"KPW", b"KRW", b"KWD", b"KYD", b"KZT", b"LAK", b"LBP",
    b"LKR", b"LRD", b"LSL", b"LTL", b"LUF", b"LVL", b"LYD", b"MAD", b"MDL", b"MGA", b"MKD", b"MMK", b"MNT", b"MOP",
    b"MRO", b"MRU", b"MTL", b"MUR", b"MVR", b"MWK", b"MXN", b"MXV", b"MYR", b"MZN", b"NAD", b"NGN", b"NIO", b"NLG",
    b"NOK", b"NPR", b"NZD", b"OMR", b"PAB", b"PEN", b"PGK", b"PHP", b"PKR", b"PLN", b"PTE", b"PYG", b"QAR", b"ROL",
    b"RON", b"RSD", b"RUB", b"RWF", b"SAR", b"SBD", b"SCR", b"SDG", b"SEK", b"SGD", b"SHP", b"SIT", b"SKK", b"SLE",
    b"SLL", b"SOS", b"SRD", b"SSP", b"STD", b"STN", b"SVC", b"SYP", b"SZL", b"THB", b"TJS", b"TMT", b"TND", b"TOP",
    b"TRL", b"TRY", b"TTD", b"TWD", b"TZS", b"UAH", b"UGX", b"USD", b"USN", b"UYI", b"UYU", b"UYW", b"UZS", b"VED",
    b"VEF", b"VES", b"VND", b"VUV", b"WST", b"XAF", b"XAG", b"XAU", b"XCD", b"XCG", b"XDR", b"XOF", b"XPD", b"XPF",
    b"XPT", b"XSU", b"XUA", b"YER", b"ZAR", b"ZMK", b"ZMW", b"ZWG", b"ZWL",
];

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");
    /// The pound sterling.
    pub const GBP: Self = Self(*b"GBP");
    /// The Japanese yen.
    pub const JPY: Self = Self(*b"JPY");
    /// The Swiss franc.
    pub const CHF: Self = Self(*b"CHF");
    /// The dollar of the United States.
    pub const USD: Self = Self(*b"USD");

    /// Reads a code of three ASCII letters; lower case is raised.
    ///
    /// # Errors
    /// When the text is not three ASCII letters.
    pub fn parse(text: &str) -> Result<Self, CurrencyError> {
        match text.trim().as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|byte| byte.is_ascii_alphabetic()) => Ok(Self([
                a.to_ascii_uppercase(),
                b.to_ascii_uppercase(),
                c.to_ascii_uppercase(),
            ])),
            _ => Err(CurrencyError { text: text.to_owned() }),
        }
    }

    /// Tells whether there is or was such a currency, so that a typing error is found. What a book holds already is read
    /// without asking.
    ///
    /// ```
    /// use apex_domain::Currency;
    ///
    /// let listed = |code| Currency::parse(code).is_ok_and(|one| one.is_listed());
    /// assert!(listed("EUR") && listed("dem") && listed("ZWG") && listed("AED"));
    /// assert!(!listed("ZZZ") && !listed("QQQ") && !listed("DUS"));
    /// ```
    pub fn is_listed(&self) -> bool {
        LISTED.binary_search(&&self.0).is_ok()
    }

    /// Returns the code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a currency holds three ASCII letters")
    }

    /// Returns the number of decimals of the minor unit: 2 for most, 0 for the yen and its like, 3 for the dinars.
    ///
    /// ```
    /// use apex_domain::Currency;
    ///
    /// assert_eq!((Currency::USD.decimals(), Currency::JPY.decimals()), (2, 0));
    /// ```
    pub fn decimals(&self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
            | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(text: &str) -> Result<Self, CurrencyError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Currency {
    type Error = CurrencyError;

    fn try_from(text: String) -> Result<Self, CurrencyError> {
        Self::parse(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

/// Two amounts of different currencies met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot combine {left} with {right}")]
pub struct CurrencyMismatch {
    /// The currency on the left.
    pub left: Currency,
    /// The currency on the right.
    pub right: Currency,
}

/// An amount of one currency.
///
/// ```
/// use apex_domain::{Currency, Decimal, Money};
///
/// let paid = Money::new(Decimal::new(1050, 2), Currency::USD);
/// let fee = Money::new(Decimal::new(5, 2), Currency::USD);
/// assert_eq!(paid.checked_add(fee)?.to_string(), "10.55 USD");
/// assert!(paid.checked_add(Money::zero(Currency::EUR)).is_err());
/// # Ok::<(), apex_domain::CurrencyMismatch>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// The amount, in units of the currency.
    pub amount: Decimal,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// Makes an amount of a currency.
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Returns nothing of a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self {
            amount: Decimal::ZERO,
            currency,
        }
    }

    /// Adds an amount of the same currency.
    ///
    /// # Errors
    /// When the currencies differ.
    pub fn checked_add(self, other: Self) -> Result<Self, CurrencyMismatch> {
        self.same(other)
            .map(|()| Self::new(self.amount + other.amount, self.currency))
    }

    /// Subtracts an amount of the same currency.
    ///
    /// # Errors
    /// When the currencies differ.
    pub fn checked_sub(self, other: Self) -> Result<Self, CurrencyMismatch> {
        self.same(other)
            .map(|()| Self::new(self.amount - other.amount, self.currency))
    }

    fn same(self, other: Self) -> Result<(), CurrencyMismatch> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(CurrencyMismatch {
                left: self.currency,
                right: other.currency,
            })
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

/// A number of shares, contracts or units of face; negative for a short position.
///
/// ```
/// use apex_domain::{Decimal, Quantity};
///
/// let held = Quantity::new(Decimal::from(-5));
/// assert!(held.is_short());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(pub Decimal);

impl Quantity {
    /// Nothing held.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Wraps a decimal.
    pub const fn new(value: Decimal) -> Self {
        Self(value)
    }

    /// Tells whether more was sold than bought.
    pub fn is_short(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.normalize(), f)
    }
}

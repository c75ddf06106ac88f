//! What a stream says as it happens: trades, quotes and bars of a second or a minute.

use apex_domain::{Decimal, Timestamp};
use serde::{Deserialize, Serialize};

use super::Bar;

/// One message of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tick {
    /// Shares changed hands.
    Trade(Trade),
    /// The best bid and offer changed.
    Quote(Quote),
    /// A second or minute ended.
    Aggregate(Aggregate),
}

impl Tick {
    /// Returns the provider's symbol.
    pub fn symbol(&self) -> &str {
        match self {
            Self::Trade(trade) => &trade.symbol,
            Self::Quote(quote) => &quote.symbol,
            Self::Aggregate(aggregate) => &aggregate.bar.symbol,
        }
    }

    /// Returns the instant it holds for.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Trade(trade) => trade.at,
            Self::Quote(quote) => quote.at,
            Self::Aggregate(aggregate) => aggregate.until,
        }
    }
}

/// One trade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trade {
    /// The provider's symbol.
    pub symbol: String,
    /// When it happened, by the tape's clock.
    pub at: Timestamp,
    /// Price per share.
    pub price: Decimal,
    /// Shares.
    pub size: Decimal,
    /// The provider's number of the exchange.
    pub exchange: Option<u32>,
    /// The provider's id, unique for symbol, exchange and day.
    pub id: Option<String>,
    /// The provider's condition codes; some trades must not move the last price.
    pub conditions: Vec<u32>,
    /// Rises with every trade of the symbol.
    pub sequence: Option<u64>,
}

/// Polygon's numbers of the conditions under which a trade sets no price: `updates_open_close` is false in its
/// `/v3/reference/conditions`. Form T (12), a trade outside regular hours, is not among them, as it is all that trades then;
/// Polygon takes the prices of its early and late minutes from it too.
const NOT_LAST: [u32; 13] = [
    2,  // Average price trade
    7,  // Cash sale
    13, // Extended hours, sold out of sequence
    15, // Market center official close
    16, // Market center official open
    20, // Next day
    21, // Price variation trade
    22, // Prior reference price
    29, // Seller
    32, // Sold, out of sequence
    37, // Odd lot trade
    52, // Contingent trade
    53, // Qualified contingent trade
];

impl Trade {
    /// Returns whether its price is the market's last price, by its conditions.
    pub fn sets_last(&self) -> bool {
        !self.conditions.iter().any(|condition| NOT_LAST.contains(condition))
    }
}

/// The best bid and offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The provider's symbol.
    pub symbol: String,
    /// When it held, by the tape's clock.
    pub at: Timestamp,
    /// What buyers offer per share.
    pub bid: Option<Decimal>,
    /// How much they want: round lots or shares, as the provider counts.
    pub bid_size: Option<Decimal>,
    /// What sellers ask per share.
    pub ask: Option<Decimal>,
    /// How much they have: round lots or shares, as the provider counts.
    pub ask_size: Option<Decimal>,
    /// Rises with every quote of the symbol.
    pub sequence: Option<u64>,
}

/// A second or minute that has ended. One without eligible trades is not sent at all: a gap is no error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aggregate {
    /// The bar, as traded.
    pub bar: Bar,
    /// When its window ended.
    pub until: Timestamp,
    /// Shares traded so far today.
    pub day_volume: Option<Decimal>,
    /// Today's official opening price.
    pub day_open: Option<Decimal>,
}

//! Which column of a file feeds which canonical column: aliases of well-known exports, and mappings a person made.

use std::collections::BTreeMap;

use apex_wire::import::{ColumnMapping, Format, ImportKind, TargetColumn};
use serde::{Deserialize, Serialize};

use super::ImportError;

/// A canonical column: its name, whether a row needs it, and the headings that mean it, letters and digits only.
struct Canonical {
    name: &'static str,
    required: bool,
    aliases: &'static [&'static str],
}

const fn column(name: &'static str, required: bool, aliases: &'static [&'static str]) -> Canonical {
    Canonical {
        name,
        required,
        aliases,
    }
}

const TRANSACTIONS: &[Canonical] = &[
    column(
        "portfolio",
        false,
        &["portfolio", "portfolioname", "fund", "mandate", "book"],
    ),
    column(
        "account",
        false,
        &[
            "account",
            "accountname",
            "accountnumber",
            "accountid",
            "clientaccountid",
            "acct",
            "konto",
            "kontonummer",
            "depot",
            "depotnummer",
            "subaccount",
        ],
    ),
    column(
        "date",
        true,
        &[
            "date",
            "tradedate",
            "transactiondate",
            "activitydate",
            "rundate",
            "datetime",
            "executiondate",
            "executedat",
            "filledtime",
            "datum",
            "handelstag",
            "handelsdatum",
            "buchungstag",
            "buchungsdatum",
            "ausführung",
            "time",
            "timestamp",
            "processdate",
        ],
    ),
    column(
        "settle",
        false,
        &[
            "settle",
            "settlement",
            "settledate",
            "settlementdate",
            "settledatetarget",
            "datesettled",
            "valuta",
            "valutadatum",
            "wertstellung",
            "valuedate",
            "paydate",
        ],
    ),
    column("seq", false, &["seq", "sequence", "order", "sequencenumber"]),
    column(
        "kind",
        true,
        &[
            "kind",
            "type",
            "action",
            "transactiontype",
            "transcode",
            "transactioncode",
            "activity",
            "activitytype",
            "side",
            "buysell",
            "direction",
            "typ",
            "art",
            "vorgang",
            "umsatzart",
            "transaction",
            "transaktion",
        ],
    ),
    column(
        "symbol",
        false,
        &[
            "symbol",
            "ticker",
            "tickersymbol",
            "instrument",
            "security",
            "securitysymbol",
            "asset",
            "isin",
            "wertpapier",
            "cusip",
            "product",
        ],
    ),
    column(
        "quantity",
        false,
        &[
            "quantity",
            "qty",
            "shares",
            "units",
            "noofshares",
            "numberofshares",
            "filledqty",
            "filled",
            "volume",
            "nominal",
            "nominale",
            "stück",
            "stueck",
            "anzahl",
            "menge",
            "contracts",
            "facevalue",
        ],
    ),
    column(
        "price",
        false,
        &[
            "price",
            "tradeprice",
            "tprice",
            "unitprice",
            "pricepershare",
            "priceshare",
            "shareprice",
            "executionprice",
            "avgprice",
            "averageprice",
            "fillprice",
            "kurs",
            "preis",
            "ausführungskurs",
            "rate",
        ],
    ),
    column(
        "currency",
        false,
        &[
            "currency",
            "ccy",
            "currencycode",
            "currencyprimary",
            "währung",
            "waehrung",
            "tradecurrency",
        ],
    ),
    column(
        "fees",
        false,
        &[
            "fees",
            "fee",
            "feescomm",
            "feescommissions",
            "commfee",
            "charges",
            "transactionfee",
            "transactionfees",
            "gebühr",
            "gebühren",
            "gebuehren",
            "spesen",
        ],
    ),
    column(
        "commission",
        false,
        &["commission", "commissions", "ibcommission", "brokerage", "provision"],
    ),
    column(
        "taxes",
        false,
        &[
            "taxes",
            "tax",
            "withholding",
            "withholdingtax",
            "taxwithheld",
            "stampduty",
            "steuer",
            "steuern",
            "quellensteuer",
        ],
    ),
    column(
        "fx_rate",
        false,
        &[
            "fxrate",
            "exchangerate",
            "fxratetobase",
            "conversionrate",
            "wechselkurs",
            "devisenkurs",
        ],
    ),
    column(
        "external_id",
        false,
        &[
            "externalid",
            "id",
            "tradeid",
            "transactionid",
            "transactionnumber",
            "executionid",
            "execid",
            "orderid",
            "ordernumber",
            "reference",
            "referencenumber",
            "ref",
            "confirmation",
            "activityid",
            "auftragsnummer",
            "referenz",
        ],
    ),
    column(
        "note",
        false,
        &[
            "note",
            "notes",
            "memo",
            "comment",
            "comments",
            "description",
            "details",
            "bemerkung",
            "notiz",
            "buchungstext",
            "verwendungszweck",
            "beschreibung",
        ],
    ),
    column(
        "gross",
        false,
        &[
            "gross",
            "grossamount",
            "principal",
            "principalamount",
            "tradevalue",
            "kurswert",
            "bruttobetrag",
        ],
    ),
    column(
        "amount",
        false,
        &[
            "amount",
            "netamount",
            "netcash",
            "total",
            "totalamount",
            "value",
            "betrag",
            "nettobetrag",
            "gesamtbetrag",
        ],
    ),
    column("ratio", false, &["ratio", "splitratio"]),
    column(
        "other_symbol",
        false,
        &["othersymbol", "newsymbol", "into", "targetsymbol"],
    ),
    column(
        "basis_fraction",
        false,
        &["basisfraction", "costfraction", "costbasisallocation"],
    ),
    column("cash_in_lieu", false, &["cashinlieu", "cashinlieuoffractions"]),
    column(
        "accrued_interest",
        false,
        &["accruedinterest", "accrued", "stückzinsen", "stueckzinsen"],
    ),
    column("lot", false, &["lot", "lots", "lotid", "taxlot", "closinglot"]),
    column(
        "opened",
        false,
        &[
            "opened",
            "opendate",
            "acquired",
            "acquisitiondate",
            "dateacquired",
            "purchasedate",
        ],
    ),
];

const PRICES: &[Canonical] = &[
    column(
        "symbol",
        false,
        &["symbol", "ticker", "instrument", "security", "asset", "isin"],
    ),
    column(
        "date",
        true,
        &["date", "day", "tradedate", "datum", "time", "timestamp"],
    ),
    column("open", false, &["open", "eröffnung", "erster"]),
    column("high", false, &["high", "hoch"]),
    column("low", false, &["low", "tief"]),
    column(
        "close",
        true,
        &[
            "close",
            "price",
            "last",
            "closeprice",
            "closelast",
            "nav",
            "schlusskurs",
            "kurs",
            "schluss",
        ],
    ),
    column("volume", false, &["volume", "vol", "volumen", "stücke"]),
];

const FX: &[Canonical] = &[
    column("date", true, &["date", "day", "datum", "time", "timestamp"]),
    column("from", false, &["from", "base", "basecurrency", "fromcurrency", "von"]),
    column("to", false, &["to", "quote", "quotecurrency", "tocurrency", "nach"]),
    column("pair", false, &["pair", "symbol", "currencypair", "währungspaar"]),
    column(
        "rate",
        true,
        &["rate", "price", "close", "mid", "fxrate", "exchangerate", "kurs"],
    ),
];

const POSITIONS: &[Canonical] = &[
    column(
        "portfolio",
        false,
        &["portfolio", "portfolioname", "fund", "mandate", "book"],
    ),
    column(
        "account",
        false,
        &["account", "accountname", "accountnumber", "accountid", "konto", "depot"],
    ),
    column(
        "date",
        true,
        &[
            "date",
            "asof",
            "asofdate",
            "positiondate",
            "reportdate",
            "datum",
            "stichtag",
        ],
    ),
    column(
        "symbol",
        true,
        &[
            "symbol",
            "ticker",
            "instrument",
            "security",
            "isin",
            "wertpapier",
            "asset",
            "cusip",
        ],
    ),
    column(
        "quantity",
        true,
        &[
            "quantity", "qty", "shares", "units", "position", "nominal", "stück", "stueck", "anzahl",
        ],
    ),
    column(
        "price",
        false,
        &[
            "price",
            "unitcost",
            "averagecost",
            "averageprice",
            "avgprice",
            "avgcost",
            "costprice",
            "costbasisprice",
            "einstandskurs",
            "costpershare",
        ],
    ),
    column(
        "cost",
        false,
        &[
            "cost",
            "costbasis",
            "totalcost",
            "costbasistotal",
            "bookcost",
            "bookvalue",
            "einstandswert",
        ],
    ),
    column(
        "currency",
        false,
        &[
            "currency",
            "ccy",
            "currencycode",
            "currencyprimary",
            "währung",
            "waehrung",
        ],
    ),
    column("fx_rate", false, &["fxrate", "exchangerate", "wechselkurs"]),
    column(
        "opened",
        false,
        &[
            "opened",
            "opendate",
            "acquired",
            "acquisitiondate",
            "dateacquired",
            "purchasedate",
        ],
    ),
    column("external_id", false, &["externalid", "id", "reference", "ref"]),
    column(
        "note",
        false,
        &["note", "notes", "memo", "comment", "description", "name", "bemerkung"],
    ),
];

fn canonical(kind: ImportKind) -> &'static [Canonical] {
    match kind {
        ImportKind::Transactions => TRANSACTIONS,
        ImportKind::Prices => PRICES,
        ImportKind::Fx => FX,
        ImportKind::Positions => POSITIONS,
    }
}

/// Returns the canonical columns of a kind of file, required ones first.
pub fn targets(kind: ImportKind) -> Vec<TargetColumn> {
    let all = canonical(kind).iter();
    let mut targets: Vec<TargetColumn> = all
        .map(|one| TargetColumn {
            name: one.name.to_owned(),
            required: one.required,
        })
        .collect();
    targets.sort_by_key(|target| !target.required);
    targets
}

/// How a file of one source is read: a document of the book, and the content of the file given to `--map`.
///
/// Its TOML is a contract: keys are added, never renamed.
///
/// ```toml
/// kind = "transactions"
///
/// [format]
/// encoding = "windows-1252"
/// delimiter = ";"
/// decimal = ","
/// date = "DD.MM.YYYY"
///
/// [columns]              # canonical column = heading in the file
/// quantity = "Stück"
///
/// [fixed]                # canonical column = value of every row
/// currency = "EUR"
///
/// [kinds]                # word in the file = kind
/// Kauf = "buy"
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// What the file holds.
    pub kind: ImportKind,
    /// How it is read; detected where absent.
    #[serde(default)]
    pub format: Format,
    /// Headings by canonical column.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// Values of every row by canonical column.
    #[serde(default)]
    pub fixed: BTreeMap<String, String>,
    /// Kinds by the words of the file, beyond those that are known anyway.
    #[serde(default)]
    pub kinds: BTreeMap<String, String>,
}

impl Template {
    /// Keeps how a file was read.
    pub fn new(kind: ImportKind, format: Format, mapping: &[ColumnMapping]) -> Self {
        let used = mapping.iter().filter(|one| !one.target.is_empty());
        let (fixed, columns): (Vec<_>, Vec<_>) = used.partition(|one| one.fixed.is_some());
        Self {
            kind,
            format,
            columns: columns
                .into_iter()
                .map(|one| (one.target.clone(), one.source.clone()))
                .collect(),
            fixed: fixed
                .into_iter()
                .map(|one| (one.target.clone(), one.fixed.clone().unwrap_or_default()))
                .collect(),
            kinds: BTreeMap::new(),
        }
    }

    /// Reads the file given to `--map`.
    ///
    /// # Errors
    /// When it is not TOML of this form, or names a column that the kind does not have.
    pub fn from_toml(text: &str) -> Result<Self, ImportError> {
        let template: Self = toml::from_str(text).map_err(|err| ImportError::Template {
            reason: err.message().to_owned(),
        })?;
        for name in template.columns.keys().chain(template.fixed.keys()) {
            known(template.kind, name)?;
        }
        Ok(template)
    }

    /// Returns the text of a file for `--map`.
    ///
    /// # Errors
    /// Never for templates that were read or made here.
    pub fn to_toml(&self) -> Result<String, ImportError> {
        toml::to_string(self).map_err(|err| ImportError::Template {
            reason: err.to_string(),
        })
    }

    /// Tells whether a file has every heading the template names.
    pub fn fits(&self, kind: ImportKind, headings: &[String]) -> bool {
        self.kind == kind && !self.columns.is_empty() && self.columns.values().all(|heading| headings.contains(heading))
    }

    /// Returns the mapping of a file's headings.
    ///
    /// # Errors
    /// When the file lacks a heading that the template names.
    pub fn mapping(&self, headings: &[String]) -> Result<Vec<ColumnMapping>, ImportError> {
        let missing = self.columns.values().find(|heading| !headings.contains(heading));
        if let Some(heading) = missing {
            return Err(ImportError::NoHeading {
                heading: heading.clone(),
                headings: headings.join(", "),
            });
        }
        let target = |heading: &String| {
            self.columns
                .iter()
                .find(|(_, source)| *source == heading)
                .map(|(name, _)| name)
        };
        let mut mapping: Vec<ColumnMapping> = headings
            .iter()
            .map(|heading| ColumnMapping {
                source: heading.clone(),
                target: target(heading).cloned().unwrap_or_default(),
                fixed: None,
            })
            .collect();
        mapping.extend(self.fixed.iter().map(|(name, value)| ColumnMapping {
            source: String::new(),
            target: name.clone(),
            fixed: Some(value.clone()),
        }));
        Ok(mapping)
    }
}

fn known(kind: ImportKind, name: &str) -> Result<(), ImportError> {
    let all = canonical(kind);
    if all.iter().any(|one| one.name == name) {
        return Ok(());
    }
    let names: Vec<&str> = all.iter().map(|one| one.name).collect();
    Err(ImportError::UnknownColumn {
        column: name.to_owned(),
        columns: names.join(", "),
    })
}

/// Guesses the mapping of headings by their names. Each canonical column is fed once, by the heading that names it best.
pub fn guess(kind: ImportKind, headings: &[String]) -> Vec<ColumnMapping> {
    let plain: Vec<String> = headings.iter().map(|heading| letters(heading)).collect();
    let mut mapping: Vec<ColumnMapping> = headings
        .iter()
        .map(|heading| ColumnMapping {
            source: heading.clone(),
            target: String::new(),
            fixed: None,
        })
        .collect();
    for one in canonical(kind) {
        // Aliases are listed best first, so that a `Trade Date` wins over a `Process Date`.
        let found = one.aliases.iter().find_map(|alias| {
            plain
                .iter()
                .position(|heading| heading == alias)
                .filter(|at| mapping[*at].target.is_empty())
        });
        let name = letters(one.name);
        let exact = plain
            .iter()
            .position(|heading| *heading == name)
            .filter(|at| mapping[*at].target.is_empty());
        if let Some(at) = exact.or(found) {
            mapping[at].target = one.name.to_owned();
        }
    }
    mapping
}

/// Says how many headings of a line are known, to find the line of headings.
pub(crate) fn recognized(kind: ImportKind, headings: &[String]) -> usize {
    guess(kind, headings)
        .iter()
        .filter(|one| !one.target.is_empty())
        .count()
}

fn letters(heading: &str) -> String {
    // What stands in brackets is a unit: `Price ($)`, `Amount (USD)`.
    let named = heading
        .split(['(', '['])
        .next()
        .filter(|named| !named.trim().is_empty())
        .unwrap_or(heading);
    named
        .chars()
        .filter(|sign| sign.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Where the cells of canonical columns come from, ready for reading rows.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    cells: BTreeMap<&'static str, Feed>,
    headings: Vec<String>,
}

/// What feeds a canonical column.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Feed {
    Cell(usize),
    Fixed(Vec<u8>),
}

/// A canonical column found in a file, cheap to copy into a reader's loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'l> {
    feed: Option<&'l Feed>,
}

impl<'l> Place<'l> {
    /// Returns the trimmed cell of a row; empty where the column is not fed.
    pub(crate) fn of<'r>(self, record: &'r csv::ByteRecord) -> &'r [u8]
    where
        'l: 'r,
    {
        match self.feed {
            Some(Feed::Cell(at)) => record.get(*at).unwrap_or_default().trim_ascii(),
            Some(Feed::Fixed(value)) => value,
            None => b"",
        }
    }

    /// Tells whether the column is fed at all.
    pub(crate) fn is_fed(self) -> bool {
        self.feed.is_some()
    }
}

impl Layout {
    /// Checks a mapping against the columns of a kind and the headings of a file.
    pub(crate) fn new(kind: ImportKind, headings: &[String], mapping: &[ColumnMapping]) -> Result<Self, ImportError> {
        let mut cells = BTreeMap::new();
        for one in mapping.iter().filter(|one| !one.target.is_empty()) {
            known(kind, &one.target)?;
            let Some(canonical) = canonical(kind).iter().find(|known| known.name == one.target) else {
                continue;
            };
            let feed = match &one.fixed {
                Some(value) => Feed::Fixed(value.trim().as_bytes().to_vec()),
                None => {
                    let at = headings.iter().position(|heading| *heading == one.source);
                    Feed::Cell(at.ok_or_else(|| ImportError::NoHeading {
                        heading: one.source.clone(),
                        headings: headings.join(", "),
                    })?)
                }
            };
            if cells.insert(canonical.name, feed).is_some() {
                return Err(ImportError::FedTwice {
                    column: one.target.clone(),
                });
            }
        }
        Ok(Self {
            cells,
            headings: headings.to_vec(),
        })
    }

    /// Returns where a canonical column comes from.
    pub(crate) fn place(&self, name: &str) -> Place<'_> {
        Place {
            feed: self.cells.get(name),
        }
    }

    /// Returns the heading of a canonical column as the file writes it, or its own name.
    pub(crate) fn heading<'a>(&'a self, name: &'a str) -> &'a str {
        match self.cells.get(name) {
            Some(Feed::Cell(at)) => self.headings.get(*at).map_or(name, String::as_str),
            _ => name,
        }
    }

    /// Returns the required columns that nothing feeds.
    pub(crate) fn missing(&self, kind: ImportKind) -> Vec<&'static str> {
        let required = canonical(kind)
            .iter()
            .filter(|one| one.required && !self.cells.contains_key(one.name));
        required.map(|one| one.name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(kind: ImportKind, headings: &[&str]) -> String {
        let headings: Vec<String> = headings.iter().map(|one| (*one).to_owned()).collect();
        let targets: Vec<String> = guess(kind, &headings).into_iter().map(|one| one.target).collect();
        targets.join(",")
    }

    #[test]
    fn well_known_exports_are_recognized() {
        for (headings, expected) in [
            // Interactive Brokers, Flex query of trades.
            (
                &[
                    "ClientAccountID",
                    "CurrencyPrimary",
                    "Symbol",
                    "TradeDate",
                    "SettleDateTarget",
                    "Buy/Sell",
                    "Quantity",
                    "TradePrice",
                    "IBCommission",
                    "Taxes",
                    "TradeID",
                    "FXRateToBase",
                ][..],
                "account,currency,symbol,date,settle,kind,quantity,price,commission,taxes,external_id,fx_rate",
            ),
            // Charles Schwab.
            (
                &[
                    "Date",
                    "Action",
                    "Symbol",
                    "Description",
                    "Quantity",
                    "Price",
                    "Fees & Comm",
                    "Amount",
                ][..],
                "date,kind,symbol,note,quantity,price,fees,amount",
            ),
            // Fidelity.
            (
                &[
                    "Run Date",
                    "Account",
                    "Action",
                    "Symbol",
                    "Description",
                    "Quantity",
                    "Price ($)",
                    "Commission ($)",
                    "Fees ($)",
                    "Amount ($)",
                    "Settlement Date",
                ][..],
                "date,account,kind,symbol,note,quantity,price,commission,fees,amount,settle",
            ),
            // Robinhood.
            (
                &[
                    "Activity Date",
                    "Process Date",
                    "Settle Date",
                    "Instrument",
                    "Description",
                    "Trans Code",
                    "Quantity",
                    "Price",
                    "Amount",
                ][..],
                "date,,settle,symbol,note,kind,quantity,price,amount",
            ),
            // A German bank.
            (
                &[
                    "Buchungstag",
                    "Valuta",
                    "Umsatzart",
                    "ISIN",
                    "Stück",
                    "Kurs",
                    "Währung",
                    "Provision",
                    "Betrag",
                ][..],
                "date,settle,kind,symbol,quantity,price,currency,commission,amount",
            ),
        ] {
            assert_eq!(guessed(ImportKind::Transactions, headings), expected);
        }
        assert_eq!(
            guessed(
                ImportKind::Prices,
                &["Date", "Open", "High", "Low", "Close", "Adj Close", "Volume"]
            ),
            "date,open,high,low,close,,volume"
        );
    }

    #[test]
    fn a_template_survives_its_file_and_names_what_it_does_not_know() {
        let text = "kind = \"transactions\"\n[format]\ndecimal = \",\"\n[columns]\nquantity = \"Stück\"\n[fixed]\n\
                    currency = \"EUR\"\n[kinds]\nKauf = \"buy\"\n";
        let template = Template::from_toml(text).unwrap();
        assert_eq!(Template::from_toml(&template.to_toml().unwrap()).unwrap(), template);
        let headings = ["Tag".to_owned(), "Stück".to_owned()];
        assert!(template.fits(ImportKind::Transactions, &headings));
        let mapping = template.mapping(&headings).unwrap();
        assert_eq!(
            mapping.iter().map(|one| one.target.as_str()).collect::<Vec<_>>(),
            ["", "quantity", "currency"]
        );
        let err = Template::from_toml("kind = \"fx\"\n[columns]\nquantity = \"x\"\n").unwrap_err();
        assert_eq!(
            err.to_string(),
            "there is no column quantity; columns are date, from, to, pair, rate"
        );
    }
}

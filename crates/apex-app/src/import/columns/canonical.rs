//! The canonical columns of each kind of file, and the headings of well-known exports that mean them.

use apex_wire::import::{ImportKind, TargetColumn};

use crate::import::ImportError;

/// A canonical column.
pub(super) struct Canonical {
    pub(super) name: &'static str,
    /// Whether a row needs it.
    pub(super) required: bool,
    /// The headings that mean it, letters and digits only, the best first.
    aliases: &'static str,
}

impl Canonical {
    /// Returns the headings that mean it, the best first.
    pub(super) fn aliases(&self) -> impl Iterator<Item = &'static str> {
        self.aliases.split_ascii_whitespace()
    }
}

const fn required(name: &'static str, aliases: &'static str) -> Canonical {
    Canonical {
        name,
        required: true,
        aliases,
    }
}

const fn optional(name: &'static str, aliases: &'static str) -> Canonical {
    Canonical {
        name,
        required: false,
        aliases,
    }
}

const TRANSACTIONS: &[Canonical] = &[
    optional("portfolio", "portfolio portfolioname fund mandate book"),
    optional(
        "account",
        "account accountname accountnumber accountid clientaccountid acct konto kontonummer depot \
         depotnummer subaccount",
    ),
    required(
        "date",
        "date tradedate transactiondate activitydate rundate datetime executiondate executedat filledtime \
         datum handelstag handelsdatum buchungstag buchungsdatum ausführung time timestamp processdate",
    ),
    optional(
        "settle",
        "settle settlement settledate settlementdate settledatetarget datesettled valuta valutadatum \
         wertstellung valuedate paydate",
    ),
    optional("seq", "seq sequence order sequencenumber"),
    required(
        "kind",
        "kind type action transactiontype transcode transactioncode activity activitytype side buysell \
         direction typ art vorgang umsatzart transaction transaktion",
    ),
    optional(
        "symbol",
        "symbol ticker tickersymbol instrument security securitysymbol asset isin wertpapier cusip product",
    ),
    optional(
        "quantity",
        "quantity qty shares units noofshares numberofshares filledqty filled volume nominal nominale stück \
         stueck anzahl menge contracts facevalue",
    ),
    optional(
        "price",
        "price tradeprice tprice unitprice pricepershare priceshare shareprice executionprice avgprice \
         averageprice fillprice kurs preis ausführungskurs rate",
    ),
    optional(
        "currency",
        "currency ccy currencycode currencyprimary währung waehrung tradecurrency",
    ),
    optional(
        "fees",
        "fees fee feescomm feescommissions commfee charges transactionfee transactionfees gebühr gebühren \
         gebuehren spesen",
    ),
    optional("commission", "commission commissions ibcommission brokerage provision"),
    optional(
        "taxes",
        "taxes tax withholding withholdingtax taxwithheld stampduty steuer steuern quellensteuer",
    ),
    optional(
        "fx_rate",
        "fxrate exchangerate fxratetobase conversionrate wechselkurs devisenkurs",
    ),
    optional(
        "external_id",
        "externalid id tradeid transactionid transactionnumber executionid execid orderid ordernumber \
         reference referencenumber ref confirmation activityid auftragsnummer referenz",
    ),
    optional(
        "note",
        "note notes memo comment comments description details bemerkung notiz buchungstext verwendungszweck \
         beschreibung",
    ),
    optional(
        "gross",
        "gross grossamount principal principalamount tradevalue kurswert bruttobetrag",
    ),
    optional(
        "amount",
        "amount netamount netcash total totalamount value betrag nettobetrag gesamtbetrag",
    ),
    optional("ratio", "ratio splitratio"),
    optional("other_symbol", "othersymbol newsymbol into targetsymbol"),
    optional("basis_fraction", "basisfraction costfraction costbasisallocation"),
    optional("cash_in_lieu", "cashinlieu cashinlieuoffractions"),
    optional("accrued_interest", "accruedinterest accrued stückzinsen stueckzinsen"),
    optional("lot", "lot lots lotid taxlot closinglot"),
    optional(
        "opened",
        "opened opendate acquired acquisitiondate dateacquired purchasedate",
    ),
];

const PRICES: &[Canonical] = &[
    optional("symbol", "symbol ticker instrument security asset isin"),
    required("date", "date day tradedate datum time timestamp"),
    optional("open", "open eröffnung erster"),
    optional("high", "high hoch"),
    optional("low", "low tief"),
    required(
        "close",
        "close price last closeprice closelast nav schlusskurs kurs schluss",
    ),
    optional("volume", "volume vol volumen stücke"),
];

const FX: &[Canonical] = &[
    required("date", "date day datum time timestamp"),
    optional("from", "from base basecurrency fromcurrency von"),
    optional("to", "to quote quotecurrency tocurrency nach"),
    optional("pair", "pair symbol currencypair währungspaar"),
    required("rate", "rate price close mid fxrate exchangerate kurs"),
];

const POSITIONS: &[Canonical] = &[
    optional("portfolio", "portfolio portfolioname fund mandate book"),
    optional("account", "account accountname accountnumber accountid konto depot"),
    required("date", "date asof asofdate positiondate reportdate datum stichtag"),
    required(
        "symbol",
        "symbol ticker instrument security isin wertpapier asset cusip",
    ),
    required(
        "quantity",
        "quantity qty shares units position nominal stück stueck anzahl",
    ),
    optional(
        "price",
        "price unitcost averagecost averageprice avgprice avgcost costprice costbasisprice einstandskurs \
         costpershare",
    ),
    optional(
        "cost",
        "cost costbasis totalcost costbasistotal bookcost bookvalue einstandswert",
    ),
    optional("currency", "currency ccy currencycode currencyprimary währung waehrung"),
    optional("fx_rate", "fxrate exchangerate wechselkurs"),
    optional(
        "opened",
        "opened opendate acquired acquisitiondate dateacquired purchasedate",
    ),
    optional("external_id", "externalid id reference ref"),
    optional("note", "note notes memo comment description name bemerkung"),
];

pub(super) fn canonical(kind: ImportKind) -> &'static [Canonical] {
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

/// Refuses a name that no column of the kind has.
pub(crate) fn known(kind: ImportKind, name: &str) -> Result<(), ImportError> {
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

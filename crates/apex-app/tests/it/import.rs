//! Files into rows: what is found out about a file, what is added, and what is refused with which words.

use apex_app::demo::{DEFAULT_SEED, demo_firm};
use apex_app::import::{Directory, HELP, Plan, Request, Rows, Template, Watch, plan, targets, transactions_csv};
use apex_domain::{
    Account, AccountId, Currency, Instrument, InstrumentId, InstrumentKind, LotMethod, Portfolio, PortfolioId, Terms,
    Timestamp, Transaction, TransactionKind,
};
use apex_wire::import::{Format, ImportKind};
use expect_test::{Expect, expect};

const HOME: PortfolioId = PortfolioId::from_bytes([1; 16]);

fn names() -> (Vec<Portfolio>, Vec<Account>, Vec<Instrument>) {
    let portfolio = Portfolio {
        id: HOME,
        name: "Core".to_owned(),
        currency: Currency::EUR,
        benchmark: None,
    };
    let account = |id, name: &str| Account {
        id: AccountId::from_bytes([id; 16]),
        portfolio: HOME,
        name: name.to_owned(),
        lot_method: LotMethod::Specific,
    };
    let mut pair = Instrument::new(
        InstrumentId::from_bytes([8; 16]),
        InstrumentKind::CurrencyPair,
        "EUR/USD",
        Currency::USD,
    );
    pair.terms = Terms::CurrencyPair {
        base: Currency::EUR,
        quote: Currency::USD,
    };
    let share = |id, symbol| {
        Instrument::new(
            InstrumentId::from_bytes([id; 16]),
            InstrumentKind::Equity,
            symbol,
            Currency::USD,
        )
    };
    let mut apple = share(5, "AAPL");
    apple.isin = "US0378331005".parse().ok();
    (
        vec![portfolio],
        vec![account(2, "Main"), account(3, "Second")],
        vec![apple, share(6, "NEW"), pair],
    )
}

fn directory() -> Directory {
    let (portfolios, accounts, instruments) = names();
    Directory::new(portfolios, accounts, instruments, None)
}

struct File<'a> {
    kind: ImportKind,
    name: &'a str,
    format: Format,
    template: Option<Template>,
    create: bool,
}

impl File<'_> {
    fn read(&self, bytes: &[u8]) -> Plan {
        let request = Request {
            kind: self.kind,
            name: self.name,
            bytes,
            format: &self.format,
            mapping: None,
            template: self.template.as_ref(),
            create: self.create,
            now: Timestamp::constant(1_774_900_000, 0),
            seed: [7; 32],
        };
        plan(&request, &directory(), &Watch::nothing()).expect("a plan")
    }
}

const TRANSACTIONS: File<'_> = File {
    kind: ImportKind::Transactions,
    name: "trades.csv",
    format: Format {
        encoding: None,
        delimiter: None,
        decimal: None,
        date: None,
    },
    template: None,
    create: false,
};

fn shown(plan: &Plan) -> String {
    let format = &plan.format;
    let mut text = format!(
        "{} {:?} decimal {} date {}: {} rows, {} good\n",
        format.encoding.as_deref().unwrap_or("-"),
        format.delimiter.unwrap_or(' '),
        format.decimal.unwrap_or(' '),
        format.date.as_deref().unwrap_or("open"),
        plan.rows,
        plan.found.len()
    );
    let (_, _, instruments) = names();
    let symbol = |id: Option<InstrumentId>| {
        let known = instruments
            .iter()
            .chain(&plan.created.instruments)
            .find(|one| Some(one.id) == id);
        known.map(|one| one.symbol().to_owned()).unwrap_or_default()
    };
    match &plan.found {
        Rows::Transactions(rows) => {
            for one in rows {
                let row = one.canonical_row("", "", &symbol(one.instrument), &symbol(one.detail().other_instrument));
                let cells: Vec<&str> = row.split('\u{1f}').skip(2).collect();
                text += cells.join(" ").trim_end();
                text += "\n";
            }
        }
        Rows::Prices(rows) => {
            for one in rows {
                text += &format!(
                    "{} {} {} {:?}\n",
                    symbol(Some(one.instrument)),
                    one.date,
                    one.close,
                    one.volume
                );
            }
        }
        Rows::Rates(rows) => {
            for one in rows {
                text += &format!("{}/{} {} {}\n", one.from, one.to, one.date, one.rate);
            }
        }
    }
    for bad in &plan.rejected {
        text += &format!("line {} {} `{}`: {}\n", bad.line, bad.column, bad.value, bad.reason);
    }
    for created in plan.created.sentences() {
        text += &format!("creates {created}\n");
    }
    text
}

fn check(file: &File<'_>, content: &str, expected: Expect) {
    expected.assert_eq(&shown(&file.read(content.as_bytes())));
}

#[test]
fn canonical_rows_become_transactions() {
    check(
        &TRANSACTIONS,
        "portfolio,account,date,settle,seq,kind,symbol,quantity,price,currency,fees,taxes,fx_rate,external_id,note\n\
         Core,Main,2026-01-05,2026-01-07,1,buy,AAPL,10,90.50,USD,1.20,,0.9,F1,first\n\
         Core,Main,2026-01-05,,2,deposit,,1000,,EUR,,,1,,\n\
         Core,Main,2026-01-06,,,fx,EURUSD,-500,1.1,,,,,F2,\n\
         Core,Main,2026-01-07,,,dividend,us0378331005,10,0.25,USD,,0.38,,,\n\
         Core,Main,2026-01-08,,,split,AAPL,7:1,,,,,,,\n\
         Core,Main,2026-01-09,,,spin-off,AAPL,,,,,,,,other_symbol=NEW; basis_fraction=0.125; ratio=1:4\n",
        expect![[r#"
            utf-8 ',' decimal . date YYYY-MM-DD: 6 rows, 6 good
            2026-01-05 2026-01-07 1 buy AAPL 10 90.5  USD 1.2 0 0.9 F1 first
            2026-01-05 2026-01-05 2 deposit  1000 0  EUR 0 0
            2026-01-06 2026-01-06 0 fx EUR/USD 500 1.1  USD 0 0  F2        short
            2026-01-07 2026-01-07 0 dividend AAPL 10 0.25  USD 0 0.38
            2026-01-08 2026-01-08 0 split AAPL 0 0  USD 0 0    7:1
            2026-01-09 2026-01-09 0 spin_off AAPL 0 0  USD 0 0   other_symbol=NEW; basis_fraction=0.125; ratio=1:4 1:4 NEW 0.125
        "#]],
    );
}

#[test]
fn a_german_export_is_understood() {
    let text = "Konto;Buchungstag;Umsatzart;ISIN;Stück;Kurs;Währung;Gebühren\r\n\
                Main;13.01.2026;Kauf;US0378331005;1.000;90,5;USD;1,20\r\n\
                Main;14.01.2026;Verkauf;US0378331005;-500;1.091,25;USD;-1,20\r\n";
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    expect![[r#"
        windows-1252 ';' decimal , date DD.MM.YYYY: 2 rows, 2 good
        2026-01-13 2026-01-13 0 buy AAPL 1000 90.5  USD 1.2 0
        2026-01-14 2026-01-14 0 sell AAPL 500 1091.25  USD 1.2 0
    "#]]
    .assert_eq(&shown(&TRANSACTIONS.read(&bytes)));
}

#[test]
fn every_bad_line_is_listed_with_its_column_and_why() {
    check(
        &TRANSACTIONS,
        "Account,Trade Date,Action,Symbol,Qty,Price,Ccy,Trade ID\n\
         Main,2026-01-05,buy,AAPL,10,90,USD,F1\n\
         Main,2026-02-30,buy,AAPL,10,90,USD,F2\n\
         Main,2026-01-05,bye,AAPL,10,90,USD,F3\n\
         Main,2026-01-05,buy,MSFT,10,90,USD,F4\n\
         Main,2026-01-05,buy,AAPL,ten,90,USD,F5\n\
         Main,2026-01-05,buy,AAPL,-10,90,USD,F6\n\
         Main,2026-01-05,buy,AAPL,10,,USD,F7\n\
         Main,2026-01-05,sell,AAPL,,90,USD,F8\n\
         Other,2026-01-05,buy,AAPL,10,90,US$,F9\n\
         Other,2026-01-05,buy,AAPL,10,90,USD,F9\n\
         ,2026-01-05,buy,AAPL,10,90,USD,F10\n\
         Main,,buy,AAPL,10,90,USD,F11\n\
         Main,2026-01-06,buy,AAPL,10,91,USD,F1\n",
        expect![[r#"
            utf-8 ',' decimal . date YYYY-MM-DD: 13 rows, 1 good
            2026-01-05 2026-01-05 0 buy AAPL 10 90  USD 0 0  F1
            line 3 Trade Date `2026-02-30`: this is not a date written YYYY-MM-DD
            line 4 Action `bye`: this is not a kind; kinds are buy, sell, dividend, deposit and so on, and a map file of `apex import --map` can name yours
            line 5 Symbol `MSFT`: this symbol is unknown on 2026-01-05; add it first, or let the import create it
            line 6 Qty `ten`: this is not a number with a point as decimal mark
            line 7 Qty `-10`: quantities are positive; the kind carries the sign
            line 8 Price ``: a buy needs a price
            line 9 Qty ``: a sell needs a quantity above zero
            line 10 Ccy `US$`: this is not a currency code of ISO 4217, such as EUR
            line 11 Account `Other`: this account is unknown in Core; add it first, or let the import create it
            line 12 Account ``: the row names no account and Core has several
            line 13 Trade Date ``: the row has no date
            line 14 Trade ID `F1`: line 2 has this external id for something else
        "#]],
    );
}

#[test]
fn dates_that_could_be_either_are_asked_about() {
    let content = "account,date,kind,quantity,currency\nMain,01/02/2026,deposit,5,EUR\nMain,03/04/2026,deposit,5,EUR\n";
    check(
        &TRANSACTIONS,
        content,
        expect![[r#"
            utf-8 ',' decimal . date open: 2 rows, 0 good
            line 2 date `01/02/2026`: every date of the file could be day first or month first; choose the date format
        "#]],
    );
    let chosen = File {
        format: Format {
            date: Some("MM/DD/YYYY".to_owned()),
            ..Format::default()
        },
        ..TRANSACTIONS
    };
    check(
        &chosen,
        content,
        expect![[r#"
            utf-8 ',' decimal . date MM/DD/YYYY: 2 rows, 2 good
            2026-01-02 2026-01-02 0 deposit  5 0  EUR 0 0
            2026-03-04 2026-03-04 0 deposit  5 0  EUR 0 0
        "#]],
    );
}

#[test]
fn unknown_names_are_created_when_asked() {
    let create = File {
        create: true,
        ..TRANSACTIONS
    };
    check(
        &create,
        "portfolio,account,date,kind,symbol,quantity,price,currency\n\
         Fresh,A,2026-01-05,buy,MSFT,10,90,USD\n\
         Fresh,A,2026-01-05,fx,CHFUSD,10,1.1,USD\n\
         Core,B,2026-01-05,buy,msft,1,90,USD\n\
         Core,Main,2026-01-05,coupon,BOND,1,90,USD\n",
        expect![[r#"
            utf-8 ',' decimal . date YYYY-MM-DD: 4 rows, 3 good
            2026-01-05 2026-01-05 0 buy MSFT 10 90  USD 0 0
            2026-01-05 2026-01-05 0 fx CHF/USD 10 1.1  USD 0 0
            2026-01-05 2026-01-05 0 buy MSFT 1 90  USD 0 0
            line 5 symbol `BOND`: this symbol is unknown; add the instrument with its terms first
            creates portfolio Fresh in USD
            creates account B, first in, first out
            creates account A, first in, first out
            creates currency_pair CHF/USD in USD
            creates equity MSFT in USD
        "#]],
    );
}

#[test]
fn lots_are_named_by_external_id_or_opening_day() {
    let plan = TRANSACTIONS.read(
        b"account,date,kind,symbol,quantity,price,external_id,lot\n\
          Main,2026-01-05,buy,AAPL,10,90,F1,\n\
          Main,2026-01-06,buy,AAPL,10,91,,\n\
          Main,2026-02-05,sell,AAPL,12,95,F3,F1:4; 2026-01-06\n\
          Main,2026-02-06,sell,AAPL,1,95,F4,F9\n",
    );
    let Rows::Transactions(rows) = &plan.found else {
        panic!("transactions were asked for")
    };
    let picks: Vec<_> = rows[2]
        .detail()
        .lots
        .iter()
        .map(|pick| (pick.opened_by, pick.quantity.to_string()))
        .collect();
    assert_eq!(picks, [(rows[0].id, "4".to_owned()), (rows[1].id, "8".to_owned())]);
    assert_eq!(plan.rejected.len(), 1);
    assert_eq!(
        plan.rejected[0].reason,
        "no transaction of this account has this external id or opening day"
    );
}

#[test]
fn a_template_reads_what_no_alias_knows() {
    let template = Template::from_toml(
        "kind = \"transactions\"\n[format]\ndecimal = \",\"\n[columns]\ndate = \"Wann\"\nquantity = \"Wieviel\"\n\
         kind = \"Was\"\n[fixed]\naccount = \"Main\"\ncurrency = \"EUR\"\n[kinds]\nRein = \"deposit\"\n",
    )
    .unwrap();
    let file = File {
        template: Some(template),
        ..TRANSACTIONS
    };
    check(
        &file,
        "Bank X\nWann;Was;Wieviel\n2026-01-05;Rein;1.234,50\n",
        expect![[r#"
            utf-8 ';' decimal , date YYYY-MM-DD: 1 rows, 1 good
            2026-01-05 2026-01-05 0 deposit  1234.5 0  EUR 0 0
        "#]],
    );
}

#[test]
fn a_missing_column_is_named_once() {
    check(
        &TRANSACTIONS,
        "account,quantity,price\nMain,1,2\nMain,1,2\n",
        expect![[r#"
            utf-8 ',' decimal . date open: 2 rows, 0 good
            line 1 date ``: no column of the file feeds this one; map one to it
            line 1 kind ``: no column of the file feeds this one; map one to it
        "#]],
    );
}

#[test]
fn prices_are_read_long_and_wide() {
    let prices = File {
        kind: ImportKind::Prices,
        name: "prices.csv",
        ..TRANSACTIONS
    };
    check(
        &prices,
        "symbol,date,open,high,low,close,volume\nAAPL,2026-01-05,1,3,1,2.5,100\nAAPL,2026-01-06,1,1,3,2,\n\
         AAPL,2026-01-07,,,,0,\n",
        expect![[r#"
            utf-8 ',' decimal . date YYYY-MM-DD: 3 rows, 1 good
            AAPL 2026-01-05 2.5 Some(100)
            line 3 high `1`: the high is below the low of 3
            line 4 close `0`: this is not above zero
        "#]],
    );
    check(
        &prices,
        "Day,AAPL,NEW,ZZZ\n1/5/2026,10.5,,1\n1/15/2026,x,7,1\n",
        expect![[r#"
            utf-8 ',' decimal . date MM/DD/YYYY: 2 rows, 2 good
            AAPL 2026-01-05 10.5 None
            NEW 2026-01-15 7 None
            line 2 ZZZ `ZZZ`: this symbol is unknown on 2026-01-05; add it first, or let the import create it
            line 3 AAPL `x`: this is not a number above zero
            line 3 ZZZ `ZZZ`: this symbol is unknown on 2026-01-15; add it first, or let the import create it
        "#]],
    );
    let one = File {
        name: "AAPL.csv",
        ..prices
    };
    check(
        &one,
        "Date,Open,High,Low,Close,Adj Close,Volume\n2026-01-05,1,3,1,2.5,2,100\n",
        expect![[r#"
            utf-8 ',' decimal . date YYYY-MM-DD: 1 rows, 1 good
            AAPL 2026-01-05 2.5 Some(100)
        "#]],
    );
}

#[test]
fn rates_are_read_long_and_wide() {
    let fx = File {
        kind: ImportKind::Fx,
        name: "fx.csv",
        ..TRANSACTIONS
    };
    check(
        &fx,
        "date,from,to,rate\n2026-01-05,EUR,USD,1.1\n2026-01-05,EUR,EUR,1\n2026-01-05,EUR,CHF,-1\n",
        expect![[r#"
            utf-8 ',' decimal . date YYYY-MM-DD: 3 rows, 1 good
            EUR/USD 2026-01-05 1.1
            line 3 to `EUR`: a currency has no rate to itself
            line 4 rate `-1`: this is not above zero
        "#]],
    );
    check(
        &fx,
        "date,EURUSD,CHF/USD,what\n2026-01-05,1.1,1.08,3\n",
        expect![[r#"
            utf-8 ',' decimal . date YYYY-MM-DD: 1 rows, 2 good
            EUR/USD 2026-01-05 1.1
            CHF/USD 2026-01-05 1.08
            line 2 what `what`: this heading is not a pair of currencies such as EURUSD
        "#]],
    );
}

#[test]
fn one_day_has_one_price_and_one_rate() {
    let prices = File {
        kind: ImportKind::Prices,
        name: "prices.csv",
        ..TRANSACTIONS
    };
    check(
        &prices,
        "symbol,date,close,volume\nAAPL,2026-01-06,100,\nAAPL,2026-01-06,125,\nAAPL,2026-01-06,100.0,\n\
         AAPL,2026-01-06,100,7\n",
        expect![[r#"
            utf-8 ',' decimal . date YYYY-MM-DD: 4 rows, 2 good
            AAPL 2026-01-06 100 None
            AAPL 2026-01-06 100.0 None
            line 3 close `125`: line 2 says 100 for this day
            line 5 close `100`: line 2 says something else beside 100 for this day
        "#]],
    );
    check(
        &prices,
        "Day,AAPL,NEW\n2026-01-06,100,1\n2026-01-06,125,1\n",
        expect![[r#"
            utf-8 ',' decimal . date YYYY-MM-DD: 2 rows, 3 good
            AAPL 2026-01-06 100 None
            NEW 2026-01-06 1 None
            NEW 2026-01-06 1 None
            line 3 AAPL `125`: line 2 says 100 for this day
        "#]],
    );
    let fx = File {
        kind: ImportKind::Fx,
        name: "fx.csv",
        ..TRANSACTIONS
    };
    check(
        &fx,
        "date,from,to,rate\n2026-01-05,EUR,USD,1.1\n2026-01-05,EUR,USD,1.2\n",
        expect![[r#"
            utf-8 ',' decimal . date YYYY-MM-DD: 2 rows, 1 good
            EUR/USD 2026-01-05 1.1
            line 3 rate `1.2`: line 2 says 1.1 for this day
        "#]],
    );
}

#[test]
fn dates_and_currencies_that_cannot_be_meant_are_refused() {
    check(
        &TRANSACTIONS,
        "account,date,kind,quantity,currency\nMain,0001-01-01,deposit,1,USD\nMain,9999-12-31,deposit,1,USD\n\
         Main,2026-01-05,deposit,1,ZZZ\n",
        expect![[r#"
            utf-8 ',' decimal . date YYYY-MM-DD: 3 rows, 0 good
            line 2 date `0001-01-01`: dates run from 1800-01-01 to 2027-03-30, a year from now; check the year
            line 3 date `9999-12-31`: dates run from 1800-01-01 to 2027-03-30, a year from now; check the year
            line 4 currency `ZZZ`: this is not a currency code of ISO 4217, such as EUR
        "#]],
    );
}

#[test]
fn positions_become_transfers_at_cost() {
    let positions = File {
        kind: ImportKind::Positions,
        name: "positions.csv",
        ..TRANSACTIONS
    };
    check(
        &positions,
        "Account,As of,Symbol,Quantity,Cost basis,Currency,Acquired\nMain,2026-01-05,AAPL,10,900,USD,2020-03-02\n\
         Main,2026-01-05,AAPL,-5,400,USD,\nMain,2026-01-05,USD,250.10,,,\nMain,2026-01-05,NEW,5,,USD,\n",
        expect![[r#"
            utf-8 ',' decimal . date YYYY-MM-DD: 4 rows, 3 good
            2026-01-05 2026-01-05 0 transfer_in AAPL 10 0 900 USD 0 0         2020-03-02
            2026-01-05 2026-01-05 0 transfer_in AAPL 5 0 400 USD 0 0          short
            2026-01-05 2026-01-05 0 transfer_in  0 0 250.1 USD 0 0
            line 5 price ``: a position needs its cost, as price for one unit or as cost in all
        "#]],
    );
}

#[test]
fn packed_files_are_the_same_files() {
    use std::io::Write;

    let plain = b"account,date,kind,quantity,currency\nMain,2026-01-05,deposit,5,EUR\n";
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(plain).unwrap();
    let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bz.write_all(plain).unwrap();
    let expected = shown(&TRANSACTIONS.read(plain));
    assert_eq!(shown(&TRANSACTIONS.read(&gz.finish().unwrap())), expected);
    assert_eq!(shown(&TRANSACTIONS.read(&bz.finish().unwrap())), expected);
}

#[test]
fn a_file_cut_anywhere_gives_rows_or_reasons() {
    let text = "Konto;Datum;Art;Symbol;Stück;Kurs;Notiz\nMain;13.01.2026;Kauf;AAPL;1.000,5;90,5;\"a;\n\"\"b\"\n\
                Main;14.01.2026;Split;AAPL;7:1;;€\n";
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    for kind in [
        ImportKind::Transactions,
        ImportKind::Prices,
        ImportKind::Fx,
        ImportKind::Positions,
    ] {
        for bytes in [text.as_bytes(), &utf16] {
            for cut in 0..=bytes.len() {
                let request = Request {
                    kind,
                    name: "x.csv",
                    bytes: &bytes[..cut],
                    format: &Format::default(),
                    mapping: None,
                    template: None,
                    create: true,
                    now: Timestamp::constant(1_774_900_000, 0),
                    seed: [7; 32],
                };
                if let Ok(plan) = plan(&request, &directory(), &Watch::nothing()) {
                    assert!(plan.rows <= 4 && plan.rejected.iter().all(|bad| bad.line >= 1));
                }
            }
        }
    }
}

#[test]
fn a_cancelled_import_says_so() {
    let request = Request {
        kind: ImportKind::Transactions,
        name: "x.csv",
        bytes: b"date,kind\n2026-01-05,buy\n",
        format: &Format::default(),
        mapping: None,
        template: None,
        create: false,
        now: Timestamp::constant(1_774_900_000, 0),
        seed: [7; 32],
    };
    let stop = |_: &str, _: u64, _: Option<u64>| false;
    let err = plan(&request, &directory(), &Watch::new(&stop)).unwrap_err();
    assert_eq!(err.to_string(), "cancelled; nothing was added");
}

#[test]
fn the_help_names_every_column() {
    for kind in [ImportKind::Transactions, ImportKind::Prices, ImportKind::Positions] {
        for target in targets(kind) {
            assert!(HELP.contains(&target.name), "{}", target.name);
        }
    }
}

/// Facts without what an import gives anew: ids and sources, and the lots by quantity.
fn facts(rows: &[Transaction]) -> Vec<String> {
    let mut facts: Vec<String> = rows
        .iter()
        .map(|one| {
            let instrument = one.instrument.map(|id| id.to_string()).unwrap_or_default();
            let other = one
                .detail()
                .other_instrument
                .map(|id| id.to_string())
                .unwrap_or_default();
            one.canonical_row(
                &one.portfolio.to_string(),
                &one.account.to_string(),
                &instrument,
                &other,
            )
        })
        .collect();
    facts.sort();
    facts
}

#[test]
fn what_is_exported_is_imported_as_it_was() {
    let firm = demo_firm(DEFAULT_SEED).unwrap();
    let reversed: Vec<_> = firm.transactions.iter().filter_map(|one| one.reverses).collect();
    let effective: Vec<Transaction> = firm
        .transactions
        .iter()
        .filter(|one| one.reverses.is_none() && !reversed.contains(&one.id))
        .cloned()
        .collect();
    let text = transactions_csv(&effective, &firm.portfolios, &firm.accounts, &firm.instruments).unwrap();
    let directory = Directory::new(firm.portfolios, firm.accounts, firm.instruments, None);
    let request = Request {
        kind: ImportKind::Transactions,
        name: "export.csv",
        bytes: text.as_bytes(),
        format: &Format::default(),
        mapping: None,
        template: None,
        create: false,
        now: Timestamp::constant(1_774_900_000, 0),
        seed: [7; 32],
    };
    let plan = plan(&request, &directory, &Watch::nothing()).unwrap();
    assert_eq!(plan.rejected, []);
    let Rows::Transactions(rows) = plan.found else {
        panic!("transactions were asked for")
    };
    let (found, expected) = (facts(&rows), facts(&effective));
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
    assert!(rows.iter().any(|one| one.kind == TransactionKind::SpinOff));
}

//! The long help: what `apex COMMAND --help` and the manual pages say beside the options.

mod layout;

use apex_app::import;

pub(crate) use layout::laid_out;

pub(crate) const ABOUT: &str = "\
Keeps a portfolio manager's book and computes from it: holdings and lots, cash, returns, risk. The book is one encrypted
folder on this machine; nothing is sent anywhere. The desktop window opens the same book.

Statistics of price tables (stats, var) and of cash flows (xirr, twr) need no book.

Unknown figures print as -- with the reason below the table; they are never zero.";

pub(crate) const AFTER: &str = "\
First steps:
  apex init --demo                      a made-up firm with ten years of trades
  apex positions                        what its first portfolio holds
  apex performance --portfolio \"US Core\"

Your own book:
  apex init --name \"My book\"
  apex portfolios add Core --currency USD
  apex accounts add Main --lots fifo --portfolio Core
  apex import transactions trades.csv --create --dry-run
  apex import transactions trades.csv --create
  apex import prices prices.csv.gz

Two times:
  --as-of 2026-03-31                    the day that figures hold for
  --known-at 2026-04-02T08:00:00Z       only what the book had been told by then

Environment:
  APEX_DATA          the folder of the book
  APEX_PASSPHRASE    opens a book that is locked with a passphrase; without it the command asks on a terminal

Exit status:
  0  done
  1  refused or failed; one sentence on standard error says why
  2  wrong usage";

pub(crate) const INIT: &str = "\
Makes a book in an empty folder. The key of the encrypted files is kept in the system's keyring, or locked with a
passphrase. The recovery key that is printed opens the book when keyring or passphrase are lost: keep it elsewhere.

--passphrase reads APEX_PASSPHRASE, else asks twice on a terminal. Where the system has no keyring, APEX_PASSPHRASE is
used without being asked for.";

pub(crate) const INIT_EXAMPLES: &str = "\
Examples:
  apex init --demo
  apex init --name \"Family office\" --passphrase
  APEX_PASSPHRASE=... apex init --demo --seed 7 --json --data ./book

JSON: {\"ledger_hash\", \"name\", \"key\": \"keyring|passphrase\", \"recovery_key\", \"transactions\"}

The ledger hash is taken over the facts of the ledger: the same seed gives the same hash on every machine.";

pub(crate) const PORTFOLIOS_EXAMPLES: &str = "\
Examples:
  apex portfolios
  apex portfolios add Core --currency EUR --benchmark SPX

JSON: {\"rows\": [{\"name\", \"currency\", \"benchmark\", \"accounts\"}]}";

pub(crate) const ACCOUNTS_EXAMPLES: &str = "\
Examples:
  apex accounts
  apex accounts add Main --lots hifo --portfolio Core

JSON: {\"rows\": [{\"portfolio\", \"name\", \"lots\"}]}";

pub(crate) const INSTRUMENTS_EXAMPLES: &str = "\
Examples:
  apex instruments --search tech
  apex instruments add ACME --name \"Acme Corp\" --kind equity --currency USD --sector Industrials --country US
  apex instruments add T5 --kind bond --currency USD --coupon 5 --frequency 2 --maturity 2030-06-30
  apex instruments edit FB --symbol META --from 2022-06-09

JSON: {\"rows\": [{\"id\", \"symbol\", \"name\", \"kind\", \"currency\", \"isin\", \"exchange\", \"sector\", \"country\", \"symbol_history\",
\"last_price\", \"last_price_date\", \"simulated\"}]}";

pub(crate) const TRANSACTIONS: &str = "\
Lists the ledger of one portfolio, newest first. The ledger is never edited: a mistake is taken back by a reversal, and
both stay. Quantities are positive; the kind carries the sign.";

pub(crate) const TRANSACTIONS_EXAMPLES: &str = "\
Examples:
  apex transactions --search \"dividend KO\" --limit 20
  apex transactions add deposit --quantity 100000 --date 2026-01-05
  apex transactions add buy ACME --quantity 100 --price 12.50 --fees 4.95 --date 2026-01-06 --settle 2026-01-08
  apex transactions add split ACME --ratio 7:1 --date 2026-02-02
  apex transactions add sell ACME --quantity 50 --price 14 --date 2026-03-02 --dry-run
  apex transactions reverse 0198c0de-0000-7000-8000-000000000001

JSON: {\"rows\": [{\"id\", \"portfolio\", \"account\", \"date\", \"settle\", \"seq\", \"kind\", \"symbol\", \"quantity\", \"price\", \"ratio\", \"currency\", \"fees\",
\"taxes\", \"fx_rate\", \"external_id\", \"note\", \"cash\", \"source\", \"known_at\", \"reversed\", \"reverses\"}], \"total\"}

JSON of add and reverse: {\"sentence\", \"ids\", \"nav_before\", \"nav_after\", \"quantity_before\", \"quantity_after\"}";

pub(crate) const IMPORT_EXAMPLES: &str = "\
Examples:
  apex import transactions trades.csv --dry-run
  apex import transactions fills.csv.gz --create --map broker.toml
  apex import transactions warehouse.parquet
  apex import prices closes.parquet --create
  apex import fx ecb.csv
  apex import positions opening.csv --portfolio Core
  zcat trades.csv.gz | apex import transactions - --skip-bad --json

JSON: {\"added\", \"duplicates\", \"rejected\": [{\"line\", \"column\", \"value\", \"reason\"}]}

The exit status is 1 when lines are rejected and not skipped.";

pub(crate) const POSITIONS: &str = "\
Lists every holding by account, and every cash balance, with price, market value, cost and unrealized gain. The gain is
split into what is due to price, to currency, and to both together. Market values add up to the net asset value.";

pub(crate) const POSITIONS_EXAMPLES: &str = "\
Examples:
  apex positions --portfolio Core
  apex positions --as-of 2025-12-31 --known-at 2026-01-02T18:00:00Z
  apex positions --json | jq -r '.rows[] | [.symbol, .market_value] | @tsv'

JSON: {\"portfolio\", \"as_of\", \"currency\", \"nav\", \"rows\": [{\"symbol\", \"account\", \"quantity\", \"price\", \"currency\", \"market_value\",
\"cost\", \"unrealized\", \"unrealized_price\", \"unrealized_fx\", \"unrealized_cross\", \"weight\", \"unavailable\": {\"field\": \"reason\"}}]}";

pub(crate) const LOTS: &str = "\
Lists open lots, then closed ones, each by date, in base currency. Open lots have no closing day; their proceeds are their
market value. Which lots a sale closes is the account's method: fifo, lifo, hifo, average or specific.";

pub(crate) const LOTS_EXAMPLES: &str = "\
Examples:
  apex lots --portfolio Core
  apex lots --as-of 2025-12-31 --json

JSON: {\"rows\": [{\"symbol\", \"account\", \"opened\", \"closed\", \"quantity\", \"cost\", \"proceeds\", \"gain\", \"gain_price\", \"gain_fx\",
\"gain_cross\"}]}";

pub(crate) const CASH_EXAMPLES: &str = "\
What is settled stands on the day of the report, what settles later on its own day.

Examples:
  apex cash --portfolio Core

JSON: {\"rows\": [{\"currency\", \"settle\", \"amount\"}]}";

pub(crate) const PERFORMANCE: &str = "\
Prints the time-weighted return of a period, flows counted at the start of their day, and the money-weighted return a
year (Act/365). Where several rates solve the equation, or none does, it says so and prints no rate.";

pub(crate) const PERFORMANCE_EXAMPLES: &str = "\
Examples:
  apex performance --portfolio Core
  apex performance --from 2025-12-31 --as-of 2026-03-31 --json

JSON: {\"twr\", \"mwr\", \"nav\": [[date, \"amount\"]], \"flows\": [[date, \"amount\"]]}";

pub(crate) const RISK: &str = "\
Prints value at risk and expected shortfall of the current book: today's holdings held constant over the window, returns
in base currency with FX included. Losses are positive shares of the net asset value. Components add up to the total.";

pub(crate) const RISK_EXAMPLES: &str = "\
Examples:
  apex risk --portfolio Core
  apex risk --method normal --level 0.95 --horizon 10 --window 250 --json

JSON: {\"method\", \"level\", \"horizon\", \"window\", \"mean\", \"quantile\", \"seed\", \"var\", \"es\", \"components\": [{\"asset\", \"var\", \"es\"}]}";

pub(crate) const EXPLAIN: &str = "\
Shows how a figure comes about: formula, conventions, parameters, inputs with date and source, and the figure computed
again from just these inputs.";

pub(crate) const EXPLAIN_EXAMPLES: &str = "\
Examples:
  apex explain nav
  apex explain unrealized --symbol KO --account Main
  apex explain statistic --key sharpe --from 2024-12-31
  apex explain var --method normal --level 0.95";

pub(crate) const CHECK: &str = "\
Runs worked examples from textbooks, standards and hand calculation through this very engine and prints expected beside
actual. Needs no book. The exit status is 1 when one fails.";

pub(crate) const CHECK_EXAMPLES: &str = "\
Examples:
  apex check
  apex check --json | jq '.cases[] | select(.ok | not)'

JSON: {\"passed\", \"failed\", \"cases\": [{\"name\", \"expected\", \"actual\", \"ok\"}]}";

pub(crate) const BACKUP_EXAMPLES: &str = "\
The file is encrypted; the passphrase or the recovery key of the book opens it. A backup reads the whole book and stops at
a damaged page, which the other commands find only where they need it.

Examples:
  apex backup book-2026-03-31.apexbackup

JSON: {\"file\", \"ledger_hash\", \"state_hash\"}";

pub(crate) const RESTORE: &str = "\
Makes the book of an empty folder from a backup. APEX_PASSPHRASE, else a prompt, gives the passphrase or recovery key of
the backup. The key of the new book is kept in the system's keyring; with --passphrase, or without a keyring, the passphrase
of the backup locks it. A recovery key locks nothing: then APEX_NEW_PASSPHRASE, else a prompt, gives the new passphrase.";

pub(crate) const RESTORE_EXAMPLES: &str = "\
Examples:
  apex restore book-2026-03-31.apexbackup --data ./restored

JSON: {\"name\", \"ledger_hash\", \"state_hash\"}; both hashes equal those printed by the backup.";

pub(crate) const STATS: &str = "\
Computes more than sixty statistics of every column of a price table. Returns are simple, the first row is dropped, 252
periods make a year, there is no risk-free rate; losses of VaR and ES are positive. Dates are those that all columns and
the benchmark have; the others are dropped and counted. The benchmark has its own row and is never in the equal-weight
portfolios; without one its statistics are null.";

pub(crate) const STATS_EXAMPLES: &str = "\
Files may be .csv, .csv.gz, .csv.bz2 or .parquet; - is standard input. The date is in the first column, whatever its name.

Examples:
  apex stats --prices closes.csv
  apex stats --prices closes.csv.gz --benchmark-prices index.csv.gz --equal-weight --json
  apex stats --prices closes.csv --benchmark SPX --calendar --rolling 252 --json

JSON: {\"rows\": {\"AAPL\": {...}, \"EW_DAILY\": {...}, \"EW_BUYHOLD\": {...}}, \"dropped\": 0}";

pub(crate) const XIRR: &str = "\
Finds every rate at which dated flows have no present value: days/365 from the first flow, an effective rate a year. Money
paid in is negative, money received positive. Several rates, or none, are answers too (exit 0); flows of one sign or of one
day are not an equation (exit 1).";

pub(crate) const XIRR_EXAMPLES: &str = "\
Columns: date,amount

Examples:
  apex xirr flows.csv
  printf 'date,amount\\n2025-01-01,-1000\\n2026-01-01,1100\\n' | apex xirr - --json

JSON: {\"status\": \"unique|multiple|none|invalid\", \"roots\": [...], \"roots_ln1p\": [...], \"reason\"}";

pub(crate) const TWR: &str = "\
Computes the time-weighted return of dated values, with flows at the start and at the end of their period, the Modified
Dietz return of the whole period and the money-weighted return a year.";

pub(crate) const TWR_EXAMPLES: &str = "\
Columns: date,value,flow (the value after the flow)

Examples:
  apex twr values.csv --json

JSON: {\"twr_flow_start\", \"twr_flow_end\", \"modified_dietz\", \"xirr\"}";

pub(crate) const VAR: &str = "\
Computes value at risk and expected shortfall of assets with constant weights. Losses are positive fractions of value.
historical reads the linear quantile of the past returns, and ES is the mean at or below it; normal uses the covariance of
the sample and its mean, or zero. A horizon of several days is overlapping compounded windows, or the root of time.";

pub(crate) const VAR_EXAMPLES: &str = "\
Examples:
  apex var --prices closes.csv.gz --weights equal --method historical --level 0.99
  apex var --prices closes.csv.gz --weights weights.csv --method normal --mean zero --horizon 10 --horizon-rule sqrt --json

JSON: {\"method\", \"level\", \"horizon\", \"window\", \"mean\", \"quantile\", \"seed\", \"var\", \"es\", \"components\": [{\"asset\", \"var\", \"es\"}]}";

pub(crate) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  apex completions bash > /etc/bash_completion.d/apex
  apex completions zsh > ~/.zfunc/_apex
  apex completions fish > ~/.config/fish/completions/apex.fish";

/// Returns the long help of `apex import`, whose rules are the importer's own words.
pub(crate) fn import() -> String {
    format!("Adds a file to the book, all of it or nothing.\n\n{}", import::HELP)
}

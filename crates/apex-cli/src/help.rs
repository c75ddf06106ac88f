//! The long help: what `apex COMMAND --help` and the manual pages say beside the options.

mod layout;

use apex_app::import;

pub(crate) use layout::laid_out;

pub(crate) const ABOUT: &str = "\
Keeps a portfolio manager's book and computes from it: holdings and lots, cash, returns, risk. The book is one encrypted
folder on this machine; nothing is sent anywhere. The desktop window opens the same book.

Statistics of price tables (stats, var, covariance, factors, pca, garch, indicators) and of cash flows (xirr, twr), prices
(price) and portfolio construction (optimize --prices, backtest --prices) need no book.

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
\"cost\", \"unrealized\", \"unrealized_price\", \"unrealized_fx\", \"unrealized_cross\", \"weight\", \"unavailable\": {\"field\": \"reason\"}}],
\"missing_splits\": [\"sentence\"]}; missing_splits is there where a ledger lacks one.";

pub(crate) const WHAT_IF: &str = "\
Puts trades and target weights into a scratch copy of the book and prints every figure before and after: value, cash and \
exposures, historical VaR and ES, volatility, tracking error and beta, concentration, scenarios and the cash ladder. Trades \
are made at the last price and rate on or before the day. Nothing is written but a proposal that --keep names, and nothing \
is ever ordered. Sizes worked out from money are whole units of shares, options and bonds.";

pub(crate) const WHAT_IF_EXAMPLES: &str = "\
Files of trades have the columns symbol,quantity or symbol,amount (base currency), negative to sell; files of weights
symbol,weight (0.025 or 2.5%) or symbol,target_quantity.

Examples:
  apex whatif --trades trades.csv
  apex whatif --weights target.csv --level 0.95 --window 750 --fee-bps 5 --json
  printf 'symbol,quantity\\nKO,-100\\n' | apex whatif --trades - --scenario \"Pandemic 2020\"
  apex whatif --trades trades.csv --keep \"Less energy\"
  apex whatif --proposal \"Less energy\"

JSON: {\"as_of\", \"currency\", \"edits\": [{\"symbol\", \"trade\": {\"quantity\", \"price\", \"currency\", \"rate\", \"value\",
\"fee\", \"settle\"}}], \"bought\", \"sold\", \"fees\", \"turnover\", \"figures\": {\"nav\", \"cash\", \"gross_exposure\", \"net_exposure\",
\"var\", \"var_amount\", \"es\", \"es_amount\", \"volatility\", \"tracking_error\", \"beta\", \"active_share\", \"hhi\",
\"effective_number\"}, \"risk\", \"exposures\", \"stress\": [{\"name\", \"profit\", \"share\", \"left_out\"}], \"cash\": [{\"currency\",
\"settle\", \"balance\"}], \"rows\": [{\"symbol\", \"quantity\", \"value\", \"weight\"}], \"notes\", \"left_out\", \"unavailable\"}; each
figure is {\"before\", \"after\", \"change\"}, null where \"unavailable\" says why";

pub(crate) const PROPOSALS_EXAMPLES: &str = "\
Examples:
  apex proposals
  apex proposals show \"Less energy\"
  apex proposals remove \"Less energy\"

JSON: [{\"proposal\": {\"name\", \"portfolio\", \"as_of\", \"edits\": [{\"symbol\", \"by\", \"size\"}], \"fee_bps\", \"funding\", \"note\"},
\"version\", \"kept_at\"}]";

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
in base currency with FX included. Losses are positive shares of the net asset value. Components add up to the total, by every
method; `apex var --help` tells what the methods are. With --with it adds every method side by side, what the book would lose
less without each holding, factors with tracking error and beta, a backtest of the VaR, and days to sell, durations and
sensitivities of options.";

pub(crate) const RISK_EXAMPLES: &str = "\
Examples:
  apex risk --portfolio Core
  apex risk --method normal --level 0.95 --horizon 10 --window 250 --json
  apex risk --method monte-carlo --distribution t-copula --paths 50000 --seed 7
  apex risk --with methods,backtest --level 0.95 --json
  apex risk --with exposures --participation 0.1

JSON: {\"method\", \"level\", \"horizon\", \"window\", \"mean\", \"quantile\", \"seed\", \"var\", \"es\", \"components\": [{\"asset\", \"var\", \"es\"}],
\"concentration\": {\"hhi\", \"effective_number\", \"largest\"}, \"exposures\": {\"currency\": [{\"label\", \"long\", \"short\", \"net\", \"gross\"}]}}; --with adds \"methods\", \"increments\",
\"factors\", \"backtest\" and \"sensitivities\".";

pub(crate) const SCENARIO: &str = "\
Values every holding of the current book anew after shocks, or after the moves of a stretch of the past. Options are repriced at \
the volatility their price implies, bonds at their yield. What cannot be moved for want of history is named and counts as \
unchanged. A scenario is a name known to `apex scenario list` or a file; `apex scenario new` prints one to start from.";

pub(crate) const SCENARIO_EXAMPLES: &str = "\
Examples:
  apex scenario list
  apex scenario run \"Credit crisis 2008\" --portfolio Core
  apex scenario new > mine.toml
  apex scenario run mine.toml --json
  apex scenario keep mine.toml
  apex scenario run \"Shares -20%\" --horizon 5y --paths 10000 --seed 7 --json
  apex scenario reverse --loss 0.10 --horizon 21

A horizon simulates the book after the scenario: from the section [horizon] of its file, or as the options say. Costs, flows,
rebalancing, the distribution and the mean are in that section; `apex scenario new` prints one.

JSON of run: {\"as_of\", \"currency\", \"nav\", \"runs\": [{\"name\", \"profit\", \"share\", \"lines\", \"groups\", \"limits\", \"notes\", \"left_out\",
\"horizon\": {\"start\", \"plan\", \"window\", \"levels\", \"points\": [{\"date\", \"mean\", \"quantiles\"}], \"probability_below_start\",
\"probability_below_goal\", \"probability_ran_out\", \"drawdowns\", \"distribution\", \"notes\", \"left_out\"}}]}";

pub(crate) const LIMITS: &str = "\
Lists the limits of the portfolio and where it stands: the loss in a scenario, value at risk, the weight of an instrument or a
sector, and cash, all in percent of net asset value. Every run of a scenario tells which of them it breaks.";

pub(crate) const LIMITS_EXAMPLES: &str = "\
Examples:
  apex limits --portfolio Core
  apex limits add \"One name\" --kind name-weight --percent 10
  apex limits add \"Crash\" --kind scenario-loss --percent 25 --scenario \"Credit crisis 2008\"
  apex limits add \"Daily risk\" --kind var --level 0.99 --percent 3
  apex limits remove \"One name\"

JSON: {\"rows\": [{\"limit\": {\"name\", \"portfolio\", \"rule\", \"percent\"}, \"version\", \"words\", \"value\", \"whose\", \"broken\"}]}";

pub(crate) const QUOTES: &str = "\
Prints the last price of each instrument: live where a source that is switched on streams it, else the last close. What is
older than it should be says how old it is. A stream has three seconds to be heard. With --watch it goes on until Ctrl-C: on a terminal a table that is drawn anew
in its place, else a line for each quote that changes.";

pub(crate) const QUOTES_EXAMPLES: &str = "\
Examples:
  apex quotes AAPL MSFT
  apex quotes --watchlist Tech --watch
  apex quotes AAPL --watch --json | jq .last

JSON: {\"now\", \"rows\": [{\"instrument\", \"symbol\", \"name\", \"currency\", \"last\", \"bid\", \"ask\", \"change\",
\"change_fraction\", \"previous\", \"volume\", \"at\", \"day\", \"source\", \"display_only\", \"age_secs\", \"stale\"}], \"streams\":
[[PROVIDER, {\"state\", ...}]], \"unavailable\": {PATH: REASON}}. With --watch each line is one of these rows, with \"unavailable\" of
its own.";

pub(crate) const WATCHLISTS_EXAMPLES: &str = "\
Examples:
  apex watchlists
  apex watchlists add Tech AAPL MSFT
  apex watchlists add Europe NOVN --currency CHF
  apex watchlists remove Tech MSFT

JSON: {\"rows\": [{\"name\", \"version\", \"symbols\"}]}; one of these rows after add and remove";

pub(crate) const ALERTS: &str = "\
An alert is told of once when its condition begins to hold, and again only after the condition has ceased to hold. The
desktop window watches the alerts of its book for as long as it runs, and so does `apex alerts watch`.";

pub(crate) const ALERTS_EXAMPLES: &str = "\
Examples:
  apex alerts
  apex alerts add Target --symbol AAPL --above 190
  apex alerts add Move --symbol AAPL --change 5
  apex alerts add Fall --symbol AAPL --change -5
  apex alerts add Silence --symbol AAPL --stale 10
  apex alerts watch --json
  apex alerts remove Target

JSON: {\"alerts\": [{\"alert\": {\"name\", \"instrument\", \"condition\", \"enabled\"}, \"version\", \"symbol\", \"words\", \"holds\"}],
\"fired\": [{\"number\", \"name\", \"instrument\", \"symbol\", \"at\", \"sentence\", \"seen\"}], \"unseen\"}. Of watch each line is one that has
fired.";

pub(crate) const NEWS: &str = "\
Prints stored news, latest first. With --fetch the providers that are switched on are asked for news of the last month
before. Texts are made plain: no tags, nothing hidden, and links of the web alone.";

pub(crate) const NEWS_EXAMPLES: &str = "\
Examples:
  apex news AAPL --fetch
  apex news --fetch --limit 100 --json

JSON: {\"rows\": [{\"id\", \"provider\", \"title\", \"summary\", \"source\", \"url\", \"published\", \"symbols\", \"sentiment\", \"known_at\"}],
\"fetched\": null or {\"added\", \"known\", \"failures\"}}";

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
Computes value at risk and expected shortfall of assets with constant weights. Losses are positive fractions of value, and
the parts of the assets add up to them by every method.

historical      the past returns; by default the linear quantile, and ES the mean at or below it
age-weighted    the same, a return's probability falling by --decay a day (Boudoukh, Richardson and Whitelaw)
filtered        the same, each return scaled from its day's volatility to tomorrow's (--volatility garch or ewma)
normal          the covariance of the sample, and its mean or zero
student-t       Student's t, fitted by maximum likelihood
cornish-fisher  the normal quantile corrected for skewness and kurtosis
monte-carlo     --paths drawn from a normal distribution, a t copula of the past returns, or blocks of past days

A horizon of several days is overlapping compounded windows (simulated days compounded for monte-carlo), or the root of
time. Random numbers come from --seed alone: the same seed gives the same answer, whatever the number of threads.";

pub(crate) const VAR_EXAMPLES: &str = "\
Examples:
  apex var --prices closes.csv.gz --weights equal --method historical --level 0.99
  apex var --prices closes.csv.gz --weights weights.csv --method normal --mean zero --horizon 10 --horizon-rule sqrt --json
  apex var --prices closes.csv.gz --weights equal --method filtered --volatility ewma --window 1000
  apex var --prices closes.csv.gz --weights equal --method monte-carlo --distribution t-copula --paths 100000 --seed 7

JSON: {\"method\", \"level\", \"horizon\", \"horizon_rule\", \"window\", \"mean\", \"quantile\", \"seed\", \"decay\", \"volatility\",
\"degrees_of_freedom\", \"distribution\", \"paths\", \"block\", \"var\", \"es\", \"components\": [{\"asset\", \"weight\", \"var\", \"es\",
\"marginal_var\", \"marginal_es\", \"incremental_var\", \"incremental_es\"}], \"dropped\"}";

pub(crate) const VAR_BACKTEST: &str = "\
Compares each day's loss with the one-day VaR of the days before it, by any method. Counts the breaches and tests them: their
number (Kupiec), whether one follows another (Christoffersen), both together, and the traffic light of Basel over the last 250
days.";

pub(crate) const VAR_BACKTEST_EXAMPLES: &str = "\
Examples:
  apex var-backtest --prices closes.csv.gz --weights equal --level 0.99
  apex var-backtest --prices closes.csv.gz --weights weights.csv --method filtered --volatility ewma --window 500 --json

JSON: {\"method\", \"level\", \"window\", \"mean\", \"seed\", \"dates\", \"obs\", \"exceptions\", \"kupiec_lr\", \"kupiec_p\", \"n00\", \"n01\",
\"n10\", \"n11\", \"christoffersen_ind_lr\", \"christoffersen_ind_p\", \"cc_lr\", \"cc_p\", \"traffic_light\": {\"days\", \"exceptions\", \"zone\",
\"cumulative_probability\", \"multiplier\"}, \"breaches\": [{\"date\", \"loss\", \"var\"}], \"dropped\"}";

pub(crate) const FACTORS: &str = "\
Regresses every asset on the factors by ordinary least squares with a constant, on the dates that both tables have. Standard
errors are classic, for any variance (HC1), and for any variance and correlation up to a lag (Newey and West, Bartlett weights,
no correction for small samples). --risk-split adds the risk of a book from factors and from the assets themselves: B F B' +
diag(residual variances).";

pub(crate) const FACTORS_EXAMPLES: &str = "\
With --prices both tables hold prices, with --returns returns; --factors-are tells where the factors differ. Columns of the
assets that are factors too are not regressed.

Examples:
  apex factors --prices closes.csv.gz --factors funds.csv.gz --errors hac:5 --risk-split
  apex factors --returns industries.csv --factors carhart.csv --excess RF --json
  apex factors --returns all.csv --factors all.csv --factor-columns MktRF,SMB,HML --excess RF

JSON: {\"dates\", \"n\", \"dropped\", \"errors\", \"factors\", \"results\": {\"AAPL\": {\"coef\": {\"const\", ...}, \"se\", \"t\", \"se_hc1\", \"t_hc1\",
\"se_nw5\", \"t_nw5\", \"p\", \"r2\", \"adj_r2\", \"resid_std_ddof_k\", \"dw\", \"f\", \"f_p\"}}, \"factor_risk_EW\" or \"factor_risk\":
{\"portfolio_exposure\", \"factor_var_daily\", \"specific_var_daily_diag\", \"total_model_vol_ann\", \"factor_contrib_to_var\",
\"asset_contrib_to_var\"}}";

pub(crate) const PCA: &str = "\
Finds the principal components of the returns of a price table: the variances of the components of the covariance (n - 1) and
of the correlation, and the weights of the first ones, signed so that they add up to more than zero.";

pub(crate) const PCA_EXAMPLES: &str = "\
Examples:
  apex pca --prices closes.csv.gz
  apex pca --prices closes.csv.gz --components 3 --json

JSON: {\"dates\", \"n\", \"dropped\", \"eigenvalues_cov\", \"explained_ratio\", \"eigenvalues_corr\", \"pc1\": {\"AAPL\"}, \"pc2\", ..., \"sign\"}";

pub(crate) const GARCH: &str = "\
Fits r = mu + e, v = omega + alpha e^2 + beta v of the day before, by maximum likelihood with normal e, and forecasts the
variance of the next days. Figures are in units of the scaled returns: percent by default. The recursion starts from the
weighted mean (0.94) of the first 75 squared residuals.";

pub(crate) const GARCH_EXAMPLES: &str = "\
Examples:
  apex garch index.csv.gz --column SP500
  apex garch returns.csv --returns --column FUND --mean zero --horizon 20 --json

JSON: {\"column\", \"dates\", \"n\", \"scale\", \"mean\", \"params\": {\"mu\", \"omega\", \"alpha[1]\", \"beta[1]\"}, \"se\", \"loglik\",
\"backcast_variance\", \"cond_vol_last\", \"long_run_variance\", \"iterations\", \"forecast_var_1_5\": [...]}";

pub(crate) const PRICE: &str = "\
Prices what a JSON file lists. Each object names its instrument: european, american, digital, barrier, implied_vol, black76,
bachelier, currency_option, forward, currency_forward, bond, bond_curve, floater, callable_bond or curve. The answers are in
the same order; what cannot be priced is answered by {\"error\"} in its place.

Options: S, K, T in years (or days of 365), r, q (0 where absent), vol and type (call or put); rates are continuous. Theta is
per year, vega and rho per 1.00. American options take accuracy: fast, standard or high. A digital has payoff cash<amount> or
asset; a barrier has barrier, rebate and kind (down-in, down-out, up-in, up-out), the rebate paid at the hit for -out, at
expiry for -in. black76 and bachelier take F, K, stdev at expiry and df.

Bonds, per 100 of face value: issue, maturity, coupon, freq, day_count, end_of_month, settle, and yield_ or clean. bond_curve
takes a curve of pairs of years (Act/365F) and continuous zero rates instead, and with clean gives the spread over it.";

pub(crate) const PRICE_EXAMPLES: &str = "\
Examples:
  apex price options.json
  echo '[{\"instrument\": \"american\", \"S\": 100, \"K\": 110, \"T\": 1,
      \"r\": 0.05, \"vol\": 0.2, \"type\": \"put\"}]' | apex price -
  echo '[{\"instrument\": \"bond\", \"issue\": \"2024-02-15\",
      \"maturity\": \"2034-02-15\", \"coupon\": 0.04, \"freq\": 2,
      \"day_count\": \"ACTACT_ICMA\", \"settle\": \"2024-03-15\",
      \"clean\": 98}]' | apex price - --json

Day counts: Act/360, Act/365F, Act/Act ISDA, Act/Act ICMA, 30/360, 30/360 US, 30E/360, 30E/360 ISDA

JSON, an array; by instrument:
  options      {\"price\", \"delta\", \"gamma\", \"vega\", \"theta\", \"rho\", \"dividend_rho\", \"itm_probability\"}
  implied_vol  {\"implied_vol\", \"vol\", \"price\"}
  black76      and bachelier: {\"call\", \"put\", \"call_delta\", \"put_delta\", \"gamma\", \"stdev_vega\"}
  bond         {\"yield_\", \"clean\", \"accrued\", \"dirty\", \"macaulay\", \"modified\", \"convexity\", \"bpv\", \"yield_value_bp\", \"clean_up_1bp\",
               \"clean_up_100bp\", \"yield_from_clean\", \"n_cashflows_left\", \"next_coupon\"}
  bond_curve   {\"curve_dirty\", \"curve_clean\", \"z_spread_cont_act365\", \"key_rate_durations\"}";

pub(crate) const INDICATORS: &str = "\
Computes a technical indicator of one instrument, in the conventions and with the defaults of TA-Lib 0.8. The file is a
table of days with the columns Date, Open, High, Low, Close and Volume by name, others ignored; --ticker chooses where a
column Ticker holds several. With --column it is a wide table, and the column is the close. Rows on which a cell is empty
that the function reads are left out.

Functions: SMA EMA WMA DEMA TEMA KAMA RSI MACD BBANDS ATR NATR TRANGE ADX DX PLUS_DI MINUS_DI CCI STOCH STOCHRSI WILLR MFI
OBV AD ROC MOM CMO PPO TRIX ULTOSC AROON SAR STDDEV LINEARREG LINEARREG_SLOPE CORREL BETA HT_TRENDLINE CDLENGULFING CDLDOJI
CDLHAMMER. Parameters stand in TA-Lib's order without the kinds of moving averages; BBANDS 20,2 has one number of
deviations for both bands. CORREL and BETA read High and Low.";

pub(crate) const INDICATORS_EXAMPLES: &str = "\
Examples:
  apex indicators stocks.csv.gz --ticker AAPL --name RSI
  apex indicators days.csv --name BBANDS --params 20,2
  apex indicators closes.csv --column SPX --name MACD --params 12,26,9 --json

JSON: {\"name\", \"params\", \"outputs\", \"first_valid\", \"values\": [...], \"dates\": [...], \"skipped\"}; several outputs are a list of
lists; null before the first valid row.";

pub(crate) const DATA: &str = "\
Market data of the book: where it comes from and with which key (providers), filling the history of prices, splits, dividends
and rates of exchange (fetch), how fresh it is (status), what was found wrong and waits for you (quarantine), and taking
prices out (export). Nothing is asked of anybody until you switch a provider on.

`apex data repair` needs no book: it reads one file of prices of one instrument, repairs what is surely wrong with it, and
lists what it did and what it leaves to a person.";

pub(crate) const DATA_EXAMPLES: &str = "\
Examples:
  apex data providers set polygon --on
  APEX_API_KEY=... apex data providers key polygon
  apex data fetch
  apex data status
  apex data quarantine
  apex data export AAPL --adjust both
  apex data repair prices.csv --out fixed.csv";

pub(crate) const DATA_PROVIDERS: &str = "\
Shows the providers in the order in which they are asked: whether they are, where their key is kept, what is left of each
budget, and what was last wrong. All are off until you switch them on, and only `try` asks one that is off; Yahoo is for
personal use.

A key is read from APEX_API_KEY or asked for on the terminal, never given as an argument. It is kept in the system's keyring
where that opens the book, and else in the book, under its passphrase; it is never shown again. Budgets are counted in the
data folder for all programs together. An address may be any that begins with https://, or one of this machine's own, and
holds no key; for files it is the folder, with one SYMBOL.csv or SYMBOL.parquet for each symbol.";

pub(crate) const DATA_PROVIDERS_EXAMPLES: &str = "\
Examples:
  APEX_API_KEY=... apex data providers key polygon
  apex data providers set polygon --on --place 1
  apex data providers set files --on --address /srv/prices
  apex data providers symbol yahoo VOD VOD.L
  apex data providers try polygon

JSON: {\"rows\": [{\"settings\": {\"provider\", \"enabled\", \"address\", \"stream_address\", \"streams\", \"plan\"},
\"usual_address\", \"usual_stream\", \"needs_key\", \"key_place\", \"budget\": [{\"cap\", \"left\", \"of\"}], \"next_request\",
\"resting\", \"last_answer\", \"last_error\", \"stream\"}]}; of try: {\"ok\", \"sentence\"}.";

pub(crate) const DATA_FETCH: &str = "\
Asks the providers for daily bars, splits and dividends of instruments of the book and for the rates of exchange they need,
in the order of `apex data providers`: the next one is asked where one has nothing. Days known already are not asked for
again, but for the last week in case they were corrected.

What comes is kept as it came, brought to the instrument's currency and to prices as traded, and judged: what is surely
wrong is repaired, what may be wrong waits (`apex data quarantine`), and where another provider is switched on it is asked
about it. What you typed or imported yourself is never changed. Ctrl-C stops it and keeps what has come.";

pub(crate) const DATA_FETCH_EXAMPLES: &str = "\
Examples:
  apex data fetch
  apex data fetch AAPL MSFT --from 2020-01-01 --provider polygon

JSON: {\"rows\": [{\"symbol\", \"provider\", \"days\", \"actions\", \"repaired\", \"waiting\", \"note\"}], \"rates\": [...]}; days and
actions are those that are new or corrected. Exit status 1 where somebody was to be asked and nobody answered, and where
--from lies ahead; 0 where there is nothing new, and where the book has nothing to ask for.";

pub(crate) const DATA_STATUS_EXAMPLES: &str = "\
--as-of judges it on that day, with the prices that are known up to it.

JSON: {\"today\", \"fresh\", \"behind\", \"without\", \"rows\": [{\"instrument\", \"symbol\", \"name\", \"exchange\", \"source\",
\"first\", \"last\", \"days\", \"sessions_behind\", \"gaps\", \"waiting\", \"theirs\", \"asked\", \"error\"}], \"splits\": [...]}; sessions are those of
the exchange, weekdays where it is not known; splits are those that a ledger lacks, as of `apex data splits`.";

pub(crate) const DATA_QUARANTINE: &str = "\
Shows the faults that wait for you: what the provider says, what it should be, why, and how sure that is. Decide one by the
beginning of its id: take the repair, keep the figures as they came, or leave the days out; undo takes that back. What is
published follows at once: a day that is left out has no price of the provider any more, whatever it had before, and what
you typed or imported stays. What the prices were before stays on record.";

pub(crate) const DATA_QUARANTINE_EXAMPLES: &str = "\
Examples:
  apex data quarantine
  apex data quarantine take 3f9a1c02
  apex data quarantine --all --symbol AAPL --json

JSON: {\"rows\": [{\"id\", \"instrument\", \"symbol\", \"provider\", \"kind\", \"title\", \"from\", \"until\", \"reason\",
\"confidence\", \"state\": \"waiting|repaired|taken|kept|left_out\", \"cells\": [{\"date\", \"field\", \"before\", \"after\"}],
\"cell_count\", \"around\": [[date, \"close\"]], \"found\", \"decided\"}]}; a decision prints the one fault.";

pub(crate) const DATA_SPLITS: &str = "\
Shows the splits that are known from a provider, or from a repair of prices, and that the ledger of an account which held
the shares lacks: there old shares are valued at new prices. Recording one adds a split to the ledger, like any transaction
that is typed, so that `apex transactions reverse` takes it back. --portfolio looks at one portfolio only.";

pub(crate) const DATA_SPLITS_EXAMPLES: &str = "\
Examples:
  apex data splits
  apex data splits record AAPL --dry-run
  apex data splits record

JSON: {\"rows\": [{\"portfolio\", \"portfolio_name\", \"account\", \"account_name\", \"instrument\", \"symbol\", \"ex_date\",
\"ratio\", \"source\", \"before\", \"after\"}]}; of record: {\"sentence\", \"rows\", \"ids\"}.";

pub(crate) const DATA_EXPORT: &str = "\
Writes prices with the heading symbol,date,open,high,low,close,volume,currency,source, by symbol and day. As traded they are
exact and may be imported again; adjusted for splits, dividends or both they are worked out from the corporate actions that
the book knows, and are good for returns, not for valuing a position.";

pub(crate) const DATA_EXPORT_EXAMPLES: &str = "\
Examples:
  apex data export --out prices.csv
  apex data export AAPL --adjust both --from 2020-01-01

JSON: {\"rows\": [{\"symbol\", \"date\", \"open\", \"high\", \"low\", \"close\", \"volume\", \"currency\", \"source\"}]}, null
where there is none; where --out is given {\"file\", \"rows\"}.";

pub(crate) const DATA_REPAIR: &str = "\
Repairs a file of prices: a heading, a date or an instant with its offset, and Open, High, Low, Close, Adj Close, Volume,
Dividends, Stock Splits and Capital Gains by name; only the date and the close are required.

Looks for prices in another unit of the currency (pence among pounds, for one cell, some days, or all days before one),
splits that were not applied or applied twice, dividends that adjusted closes leave out, take by a hundredth or a hundred
times, or twice, dividends that are there twice, on the wrong day or were never paid, capital gains taken twice, prices of
zero, impossible volumes, and highs and lows that do not enclose open and close.

What is sure (a confidence of 0.9 or more) is repaired; the rest is listed and left. Which of two units is the right one
is told by the latest prices; --currency only says how many sub-units make a unit: 1000 for dinars and rials of three
decimals, else 100. Dividends are judged on daily bars only. --calendar lists sessions without a bar and bars outside of
sessions, and changes nothing. Cells that nobody changes are written as they were read; the column Repaired? says which
bars were touched.";

pub(crate) const DATA_REPAIR_EXAMPLES: &str = "\
Examples:
  apex data repair prices.csv --out fixed.csv
  apex data repair SSW.csv.gz --out SSW-fixed.csv --currency ZAc --calendar XJSE
  apex data repair hours.csv --out fixed.csv --interval 1h --json

JSON: {\"file\", \"interval\", \"bars\", \"from\", \"to\", \"touched\", \"repairs\": [{\"kind\", \"fields\", \"bars\", \"from\", \"to\",
\"factor\", \"changes\": [{\"line\", \"bar\", \"field\", \"before\", \"after\"}], \"reason\", \"confidence\"}], \"waiting\": [...],
\"calendar\": {\"mic\", \"zone\", \"missing\", \"outside\", \"unknown\"}}; a factor is that of all adjusted closes of the stretch.";

pub(crate) const ATTRIBUTION: &str = "\
Says why a portfolio of the book did better or worse than a benchmark: what each segment weighed, returned and added, and
the active return split into allocation, selection and interaction after Brinson and Fachler, periods linked so that the
effects add up to the compounded active return. Weights are those at the close before each day; what a trade gained or
cost on its day counts in its segment; over a period a weight is the mean of the days'. Contributions add up to the
time-weighted return of `apex performance`.

The portfolio's own benchmark is one instrument whose segments the book does not know: it gives contributions and the
active return. equal holds what is held at the start with equal weights, start never trades it, and a file names
instruments of the book with weights; all of them by their prices, without dividends.

With a FILE of weights and returns in place of a portfolio it needs no book: Brinson, Hood and Beebower (bhb) and Brinson
and Fachler (bf), linked after Carino, Menchero and GRAP, and geometric effects. Such a file may also hold \"currency\"
(Karnosky and Singer: local returns, cash returns, currency returns, and weights in currencies after hedges) and
\"factor\" (exposures and factor returns).";

pub(crate) const ATTRIBUTION_EXAMPLES: &str = "\
A file of a benchmark:
  name = \"Shares and low risk\"
  rebalance = \"monthly\"            # daily, monthly, quarterly, yearly or never
  weights = { SP500 = 0.6, USMV = 0.35, Cash = 0.05 }
  [[changes]]
  from = \"2026-01-01\"
  weights = { SP500 = 0.5, USMV = 0.5 }

A file of weights and returns, lists by period and in them by segment:
  {\"sectors\": [\"Tech\", \"Cash\"],
   \"wp\": [[0.9, 0.1]], \"wb\": [[0.8, 0.2]],
   \"rp\": [[0.05, 0]], \"rb\": [[0.04, 0]],
   \"currency\": {\"markets\", \"wp\", \"wb\", \"rp\", \"rb\", \"cash\", \"fx\",
                \"cp\", \"cb\", \"compounding\": \"simple|continuous\"},
   \"factor\": {\"assets\", \"factors\", \"wp\", \"wb\", \"returns\",
              \"exposures\", \"factor_returns\"}}

Examples:
  apex attribution --portfolio Core --by sector --from 2024-12-31 --benchmark equal
  apex attribution --by currency --benchmark mix.toml --currency-effect --linking menchero --json
  apex attribution --from 2024-12-31 --factors MTUM,QUAL
  apex attribution quarters.json --json | jq .carino

JSON of a portfolio: {\"portfolio\", \"from\", \"to\", \"benchmark\", \"portfolio_return\", \"benchmark_return\", \"active_return\",
\"residual\", \"segments\": [{\"label\", \"weight\", \"benchmark_weight\", \"portfolio_return\", \"benchmark_return\", \"contribution\",
\"allocation\", \"selection\", \"interaction\", \"effect\", \"instruments\"}], \"total\", \"currencies\", \"periods\", \"factors\", \"notes\",
\"unavailable\"}; null where unavailable says why.

JSON of a file: {\"periods\": [{\"RP\", \"RB\", \"active\", \"bhb\", \"bf\"}], \"RP\", \"RB\", \"active\", \"carino\": {\"allocation\", \"selection\",
\"interaction\"}, \"carino_sum\", \"menchero\", \"menchero_sum\", \"grap\", \"grap_sum\", \"geometric\", \"currency\", \"factor\"}";

pub(crate) const COVARIANCE: &str = "\
Estimates the covariance of the returns of all columns, per period of the table. sample divides by n - 1; ledoit-wolf and
oas draw the sample (divisor n) towards the mean variance times the identity; ewma weighs days by --decay to the power of
their age; denoised replaces the eigenvalues of the correlation that chance explains by their mean.";

pub(crate) const COVARIANCE_EXAMPLES: &str = "\
Examples:
  apex covariance --prices closes.csv.gz --estimator ledoit-wolf --json
  apex covariance --prices closes.csv --estimator ewma --decay 0.97 --correlation

JSON: {\"estimator\", \"assets\": [...], \"matrix\": [[...]], \"eigenvalues\": [...], \"shrinkage\", \"noise_edge\", \"repaired\",
\"trace\", \"observations\", \"dropped\"}";

pub(crate) const OPTIMIZE: &str = "\
Finds the weights that are best by an objective. Returns are simple, means and covariance (n - 1) are the sample's, weights
are long only and add up to 1 unless a constraint says otherwise; all figures are per period of the table. --risk-free is a
year's and divided by 252. Shares of risk add up to 1. The optimality residual is the largest violation of the optimality
conditions, relative to the gradient; rules that optimize nothing (inverse-volatility, hrp, herc, nco) have none.
Constraints that no portfolio keeps are named, exit 1.

Without --prices it is about the holdings of --portfolio: daily returns of --window days in base currency, weights as shares
of net asset value, the covariance after Ledoit and Wolf unless --estimator says otherwise. Cash and what cannot be weighed
stay as they are; the trades that lead to the weights are listed in whole lots and are never orders.";

pub(crate) const OPTIMIZE_EXAMPLES: &str = "\
Examples:
  apex optimize --prices closes.csv.gz --objective min-variance --max-weight 0.1
  apex optimize --prices closes.csv.gz --objective max-sharpe --risk-free 0.02 --json
  apex optimize --prices closes.csv.gz --objective min-cvar --alpha 0.99 --target-mean 0.0006
  apex optimize --prices closes.csv.gz --objective hrp --linkage ward --optimal-leaf-order
  apex optimize --prices closes.csv.gz --objective min-variance --frontier 50 --json
  apex optimize --prices closes.csv.gz --objective min-variance --frontier 20 --resample 500 --seed 7
  apex optimize --prices closes.csv.gz --objective black-litterman --views views.json
  apex optimize --prices closes.csv.gz --objective utility --risk-aversion 5 --constraints rules.toml
  apex optimize --portfolio Core --objective max-sharpe --risk-free 0.03 --max-weight 0.05
  apex optimize --portfolio Core --objective min-variance --add USMV --invest-cash --json
  apex optimize --portfolio Core --policy policy.toml

A policy, rates in percent a year; all of it optional:
  objective = \"max-sharpe\"              also equal and fixed, with [weights]
  risk_free_percent = 3
  target_percent = 8                    the return or volatility of target-return, target-volatility, min-cvar
  risk_aversion = 5
  level = 0.95
  estimator = \"ledoit-wolf\"
  means = \"equilibrium\"                 sample, equilibrium (Black-Litterman) or pooled (entropy pooling)
  market = \"current\"                    or \"equal\", or weights by symbol
  [[views]]
  asset = \"AAPL\"
  over = \"MSFT\"                         absent for a view on the return itself
  percent = 3
  [constraints]                         as below; sector, country, currency and kind are known of a book
  upper = 0.05

Views, for black-litterman and entropy-pooling (delta 2.5, tau 0.05, prior equal and annualisation 1 where absent):
  {\"delta\": 2.5, \"tau\": 0.05, \"prior\": \"equal\", \"annualisation\": 252,
   \"P\": [{\"AAPL\": 1}, {\"JPM\": 1, \"BAC\": -1}], \"Q\": [0.15, 0.03]}

Constraints, all of them optional; a number in place of a table of assets holds for every asset:
  budget = 1.0                          the sum of the weights
  lower = 0.0                           of every asset that says nothing else
  upper = 0.3
  current = {AAPL = 0.5, KO = 0.5}      what is held now, or \"equal\"; nothing where absent
  [assets]
  AAPL = {lower = 0.02, upper = 0.2}
  [classes.sector]
  AAPL = \"technology\"
  [[groups]]                            class and value, or assets = [\"AAPL\", \"MSFT\"]
  class = \"sector\"
  value = \"technology\"
  upper = 0.4
  [[rows]]                              any linear row, such as an exposure to a factor
  name = \"momentum\"
  coefficients = {AAPL = 1.2, KO = -0.3}
  lower = 0.0
  [turnover]
  limit = 0.2                           purchases and sales together
  [costs]                               proportional |d| + impact |d|^1.5, off the mean of a period
  proportional = 0.001
  impact = 0.01
  [tracking]
  limit = 0.005                         tracking error a period
  benchmark = \"equal\"
  [names]
  count = 10                            at most so many, by branch and bound; the gap is reported
  position_min = 0.02
  [lots]
  value = 1000000                       the book is rounded to whole lots at the last prices
  size = 10

JSON: {\"weights\": {\"AAPL\": 0.1}, \"mean\", \"volatility\", \"cvar\", \"risk_contributions\": {...}, \"kkt_residual\", \"gap\",
\"iterations\", \"elapsed_ms\"}, of a portfolio also \"trades\": [{\"symbol\", \"side\", \"quantity\", \"price\", \"currency\", \"amount\", \"cost\",
\"weight\"}], \"bought\", \"sold\", \"cost\", \"cash_change\", \"turnover\", \"current_weights\", \"as_of\", \"currency\", \"nav\", \"budget\",
\"now\", \"after\", \"notes\", \"left_out\"; --frontier: {\"points\": [{\"target\", \"volatility\", \"cvar\", \"weights\"}]}";

pub(crate) const BACKTEST: &str = "\
Follows a policy through the past: every decision sees the returns of its window and nothing later, is traded after the delay
at the close, and pays the cost of what it trades. Prices are those of the book's holdings in base currency, or the columns of
--prices. Wealth starts at 1 before the first purchase is paid for; statistics are those of `apex stats`. Where a decision has
no answer the weights stay, and how often that was so is said. Nothing here is an order.";

pub(crate) const BACKTEST_EXAMPLES: &str = "\
Examples:
  apex backtest policy.toml --portfolio Core
  apex backtest policy.toml --prices closes.csv.gz --json

The file, all of it optional; a field that is not known is refused:
  name = \"Minimum variance, monthly\"
  universe = [\"AAPL\", \"KO\"]             what is held, or every column, where absent
  from = \"2018-01-02\"
  until = \"2022-12-28\"
  days = 2520                           the most closes looked back on
  window = 252                          returns a decision is made from
  expanding = false                     or all returns so far, window at least
  rebalance = \"monthly\"                 daily, monthly, quarterly, yearly, never, drift-band
  band_percent = 5                      for drift-band
  delay = 1                             days from the decision to the trade
  cost_bp = 5
  benchmark = \"SPX\"                     the portfolio's own where absent
  [momentum]                            only the assets that rose most
  names = 10
  lookback = 231
  skip = 21
  [validation]                          purged cross-validation; tested above 1 is combinatorial
  folds = 6
  tested = 2
  embargo = 5
  [policy]                              as in `apex optimize --help`; equal, fixed and the rules too
  objective = \"min-variance\"
  [policy.constraints]
  upper = 0.1

JSON: {\"name\", \"currency\", \"days\", \"wealth\", \"drawdown\", \"benchmark\": {\"name\", \"wealth\", \"statistics\"}, \"statistics\",
\"rebalancings\": [{\"date\", \"turnover\", \"cost\", \"weights\"}], \"turnover_year\", \"cost\", \"last_weights\", \"next_weights\", \"trades\",
\"validation\": {\"splits\": [{\"tested\", \"train\", \"test\", \"total_return\", \"sharpe\"}], \"path_sharpe\", \"mean_sharpe\",
\"share_of_losses\"}, \"notes\", \"left_out\"}";

pub(crate) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  apex completions bash > /etc/bash_completion.d/apex
  apex completions zsh > ~/.zfunc/_apex
  apex completions fish > ~/.config/fish/completions/apex.fish";

/// Returns the long help of `apex import`, whose rules are the importer's own words.
pub(crate) fn import() -> String {
    format!("Adds a file to the book, all of it or nothing.\n\n{}", import::HELP)
}

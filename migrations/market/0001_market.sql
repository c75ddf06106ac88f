-- What the providers of market data said, and what was done with it. The book of record beside this file holds what is
-- trusted; here is what it was made from, so that any published price can be traced to the answer it was read from and
-- judged again. A book opens without this file, and a backup goes without it.
--
-- What a source said is appended: a bar or an event that reads differently later is a row of its own, known later, and
-- the row before stays. Days are counted from 1970-01-01, instants are nanoseconds since then in UTC. No column holds a
-- decimal number: prices live in encoded bodies or in JSON as text. Rows refer to each other by small integers
-- ("number"), which never leave this file.

-- Small documents of this machine by name: settings of the sources, symbols at the providers, keys of a book that the
-- system's keyring does not open.
create table states (
  name text not null constraint states_pk primary key,
  body text not null constraint states_body_is_json check (json_valid(body))
) strict, without rowid;

-- Answers as they came, compressed with zstd, each once by the BLAKE3 hash of its bytes. The source is what was asked,
-- without the key.
create table replies (
  number integer not null constraint replies_pk primary key,
  hash text not null constraint replies_hash_unique unique constraint replies_hash_is_blake3 check (length(hash) = 64),
  provider text not null,
  source text not null,
  received_at integer not null,
  status integer not null,
  body_bytes integer not null constraint replies_body_bytes_is_a_size check (body_bytes >= 0),
  body blob not null
) strict;

-- What is spoken of: an instrument by the sixteen bytes of its id, or a pair of currencies by its two codes.
create table series (
  number integer not null constraint series_pk primary key,
  key blob not null constraint series_key_unique unique
    constraint series_key_is_id_or_pair check (length(key) in (6, 16))
) strict;

-- Names of providers and files, written once instead of once a row.
create table sources (
  number integer not null constraint sources_pk primary key,
  name text not null constraint sources_name_unique unique
) strict;

-- That a source said something about a series: one row an answer that was taken in. The hashes lead to the raw answers.
-- What it repeated without a change is listed in confirmed, so that an answer that comes in late, but was given earlier,
-- does not undo what was said after it.
create table statements (
  number integer not null constraint statements_pk primary key,
  series integer not null constraint statements_series_fk references series (number),
  source integer not null constraint statements_source_fk references sources (number),
  known_at integer not null,
  hashes text not null constraint statements_hashes_are_json check (json_valid(hashes)),
  confirmed blob not null,
  constraint statements_once unique (series, source, known_at)
) strict;

-- Daily bars that were new or different, as traded: one row a year and answer, as compressed columns. The row known
-- last counts for each of its days.
create table day_bars (
  number integer not null constraint day_bars_pk primary key,
  series integer not null constraint day_bars_series_fk references series (number),
  source integer not null constraint day_bars_source_fk references sources (number),
  year integer not null,
  known_at integer not null,
  body blob not null
) strict;

create index day_bars_by_series on day_bars (series, source, year, known_at);

-- Bars of minutes: one row a day of UTC, series and source, which grows while the day does. When a minute is corrected,
-- the row as it was stays behind with the instant at which it was replaced.
create table minute_bars (
  number integer not null constraint minute_bars_pk primary key,
  series integer not null constraint minute_bars_series_fk references series (number),
  source integer not null constraint minute_bars_source_fk references sources (number),
  day integer not null,
  known_at integer not null,
  replaced_at integer,
  body blob not null
) strict;

create unique index minute_bars_current on minute_bars (series, day, source) where replaced_at is null;

-- Splits, dividends and distributions of gains as a source has them. The body lists all events of the kind on the day;
-- the row known last counts.
create table source_actions (
  number integer not null constraint source_actions_pk primary key,
  series integer not null constraint source_actions_series_fk references series (number),
  source integer not null constraint source_actions_source_fk references sources (number),
  ex_date integer not null,
  kind text not null constraint source_actions_kind check (kind in ('split', 'dividend', 'capital_gain')),
  known_at integer not null,
  body text not null constraint source_actions_body_is_json check (json_valid(body))
) strict;

create index source_actions_by_series on source_actions (series, source, ex_date, kind, known_at);

-- What was found wrong with a series, and what a person decided about it. The id is a hash of what was found, so that a
-- decision holds when the same is found again.
create table findings (
  id text not null constraint findings_pk primary key,
  series integer not null constraint findings_series_fk references series (number),
  source text not null,
  state text not null,
  body text not null constraint findings_body_is_json check (json_valid(body)),
  found_at integer not null,
  decision text,
  decided_at integer,
  constraint findings_are_decided_at_an_instant check ((decision is null) = (decided_at is null))
) strict, without rowid;

create index findings_by_series on findings (series);

-- When a source was last asked for what, and why nothing came.
create table fetches (
  series integer not null constraint fetches_series_fk references series (number),
  what text not null,
  source text,
  asked_at integer not null,
  error text,
  constraint fetches_pk primary key (series, what)
) strict, without rowid;

-- News, one row for each item of a provider, and the symbols it names.
create table news (
  number integer not null constraint news_pk primary key,
  provider text not null,
  id text not null,
  published integer not null,
  known_at integer not null,
  body text not null constraint news_body_is_json check (json_valid(body)),
  constraint news_once unique (provider, id)
) strict;

create index news_by_time on news (published);

create table news_symbols (
  symbol text not null,
  news integer not null constraint news_symbols_news_fk references news (number),
  constraint news_symbols_pk primary key (symbol, news)
) strict, without rowid;

create index news_symbols_by_news on news_symbols (news);

-- Alerts that fired.
create table fired_alerts (
  number integer not null constraint fired_alerts_pk primary key,
  fired_at integer not null,
  seen integer not null constraint fired_alerts_seen_is_yes_or_no check (seen in (0, 1)),
  body text not null constraint fired_alerts_body_is_json check (json_valid(body))
) strict;

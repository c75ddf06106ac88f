-- The book of one desktop: what the ledger is folded from, and nothing that can be folded again.
--
-- Every row says when it became known. Facts (transactions, prices, rates, corporate actions) are appended and never
-- changed; a correction is another fact, known later. Documents (portfolios, accounts, instruments, settings) carry a
-- version, and each version that was superseded stays in document_history. So any figure can be reproduced as it was
-- known at an earlier instant.
--
-- Sizes matter: a book of a hundred thousand transactions must stay small enough to mail. Rows refer to each other by
-- small integers ("number"), which never leave this file; identities that do leave it are UUIDs of sixteen bytes.
-- Days are counted from 1970-01-01, instants are nanoseconds since then in UTC. No column holds a decimal number:
-- amounts live in encoded bodies, because arithmetic in SQL would turn them into floating point.

-- The single row that says whose book this is and by which clock it is read: the wall's, or a day at which it stands
-- (the demo's). Labels are free text pairs, such as the seed of a simulated book.
create table book (
  number integer not null constraint book_pk primary key constraint book_is_single check (number = 1),
  id blob not null constraint book_id_is_uuid check (length(id) = 16),
  version integer not null,
  known_at integer not null,
  body text not null constraint book_body_is_json check (json_valid(body))
) strict;

create table portfolios (
  number integer not null constraint portfolios_pk primary key,
  id blob not null constraint portfolios_id_unique unique constraint portfolios_id_is_uuid check (length(id) = 16),
  name text not null constraint portfolios_name_unique unique,
  version integer not null,
  known_at integer not null,
  body text not null constraint portfolios_body_is_json check (json_valid(body))
) strict;

create table accounts (
  number integer not null constraint accounts_pk primary key,
  id blob not null constraint accounts_id_unique unique constraint accounts_id_is_uuid check (length(id) = 16),
  portfolio integer not null constraint accounts_portfolio_fk references portfolios (number),
  name text not null,
  version integer not null,
  known_at integer not null,
  body text not null constraint accounts_body_is_json check (json_valid(body)),
  constraint accounts_name_unique unique (portfolio, name)
) strict;

create table instruments (
  number integer not null constraint instruments_pk primary key,
  id blob not null constraint instruments_id_unique unique constraint instruments_id_is_uuid check (length(id) = 16),
  version integer not null,
  known_at integer not null,
  body text not null constraint instruments_body_is_json check (json_valid(body))
) strict;

-- Which symbol an instrument went by, and when; a symbol may belong to another instrument later. Derived from the
-- instrument's body in the same transaction, so that a symbol can be looked up without reading every instrument.
create table symbol_periods (
  instrument integer not null constraint symbol_periods_instrument_fk references instruments (number),
  symbol text not null,
  from_date integer,
  until_date integer
) strict;

create index symbol_periods_by_symbol on symbol_periods (symbol);
create index symbol_periods_by_instrument on symbol_periods (instrument);

-- Names of files and data providers, written once instead of once a row.
create table sources (
  number integer not null constraint sources_pk primary key,
  name text not null constraint sources_name_unique unique
) strict;

-- The ledger. The body is the whole fact in a compact encoding and the only column that is read back when a book is
-- loaded; the columns beside it are there for SQL to constrain and to find, and the program that writes the one writes
-- the other. The natural key makes an import repeatable: sixteen bytes of a hash over account and external id, or over
-- account and content for a line of a file that has no id. A transaction is reversed at most once.
create table transactions (
  number integer not null constraint transactions_pk primary key,
  id blob not null constraint transactions_id_unique unique constraint transactions_id_is_uuid check (length(id) = 16),
  account integer not null constraint transactions_account_fk references accounts (number),
  instrument integer constraint transactions_instrument_fk references instruments (number),
  trade_date integer not null,
  known_at integer not null,
  natural_key blob constraint transactions_natural_key_unique unique
    constraint transactions_natural_key_is_short check (length(natural_key) = 16),
  reverses integer constraint transactions_reversed_once unique
    constraint transactions_reverses_fk references transactions (number)
    constraint transactions_reverse_something_else check (reverses <> number),
  source integer constraint transactions_source_fk references sources (number),
  body blob not null
) strict;

-- Prices as traded, never adjusted. One row holds what one batch made known about one instrument in one year, as
-- compressed columns; a later row overrides an earlier one day by day. A single price typed by hand is a row of one
-- day, a history of ten years is ten rows.
create table price_series (
  number integer not null constraint price_series_pk primary key,
  instrument integer not null constraint price_series_instrument_fk references instruments (number),
  year integer not null,
  known_at integer not null,
  source integer not null constraint price_series_source_fk references sources (number),
  body blob not null
) strict;

create index price_series_by_instrument on price_series (instrument, year, known_at);

-- Exchange rates: units of the target for one unit of the base, in the same form as prices.
create table fx_series (
  number integer not null constraint fx_series_pk primary key,
  base text not null constraint fx_series_base_is_code check (length(base) = 3),
  target text not null constraint fx_series_target_is_code check (length(target) = 3),
  year integer not null,
  known_at integer not null,
  source integer not null constraint fx_series_source_fk references sources (number),
  body blob not null,
  constraint fx_series_is_a_pair check (base <> target)
) strict;

create index fx_series_by_pair on fx_series (base, target, year, known_at);

-- Splits and dividends beside the prices, for adjusting them on read. What a portfolio received is in its ledger.
-- The row known last for an instrument, day and kind counts; a withdrawn one says that there was no such event.
create table corporate_actions (
  number integer not null constraint corporate_actions_pk primary key,
  instrument integer not null constraint corporate_actions_instrument_fk references instruments (number),
  ex_date integer not null,
  kind text not null constraint corporate_actions_kind check (kind in ('split', 'dividend')),
  known_at integer not null,
  body text not null constraint corporate_actions_body_is_json check (json_valid(body))
) strict;

create index corporate_actions_by_instrument on corporate_actions (instrument, ex_date, kind, known_at);

-- Settings and import templates: small documents by name. A document without a body was removed.
create table settings (
  name text not null constraint settings_pk primary key,
  version integer not null,
  known_at integer not null,
  body text constraint settings_body_is_json check (json_valid(body))
) strict, without rowid;

create table import_templates (
  name text not null constraint import_templates_pk primary key,
  version integer not null,
  known_at integer not null,
  body text constraint import_templates_body_is_json check (json_valid(body))
) strict, without rowid;

-- Versions of documents that were superseded, so that a report of last month reads the names and classifications of
-- last month. The key is the document's UUID, or its name.
create table document_history (
  entity text not null,
  key blob not null,
  version integer not null,
  known_at integer not null,
  body text,
  constraint document_history_pk primary key (entity, key, version)
) strict, without rowid;

-- Files that were imported: what they were and what came of them. first_number and last_number span the transactions
-- an import added.
create table imports (
  number integer not null constraint imports_pk primary key,
  id blob not null constraint imports_id_unique unique constraint imports_id_is_uuid check (length(id) = 16),
  kind text not null,
  file_name text not null,
  file_hash blob not null constraint imports_file_hash_is_blake3 check (length(file_hash) = 32),
  added integer not null,
  duplicates integer not null,
  rejected integer not null,
  first_number integer,
  last_number integer,
  known_at integer not null
) strict;

create index imports_by_file_hash on imports (file_hash);

-- Changes that no server has confirmed, in the order they were made; each is written in the transaction of the change.
-- A document travels in its payload. Facts stay where they are: the payload of a batch names the rows it added and a
-- digest of them, which is enough because rows of facts never change, and keeps an import of a million lines to one
-- row per space. client_seq counts without gaps.
create table outbox (
  client_seq integer not null constraint outbox_pk primary key,
  mutation_id blob not null constraint outbox_mutation_id_unique unique
    constraint outbox_mutation_id_is_uuid check (length(mutation_id) = 16),
  space_kind text not null constraint outbox_space_kind check (space_kind in ('portfolio', 'reference', 'settings')),
  space_id blob not null constraint outbox_space_id_is_uuid check (length(space_id) = 16),
  kind text not null,
  entity text not null,
  entity_id blob,
  base_version integer,
  natural_key blob,
  payload blob not null,
  payload_hash blob not null constraint outbox_payload_hash_is_blake3 check (length(payload_hash) = 32),
  state text not null constraint outbox_state check (state in ('pending', 'sent', 'acked', 'quarantined')),
  reason text,
  known_at integer not null
) strict;

create index outbox_unsettled on outbox (client_seq) where state <> 'acked';

-- What belongs to this machine only and is never sent: window places, the last page.
create table local_state (
  name text not null constraint local_state_pk primary key,
  body text not null constraint local_state_body_is_json check (json_valid(body))
) strict, without rowid;

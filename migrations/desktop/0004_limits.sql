-- Limits of the portfolios: named documents like scenarios, with their versions in document_history. The body names the
-- portfolio it holds for. They have a table of their own because they are read with the book, not when a page asks.
create table limits (
  name text not null constraint limits_pk primary key,
  version integer not null,
  known_at integer not null,
  body text constraint limits_body_is_json check (json_valid(body))
) strict, without rowid;

-- Lists of instruments a person watches, and what is to be told when a price or a volume crosses a line: named
-- documents like scenarios, with their versions in document_history. They belong to the book of record because a person
-- has written them; what was quoted and which alerts fired is kept beside it, in market.db.
create table watchlists (
  name text not null constraint watchlists_pk primary key,
  version integer not null,
  known_at integer not null,
  body text constraint watchlists_body_is_json check (json_valid(body))
) strict, without rowid;

create table alerts (
  name text not null constraint alerts_pk primary key,
  version integer not null,
  known_at integer not null,
  body text constraint alerts_body_is_json check (json_valid(body))
) strict, without rowid;

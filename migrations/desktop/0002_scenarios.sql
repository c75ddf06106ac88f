-- Scenarios a person keeps: named documents like settings and import templates, with their versions in
-- document_history. The body is the JSON of the document whose TOML form people write by hand.
create table scenarios (
  name text not null constraint scenarios_pk primary key,
  version integer not null,
  known_at integer not null,
  body text constraint scenarios_body_is_json check (json_valid(body))
) strict, without rowid;

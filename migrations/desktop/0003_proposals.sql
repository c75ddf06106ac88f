-- Proposals a person keeps: edits of the What-if page as named documents like scenarios, with their versions in
-- document_history. The body is the JSON of the document. A proposal changes nothing and is never an order.
create table proposals (
  name text not null constraint proposals_pk primary key,
  version integer not null,
  known_at integer not null,
  body text constraint proposals_body_is_json check (json_valid(body))
) strict, without rowid;

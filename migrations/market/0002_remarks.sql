-- What was odd about the answer that was used: sentences, as a JSON array of texts. They stand until the series is asked for
-- again, so that a line of a file that was left out is not forgotten with the window that first said so.
alter table fetches add column remarks text not null default '[]'
  constraint fetches_remarks_are_json check (json_valid(remarks));

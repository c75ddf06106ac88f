//! The use cases from outside: made, written to encrypted files, read back, valued, explained and changed.

mod attribution;
mod backtest;
mod book;
mod books;
mod catch_up;
mod check;
mod demo;
mod desk;
mod explain;
mod figures;
mod firm;
mod import;
mod import_book;
mod market;
mod optimizer;
mod quotes;
mod repair;
mod risk;
mod scale;
mod scenario;
mod statistics;
mod what_if;

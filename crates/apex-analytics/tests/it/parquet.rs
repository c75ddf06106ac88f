//! Parquet as text: every type as its exact text, on a table that another program wrote (`tests/data/README.md`).

use apex_analytics::parquet::{CellKind, ParquetText};
use polars::prelude::{Column, DataFrame, IntoColumn, NamedFrom, Series};
use polars_io::parquet::write::ParquetWriter;

fn data(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data");
    std::fs::read(folder.join(name)).unwrap()
}

fn rows(table: &ParquetText, decimal: char) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let all = table.each_row(decimal, |row| {
        rows.push(row.to_vec());
        Ok::<(), ()>(())
    });
    assert_eq!(all, Ok(()));
    assert_eq!(rows.len(), table.rows());
    rows
}

#[test]
fn every_type_comes_out_as_its_exact_text() {
    use CellKind::{Day, Number, Other, Text};

    let table = ParquetText::read(&data("parquet/types.parquet")).unwrap();
    let expected = [
        ("date", Day, ["2026-01-05", "", "1969-12-31"]),
        ("date64", Day, ["2026-01-05", "", ""]),
        ("midnight", Day, ["2026-01-05", "2026-07-05", ""]),
        ("moment", Day, ["2026-01-05T09:30:00", "2026-01-05T09:30:01.0005", ""]),
        ("second", Day, ["2026-01-05T09:30:00", "", ""]),
        ("zone", Day, ["2026-01-05", "2026-07-05", "2026-07-05T11:00:00"]),
        ("offset", Day, ["2026-01-05", "", ""]),
        ("int8", Number, ["-128", "127", ""]),
        ("uint8", Number, ["255", "0", ""]),
        ("int16", Number, ["-32768", "0", ""]),
        ("uint16", Number, ["65535", "0", ""]),
        ("int64", Number, ["9007199254740993", "-1", ""]),
        ("uint64", Number, ["18446744073709551615", "0", ""]),
        ("float32", Number, ["0.1", "-2.5", ""]),
        ("float64", Number, ["0.30000000000000004", "0.0000001", "NaN"]),
        ("decimal", Number, ["1234.50", "-0.07", ""]),
        ("long", Number, ["12345678901234567890123456789", "", ""]),
        ("boolean", Other, ["true", "false", ""]),
        ("text", Text, ["a,\"b\"", "two\nlines", ""]),
        ("category", Text, ["buy", "sell", "buy"]),
        ("codes", Number, ["7", "8", "7"]),
        ("bytes", Text, ["old", "text", ""]),
        ("nothing", Other, ["", "", ""]),
    ];
    assert_eq!(table.headings(), expected.map(|(heading, ..)| heading));
    assert_eq!(table.kinds(), expected.map(|(_, kind, _)| kind));
    for (at, row) in rows(&table, '.').iter().enumerate() {
        for (cell, (heading, _, cells)) in row.iter().zip(expected) {
            assert_eq!(cell, cells[at], "row {} of {heading}", at + 1);
        }
    }
}

#[test]
fn numbers_take_the_mark_that_is_asked_for_and_text_keeps_its_own() {
    let table = ParquetText::read(&data("parquet/types.parquet")).unwrap();
    let at = |heading: &str| table.headings().iter().position(|one| one == heading).unwrap();
    let rows = rows(&table, ',');
    assert_eq!(rows[0][at("decimal")], "1234,50");
    assert_eq!(rows[0][at("float64")], "0,30000000000000004");
    assert_eq!(rows[1][at("moment")], "2026-01-05T09:30:01.0005");
    assert_eq!(rows[0][at("text")], "a,\"b\"");
}

fn parquet(columns: Vec<Column>) -> Vec<u8> {
    let mut frame = DataFrame::new(columns[0].len(), columns).unwrap();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
    bytes
}

#[test]
fn a_refusal_stops_the_reading() {
    let numbers = Series::new("n".into(), &[1_i64, 2, 3]).into_column();
    let table = ParquetText::read(&parquet(vec![numbers])).unwrap();
    let mut seen = Vec::new();
    let stopped = table.each_row('.', |row| {
        seen.push(row[0].clone());
        if row[0] == "2" { Err("enough") } else { Ok(()) }
    });
    assert_eq!((stopped, seen), (Err("enough"), vec!["1".to_owned(), "2".to_owned()]));
}

#[test]
fn what_is_no_table_of_cells_is_refused_with_a_reason() {
    let reason = |bytes: &[u8]| ParquetText::read(bytes).unwrap_err().to_string();
    assert!(reason(b"date,ACME\n").starts_with("table cannot be read: "));
    let numbered = Series::new("__index_level_0__".into(), &[1_i64]).into_column();
    assert_eq!(
        reason(&parquet(vec![numbered])),
        "table cannot be read: it has no column of text, numbers or dates"
    );
}

#[test]
fn a_file_that_was_cut_is_refused() {
    let whole = data("parquet/transactions.parquet");
    for end in 0..whole.len() {
        assert!(
            ParquetText::read(&whole[..end]).is_err(),
            "{end} of {} bytes",
            whole.len()
        );
    }
}

//! Price tables: what Parquet holds comes out as plain columns.

use apex_analytics::gap::GapColumn;
use apex_analytics::table::PriceTable;
use jiff::civil::Date;
use polars::prelude::{Column, DataFrame, DataType, IntoColumn, NamedFrom, Series};
use polars_io::parquet::write::ParquetWriter;

fn parquet(columns: Vec<Column>) -> Vec<u8> {
    let mut frame = DataFrame::new(columns[0].len(), columns).unwrap();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
    bytes
}

fn numbers(name: &str, values: &[Option<f64>]) -> Column {
    Series::new(name.into(), values).into_column()
}

fn days(values: &[i32]) -> Column {
    Series::new("date".into(), values)
        .cast(&DataType::Date)
        .unwrap()
        .into_column()
}

#[test]
fn parquet_comes_out_in_order_of_date_with_its_gaps() {
    // 2026-01-05 is day 20458 since 1970-01-01.
    let volume = Series::new("VOLUME".into(), &[7_i64, 8, 9]).into_column();
    let bytes = parquet(vec![
        days(&[20459, 20458, 20460]),
        numbers("ACME", &[Some(2.0), Some(1.0), None]),
        volume,
    ]);
    let table = PriceTable::from_parquet(&bytes).unwrap();
    assert_eq!(table.dates()[0], "2026-01-05".parse::<Date>().unwrap());
    assert_eq!(table.names(), ["ACME", "VOLUME"]);
    assert_eq!(table.column("ACME").unwrap().to_options(), [Some(1.0), Some(2.0), None]);
    assert_eq!(
        table.column("VOLUME").unwrap().to_options(),
        [Some(8.0), Some(7.0), Some(9.0)]
    );
    let complete = table.complete();
    assert_eq!(
        (complete.dates.len(), complete.dropped, complete.columns[0].as_slice()),
        (2, 1, &[1.0, 2.0][..])
    );
}

#[test]
fn dates_may_be_text() {
    let text = Series::new("day".into(), &["2026-01-05", "2026-01-06T00:00:00"]).into_column();
    let table = PriceTable::from_parquet(&parquet(vec![text, numbers("ACME", &[Some(1.0), None])])).unwrap();
    assert_eq!(table.dates()[1], "2026-01-06".parse::<Date>().unwrap());
}

#[test]
fn what_is_no_price_table_is_refused_with_a_reason() {
    let reason = |bytes: &[u8]| PriceTable::from_parquet(bytes).unwrap_err().to_string();
    assert!(reason(b"date,ACME\n").starts_with("table cannot be read: "));
    let twice = parquet(vec![days(&[20458, 20458]), numbers("ACME", &[None, None])]);
    assert_eq!(reason(&twice), "table cannot be read: two rows are dated 2026-01-05");
    assert_eq!(
        reason(&parquet(vec![numbers("ACME", &[None])])),
        "table cannot be read: no column holds dates"
    );
    let words = Series::new("NOTE".into(), &["x"]).into_column();
    assert!(reason(&parquet(vec![days(&[20458]), words])).contains("column NOTE holds no numbers"));
    assert!(PriceTable::new(vec![], vec!["ACME".into()], vec![]).is_err());
    assert!(PriceTable::new(vec![], vec!["ACME".into()], vec![GapColumn::unknown(1)]).is_err());
}

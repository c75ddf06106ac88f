//! Reads the reference files, and says when two numbers agree.

use std::io::Read;
use std::path::PathBuf;

use jiff::civil::Date;

/// A table of prices as the reference files hold it.
pub(crate) struct Prices {
    pub(crate) dates: Vec<Date>,
    pub(crate) names: Vec<String>,
    pub(crate) columns: Vec<Vec<f64>>,
}

fn data(folder: &str, name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/data")
        .join(folder)
        .join(name)
}

/// Reads a reference file.
pub(crate) fn golden(name: &str) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(data("golden", name)).unwrap()).unwrap()
}

/// Reads a wide table of prices.
pub(crate) fn prices(name: &str) -> Prices {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(data("prices", name)).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let mut lines = text.lines();
    let names: Vec<String> = lines.next().unwrap().split(',').skip(1).map(str::to_owned).collect();
    let mut table = Prices {
        dates: Vec::new(),
        columns: vec![Vec::new(); names.len()],
        names,
    };
    for line in lines {
        let mut cells = line.split(',');
        table.dates.push(cells.next().unwrap().parse().unwrap());
        for (column, cell) in table.columns.iter_mut().zip(cells) {
            column.push(cell.parse().unwrap());
        }
    }
    table
}

/// Returns whether two statistics agree: 1e-9 relative or 1e-12 absolute.
pub(crate) fn close(actual: f64, expected: f64) -> bool {
    (actual - expected).abs() <= (1e-9 * expected.abs()).max(1e-12)
}

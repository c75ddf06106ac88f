//! From bytes to text: unpacks, finds the encoding, the delimiter and the line with the headings. A Parquet table, which
//! has its headings and needs none of that, becomes such a text too, so that what follows is the same for all files.
//!
//! What is found can be overruled by the caller; nothing here knows what the columns mean.

mod parquet;

use std::borrow::Cow;
use std::io::Read;

use apex_wire::import::Format;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::ImportError;
use super::dates::DateFormat;
use super::number::find_decimal;

pub(crate) use parquet::is_parquet;

/// The delimiters that are tried, the commonest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How many lines are looked at to find delimiter and headings.
const LINES_LOOKED_AT: usize = 60;

/// Rows from which the decimal mark is told.
const ROWS_FOR_DECIMAL: usize = 20_000;

/// The largest size a packed file may unpack to.
const UNPACKED_BYTES_MAX: u64 = 4 << 30;

/// A file as text with its headings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceText {
    /// Name of the file, without its folder.
    pub(crate) name: String,
    /// How the file itself was written.
    pub(crate) form: Form,
    /// Headings, trimmed.
    pub(crate) headings: Vec<String>,
    /// Where a wide table has its dates: the first column, in Parquet the first that is one of dates.
    pub(crate) days: usize,
    /// The whole text in UTF-8.
    pub(crate) text: Vec<u8>,
    /// Where the rows begin.
    pub(crate) body: usize,
    /// The line on which the first row begins, the first of the file being 1. The lines of a table are its rows, which
    /// are counted without the headings.
    pub(crate) body_line: u64,
}

/// How a file was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As text.
    Text {
        /// Label of the encoding.
        encoding: &'static str,
        /// What stands between the cells.
        delimiter: u8,
    },
    /// As a Parquet table.
    Table {
        /// The mark in its numbers.
        decimal: u8,
    },
}

impl Form {
    /// Returns the delimiter of the text that was made of the file.
    fn delimiter(self) -> u8 {
        match self {
            Self::Text { delimiter, .. } => delimiter,
            Self::Table { .. } => b',',
        }
    }
}

impl SourceText {
    /// Reads a file: unpacks it by its name (`.gz`, `.bz2`), decodes it, and finds delimiter and headings.
    ///
    /// `score` says how much a line looks like headings; the best of the first lines is taken, the first of equals.
    ///
    /// # Errors
    /// When the file does not unpack, its encoding is not known, it holds no line, or it is no Parquet table although
    /// it says so.
    pub(crate) fn read(
        name: &str,
        bytes: &[u8],
        format: &Format,
        score: impl Fn(&[String]) -> usize,
    ) -> Result<Self, ImportError> {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned();
        let bytes = unpack(&name, bytes)?;
        if is_parquet(&name, &bytes) {
            return Self::from_parquet(name, &bytes, format);
        }
        let (text, encoding) = decode(bytes, format.encoding.as_deref())?;
        let mut start = 0;
        let mut told = None;
        // Spreadsheets write their delimiter into a first line of its own.
        if let Some(rest) = text.strip_prefix(b"sep=")
            && let [delimiter, b'\r' | b'\n', ..] = rest
        {
            told = Some(*delimiter);
            start = 4 + 1 + rest[1..].iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        }
        let chosen = format.delimiter.and_then(|one| u8::try_from(one).ok());
        let delimiter = chosen.or(told).unwrap_or_else(|| find_delimiter(&text[start..]));
        let (headings, body) =
            find_headings(&text[start..], delimiter, score).ok_or(ImportError::Empty { name: name.clone() })?;
        let body = start + body;
        let body_line = 1 + count_lines(&text[..body]);
        Ok(Self {
            name,
            form: Form::Text { encoding, delimiter },
            headings,
            days: 0,
            text: text.into_owned(),
            body,
            body_line,
        })
    }

    /// Returns a reader of the rows from a place in the text.
    pub(crate) fn reader<'t>(&self, part: &'t [u8]) -> csv::Reader<&'t [u8]> {
        reader(part, self.form.delimiter())
    }

    /// Returns the line of a record that was read from a piece.
    pub(crate) fn line(&self, first_line: u64, record: &csv::ByteRecord) -> u64 {
        let within = record.position().map_or(0, |at| match self.form {
            Form::Text { .. } => at.line().saturating_sub(1),
            Form::Table { .. } => at.record(),
        });
        first_line + within
    }

    /// Returns the rows' text.
    pub(crate) fn rows(&self) -> &[u8] {
        self.text.get(self.body..).unwrap_or_default()
    }

    /// Returns the first rows as text.
    pub(crate) fn sample(&self, rows: usize) -> Vec<Vec<String>> {
        let records = self.reader(self.rows()).into_byte_records().map_while(Result::ok);
        records
            .filter(|record| !is_blank(record))
            .take(rows)
            .map(|record| cells(&record))
            .collect()
    }

    /// Tells the decimal mark from the first rows; `None` where they do not tell.
    pub(crate) fn decimal(&self) -> Option<u8> {
        if let Form::Table { decimal } = self.form {
            return Some(decimal);
        }
        let records = self
            .reader(self.rows())
            .into_byte_records()
            .map_while(Result::ok)
            .take(ROWS_FOR_DECIMAL);
        let cells: Vec<Vec<u8>> = records
            .flat_map(|record| record.iter().map(<[u8]>::to_vec).collect::<Vec<_>>())
            .collect();
        find_decimal(cells.iter().map(Vec::as_slice).filter(is_no_date))
    }

    /// Cuts the rows into about `parts` pieces at line ends outside quotes, each with the line it begins on.
    pub(crate) fn pieces(&self, parts: usize) -> Vec<(u64, &[u8])> {
        let rows = self.rows();
        let step = (rows.len() / parts.max(1)).max(64 << 10);
        let mut pieces = Vec::new();
        let (mut start, mut line, mut lines, mut quoted) = (0, self.body_line, 0_u64, false);
        for (at, byte) in rows.iter().enumerate() {
            match byte {
                b'"' => quoted = !quoted,
                b'\n' => {
                    // A row of a table is one, however many lines its text takes.
                    lines += u64::from(!(quoted && matches!(self.form, Form::Table { .. })));
                    if !quoted && at + 1 - start >= step {
                        pieces.push((line, &rows[start..=at]));
                        (start, line) = (at + 1, self.body_line + lines);
                    }
                }
                _ => {}
            }
        }
        if start < rows.len() {
            pieces.push((line, &rows[start..]));
        }
        pieces
    }
}

/// Dates with points are not numbers.
fn is_no_date(cell: &&[u8]) -> bool {
    DateFormat::DayFirst('.').parse(cell).is_none()
}

/// Unpacks by the name's ending, or by the first bytes where there is no name to go by.
pub(crate) fn unpack<'b>(name: &str, bytes: &'b [u8]) -> Result<Cow<'b, [u8]>, ImportError> {
    let mut unpacked = Vec::new();
    let lower = name.to_ascii_lowercase();
    let result = if lower.ends_with(".gz") || bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(bytes)
            .take(UNPACKED_BYTES_MAX)
            .read_to_end(&mut unpacked)
    } else if lower.ends_with(".bz2") || bytes.starts_with(b"BZh") {
        bzip2::read::MultiBzDecoder::new(bytes)
            .take(UNPACKED_BYTES_MAX)
            .read_to_end(&mut unpacked)
    } else {
        return Ok(Cow::Borrowed(bytes));
    };
    match result {
        Ok(_) => Ok(Cow::Owned(unpacked)),
        Err(err) => Err(ImportError::Unpack {
            name: name.to_owned(),
            reason: err.to_string(),
        }),
    }
}

/// Decodes to UTF-8: by label, by byte order mark, by the zeros of UTF-16, as UTF-8, else by guess.
fn decode<'b>(bytes: Cow<'b, [u8]>, label: Option<&str>) -> Result<(Cow<'b, [u8]>, &'static str), ImportError> {
    let encoding = match label {
        Some(label) => Encoding::for_label(label.trim().as_bytes()).ok_or_else(|| ImportError::UnknownEncoding {
            label: label.to_owned(),
        })?,
        None => guess(&bytes),
    };
    let marked = Encoding::for_bom(&bytes);
    let encoding = marked.map_or(encoding, |(encoding, _)| encoding);
    let skipped = marked.map_or(0, |(_, length)| length);
    let name = label_of(encoding);
    if encoding == UTF_8 && std::str::from_utf8(&bytes[skipped..]).is_ok() {
        let text = match bytes {
            Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[skipped..]),
            Cow::Owned(mut bytes) => {
                bytes.drain(..skipped);
                Cow::Owned(bytes)
            }
        };
        return Ok((text, name));
    }
    let (text, _) = encoding.decode_without_bom_handling(&bytes[skipped..]);
    Ok((Cow::Owned(text.into_owned().into_bytes()), name))
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let head = &bytes[..bytes.len().min(4096)];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    if zeros(1) * 4 > head.len() && zeros(0) == 0 {
        return UTF_16LE;
    }
    if zeros(0) * 4 > head.len() && zeros(1) == 0 {
        return UTF_16BE;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

fn label_of(encoding: &'static Encoding) -> &'static str {
    match encoding.name() {
        "UTF-8" => "utf-8",
        "UTF-16LE" => "utf-16le",
        "UTF-16BE" => "utf-16be",
        other => other,
    }
}

fn reader(part: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(part)
}

fn cells(record: &csv::ByteRecord) -> Vec<String> {
    record
        .iter()
        .map(|cell| String::from_utf8_lossy(cell).trim().to_owned())
        .collect()
}

pub(crate) fn is_blank(record: &csv::ByteRecord) -> bool {
    record.iter().all(|cell| cell.trim_ascii().is_empty())
}

/// The delimiter that cuts the first lines into most fields of equal count.
fn find_delimiter(text: &[u8]) -> u8 {
    let score = |delimiter: u8| {
        let mut counts = std::collections::BTreeMap::<usize, usize>::new();
        for record in reader(text, delimiter)
            .into_byte_records()
            .map_while(Result::ok)
            .take(LINES_LOOKED_AT)
        {
            *counts.entry(record.len()).or_default() += 1;
        }
        counts
            .into_iter()
            .map(|(fields, lines)| (fields - fields.min(1)) * lines * lines)
            .max()
            .unwrap_or_default()
    };
    let mut best = (0, DELIMITERS[0]);
    for delimiter in DELIMITERS {
        let score = score(delimiter);
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    best.1
}

/// Returns the headings and the place behind them.
fn find_headings(text: &[u8], delimiter: u8, score: impl Fn(&[String]) -> usize) -> Option<(Vec<String>, usize)> {
    let mut reader = reader(text, delimiter);
    let mut record = csv::ByteRecord::new();
    let mut best: Option<(usize, Vec<String>, usize)> = None;
    let mut looked_at = 0;
    while looked_at < LINES_LOOKED_AT && reader.read_byte_record(&mut record).ok()? {
        if is_blank(&record) {
            continue;
        }
        looked_at += 1;
        let headings = cells(&record);
        let score = score(&headings);
        if best.as_ref().is_none_or(|(known, ..)| score > *known) {
            let mut end = usize::try_from(reader.position().byte()).ok()?.min(text.len());
            // The reader stops between the two signs of a line end.
            if end > 0 && text[end - 1] == b'\r' && text.get(end) == Some(&b'\n') {
                end += 1;
            }
            best = Some((score, headings, end));
        }
    }
    best.map(|(_, headings, end)| (headings, end))
}

fn count_lines(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> SourceText {
        SourceText::read("trades.csv", bytes, &Format::default(), |_| 0).unwrap()
    }

    #[test]
    fn encodings_are_told_from_marks_zeros_and_contents() {
        let text = "Währung;Stück\nEUR;7\n";
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [&[0xff, 0xfe][..], &utf16].concat();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(text);
        let with_mark = [&[0xef, 0xbb, 0xbf][..], text.as_bytes()].concat();
        for (bytes, encoding) in [
            (text.as_bytes(), "utf-8"),
            (&with_mark, "utf-8"),
            (&utf16, "utf-16le"),
            (&marked, "utf-16le"),
            (&big, "utf-16be"),
            (&latin, "windows-1252"),
        ] {
            let read = read(bytes);
            assert_eq!(
                read.form,
                Form::Text {
                    encoding,
                    delimiter: b';'
                }
            );
            assert_eq!(read.headings, ["Währung", "Stück"], "{encoding}");
        }
    }

    #[test]
    fn a_line_of_its_own_tells_the_delimiter() {
        let read = read(b"sep=|\r\na|b,c\r\n1|2,3\r\n");
        assert_eq!(
            (read.form.delimiter(), read.headings.len(), read.body_line),
            (b'|', 2, 3)
        );
        assert_eq!(read.sample(5), [["1", "2,3"]]);
    }

    #[test]
    fn headings_may_stand_below_a_title() {
        let looks_right = |line: &[String]| usize::from(line.iter().any(|cell| cell == "date"));
        let text = b"Account statement\n\ndate,kind\n2026-01-05,buy\n";
        let read = SourceText::read("x.csv", text, &Format::default(), looks_right).unwrap();
        assert_eq!(
            (read.headings, read.body_line),
            (vec!["date".to_owned(), "kind".to_owned()], 4)
        );
    }

    #[test]
    fn pieces_are_cut_outside_quotes_and_know_their_line() {
        let row = format!("1,\"a\n{}\"\n", "b".repeat(40_000));
        let text = format!("x,y\n{}", row.repeat(6));
        let read = read(text.as_bytes());
        let pieces = read.pieces(3);
        assert!(pieces.len() > 1);
        let together: Vec<u8> = pieces.iter().flat_map(|(_, piece)| piece.iter().copied()).collect();
        assert_eq!(together, read.rows());
        assert_eq!(pieces[1].0, 2 + 2 * (pieces[0].1.len() / row.len()) as u64);
    }
}

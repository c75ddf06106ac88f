//! Every fixture, bent a few thousand ways that follow from a seed, through every parser: none stops the program, and no error
//! shows a key that stands in the answer.

use apex_analytics::random::Stream;
use apex_market_data::polygon::{self, stream as polygon_stream};
use apex_market_data::yahoo::{self, stream as yahoo_stream};
use apex_market_data::{Interval, ProviderError, alpha_vantage, files};

use crate::client::KEY;

/// How many bent copies of each fixture.
const COPIES: u32 = 1_000;

/// What answers are bent with: edges of numbers, of dates, of nesting and of text, and a key.
const PIECES: [&str; 27] = [
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "0",
    "-0",
    "-1",
    "1e999",
    "1e-999",
    "0.0000000000000000000000000000001",
    "79228162514264337593543950335",
    "9223372036854775808",
    "-62135596800000",
    "253402300800000",
    "\"NaN\"",
    "\"Infinity\"",
    "\"None\"",
    "\"9999-12-31\"",
    "\"2024-02-30\"",
    "\"\\ud800\"",
    "[[[[[[[[",
    "\u{1F4C8}",
    "\"Asia/Nowhere\"",
    "Q1W2E3R4T5Y6U7I8",
    "\"apikey=Q1W2E3R4T5Y6U7I8\"",
    "\u{feff}",
];

type Parser = fn(&[u8]) -> Result<(), ProviderError>;

fn parsers() -> Vec<(&'static str, Parser)> {
    vec![
        ("aggregates", |bytes| {
            polygon::aggregates(bytes, "AAPL", Interval::Day).map(drop)
        }),
        ("minutes", |bytes| {
            polygon::aggregates(bytes, "AAPL", Interval::Minute).map(drop)
        }),
        ("grouped", |bytes| polygon::grouped_daily(bytes).map(drop)),
        ("splits", |bytes| polygon::splits(bytes).map(drop)),
        ("dividends", |bytes| polygon::dividends(bytes).map(drop)),
        ("events", |bytes| polygon::ticker_events(bytes).map(drop)),
        ("polygon news", |bytes| polygon::news(bytes).map(drop)),
        ("tickers", |bytes| polygon::reference_tickers(bytes).map(drop)),
        ("frames", |bytes| polygon_stream::frame(bytes).map(drop)),
        ("polygon failure", |bytes| Err(polygon::failure(429, bytes, None))),
        ("daily TSLA", |bytes| alpha_vantage::daily(bytes, "TSLA").map(drop)),
        ("daily IBM", |bytes| alpha_vantage::daily(bytes, "IBM").map(drop)),
        ("rates", |bytes| alpha_vantage::rates(bytes, "EUR", "USD").map(drop)),
        ("sentiment", |bytes| alpha_vantage::news(bytes).map(drop)),
        ("alpha vantage failure", |bytes| {
            Err(alpha_vantage::failure(500, bytes, None))
        }),
        ("chart", |bytes| yahoo::chart(bytes, "VFINX", Interval::Day).map(drop)),
        ("intraday", |bytes| {
            yahoo::chart(bytes, "NPN.JO", Interval::Minute).map(drop)
        }),
        ("crumb", |bytes| yahoo::crumb(bytes).map(drop)),
        ("yahoo failure", |bytes| Err(yahoo::failure(404, bytes, "VFINX", None))),
        ("pricing", |bytes| yahoo_stream::frame(bytes).map(drop)),
        ("file", |bytes| files::daily(bytes, "ACME").map(drop)),
    ]
}

/// Returns every fixture there is.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut found = Vec::new();
    for folder in ["polygon", "alpha_vantage", "yahoo", "files"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// Bends an answer: one to four times a byte changed, a piece put in, a stretch cut out, doubled or cut off.
fn bend(bytes: &mut Vec<u8>, random: &mut Stream) {
    for _ in 0..=random.below(4) {
        let length = u32::try_from(bytes.len()).unwrap();
        if length == 0 {
            return;
        }
        let at = random.below(length) as usize;
        let until = (at + random.below(24) as usize).min(bytes.len());
        match random.below(8) {
            0 => bytes[at] = random.below(256) as u8,
            1 => bytes[at] ^= 1 << random.below(8),
            2 => drop(bytes.drain(at..until)),
            3 => {
                let stretch = bytes[at..until].to_vec();
                bytes.splice(at..at, stretch);
            }
            4 if random.below(4) == 0 => bytes.truncate(at),
            5 => replace_value(bytes, at, random),
            _ => {
                let piece = PIECES[random.below(27) as usize];
                bytes.splice(at..at, piece.bytes());
            }
        }
    }
}

/// Puts a piece in the place of the next value.
fn replace_value(bytes: &mut Vec<u8>, at: usize, random: &mut Stream) {
    let Some(colon) = bytes[at..].iter().position(|byte| *byte == b':') else {
        return;
    };
    let start = at + colon + 1;
    let end = bytes[start..]
        .iter()
        .position(|byte| matches!(byte, b',' | b'}' | b']'))
        .map_or(bytes.len(), |length| start + length);
    let piece = PIECES[random.below(27) as usize];
    bytes.splice(start..end, piece.bytes());
}

#[test]
fn bent_answers_stop_no_parser_and_show_no_key() {
    let parsers = parsers();
    let (mut read, mut refused) = (0_u32, 0_u32);
    for (number, (name, fixture)) in fixtures().iter().enumerate() {
        let mut random = Stream::new(20_260_309, number as u64);
        for copy in 0..COPIES {
            let mut bytes = fixture.clone();
            if copy > 0 {
                bend(&mut bytes, &mut random);
            }
            // Its own parser is among them; all others must bear it too.
            let other = random.below(u32::try_from(parsers.len()).unwrap()) as usize;
            for (which, (parser, parse)) in parsers.iter().enumerate() {
                if copy % 8 != 0 && which != other && !fits(name, parser) {
                    continue;
                }
                match parse(&bytes) {
                    Ok(()) => read += 1,
                    Err(err) => {
                        refused += 1;
                        let sentence = err.to_string();
                        assert!(!sentence.contains(KEY), "{parser} shows the key: {sentence}");
                        assert!(!format!("{err:?}").contains(KEY), "{parser} shows the key: {err:?}");
                        assert!(
                            sentence.len() < 2_000 && !sentence.contains('\n'),
                            "{parser}: {sentence}"
                        );
                    }
                }
            }
        }
    }
    // Both happen often, so that both are tested.
    assert!(read > 5_000 && refused > 5_000, "{read} read, {refused} refused");
}

/// Returns whether a parser is one that a fixture was written for.
fn fits(fixture: &str, parser: &str) -> bool {
    let pairs = [
        ("aggregates.json", "aggregates"),
        ("grouped_daily.json", "grouped"),
        ("splits.json", "splits"),
        ("dividends.json", "dividends"),
        ("ticker_events.json", "events"),
        ("polygon/news.json", "polygon news"),
        ("reference_tickers.json", "tickers"),
        ("stream_", "frames"),
        ("daily_adjusted.json", "daily TSLA"),
        ("vantage/daily.json", "daily IBM"),
        ("rates.json", "rates"),
        ("vantage/news.json", "sentiment"),
        ("echoed_key.json", "alpha vantage failure"),
        ("echoed_key.json", "daily IBM"),
        ("chart.json", "chart"),
        ("no_rows.json", "chart"),
        ("not_found.json", "yahoo failure"),
        ("intraday.json", "intraday"),
        ("crumb.txt", "crumb"),
        ("yahoo/stream.json", "pricing"),
        ("ACME.csv", "file"),
        ("ACME.parquet", "file"),
    ];
    pairs
        .iter()
        .any(|(file, name)| fixture.contains(file) && *name == parser)
}

#[test]
fn every_fixture_is_read_as_it_is() {
    for (name, fixture) in fixtures() {
        let fitting = parsers().into_iter().filter(|(parser, _)| fits(&name, parser));
        let results: Vec<bool> = fitting.map(|(_, parse)| parse(&fixture).is_ok()).collect();
        let is_refusal = name.contains("echoed_key") || name.contains("not_found") || name.contains("no_rows");
        assert!(!results.is_empty(), "{name} fits no parser");
        assert_eq!(results.iter().all(|read| *read), !is_refusal, "{name}");
    }
}

//! The corpus of the fuzzer, and each of its files bent a thousand ways that follow from a seed, through every parser: none
//! stops the program, and no error shows a key that stands in the answer. The fuzzer itself runs the same list
//! (`apex_market_data::parsers`) in the public workflow.

use std::path::{Path, PathBuf};

use apex_analytics::random::Stream;
use apex_market_data::parsers::{PARSERS, feed};

use crate::client::KEY;

/// How many bent copies of each file.
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

/// A file of the corpus.
struct Seed {
    parser: &'static str,
    /// The name of the file; one that its parser must refuse says so.
    file: String,
    bytes: Vec<u8>,
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|err| panic!("{}: {err}", folder.display()));
    let mut found: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                std::fs::read(&path).unwrap(),
            )
        })
        .collect();
    found.sort();
    found
}

/// Returns the corpus.
fn seeds() -> Vec<Seed> {
    let of = |parser: &'static str| {
        let found = files(&repository().join("fuzz/corpus").join(parser));
        assert!(!found.is_empty(), "{parser} has no file in the corpus");
        found.into_iter().map(move |(file, bytes)| Seed { parser, file, bytes })
    };
    PARSERS.iter().flat_map(|parser| of(parser.name)).collect()
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

/// Reads bytes and returns whether they were taken; an error may not show a key.
fn takes(parser: &str, bytes: &[u8]) -> bool {
    let outcome = feed(parser, bytes);
    // A file of prices is a person's own, and its headings are named back to them.
    if let Err(err) = &outcome
        && parser != "price_file"
    {
        assert!(!err.to_string().contains(KEY), "{parser} shows the key: {err}");
        assert!(!format!("{err:?}").contains(KEY), "{parser} shows the key: {err:?}");
    }
    outcome.is_ok()
}

#[test]
fn bent_answers_stop_no_parser_and_show_no_key() {
    let (mut read, mut refused) = (0_u32, 0_u32);
    let parsers = u32::try_from(PARSERS.len()).unwrap();
    for (number, seed) in seeds().iter().enumerate() {
        let mut random = Stream::new(20_260_309, number as u64);
        for copy in 0..COPIES {
            let mut bytes = seed.bytes.clone();
            if copy > 0 {
                bend(&mut bytes, &mut random);
            }
            // Its own parser reads it, some other must bear it too, and now and then all of them.
            let other = random.below(parsers) as usize;
            for (which, parser) in PARSERS.iter().enumerate() {
                if which == other || parser.name == seed.parser || copy % 50 == 0 {
                    match takes(parser.name, &bytes) {
                        true => read += 1,
                        false => refused += 1,
                    }
                }
            }
        }
    }
    // Both happen often, so that both are tested.
    assert!(read > 4_000 && refused > 4_000, "{read} read, {refused} refused");
}

#[test]
fn the_corpus_is_read_as_it_is_and_holds_every_fixture() {
    let seeds = seeds();
    for seed in &seeds {
        let is_refusal = seed.file.starts_with("refused_");
        assert_eq!(
            takes(seed.parser, &seed.bytes),
            !is_refusal,
            "{} {}",
            seed.parser,
            seed.file
        );
    }
    for provider in ["alpha_vantage", "files", "polygon", "yahoo"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(provider);
        for (file, bytes) in files(&folder) {
            assert!(
                seeds.iter().any(|seed| seed.bytes == bytes),
                "{provider}/{file} is not in fuzz/corpus"
            );
        }
    }
}

#[test]
fn every_parser_is_a_target_of_the_fuzzer() {
    let manifest = std::fs::read_to_string(repository().join("fuzz/Cargo.toml")).unwrap();
    let workflow = std::fs::read_to_string(repository().join(".github/workflows/fuzz.yml")).unwrap();
    let (_, targets) = manifest.split_once("[[bin]]").unwrap();
    let targets: Vec<&str> = targets
        .lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
        .collect();
    assert_eq!(targets, PARSERS.map(|parser| parser.name), "fuzz/Cargo.toml");
    assert!(
        workflow.contains("cargo +nightly fuzz list"),
        "the workflow runs whatever is listed"
    );
}

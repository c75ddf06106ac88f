//! One parser of foreign bytes, chosen by the name of the program: each name in the manifest is a target.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // A Parquet file is read behind a wall against panics of its library, at which a fuzzer would stop.
    if bytes.starts_with(b"PAR1") {
        return;
    }
    // What does not hold panics; that bytes are refused is no finding.
    drop(apex_market_data::parsers::feed(env!("CARGO_BIN_NAME"), bytes));
});

//! Every parser of foreign bytes by its name: one list for the tests that bend answers and for the fuzzer.
//!
//! A target of `fuzz/` is [`feed`] under the name of the target. What must hold of all of them is checked there: none stops
//! the program, an error is one short sentence, and what is published of a history is possible.

use std::collections::BTreeMap;
use std::error::Error;

use apex_domain::{Currency, Date, InstrumentKind};

use crate::pipeline::{Intake, Subject, judge, normalize};
use crate::polygon::{self, stream as polygon_stream};
use crate::record::{Interval, Provider, Records};
use crate::series::PriceFile;
use crate::yahoo::{self, stream as yahoo_stream};
use crate::{alpha_vantage, files};

/// What came of reading.
pub type Outcome = Result<(), Box<dyn Error>>;

/// A parser.
#[derive(Debug, Clone, Copy)]
pub struct Parser {
    /// Its name, which is that of its fuzz target and of its folder in the corpus.
    pub name: &'static str,
    /// Reads bytes and throws away what they say.
    pub read: fn(&[u8]) -> Outcome,
}

/// The longest sentence of an error, in bytes: answers are quoted by their beginning only.
const SENTENCE_MAX: usize = 2_000;

fn dropped<T, E: Error + 'static>(read: Result<T, E>) -> Outcome {
    read.map(drop).map_err(Into::into)
}

/// All of them, by name.
pub const PARSERS: [Parser; 24] = [
    Parser {
        name: "alpha_vantage_daily",
        read: |bytes| dropped(alpha_vantage::daily(bytes, "IBM")),
    },
    Parser {
        name: "alpha_vantage_daily_adjusted",
        read: |bytes| dropped(alpha_vantage::daily(bytes, "TSLA")),
    },
    Parser {
        name: "alpha_vantage_failure",
        read: |bytes| Err(alpha_vantage::failure(500, bytes, None).into()),
    },
    Parser {
        name: "alpha_vantage_news",
        read: |bytes| dropped(alpha_vantage::news(bytes)),
    },
    Parser {
        name: "alpha_vantage_rates",
        read: |bytes| dropped(alpha_vantage::rates(bytes, "EUR", "USD")),
    },
    Parser {
        name: "files_daily",
        read: |bytes| dropped(files::daily(bytes, "ACME")),
    },
    Parser {
        name: "files_judged",
        read: |bytes| judged(Provider::Files, &files::daily(bytes, "ACME")?),
    },
    Parser {
        name: "polygon_aggregates",
        read: |bytes| dropped(polygon::aggregates(bytes, "AAPL", Interval::Day)),
    },
    Parser {
        name: "polygon_dividends",
        read: |bytes| dropped(polygon::dividends(bytes)),
    },
    Parser {
        name: "polygon_failure",
        read: |bytes| Err(polygon::failure(429, bytes, None).into()),
    },
    Parser {
        name: "polygon_grouped_daily",
        read: |bytes| dropped(polygon::grouped_daily(bytes)),
    },
    Parser {
        name: "polygon_minutes",
        read: |bytes| dropped(polygon::aggregates(bytes, "AAPL", Interval::Minute)),
    },
    Parser {
        name: "polygon_news",
        read: |bytes| dropped(polygon::news(bytes)),
    },
    Parser {
        name: "polygon_reference_tickers",
        read: |bytes| dropped(polygon::reference_tickers(bytes)),
    },
    Parser {
        name: "polygon_splits",
        read: |bytes| dropped(polygon::splits(bytes)),
    },
    Parser {
        name: "polygon_stream",
        read: |bytes| dropped(polygon_stream::frame(bytes)),
    },
    Parser {
        name: "polygon_ticker_events",
        read: |bytes| dropped(polygon::ticker_events(bytes)),
    },
    Parser {
        name: "price_file",
        read: |bytes| dropped(PriceFile::read("prices.csv", std::str::from_utf8(bytes)?, None)),
    },
    Parser {
        name: "yahoo_chart",
        read: |bytes| dropped(yahoo::chart(bytes, "VFINX", Interval::Day)),
    },
    Parser {
        name: "yahoo_crumb",
        read: |bytes| dropped(yahoo::crumb(bytes)),
    },
    Parser {
        name: "yahoo_failure",
        read: |bytes| Err(yahoo::failure(404, bytes, "VFINX", None).into()),
    },
    Parser {
        name: "yahoo_intraday",
        read: |bytes| dropped(yahoo::chart(bytes, "NPN.JO", Interval::Minute)),
    },
    Parser {
        name: "yahoo_judged",
        read: |bytes| judged(Provider::Yahoo, &yahoo::chart(bytes, "VFINX", Interval::Day)?),
    },
    Parser {
        name: "yahoo_stream",
        read: |bytes| dropped(yahoo_stream::frame(bytes)),
    },
];

/// Returns the parser of a name.
///
/// ```
/// assert!(apex_market_data::parsers::parser("yahoo_chart").is_some());
/// ```
pub fn parser(name: &str) -> Option<&'static Parser> {
    PARSERS.iter().find(|parser| parser.name == name)
}

/// Reads bytes with the parser of a name, and checks what must hold whatever they are.
///
/// # Panics
///
/// When there is no such parser, or something does not hold: then it has found a defect.
pub fn feed(name: &str, bytes: &[u8]) -> Outcome {
    let parser = parser(name).unwrap_or_else(|| panic!("there is no parser {name}"));
    let outcome = (parser.read)(bytes);
    if let Err(err) = &outcome {
        let sentence = err.to_string();
        assert!(
            sentence.len() < SENTENCE_MAX && !sentence.contains('\n'),
            "{name} does not say in one sentence what is wrong: {sentence}"
        );
    }
    outcome
}

/// Judges one provider's records, and checks that what is published can be.
fn judged(provider: Provider, records: &Records) -> Outcome {
    let subject = Subject {
        currency: Currency::USD,
        exchange: Some("XNYS".to_owned()),
        kind: InstrumentKind::Equity,
    };
    let judged = judge(&Intake {
        sources: vec![normalize(provider, records, &subject).days],
        subject,
        until: Date::constant(2026, 12, 31),
        decisions: BTreeMap::new(),
    });
    for (date, day) in &judged.days {
        let prices = [day.open, day.high, day.low, Some(day.close)];
        let is_possible = |price: apex_domain::Decimal| {
            price > apex_domain::Decimal::ZERO
                && day.high.is_none_or(|high| high >= price)
                && day.low.is_none_or(|low| low <= price)
        };
        assert!(
            prices.into_iter().flatten().all(is_possible),
            "{date} cannot be: {day:?}"
        );
        assert!(!judged.waiting.contains(date), "{date} is published and waits");
    }
    Ok(())
}

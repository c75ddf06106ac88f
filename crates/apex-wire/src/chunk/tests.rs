//! Chunks to and fro: exact, whatever the bars, and unreadable bytes are refused.

use jiff::civil::{Date, date};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A bar as `2026-01-05 open high low close volume`, with `-` for what is not known.
fn bar(line: &str) -> PriceBar {
    let cells: Vec<&str> = line.split_whitespace().collect();
    let cell = |at: usize| (cells[at] != "-").then(|| number(cells[at]));
    PriceBar {
        date: cells[0].parse().unwrap(),
        close: number(cells[4]),
        range: cell(1)
            .zip(cell(2))
            .zip(cell(3))
            .map(|((open, high), low)| [open, high, low]),
        volume: cell(5),
    }
}

fn bars(lines: &str) -> Vec<PriceBar> {
    lines
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(bar)
        .collect()
}

#[test]
fn bars_come_back_as_the_decimals_they_were_and_as_the_nearest_floats() {
    let bars = bars(
        "2026-01-02 231.27 232.00 229.98 230.10 48123400
         2026-01-05 -      -      -      232    -
         2026-01-06 231.5  233.25 231.01 233.07 51000000
         2026-12-31 233    233    0.35   0.35   0",
    );
    let bytes = encode(2026, &bars).unwrap();
    assert_eq!(decode(&bytes).unwrap(), bars);
    let mut unpacker = Unpacker::default();
    let (days, closes) = unpacker.closes(&[&bytes]).unwrap();
    assert_eq!(closes, [230.10, 232.0, 233.07, 0.35]);
    // Days since 1970-01-01, by Python's datetime.
    assert_eq!(days, [20_455, 20_458, 20_459, 20_818]);
    let ranges = unpacker.ranges(&[&bytes]).unwrap();
    assert_eq!((ranges.of(0), ranges.of(1)), (Some([231.27, 232.0, 229.98]), None));
    let lasts = [&[231.5, 233.0][..], &[233.25, 233.0], &[231.01, 0.35]];
    assert_eq!(ranges.columns(2..4), Some(lasts));
    assert_eq!(
        (ranges.columns(0..3), ranges.columns(3..5), ranges.of(4)),
        (None, None, None)
    );
    let volumes = unpacker.volumes(&[&bytes]).unwrap();
    assert_eq!(volumes.column(2..4), Some(&[51_000_000.0, 0.0][..]));
    assert_eq!(
        (volumes.of(1), volumes.of(0), volumes.of(4)),
        (None, Some(48_123_400.0), None)
    );
}

#[test]
fn years_follow_each_other() {
    let one = encode(2025, &bars("2025-12-31 - - - 10 5")).unwrap();
    let two = encode(2026, &bars("2026-01-01 1 1 1 1.5 -")).unwrap();
    let none = encode(2027, &[]).unwrap();
    let chunks = [one.as_slice(), &two, &none];
    let mut unpacker = Unpacker::default();
    let (days, closes) = unpacker.closes(&chunks).unwrap();
    assert_eq!((days, closes.as_slice()), (&[20_453, 20_454][..], &[10.0, 1.5][..]));
    let ranges = unpacker.ranges(&chunks).unwrap();
    assert_eq!((ranges.of(0), ranges.of(1)), (None, Some([1.0; 3])));
    let volumes = unpacker.volumes(&chunks).unwrap();
    assert_eq!((volumes.of(0), volumes.of(1)), (Some(5.0), None));
    assert!(unpacker.closes(&[&two, &one]).is_err());
    assert!(unpacker.closes(&[&two, &two]).is_err());
    assert_eq!(decode(&none).unwrap(), []);
}

#[test]
fn days_of_another_year_and_days_out_of_order_are_refused() {
    let other = bars("2025-12-31 - - - 10 5");
    assert!(matches!(encode(2026, &other), Err(ChunkError::OtherYear { .. })));
    let twice = [other.clone(), other].concat();
    assert!(matches!(encode(2025, &twice), Err(ChunkError::Unsorted { .. })));
}

#[test]
fn numbers_that_no_tick_divides_stay_exact() {
    let huge = bars(
        "2026-01-05 1 79228162514264337593543950335 0.0000000000000000000000000001 3 79228162514264337593543950335
         2026-01-06 - - - -7.5 0.0000000000000000000000000001",
    );
    let bytes = encode(2026, &huge).unwrap();
    assert_eq!(decode(&bytes).unwrap(), huge);
    let mut unpacker = Unpacker::default();
    assert_eq!(unpacker.closes(&[&bytes]).unwrap().1, [3.0, -7.5]);
    assert_eq!(
        unpacker.ranges(&[&bytes]).unwrap().of(0),
        Some([1.0, 79_228_162_514_264_337_593_543_950_335.0, 1e-28])
    );
}

#[test]
fn a_year_of_an_ordinary_share_takes_less_than_two_thousand_bytes() {
    let mut close = 10_000_i64;
    let mut state = 7_u64;
    let mut draw = |spread: i64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as i64 % (2 * spread + 1) - spread
    };
    let weekdays = date(2026, 1, 1).series(jiff::Span::new().days(1)).take(365);
    let weekdays = weekdays.filter(|day| day.weekday().to_monday_zero_offset() < 5 && day.day() != 25);
    let bars: Vec<PriceBar> = weekdays
        .map(|date| {
            let open = close + draw(60);
            close += draw(250);
            let (high, low) = (open.max(close) + draw(40).abs(), open.min(close) - draw(40).abs());
            PriceBar {
                date,
                close: Decimal::new(close, 2),
                range: Some([open, high, low].map(|ticks| Decimal::new(ticks, 2))),
                volume: Some(Decimal::from(48_000_000 + draw(30_000_000))),
            }
        })
        .collect();
    let bytes = encode(2026, &bars).unwrap();
    assert_eq!(decode(&bytes).unwrap(), bars);
    assert!(bytes.len() < 2_000, "{} bytes for {} days", bytes.len(), bars.len());
}

#[test]
fn every_bit_turned_is_refused_or_read_without_a_panic() {
    let good = encode(
        2024,
        &bars(
            "2024-01-02 231.27 232.00 229.98 230.10 48123400
             2024-02-29 -      -      -      999999 -
             2024-12-31 231.5  233.25 231.01 233.07 51000000",
        ),
    )
    .unwrap();
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bytes = good.clone();
            bytes[at] ^= 1 << bit;
            read(&bytes);
        }
        assert!(decode(&good[..at]).is_err(), "cut off at {at}");
    }
    assert!(decode(&[&good[..], &[0]].concat()).is_err());
    assert_eq!(decode(&[9]), Err(ChunkError::Version { version: 9 }));
}

fn decimal() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        8 => (-1_i64..2_000_000, 0_u32..=4).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale)),
        2 => (any::<i32>(), 0_u32..=2).prop_map(|(mantissa, scale)| Decimal::new(i64::from(mantissa) * 1_000, scale)),
        1 => (any::<i64>(), 0_u32..=28).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale)),
    ]
}

fn year() -> impl Strategy<Value = (i16, Vec<PriceBar>)> {
    let cells = (
        1_u16..=365,
        decimal(),
        proptest::option::of(proptest::array::uniform3(decimal())),
        proptest::option::of(decimal()),
    );
    let shape = (any::<bool>(), any::<bool>());
    (-9_999_i16..=9_999, shape, proptest::collection::vec(cells, 0..80)).prop_map(|(year, (ranged, traded), rows)| {
        let mut bars: Vec<PriceBar> = rows
            .into_iter()
            .map(|(day, close, range, volume)| PriceBar {
                date: Date::new(year, 1, 1)
                    .unwrap()
                    .checked_add(jiff::Span::new().days(day - 1))
                    .unwrap(),
                close,
                range: if ranged { range.or(Some([close; 3])) } else { range },
                volume: if traded { volume.or(Some(close)) } else { volume },
            })
            .collect();
        bars.sort_by_key(|bar| bar.date);
        bars.dedup_by_key(|bar| bar.date);
        (year, bars)
    })
}

/// Reads bytes in every way.
fn read(bytes: &[u8]) {
    let mut unpacker = Unpacker::default();
    let _ = (decode(bytes), unpacker.closes(&[bytes]).is_ok());
    let _ = (unpacker.ranges(&[bytes]), unpacker.volumes(&[bytes]));
}

/// What a decimal reads as, which is the nearest float.
fn float(value: Decimal) -> f64 {
    value.to_string().parse().unwrap()
}

proptest! {
    #[test]
    fn every_year_comes_back_exactly((year, bars) in year()) {
        let bytes = encode(year, &bars).unwrap();
        prop_assert_eq!(&decode(&bytes).unwrap(), &bars);
        prop_assert_eq!(encode(year, &decode(&bytes).unwrap()).unwrap(), bytes.clone());
        let chunks = [bytes.as_slice()];
        let mut unpacker = Unpacker::default();
        let (ranges, volumes) = (unpacker.ranges(&chunks).unwrap(), unpacker.volumes(&chunks).unwrap());
        let (days, closes) = unpacker.closes(&chunks).unwrap();
        prop_assert_eq!((days.len(), closes.len()), (bars.len(), bars.len()));
        let epoch = date(1970, 1, 1);
        for (row, bar) in bars.iter().enumerate() {
            let day = bar.date.since((jiff::Unit::Day, epoch)).unwrap().get_days();
            prop_assert_eq!((days[row], closes[row]), (day, float(bar.close)));
            prop_assert_eq!(ranges.of(row), bar.range.map(|range| range.map(float)));
            prop_assert_eq!(volumes.of(row), bar.volume.map(float));
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
        read(&bytes);
        let layout = [&[VERSION, bytes.first().copied().unwrap_or(0) & 0x3f][..], &bytes].concat();
        read(&layout);
    }
}

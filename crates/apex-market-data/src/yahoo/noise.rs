//! Takes the noise of single precision off a price.
//!
//! Yahoo holds prices as 32-bit floats and writes them with the digits of 64-bit ones: 212.8 comes as 212.8000030517578.
//! The shortest decimal that the same 32-bit float stands for is what was meant. Rounding to the two places of
//! `priceHint` would do too for recent prices, but spoils old ones: a price of 0.128348 after many splits is no 0.13.

use apex_domain::Decimal;
use rust_decimal::RoundingStrategy;

/// Fewer digits than this were never widened from single precision.
const DIGITS_MIN: u32 = 11;

/// 2^-24: half the distance between neighboring 32-bit floats from 1 to 2.
const HALF_STEP: Decimal = Decimal::from_parts(3_469_536_673, 13_877_787, 0, false, 24);

/// Returns the shortest decimal of six to nine digits that the same 32-bit float stands for, if there is one.
pub(crate) fn off(value: Decimal) -> Decimal {
    let value = value.normalize();
    if value.scale() == 0 || digits(value) < DIGITS_MIN {
        return value;
    }
    let room = half_step(value.abs());
    (6..=9)
        .filter_map(|digits| value.round_sf_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero))
        .find(|rounded| value.checked_sub(*rounded).is_some_and(|noise| noise.abs() <= room))
        .map_or(value, |rounded| rounded.normalize())
}

/// Returns half the distance to the next 32-bit float, zero for what is too large or small for a price.
fn half_step(value: Decimal) -> Decimal {
    if value > Decimal::from(1_u64 << 40) || value < Decimal::new(1, 9) {
        return Decimal::ZERO;
    }
    let mut power = Decimal::ONE;
    while power + power <= value {
        power += power;
    }
    while power > value {
        power /= Decimal::TWO;
    }
    power * HALF_STEP
}

fn digits(value: Decimal) -> u32 {
    value
        .mantissa()
        .unsigned_abs()
        .checked_ilog10()
        .map_or(1, |log| log + 1)
}

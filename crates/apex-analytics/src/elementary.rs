//! Exponential, logarithm and normal distribution in plain arithmetic: no branch and no call, so that a loop over
//! columns becomes vector code on every machine, with the same bits on each.
//!
//! Relative errors stay within 4 units in the last place for the exponential and the logarithm, and within 1e-15 for
//! the normal distribution down to -5; below, the error of the squared argument grows to 3e-13 at -37.

/// Adding and subtracting it rounds to an integer, whose bits then stand at the low end.
const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Returns `exp(x)`; beyond -708 and 709 the value there.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    let x = x.clamp(-708.0, 709.0);
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let r = (x - whole * LN_2_HIGH) - whole * LN_2_LOW;
    // Taylor to the 13th power: |r| is at most ln(2) / 2, where the next term is 4e-18. Even and odd powers apart,
    // since two short chains are quicker than a long one.
    let s = r * r;
    let even = 1.0
        + s * (1.0 / 2.0
            + s * (1.0 / 24.0
                + s * (1.0 / 720.0 + s * (1.0 / 40_320.0 + s * (1.0 / 3_628_800.0 + s * (1.0 / 479_001_600.0))))));
    let odd = 1.0
        + s * (1.0 / 6.0
            + s * (1.0 / 120.0
                + s * (1.0 / 5_040.0
                    + s * (1.0 / 362_880.0 + s * (1.0 / 39_916_800.0 + s * (1.0 / 6_227_020_800.0))))));
    (even + r * odd) * f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52)
}

/// Returns the natural logarithm of a positive normal number.
#[inline(always)]
pub(crate) fn ln(x: f64) -> f64 {
    // The mantissa is taken between sqrt(1/2) and sqrt(2), where the series of atanh is short.
    const ROOT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
    let bits = x.to_bits().wrapping_add(0x3FF0_0000_0000_0000 - ROOT_HALF);
    let exponent = f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let mantissa = f64::from_bits((bits & 0x000F_FFFF_FFFF_FFFF) + ROOT_HALF);
    let f = mantissa - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    // 2 atanh(s) - 2 s over s, which is 2 z / 3 + 2 z^2 / 5 + ..., in the economized form of the classic C library.
    let r = z
        * (6.666_666_666_666_735e-1
            + z * (3.999_999_999_940_942e-1
                + z * (2.857_142_874_366_239e-1
                    + z * (2.222_219_843_214_978_4e-1
                        + z * (1.818_357_216_161_805e-1
                            + z * (1.531_383_769_920_937_3e-1 + z * 1.479_819_860_511_658_6e-1))))));
    let half = 0.5 * f * f;
    exponent * LN_2_HIGH - ((half - (s * (half + r) + exponent * LN_2_LOW)) - f)
}

/// `(1 + 2 x) exp(x^2) erfc(x)` as a polynomial in `(x - 3.75) / (x + 3.75)`, which is smooth for all x from 0 to
/// infinity: the expansion of Shepherd and Laframboise (1981), computed anew with 40 digits.
#[allow(clippy::excessive_precision, reason = "the nearest number is meant")]
const SCALED_TAIL: [f64; 24] = [
    1.237_512_630_837_827_5,
    -0.140_240_598_585_546_97,
    0.003_585_415_485_479_025_7,
    0.082_276_738_490_145_2,
    -0.108_803_930_142_444_62,
    0.092_304_321_160_377_48,
    -0.058_693_398_576_649_34,
    0.028_362_277_418_956_406,
    -0.009_746_579_683_265_262,
    0.001_755_625_852_895_295_4,
    0.000_293_714_378_044_958,
    -0.000_290_154_080_540_841_7,
    5.164_652_974_177_416e-05,
    2.238_423_915_508_223e-05,
    -1.143_804_803_334_689_4e-05,
    -9.735_598_967_367_75e-07,
    1.741_982_158_622_481_6e-06,
    -5.721_823_060_322_408_6e-08,
    -2.485_712_624_801_674_5e-07,
    2.326_350_870_885_912_4e-08,
    3.197_926_671_666_804e-08,
    -3.744_210_080_962_018e-09,
    -2.623_107_347_133_476e-09,
    3.111_433_380_979_925_4e-10,
];

/// Returns `exp(x^2) erfc(x)` for x from 0.
#[inline(always)]
pub(crate) fn scaled_erfc(x: f64) -> f64 {
    let x = x.min(1e8);
    let (sum, double) = (x + 3.75, 1.0 + 2.0 * x);
    let inverse = 1.0 / (sum * double);
    let t = (x - 3.75) * double * inverse;
    let s = t * t;
    let mut even = SCALED_TAIL[22];
    let mut odd = SCALED_TAIL[23];
    for pair in (0..11).rev() {
        even = even * s + SCALED_TAIL[2 * pair];
        odd = odd * s + SCALED_TAIL[2 * pair + 1];
    }
    (even + t * odd) * sum * inverse
}

/// Returns the standard normal distribution function and the density.
#[inline(always)]
pub(crate) fn normal(z: f64) -> (f64, f64) {
    let size = z.abs();
    let bell = exp(-0.5 * size * size);
    let tail = 0.5 * bell * scaled_erfc(size * std::f64::consts::FRAC_1_SQRT_2);
    let below = if z > 0.0 { 1.0 - tail } else { tail };
    (below, bell * INVERSE_ROOT_TWO_PI)
}

/// `1 / sqrt(2 pi)`.
pub(crate) const INVERSE_ROOT_TWO_PI: f64 = 0.398_942_280_401_432_7;

/// Returns the standard normal distribution function.
#[inline(always)]
pub(crate) fn normal_below(z: f64) -> f64 {
    normal(z).0
}

/// Returns the logarithm of the standard normal distribution function, which does not run out of range.
pub(crate) fn ln_normal_below(z: f64) -> f64 {
    if z < -1.0 {
        let tail = 0.5 * scaled_erfc(-z * std::f64::consts::FRAC_1_SQRT_2);
        -0.5 * z * z + ln(tail)
    } else {
        ln(normal_below(z))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_agree_with_the_mathematical_library() {
        let relative = |actual: f64, expected: f64| (actual / expected - 1.0).abs();
        for step in -70_000..70_000 {
            let x = f64::from(step) * 0.01;
            assert!(relative(exp(x), libm::exp(x)) < 9e-16, "exp({x})");
        }
        for step in 1..40_000 {
            let x = f64::from(step) * 0.000_37;
            let error = (ln(x) - libm::log(x)).abs();
            assert!(error <= 4.5e-16 * libm::log(x).abs().max(1e-3), "ln({x})");
            let big = x * 1e200;
            assert!(relative(ln(big), libm::log(big)) < 9e-16, "ln({big})");
        }
        for step in -3_700..3_700 {
            let z = f64::from(step) * 0.01;
            let expected = 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2);
            let allowed = 2e-15 + 2e-16 * z * z;
            assert!(relative(normal_below(z), expected) < allowed, "N({z})");
        }
        assert!((normal_below(0.0) - 0.5).abs() < 1e-16 && normal_below(-1e200) < 1e-300 && normal_below(1e200) == 1.0);
    }
}

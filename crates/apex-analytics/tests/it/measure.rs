//! Measures that stand alone: hand calculation, published examples and limits.

use apex_analytics::measure::{drawdown, gains, pain, partial, probabilistic, relative, sharpe, sortino};

use crate::reference::close;

const RETURNS: [f64; 8] = [0.02, -0.01, 0.03, -0.04, 0.01, 0.015, -0.005, 0.02];
const BENCHMARK: [f64; 8] = [0.01, -0.02, 0.02, -0.03, 0.02, 0.01, 0.0, 0.01];

#[test]
fn the_published_example_of_the_deflated_sharpe_ratio_comes_out() {
    // Bailey and López de Prado (2014): an annual ratio of 2.5 over 1,250 days, skewness -3, kurtosis 10, the best of
    // 100 trials with variance 1/2, has a deflated ratio of about 0.9004.
    let threshold = probabilistic::expected_maximum_sharpe(100, 0.5 / 250.0).unwrap();
    assert!((threshold - 0.1132).abs() < 5e-5);
    let observed = 2.5 / 250f64.sqrt();
    let width = ((1.0 + 3.0 * observed + (10.0 - 1.0) / 4.0 * observed * observed) / 1249.0).sqrt();
    let z = (observed - threshold) / width;
    assert!((apex_analytics::distribution::normal_cdf(z) - 0.9004).abs() < 5e-4);
    assert_eq!(probabilistic::expected_maximum_sharpe(1, 0.5), Some(0.0));
    assert_eq!(probabilistic::expected_maximum_sharpe(0, 0.5), None);
}

#[test]
fn probabilities_of_skill_fall_with_the_number_of_trials() {
    let one = probabilistic::probabilistic_sharpe(&RETURNS, 0.0).unwrap();
    assert_eq!(probabilistic::deflated_sharpe(&RETURNS, 1, 0.1), Some(one));
    let many = probabilistic::deflated_sharpe(&RETURNS, 50, 0.1).unwrap();
    assert!(one > 0.5 && many < one);
    // At the length that is needed the probability is the level.
    let length = probabilistic::minimum_track_record(&RETURNS, 0.0, 0.95).unwrap();
    let per_day = sharpe::sharpe(&RETURNS, 0.0).unwrap() / 252f64.sqrt();
    let z = apex_analytics::distribution::normal_quantile(one).unwrap();
    let scaled = z * ((length - 1.0) / 7.0).sqrt();
    assert!(close(apex_analytics::distribution::normal_cdf(scaled), 0.95) && per_day > 0.0);
    assert_eq!(probabilistic::minimum_track_record(&RETURNS, 1.0, 0.95), None);
    assert_eq!(probabilistic::probabilistic_sharpe(&[0.01; 5], 0.0), None);
}

#[test]
fn partial_moments_hold_the_ratios_together() {
    assert!(close(
        partial::omega_at(&RETURNS, 0.0).unwrap(),
        gains::omega(&RETURNS).unwrap()
    ));
    for threshold in [-0.01, 0.0, 0.004] {
        let (kappa, omega) = (
            partial::kappa(&RETURNS, threshold, 1),
            partial::omega_at(&RETURNS, threshold),
        );
        assert!(close(kappa.unwrap(), omega.unwrap() - 1.0));
    }
    let daily = sortino::sortino(&RETURNS).unwrap() / 252f64.sqrt();
    assert!(close(partial::kappa(&RETURNS, 0.0, 2).unwrap(), daily));
    // Gains of 9.5% over eight days, squares of losses of .0001 + .0016 + .000025.
    let expected = (0.095 / 8.0) / (0.001_725f64 / 8.0).sqrt();
    assert!(close(partial::upside_potential(&RETURNS, 0.0).unwrap(), expected));
    assert_eq!(partial::kappa(&[0.01, 0.02], 0.0, 3), None);
    assert_eq!(partial::lower_partial_moment(&RETURNS, 0.0, 0), None);
}

#[test]
fn drawdown_ratios_agree_with_one_another() {
    assert_eq!(pain::sterling(&RETURNS, 1), drawdown::calmar(&RETURNS));
    assert!(close(
        pain::burke(&RETURNS, 1).unwrap(),
        drawdown::calmar(&RETURNS).unwrap()
    ));
    // The root mean square is never below the mean, nor the root of a sum below its largest part.
    assert!(pain::martin(&RETURNS).unwrap() <= pain::pain_ratio(&RETURNS).unwrap());
    assert!(pain::burke(&RETURNS, 3).unwrap() <= pain::burke(&RETURNS, 1).unwrap());
    for ratio in [
        pain::sterling(&[0.01], 1),
        pain::burke(&[0.01], 1),
        pain::martin(&[0.01]),
        pain::pain_ratio(&[0.01]),
    ] {
        assert_eq!(ratio, None);
    }
}

#[test]
fn measures_against_a_benchmark_come_out_by_hand() {
    // The series ahead on five of eight days: .01, .01, .01, -.01, -.01, .005, -.005, .01.
    assert_eq!(relative::batting_average(&RETURNS, &BENCHMARK), Some(5.0 / 8.0));
    let alpha = relative::alpha_arithmetic(&RETURNS, &BENCHMARK).unwrap();
    let residual = relative::residual_volatility(&RETURNS, &BENCHMARK).unwrap();
    assert!(close(
        relative::appraisal(&RETURNS, &BENCHMARK).unwrap(),
        alpha / residual
    ));
    // At the benchmark's own risk, M2 is its Sharpe ratio times that risk.
    let m2 = relative::m_squared(&RETURNS, &BENCHMARK, 0.0001).unwrap();
    let ratio = sharpe::sharpe(&RETURNS, 0.0001).unwrap();
    let risk = apex_analytics::measure::volatility::annualized(&BENCHMARK).unwrap();
    assert!(close(m2, 252.0 * 0.0001 + ratio * risk));
    assert_eq!(relative::m_squared(&[0.01; 8], &BENCHMARK, 0.0), None);
    assert_eq!(relative::appraisal(&RETURNS, &RETURNS[..3]), None);
}

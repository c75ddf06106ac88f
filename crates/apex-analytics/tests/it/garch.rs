//! GARCH(1,1) against the Python package `arch` and simple truths.

use apex_analytics::AnalyticsError;
use apex_analytics::garch::{Garch, GarchMean, backcast, garch, log_likelihood, variances};
use apex_analytics::random::Stream;
use apex_analytics::returns::simple_returns;

use crate::reference::{close, golden, prices};

fn index_in_percent() -> Vec<f64> {
    let returns = simple_returns(&prices("sp500_index.csv.gz").columns[0]).unwrap();
    returns.iter().map(|value| value * 100.0).collect()
}

#[test]
fn the_recursion_at_the_reference_parameters_gives_the_reference_likelihood_and_forecasts() {
    let golden = &golden("tearsheet_20.json")["garch11_sp500_pct"];
    let of = |name: &str| golden["params"][name].as_f64().unwrap();
    let (omega, alpha, beta) = (of("omega"), of("alpha[1]"), of("beta[1]"));
    let returns = index_in_percent();
    let mean = returns.iter().sum::<f64>() / returns.len() as f64;
    let about_mean: Vec<f64> = returns.iter().map(|value| value - mean).collect();
    let residuals: Vec<f64> = returns.iter().map(|value| value - of("mu")).collect();
    let path = variances(&residuals, omega, alpha, beta, backcast(&about_mean));
    assert!(close(
        log_likelihood(&residuals, &path.each),
        golden["loglik"].as_f64().unwrap()
    ));
    assert!(close(path.next, golden["forecast_var_1_5"][0].as_f64().unwrap()));
    assert!(close(
        path.each.last().unwrap().sqrt(),
        golden["cond_vol_last"].as_f64().unwrap()
    ));
}

#[test]
fn the_fit_is_at_least_as_likely_as_the_reference_and_close_to_it() {
    let golden = &golden("tearsheet_20.json")["garch11_sp500_pct"];
    let model = garch(&index_in_percent(), GarchMean::Constant).unwrap();
    let likelihood = golden["loglik"].as_f64().unwrap();
    assert!(
        model.log_likelihood >= likelihood - 1e-9 * likelihood.abs(),
        "{}",
        model.log_likelihood
    );
    assert!(model.log_likelihood < likelihood + 1e-3);
    // The reference stops where its search gains less than 1e-6; the likelihood is flat there.
    for (name, value) in [
        ("mu", model.mu),
        ("omega", model.omega),
        ("alpha[1]", model.alpha),
        ("beta[1]", model.beta),
    ] {
        let expected = golden["params"][name].as_f64().unwrap();
        assert!(
            (value / expected - 1.0).abs() < 1e-3,
            "{name}: {value} instead of {expected}"
        );
    }
    for (ours, expected) in model
        .forecast(5)
        .iter()
        .zip(golden["forecast_var_1_5"].as_array().unwrap())
    {
        assert!(
            (ours / expected.as_f64().unwrap() - 1.0).abs() < 1e-4,
            "{ours} {expected}"
        );
    }
    assert!(model.standard_errors.unwrap().iter().all(|error| *error > 0.0));
}

#[test]
fn the_fit_does_not_depend_on_the_units() {
    let percent = index_in_percent();
    let plain: Vec<f64> = percent.iter().map(|value| value / 100.0).collect();
    let (one, other) = (
        garch(&percent, GarchMean::Constant).unwrap(),
        garch(&plain, GarchMean::Constant).unwrap(),
    );
    for (one, other) in [
        (one.mu, other.mu * 1e2),
        (one.omega, other.omega * 1e4),
        (one.alpha, other.alpha),
        (one.beta, other.beta),
        (one.next, other.next * 1e4),
    ] {
        assert!((one / other - 1.0).abs() < 1e-6, "{one} {other}");
    }
    let shift = percent.len() as f64 * 100_f64.ln();
    assert!((one.log_likelihood + shift - other.log_likelihood).abs() < 1e-6);
}

/// Draws a GARCH series of known parameters.
fn simulated(omega: f64, alpha: f64, beta: f64, days: usize) -> Vec<f64> {
    let mut stream = Stream::new(11, 0);
    let mut variance = omega / (1.0 - alpha - beta);
    (0..days)
        .map(|_| {
            let residual = variance.sqrt() * f64::from(stream.normal());
            variance = omega + alpha * residual * residual + beta * variance;
            residual
        })
        .collect()
}

#[test]
fn known_parameters_are_found_again() {
    let Garch {
        alpha,
        beta,
        standard_errors,
        ..
    } = garch(&simulated(0.05, 0.1, 0.85, 20_000), GarchMean::Zero).unwrap();
    let errors = standard_errors.unwrap();
    assert!(
        (alpha - 0.1).abs() < 4.0 * errors[2] && (beta - 0.85).abs() < 4.0 * errors[3],
        "{alpha} {beta} {errors:?}"
    );
    assert_eq!(errors[0], 0.0);
}

#[test]
fn a_series_without_clusters_has_a_forecast_near_its_variance() {
    let model = garch(&simulated(1.0, 0.0, 0.0, 5_000), GarchMean::Constant).unwrap();
    assert!((model.next - 1.0).abs() < 0.2, "{model:?}");
}

#[test]
fn what_has_no_variance_is_refused() {
    assert!(matches!(
        garch(&[0.01; 100], GarchMean::Constant),
        Err(AnalyticsError::Degenerate { .. })
    ));
    assert!(matches!(
        garch(&[0.01, 0.02], GarchMean::Zero),
        Err(AnalyticsError::Window { .. })
    ));
    assert!(matches!(
        garch(&[f64::NAN; 30], GarchMean::Zero),
        Err(AnalyticsError::NotFinite { .. })
    ));
}

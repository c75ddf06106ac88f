//! Factor models against the reference file and simple truths.

use std::io::Read;

use apex_analytics::AnalyticsError;
use apex_analytics::concentration::concentration;
use apex_analytics::factor::exposure::{active_share, by_label};
use apex_analytics::factor::fundamental::{Scheme, Weighting, fundamental_factors};
use apex_analytics::factor::pca::{component_returns, components, statistical_model};
use apex_analytics::factor::regression::{Design, ErrorKind};
use apex_analytics::factor::risk::{active_risk, factor_risk};
use apex_analytics::factor::{FactorModel, factor_covariance};
use apex_analytics::liquidity::liquidity;
use apex_analytics::random::Stream;
use apex_analytics::returns::simple_returns;
use proptest::prelude::*;
use serde_json::Value;

use crate::reference::{close, golden, prices};

/// Returns by name.
type Named = Vec<(String, Vec<f64>)>;

/// Returns of 20 stocks and 5 factor funds on their common days.
fn assets_and_factors() -> (Named, Named) {
    let (assets, factors) = (prices("sp500_dataset.csv.gz"), prices("factors_dataset.csv.gz"));
    let rows: Vec<usize> = factors
        .dates
        .iter()
        .map(|date| assets.dates.binary_search(date).unwrap())
        .collect();
    let of = |names: Vec<String>, columns: Vec<Vec<f64>>| {
        names
            .into_iter()
            .zip(columns)
            .map(|(name, column)| (name, simple_returns(&column).unwrap()))
            .collect()
    };
    let common = assets
        .columns
        .iter()
        .map(|column| rows.iter().map(|row| column[*row]).collect())
        .collect();
    (of(assets.names, common), of(factors.names, factors.columns))
}

fn slices(columns: &[(String, Vec<f64>)]) -> Vec<&[f64]> {
    columns.iter().map(|(_, column)| column.as_slice()).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[test]
fn regressions_on_factor_funds_agree_with_the_reference() {
    let golden = &golden("factors_hmm.json")["ols_20_assets_on_5_factor_etfs"];
    let (assets, factors) = assets_and_factors();
    let design = Design::new(&slices(&factors)).unwrap();
    let mut seen = 0;
    for (name, column) in &assets {
        let expected = &golden["results"][name];
        if expected.is_null() {
            continue;
        }
        let found = design.regress(column).unwrap();
        let kinds = [ErrorKind::Classic, ErrorKind::Hc1, ErrorKind::Hac { lag: 5 }];
        let [classic, hc1, hac] = kinds.map(|kind| design.errors(&found, kind).unwrap());
        let names = std::iter::once("const").chain(factors.iter().map(|(name, _)| name.as_str()));
        for (at, factor) in names.enumerate() {
            for (key, value) in [
                ("coef", found.coefficients[at]),
                ("se", classic[at].standard_error),
                ("t", classic[at].t.unwrap()),
                ("se_hc1", hc1[at].standard_error),
                ("se_nw5", hac[at].standard_error),
            ] {
                let expected = number(&expected[key][factor]);
                assert!(
                    close(value, expected),
                    "{name} {key} {factor}: {value} instead of {expected}"
                );
                seen += 1;
            }
        }
        for (key, value) in [
            ("r2", found.r2.unwrap()),
            ("adj_r2", found.adjusted_r2.unwrap()),
            ("resid_std_ddof_k", found.residual_deviation),
            ("dw", found.durbin_watson.unwrap()),
            ("f", found.f.unwrap()),
        ] {
            let expected = number(&expected[key]);
            assert!(close(value, expected), "{name} {key}: {value} instead of {expected}");
        }
    }
    assert!(seen > 300);
}

#[test]
fn the_factor_risk_of_the_equal_weight_book_agrees_with_the_reference() {
    let golden = &golden("factors_hmm.json")["factor_risk_EW"];
    let (assets, factors) = assets_and_factors();
    let design = Design::new(&slices(&factors)).unwrap();
    let found: Vec<_> = assets
        .iter()
        .map(|(_, column)| design.regress(column).unwrap())
        .collect();
    let model = FactorModel::new(
        found.iter().map(|one| one.coefficients[1..].to_vec()).collect(),
        factor_covariance(&slices(&factors)).unwrap(),
        found.iter().map(|one| one.residual_deviation.powi(2)).collect(),
    )
    .unwrap();
    let weights = [0.05; 20];
    let risk = factor_risk(&model, &weights).unwrap();
    for (at, (name, _)) in factors.iter().enumerate() {
        assert!(close(risk.exposure[at], number(&golden["portfolio_exposure"][name])));
        assert!(close(
            risk.factor_contributions[at],
            number(&golden["factor_contrib_to_var"][name])
        ));
    }
    assert!(close(risk.factor_variance, number(&golden["factor_var_daily"])));
    assert!(close(
        risk.specific_variance,
        number(&golden["specific_var_daily_diag"])
    ));
    assert!(close(risk.volatility(), number(&golden["total_model_vol_ann"])));
    // The same from the covariance the model implies, and from the parts of the assets.
    let implied = model.implied_covariance();
    let form: f64 = implied.iter().flatten().map(|cell| cell * 0.05 * 0.05).sum();
    assert!(close(form, risk.variance()));
    assert!(close(risk.asset_contributions.iter().sum(), risk.variance()));
    assert_eq!(active_risk(&model, &weights, &weights).unwrap().variance(), 0.0);
}

#[test]
fn carhart_regressions_agree_with_the_reference() {
    let golden = &golden("factors_hmm.json")["carhart_12_industries_monthly"];
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/macro/french.csv.bz2");
    let mut text = String::new();
    bzip2::read::BzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let column = |name: &str| -> Vec<f64> {
        let at = names.iter().position(|own| *own == name).unwrap();
        rows.iter().map(|row| row[at].parse().unwrap()).collect()
    };
    let factors = ["MktRF", "SMB", "HML", "Mom"].map(column);
    let free = column("RF");
    let design = Design::new(&factors.each_ref().map(Vec::as_slice)).unwrap();
    for (name, expected) in golden["results"].as_object().unwrap() {
        let excess: Vec<f64> = column(name).iter().zip(&free).map(|(own, free)| own - free).collect();
        let found = design.regress(&excess).unwrap();
        let errors = design.errors(&found, ErrorKind::Classic).unwrap();
        for (at, factor) in ["const", "MktRF", "SMB", "HML", "Mom"].iter().enumerate() {
            assert!(
                close(found.coefficients[at], number(&expected["coef"][factor])),
                "{name} {factor}"
            );
            assert!(
                close(errors[at].t.unwrap(), number(&expected["t"][factor])),
                "{name} {factor}"
            );
        }
        assert!(close(found.r2.unwrap(), number(&expected["r2"])), "{name}");
    }
}

#[test]
fn principal_components_agree_with_the_reference() {
    let golden = &golden("factors_hmm.json")["pca_20"];
    let table = prices("sp500_dataset.csv.gz");
    let returns: Vec<Vec<f64>> = table
        .columns
        .iter()
        .map(|column| simple_returns(column).unwrap())
        .collect();
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let found = components(&columns).unwrap();
    let explained: Vec<f64> = found.explained.iter().map(|share| share.unwrap()).collect();
    for (key, values) in [
        ("eigenvalues_cov", &found.eigenvalues),
        ("explained_ratio", &explained),
        ("eigenvalues_corr", found.eigenvalues_correlation.as_ref().unwrap()),
    ] {
        for (value, expected) in values.iter().zip(golden[key].as_array().unwrap()) {
            assert!(close(*value, number(expected)), "{key}: {value} instead of {expected}");
        }
    }
    for (key, vector) in [("pc1", &found.vectors[0]), ("pc2", &found.vectors[1])] {
        for (name, value) in table.names.iter().zip(vector) {
            let expected = number(&golden[key][name]);
            assert!(
                (value - expected).abs() < 1e-9,
                "{key} {name}: {value} instead of {expected}"
            );
        }
    }
    // Components are uncorrelated and have the variances of their eigenvalues.
    let series = component_returns(&columns, &found.vectors[..3]).unwrap();
    let covariance = factor_covariance(&series.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
    for (row, cells) in covariance.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let expected = if row == column { found.eigenvalues[row] } else { 0.0 };
            assert!((cell - expected).abs() < 1e-14);
        }
    }
}

#[test]
fn a_statistical_model_keeps_every_variance() {
    let table = prices("sp500_dataset.csv.gz");
    let returns: Vec<Vec<f64>> = table
        .columns
        .iter()
        .map(|column| simple_returns(column).unwrap())
        .collect();
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let sample = factor_covariance(&columns).unwrap();
    let mut before = f64::INFINITY;
    for factors in [1, 5, 20] {
        let implied = statistical_model(&columns, factors).unwrap().implied_covariance();
        let mut miss = 0.0_f64;
        for row in 0..20 {
            assert!(close(implied[row][row], sample[row][row]));
            for column in 0..20 {
                miss = miss.max((implied[row][column] - sample[row][column]).abs());
            }
        }
        assert!(miss < before);
        before = miss;
    }
    assert!(
        before < 1e-15,
        "all components together are the sample covariance: {before}"
    );
}

#[test]
fn assets_that_outnumber_days_have_the_components_of_their_covariance() {
    let returns = drawn(5, 60, 30);
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let whole = components(&columns).unwrap();
    for factors in [1, 5, 29] {
        let implied = statistical_model(&columns, factors).unwrap().implied_covariance();
        for (row, cells) in implied.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate().filter(|(column, _)| *column != row) {
                let of = |factor: usize| {
                    whole.eigenvalues[factor] * whole.vectors[factor][row] * whole.vectors[factor][column]
                };
                let expected: f64 = (0..factors).map(of).sum();
                assert!((cell - expected).abs() < 1e-16, "{factors} {row} {column}");
            }
        }
    }
    // Three series repeated are of rank three; further factors explain nothing.
    let three = drawn(6, 3, 30);
    let repeated: Vec<&[f64]> = (0..60).map(|asset| three[asset % 3].as_slice()).collect();
    let sample = factor_covariance(&repeated).unwrap();
    let implied = statistical_model(&repeated, 5).unwrap().implied_covariance();
    let cells = implied.iter().flatten().zip(sample.iter().flatten());
    let miss = cells
        .map(|(implied, sample)| (implied - sample).abs())
        .fold(0.0, f64::max);
    assert!(miss < 1e-16, "{miss}");
}

#[test]
fn sectors_and_countries_are_told_apart() {
    // Returns made of a market, two sectors and two countries that sum to zero, and nothing else.
    let labels = [
        ("Tech", "US"),
        ("Tech", "DE"),
        ("Oil", "US"),
        ("Oil", "DE"),
        ("Tech", "US"),
    ];
    let weights = [4.0, 1.0, 2.0, 2.0, 1.0];
    // Tech weighs 6 and Oil 4; US 7 and DE 3.
    let made = |day: f64| {
        let (market, tech, us) = (0.01 * day, 0.02 + 0.001 * day, -0.003 * day);
        let (oil, de) = (-tech * 6.0 / 4.0, -us * 7.0 / 3.0);
        (
            [market, oil, tech, de, us],
            labels.map(|(sector, country)| {
                market + if sector == "Tech" { tech } else { oil } + if country == "US" { us } else { de }
            }),
        )
    };
    let days: Vec<_> = [1.0, -2.0, 0.5].map(made).into();
    let columns: Vec<Vec<f64>> = (0..5)
        .map(|asset| days.iter().map(|(_, day)| day[asset]).collect())
        .collect();
    let returns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let schemes = [
        Scheme::new(&labels.map(|(sector, _)| sector)),
        Scheme::new(&labels.map(|(_, country)| country)),
    ];
    let daily: Vec<Vec<f64>> = weights.iter().map(|weight| vec![*weight; 3]).collect();
    let daily: Vec<&[f64]> = daily.iter().map(Vec::as_slice).collect();
    for weighting in [Weighting::Constant(&weights), Weighting::Daily(&daily)] {
        let found = fundamental_factors(&returns, &schemes, &[], weighting).unwrap();
        for (day, (expected, _)) in days.iter().enumerate() {
            for (column, expected) in found.columns().iter().zip(expected) {
                assert!((column[day] - expected).abs() < 1e-14, "{} {expected}", column[day]);
            }
        }
        assert!(found.residuals.iter().flatten().all(|rest| rest.abs() < 1e-14));
        let model = found.model().unwrap();
        let implied = model.implied_covariance();
        let sample = factor_covariance(&returns).unwrap();
        assert!((implied[0][3] - sample[0][3]).abs() < 1e-15);
    }
    // A style that is a sector in disguise has no answer of its own.
    let disguise: &[f64] = &[1.0, 1.0, 0.0, 0.0, 1.0];
    assert!(matches!(
        fundamental_factors(&returns, &schemes, &[disguise], Weighting::Constant(&weights)),
        Err(AnalyticsError::Degenerate { .. })
    ));
    let style: &[f64] = &[0.3, -1.0, 0.8, 0.1, -0.2];
    let found = fundamental_factors(&returns, &schemes, &[style], Weighting::Constant(&weights)).unwrap();
    assert!(found.styles[0].iter().all(|value| value.abs() < 1e-14));
}

#[test]
fn what_cannot_be_regressed_is_refused_by_name() {
    let factor = [0.01, -0.02, 0.03, 0.0, 0.01];
    let twice = factor.map(|value| 2.0 * value + 0.001);
    let error = Design::new(&[&factor, &twice]).unwrap_err();
    assert!(error.to_string().contains("add up to"), "{error}");
    assert!(Design::new(&[]).is_err());
    assert!(Design::new(&[&factor[..2]]).is_err());
    let design = Design::new(&[&factor]).unwrap();
    assert!(design.regress(&factor[..4]).is_err());
    // An asset that never moves has no share to explain, and says so.
    let flat = design.regress(&[0.01; 5]).unwrap();
    assert_eq!((flat.r2, flat.f), (None, None));
    assert!(design.errors(&flat, ErrorKind::Hac { lag: 5 }).is_err());
}

#[test]
fn a_book_is_counted_by_label_and_holding() {
    let by_currency = by_label(&["USD", "EUR", "CHF", "EUR"], &[0.5, 0.3, -0.1, 0.3]).unwrap();
    let nets: Vec<(&str, f64)> = by_currency.iter().map(|one| (one.label.as_str(), one.net)).collect();
    assert_eq!(nets, [("CHF", -0.1), ("EUR", 0.6), ("USD", 0.5)]);
    assert!((active_share(&[1.0, 0.0], &[0.0, 1.0]).unwrap() - 1.0).abs() < 1e-15);
    let equal = concentration(&[0.1; 10], 5).unwrap();
    assert!((equal.effective_number.unwrap() - 10.0).abs() < 1e-12 && (equal.top[4] - 0.5).abs() < 1e-12);
    assert_eq!(concentration(&[], 5).unwrap().hhi, None);
    assert_eq!(concentration(&[0.0, 0.0], 5).unwrap().top, Vec::<f64>::new());
}

#[test]
fn days_to_liquidate_count_the_slowest() {
    let book = liquidity(
        &[1000.0, -500.0, 0.0],
        &[1000.0, 10_000.0, 0.0],
        &[30_000.0, -10_000.0, 0.0],
        0.1,
        &[1.0, 5.0, 10.0],
    )
    .unwrap();
    assert_eq!(book.days, [Some(10.0), Some(0.5), Some(0.0)]);
    assert_eq!(book.days_all, Some(10.0));
    // A tenth of 30,000 and all of 10,000 after a day.
    assert_eq!(book.sold[0], (1.0, Some(0.325)));
    assert_eq!(book.sold[2].1, Some(1.0));
    let stuck = liquidity(&[1.0], &[0.0], &[10.0], 0.1, &[1.0]).unwrap();
    assert_eq!(
        (stuck.days[0], stuck.days_all, stuck.sold[0].1),
        (None, None, Some(0.0))
    );
    assert!(liquidity(&[1.0], &[1.0], &[1.0], 0.0, &[]).is_err());
}

fn drawn(seed: u64, columns: usize, rows: usize) -> Vec<Vec<f64>> {
    let mut stream = Stream::new(seed, 0);
    (0..columns)
        .map(|_| (0..rows).map(|_| 0.01 * f64::from(stream.normal())).collect())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn residuals_are_orthogonal_to_the_factors(seed in any::<u64>(), factors in 1_usize..6) {
        let columns = drawn(seed, factors + 1, 120);
        let (asset, factors) = columns.split_last().unwrap();
        let factors: Vec<&[f64]> = factors.iter().map(Vec::as_slice).collect();
        let found = Design::new(&factors).unwrap().regress(asset).unwrap();
        prop_assert!(found.residuals.iter().sum::<f64>().abs() < 1e-14);
        for factor in &factors {
            let product: f64 = factor.iter().zip(&found.residuals).map(|(factor, rest)| factor * rest).sum();
            prop_assert!(product.abs() < 1e-15);
        }
    }

    #[test]
    fn exposures_shrink_as_a_factor_grows(seed in any::<u64>(), scale in 0.001_f64..1000.0) {
        let columns = drawn(seed, 3, 60);
        let scaled: Vec<f64> = columns[0].iter().map(|value| value * scale).collect();
        let one = Design::new(&[&columns[0], &columns[1]]).unwrap();
        let other = Design::new(&[&scaled, &columns[1]]).unwrap();
        let (a, b) = (one.regress(&columns[2]).unwrap(), other.regress(&columns[2]).unwrap());
        prop_assert!((a.coefficients[1] - b.coefficients[1] * scale).abs() < 1e-10);
        let kind = ErrorKind::Hac { lag: 3 };
        let (a, b) = (one.errors(&a, kind).unwrap(), other.errors(&b, kind).unwrap());
        prop_assert!((a[1].t.unwrap() - b[1].t.unwrap()).abs() < 1e-8);
    }

    #[test]
    fn the_parts_of_factor_risk_add_up(seed in any::<u64>(), factors in 1_usize..5) {
        let columns = drawn(seed, 8, 100);
        let returns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let model = statistical_model(&returns, factors).unwrap();
        let weights: Vec<f64> = drawn(seed ^ 1, 1, 8).concat();
        let risk = factor_risk(&model, &weights).unwrap();
        prop_assert!((risk.asset_contributions.iter().sum::<f64>() - risk.variance()).abs() <= 1e-12 * risk.variance());
        let covariance = model.implied_covariance();
        let form: f64 = (0..8).flat_map(|row| (0..8).map(move |column| (row, column)))
            .map(|(row, column)| weights[row] * covariance[row][column] * weights[column]).sum();
        prop_assert!((form - risk.variance()).abs() <= 1e-10 * risk.variance());
    }

    #[test]
    fn concentration_lies_between_one_holding_and_all(seed in any::<u64>(), holdings in 1_usize..40) {
        let weights = drawn(seed, 1, holdings).concat();
        let number = concentration(&weights, 3).unwrap().effective_number.unwrap();
        prop_assert!(number >= 1.0 - 1e-12 && number <= holdings as f64 + 1e-9);
    }
}

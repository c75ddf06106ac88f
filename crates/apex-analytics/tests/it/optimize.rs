//! Optimizers against reference solutions, published examples and properties that hold for any input.

use apex_analytics::AnalyticsError;
use apex_analytics::covariance::{SymmetricMatrix, column_means, sample_covariance};
use apex_analytics::measure::tail::shortfall_fractional;
use apex_analytics::optimize::{
    BlackLittermanPrior, Bounds, HierarchySettings, Linkage, Solution, Views, black_litterman, critical_line, frontier,
    hierarchical_equal_risk, hierarchical_risk_parity, inverse_volatility, max_diversification, max_sharpe,
    max_utility, min_shortfall, min_tracking_error, min_variance, minimize_quadratic, nested_clusters,
    portfolio_figures, risk_budgets, risk_parity, target_return, target_volatility,
};
use apex_analytics::returns::weighted_daily;
use proptest::prelude::*;
use serde_json::Value;

use crate::covariance::{returns, slices};
use crate::reference::golden;

mod constrained;
mod properties;

/// The data of the reference.
struct Market {
    names: Vec<String>,
    returns: Vec<Vec<f64>>,
    means: Vec<f64>,
    covariance: SymmetricMatrix,
}

fn market() -> Market {
    let returns = returns();
    let columns = slices(&returns);
    Market {
        names: crate::reference::prices("sp500_dataset.csv.gz").names,
        means: column_means(&columns),
        covariance: sample_covariance(&columns).unwrap(),
        returns,
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// Says that weights are within 1e-6 of the reference, and the figure that was optimized within 1e-8 relative.
fn agree(market: &Market, name: &str, solution: &Solution, figure: &str) {
    let golden = &golden("optimisers_20.json")["solutions"][name];
    for (asset, weight) in market.names.iter().zip(&solution.weights) {
        let expected = number(&golden["weights"][asset]);
        assert!(
            (weight - expected).abs() < 1e-6,
            "{name} {asset}: {weight} instead of {expected}"
        );
    }
    let columns = slices(&market.returns);
    let figures = portfolio_figures(&solution.weights, &market.means, &market.covariance, &columns, 0.95).unwrap();
    let actual = match figure {
        "mean_daily" => figures.mean,
        "vol_daily" => figures.volatility,
        "cvar95" => figures.cvar.unwrap(),
        "sharpe_ann" => figures.mean / figures.volatility * 252_f64.sqrt(),
        other => panic!("{other}"),
    };
    let expected = number(&golden[figure]);
    assert!(
        (actual / expected - 1.0).abs() < 1e-8,
        "{name} {figure}: {actual} instead of {expected}"
    );
    let total: f64 = figures.risk_contributions.iter().flatten().sum();
    assert!((total - 1.0).abs() < 1e-12);
    for (asset, share) in market.names.iter().zip(&figures.risk_contributions) {
        let expected = number(&golden["risk_contrib"][asset]);
        assert!(
            (share.unwrap() - expected).abs() < 1e-5,
            "{name} {asset}: {share:?} instead of {expected}"
        );
    }
    if let Some(residual) = solution.kkt_residual {
        assert!(residual < 1e-9, "{name}: {residual}");
    }
}

#[test]
fn quadratic_portfolios_agree_with_the_reference() {
    let market = market();
    let (means, covariance) = (&market.means, &market.covariance);
    let long = Bounds::long_only(20);
    agree(
        &market,
        "min_variance",
        &min_variance(covariance, &long).unwrap(),
        "vol_daily",
    );
    let capped = min_variance(covariance, &Bounds::capped(20, 0.10)).unwrap();
    agree(&market, "min_variance_cap10", &capped, "vol_daily");
    agree(
        &market,
        "max_sharpe_rf0",
        &max_sharpe(means, covariance, 0.0, &long).unwrap(),
        "sharpe_ann",
    );
    // The tangency portfolio does not depend on which of the two ways finds it.
    let wide = max_sharpe(means, covariance, 0.0, &Bounds::capped(20, 1.0)).unwrap();
    agree(&market, "max_sharpe_rf0", &wide, "sharpe_ann");
    let utility = max_utility(means, covariance, 5.0, &long, None).unwrap();
    agree(&market, "mv_utility_lambda5", &utility, "vol_daily");
    agree(
        &market,
        "max_diversification",
        &max_diversification(covariance).unwrap(),
        "vol_daily",
    );
}

#[test]
fn risk_shares_agree_with_the_reference() {
    let market = market();
    let parity = risk_parity(&market.covariance).unwrap();
    agree(&market, "risk_parity", &parity, "vol_daily");
    assert!(parity.kkt_residual.unwrap() < 1e-14);
    agree(
        &market,
        "inverse_vol",
        &inverse_volatility(&market.covariance).unwrap(),
        "vol_daily",
    );
    let budgets: Vec<f64> = (1..=20).map(f64::from).collect();
    let solution = risk_budgets(&market.covariance, &budgets).unwrap();
    let columns = slices(&market.returns);
    let figures = portfolio_figures(&solution.weights, &market.means, &market.covariance, &columns, 0.95).unwrap();
    for (share, budget) in figures.risk_contributions.iter().zip(&budgets) {
        assert!((share.unwrap() - budget / 210.0).abs() < 1e-13);
    }
}

#[test]
fn risk_budgets_are_kept_where_assets_hedge_one_another() {
    // Three factors with loadings of both signs: no line that all assets share, and Newton's short cut leads nowhere.
    let size = 60;
    let loading = |asset: usize, factor: usize| ((asset * 7 + factor * 13 + 3) as f64).sin();
    let entry = |row: usize, column: usize| {
        let shared: f64 = (0..3)
            .map(|factor| loading(row, factor) * loading(column, factor))
            .sum();
        0.3 * shared + if row == column { 0.1 + row as f64 / 100.0 } else { 0.0 }
    };
    let values = (0..size).flat_map(|row| (0..size).map(move |column| entry(row, column)));
    let covariance = SymmetricMatrix::new(size, values.collect()).unwrap();
    let budgets: Vec<f64> = (0..size).map(|asset| 0.2 + (asset % 9) as f64).collect();
    let total: f64 = budgets.iter().sum();
    let solution = risk_budgets(&covariance, &budgets).unwrap();
    let variance = covariance.quadratic(&solution.weights);
    let slopes = covariance.times(&solution.weights);
    for (asset, budget) in budgets.iter().enumerate() {
        let share = solution.weights[asset] * slopes[asset] / variance;
        assert!(
            (share - budget / total).abs() < 1e-11,
            "{asset}: {share} {}",
            budget / total
        );
    }
}

#[test]
fn least_shortfall_agrees_with_the_reference() {
    let market = market();
    let columns = slices(&market.returns);
    let golden = golden("optimisers_20.json");
    let answer = min_shortfall(&columns, 0.95, None, &Bounds::long_only(20)).unwrap();
    agree(&market, "min_cvar95", &answer.solution, "cvar95");
    let case = &golden["solutions"]["min_cvar95"];
    assert!((answer.shortfall / number(&case["objective"]) - 1.0).abs() < 1e-10);
    assert!((answer.value_at_risk / number(&case["var_variable"]) - 1.0).abs() < 1e-8);
    for case in golden["cvar95_frontier"].as_array().unwrap() {
        let target = number(&case["target"]);
        let answer = min_shortfall(&columns, 0.95, Some(target), &Bounds::long_only(20)).unwrap();
        assert!(
            (answer.shortfall / number(&case["cvar95"]) - 1.0).abs() < 1e-8,
            "{target}"
        );
        for (weight, expected) in answer.solution.weights.iter().zip(numbers(&case["weights"])) {
            assert!(
                (weight - expected).abs() < 1e-6,
                "{target}: {weight} instead of {expected}"
            );
        }
    }
}

#[test]
fn every_point_of_the_frontier_agrees_with_the_reference() {
    let market = market();
    let golden = &golden("optimisers_20.json")["frontier50"];
    let points = frontier(&market.means, &market.covariance, &Bounds::long_only(20), 50).unwrap();
    for expected in golden["points"].as_array().unwrap() {
        let target = number(&expected["target"]);
        let point = points
            .iter()
            .min_by(|one, other| (one.target - target).abs().total_cmp(&(other.target - target).abs()))
            .unwrap();
        assert!((point.target / target - 1.0).abs() < 1e-10, "{target}");
        assert!(
            (point.volatility / number(&expected["vol_daily"]) - 1.0).abs() < 1e-8,
            "{target}"
        );
        for (weight, expected) in point.weights.iter().zip(numbers(&expected["weights"])) {
            assert!(
                (weight - expected).abs() < 1e-6,
                "{target}: {weight} instead of {expected}"
            );
        }
    }
}

#[test]
fn hierarchies_agree_with_the_reference() {
    let market = market();
    let golden = &golden("optimisers_20.json")["solutions"];
    for (name, linkage, optimal_leaf_order) in [
        ("hrp_single", Linkage::Single, false),
        ("hrp_ward_olo", Linkage::Ward, true),
    ] {
        let settings = HierarchySettings {
            linkage,
            distance_of_distances: false,
            optimal_leaf_order,
        };
        let answer = hierarchical_risk_parity(&market.covariance, settings).unwrap();
        for (height, expected) in answer
            .hierarchy
            .heights
            .iter()
            .zip(numbers(&golden[name]["linkage_heights"]))
        {
            assert!(
                (height - expected).abs() < 1e-12,
                "{name}: {height} instead of {expected}"
            );
        }
        let order: Vec<&str> = answer
            .hierarchy
            .order
            .iter()
            .map(|asset| market.names[*asset].as_str())
            .collect();
        let expected: Vec<&str> = golden[name]["order"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_str().unwrap())
            .collect();
        assert_eq!(order, expected, "{name}");
        agree(&market, name, &answer.solution, "vol_daily");
    }
    // The variants whose weights the reference holds under the peers that use them.
    let peers = &self::golden("optimisers_20.json")["peers"]["hrp"];
    let variant = |linkage, optimal_leaf_order| HierarchySettings {
        linkage,
        distance_of_distances: false,
        optimal_leaf_order,
    };
    for (name, settings) in [
        ("skfolio_default", variant(Linkage::Ward, true)),
        ("riskfolio_single", variant(Linkage::Single, true)),
        ("pypfopt_single", variant(Linkage::Single, false)),
    ] {
        let weights = hierarchical_risk_parity(&market.covariance, settings)
            .unwrap()
            .solution
            .weights;
        for (weight, expected) in weights.iter().zip(numbers(&peers[name])) {
            assert!(
                (weight - expected).abs() < 1e-12,
                "{name}: {weight} instead of {expected}"
            );
        }
    }
}

#[test]
fn black_litterman_agrees_with_the_reference() {
    let market = market();
    let golden = &golden("optimisers_20.json")["black_litterman"];
    let views = Views {
        assets: golden["P"].as_array().unwrap().iter().map(numbers).collect(),
        means: numbers(&golden["Q"]),
    };
    let prior = BlackLittermanPrior {
        weights: vec![0.05; 20],
        delta: number(&golden["delta"]),
        tau: number(&golden["tau"]),
    };
    let yearly = market.covariance.scaled(number(&golden["annualisation"]));
    let answer = black_litterman(&yearly, &prior, &views).unwrap();
    for (name, actual) in [
        ("prior_pi", &answer.prior_means),
        ("posterior_mean", &answer.posterior_means),
        ("posterior_cov_diag", &answer.posterior_covariance.diagonal()),
        ("unconstrained_weights_delta_S", &answer.unconstrained_weights),
    ] {
        for (actual, expected) in actual.iter().zip(numbers(&golden[name])) {
            assert!(
                (actual - expected).abs() < 1e-12,
                "{name}: {actual} instead of {expected}"
            );
        }
    }
}

#[test]
fn targets_are_met_exactly() {
    let market = market();
    let (means, covariance) = (&market.means, &market.covariance);
    for bounds in [Bounds::long_only(20), Bounds::capped(20, 0.15)] {
        let lowest = means.iter().copied().fold(f64::INFINITY, f64::min);
        for target in [0.00055, 0.0007, 0.0009] {
            let solution = target_return(means, covariance, target, &bounds).unwrap();
            let mean: f64 = solution
                .weights
                .iter()
                .zip(means)
                .map(|(weight, mean)| weight * mean)
                .sum();
            assert!((mean - target).abs() < 1e-15, "{mean} instead of {target}");
            assert!(solution.kkt_residual.unwrap() < 1e-9, "{solution:?}");
        }
        assert!(lowest < 0.0005);
        let solution = target_volatility(means, covariance, 0.012, &bounds).unwrap();
        assert!((covariance.quadratic(&solution.weights).sqrt() - 0.012).abs() < 1e-14);
        assert!(solution.kkt_residual.unwrap() < 1e-9, "{solution:?}");
    }
    let refused = target_return(means, covariance, 0.01, &Bounds::long_only(20)).unwrap_err();
    assert!(refused.to_string().contains("target mean 0.01"), "{refused}");
    let refused = target_volatility(means, covariance, 0.005, &Bounds::long_only(20)).unwrap_err();
    assert!(refused.to_string().contains("smallest volatility"), "{refused}");
}

#[test]
fn bounds_that_no_portfolio_keeps_are_named() {
    let covariance = SymmetricMatrix::new(2, vec![1.0, 0.0, 0.0, 1.0]).unwrap();
    let refused = min_variance(&covariance, &Bounds::capped(2, 0.4)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "no portfolio keeps these constraints together: weights add up to 1, upper bounds add up to 0.8"
    );
    let refused = max_sharpe(&[-0.1, -0.2], &covariance, 0.0, &Bounds::long_only(2)).unwrap_err();
    assert!(refused.to_string().contains("risk-free rate"), "{refused}");
    assert!(matches!(
        risk_budgets(&covariance, &[1.0, 0.0]),
        Err(AnalyticsError::NotPositive {
            what: "risk budget",
            index: 1,
            ..
        })
    ));
}

#[test]
fn a_start_near_the_answer_saves_steps_and_changes_nothing() {
    let market = market();
    let zero = vec![0.0; 20];
    let cold = minimize_quadratic(&market.covariance, &zero, &Bounds::capped(20, 0.10), None).unwrap();
    let near = minimize_quadratic(&market.covariance, &zero, &Bounds::capped(20, 0.11), None).unwrap();
    let warm = minimize_quadratic(
        &market.covariance,
        &zero,
        &Bounds::capped(20, 0.10),
        Some(&near.weights),
    )
    .unwrap();
    for (one, other) in cold.weights.iter().zip(&warm.weights) {
        assert!((one - other).abs() < 1e-13);
    }
    assert!(
        warm.iterations < cold.iterations,
        "{} {}",
        warm.iterations,
        cold.iterations
    );
}

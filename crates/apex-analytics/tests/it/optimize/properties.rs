//! What holds for any covariance, means and bounds.

use super::*;

/// Returns of a few assets with one common factor, so that covariances are like those of a market.
pub(super) fn universe() -> impl Strategy<Value = Vec<Vec<f64>>> {
    (3_usize..9).prop_flat_map(|assets| {
        let market = prop::collection::vec(-0.03_f64..0.03, 60);
        let own = prop::collection::vec(prop::collection::vec(-0.04_f64..0.04, 60), assets);
        (market, own).prop_map(|(market, own)| {
            let mix = |(at, column): (usize, Vec<f64>)| {
                let beta = 0.4 + 0.2 * at as f64;
                column
                    .iter()
                    .zip(&market)
                    .map(|(own, common)| own + beta * common)
                    .collect()
            };
            own.into_iter().enumerate().map(mix).collect()
        })
    })
}

fn moments(returns: &[Vec<f64>]) -> (Vec<f64>, SymmetricMatrix) {
    let columns = slices(returns);
    (column_means(&columns), sample_covariance(&columns).unwrap())
}

fn keeps(solution: &Solution, bounds: &Bounds) -> Result<(), TestCaseError> {
    let total: f64 = solution.weights.iter().sum();
    prop_assert!((total - bounds.budget).abs() < 1e-10, "{}", total);
    for (at, weight) in solution.weights.iter().enumerate() {
        prop_assert!(
            *weight >= bounds.lower[at] - 1e-12 && *weight <= bounds.upper[at] + 1e-12,
            "{} {}",
            at,
            weight
        );
    }
    prop_assert!(
        solution.kkt_residual.is_none_or(|residual| residual < 1e-8),
        "{:?}",
        solution
    );
    Ok(())
}

fn near(one: &[f64], other: &[f64], tolerance: f64) -> Result<(), TestCaseError> {
    for (left, right) in one.iter().zip(other) {
        prop_assert!((left - right).abs() < tolerance, "{:?} {:?}", one, other);
    }
    Ok(())
}

/// A method that makes weights from returns.
type Method = fn(&[Vec<f64>], &Bounds) -> Vec<f64>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn weights_keep_budget_and_bounds_and_are_optimal(returns in universe(), cap in 0.35_f64..1.0, aversion in 0.5_f64..20.0) {
        let (means, covariance) = moments(&returns);
        let size = means.len();
        for bounds in [Bounds::long_only(size), Bounds::capped(size, cap), Bounds::unbounded(size), Bounds {
            lower: vec![-0.2; size],
            upper: vec![0.6; size],
            budget: 1.0,
        }] {
            let least = min_variance(&covariance, &bounds).unwrap();
            keeps(&least, &bounds)?;
            keeps(&max_utility(&means, &covariance, aversion, &bounds, None).unwrap(), &bounds)?;
            if let Ok(best) = max_sharpe(&means, &covariance, 0.0, &bounds) {
                keeps(&best, &bounds)?;
                let ratio = |weights: &[f64]| {
                    weights.iter().zip(&means).map(|(weight, mean)| weight * mean).sum::<f64>()
                        / covariance.quadratic(weights).sqrt()
                };
                prop_assert!(ratio(&best.weights) >= ratio(&least.weights) - 1e-12);
            }
        }
    }

    #[test]
    fn shuffled_assets_give_shuffled_weights_and_scale_does_not_matter(returns in universe(), scale in 0.1_f64..50.0) {
        let turned: Vec<Vec<f64>> = returns.iter().rev().cloned().collect();
        let larger: Vec<Vec<f64>> =
            returns.iter().map(|one| one.iter().map(|value| value * scale).collect()).collect();
        let bounds = Bounds::long_only(returns.len());
        let methods: [Method; 6] = [
            |returns, bounds| min_variance(&moments(returns).1, bounds).unwrap().weights,
            |returns, bounds| {
                let (means, covariance) = moments(returns);
                max_sharpe(&means, &covariance, -0.1 * covariance.at(0, 0).sqrt(), bounds)
                    .map_or_else(|_| vec![0.0; means.len()], |solution| solution.weights)
            },
            |returns, _| risk_parity(&moments(returns).1).unwrap().weights,
            |returns, _| inverse_volatility(&moments(returns).1).unwrap().weights,
            |returns, _| max_diversification(&moments(returns).1).unwrap().weights,
            |returns, bounds| min_shortfall(&slices(returns), 0.9, None, bounds).unwrap().solution.weights,
        ];
        for (at, method) in methods.iter().enumerate() {
            let weights = method(&returns, &bounds);
            let mut back = method(&turned, &bounds);
            back.reverse();
            if at != 1 {
                near(&weights, &back, 1e-8)?;
                near(&weights, &method(&larger, &bounds), 1e-8)?;
            }
        }
    }

    #[test]
    fn the_frontier_rises_and_is_convex(returns in universe(), cap in 0.4_f64..1.0) {
        let (means, covariance) = moments(&returns);
        let bounds = Bounds::capped(means.len(), cap);
        let points = frontier(&means, &covariance, &bounds, 12).unwrap();
        let line = critical_line(&means, &covariance, &bounds).unwrap();
        prop_assert!(line.corners.windows(2).all(|pair| pair[0].trade_off >= pair[1].trade_off));
        for pair in points.windows(2) {
            prop_assert!(pair[1].target >= pair[0].target && pair[1].volatility >= pair[0].volatility - 1e-12);
        }
        for three in points.windows(3) {
            let (one, two, three) = (three[0].volatility.powi(2), three[1].volatility.powi(2), three[2].volatility.powi(2));
            prop_assert!(two <= 0.5 * (one + three) + 1e-12);
        }
        // No other method finds less risk at the same mean.
        let least = min_variance(&covariance, &bounds).unwrap();
        prop_assert!((points[0].volatility / covariance.quadratic(&least.weights).sqrt() - 1.0).abs() < 1e-9);
        for point in &points {
            let total: f64 = point.weights.iter().sum();
            prop_assert!((total - 1.0).abs() < 1e-9);
            prop_assert!(point.weights.iter().all(|weight| *weight >= -1e-12 && *weight <= cap + 1e-12));
        }
    }

    #[test]
    fn no_random_portfolio_has_less_shortfall(returns in universe(), seeds in prop::collection::vec(0.001_f64..1.0, 9), level in 0.6_f64..0.97) {
        let columns = slices(&returns);
        let answer = min_shortfall(&columns, level, None, &Bounds::long_only(columns.len())).unwrap();
        keeps(&answer.solution, &Bounds::long_only(columns.len()))?;
        let at = |weights: &[f64]| shortfall_fractional(&weighted_daily(weights, &columns).unwrap(), level).unwrap();
        prop_assert!((at(&answer.solution.weights) - answer.shortfall).abs() < 1e-14);
        // Small steps towards any other portfolio lose as well, since the shortfall is convex.
        for turn in 0..columns.len() {
            let total: f64 = (0..columns.len()).map(|asset| seeds[(asset + turn) % 9]).sum();
            for step in [1e-4, 1e-2, 1.0] {
                let mixed: Vec<f64> = answer.solution.weights.iter().enumerate()
                    .map(|(asset, weight)| (1.0 - step) * weight + step * seeds[(asset + turn) % 9] / total)
                    .collect();
                prop_assert!(at(&mixed) >= answer.shortfall - 1e-12);
            }
        }
    }

    #[test]
    fn shares_of_risk_are_the_budgets(returns in universe(), budgets in prop::collection::vec(0.1_f64..5.0, 9)) {
        let (means, covariance) = moments(&returns);
        let budgets = &budgets[..means.len()];
        let solution = risk_budgets(&covariance, budgets).unwrap();
        keeps(&solution, &Bounds::long_only(means.len()))?;
        let figures = portfolio_figures(&solution.weights, &means, &covariance, &slices(&returns), 0.95).unwrap();
        let total: f64 = budgets.iter().sum();
        for (share, budget) in figures.risk_contributions.iter().zip(budgets) {
            prop_assert!((share.unwrap() - budget / total).abs() < 1e-11);
        }
    }

    #[test]
    fn trees_hold_every_asset_once_and_their_weights_add_up(returns in universe(), distance_of_distances: bool, optimal_leaf_order: bool) {
        let (_, covariance) = moments(&returns);
        for linkage in [Linkage::Single, Linkage::Average, Linkage::Ward] {
            let settings = HierarchySettings { linkage, distance_of_distances, optimal_leaf_order };
            for answer in [
                hierarchical_risk_parity(&covariance, settings).unwrap(),
                hierarchical_equal_risk(&covariance, settings, None).unwrap(),
                nested_clusters(&covariance, settings, Some(2)).unwrap(),
            ] {
                keeps(&answer.solution, &Bounds::long_only(covariance.size()))?;
                let mut order = answer.hierarchy.order.clone();
                order.sort_unstable();
                prop_assert_eq!(order, (0..covariance.size()).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn tracking_ends_at_the_benchmark_where_it_is_allowed(returns in universe(), cap in 0.3_f64..0.9) {
        let (_, covariance) = moments(&returns);
        let size = covariance.size();
        let benchmark = vec![1.0 / size as f64; size];
        let free = min_tracking_error(&covariance, &benchmark, &Bounds::long_only(size)).unwrap();
        near(&free.weights, &benchmark, 1e-10)?;
        let capped = Bounds::capped(size, (0.9 * cap / size as f64).max(1.0 / size as f64 * 1.05));
        keeps(&min_tracking_error(&covariance, &benchmark, &capped).unwrap(), &capped)?;
    }
}

//! Options: 10,000 European with sensitivities, 1,000 American, and a book revalued in 100,000 scenarios.

use std::cell::LazyCell;
use std::hint::black_box;

use apex_analytics::pricing::american::{self, Accuracy};
use apex_analytics::pricing::batch::{Contract, GreekColumns, TermColumns, add_value, value_columns};
use apex_analytics::pricing::european;
use apex_analytics::pricing::{OptionKind, Terms};
use criterion::Criterion;

use crate::cpu_time::CpuTime;
use crate::peers;

const OPTIONS: usize = 10_000;
const AMERICAN: usize = 1_000;
const SCENARIOS: usize = 100_000;
/// Instruments that the book's positions are on.
const UNDERLYINGS: usize = 20;
/// Positions in shares, and in options.
const POSITIONS: [usize; 2] = [150, 50];
/// Shares of one option contract.
const CONTRACT_SIZE: f64 = 100.0;
const RATE: f64 = 0.03;
const VOLATILITY_MIN: f64 = 0.01;
/// Steps of the lattice that serves as a floor.
const STEPS: usize = 500;

pub(crate) fn benches(criterion: &mut Criterion<CpuTime>) {
    let options = LazyCell::new(options);
    let mut group = criterion.benchmark_group("options");
    group.bench_function("european_10k", |bencher| {
        let columns = Columns::of(&options);
        let mut out = [(); 6].map(|()| vec![0.0; OPTIONS]);
        bencher.iter(|| columns.value(black_box(&mut out)));
    });
    group.bench_function("european_10k_floor", |bencher| {
        LazyCell::force(&options);
        bencher.iter(|| {
            let value = |terms: &Terms| european::value(black_box(terms)).expect("terms in range").price;
            options.iter().map(value).sum::<f64>()
        });
    });
    group.sample_size(10);
    group.bench_function("american_1k", |bencher| {
        LazyCell::force(&options);
        bencher.iter(|| {
            let price = |terms: &Terms| american::price(black_box(terms), Accuracy::Standard).expect("terms in range");
            options[..AMERICAN].iter().map(price).sum::<f64>()
        });
    });
    group.bench_function("american_1k_floor", |bencher| {
        LazyCell::force(&options);
        bencher.iter(|| {
            options[..AMERICAN]
                .iter()
                .map(|terms| lattice(black_box(terms)))
                .sum::<f64>()
        });
    });
    let book = LazyCell::new(OptionBook::new);
    group.bench_function("revaluation_100k", |bencher| {
        LazyCell::force(&book);
        bencher.iter(|| book.profits());
    });
    group.bench_function("revaluation_100k_floor", |bencher| {
        LazyCell::force(&book);
        bencher.iter(|| book.profits_floor());
    });
    group.finish();
}

fn kind(call: bool) -> OptionKind {
    if call { OptionKind::Call } else { OptionKind::Put }
}

/// Returns the peers' options, or some like them.
fn options() -> Vec<Terms> {
    let rows = peers::rows::<7>("options.f64").unwrap_or_else(|| {
        let mut between = peers::uniforms(11);
        let days = |days: f64| days.floor() / 365.0;
        (0..OPTIONS)
            .map(|_| {
                [
                    100.0,
                    between(60.0, 140.0),
                    days(between(7.0, 1095.0)),
                    between(0.0, 0.06),
                    between(0.0, 0.04),
                    between(0.1, 0.6),
                    between(0.0, 2.0).floor(),
                ]
            })
            .collect()
    });
    let terms = |[spot, strike, years, rate, dividend_yield, volatility, call]: [f64; 7]| Terms {
        kind: kind(call > 0.5),
        spot,
        strike,
        years,
        rate,
        dividend_yield,
        volatility,
    };
    rows.into_iter().map(terms).collect()
}

/// The same terms by column.
struct Columns {
    kind: Vec<OptionKind>,
    numbers: [Vec<f64>; 6],
}

impl Columns {
    fn of(options: &[Terms]) -> Self {
        let column = |number: fn(&Terms) -> f64| options.iter().map(number).collect();
        Self {
            kind: options.iter().map(|terms| terms.kind).collect(),
            numbers: [
                column(|terms| terms.spot),
                column(|terms| terms.strike),
                column(|terms| terms.years),
                column(|terms| terms.rate),
                column(|terms| terms.dividend_yield),
                column(|terms| terms.volatility),
            ],
        }
    }

    fn value(&self, out: &mut [Vec<f64>; 6]) {
        let [spot, strike, years, rate, dividend_yield, volatility] = &self.numbers;
        let terms = TermColumns {
            kind: &self.kind,
            spot,
            strike,
            years,
            rate,
            dividend_yield,
            volatility,
        };
        let [price, delta, gamma, vega, theta, rho] = out;
        let mut out = GreekColumns {
            price,
            delta,
            gamma,
            vega,
            theta,
            rho,
        };
        value_columns(&terms, &mut out).expect("terms in range");
    }
}

/// The price by the lattice of Cox, Ross and Rubinstein in plain loops.
fn lattice(terms: &Terms) -> f64 {
    let step = terms.years / STEPS as f64;
    let up = (terms.volatility * step.sqrt()).exp();
    let probability = (((terms.rate - terms.dividend_yield) * step).exp() - 1.0 / up) / (up - 1.0 / up);
    let discount = (-terms.rate * step).exp();
    let (rise, fall) = (discount * probability, discount * (1.0 - probability));
    let sign = if terms.kind == OptionKind::Call { 1.0 } else { -1.0 };
    let spots: Vec<f64> = (0..=2 * STEPS)
        .map(|at| terms.spot * up.powi(at as i32 - STEPS as i32))
        .collect();
    let payoff = |spot: f64| (sign * (spot - terms.strike)).max(0.0);
    let mut values: Vec<f64> = (0..=STEPS).map(|node| payoff(spots[2 * node])).collect();
    for left in (0..STEPS).rev() {
        for node in 0..=left {
            let held = fall * values[node] + rise * values[node + 1];
            values[node] = held.max(payoff(spots[STEPS - left + 2 * node]));
        }
    }
    values[0]
}

/// 200 positions on 20 underlyings, and how these move.
struct OptionBook {
    /// Money in the shares of each underlying.
    linear: [f64; UNDERLYINGS],
    options: Vec<Position>,
    /// Spot over spot before, a column an underlying.
    growth: Vec<Vec<f64>>,
    volatility_change: Vec<f64>,
}

struct Position {
    underlying: usize,
    shares: f64,
    spot: f64,
    volatility: f64,
    contract: Contract,
    value: f64,
}

impl OptionBook {
    fn new() -> Self {
        let rows = peers::rows::<8>("book.f64").unwrap_or_else(Self::made_up);
        let scenarios = peers::rows::<21>("book_scenarios.f64").unwrap_or_else(|| {
            let mut normal = peers::normals(17);
            (0..SCENARIOS)
                .map(|_| {
                    std::array::from_fn(|at| {
                        if at < UNDERLYINGS {
                            0.05 * normal()
                        } else {
                            0.03 * normal()
                        }
                    })
                })
                .collect()
        });
        let mut book = Self {
            linear: [0.0; UNDERLYINGS],
            options: Vec::new(),
            growth: (0..UNDERLYINGS)
                .map(|at| scenarios.iter().map(|row| row[at].exp()).collect())
                .collect(),
            volatility_change: scenarios.iter().map(|row| row[UNDERLYINGS]).collect(),
        };
        for [underlying, option, quantity, spot, strike, years, volatility, call] in rows {
            let underlying = underlying as usize;
            if option < 0.5 {
                book.linear[underlying] += quantity * spot;
                continue;
            }
            let kind = kind(call > 0.5);
            let terms = Terms {
                kind,
                spot,
                strike,
                years,
                rate: RATE,
                dividend_yield: 0.0,
                volatility,
            };
            book.options.push(Position {
                underlying,
                shares: quantity * CONTRACT_SIZE,
                spot,
                volatility,
                contract: Contract {
                    kind,
                    strike,
                    years,
                    rate: RATE,
                    dividend_yield: 0.0,
                },
                value: european::value(&terms).expect("terms in range").price,
            });
        }
        book
    }

    fn made_up() -> Vec<[f64; 8]> {
        let mut between = peers::uniforms(13);
        let [shares, options] = POSITIONS;
        (0..shares + options)
            .map(|at| {
                let spot = between(20.0, 300.0);
                [
                    between(0.0, UNDERLYINGS as f64).floor(),
                    f64::from(u8::from(at >= shares)),
                    between(-1000.0, 1000.0).round(),
                    spot,
                    spot * between(0.8, 1.2),
                    between(20.0, 500.0).floor() / 365.0,
                    between(0.15, 0.5),
                    between(0.0, 2.0).floor(),
                ]
            })
            .collect()
    }

    /// Profit and loss in each scenario.
    fn profits(&self) -> Vec<f64> {
        let mut profits = vec![0.0; self.volatility_change.len()];
        for (growth, money) in self.growth.iter().zip(self.linear) {
            for (profit, growth) in profits.iter_mut().zip(growth) {
                *profit += money * (growth - 1.0);
            }
        }
        let mut spots = vec![0.0; profits.len()];
        let mut volatilities = vec![0.0; profits.len()];
        for position in &self.options {
            for (spot, growth) in spots.iter_mut().zip(&self.growth[position.underlying]) {
                *spot = position.spot * growth;
            }
            for (volatility, change) in volatilities.iter_mut().zip(&self.volatility_change) {
                *volatility = (position.volatility + change).max(VOLATILITY_MIN);
            }
            add_value(&position.contract, position.shares, &spots, &volatilities, &mut profits)
                .expect("terms in range");
            let before = position.shares * position.value;
            profits.iter_mut().for_each(|profit| *profit -= before);
        }
        profits
    }

    /// The same, option by option and scenario by scenario.
    fn profits_floor(&self) -> Vec<f64> {
        let scenarios = 0..self.volatility_change.len();
        scenarios
            .map(|row| {
                let linear = self.growth.iter().zip(self.linear);
                let linear: f64 = linear.map(|(growth, money)| money * (growth[row] - 1.0)).sum();
                let options = self.options.iter().map(|position| {
                    let price = european::value(&Terms {
                        kind: position.contract.kind,
                        spot: position.spot * self.growth[position.underlying][row],
                        strike: position.contract.strike,
                        years: position.contract.years,
                        rate: RATE,
                        dividend_yield: 0.0,
                        volatility: (position.volatility + self.volatility_change[row]).max(VOLATILITY_MIN),
                    });
                    (price.expect("terms in range").price - position.value) * position.shares
                });
                linear + options.sum::<f64>()
            })
            .collect()
    }
}

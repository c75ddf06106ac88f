//! The nodes and weights of Gauss and Legendre.

/// Returns `count` pairs of node and weight on [-1, 1], nodes ascending; exact for polynomials up to `2 count - 1`.
pub(crate) fn gauss_legendre(count: usize) -> Vec<(f64, f64)> {
    let size = count as f64;
    (0..count)
        .map(|at| {
            // Newton from the known approximation of the zeros of the Legendre polynomial.
            let mut x = -(std::f64::consts::PI * (at as f64 + 0.75) / (size + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..8 {
                let (mut before, mut value) = (1.0, x);
                for degree in 2..=count {
                    let degree = degree as f64;
                    let next = ((2.0 * degree - 1.0) * x * value - (degree - 1.0) * before) / degree;
                    (before, value) = (value, next);
                }
                slope = size * (x * value - before) / (x * x - 1.0);
                let step = value / slope;
                x -= step;
                if step.abs() < 1e-15 {
                    break;
                }
            }
            (x, 2.0 / ((1.0 - x * x) * slope * slope))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_integrated_exactly() {
        for count in [2, 5, 16, 33, 96] {
            let rule = gauss_legendre(count);
            for power in 0..(2 * count).min(40) as i32 {
                let sum: f64 = rule.iter().map(|(x, weight)| weight * x.powi(power)).sum();
                let exact = if power % 2 == 0 {
                    2.0 / f64::from(power + 1)
                } else {
                    0.0
                };
                assert!((sum - exact).abs() < 1e-14, "{count} nodes, power {power}: {sum}");
            }
            assert!(rule.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }
}

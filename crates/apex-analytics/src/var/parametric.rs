//! VaR and ES from a distribution with a formula: normal, Student's t, and the Cornish-Fisher expansion.

use crate::distribution::{normal_density, normal_quantile, student_density, student_quantile};
use crate::error::AnalyticsError;
use crate::measure::is_flat;
use crate::measure::tail::cornish_fisher_quantile;
use crate::var::student::student_fit;
use crate::var::{Book, Figures, HorizonRule, MeanRule, VarSettings};

/// The returns of all windows, and how a figure of them grows to the horizon.
struct Totals {
    length: usize,
    /// How many windows the horizon has.
    grown: f64,
    returns: Vec<f64>,
}

impl Totals {
    fn of(book: &Book<'_>, settings: &VarSettings) -> Self {
        let (length, grown) = match settings.horizon_rule {
            HorizonRule::Overlap => (settings.horizon, 1.0),
            HorizonRule::Sqrt => (1, settings.horizon as f64),
        };
        let days = length - 1..book.portfolio.len();
        Self {
            length,
            grown,
            returns: days.map(|day| book.window_return(day, length)).collect(),
        }
    }

    fn mean(&self) -> f64 {
        self.returns.iter().sum::<f64>() / self.returns.len() as f64
    }

    /// Returns the assets' sums of parts times `factor` of each window's return.
    fn sums(&self, book: &Book<'_>, factor: impl Fn(f64) -> f64) -> Vec<f64> {
        let factors: Vec<f64> = self.returns.iter().map(|value| factor(*value)).collect();
        book.sum_parts(self.length, &factors)
    }
}

/// A location and a spread, each with the assets' marginal shares of it.
struct Shape {
    location: f64,
    locations: Vec<f64>,
    spread: f64,
    spreads: Vec<f64>,
}

impl Shape {
    /// Returns `factor * spread - location` for VaR and ES.
    fn figures(self, (var, es): (f64, f64), degrees_of_freedom: Option<f64>) -> Option<Figures> {
        let marginal = |factor: f64| {
            let parts = self.spreads.iter().zip(&self.locations);
            parts.map(|(spread, location)| factor * spread - location).collect()
        };
        Figures {
            var: var * self.spread - self.location,
            es: es * self.spread - self.location,
            marginal_var: marginal(var),
            marginal_es: marginal(es),
            tail: Vec::new(),
            degrees_of_freedom,
        }
        .finite()
    }
}

/// Takes VaR and ES from a normal distribution with the sample's deviation (n - 1).
pub(super) fn normal(book: &Book<'_>, settings: &VarSettings) -> Option<Figures> {
    let totals = Totals::of(book, settings);
    let count = totals.returns.len() as f64;
    let mean = totals.mean();
    let variance = totals.returns.iter().map(|total| (total - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let deviation = variance.sqrt();
    let covariances = totals.sums(book, |total| (total - mean) / (count - 1.0));
    let (location, locations) = match settings.mean {
        MeanRule::Sample => {
            let means = totals.sums(book, |_| totals.grown / count);
            (mean * totals.grown, means)
        }
        MeanRule::Zero => (0.0, vec![0.0; book.weights.len()]),
    };
    let probability = 1.0 - settings.level;
    let z = normal_quantile(probability)?;
    let root = totals.grown.sqrt();
    let per_deviation = if deviation > 0.0 { root / deviation } else { 0.0 };
    Shape {
        location,
        locations,
        spread: deviation * root,
        spreads: covariances
            .iter()
            .map(|covariance| covariance * per_deviation)
            .collect(),
    }
    .figures((-z, normal_density(z) / probability), None)
}

/// Takes VaR and ES from Student's t fitted to the book's returns.
///
/// With `q` the quantile of t: VaR is `-q scale - location`, ES `scale density(q) / p (degrees + q^2) / (degrees - 1) -
/// location` (McNeil, Frey and Embrechts, 2015). Location and squared scale are weighted moments of the returns, so the
/// parts of an asset are its own moments with the same weights: those of a t distribution of all assets together.
pub(super) fn student(book: &Book<'_>, settings: &VarSettings) -> Result<Option<Figures>, AnalyticsError> {
    let totals = Totals::of(book, settings);
    if is_flat(&totals.returns) {
        return Ok(normal(book, settings));
    }
    let fit = student_fit(&totals.returns, settings.mean)?;
    let count = totals.returns.len() as f64;
    let weights: f64 = fit.weights.iter().sum();
    let by = |factor: &dyn Fn(f64, f64) -> f64| {
        let pairs = fit.weights.iter().zip(&totals.returns);
        let factors: Vec<f64> = pairs.map(|(weight, total)| factor(*weight, *total)).collect();
        let sum = factors
            .iter()
            .zip(&totals.returns)
            .map(|(factor, total)| factor * total)
            .sum::<f64>();
        (sum, book.sum_parts(totals.length, &factors))
    };
    let (location, locations) = match settings.mean {
        MeanRule::Sample => by(&|weight, _| weight / weights * totals.grown),
        MeanRule::Zero => (0.0, vec![0.0; book.weights.len()]),
    };
    let (square, squares) = by(&|weight, total| weight * (total - fit.location) / count);
    let root = totals.grown.sqrt();
    let scale = square.sqrt();
    let probability = 1.0 - settings.level;
    let degrees = fit.degrees;
    let Some(q) = student_quantile(probability, degrees) else {
        return Ok(None);
    };
    let es = student_density(q, degrees) / probability * (degrees + q * q) / (degrees - 1.0);
    let shape = Shape {
        location,
        locations,
        spread: scale * root,
        spreads: squares.iter().map(|part| part / scale * root).collect(),
    };
    Ok(shape.figures((-q, es), Some(degrees)))
}

/// Takes VaR from the Cornish-Fisher quantile, and ES from its mean over the tail.
///
/// With `z` the normal quantile, `S` the biased skewness and `K` the excess kurtosis, ES is `deviation density(z) / p *
/// (1 + z S / 6 + (z^2 - 1) K / 24 - (2 z^2 - 1) S^2 / 36) - mean` (Maillard, 2012). Where shape and level take the
/// expansion out of its domain and this falls below VaR, ES is VaR. The parts are derivatives in the weights, through
/// all four moments (Boudt, Peterson and Croux, 2008). Scaled by the root of time, the shape is that of one day.
pub(super) fn cornish_fisher(book: &Book<'_>, settings: &VarSettings) -> Option<Figures> {
    let totals = Totals::of(book, settings);
    if is_flat(&totals.returns) {
        return normal(book, settings);
    }
    let count = totals.returns.len() as f64;
    let mean = totals.mean();
    let moment = |order: i32| {
        totals
            .returns
            .iter()
            .map(|total| (total - mean).powi(order))
            .sum::<f64>()
            / count
    };
    let (m2, m3, m4) = (moment(2), moment(3), moment(4));
    // The derivative of a moment: order times the co-moment, about the means on both sides.
    let change = |order: i32| {
        let center = if order == 2 { 0.0 } else { moment(order - 1) };
        totals.sums(book, |total| {
            f64::from(order) * ((total - mean).powi(order - 1) - center) / count
        })
    };
    let (d2, d3, d4) = (change(2), change(3), change(4));
    let (skew, kurtosis) = (m3 / m2.powf(1.5), m4 / (m2 * m2) - 3.0);
    let root = totals.grown.sqrt();
    let deviation = (m2 * count / (count - 1.0)).sqrt() * root;
    let (location, locations) = match settings.mean {
        MeanRule::Sample => (mean * totals.grown, totals.sums(book, |_| totals.grown / count)),
        MeanRule::Zero => (0.0, vec![0.0; book.weights.len()]),
    };
    let probability = 1.0 - settings.level;
    let z = normal_quantile(probability)?;
    let (square, cube) = (z * z, z * z * z);
    let thin = normal_density(z) / probability;
    // Each figure is a factor of the deviation, with its slopes in skewness and kurtosis.
    let var = [
        -cornish_fisher_quantile(z, skew, kurtosis),
        -((square - 1.0) / 6.0 - (2.0 * cube - 5.0 * z) * skew / 18.0),
        -(cube - 3.0 * z) / 24.0,
    ];
    let es = [
        thin * (1.0 + z * skew / 6.0 + (square - 1.0) * kurtosis / 24.0 - (2.0 * square - 1.0) * skew * skew / 36.0),
        thin * (z / 6.0 - (2.0 * square - 1.0) * skew / 18.0),
        thin * (square - 1.0) / 24.0,
    ];
    let es = if es[0] < var[0] { var } else { es };
    let marginal = |[factor, by_skew, by_kurtosis]: [f64; 3]| {
        (0..book.weights.len())
            .map(|asset| {
                let wider = deviation / (2.0 * m2) * d2[asset];
                let skewer = d3[asset] / m2.powf(1.5) - 1.5 * skew * d2[asset] / m2;
                let fatter = d4[asset] / (m2 * m2) - 2.0 * (kurtosis + 3.0) * d2[asset] / m2;
                factor * wider + deviation * (by_skew * skewer + by_kurtosis * fatter) - locations[asset]
            })
            .collect()
    };
    Figures {
        var: var[0] * deviation - location,
        es: es[0] * deviation - location,
        marginal_var: marginal(var),
        marginal_es: marginal(es),
        tail: Vec::new(),
        degrees_of_freedom: None,
    }
    .finite()
}

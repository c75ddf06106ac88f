//! Paths of past days, drawn in blocks so that what follows a day follows it here too.

use crate::error::AnalyticsError;
use crate::random::Stream;
use crate::var::simulation::Paths;
use crate::var::{Book, HorizonRule, MeanRule, VarSettings};

/// The past, and how paths are cut from it.
pub(super) struct BootstrapPaths<'a> {
    columns: &'a [&'a [f64]],
    /// What is taken off each asset's returns, and off the book's.
    means: Vec<f64>,
    portfolio: Vec<f64>,
    days: usize,
    block: usize,
}

impl<'a> BootstrapPaths<'a> {
    /// Returns the paths, and what their figures are scaled by.
    pub(super) fn new(book: &'a Book<'_>, settings: &VarSettings) -> Result<(Self, f64), AnalyticsError> {
        let block = settings.simulation.block;
        if block == 0 || block > book.portfolio.len() || u32::try_from(book.portfolio.len()).is_err() {
            return Err(AnalyticsError::Window {
                what: "block",
                length: block,
                observations: book.portfolio.len(),
            });
        }
        let (days, scale) = match settings.horizon_rule {
            HorizonRule::Overlap => (settings.horizon, 1.0),
            HorizonRule::Sqrt => (1, (settings.horizon as f64).sqrt()),
        };
        let mean_of = |column: &[f64]| match settings.mean {
            MeanRule::Sample => 0.0,
            MeanRule::Zero => column.iter().sum::<f64>() / column.len() as f64,
        };
        let mean = mean_of(&book.portfolio);
        let paths = Self {
            columns: &book.columns,
            means: book.columns.iter().map(|column| mean_of(column)).collect(),
            portfolio: book.portfolio.iter().map(|value| value - mean).collect(),
            days,
            block,
        };
        Ok((paths, scale))
    }

    /// Hands out the days of the next path.
    fn path(&self, stream: &mut Stream, mut each: impl FnMut(usize)) {
        let length = self.portfolio.len();
        let mut left = self.days;
        while left > 0 {
            let start = stream.below(length as u32) as usize;
            let taken = left.min(self.block);
            (start..start + taken).for_each(|day| each(if day < length { day } else { day - length }));
            left -= taken;
        }
    }
}

impl Paths for BootstrapPaths<'_> {
    fn draw(&self, stream: &mut Stream, starts: &mut [u64], returns: &mut [f32]) {
        for (start, value) in starts.iter_mut().zip(returns) {
            *start = stream.position();
            *value = self.again(stream) as f32;
        }
    }

    fn again(&self, stream: &mut Stream) -> f64 {
        let mut value = 0.0;
        self.path(stream, |day| value += self.portfolio[day] + value * self.portfolio[day]);
        value
    }

    fn add(&self, stream: &mut Stream, shares: [f64; 2], sums: &mut [Vec<f64>; 2]) {
        let mut growth = 1.0;
        self.path(stream, |day| {
            for (share, sum) in shares.iter().zip(sums.iter_mut()) {
                for ((sum, column), mean) in sum.iter_mut().zip(self.columns).zip(&self.means) {
                    *sum += share * growth * (column[day] - mean);
                }
            }
            growth *= 1.0 + self.portfolio[day];
        });
    }

    fn length(&self) -> usize {
        self.columns.len()
    }

    fn parts(&self, sum: &[f64]) -> Vec<f64> {
        sum.to_vec()
    }
}

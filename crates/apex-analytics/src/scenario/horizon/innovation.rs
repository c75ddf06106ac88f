//! What prices do over a step: draws of all assets for a block of paths.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};

use super::{Drift, HorizonSettings};
use crate::error::AnalyticsError;
use crate::measure::OBSERVATIONS_A_YEAR;
use crate::random::Stream;
use crate::var::simulation::copula::CopulaPaths;
use crate::var::simulation::gaussian::covariance_root;
use crate::var::{Book, HorizonRule, MeanRule, VarMethod, VarSettings};

/// A way to draw what prices do.
pub(super) trait Innovation: Sync {
    /// What is carried from step to step of a block of paths.
    type State;

    /// Begins a block of paths.
    fn begin(&self, rows: usize) -> Self::State;

    /// Draws the growth of every asset over the next step, asset after asset, each for all paths.
    fn step(&self, stream: &mut Stream, state: &mut Self::State, growth: &mut [f64]);
}

/// Returns the logarithms of daily growth.
///
/// # Errors
///
/// When a return is not finite, or loses everything: nothing grows from there.
pub(super) fn log_returns(returns: &[&[f64]]) -> Result<Vec<Vec<f64>>, AnalyticsError> {
    let log = |(index, value): (usize, &f64)| match value {
        value if !value.is_finite() => Err(AnalyticsError::NotFinite { what: "return", index }),
        value if *value <= -1.0 => Err(AnalyticsError::TotalLoss {
            what: "return",
            index,
            value: *value,
        }),
        value => Ok(libm::log1p(*value)),
    };
    returns
        .iter()
        .map(|column| column.iter().enumerate().map(log).collect())
        .collect()
}

fn mean(column: &[f64]) -> f64 {
    column.iter().sum::<f64>() / column.len().max(1) as f64
}

/// What is added to a day's logarithm so that an asset does what is expected of it.
fn shift(drift: Drift, growth_log: f64) -> f64 {
    match drift {
        Drift::Sample => 0.0,
        Drift::Zero => -growth_log,
        Drift::Yearly(growth) => libm::log1p(growth) / OBSERVATIONS_A_YEAR - growth_log,
    }
}

/// The same for assets that draw days of the past: the logarithm of the mean growth of a day.
fn shifts(columns: &[&[f64]], drift: Drift) -> Vec<f64> {
    columns
        .iter()
        .map(|column| {
            let growth = column.iter().map(|log| libm::exp(*log)).sum::<f64>() / column.len().max(1) as f64;
            shift(drift, libm::log(growth))
        })
        .collect()
}

/// Nothing is held that moves.
pub(super) struct NoSteps;

impl Innovation for NoSteps {
    type State = ();

    fn begin(&self, _: usize) {}

    fn step(&self, _: &mut Stream, (): &mut (), _: &mut [f64]) {}
}

/// Room for random numbers of all paths and assets, and for what they are correlated to.
pub(super) struct Room {
    rows: usize,
    numbers: Vec<f32>,
    correlated: Mat<f32>,
    stretches: Vec<f64>,
}

impl Room {
    fn new(rows: usize, assets: usize, numbers: usize) -> Self {
        Self {
            rows,
            numbers: vec![0.0; rows * numbers],
            correlated: Mat::zeros(rows, assets),
            stretches: vec![0.0; rows],
        }
    }

    /// Correlates the numbers by a root of the covariance.
    fn correlate(&mut self, root: &Mat<f32>) {
        let numbers = MatRef::from_row_major_slice(&self.numbers, self.rows, root.ncols());
        matmul(
            self.correlated.as_mut(),
            Accum::Replace,
            numbers,
            root.transpose(),
            1.0,
            Par::Seq,
        );
    }
}

/// Jointly normal logarithms.
pub(super) struct NormalSteps {
    root: Mat<f32>,
    drifts: Vec<f64>,
}

impl NormalSteps {
    pub(super) fn new(columns: &[&[f64]], settings: &HorizonSettings) -> Result<Self, AnalyticsError> {
        let days = settings.step_days as f64;
        let count = columns.first().map_or(0, |column| column.len());
        let means: Vec<f64> = columns.iter().map(|column| mean(column)).collect();
        let drifts = columns.iter().zip(&means).map(|(column, mean)| {
            let squares: f64 = column.iter().map(|value| (value - mean).powi(2)).sum();
            let variance = squares / (count as f64 - 1.0).max(1.0);
            days * (mean + shift(settings.drift, mean + variance / 2.0))
        });
        let drifts = drifts.collect();
        let root = covariance_root(columns, days / (count as f64 - 1.0).max(1.0))?;
        let root = Mat::from_fn(root.nrows(), root.ncols(), |row, column| root[(row, column)] as f32);
        Ok(Self { root, drifts })
    }
}

impl Innovation for NormalSteps {
    type State = Room;

    fn begin(&self, rows: usize) -> Room {
        Room::new(rows, self.root.nrows(), self.root.ncols())
    }

    fn step(&self, stream: &mut Stream, room: &mut Room, growth: &mut [f64]) {
        stream.fill_normal(&mut room.numbers);
        room.correlate(&self.root);
        let columns = growth.chunks_exact_mut(room.rows).zip(room.correlated.col_iter());
        for ((growth, column), drift) in columns.zip(&self.drifts) {
            for (growth, value) in growth.iter_mut().zip(column.iter()) {
                *growth = libm::exp(drift + f64::from(*value));
            }
        }
    }
}

/// Days whose assets keep the distribution of their past and fall together as t does.
pub(super) struct CopulaSteps<'a> {
    copula: CopulaPaths<'a>,
    shifts: Vec<f64>,
    days: usize,
}

impl<'a> CopulaSteps<'a> {
    pub(super) fn new(columns: &[&'a [f64]], settings: &HorizonSettings) -> Result<Self, AnalyticsError> {
        // The copula asks for the assets alone; what the book makes of them is counted path by path.
        let book = Book {
            weights: &[],
            portfolio: Vec::new(),
            columns: columns.to_vec(),
        };
        let settings_of_day = VarSettings {
            horizon_rule: HorizonRule::Overlap,
            mean: MeanRule::Sample,
            simulation: settings.simulation,
            ..VarSettings::one_day(VarMethod::MonteCarlo, 0.99)
        };
        let (copula, _) = CopulaPaths::new(&book, &settings_of_day)?;
        Ok(Self {
            copula,
            shifts: shifts(columns, settings.drift),
            days: settings.step_days,
        })
    }

    pub(super) fn degrees(&self) -> f64 {
        self.copula.degrees()
    }
}

impl Innovation for CopulaSteps<'_> {
    type State = Room;

    fn begin(&self, rows: usize) -> Room {
        Room::new(rows, self.shifts.len(), self.shifts.len())
    }

    fn step(&self, stream: &mut Stream, room: &mut Room, growth: &mut [f64]) {
        growth.fill(0.0);
        for _ in 0..self.days {
            stream.fill_normal(&mut room.numbers);
            for stretch in &mut room.stretches {
                *stretch = 1.0 / stream.chi_square_mean(self.copula.degrees()).sqrt();
            }
            room.correlate(self.copula.root_single());
            let columns = growth.chunks_exact_mut(room.rows).zip(room.correlated.col_iter());
            for (asset, (growth, column)) in columns.enumerate() {
                for ((growth, value), stretch) in growth.iter_mut().zip(column.iter()).zip(&room.stretches) {
                    *growth += self.copula.at(asset, f64::from(*value) * stretch);
                }
            }
        }
        for (growth, shift) in growth.chunks_exact_mut(room.rows).zip(&self.shifts) {
            let shift = shift * self.days as f64;
            growth
                .iter_mut()
                .for_each(|growth| *growth = libm::exp(*growth + shift));
        }
    }
}

/// Blocks of past days, around the end to the beginning.
pub(super) struct BootstrapSteps {
    /// For each asset the sums of the logarithms up to each day, twice around.
    sums: Vec<Vec<f64>>,
    shifts: Vec<f64>,
    length: usize,
    block: usize,
    days: usize,
}

impl BootstrapSteps {
    pub(super) fn new(columns: &[&[f64]], settings: &HorizonSettings) -> Result<Self, AnalyticsError> {
        let length = columns.first().map_or(0, |column| column.len());
        let block = settings.simulation.block;
        if block == 0 || block > length || u32::try_from(length).is_err() {
            return Err(AnalyticsError::Window {
                what: "block",
                length: block,
                observations: length,
            });
        }
        let sums = columns.iter().map(|column| {
            let twice = column.iter().chain(column.iter());
            let sums = twice.scan(0.0, |sum, log| {
                *sum += log;
                Some(*sum)
            });
            std::iter::once(0.0).chain(sums).collect()
        });
        Ok(Self {
            sums: sums.collect(),
            shifts: shifts(columns, settings.drift),
            length,
            block,
            days: settings.step_days,
        })
    }
}

/// Where each path stands in its block: the next day, and how many are left.
pub(super) struct Places(Vec<(usize, usize)>);

impl Innovation for BootstrapSteps {
    type State = Places;

    fn begin(&self, rows: usize) -> Places {
        Places(vec![(0, 0); rows])
    }

    fn step(&self, stream: &mut Stream, places: &mut Places, growth: &mut [f64]) {
        growth.fill(0.0);
        let rows = places.0.len();
        for (row, place) in places.0.iter_mut().enumerate() {
            let mut wanted = self.days;
            while wanted > 0 {
                if place.1 == 0 {
                    *place = (stream.below(self.length as u32) as usize, self.block);
                }
                let from = place.0 % self.length;
                let taken = wanted.min(place.1);
                for (asset, sums) in self.sums.iter().enumerate() {
                    growth[asset * rows + row] += sums[from + taken] - sums[from];
                }
                *place = (from + taken, place.1 - taken);
                wanted -= taken;
            }
        }
        for (growth, shift) in growth.chunks_exact_mut(rows).zip(&self.shifts) {
            let shift = shift * self.days as f64;
            growth
                .iter_mut()
                .for_each(|growth| *growth = libm::exp(*growth + shift));
        }
    }
}

//! Decimation of a series to the width it is drawn at, keeping every extreme.

use crate::gap::GapColumn;

/// Returns the positions to draw, ascending: of each of `pixels` columns the first, lowest, highest and last known
/// point, and one gap where the column has any.
///
/// A line through these points covers the same pixels as a line through all (Jugel et al., 2014). A series that fits
/// is returned whole.
///
/// ```
/// use apex_analytics::gap::GapColumn;
/// use apex_analytics::series::decimate::decimate;
///
/// let mut values = vec![1.0; 10_000];
/// values[4321] = 9.0; // One spike on one day must not disappear.
/// let drawn = decimate(&GapColumn::from_values(values), 100);
/// assert!(drawn.len() <= 500 && drawn.contains(&4321));
/// ```
pub fn decimate(values: &GapColumn, pixels: usize) -> Vec<usize> {
    let rows = values.len();
    if pixels == 0 || rows <= pixels.saturating_mul(4) {
        return (0..rows).collect();
    }
    let mut drawn = Vec::with_capacity(pixels * 5);
    for pixel in 0..pixels {
        let (start, end) = (rows * pixel / pixels, rows * (pixel + 1) / pixels);
        let (mut first, mut last, mut gap) = (None, None, None);
        let mut low: Option<(f64, usize)> = None;
        let mut high: Option<(f64, usize)> = None;
        for row in start..end {
            let Some(value) = values.get(row) else {
                gap = gap.or(Some(row));
                continue;
            };
            first = first.or(Some(row));
            last = Some(row);
            low = low.filter(|low| low.0 <= value).or(Some((value, row)));
            high = high.filter(|high| high.0 >= value).or(Some((value, row)));
        }
        let mut points: Vec<usize> = [first, low.map(|low| low.1), high.map(|high| high.1), last, gap]
            .into_iter()
            .flatten()
            .collect();
        points.sort_unstable();
        points.dedup();
        drawn.extend(points);
    }
    drawn
}

//! The bands of a fan: quantiles paired from the outside in, around their middle.

use apex_wire::chart::{LineData, LineSeries};
use egui::epaint::Mesh;
use egui::{Color32, Pos2, pos2};

/// The hue of the series that bound the bands.
const HUE: u8 = 0;
/// How strong one band is; those inside lie over those outside, so that the middle is the strongest.
const STRENGTH: f32 = 0.16;

/// Returns the pairs of series that bound a band, the outermost first.
pub(crate) fn pairs(data: &LineData) -> Vec<(usize, usize)> {
    let bounds = bounds(data);
    let half = bounds.len() / 2;
    bounds
        .iter()
        .copied()
        .zip(bounds.iter().rev().copied())
        .take(half)
        .collect()
}

/// Returns whether a series bounds a band and is no line of its own.
pub(crate) fn is_bound(data: &LineData, index: usize) -> bool {
    let bounds = bounds(data);
    let middle = bounds.get(bounds.len() / 2).copied();
    bounds.contains(&index) && middle != Some(index)
}

fn bounds(data: &LineData) -> Vec<usize> {
    let bounding = |(index, series): (usize, &LineSeries)| (series.hue == Some(HUE)).then_some(index);
    data.series.iter().enumerate().filter_map(bounding).collect()
}

/// Returns the positions of a view at which both series are known, at most two for each column of pixels.
pub(crate) fn steps(low: &LineSeries, high: &LineSeries, view: (f64, f64), columns: usize) -> Vec<(f64, f64, f64)> {
    let start = low.x.partition_point(|at| *at < view.0).saturating_sub(1);
    let end = (low.x.partition_point(|at| *at <= view.1) + 1).min(low.x.len());
    let stride = end.saturating_sub(start).div_ceil(columns.max(1) * 2).max(1);
    let last = end.saturating_sub(1);
    (start..end)
        .filter(|index| (index - start).is_multiple_of(stride) || *index == last)
        .filter_map(|index| {
            let at = *low.x.get(index)?;
            let known = |series: &LineSeries| series.y.get(index).copied().flatten().filter(|value| value.is_finite());
            Some((at, known(low)?, known(high)?))
        })
        .collect()
}

/// Fills the stretch between two rows of points, given as places from the left with their two heights.
pub(crate) fn band(points: &[(f32, f32, f32)], color: Color32) -> Mesh {
    let soft = color.gamma_multiply(STRENGTH);
    let mut mesh = Mesh::default();
    for (step, (x, low, high)) in (0_u32..).zip(points) {
        let corner: [Pos2; 2] = [pos2(*x, *low), pos2(*x, *high)];
        corner.into_iter().for_each(|corner| mesh.colored_vertex(corner, soft));
        if step > 0 {
            let first = step * 2;
            mesh.add_triangle(first - 2, first - 1, first);
            mesh.add_triangle(first - 1, first, first + 1);
        }
    }
    mesh
}

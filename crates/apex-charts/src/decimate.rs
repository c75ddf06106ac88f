//! Fewer points, same picture: the lowest and the highest value of each pixel column, gaps kept.

/// A stretch of a line without gaps, in data coordinates.
pub type Run = Vec<[f64; 2]>;

/// Returns the stretches of a series within `view`, with at most two points for each of `columns` pixel columns.
///
/// Both extremes of a column survive in their order, so no spike is lost. One known point on either side of the view
/// is kept, so that lines leave the frame at the right angle. Values that are `None` or not finite end a stretch.
///
/// ```
/// use apex_charts::decimate;
///
/// let x: Vec<f64> = (0..1_000).map(f64::from).collect();
/// let mut y = vec![Some(0.0); 1_000];
/// y[500] = Some(9.0);
/// let runs = decimate(&x, &y, (0.0, 999.0), 100);
/// assert!(runs[0].len() <= 204);
/// assert!(runs[0].contains(&[500.0, 9.0]));
/// ```
pub fn decimate(x: &[f64], y: &[Option<f64>], view: (f64, f64), columns: usize) -> Vec<Run> {
    let length = x.len().min(y.len());
    let (x, y) = (&x[..length], &y[..length]);
    let known = |index: &usize| y[*index].is_some_and(f64::is_finite);
    let inside = x.partition_point(|at| *at < view.0)..x.partition_point(|at| *at <= view.1);
    // The neighbor counts only when it is adjacent: an unknown one is a gap at the edge of the frame.
    let start = inside.start.checked_sub(1).filter(known).unwrap_or(inside.start);
    let end = inside.end + usize::from(inside.end < length && known(&inside.end));
    if start >= end {
        return Vec::new();
    }
    if end - start <= columns.saturating_mul(2) {
        return every_point(&x[start..end], &y[start..end]);
    }
    let per_column = columns as f64 / (view.1 - view.0);
    let mut runs = Vec::new();
    let mut run = Run::new();
    let mut bucket: Option<Bucket> = None;
    for index in start..end {
        let (at, value) = (x[index], y[index].filter(|value| value.is_finite()));
        let Some(value) = value else {
            flush(&mut bucket, &mut run);
            if !run.is_empty() {
                runs.push(std::mem::take(&mut run));
            }
            continue;
        };
        let column = ((at - view.0) * per_column).floor().clamp(-1.0, columns as f64);
        match &mut bucket {
            Some(open) if open.column == column => open.take([at, value]),
            _ => {
                flush(&mut bucket, &mut run);
                bucket = Some(Bucket {
                    column,
                    low: [at, value],
                    high: [at, value],
                });
            }
        }
    }
    flush(&mut bucket, &mut run);
    if !run.is_empty() {
        runs.push(run);
    }
    runs
}

/// The extremes of one pixel column.
struct Bucket {
    column: f64,
    low: [f64; 2],
    high: [f64; 2],
}

impl Bucket {
    fn take(&mut self, point: [f64; 2]) {
        if point[1] < self.low[1] {
            self.low = point;
        }
        if point[1] > self.high[1] {
            self.high = point;
        }
    }
}

fn flush(bucket: &mut Option<Bucket>, run: &mut Run) {
    let Some(Bucket { low, high, .. }) = bucket.take() else {
        return;
    };
    if low == high {
        run.push(low);
    } else if low[0] <= high[0] {
        run.extend([low, high]);
    } else {
        run.extend([high, low]);
    }
}

fn every_point(x: &[f64], y: &[Option<f64>]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut run = Run::new();
    for (at, value) in x.iter().zip(y) {
        match value.filter(|value| value.is_finite()) {
            Some(value) => run.push([*at, value]),
            None if run.is_empty() => {}
            None => runs.push(std::mem::take(&mut run)),
        }
    }
    if !run.is_empty() {
        runs.push(run);
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(count: usize) -> (Vec<f64>, Vec<Option<f64>>) {
        (
            (0..count).map(|i| i as f64).collect(),
            (0..count).map(|i| Some((i as f64 * 0.1).sin())).collect(),
        )
    }

    #[test]
    fn missing_values_split_a_line_at_any_density() {
        for columns in [10, 1_000] {
            let (x, mut y) = ramp(500);
            y[200] = None;
            y[201] = Some(f64::NAN);
            let runs = decimate(&x, &y, (0.0, 499.0), columns);
            assert_eq!(runs.len(), 2, "{columns}");
            assert!(runs[0].iter().all(|point| point[0] < 200.0));
            assert!(runs[1].iter().all(|point| point[0] > 201.0));
        }
    }

    #[test]
    fn every_extreme_survives_in_order() {
        let (x, y) = ramp(5_000);
        let runs = decimate(&x, &y, (0.0, 4_999.0), 250);
        assert_eq!(runs.len(), 1);
        assert!(runs[0].len() <= 2 * 251);
        assert!(runs[0].is_sorted_by(|a, b| a[0] < b[0]));
        let extreme = |values: &mut dyn Iterator<Item = f64>| {
            values.fold((f64::MAX, f64::MIN), |(low, high), value| {
                (low.min(value), high.max(value))
            })
        };
        let all = extreme(&mut y.iter().flatten().copied());
        assert_eq!(extreme(&mut runs[0].iter().map(|point| point[1])), all);
    }

    #[test]
    fn a_zoomed_view_keeps_one_neighbor_on_each_side() {
        let (x, y) = ramp(100);
        let runs = decimate(&x, &y, (10.5, 20.5), 300);
        assert_eq!((runs[0][0][0], runs[0][runs[0].len() - 1][0]), (10.0, 21.0));
        assert!(decimate(&x, &y, (200.0, 300.0), 300).concat().len() <= 1);
        assert!(decimate(&[], &[], (0.0, 1.0), 300).is_empty());
    }
}

//! A result split over what moved it.

/// Splits a whole over its causes, given what each does alone.
///
/// Each gets what it does alone; what they do only together (the whole less the sum of these, the cross terms) is
/// shared in proportion to the size of what each does alone, and equally where none does anything alone. The parts add
/// up to the whole, rounding aside, and a cause that does nothing alone beside others that do gets nothing.
///
/// ```
/// use apex_analytics::scenario::split::split_whole;
///
/// // A price falls by a tenth and its currency by a fifth: 1 - 0.9 * 0.8 = 0.28 is lost, 0.02 less than one by one.
/// let parts = split_whole(-0.28, &[-0.1, -0.2]);
/// assert!((parts[0] + 0.28 / 3.0).abs() < 1e-15);
/// assert!((parts[1] + 0.28 * 2.0 / 3.0).abs() < 1e-15);
/// ```
pub fn split_whole(whole: f64, alone: &[f64]) -> Vec<f64> {
    let size: f64 = alone.iter().map(|part| part.abs()).sum();
    let cross = whole - alone.iter().sum::<f64>();
    let share = |part: &f64| {
        if size > 0.0 {
            part.abs() / size
        } else {
            1.0 / alone.len() as f64
        }
    };
    alone.iter().map(|part| part + cross * share(part)).collect()
}

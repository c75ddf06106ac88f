//! Realized gains by first-in-first-out lots and by moving average cost, on columns.
//!
//! Lots are matched per key, a number for each pair of account and instrument; a sale beyond what is held opens a short
//! lot, and a purchase closes shorts first. Integer columns (quantity and price in units of their scale) are exact:
//! the result is in units of the product of both scales and equals a decimal fold to the last digit. Fees are not known
//! here.

use crate::error::{AnalyticsError, same_length};

/// A number lots can be matched in: scaled integers, exact, or floats.
pub trait LotNumber: Copy + PartialOrd + private::Sealed {
    /// What gains add up in.
    type Sum: Copy + PartialEq + std::fmt::Debug;
    /// Nothing.
    const ZERO: Self;
    /// No gain.
    const SUM_ZERO: Self::Sum;
    /// Returns `sum + quantity * (exit - entry)`.
    fn gain(sum: Self::Sum, quantity: Self, entry: Self, exit: Self) -> Self::Sum;
    /// Returns the sum of two sums.
    fn add(one: Self::Sum, two: Self::Sum) -> Self::Sum;
    /// Returns the sum of two quantities.
    fn plus(self, other: Self) -> Self;
    /// Returns the difference of two quantities.
    fn minus(self, other: Self) -> Self;
}

mod private {
    /// Only the two numbers of this module.
    pub trait Sealed {}
    impl Sealed for f64 {}
    impl Sealed for i64 {}
}

impl LotNumber for f64 {
    type Sum = f64;
    const ZERO: f64 = 0.0;
    const SUM_ZERO: f64 = 0.0;
    fn gain(sum: f64, quantity: f64, entry: f64, exit: f64) -> f64 {
        sum + quantity * (exit - entry)
    }
    fn add(one: f64, two: f64) -> f64 {
        one + two
    }
    fn plus(self, other: f64) -> f64 {
        self + other
    }
    fn minus(self, other: f64) -> f64 {
        self - other
    }
}

impl LotNumber for i64 {
    type Sum = i128;
    const ZERO: i64 = 0;
    const SUM_ZERO: i128 = 0;
    fn gain(sum: i128, quantity: i64, entry: i64, exit: i64) -> i128 {
        sum + i128::from(quantity) * (i128::from(exit) - i128::from(entry))
    }
    fn add(one: i128, two: i128) -> i128 {
        one + two
    }
    fn plus(self, other: i64) -> i64 {
        self.saturating_add(other)
    }
    fn minus(self, other: i64) -> i64 {
        self.saturating_sub(other)
    }
}

/// Realized gains and what is still open, one entry a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Realized<N: LotNumber> {
    /// The gain over all keys.
    pub total: N::Sum,
    /// The gain of each key.
    pub gains: Vec<N::Sum>,
    /// The open quantity of each key, negative when short.
    pub open: Vec<N>,
}

/// Matches every transaction against the oldest open lots of its key.
///
/// # Errors
///
/// Refuses columns of different length and a key outside `keys`.
///
/// ```
/// use apex_analytics::valuation::lots::fifo;
///
/// // 100 at 10, 100 at 12, 100 at 15; 150 sold at 14: 100 * 4 + 50 * 2 = 500.
/// let realized = fifo(&[0, 0, 0, 0], &[100, 100, 100, -150_i64], &[10, 12, 15, 14], 1).unwrap();
/// assert_eq!((realized.total, realized.open[0]), (500, 150));
/// ```
pub fn fifo<N: LotNumber>(
    key: &[u32],
    quantity: &[N],
    price: &[N],
    keys: usize,
) -> Result<Realized<N>, AnalyticsError> {
    check(key, quantity.len(), price.len(), keys)?;
    // Bring each key's transactions together: afterwards memory is read in order, and a key's lots reuse its own space,
    // since there are never more open lots than transactions already read.
    let mut starts = vec![0_usize; keys + 1];
    for key in key {
        starts[*key as usize + 1] += 1;
    }
    for index in 1..starts.len() {
        starts[index] += starts[index - 1];
    }
    let mut next = starts.clone();
    let mut lots = vec![(N::ZERO, N::ZERO); key.len()];
    for ((key, quantity), price) in key.iter().zip(quantity).zip(price) {
        let slot = &mut next[*key as usize];
        lots[*slot] = (*quantity, *price);
        *slot += 1;
    }
    let mut realized = Realized {
        total: N::SUM_ZERO,
        gains: vec![N::SUM_ZERO; keys],
        open: vec![N::ZERO; keys],
    };
    for index in 0..keys {
        let (gain, open) = fold(&mut lots[starts[index]..starts[index + 1]]);
        realized.gains[index] = gain;
        realized.open[index] = open;
        realized.total = N::add(realized.total, gain);
    }
    Ok(realized)
}

/// Matches the transactions of one key; on return the front of `lots` holds garbage.
fn fold<N: LotNumber>(lots: &mut [(N, N)]) -> (N::Sum, N) {
    let (mut head, mut tail) = (0_usize, 0_usize);
    let mut gain = N::SUM_ZERO;
    for read in 0..lots.len() {
        let (mut quantity, price) = lots[read];
        while quantity != N::ZERO && head < tail {
            let (held, entry) = lots[head];
            if (held > N::ZERO) == (quantity > N::ZERO) {
                break;
            }
            let rest = held.plus(quantity);
            let covers = rest == N::ZERO || (rest > N::ZERO) == (quantity > N::ZERO);
            if covers {
                // The whole lot is closed; what is left goes on to the next.
                gain = N::gain(gain, held, entry, price);
                head += 1;
                quantity = rest;
            } else {
                gain = N::gain(gain, held.minus(rest), entry, price);
                lots[head].0 = rest;
                quantity = N::ZERO;
            }
        }
        if quantity != N::ZERO {
            lots[tail] = (quantity, price);
            tail += 1;
        }
    }
    let open = lots[head..tail]
        .iter()
        .fold(N::ZERO, |open, (quantity, _)| open.plus(*quantity));
    (gain, open)
}

/// Realizes gains against the moving average cost of each key.
///
/// A purchase moves the average, a sale realizes against it and leaves it; crossing zero starts anew at the price of
/// the crossing. An average is a quotient, so this kernel is in floats only.
///
/// # Errors
///
/// Those of [`fifo`].
///
/// ```
/// use apex_analytics::valuation::lots::average_cost;
///
/// // Average 12.3333; 150 sold at 14: 150 * 1.6667 = 250.
/// let realized = average_cost(&[0, 0, 0, 0], &[100.0, 100.0, 100.0, -150.0], &[10.0, 12.0, 15.0, 14.0], 1).unwrap();
/// assert!((realized.total - 250.0).abs() < 1e-9);
/// ```
pub fn average_cost(
    key: &[u32],
    quantity: &[f64],
    price: &[f64],
    keys: usize,
) -> Result<Realized<f64>, AnalyticsError> {
    check(key, quantity.len(), price.len(), keys)?;
    /// What is held of one key.
    #[derive(Clone, Copy, Default)]
    struct Holding {
        quantity: f64,
        average: f64,
        gain: f64,
    }
    let mut holdings = vec![Holding::default(); keys];
    for ((key, quantity), price) in key.iter().zip(quantity).zip(price) {
        let holding = &mut holdings[*key as usize];
        let held = holding.quantity;
        let after = held + quantity;
        if held * quantity >= 0.0 {
            holding.average = if after == 0.0 {
                0.0
            } else {
                (holding.average * held + price * quantity) / after
            };
        } else {
            let closed = quantity.abs().min(held.abs()) * held.signum();
            holding.gain += closed * (price - holding.average);
            if quantity.abs() > held.abs() {
                holding.average = *price;
            }
        }
        holding.quantity = after;
    }
    Ok(Realized {
        total: holdings.iter().map(|holding| holding.gain).sum(),
        gains: holdings.iter().map(|holding| holding.gain).collect(),
        open: holdings.iter().map(|holding| holding.quantity).collect(),
    })
}

/// Refuses columns that do not belong together.
fn check(key: &[u32], quantities: usize, prices: usize, keys: usize) -> Result<(), AnalyticsError> {
    same_length("quantity column", key.len(), quantities)?;
    same_length("price column", key.len(), prices)?;
    match key.iter().position(|key| *key as usize >= keys) {
        None => Ok(()),
        Some(index) => {
            let value = key[index] as usize;
            Err(AnalyticsError::Outside {
                what: "key",
                index,
                value,
                limit: keys.saturating_sub(1),
            })
        }
    }
}

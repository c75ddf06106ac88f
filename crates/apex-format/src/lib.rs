//! Numbers, money and dates as people read them.
//!
//! Every function returns a [`Figure`], a short text kept on the stack, so formatting a table of ten thousand cells
//! does not touch the heap. An unknown value (`None`, or a float that is not finite) reads `--`, never 0. Nothing here
//! computes: values are rounded for the eye only, and a figure that rounds to zero carries no sign.
//!
//! ```
//! use apex_format::{compact, money, percent, signed};
//!
//! assert_eq!(money(1_204_331.2, "USD"), "1,204,331.20");
//! assert_eq!(signed(percent(0.0042, 2)), "+0.42%");
//! assert_eq!(compact(-1_240_000.0), "-1.2M");
//! assert_eq!(percent(None::<f64>, 2), "--");
//! ```

mod align;
mod calendar;
mod figure;
mod number;
mod parse;

pub use align::{DecimalColumn, split_at_mark};
pub use calendar::{age, date, duration, instant, month, month_name};
pub use figure::{Figure, Sign, UNKNOWN};
pub use number::{
    Number, compact, count, counted, fixed, minor_digits, money, money_with_code, percent, percent_number, price,
    quantity, separated, signed, tick_digits,
};
pub use parse::{ParseNumberError, parse_number, parse_percent};

//! When exchanges are open.

//! Market data: what the providers say, what is wrong with it, and what may be trusted.

//! What may be thrown away at any time: it only saves doing things twice.

pub(crate) mod draw;
pub(crate) mod keys;
pub(crate) mod skipped;

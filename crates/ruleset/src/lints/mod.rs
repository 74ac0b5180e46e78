//! What can be seen only when the whole ruleset is known.

pub(crate) mod contradiction;
pub(crate) mod drawn;
pub(crate) mod points;
pub(crate) mod skipped;
pub(crate) mod usage;
pub(crate) mod whole;

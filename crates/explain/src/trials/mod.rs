//! Experiments, holdouts and ramps of a program, in words that two programs can be compared by; and what changed of one.

mod audience;
mod change;
mod trial;

pub use audience::{Audiences, unit};
pub use change::{At, Change, PASSED, TO_COME, between};
pub use trial::{Dates, InLayer, Kind, Phase, Trial, Trials, Variant, all};

//! The statistics of `waft report`: what an experiment's sums say, and what they do not.
//!
//! From sums to answers: [`Moments`] and [`Pair`] are what a table of units comes down to; [`Estimate`] is one arm's mean or ratio,
//! perhaps adjusted by what was known before ([`cuped()`]); [`Difference`] compares two; [`Sequence`] and [`fixed`] say how sure that is,
//! [`sample_ratio`] whether it may be believed at all, [`refusal`] when nothing is said, [`guardrail`] whether harm was done, and
//! [`power`] how long it still takes.
//!
//! No I/O, no clock, no randomness.

pub mod cap;
pub mod cuped;
pub mod difference;
pub mod estimate;
pub mod fixed;
pub mod guardrail;
pub mod interval;
pub mod moments;
pub mod power;
pub mod refusal;
pub mod sample_ratio;
pub mod sequence;

pub use cuped::cuped;
pub use difference::Difference;
pub use estimate::Estimate;
pub use interval::Interval;
pub use moments::{Moments, Pair};
pub use sequence::Sequence;

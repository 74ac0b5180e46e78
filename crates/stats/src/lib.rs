//! The statistics of `waft report`, as pure functions of counts and sums.
//!
//! ```text
//! per arm: Conversions, Values, Pairs, History --> Estimate (units, mean, variance)
//! two arms: Difference --> Sequence (any time), fixed (after the planned sample), Guardrail (one side)
//! all arms: SampleRatio --> refusals --> what a report may say
//! before: Baseline, Inflow --> Plan --> days, or what is detectable
//! ```
//!
//! ```
//! use waft_stats::{Alpha, Conversions, Difference, Sequence};
//!
//! let control = Conversions::new(10_000, 1_000).and_then(|sums| sums.estimate()).ok_or("no control")?;
//! let treatment = Conversions::new(10_000, 1_100).and_then(|sums| sums.estimate()).ok_or("no treatment")?;
//! let sequence = Sequence::new(Alpha::FIVE_PERCENT, 5_000).ok_or("nothing planned")?;
//! let difference = Difference::absolute(treatment, control).ok_or("nothing varies")?;
//! let interval = difference.interval(&sequence);
//! assert!(interval.low < 0.0 && interval.high > 0.0); // not yet decided
//! # Ok::<(), &str>(())
//! ```

mod alpha;
mod cap;
mod cuped;
mod difference;
mod estimate;
mod guardrail;
mod looks;
mod plan;
mod power;
mod question;
mod refusal;
mod sample_ratio;
mod sequence;
mod sums;

pub use alpha::Alpha;
pub use cap::cap;
pub use cuped::{History, adjust};
pub use difference::{Difference, Fixed, Interval};
pub use estimate::Estimate;
pub use guardrail::{Direction, Guardrail, Standing};
pub use looks::looks_power;
pub use plan::{Baseline, Inflow, LONGEST_DAYS, Plan};
pub use power::{Effect, fixed_power, fixed_units, sequence_power, sequence_units};
pub use question::{Answer, Point, Question};
pub use refusal::{Evidence, MIN_CONVERSIONS, MIN_UNITS, Refusal, too_many_crossovers};
pub use sample_ratio::{ALARM, CONCENTRATION, SampleRatio};
pub use sequence::Sequence;
pub use sums::{Conversions, Pairs, Values};

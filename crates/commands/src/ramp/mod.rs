//! `waft ramp`: where ramps are and what holds their next steps; and the changes of a ruleset by which they pause, go on and rise.

#[cfg(feature = "arguments")]
pub mod arguments;

mod change;
mod edit;
mod found;
mod measured;
mod proposed;
mod released;
mod status;

pub use change::{Change, run};
pub(crate) use change::{Steps, date, pause, unpaused};
pub use found::Known;
pub(crate) use found::{Ahead, dated};
pub(crate) use proposed::Proposed;
pub use released::Released;
pub(crate) use status::note;
pub use status::status;

//! Columns of a population, and what is done for each of its rows.
//!
//! By themselves, as they are compiled for speed in a workbench whose other code is compiled for size. A generic function is compiled where it is
//! asked for, so that none of these is one: what goes through a million rows takes slices and gives them.

mod kinds;
mod places;
mod texts;
pub mod truths;
mod units;

pub use kinds::Kinds;
pub use places::{Place, Places};
pub use texts::{Dictionary, Texts, room};
pub use units::Units;

//! The history of an environment's releases: one small file for each thing that was done, in a folder that is kept in git.
//!
//! [`record`] is a file, [`history`] the folder, `lists` writes what kill lists changed, and [`killed`] is what a report asks for.

pub mod history;
pub mod killed;
pub(crate) mod lists;
pub mod record;

pub use history::History;
pub use killed::Killed;
pub use record::{Change, Killing, Record};

/// The folder, unless another is named.
pub const FOLDER: &str = "releases";

//! The history of an environment's releases: one small file for each thing that was done, in a folder that is kept
//! in git, or in a bucket.
//!
//! [`record`] is a file, [`history`] the folder, `place` where that is, `lists` writes what kill lists changed, `signed` verifies them, and `killed` is what a
//! report asks for. [`step`] is what was done with a release, `unsigned` the snapshot that it is about.

mod fields;
pub mod history;
mod killed;
pub(crate) mod lists;
mod place;
pub mod record;
mod signed;
pub mod step;
pub(crate) mod unsigned;

pub use history::History;
pub use place::{Unread, exists, is_bucket, reach};
pub use record::{Change, Killing, Record};
pub use signed::{Told, Trusts};
pub use step::{Base, Signed, Stage, Step};

/// The folder, unless another is named.
pub const FOLDER: &str = "releases";

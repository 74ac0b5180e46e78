//! What the tests of this crate read the repository with. Each file in `tests/` begins with the table that it holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod exceptions;
mod functions;
mod graph;
mod rust;
mod source;
mod typescript;

pub use exceptions::hold;
pub use functions::functions;
pub use graph::Graph;
pub use source::{BUILT, File, files, paths, root};

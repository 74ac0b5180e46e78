//! Who is asking: a context, prepared for one program.

pub(crate) mod assignment;
pub mod attribute;
pub mod date;
pub mod semver;
pub mod subject;

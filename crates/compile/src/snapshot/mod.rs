//! Writing whole snapshots, and reading them unverified. docs/snapshot-format.md describes the bytes.

mod base;
mod cbor;
#[cfg(feature = "head")]
mod document;
mod seal;
mod stop;
mod table;
mod unverified;

pub use base::{NOTHING, base};
pub use cbor::Writer;
#[cfg(feature = "head")]
pub use document::{document, kills, pointer};
pub use seal::{Claims, attach, preview, seal, seal_on, sign, to_sign};
pub use stop::{Stop, stop};
pub use table::{Code, Table, Text};
pub use unverified::{unverified, unverified_body, unverified_compiled};

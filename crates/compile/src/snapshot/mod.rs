//! Writing whole snapshots, and reading them unverified. docs/snapshot-format.md describes the bytes.

mod cbor;
mod seal;
mod table;
mod unverified;

pub use cbor::Writer;
pub use seal::{Claims, preview, seal, sign};
pub use table::{Code, Table, Text};
pub use unverified::{unverified, unverified_body};

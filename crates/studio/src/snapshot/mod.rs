//! Writing and reading whole snapshots. docs/snapshot-format.md describes the bytes.

mod cbor;
mod inspect;
mod seal;
mod table;

pub use cbor::Writer;
pub use inspect::{inspect, unverified, unverified_body};
pub use seal::{Claims, preview, seal, sign};
pub use table::{Code, Table, Text};

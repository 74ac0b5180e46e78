//! Bytes to a [`Verified`](verify::Verified): nothing of a snapshot is believed before this folder is through with it.
//!
//! `verify` asks `envelope` (COSE_Sign), `manifest` (what is signed) and `trust` (by whom), and gives out a `body` whose chunks are
//! checked before they are read. `anchor` leads from one trust to the next by signed documents. `table` finds the body's sections.

#[cfg(feature = "head")]
pub mod anchor;
pub mod body;
pub mod cbor;
pub mod envelope;
pub mod kind;
pub mod manifest;
pub mod table;
pub mod trust;
pub mod verify;

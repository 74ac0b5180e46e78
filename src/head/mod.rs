//! The head: what is new since snapshots were signed. It is not believed either before `verify` is through with its documents.
//!
//! `file` takes a head apart, `pointer` and `kills` are its documents, and `freshness` says what they mean for a page's snapshot.

pub mod file;
pub mod freshness;
pub mod kills;
pub mod pointer;

mod number;

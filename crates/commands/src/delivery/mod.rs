//! `waft release`: a release is proposed, approved by a signature, and published; each step is a record, and records are no build input.
//!
//! ```text
//! propose --> 0003.yaml, snapshot (unsigned) --> approve --> 0004.yaml: a signature --> publish --> 0005.yaml, pages
//!                                            \-> reject  --> 0004.yaml
//! ```
//!
//! - `trusted` is whom pages trust, with names; `live` what pages have; `draft` the snapshot that is proposed, and its files.
//! - `proposal` is the one that is open, with the signatures that records have; `compared` is what it changes, read from bytes.
//! - [`run`] does all of it where the keys that are here suffice. `limits` is what may change without an approval, `blocked` what was taken back.
//! - [`guarded`] takes a release back, or holds a ramp, for a guard. `held` is by what a hold is known.
//! - [`propose`], [`rollback`], [`unblock`], [`approve`], [`reject`], [`publish`] write records; `written` is how. [`status`], [`history`] and [`verify`] read them. [`trust`] records
//!   that other keys count.

pub mod approve;
#[cfg(feature = "arguments")]
pub mod arguments;
mod blocked;
mod compared;
mod draft;
pub mod guarded;
mod held;
pub mod history;
mod limits;
mod live;
mod proposal;
pub mod propose;
pub mod publish;
pub mod reject;
pub mod rollback;
pub mod run;
pub mod status;
pub mod trust;
mod trusted;
pub mod unblock;
pub mod verify;
mod written;

use crate::sign::Step;

/// Where a release's records are, and whom pages trust.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The folder of records; created if missing.
    pub records: String,
    /// The file of TRUST.json, or a trust document.
    pub trust: String,
}

/// A key, and the role that it signs in.
#[derive(Clone, Debug, Default)]
pub struct Key {
    /// The PEM file of a secret key; the file of the public half of one that is elsewhere.
    pub file: String,
    /// The file of its passphrase, if it is encrypted.
    pub passphrase: Option<String>,
    /// What is asked of a key that is elsewhere, such as in a hardware token.
    pub external: Option<Step>,
    /// The role.
    pub role: String,
}

//! What a run is given.

use crate::delivery::{Place, propose};
use crate::host::{Destination, Recipients};

/// What to release, and with what.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The ruleset's file or folder.
    pub ruleset: String,
    /// Where records are, and whom pages trust. The environment is that of the trust.
    pub place: Place,
    /// Where pages load from.
    pub to: Destination,
    /// The PEM files of the keys that are here. Each signs in the roles that the trust lists it in.
    pub keys: Vec<String>,
    /// The file of their passphrase, if they are encrypted.
    pub passphrase: Option<String>,
    /// A table of people, whom the change is counted for.
    pub population: Option<String>,
    /// The file of a report, by which ramps rise.
    pub report: Option<String>,
    /// Until when pages adopt it, as RFC 3339.
    pub expires: Option<String>,
    /// Where the rules come from, such as a commit.
    pub source: Option<String>,
    /// The reason.
    pub why: Option<String>,
    /// Who is told.
    pub recipients: Recipients,
    /// How long another run is waited for, in seconds.
    pub wait: u16,
    /// Whether the end is told as a line of JSON.
    pub json: bool,
}

impl Options {
    /// The same for `waft release propose`; the keys sign otherwise.
    pub(super) fn proposal(&self) -> propose::Options {
        let Options { ruleset, place, population, expires, source, why, .. } = self.clone();
        propose::Options { ruleset, place, live: None, key: None, population, expires, source, why }
    }
}

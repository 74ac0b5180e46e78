//! `waft inspect`: a whole snapshot as readable JSON. Nothing is verified, and the output says so.

use super::{Exit, fail, input};
use crate::host::Host;
use crate::snapshot;

/// What to look at.
#[derive(Clone, Debug)]
pub struct Options {
    /// The snapshot's file.
    pub snapshot: String,
}

/// Prints the snapshot.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    let bytes = match input::file(host, &options.snapshot) {
        Ok(bytes) => bytes,
        Err(message) => return fail(host, &message),
    };
    match snapshot::inspect(&bytes) {
        Ok(told) => {
            host.out(&format!("{told:#}"));
            Exit::Done
        }
        Err(refused) => input::refuse(host, &options.snapshot, refused),
    }
}

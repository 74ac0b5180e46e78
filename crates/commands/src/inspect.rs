//! `waft inspect`: a whole snapshot, or preview token, as readable JSON. Nothing is verified, and the output says so.

use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::input;
use waft_compile::keys;

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
    // A token is text, as `waft token` printed it.
    let token = str::from_utf8(&bytes).ok().and_then(|text| keys::bytes(text.trim()));
    match waft_explain::inspect(&token.unwrap_or(bytes)) {
        Ok(told) => {
            input::print(host, &told);
            Exit::Done
        }
        Err(refused) => input::refuse(host, &options.snapshot, refused),
    }
}

//! `waft inspect`: a whole snapshot, head or preview token as readable JSON. Nothing is verified, and the output says so.

use crate::exit::{Exit, fail};
use crate::head::show;
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
    let bytes = token.unwrap_or(bytes);
    let told = match show::inspected(&bytes).transpose() {
        Some(several) => several.map(|told| input::print(host, &told)),
        None => waft_explain::inspect(&bytes).map(|told| input::print(host, &told)),
    };
    match told {
        Ok(()) => Exit::Done,
        Err(refused) => input::refuse(host, &options.snapshot, refused),
    }
}

//! `waft init`: a first ruleset to change.

use std::io::ErrorKind;

use crate::exit::{Exit, fail};
use crate::host::Host;

/// Where it goes.
#[derive(Clone, Debug)]
pub struct Options {
    /// A folder; created if missing.
    pub folder: String,
}

/// A ruleset that builds, with one flag of each common kind.
const STARTER: &str = include_str!("starter.yaml");

/// Writes `waft.yaml` into the folder, and never over one that exists.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    let path = format!("{}/waft.yaml", options.folder.trim_end_matches('/'));
    match host.create(&path, STARTER.as_bytes(), false) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return fail(host, &format!("{path}: already exists; nothing was written"));
        }
        Err(error) => return fail(host, &format!("{path}: {error}")),
    }
    host.out(&path);
    let folder = &options.folder;
    host.err(&format!(
        "next: waft lint {folder}; waft keygen --out key.pem; \
         waft build {folder} --environment production --version 1 --out snapshot.waft"
    ));
    Exit::Done
}

//! `waft init`: a first ruleset to change, and its tests.

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

/// Tests of it, which pass.
const TESTS: &str = include_str!("starter.test.yaml");

/// Writes `waft.yaml` and its tests into the folder, and neither over one that exists.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    let path = |name: &str| format!("{}/{name}", options.folder.trim_end_matches('/'));
    let (rules, tests) = (path("waft.yaml"), path("waft.test.yaml"));
    match host.create(&rules, STARTER.as_bytes(), false) {
        Ok(()) => host.out(&rules),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return fail(host, &format!("{rules}: already exists; nothing was written"));
        }
        Err(error) => return fail(host, &format!("{rules}: {error}")),
    }
    match host.create(&tests, TESTS.as_bytes(), false) {
        Ok(()) => host.out(&tests),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            host.err(&format!("waft: warning: {tests}: already exists, and stays as it is"));
        }
        Err(error) => return fail(host, &format!("{tests}: {error}")),
    }
    let folder = &options.folder;
    host.err(&format!(
        "next: waft lint {folder}; waft test {folder}; waft keygen --out key.pem; \
         waft build {folder} --environment production --version 1 --out snapshot.waft"
    ));
    Exit::Done
}

//! `waft release history`: all records, in their order.

use super::written;
use crate::exit::{self, Exit};
use crate::host::Host;
use crate::records::History;

/// Of which folder, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder of records.
    pub records: String,
    /// A JSON object a line.
    pub json: bool,
}

/// Prints a line for each record.
pub fn run(Options { records, json }: &Options, host: &dyn Host) -> Exit {
    let history = match History::read(host, records) {
        Ok(history) => history,
        Err(unread) => return exit::end(host, Err(unread.into())),
    };
    for record in history.records() {
        match json {
            true => host.json(&written::json(record).to_string()),
            false => host.out(&written::told(record)),
        }
    }
    Exit::Done
}

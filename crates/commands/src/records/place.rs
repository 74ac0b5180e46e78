//! Where records are: a folder of this machine, or of a bucket.

use std::io::{self, ErrorKind};

use crate::exit::{Ended, Exit};
use crate::host::Host;

/// Whether a folder of records is in a bucket, such as `s3://BUCKET/FOLDER`, and not on this machine.
pub fn is_bucket(folder: &str) -> bool {
    folder.contains("://")
}

/// Opens a folder of records if it is in a bucket. The message says what is wrong with how it is named.
pub fn reach(host: &dyn Host, folder: &str) -> Result<(), String> {
    if is_bucket(folder) { host.open_bucket(folder) } else { Ok(()) }
}

/// Whether there is a folder of records, on this machine or in a bucket. One that cannot be read is there.
pub fn exists(host: &dyn Host, folder: &str) -> Result<bool, String> {
    reach(host, folder)?;
    Ok(!host.list(folder).is_err_and(|error| error.kind() == ErrorKind::NotFound))
}

/// Why records were not read, or a record not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    message: String,
    /// It is the store of a bucket that cannot be read or written, and nothing may be wrong with the records.
    is_of_store: bool,
}

impl Unread {
    pub(super) fn of(folder: &str, file: &str, error: &io::Error) -> Self {
        let is_of_store = is_bucket(folder) && error.kind() != ErrorKind::NotFound;
        Unread { message: format!("{file}: {error}"), is_of_store }
    }
}

impl From<String> for Unread {
    fn from(message: String) -> Self {
        Unread { message, is_of_store: false }
    }
}

impl From<Unread> for String {
    fn from(Unread { message, .. }: Unread) -> Self {
        message
    }
}

impl From<Unread> for Ended {
    fn from(Unread { message, is_of_store }: Unread) -> Self {
        Ended(if is_of_store { Exit::Store } else { Exit::Failed }, message)
    }
}

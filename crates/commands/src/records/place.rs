//! Where records are: a folder of this machine, or of a bucket.

use std::io::ErrorKind;

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

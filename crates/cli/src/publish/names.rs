//! How published files are called. Pages build these names from what they verified, so no file names a URL.

use waft::manifest::Digest;

/// The longest `--name`, in bytes: with version and digest, names stay below the 255 bytes of file systems.
const LONGEST: usize = 100;

/// What `--name` is unless it is given.
pub(crate) const DEFAULT: &str = "snapshot";

/// Checks `--name`: it becomes part of URLs and file names.
pub(crate) fn name(text: &str) -> Result<String, String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if text.is_empty() || text.len() > LONGEST || !text.bytes().all(is_plain) {
        return Err(format!("expected 1 to {LONGEST} letters, digits, - or _"));
    }
    Ok(text.to_owned())
}

/// The file that never changes: `NAME-VERSION-DIGEST.waft`.
pub(crate) fn immutable(name: &str, version: u64, digest: &Digest) -> String {
    format!("{name}-{version}-{}.waft", hex(digest))
}

/// The file that is replaced with each release: `NAME.waft`.
pub(crate) fn live(name: &str) -> String {
    format!("{name}.waft")
}

/// The head beside it: `head.waft`.
pub(crate) fn head(name: &str) -> String {
    beside(name, "head.waft")
}

/// `--name` of a head's file.
pub(crate) fn of_head(file: &str) -> Option<String> {
    let of = match file.strip_suffix("head.waft")? {
        "" => DEFAULT,
        of => of.strip_suffix('-')?,
    };
    name(of).ok()
}

/// The head that goes with the file of a snapshot, or the snapshot that goes with the file of a head.
pub(crate) fn name_beside(file: &str) -> String {
    match of_head(file) {
        Some(name) => live(&name),
        None => head(file.strip_suffix(".waft").unwrap_or(file)),
    }
}

/// Head and snapshot in one: `current.waft`.
pub(crate) fn current(name: &str) -> String {
    beside(name, "current.waft")
}

/// A list file, by its digest.
pub(crate) fn list(digest: &[u8]) -> String {
    format!("{}.list", hex(digest))
}

/// Several projects may share a folder, each with a name of its own.
fn beside(name: &str, file: &str) -> String {
    if name == DEFAULT { file.to_owned() } else { format!("{name}-{file}") }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

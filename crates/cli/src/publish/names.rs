//! How published files are called. Pages build these names from what they verified, so no file names a URL.

use waft::manifest::Digest;

/// The longest `--name`, in bytes: with version and digest, names stay below the 255 bytes of file systems.
const LONGEST: usize = 100;

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

/// A list file, by its digest.
pub(crate) fn list(digest: &[u8]) -> String {
    format!("{}.list", hex(digest))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

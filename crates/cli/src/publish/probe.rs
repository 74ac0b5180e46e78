//! Whether a store compares before it swaps. One that ignores If-Match says nothing about it, and two publishers would undo each
//! other's work; so it is tried, on a file of its own whose contents never change.

use super::patience::Patience;
use super::store::{Cache, Expected, Failure, Store, Tag};

const NAME: &str = "waft-publish.txt";
const CONTENTS: &[u8] = b"waft publish writes this file to see whether this store compares before it replaces.\n";

/// Whether both expectations are kept: that there is nothing, and that nothing has changed.
pub(crate) fn compares(store: &dyn Store, patience: &Patience<'_>) -> Result<bool, Failure> {
    if store.compares() {
        return Ok(true);
    }
    let keeps = |expected: Expected<'_>| match patience.ask(|| store.put(NAME, CONTENTS, Cache::Live, expected)) {
        Ok(()) => Ok(false),
        Err(Failure::Conflict) => Ok(true),
        Err(failure) => Err(failure),
    };
    // The first time, the file appears.
    keeps(Expected::Absent)?;
    let other = Tag { e_tag: Some("\"waft-other\"".to_owned()), version: Some("1".to_owned()) };
    Ok(keeps(Expected::Absent)? && keeps(Expected::Unchanged(&other))?)
}

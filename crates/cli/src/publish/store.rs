//! What a place for files must do, and the ways in which it may fail.

/// The largest file that is read: no published file is larger.
pub(crate) const LARGEST: usize = waft::limits::SNAPSHOT_BYTES + (1 << 16);

/// A place for files. Names have no folders in them.
pub(crate) trait Store {
    /// A file as it is now, past all caches; `None` if there is none.
    fn read(&self, name: &str) -> Result<Option<Found>, Failure>;

    /// Writes a whole file, if what is there is as expected. After a failure other than [`Failure::Conflict`], it may or may not be
    /// written; never half of it.
    fn put(&self, name: &str, bytes: &[u8], cache: Cache, expected: Expected<'_>) -> Result<(), Failure>;

    /// Whether expectations are known to be kept. Of most stores it is not known until it was tried.
    fn compares(&self) -> bool;
}

/// A store that says what is in it, as records are read whole.
pub(crate) trait Listed: Store + Send + Sync {
    /// Its files, by their names; those of folders in it are left out.
    fn list(&self) -> Result<Vec<(String, Tag)>, Failure>;

    /// Takes a file away; one that is not there is none.
    fn remove(&self, name: &str) -> Result<(), Failure>;
}

/// A file of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) bytes: Vec<u8>,
    pub(crate) tag: Tag,
}

/// What tells one state of a file from the next, as far as the store says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tag {
    /// A strong ETag.
    pub(crate) e_tag: Option<String>,
    /// A number of the version, which Google's store compares in an ETag's place.
    pub(crate) version: Option<String>,
}

/// What must be there for a write to happen.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected<'a> {
    Absent,
    Unchanged(&'a Tag),
    /// Whatever it is: for a single writer.
    Anything,
}

/// How long browsers and CDNs may keep a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cache {
    /// Its name says what is in it.
    Immutable,
    /// It is asked for each time, with its ETag.
    Live,
}

impl Cache {
    pub(crate) const fn control(self) -> &'static str {
        match self {
            Cache::Immutable => "public, max-age=31536000, immutable",
            Cache::Live => "no-cache",
        }
    }
}

/// As `waft serve` sends all of them.
pub(crate) const CONTENT_TYPE: &str = "application/octet-stream";

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The file is not as expected, and nothing was written.
    Conflict,
    /// It may work in a moment: a lost connection, a status of 503.
    Busy(String),
    /// Trying again does not help.
    Broken(String),
}

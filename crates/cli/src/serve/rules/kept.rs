//! A folder of rules, and what is in it now.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use waft_commands::host::Host;
use waft_commands::records;
use waft_ruleset::source::FILE_BYTES;

use super::files::{Files, TOTAL_BYTES, check_sizes};
use crate::serve::Options;
use crate::serve::desk::{Asked, Bodies, Desk, Refused};

/// The largest body of a request: JSON may write a byte as two.
const LARGEST: usize = 2 * TOTAL_BYTES;

/// A folder of rules that pages may change.
pub(crate) struct Rules {
    /// As it was named.
    pub(super) folder: String,
    /// With all links followed.
    pub(super) root: PathBuf,
    pub(super) environment: Option<String>,
    /// The folder of records.
    pub(super) records: String,
    pub(super) desk: Desk,
    pub(super) bodies: Bodies,
}

impl Rules {
    /// Of `--rules`.
    pub(crate) fn read(options: &Options, desk: Desk) -> Result<Option<Self>, String> {
        let Some(folder) = options.rules.clone() else { return Ok(None) };
        let root = std::fs::canonicalize(&folder).map_err(|error| format!("--rules {folder}: {error}"))?;
        if !root.is_dir() {
            return Err(format!("--rules {folder}: not a folder: give the folder that the ruleset is in"));
        }
        let environment = options.environment.clone();
        let records = options.records.clone().unwrap_or_else(|| records::FOLDER.to_owned());
        Ok(Some(Rules { folder, root, environment, records, desk, bodies: Bodies::of(LARGEST) }))
    }

    /// The files, if they are those that a request was made for.
    pub(super) fn unchanged(&self, asked: &Asked, tag: Option<&str>) -> Result<Files, Refused> {
        let tag = tag.ok_or_else(|| {
            let remedy = "send the ETag that the draft was made of in If-Match, or others' changes could be lost";
            Refused::new(StatusCode::PRECONDITION_REQUIRED, "if-match", remedy)
        })?;
        let files = self.files(asked)?;
        if files.tag() == tag {
            return Ok(files);
        }
        let remedy = "somebody else changed the rules meanwhile: bring both changes together, and save again";
        let refused = Refused::new(StatusCode::CONFLICT, "changed", remedy);
        Err(refused.and("etag", files.tag().into()).and("files", files.json()?))
    }

    /// Reads all of them.
    pub(super) fn files(&self, asked: &Asked) -> Result<Files, Refused> {
        let store = |error: String| Refused::store(&error);
        let listing = asked.list(&self.folder).map_err(|error| store(format!("{}: {error}", self.folder)))?;
        let mut files = BTreeMap::new();
        for path in listing.files {
            let bytes = asked.read_at_most(&path, FILE_BYTES + 1);
            files.insert(self.relative(&path), bytes.map_err(|error| store(format!("{path}: {error}")))?);
        }
        check_sizes(&files).map_err(|error| Refused::failed(&error))?;
        Ok(Files(files))
    }

    /// The path in the folder of what a command calls by its own.
    pub(super) fn relative(&self, path: &str) -> String {
        let inner = Path::new(path).strip_prefix(&self.folder).unwrap_or(Path::new(path));
        let parts: Vec<_> = inner.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        parts.join("/")
    }
}

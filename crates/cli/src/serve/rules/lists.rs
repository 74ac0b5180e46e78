//! List files that the rules name: `GET /api/rules` says which, and each is streamed, as it may have a million lines. No other file is read.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;
use std::time::UNIX_EPOCH;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::task::spawn_blocking;
use waft_ruleset::source::SourceFile;
use waft_ruleset::{World, cases, escape};

use super::files::Files;
use super::kept::Rules;
use crate::folder::Roots;
use crate::serve::desk::{Asked, Refused};

/// How much is read at once.
const PART: usize = 1 << 16;

/// A list file that is sent.
pub(super) struct List {
    pub(super) tag: String,
    file: File,
}

impl Files {
    /// The paths in the folder that rules name as list files, whether they are there or not. Of rules that cannot be read none.
    pub(super) fn lists(&self) -> BTreeSet<String> {
        let rules = self.0.iter().filter(|(path, _)| !cases::is_test(path));
        let sources: Vec<SourceFile> =
            rules.map(|(path, bytes)| SourceFile { name: path.clone(), bytes: bytes.clone() }).collect();
        let named = RefCell::new(BTreeSet::new());
        let asset = |path: &str| {
            // As a URL has it.
            named.borrow_mut().insert(path.split('/').filter(|part| *part != ".").collect::<Vec<_>>().join("/"));
            Err("is not read to know its name".to_owned())
        };
        // What is wrong with the rules is told by those who lint them.
        drop(waft_ruleset::check(&sources, &World { now: None, asset: &asset }));
        named.into_inner()
    }
}

impl Rules {
    /// Opens a list file that the rules name.
    pub(super) fn list(&self, asked: &Asked, path: &str) -> Result<List, Refused> {
        let missing =
            |what: &str| Refused::new(StatusCode::NOT_FOUND, "list", &format!("{}: {what}", escape::text(path)));
        if !self.files(asked)?.lists().contains(path) {
            return Err(missing("the rules, as they are saved, name no such list file"));
        }
        let folder = Path::new(&self.folder);
        let roots = Roots::of(folder, asked.roots()).map_err(|error| Refused::store(&error.to_string()))?;
        // Where a link leads to on this machine is nobody's business.
        let found = roots
            .file(&folder.join(path))
            .map_err(|_| missing("is no file there, or a link that leads out of the folder"))?;
        let open = File::open(&found).and_then(|file| Ok((tag(&file.metadata()?), file)));
        open.map(|(tag, file)| List { tag, file }).map_err(|error| missing(&error.to_string()))
    }
}

/// An ETag that no other state of the file has: it is written anew, or its time and length change.
fn tag(metadata: &Metadata) -> String {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(metadata);
    #[cfg(not(unix))]
    let inode = 0;
    format!("\"{:x}-{:x}-{inode:x}\"", metadata.len(), modified.unwrap_or_default().as_nanos())
}

impl List {
    /// Its bytes, as they are read. A connection that cannot take them waits, and holds a part of them alone.
    pub(super) fn response(self) -> Response {
        let parts = stream::try_unfold(self.file, |mut file| async move {
            let read = spawn_blocking(move || {
                let mut part = Vec::with_capacity(PART);
                (&mut file).take(PART as u64).read_to_end(&mut part).map(|_| (part, file))
            });
            let (part, file) = read.await.map_err(io::Error::other)??;
            Ok::<_, io::Error>((!part.is_empty()).then(|| (Bytes::from(part), file)))
        });
        Body::from_stream(parts).into_response()
    }
}

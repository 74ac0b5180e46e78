//! The files of `--dir`, with strong ETags.
//!
//! tower-http's `ServeDir` has no ETag, and answers If-Modified-Since by whole seconds: a snapshot written twice in one
//! second would stay the old one in a browser. Here the tag is a hash of the bytes that are sent. The list of content
//! types is also the list of what is served at all: `--dir .` must not publish KEY.pem, waft.db or .git.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::SystemTime;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::scripts;

/// The largest file, in bytes: it is read as a whole, and no snapshot with a head before it is larger.
const LARGEST: u64 = (waft::limits::SNAPSHOT_BYTES + waft::limits::HEAD_BYTES) as u64;

/// How many files are read at once.
const READERS: usize = 4;

const HTML: &str = "text/html; charset=utf-8";

/// What is served, by extension.
const TYPES: [(&str, &str); 27] = [
    ("avif", "image/avif"),
    ("css", "text/css; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("gif", "image/gif"),
    ("htm", HTML),
    ("html", HTML),
    ("ico", "image/x-icon"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    // Ids of a snapshot, in a file of their own.
    ("list", "application/octet-stream"),
    ("map", "application/json"),
    ("md", "text/markdown; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain; charset=utf-8"),
    ("waft", "application/octet-stream"),
    ("wasm", "application/wasm"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xml", "application/xml"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
];

/// On every file, as SVG and workers can run scripts too. Scripts from here only, wasm allowed; styles may be inline, as the demo sets widths and colours by them.
const POLICY: [&str; 2] = [
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
    "; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'self'",
];

/// A folder that is served.
#[derive(Clone)]
pub(crate) struct Files {
    /// Without symbolic links, so that a file's own path can be compared with it.
    root: PathBuf,
    readers: Arc<Semaphore>,
    /// The contents that are being sent, by their tags: however many clients take one slowly, it is in memory once.
    sending: Arc<Mutex<HashMap<String, Weak<[u8]>>>>,
}

/// What a path of a URL leads to.
enum Found {
    File {
        tag: String,
        bytes: Arc<[u8]>,
        content_type: &'static str,
        /// The hashes of the scripts that are inline in it: what the file says is from here, too.
        scripts: Vec<String>,
    },
    /// A folder without its slash, in which the page's relative links would go wrong.
    Folder,
    Nothing,
    TooLarge,
}

/// What changes when a file does: enough to look at its bytes again.
#[derive(PartialEq, Eq)]
pub(crate) struct Mark {
    modified: SystemTime,
    length: u64,
    /// A file that replaces another is another one.
    inode: u64,
}

impl Mark {
    fn of(metadata: &fs::Metadata) -> Option<Self> {
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let inode = 0;
        Some(Self { modified: metadata.modified().ok()?, length: metadata.len(), inode })
    }
}

impl Files {
    /// Serves the folder of an option.
    pub(crate) fn new(option: &str, dir: &Path) -> Result<Self, String> {
        match dir.canonicalize() {
            Ok(root) if root.is_dir() => {
                Ok(Self { root, readers: Arc::new(Semaphore::new(READERS)), sending: Arc::default() })
            }
            Ok(_) => Err(format!("{option} {}: not a folder: give the folder to serve", dir.display())),
            Err(error) => Err(format!("{option} {}: {error}: give a folder that exists", dir.display())),
        }
    }

    /// Returns the response to GET for a URL, whose path is still percent-encoded.
    pub(crate) async fn get(self, uri: Uri, headers: HeaderMap) -> Response {
        let path = uri.path();
        let url = path.to_owned();
        let turn = Arc::clone(&self.readers).acquire_owned().await;
        let found = tokio::task::spawn_blocking(move || self.find(&url)).await;
        drop(turn);
        match found.unwrap_or(Found::Nothing) {
            Found::File { tag, bytes, content_type, scripts } => {
                file(path, tag, bytes, content_type, &scripts, &headers)
            }
            Found::Folder => {
                // A preview link's token is in the query.
                let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
                match HeaderValue::try_from(format!("{path}/{query}")) {
                    Ok(location) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response(),
                    Err(_) => missing(),
                }
            }
            Found::Nothing => missing(),
            Found::TooLarge => {
                let message = format!("over {LARGEST} bytes: too large to be served from here\n");
                (StatusCode::FORBIDDEN, message).into_response()
            }
        }
    }

    /// The ETag of the file that a path leads to, if one is served.
    pub(crate) async fn tag(&self, path: String) -> Option<String> {
        let (files, turn) = (self.clone(), Arc::clone(&self.readers).acquire_owned().await);
        let found = tokio::task::spawn_blocking(move || files.find(&path)).await;
        drop(turn);
        if let Ok(Found::File { tag, .. }) = found { Some(tag) } else { None }
    }

    /// What the file system says of the file that a path leads to.
    pub(crate) async fn mark(&self, path: String) -> Option<Mark> {
        let files = self.clone();
        let marked = tokio::task::spawn_blocking(move || {
            let path = files.inside(&files.root.join(relative_path(&path)?))?;
            Mark::of(&fs::metadata(path).ok()?)
        });
        marked.await.ok().flatten()
    }

    /// Canonical, so that a symbolic link is followed only to what is inside the folder, and judged by what it is.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        path.canonicalize().ok().filter(|path| path.starts_with(&self.root))
    }

    fn find(&self, url: &str) -> Found {
        let Some(relative) = relative_path(url) else { return Found::Nothing };
        let mut path = self.root.join(relative);
        if path.is_dir() {
            if !url.ends_with('/') {
                return Found::Folder;
            }
            path.push("index.html");
        } else if url.ends_with('/') {
            return Found::Nothing;
        }
        let Some(path) = self.inside(&path) else { return Found::Nothing };
        let Some(content_type) = content_type(&path) else { return Found::Nothing };
        match fs::metadata(&path) {
            Ok(metadata) if !metadata.is_file() => Found::Nothing,
            Ok(metadata) if metadata.len() > LARGEST => Found::TooLarge,
            Ok(_) => fs::read(&path).map_or(Found::Nothing, |bytes| {
                let tag = tag(&bytes);
                let scripts = if content_type == HTML { scripts::sources(&bytes) } else { Vec::new() };
                Found::File { bytes: self.shared(&tag, bytes), tag, content_type, scripts }
            }),
            Err(_) => Found::Nothing,
        }
    }

    /// The copy of these bytes that is being sent already, or these.
    fn shared(&self, tag: &str, bytes: Vec<u8>) -> Arc<[u8]> {
        let mut sending = self.sending.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = sending.get(tag).and_then(Weak::upgrade) {
            return shared;
        }
        sending.retain(|_, content| content.strong_count() > 0);
        let bytes: Arc<[u8]> = bytes.into();
        sending.insert(tag.to_owned(), Arc::downgrade(&bytes));
        bytes
    }
}

/// The path inside the folder that a URL's path names. `None` if a segment is empty, begins with a dot (`..`, `.git`),
/// or holds, once decoded, a separator, a drive, U+0000 or what is not UTF-8.
fn relative_path(url: &str) -> Option<PathBuf> {
    let inner = url.strip_prefix('/')?;
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let mut path = PathBuf::new();
    if inner.is_empty() {
        return (url == "/").then_some(path);
    }
    for segment in inner.split('/') {
        let segment = percent_decode_str(segment).decode_utf8().ok()?;
        if segment.is_empty() || segment.starts_with('.') || segment.contains(['/', '\\', ':', '\0']) {
            return None;
        }
        path.push(segment.as_ref());
    }
    Some(path)
}

fn content_type(path: &Path) -> Option<&'static str> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    let at = TYPES.binary_search_by_key(&extension.as_str(), |(extension, _)| extension).ok()?;
    TYPES.get(at).map(|(_, content_type)| *content_type)
}

fn file(
    url: &str,
    tag: String,
    bytes: Arc<[u8]>,
    content_type: &'static str,
    scripts: &[String],
    headers: &HeaderMap,
) -> Response {
    let unchanged = headers.get_all(header::IF_NONE_MATCH).iter().any(|value| names(value, &tag));
    let (status, body) = if unchanged {
        (StatusCode::NOT_MODIFIED, Body::empty())
    } else {
        (StatusCode::OK, Bytes::from_owner(bytes).into())
    };
    let cache = if is_hashed(url) || is_published(url) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let policy = policy(scripts);
    let headers = [(header::CACHE_CONTROL, cache), (header::ETAG, &tag), (header::CONTENT_SECURITY_POLICY, &policy)];
    let mut response = (status, headers, body).into_response();
    if !unchanged {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}

fn policy(scripts: &[String]) -> String {
    let [own, rest] = POLICY;
    let hashes: String = scripts.iter().flat_map(|source| [" ", source]).collect();
    format!("{own}{hashes}{rest}")
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, "no such file, or of a type that is not served\n").into_response()
}

/// A strong ETag: half a SHA-256 of the bytes.
fn tag(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let digits: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

/// Whether an If-None-Match names the tag (RFC 9110, section 13.1.2: compared weakly, as proxies weaken tags).
fn names(value: &HeaderValue, tag: &str) -> bool {
    let Ok(value) = value.to_str() else { return false };
    value.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

/// Whether a bundler put a hash of its content into the file's name, as Vite does: `assets/index-BkQ2d3fA.js`. Eight
/// small letters are taken for a word (`assets/hero-portrait.png`): a hash is that once in 1,500 times, and is then
/// only asked for again.
fn is_hashed(url: &str) -> bool {
    let Some((folders, name)) = url.rsplit_once('/') else { return false };
    let stem = name.split('.').next().unwrap_or_default();
    let Some((rest, hash)) = stem.len().checked_sub(8).and_then(|at| stem.split_at_checked(at)) else { return false };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let is_word = hash.bytes().all(|byte| !byte.is_ascii_uppercase() && !byte.is_ascii_digit());
    folders.split('/').any(|folder| folder == "assets") && rest.ends_with('-') && hash.bytes().all(plain) && !is_word
}

/// Whether a file's name has its digest, or the number of a trust document, as `waft publish` names files that never change.
fn is_published(url: &str) -> bool {
    let name = url.rsplit_once('/').map_or(url, |(_, name)| name);
    let is_digest = |text: &str| text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    match name.rsplit_once('.') {
        Some((stem, "list")) => is_digest(stem),
        Some((stem, "waft")) => stem.rsplit_once('-').is_some_and(|(what, last)| {
            let is_number = last.len() >= 4 && last.bytes().all(|byte| byte.is_ascii_digit());
            is_digest(last) || is_number && (what == "trust" || what.ends_with("-trust"))
        }),
        Some(_) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_files_are_immutable_by_their_names() {
        let digest = "0123456789abcdef".repeat(4);
        let check = |url: String, expected: bool| assert_eq!(is_published(&url), expected, "{url}");
        check(format!("/flags/snapshot-12-{digest}.waft"), true);
        check(format!("/{digest}.list"), true);
        check(format!("/{digest}.waft"), false);
        check(format!("/snapshot-12-{digest}.json"), false);
        check(format!("/snapshot-12-{}.waft", &digest[1..]), false);
        check(format!("/snapshot-12-{}.waft", digest.to_uppercase()), false);
        for live in ["snapshot", "head", "current", "eu-head", "trust", "trust-007", "mistrust-0007", "list-0007"] {
            check(format!("/flags/{live}.waft"), false);
        }
        check("/flags/trust-0007.waft".to_owned(), true);
        check("/eu-trust-12345.waft".to_owned(), true);
    }

    #[test]
    fn types_are_sorted_for_the_search() {
        assert!(TYPES.is_sorted_by_key(|(extension, _)| extension));
    }

    #[test]
    fn only_hashed_assets_are_immutable() {
        let check = |url: &str, expected: bool| assert_eq!(is_hashed(url), expected, "{url}");
        check("/assets/index-BkQ2d3fA.js", true);
        check("/studio/assets/engine-D_x-3fA9.wasm", true);
        check("/assets/index-BkQ2d3fA.js.map", true);
        check("/index-BkQ2d3fA.js", false);
        check("/assets/hero-portrait.png", false);
        check("/assets/a.js", false);
        check("/assets/größe-é.png", false);
    }

    #[test]
    fn paths_stay_inside() {
        let check = |url: &str, expected: Option<&str>| {
            assert_eq!(relative_path(url), expected.map(PathBuf::from), "{url}");
        };
        check("/", Some(""));
        check("/a%20b/c.js", Some("a b/c.js"));
        check("/a/", Some("a"));
        for url in
            ["", "//", "/a//b", "/..", "/../a", "/%2e%2e/a", "/a/%2e./b", "/a%2fb", "/%2fetc/passwd", "/.git/config"]
        {
            check(url, None);
        }
        for url in ["/a%5cb", "/a\\b", "/C:%5ca", "/a%00.html", "/%ff", "*", "a"] {
            check(url, None);
        }
    }
}

//! `GET /api/changes/PATH`: server-sent events that tell when a served snapshot has changed, for `stream()` of `waft/updates`.
//!
//! The first event comes at once, so that no change is missed between a page's own request and this one. Each event's data is what there is,
//! and not what happened: the file's ETag, and behind it that of the head, or the snapshot, that goes with it. Of the two one is written after
//! the other, and a kill changes the head alone. <https://html.spec.whatwg.org/multipage/server-sent-events.html>

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::watch;

use super::files::{Files, Mark};
use super::listener::Peer;
use super::peers::Trusted;
use super::places::{Place, Places};
use crate::publish::name_beside;

/// How many listen at once, where the system has as many files for a process: a visitor's tabs share one connection.
const LISTENERS: usize = 8_192;
/// How many of one address: an office behind one.
const OF_ADDRESS: usize = 512;
/// What else a process needs of its open files, connections that do not listen among it.
const OTHER_FILES: usize = 768;
/// How often a file that somebody listens to is looked at. Reading its metadata takes microseconds, and works on every file system.
const LOOK: Duration = Duration::from_millis(200);
/// At which looks after a change a file is read again, whatever its metadata say: with the length and the number that it had, it may have been
/// replaced within one tick of the file system's clock, which is two seconds at the longest.
const AGAIN: [u32; 2] = [1, 15];
/// After so long without an event a comment is sent: proxies end a connection that is silent for 30 s or more.
const SILENCE: Duration = Duration::from_secs(15);

/// Whoever listens, and to what.
#[derive(Clone)]
pub(crate) struct Changes {
    files: Files,
    trusted: Trusted,
    places: Places,
    /// The ETags that are told to whom listens to a file, by its path.
    watched: Arc<Mutex<HashMap<String, watch::Sender<String>>>>,
    /// `true` once the server stops.
    stopping: Arc<watch::Sender<bool>>,
}

/// What the file system says of a file, and of what goes with it.
type Marks = [Option<Mark>; 2];

/// One who listens.
struct Listener {
    tag: watch::Receiver<String>,
    stopping: watch::Receiver<bool>,
    place: Place,
    is_first: bool,
}

impl Changes {
    /// For files of one folder; connections of `trusted` addresses are not counted for these.
    pub(crate) fn new(files: Files, trusted: Trusted) -> Self {
        let places = Places::new(LISTENERS.min(open_files().saturating_sub(OTHER_FILES)).max(1), OF_ADDRESS);
        Self { files, trusted, places, watched: Arc::default(), stopping: Arc::new(watch::Sender::new(false)) }
    }

    /// Ends all connections that listen once `signal` ends: they come again elsewhere, or later.
    pub(crate) async fn stop_after(self, signal: impl Future<Output = ()>) {
        signal.await;
        self.stopping.send_replace(true);
    }

    /// What is told of a file, now and whenever it has changed. `None`, if no such file is served.
    async fn follow(&self, path: String) -> Option<watch::Receiver<String>> {
        if let Some(sender) = self.watched().get(&path) {
            return Some(sender.subscribe());
        }
        let marks = self.marks(&path).await;
        let tag = self.tags(&path).await?;
        let mut watched = self.watched();
        // Somebody else may have come meanwhile.
        if let Some(sender) = watched.get(&path) {
            return Some(sender.subscribe());
        }
        let (sender, receiver) = watch::channel(tag);
        watched.insert(path.clone(), sender.clone());
        drop(watched);
        tokio::spawn(self.clone().look(path, sender, marks));
        Some(receiver)
    }

    /// Looks at a file, and what goes with it, until nobody listens. While it is missing, or cannot be read, nothing is told.
    async fn look(self, path: String, sender: watch::Sender<String>, mut marks: Marks) {
        let mut looks: u32 = 0;
        let mut is_read = true;
        loop {
            tokio::time::sleep(LOOK).await;
            if sender.is_closed() {
                let mut watched = self.watched();
                // With the lock held nobody subscribes.
                if sender.is_closed() {
                    watched.remove(&path);
                    return;
                }
            }
            looks = looks.saturating_add(1);
            let now = self.marks(&path).await;
            if now != marks {
                (marks, looks) = (now, 0);
            } else if is_read && !AGAIN.contains(&looks) {
                continue;
            }
            let tags = self.tags(&path).await;
            is_read = tags.is_some();
            if let Some(tags) = tags {
                sender.send_if_modified(|told| {
                    let is_new = *told != tags;
                    *told = tags;
                    is_new
                });
            }
        }
    }

    async fn marks(&self, path: &str) -> Marks {
        [self.files.mark(path.to_owned()).await, self.files.mark(beside(path)).await]
    }

    /// The ETags of a file and of what goes with it, as in If-None-Match; `None`, if no such file is served.
    async fn tags(&self, path: &str) -> Option<String> {
        let own = self.files.tag(path.to_owned()).await?;
        Some(match self.files.tag(beside(path)).await {
            Some(other) => format!("{own}, {other}"),
            None => own,
        })
    }

    fn watched(&self) -> MutexGuard<'_, HashMap<String, watch::Sender<String>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The path of the head that goes with a snapshot, or of the snapshot that goes with a head.
fn beside(path: &str) -> String {
    let (folder, file) = path.rsplit_once('/').unwrap_or_default();
    format!("{folder}/{}", name_beside(file))
}

/// Responds to `GET /api/changes/PATH`.
pub(crate) async fn get(
    State(changes): State<Changes>,
    Extension(Peer(address)): Extension<Peer>,
    Extension(connection): Extension<Arc<Place>>,
    Path(path): Path<String>,
) -> Response {
    if !path.ends_with(".waft") {
        return (StatusCode::NOT_FOUND, "only changes of snapshots (.waft) are told\n").into_response();
    }
    let Some(tag) = changes.follow(format!("/{path}")).await else {
        return (StatusCode::NOT_FOUND, "no such file\n").into_response();
    };
    let Some(place) = changes.places.try_take(address, changes.trusted.has(address)) else {
        let wait = [(header::RETRY_AFTER, "60")];
        return (StatusCode::TOO_MANY_REQUESTS, wait, "too many listen already: wait\n").into_response();
    };
    // It lasts: what it had is for requests that end.
    connection.leave();
    let listener = Listener { tag, stopping: changes.stopping.subscribe(), place, is_first: true };
    let keep_alive = KeepAlive::new().interval(SILENCE);
    let mut response = Sse::new(stream::unfold(listener, next)).keep_alive(keep_alive).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // It has no place for another request.
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    // nginx would hold events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// The next event, once there is one; `None` at the end.
async fn next(mut listener: Listener) -> Option<(Result<Event, Infallible>, Listener)> {
    if *listener.stopping.borrow() {
        return None;
    }
    if !listener.is_first {
        tokio::select! {
            changed = listener.tag.changed() => changed.ok()?,
            _ = listener.stopping.changed() => return None,
            () = listener.place.given_up() => return None,
        }
    }
    listener.is_first = false;
    let event = Event::default().data(listener.tag.borrow_and_update().as_str());
    Some((Ok(event), listener))
}

/// How many files this process may have open: the most that it may ask for, which is asked for here.
#[cfg(unix)]
fn open_files() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).is_ok();
    let limit = if raised { maximum } else { current };
    limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

#[cfg(not(unix))]
fn open_files() -> usize {
    usize::MAX
}

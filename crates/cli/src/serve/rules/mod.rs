//! `/api/rules`: the files of `--rules`, for a page in which they are drafted (docs/serve.md).
//!
//!     GET --desk--> files, their tag     PUT, If-Match --desk--> draft: may it be? --written--> all files, or none
//!     kept: the folder     ramps: what `waft ramp` does     lists: the list files that rules name, streamed
//!
//! *Invariant*: nothing outside of the folder is read or written, no link is written through, and nobody's changes are lost: what is saved
//! was made of what is there.

mod draft;
mod files;
mod kept;
mod lists;
mod ramps;
mod written;

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use waft_commands::ramp::Change;

use super::desk::{Asked, Refused};
use super::listener::Peer;

pub(crate) use kept::Rules;

/// Its routes. None of them is for other sites.
pub(super) fn routes(rules: Arc<Rules>) -> Router {
    let changed = |change: Change| {
        post(move |rules, peer, request| {
            let step = move |rules: &Rules, asked: &Asked, tag: Option<&str>, which| {
                ramps::change(rules, asked, tag, &change, which)
            };
            ask(rules, peer, request, step)
        })
    };
    Router::new()
        .route("/api/rules", get(read).put(|rules, peer, request| ask(rules, peer, request, written::save)))
        .route("/api/rules/lists/{*path}", get(list))
        .route("/api/rules/ramps", get(ramps))
        .route("/api/rules/ramps/pause", changed(Change::Pause))
        .route("/api/rules/ramps/resume", changed(Change::Resume))
        .route("/api/rules/ramps/advance", changed(Change::Advance { at: None, force: false }))
        .with_state(rules)
}

async fn read(State(rules): State<Arc<Rules>>, Extension(peer): Extension<Peer>, request: Request) -> Response {
    let known = header(request.headers(), &IF_NONE_MATCH);
    let (here, before) = (Arc::clone(&rules), known.clone());
    let step = move |asked: &Asked| {
        let files = here.files(asked)?;
        let tag = files.tag();
        // Nothing else is read of what is as it was: a page asks each few seconds.
        if before.as_ref() == Some(&tag) {
            return Ok(json!({ "etag": tag }));
        }
        Ok(json!({ "etag": tag, "files": files.json()?, "lists": files.lists() }))
    };
    unless(known, rules.desk.look((peer, request.headers()), step).await)
}

async fn list(
    State(rules): State<Arc<Rules>>,
    Path(path): Path<String>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    let known = header(request.headers(), &IF_NONE_MATCH);
    let here = Arc::clone(&rules);
    let found = rules.desk.find((peer, request.headers()), move |asked| here.list(asked, &path)).await;
    let list = match found {
        Ok(list) => list,
        Err(refused) => return refused,
    };
    // Ids of people: no cache keeps them.
    let told = [(CACHE_CONTROL, "no-store"), (CONTENT_TYPE, "application/octet-stream"), (ETAG, &list.tag.clone())];
    unless(known, (told, list.response()).into_response())
}

/// The response, or that nothing has changed since its ETag was known.
fn unless(known: Option<String>, mut response: Response) -> Response {
    let tag = header(response.headers(), &ETAG);
    if tag.is_none() || tag != known {
        return response;
    }
    response.headers_mut().remove(CONTENT_TYPE);
    response.headers_mut().remove(CONTENT_LENGTH);
    (StatusCode::NOT_MODIFIED, response.headers().clone()).into_response()
}

async fn ramps(State(rules): State<Arc<Rules>>, Extension(peer): Extension<Peer>, request: Request) -> Response {
    let here = Arc::clone(&rules);
    rules.desk.look((peer, request.headers()), move |asked| ramps::state(&here, asked)).await
}

async fn ask<Question: DeserializeOwned + Send + 'static>(
    State(rules): State<Arc<Rules>>,
    Extension(peer): Extension<Peer>,
    request: Request,
    step: impl FnOnce(&Rules, &Asked, Option<&str>, Question) -> Result<Json, Refused> + Send + 'static,
) -> Response {
    let tag = header(request.headers(), &IF_MATCH);
    let here = Arc::clone(&rules);
    let step = move |asked: &Asked, question| step(&here, asked, tag.as_deref(), question);
    rules.desk.change(peer, request, &rules.bodies, step).await
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

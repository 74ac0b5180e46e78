//! `/api/releases`: delivery over HTTP, for a page with a button (docs/releases.md, Over HTTP).
//!
//!     request --access, body--> question --asked: a Host--> steps: what `waft release` and `waft publish` do --answer--> status, JSON
//!
//! *Invariant*: it has no key of a release or a kill, and no rule of its own. What is live changes only by what was signed elsewhere, and by
//! the commands, which verify it as pages do.

mod access;
mod answer;
mod asked;
mod kills;
mod served;
mod steps;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::body;
use super::listener::Peer;

use answer::Refused;
use asked::Asked;
use served::LARGEST;

pub(crate) use served::Releases;

/// Its routes. None of them is for other sites.
pub(super) fn routes(releases: Releases) -> Router {
    let releases = Arc::new(releases);
    Router::new()
        .route("/api/releases", get(|releases, peer, request| read(releases, peer, request, steps::state)))
        .route("/api/releases/review", get(|releases, peer, request| read(releases, peer, request, steps::review)))
        .route("/api/releases/propose", post(|releases, peer, request| change(releases, peer, request, steps::propose)))
        .route("/api/releases/to-sign", post(|releases, peer, request| change(releases, peer, request, steps::to_sign)))
        .route("/api/releases/approve", post(|releases, peer, request| change(releases, peer, request, steps::approve)))
        .route("/api/releases/publish", post(|releases, peer, request| change(releases, peer, request, steps::publish)))
        .route("/api/releases/kills/to-sign", post(|one, peer, request| change(one, peer, request, kills::to_sign)))
        .route("/api/releases/kills", post(|releases, peer, request| change(releases, peer, request, kills::publish)))
        .with_state(releases)
}

async fn read(
    State(releases): State<Arc<Releases>>,
    Extension(Peer(peer)): Extension<Peer>,
    request: Request,
    step: fn(&Releases, &Asked) -> Result<Json, Refused>,
) -> Response {
    match releases.access.check(peer, request.headers()) {
        Ok(()) => releases.answer(step).await,
        Err(refused) => answer::response(Err(refused)),
    }
}

/// The body is read before anything is refused, so that the answer is not lost in a reset.
async fn change<Question: DeserializeOwned + Send + 'static>(
    State(releases): State<Arc<Releases>>,
    Extension(Peer(peer)): Extension<Peer>,
    request: Request,
    step: fn(&Releases, &Asked, Question) -> Result<Json, Refused>,
) -> Response {
    let (head, body) = request.into_parts();
    let body = body::read(body, LARGEST, releases.read_timeout, &releases.budget).await;
    let question = releases
        .access
        .check(peer, &head.headers)
        .and_then(|()| access::is_json(&head.headers))
        .and_then(|()| body.map_err(|why| Refused::unread(&why, LARGEST)))
        .and_then(|(bytes, _)| serde_json::from_slice(&bytes).map_err(|error| Refused::usage(&error.to_string())));
    match question {
        Ok(question) => releases.answer(move |releases, asked| step(releases, asked, question)).await,
        Err(refused) => answer::response(Err(refused)),
    }
}

//! `/api/releases`: delivery over HTTP, for a page with buttons (docs/releases.md, Over HTTP).
//!
//!     question (desk) --> steps, back, trust, kills: what `waft release`, `waft trust` and `waft publish` do --> served
//!
//! *Invariant*: it has no key by which pages take a release, a kill or a trust, and no rule of its own. What is live changes only by what was
//! signed elsewhere, and by the commands, which verify it as pages do.

mod back;
mod kills;
mod served;
mod steps;
mod trust;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::desk::{Asked, Refused};
use super::listener::Peer;

pub(crate) use served::Releases;

/// Its routes. None of them is for other sites.
pub(super) fn routes(releases: Arc<Releases>) -> Router {
    Router::new()
        .route("/api/releases", look(steps::state))
        .route("/api/releases/review", look(steps::review))
        .route("/api/releases/propose", ask(steps::propose))
        .route("/api/releases/to-sign", ask(steps::to_sign))
        .route("/api/releases/approve", ask(steps::approve))
        .route("/api/releases/publish", ask(steps::publish))
        .route("/api/releases/reject/to-sign", ask(back::reject_to_sign))
        .route("/api/releases/reject", ask(back::reject))
        .route("/api/releases/rollback", ask(back::rollback))
        .route("/api/releases/unblock/to-sign", ask(back::unblock_to_sign))
        .route("/api/releases/unblock", ask(back::unblock))
        .route("/api/releases/kills/to-sign", ask(kills::to_sign))
        .route("/api/releases/kills", ask(kills::publish))
        .route("/api/releases/trust", look(trust::state))
        .route("/api/releases/trust/propose", ask(trust::propose))
        .route("/api/releases/trust/to-sign", ask(trust::to_sign))
        .route("/api/releases/trust/sign", ask(trust::sign))
        .route("/api/releases/trust/publish", ask(trust::publish))
        .route("/api/releases/trust/withdraw", ask(trust::withdraw))
        .with_state(releases)
}

/// What is done for a question without a body, and for one that has one.
type Look = fn(&Releases, &Asked) -> Result<Json, Refused>;
type Step<Question> = fn(&Releases, &Asked, Question) -> Result<Json, Refused>;

fn look(step: Look) -> MethodRouter<Arc<Releases>> {
    get(move |State(releases): State<Arc<Releases>>, Extension(peer): Extension<Peer>, request: Request| async move {
        let asked = Arc::clone(&releases);
        releases.desk.look((peer, request.headers()), move |host| step(&asked, host)).await
    })
}

fn ask<Question: DeserializeOwned + Send + 'static>(step: Step<Question>) -> MethodRouter<Arc<Releases>> {
    post(move |State(releases): State<Arc<Releases>>, Extension(peer): Extension<Peer>, request: Request| async move {
        let asked = Arc::clone(&releases);
        let step = move |host: &Asked, question| step(&asked, host, question);
        releases.desk.change(peer, request, &releases.bodies, step).await
    })
}

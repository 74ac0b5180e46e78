//! Which path is answered by what, and the headers that every answer carries.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde::{Deserialize, Serialize};
use tower_http::cors::{AllowOrigin, CorsLayer};
use waft_ruleset::escape;

use super::body;
use super::changes::{self, Changes};
use super::counts::Counter;
use super::files::Files;
use super::hosts::{self, Hosts};
use super::listener::Peer;
use super::logs::{self, Logs};
use super::peers::Rates;
use super::releases::{self, Releases};
use super::results::Reporter;

/// How long a browser may remember what other sites may do, in seconds: Chromium's most.
const PREFLIGHT: Duration = Duration::from_secs(7_200);

/// What answers may do that are no pages: nothing.
const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The report brings its styles, and places marks by them; it has no script and loads nothing.
const REPORT: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'self'";

/// What is asked, path by path.
pub(crate) struct Asked {
    pub(crate) logs: Logs,
    pub(crate) counter: Counter,
    pub(crate) reporter: Option<Reporter>,
    pub(crate) files: Files,
    pub(crate) changes: Changes,
    pub(crate) releases: Option<Releases>,
}

/// All routes. Pages of `origins` may send and load, but not read counts and results.
pub(crate) fn router(asked: Asked, origins: Vec<HeaderValue>, hosts: Hosts, rates: Rates) -> Router {
    let Asked { logs, counter, reporter, files, changes, releases } = asked;
    let served = get(move |uri: Uri, headers: HeaderMap| files.clone().get(uri.path().to_owned(), headers));
    let limit = middleware::from_fn_with_state(rates, limit);
    // Inside CORS, so that a page of another site, too, hears how long it is to wait.
    let public = Router::new()
        .route("/v1/logs", post(logs::post).with_state(logs))
        .route("/api/changes/{*path}", get(changes::get).with_state(changes))
        .fallback_service(served);
    let mut public = public.layer(limit.clone());
    if !origins.is_empty() {
        public = public.layer(cors(origins));
    }
    let mut own = Router::new().route("/api/exposures", get(count).with_state(Arc::new(counter)));
    if let Some(reporter) = reporter.map(Arc::new) {
        own = own
            .route("/report", get(report_page).with_state(Arc::clone(&reporter)))
            .route("/api/report", get(report).with_state(reporter));
    }
    if let Some(releases) = releases {
        own = own.merge(releases::routes(releases));
    }
    public
        .merge(own.layer(limit))
        .route("/healthz", get(|| async { "ok\n" }))
        .layer(middleware::from_fn_with_state(hosts, hosts::only))
        .layer(middleware::from_fn(secure))
}

/// Answers 429 to an address that asks too often.
async fn limit(
    State(rates): State<Rates>,
    Extension(Peer(address)): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let Err(wait) = rates.check(address, request.headers()) else { return next.run(request).await };
    // Unread, the answer could be lost in a reset.
    body::discard(request.into_body()).await;
    let seconds = wait.as_secs().saturating_add(1).to_string();
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds)], "too many requests from your address: wait\n")
        .into_response()
}

fn cors(origins: Vec<HeaderValue>) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers([header::CONTENT_TYPE, header::CONTENT_ENCODING])
        // Browsers send a beacon, a page's last chance, with credentials or not at all.
        .allow_credentials(true)
        // Otherwise a page of another site does not see how long it is to wait, and tries again sooner.
        .expose_headers([header::RETRY_AFTER, header::ETAG])
        .max_age(PREFLIGHT)
}

/// The query of `/api/exposures`.
#[derive(Deserialize)]
struct Which {
    /// Only those of this `project/environment`.
    set: Option<String>,
}

async fn count(State(counter): State<Arc<Counter>>, Query(which): Query<Which>) -> Response {
    match counter.count(which.set).await {
        Ok(counts) => json(&counts),
        Err(error) => failed("exposures not counted", &error),
    }
}

async fn report(State(reporter): State<Arc<Reporter>>) -> Response {
    match reporter.report().await {
        Ok(report) => json(&*report),
        Err(error) => failed("no report", &error),
    }
}

async fn report_page(State(reporter): State<Arc<Reporter>>) -> Response {
    match reporter.report().await {
        Ok(report) => {
            let headers = [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_SECURITY_POLICY, REPORT)];
            (headers, Html(waft_report::page(&report))).into_response()
        }
        Err(error) => failed("no report", &error),
    }
}

/// What was asked for, as it may be shown by a terminal: names in it are anybody's.
fn json(told: &impl Serialize) -> Response {
    match serde_json::to_string(told) {
        Ok(written) => {
            let headers = [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_TYPE, "application/json")];
            (headers, escape::json(&written).into_owned()).into_response()
        }
        Err(error) => failed("no answer", &error.to_string()),
    }
}

/// The database could not be asked. Why is for whoever runs the server.
fn failed(what: &str, error: &str) -> Response {
    crate::host::tell(&format!("{what}: {error}"));
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], format!("{what}: try again\n")).into_response()
}

/// Headers that keep a browser from guessing content types, from telling other sites where its user was, and from doing anything
/// with an answer that its own policy does not allow, such as showing it within another site's page.
async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(NOTHING));
    response
}

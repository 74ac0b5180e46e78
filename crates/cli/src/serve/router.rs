//! Which path is answered by what, and the headers that every answer carries.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, Request, State};
use axum::http::uri::Authority;
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
use super::rules::{self, Rules};

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
    pub(crate) counter: Arc<Counter>,
    pub(crate) reporter: Option<Arc<Reporter>>,
    pub(crate) files: Files,
    pub(crate) changes: Changes,
    pub(crate) releases: Option<Arc<Releases>>,
    pub(crate) rules: Option<Arc<Rules>>,
}

/// Who may ask.
#[derive(Clone)]
pub(crate) struct Limits {
    pub(crate) hosts: Hosts,
    pub(crate) rates: Rates,
}

/// The other one of shop and studio, by its port: the studio shows the shop's pages in a frame, and nobody else does.
#[derive(Clone, Copy)]
enum Beside {
    Studio(u16),
    Shop(u16),
}

/// All routes. Pages of `origins` may send and load, but not read counts and results. With a studio, on a port of its own, rules and
/// releases are there alone.
pub(crate) fn router(asked: &Asked, origins: Vec<HeaderValue>, limits: Limits, studio: Option<u16>) -> Router {
    let limit = middleware::from_fn_with_state(limits.rates.clone(), limit);
    // Inside CORS, so that a page of another site, too, hears how long it is to wait.
    let mut public = loaded(&asked.files, &asked.changes)
        .route("/v1/logs", post(logs::post).with_state(asked.logs.clone()))
        .layer(limit.clone());
    if let Some(port) = studio {
        public = public.layer(middleware::from_fn_with_state(Beside::Studio(port), beside));
    }
    if !origins.is_empty() {
        public = public.layer(cors(origins));
    }
    let mut own = own(asked);
    if studio.is_none() {
        own = own.merge(desks(asked));
    }
    guarded(public.merge(own.layer(limit)), limits)
}

/// The routes of the studio, which has an origin of its own, beside the shop's `port`. Its pages are not loaded by others, and nothing is sent
/// here.
pub(crate) fn studio(asked: &Asked, files: &Files, limits: Limits, port: u16) -> Router {
    let pages = loaded(files, &asked.changes).layer(middleware::from_fn_with_state(Beside::Shop(port), beside));
    let routes = pages.merge(own(asked)).merge(desks(asked));
    guarded(routes.layer(middleware::from_fn_with_state(limits.rates.clone(), limit)), limits)
}

fn loaded(files: &Files, changes: &Changes) -> Router {
    let files = files.clone();
    let served = get(move |uri: Uri, headers: HeaderMap| files.clone().get(uri, headers));
    Router::new().route("/api/changes/{*path}", get(changes::get).with_state(changes.clone())).fallback_service(served)
}

/// What pages of this server alone may read and do.
fn own(asked: &Asked) -> Router {
    let mut own = Router::new().route("/api/exposures", get(count).with_state(Arc::clone(&asked.counter)));
    if let Some(reporter) = &asked.reporter {
        own = own
            .route("/report", get(report_page).with_state(Arc::clone(reporter)))
            .route("/api/report", get(report).with_state(Arc::clone(reporter)));
    }
    own
}

/// Where rules and releases change: on the studio's origin alone if it has one, as a script in a page of the shop must do neither.
fn desks(asked: &Asked) -> Router {
    let releases = asked.releases.iter().map(|releases| releases::routes(Arc::clone(releases)));
    let rules = asked.rules.iter().map(|rules| rules::routes(Arc::clone(rules)));
    releases.chain(rules).fold(Router::new(), Router::merge)
}

fn guarded(routes: Router, Limits { hosts, .. }: Limits) -> Router {
    routes
        .route("/healthz", get(|| async { "ok\n" }))
        .layer(middleware::from_fn_with_state(hosts, hosts::only))
        .layer(middleware::from_fn(secure))
}

/// Lets the studio show the shop: both by the name that they were asked by.
async fn beside(State(beside): State<Beside>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    let mut response = next.run(request).await;
    let policy = response.headers().get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    let (Some(host), Some(policy)) = (host, policy) else { return response };
    let host = host.host();
    let policy = match beside {
        Beside::Studio(port) => {
            policy.replace("frame-ancestors 'self'", &format!("frame-ancestors 'self' {host}:{port}"))
        }
        Beside::Shop(port) => format!("{policy}; frame-src 'self' {host}:{port}"),
    };
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Responds 429 to an address that asks too often.
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

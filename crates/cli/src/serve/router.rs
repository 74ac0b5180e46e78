//! Which path is answered by what, and the headers that every answer carries.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::counts::Counter;
use super::files::Files;
use super::logs::{self, Logs};
use super::results::Reporter;

/// How long a browser may remember what other sites may do, in seconds: Chromium's most.
const PREFLIGHT: Duration = Duration::from_secs(7_200);

/// All routes of a server that listens on `address`. Pages of `origins` may send and load, but not read counts and
/// results.
pub(crate) fn router(
    logs: Logs,
    counter: Counter,
    reporter: Option<Reporter>,
    files: Files,
    origins: Vec<HeaderValue>,
    address: SocketAddr,
) -> Router {
    let served = get(move |uri: Uri, headers: HeaderMap| files.clone().get(uri.path().to_owned(), headers));
    let mut app = Router::new().route("/v1/logs", post(logs::post).with_state(logs)).fallback_service(served);
    if !origins.is_empty() {
        app = app.layer(cors(origins));
    }
    if let Some(reporter) = reporter.map(Arc::new) {
        app = app
            .route("/report", get(report_page).with_state(Arc::clone(&reporter)))
            .route("/api/report", get(report).with_state(reporter));
    }
    let app = app
        .route("/api/exposures", get(count).with_state(Arc::new(counter)))
        .route("/healthz", get(|| async { "ok\n" }))
        .layer(middleware::from_fn(secure));
    if address.ip().is_loopback() { app.layer(middleware::from_fn(only_loopback_names)) } else { app }
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
        Ok(counts) => ([(header::CACHE_CONTROL, "no-store")], Json(counts)).into_response(),
        Err(error) => failed("exposures not counted", &error),
    }
}

async fn report(State(reporter): State<Arc<Reporter>>) -> Response {
    match reporter.report().await {
        Ok(report) => ([(header::CACHE_CONTROL, "no-store")], Json(&*report)).into_response(),
        Err(error) => failed("no report", &error),
    }
}

async fn report_page(State(reporter): State<Arc<Reporter>>) -> Response {
    match reporter.report().await {
        Ok(report) => ([(header::CACHE_CONTROL, "no-store")], Html(waft_report::page(&report))).into_response(),
        Err(error) => failed("no report", &error),
    }
}

/// The database could not be asked. Why is for whoever runs the server.
fn failed(what: &str, error: &str) -> Response {
    crate::host::tell(&format!("{what}: {error}"));
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], format!("{what}: try again\n")).into_response()
}

/// Headers that keep a browser from guessing content types and from telling other sites where its user was.
async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// On loopback, answers only to loopback's names. Otherwise any site could point its own name at 127.0.0.1 and read
/// this server through its visitor's browser, as the same origin (DNS rebinding).
async fn only_loopback_names(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let is_loopback = name.eq_ignore_ascii_case("localhost")
        || name.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    if is_loopback {
        return next.run(request).await;
    }
    let message =
        format!("listening on loopback, which is not called {name}: a proxy in front must set Host: localhost\n");
    (StatusCode::MISDIRECTED_REQUEST, message).into_response()
}

//! `POST /v1/logs`: OTLP/HTTP JSON. Exposures and events are stored, other records accepted and ignored.
//!
//! Source: the OpenTelemetry protocol specification, OTLP/HTTP: 200 means stored; `partialSuccess` counts records that
//! can never be stored and are not to be sent again; 503 with `Retry-After` asks for the same request later; an error's
//! body is a `google.rpc.Status`.

use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::body::{self, Unread};
use super::otlp::{self, Record};
use super::record::Row;
use super::writer::{Unwritten, Writer};

/// How long a request waits for its commit. The rows may be stored later than that; sent again, they are known.
const COMMIT: Duration = Duration::from_secs(15);
/// What `Retry-After` says, in seconds.
const RETRY_AFTER: &str = "1";
/// How many refused records the answer names, and how much of each reason it tells, in characters.
const NAMED: usize = 5;
const REASON: usize = 160;

/// What the route needs.
#[derive(Clone)]
pub(crate) struct Logs {
    pub(crate) writer: Writer,
    pub(crate) max_body: usize,
    pub(crate) read_timeout: Duration,
}

/// The route.
pub(crate) async fn post(State(logs): State<Logs>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    match logs.store(&head.headers, body).await {
        Ok(refused) => refused.into_response(),
        Err(error) => error.into_response(),
    }
}

impl Logs {
    async fn store(&self, headers: &HeaderMap, body: Body) -> Result<Refused, Error> {
        // The body first, whatever the headers say, so that the answer to a wrong one is not lost in a reset.
        let bytes = body::read(body, self.max_body, self.read_timeout).await.map_err(|why| self.unread(why))?;
        let bytes = match encoding(headers)? {
            Encoding::Identity => bytes,
            Encoding::Gzip => body::gunzip(&bytes, self.max_body).map_err(|why| self.unread(why))?,
        };
        let request = otlp::Request::read(&bytes).map_err(|why| Error::Malformed(format!("no OTLP logs: {why}")))?;
        let received = now();
        let (mut rows, mut refused) = (Vec::new(), Refused::default());
        for (place, text) in request.records() {
            match Record::read(text) {
                Ok(record) => match Row::of(record, received) {
                    Ok(row) => rows.extend(row),
                    Err(why) => refused.add(place, &why),
                },
                Err(why) if otlp::is_ours(text.as_bytes()) => refused.add(place, &why),
                Err(_) => {}
            }
        }
        if !rows.is_empty() {
            let written = tokio::time::timeout(COMMIT, self.writer.write(rows)).await;
            written.unwrap_or(Err(Unwritten::Full)).map_err(Error::Unwritten)?;
        }
        Ok(refused)
    }

    fn unread(&self, why: Unread) -> Error {
        match why {
            Unread::TooLarge => Error::TooLarge(self.max_body),
            Unread::TooSlow => Error::TooSlow(self.read_timeout),
            Unread::Broken => Error::Malformed("the body ended early".to_owned()),
            Unread::NotGzip => Error::Malformed("the body is not the gzip that content-encoding says".to_owned()),
        }
    }
}

enum Encoding {
    Identity,
    Gzip,
}

/// How the body is compressed, if it is JSON. A page of another site cannot send this content type without asking
/// first (CORS), so it cannot write here through its visitor's browser.
fn encoding(headers: &HeaderMap) -> Result<Encoding, Error> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Error::Unsupported("content-type: expected application/json (OTLP/HTTP, JSON encoding)"));
    }
    match headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes().to_ascii_lowercase()).as_deref() {
        None | Some(b"identity") => Ok(Encoding::Identity),
        Some(b"gzip") => Ok(Encoding::Gzip),
        Some(_) => Err(Error::Unsupported("content-encoding: expected gzip, identity or none")),
    }
}

/// The moment, in milliseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The records of one request that can never be stored.
#[derive(Default)]
struct Refused {
    records: usize,
    message: String,
}

impl Refused {
    fn add(&mut self, place: otlp::Place, why: &str) {
        self.records = self.records.saturating_add(1);
        if self.records <= NAMED {
            let why: String = why.chars().take(REASON).collect();
            let separator = if self.records == 1 { "" } else { "; " };
            // Writing to a String does not fail.
            let _ = write!(self.message, "{separator}{place}: {why}");
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(mut self) -> Response {
        if self.records == 0 {
            return Json(json!({})).into_response();
        }
        if let Some(more) = self.records.checked_sub(NAMED).filter(|more| *more > 0) {
            let _ = write!(self.message, "; and {more} more");
        }
        // A 64-bit integer is a string in proto3's JSON.
        let partial = json!({ "rejectedLogRecords": self.records.to_string(), "errorMessage": self.message });
        Json(json!({ "partialSuccess": partial })).into_response()
    }
}

/// Why nothing of a request was stored.
enum Error {
    Malformed(String),
    TooLarge(usize),
    TooSlow(Duration),
    Unsupported(&'static str),
    Unwritten(Unwritten),
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        // The code is gRPC's, which a `Status` carries.
        let (status, code, message) = match self {
            Self::Malformed(message) => (StatusCode::BAD_REQUEST, 3, message),
            Self::TooLarge(most) => {
                (StatusCode::PAYLOAD_TOO_LARGE, 8, format!("the body is over {most} bytes: send fewer records at once"))
            }
            Self::TooSlow(deadline) => {
                let message = format!("the body was not complete within {} s", deadline.as_secs());
                (StatusCode::REQUEST_TIMEOUT, 4, message)
            }
            Self::Unsupported(message) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, 3, message.to_owned()),
            Self::Unwritten(Unwritten::Full) => (StatusCode::SERVICE_UNAVAILABLE, 14, "busy: try again".to_owned()),
            Self::Unwritten(Unwritten::Failed) => {
                (StatusCode::SERVICE_UNAVAILABLE, 14, "not stored: try again".to_owned())
            }
        };
        let mut response = (status, Json(json!({ "code": code, "message": message }))).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static(RETRY_AFTER));
        }
        response
    }
}

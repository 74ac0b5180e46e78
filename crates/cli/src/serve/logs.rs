//! `POST /v1/logs`: OTLP/HTTP, as JSON or protobuf. Exposures and events are stored, other records accepted and ignored.
//!
//! Source: the OpenTelemetry protocol specification, OTLP/HTTP: 200 means stored; `partialSuccess` counts records that
//! can never be stored and are not to be sent again; 503 with `Retry-After` asks for the same request later; an error's
//! body is a `google.rpc.Status`.

use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::body::{self, Unread};
use super::otlp::{self, Place, Record};
use super::record::{Arrival, Row};
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

/// The route. The answer has the encoding of the request.
pub(crate) async fn post(State(logs): State<Logs>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let format = Format::of(&head.headers);
    let stored = logs.store(&head.headers, format, body).await;
    let format = format.unwrap_or(Format::Json);
    match stored {
        Ok(refused) => format.response(StatusCode::OK, format.accepted(refused)),
        Err(error) => {
            let (status, code, message) = error.told();
            let mut response = format.response(status, format.status(code, &message));
            if status == StatusCode::SERVICE_UNAVAILABLE {
                response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static(RETRY_AFTER));
            }
            response
        }
    }
}

impl Logs {
    async fn store(&self, headers: &HeaderMap, format: Option<Format>, body: Body) -> Result<Refused, Error> {
        // The body first, whatever the headers say, so that the answer to a wrong one is not lost in a reset.
        let bytes = body::read(body, self.max_body, self.read_timeout).await.map_err(|why| self.unread(why))?;
        let format =
            format.ok_or(Error::Unsupported("content-type: expected application/json or application/x-protobuf"))?;
        let bytes = match encoding(headers)? {
            Encoding::Identity => bytes,
            Encoding::Gzip => body::gunzip(&bytes, self.max_body).map_err(|why| self.unread(why))?,
        };
        let arrival = Arrival { received: now(), forwarded: is_forwarded(headers, format) };
        let malformed = |why| Error::Malformed(format!("no OTLP logs: {why}"));
        let (rows, refused) = match format {
            Format::Json => {
                let request = otlp::json::Request::read(&bytes).map_err(malformed)?;
                rows(request.records().map(|(place, text)| (place, text.as_bytes(), otlp::json::record(text))), arrival)
            }
            Format::Protobuf => {
                let request = otlp::protobuf::Request::read(bytes).map_err(malformed)?;
                rows(
                    request.records().map(|(place, bytes)| (place, bytes.as_ref(), otlp::protobuf::record(bytes))),
                    arrival,
                )
            }
        };
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

/// The rows of one request, and what cannot be one.
fn rows<'a>(
    records: impl Iterator<Item = (Place, &'a [u8], Result<Record, String>)>,
    arrival: Arrival,
) -> (Vec<Row>, Refused) {
    let (mut rows, mut refused) = (Vec::new(), Refused::default());
    for (place, bytes, record) in records {
        match record.map(|record| Row::of(record, arrival)) {
            Ok(Ok(row)) => rows.extend(row),
            Ok(Err(why)) => refused.add(place, &why),
            Err(why) if otlp::is_ours(bytes) => refused.add(place, &why),
            Err(_) => {}
        }
    }
    (rows, refused)
}

/// The encoding of messages.
#[derive(Clone, Copy)]
enum Format {
    Json,
    Protobuf,
}

impl Format {
    /// By the content type. A page of another site cannot send either without asking first (CORS), so it cannot write
    /// here through its visitor's browser.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        let is = |name: &str| media_type.eq_ignore_ascii_case(name);
        is(Self::Json.name()).then_some(Self::Json).or(is(Self::Protobuf.name()).then_some(Self::Protobuf))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Protobuf => "application/x-protobuf",
        }
    }

    fn accepted(self, refused: Refused) -> Vec<u8> {
        let (records, message) = (refused.records, refused.message());
        match self {
            Self::Json => otlp::json::accepted(records, &message),
            Self::Protobuf => otlp::protobuf::accepted(records, &message),
        }
    }

    fn status(self, code: i32, message: &str) -> Vec<u8> {
        match self {
            Self::Json => otlp::json::status(code, message),
            Self::Protobuf => otlp::protobuf::status(code, message),
        }
    }

    fn response(self, status: StatusCode, body: Vec<u8>) -> Response {
        (status, [(header::CONTENT_TYPE, self.name())], body).into_response()
    }
}

/// Whether something between page and collector sent this, which may have waited. A page says where it is (`Origin`, and newer
/// browsers `Sec-Fetch-Mode`), which nothing in between makes up. What pages never do, protobuf and compression, and the names of
/// agents that forward, give the rest away.
fn is_forwarded(headers: &HeaderMap, format: Format) -> bool {
    const AGENTS: [&str; 9] =
        ["opentelemetry", "otel", "otlp", "collector", "rotel", "vector", "fluent", "alloy", "telegraf"];
    if headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-mode") {
        return false;
    }
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let agent = agent.to_ascii_lowercase();
    matches!(format, Format::Protobuf)
        || headers.contains_key(header::CONTENT_ENCODING)
        || AGENTS.iter().any(|name| agent.contains(name))
}

/// How the body is compressed.
enum Encoding {
    Identity,
    Gzip,
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, Error> {
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
    fn add(&mut self, place: Place, why: &str) {
        self.records = self.records.saturating_add(1);
        if self.records <= NAMED {
            let why: String = why.chars().take(REASON).collect();
            let separator = if self.records == 1 { "" } else { "; " };
            // Writing to a String does not fail.
            let _ = write!(self.message, "{separator}{place}: {why}");
        }
    }

    fn message(mut self) -> String {
        if let Some(more) = self.records.checked_sub(NAMED).filter(|more| *more > 0) {
            let _ = write!(self.message, "; and {more} more");
        }
        self.message
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

impl Error {
    /// The status, gRPC's code, which a `Status` carries, and the text.
    fn told(self) -> (StatusCode, i32, String) {
        match self {
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
        }
    }
}

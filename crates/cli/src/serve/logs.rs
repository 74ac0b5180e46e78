//! `POST /v1/logs`: OTLP/HTTP, as JSON or protobuf. Exposures and events are stored, other records accepted and ignored.
//!
//! Source: the OpenTelemetry protocol specification, OTLP/HTTP: 200 means stored; `partialSuccess` counts records that
//! can never be stored and are not to be sent again; 503 with `Retry-After` asks for the same request later; an error's
//! body is a `google.rpc.Status`.

use std::fmt::Write;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use tokio::sync::Semaphore;
use waft_ruleset::escape;

use super::body::{self, Budget, Unread};
use super::checks::{Checks, Odd};
use super::moment::Arrival;
use super::otlp::{self, Place, Record, Unreadable};
use super::record::Row;
use super::senders::Senders;
use super::writer::{Unwritten, Writer};
use crate::host::tell;

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
    writer: Writer,
    max_body: usize,
    read_timeout: Duration,
    budget: Budget,
    /// Bodies are read on threads of their own, as many at once as there are cores: no other client waits for a large one.
    readers: Arc<Semaphore>,
    checks: Arc<Checks>,
    /// How many breakdowns were not stored since the start.
    undeclared: Arc<AtomicUsize>,
    senders: Senders,
}

/// The rows of one request, each with its place, and what cannot be one.
#[derive(Default)]
struct Read {
    rows: Vec<Row>,
    places: Vec<Place>,
    refused: Refused,
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
    /// With the way to the database, the largest body and how long one may take.
    pub(crate) fn new(writer: Writer, max_body: usize, read_timeout: Duration) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let readers = Arc::new(Semaphore::new(cores));
        let (budget, checks, senders) = (Budget::new(max_body), Arc::default(), Senders::default());
        Self { writer, max_body, read_timeout, budget, readers, checks, senders, undeclared: Arc::default() }
    }

    /// With what exposures are held against, and whose rows are trusted.
    pub(crate) fn with(self, checks: Checks, senders: Senders) -> Self {
        Self { checks: Arc::new(checks), senders, ..self }
    }

    async fn store(&self, headers: &HeaderMap, format: Option<Format>, body: Body) -> Result<Refused, Error> {
        // The body first, whatever the headers say, so that the answer to a wrong one is not lost in a reset.
        let read = body::read(body, self.max_body, self.read_timeout, &self.budget).await;
        let (bytes, mut held) = read.map_err(|why| self.unread(why))?;
        let format =
            format.ok_or(Error::Unsupported("content-type: expected application/json or application/x-protobuf"))?;
        let encoding = encoding(headers)?;
        let trusted = self.senders.trusts(headers).map_err(|()| Error::Unknown)?;
        let Ok(turn) = self.readers.acquire().await else { return Err(Error::Unwritten(Unwritten::Failed)) };
        let arrival = Arrival { received: now(), forwarded: is_forwarded(headers, format) };
        let logs = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let bytes = match encoding {
                Encoding::Identity => bytes,
                Encoding::Gzip => body::gunzip(&bytes, logs.max_body, &mut held).map_err(|why| logs.unread(why))?,
            };
            let mut read = logs.read(format, &bytes, arrival)?;
            for row in &mut read.rows {
                let Odd { renamed, undeclared } = logs.checks.mark(row, trusted);
                read.refused.renamed += usize::from(renamed);
                read.refused.undeclared += undeclared;
            }
            logs.tell_undeclared(read.refused.undeclared);
            Ok((read, held))
        });
        let (Read { rows, places, mut refused }, held) =
            reading.await.unwrap_or(Err(Error::Unwritten(Unwritten::Failed)))?;
        drop(turn);
        if !rows.is_empty() {
            let written = tokio::time::timeout(COMMIT, self.writer.write(rows, held)).await;
            for (at, why) in written.unwrap_or(Err(Unwritten::Full)).map_err(Error::Unwritten)? {
                if let Some(place) = places.get(at) {
                    refused.add(*place, &why);
                }
            }
        }
        Ok(refused)
    }

    /// Tells whoever runs the server of what pages send and the rules do not declare: the first time, and whenever it is ten times as much.
    fn tell_undeclared(&self, more: usize) {
        let before = self.undeclared.fetch_add(more, Ordering::Relaxed);
        let all = before.saturating_add(more);
        if before.checked_ilog10() != all.checked_ilog10() {
            tell(&format!(
                "{all} waft.breakdown.* that the rules do not declare came since the start, and were not stored: pages have other rules than \
                 --ruleset or --snapshot, or they are invented"
            ));
        }
    }

    fn read(&self, format: Format, bytes: &[u8], arrival: Arrival) -> Result<Read, Error> {
        let unreadable = |why| match why {
            Unreadable::Malformed(why) => Error::Malformed(format!("no OTLP logs: {why}")),
            Unreadable::TooMany => Error::TooMany,
        };
        Ok(match format {
            Format::Json => {
                let records = otlp::json::records(bytes).map_err(unreadable)?;
                self.rows(
                    records.into_iter().map(|(at, text)| (at, text.as_bytes(), otlp::json::record(text))),
                    arrival,
                )
            }
            Format::Protobuf => {
                let records = otlp::protobuf::records(bytes).map_err(unreadable)?;
                self.rows(records.into_iter().map(|(at, bytes)| (at, bytes, otlp::protobuf::record(bytes))), arrival)
            }
        })
    }

    fn rows<'a>(
        &self,
        records: impl Iterator<Item = (Place, &'a [u8], Result<Record, String>)>,
        arrival: Arrival,
    ) -> Read {
        let mut read = Read::default();
        for (place, bytes, record) in records {
            match record.map(|record| Row::of(record, arrival)) {
                Ok(Ok(Some(row))) => {
                    read.rows.push(row);
                    read.places.push(place);
                }
                Ok(Ok(None)) => {}
                Ok(Err(why)) => read.refused.add(place, &why),
                Err(why) if otlp::is_ours(bytes) => read.refused.add(place, &why),
                Err(_) => {}
            }
        }
        read
    }

    fn unread(&self, why: Unread) -> Error {
        match why {
            Unread::TooLarge => Error::TooLarge(self.max_body),
            Unread::TooSlow => Error::TooSlow(self.read_timeout),
            Unread::Broken => Error::Malformed("the body ended early".to_owned()),
            Unread::NotGzip => Error::Malformed("the body is not gzip, as content-encoding says".to_owned()),
            Unread::Busy => Error::Unwritten(Unwritten::Full),
        }
    }
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
        let message = escape::text(&message);
        match self {
            Self::Json => otlp::json::accepted(records, &message),
            Self::Protobuf => otlp::protobuf::accepted(records, &message),
        }
    }

    fn status(self, code: i32, message: &str) -> Vec<u8> {
        let message = escape::text(message);
        match self {
            Self::Json => otlp::json::status(code, &message),
            Self::Protobuf => otlp::protobuf::status(code, &message),
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
    /// Exposures that were stored, by another id than they named.
    renamed: usize,
    /// What was not stored of exposures that were.
    undeclared: usize,
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
        let odd = [
            (self.renamed, "ids are not those of their exposures, which have theirs"),
            (self.undeclared, "waft.breakdown.* are not declared by the rules, and are not stored"),
        ];
        for (count, what) in odd.into_iter().filter(|(count, _)| *count > 0) {
            let separator = if self.message.is_empty() { "" } else { "; " };
            let _ = write!(self.message, "{separator}{count} {what}");
        }
        self.message
    }
}

/// Why nothing of a request was stored.
enum Error {
    Malformed(String),
    TooLarge(usize),
    TooMany,
    Unknown,
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
            Self::TooMany => {
                let message = format!("over {} records: send fewer at once", otlp::RECORDS);
                (StatusCode::PAYLOAD_TOO_LARGE, 8, message)
            }
            Self::Unknown => (StatusCode::UNAUTHORIZED, 16, "authorization: unknown token".to_owned()),
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

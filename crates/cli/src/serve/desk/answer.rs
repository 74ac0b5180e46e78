//! What is answered: JSON, with a status for how a command ended. Each refusal has a code for programs, and a sentence with its remedy.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};
use waft_commands::Exit;
use waft_ruleset::escape;

use crate::serve::body::Unread;

/// Why nothing was done.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    code: &'static str,
    error: String,
    notes: Vec<String>,
    /// What else is told, by name.
    more: Vec<(&'static str, Json)>,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, code: &'static str, error: &str) -> Self {
        Self { status, code, error: error.to_owned(), notes: Vec::new(), more: Vec::new() }
    }

    /// With what was said besides.
    pub(super) fn with(self, notes: Vec<String>) -> Self {
        Self { notes, ..self }
    }

    /// With something that whoever asked needs to go on.
    pub(crate) fn and(mut self, name: &'static str, told: Json) -> Self {
        self.more.push((name, told));
        self
    }

    /// How a command ended that did not do what was asked.
    pub(crate) fn ended(exit: Exit, error: &str) -> Self {
        let (status, code) = match exit {
            Exit::Done | Exit::Failed => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
            Exit::Usage => (StatusCode::BAD_REQUEST, "usage"),
            Exit::Waits => (StatusCode::CONFLICT, "waits"),
            Exit::Lost => (StatusCode::CONFLICT, "moved"),
            Exit::Store => (StatusCode::BAD_GATEWAY, "store"),
            Exit::Blocked => (StatusCode::CONFLICT, "blocked"),
        };
        Self::new(status, code, error)
    }

    pub(crate) fn failed(error: &str) -> Self {
        Self::ended(Exit::Failed, error)
    }

    pub(crate) fn usage(error: &str) -> Self {
        Self::ended(Exit::Usage, error)
    }

    pub(crate) fn waits(error: &str) -> Self {
        Self::ended(Exit::Waits, error)
    }

    pub(crate) fn moved(error: &str) -> Self {
        Self::ended(Exit::Lost, error)
    }

    pub(crate) fn store(error: &str) -> Self {
        Self::ended(Exit::Store, error)
    }

    /// A thread that did not end as it should.
    pub(crate) fn broken(error: &str) -> Self {
        crate::host::tell(&format!("a request about rules or releases was not answered: {error}"));
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", "not answered: the server's log says why")
    }

    pub(super) fn origin() -> Self {
        let remedy = "a page of another site asks: open the page on this server; a proxy in front must pass Host on";
        Self::new(StatusCode::FORBIDDEN, "origin", remedy)
    }

    pub(super) fn elsewhere() -> Self {
        let remedy = "rules and releases are for this machine alone: start waft serve with --release-token-file, and send Authorization: Bearer TOKEN";
        Self::new(StatusCode::FORBIDDEN, "elsewhere", remedy)
    }

    /// Whether one was sent.
    pub(super) fn token(is_sent: bool) -> Self {
        let what = if is_sent { "the token is not known" } else { "a token is needed" };
        let remedy = format!("{what}: send Authorization: Bearer TOKEN, with one of --release-token-file");
        Self::new(StatusCode::UNAUTHORIZED, "token", &remedy)
    }

    pub(super) fn media() -> Self {
        let remedy = "expected JSON: send Content-Type: application/json";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media", remedy)
    }

    pub(super) fn unread(why: &Unread, most: usize) -> Self {
        match why {
            Unread::TooLarge => {
                let remedy = format!("the body is over {most} bytes: ask for less at once");
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", &remedy)
            }
            Unread::TooSlow => {
                Self::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "the body did not come in time: send it again")
            }
            Unread::Broken | Unread::NotGzip => Self::usage("the body broke off: send it again"),
            Unread::Busy => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "others have all the memory: try again in a second")
            }
        }
    }
}

/// `notes` is what the commands said besides: warnings, and what they wrote. An `etag` is told as the header, too.
pub(super) fn response(done: Result<(Json, Vec<String>), Refused>) -> Response {
    let (status, told) = match done {
        Ok((mut told, notes)) => {
            told["notes"] = notes.into();
            (StatusCode::OK, told)
        }
        Err(Refused { status, code, error, notes, more }) => {
            let mut told = json!({ "code": code, "error": error, "notes": notes });
            more.into_iter().for_each(|(name, more)| told[name] = more);
            (status, told)
        }
    };
    let tag = told["etag"].as_str().and_then(|tag| HeaderValue::from_str(tag).ok());
    // Names in it are anybody's, and somebody may look at it in a terminal.
    let mut response = (status, escape::json(&told.to_string()).into_owned()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    tag.map(|tag| headers.insert(header::ETAG, tag));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

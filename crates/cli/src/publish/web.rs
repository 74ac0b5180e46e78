//! A URL below which files are written by HTTP PUT, with If-Match and If-None-Match (RFC 9110, section 13).

use ureq::http::{HeaderMap, Request, Uri, header};

use super::agent::{Agent, Answer, is_busy};
use super::store::{CONTENT_TYPE, Cache, Expected, Failure, Found, Store, Tag};

/// The environment's variable whose text is sent as the header Authorization.
pub(crate) const AUTHORIZATION: &str = "WAFT_PUBLISH_AUTHORIZATION";

/// A server that takes files.
pub(crate) struct Web {
    agent: Agent,
    base: String,
    authorization: Option<String>,
}

/// Checks a URL of a folder, and ends it with a slash.
pub(crate) fn folder_url(option: &str, text: &str) -> Result<String, String> {
    let is_folder = text.parse().is_ok_and(|uri: Uri| {
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        is_web && uri.host().is_some_and(|host| !host.is_empty()) && uri.query().is_none()
    });
    if !is_folder || text.contains(['#', '@']) {
        // Not repeated: there may be a password in it.
        return Err(format!("{option}: expected the URL of a folder, such as https://cdn.example/flags/"));
    }
    Ok(if text.ends_with('/') { text.to_owned() } else { format!("{text}/") })
}

impl Web {
    /// Whoever reads the line must not read the secret.
    pub(crate) fn at(base: String, authorization: Option<String>) -> Result<Self, String> {
        let uri: Uri = base.parse().map_err(|error| format!("--to {base}: {error}"))?;
        let host = uri.host().unwrap_or_default();
        let is_near = host == "localhost" || host.starts_with("127.") || host == "[::1]";
        if authorization.is_some() && uri.scheme_str() == Some("http") && !is_near {
            return Err(format!("--to {base}: {AUTHORIZATION} would be sent unencrypted: use https"));
        }
        Ok(Web { agent: Agent::following(0), base, authorization })
    }

    fn request(&self, method: &str, name: &str) -> ureq::http::request::Builder {
        let request = Request::builder().method(method).uri(format!("{}{name}", self.base));
        match &self.authorization {
            Some(authorization) => request.header(header::AUTHORIZATION, authorization),
            None => request,
        }
    }

    fn send(&self, request: ureq::http::request::Builder, body: &[u8]) -> Result<Answer, Failure> {
        let request = request.body(body).map_err(|error| Failure::Broken(format!("{}: {error}", self.base)))?;
        self.agent.send(request)
    }

    fn refused(&self, name: &str, status: u16) -> Failure {
        let what = |remedy: &str| format!("{}{name}: status {status}{remedy}", self.base);
        match status {
            412 => Failure::Conflict,
            status if is_busy(status) => Failure::Busy(what("")),
            300..=399 => Failure::Broken(what(", a redirect: give the URL that it leads to")),
            401 | 403 => Failure::Broken(what(&format!(": set {AUTHORIZATION} to what the server accepts"))),
            404 | 409 => Failure::Broken(what(": the folder may be missing on the server: create it")),
            405 | 501 => Failure::Broken(what(": the server takes no PUT there")),
            413 | 507 => Failure::Broken(what(": too large for the server, or it is full")),
            _ => Failure::Broken(what("")),
        }
    }
}

impl Store for Web {
    fn read(&self, name: &str) -> Result<Option<Found>, Failure> {
        let request = self.request("GET", name).header(header::CACHE_CONTROL, "no-cache");
        let answer = self.send(request, &[])?;
        match answer.status {
            200 => Ok(Some(Found { tag: tag(&answer.headers), bytes: answer.body })),
            404 | 410 => Ok(None),
            status => Err(self.refused(name, status)),
        }
    }

    fn put(&self, name: &str, bytes: &[u8], cache: Cache, expected: Expected<'_>) -> Result<(), Failure> {
        let request = self.request("PUT", name).header(header::CONTENT_TYPE, CONTENT_TYPE);
        let request = request.header(header::CACHE_CONTROL, cache.control());
        let request = match expected {
            Expected::Anything => request,
            Expected::Absent => request.header(header::IF_NONE_MATCH, "*"),
            Expected::Unchanged(Tag { e_tag: Some(tag), .. }) => request.header(header::IF_MATCH, tag),
            Expected::Unchanged(Tag { e_tag: None, .. }) => {
                return Err(Failure::Broken(format!("{}{name}: no strong ETag to compare with", self.base)));
            }
        };
        match self.send(request, bytes)?.status {
            200..=299 => Ok(()),
            status => Err(self.refused(name, status)),
        }
    }

    fn compares(&self) -> bool {
        false
    }
}

/// If-Match compares strongly, so a weak tag is none.
fn tag(headers: &HeaderMap) -> Tag {
    let e_tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).filter(|tag| !tag.starts_with("W/"));
    Tag { e_tag: e_tag.map(str::to_owned), version: None }
}

//! Requests over HTTP, and what their failures mean.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ureq::http::{HeaderMap, Request, Response, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Body, Timeout};

use super::store::{Failure, LARGEST};

/// How long a server may take to connect, and again to begin its response.
const WAIT: Duration = Duration::from_secs(20);

/// How long a whole request may take: 64 MB over a slow line.
const WHOLE: Duration = Duration::from_secs(600);

/// A client that trusts the certificates that the system trusts.
#[derive(Clone, Debug)]
pub(crate) struct Agent(ureq::Agent);

/// A response, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Whether a request with this status may be done in a moment.
pub(crate) const fn is_busy(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502..=504)
}

impl Agent {
    /// Follows at most `redirects`; none where something is written.
    pub(crate) fn following(redirects: u32) -> Self {
        let found = rustls_native_certs::load_native_certs();
        let certificates = found.certs.iter().map(|one| Certificate::from_der(one.as_ref()).to_owned());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(certificates.collect())))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(redirects)
            .max_redirects_will_error(false)
            .timeout_connect(Some(WAIT))
            .timeout_recv_response(Some(WAIT))
            .timeout_global(Some(WHOLE))
            .user_agent(concat!("waft/", env!("CARGO_PKG_VERSION")))
            .build();
        Agent(config.new_agent())
    }

    /// Sends a request, and reads the response.
    pub(crate) fn send(&self, request: Request<&[u8]>) -> Result<Answer, Failure> {
        let url = request.uri().to_string();
        self.0.run(request).and_then(read).map_err(|error| failure(&url, error))
    }

    /// Sends a request within some time, and returns the response's status and how long it asks to wait. What failed is told without the
    /// URL, which may be a secret.
    pub(crate) fn status_within(
        &self,
        request: Request<&[u8]>,
        time: Duration,
    ) -> Result<(u16, Option<Duration>), String> {
        let request = self.0.configure_request(request).timeout_global(Some(time)).build();
        let response = self.0.run(request).map_err(|error| match error {
            ureq::Error::Timeout(_) => "no response in time".to_owned(),
            ureq::Error::HostNotFound => "its host was not found".to_owned(),
            ureq::Error::Io(error) => error.to_string(),
            ureq::Error::BadUri(_) => "not a URL".to_owned(),
            error => error.to_string(),
        })?;
        let after = response.headers().get(header::RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
        Ok((response.status().as_u16(), after.map(Duration::from_secs)))
    }
}

/// What a URL gives, to whoever asks without credentials.
pub(crate) fn fetch(url: &str) -> io::Result<Vec<u8>> {
    let request =
        Request::get(url).header(header::CACHE_CONTROL, "no-cache").body(&[][..]).map_err(io::Error::other)?;
    match Agent::following(5).send(request) {
        Ok(Answer { status: 200, body, .. }) => Ok(body),
        Ok(Answer { status, .. }) => {
            let kind = if matches!(status, 404 | 410) { io::ErrorKind::NotFound } else { io::ErrorKind::Other };
            Err(io::Error::new(kind, format!("status {status}: expected a published file")))
        }
        Err(Failure::Busy(what) | Failure::Broken(what)) => {
            // Whoever asks names the URL.
            Err(io::Error::other(what.strip_prefix(&format!("{url}: ")).unwrap_or(&what).to_owned()))
        }
        Err(Failure::Conflict) => Err(io::Error::other("changed while it was read: try again")),
    }
}

fn read(response: Response<Body>) -> Result<Answer, ureq::Error> {
    let (parts, mut body) = response.into_parts();
    let body = body.with_config().limit(LARGEST as u64).read_to_vec()?;
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
}

fn failure(url: &str, error: ureq::Error) -> Failure {
    match error {
        ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => Failure::Busy(format!("{url}: cannot connect")),
        ureq::Error::Timeout(_) => Failure::Busy(format!("{url}: no response in time")),
        ureq::Error::Io(_) | ureq::Error::HostNotFound | ureq::Error::ConnectionFailed | ureq::Error::Protocol(_) => {
            Failure::Busy(format!("{url}: {error}"))
        }
        ureq::Error::BodyExceedsLimit(_) => Failure::Broken(format!("{url}: over {LARGEST} bytes: no published file")),
        error => Failure::Broken(format!("{url}: {error}")),
    }
}

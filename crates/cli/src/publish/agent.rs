//! Requests over HTTP, and what their failures mean.

use std::io::{self, Read as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::http::{HeaderMap, Request, Response, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Body, Timeout};

use super::store::{Failure, LARGEST};

/// How long a server may take to connect, again to begin its response, and each time until more of it comes.
const WAIT: Duration = Duration::from_secs(20);

/// How long a whole request may take: 64 MB over a slow line.
const WHOLE: Duration = Duration::from_secs(600);

/// How much of a response is read at once, in bytes.
const PIECE: usize = 1 << 16;

/// A client that trusts the certificates that the system trusts.
#[derive(Clone, Debug)]
pub(crate) struct Agent {
    agent: ureq::Agent,
    wait: Duration,
}

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
        Self::waiting(redirects, WAIT)
    }

    fn waiting(redirects: u32, wait: Duration) -> Self {
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
            .timeout_connect(Some(wait))
            .timeout_recv_response(Some(wait))
            .timeout_per_read(Some(wait))
            .timeout_per_write(Some(wait))
            .timeout_global(Some(WHOLE))
            .user_agent(concat!("waft/", env!("CARGO_PKG_VERSION")))
            .build();
        Agent { agent: config.new_agent(), wait }
    }

    /// Sends a request, and reads the response.
    pub(crate) fn send(&self, request: Request<&[u8]>) -> Result<Answer, Failure> {
        let url = request.uri().to_string();
        let upload = time(self.wait, request.body().len());
        let request = self.agent.configure_request(request).timeout_send_body(Some(upload)).build();
        let answer = self.agent.run(request).and_then(|response| read(response, self.wait));
        answer.map_err(|error| failure(&url, error))
    }

    /// Sends a request within some time, and returns the response's status and how long it asks to wait. What failed is told without the
    /// URL, which may be a secret.
    pub(crate) fn status_within(
        &self,
        request: Request<&[u8]>,
        time: Duration,
    ) -> Result<(u16, Option<Duration>), String> {
        let request = self.agent.configure_request(request).timeout_global(Some(time)).build();
        let response = self.agent.run(request).map_err(|error| match error {
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

/// How long so many bytes may take: a server that sends or takes one now and then is as much in the way as one that is silent.
fn time(wait: Duration, bytes: usize) -> Duration {
    wait + WHOLE.mul_f64(bytes as f64 / LARGEST as f64)
}

fn read(response: Response<Body>, wait: Duration) -> Result<Answer, ureq::Error> {
    let begun = Instant::now();
    let (parts, mut body) = response.into_parts();
    let mut reader = body.with_config().limit(LARGEST as u64).reader();
    let (mut body, mut piece) = (Vec::new(), vec![0; PIECE]);
    loop {
        match reader.read(&mut piece)? {
            0 => return Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body }),
            length => body.extend_from_slice(piece.get(..length).unwrap_or_default()),
        }
        if begun.elapsed() > time(wait, body.len()) {
            return Err(ureq::Error::Timeout(Timeout::RecvBody));
        }
    }
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::thread;
    use std::time::{Duration, Instant};

    use ureq::http::Request;

    use super::{Agent, Answer, Failure};

    const WAIT: Duration = Duration::from_millis(400);
    /// Far more than such a request may take, and far less than what it would take if nobody gave up.
    const LONG: Duration = Duration::from_secs(20);

    /// The URL of a server that gives each connection to a function, once the head of a request was read.
    fn server(serve: fn(TcpStream)) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/snapshot.waft", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || serve(asked(stream)));
            }
        });
        url
    }

    fn asked(mut stream: TcpStream) -> TcpStream {
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|length| length > 0) {
            head.extend(byte);
        }
        stream
    }

    /// So many pieces of a body of a megabyte, until the client goes away.
    fn pieces(mut stream: TcpStream, size: usize, count: usize, pause: Duration) {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        for _ in 0..count {
            if stream.write_all(&vec![0; size]).is_err() {
                return;
            }
            thread::sleep(pause);
        }
        thread::sleep(2 * LONG);
    }

    fn given_up(request: Request<&[u8]>) {
        let begun = Instant::now();
        let answer = Agent::waiting(0, WAIT).send(request);
        let told = answer.map(|Answer { status, .. }| status).unwrap_err();
        assert!(matches!(&told, Failure::Busy(what) if what.ends_with(": no response in time")), "{told:?}");
        assert!(begun.elapsed() < LONG, "{:?}", begun.elapsed());
    }

    fn got(url: &str) -> Request<&'static [u8]> {
        Request::get(url).body(&[][..]).unwrap()
    }

    #[test]
    fn a_server_that_trickles_is_given_up() {
        given_up(got(&server(|stream| pieces(stream, 1, 1_000, Duration::from_millis(50)))));
    }

    #[test]
    fn a_server_that_stalls_is_given_up() {
        given_up(got(&server(|stream| pieces(stream, 1_000, 1, Duration::ZERO))));
    }

    #[test]
    fn a_server_that_takes_nothing_is_given_up() {
        let url = server(|_stream| thread::sleep(2 * LONG));
        given_up(Request::put(url).body(&vec![0; 1 << 25][..]).unwrap());
    }

    #[test]
    fn a_server_that_is_slow_and_gets_on_is_waited_for() {
        // Long enough for a machine that is busy with other tests.
        let (begun, wait) = (Instant::now(), Duration::from_secs(3));
        let url = server(|stream| pieces(stream, 100_000, 10, Duration::from_millis(350)));
        let Answer { body, .. } = Agent::waiting(0, wait).send(got(&url)).unwrap();
        assert_eq!(body.len(), 1_000_000);
        assert!(begun.elapsed() > wait, "{:?}", begun.elapsed());
    }
}

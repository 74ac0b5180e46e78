//! Connections: accepted as far as there are places for them (places.rs), cut off when they dawdle, and ended in order.
//!
//! Ours and not `axum::serve`, which gives no deadline for a request's head, no bound on connections and no bound on
//! the time of a graceful stop. HTTP/1.1 only: browsers speak HTTP/2 over TLS alone, which a proxy in front ends.

use std::future::Future;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::{Extension, Router};
use hyper::body::{Frame, SizeHint};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;

use super::peers::Trusted;
use super::places::{Answering, Place, Places};

/// How large the head of a request may be, in bytes.
const HEAD: usize = 64 << 10;
/// How long a client that is not trusted may take for a head, and keep a connection for nothing: of a page it comes at once.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How many connections are being refused at once, and how long one may take; further ones are closed without a word.
const REFUSALS: usize = 64;
const REFUSAL: Duration = Duration::from_millis(500);
/// The answer to a connection too many. Read to its end, where a page hears that it is to try again.
const TOO_MANY: &[u8] = b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 5\r\nconnection: close\r\n\
    content-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\n\
    content-security-policy: default-src 'none'; frame-ancestors 'none'\r\ncontent-length: 42\r\n\r\n\
    too many connections of your address: wait";
/// How long a client may take no byte of its answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests in flight have to end after the stop.
const GRACE: Duration = Duration::from_secs(5);
/// How long to wait when the system has no more connections to give.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// The address that a connection came from: an extension of its requests.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Serves until `stop` ends, then lets the requests in flight end, for at most 5 s.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    trusted: Trusted,
    read_timeout: Duration,
    stop: impl Future<Output = ()>,
) {
    let connections = GracefulShutdown::new();
    let (places, refusals) = (Places::default(), Arc::new(Semaphore::new(REFUSALS)));
    let mut stop = pin!(stop);
    loop {
        let accepted = async {
            let (stream, address) = listener.accept().await?;
            let peer = Peer(address.ip().to_canonical());
            Ok::<_, std::io::Error>((stream, peer, places.take(peer.0, trusted.has(peer.0)).await))
        };
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accepted => accepted,
        };
        let Ok((stream, peer, place)) = accepted else {
            tokio::time::sleep(ACCEPT_AGAIN).await;
            continue;
        };
        let Some(place) = place.map(Arc::new) else {
            if let Ok(turn) = Arc::clone(&refusals).try_acquire_owned() {
                tokio::spawn(async move {
                    let _ = tokio::time::timeout(REFUSAL, refuse(stream)).await;
                    drop(turn);
                });
            }
            continue;
        };
        let is_trusted = trusted.has(peer.0);
        let head_timeout = if is_trusted { read_timeout } else { HEAD_TIMEOUT.min(read_timeout) };
        // Answers are small and written at once: waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        let answering = from_fn_with_state(Arc::clone(&place), answering);
        let app = app.clone().layer(answering).layer(Extension(peer)).layer(Extension(Arc::clone(&place)));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head_timeout)
            .max_buf_size(HEAD)
            .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(app));
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            tokio::select! {
                // It fails when the client goes away or dawdles, which concerns nobody else.
                _ = connection => {}
                () = place.given_up() => {}
            }
        });
    }
    drop(listener);
    // What is not answered by then was not acknowledged, so the client sends it again.
    let _ = tokio::time::timeout(GRACE, connections.shutdown()).await;
}

/// Marks the connection's place while a request is being answered, up to the last byte of its response.
async fn answering(State(place): State<Arc<Place>>, request: Request, next: Next) -> Response {
    let answering = place.answering();
    let response = next.run(request).await;
    response.map(|body| Body::new(Sent { body, _answering: answering }))
}

/// A response's body, and that it is being sent.
struct Sent {
    body: Body,
    _answering: Answering,
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Says so to a connection too many, and reads what it has sent: closed with that unread, it would hear nothing.
async fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(TOO_MANY).await?;
    stream.shutdown().await?;
    let mut unread = [0; 4_096];
    while stream.read(&mut unread).await? > 0 {}
    Ok(())
}

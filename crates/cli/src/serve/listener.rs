//! Connections: accepted up to a bound, cut off when they dawdle, and ended in order.
//!
//! Ours and not `axum::serve`, which gives no deadline for a request's head, no bound on connections and no bound on
//! the time of a graceful stop. One address has a part of the connections (peers.rs). HTTP/1.1 only: browsers speak HTTP/2 over TLS alone, which a proxy in front ends.

use std::future::Future;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;

use super::peers::{Slots, Trusted};

/// How many connections are open at once; further ones wait in the system's queue.
const CONNECTIONS: usize = 512;
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
    let (slots, refusals) = (Arc::new(Semaphore::new(CONNECTIONS)), Arc::new(Semaphore::new(REFUSALS)));
    let of_address = Slots::default();
    let mut stop = pin!(stop);
    loop {
        let accepted = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, listener.accept().await)
        };
        let (slot, accepted) = tokio::select! {
            () = &mut stop => break,
            accepted = accepted => accepted,
        };
        let Ok((stream, address)) = accepted else {
            tokio::time::sleep(ACCEPT_AGAIN).await;
            continue;
        };
        let peer = Peer(address.ip().to_canonical());
        let is_trusted = trusted.has(peer.0);
        let own = if is_trusted { None } else { of_address.take(peer.0) };
        if own.is_none() && !is_trusted {
            if let Ok(turn) = Arc::clone(&refusals).try_acquire_owned() {
                tokio::spawn(async move {
                    let _ = tokio::time::timeout(REFUSAL, refuse(stream)).await;
                    drop(turn);
                });
            }
            continue;
        }
        let head_timeout = if is_trusted { read_timeout } else { HEAD_TIMEOUT.min(read_timeout) };
        // Answers are small and written at once: waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head_timeout)
            .max_buf_size(HEAD)
            .serve_connection(
                TokioIo::new(Box::pin(stream)),
                TowerToHyperService::new(app.clone().layer(Extension(peer))),
            );
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            // It fails when the client goes away or dawdles, which concerns nobody else.
            let _ = connection.await;
            drop((slot, own));
        });
    }
    drop(listener);
    // What is not answered by then was not acknowledged, so the client sends it again.
    let _ = tokio::time::timeout(GRACE, connections.shutdown()).await;
}

/// Says so to a connection too many, and reads what it has sent: closed with that unread, it would hear nothing.
async fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(TOO_MANY).await?;
    stream.shutdown().await?;
    let mut unread = [0; 4_096];
    while stream.read(&mut unread).await? > 0 {}
    Ok(())
}

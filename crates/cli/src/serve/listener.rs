//! Connections: accepted up to a bound, cut off when they dawdle, and ended in order.
//!
//! Ours and not `axum::serve`, which gives no deadline for a request's head, no bound on connections and no bound on
//! the time of a graceful stop. HTTP/1.1 only: browsers speak HTTP/2 over TLS alone, which a proxy in front ends.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;

/// How many connections are open at once; further ones wait in the system's queue.
const CONNECTIONS: usize = 512;
/// How large the head of a request may be, in bytes.
const HEAD: usize = 64 << 10;
/// How long a client may take no byte of its answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests in flight have to end after the stop.
const GRACE: Duration = Duration::from_secs(5);
/// How long to wait when the system has no more connections to give.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Serves until `stop` ends, then lets the requests in flight end, for at most 5 s.
pub(crate) async fn serve(listener: TcpListener, app: Router, head_timeout: Duration, stop: impl Future<Output = ()>) {
    let connections = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
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
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_AGAIN).await;
            continue;
        };
        // Answers are small and written at once: waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head_timeout)
            .max_buf_size(HEAD)
            .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(app.clone()));
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            // It fails when the client goes away or dawdles, which concerns nobody else.
            let _ = connection.await;
            drop(slot);
        });
    }
    drop(listener);
    // What is not answered by then was not acknowledged, so the client sends it again.
    let _ = tokio::time::timeout(GRACE, connections.shutdown()).await;
}

//! Connections: at most so many at once, and none that keeps its place without asking for anything. `axum::serve` has no
//! limit for either.

use std::{
    io::{self, IoSlice},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Pause after the system could give no connection, for lack of file descriptors mostly.
const EXHAUSTED: Duration = Duration::from_secs(1);

/// What connections are allowed.
#[derive(Debug, Clone, Copy)]
pub struct Connections {
    /// Open ones, WebSockets and streams of events included; whoever comes later waits for one of them to end.
    pub at_once: usize,
    /// How long a request's head may take to arrive, and how long a connection may be kept open without one.
    pub head_within: Duration,
}

impl Default for Connections {
    /// A little more than the 60 s for which reverse proxies keep idle connections: who closes last never meets a closed one.
    fn default() -> Self {
        Self {
            at_once: 4_096,
            head_within: Duration::from_secs(75),
        }
    }
}

/// Serves `router` on `listener` until `shutdown`; then no connection is taken any more, and those that are open end with the
/// request that they are at. WebSockets end by themselves.
pub async fn serve(listener: TcpListener, router: Router, limits: Connections, shutdown: CancellationToken) {
    let places = Arc::new(Semaphore::new(limits.at_once.max(1)));
    let open = TaskTracker::new();
    while let Some(socket) = next(&listener, &places, &shutdown).await {
        let service = TowerToHyperService::new(router.clone());
        let shutdown = shutdown.clone();
        open.spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(limits.head_within)
                .serve_connection(TokioIo::new(socket), service)
                .with_upgrades();
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = shutdown.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                // The other side's doing: it went away, said nothing, or doesn't speak HTTP.
                tracing::debug!(%error, "a connection broke off");
            }
        });
    }
    drop(listener);
    open.close();
    open.wait().await;
}

/// The next connection, once there is a place for it; `None` when the server ends.
async fn next(listener: &TcpListener, places: &Arc<Semaphore>, shutdown: &CancellationToken) -> Option<Socket> {
    let accepted = async {
        let place = places.clone().acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    // Answers are written at once and whole; waiting for more to send would only delay them.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "a connection can't be told to send at once");
                    }
                    return Some(Socket { stream, _place: place });
                }
                Err(error) if of_the_connection(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "no connection can be taken for now");
                    sleep(EXHAUSTED).await;
                }
            }
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => None,
        socket = accepted => socket,
    }
}

/// Errors of one that was about to come, not of the listener.
fn of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// A connection that has a place as long as it is open, whatever protocol it goes over to.
struct Socket {
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

//! Connections: places for those who have shown a token and others for those who have not, and none that is kept
//! without asking for anything or taking the answer. `axum::serve` has no limit for any of it.

mod connection;
mod open_files;
mod slots;
mod stream;

use std::{io, net::IpAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{Instant, sleep},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

pub(in crate::http) use self::{
    connection::Connection,
    slots::{ConnectionSlot, ConnectionSlots, whose},
};
use stream::ClientStream;

/// Pause after the system could give no connection, for lack of file descriptors mostly.
const EXHAUSTED: Duration = Duration::from_millis(20);
/// The log says so once in this time.
const TELL_AGAIN: Duration = Duration::from_secs(10);

/// Bytes of a request's head, and of what is read at once of its body. Documents in an address are as long as that.
const HEAD_BYTES: usize = 64 * 1024;

/// What connections are allowed.
#[derive(Debug, Clone, Copy)]
pub struct Connections {
    /// Open ones on which a good token was shown, WebSockets and streams of events included.
    pub known: usize,
    /// Open ones on which none was shown yet. Whoever comes later takes the place of the one that asked for nothing for
    /// longest.
    pub anonymous: usize,
    /// Those of one address on which no token was shown.
    pub anonymous_an_address: usize,
    /// How long the first request's head may take to arrive.
    pub first_head_within: Duration,
    /// How long a later one may, and how long a connection may be kept open without one.
    pub head_within: Duration,
    /// How long an answer, or a part of it, may wait to be taken.
    pub write_within: Duration,
}

impl Default for Connections {
    /// `head_within` is a little more than the 60 s for which reverse proxies keep idle connections: who closes last
    /// never meets a closed one.
    fn default() -> Self {
        Self {
            known: 3_072,
            anonymous: 1_024,
            anonymous_an_address: 512,
            first_head_within: Duration::from_secs(10),
            head_within: Duration::from_secs(75),
            write_within: Duration::from_secs(20),
        }
    }
}

/// Where a request came from, in its extensions.
#[derive(Clone)]
pub(in crate::http) struct Peer {
    pub(in crate::http) address: IpAddr,
    pub(in crate::http) connection: Arc<Connection>,
}

/// Serves `router` on `listener` until `shutdown`; then no connection is taken any more, and those that are open end
/// with the request that they are at. WebSockets end by themselves.
pub async fn serve(listener: TcpListener, router: Router, limits: Connections, shutdown: CancellationToken) {
    let slots = ConnectionSlots::new(limits.anonymous, limits.anonymous_an_address);
    let known = Arc::new(Semaphore::new(limits.known));
    let open = TaskTracker::new();

    while let Some((stream, address)) = next(&listener, &slots, &shutdown).await {
        let leave = CancellationToken::new();
        let slot = slots.occupy(address, leave.clone());
        let peer = Peer {
            address,
            connection: Arc::new(Connection::new(slot, known.clone(), leave)),
        };
        open.spawn(answer(stream, peer, router.clone(), limits, shutdown.clone()));
    }

    drop(listener);
    open.close();
    open.wait().await;
}

/// Answers what is asked on one connection.
async fn answer(stream: TcpStream, peer: Peer, router: Router, limits: Connections, shutdown: CancellationToken) {
    let connection = peer.connection.clone();
    let socket = ClientStream::new(stream, connection.clone(), limits.write_within);
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        peer.connection.asks();
        request.extensions_mut().insert(peer.clone());
        router.clone().oneshot(request)
    });

    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_within)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    let mut http = pin!(http);

    let silent = async {
        sleep(limits.first_head_within).await;
        if connection.has_asked() {
            std::future::pending::<()>().await;
        }
    };

    let leave = connection.leave();
    let ended = tokio::select! {
        ended = http.as_mut() => ended,
        () = silent => return,
        () = leave.cancelled() => return,
        () = shutdown.cancelled() => {
            // Half a head is nothing that anybody waits for an answer to.
            if !connection.has_asked() {
                return;
            }
            http.as_mut().graceful_shutdown();
            tokio::select! {
                ended = http => ended,
                () = leave.cancelled() => return,
            }
        }
    };

    if let Err(error) = ended {
        // The other side's doing: it went away, said nothing, or doesn't speak HTTP.
        tracing::debug!(%error, "a connection broke off");
    }
}

/// The next connection; `None` when the server ends.
async fn next(
    listener: &TcpListener,
    slots: &ConnectionSlots,
    shutdown: &CancellationToken,
) -> Option<(TcpStream, IpAddr)> {
    let mut told: Option<Instant> = None;

    let accepted = async {
        loop {
            match listener.accept().await {
                Ok((stream, from)) => {
                    // Answers are written at once and whole; waiting for more to send would only delay them.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "a connection can't be told to send at once");
                    }
                    return (stream, from.ip());
                }
                Err(error) if of_the_connection(&error) => {}
                Err(error) => {
                    if told.is_none_or(|at| at.elapsed() > TELL_AGAIN) {
                        tracing::error!(%error, "no connection can be taken for now: raise the limit of open files");
                        told = Some(Instant::now());
                    }
                    // Whoever came first without asking for anything has what others need.
                    slots.free_oldest();
                    sleep(EXHAUSTED).await;
                }
            }
        }
    };

    tokio::select! {
        () = shutdown.cancelled() => None,
        accepted = accepted => Some(accepted),
    }
}

/// Errors of one that was about to come, not of the listener.
fn of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

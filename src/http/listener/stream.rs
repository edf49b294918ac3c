//! A connection's bytes: nobody may take an answer more slowly than a bad line would, and who has to leave leaves.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep, timeout},
};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::connection::Connection;

/// Bytes a second below which somebody who is written to isn't reading: a tenth of a bad mobile line.
const SLOWEST: u32 = 16 * 1_024;

/// What is read on, and for how long, after the last word to a WebSocket: closing over unread input takes that word
/// back.
const LINGER: (u64, Duration) = (1024 * 1024, Duration::from_secs(1));

/// A connection with its slot, whatever protocol it goes over to.
pub(super) struct ClientStream {
    /// `None` once it is being dropped.
    stream: Option<TcpStream>,
    connection: Arc<Connection>,
    leave: Pin<Box<WaitForCancellationFutureOwned>>,
    stall: Stall,
}

impl ClientStream {
    pub(super) fn new(stream: TcpStream, connection: Arc<Connection>, write_within: Duration) -> Self {
        Self {
            stream: Some(stream),
            leave: Box::pin(connection.leave().cancelled_owned()),
            connection,
            stall: Stall::new(write_within),
        }
    }

    /// The stream, unless the place was given to somebody else.
    fn open(&mut self, cx: &mut Context<'_>) -> io::Result<Pin<&mut TcpStream>> {
        if self.leave.as_mut().poll(cx).is_ready() {
            return Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "others needed the place",
            ));
        }

        self.stream
            .as_mut()
            .map(Pin::new)
            .ok_or(io::ErrorKind::NotConnected.into())
    }

    fn wrote(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                self.stall.took(bytes);
                written
            }
            Poll::Ready(Err(_)) => written,
            Poll::Pending => self.stall.waits(cx).map(|()| {
                Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "the other side doesn't take what it is sent",
                ))
            }),
        }
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.open(cx)?.poll_read(cx, buffer)
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.open(cx)?.poll_write(cx, bytes);
        self.wrote(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.open(cx)?.poll_write_vectored(cx, slices);
        self.wrote(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(TcpStream::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.open(cx)?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.open(cx)?.poll_shutdown(cx)
    }
}

impl Drop for ClientStream {
    fn drop(&mut self) {
        let lingers = self.connection.is_socket() && !self.connection.leave().is_cancelled();
        if let Some(stream) = self.stream.take()
            && lingers
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let connection = self.connection.clone();
            runtime.spawn(async move {
                let _ = timeout(LINGER.1, linger(stream)).await;
                drop(connection);
            });
        }
    }
}

async fn linger(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let (mut rest, mut nowhere) = (stream.take(LINGER.0), tokio::io::sink());
    tokio::io::copy(&mut rest, &mut nowhere).await.map(drop)
}

/// How long the other side may let us wait. Waiting uses it up, and what is taken gives it back.
struct Stall {
    most: Duration,
    left: Duration,
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stall {
    fn new(most: Duration) -> Self {
        Self {
            most,
            left: most,
            since: None,
            timer: None,
        }
    }

    fn took(&mut self, bytes: usize) {
        if let Some(since) = self.since.take() {
            self.left = self.left.saturating_sub(since.elapsed());
            self.timer = None;
        }
        let earned = u32::try_from(bytes).map_or(self.most, |bytes| Duration::from_secs(1) * bytes / SLOWEST);
        self.left = self.left.saturating_add(earned).min(self.most);
    }

    /// Ready when they have let us wait for too long.
    fn waits(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.since.get_or_insert_with(Instant::now);
        let left = self.left;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(left)));
        timer.as_mut().poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::advance;

    use super::*;

    /// How long a reader lasts who takes `bytes` every `pause`.
    async fn lasts(bytes: usize, pause: Duration) -> Duration {
        let mut stall = Stall::new(Duration::from_secs(20));
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(600) {
            let cut_off = timeout(pause, poll_fn(|cx| stall.waits(cx))).await.is_ok();
            if cut_off {
                break;
            }
            stall.took(bytes);
        }
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_or_next_to_nothing_is_cut_off_and_a_bad_line_is_not() {
        let second = Duration::from_secs(1);
        assert_eq!(lasts(0, second).await.as_secs(), 20);
        assert!(lasts(1, 10 * second).await < 30 * second);
        assert!(lasts(1_000, second).await < 30 * second);
        assert!(lasts(20_000, second).await >= 600 * second);
        assert!(lasts(400_000, 15 * second).await >= 600 * second);
    }

    #[tokio::test(start_paused = true)]
    async fn time_without_anything_to_write_costs_nothing() {
        let mut stall = Stall::new(Duration::from_secs(20));
        stall.took(1);
        advance(Duration::from_secs(3_600)).await;
        let waits = timeout(Duration::from_secs(19), poll_fn(|cx| stall.waits(cx))).await;
        assert!(waits.is_err());
    }
}

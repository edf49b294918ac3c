//! What waits to be sent: a bounded queue and the task that empties it.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::{SinkExt, stream::SplitSink};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

use super::protocol::Close;

/// How long the last messages and the close frame may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// The client doesn't take what it is sent, or is gone.
#[derive(Debug)]
pub(super) struct Stalled;

/// Cheap to clone: each running operation has one.
#[derive(Clone)]
pub(super) struct Outbox {
    queue: mpsc::Sender<Message>,
    patience: Duration,
}

impl Outbox {
    /// Sends as soon as there is a place.
    pub(super) async fn send(&self, message: impl Into<Message>) -> Result<(), Stalled> {
        self.place().await?.send(message.into());
        Ok(())
    }

    /// Waits for a place in the queue, at most as long as the patience lasts.
    pub(super) async fn place(&self) -> Result<mpsc::Permit<'_, Message>, Stalled> {
        match timeout(self.patience, self.queue.reserve()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(Stalled),
        }
    }
}

/// The task that writes.
pub(super) struct Writer {
    task: JoinHandle<()>,
    close: oneshot::Sender<Option<Close>>,
}

impl Writer {
    /// Sends what waits, as far as the client takes it, then the close frame.
    pub(super) async fn finish(self, close: Option<Close>) {
        let _ = self.close.send(close);
        let _ = self.task.await;
    }
}

pub(super) fn open(sink: SplitSink<WebSocket, Message>, queue: usize, patience: Duration) -> (Outbox, Writer) {
    let (sender, receiver) = mpsc::channel(queue);
    let (close, closing) = oneshot::channel();
    let outbox = Outbox {
        queue: sender,
        patience,
    };
    let task = tokio::spawn(write(sink, receiver, closing));
    (outbox, Writer { task, close })
}

async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut queue: mpsc::Receiver<Message>,
    mut closing: oneshot::Receiver<Option<Close>>,
) {
    let close = loop {
        let message = tokio::select! {
            biased;
            close = &mut closing => break close,
            message = queue.recv() => message,
        };
        let Some(message) = message else {
            break closing.await;
        };
        // A client that takes nothing must still be closed.
        tokio::select! {
            biased;
            close = &mut closing => break close,
            sent = sink.send(message) => if sent.is_err() {
                return;
            },
        }
    };
    let farewell = async {
        while let Ok(message) = queue.try_recv() {
            sink.send(message).await?;
        }
        if let Ok(Some(close)) = close {
            sink.send(close.frame()).await?;
        }
        sink.flush().await
    };
    let _ = timeout(FAREWELL, farewell).await;
}

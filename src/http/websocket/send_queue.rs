//! What waits to be sent: a queue that is bounded in messages and bytes, and the task that empties it.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::ws::{Message, WebSocket},
};
use futures_util::{SinkExt, stream::SplitSink};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

use super::protocol::Close;
use crate::{graphql::admission::MemoryPermit, http::config::WebSocketConfig};

/// How long the last messages and the close frame may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// The client doesn't take what it is sent, or is gone.
#[derive(Debug)]
pub(super) struct Stalled;

/// A message, with its part of the queue's bytes and of the server's memory until it is written.
struct QueuedMessage {
    message: Message,
    _bytes: OwnedSemaphorePermit,
    _held: MemoryPermit,
}

/// Cheap to clone: each running operation has one.
#[derive(Clone)]
pub(super) struct SendQueue {
    queue: mpsc::Sender<QueuedMessage>,
    bytes: Arc<Semaphore>,
    most: usize,
    patience: Duration,
}

/// A permit to queue for a message of the length that was asked for.
pub(super) struct SendPermit<'q> {
    queue: mpsc::Permit<'q, QueuedMessage>,
    bytes: OwnedSemaphorePermit,
}

impl SendPermit<'_> {
    /// `held`: the message's part of the server's memory.
    pub(super) fn send(self, text: String, held: MemoryPermit) {
        self.queue.send(QueuedMessage {
            message: Message::Text(text.into()),
            _bytes: self.bytes,
            _held: held,
        });
    }
}

impl SendQueue {
    /// Sends as soon as there is room.
    pub(super) async fn send(&self, text: String) -> Result<(), Stalled> {
        self.permit(text.len()).await?.send(text, MemoryPermit::default());
        Ok(())
    }

    pub(super) async fn ping(&self) -> Result<(), Stalled> {
        let permit = self.permit(0).await?;
        permit.queue.send(QueuedMessage {
            message: Message::Ping(Bytes::new()),
            _bytes: permit.bytes,
            _held: MemoryPermit::default(),
        });
        Ok(())
    }

    /// Waits for room for so many bytes, at most as long as the patience lasts.
    pub(super) async fn permit(&self, bytes: usize) -> Result<SendPermit<'_>, Stalled> {
        let waiting = async {
            let bytes = u32::try_from(bytes.min(self.most)).unwrap_or(u32::MAX);
            let bytes = self
                .bytes
                .clone()
                .acquire_many_owned(bytes)
                .await
                .map_err(|_| Stalled)?;
            let queue = self.queue.reserve().await.map_err(|_| Stalled)?;
            Ok(SendPermit { queue, bytes })
        };

        timeout(self.patience, waiting).await.unwrap_or(Err(Stalled))
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

pub(super) fn open(sink: SplitSink<WebSocket, Message>, config: &WebSocketConfig) -> (SendQueue, Writer) {
    let (sender, receiver) = mpsc::channel(config.queue);
    let (close, closing) = oneshot::channel();
    let queue = SendQueue {
        queue: sender,
        bytes: Arc::new(Semaphore::new(config.queue_bytes)),
        most: config.queue_bytes,
        patience: config.patience,
    };

    let task = tokio::spawn(write(sink, receiver, closing));
    (queue, Writer { task, close })
}

async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut queue: mpsc::Receiver<QueuedMessage>,
    mut closing: oneshot::Receiver<Option<Close>>,
) {
    let close = loop {
        // Biased: once the socket closes, what is queued has the time of the farewell and no more.
        let message = tokio::select! {
            biased;
            close = &mut closing => break close,
            message = queue.recv() => message,
        };
        let Some(QueuedMessage { message, _bytes, _held }) = message else {
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
        while let Ok(QueuedMessage { message, _bytes, _held }) = queue.try_recv() {
            sink.send(message).await?;
        }
        if let Ok(Some(close)) = close {
            sink.send(close.frame()).await?;
        }
        sink.flush().await
    };
    let _ = timeout(FAREWELL, farewell).await;
}

//! Stream mode: a connection that is kept open, and opened anew whenever it ends.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::Intake;
use crate::{
    backoff::Backoff,
    dingtalk::{Connection, Error, Session, StreamAck, StreamConnection, StreamFrame, streamed},
    directory::EventChannel,
};

/// Between two attempts to open a connection.
const AGAIN: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
/// A connection that lasted so long was a good one; after one that did not the next attempt waits longer.
const GOOD: Duration = Duration::from_secs(60);
/// A connection that was told to go is served so long beside its successor.
const DRAIN: Duration = Duration::from_secs(12);

impl Intake {
    /// Keeps one connection open with the settings in force. On several replicas each has one: DingTalk picks one for
    /// each event.
    pub(super) async fn keep_stream(&self) {
        if !self.0.config.stream {
            return std::future::pending().await;
        }

        let mut settings = self.0.settings.subscribe();
        // Attempts without a connection that lasted: the next one waits the longer for it.
        let mut in_vain = 0;
        loop {
            let connection = Connection::from_settings(&settings.borrow_and_update());
            let connection = match connection {
                Ok(connection) => connection,
                Err(missing) => {
                    // Nothing to connect with until somebody fills the form in.
                    self.0.stream.failed(settings.borrow().incomplete(&missing));
                    if settings.changed().await.is_err() {
                        return;
                    }
                    continue;
                }
            };

            let session = self.0.client.with(Arc::new(connection));
            let ended = tokio::select! {
                ended = self.stay_connected(&session, &mut in_vain) => ended,
                changed = settings.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    Ok(())
                }
            };

            self.0.stream.closed();
            match ended {
                Ok(()) => in_vain = 0,
                Err(error) => {
                    self.0.stream.failed(error.message.clone());
                    tracing::warn!(%error, in_vain, "the event stream can't be opened");
                    tokio::select! {
                        () = tokio::time::sleep(AGAIN.delay(in_vain).max(error.retry_after.unwrap_or_default())) => {}
                        _ = settings.changed() => settings.mark_changed(),
                    }
                    in_vain = in_vain.saturating_add(1);
                }
            }
        }
    }

    /// From one connection to the next for as long as they can be opened.
    async fn stay_connected(&self, session: &Session, in_vain: &mut u32) -> Result<(), Error> {
        let mut connection = session.stream_open().await?;
        loop {
            self.0.stream.opened(self.0.clock.now());
            tracing::info!("the event stream is open");
            let opened = Instant::now();
            let told_to_go = self.serve(&mut connection).await;
            let was_good = opened.elapsed() >= GOOD;
            if was_good {
                *in_vain = 0;
            }

            if told_to_go && was_good {
                // The next one is opened first, so that no event finds nobody.
                let next = session.stream_open().await;
                self.drain(connection);
                connection = next?;
                continue;
            }

            // The successor is some time away: longer than the old one is served.
            self.0.stream.closed();
            if told_to_go {
                self.drain(connection);
            }

            // A server that hangs up at once, or sends away whom it has just let in, must not be asked for tickets in a
            // tight loop.
            let wait = AGAIN.delay(*in_vain);
            tracing::info!(in_vain, wait_ms = wait.as_millis() as u64, "the event stream ended");
            *in_vain = in_vain.saturating_add(1);
            tokio::time::sleep(wait).await;
            connection = session.stream_open().await?;
        }
    }

    /// Serves a connection that was told to go until it is cut off.
    fn drain(&self, mut connection: StreamConnection) {
        let old = self.clone();
        tokio::spawn(async move {
            let drain = tokio::time::timeout(DRAIN, async { while old.serve(&mut connection).await {} });
            drain.await.ok();
        });
    }

    /// Serves a connection until it ends (`false`) or is told to go (`true`).
    async fn serve(&self, connection: &mut StreamConnection) -> bool {
        while let Some(frame) = connection.next().await {
            match frame {
                StreamFrame::Disconnect => return true,
                StreamFrame::Other => {}
                StreamFrame::Event {
                    message_id,
                    event_type,
                    event_id,
                    born_ms,
                    data,
                } => {
                    let event = streamed(&event_type, &event_id, born_ms.as_deref(), &data);
                    let ack = match self.keep(&[event], EventChannel::Stream).await {
                        Ok(()) => StreamAck::Success,
                        Err(error) => {
                            tracing::warn!(%error, "an event can't be kept; DingTalk will send it again");
                            StreamAck::Later
                        }
                    };

                    if connection.acknowledge(&message_id, ack).await.is_none() {
                        return false;
                    }
                }
            }
        }
        false
    }
}

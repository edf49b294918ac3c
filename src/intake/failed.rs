//! Pushes that failed three times: DingTalk keeps them in a list, which is read when the process starts.
//!
//! Reading clears the list, so between the question and the row only this process knows these events. A shutdown waits
//! for that, and a note in the database outlives what could not wait: the next run that is due reads everything then.

use std::{future::Future, sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{Intake, IntakeContext};
use crate::{
    dingtalk::{Connection, Error, ErrorKind, Session, failed_entry},
    directory::EventChannel,
    settings::Api,
};

/// While DingTalk can't be reached.
const AGAIN: Duration = Duration::from_secs(30);
/// DingTalk puts an event into the list some minutes after its last attempt.
const ONCE_MORE: Duration = Duration::from_secs(6 * 60);
/// Pages read at most: 200 entries each.
const PAGES: usize = 500;
/// How long a shutdown waits for a page that was asked for to be kept: the process has little more time than that.
const FINISH: Duration = Duration::from_secs(5);

/// In whose name a question is noted that may have cleared the list and was not answered with it.
const UNANSWERED: &str = "unanswered";

/// How reading the list ended.
enum ListReading {
    /// It was read, or can't be.
    Over,
    /// It is worth another try.
    Again,
    /// The process ends.
    Stopped,
}

impl Intake {
    /// Reads the list at the start, and once more when what failed before the start has come into it.
    pub(super) async fn fetch_failed(&self, shutdown: &CancellationToken) {
        if self.0.config.keys.is_empty() {
            return;
        }

        for _ in 0..2 {
            loop {
                match self.fetch_list(shutdown).await {
                    ListReading::Over => break,
                    ListReading::Again => pause(AGAIN, shutdown).await,
                    ListReading::Stopped => return,
                }
            }
            pause(ONCE_MORE, shutdown).await;
        }
    }

    async fn fetch_list(&self, shutdown: &CancellationToken) -> ListReading {
        let Ok(connection) = Connection::from_settings(&self.0.settings.current()) else {
            return stopped_or(ListReading::Again, shutdown);
        };

        let session = self.0.client.with(Arc::new(connection));
        if !session.is_configured(Api::CallBackFailedResult) {
            return ListReading::Over;
        }

        for _ in 0..PAGES {
            if shutdown.is_cancelled() {
                return ListReading::Stopped;
            }
            match in_time(self.fetch_page(&session), shutdown).await {
                Some(Ok(true)) => {}
                Some(Ok(false)) => return ListReading::Over,
                Some(Err(reading)) => return stopped_or(reading, shutdown),
                None => {
                    tracing::warn!(
                        "the list of failed pushes was being read: its events may be lost, and a full run will make up for them"
                    );
                    return ListReading::Stopped;
                }
            }
        }
        ListReading::Over
    }

    /// Reads a page and keeps it; whether there are more.
    async fn fetch_page(&self, session: &Session) -> Result<bool, ListReading> {
        let IntakeContext { store, reader, .. } = &*self.0;

        // Where it can't even be noted, reading would clear what can't be kept.
        if let Err(error) = store.note_reading_failed_pushes(reader).await {
            tracing::info!(%error, "the list of failed pushes is not read while the database is away");
            return Err(ListReading::Again);
        }

        let page = match session.callback_failed_list().await {
            Ok(page) => page,
            Err(error) => {
                tracing::info!(%error, "the list of failed pushes can't be read");
                // Another reader's name, so that the next success of this one doesn't take the note for its own.
                if !may_have_cleared(&error) || store.note_reading_failed_pushes(UNANSWERED).await.is_ok() {
                    self.forget_note().await;
                }
                return Err(if is_worth_another_try(&error) {
                    ListReading::Again
                } else {
                    ListReading::Over
                });
            }
        };

        let events: Vec<_> = page.entries.iter().filter_map(failed_entry).collect();
        let unread = page.entries.len() - events.len();
        if unread > 0 {
            tracing::warn!(
                unread,
                "failed pushes of a form that nobody knows: a full run will make up for them"
            );
            self.note_lost().await;
        }

        // Reading has cleared the list: these events are nowhere else.
        while !events.is_empty() && self.keep(&events, EventChannel::FailedList).await.is_err() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        self.forget_note().await;
        Ok(page.has_more)
    }

    /// Notes that what was cleared is known to nobody, however often that is tried.
    async fn note_lost(&self) {
        while let Err(error) = self.0.store.note_reading_failed_pushes(UNANSWERED).await {
            tracing::debug!(%error, "it can't be noted yet that failed pushes were lost");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn forget_note(&self) {
        let IntakeContext { store, reader, .. } = &*self.0;
        if let Err(error) = store.forget_reading_failed_pushes(reader).await {
            tracing::debug!(%error, "the note on the list of failed pushes stays: a full run more than is needed");
        }
    }
}

/// Whether the list may be empty now: no answer came, or none that could be read.
fn may_have_cleared(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Undecodable)
}

fn is_worth_another_try(error: &Error) -> bool {
    matches!(
        error.kind,
        ErrorKind::Unavailable | ErrorKind::NotSent | ErrorKind::Throttled | ErrorKind::Banned
    )
}

fn stopped_or(reading: ListReading, shutdown: &CancellationToken) -> ListReading {
    if shutdown.is_cancelled() {
        ListReading::Stopped
    } else {
        reading
    }
}

async fn pause(time: Duration, shutdown: &CancellationToken) {
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = tokio::time::sleep(time) => {}
    }
}

/// `None` where the shutdown can't wait for it any longer.
async fn in_time<T>(work: impl Future<Output = T>, shutdown: &CancellationToken) -> Option<T> {
    // Biased: what is done counts, even in the last moment.
    tokio::select! {
        biased;
        done = work => Some(done),
        () = async {
            shutdown.cancelled().await;
            tokio::time::sleep(FINISH).await;
        } => None,
    }
}

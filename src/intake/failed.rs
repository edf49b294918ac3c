//! Pushes that failed three times: DingTalk keeps them in a list, which is read when the process starts.

use std::{sync::Arc, time::Duration};

use super::Intake;
use crate::{
    dingtalk::{Connection, ErrorKind, failed_entry},
    directory::EventChannel,
    settings::Api,
};

/// While DingTalk can't be reached.
const AGAIN: Duration = Duration::from_secs(30);
/// DingTalk puts an event into the list some minutes after its last attempt.
const ONCE_MORE: Duration = Duration::from_secs(6 * 60);
/// Pages read at most: 200 entries each.
const PAGES: usize = 500;

impl Intake {
    /// Reads the list at the start, and once more when what failed before the start has come into it.
    pub(super) async fn fetch_failed(&self) {
        if self.0.config.keys.is_none() {
            return;
        }
        for _ in 0..2 {
            while !self.fetch_list().await {
                tokio::time::sleep(AGAIN).await;
            }
            tokio::time::sleep(ONCE_MORE).await;
        }
    }

    /// `false` where it is worth another try.
    async fn fetch_list(&self) -> bool {
        let Ok(connection) = Connection::from_settings(&self.0.settings.current()) else {
            return false;
        };
        let session = self.0.client.with(Arc::new(connection));
        if !session.is_configured(Api::CallBackFailedResult) {
            return true;
        }
        for _ in 0..PAGES {
            let page = match session.callback_failed_list().await {
                Ok(page) => page,
                Err(error) => {
                    tracing::info!(%error, "the list of failed pushes can't be read");
                    return !matches!(
                        error.kind,
                        ErrorKind::Unavailable | ErrorKind::NotSent | ErrorKind::Throttled | ErrorKind::Banned
                    );
                }
            };
            let events: Vec<_> = page.entries.iter().filter_map(failed_entry).collect();
            // Reading has cleared them at DingTalk's: they must not be lost to a database that is away.
            while !events.is_empty() && self.keep(&events, EventChannel::FailedList).await.is_err() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            if !page.has_more {
                return true;
            }
        }
        true
    }
}

//! The following-up half of the engine: asks DingTalk what became of the sends that it accepted.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{
    connection::connection,
    result::fates,
    schedule::{FOLLOWED_UP_FOR, follow_up_is_due},
    service::Shared,
};
use crate::{
    dingtalk::{Error, ErrorKind, Session},
    settings::Api,
    store::{FollowUp, Lease, StoreError},
};

/// Only one replica asks: every question is metered.
const LEASE: &str = "delivery.follow_up";
/// A holder that died is succeeded after so long.
const LEASE_TTL: Duration = Duration::from_secs(60);
/// Sends looked at in a round.
const ROUND: u32 = 1_000;
/// DingTalk tells no result of larger sends.
const MOST_RECEIVERS: u32 = 100;
/// How long not to ask at all after an error that has to do with the app, not with one send.
const PAUSE: Duration = Duration::from_secs(60);

pub(super) struct FollowUps {
    shared: Arc<Shared>,
    lease: Option<Lease>,
    /// When each send was last asked about, for as long as it is followed up; after a restart each is asked about once more.
    checked: HashMap<i64, DateTime<Utc>>,
    silent_until: DateTime<Utc>,
}

impl FollowUps {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let silent_until = shared.clock.now();
        Self {
            shared,
            lease: None,
            checked: HashMap::new(),
            silent_until,
        }
    }

    pub(super) async fn run(mut self, shutdown: &CancellationToken) {
        while !shutdown.is_cancelled() {
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = sleep(self.shared.config.follow_up_every) => {}
            }
            if let Err(error) = self.round(shutdown).await {
                tracing::error!(%error, "sends could not be followed up");
            }
        }
        if let Some(lease) = &self.lease
            && let Err(error) = self.shared.store.release_lease(lease).await
        {
            tracing::warn!(%error, "the lease of following up was not released, and expires by itself");
        }
    }

    async fn round(&mut self, shutdown: &CancellationToken) -> Result<(), StoreError> {
        let now = self.shared.clock.now();
        let Some(session) = self.session().filter(|_| self.silent_until <= now) else {
            return Ok(());
        };
        if !self.hold_lease().await? {
            return Ok(());
        }
        let every = self.shared.config.follow_up_every;
        self.checked.retain(|_, checked| *checked + FOLLOWED_UP_FOR > now);
        let tasks = self.shared.store.tasks_to_follow_up(ROUND, now - every).await?;
        for task in tasks {
            if shutdown.is_cancelled() {
                break;
            }
            let checked = self.checked.get(&task.task_id).copied();
            if task.recipients > MOST_RECEIVERS || !follow_up_is_due(task.accepted_at, checked, now, every) {
                continue;
            }
            // Asking is a read: cutting it short at shutdown loses nothing.
            let result = tokio::select! {
                () = shutdown.cancelled() => break,
                result = session.get_send_result(task.task_id) => result,
            };
            let states = match result {
                Ok(result) => fates(&result),
                Err(error) if concerns_the_app(&error) => {
                    tracing::warn!(%error, "sends can't be followed up for now");
                    self.silent_until = now + error.retry_after.unwrap_or(PAUSE).max(every);
                    break;
                }
                Err(error) => {
                    tracing::warn!(message.id = %task.message, task.id = task.task_id, %error, "a send has no result");
                    Vec::new()
                }
            };
            self.checked.insert(task.task_id, now);
            self.record(&task, &states).await?;
        }
        Ok(())
    }

    async fn record(&self, task: &FollowUp, states: &[super::result::Fate]) -> Result<(), StoreError> {
        self.shared.store.record_follow_up(task, states).await
    }

    /// `None`: following up is off, because its URL or the credentials are not set.
    fn session(&self) -> Option<Session> {
        let connection = connection(&self.shared.settings.current()).ok()?;
        let session = self.shared.client.with(Arc::new(connection));
        session.is_configured(Api::GetSendResult).then_some(session)
    }

    async fn hold_lease(&mut self) -> Result<bool, StoreError> {
        let store = &self.shared.store;
        if let Some(lease) = &self.lease {
            if store.renew_lease(lease, LEASE_TTL).await? {
                return Ok(true);
            }
            self.lease = None;
        }
        self.lease = store.acquire_lease(LEASE, &self.shared.owner, LEASE_TTL).await?;
        Ok(self.lease.is_some())
    }
}

/// Whether the next question would meet the same error.
fn concerns_the_app(error: &Error) -> bool {
    !matches!(
        error.kind,
        ErrorKind::BadRequest
            | ErrorKind::NotFound
            | ErrorKind::OutOfScope
            | ErrorKind::Undecodable
            | ErrorKind::OutcomeUnknown
    )
}

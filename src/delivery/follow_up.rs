//! The following-up half of the engine: asks DingTalk what became of the sends that it accepted.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{
    connection::connection,
    outcome::stop_for,
    recall::take_back,
    result::{Fate, fates},
    schedule::next_follow_up,
    send::stop_sending,
    service::Shared,
};
use crate::{
    dingtalk::{Error, ErrorKind, Session},
    message::RecipientState,
    settings::Api,
    store::{FollowUp, Lease, StoreError},
};

/// Only one replica asks: every question is metered.
const LEASE: &str = "delivery.follow_up";
/// A holder that died is succeeded after so long.
const LEASE_TTL: Duration = Duration::from_secs(60);
/// So often the lease is renewed while a round goes on.
const RENEW_EVERY: Duration = Duration::from_secs(15);
/// Sends looked at in a round.
const ROUND: u32 = 200;
/// For so long a send is one process's to ask about: longer than a call goes on that DingTalk throttles.
const CLAIMED_FOR: TimeDelta = TimeDelta::minutes(15);
/// How long not to ask at all after an error that has to do with the app, not with one send.
const PAUSE: Duration = Duration::from_secs(60);

/// Delivery takes DingTalk seconds; after this it is worth asking how far it is.
const LATE: TimeDelta = TimeDelta::seconds(45);

pub(super) struct FollowUps {
    shared: Arc<Shared>,
    lease: Option<Lease>,
    renewed: Instant,
    silent_until: Instant,
}

impl FollowUps {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let now = Instant::now();
        Self {
            shared,
            lease: None,
            renewed: now,
            silent_until: now,
        }
    }

    pub(super) async fn run(mut self, shutdown: &CancellationToken) {
        while !shutdown.is_cancelled() {
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = sleep(self.shared.config.follow_up_every) => {}
                () = self.shared.recalled.notified() => {}
            }
            if let Err(error) = self.round(shutdown).await {
                tracing::error!(%error, "sends could not be followed up");
            }
        }
        self.release_lease().await;
    }

    async fn release_lease(&mut self) {
        if let Some(lease) = self.lease.take()
            && let Err(error) = self.shared.store.release_lease(&lease).await
        {
            tracing::warn!(%error, "the lease of following up was not released, and expires by itself");
        }
    }

    async fn round(&mut self, shutdown: &CancellationToken) -> Result<(), StoreError> {
        let now = self.shared.clock.now();
        let Ok(connection) = connection(&self.shared.settings.current()) else {
            // Another process may be able to.
            self.release_lease().await;
            return Ok(());
        };
        let app = connection.app_key.clone();
        let session = self.shared.client.with(Arc::new(connection));
        if self.silent_until > Instant::now() || !self.hold_lease().await? {
            return Ok(());
        }
        // Whatever stops sending would refuse these questions, too, or they are metered and there is no quota left.
        if self.shared.store.sending_stopped(now).await?.is_some() {
            return Ok(());
        }
        if let Some(error) = take_back(&self.shared, (&session, &app), shutdown).await? {
            self.leave_alone(&error, Duration::ZERO).await;
            return Ok(());
        }
        // Without its URL following up is off, which the message says.
        if !session.is_configured(Api::GetSendResult) {
            return Ok(());
        }
        let every = self.shared.config.follow_up_every;
        let tasks = self.shared.store.tasks_to_follow_up(ROUND, now, &app).await?;
        for task in &tasks {
            if shutdown.is_cancelled() {
                break;
            }
            // The round may take longer than the lease lasts, and so may one answer.
            if self.renewed.elapsed() >= RENEW_EVERY && !self.hold_lease().await? {
                break;
            }
            let until = self.shared.clock.now() + CLAIMED_FOR;
            if !self.shared.store.claim_follow_up(task, until).await? {
                continue;
            }
            // Asking is a read: cutting it short at shutdown loses nothing.
            let result = tokio::select! {
                () = shutdown.cancelled() => {
                    self.shared.store.put_follow_up_back(task, until).await?;
                    break;
                }
                result = session.get_send_result(task.task_id) => result,
            };
            let mut busy = false;
            let states = match result {
                Ok(result) => fates(&result),
                Err(error) if concerns_the_app(&error) => {
                    tracing::warn!(%error, "sends can't be followed up for now");
                    self.shared.store.put_follow_up_back(task, until).await?;
                    self.leave_alone(&error, PAUSE).await;
                    break;
                }
                Err(error) => {
                    tracing::warn!(call.id = %task.call_id, task.id = task.task_id, %error, "a send has no result");
                    busy = error.kind == ErrorKind::Unavailable;
                    Vec::new()
                }
            };
            let again_at = if is_final(task, &states) {
                None
            } else {
                next_follow_up(task.accepted_at, now, every)
            };
            let progress = progress(&session, task, &states, now).await;
            let store = &self.shared.store;
            store.record_follow_up(task, &states, progress, again_at).await?;
            // This one has lost its turn, lest it block the others for ever; those wait for the next round.
            if busy {
                break;
            }
        }
        Ok(())
    }

    /// Asks nothing for a while, after what the next question would meet as well. The quota is one for all calls.
    async fn leave_alone(&mut self, error: &Error, usual: Duration) {
        let pause = error.retry_after.unwrap_or(usual);
        self.silent_until = Instant::now() + pause.max(self.shared.config.follow_up_every);
        if error.kind == ErrorKind::QuotaExhausted {
            stop_sending(&self.shared, &stop_for(error, self.shared.clock.now())).await;
        }
    }

    async fn hold_lease(&mut self) -> Result<bool, StoreError> {
        let store = &self.shared.store;
        if let Some(lease) = &self.lease {
            if store.renew_lease(lease, LEASE_TTL).await? {
                self.renewed = Instant::now();
                return Ok(true);
            }
            self.lease = None;
        }
        self.lease = store.acquire_lease(LEASE, &self.shared.owner, LEASE_TTL).await?;
        self.renewed = Instant::now();
        Ok(self.lease.is_some())
    }
}

/// How far DingTalk is with a send whose result doesn't name everybody yet, some time after it took it. Every question is
/// metered, so nobody asks while it is normal that somebody is missing.
async fn progress(session: &Session, task: &FollowUp, states: &[Fate], now: DateTime<Utc>) -> Option<u8> {
    let late = now - task.accepted_at > LATE;
    if !late || states.len() >= task.recipients as usize || !session.is_configured(Api::GetSendProgress) {
        return None;
    }
    match session.get_send_progress(task.task_id).await {
        Ok(progress) => Some(progress.percent.min(100)),
        Err(error) => {
            tracing::debug!(task.id = task.task_id, %error, "a send tells no progress");
            None
        }
    }
}

/// Whether nothing more can become of the send: everybody has read it, or was told why it didn't come.
fn is_final(task: &FollowUp, states: &[Fate]) -> bool {
    let settled = states
        .iter()
        .filter(|(_, state, _)| *state != RecipientState::DeliveredUnread)
        .count();
    settled >= task.recipients as usize
}

/// Whether the next question would meet the same error.
pub(super) fn concerns_the_app(error: &Error) -> bool {
    !matches!(
        error.kind,
        ErrorKind::BadRequest
            | ErrorKind::NotFound
            | ErrorKind::OutOfScope
            | ErrorKind::Undecodable
            | ErrorKind::OutcomeUnknown
            | ErrorKind::Unavailable
    )
}
